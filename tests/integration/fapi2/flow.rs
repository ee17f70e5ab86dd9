//! Modules of well-behaved clients: what must succeed.

use super::keys::handle;
use super::request::Tokens;
use super::suite::{Suite, each};
use super::user::User;
use super::variant::Variant;
use crate::support::calls::Told;
use madoguchi::domain::profile::GrantType;
use serde_json::json;

#[actix_web::test]
async fn discovery_end_point_verification() {
    each(Variant::covering(), async |suite| {
        for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
            let told = Told::by(suite.http.get(format!("{}{path}", suite.issuer()))).await;
            assert_eq!(told.status, 200);
            assert!(told.header("content-type").starts_with("application/json"));
            assert_eq!(told.body["issuer"], suite.issuer(), "the address less the well-known part is the issuer");
            let has = |name: &str, value: &str| {
                let listed = told.body[name].as_array().unwrap_or_else(|| panic!("{name} is missing"));
                assert!(listed.iter().any(|known| known == value), "{name}: {listed:?}");
            };
            let only = |name: &str, allowed: &[&str]| {
                for value in told.body[name].as_array().into_iter().flatten() {
                    assert!(allowed.contains(&value.as_str().unwrap()), "{name}: {value}");
                }
            };
            has("code_challenge_methods_supported", "S256");
            has("response_types_supported", "code");
            has("token_endpoint_auth_methods_supported", "private_key_jwt");
            for alg in ["PS256", "ES256"] {
                has("token_endpoint_auth_signing_alg_values_supported", alg);
                has("dpop_signing_alg_values_supported", alg);
                has("request_object_signing_alg_values_supported", alg);
            }
            // FAPI 2.0 SP §5.4.1-1.
            for name in
                told.body.as_object().unwrap().keys().filter(|name| name.ends_with("_signing_alg_values_supported"))
            {
                only(name, &["PS256", "ES256", "EdDSA"]);
            }
            has("id_token_signing_alg_values_supported", "ES256");
            has("response_modes_supported", "jwt");
            only(
                "token_endpoint_auth_methods_supported",
                &["private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth"],
            );
            only("grant_types_supported", &GrantType::ALL.map(GrantType::as_str));
            for name in ["require_pushed_authorization_requests", "authorization_response_iss_parameter_supported"] {
                assert_eq!(told.body[name], true, "{name}");
            }
            for (name, value) in told.body.as_object().unwrap().iter().filter(|(name, _)| name.ends_with("_endpoint")) {
                assert!(value.as_str().unwrap().starts_with(suite.issuer()), "{name}: {value}");
            }
        }
        for key in suite.jwks["keys"].as_array().unwrap() {
            assert!(key["kid"].is_string() && key["alg"].is_string() && key["use"].is_string(), "{key}");
            for private in ["d", "k", "p", "q", "dp", "dq", "qi"] {
                assert!(key.get(private).is_none(), "{private} is no public member");
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn happy_flow() {
    each(Variant::all(), async |suite| {
        let first = suite.flow(&suite.client).await;
        let told = suite.resource(&suite.client, &first.access).await;
        assert_eq!(told.status, 200, "{told:?}");
        assert!(!told.header("date").is_empty());
        resource_is_honest(&suite, &first).await;
        // The second client names its key in the request, and comes back to an address with a query.
        let mut request = suite.request(&suite.client2);
        if suite.variant.uses_dpop() {
            request = request.with("dpop_jkt", Some(&suite.client2.dpop.thumbprint()));
        }
        let landed = suite.authorized(&suite.client2, &request, "agree").await;
        let second = suite.finish(&suite.client2, &request, landed).await;
        assert_ne!(first.access, second.access);
        // One client's key does not open the other's token.
        let told = suite.resource(&suite.client, &second.access).await;
        assert_eq!(told.brief(), (401, "invalid_token"), "{told:?}");
    })
    .await;
}

/// The happy flow's further calls of the resource: the token in the query, and unusual but right header fields.
async fn resource_is_honest(suite: &Suite, tokens: &Tokens) {
    let url = suite.resource_url();
    let client = &suite.client;
    // The suite sends the token in the query beside its proof or certificate, and goes on with it.
    let mistaken =
        suite.presented(suite.http.get(format!("{url}?access_token={}", tokens.access)), client, &tokens.access);
    let mut mistaken = mistaken.build().unwrap();
    mistaken.headers_mut().remove("authorization");
    let status = suite.http.execute(mistaken).await.unwrap().status().as_u16();
    assert!([400, 401].contains(&status), "FAPI 2.0 SP §5.3.4-2: {status}");
    for accept in ["application/json; charset=UTF-8", "application/json;q=0.5,*/*", "*/*"] {
        let mut request = suite.http.get(&url).header("accept", accept);
        request = request.header("x-fapi-interaction-id", "93bac548-d2de-4546-b106-880a5018460d");
        request = request.header("x-fapi-customer-ip-address", "2001:db8::1");
        request = suite.presented(request, client, &tokens.access);
        let told = Told::by(request).await;
        assert_eq!(told.status, 200, "{accept}: {told:?}");
    }
    // From whoever cannot prove to be its holder, it is over.
    let told = Told::by(suite.bare.get(format!("{url}?access_token={}", tokens.access))).await;
    assert_eq!(told.brief(), (400, "invalid_request"), "{told:?}");
    assert_eq!(suite.resource(client, &tokens.access).await.brief(), (401, "invalid_token"));
}

#[actix_web::test]
async fn user_rejects_authentication() {
    each(Variant::covering(), async |suite| {
        for client in [&suite.client, &suite.client2] {
            let request = suite.request(client).with("state", Some(&"s".repeat(128)));
            let landed = suite.authorized(client, &request, "refuse").await;
            let answer = suite.answer(client, &request, landed);
            assert_eq!(answer["error"], "access_denied");
            for name in answer.keys() {
                let expected = ["error", "error_description", "state", "iss", "aud", "exp", "iat"];
                assert!(expected.contains(&name.as_str()), "{name} has no place in an error response");
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn ensure_authorization_request_without_state_success() {
    each(Variant::covering(), async |suite| {
        let request = suite.request(&suite.client).with("state", None);
        let landed = suite.authorized(&suite.client, &request, "agree").await;
        suite.finish(&suite.client, &request, landed).await;
    })
    .await;
}

#[actix_web::test]
async fn ensure_authorization_request_without_nonce_success() {
    each(Variant::covering(), async |suite| {
        let request = suite.request(&suite.client).with("nonce", None);
        let landed = suite.authorized(&suite.client, &request, "agree").await;
        suite.finish(&suite.client, &request, landed).await;
    })
    .await;
}

#[actix_web::test]
async fn ensure_authorization_request_with_64_char_nonce_success() {
    each(Variant::covering(), async |suite| {
        let request = suite.request(&suite.client).with("nonce", Some(&"n".repeat(64)));
        let landed = suite.authorized(&suite.client, &request, "agree").await;
        suite.finish(&suite.client, &request, landed).await;
    })
    .await;
}

/// 384 characters: to be taken whole, or refused as `invalid_request`; never cut.
#[actix_web::test]
async fn ensure_authorization_request_with_long_nonce() {
    each(Variant::covering(), async |suite| {
        let request = suite.request(&suite.client).with("nonce", Some(&"n".repeat(384)));
        let told = suite.push(&suite.client, &request).await;
        if told.status == 201 {
            let landed = User::of(&suite).go(&suite.address(&suite.client, &told), "agree").await;
            suite.finish(&suite.client, &request, landed).await;
        } else {
            assert_eq!(told.brief(), (400, "invalid_request"));
        }
    })
    .await;
}

/// FAPI 2.0 SP §5.3.2.2 note 4: more than 1,000 characters, given back untouched.
#[actix_web::test]
async fn ensure_authorization_request_with_long_state() {
    each(Variant::covering(), async |suite| {
        let state = format!("{}+/=&?#%20é\u{1F600}", "s".repeat(1_000));
        let request = suite.request(&suite.client).with("state", Some(&state));
        let landed = suite.authorized(&suite.client, &request, "agree").await;
        suite.finish(&suite.client, &request, landed).await;
    })
    .await;
}

#[actix_web::test]
async fn ensure_other_scope_order_succeeds() {
    each(Variant::covering(), async |suite| {
        let reversed: Vec<&str> = suite.client.scope.split(' ').rev().collect();
        let request = suite.request(&suite.client).with("scope", Some(&reversed.join(" ")));
        let landed = suite.authorized(&suite.client, &request, "agree").await;
        suite.finish(&suite.client, &request, landed).await;
    })
    .await;
}

/// Nothing personal is kept here, so a `claims` parameter (OpenID Connect Core §5.5) gets nothing personal out.
#[actix_web::test]
async fn test_claims_parameter_identity_claims() {
    let openid = Variant::all().into_iter().filter(|variant| variant.is_openid).collect();
    each(openid, async |suite| {
        let wanted = json!({
            "id_token": {"name": null, "email": {"essential": true}, "birthdate": null, "acr": null},
            "userinfo": {"given_name": null, "address": {"essential": true}, &handle(): {"value": "x"}},
        });
        let request = suite.request(&suite.client).with("claims", Some(&wanted.to_string()));
        let landed = suite.authorized(&suite.client, &request, "agree").await;
        let tokens = suite.finish(&suite.client, &request, landed).await;
        let id_token = tokens.id_token.expect("an id_token");
        let allowed = ["iss", "sub", "aud", "exp", "iat", "auth_time", "acr", "nonce", "sid", "jti", "amr", "azp"];
        for name in id_token.as_object().unwrap().keys() {
            assert!(allowed.contains(&name.as_str()), "{name} in the id_token");
        }
        let url = suite.endpoint("userinfo_endpoint");
        let request = suite.presented_at(suite.http.get(&url), &suite.client, &tokens.access, &url);
        let told = Told::by(request).await;
        assert_eq!((told.status, told.body), (200, json!({"sub": id_token["sub"]})));
    })
    .await;
}

#[actix_web::test]
async fn access_token_type_header_case_sensitivity() {
    each(Variant::covering(), async |suite| {
        let tokens = suite.flow(&suite.client).await;
        for scheme in ["dPOP", "DPOP", "dpop", "bEARER"] {
            if scheme.eq_ignore_ascii_case("dpop") != suite.variant.uses_dpop() {
                continue;
            }
            let request = suite.presented(suite.http.get(suite.resource_url()), &suite.client, &tokens.access);
            let mut request = request.build().unwrap();
            let value = format!("{scheme} {}", tokens.access).parse().unwrap();
            request.headers_mut().insert("authorization", value);
            assert_eq!(suite.http.execute(request).await.unwrap().status(), 200, "{scheme}");
        }
    })
    .await;
}

/// RFC 9126 §4: `client_id` and `request_uri` alone; and what else stands in the address counts for nothing.
#[actix_web::test]
async fn par_without_duplicate_parameters() {
    each(Variant::covering(), async |suite| {
        let request = suite.request(&suite.client);
        let address = suite.pushed(&suite.client, &request).await;
        let landed = User::of(&suite).go(&address, "agree").await;
        suite.finish(&suite.client, &request, landed).await;
        let request = suite.request(&suite.client);
        let address = suite.pushed(&suite.client, &request).await;
        let others = "redirect_uri=https%3A%2F%2Fevil.example%2F&state=other&nonce=other&response_type=token&scope=x";
        let landed = User::of(&suite).go(&format!("{address}&{others}"), "agree").await;
        suite.finish(&suite.client, &request, landed).await;
    })
    .await;
}
