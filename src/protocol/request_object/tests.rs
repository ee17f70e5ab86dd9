//! Request objects, wrong in each way.

use super::*;
use crate::domain::client::{ClientClass, ClientStatus, Contact};
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::ids::ClientId;
use crate::domain::profile::ClientProfile;
use crate::domain::scope::ScopeSet;
use crate::domain::words::Words;
use crate::protocol::jose::{Es256Signer, Signer, sign};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use proptest::prelude::*;
use serde_json::{Value, json};

const ISSUER: &str = "https://madoguchi.example";
const NOW: i64 = 1_800_000_000;

fn client() -> Client {
    let words = || Words { ja: "銀行".into(), en: "bank".into() };
    Client {
        id: ClientId::parse("bank").unwrap(),
        class: ClientClass::Bank,
        status: ClientStatus::Production,
        name: words(),
        corporate_number: CorporateNumber::parse("7000012050002").unwrap(),
        contact: Contact { email: "desk@bank.example".into(), phone: "0".into() },
        redirect_uris: vec!["https://bank.example/cb".into()],
        jwks: json!({"keys": []}),
        scope: ScopeSet::parse("openid").unwrap(),
        purposes: vec![],
        rate_plan: "standard".into(),
        dpop_nonce_required: false,
        sector: "bank.example".into(),
        profile: ClientProfile::default(),
    }
}

fn key() -> Es256Signer {
    Es256Signer::generate().unwrap().0
}

fn right() -> Value {
    json!({
        "iss": "bank", "client_id": "bank", "aud": ISSUER, "nbf": NOW, "exp": NOW + 300, "iat": NOW, "jti": "1",
        "response_type": "code", "state": "s", "max_age": 30, "prompt": null,
        "authorization_details": [{"type": "self_information"}]
    })
}

fn with(changes: &Value) -> Value {
    let mut claims = right();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::String(text) if text == "-" => drop(claims.as_object_mut().unwrap().remove(name)),
            value => drop(claims.as_object_mut().unwrap().insert(name.clone(), value.clone())),
        }
    }
    claims
}

fn open_with(key: &Es256Signer, token: &str, client: &Client) -> Result<Form, Refusal> {
    let keys = KeySet::parse(&json!({"keys": [key.public_jwk()]})).unwrap();
    let (decrypters, now) = (&Decrypters::default(), Timestamp::from_seconds(NOW));
    open(token, &Expected { client, keys: &keys, decrypters, issuer: ISSUER, now })
}

