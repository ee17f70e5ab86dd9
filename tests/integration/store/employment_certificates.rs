//! Certificates of employment: one for each key, taken back once, opened by one municipality.

use super::samples::{NOW, at};
use super::{race, winners};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::corporate_number::CorporateNumber;
use madoguchi::domain::employment_certificate::{EmploymentCertificate, Revocation, RevocationReason};
use madoguchi::domain::ids::{CertificateId, ClientId, DelegationId, ReceiptId};
use madoguchi::domain::retrieval::IdempotencyKey;
use madoguchi::domain::{Digest, Entropy, Kept, SystemEntropy};
use madoguchi::store::{Before, InsertedCertificate, Store};
use std::sync::Arc;

fn certificate(key: &str, body: &str) -> EmploymentCertificate {
    let entropy: &dyn Entropy = &SystemEntropy;
    EmploymentCertificate {
        id: CertificateId::generate(&SystemEntropy),
        client: ClientId::parse("payroll").unwrap(),
        employer: CorporateNumber::parse("5000000990004").unwrap(),
        delegation: None,
        municipality: "999016".to_owned(),
        form: "standard".to_owned(),
        key: IdempotencyKey { key: Digest::of(key), body: Digest::of(body) },
        reference: entropy.handle(),
        signed: format!("header.{body}.signature"),
        signed_by: "thumbprint".to_owned(),
        receipt: ReceiptId::generate(&SystemEntropy),
        signed_receipt: "receipt".to_owned(),
        issued_at: NOW,
    }
}

/// What the software is told, in order.
async fn news(store: &dyn Store) -> Vec<&'static str> {
    let client = ClientId::parse("payroll").unwrap();
    let told = store.list_submission_events(Some(&client), 0, 100).await.unwrap();
    told.into_iter().map(|one| one.certificate.unwrap().news.as_str()).collect()
}

async fn actions(store: &dyn Store) -> Vec<String> {
    let mut found = Vec::new();
    for leaf in store.list_pending_leaves(200).await.unwrap() {
        let kept = store.find_receipt(&leaf.receipt).await.unwrap().unwrap();
        let record: serde_json::Value = serde_json::from_str(&kept.record).unwrap();
        found.push(record["action"].as_str().unwrap().to_owned());
    }
    found.sort();
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_calls_with_one_key_one_issues_and_the_others_get_the_same() {
    let TestStore { store, .. } = &new_store().await;
    let answers = race(|_| {
        let (store, new) = (Arc::clone(store), certificate("key", "body"));
        async move { (new.id.clone(), store.insert_certificate(&new).await.unwrap()) }
    })
    .await;
    let new: Vec<_> = answers.iter().filter(|(_, answer)| *answer == InsertedCertificate::New).collect();
    let [(id, _)] = new.as_slice() else { panic!("{} were written", new.len()) };
    for (own, answer) in &answers {
        match answer {
            InsertedCertificate::New => assert_eq!(own, id),
            InsertedCertificate::Same(earlier) => assert_eq!(earlier.certificate.id, *id),
            other => panic!("{other:?}"),
        }
    }
    let other = store.insert_certificate(&certificate("key", "another body")).await.unwrap();
    assert_eq!(other, InsertedCertificate::KeyReused);
    assert_eq!(actions(&**store).await, ["issued"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_taken_back_once_and_opened_by_its_municipality_alone() {
    let TestStore { store, .. } = &new_store().await;
    let one = certificate("key", "body");
    assert_eq!(store.insert_certificate(&one).await.unwrap(), InsertedCertificate::New);
    let reference = EmploymentCertificate::digest_of_reference(&one.reference);
    let city = ClientId::parse("city").unwrap();
    for (digest, municipality) in [(reference, "999024"), (Digest::of("other"), "999016")] {
        assert_eq!(store.open_certificate(digest, municipality, (&city, at(1))).await.unwrap(), None);
    }
    let opened = store.open_certificate(reference, "999016", (&city, at(2))).await.unwrap().unwrap();
    assert_eq!((&opened.certificate, opened.openings, opened.opened_at), (&one, 1, Some(at(2))));
    let stranger = ClientId::parse("stranger").unwrap();
    let revocation = Revocation { at: at(3), reason: RevocationReason::Incorrect };
    assert!(!store.revoke_certificate(&one.id, &stranger, revocation).await.unwrap());
    let answers = race(|_| {
        let (store, one) = (Arc::clone(store), one.clone());
        async move { store.revoke_certificate(&one.id, &one.client, revocation).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    let opened = store.open_certificate(reference, "999016", (&city, at(4))).await.unwrap().unwrap();
    assert_eq!((opened.revocation, opened.openings), (Some(revocation), 2));
    assert_eq!(store.find_certificate(&one.id).await.unwrap().unwrap(), opened);
    assert_eq!(actions(&**store).await, ["issued", "opened", "opened", "revoked"]);
    assert_eq!(store.find_certificate_by_reference(reference).await.unwrap().unwrap(), opened, "looking opens nothing");
    assert_eq!(store.find_certificate_by_reference(Digest::of("other")).await.unwrap(), None);
    assert_eq!(news(&**store).await, ["issued", "opened", "revoked", "opened"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn they_are_listed_newest_first_and_erased_with_their_keys_when_old() {
    let TestStore { store, .. } = &new_store().await;
    let mut issued = Vec::new();
    for n in 0..3 {
        let one = EmploymentCertificate { issued_at: at(n), ..certificate(&format!("key {n}"), "body") };
        assert_eq!(store.insert_certificate(&one).await.unwrap(), InsertedCertificate::New);
        issued.insert(0, one);
    }
    let client = &issued[0].client;
    let listed = store.list_certificates(client, &Before { entry: None, limit: 2 }).await.unwrap();
    let of = |found: &[madoguchi::store::HeldCertificate]| {
        found.iter().map(|one| one.certificate.id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(of(&listed), [issued[0].id.clone(), issued[1].id.clone()]);
    let entry = Some((issued[1].issued_at, issued[1].id.clone()));
    let listed = store.list_certificates(client, &Before { entry, limit: 2 }).await.unwrap();
    assert_eq!(of(&listed), [issued[2].id.clone()]);
    let kind = Kept::EmploymentCertificates;
    assert_eq!(store.count_old(kind, at(2)).await.unwrap(), 2);
    assert_eq!(store.erase_old(kind, at(2), (at(10), 1)).await.unwrap(), 1, "no more than was said");
    assert_eq!(store.erase_old(kind, at(2), (at(10), 10)).await.unwrap(), 1);
    assert!(store.find_certificate(&issued[2].id).await.unwrap().is_none());
    assert!(store.find_certificate(&issued[0].id).await.unwrap().is_some());
    assert_eq!(news(&**store).await, ["issued"], "what was told of them is erased, too");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_its_delegation_nothing_is_written() {
    let TestStore { store, .. } = &new_store().await;
    let delegation = Some(DelegationId::generate(&SystemEntropy));
    let one = EmploymentCertificate { delegation, ..certificate("key", "body") };
    assert_eq!(store.insert_certificate(&one).await.unwrap(), InsertedCertificate::NotDelegated);
    assert!(store.find_certificate(&one.id).await.unwrap().is_none());
    assert!(actions(&**store).await.is_empty());
}
