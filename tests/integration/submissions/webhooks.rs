//! Filers are told of every change: signed, again until they take it, and at last as a dead letter that can be sent anew.

use crate::oauth::logout_server::LogoutServer;
use crate::support::calls::{Caller, filing_tokens};
use crate::support::engines::{TestStore, new_store};
use crate::support::installation::Installation;
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use madoguchi::adapters::outward::Outward;
use madoguchi::domain::client::ClientClass;
use madoguchi::domain::ids::ClientId;
use madoguchi::domain::sealed::MasterKey;
use madoguchi::domain::time::ManualClock;
use madoguchi::domain::{Clock as _, SystemEntropy, Timestamp};
use madoguchi::store::NewSubmission;
use madoguchi::store::rotation::Rotation;
use madoguchi::submissions::{Webhooks, WebhooksParts};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

#[actix_web::test]
async fn each_change_is_told_signed_and_again_until_it_is_taken() {
    // A redirect is no yes, and is not followed.
    let server = LogoutServer::start(&[503, 302]);
    let reach = server.reach();
    let installation = Installation::start_changed(1, |plan| plan.reach = reach.clone()).await;
    let party = installation.party("payroll", ClientClass::Payroll, "measurement").await;
    let caller = Caller::new(&party, &installation, 0);
    let token = filing_tokens(&caller).await.access;
    let put = caller.call(&token, "PUT", "/v1/webhook", Some(&json!({"url": server.uri("payroll")}))).await;
    assert_eq!(put.status, 200, "{put:?}");
    let content = json!({"sandbox_scenario": "slow"});
    let body = json!({"deliveries": [{"agency": "pension", "procedure": "9990002", "content": content}]});
    let filed = caller.call(&token, "POST", "/v1/submissions", Some(&body)).await;
    assert_eq!(filed.status, 202, "{filed:?}");
    server.posts(5).await;
    installation.clock.advance(Duration::from_secs(6));
    let posts = server.posts(7).await;
    let keys: Value =
        reqwest::get(format!("{}/webhooks/jwks", installation.public_url)).await.unwrap().json().await.unwrap();
    let x = URL_SAFE_NO_PAD.decode(keys["keys"][0]["x"].as_str().unwrap()).unwrap();
    let key = UnparsedPublicKey::new(&ED25519, x);
    let mut messages: BTreeMap<String, Value> = BTreeMap::new();
    for ((_, kind, body), [id, at, signature]) in posts.iter().zip(server.fields()) {
        assert_eq!(kind, "application/json");
        let signature = STANDARD.decode(signature.strip_prefix("v1a,").unwrap()).unwrap();
        assert!(key.verify(format!("{id}.{at}.{body}").as_bytes(), &signature).is_ok(), "{id}");
        let told: Value = serde_json::from_str(body).unwrap();
        assert_eq!(told["data"]["submission"], filed.body["id"]);
        if let Some(earlier) = messages.insert(id, told.clone()) {
            assert_eq!(earlier, told, "a message that comes again is the same");
        }
    }
    let states: BTreeSet<&str> = messages.values().map(|told| told["data"]["state"].as_str().unwrap()).collect();
    assert_eq!(states, BTreeSet::from(["accepted", "validating", "queued", "delivering", "arrived"]));
    let gone = caller.call(&token, "DELETE", "/v1/webhook", None).await;
    assert_eq!(gone.status, 204);
    assert_eq!(caller.call(&token, "GET", "/v1/webhook", None).await.body, json!({}));
}

#[actix_web::test]
async fn an_address_that_is_not_called_is_not_taken_on() {
    let installation = Installation::start(1).await;
    let party = installation.party("payroll", ClientClass::Payroll, "measurement").await;
    let caller = Caller::new(&party, &installation, 0);
    let token = filing_tokens(&caller).await.access;
    for url in ["http://payroll.example/", "https://127.0.0.1/", "https://10.0.0.1/", "https://[::1]/", "nonsense", ""]
    {
        let told = caller.call(&token, "PUT", "/v1/webhook", Some(&json!({"url": url}))).await;
        assert_eq!((told.brief(), told.body["pointer"].as_str()), ((422, "invalid_value"), Some("/url")), "{url}");
    }
}

async fn opened(clock: &Arc<ManualClock>, store: &TestStore, server: &LogoutServer) -> Webhooks {
    let parts = WebhooksParts {
        store: Arc::clone(&store.store),
        master: Arc::new(MasterKey::new([7; 32])),
        outward: Outward::new(server.reach()),
        clock: Arc::clone(clock) as _,
        entropy: Arc::new(SystemEntropy),
        rotation: Rotation::default(),
    };
    Webhooks::open(parts).await.unwrap()
}

