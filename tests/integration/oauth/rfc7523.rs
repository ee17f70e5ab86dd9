//! Client authentication by `private_key_jwt`, at every endpoint where clients authenticate.

use super::counter::{Counter, ISSUER, with};
use actix_web::http::header::CONTENT_TYPE;
use actix_web::test::TestRequest;
use futures_util::future::join_all;
use madoguchi::domain::client::ClientStatus;
use madoguchi::issuer::ClientCall;
use madoguchi::limits::Tally;
use madoguchi::protocol::form::Form;
use serde_json::json;
use std::sync::Arc;

const ENDPOINTS: [&str; 4] = ["/oauth/par", "/oauth/token", "/oauth/introspect", "/oauth/revoke"];

#[actix_web::test]
async fn a_wrong_assertion_is_refused_at_every_endpoint() {
    let counter = Counter::open().await;
    let now = counter.now().seconds();
    for path in ENDPOINTS {
        for changes in [
            json!({"aud": format!("{ISSUER}/oauth/token")}),
            json!({"aud": format!("{ISSUER}/oauth/par")}),
            json!({"aud": [ISSUER]}),
            json!({"aud": "https://other.example"}),
            json!({"exp": now - 300}),
            json!({"exp": now + 3600}),
            json!({"nbf": now + 61}),
            json!({"sub": null}),
            json!({"iss": "app"}),
            json!({"jti": null}),
        ] {
            let assertion = counter.assertion(&counter.bank, changes.clone());
            let pairs = with(counter.authentication(&counter.bank), "client_assertion", Some(&assertion));
            let reply = counter.post(path, &pairs, None).await;
            assert_eq!(reply.error(), (401, "invalid_client"), "{path} {changes}");
        }
        // The key of another client.
        let mut foreign = counter.authentication(&counter.app);
        foreign = with(foreign, "client_id", Some("bank"));
        assert_eq!(counter.post(path, &foreign, None).await.error(), (401, "invalid_client"));
    }
}

#[actix_web::test]
async fn secrets_and_strangers_are_refused() {
    let counter = Counter::open().await;
    let basic = TestRequest::post()
        .uri("/oauth/token")
        .insert_header((CONTENT_TYPE, "application/x-www-form-urlencoded"))
        .insert_header(("Authorization", "Basic YmFuazpzZWNyZXQ="))
        .set_payload("grant_type=client_credentials");
    assert_eq!(counter.send(basic).await.error(), (401, "invalid_client"));
    let post = vec![("client_id", "bank".to_owned()), ("client_secret", "x".to_owned())];
    assert_eq!(counter.post("/oauth/token", &post, None).await.error(), (401, "invalid_client"));
    let stranger = super::counter::Party {
        id: "stranger",
        key: madoguchi::protocol::jose::Es256Signer::generate().unwrap().0,
        dpop: madoguchi::protocol::jose::Es256Signer::generate().unwrap().0,
    };
    let reply = counter.post("/oauth/par", &counter.authentication(&stranger), None).await;
    assert_eq!(reply.error(), (401, "invalid_client"));
    counter.change_bank(|client| client.status = ClientStatus::Suspended).await;
    let reply = counter.post("/oauth/par", &counter.pushed(&counter.bank), None).await;
    assert_eq!(reply.error(), (401, "invalid_client"));
}

#[actix_web::test]
async fn an_assertion_is_taken_once_and_not_used_up_by_a_refusal() {
    let counter = Counter::open().await;
    let pairs = counter.pushed(&counter.bank);
    // Refused for its proof: the assertion may be sent again.
    let reply = counter.post("/oauth/par", &pairs, Some("x".into())).await;
    assert_eq!(reply.error(), (400, "invalid_dpop_proof"));
    assert_eq!(counter.post("/oauth/par", &pairs, None).await.status, 201);
    assert_eq!(counter.post("/oauth/par", &pairs, None).await.error(), (401, "invalid_client"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_callers_with_one_assertion_one_is_heard() {
    let counter = Counter::open().await;
    let pairs = counter.pushed(&counter.bank);
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let callers = (0..50).map(|_| {
        let (body, issuer) = (body.clone(), Arc::clone(&counter.issuer));
        tokio::spawn(async move {
            let form = Form::parse(body.as_bytes()).unwrap();
            issuer
                .push(&ClientCall {
                    form: &form,
                    dpop: None,
                    certificate: None,
                    has_authorization: false,
                    tally: Tally::default(),
                })
                .await
                .is_ok()
        })
    });
    let heard = join_all(callers).await.into_iter().filter(|heard| *heard.as_ref().unwrap()).count();
    assert_eq!(heard, 1);
}
