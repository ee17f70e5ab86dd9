//! Encrypted messages: the RFCs' examples, another implementation's, our own, and those that must not open.

use super::agreement::{PartyInfo, derive};
use super::*;
use crate::domain::SystemEntropy;
use crate::protocol::jose::JwkError;
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::Value;
use std::sync::Arc;

const MOST: usize = 65_536;

fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

fn vectors() -> Value {
    serde_json::from_str(include_str!("vectors.json")).unwrap()
}

fn elliptic() -> Arc<dyn Decrypter> {
    Arc::new(EcdhEsDecrypter::from_pkcs8(EcdhEsDecrypter::generate().unwrap().expose()).unwrap())
}

/// Making an RSA key takes long, so that of the vectors serves.
fn rsa() -> Arc<dyn Decrypter> {
    let document = STANDARD.decode(vectors()["rsa_oaep_256"]["pkcs8"].as_str().unwrap()).unwrap();
    Arc::new(RsaOaepDecrypter::from_pkcs8(&document).unwrap())
}

fn recipients(keys: &[&Arc<dyn Decrypter>]) -> RecipientKeys {
    let keys: Vec<&Value> = keys.iter().map(|key| key.public_jwk()).collect();
    RecipientKeys::parse(&json!({ "keys": keys })).unwrap()
}

fn message(key: &Arc<dyn Decrypter>, text: &str, is_jwt: bool) -> String {
    encrypt(recipients(&[key]).find(key.management()).unwrap(), text, is_jwt, &SystemEntropy).unwrap()
}

/// The same message under another header.
fn under(message: &str, change: impl FnOnce(&mut Value)) -> String {
    let (head, rest) = message.split_once('.').unwrap();
    let mut header: Value = serde_json::from_slice(&decode(head)).unwrap();
    change(&mut header);
    format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header.to_string()))
}

#[test]
fn the_key_agreed_on_is_that_of_rfc_7518_appendix_c() {
    let alice = decode("0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo");
    let alice = PrivateKey::from_private_key(&ECDH_P256, &alice).unwrap();
    let (x, y) = ("weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ", "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck");
    let bob = [vec![4], decode(x), decode(y)].concat();
    let info = PartyInfo { producer: b"Alice", consumer: b"Bob" };
    let agreed = agree(&alice, UnparsedPublicKey::new(&ECDH_P256, &bob), (), |z| Ok(derive(z, "A128GCM", 128, &info)));
    assert_eq!(URL_SAFE_NO_PAD.encode(&agreed.unwrap().expose()[..16]), "VqqN6vgjbSBcIijNcacQGg");
}

#[test]
fn the_content_of_rfc_7516_appendix_a_1_opens() {
    let key = [
        177, 161, 244, 128, 84, 143, 225, 115, 63, 180, 3, 255, 107, 154, 212, 246, 138, 7, 110, 91, 112, 46, 34, 105,
        47, 130, 203, 46, 122, 234, 64, 252,
    ];
    let protected = "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ";
    let body = "5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6jiSdiwkIr3ajwQzaBtQD_A";
    let (nonce, body, tag) = (decode("48V1_ALb6US04U3b"), decode(body), decode("XFBoMYUZodetZdvTiFvSkQ"));
    let open =
        |protected: &str, nonce: &[u8], tag: &[u8]| content::open(&Secret::new(key), protected, (nonce, &body, tag));
    let plain = open(protected, &nonce, &tag).unwrap();
    assert_eq!(plain, b"The true sign of intelligence is not knowledge but imagination.");
    assert_eq!(open("eyJhbGciOiJSU0EtT0FFUCJ9", &nonce, &tag), Err(JweError::Sealed));
    // A shortened tag is refused before anything is opened.
    for length in [0, 4, 12, 15] {
        assert_eq!(open(protected, &nonce, &tag[..length]), Err(JweError::Malformed));
    }
    assert_eq!(open(protected, &nonce[..8], &tag), Err(JweError::Malformed));
}

