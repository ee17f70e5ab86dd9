//! The counter's own keys: a series for each use, and rotations that nobody notices.

use super::counter::{Counter, ISSUER, claims};
use actix_web::test::TestRequest;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use madoguchi::domain::ids::{ClientId, GrantId};
use madoguchi::domain::profile::KeyManagement;
use madoguchi::domain::{Entropy, SystemEntropy};
use madoguchi::issuer::interaction::{PushedRequests, SignedResponses};
use madoguchi::issuer::keys::Rotation;
use madoguchi::issuer::{Issuer, IssuerSettings, KeyUse, SignedAnswer, rotate_now};
use madoguchi::protocol::access_token::{self, Expected};
use madoguchi::protocol::certificate::CertificateRules;
use serde_json::Value;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::time::Duration;

const ROTATED: [KeyUse; 3] = [KeyUse::AccessTokens, KeyUse::Messages, KeyUse::Encryption(KeyManagement::EcdhEs)];
/// How long before its use a key is made in these tests.
const LEAD: Duration = Duration::from_secs(20);

impl Counter {
    async fn rotate(&self) {
        for usage in ROTATED {
            let entropy: &dyn Entropy = &SystemEntropy;
            let ground = (self.store(), &*self.parts.master, entropy);
            assert!(rotate_now(usage, ground, LEAD, self.now()).await.unwrap().is_some(), "{usage}");
        }
    }

    fn published(&self) -> Vec<Value> {
        let jwks: Value = serde_json::from_str(&self.issuer.published_keys().json()).unwrap();
        jwks["keys"].as_array().unwrap().clone()
    }
}

fn kid(token: &str) -> String {
    jsonwebtoken::decode_header(token).unwrap().kid.unwrap()
}

#[actix_web::test]
async fn each_use_has_a_key_of_its_own() {
    let counter = Counter::open().await;
    let tokens = counter.tokens(&counter.bank).await;
    let (access, id) = (kid(&tokens.text("access_token")), kid(&tokens.text("id_token")));
    let keys = counter.published();
    let encryption: Vec<&Value> = keys.iter().filter(|key| key["use"] == "enc").collect();
    assert_eq!((keys.len(), encryption.len(), encryption[0]["alg"].as_str()), (3, 1, Some("ECDH-ES")));
    let kids: BTreeSet<&str> = keys.iter().map(|key| key["kid"].as_str().unwrap()).collect();
    assert!(kids.len() == 3 && kids.contains(access.as_str()) && kids.contains(id.as_str()) && access != id);
    assert!(keys.iter().all(|key| key.get("d").is_none()), "no private member");
}

/// A message's key signs no access token, even one that says all the right things.
#[actix_web::test]
async fn a_token_signed_by_the_key_for_messages_opens_nothing() {
    let counter = Counter::open().await;
    let token = counter.tokens(&counter.bank).await.text("access_token");
    let (keys, now) = (counter.issuer.published_keys(), counter.now());
    let expected = Expected { issuer: ISSUER, audience: Some(ISSUER), now };
    let right = access_token::verify(&token, &keys, &expected).unwrap();
    let held = counter.store().list_keys(KeyUse::Messages.as_str()).await.unwrap().remove(0);
    let document = counter.parts.master.open(&held.id, &held.sealed).unwrap();
    let signer = madoguchi::protocol::jose::Es256Signer::from_pkcs8(&document).unwrap();
    let forged = right.sign(&signer).unwrap();
    assert!(access_token::verify(&forged, &keys, &expected).is_err());
    assert_eq!(counter.call(&counter.bank, "GET", "/oauth/userinfo", &forged).await.error(), (401, "invalid_token"));
}

/// What was signed as a statement is shown years later: its key stays, with the time at which it stopped.
#[actix_web::test]
async fn keys_that_signed_statements_stay_published() {
    let counter = Counter::open().await;
    let entropy: &dyn Entropy = &SystemEntropy;
    let (client, grant) = (ClientId::parse("bank").unwrap(), GrantId::generate(&SystemEntropy));
    let sign = || {
        let given =
            SignedAnswer { client: &client, grant: &grant, operation: "x", receipt: None, body: b"{\"n\":1.0}" };
        counter.issuer.sign_answer(&given).unwrap()
    };
    let set = || serde_json::from_str::<JwkSet>(&counter.issuer.statement_keys()).unwrap();
    let verifies = |token: &str| {
        let mut rules = Validation::new(Algorithm::ES256);
        rules.set_required_spec_claims(&["aud"]);
        rules.set_audience(&["bank"]);
        rules.validate_exp = false;
        let key = DecodingKey::from_jwk(set().find(&kid(token)).unwrap()).unwrap();
        jsonwebtoken::decode::<Value>(token, &key, &rules).unwrap().claims["answer"]["n"] == 1.0
    };
    let mut signed = vec![sign()];
    for _ in 0..3 {
        let ground = (counter.store(), &*counter.parts.master, entropy);
        assert!(rotate_now(KeyUse::Statements, ground, LEAD, counter.now()).await.unwrap().is_some());
        counter.issuer.maintain_keys().await.unwrap();
        assert_eq!(kid(&sign()), kid(signed.last().unwrap()), "published before it signs");
        counter.clock.advance(LEAD);
        counter.issuer.maintain_keys().await.unwrap();
        signed.push(sign());
        counter.clock.advance(Rotation::default().overlap * 2);
        counter.issuer.maintain_keys().await.unwrap();
    }
    assert!(signed.iter().all(|token| verifies(token)));
    let kids: BTreeSet<String> = signed.iter().map(|token| kid(token)).collect();
    let told: Value = serde_json::from_str(&counter.issuer.statement_keys()).unwrap();
    let keys = told["keys"].as_array().unwrap();
    assert_eq!((kids.len(), keys.len()), (4, 4));
    let ended = keys.iter().filter(|key| key["exp"].as_i64().is_some_and(|end| end > key["iat"].as_i64().unwrap()));
    assert_eq!((ended.count(), keys[3]["exp"].is_null()), (3, true));
    assert!(keys.iter().all(|key| key.get("d").is_none()), "no private member");
    let others: BTreeSet<String> = counter.published().iter().map(|key| key["kid"].as_str().unwrap().into()).collect();
    assert!(kids.is_disjoint(&others), "what signs a statement signs no token");
}

