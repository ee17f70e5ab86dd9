//! Modules about codes, tokens and refresh tokens at the token endpoint.

use super::keys::handle;
use super::request::assert_refused;
use super::suite::{Pairs, Suite, asserted, each, exchange_form, refresh_form, with};
use super::variant::Variant;
use serde_json::json;
use std::time::Duration;

/// An assertion of client 2's name by client 1's key, with client 1's code.
#[actix_web::test]
async fn ensure_client_id_in_token_endpoint() {
    each(Variant::covering(), async |suite| {
        let request = suite.request(&suite.client);
        let code = suite.code(&suite.client, &request).await;
        let mut form = exchange_form(&suite.client, &request.verifier, &code);
        form.push(("client_id".into(), suite.client2.id.clone()));
        if suite.variant.uses_assertions() {
            let id = &suite.client2.id;
            form.extend(asserted(&suite.assertion(&suite.client, &json!({"iss": id, "sub": id}))));
        }
        let told = suite.token(&suite.client, &form).await;
        assert_refused(&told, &[400, 401], &["invalid_client", "invalid_grant"]);
    })
    .await;
}

/// A call without the proof, or without the certificate, that tokens are bound to.
async fn holds_nothing(suite: &Suite, form: &Pairs) {
    let url = suite.endpoint("token_endpoint");
    let mut codes = vec!["invalid_request", "invalid_grant", "invalid_dpop_proof"];
    let told = if suite.variant.uses_dpop() {
        suite.call(&suite.client, &url, form, false).await
    } else {
        if !suite.variant.uses_assertions() {
            codes = vec!["invalid_client"];
        }
        let form = [form.clone(), suite.authentication(&suite.client)].concat();
        suite.post_by(&suite.bare, &url, &form, None).await
    };
    assert_refused(&told, &[400, 401], &codes);
}

#[actix_web::test]
async fn ensure_holder_of_key_required() {
    each(Variant::covering(), async |suite| {
        let request = suite.request(&suite.client);
        let code = suite.code(&suite.client, &request).await;
        let form = exchange_form(&suite.client, &request.verifier, &code);
        holds_nothing(&suite, &form).await;
        // No unbound token was given, and the code is still there for whoever holds a key.
        let told = suite.exchange(&suite.client, &request, &code).await;
        suite.tokens(&suite.client, &request, &told);
    })
    .await;
}

#[actix_web::test]
async fn ensure_authorization_code_is_bound_to_client() {
    each(Variant::covering(), async |suite| {
        let request = suite.request(&suite.client);
        let code = suite.code(&suite.client, &request).await;
        let told = suite.exchange(&suite.client2, &request, &code).await;
        assert_refused(&told, &[400], &["invalid_grant"]);
    })
    .await;
}

#[actix_web::test]
async fn attempt_reuse_authorization_code_after_one_second() {
    each(Variant::covering(), async |suite| {
        let request = suite.request(&suite.client);
        let code = suite.code(&suite.client, &request).await;
        let told = suite.exchange(&suite.client, &request, &code).await;
        let tokens = suite.tokens(&suite.client, &request, &told);
        assert_eq!(suite.resource(&suite.client, &tokens.access).await.status, 200);
        suite.installation.clock.advance(Duration::from_secs(1));
        let told = suite.exchange(&suite.client, &request, &code).await;
        assert_refused(&told, &[400], &["invalid_grant"]);
        // RFC 9700 §4.2.4: what the first use got is over.
        let told = suite.resource(&suite.client, &tokens.access).await;
        assert_eq!(told.brief(), (401, "invalid_token"), "{told:?}");
        let told = suite.token(&suite.client, &refresh_form(&tokens.refresh)).await;
        assert_refused(&told, &[400], &["invalid_grant"]);
    })
    .await;
}

#[actix_web::test]
async fn ensure_token_endpoint_fails_with_expired_auth_code() {
    each(Variant::covering(), async |suite| {
        let request = suite.request(&suite.client);
        let code = suite.code(&suite.client, &request).await;
        // FAPI 2.0 SP §5.3.2.1-11: sixty seconds at most.
        suite.installation.clock.advance(Duration::from_secs(61));
        let told = suite.exchange(&suite.client, &request, &code).await;
        assert_refused(&told, &[400], &["invalid_grant"]);
    })
    .await;
}

