//! Signed request objects at the PAR endpoint (RFC 9101, FAPI 2.0 Message Signing §5.3).

use super::counter::{CHALLENGE, Counter, ISSUER, Pairs, Party, REDIRECT_URI, Reply, details, handle, with};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use madoguchi::issuer::interaction::PushedRequests;
use madoguchi::protocol::authorization_request::AuthorizationRequest;
use madoguchi::protocol::jose::sign;
use serde_json::{Value, json};

const TYPE: &str = "oauth-authz-req+jwt";

impl Counter {
    /// The claims of a right request object, with some replaced; `null` takes one away.
    pub fn object(&self, party: &Party, changes: &Value) -> Value {
        let now = self.now().seconds();
        let mut claims = json!({
            "iss": party.id, "client_id": party.id, "aud": ISSUER, "iat": now, "nbf": now, "exp": now + 300,
            "jti": handle(), "response_type": "code", "redirect_uri": REDIRECT_URI,
            "scope": "openid offline_access self_information", "state": "inside", "nonce": "n-inside",
            "code_challenge": CHALLENGE, "code_challenge_method": "S256", "authorization_details": details(),
        });
        for (name, value) in changes.as_object().unwrap() {
            claims.as_object_mut().unwrap().insert(name.clone(), value.clone());
        }
        claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        claims
    }

    /// A form with this request object and nothing else but the client's authentication.
    pub fn pushing(&self, party: &Party, object: String) -> Pairs<'static> {
        let mut pairs = self.authentication(party);
        pairs.extend([("client_id", party.id.to_owned()), ("request", object)]);
        pairs
    }

    async fn push_object(&self, changes: &Value) -> Reply {
        let object = sign(&self.bank.key, TYPE, &self.object(&self.bank, changes)).unwrap();
        self.post("/oauth/par", &self.pushing(&self.bank, object), None).await
    }

    async fn pushed_request(&self, reply: &Reply) -> AuthorizationRequest {
        assert_eq!(reply.status, 201, "{reply:?}");
        self.issuer.find_authorization("bank", &reply.text("request_uri")).await.unwrap().1
    }
}

#[actix_web::test]
async fn happy_flow_with_a_request_object() {
    let counter = Counter::open().await;
    counter.change_bank(|bank| bank.profile.messages.require_signed_request_object = true).await;
    let reply = counter.push_object(&json!({})).await;
    let request = counter.pushed_request(&reply).await;
    assert_eq!((request.state.as_deref(), request.nonce.as_deref()), (Some("inside"), Some("n-inside")));
    assert!(request.ask.is_some());
    let code = counter.agree(&counter.bank, &reply.text("request_uri")).await;
    let tokens = counter.token(&counter.bank, &counter.exchange(&counter.bank, &code)).await;
    assert_eq!(tokens.status, 200, "{tokens:?}");
}

#[actix_web::test]
async fn ensure_unsigned_request_at_par_endpoint_fails() {
    let counter = Counter::open().await;
    counter.change_bank(|bank| bank.profile.messages.require_signed_request_object = true).await;
    let reply = counter.post("/oauth/par", &counter.pushed(&counter.bank), None).await;
    assert_eq!(reply.error(), (400, "invalid_request"));
    assert!(reply.text("error_description").contains("request objects"));
    // The other client chose otherwise.
    assert_eq!(counter.post("/oauth/par", &counter.pushed(&counter.app), None).await.status, 201);
}

#[actix_web::test]
async fn ensure_request_object_with_invalid_signature_fails() {
    let counter = Counter::open().await;
    let object = sign(&counter.bank.key, TYPE, &counter.object(&counter.bank, &json!({}))).unwrap();
    let (head, signature) = object.rsplit_once('.').unwrap();
    let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
    bytes[40] ^= 0x5a;
    for bad in [format!("{head}.{}", URL_SAFE_NO_PAD.encode(&bytes)), format!("{head}."), head.to_owned()] {
        let reply = counter.post("/oauth/par", &counter.pushing(&counter.bank, bad), None).await;
        assert_eq!(reply.error(), (400, "invalid_request_object"));
    }
}

#[actix_web::test]
async fn ensure_request_object_signature_algorithm_is_not_none() {
    let counter = Counter::open().await;
    let claims = counter.object(&counter.bank, &json!({}));
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let unsigned = format!("{}.{}.", part(&json!({"alg": "none", "typ": TYPE})), part(&claims));
    let reply = counter.post("/oauth/par", &counter.pushing(&counter.bank, unsigned), None).await;
    assert_eq!(reply.error(), (400, "invalid_request_object"));
}

