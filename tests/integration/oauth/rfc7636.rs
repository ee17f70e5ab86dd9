//! PKCE at the token endpoint.

use super::counter::{Counter, with};

#[actix_web::test]
async fn incorrect_pkce_code_verifier_rejected() {
    let counter = Counter::open().await;
    for (verifier, code) in [
        (Some("a".repeat(43)), "invalid_grant"),
        (Some("short".to_owned()), "invalid_request"),
        (Some("a".repeat(129)), "invalid_request"),
        (None, "invalid_request"),
    ] {
        let issued = counter.code(&counter.bank).await;
        let pairs = with(counter.exchange(&counter.bank, &issued), "code_verifier", verifier.as_deref());
        assert_eq!(counter.token(&counter.bank, &pairs).await.error(), (400, code), "{verifier:?}");
        // The attempt used the code up: nobody may try verifiers one by one.
        let right = counter.exchange(&counter.bank, &issued);
        assert_eq!(counter.token(&counter.bank, &right).await.error(), (400, "invalid_grant"));
    }
}
