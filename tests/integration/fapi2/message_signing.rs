//! Modules of FAPI 2.0 Message Signing: signed request objects (JAR) at the push; the other modules check the signed
//! responses (JARM) in passing.

use super::keys::{Key, handle};
use super::request::{Request, assert_refused, plain_form};
use super::suite::{Client, Suite, each, with};
use super::user::User;
use super::variant::Variant;
use crate::support::calls::Told;
use serde_json::{Value, json};

fn signed() -> Vec<Variant> {
    Variant::covering().into_iter().filter(|variant| variant.is_signed).collect()
}

/// Pushes this text as the request object.
async fn push_object(suite: &Suite, client: &Client, object: &str) -> Told {
    let form = vec![("client_id".to_owned(), client.id.clone()), ("request".to_owned(), object.to_owned())];
    suite.call(client, &suite.endpoint("pushed_authorization_request_endpoint"), &form, false).await
}

/// A request object with these claims (`now` is added to numbers that are offsets in `times`) is refused.
async fn is_refused(suite: &Suite, claims: Value) {
    let told = suite.push(&suite.client, &suite.request(&suite.client).claiming(claims)).await;
    assert_refused(&told, &[400], &["invalid_request_object"]);
}

async fn is_taken(suite: &Suite, request: &Request) {
    let landed = suite.authorized(&suite.client, request, "agree").await;
    suite.finish(&suite.client, request, landed).await;
}

#[actix_web::test]
async fn ensure_unsigned_request_at_par_endpoint_fails() {
    each(signed(), async |suite| {
        let form = plain_form(&suite.request(&suite.client));
        let url = suite.endpoint("pushed_authorization_request_endpoint");
        assert_refused(&suite.call(&suite.client, &url, &form, false).await, &[400], &["invalid_request"]);
    })
    .await;
}

#[actix_web::test]
async fn ensure_request_object_with_invalid_signature_fails() {
    each(signed(), async |suite| {
        let object = suite.request_object(&suite.client, &suite.request(&suite.client));
        let (head, signature) = object.rsplit_once('.').unwrap();
        let first = if signature.starts_with('A') { "B" } else { "A" };
        let told = push_object(&suite, &suite.client, &format!("{head}.{first}{}", &signature[1..])).await;
        assert_refused(&told, &[400], &["invalid_request_object"]);
    })
    .await;
}

#[actix_web::test]
async fn ensure_request_object_signature_algorithm_is_not_none() {
    each(signed(), async |suite| {
        let mut request = suite.request(&suite.client);
        request.header = json!({"alg": "none"});
        let told = suite.push(&suite.client, &request).await;
        assert_refused(&told, &[400], &["invalid_request_object"]);
    })
    .await;
}

#[actix_web::test]
async fn ensure_signed_request_object_with_rs256_fails() {
    each(signed(), async |suite| {
        for alg in ["RS256", "HS256", "ES256"] {
            let mut request = suite.request(&suite.client);
            request.header = json!({"alg": alg});
            let told = suite.push(&suite.client, &request).await;
            assert_refused(&told, &[400], &["invalid_request_object"]);
        }
    })
    .await;
}

/// Signed by another client's key, by an unknown key under a known `kid`, and by an unknown key of its own.
#[actix_web::test]
async fn ensure_matching_key_in_authorization_request() {
    each(signed(), async |suite| {
        let client = &suite.client;
        let right = suite.request_object(client, &suite.request(client));
        let claims = super::keys::claims(&right);
        let (other, stranger) = (&suite.client2.key, Key::ps256(1));
        for (key, header) in [
            (other, json!({"alg": other.alg, "kid": other.kid})),
            (other, json!({"alg": other.alg})),
            (&stranger, json!({"alg": "PS256", "kid": client.key.kid})),
            (&stranger, json!({"alg": "PS256", "kid": stranger.kid})),
            (&stranger, json!({"alg": "PS256", "jwk": stranger.members(), "jku": "https://suite.example/jwks"})),
        ] {
            let told = push_object(&suite, client, &key.sign(&header, &claims)).await;
            assert_refused(&told, &[400], &["invalid_request_object"]);
        }
        assert_eq!(push_object(&suite, client, &right).await.status, 201);
    })
    .await;
}

#[actix_web::test]
async fn ensure_request_object_with_bad_aud_fails() {
    each(signed(), async |suite| {
        is_refused(&suite, json!({"aud": "https://other.example"})).await;
        is_refused(&suite, json!({"aud": ["https://other.example"]})).await;
        is_refused(&suite, json!({"aud": null})).await;
    })
    .await;
}

#[actix_web::test]
async fn ensure_server_accepts_request_object_with_multiple_aud() {
    each(signed(), async |suite| {
        let aud = json!({"aud": ["https://other.example", suite.issuer(), "https://another.example"]});
        is_taken(&suite, &suite.request(&suite.client).claiming(aud)).await;
    })
    .await;
}

#[actix_web::test]
async fn ensure_request_object_without_exp_fails() {
    each(signed(), async |suite| is_refused(&suite, json!({"exp": null})).await).await;
}

#[actix_web::test]
async fn ensure_request_object_without_nbf_fails() {
    each(signed(), async |suite| is_refused(&suite, json!({"nbf": null})).await).await;
}

