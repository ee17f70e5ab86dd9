//! Assertions that are wrong in one way each, and those that are right.

use super::super::jose::{Es256Signer, sign};
use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

const NOW: i64 = 1_800_000_000;
const ISSUER: &str = "https://madoguchi.example";

fn claims() -> Value {
    json!({"iss": "bank", "sub": "bank", "aud": ISSUER, "jti": "1", "iat": NOW, "exp": NOW + 60})
}

fn edited(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims.as_object_mut().unwrap().retain(|_, v| *v != json!("(none)"));
    claims
}

fn check(signer: &Es256Signer, typ: &str, claims: &Value) -> Result<VerifiedAssertion, Refusal> {
    let keys = KeySet::parse(&json!({"keys": [signer.public_jwk()]})).unwrap();
    let assertion = sign(signer, typ, claims).unwrap();
    check_form(&keys, &format!("client_id=bank&client_assertion_type={ASSERTION_TYPE}&client_assertion={assertion}"))
}

fn check_form(keys: &KeySet, body: &str) -> Result<VerifiedAssertion, Refusal> {
    let form = Form::parse(body.as_bytes()).unwrap();
    let claimed = ClaimedClient::find(&form)?;
    claimed.verify(keys, ISSUER, Timestamp::from_seconds(NOW))
}

#[test]
fn ensure_client_assertion_in_token_endpoint() {
    let (signer, _) = Es256Signer::generate().unwrap();
    for typ in ["JWT", "", "client-authentication+jwt"] {
        let verified = check(&signer, typ, &claims()).unwrap();
        assert_eq!(verified.expires_at, Timestamp::from_seconds(NOW + 60));
    }
    let (one, two) = (edited("jti", json!("1")), edited("jti", json!("2")));
    assert_ne!(check(&signer, "JWT", &one).unwrap().mark, check(&signer, "JWT", &two).unwrap().mark);
    let keys = KeySet::parse(&json!({"keys": [signer.public_jwk()]})).unwrap();
    let assertion = sign(&signer, "JWT", &claims()).unwrap();
    for bad in [
        String::new(),
        "client_id=bank&client_secret=x".to_owned(),
        format!("client_assertion={assertion}"),
        format!("client_assertion_type=x&client_assertion={assertion}"),
        format!("client_assertion_type={ASSERTION_TYPE}"),
        format!("client_assertion_type={ASSERTION_TYPE}&client_assertion=x"),
        format!("client_assertion_type={ASSERTION_TYPE}&client_assertion={assertion}&client_id=other"),
        format!("client_assertion_type={ASSERTION_TYPE}&client_assertion={assertion}&client_secret=x"),
    ] {
        assert_eq!(check_form(&keys, &bad).unwrap_err().code, INVALID_CLIENT, "{bad}");
    }
}

#[test]
fn a_wrong_assertion_is_refused() {
    let (signer, _) = Es256Signer::generate().unwrap();
    for (name, value) in [
        ("aud", json!("https://other.example")),
        ("aud", json!("https://madoguchi.example/")),
        ("aud", json!("https://madoguchi.example/oauth/token")),
        ("aud", json!("https://madoguchi.example/oauth/par")),
        ("aud", json!([ISSUER])),
        ("aud", json!([ISSUER, "https://other.example"])),
        ("aud", json!(null)),
        ("aud", json!("(none)")),
        ("iss", json!("(none)")),
        ("iss", json!("other")),
        ("sub", json!("(none)")),
        ("sub", json!("other")),
        ("sub", json!(1)),
        ("jti", json!("(none)")),
        ("jti", json!("")),
        ("jti", json!("x".repeat(257))),
        ("exp", json!("(none)")),
        ("exp", json!(NOW)),
        ("exp", json!(NOW - 300)),
        ("exp", json!(NOW + 3600)),
        ("exp", json!("soon")),
        ("iat", json!(NOW + 61)),
        ("nbf", json!(NOW + 61)),
        ("iat", json!(NOW - 3600)),
    ] {
        let refusal = check(&signer, "JWT", &edited(name, value.clone())).expect_err(name);
        assert_eq!(refusal.code, INVALID_CLIENT, "{name} = {value}");
    }
    for typ in ["at+jwt", "dpop+jwt", "oauth-authz-req+jwt"] {
        assert!(check(&signer, typ, &claims()).is_err(), "{typ}");
    }
    let (other, _) = Es256Signer::generate().unwrap();
    let keys = KeySet::parse(&json!({"keys": [other.public_jwk()]})).unwrap();
    let assertion = sign(&signer, "JWT", &claims()).unwrap();
    let body = format!("client_assertion_type={ASSERTION_TYPE}&client_assertion={assertion}");
    assert!(check_form(&keys, &body).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn par_ensure_jwt_client_assertions_nbf_8_seconds_in_the_future_is_accepted(offset in -120_i64..=120) {
        let (signer, _) = Es256Signer::generate().unwrap();
        let result = check(&signer, "JWT", &edited("nbf", json!(NOW + offset)));
        prop_assert!(offset > 10 || result.is_ok());
        prop_assert!(offset <= 60 || result.is_err());
    }
}
