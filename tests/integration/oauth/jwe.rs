//! Messages that only one party can read: request objects encrypted to us, answers encrypted to the client.

use super::counter::{Counter, Party, with};
use actix_web::test::TestRequest;
use madoguchi::domain::SystemEntropy;
use madoguchi::domain::profile::{KeyManagement, Messages};
use madoguchi::issuer::interaction::{PushedRequests, SignedResponses};
use madoguchi::protocol::jose::jwe::{
    Decrypter, Decrypters, EcdhEsDecrypter, RecipientKeys, RsaOaepDecrypter, encrypt, is_encrypted,
};
use madoguchi::protocol::jose::sign;
use serde_json::{Value, json};
use std::sync::Arc;

const MOST: usize = 65_536;

/// The bank's own key of each kind.
fn keys() -> [Arc<dyn Decrypter>; 2] {
    let elliptic = EcdhEsDecrypter::from_pkcs8(EcdhEsDecrypter::generate().unwrap().expose()).unwrap();
    let rsa = RsaOaepDecrypter::from_pkcs8(RsaOaepDecrypter::generate().unwrap().expose()).unwrap();
    [Arc::new(elliptic), Arc::new(rsa)]
}

impl Counter {
    async fn bank_has(&self, keys: &[Arc<dyn Decrypter>], change: impl FnOnce(&mut Messages)) {
        self.change_bank(|bank| {
            let mut jwks = vec![self.bank.key.public_jwk().clone()];
            jwks.extend(keys.iter().map(|key| key.public_jwk().clone()));
            bank.jwks = json!({ "keys": jwks });
            change(&mut bank.profile.messages);
        })
        .await;
    }

    /// Our key that the JWKS endpoint publishes for request objects.
    pub async fn encryption_key(&self) -> Value {
        let jwks = self.send(TestRequest::get().uri("/oauth/jwks")).await.json;
        let keys: Vec<Value> = jwks["keys"].as_array().unwrap().iter().filter(|k| k["use"] == "enc").cloned().collect();
        assert_eq!(keys.len(), 1, "one to choose");
        keys[0].clone()
    }

    /// A right request object, encrypted to `key`.
    pub fn encrypted_object(&self, party: &Party, key: &Value) -> String {
        let object = sign(&party.key, "oauth-authz-req+jwt", &self.object(party, &json!({}))).unwrap();
        let keys = RecipientKeys::parse(&json!({ "keys": [key] })).unwrap();
        encrypt(keys.find(KeyManagement::EcdhEs).unwrap(), &object, true, &SystemEntropy).unwrap()
    }
}

#[actix_web::test]
async fn an_encrypted_request_object_is_opened_and_verified_like_any_other() {
    let counter = Counter::open().await;
    counter.change_bank(|bank| bank.profile.messages.require_signed_request_object = true).await;
    let key = counter.encryption_key().await;
    let push = async |object: String| counter.post("/oauth/par", &counter.pushing(&counter.bank, object), None).await;
    let reply = push(counter.encrypted_object(&counter.bank, &key)).await;
    assert_eq!(reply.status, 201, "{reply:?}");
    let kept = counter.issuer.find_authorization("bank", &reply.text("request_uri")).await.unwrap().1;
    assert_eq!(kept.state.as_deref(), Some("inside"));
    // Encryption shows nobody: what is inside must be the client's own, signed.
    let recipient = RecipientKeys::parse(&json!({ "keys": [key] })).unwrap();
    let recipient = recipient.find(KeyManagement::EcdhEs).unwrap();
    let foreign = sign(&counter.app.key, "oauth-authz-req+jwt", &counter.object(&counter.bank, &json!({}))).unwrap();
    let unsigned = counter.object(&counter.bank, &json!({})).to_string();
    let right = counter.encrypted_object(&counter.bank, &key);
    for bad in [
        encrypt(recipient, &foreign, true, &SystemEntropy).unwrap(),
        encrypt(recipient, &unsigned, true, &SystemEntropy).unwrap(),
        encrypt(recipient, &unsigned, false, &SystemEntropy).unwrap(),
        encrypt(recipient, &right, true, &SystemEntropy).unwrap(),
        counter.encrypted_object(&counter.bank, keys()[0].public_jwk()),
        format!("{right}A"),
        "....".into(),
    ] {
        assert_eq!(push(bad).await.error(), (400, "invalid_request_object"));
    }
}