#[test]
fn its_members_become_the_parameters() {
    let key = key();
    for typ in ["oauth-authz-req+jwt", "OAuth-Authz-Req+JWT", "JWT", ""] {
        let form = open_with(&key, &sign(&key, typ, &right()).unwrap(), &client()).unwrap();
        assert_eq!((form.get("state"), form.get("max_age"), form.get("prompt")), (Some("s"), Some("30"), None));
        assert_eq!(form.get("authorization_details"), Some(r#"[{"type":"self_information"}]"#));
        assert_eq!((form.get("iss"), form.get("aud"), form.get("exp")), (None, None, None));
    }
}

#[test]
fn ensure_request_object_with_multiple_aud_succeeds() {
    let (key, claims) = (key(), with(&json!({"aud": ["https://other.example", ISSUER]})));
    assert!(open_with(&key, &sign(&key, "JWT", &claims).unwrap(), &client()).is_ok());
}

#[test]
fn a_wrong_claim_refuses_the_object() {
    let key = key();
    for changes in [
        json!({"iss": "-"}),
        json!({"iss": "other"}),
        json!({"client_id": "-"}),
        json!({"client_id": "other"}),
        json!({"sub": "bank"}),
        json!({"aud": "-"}),
        json!({"aud": "https://other.example"}),
        json!({"aud": format!("{ISSUER}/")}),
        json!({"aud": ["https://other.example"]}),
        json!({"aud": []}),
        json!({"aud": {ISSUER: 1}}),
        json!({"nbf": "-"}),
        json!({"exp": "-"}),
        json!({"nbf": "1"}),
        json!({"request_uri": "urn:x"}),
        json!({"request": "e30.e30."}),
        json!({"iss": ["bank"]}),
    ] {
        let refusal = open_with(&key, &sign(&key, "JWT", &with(&changes)).unwrap(), &client()).unwrap_err();
        assert_eq!((refusal.code, refusal.pointer.as_deref()), (INVALID_REQUEST_OBJECT, Some("request")), "{changes}");
    }
}

/// Message Signing §5.3.1-3 and -4, FAPI 2.0 SP §5.3.2.1-13.
#[test]
fn its_times_have_an_hour() {
    let key = key();
    for (nbf, exp, is_right) in [
        (0, 1, true),
        (0, 0, false),
        (0, -300, false),
        (-3600, 1, false),
        (-3599, 1, true),
        (-3601, -1, false),
        (-4200, 60, false),
        (-3600, 0, false),
        (0, 3600, true),
        (0, 3601, false),
        (0, 4200, false),
        (8, 300, true),
        (10, 300, true),
        (15, 300, true),
        (16, 300, false),
        (61, 300, false),
        (120, 300, false),
        (10, 3610, true),
    ] {
        let claims = with(&json!({"nbf": NOW + nbf, "exp": NOW + exp, "iat": "-"}));
        let opened = open_with(&key, &sign(&key, "JWT", &claims).unwrap(), &client());
        assert_eq!(opened.is_ok(), is_right, "nbf {nbf} exp {exp}: {opened:?}");
    }
}

#[test]
fn a_wrong_header_or_signature_refuses_the_object() {
    let (signer, other) = (key(), key());
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = |header: Value, by: &Es256Signer| {
        let text = format!("{}.{}", part(&header), part(&right()));
        let signature = URL_SAFE_NO_PAD.encode(by.sign(text.as_bytes()).unwrap());
        format!("{text}.{signature}")
    };
    assert!(open_with(&signer, &signed(json!({"alg": "ES256"}), &signer), &client()).is_ok());
    for bad in [
        signed(json!({"alg": "ES256"}), &other),
        signed(json!({"alg": "ES256", "kid": "unknown"}), &signer),
        signed(json!({"alg": "none"}), &signer),
        format!("{}.{}.", part(&json!({"alg": "none"})), part(&right())),
        signed(json!({"alg": "RS256"}), &signer),
        signed(json!({"alg": "PS256"}), &signer),
        signed(json!({"alg": "HS256"}), &signer),
        signed(json!({"alg": "ES256", "crit": ["x"]}), &signer),
        signed(json!({"alg": "ES256", "typ": "at+jwt"}), &signer),
        signed(json!({"alg": "ES256", "typ": "dpop+jwt"}), &signer),
        "x".into(),
        "..".into(),
        "e30.e30.".into(),
        format!("{}.e30.x", "A".repeat(70_000)),
    ] {
        assert_eq!(open_with(&signer, &bad, &client()).unwrap_err().code, INVALID_REQUEST_OBJECT, "{bad:.60}");
    }
    // The registered alg is the only one (RFC 9101 §10.5, OpenID Connect Registration §2).
    let mut strict = client();
    strict.profile.messages.request_object_signing_alg = Some("PS256".into());
    assert!(open_with(&signer, &signed(json!({"alg": "ES256"}), &signer), &strict).is_err());
    strict.profile.messages.request_object_signing_alg = Some("ES256".into());
    assert!(open_with(&signer, &signed(json!({"alg": "ES256"}), &signer), &strict).is_ok());
}

#[test]
fn a_doubled_member_refuses_the_object() {
    let signer = key();
    for doubled in
        [r#""state":"a","state":"b""#, r#""x":1,"x":1"#, r#""nbf":1,"nbf":2"#, r#""state":"a","\u0073tate":"b""#]
    {
        let claims = right().to_string();
        let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256"}"#), {
            let body = claims.replace(r#""state":"s""#, doubled);
            URL_SAFE_NO_PAD.encode(body)
        });
        let token = format!("{text}.{}", URL_SAFE_NO_PAD.encode(signer.sign(text.as_bytes()).unwrap()));
        assert_eq!(open_with(&signer, &token, &client()).unwrap_err().code, INVALID_REQUEST_OBJECT, "{doubled}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(token in "[A-Za-z0-9_.-]{0,200}") {
        let signer = key();
        prop_assert!(open_with(&signer, &token, &client()).is_err());
    }
}
