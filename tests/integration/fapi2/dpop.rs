//! Modules about DPoP (RFC 9449): every wrong proof, each with its own cause, at both ends.

use super::keys::{Key, handle};
use super::request::assert_refused;
use super::suite::{Client, Suite, each, exchange_form, refresh_form};
use super::variant::Variant;
use crate::support::calls::Told;
use madoguchi::protocol::dpop::DpopCause;
use serde_json::{Value, json};

fn dpop() -> Vec<Variant> {
    Variant::covering().into_iter().filter(|variant| variant.uses_dpop()).collect()
}

/// Calls the protected resource with these `DPoP` fields.
async fn with_proofs(suite: &Suite, scheme: &str, token: &str, proofs: &[String]) -> Told {
    let mut request = suite.http.get(suite.resource_url()).header("authorization", format!("{scheme} {token}"));
    for proof in proofs {
        request = request.header("DPoP", proof);
    }
    Told::by(request).await
}

/// A proof for the resource, with changes.
fn proof(suite: &Suite, client: &Client, token: &str, header: Value, claims: Value) -> String {
    suite.proof(&client.dpop, ("GET", &suite.resource_url()), Some(token), (header, claims))
}

/// What the resource says to a wrong proof: 401, a challenge, and the cause in body, `type` and description.
#[track_caller]
fn assert_cause(told: &Told, cause: &str) {
    assert_eq!(told.status, 401, "{cause}: {told:?}");
    assert_eq!(told.body["dpop_error"], cause, "{told:?}");
    assert!(told.body["detail"].as_str().unwrap().starts_with(&format!("dpop_error={cause}: ")), "{told:?}");
    assert_eq!(told.body["type"], format!("/problems/{}#{cause}", told.code()), "{told:?}");
    let challenge = told.header("www-authenticate");
    assert!(challenge.starts_with("DPoP ") && challenge.contains("algs=\""), "{challenge}");
    assert!(challenge.contains(&format!("error=\"{}\"", told.code())), "{challenge}");
    assert!(challenge.contains(&format!("dpop_error={cause}")), "{challenge}");
}

/// Members of header and claims that spoil a proof, with the cause that is named.
fn spoiled(suite: &Suite, client: &Client) -> Vec<(Value, Value, &'static str)> {
    let now = suite.now();
    let none = || json!({});
    let elsewhere = suite.resource_url().replace("data-sets", "consent");
    vec![
        (json!({"typ": null}), none(), "typ"),
        (json!({"typ": "JWT"}), none(), "typ"),
        (json!({"alg": "none"}), none(), "alg"),
        (json!({"alg": "RS256"}), none(), "alg"),
        (json!({"alg": "HS256"}), none(), "alg"),
        (json!({"jwk": null}), none(), "jwk"),
        (json!({"jwk": {"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"}}), none(), "jwk"),
        (json!({"jwk": client.dpop.private_jwk()}), none(), "private_key"),
        (json!({"jwk": Key::es256().members()}), none(), "signature"),
        (json!({"crit": ["jwk"]}), none(), "crit"),
        (none(), json!({"jti": null}), "jti"),
        (none(), json!({"htm": null}), "method"),
        (none(), json!({"htm": "PUT"}), "method"),
        (none(), json!({"htu": null}), "uri"),
        (none(), json!({"htu": elsewhere}), "uri"),
        (none(), json!({"iat": null}), "time"),
        (none(), json!({"iat": now + 3_600}), "time"),
        (none(), json!({"iat": now - 3_600}), "time"),
        (none(), json!({"exp": now - 60}), "time"),
        (none(), json!({"nbf": now + 3_600}), "time"),
        (none(), json!({"ath": null}), "ath"),
        (none(), json!({"ath": handle()}), "ath"),
    ]
}

#[actix_web::test]
async fn dpop_negative_tests() {
    each(dpop(), async |suite| {
        let client = &suite.client;
        let token = suite.flow(client).await.access;
        let right = |claims| proof(&suite, client, &token, json!({}), claims);
        for (header, claims, cause) in spoiled(&suite, client) {
            let wrong = proof(&suite, client, &token, header, claims);
            assert_cause(&with_proofs(&suite, "DPoP", &token, &[wrong]).await, cause);
        }
        for (proofs, cause) in [
            (vec![], "missing"),
            (vec![right(json!({})), right(json!({}))], "doubled"),
            (vec!["not a proof".to_owned()], "malformed"),
            (vec![right(json!({})).replace('.', "")], "malformed"),
            (vec![right(json!({})).rsplit_once('.').unwrap().0.to_owned()], "malformed"),
        ] {
            assert_cause(&with_proofs(&suite, "DPoP", &token, &proofs).await, cause);
        }
        let other = suite.proof(&Key::es256(), ("GET", &suite.resource_url()), Some(&token), (json!({}), json!({})));
        assert_cause(&with_proofs(&suite, "DPoP", &token, &[other]).await, "key");
        let once = right(json!({}));
        assert_eq!(with_proofs(&suite, "DPoP", &token, std::slice::from_ref(&once)).await.status, 200);
        assert_cause(&with_proofs(&suite, "DPoP", &token, &[once]).await, "replay");
        // Downgrades (RFC 9449 §7.2).
        for proofs in [vec![], vec![right(json!({}))]] {
            let told = with_proofs(&suite, "Bearer", &token, &proofs).await;
            assert_eq!(told.brief(), (401, "invalid_token"), "{told:?}");
        }
        right_in_every_honest_form(&suite, client, &token).await;
    })
    .await;
}

