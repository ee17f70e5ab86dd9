//! Each check of RFC 9449 §4.3 by a proof that fails it alone.

use super::*;
use crate::domain::sealed::MasterKey;
use crate::protocol::jose::{Es256Signer, Signer};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use proptest::prelude::*;
use serde_json::{Value, json};

const NOW: i64 = 1_800_000_000;
const URI: &str = "https://madoguchi.example/v1/consent";

fn context(token: Option<&str>) -> ProofContext<'_> {
    ProofContext { method: "GET", uri: URI, access_token: token, now: Timestamp::from_seconds(NOW) }
}

fn public(signer: &Es256Signer) -> Value {
    let mut jwk = signer.public_jwk().clone();
    jwk.as_object_mut().unwrap().retain(|name, _| matches!(name.as_str(), "kty" | "crv" | "x" | "y"));
    jwk
}

fn compact(signer: &Es256Signer, header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let signature = signer.sign(message.as_bytes()).unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn header(signer: &Es256Signer) -> Value {
    json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": public(signer)})
}

fn claims() -> Value {
    json!({"jti": "1", "htm": "GET", "htu": URI, "iat": NOW, "ath": Digest::of("token").base64url()})
}

fn edited(mut value: Value, name: &str, new: Value) -> Value {
    if new == json!("(none)") {
        value.as_object_mut().unwrap().remove(name);
    } else {
        value[name] = new;
    }
    value
}

#[test]
fn dpop_negative_tests_of_the_header() {
    use DpopCause as C;
    let (signer, _) = Es256Signer::generate().unwrap();
    let (other, _) = Es256Signer::generate().unwrap();
    let verifier = Verifier::default();
    let right = compact(&signer, &header(&signer), &claims());
    assert!(verifier.verify(&right, &context(Some("token"))).is_ok());
    let cause = |proof: &str| verifier.verify(proof, &context(Some("token"))).map_err(|error| error.cause);
    let none = json!("(none)");
    let mut private = public(&signer);
    private["d"] = json!("AAAA");
    let small = json!({"kty": "RSA", "e": "AQAB", "n": "A".repeat(171)});
    for (name, value, expected) in [
        ("typ", none.clone(), C::Typ),
        ("typ", json!("JWT"), C::Typ),
        ("typ", json!("at+jwt"), C::Typ),
        ("typ", json!(1), C::Malformed),
        ("alg", none.clone(), C::Alg),
        ("alg", json!(null), C::Alg),
        ("alg", json!("none"), C::Alg),
        ("alg", json!("HS256"), C::Alg),
        ("alg", json!("RS256"), C::Alg),
        ("alg", json!("PS256"), C::Alg),
        ("jwk", none.clone(), C::Jwk),
        ("jwk", json!("x"), C::Jwk),
        ("jwk", small, C::Jwk),
        ("jwk", public(&other), C::Signature),
        ("jwk", private, C::PrivateKey),
        ("jwk", json!({"kty": "oct", "k": "AAAA"}), C::PrivateKey),
        ("crit", json!(["x"]), C::Crit),
    ] {
        let proof = compact(&signer, &edited(header(&signer), name, value.clone()), &claims());
        assert_eq!(cause(&proof), Err(expected), "{name} = {value}");
    }
    let (head, _) = right.rsplit_once('.').unwrap();
    for bad in ["", "a.b", "a.b.c", head, &"x".repeat(5000), &format!("{right}\n")] {
        assert!(verifier.verify(bad, &context(Some("token"))).is_err(), "{bad}");
    }
}

#[test]
fn dpop_negative_tests_of_claims() {
    use DpopCause as C;
    let (signer, _) = Es256Signer::generate().unwrap();
    let verifier = Verifier::default();
    let cause = |proof: &str| verifier.verify(proof, &context(Some("token"))).map_err(|error| error.cause);
    let none = json!("(none)");
    for (name, value, expected) in [
        ("jti", none.clone(), C::Jti),
        ("jti", json!(""), C::Jti),
        ("jti", json!("x".repeat(257)), C::Jti),
        ("jti", json!(1), C::Malformed),
        ("htm", none.clone(), C::Method),
        ("htm", json!("POST"), C::Method),
        ("htm", json!("get"), C::Method),
        ("htu", none.clone(), C::Uri),
        ("htu", json!("https://madoguchi.example/v1/other"), C::Uri),
        ("htu", json!("http://madoguchi.example/v1/consent"), C::Uri),
        ("htu", json!("https://madoguchi.example:8443/v1/consent"), C::Uri),
        ("htu", json!("https://other.example/v1/consent"), C::Uri),
        ("htu", json!("https://u:p@madoguchi.example/v1/consent"), C::Uri),
        ("htu", json!("/v1/consent"), C::Uri),
        ("iat", none.clone(), C::Time),
        ("iat", json!("1800000000"), C::Malformed),
        ("iat", json!(-1), C::Time),
        ("iat", json!(NOW - 3600), C::Time),
        ("iat", json!(NOW + 3600), C::Time),
        ("nbf", json!(NOW + 3600), C::Time),
        ("exp", json!(NOW - 3600), C::Time),
        ("ath", none, C::Ath),
        ("ath", json!(Digest::of("another").base64url()), C::Ath),
    ] {
        let proof = compact(&signer, &header(&signer), &edited(claims(), name, value.clone()));
        assert_eq!(cause(&proof), Err(expected), "{name} = {value}");
    }
}

#[test]
fn what_is_told_of_a_wrong_time_is_how_far_off_it_is() {
    let (signer, _) = Es256Signer::generate().unwrap();
    let proof = compact(&signer, &header(&signer), &edited(claims(), "iat", json!(NOW - 3600)));
    let error = Verifier::default().verify(&proof, &context(Some("token"))).unwrap_err();
    let words = "dpop_error=time: the DPoP proof has iat -3600 s from our clock: it may be 60 s old and 15 s ahead, and nbf \
                 and exp must allow it";
    assert_eq!(error.to_string(), words);
}

#[test]
fn a_proof_is_accepted_in_every_honest_form() {
    let (signer, _) = Es256Signer::generate().unwrap();
    let verifier = Verifier::default();
    for (name, value) in [
        ("htu", json!("https://madoguchi.example/v1/consent?x=1#y")),
        ("htu", json!("HTTPS://Madoguchi.EXAMPLE:443/v1/consent")),
        ("iat", json!(NOW - 10)),
        ("iat", json!(NOW + 10)),
        ("exp", json!(NOW + 300)),
        ("unknown", json!({"extra": true})),
        ("nonce", json!("abc")),
    ] {
        let proof = compact(&signer, &header(&signer), &edited(claims(), name, value.clone()));
        let result = verifier.verify(&proof, &context(Some("token"))).expect(name);
        assert_eq!(result.jkt.to_string(), signer.kid(), "{value}");
    }
    // At the token endpoint there is no access token, and `ath` does not matter.
    let proof = compact(&signer, &header(&signer), &edited(claims(), "ath", json!("(none)")));
    assert!(verifier.verify(&proof, &context(None)).is_ok());
    // Some writers escape every slash.
    let escaped = claims().to_string().replace('/', "\\/");
    let message =
        format!("{}.{}", URL_SAFE_NO_PAD.encode(header(&signer).to_string()), URL_SAFE_NO_PAD.encode(escaped));
    let signature = URL_SAFE_NO_PAD.encode(signer.sign(message.as_bytes()).unwrap());
    assert!(verifier.verify(&format!("{message}.{signature}"), &context(Some("token"))).is_ok());
}

#[test]
fn the_mark_is_of_key_and_id() {
    let (one, _) = Es256Signer::generate().unwrap();
    let (two, _) = Es256Signer::generate().unwrap();
    let verifier = Verifier::default();
    let mark = |signer: &Es256Signer, id: &str| {
        let proof = compact(signer, &header(signer), &edited(claims(), "jti", json!(id)));
        verifier.verify(&proof, &context(Some("token"))).unwrap().mark
    };
    assert_eq!(mark(&one, "a"), mark(&one, "a"));
    assert_ne!(mark(&one, "a"), mark(&one, "b"));
    assert_ne!(mark(&one, "a"), mark(&two, "a"));
}

#[test]
fn a_proof_that_may_have_been_forgotten_must_show_a_nonce_made_since() {
    let nonces = Nonces::new(&MasterKey::new([1; 32])).unwrap();
    let now = Timestamp::from_seconds(NOW);
    let proof = |age: u64, nonce: Option<String>| Proof {
        jkt: Jkt::parse(&"A".repeat(43)).unwrap(),
        mark: Digest::of("x"),
        expires_at: now,
        issued_at: now.minus(Duration::from_secs(age)),
        nonce,
    };
    let rule = |is_required, since: u64| NonceRule {
        nonces: &nonces,
        is_required,
        remembers_since: now.minus(Duration::from_secs(since)),
        now,
    };
    let fresh = Some(nonces.issue(now));
    let old = Some(nonces.issue(now.minus(Duration::from_secs(40))));
    for (name, rule, proof, is_right) in [
        ("long after the start", rule(false, 3600), proof(1, None), true),
        ("an unknown nonce that nobody asked for", rule(false, 3600), proof(1, Some("x".into())), true),
        ("required and missing", rule(true, 3600), proof(1, None), false),
        ("required and there", rule(true, 3600), proof(1, fresh.clone()), true),
        ("required and not ours", rule(true, 3600), proof(1, Some("x".into())), false),
        ("made before the restart", rule(false, 30), proof(31, None), false),
        ("dated a little ahead of the restart", rule(false, 30), proof(16, None), false),
        ("made surely after", rule(false, 30), proof(14, None), true),
        ("nonce from before the restart", rule(false, 30), proof(20, old), false),
        ("nonce from after the restart", rule(false, 30), proof(20, fresh), true),
    ] {
        assert_eq!(rule.accepts(&proof), is_right, "{name}");
    }
}

proptest! {
    #[test]
    fn ensure_dpopproof_with_iat_10seconds_before_and_after_succeeds(offset in -120_i64..=120) {
        let claims: Claims<'_> = Claims {
            jti: Some("1".into()), htm: Some("GET".into()), htu: Some(URI.into()), ath: None, nonce: None,
            iat: Some(f64::from(i32::try_from(NOW + offset).unwrap())), nbf: None, exp: None,
        };
        let is_ok = claims.check(&context(None)).is_ok();
        prop_assert_eq!(is_ok, (-60..=15).contains(&offset));
    }

    #[test]
    fn no_text_makes_the_verifier_panic(text in "\\PC{0,300}") {
        prop_assert!(Verifier::default().verify(&text, &context(None)).is_err());
    }
}
