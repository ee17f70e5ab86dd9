//! The token endpoint: codes, refresh tokens, client credentials, and everything that is none of them.

use super::counter::{Counter, claims, with};
use crate::support::engines::sqlite;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::test::TestRequest;
use futures_util::future::join_all;
use madoguchi::domain::grant::{GrantStatus, RevokedBy};
use madoguchi::domain::ids::GrantId;
use madoguchi::issuer::ClientCall;
use madoguchi::limits::{Limits, Tally};
use madoguchi::protocol::form::Form;
use madoguchi::store::Before;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

#[actix_web::test]
async fn happy_flow() {
    let counter = Counter::open().await;
    let reply = counter.tokens(&counter.bank).await;
    assert_eq!(reply.headers.get("cache-control").unwrap(), "no-store");
    assert_eq!(reply.json["token_type"], "DPoP");
    assert_eq!(reply.json["expires_in"], 300);
    assert_eq!(reply.json["scope"], "openid offline_access self_information");
    assert_eq!(reply.json["refresh_token_timeout"], 30 * 86_400);
    assert_eq!(reply.json["authorization_expires_in"], 30 * 86_400);
    assert!(reply.text("refresh_token").starts_with("mgrt_"));
}

#[actix_web::test]
async fn refresh_token() {
    let counter = Counter::open().await;
    let first = counter.tokens(&counter.bank).await;
    let token = first.text("refresh_token");
    for _ in 0..20 {
        let reply = counter.token(&counter.bank, &counter.refreshing(&counter.bank, &token)).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        assert_eq!(reply.json.get("refresh_token"), None, "not rotated (FAPI 2.0 SP §5.3.2.1-9)");
        assert_eq!(reply.json["grant_id"], first.json["grant_id"]);
        counter.clock.advance(Duration::from_mins(10));
    }
    let narrow = with(counter.refreshing(&counter.bank, &token), "scope", Some("openid"));
    assert_eq!(counter.token(&counter.bank, &narrow).await.json["scope"], "openid");
    let wide = with(counter.refreshing(&counter.bank, &token), "scope", Some("openid catalog"));
    assert_eq!(counter.token(&counter.bank, &wide).await.error(), (400, "invalid_scope"));
    // Bound to the client, whatever key it proves.
    let foreign = counter.token(&counter.app, &counter.refreshing(&counter.app, &token)).await;
    assert_eq!(foreign.error(), (400, "invalid_grant"));
    let mistyped = counter.refreshing(&counter.bank, &token.replace("mgrt_", "mgrt_x"));
    assert_eq!(counter.token(&counter.bank, &mistyped).await.error(), (400, "invalid_grant"));
    counter.clock.advance(Duration::from_hours(24 * 30));
    let late = counter.token(&counter.bank, &counter.refreshing(&counter.bank, &token)).await;
    assert_eq!(late.error(), (400, "invalid_grant"));
}

#[actix_web::test]
async fn client_credentials_open_the_catalogue_and_no_person() {
    let counter = Counter::open().await;
    let asking = |scope: Option<&str>| {
        let pairs = with(counter.authentication(&counter.bank), "grant_type", Some("client_credentials"));
        match scope {
            Some(scope) => with(pairs, "scope", Some(scope)),
            None => pairs,
        }
    };
    let reply = counter.token(&counter.bank, &asking(None)).await;
    assert_eq!((reply.status, reply.json["scope"].as_str()), (200, Some("catalog")));
    assert_eq!(reply.json.get("refresh_token"), None);
    let told = claims(&reply.text("access_token"));
    assert_eq!((told["sub"].as_str(), told["client_id"].as_str()), (Some("bank"), Some("bank")));
    let id = GrantId::parse(&reply.text("grant_id")).unwrap();
    let grant = counter.store().find_grant(&id).await.unwrap().unwrap();
    assert_eq!(grant.subject, None);
    assert_eq!(grant.expires_at, counter.now().plus(Duration::from_mins(5)));
    for scope in ["openid", "self_information", "catalog openid", "offline_access"] {
        assert_eq!(counter.token(&counter.bank, &asking(Some(scope))).await.error(), (400, "invalid_scope"), "{scope}");
    }
    counter.change_bank(|client| client.scope = "openid".to_owned().try_into().unwrap()).await;
    assert_eq!(counter.token(&counter.bank, &asking(None)).await.error(), (400, "unauthorized_client"));
}