#[actix_web::test]
async fn after_five_days_it_is_a_dead_letter_that_can_be_sent_again() {
    let server = LogoutServer::start(&[500; 100]);
    let store = new_store().await;
    let clock = Arc::new(ManualClock::at(Timestamp::from_seconds(1_800_000_000)));
    let webhooks = opened(&clock, &store, &server).await;
    // Another node that starts has the same key.
    assert_eq!(webhooks.key_set(), opened(&clock, &store, &server).await.key_set());
    let client = ClientId::parse("payroll").unwrap();
    webhooks.put(&client, &server.uri("payroll")).await.unwrap();
    let new = crate::store::submissions::filing("payroll", "key", "body", &["pension"]);
    store.store.insert_submission(&new).await.unwrap();
    let mut tries = 0;
    while webhooks.dead(&client, "", 10).await.unwrap().is_empty() {
        tries += webhooks.tell_due().await.unwrap();
        clock.advance(Duration::from_mins(20));
        assert!(tries < 100, "it is never given up");
    }
    assert!(tries > 10, "{tries}: for five days, less and less often");
    clock.advance(Duration::from_hours(48));
    assert_eq!(webhooks.tell_due().await.unwrap(), 0);
    let dead = webhooks.dead(&client, "", 10).await.unwrap().remove(0);
    assert_eq!((dead.last.as_deref(), dead.attempts as usize), (Some("answered 500"), tries));
    let other = ClientId::parse("other").unwrap();
    assert!(webhooks.replay(&other, dead.id.as_str()).await.is_err(), "another's letter");
    server.answer_well();
    webhooks.replay(&client, dead.id.as_str()).await.unwrap();
    assert!(webhooks.replay(&client, dead.id.as_str()).await.is_err(), "it is on its way");
    assert_eq!(webhooks.tell_due().await.unwrap(), 1);
    assert!(webhooks.dead(&client, "", 10).await.unwrap().is_empty());
    clock.advance(Duration::from_hours(48));
    assert_eq!(webhooks.tell_due().await.unwrap(), 0, "it was taken");
    assert_eq!(server.fields().len(), tries + 1);
}

/// By which of the published keys each signature of the newest message was made, as places in the set.
async fn signed_by(keys: &Value, server: &LogoutServer, count: usize) -> Vec<usize> {
    let (_, _, body) = server.posts(count).await.pop().unwrap();
    let [id, at, signatures] = server.fields().pop().unwrap();
    let is_of = |key: &Value, signature: &str| {
        let x = URL_SAFE_NO_PAD.decode(key["x"].as_str().unwrap()).unwrap();
        let signature = STANDARD.decode(signature.strip_prefix("v1a,").unwrap()).unwrap();
        UnparsedPublicKey::new(&ED25519, x).verify(format!("{id}.{at}.{body}").as_bytes(), &signature).is_ok()
    };
    let keys = keys["keys"].as_array().unwrap();
    signatures.split(' ').map(|one| keys.iter().position(|key| is_of(key, one)).unwrap()).collect()
}

#[actix_web::test]
async fn a_new_key_is_published_before_it_signs_and_the_former_signs_on_for_as_long_as_a_receiver_is_tried() {
    let server = LogoutServer::start(&[]);
    let store = new_store().await;
    let clock = Arc::new(ManualClock::at(Timestamp::from_seconds(1_800_000_000)));
    let webhooks = opened(&clock, &store, &server).await;
    let client = ClientId::parse("payroll").unwrap();
    webhooks.put(&client, &server.uri("payroll")).await.unwrap();
    let day = Duration::from_hours(24);
    let first = webhooks.key_set()["keys"][0].clone();
    // Days that pass, keys that are published then, newest first, and how many of them sign.
    for (n, (days, published, signing)) in
        [(0, 1, vec![0]), (29, 2, vec![1]), (1, 2, vec![0, 1]), (4, 2, vec![0, 1]), (1, 1, vec![0])].iter().enumerate()
    {
        clock.advance(day * *days);
        webhooks.refresh().await.unwrap();
        let keys = webhooks.key_set();
        assert_eq!(keys["keys"].as_array().unwrap().len(), *published, "step {n}");
        assert_eq!(opened(&clock, &store, &server).await.key_set(), keys, "another node has the same");
        let new = crate::store::submissions::filing("payroll", &format!("key {n}"), "body", &["pension"]);
        let submission = madoguchi::domain::submission::Submission { accepted_at: clock.now(), ..new.submission };
        store.store.insert_submission(&NewSubmission { submission, ..new }).await.unwrap();
        assert_eq!(webhooks.tell_due().await.unwrap(), 1);
        assert_eq!(signed_by(&keys, &server, n + 1).await, *signing, "step {n}");
    }
    assert_ne!(webhooks.key_set()["keys"][0], first);
}