/// What RFC 9449 §4.3 item 9, RFC 3986 §6.2 and RFC 9110 §5.1 allow.
async fn right_in_every_honest_form(suite: &Suite, client: &Client, token: &str) {
    let url = suite.resource_url();
    let now = suite.now();
    for (header, claims) in [
        (json!({}), json!({"htu": format!("{url}?query=1#fragment")})),
        (json!({}), json!({"htu": url.replace("http://localhost", "HTTP://LOCALHOST")})),
        (json!({"extra": {"a": 1}}), json!({"extra": [true]})),
        (json!({}), json!({"nbf": now, "exp": now + 300})),
    ] {
        let told = with_proofs(suite, "DPoP", token, &[proof(suite, client, token, header, claims.clone())]).await;
        assert_eq!(told.status, 200, "{claims}: {told:?}");
    }
    // A query at the resource is no part of htu.
    let request = suite.http.get(format!("{url}?lang=en")).header("authorization", format!("DPoP {token}"));
    let told = Told::by(request.header("dpop", proof(suite, client, token, json!({}), json!({})))).await;
    assert_eq!(told.status, 200, "{told:?}");
}

/// A problem's `type` leads to every cause with what to do about it, in both languages.
#[actix_web::test]
async fn every_cause_is_described_where_the_type_leads() {
    each(dpop().into_iter().take(1).collect(), async |suite| {
        let told = Told::by(suite.http.get(format!("{}/problems/invalid_dpop_proof", suite.issuer()))).await;
        let causes = told.body["causes"].as_array().expect("causes").clone();
        for known in DpopCause::ALL {
            let cause = causes.iter().find(|cause| cause["dpop_error"] == known.as_str()).expect("a description");
            assert!(cause["remedy"].is_string() && cause["remedy_ja"].is_string(), "{cause}");
        }
        let told = Told::by(suite.http.get(format!("{}/problems/not_found", suite.issuer()))).await;
        assert!(told.body.get("causes").is_none(), "{told:?}");
    })
    .await;
}

/// The same causes at the token endpoint, in the OAuth family's body.
#[actix_web::test]
async fn the_token_endpoint_names_the_cause_too() {
    each(dpop(), async |suite| {
        let client = &suite.client;
        let request = suite.request(client);
        let code = suite.code(client, &request).await;
        let url = suite.endpoint("token_endpoint");
        let mut form = exchange_form(client, &request.verifier, &code);
        form.extend(suite.authentication(client));
        for (header, mut claims, cause) in spoiled(&suite, client) {
            if cause == "ath" {
                continue;
            }
            if claims["htu"].is_string() {
                claims["htu"] = json!(suite.endpoint("pushed_authorization_request_endpoint"));
            }
            let wrong = suite.proof(&client.dpop, ("POST", &url), None, (header, claims));
            let told = suite.post(&url, &form, Some(wrong)).await;
            assert_refused(&told, &[400], &["invalid_dpop_proof"]);
            assert_eq!(told.body["dpop_error"], cause, "{told:?}");
            assert!(told.body["error_description"].as_str().unwrap().starts_with(&format!("dpop_error={cause}: ")));
        }
        // None of it cost the code, nor the assertion.
        let right = suite.proof(&client.dpop, ("POST", &url), None, (json!({}), json!({})));
        let told = suite.post(&url, &form, Some(right.clone())).await;
        suite.tokens(client, &request, &told);
        let mut form = refresh_form(told.body["refresh_token"].as_str().unwrap());
        form.extend(suite.authentication(client));
        let told = suite.post(&url, &form, Some(right)).await;
        assert_eq!((told.code(), told.body["dpop_error"].as_str()), ("invalid_dpop_proof", Some("replay")));
    })
    .await;
}

