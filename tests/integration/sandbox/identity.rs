//! The provider for citizens: strict at every step, and usable through a relying party's crate.

use super::{Bench, REDIRECT, parameter};
use openidconnect::core::{CoreIdToken, CoreIdTokenVerifier, CoreJwsSigningAlgorithm, CoreProviderMetadata};
use openidconnect::{ClientId, IssuerUrl, Nonce};
use serde_json::Value;
use std::time::Duration;

/// The provider's metadata, read by the crate that relying parties use.
async fn discover(bench: &Bench) -> CoreProviderMetadata {
    let http = bench.http.clone();
    let fetch = move |request: openidconnect::HttpRequest| {
        let http = http.clone();
        async move {
            let answer = http.get(request.uri().to_string()).send().await?;
            let status = answer.status();
            let kind = answer.headers().get("content-type").cloned().unwrap();
            let body = answer.bytes().await?.to_vec();
            let built = http::Response::builder().status(status).header("content-type", kind).body(body);
            Ok::<_, reqwest::Error>(built.unwrap())
        }
    };
    let issuer = IssuerUrl::new(bench.running.identity_issuer().to_owned()).unwrap();
    CoreProviderMetadata::discover_async(issuer, &fetch).await.unwrap()
}

#[tokio::test]
async fn a_sign_in_by_card_gives_an_id_token_that_a_relying_party_accepts() {
    let bench = Bench::start();
    let fields = [("method", "card"), ("card_number", "１０００ 0000-0000 0001"), ("pin", "1234")];
    let answer = bench.submit(&bench.transaction().await, &fields).await;
    assert_eq!(answer.status(), 303);
    assert_eq!(parameter(&answer, "state").as_deref(), Some("st"));
    assert_eq!(parameter(&answer, "fixed").as_deref(), Some("1"), "the registered query stays");
    assert!(parameter(&answer, "session_state").is_some());
    let tokens = bench.exchange(&parameter(&answer, "code").unwrap()).await;
    assert_eq!(tokens.headers()["cache-control"], "no-store");
    let tokens: Value = tokens.json().await.unwrap();
    let metadata = discover(&bench).await;
    // The sandbox has the test's clock, and so has the verifier.
    let verifier = CoreIdTokenVerifier::new_public_client(
        ClientId::new("madoguchigateway".into()),
        metadata.issuer().clone(),
        metadata.jwks().clone(),
    )
    .set_allowed_algs([CoreJwsSigningAlgorithm::EcdsaP256Sha256])
    .set_time_fn(|| chrono::DateTime::from_timestamp(super::START, 0).unwrap());
    let id_token: CoreIdToken = tokens["id_token"].as_str().unwrap().parse().unwrap();
    let claims = id_token.claims(&verifier, &Nonce::new("no".into())).unwrap();
    assert_eq!(claims.auth_context_ref().unwrap().as_str(), "aal3 crl");
    assert!(claims.auth_time().is_some() && claims.name().is_none());
    assert_eq!(claims.subject().as_str(), bench.subject("mihon-taro").await);
}

#[tokio::test]
async fn a_code_counts_once_for_its_client_and_ends_in_a_minute() {
    let bench = Bench::start();
    let code = bench.sign_in_by_choice("mihon-hanako").await;
    let tokens: Value = bench.exchange(&code).await.json().await.unwrap();
    let userinfo = format!("{}/protocol/openid-connect/userinfo", bench.running.identity_issuer());
    let token = tokens["access_token"].as_str().unwrap();
    assert_eq!(bench.http.get(&userinfo).bearer_auth(token).send().await.unwrap().status(), 200);
    assert_eq!(bench.exchange(&code).await.status(), 400);
    let after = bench.http.get(&userinfo).bearer_auth(token).send().await.unwrap();
    assert_eq!(after.status(), 401, "a second use ends what the first one got");
    let late = bench.sign_in_by_choice("mihon-hanako").await;
    bench.clock.advance(Duration::from_mins(1));
    assert_eq!(bench.exchange(&late).await.json::<Value>().await.unwrap()["error"], "invalid_grant");
}

#[tokio::test]
async fn a_code_is_bound_to_its_verifier_and_redirect_uri() {
    let bench = Bench::start();
    for (name, value) in [("code_verifier", "x".repeat(43)), ("redirect_uri", "https://counter.example/".to_owned())] {
        let code = bench.sign_in_by_choice("mihon-taro").await;
        let answer = bench.exchange_with(&code, &[(name, &value)]).await;
        assert_eq!(answer.json::<Value>().await.unwrap()["error"], "invalid_grant", "{name}");
    }
    let code = bench.sign_in_by_choice("mihon-taro").await;
    let unproven = bench.exchange_with(&code, &[("client_assertion", "a.b.c")]).await;
    assert_eq!(unproven.status(), 401);
}

