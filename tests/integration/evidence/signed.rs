//! Answers as signed data: what `Accept: application/jose` gives, verified by another implementation of JOSE.

use crate::support::calls::{Caller, INCOME, Told, consented, retrieval};
use crate::support::installation::Installation;
use crate::support::played::third_party::{ThirdParty, Tokens};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use madoguchi::domain::client::ClientClass;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

const CREATE: &str = "/v1/self-information-requests";

/// A call that says in which form it wants its answer; answers a nonce challenge once.
async fn call(caller: &Caller<'_>, tokens: &Tokens, what: (&str, &str, &str), body: Option<(&str, &Value)>) -> Told {
    let (accept, method, path) = what;
    loop {
        let mut request = caller
            .request(method, path)
            .header("authorization", format!("DPoP {}", tokens.access))
            .header("dpop", caller.proof(method, path, Some(&tokens.access)))
            .header("accept", accept)
            .header("prefer", "wait=30");
        if let Some((key, body)) = body {
            request = request.header("idempotency-key", key).json(body);
        }
        let told = Told::by(request).await;
        if told.code() != "use_dpop_nonce" || !caller.party.keep_nonce(&told.headers) {
            return told;
        }
    }
}

async fn published(installation: &Installation, path: &str) -> JwkSet {
    reqwest::get(format!("{}{path}", installation.nodes[0].url)).await.unwrap().json().await.unwrap()
}

/// What a signed answer says, if a key of `keys` signed it for `audience`.
fn verified<T: serde::de::DeserializeOwned + Clone>(text: &str, keys: &JwkSet, audience: &str) -> Result<T, String> {
    let header = decode_header(text).map_err(|error| error.to_string())?;
    assert_eq!((header.alg, header.typ.as_deref()), (Algorithm::ES256, Some("madoguchi-answer+jwt")));
    let key = keys.find(header.kid.as_deref().unwrap()).ok_or("no such key")?;
    let mut rules = Validation::new(Algorithm::ES256);
    rules.set_required_spec_claims(&["iss", "aud"]);
    rules.set_audience(&[audience]);
    rules.validate_exp = false;
    let told = decode::<T>(text, &DecodingKey::from_jwk(key).unwrap(), &rules).map_err(|error| error.to_string())?;
    Ok(told.claims)
}

async fn bank(installation: &Installation) -> ThirdParty {
    installation.party("bank", ClientClass::Bank, "measurement").await
}