#[actix_web::test]
async fn ensure_matching_key_in_authorization_request() {
    let counter = Counter::open().await;
    let by_another = sign(&counter.app.key, TYPE, &counter.object(&counter.bank, &json!({}))).unwrap();
    let of_another = sign(&counter.app.key, TYPE, &counter.object(&counter.app, &json!({}))).unwrap();
    for bad in [by_another, of_another] {
        let reply = counter.post("/oauth/par", &counter.pushing(&counter.bank, bad), None).await;
        assert_eq!(reply.error(), (400, "invalid_request_object"));
    }
}

#[actix_web::test]
async fn wrong_claims_of_a_request_object() {
    let counter = Counter::open().await;
    let at = |seconds: i64| counter.now().seconds() + seconds;
    for (module, changes, code) in [
        ("ensure_request_object_with_bad_aud_fails", json!({"aud": "https://other.example"}), "invalid_request_object"),
        ("ensure_request_object_without_nbf_fails", json!({"nbf": null}), "invalid_request_object"),
        ("ensure_request_object_with_nbf_over_60_fails", json!({"nbf": at(-4200)}), "invalid_request_object"),
        ("ensure_request_object_without_exp_fails", json!({"exp": null}), "invalid_request_object"),
        ("ensure_request_object_with_exp_over_60_fails", json!({"exp": at(4200)}), "invalid_request_object"),
        ("ensure_expired_request_object_fails", json!({"exp": at(-300)}), "invalid_request_object"),
        ("nbf 61 s ahead", json!({"nbf": at(61)}), "invalid_request_object"),
        ("ensure_request_object_without_redirect_uri_fails", json!({"redirect_uri": null}), "invalid_request"),
        ("par_authorization_request_containing_request_uri", json!({"request_uri": "urn:x"}), "invalid_request_object"),
        ("par_ensure_pkce_required", json!({"code_challenge": null}), "invalid_request"),
        ("par_plain_pkce_rejected", json!({"code_challenge_method": "plain"}), "invalid_request"),
        (
            "ensure_response_type_code_idtoken_fails",
            json!({"response_type": "code id_token"}),
            "unsupported_response_type",
        ),
    ] {
        assert_eq!(counter.push_object(&changes).await.error(), (400, code), "{module}");
    }
    for (module, changes) in [
        ("ensure_request_object_with_multiple_aud_succeeds", json!({"aud": [ISSUER, "https://other.example"]})),
        ("ensure_request_object_with_nbf_8_seconds_in_the_future_is_accepted", json!({"nbf": at(8)})),
        ("ensure_authorization_request_without_state_success", json!({"state": null})),
    ] {
        assert_eq!(counter.push_object(&changes).await.status, 201, "{module}");
    }
}

/// RFC 9101 §5: what stands beside the object does not count, whether it differs or is missing inside.
#[actix_web::test]
async fn parameters_outside_the_request_object_are_not_used() {
    let counter = Counter::open().await;
    let beside = async |changes: Value| {
        let object = sign(&counter.bank.key, TYPE, &counter.object(&counter.bank, &changes)).unwrap();
        let mut pairs = counter.pushing(&counter.bank, object);
        for (name, value) in counter.pushed(&counter.bank) {
            if !pairs.iter().any(|(known, _)| *known == name) {
                pairs.push((name, value));
            }
        }
        let pairs = with(with(pairs, "state", Some("outside")), "nonce", Some("n-outside"));
        counter.post("/oauth/par", &with(pairs, "response_mode", Some("jwt")), None).await
    };
    // ensure-different-state-inside-and-outside-request-object, ensure-different-nonce-…
    let request = counter.pushed_request(&beside(json!({})).await).await;
    assert_eq!((request.state.as_deref(), request.nonce.as_deref()), (Some("inside"), Some("n-inside")));
    assert_eq!(request.response_mode, madoguchi::domain::profile::ResponseMode::Query);
    // state-only-outside-request-object-not-used
    let request = counter.pushed_request(&beside(json!({"state": null, "nonce": null})).await).await;
    assert_eq!((request.state, request.nonce), (None, None));
    // What only stands outside is missing, not filled in.
    assert_eq!(beside(json!({"redirect_uri": null})).await.error(), (400, "invalid_request"));
    assert_eq!(beside(json!({"code_challenge": null})).await.error(), (400, "invalid_request"));
}

#[actix_web::test]
async fn an_object_signed_with_another_alg_than_registered_is_refused() {
    let counter = Counter::open().await;
    counter.change_bank(|bank| bank.profile.messages.request_object_signing_alg = Some("PS256".into())).await;
    assert_eq!(counter.push_object(&json!({})).await.error(), (400, "invalid_request_object"));
    counter.change_bank(|bank| bank.profile.messages.request_object_signing_alg = Some("ES256".into())).await;
    assert_eq!(counter.push_object(&json!({})).await.status, 201);
}