#[actix_web::test]
async fn ensure_client_assertion_in_token_endpoint() {
    let asserting = Variant::covering().into_iter().filter(|variant| variant.uses_assertions()).collect();
    each(asserting, async |suite| {
        let request = suite.request(&suite.client);
        let code = suite.code(&suite.client, &request).await;
        let form = with(exchange_form(&suite.client, &request.verifier, &code), "client_id", Some(&suite.client.id));
        let url = suite.endpoint("token_endpoint");
        let proof = suite.proof(&suite.client.dpop, ("POST", &url), None, (json!({}), json!({})));
        let told = suite.post(&url, &form, Some(proof)).await;
        assert_refused(&told, &[400, 401], &["invalid_client", "invalid_request"]);
    })
    .await;
}

#[actix_web::test]
async fn refresh_token() {
    each(Variant::covering(), async |suite| {
        let first = suite.request(&suite.client).with("prompt", Some("consent"));
        let landed = suite.authorized(&suite.client, &first, "agree").await;
        let tokens = suite.finish(&suite.client, &first, landed).await;
        let form = refresh_form(&tokens.refresh);
        for _ in 0..3 {
            let told = suite.token(&suite.client, &form).await;
            assert_eq!(told.status, 200, "{told:?}");
            // FAPI 2.0 SP §5.3.2.1-9: no rotation.
            assert!([&json!(null), &json!(tokens.refresh)].contains(&&told.body["refresh_token"]), "{told:?}");
            let access = told.body["access_token"].as_str().unwrap();
            assert_ne!(access, tokens.access);
            assert_eq!(suite.resource(&suite.client, access).await.status, 200);
        }
        // Without client authentication, and without a key.
        let url = suite.endpoint("token_endpoint");
        if suite.variant.uses_assertions() {
            let proof = suite.proof(&suite.client.dpop, ("POST", &url), None, (json!({}), json!({})));
            let told = suite.post(&url, &form, Some(proof)).await;
            assert_refused(&told, &[400, 401], &["invalid_client", "invalid_grant", "invalid_request"]);
        }
        holds_nothing(&suite, &form).await;
        // By the other client, and one that never was.
        let told = suite.token(&suite.client2, &form).await;
        assert_refused(&told, &[400], &["invalid_grant"]);
        for wrong in [handle(), "x".into(), format!("{}x", tokens.refresh)] {
            let told = suite.token(&suite.client, &refresh_form(&wrong)).await;
            assert_refused(&told, &[400], &["invalid_grant"]);
        }
    })
    .await;
}

/// The happy flow of the plan for clients that act for themselves: in every variant, and without a refresh token.
#[actix_web::test]
async fn happy_flow_of_the_client_credentials_grant() {
    let plain = Variant::all().into_iter().filter(|variant| !variant.is_openid && !variant.is_signed).collect();
    each(plain, async |suite| {
        for client in [&suite.client, &suite.client2] {
            let form = [("grant_type", "client_credentials"), ("scope", "catalog")];
            let form: Pairs = form.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
            let told = suite.token(client, &form).await;
            let tokens = suite.tokens(client, &suite.request(client), &told);
            assert!(tokens.refresh.is_empty(), "RFC 6749 §4.4.3");
            assert_eq!(suite.resource(client, &tokens.access).await.status, 200);
            holds_nothing(&suite, &form).await;
        }
        // One client's token by the other's key or certificate.
        let told = suite.token(&suite.client2, &vec![("grant_type".into(), "client_credentials".into())]).await;
        let token = told.body["access_token"].as_str().expect("a token");
        assert_eq!(suite.resource(&suite.client, token).await.brief(), (401, "invalid_token"));
    })
    .await;
}

/// FAPI 2.0 SP §5.3.2.1-2: and no other grant that gives tokens for a password or nothing.
#[actix_web::test]
async fn the_password_and_implicit_grants_are_not_offered() {
    each(Variant::covering(), async |suite| {
        for kind in ["password", "implicit", "none", ""] {
            let form = vec![
                ("grant_type".to_owned(), kind.to_owned()),
                ("username".to_owned(), "u".to_owned()),
                ("password".to_owned(), "p".to_owned()),
            ];
            let told = suite.token(&suite.client, &form).await;
            assert_refused(&told, &[400], &["unsupported_grant_type", "invalid_request"]);
        }
    })
    .await;
}
