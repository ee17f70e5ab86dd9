//! Probes of client authentication and registration.

use super::Outcome;
use super::bench::{Bench, call, code_of, form, with};
use crate::domain::ids::ClientId;
use crate::issuer::check_registration;
use crate::protocol::jose::Signer as _;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

pub(super) async fn probes(bench: &Bench) -> Vec<(&'static str, Outcome)> {
    vec![
        ("push_without_authentication", without(bench).await),
        ("client_secrets", secrets(bench).await),
        ("assertion_audiences", audiences(bench).await),
        ("assertion_times", times(bench).await),
        ("assertion_algorithms_refused", algorithms(bench).await),
        ("assertion_replay", replay(bench).await),
        ("keys_that_are_not_accepted", keys(bench).await),
        ("redirects_that_are_not_accepted", redirects(bench).await),
    ]
}

/// Is it refused with this code?
pub(super) fn refused<T>(what: &str, wanted: &str, got: Result<T, String>) -> Outcome {
    match got {
        Err(code) if code == wanted => Ok(format!("{what}: {code}")),
        Err(code) => Err(format!("{what}: {code}, not {wanted}")),
        Ok(_) => Err(format!("{what} was accepted")),
    }
}

async fn without(bench: &Bench) -> Outcome {
    let pairs = with(with(bench.pushed(&bench.bank)?, "client_assertion", None), "client_assertion_type", None);
    refused("a push without client authentication", "invalid_client", bench.push(&pairs, None).await)
}

async fn secrets(bench: &Bench) -> Outcome {
    let bare = with(with(bench.pushed(&bench.bank)?, "client_assertion", None), "client_assertion_type", None);
    let with_secret = with(bare, "client_secret", Some("secret"));
    refused("client_secret_post", "invalid_client", bench.push(&with_secret, None).await)?;
    let pairs = bench.pushed(&bench.bank)?;
    let form = form(&pairs)?;
    let basic = crate::issuer::ClientCall { has_authorization: true, ..call(&form, None) };
    refused("client_secret_basic", "invalid_client", bench.issuer.push(&basic).await.map_err(code_of))?;
    Ok("client_secret_post, client_secret_basic: invalid_client".into())
}

/// At the four endpoints, so that none of them is the weak one (draft-ietf-oauth-security-topics-update-03).
async fn audiences(bench: &Bench) -> Outcome {
    let url = &bench.url;
    let wrong = [
        json!([url]),
        json!(format!("{url}/oauth/token")),
        json!(format!("{url}/oauth/par")),
        json!(format!("{url}/")),
        json!([url, "https://other.example"]),
        Value::Null,
    ];
    for aud in &wrong {
        let pairs = bench.authentication(&bench.bank, &json!({"aud": aud}))?;
        let form = form(&with(pairs, "token", Some("x")))?;
        let issuer = &bench.issuer;
        let answers = [
            ("PAR", issuer.push(&call(&form, None)).await.map(|_| ()).map_err(code_of)),
            ("the token endpoint", issuer.token(&call(&form, None)).await.map(|_| ()).map_err(code_of)),
            ("introspection", issuer.introspect(&call(&form, None), false).await.map(|_| ()).map_err(code_of)),
            ("revocation", issuer.revoke(&call(&form, None)).await.map(|_| ()).map_err(code_of)),
        ];
        for (place, answer) in answers {
            refused(&format!("aud {aud} at {place}"), "invalid_client", answer)?;
        }
    }
    Ok(format!("{} wrong audiences at four endpoints: invalid_client", wrong.len()))
}

async fn heard(bench: &Bench, changes: Value) -> Result<(), String> {
    let pairs = with(bench.authentication(&bench.bank, &changes)?, "token", Some("x"));
    let form = form(&pairs)?;
    bench.issuer.revoke(&call(&form, None)).await.map(|_| ()).map_err(code_of)
}

async fn times(bench: &Bench) -> Outcome {
    let now = bench.seconds();
    for changes in [json!({"iat": now + 8}), json!({"nbf": now + 8})] {
        heard(bench, changes.clone()).await.map_err(|code| format!("{changes}: {code}"))?;
    }
    for changes in [json!({"iat": now + 61}), json!({"nbf": now + 61}), json!({"exp": now - 300}), json!({"exp": null})]
    {
        refused(&changes.to_string(), "invalid_client", heard(bench, changes).await)?;
    }
    Ok("8 s ahead is heard; 61 s ahead, 5 min over and no exp: invalid_client".into())
}

async fn algorithms(bench: &Bench) -> Outcome {
    let assertion = bench.assertion(&bench.bank, &json!({}))?;
    let (_, rest) = assertion.split_once('.').ok_or("no header")?;
    for alg in ["none", "HS256", "RS256", "ES384"] {
        let header = URL_SAFE_NO_PAD.encode(json!({"alg": alg, "kid": bench.bank.key.kid()}).to_string());
        let pairs = bench.authentication(&bench.bank, &json!({}))?;
        let pairs = with(with(pairs, "client_assertion", Some(&format!("{header}.{rest}"))), "token", Some("x"));
        let form = form(&pairs)?;
        let answer = bench.issuer.revoke(&call(&form, None)).await.map_err(code_of);
        refused(alg, "invalid_client", answer)?;
    }
    Ok("none, HS256, RS256, ES384: invalid_client".into())
}

async fn replay(bench: &Bench) -> Outcome {
    let pairs = with(bench.authentication(&bench.bank, &json!({}))?, "token", Some("x"));
    let form = form(&pairs)?;
    bench.issuer.revoke(&call(&form, None)).await.map_err(code_of)?;
    let again = bench.issuer.revoke(&call(&form, None)).await.map_err(code_of);
    refused("an assertion's second use", "invalid_client", again)
}

async fn keys(bench: &Bench) -> Outcome {
    let id = ClientId::parse(bench.bank.id).map_err(|error| error.to_string())?;
    let known = bench.store.find_client(&id).await.map_err(|fault| fault.to_string())?.ok_or("no client")?;
    let good = bench.bank.key.public_jwk().clone();
    let changed = |member: &str, value: Value| {
        let mut key = good.clone();
        key.as_object_mut().map(|members| members.insert(member.to_owned(), value));
        key
    };
    let short = URL_SAFE_NO_PAD.encode([0xa5_u8; 128]);
    for (what, key) in [
        ("RSA of 1024 bits", json!({"kty": "RSA", "kid": "k", "alg": "PS256", "n": short, "e": "AQAB"})),
        ("a private key", changed("d", json!("AAAA"))),
        ("another curve", changed("crv", json!("secp256k1"))),
        ("a shared secret", json!({"kty": "oct", "kid": "k", "k": "AAAA"})),
    ] {
        let client = crate::domain::client::Client { jwks: json!({"keys": [key]}), ..known.clone() };
        if check_registration(&client).is_ok() {
            return Err(format!("{what} could be registered"));
        }
    }
    Ok("RSA of 1024 bits, a private key, another curve, a shared secret: not registered".into())
}

async fn redirects(bench: &Bench) -> Outcome {
    let id = ClientId::parse(bench.bank.id).map_err(|error| error.to_string())?;
    let known = bench.store.find_client(&id).await.map_err(|fault| fault.to_string())?.ok_or("no client")?;
    for uri in ["http://bank.example/callback", "https://bank.example/callback#x", "https://other.example/", "x:y"] {
        let client = crate::domain::client::Client { redirect_uris: vec![uri.to_owned()], ..known.clone() };
        if check_registration(&client).is_ok() {
            return Err(format!("{uri} could be registered"));
        }
    }
    Ok("http, a fragment, another host, another scheme: not registered".into())
}
