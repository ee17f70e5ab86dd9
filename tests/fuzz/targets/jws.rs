//! Tokens of any text, and any claims under a good signature: nothing panics, and nothing is believed that we did not
//! write.

#![no_main]

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as B64};
use libfuzzer_sys::fuzz_target;
use madoguchi::domain::Timestamp;
use madoguchi::protocol::access_token::{self, Expected};
use madoguchi::protocol::client_assertion::{ASSERTION_TYPE, ClaimedClient};
use madoguchi::protocol::dpop::{ProofContext, Verifier};
use madoguchi::protocol::form::Form;
use madoguchi::protocol::jose::{Es256Signer, KeySet, PublishedKeys, Signer as _};
use serde_json::{Value, json};
use std::sync::OnceLock;

const ISSUER: &str = "https://counter.example";
const NOW: i64 = 1_790_000_000;

struct Stage {
    signer: Es256Signer,
    registered: KeySet,
    published: PublishedKeys,
    proofs: Verifier,
}

fn stage() -> &'static Stage {
    static STAGE: OnceLock<Stage> = OnceLock::new();
    STAGE.get_or_init(|| {
        let (signer, _) = Es256Signer::generate().unwrap();
        let published = PublishedKeys::default();
        published.replace(&[signer.public_jwk().clone()]).unwrap();
        let registered = KeySet::parse(&json!({"keys": [signer.public_jwk()]})).unwrap();
        Stage { registered, published, signer, proofs: Verifier::default() }
    })
}

fuzz_target!(|data: &[u8]| {
    // The first byte: is it the text of a token, or are its claims to be signed, as which kind?
    let Some((kind, rest)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    match kind % 4 {
        0 => read(text, None),
        kind => {
            let typ = ["dpop+jwt", "at+jwt", "JWT"][usize::from(kind) - 1];
            read(&signed(typ, text), serde_json::from_str(text).ok());
        }
    }
});

fn signed(typ: &str, claims: &str) -> String {
    let stage = stage();
    let mut header = json!({"typ": typ, "alg": "ES256"});
    if typ == "dpop+jwt" {
        let jwk = stage.signer.public_jwk();
        header["jwk"] = json!({"kty": jwk["kty"], "crv": jwk["crv"], "x": jwk["x"], "y": jwk["y"]});
    } else {
        header["kid"] = json!(stage.signer.kid());
    }
    let message = format!("{}.{}", B64.encode(header.to_string()), B64.encode(claims));
    let signature = stage.signer.sign(message.as_bytes()).unwrap();
    format!("{message}.{}", B64.encode(signature))
}

/// Offers the token to everybody who reads tokens. What was not signed (`claims` is `None`) is never believed.
fn read(token: &str, claims: Option<Value>) {
    let stage = stage();
    let now = Timestamp::from_seconds(NOW);
    let context = ProofContext { method: "POST", uri: "https://counter.example/oauth/token", access_token: None, now };
    if stage.proofs.verify(token, &context).is_ok() {
        // A proof brings its own key, so that anybody can sign one; but its claims must be right.
        if let Some(claims) = &claims {
            assert_eq!(claims["htm"], "POST");
        }
    }
    let expected = Expected { issuer: ISSUER, audience: Some(ISSUER), now };
    if access_token::verify(token, &stage.published, &expected).is_ok() {
        let claims = claims.as_ref().expect("an access token that we did not sign");
        assert_eq!((&claims["iss"], &claims["aud"]), (&json!(ISSUER), &json!(ISSUER)));
        assert!(claims["exp"].as_f64().unwrap() > NOW as f64);
    }
    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("client_assertion_type", ASSERTION_TYPE)
        .append_pair("client_assertion", token)
        .finish();
    let form = Form::parse(body.as_bytes()).unwrap();
    if let Ok(client) = ClaimedClient::find(&form)
        && client.verify(&stage.registered, ISSUER, now).is_ok()
    {
        let claims = claims.as_ref().expect("an assertion that nobody signed");
        assert_eq!((&claims["iss"], &claims["aud"]), (&claims["sub"], &json!(ISSUER)));
    }
}
