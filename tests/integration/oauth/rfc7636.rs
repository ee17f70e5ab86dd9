//! PKCE at the token endpoint.

use super::counter::{Counter, with};
use madoguchi::domain::grant::{GrantStatus, RevokedBy};
use madoguchi::store::Before;
use std::time::Duration;

#[actix_web::test]
async fn incorrect_pkce_code_verifier_rejected() {
    let counter = Counter::open().await;
    for (verifier, code) in [
        (Some("a".repeat(43)), "invalid_grant"),
        (Some("short".to_owned()), "invalid_grant"),
        (Some("a".repeat(129)), "invalid_grant"),
        (None, "invalid_grant"),
    ] {
        let issued = counter.code(&counter.bank).await;
        let pairs = with(counter.exchange(&counter.bank, &issued), "code_verifier", verifier.as_deref());
        assert_eq!(counter.token(&counter.bank, &pairs).await.error(), (400, code), "{verifier:?}");
        // The attempt used the code up: nobody may try verifiers one by one.
        let right = counter.exchange(&counter.bank, &issued);
        assert_eq!(counter.token(&counter.bank, &right).await.error(), (400, "invalid_grant"));
    }
}

#[actix_web::test]
async fn a_failed_exchange_leaves_no_grant_in_force() {
    let counter = Counter::open().await;
    let wrong = "a".repeat(43);
    for (party, name, value) in [
        (&counter.bank, "code_verifier", wrong.as_str()),
        (&counter.bank, "redirect_uri", "https://bank.example/other"),
        (&counter.app, "grant_type", "authorization_code"),
    ] {
        let issued = counter.code(&counter.bank).await;
        let pairs = with(counter.exchange(party, &issued), name, Some(value));
        assert_eq!(counter.token(party, &pairs).await.error(), (400, "invalid_grant"), "{name}");
        let page = Before { entry: None, limit: 1 };
        let grants = counter.store().list_grants(&counter.subject().await, &page).await.unwrap();
        assert_eq!(grants[0].status, GrantStatus::Revoked { at: counter.now(), by: RevokedBy::NotTakenUp }, "{name}");
        counter.clock.advance(Duration::from_secs(1));
    }
}
