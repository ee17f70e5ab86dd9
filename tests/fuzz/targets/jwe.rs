//! Encrypted messages of any text: nothing panics, only what was encrypted to us opens, and no character of it can change.

#![no_main]

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as B64};
use libfuzzer_sys::fuzz_target;
use madoguchi::domain::profile::KeyManagement;
use madoguchi::domain::{Entropy, SystemEntropy};
use madoguchi::protocol::jose::jwe::{Decrypter, Decrypters, EcdhEsDecrypter, RecipientKeys, encrypt};
use serde_json::json;
use std::sync::{Arc, OnceLock};

const MOST: usize = 65_536;

struct Stage {
    ours: Decrypters,
    theirs: RecipientKeys,
    epk: String,
    entropy: SystemEntropy,
}

fn stage() -> &'static Stage {
    static STAGE: OnceLock<Stage> = OnceLock::new();
    STAGE.get_or_init(|| {
        let document = EcdhEsDecrypter::generate().unwrap();
        let key = EcdhEsDecrypter::from_pkcs8(document.expose()).unwrap();
        let public = key.public_jwk().clone();
        let epk = json!({"kty": "EC", "crv": "P-256", "x": public["x"], "y": public["y"]}).to_string();
        let theirs = RecipientKeys::parse(&json!({"keys": [public]})).unwrap();
        Stage { ours: Decrypters::new(vec![Arc::new(key)]), theirs, epk, entropy: SystemEntropy }
    })
}

fuzz_target!(|data: &[u8]| {
    let stage = stage();
    let [kind, place, other, rest @ ..] = data else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    match kind % 3 {
        // The text of a token.
        0 => assert!(stage.ours.open_jwt(text, MOST).is_err(), "opened what nobody encrypted"),
        // Its header, with a point on the curve where `EPK` stands; the rest is made up.
        1 => {
            let header = B64.encode(text.replace("EPK", &stage.epk));
            let token = format!("{header}..{}.{}.{}", B64.encode([*place; 12]), B64.encode(text), B64.encode([*other; 16]));
            assert!(stage.ours.open_jwt(&token, MOST).is_err(), "opened what nobody encrypted");
        }
        // What was encrypted to us, and then the same with one character changed.
        _ => {
            let recipient = stage.theirs.find(KeyManagement::EcdhEs).unwrap();
            let token = encrypt(recipient, text, true, &stage.entropy as &dyn Entropy).unwrap();
            if token.len() > MOST {
                return;
            }
            assert_eq!(stage.ours.open_jwt(&token, MOST).unwrap(), text);
            let mut bytes = token.into_bytes();
            let place = usize::from(*place) * bytes.len() / 256;
            if bytes[place] != *other && other.is_ascii() {
                bytes[place] = *other;
                let changed = String::from_utf8(bytes).unwrap();
                assert!(stage.ours.open_jwt(&changed, MOST).is_err(), "opened although changed: {changed}");
            }
        }
    }
});
