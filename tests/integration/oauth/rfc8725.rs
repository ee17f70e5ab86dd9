//! JSON Web Token Best Current Practices (RFC 8725): keys chosen rightly among decoys, and never used for anything else.

use super::counter::{Counter, handle, with};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PSS_SHA256};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use madoguchi::issuer::check_registration;
use madoguchi::protocol::client_assertion::ASSERTION_TYPE;
use madoguchi::protocol::jose::jwe::{Decrypter as _, EcdhEsDecrypter};
use madoguchi::protocol::jose::{Es256Signer, Signer as _};
use serde_json::{Value, json};

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// A token of this header and these claims, signed by whatever `sign` does.
fn token(header: &Value, claims: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let message = format!("{}.{}", part(header), part(claims));
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(sign(message.as_bytes())))
}

fn with_kid(jwk: &Value, kid: &str) -> Value {
    let mut jwk = jwk.clone();
    jwk["kid"] = json!(kid);
    jwk
}

fn rsa_jwk(pair: &KeyPair) -> Value {
    let n = URL_SAFE_NO_PAD.encode(pair.public_key().modulus().big_endian_without_leading_zero());
    json!({"kty": "RSA", "n": n, "e": "AQAB", "use": "sig"})
}

fn signed_by(pair: &KeyPair, message: &[u8]) -> Vec<u8> {
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(&RSA_PSS_SHA256, &SystemRandom::new(), message, &mut signature).unwrap();
    signature
}

impl Counter {
    fn claims_of_bank(&self) -> Value {
        let now = self.now().seconds();
        json!({"iss": "bank", "sub": "bank", "aud": super::counter::ISSUER, "jti": handle(), "iat": now, "exp": now + 60})
    }

    /// Pushes with this assertion; gives the status and the error.
    async fn push_by(&self, assertion: &str) -> (u16, String) {
        let pairs = with(self.pushed(&self.bank), "client_assertion", Some(assertion));
        let pairs = with(pairs, "client_assertion_type", Some(ASSERTION_TYPE));
        let reply = self.post("/oauth/par", &pairs, None).await;
        (reply.status, reply.error().1.to_owned())
    }
}

/// FAPI 2.0 SP §5.4.3: the suite puts keys of other kinds and uses under the same kid beside the right one.
#[actix_web::test]
async fn the_right_key_is_found_among_decoys_of_the_same_kid() {
    let counter = Counter::open().await;
    let rsa = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let encryption = EcdhEsDecrypter::from_pkcs8(EcdhEsDecrypter::generate().unwrap().expose()).unwrap();
    let another = Es256Signer::generate().unwrap().0;
    let decoys = json!({"keys": [
        with_kid(encryption.public_jwk(), "k"),
        {"kty": "EC", "crv": "P-384", "kid": "k", "use": "sig", "x": "AA", "y": "AA"},
        {"kty": "OKP", "crv": "X25519", "kid": "k", "use": "enc", "x": "AA"},
        with_kid(another.public_jwk(), "k"),
        with_kid(&rsa_jwk(&rsa), "k"),
        with_kid(counter.bank.key.public_jwk(), "k"),
    ]});
    counter.change_bank(|bank| bank.jwks = decoys).await;
    let (header, claims) = (json!({"alg": "ES256", "kid": "k"}), || counter.claims_of_bank());
    let by_bank = |message: &[u8]| counter.bank.key.sign(message).unwrap();
    assert_eq!(counter.push_by(&token(&header, &claims(), by_bank)).await.0, 201);
    let by_rsa = token(&json!({"alg": "PS256", "kid": "k"}), &claims(), |message| signed_by(&rsa, message));
    assert_eq!(counter.push_by(&by_rsa).await.0, 201, "the other key of that kid, by its own algorithm");
    for bad in [
        token(&json!({"alg": "PS256", "kid": "k"}), &claims(), by_bank),
        token(&json!({"alg": "EdDSA", "kid": "k"}), &claims(), by_bank),
        token(&json!({"alg": "ES256", "kid": "k"}), &claims(), |message| signed_by(&rsa, message)),
        token(&json!({"alg": "RS256", "kid": "k"}), &claims(), |message| signed_by(&rsa, message)),
    ] {
        assert_eq!(counter.push_by(&bad).await, (401, "invalid_client".to_owned()));
    }
}

