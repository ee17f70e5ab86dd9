//! Modules about pushed authorization requests, PKCE and redirect URIs.

use super::keys::handle;
use super::request::{assert_refused, plain_form};
use super::suite::{each, exchange_form, with};
use super::user::User;
use super::variant::Variant;
use crate::support::calls::Told;
use reqwest::Method;
use std::time::Duration;

/// A link preview robot, or an impatient person: loading the page uses nothing up (FAPI 2.0 SP §5.3.2.2 note 3).
#[actix_web::test]
async fn par_ensure_reused_request_uri_prior_to_auth_completion_succeeds() {
    each(Variant::covering(), async |suite| {
        let request = suite.request(&suite.client);
        let address = suite.pushed(&suite.client, &request).await;
        let mut robot = User::of(&suite);
        assert!(robot.look(&address).await.form_with("pin").is_ok());
        let mut user = User::of(&suite);
        for _ in 0..2 {
            assert!(user.look(&address).await.form_with("pin").is_ok(), "the login page, each time");
        }
        let landed = user.go(&address, "agree").await;
        suite.finish(&suite.client, &request, landed).await;
    })
    .await;
}

#[actix_web::test]
async fn par_attempt_reuse_request_uri() {
    each(Variant::covering(), async |suite| {
        let request = suite.request(&suite.client);
        let address = suite.pushed(&suite.client, &request).await;
        let mut user = User::of(&suite);
        let landed = user.go(&address, "agree").await;
        suite.finish(&suite.client, &request, landed).await;
        for mut user in [user, User::of(&suite)] {
            let (status, text) = user.go(&address, "agree").await.page();
            assert_eq!(status, 400, "{text}");
        }
        // A refusal uses it up as well.
        let address = suite.pushed(&suite.client, &suite.request(&suite.client)).await;
        let mut user = User::of(&suite);
        user.go(&address, "refuse").await.back();
        assert_eq!(user.go(&address, "agree").await.page().0, 400);
    })
    .await;
}

#[actix_web::test]
async fn par_attempt_to_use_expired_request_uri() {
    each(Variant::covering(), async |suite| {
        let told = suite.push(&suite.client, &suite.request(&suite.client)).await;
        let address = suite.address(&suite.client, &told);
        let life = Duration::from_secs(told.body["expires_in"].as_u64().unwrap());
        suite.installation.clock.advance(life);
        assert_eq!(User::of(&suite).go(&address, "agree").await.page().0, 400);
    })
    .await;
}

/// Who arrived in time may read for longer than the `request_uri` lives.
#[actix_web::test]
async fn a_slow_reader_may_still_answer() {
    each(Variant::covering(), async |suite| {
        let request = suite.request(&suite.client);
        let address = suite.pushed(&suite.client, &request).await;
        let mut user = User::of(&suite);
        let Ok(page) = user.arrive(&address).await else { panic!("no consent page") };
        suite.installation.clock.advance(Duration::from_mins(15));
        let landed = user.decide(&page, "agree").await;
        suite.finish(&suite.client, &request, landed).await;
    })
    .await;
}

#[actix_web::test]
async fn par_attempt_to_use_request_uri_for_different_client() {
    each(Variant::covering(), async |suite| {
        let told = suite.push(&suite.client, &suite.request(&suite.client)).await;
        let right = suite.address(&suite.client, &told);
        let wrong = suite.address(&suite.client2, &told);
        let mut user = User::of(&suite);
        assert_eq!(user.go(&wrong, "agree").await.page().0, 400);
        // Nor after the same browser saw the right one.
        assert!(user.look(&right).await.form_with("pin").is_ok());
        assert_eq!(user.go(&wrong, "agree").await.page().0, 400);
        let Ok(page) = user.arrive(&right).await else { panic!("no consent page") };
        assert_eq!(user.go(&wrong, "agree").await.page().0, 400);
        user.decide(&page, "agree").await.back();
    })
    .await;
}

#[actix_web::test]
async fn par_attempt_invalid_http_method() {
    each(Variant::covering(), async |suite| {
        let url = suite.endpoint("pushed_authorization_request_endpoint");
        for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
            let mut form = suite.pushed_form(&suite.client, &suite.request(&suite.client));
            form.extend(suite.authentication(&suite.client).into_iter().filter(|(name, _)| name != "client_id"));
            let told = Told::by(suite.http.request(method, &url).form(&form)).await;
            assert_eq!((told.status, told.header("allow")), (405, "POST"), "{told:?}");
        }
    })
    .await;
}

#[actix_web::test]
async fn par_authorization_request_containing_request_uri_form_param() {
    each(Variant::covering(), async |suite| {
        let form = suite.pushed_form(&suite.client, &suite.request(&suite.client));
        for uri in ["urn:ietf:params:oauth:request_uri:x", "https://suite.example/request.jwt"] {
            let form = with(form.clone(), "request_uri", Some(uri));
            let url = suite.endpoint("pushed_authorization_request_endpoint");
            let told = suite.call(&suite.client, &url, &form, false).await;
            assert_refused(&told, &[400], &["invalid_request", "invalid_request_object", "request_uri_not_supported"]);
        }
    })
    .await;
}

