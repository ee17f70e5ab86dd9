//! Redis cut off.

use super::{one_node, recovers, refresh};
use crate::support::calls::{Caller, Told, consented};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_memory_of_proofs_no_call_is_let_in_and_none_works_twice_afterwards() {
    let (installation, bank) = one_node().await;
    let Some(link) = &installation.links.hot else { return };
    let caller = Caller::new(&bank, &installation, 0);
    let tokens = consented(&installation, &bank).await;
    assert_eq!(caller.call(&tokens.access, "GET", "/v1/consent", None).await.status, 200);
    let used = caller.proof("GET", "/v1/consent", Some(&tokens.access));
    let send = || {
        let request = caller.request("GET", "/v1/consent").header("authorization", format!("DPoP {}", tokens.access));
        Told::by(request.header("dpop", &used))
    };
    assert_eq!(send().await.status, 200);

    link.cut();
    for _ in 0..3 {
        caller.call(&tokens.access, "GET", "/v1/consent", None).await.assert_unavailable();
    }
    caller.call(&tokens.access, "GET", "/oauth/userinfo", None).await.assert_unavailable();
    refresh(&caller, &tokens).await.assert_unavailable();
    // It cannot be known whether this one was used, so it is not let in.
    assert_ne!(send().await.status, 200);

    link.mend();
    let within = Duration::from_secs(30);
    recovers(200, within, || caller.call(&tokens.access, "GET", "/v1/consent", None)).await;
    recovers(200, within, || refresh(&caller, &tokens)).await;
    let told = send().await;
    assert_eq!(told.status, 401, "a proof works twice: {told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn revocations_hold_within_a_second_without_word_of_them() {
    let (installation, bank) = one_node().await;
    let Some(link) = &installation.links.hot else { return };
    let caller = Caller::new(&bank, &installation, 0);
    let tokens = consented(&installation, &bank).await;
    assert_eq!(caller.call(&tokens.access, "GET", "/v1/consent", None).await.status, 200);
    link.cut();
    let refresh_token = tokens.refresh.as_deref().unwrap();
    let form = [
        ("client_assertion_type", crate::support::calls::ASSERTION_TYPE),
        ("client_assertion", &bank.assertion().unwrap()),
        ("token", refresh_token),
    ];
    // A revocation needs no proof, so it needs no Redis.
    let told = Told::by(caller.request("POST", "/oauth/revoke").form(&form)).await;
    assert_eq!(told.status, 200, "{told:?}");
    link.mend();
    let refused = async {
        loop {
            let told = caller.call(&tokens.access, "GET", "/v1/consent", None).await;
            match told.status {
                401 => return told,
                // Within the second.
                200 => {}
                _ => told.assert_unavailable(),
            }
        }
    };
    let told = tokio::time::timeout(Duration::from_secs(20), refused).await.expect("refused in the end");
    assert_eq!(told.brief(), (401, "invalid_token"), "{told:?}");
}