/// RFC 8725 §2.1: a public key is never a symmetric secret, and a key in a token is never believed.
#[actix_web::test]
async fn neither_another_algorithm_nor_a_key_in_the_token_gets_in() {
    let counter = Counter::open().await;
    let public = counter.bank.key.public_jwk().clone();
    let point = [&public["x"], &public["y"]].map(|n| URL_SAFE_NO_PAD.decode(n.as_str().unwrap()).unwrap()).concat();
    let secrets = [public.to_string().into_bytes(), point.clone(), [vec![4], point].concat()];
    let hmac = |secret: &[u8], message: &[u8]| {
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret);
        aws_lc_rs::hmac::sign(&key, message).as_ref().to_vec()
    };
    for secret in &secrets {
        let forged = token(&json!({"alg": "HS256"}), &counter.claims_of_bank(), |message| hmac(secret, message));
        assert_eq!(counter.push_by(&forged).await, (401, "invalid_client".to_owned()));
    }
    let mallory = Es256Signer::generate().unwrap().0;
    for header in [
        json!({"alg": "ES256", "jwk": mallory.public_jwk()}),
        json!({"alg": "ES256", "jku": "https://evil.example/jwks"}),
        json!({"alg": "ES256", "x5u": "https://evil.example/x5c"}),
        json!({"alg": "ES256", "kid": mallory.kid()}),
        json!({"alg": "ES256", "kid": "../../etc/passwd"}),
        json!({"alg": "none"}),
        json!({"alg": "ES256", "b64": false, "crit": ["b64"]}),
    ] {
        let forged = token(&header, &counter.claims_of_bank(), |message| mallory.sign(message).unwrap());
        assert_eq!(counter.push_by(&forged).await, (401, "invalid_client".to_owned()), "{header}");
    }
    // An all-zero signature was once taken by a library (CVE-2022-21449).
    let zero = token(&json!({"alg": "ES256"}), &counter.claims_of_bank(), |_| vec![0; 64]);
    assert_eq!(counter.push_by(&zero).await, (401, "invalid_client".to_owned()));
}

#[actix_web::test]
async fn a_registration_with_a_private_small_or_foreign_key_is_refused() {
    let counter = Counter::open().await;
    let id = madoguchi::domain::ids::ClientId::parse("bank").unwrap();
    let bank = counter.store().find_client(&id).await.unwrap().unwrap();
    let right = counter.bank.key.public_jwk().clone();
    let refused = |keys: Vec<Value>| {
        let mut changed = bank.clone();
        changed.jwks = json!({ "keys": keys });
        check_registration(&changed).is_err()
    };
    assert!(!refused(vec![right.clone()]));
    let mut private = right.clone();
    private["d"] = json!("AAAA");
    let rsa = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let small = json!({"kty": "RSA", "n": URL_SAFE_NO_PAD.encode([0xff; 128]), "e": "AQAB"});
    let mut third = rsa_jwk(&rsa);
    third["e"] = json!("Aw");
    let mut wrong_alg = rsa_jwk(&rsa);
    wrong_alg["alg"] = json!("RS256");
    for (name, keys) in [
        ("private", vec![private.clone()]),
        ("private beside a right one", vec![right.clone(), private]),
        ("symmetric", vec![right.clone(), json!({"kty": "oct", "k": "AAAA"})]),
        ("1024 bits", vec![small.clone()]),
        ("1024 bits beside a right one", vec![right.clone(), small]),
        ("exponent 3", vec![third]),
        ("only RS256", vec![wrong_alg]),
        ("nothing", vec![]),
    ] {
        assert!(refused(keys), "{name}");
    }
}