/// A counter's own claims, each as it was written.
type Raw = BTreeMap<String, Box<RawValue>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retrieval_is_given_signed_byte_for_byte_as_without_a_signature() {
    let installation = Installation::start(1).await;
    let bank = bank(&installation).await;
    let (tokens, caller) = (consented(&installation, &bank).await, Caller::new(&bank, &installation, 0));
    let wanted = retrieval();
    let plain = call(&caller, &tokens, ("application/json", "POST", CREATE), Some(("one", &wanted))).await;
    assert_eq!((plain.status, plain.header("content-type"), plain.header("vary")), (200, "application/json", "accept"));
    let signed = call(&caller, &tokens, ("application/jose", "POST", CREATE), Some(("one", &wanted))).await;
    assert_eq!(
        (signed.status, signed.header("content-type"), signed.header("vary")),
        (200, "application/jose", "accept")
    );
    assert_eq!(signed.header("cache-control"), "no-store");
    let text = signed.body.as_str().unwrap();
    let keys = published(&installation, "/evidence/jwks").await;
    let claims: Value = verified(text, &keys, "bank").unwrap();
    assert_eq!(claims["iss"], installation.public_url);
    assert_eq!(claims["operation"], "create_self_information_request");
    assert_eq!(claims["receipt_id"], plain.body["receipt_id"]);
    assert_eq!((&claims["answer"], claims["answer"]["status"].as_str()), (&plain.body, Some("completed")));
    assert!(
        claims["grant_id"].as_str().unwrap().starts_with("g_") && claims["iat"].is_i64() && claims["exp"].is_null()
    );
    // Not only the same value: the same bytes.
    let bytes = caller
        .request("GET", &format!("{CREATE}/{}", plain.body["id"].as_str().unwrap()))
        .header("authorization", format!("DPoP {}", tokens.access))
        .header(
            "dpop",
            caller.proof("GET", &format!("{CREATE}/{}", plain.body["id"].as_str().unwrap()), Some(&tokens.access)),
        );
    let bytes = bytes.send().await.unwrap().text().await.unwrap();
    let raw: String = {
        use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
        String::from_utf8(URL_SAFE_NO_PAD.decode(text.split('.').nth(1).unwrap()).unwrap()).unwrap()
    };
    let raw: Raw = serde_json::from_str(&raw).unwrap();
    assert_eq!(raw["answer"].get(), bytes);
    // It is nobody else's, nothing else, and not to be changed.
    assert!(verified::<Value>(text, &keys, "other").is_err());
    let tokens_keys = published(&installation, "/oauth/jwks").await;
    assert_eq!(verified::<Value>(text, &tokens_keys, "bank"), Err("no such key".to_owned()));
    let changed = text.replacen('.', ".e", 1);
    assert!(verified::<Value>(&changed, &keys, "bank").is_err());
    let tried = caller.call(text, "GET", "/v1/account", None).await;
    assert_eq!(tried.brief(), (401, "invalid_token"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_that_there_is_not_is_refused_before_anything_is_used_up() {
    let installation = Installation::start(1).await;
    let bank = bank(&installation).await;
    let (tokens, caller) = (consented(&installation, &bank).await, Caller::new(&bank, &installation, 0));
    let told =
        call(&caller, &tokens, ("text/html, application/jose;q=0", "POST", CREATE), Some(("key", &retrieval()))).await;
    assert_eq!(told.brief(), (406, "not_acceptable"), "{told:?}");
    assert_eq!(told.header("content-type"), "application/problem+json");
    assert!(told.body.to_string().contains("application/jose") && told.body.to_string().contains("Accept"), "{told:?}");
    // The key was not used: another request may come under it.
    let mut other = retrieval();
    other["data_sets"][0]["condition"]["year"] = 2024.into();
    let made = call(&caller, &tokens, ("application/jose", "POST", CREATE), Some(("key", &other))).await;
    assert_eq!((made.status, made.header("content-type")), (200, "application/jose"), "{made:?}");
    // A job is not read, and so not deleted, by a call that cannot take it.
    let claims: Value =
        verified(made.body.as_str().unwrap(), &published(&installation, "/evidence/jwks").await, "bank").unwrap();
    let place = format!("{CREATE}/{}", claims["answer"]["id"].as_str().unwrap());
    assert_eq!(call(&caller, &tokens, ("image/png", "GET", &place), None).await.brief(), (406, "not_acceptable"));
    assert_eq!(call(&caller, &tokens, ("application/jose", "GET", &place), None).await.status, 200);
    // Errors are problems, whatever was asked for.
    let gone = call(&caller, &tokens, ("application/jose", "GET", &place), None).await;
    assert_eq!((gone.brief(), gone.header("content-type")), ((410, "result_gone"), "application/problem+json"));
}

/// Whatever the document says can be had signed is signed, under its own name.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_that_is_documented_so_gives_signed_data() {
    let installation = Installation::start(1).await;
    let bank = bank(&installation).await;
    let (tokens, caller) = (consented(&installation, &bank).await, Caller::new(&bank, &installation, 0));
    let keys = published(&installation, "/evidence/jwks").await;
    let wanted = retrieval();
    let made = call(&caller, &tokens, ("application/json", "POST", CREATE), Some(("for-all", &wanted))).await;
    let (job, receipt) = (made.body["id"].as_str().unwrap(), made.body["receipt_id"].as_str().unwrap());
    let document = madoguchi::http::openapi::document();
    let mut seen = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            if operation.pointer("/responses/200/content/application~1jose").is_none() {
                continue;
            }
            seen += 1;
            let id = if path.contains("receipts") { receipt } else { job };
            let path = path.replace("{code}", INCOME).replace("{id}", id);
            let body = (method == "post").then_some(("for-all", &wanted));
            let what = ("application/jose", &*method.to_uppercase(), &*path);
            let mut told = call(&caller, &tokens, what, body).await;
            while told.code() == "receipt_pending" {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                told = call(&caller, &tokens, what, body).await;
            }
            assert_eq!((told.status, told.header("content-type")), (200, "application/jose"), "{path} {told:?}");
            let claims: Value = verified(told.body.as_str().unwrap(), &keys, "bank").unwrap();
            assert_eq!(claims["operation"], operation["operationId"]);
            assert!(!told.header("ratelimit").is_empty(), "{path}");
        }
    }
    assert!(seen >= 7, "only {seen} operations are documented to give signed data");
}
