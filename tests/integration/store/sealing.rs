//! What a version before sealing left in clear is sealed; keys go over to another master key; and a lost key is told.

use super::samples::{NOW, access, at, client, grant, keyed_request, subject_id};
use crate::support::engines::{MASTER, TestStore, new_store};
use crate::support::raw;
use madoguchi::domain::MasterKey;
use madoguchi::domain::access::Access;
use madoguchi::domain::grant::Grant;
use madoguchi::domain::ids::SubjectId;
use madoguchi::domain::subject::UpstreamAccount;
use madoguchi::domain::{Fault, SystemEntropy};
use madoguchi::store::{Before, InsertedRequest};
use std::sync::Arc;

/// Puts a record where a version before sealing wrote it, and as it wrote it.
async fn write_as_before(test: &TestStore, given: &Grant, line: &Access) {
    let subject = given.subject.as_ref().unwrap();
    let quoted = |value: &dyn erased::ToJson| value.json().replace('\'', "''");
    let (body, access) = (quoted(given), quoted(line));
    let record = format!(r#"{{"grant":"{}","kind":"disclosure","purpose":"canary"}}"#, given.id);
    let salt = if test.directory.is_some() { "zeroblob(32)" } else { "decode(repeat('00', 32), 'hex')" };
    let (id, until, line_id) = (&given.id, given.expires_at.millis(), &line.id);
    let (at, receipt) = (line.at.millis(), line.receipt());
    let sql = format!(
        "INSERT INTO subjects_in_clear (id, upstream_issuer, upstream_subject)
            VALUES ('{subject}', 'https://idp.example', 'canary');
        INSERT INTO grants (id, client_id, subject_id, state, created_at, expires_at, body)
            VALUES ('{id}', 'loan-bank', '{subject}', 'active', {at}, {until}, '{body}');
        INSERT INTO superseded_grants (grant_id, at, body) VALUES ('{id}', {at}, '{body}');
        INSERT INTO accesses (id, at, subject_id, body) VALUES ('{line_id}', {at}, '{subject}', '{access}');
        INSERT INTO evidence_records (receipt, at, client_id, subject_id, salt, body)
            VALUES ('{receipt}', {at}, 'loan-bank', '{subject}', {salt}, '{record}');"
    );
    raw::run(test, &sql).await;
}

mod erased {
    /// Anything that is kept as JSON.
    pub trait ToJson {
        /// As it is kept.
        fn json(&self) -> String;
    }
    impl<T: serde::Serialize> ToJson for T {
        fn json(&self) -> String {
            serde_json::to_string(self).unwrap()
        }
    }
}

fn canary_grant(subject: &SubjectId) -> Grant {
    let mut given = grant(Some(subject));
    if let Some(consent) = &mut given.consent {
        "canary".clone_into(&mut consent.purpose);
    }
    given
}

/// A store in which a version before sealing kept a consent and one access under it.
async fn earlier() -> (TestStore, Grant, Access) {
    let test = new_store().await;
    let given = canary_grant(&subject_id());
    let line = Access { purpose: "canary".into(), ..access(&given, NOW) };
    write_as_before(&test, &given, &line).await;
    (test, given, line)
}

async fn is_whole(test: &TestStore, given: &Grant, line: &Access) {
    let store = &test.store;
    assert_eq!(store.find_grant(&given.id).await.unwrap().as_ref(), Some(given));
    assert_eq!(store.list_superseded(&given.id).await.unwrap().len(), 1);
    let before = Before { entry: None, limit: 5 };
    let subject = given.subject.as_ref().unwrap();
    assert_eq!(store.list_accesses(subject, &before).await.unwrap(), std::slice::from_ref(line));
    let receipt = store.find_receipt(&line.receipt()).await.unwrap().unwrap();
    assert!(receipt.salt == [0; 32] && receipt.record.contains("canary"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_version_before_left_in_clear_is_read_and_then_sealed() {
    let (test, given, line) = earlier().await;
    is_whole(&test, &given, &line).await;
    // A request under a consent of that time makes its key; two nodes that seal at once seal each record once.
    let request = keyed_request(&given, "key", "body");
    assert_eq!(test.store.insert_request(&request, "node", at(60)).await.unwrap(), InsertedRequest::New);
    let node = crate::support::engines::open(&test.url).await;
    let (one, other) = tokio::join!(test.store.seal_earlier(1), node.seal_earlier(1));
    let mut sealed = one.unwrap() + other.unwrap();
    while sealed < 4 {
        sealed += test.store.seal_earlier(1).await.unwrap();
    }
    assert_eq!((sealed, test.store.seal_earlier(500).await.unwrap()), (4, 0));
    is_whole(&test, &given, &line).await;
    let account = UpstreamAccount { issuer: "https://idp.example".into(), subject: "canary".into() };
    let known = node.find_or_insert_subject(&account, &SubjectId::generate(&SystemEntropy)).await.unwrap();
    assert_eq!(Some(&known.id), given.subject.as_ref(), "the same person");
    test.store.forget_erased().await.unwrap();
    for value in raw::values(&test).await {
        assert!(!raw::holds(&value.bytes, "canary"), "{}.{}", value.table, value.column);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_master_key_takes_over_in_steps_and_the_old_one_is_needed_no_more() {
    let (test, given, line) = earlier().await;
    while test.store.seal_earlier(500).await.unwrap() > 0 {}
    let both = Arc::new(MasterKey::new([2; 32]).with_former([MASTER]));
    let node = madoguchi::store::open(&test.url, &both).await.unwrap();
    let (mut after, mut changed) = (String::new(), 0);
    loop {
        let done = node.rewrap_keys(&after, 1).await.unwrap();
        changed += done.changed;
        let Some(last) = done.last else { break };
        after = last;
    }
    // The consent's, and that for look-ups; the person's was made when this node opened the store.
    assert_eq!((changed, node.rewrap_keys("", 500).await.unwrap().changed), (2, 0));
    drop(node);
    let new = Arc::new(MasterKey::new([2; 32]));
    let again = TestStore { store: madoguchi::store::open(&test.url, &new).await.unwrap(), ..test };
    is_whole(&again, &given, &line).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_does_not_open_under_another_master_key_and_the_fault_says_which_is_missing() {
    let test = new_store().await;
    let other = Arc::new(MasterKey::new([5; 32]));
    let refused = madoguchi::store::open(&test.url, &other).await.err().unwrap();
    let told = refused.to_string();
    assert!(matches!(refused, Fault::Internal(_)), "{told}");
    assert!(told.contains(&MasterKey::new(MASTER).id()) && told.contains("former_master_key_files"), "{told}");
    test.store.put_client(&client("loan-bank"), NOW).await.unwrap();
}
