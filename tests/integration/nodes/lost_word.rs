//! Word of a revocation that never arrives: the other gateway refuses within the second all the same.
//!
//! On the embedded pair each gateway has a hot state of its own, so no word ever reaches the other one. On Redis the
//! link is cut while the word is said.

use crate::support::calls::{ASSERTION_TYPE, Caller, Told, consented};
use crate::support::installation::Installation;
use madoguchi::domain::client::ClientClass;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_whose_word_is_lost_is_seen_within_a_second() {
    let installation = Installation::start(2).await;
    let bank = installation.party("bank", ClientClass::Bank, "measurement").await;
    let (revoker, asker) = (Caller::new(&bank, &installation, 0), Caller::new(&bank, &installation, 1));
    let tokens = consented(&installation, &bank).await;
    // The other gateway holds the grant as good from now.
    assert_eq!(asker.call(&tokens.access, "GET", "/v1/consent", None).await.status, 200);

    if let Some(link) = &installation.links.hot {
        link.cut();
    }
    let form = [
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", &bank.assertion().unwrap()),
        ("token", tokens.refresh.as_deref().unwrap()),
    ];
    // A revocation needs no proof, so it needs no hot state.
    let told = Told::by(revoker.request("POST", "/oauth/revoke").form(&form)).await;
    assert_eq!(told.status, 200, "{told:?}");
    if let Some(link) = &installation.links.hot {
        link.mend();
    }

    // By the gateways' clock one second later: what was read before is trusted no more, however fast this machine is.
    installation.clock.advance(Duration::from_secs(1));
    let refused = async {
        loop {
            let told = asker.call(&tokens.access, "GET", "/v1/consent", None).await;
            // A gateway that has just got its hot state back may not know yet which proofs were used.
            if told.status != 503 {
                return told;
            }
        }
    };
    let told = tokio::time::timeout(Duration::from_secs(30), refused).await.expect("an answer in the end");
    assert_eq!(told.brief(), (401, "invalid_token"), "{told:?}");
}