/// An encryption key is not published before every node can open with it, and opens for a while after the next is.
#[actix_web::test]
async fn what_was_encrypted_to_the_former_key_still_opens() {
    let counter = Counter::open().await;
    let former = counter.encryption_key().await;
    counter.rotate().await;
    counter.issuer.maintain_keys().await.unwrap();
    assert_eq!(counter.encryption_key().await, former, "known, but not told yet");
    counter.clock.advance(LEAD);
    counter.issuer.maintain_keys().await.unwrap();
    let present = counter.encryption_key().await;
    assert_ne!(present, former);
    let push = async |key: &Value| {
        let object = counter.encrypted_object(&counter.bank, key);
        counter.post("/oauth/par", &counter.pushing(&counter.bank, object), None).await.status
    };
    assert_eq!((push(&former).await, push(&present).await), (201, 201));
    counter.clock.advance(Rotation::default().overlap);
    counter.issuer.maintain_keys().await.unwrap();
    assert_eq!((push(&former).await, push(&present).await), (400, 201));
}

/// Clients go through whole flows without a pause while the keys of every use change again and again; a second node
/// learns of each change one round later. Nothing fails, and every kind of key was used.
#[actix_web::test]
async fn rotating_under_load_loses_no_request() {
    const ROTATIONS: usize = 5;
    let counter = Counter::open().await;
    let rotation = Rotation::default();
    let settings = IssuerSettings {
        public_url: ISSUER.into(),
        rotation,
        request_object_encryption: vec![KeyManagement::EcdhEs],
        certificates: CertificateRules::default(),
        ..IssuerSettings::default()
    };
    let late = Issuer::open(settings, counter.parts.clone()).await.unwrap();
    let (is_over, flows) = (Cell::new(false), Cell::new(0_usize));
    let kids = RefCell::new(BTreeSet::new());
    let client = async {
        while !is_over.get() {
            // What a client does that read the key set just before a change.
            let key = counter.encryption_key().await;
            let object = counter.encrypted_object(&counter.bank, &key);
            let pushed = counter.post("/oauth/par", &counter.pushing(&counter.bank, object), None).await;
            assert_eq!(pushed.status, 201, "{pushed:?}");
            let uri = pushed.text("request_uri");
            let (_, request, _) = late.find_authorization("bank", &uri).await.unwrap();
            let response = late.sign_response(&request, &[("code", "c")]).await.unwrap();
            assert_eq!(counter.verified(&response)["code"], "c", "signed by the node that is late");
            let code = counter.agree(&counter.bank, &uri).await;
            let tokens = counter.token(&counter.bank, &counter.exchange(&counter.bank, &code)).await;
            assert_eq!(tokens.status, 200, "{tokens:?}");
            let access = tokens.text("access_token");
            let expected = Expected { issuer: ISSUER, audience: Some(ISSUER), now: counter.now() };
            access_token::verify(&access, &late.published_keys(), &expected).expect("the late node knows the key");
            counter.verified(&tokens.text("id_token"));
            let userinfo = counter.call(&counter.bank, "GET", "/oauth/userinfo", &access).await;
            assert_eq!(userinfo.json["sub"], claims(&tokens.text("id_token"))["sub"], "{userinfo:?}");
            let told = counter.introspect(&counter.bank, &access).await;
            assert_eq!(told.json["active"], true, "{told:?}");
            kids.borrow_mut().extend([kid(&access), kid(&tokens.text("id_token")), key["kid"].to_string()]);
            flows.set(flows.get() + 1);
        }
    };
    let operator = async {
        for _ in 0..ROTATIONS {
            counter.rotate().await;
            // Half a lead at a time: a flow under way may see the clock move, but not past what it holds.
            for _ in 0..2 {
                counter.issuer.maintain_keys().await.unwrap();
                let seen = flows.get();
                while flows.get() < seen + 3 {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                late.maintain_keys().await.unwrap();
                counter.clock.advance(LEAD / 2);
            }
        }
        counter.issuer.maintain_keys().await.unwrap();
        late.maintain_keys().await.unwrap();
        let seen = flows.get();
        while flows.get() < seen + 3 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        is_over.set(true);
    };
    futures_util::future::join(client, operator).await;
    assert_eq!(kids.borrow().len(), 3 * (ROTATIONS + 1), "every key of every use was used");
    assert_eq!(counter.send(TestRequest::get().uri("/oauth/jwks")).await.status, 200);
}