#[test]
fn what_another_implementation_made_opens() {
    let vectors = vectors();
    let text = |path: &str| vectors.pointer(path).unwrap().as_str().unwrap().to_owned();
    let value = decode(&text("/ecdh_es/private_value"));
    let keys = vec![rsa(), Arc::new(EcdhEsDecrypter::from_value(&value).unwrap()) as Arc<dyn Decrypter>];
    let keys = Decrypters::new(keys);
    for message in [text("/ecdh_es/message"), text("/rsa_oaep_256/message")] {
        assert_eq!(keys.open_jwt(&message, MOST).unwrap(), text("/plain"));
    }
}

#[test]
fn what_we_make_opens_with_the_recipients_key_only() {
    for (key, other) in [(elliptic(), elliptic()), (rsa(), elliptic())] {
        let token = message(&key, "a.b.c", true);
        assert!(is_encrypted(&token) && !is_encrypted("a.b.c"));
        let both = Decrypters::new(vec![Arc::clone(&other), Arc::clone(&key)]);
        assert_eq!(both.open_jwt(&token, MOST).as_deref(), Ok("a.b.c"));
        // Without a kid every key of the algorithm is tried; the header is sealed too, so it cannot be taken away.
        let without = under(&token, |header| drop(header.as_object_mut().unwrap().remove("kid")));
        assert_eq!(both.open_jwt(&without, MOST), Err(JweError::Sealed));
        assert_eq!(Decrypters::new(vec![other]).open_jwt(&token, MOST), Err(JweError::Sealed));
        assert_ne!(token, message(&key, "a.b.c", true), "a key and a nonce of its own for each message");
    }
}

#[test]
fn a_message_changed_anywhere_does_not_open() {
    for key in [elliptic(), rsa()] {
        let token = message(&key, "a.b.c", true);
        let keys = Decrypters::new(vec![Arc::clone(&key)]);
        let parts: Vec<&str> = token.split('.').collect();
        for place in 1..5 {
            let mut bytes = decode(parts[place]);
            match bytes.last_mut() {
                Some(last) => *last ^= 1,
                None => bytes.push(1),
            }
            let changed: Vec<String> =
                (0..5).map(|n| if n == place { URL_SAFE_NO_PAD.encode(&bytes) } else { parts[n].to_owned() }).collect();
            let refused = keys.open_jwt(&changed.join("."), MOST).unwrap_err();
            assert!(matches!(refused, JweError::Sealed | JweError::Malformed), "{place}: {refused}");
        }
    }
}

#[test]
fn a_header_that_asks_for_more_is_refused() {
    let (key, rsa) = (elliptic(), rsa());
    let keys = Decrypters::new(vec![Arc::clone(&key), Arc::clone(&rsa)]);
    let token = message(&key, "a.b.c", true);
    let set = |name: &str, value: Value| {
        keys.open_jwt(&under(&token, |header| drop(header.as_object_mut().unwrap().insert(name.into(), value))), MOST)
    };
    for (name, value, error) in [
        ("alg", json!("RSA1_5"), JweError::Algorithm),
        ("alg", json!("RSA-OAEP"), JweError::Algorithm),
        ("alg", json!("dir"), JweError::Algorithm),
        ("alg", json!("PBES2-HS256+A128KW"), JweError::Algorithm),
        ("alg", json!("ECDH-ES+A256KW"), JweError::Algorithm),
        ("alg", json!("ecdh-es"), JweError::Algorithm),
        ("alg", json!("RSA-OAEP-256"), JweError::Malformed),
        ("enc", json!("A128GCM"), JweError::Algorithm),
        ("enc", json!("A256CBC-HS512"), JweError::Algorithm),
        ("zip", json!("DEF"), JweError::Algorithm),
        ("zip", json!(null), JweError::Algorithm),
        ("crit", json!(["exp"]), JweError::Algorithm),
        ("cty", json!("text/plain"), JweError::Content),
        ("cty", json!(null), JweError::Content),
        ("kid", json!("another"), JweError::Sealed),
        ("apu", json!("A"), JweError::Malformed),
        ("apv", json!("A".repeat(300)), JweError::Malformed),
        ("apu", json!("QWxpY2U"), JweError::Sealed),
        ("epk", json!(null), JweError::Malformed),
        ("epk", json!({"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"}), JweError::Malformed),
        ("epk", json!({"kty": "EC", "crv": "P-256", "x": "A".repeat(43), "y": "A".repeat(43)}), JweError::Sealed),
        ("epk", rsa.public_jwk().clone(), JweError::Malformed),
        (
            "epk",
            json!({"kty": "EC", "crv": "P-256", "x": "A".repeat(43), "y": "A".repeat(43), "d": "AA"}),
            JweError::Malformed,
        ),
    ] {
        assert_eq!(set(name, value.clone()), Err(error), "{name} {value}");
    }
    // Encrypted, but by its own word no JWT.
    assert_eq!(keys.open_jwt(&message(&key, "{}", false), MOST), Err(JweError::Content));
}

