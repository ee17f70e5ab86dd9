//! Modules about client assertions (`private_key_jwt`), at every endpoint where clients authenticate.

use super::request::assert_refused;
use super::suite::{Pairs, Suite, asserted, each, edited, with};
use super::variant::Variant;
use crate::support::calls::Told;
use serde_json::{Value, json};

/// Every endpoint that takes a client assertion, by its name in the metadata, with the rest of a harmless form.
/// The last two refuse the suite's clients, which are not registered for them, after they have proved themselves.
const ENDPOINTS: [(&str, &[(&str, &str)]); 6] = [
    ("pushed_authorization_request_endpoint", &[]),
    ("token_endpoint", &[("grant_type", "client_credentials"), ("scope", "catalog")]),
    ("introspection_endpoint", &[("token", "x")]),
    ("revocation_endpoint", &[("token", "x")]),
    ("device_authorization_endpoint", &[("scope", "catalog")]),
    ("backchannel_authentication_endpoint", &[("scope", "openid"), ("login_hint", "x")]),
];

fn is_taken(told: &Told) -> bool {
    told.status < 300 || (told.status == 400 && told.body["error"] != "invalid_client")
}

fn asserting() -> Vec<Variant> {
    Variant::covering().into_iter().filter(|variant| variant.uses_assertions()).collect()
}

/// Sends `authentication` with an otherwise right form to the endpoint.
async fn try_at(suite: &Suite, (endpoint, fields): (&str, &[(&str, &str)]), authentication: Pairs) -> Told {
    let url = suite.endpoint(endpoint);
    let mut form = authentication;
    form.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    if endpoint == "pushed_authorization_request_endpoint" {
        let pushed = suite.pushed_form(&suite.client, &suite.request(&suite.client));
        form.extend(pushed.into_iter().filter(|(name, _)| name != "client_id"));
    }
    let is_token = endpoint == "token_endpoint" && suite.variant.uses_dpop();
    let proof = is_token.then(|| suite.proof(&suite.client.dpop, ("POST", &url), None, (json!({}), json!({}))));
    suite.post(&url, &form, proof).await
}

/// An assertion with these claims is refused everywhere.
async fn is_refused_everywhere(suite: &Suite, edits: &Value) {
    for endpoint in ENDPOINTS {
        let authentication = asserted(&suite.assertion(&suite.client, edits));
        let told = try_at(suite, endpoint, authentication).await;
        assert_refused(&told, &[400, 401], &["invalid_client"]);
    }
}

#[actix_web::test]
async fn a_right_assertion_is_taken_everywhere() {
    each(asserting(), async |suite| {
        for endpoint in ENDPOINTS {
            let told = try_at(&suite, endpoint, suite.authentication(&suite.client)).await;
            assert!(is_taken(&told), "{endpoint:?}: {told:?}");
            // The client_id beside it may be named, and no other.
            let named = with(suite.authentication(&suite.client), "client_id", Some(&suite.client.id));
            assert!(is_taken(&try_at(&suite, endpoint, named).await), "{endpoint:?}");
            let other = with(suite.authentication(&suite.client), "client_id", Some(&suite.client2.id));
            assert_refused(&try_at(&suite, endpoint, other).await, &[400, 401], &["invalid_client"]);
        }
    })
    .await;
}

#[actix_web::test]
async fn ensure_invalid_client_assertions_fail() {
    each(asserting(), async |suite| {
        for edits in [
            json!({"sub": "someone-else"}),
            json!({"sub": suite.client2.id}),
            json!({"iss": null}),
            json!({"iss": "someone-else"}),
            json!({"aud": null}),
            json!({"exp": null}),
            json!({"jti": null}),
        ] {
            is_refused_everywhere(&suite, &edits).await;
        }
        for kind in [None, Some("urn:ietf:params:oauth:client-assertion-type:saml2-bearer")] {
            for endpoint in ENDPOINTS {
                let wrong = with(suite.authentication(&suite.client), "client_assertion_type", kind);
                assert_refused(
                    &try_at(&suite, endpoint, wrong).await,
                    &[400, 401],
                    &["invalid_client", "invalid_request"],
                );
            }
        }
        for endpoint in ENDPOINTS {
            let right = suite.assertion(&suite.client, &json!({}));
            let (head, signature) = right.rsplit_once('.').unwrap();
            let first = if signature.starts_with('A') { "B" } else { "A" };
            let invalid = format!("{head}.{first}{}", &signature[1..]);
            let told = try_at(&suite, endpoint, asserted(&invalid)).await;
            assert_refused(&told, &[400, 401], &["invalid_client"]);
        }
    })
    .await;
}

#[actix_web::test]
async fn ensure_client_assertion_with_no_sub_fails() {
    each(asserting(), async |suite| is_refused_everywhere(&suite, &json!({"sub": null})).await).await;
}

#[actix_web::test]
async fn ensure_client_assertion_with_exp_is_5_minutes_in_past_fails() {
    each(asserting(), async |suite| {
        let now = suite.now();
        is_refused_everywhere(&suite, &json!({"exp": now - 300})).await;
        is_refused_everywhere(&suite, &json!({"iat": now - 360, "exp": now - 300})).await;
    })
    .await;
}

