//! Drafts of applications: changed by who saw them, handed in once, gone with their time and with their person.

use super::applications::{app, application, person};
use super::samples::{NOW, at};
use super::{race, winners};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::application::{Application, ApplicationDraft};
use madoguchi::domain::draft::{DRAFT_LIFE, Draft};
use madoguchi::domain::electronic_signature::{ElectronicSignature, Signing};
use madoguchi::domain::health_insurance::CertificateSerial;
use madoguchi::domain::ids::{ClientId, DraftId};
use madoguchi::domain::retrieval::IdempotencyKey;
use madoguchi::domain::{Digest, SystemEntropy};
use madoguchi::store::{Before, InsertedApplication, InsertedApplicationDraft};
use std::sync::Arc;

fn draft(key: &str, content: &str) -> ApplicationDraft {
    let draft = Draft {
        id: DraftId::generate(&SystemEntropy),
        client: app(),
        key: IdempotencyKey { key: Digest::of(key), body: Digest::of(content) },
        tag: "first".into(),
        created_at: NOW,
        changed_at: NOW,
    };
    ApplicationDraft { draft, subject: person("s_one"), content: content.into(), signing: Signing::None }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_that_saw_a_draft_one_hands_it_in_and_nothing_of_the_others_is_written() {
    let TestStore { store, .. } = &new_store().await;
    let one = draft("key", "{}");
    assert_eq!(store.insert_application_draft(&one, 9).await.unwrap(), InsertedApplicationDraft::New);
    let stale = (&one.draft.id, "another");
    let refused = store.insert_drafted_application(&application("stale", "x"), stale).await.unwrap();
    assert_eq!(refused, InsertedApplication::DraftGone);
    let answers = race(|n| {
        let (store, id, new) = (Arc::clone(store), one.draft.id.clone(), application(&format!("key {n}"), "body"));
        async move { (new.id.clone(), store.insert_drafted_application(&new, (&id, "first")).await.unwrap()) }
    })
    .await;
    let new: Vec<_> = answers.iter().filter(|(_, told)| matches!(told, InsertedApplication::New(_))).collect();
    assert_eq!(new.len(), 1);
    for (id, told) in &answers {
        let is_there = store.find_application(id).await.unwrap().is_some();
        assert_eq!(is_there, !matches!(told, InsertedApplication::DraftGone), "{told:?}");
    }
    assert!(store.find_application_draft(&one.draft.id, NOW).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_comes_again_finds_what_its_draft_became() {
    let TestStore { store, .. } = &new_store().await;
    let one = draft("key", "{}");
    store.insert_application_draft(&one, 9).await.unwrap();
    let answers = race(|_| {
        let (store, id, new) = (Arc::clone(store), one.draft.id.clone(), application("key", "body"));
        async move { store.insert_drafted_application(&new, (&id, "first")).await.unwrap() }
    })
    .await;
    let of = |wanted: fn(&InsertedApplication) -> bool| answers.iter().filter(|told| wanted(told)).count();
    assert_eq!(of(|told| matches!(told, InsertedApplication::New(_))), 1);
    assert_eq!(of(|told| matches!(told, InsertedApplication::Same(_))), answers.len() - 1, "{answers:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_changes_of_one_version_one_is_written_and_a_key_is_one_persons() {
    let TestStore { store, .. } = &new_store().await;
    let one = draft("key", "{}");
    store.insert_application_draft(&one, 2).await.unwrap();
    let changed = race(|n| {
        let (store, mut next) = (Arc::clone(store), one.clone());
        next.draft.tag = format!("tag-{n}");
        next.draft.changed_at = at(5);
        next.content = format!("{{\"n\":{n}}}");
        async move { store.update_application_draft(&next, "first").await.unwrap() }
    })
    .await;
    assert_eq!(winners(&changed), 1);
    let kept = store.find_application_draft(&one.draft.id, NOW).await.unwrap().unwrap();
    assert_ne!(kept.draft.tag, "first");
    assert!(!store.delete_application_draft(&one.draft.id, "first").await.unwrap());
    let again = store.insert_application_draft(&draft("key", "{}"), 2).await.unwrap();
    assert!(matches!(&again, InsertedApplicationDraft::Same(same) if same.draft.id == one.draft.id), "{again:?}");
    assert_eq!(
        store.insert_application_draft(&draft("key", "other"), 2).await.unwrap(),
        InsertedApplicationDraft::KeyReused
    );
    let theirs = ApplicationDraft { subject: person("s_two"), ..draft("key", "{}") };
    assert_eq!(store.insert_application_draft(&theirs, 2).await.unwrap(), InsertedApplicationDraft::New);
    assert_eq!(
        store.insert_application_draft(&draft("more", "{}"), 1).await.unwrap(),
        InsertedApplicationDraft::TooMany
    );
    let another = ClientId::parse("another").unwrap();
    let person = person("s_one");
    assert_eq!(store.list_application_drafts((Some(&app()), &person), NOW).await.unwrap().len(), 1);
    assert_eq!(store.list_application_drafts((None, &person), NOW).await.unwrap().len(), 1);
    assert!(store.list_application_drafts((Some(&another), &person), NOW).await.unwrap().is_empty());
    let end = at(5).plus(DRAFT_LIFE);
    assert!(store.find_application_draft(&one.draft.id, end).await.unwrap().is_none());
    assert_eq!(store.purge(end).await.unwrap(), 2);
}

fn signature() -> ElectronicSignature {
    ElectronicSignature {
        document: "{}".into(),
        signature: "c2lnbmF0dXJl".into(),
        certificates: vec!["Y2VydGlmaWNhdGU=".into()],
        serial: CertificateSerial::parse("41C0FFEE").unwrap(),
        issuer: "C=JP, CN=REIJI CITIZENS CA".into(),
        not_after: at(900),
        signed_at: at(3),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_is_taken_from_its_signing_once_and_its_signature_goes_with_what_it_becomes() {
    let TestStore { store, .. } = &new_store().await;
    let (document, until) = (Digest::of("{}"), at(60));
    let begun = Signing::Begun { attempt: "one".into(), transaction: "there".into(), document, until };
    let one = ApplicationDraft { signing: begun.clone(), ..draft("key", "{}") };
    store.insert_application_draft(&one, 9).await.unwrap();
    let kept = store.find_application_draft(&one.draft.id, NOW).await.unwrap().unwrap();
    assert_eq!(kept.signing, begun);
    let taken = race(|n| {
        let (store, mut next) = (Arc::clone(store), one.clone());
        (next.draft.tag, next.signing) = (format!("taken-{n}"), Signing::None);
        async move { store.update_application_draft(&next, "first").await.unwrap() }
    })
    .await;
    assert_eq!(winners(&taken), 1, "of fifty that come back one goes on");
    let mut signed = store.find_application_draft(&one.draft.id, NOW).await.unwrap().unwrap();
    let seen = std::mem::replace(&mut signed.draft.tag, "signed".into());
    signed.signing = Signing::Signed(Box::new(signature()));
    assert!(store.update_application_draft(&signed, &seen).await.unwrap());
    assert_eq!(store.find_application_draft(&one.draft.id, NOW).await.unwrap().unwrap().signing, signed.signing);
    let new = Application { signature: Some(Box::new(signature())), ..application("key", "body") };
    let inserted = store.insert_drafted_application(&new, (&one.draft.id, "signed")).await.unwrap();
    assert!(matches!(inserted, InsertedApplication::New(_)), "{inserted:?}");
    let held = store.find_application(&new.id).await.unwrap().unwrap();
    assert_eq!(held.application.signature.as_deref(), Some(&signature()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_persons_applications_are_listed_whatever_the_software() {
    let TestStore { store, .. } = &new_store().await;
    let own = Application { arrived_at: at(1), ..application("a", "a") };
    let by_other =
        Application { client: ClientId::parse("another").unwrap(), arrived_at: at(2), ..application("b", "b") };
    let theirs = Application { subject: person("s_two"), ..application("c", "c") };
    for one in [&own, &by_other, &theirs] {
        assert!(matches!(store.insert_application(one).await.unwrap(), InsertedApplication::New(_)));
    }
    let all = Before { entry: None, limit: 9 };
    let found = store.list_persons_applications(&person("s_one"), &all).await.unwrap();
    let ids: Vec<_> = found.iter().map(|held| &held.application.id).collect();
    assert_eq!(ids, [&by_other.id, &own.id]);
    let before = Before { entry: Some((at(2), by_other.id.clone())), limit: 9 };
    assert_eq!(store.list_persons_applications(&person("s_one"), &before).await.unwrap().len(), 1);
}