#[actix_web::test]
async fn ensure_request_object_with_exp_over_60_fails() {
    each(signed(), async |suite| {
        is_refused(&suite, json!({"exp": suite.now() + 70 * 60})).await;
        is_refused(&suite, json!({"nbf": suite.now() - 50 * 60, "exp": suite.now() + 20 * 60})).await;
    })
    .await;
}

#[actix_web::test]
async fn ensure_request_object_with_nbf_over_60_fails() {
    each(signed(), async |suite| {
        is_refused(&suite, json!({"nbf": suite.now() - 70 * 60})).await;
        is_refused(&suite, json!({"nbf": suite.now() + 65})).await;
    })
    .await;
}

#[actix_web::test]
async fn ensure_expired_request_object_fails() {
    each(signed(), async |suite| {
        is_refused(&suite, json!({"nbf": suite.now() - 600, "exp": suite.now() - 300})).await;
    })
    .await;
}

#[actix_web::test]
async fn ensure_request_object_with_nbf_8_seconds_in_the_future_is_accepted() {
    each(signed(), async |suite| {
        let request = suite.request(&suite.client).claiming(json!({"nbf": suite.now() + 8}));
        is_taken(&suite, &request).await;
    })
    .await;
}

#[actix_web::test]
async fn ensure_request_object_without_redirect_uri_fails() {
    each(signed(), async |suite| {
        let told = suite.push(&suite.client, &suite.request(&suite.client).with("redirect_uri", None)).await;
        assert_refused(&told, &[400], &["invalid_request", "invalid_request_object"]);
    })
    .await;
}

#[actix_web::test]
async fn par_authorization_request_containing_request_uri() {
    each(signed(), async |suite| {
        let request = suite.request(&suite.client).with("request_uri", Some("urn:ietf:params:oauth:request_uri:x"));
        assert_refused(&suite.push(&suite.client, &request).await, &[400], &["invalid_request_object"]);
    })
    .await;
}

/// FAPI 2.0 Message Signing §5.3.1: what stands beside the object, at the push or in the browser, counts for nothing.
async fn outside(suite: &Suite, name: &str, value: &str) {
    let client = &suite.client;
    let request = suite.request(client);
    let form = with(suite.pushed_form(client, &request), name, Some(value));
    let url = suite.endpoint("pushed_authorization_request_endpoint");
    let pushed = suite.call(client, &url, &form, false).await;
    let address = format!("{}&{name}={value}", suite.address(client, &pushed));
    let landed = User::of(suite).go(&address, "agree").await;
    suite.finish(client, &request, landed).await;
}

#[actix_web::test]
async fn ensure_different_nonce_inside_and_outside_request_object() {
    each(signed(), async |suite| outside(&suite, "nonce", &handle()).await).await;
}

#[actix_web::test]
async fn ensure_different_state_inside_and_outside_request_object() {
    each(signed(), async |suite| outside(&suite, "state", &handle()).await).await;
}

#[actix_web::test]
async fn state_only_outside_request_object_not_used() {
    each(signed(), async |suite| {
        let client = &suite.client;
        let request = suite.request(client).with("state", None);
        let form = with(suite.pushed_form(client, &request), "state", Some("outside"));
        let url = suite.endpoint("pushed_authorization_request_endpoint");
        let pushed = suite.call(client, &url, &form, false).await;
        let landed = User::of(&suite).go(&format!("{}&state=outside", suite.address(client, &pushed)), "agree").await;
        suite.finish(client, &request, landed).await;
    })
    .await;
}

/// The `typ` of RFC 9101 §10.8 is taken, that of anything else is not (RFC 8725 §3.11).
#[actix_web::test]
async fn the_typ_of_a_request_object_is_its_own_or_none() {
    each(signed(), async |suite| {
        let client = &suite.client;
        for (typ, is_right) in [
            (json!("oauth-authz-req+jwt"), true),
            (json!("OAUTH-AUTHZ-REQ+JWT"), true),
            (json!(null), true),
            (json!("JWT"), true),
            (json!("dpop+jwt"), false),
            (json!("client-authentication+jwt"), false),
            (json!("at+jwt"), false),
        ] {
            let mut request = suite.request(client);
            request.header = json!({"typ": typ});
            let told = suite.push(client, &request).await;
            assert_eq!(told.status, if is_right { 201 } else { 400 }, "{typ}: {told:?}");
        }
        // A client assertion is no request object, and a request object no assertion.
        let assertion = suite.assertion(client, &json!({"nbf": suite.now()}));
        assert_refused(
            &push_object(&suite, client, &assertion).await,
            &[400],
            &["invalid_request_object", "invalid_request"],
        );
    })
    .await;
}

/// Who it is that signs must be who pushes.
#[actix_web::test]
async fn a_request_object_speaks_for_its_client_only() {
    each(signed(), async |suite| {
        for claims in [
            json!({"iss": suite.client2.id}),
            json!({"iss": null}),
            json!({"client_id": suite.client2.id}),
            json!({"client_id": null}),
        ] {
            let told = suite.push(&suite.client, &suite.request(&suite.client).claiming(claims.clone())).await;
            assert_refused(&told, &[400], &["invalid_request_object", "invalid_request"]);
        }
    })
    .await;
}