#[actix_web::test]
async fn ensure_client_assertion_with_wrong_aud_fails() {
    each(asserting(), async |suite| {
        let other = format!("{}/", suite.issuer());
        is_refused_everywhere(&suite, &json!({"aud": "https://other.example"})).await;
        is_refused_everywhere(&suite, &json!({"aud": other})).await;
    })
    .await;
}

#[actix_web::test]
async fn par_test_array_as_audience_fails() {
    each(asserting(), async |suite| {
        is_refused_everywhere(&suite, &json!({"aud": [suite.issuer()]})).await;
        is_refused_everywhere(&suite, &json!({"aud": [suite.issuer(), "https://other.example"]})).await;
    })
    .await;
}

#[actix_web::test]
async fn par_test_par_endpoint_url_as_audience_fails() {
    each(asserting(), async |suite| {
        let url = suite.endpoint("pushed_authorization_request_endpoint");
        is_refused_everywhere(&suite, &json!({"aud": url})).await;
    })
    .await;
}

/// And at every other endpoint too: an assertion made for one place must not work at another
/// (draft-ietf-oauth-security-topics-update, audience injection).
#[actix_web::test]
async fn par_test_token_endpoint_url_as_audience_fails() {
    each(asserting(), async |suite| {
        for endpoint in ["token_endpoint", "introspection_endpoint", "revocation_endpoint", "authorization_endpoint"] {
            is_refused_everywhere(&suite, &json!({"aud": suite.endpoint(endpoint)})).await;
        }
    })
    .await;
}

#[actix_web::test]
async fn ensure_signed_client_assertion_with_rs256_fails() {
    each(asserting(), async |suite| {
        let client = &suite.client;
        let now = suite.now();
        let claims = json!({
            "iss": client.id, "sub": client.id, "aud": suite.issuer(), "jti": super::keys::handle(), "iat": now, "exp": now + 60,
        });
        let header = json!({"alg": client.key.alg, "kid": client.key.kid, "typ": "JWT"});
        for (edits, statuses) in [
            (json!({"alg": "RS256"}), [400, 401]),
            (json!({"alg": "none"}), [400, 401]),
            (json!({"alg": "HS256"}), [400, 401]),
            (json!({"alg": "ES256"}), [400, 401]),
            (json!({"crit": ["exp"]}), [400, 401]),
            (json!({"typ": "dpop+jwt"}), [400, 401]),
        ] {
            for endpoint in ENDPOINTS {
                let jwt = client.key.sign(&edited(header.clone(), edits.clone()), &claims);
                let told = try_at(&suite, endpoint, asserted(&jwt)).await;
                assert_refused(&told, &statuses, &["invalid_client"]);
            }
        }
        // The same claims, signed as they should be: none of the refusals used their jti up.
        let jwt = client.key.sign(&header, &claims);
        assert_eq!(try_at(&suite, ENDPOINTS[0], asserted(&jwt)).await.status, 201);
    })
    .await;
}

#[actix_web::test]
async fn par_ensure_jwt_client_assertions_nbf_8_seconds_in_the_future_is_accepted() {
    each(asserting(), async |suite| {
        for endpoint in ENDPOINTS {
            let then = suite.now() + 8;
            let edits = json!({"iat": then, "nbf": then, "exp": then + 60});
            let authentication = asserted(&suite.assertion(&suite.client, &edits));
            let told = try_at(&suite, endpoint, authentication).await;
            assert!(is_taken(&told), "{endpoint:?}: {told:?}");
        }
    })
    .await;
}

#[actix_web::test]
async fn par_ensure_jwt_client_assertions_nbf_over_60_seconds_in_the_future_fails() {
    each(asserting(), async |suite| {
        let then = suite.now() + 65;
        is_refused_everywhere(&suite, &json!({"iat": then, "nbf": then, "exp": then + 60})).await;
        is_refused_everywhere(&suite, &json!({"nbf": then, "exp": then + 60})).await;
        is_refused_everywhere(&suite, &json!({"iat": then, "exp": then + 60})).await;
    })
    .await;
}

/// A secret, Basic, or nothing at all (FAPI 2.0 SP §5.3.2.1-6, §5.3.2.2-4).
#[actix_web::test]
async fn no_other_client_authentication_is_taken() {
    each(asserting(), async |suite| {
        for endpoint in ENDPOINTS {
            let named = || vec![("client_id".to_owned(), suite.client.id.clone())];
            let told = try_at(&suite, endpoint, named()).await;
            assert_refused(&told, &[400, 401], &["invalid_client", "invalid_request"]);
            let told = try_at(&suite, endpoint, with(named(), "client_secret", Some("secret"))).await;
            assert_refused(&told, &[401], &["invalid_client"]);
            let form = with(suite.authentication(&suite.client), "client_secret", Some("secret"));
            assert_refused(&try_at(&suite, endpoint, form).await, &[401], &["invalid_client"]);
            let basic = suite.http.post(suite.endpoint(endpoint.0)).basic_auth(&suite.client.id, Some("secret"));
            let form = endpoint.1.to_vec();
            assert_refused(&Told::by(basic.form(&form)).await, &[401], &["invalid_client"]);
        }
    })
    .await;
}
