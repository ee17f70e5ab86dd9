//! `GET /v1/account`: whatever a token is for, it tells what it stands for.

use super::{Bank, code};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_token_tells_what_it_stands_for() {
    let bank = Bank::agreed(30).await;
    let told = bank.get("/v1/account", &[]).await;
    assert_eq!(told.status, 200, "{}", told.body);
    assert!(told.headers.contains_key("ratelimit"));
    assert_eq!(told.body["client_id"], bank.party.file.client_id);
    assert_eq!(told.body["scope"], "openid self_information");
    assert_eq!(told.body["acr"], "aal3");
    let consent = bank.get("/v1/consent", &[]).await;
    assert_eq!(told.body["grant_id"], consent.body["grant_id"]);
    assert_eq!(told.body["grant_expires_at"], consent.body["expires_at"]);
    for name in ["sub", "authenticated_at", "token_expires_at"] {
        assert!(told.body[name].as_str().is_some_and(|text| !text.is_empty()), "{name} of {}", told.body);
    }
    let unknown = bank.get("/v1/account?access_token=x", &[]).await;
    assert_eq!(code(&unknown), (400, "invalid_request".into()));
}