#[actix_web::test]
async fn a_wrong_code_exchange_is_refused() {
    let counter = Counter::open().await;
    for (name, value, code) in [
        ("redirect_uri", Some("https://bank.example/other"), "invalid_grant"),
        ("redirect_uri", None, "invalid_request"),
        ("code", None, "invalid_request"),
        ("code", Some("never issued"), "invalid_grant"),
        ("grant_type", None, "invalid_request"),
        ("grant_type", Some("password"), "unsupported_grant_type"),
        ("grant_type", Some("urn:ietf:params:oauth:grant-type:jwt-bearer"), "unsupported_grant_type"),
    ] {
        let issued = counter.code(&counter.bank).await;
        let pairs = with(counter.exchange(&counter.bank, &issued), name, value);
        assert_eq!(counter.token(&counter.bank, &pairs).await.error(), (400, code), "{name} = {value:?}");
    }
}

#[actix_web::test]
async fn ensure_authorization_code_is_bound_to_client() {
    let counter = Counter::open().await;
    let code = counter.code(&counter.bank).await;
    let reply = counter.token(&counter.app, &counter.exchange(&counter.app, &code)).await;
    assert_eq!(reply.error(), (400, "invalid_grant"));
}

#[actix_web::test]
async fn ensure_token_endpoint_fails_with_expired_auth_code() {
    let counter = Counter::open().await;
    let code = counter.code(&counter.bank).await;
    counter.clock.advance(Duration::from_mins(1));
    let reply = counter.token(&counter.bank, &counter.exchange(&counter.bank, &code)).await;
    assert_eq!(reply.error(), (400, "invalid_grant"));
}