#[tokio::test]
async fn a_wrong_client_or_redirect_uri_is_a_page_and_never_a_redirect() {
    let bench = Bench::start();
    for changes in [
        [("client_id", Some("nobody"))],
        [("client_id", None)],
        [("redirect_uri", Some("https://counter.example/sign-in/callback"))],
        [("redirect_uri", Some("https://evil.example/"))],
    ] {
        let answer = bench.http.get(bench.authorize_url(&changes)).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{changes:?}");
        assert!(answer.headers().get("location").is_none());
    }
    let twice = format!("{}&state=again", bench.authorize_url(&[]));
    assert_eq!(bench.http.get(twice).send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn anything_else_that_is_wrong_goes_back_with_an_error_and_the_state() {
    let bench = Bench::start();
    for (changes, error) in [
        ([("response_type", Some("token"))], "unsupported_response_type"),
        ([("response_type", None)], "invalid_request"),
        ([("scope", Some("profile"))], "invalid_scope"),
        ([("scope", Some("openid sign"))], "invalid_scope"),
        ([("code_challenge", None)], "invalid_request"),
        ([("code_challenge", Some("short"))], "invalid_request"),
        ([("code_challenge_method", Some("plain"))], "invalid_request"),
        ([("code_challenge_method", None)], "invalid_request"),
        ([("prompt", Some("none"))], "login_required"),
        ([("request", Some("x.y.z"))], "request_not_supported"),
    ] {
        let answer = bench.http.get(bench.authorize_url(&changes)).send().await.unwrap();
        assert_eq!(answer.status(), 303, "{changes:?}");
        assert!(answer.headers()["location"].to_str().unwrap().starts_with(REDIRECT));
        assert_eq!(parameter(&answer, "error").as_deref(), Some(error), "{changes:?}");
        assert_eq!(parameter(&answer, "state").as_deref(), Some("st"));
    }
}

#[tokio::test]
async fn three_wrong_pins_block_a_card_even_when_tried_at_once() {
    let bench = Bench::start();
    let transaction = bench.transaction().await;
    let wrong = [("method", "card"), ("card_number", "1000000000000002"), ("pin", "0000")];
    let tries = (0..8).map(|_| bench.submit(&transaction, &wrong));
    for answer in futures_util::future::join_all(tries).await {
        assert_eq!(answer.status(), 422);
    }
    let right = [("method", "card"), ("card_number", "1000000000000002"), ("pin", "2345")];
    let answer = bench.submit(&transaction, &right).await;
    assert_eq!(answer.status(), 422);
    assert!(answer.text().await.unwrap().contains("blocked"));
    let other = [("method", "card"), ("card_number", "1000000000000001"), ("pin", "1234")];
    assert_eq!(bench.submit(&transaction, &other).await.status(), 303, "other cards are not");
}

#[tokio::test]
async fn a_suspended_card_and_the_end_abnormal_give_no_code() {
    let bench = Bench::start();
    let transaction = bench.transaction().await;
    let suspended = [("method", "card"), ("card_number", "1000000000000003"), ("pin", "3456")];
    let page = bench.submit(&transaction, &suspended).await.text().await.unwrap();
    assert!(page.contains("suspended: its certificate"), "{page}");
    for fields in
        [&[("method", "test_card"), ("person", "mihon-taro"), ("outcome", "abnormal")][..], &[("method", "cancel")]]
    {
        let answer = bench.submit(&bench.transaction().await, fields).await;
        assert_eq!(parameter(&answer, "error").as_deref(), Some("access_denied"));
        assert_eq!(parameter(&answer, "code"), None);
    }
}

#[tokio::test]
async fn one_of_many_submissions_of_one_sign_in_gets_a_code() {
    let bench = Bench::start();
    let transaction = bench.transaction().await;
    let fields = [("method", "test_card"), ("person", "mihon-taro"), ("outcome", "normal")];
    let all = futures_util::future::join_all((0..20).map(|_| bench.submit(&transaction, &fields))).await;
    assert_eq!(all.iter().filter(|answer| parameter(answer, "code").is_some()).count(), 1);
}
