//! DPoP at the authorization server: binding, replay, and server nonces.

use super::counter::{Counter, claims, handle, hot, with};
use futures_util::future::join_all;
use madoguchi::domain::Digest;
use madoguchi::issuer::ClientCall;
use madoguchi::limits::Tally;
use madoguchi::protocol::form::Form;
use madoguchi::protocol::jose::Signer;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

#[actix_web::test]
async fn ensure_holder_of_key_required() {
    let counter = Counter::open().await;
    let code = counter.code(&counter.bank).await;
    let pairs = counter.exchange(&counter.bank, &code);
    let reply = counter.post("/oauth/token", &pairs, None).await;
    assert_eq!(reply.error(), (400, "invalid_dpop_proof"));
    for changes in [json!({"htm": "GET"}), json!({"htu": "https://other.example/oauth/token"}), json!({"jti": ""})] {
        let proof = counter.proof(&counter.bank.dpop, "POST", "/oauth/token", changes.clone());
        let pairs = counter.exchange(&counter.bank, &code);
        let reply = counter.post("/oauth/token", &pairs, Some(proof)).await;
        assert_eq!(reply.error(), (400, "invalid_dpop_proof"), "{changes}");
    }
    // None of that used the code up.
    let reply = counter.token(&counter.bank, &counter.exchange(&counter.bank, &code)).await;
    assert_eq!(claims(&reply.text("access_token"))["cnf"]["jkt"], counter.bank.dpop.kid());
}

#[actix_web::test]
async fn ensure_dpop_auth_code_binding_success_and_mismatch_fails() {
    let counter = Counter::open().await;
    for (by_proof, is_same) in [(false, true), (true, true), (false, false), (true, false)] {
        let (mut pairs, mut proof) = (counter.pushed(&counter.bank), None);
        if by_proof {
            proof = Some(counter.proof(&counter.bank.dpop, "POST", "/oauth/par", json!({})));
        } else {
            pairs = with(pairs, "dpop_jkt", Some(counter.bank.dpop.kid()));
        }
        let pushed = counter.post("/oauth/par", &pairs, proof).await;
        let code = counter.agree(&counter.bank, &pushed.text("request_uri")).await;
        let key = if is_same { &counter.bank.dpop } else { &counter.app.dpop };
        let proof = counter.proof(key, "POST", "/oauth/token", json!({}));
        let reply = counter.post("/oauth/token", &counter.exchange(&counter.bank, &code), Some(proof)).await;
        assert_eq!(reply.status, if is_same { 200 } else { 400 }, "{reply:?}");
    }
    let proof = counter.proof(&counter.app.dpop, "POST", "/oauth/par", json!({}));
    let pairs = with(counter.pushed(&counter.bank), "dpop_jkt", Some(counter.bank.dpop.kid()));
    assert_eq!(counter.post("/oauth/par", &pairs, Some(proof)).await.error(), (400, "invalid_request"));
}