#[actix_web::test]
async fn attempt_reuse_authorization_code_after_one_second() {
    let counter = Counter::open().await;
    let code = counter.code(&counter.bank).await;
    let first = counter.token(&counter.bank, &counter.exchange(&counter.bank, &code)).await;
    counter.clock.advance(Duration::from_secs(1));
    let again = counter.token(&counter.bank, &counter.exchange(&counter.bank, &code)).await;
    assert_eq!(again.error(), (400, "invalid_grant"));
    // RFC 9700 §4.2.4: what the first use got is revoked.
    let id = GrantId::parse(&first.text("grant_id")).unwrap();
    let grant = counter.store().find_grant(&id).await.unwrap().unwrap();
    assert_eq!(grant.status, GrantStatus::Revoked { at: counter.now(), by: RevokedBy::CodeReplay });
    let refresh = counter.refreshing(&counter.bank, &first.text("refresh_token"));
    assert_eq!(counter.token(&counter.bank, &refresh).await.error(), (400, "invalid_grant"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_callers_with_one_code_one_gets_tokens() {
    let counter = Counter::open().await;
    let pushed = counter.pushed(&counter.bank);
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&pushed).finish();
    let form = Form::parse(body.as_bytes()).unwrap();
    let call =
        ClientCall { form: &form, dpop: None, certificate: None, has_authorization: false, tally: Tally::default() };
    let request_uri = counter.issuer.push(&call).await.unwrap().value.request_uri;
    let code = counter.agree(&counter.bank, &request_uri).await;
    let callers = (0..50).map(|_| {
        let pairs = counter.exchange(&counter.bank, &code);
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let proof = counter.proof(&counter.bank.dpop, "POST", "/oauth/token", json!({}));
        let issuer = Arc::clone(&counter.issuer);
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
    let won = join_all(callers).await.into_iter().filter(|won| *won.as_ref().unwrap()).count();
    // The winner may find its grant already revoked by a loser; two winners there can never be.
    assert!(won <= 1, "{won} callers got tokens");
    let subject = counter.subject().await;
    let grants = counter.store().list_grants(&subject, &Before { entry: None, limit: 10 }).await.unwrap();
    assert_eq!(grants.len(), 1);
    assert_eq!(grants[0].status, GrantStatus::Revoked { at: counter.now(), by: RevokedBy::CodeReplay });
}

#[actix_web::test]
async fn a_body_that_is_no_form_or_says_things_twice_is_refused() {
    let counter = Counter::open().await;
    let form = "application/x-www-form-urlencoded";
    let long = "x".repeat(200_000);
    for (kind, body, status) in [
        ("application/json", "{}", 415),
        ("text/plain", "grant_type=x", 415),
        (form, "grant_type=a&grant_type=a", 400),
        (form, "client_assertion=a&client_assertion=b", 400),
        (form, "a=%zz", 400),
        (form, "a=%ff", 400),
        (form, "", 401),
        (form, long.as_str(), 413),
    ] {
        let request = TestRequest::post().uri("/oauth/token").insert_header((CONTENT_TYPE, kind));
        let reply = counter.send(request.set_payload(body.to_owned())).await;
        assert_eq!(reply.status, status, "{kind} {body:.20}");
        assert!(reply.json["error_description"].is_string());
    }
    for path in ["/oauth/token", "/oauth/par", "/oauth/introspect", "/oauth/revoke"] {
        let reply = counter.send(TestRequest::get().uri(path)).await;
        assert_eq!((reply.status, reply.headers.get("allow").unwrap().to_str().unwrap()), (405, "POST"), "{path}");
    }
}

const NARROW: &str = r#"
default_plan = "standard"
[address]
requests = 1000
seconds = 1
[plans.measurement]
concurrent_jobs = 1
client = { requests = 2, seconds = 60 }
citizen = { requests = 2, seconds = 60 }
day = { requests = 1000 }
[plans.standard]
concurrent_jobs = 1
client = { requests = 2, seconds = 60 }
citizen = { requests = 2, seconds = 60 }
day = { requests = 1000 }
"#;

#[actix_web::test]
async fn a_call_over_the_limit_is_refused_and_costs_nothing() {
    let mut counter = Counter::open().await;
    let mut parts = counter.parts.clone();
    parts.limits = Arc::new(Limits::parse(NARROW, Arc::clone(&parts.hot)).unwrap());
    counter.reopen(parts).await;
    let asking = || with(counter.authentication(&counter.bank), "grant_type", Some("client_credentials"));
    for _ in 0..2 {
        let reply = counter.token(&counter.bank, &asking()).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        assert!(reply.headers.contains_key("ratelimit") && reply.headers.contains_key("ratelimit-policy"));
    }
    let pairs = asking();
    let refused = counter.token(&counter.bank, &pairs).await;
    assert_eq!(refused.error(), (429, "rate_limited"));
    assert!(refused.headers.contains_key("retry-after") && refused.headers.contains_key("ratelimit"));
    assert_eq!(
        counter
            .token(&counter.app, &with(counter.authentication(&counter.app), "grant_type", Some("client_credentials")))
            .await
            .status,
        200,
        "another client's limit is its own"
    );
}

#[actix_web::test]
async fn nothing_in_clear_is_at_rest() {
    let counter = Counter::open_on(sqlite().await).await;
    let pushed = counter.post("/oauth/par", &counter.pushed(&counter.bank), None).await;
    let code = counter.agree(&counter.bank, &pushed.text("request_uri")).await;
    let tokens = counter.token(&counter.bank, &counter.exchange(&counter.bank, &code)).await;
    let mut kept = Vec::new();
    for file in std::fs::read_dir(counter.directory()).unwrap() {
        kept.extend(std::fs::read(file.unwrap().path()).unwrap());
    }
    let has = |text: &str| kept.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(has(&tokens.text("grant_id")), "the files that are looked at are the right ones");
    for secret in [&pushed.text("request_uri"), &code, &tokens.text("refresh_token"), &tokens.text("access_token")] {
        assert!(!has(secret), "{secret}");
    }
}