#[actix_web::test]
async fn check_dpop_proof_nbf_exp() {
    each(dpop(), async |suite| {
        let client = &suite.client;
        let request = suite.request(client);
        let code = suite.code(client, &request).await;
        let times = || json!({"nbf": suite.now(), "exp": suite.now() + 300});
        let url = suite.endpoint("token_endpoint");
        let mut form = exchange_form(client, &request.verifier, &code);
        form.extend(suite.authentication(client));
        let told =
            suite.post(&url, &form, Some(suite.proof(&client.dpop, ("POST", &url), None, (json!({}), times())))).await;
        let token = suite.tokens(client, &request, &told).access;
        let told = with_proofs(&suite, "DPoP", &token, &[proof(&suite, client, &token, json!({}), times())]).await;
        assert_eq!(told.status, 200, "{told:?}");
    })
    .await;
}

async fn with_iat(suite: &Suite, offset: i64) {
    let client = &suite.client;
    let request = suite.request(client);
    let code = suite.code(client, &request).await;
    let url = suite.endpoint("token_endpoint");
    let mut form = exchange_form(client, &request.verifier, &code);
    form.extend(suite.authentication(client));
    let at = || (json!({}), json!({"iat": suite.now() + offset}));
    let told = suite.post(&url, &form, Some(suite.proof(&client.dpop, ("POST", &url), None, at()))).await;
    let token = suite.tokens(client, &request, &told).access;
    let told = with_proofs(suite, "DPoP", &token, &[proof(suite, client, &token, at().0, at().1)]).await;
    assert_eq!(told.status, 200, "{told:?}");
}

#[actix_web::test]
async fn ensure_dpopproof_with_iat_10seconds_before_succeeds() {
    each(dpop(), async |suite| with_iat(&suite, -10).await).await;
}

#[actix_web::test]
async fn ensure_dpopproof_with_iat_10seconds_after_succeeds() {
    each(dpop(), async |suite| with_iat(&suite, 10).await).await;
}

/// Pushes with a proof by `key`.
async fn pushed_with_proof(suite: &Suite, client: &Client, request: &super::request::Request, key: &Key) -> Told {
    let url = suite.endpoint("pushed_authorization_request_endpoint");
    let mut form = suite.pushed_form(client, request);
    form.extend(suite.authentication(client).into_iter().filter(|(name, _)| name != "client_id"));
    suite.post(&url, &form, Some(suite.proof(key, ("POST", &url), None, (json!({}), json!({}))))).await
}

#[actix_web::test]
async fn ensure_mismatched_dpop_jkt_fails() {
    each(dpop(), async |suite| {
        let request = suite.request(&suite.client).with("dpop_jkt", Some(&Key::es256().thumbprint()));
        let told = pushed_with_proof(&suite, &suite.client, &request, &suite.client.dpop).await;
        assert_refused(&told, &[400], &["invalid_request", "invalid_dpop_proof"]);
        assert_eq!(told.body["dpop_error"], "key");
    })
    .await;
}

#[actix_web::test]
async fn ensure_token_endpoint_fails_with_mismatched_dpop_jkt() {
    each(dpop(), async |suite| {
        let request = suite.request(&suite.client).with("dpop_jkt", Some(&Key::es256().thumbprint()));
        let code = suite.code(&suite.client, &request).await;
        let told = suite.exchange(&suite.client, &request, &code).await;
        assert_refused(&told, &[400], &["invalid_request", "invalid_grant", "invalid_dpop_proof"]);
        assert_eq!(told.body["dpop_error"], "key");
    })
    .await;
}

#[actix_web::test]
async fn ensure_token_endpoint_fails_with_mismatched_dpop_proof_jkt() {
    each(dpop(), async |suite| {
        let request = suite.request(&suite.client);
        let told = pushed_with_proof(&suite, &suite.client, &request, &Key::es256()).await;
        let landed = super::user::User::of(&suite).go(&suite.address(&suite.client, &told), "agree").await;
        let code = suite.code_of(&suite.client, &request, landed);
        let told = suite.exchange(&suite.client, &request, &code).await;
        assert_refused(&told, &[400], &["invalid_request", "invalid_grant", "invalid_dpop_proof"]);
        assert_eq!(told.body["dpop_error"], "key");
    })
    .await;
}

#[actix_web::test]
async fn ensure_dpopproof_at_par_endpoint_binding_success() {
    each(dpop(), async |suite| {
        let request = suite.request(&suite.client);
        let told = pushed_with_proof(&suite, &suite.client, &request, &suite.client.dpop).await;
        let landed = super::user::User::of(&suite).go(&suite.address(&suite.client, &told), "agree").await;
        suite.finish(&suite.client, &request, landed).await;
    })
    .await;
}

#[actix_web::test]
async fn ensure_dpop_auth_code_binding_success() {
    each(dpop(), async |suite| {
        let request = suite.request(&suite.client).with("dpop_jkt", Some(&suite.client.dpop.thumbprint()));
        let told = pushed_with_proof(&suite, &suite.client, &request, &suite.client.dpop).await;
        let landed = super::user::User::of(&suite).go(&suite.address(&suite.client, &told), "agree").await;
        suite.finish(&suite.client, &request, landed).await;
    })
    .await;
}