fn catalogue_body(counter: &Counter) -> String {
    let pairs = with(counter.authentication(&counter.bank), "grant_type", Some("client_credentials"));
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_callers_with_one_proof_one_is_heard() {
    let counter = Counter::open().await;
    let proof = counter.proof(&counter.bank.dpop, "POST", "/oauth/token", json!({}));
    let callers = (0..50).map(|_| {
        let (body, proof, issuer) = (catalogue_body(&counter), proof.clone(), Arc::clone(&counter.issuer));
        tokio::spawn(async move {
            let form = Form::parse(body.as_bytes()).unwrap();
            issuer
                .token(&ClientCall {
                    form: &form,
                    dpop: Some(&proof),
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

#[actix_web::test]
async fn a_client_that_must_show_nonces_is_given_one_and_may_send_its_assertion_again() {
    let counter = Counter::open().await;
    counter.change_bank(|client| client.dpop_nonce_required = true).await;
    let pairs = with(counter.authentication(&counter.bank), "grant_type", Some("client_credentials"));
    let reply = counter.token(&counter.bank, &pairs).await;
    assert_eq!(reply.error(), (400, "use_dpop_nonce"));
    let nonce = reply.headers.get("dpop-nonce").unwrap().to_str().unwrap().to_owned();
    let with_nonce =
        |nonce: &str| Some(counter.proof(&counter.bank.dpop, "POST", "/oauth/token", json!({"nonce": nonce})));
    let wrong = counter.post("/oauth/token", &pairs, with_nonce(&handle())).await;
    assert_eq!(wrong.error(), (400, "use_dpop_nonce"));
    let right = counter.post("/oauth/token", &pairs, with_nonce(&nonce)).await;
    assert_eq!(right.status, 200, "{right:?}");
    counter.clock.advance(Duration::from_mins(5));
    let pairs = with(counter.authentication(&counter.bank), "grant_type", Some("client_credentials"));
    let late = counter.post("/oauth/token", &pairs, with_nonce(&nonce)).await;
    assert_eq!(late.error(), (400, "use_dpop_nonce"));
}

#[actix_web::test]
async fn after_a_restart_that_forgot_marks_a_proof_must_show_a_nonce() {
    let mut counter = Counter::open().await;
    let mut parts = counter.parts.clone();
    counter.clock.advance(Duration::from_secs(5));
    parts.hot = hot(counter.now(), false).await;
    if parts.hot.engine() == "redis" {
        // Redis remembers over our restart; there is nothing to ask for.
        return;
    }
    counter.reopen(parts).await;
    let asking = || with(counter.authentication(&counter.bank), "grant_type", Some("client_credentials"));
    let reply = counter.token(&counter.bank, &asking()).await;
    assert_eq!(reply.error(), (400, "use_dpop_nonce"));
    let nonce = reply.headers.get("dpop-nonce").unwrap().to_str().unwrap().to_owned();
    let proof = counter.proof(&counter.bank.dpop, "POST", "/oauth/token", json!({"nonce": nonce}));
    assert_eq!(counter.post("/oauth/token", &asking(), Some(proof)).await.status, 200);
    counter.clock.advance(Duration::from_secs(20));
    assert_eq!(counter.token(&counter.bank, &asking()).await.status, 200);
}

#[actix_web::test]
async fn dpop_negative_tests_at_a_resource() {
    let counter = Counter::open().await;
    let token = counter.tokens(&counter.bank).await.text("access_token");
    let ath = Digest::of(&token).base64url();
    let path = "/oauth/userinfo";
    let right = |changes| counter.proof(&counter.bank.dpop, "GET", path, changes);
    let same = right(json!({"ath": ath}));
    let cases = [
        (format!("DPoP {token}"), vec![same.clone()], 200, ""),
        (format!("DPoP {token}"), vec![same], 401, "invalid_dpop_proof"),
        (format!("dpop {token}"), vec![right(json!({"ath": ath}))], 200, ""),
        (format!("DPoP {token}"), vec![], 401, "invalid_dpop_proof"),
        (format!("Bearer {token}"), vec![], 401, "invalid_token"),
        (format!("Bearer {token}"), vec![right(json!({"ath": ath}))], 401, "invalid_token"),
        (format!("DPoP {token}"), vec![right(json!({}))], 401, "invalid_dpop_proof"),
        (format!("DPoP {token}"), vec![right(json!({"ath": "x"}))], 401, "invalid_dpop_proof"),
        (
            format!("DPoP {token}"),
            vec![right(json!({"ath": ath})), right(json!({"ath": ath}))],
            401,
            "invalid_dpop_proof",
        ),
        (format!("DPoP {token}x"), vec![right(json!({"ath": ath}))], 401, "invalid_token"),
        (
            format!("DPoP {token}"),
            vec![counter.proof(&counter.app.dpop, "GET", path, json!({"ath": ath}))],
            401,
            "invalid_token",
        ),
        ("DPoP".to_owned(), vec![], 401, "invalid_token"),
    ];
    for (authorization, proofs, status, code) in cases {
        let mut request = actix_web::test::TestRequest::get().uri(path);
        request = request.insert_header(("Authorization", authorization.clone()));
        for proof in &proofs {
            request = request.append_header(("DPoP", proof.clone()));
        }
        let reply = counter.send(request).await;
        assert_eq!(reply.error(), (status, code), "{authorization:.10} {}", proofs.len());
        assert_eq!(reply.headers.contains_key("www-authenticate"), status == 401);
    }
    let query = actix_web::test::TestRequest::get().uri(&format!("{path}?access_token={token}"));
    assert_eq!(counter.send(query).await.error(), (400, "invalid_request"));
}