#[actix_web::test]
async fn an_id_token_is_encrypted_to_the_client_that_registered_so() {
    let counter = Counter::open().await;
    let keys = keys();
    let own = Decrypters::new(keys.to_vec());
    for management in [KeyManagement::EcdhEs, KeyManagement::RsaOaep256] {
        counter.bank_has(&keys, |messages| messages.id_token_encryption = Some(management)).await;
        let token = counter.tokens(&counter.bank).await.text("id_token");
        assert!(is_encrypted(&token));
        let inside = own.open_jwt(&token, MOST).unwrap();
        assert_eq!(counter.verified(&inside)["nonce"], "n-1", "signed, then encrypted");
    }
    assert!(!is_encrypted(&counter.tokens(&counter.app).await.text("id_token")), "the other client did not");
}

#[actix_web::test]
async fn without_a_key_nothing_goes_out_and_the_code_stays_good() {
    let counter = Counter::open().await;
    let code = counter.code(&counter.bank).await;
    counter.bank_has(&[], |messages| messages.id_token_encryption = Some(KeyManagement::EcdhEs)).await;
    let refused = counter.token(&counter.bank, &counter.exchange(&counter.bank, &code)).await;
    assert_eq!(refused.error(), (400, "unauthorized_client"));
    counter.bank_has(&keys(), |_| ()).await;
    let reply = counter.token(&counter.bank, &counter.exchange(&counter.bank, &code)).await;
    assert!(is_encrypted(&reply.text("id_token")), "{reply:?}");
}

#[actix_web::test]
async fn userinfo_is_signed_encrypted_both_or_neither() {
    let counter = Counter::open().await;
    let keys = keys();
    let own = Decrypters::new(keys.to_vec());
    let tokens = counter.tokens(&counter.bank).await;
    let ask = async |is_signed, encryption| {
        counter
            .bank_has(&keys, |messages| {
                messages.sign_userinfo = is_signed;
                messages.userinfo_encryption = encryption;
            })
            .await;
        let reply = counter.call(&counter.bank, "GET", "/oauth/userinfo", &tokens.text("access_token")).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        (reply.headers.get("content-type").unwrap().to_str().unwrap().to_owned(), reply.body)
    };
    let (kind, plain) = ask(false, None).await;
    assert_eq!(kind, "application/json");
    let sub = serde_json::from_str::<Value>(&plain).unwrap()["sub"].clone();
    let (kind, signed) = ask(true, None).await;
    assert_eq!((kind.as_str(), &counter.verified(&signed)["sub"]), ("application/jwt", &sub));
    assert_eq!(counter.verified(&signed)["aud"], "bank");
    let (kind, nested) = ask(true, Some(KeyManagement::EcdhEs)).await;
    assert_eq!(kind, "application/jwt");
    assert_eq!(counter.verified(&own.open_jwt(&nested, MOST).unwrap())["sub"], sub);
    let (_, sealed) = ask(false, Some(KeyManagement::RsaOaep256)).await;
    assert!(is_encrypted(&sealed) && own.open_jwt(&sealed, MOST).is_err(), "no JWT inside, and it says so");
}

#[actix_web::test]
async fn introspection_and_authorization_responses_are_encrypted_too() {
    let counter = Counter::open().await;
    let keys = keys();
    let own = Decrypters::new(keys.to_vec());
    counter
        .bank_has(&keys, |messages| {
            messages.sign_introspection = true;
            messages.introspection_encryption = Some(KeyManagement::RsaOaep256);
            messages.authorization_encryption = Some(KeyManagement::EcdhEs);
        })
        .await;
    let tokens = counter.tokens(&counter.bank).await;
    let told = counter.introspect(&counter.bank, &tokens.text("access_token")).await;
    let told = counter.verified(&own.open_jwt(&told.body, MOST).unwrap());
    assert_eq!(told["token_introspection"]["active"], true);
    let pushed = with(counter.pushed(&counter.bank), "response_mode", Some("jwt"));
    let uri = counter.post("/oauth/par", &pushed, None).await.text("request_uri");
    let request = counter.issuer.find_authorization("bank", &uri).await.unwrap().1;
    let response = counter.issuer.sign_response(&request, &[("code", "c-1")]).await.unwrap();
    assert_eq!(counter.verified(&own.open_jwt(&response, MOST).unwrap())["code"], "c-1");
    // The key goes away between the request and the answer: no answer, rather than one that others can read.
    counter.bank_has(&[], |_| ()).await;
    assert!(counter.issuer.sign_response(&request, &[("code", "c-1")]).await.is_err());
}
