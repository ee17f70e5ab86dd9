//! Wrong keys, wrong tokens and wrong times, each with its own refusal.

use super::*;
use crate::domain::Timestamp;
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

fn parse(jwk: &Value) -> Result<PublicKey, JwkError> {
    RawJwk::deserialize(jwk).map_err(|_| JwkError::Malformed)?.parse()
}

fn ec() -> Value {
    Es256Signer::generate().unwrap().0.public_jwk().clone()
}

fn with(mut jwk: Value, name: &str, value: Value) -> Value {
    jwk[name] = value;
    jwk
}

#[test]
fn the_thumbprint_is_that_of_rfc_7638() {
    // RFC 7638 §3.1, and RFC 8037 §A.3.
    let rsa = json!({"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"PS256","kid":"2011-04-29"});
    assert_eq!(parse(&rsa).unwrap().thumbprint().to_string(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    let okp = json!({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
    assert_eq!(parse(&okp).unwrap().thumbprint().to_string(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

#[test]
fn a_key_that_is_private_weak_or_for_something_else_is_refused() {
    let small = "A".repeat(170) + "Q"; // 1024 bits with leading zero bytes; the first byte decides
    let weak = "_".repeat(172); // 1032 bits
    for (jwk, error) in [
        (with(ec(), "d", json!("AAAA")), JwkError::Private),
        (with(ec(), "p", json!(1)), JwkError::Private),
        (json!({"kty":"oct","k":"AAAA"}), JwkError::Private),
        (with(ec(), "use", json!("enc")), JwkError::Use),
        (with(ec(), "key_ops", json!(["sign"])), JwkError::Use),
        (with(ec(), "alg", json!("RS256")), JwkError::Kind),
        (with(ec(), "alg", json!("PS256")), JwkError::Kind),
        (with(ec(), "crv", json!("P-384")), JwkError::Kind),
        (with(ec(), "crv", json!("secp256k1")), JwkError::Kind),
        (with(ec(), "kty", json!("RSA")), JwkError::Kind),
        (with(ec(), "x", json!("AAAA")), JwkError::Malformed),
        (with(ec(), "x", json!("A".repeat(43))), JwkError::Malformed), // not on the curve
        (with(ec(), "x", json!("\"}")), JwkError::Malformed),
        (with(ec(), "x", json!(null)), JwkError::Malformed),
        (json!({"kty":"RSA","n":weak,"e":"AQAB"}), JwkError::Size),
        (json!({"kty":"RSA","n":small,"e":"AQAB"}), JwkError::Malformed),
        (json!({"kty":"RSA","n":"_".repeat(341) + "w","e":"Aw"}), JwkError::Size),
        (json!({"kty":"RSA","n":"_".repeat(683 * 2),"e":"AQAB"}), JwkError::Malformed),
        (json!({"crv":"P-256"}), JwkError::Malformed),
    ] {
        assert_eq!(parse(&jwk).unwrap_err(), error, "{jwk}");
    }
}

#[test]
fn a_set_passes_over_foreign_keys_and_tells_equal_kids_apart_by_kind() {
    let okp = json!({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"one"});
    let one = with(ec(), "kid", json!("one"));
    let decoy = with(with(ec(), "kid", json!("one")), "use", json!("enc"));
    let set = KeySet::parse(&json!({"keys":[decoy, okp, one]})).unwrap();
    assert_eq!(set.candidates(Some("one"), Algorithm::Es256).count(), 1);
    assert_eq!(set.candidates(Some("one"), Algorithm::EdDsa).count(), 1);
    assert_eq!(set.candidates(Some("two"), Algorithm::Es256).count(), 0);
    assert_eq!(set.candidates(None, Algorithm::Es256).count(), 1);
    for bad in [
        json!({}),
        json!({"keys": []}),
        json!({"keys": [decoy]}),
        json!({"keys": [one, with(ec(), "d", json!("AA"))]}),
        json!({"keys": vec![one.clone(); 17]}),
        json!([one]),
    ] {
        assert!(KeySet::parse(&bad).is_err(), "{bad}");
    }
}

#[test]
fn our_own_keys_are_found_by_kid_and_never_share_one() {
    let (first, second) = (ec(), ec());
    let keys = PublishedKeys::default();
    keys.replace(&[first.clone(), second.clone()]).unwrap();
    assert!(keys.find(first["kid"].as_str().unwrap()).is_some());
    assert_eq!(serde_json::from_str::<Value>(&keys.json()).unwrap()["keys"][1], second);
    assert!(keys.replace(&[first.clone(), with(second, "kid", first["kid"].clone())]).is_err());
    assert!(keys.find(first["kid"].as_str().unwrap()).is_some());
}

/// Verifies as every caller here does: header rules, then the signature.
fn check(token: &str, types: &[&str], key: &PublicKey) -> Result<(), JoseError> {
    let parts = Compact::split(token)?;
    let header = decode_part(parts.header)?;
    let alg = read::<Header<'_>>(&header)?.check(types)?;
    parts.verify(alg, key)
}

#[test]
fn only_the_expected_type_and_algorithm_pass() {
    let (signer, document) = Es256Signer::generate().unwrap();
    let key = parse(signer.public_jwk()).unwrap();
    let token = sign(&signer, "x+jwt", &json!({"a": 1})).unwrap();
    assert_eq!(check(&token, &["x+jwt"], &key), Ok(()));
    assert_eq!(check(&token, &["y+jwt", ""], &key), Err(JoseError::Type));
    let again = Es256Signer::from_pkcs8(document.expose()).unwrap();
    assert_eq!(again.kid(), signer.kid());
    let resigned = |header: &str, claims: &str| {
        use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = URL_SAFE_NO_PAD.encode(signer.sign(message.as_bytes()).unwrap());
        format!("{message}.{signature}")
    };
    for (header, error) in [
        (r#"{"alg":"none","typ":"x+jwt"}"#, JoseError::Algorithm),
        (r#"{"alg":"RS256","typ":"x+jwt"}"#, JoseError::Algorithm),
        (r#"{"alg":"HS256","typ":"x+jwt"}"#, JoseError::Algorithm),
        (r#"{"alg":"es256","typ":"x+jwt"}"#, JoseError::Algorithm),
        (r#"{"alg":"PS256","typ":"x+jwt"}"#, JoseError::Algorithm),
        (r#"{"alg":"ES256"}"#, JoseError::Type),
        (r#"{"alg":"ES256","typ":"x+jwt","crit":["b64"],"b64":false}"#, JoseError::Critical),
        (r#"{"alg":"ES256","typ":"x+jwt","crit":null}"#, JoseError::Critical),
        (r#"{"alg":"ES256","typ":"x+jwt","alg":"ES256"}"#, JoseError::Malformed),
        (r#"{"typ":"x+jwt"}"#, JoseError::Malformed),
        (r#"["x+jwt","ES256"]"#, JoseError::Malformed),
        ("", JoseError::Malformed),
    ] {
        assert_eq!(check(&resigned(header, "{}"), &["x+jwt"], &key), Err(error), "{header}");
    }
}

#[test]
fn a_changed_or_misshapen_token_is_refused() {
    let (signer, _) = Es256Signer::generate().unwrap();
    let key = parse(signer.public_jwk()).unwrap();
    let token = sign(&signer, "x+jwt", &json!({"a": 1})).unwrap();
    let other = sign(&signer, "x+jwt", &json!({"a": 2})).unwrap();
    let (head, _) = token.rsplit_once('.').unwrap();
    let (_, foreign) = other.rsplit_once('.').unwrap();
    for bad in [
        format!("{head}.{foreign}"),
        format!("{head}."),
        head.to_owned(),
        format!("{token}A"),
        format!("{token}=="),
        format!("{token}.x"),
        String::new(),
        "..".to_owned(),
        "x".repeat(20_000),
    ] {
        assert!(check(&bad, &["x+jwt"], &key).is_err(), "{bad}");
    }
}

#[test]
fn jsonwebtoken_accepts_what_we_sign_and_we_accept_what_it_signs() {
    let (signer, document) = Es256Signer::generate().unwrap();
    let token = sign(&signer, "x+jwt", &json!({"exp": 4_102_444_800_u64})).unwrap();
    let jwk: jsonwebtoken::jwk::Jwk = serde_json::from_value(signer.public_jwk().clone()).unwrap();
    let theirs = jsonwebtoken::DecodingKey::from_jwk(&jwk).unwrap();
    let validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::ES256);
    assert!(jsonwebtoken::decode::<Value>(&token, &theirs, &validation).is_ok());
    let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::ES256);
    header.typ = Some("x+jwt".into());
    let key = jsonwebtoken::EncodingKey::from_ec_der(document.expose());
    let token = jsonwebtoken::encode(&header, &json!({}), &key).unwrap();
    assert_eq!(check(&token, &["x+jwt"], &parse(signer.public_jwk()).unwrap()), Ok(()));
}

#[test]
fn ps256_and_eddsa_verify_too() {
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair, RSA_PSS_SHA256, RsaKeyPair};
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let pair = Ed25519KeyPair::generate().unwrap();
    let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
    let key = parse(&json!({"kty":"OKP","crv":"Ed25519","x":x,"alg":"EdDSA"})).unwrap();
    assert!(key.verifies(b"m", &URL_SAFE_NO_PAD.encode(pair.sign(b"m"))));
    assert!(!key.verifies(b"n", &URL_SAFE_NO_PAD.encode(pair.sign(b"m"))));

    let pair = RsaKeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
    let n = URL_SAFE_NO_PAD.encode(pair.public_key().modulus().big_endian_without_leading_zero());
    let key = parse(&json!({"kty":"RSA","n":n,"e":"AQAB"})).unwrap();
    let mut signature = vec![0; 256];
    pair.sign(&RSA_PSS_SHA256, &aws_lc_rs::rand::SystemRandom::new(), b"m", &mut signature).unwrap();
    assert!(key.verifies(b"m", &URL_SAFE_NO_PAD.encode(&signature)));
    // The same key with PKCS#1 v1.5 padding (RS256) is refused.
    let old = &aws_lc_rs::signature::RSA_PKCS1_SHA256;
    pair.sign(old, &aws_lc_rs::rand::SystemRandom::new(), b"m", &mut signature).unwrap();
    assert!(!key.verifies(b"m", &URL_SAFE_NO_PAD.encode(&signature)));
}

const NOW: i64 = 1_800_000_000;
const WINDOW: Window = Window {
    ahead: Duration::from_secs(10),
    oldest: Duration::from_mins(5),
    grace: Duration::ZERO,
    longest: Some(Duration::from_mins(5)),
    iat: Presence::Optional,
    exp: Presence::Required,
};

#[expect(clippy::cast_precision_loss, reason = "a test's seconds are small")]
fn at(offset: i64) -> f64 {
    (NOW + offset) as f64
}

#[test]
fn times_that_are_no_dates_are_malformed() {
    for bad in [Some(-1.0), Some(1e300), Some(f64::from(u32::MAX) * 1000.0), None] {
        let times = Times { exp: bad, ..Times::default() };
        assert_eq!(WINDOW.check(times, Timestamp::from_seconds(NOW)).unwrap_err(), JoseError::Malformed, "{bad:?}");
    }
}

proptest! {
    /// FAPI 2.0 SP §5.3.2.1-13: 0 to 10 s ahead is accepted, over 60 s never.
    #[test]
    fn starts_ahead_are_accepted_to_ten_seconds(offset in -120_i64..=120, is_nbf: bool) {
        let mut times = Times { exp: Some(at(60)), ..Times::default() };
        if is_nbf { times.nbf = Some(at(offset)) } else { times.iat = Some(at(offset)) }
        prop_assert_eq!(WINDOW.check(times, Timestamp::from_seconds(NOW)).is_ok(), offset <= 10);
    }

    #[test]
    fn ends_are_accepted_from_now_to_the_longest_life(offset in -1000_i64..=1000) {
        let times = Times { exp: Some(at(offset)), ..Times::default() };
        let result = WINDOW.check(times, Timestamp::from_seconds(NOW));
        prop_assert_eq!(result.is_ok(), offset > 0 && offset <= 300);
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,200}") {
        let _ = Compact::split(&text).map(|parts| decode_part(parts.header).map(|h| read::<Header<'_>>(&h).is_ok()));
        let _ = Jkt::parse(&text);
    }
}

#[test]
fn a_member_that_nobody_reads_is_utf_8_too() {
    #[derive(Debug, Deserialize)]
    struct Known {
        #[serde(rename = "known")]
        _known: u8,
    }
    assert!(read::<Known>(br#"{"known": 1, "other": "a"}"#).is_ok());
    assert_eq!(read::<Known>(b"{\"known\": 1, \"other\": \"\x88\"}").unwrap_err(), JoseError::Malformed);
}