#[test]
fn texts_that_are_no_messages_are_malformed() {
    let keys = Decrypters::new(vec![elliptic()]);
    for bad in
        ["", "....", "e30....", "e30.a.b.c", "a.b.c.d.e.f", "e30.AA.AA.AA.AA=", "!.AA.AA.AA.AA", "W10.AA.AA.AA.AA"]
    {
        assert_eq!(keys.open_jwt(bad, MOST), Err(JweError::Malformed), "{bad}");
    }
    assert_eq!(keys.open_jwt(&"A".repeat(MOST + 1), MOST), Err(JweError::TooLong));
}

#[test]
fn only_keys_that_say_so_are_encrypted_to() {
    let public = elliptic().public_jwk().clone();
    let changed = |changes: Value| {
        let mut jwk = public.clone();
        for (name, value) in changes.as_object().unwrap() {
            jwk.as_object_mut().unwrap().insert(name.clone(), value.clone());
        }
        jwk.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        RecipientKeys::parse(&json!({ "keys": [jwk] })).map(|keys| keys.find(KeyManagement::EcdhEs).is_some())
    };
    assert_eq!(changed(json!({})), Ok(true));
    assert_eq!(changed(json!({"use": null})), Ok(true), "alg says it");
    assert_eq!(changed(json!({"alg": null})), Ok(true), "use says it");
    assert_eq!(changed(json!({"use": null, "alg": null})), Ok(false), "nothing says it");
    assert_eq!(changed(json!({"use": "sig"})), Ok(false));
    assert_eq!(changed(json!({"alg": "ES256"})), Ok(false));
    assert_eq!(changed(json!({"alg": "RSA-OAEP-256"})), Ok(false));
    assert_eq!(changed(json!({"key_ops": ["verify"]})), Ok(false));
    assert_eq!(changed(json!({"key_ops": ["deriveKey"]})), Ok(true));
    assert_eq!(changed(json!({"crv": "P-384"})), Ok(false));
    assert_eq!(changed(json!({"d": "AA"})), Err(JwkError::Private));
    assert_eq!(changed(json!({"x": "A".repeat(43), "y": "A".repeat(43)})), Err(JwkError::Malformed), "off the curve");
    let small = json!({"kty": "RSA", "use": "enc", "n": URL_SAFE_NO_PAD.encode([0xff; 128]), "e": "AQAB"});
    assert_eq!(RecipientKeys::parse(&json!({"keys": [small]})).unwrap_err(), JwkError::Size);
}

#[test]
fn keys_never_print_themselves() {
    let key = elliptic();
    let shown = format!("{:?} {:?}", Decrypters::new(vec![Arc::clone(&key)]), recipients(&[&key]));
    assert!(shown.contains(key.kid()) && !shown.contains(key.public_jwk()["x"].as_str().unwrap()), "{shown}");
}

proptest! {
    #[test]
    fn any_text_comes_back(text in "\\PC{0,300}") {
        let key = elliptic();
        let keys = Decrypters::new(vec![Arc::clone(&key)]);
        prop_assert_eq!(keys.open_jwt(&message(&key, &text, true), MOST), Ok(text));
    }

    #[test]
    fn no_text_makes_it_panic(token in "[A-Za-z0-9_.-]{0,200}") {
        prop_assert!(Decrypters::new(vec![elliptic()]).open_jwt(&token, MOST).is_err());
    }
}