/// FAPI 2.0 SP §5.3.2.2-3: the parameters themselves in the address are no request.
#[actix_web::test]
async fn ensure_unsigned_authorization_request_without_using_par_fails() {
    each(Variant::covering(), async |suite| {
        let request = suite.request(&suite.client);
        let mut address = url::Url::parse(&suite.endpoint("authorization_endpoint")).unwrap();
        address.query_pairs_mut().extend_pairs(plain_form(&request));
        assert_eq!(User::of(&suite).go(address.as_str(), "agree").await.page().0, 400);
        // Nor a request object in the address, by value or by reference.
        let object = suite.request_object(&suite.client, &request);
        for (name, value) in [("request", object.as_str()), ("request_uri", "https://suite.example/request.jwt")] {
            let mut address = url::Url::parse(&suite.endpoint("authorization_endpoint")).unwrap();
            address.query_pairs_mut().append_pair("client_id", &suite.client.id).append_pair(name, value);
            assert_eq!(User::of(&suite).go(address.as_str(), "agree").await.page().0, 400, "{name}");
        }
    })
    .await;
}

#[actix_web::test]
async fn ensure_redirect_uri_in_authorization_request() {
    each(Variant::covering(), async |suite| {
        let told = suite.push(&suite.client, &suite.request(&suite.client).with("redirect_uri", None)).await;
        assert_refused(&told, &[400], &["invalid_request", "invalid_request_object"]);
    })
    .await;
}

#[actix_web::test]
async fn ensure_registered_redirect_uri() {
    each(Variant::covering(), async |suite| {
        let right = suite.client.redirect_uri.clone();
        for wrong in [
            format!("{right}/{}", handle()),
            format!("{right}?x=1"),
            format!("{right}#x"),
            right.replace("https", "http"),
            right.replace("callback", "CALLBACK"),
            right.replace(".example", ".example:443"),
            right.replace("suite", "other"),
            suite.client2.redirect_uri.clone(),
        ] {
            let told =
                suite.push(&suite.client, &suite.request(&suite.client).with("redirect_uri", Some(&wrong))).await;
            assert_refused(&told, &[400], &["invalid_request", "invalid_request_object"]);
        }
    })
    .await;
}

#[actix_web::test]
async fn ensure_response_type_code_idtoken_fails() {
    each(Variant::covering(), async |suite| {
        for wrong in ["code id_token", "id_token code", "code token", "id_token"] {
            let told =
                suite.push(&suite.client, &suite.request(&suite.client).with("response_type", Some(wrong))).await;
            assert_refused(&told, &[400], &["unsupported_response_type", "invalid_request", "unauthorized_client"]);
        }
    })
    .await;
}

#[actix_web::test]
async fn ensure_response_type_token_fails() {
    each(Variant::covering(), async |suite| {
        let told = suite.push(&suite.client, &suite.request(&suite.client).with("response_type", Some("token"))).await;
        assert_refused(&told, &[400], &["unsupported_response_type", "invalid_request", "unauthorized_client"]);
    })
    .await;
}

#[actix_web::test]
async fn par_ensure_pkce_required() {
    each(Variant::covering(), async |suite| {
        let request = suite.request(&suite.client).with("code_challenge", None).with("code_challenge_method", None);
        assert_refused(&suite.push(&suite.client, &request).await, &[400], &["invalid_request"]);
        let request = suite.request(&suite.client).with("code_challenge_method", None);
        assert_refused(&suite.push(&suite.client, &request).await, &[400], &["invalid_request"]);
    })
    .await;
}

#[actix_web::test]
async fn par_plain_pkce_rejected() {
    each(Variant::covering(), async |suite| {
        let request = suite.request(&suite.client);
        let verifier = request.verifier.clone();
        let request = request.with("code_challenge", Some(&verifier)).with("code_challenge_method", Some("plain"));
        assert_refused(&suite.push(&suite.client, &request).await, &[400], &["invalid_request"]);
    })
    .await;
}

#[actix_web::test]
async fn ensure_pkce_code_verifier_required() {
    each(Variant::covering(), async |suite| {
        let request = suite.request(&suite.client);
        let code = suite.code(&suite.client, &request).await;
        let form = with(exchange_form(&suite.client, &request.verifier, &code), "code_verifier", None);
        assert_refused(&suite.token(&suite.client, &form).await, &[400], &["invalid_grant"]);
    })
    .await;
}

#[actix_web::test]
async fn incorrect_pkce_code_verifier_rejected() {
    each(Variant::covering(), async |suite| {
        for wrong in [handle(), "short".to_owned(), "é".repeat(50)] {
            let request = suite.request(&suite.client);
            let code = suite.code(&suite.client, &request).await;
            let form = exchange_form(&suite.client, &wrong, &code);
            assert_refused(&suite.token(&suite.client, &form).await, &[400], &["invalid_grant"]);
        }
    })
    .await;
}
