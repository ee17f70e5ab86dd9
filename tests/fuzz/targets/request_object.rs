//! Request objects (RFC 9101): any text, and any claims under a good signature. Nothing panics, nothing that the client did
//! not sign is taken, and what is taken is the client's, for us, in time.

#![no_main]

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as B64};
use libfuzzer_sys::fuzz_target;
use madoguchi::domain::Timestamp;
use madoguchi::domain::client::Client;
use madoguchi::protocol::jose::jwe::Decrypters;
use madoguchi::protocol::jose::{Es256Signer, KeySet, Signer as _};
use madoguchi::protocol::request_object::{Expected, open};
use serde_json::{Value, json};
use std::sync::OnceLock;

const ISSUER: &str = "https://counter.example";
const NOW: i64 = 1_790_000_000;

struct Stage {
    client: Client,
    signer: Es256Signer,
    keys: KeySet,
    decrypters: Decrypters,
}

fn stage() -> &'static Stage {
    static STAGE: OnceLock<Stage> = OnceLock::new();
    STAGE.get_or_init(|| {
        let (signer, _) = Es256Signer::generate().unwrap();
        let jwks = json!({"keys": [signer.public_jwk()]});
        let client = json!({
            "id": "bank", "class": "bank", "status": "production", "name": {"ja": "見本", "en": "Mihon"},
            "corporate_number": "8000000990001", "contact": {"email": "desk@bank.example", "phone": "03-0000-0000"},
            "redirect_uris": ["https://bank.example/callback"], "jwks": jwks, "scope": "openid", "purposes": [],
            "rate_plan": "standard", "dpop_nonce_required": false, "sector": "bank.example",
        });
        Stage {
            client: serde_json::from_value(client).unwrap(),
            keys: KeySet::parse(&jwks).unwrap(),
            decrypters: Decrypters::default(),
            signer,
        }
    })
}

fuzz_target!(|data: &[u8]| {
    let Some((kind, rest)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let is_signed = kind % 2 == 1;
    let token = if is_signed { signed(text) } else { text.to_owned() };
    let Stage { client, keys, decrypters, .. } = stage();
    let now = Timestamp::from_seconds(NOW);
    match open(&token, &Expected { client, keys, decrypters, issuer: ISSUER, now }) {
        Ok(form) => {
            assert!(is_signed, "a request object that nobody signed");
            let claims: Value = serde_json::from_str(text).unwrap();
            assert_eq!((&claims["iss"], &claims["client_id"]), (&json!("bank"), &json!("bank")));
            let audience = &claims["aud"];
            assert!(audience == ISSUER || audience.as_array().is_some_and(|all| all.contains(&json!(ISSUER))));
            let (from, until) = (claims["nbf"].as_f64().unwrap(), claims["exp"].as_f64().unwrap());
            assert!(from <= (NOW + 15) as f64 && until > NOW as f64 && until - from <= 3600.0);
            // No object within an object (RFC 9101 §4).
            assert!(form.get("request").is_none() && form.get("request_uri").is_none());
        }
        Err(refusal) => assert!(!refusal.public.chars().any(char::is_control), "{:?}", refusal.public),
    }
});

fn signed(claims: &str) -> String {
    let signer = &stage().signer;
    let header = json!({"typ": "oauth-authz-req+jwt", "alg": "ES256", "kid": signer.kid()});
    let message = format!("{}.{}", B64.encode(header.to_string()), B64.encode(claims));
    let signature = signer.sign(message.as_bytes()).unwrap();
    format!("{message}.{}", B64.encode(signature))
}
