//! Questions to citizens who answer away from the client: claimed once, answered once, taken once, polled at a pace.

use super::acting::{given_by, registered};
use super::representations::turned;
use super::samples::{NOW, at, digest, grant, subject_id};
use super::{RACERS, race, winners};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::decoupled::{Channel, DecoupledRequest};
use madoguchi::domain::grant::Grant;
use madoguchi::domain::ids::{ClientId, DecoupledId, SubjectId};
use madoguchi::domain::representation::{FreezeReason, RepresentationEnd as End, Turn};
use madoguchi::domain::scope::{Scope, ScopeSet};
use madoguchi::domain::{Digest, SystemEntropy, Timestamp};
use madoguchi::store::{DECOUPLED_KEPT, NewDecoupled, Polled, Store};
use std::sync::Arc;
use std::time::Duration;

const PACE: Duration = Duration::from_secs(5);

fn bank() -> ClientId {
    ClientId::parse("loan-bank").unwrap()
}

/// A question that is over after ten minutes.
fn question(channel: Channel) -> DecoupledRequest {
    DecoupledRequest {
        id: DecoupledId::generate(&SystemEntropy),
        client: bank(),
        channel,
        scope: ScopeSet::of(&[Scope::Openid]),
        ask: None,
        created_at: NOW,
        expires_at: at(600),
    }
}

/// What a test holds of a question that is kept.
struct Kept {
    request: DecoupledRequest,
    digest: Digest,
    user_code: Digest,
}

async fn of_device(store: &dyn Store) -> Kept {
    let kept = Kept { request: question(Channel::Device), digest: digest(), user_code: digest() };
    let user_code = Some(kept.user_code);
    let new = NewDecoupled { request: &kept.request, digest: kept.digest, user_code, subject: None, pace: PACE };
    assert!(store.insert_decoupled(&new).await.unwrap());
    kept
}

async fn of_desk(store: &dyn Store, subject: &SubjectId) -> Kept {
    let channel = Channel::Backchannel { message: "３番窓口".into(), notification: Some(vec![1, 2]) };
    let kept = Kept { request: question(channel), digest: digest(), user_code: digest() };
    let subject = Some(subject);
    let new = NewDecoupled { request: &kept.request, digest: kept.digest, user_code: None, subject, pace: PACE };
    assert!(store.insert_decoupled(&new).await.unwrap());
    kept
}

async fn poll(store: &dyn Store, kept: &Kept, now: Timestamp) -> Polled {
    store.poll_decoupled(kept.digest, &bank(), now).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_code_is_one_question_at_a_time() {
    let TestStore { store, .. } = &new_store().await;
    let first = of_device(&**store).await;
    let again = question(Channel::Device);
    let user_code = Some(first.user_code);
    let new = NewDecoupled { request: &again, digest: digest(), user_code, subject: None, pace: PACE };
    assert!(!store.insert_decoupled(&new).await.unwrap());
    // The same device_code can never come again, whatever the user code.
    let new = NewDecoupled { digest: first.digest, user_code: Some(digest()), ..new };
    assert!(store.insert_decoupled(&new).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_persons_with_one_user_code_one_is_asked() {
    let TestStore { store, .. } = &new_store().await;
    let kept = of_device(&**store).await;
    let persons: Vec<SubjectId> = (0..RACERS).map(|_| subject_id()).collect();
    let claims = race(|n| {
        let (store, person, user_code) = (Arc::clone(store), persons[n].clone(), kept.user_code);
        async move { store.claim_decoupled(user_code, &person, NOW).await.unwrap() }
    })
    .await;
    let won: Vec<usize> = (0..RACERS).filter(|n| claims[*n].is_some()).collect();
    assert_eq!(won.len(), 1);
    assert_eq!(claims[won[0]], Some(kept.request.clone()));
    for (n, person) in persons.iter().enumerate() {
        let is_theirs = n == won[0];
        let again = store.claim_decoupled(kept.user_code, person, NOW).await.unwrap();
        assert_eq!(again.is_some(), is_theirs, "the first may type it again");
        let found = store.find_decoupled(&kept.request.id, person, NOW).await.unwrap();
        assert_eq!(found.is_some(), is_theirs);
    }
    assert_eq!(store.claim_decoupled(kept.user_code, &persons[won[0]], at(600)).await.unwrap(), None);
    assert_eq!(store.claim_decoupled(digest(), &persons[0], NOW).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_answers_one_counts_and_writes_one_grant() {
    let TestStore { store, .. } = &new_store().await;
    let person = subject_id();
    let kept = of_desk(&**store, &person).await;
    let grants: Vec<_> = (0..RACERS).map(|_| grant(Some(&person))).collect();
    let answers = race(|n| {
        let (store, person, id, grant) =
            (Arc::clone(store), person.clone(), kept.request.id.clone(), grants[n].clone());
        // Every fifth refuses.
        async move {
            let grant = (n % 5 != 0).then_some(&grant);
            store.take_decoupled_decision(&id, &person, grant, NOW).await.unwrap()
        }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    let winner = answers.iter().position(|yes| *yes).unwrap();
    for (n, grant) in grants.iter().enumerate() {
        let is_written = n == winner && n % 5 != 0;
        assert_eq!(store.find_grant(&grant.id).await.unwrap().is_some(), is_written);
    }
    let expected = if winner % 5 == 0 { Polled::Refused } else { Polled::Granted(grants[winner].id.clone()) };
    assert_eq!(poll(&**store, &kept, NOW).await, expected);
    assert_eq!(store.list_decoupled(&person, NOW, 10).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_for_another_counts_only_by_a_representation_in_force_and_uses_nothing_up_otherwise() {
    let TestStore { store, .. } = &new_store().await;
    let store = &**store;
    let one = registered(store).await;
    let other = subject_id();
    let decided = async |grant: &Grant| {
        let kept = of_desk(store, &one.representative).await;
        let id = &kept.request.id;
        let is_done = store.take_decoupled_decision(id, &one.representative, Some(grant), NOW).await.unwrap();
        let is_left = store.find_decoupled(id, &one.representative, NOW).await.unwrap().is_some();
        assert_ne!(is_done, is_left, "an answer that does not count uses nothing up");
        assert_eq!(store.find_grant(&grant.id).await.unwrap().is_some(), is_done);
        is_done
    };
    assert!(!decided(&Grant { subject: Some(other), ..given_by(&one) }).await, "of somebody else");
    assert!(!decided(&Grant { expires_at: at(3601), ..given_by(&one) }).await, "longer than the representation");
    assert!(decided(&given_by(&one)).await);
    assert!(turned(store, &one.id, Turn::Freeze(FreezeReason::Operator), at(0)).await);
    assert!(!decided(&given_by(&one)).await, "frozen");
    assert!(turned(store, &one.id, Turn::Unfreeze(None), at(0)).await);
    assert!(decided(&given_by(&one)).await);
    assert!(turned(store, &one.id, Turn::End(End::Principal), at(0)).await);
    assert!(!decided(&given_by(&one)).await, "ended");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_person_asked_answers_and_only_in_time() {
    let TestStore { store, .. } = &new_store().await;
    let (person, stranger) = (subject_id(), subject_id());
    let kept = of_desk(&**store, &person).await;
    let id = &kept.request.id;
    assert!(!store.take_decoupled_decision(id, &stranger, None, NOW).await.unwrap());
    assert!(!store.take_decoupled_decision(id, &person, None, at(600)).await.unwrap());
    assert_eq!(store.find_decoupled(id, &stranger, NOW).await.unwrap(), None);
    assert_eq!(store.find_decoupled(id, &person, at(600)).await.unwrap(), None);
    assert_eq!(store.find_decoupled(id, &person, at(599)).await.unwrap(), Some(kept.request.clone()));
    // A terminal's question that nobody has claimed is nobody's to answer.
    let device = of_device(&**store).await;
    assert!(!store.take_decoupled_decision(&device.request.id, &person, None, NOW).await.unwrap());
    assert!(store.take_decoupled_decision(id, &person, None, at(599)).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_polls_after_the_answer_one_takes_it() {
    let TestStore { store, .. } = &new_store().await;
    let person = subject_id();
    for kept in [of_desk(&**store, &person).await, of_device(&**store).await] {
        if kept.request.channel == Channel::Device {
            store.claim_decoupled(kept.user_code, &person, NOW).await.unwrap().unwrap();
        }
        let grant = grant(Some(&person));
        assert!(store.take_decoupled_decision(&kept.request.id, &person, Some(&grant), NOW).await.unwrap());
        assert_eq!(
            store.poll_decoupled(kept.digest, &ClientId::parse("other").unwrap(), NOW).await.unwrap(),
            Polled::Unknown
        );
        let polls = race(|_| {
            let (store, digest) = (Arc::clone(store), kept.digest);
            async move { store.poll_decoupled(digest, &bank(), NOW).await.unwrap() }
        })
        .await;
        let granted = polls.iter().filter(|polled| **polled == Polled::Granted(grant.id.clone())).count();
        let unknown = polls.iter().filter(|polled| **polled == Polled::Unknown).count();
        assert_eq!((granted, unknown), (1, RACERS - 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_lasts_no_longer_than_its_question() {
    let TestStore { store, .. } = &new_store().await;
    let person = subject_id();
    let (granted, refused, open) =
        (of_desk(&**store, &person).await, of_desk(&**store, &person).await, of_desk(&**store, &person).await);
    assert!(
        store.take_decoupled_decision(&granted.request.id, &person, Some(&grant(Some(&person))), NOW).await.unwrap()
    );
    assert!(store.take_decoupled_decision(&refused.request.id, &person, None, NOW).await.unwrap());
    assert_eq!(poll(&**store, &refused, at(599)).await, Polled::Refused);
    for kept in [&granted, &refused, &open] {
        assert_eq!(poll(&**store, kept, at(600)).await, Polled::Over);
    }
    store.purge(at(600)).await.unwrap();
    assert_eq!(poll(&**store, &open, at(600)).await, Polled::Over, "told for a while that it is over");
    assert_eq!(store.purge(at(600).plus(DECOUPLED_KEPT)).await.unwrap(), 3);
    assert_eq!(poll(&**store, &open, at(600)).await, Polled::Unknown);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_asks_too_soon_must_be_slower() {
    let TestStore { store, .. } = &new_store().await;
    let kept = of_device(&**store).await;
    let mut told = Vec::new();
    for second in [0, 1, 6, 12, 26, 41, 56] {
        told.push(poll(&**store, &kept, at(second)).await);
    }
    // First; 1 s after (pace 10 s); 5 s after (15 s); 6 s after (20 s); 14 s after (25 s); 15 s after (30 s); and so on.
    assert_eq!(
        told,
        [
            Polled::Pending,
            Polled::TooSoon,
            Polled::TooSoon,
            Polled::TooSoon,
            Polled::TooSoon,
            Polled::TooSoon,
            Polled::TooSoon
        ]
    );
    assert_eq!(poll(&**store, &kept, at(56 + 35)).await, Polled::Pending);
    // Never slower than a minute.
    for second in 0..20 {
        assert_eq!(poll(&**store, &kept, at(100 + second)).await, Polled::TooSoon);
    }
    assert_eq!(poll(&**store, &kept, at(119 + 60)).await, Polled::Pending);
    // A little early is in time: networks are not even.
    let punctual = of_device(&**store).await;
    assert_eq!(poll(&**store, &punctual, NOW).await, Polled::Pending);
    assert_eq!(poll(&**store, &punctual, Timestamp::from_millis(at(4).millis())).await, Polled::Pending);
    assert_eq!(poll(&**store, &punctual, Timestamp::from_millis(at(8).millis() - 1)).await, Polled::TooSoon);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_polls_at_once_before_the_answer_one_is_in_time() {
    let TestStore { store, .. } = &new_store().await;
    let kept = of_device(&**store).await;
    let polls = race(|_| {
        let (store, digest) = (Arc::clone(store), kept.digest);
        async move { store.poll_decoupled(digest, &bank(), NOW).await.unwrap() }
    })
    .await;
    assert_eq!(polls.iter().filter(|polled| **polled == Polled::Pending).count(), 1);
    assert_eq!(polls.iter().filter(|polled| **polled == Polled::TooSoon).count(), RACERS - 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_persons_questions_are_listed_by_their_end() {
    let TestStore { store, .. } = &new_store().await;
    let (person, other) = (subject_id(), subject_id());
    let mut ends = Vec::new();
    for end in [300, 100, 200, 50] {
        let request = DecoupledRequest { expires_at: at(end), ..question(Channel::Device) };
        let subject = Some(&person);
        let new = NewDecoupled { request: &request, digest: digest(), user_code: None, subject, pace: PACE };
        assert!(store.insert_decoupled(&new).await.unwrap());
        ends.push(request);
    }
    of_desk(&**store, &other).await;
    ends.sort_by_key(|request| request.expires_at);
    assert_eq!(store.list_decoupled(&person, NOW, 10).await.unwrap(), ends);
    assert_eq!(store.list_decoupled(&person, at(50), 10).await.unwrap(), ends[1..]);
    assert_eq!(store.list_decoupled(&person, NOW, 2).await.unwrap(), ends[..2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pairwise_subject_leads_to_its_person() {
    let TestStore { store, .. } = &new_store().await;
    let (sub, person) = (digest(), subject_id());
    assert_eq!(store.find_pairwise(sub).await.unwrap(), None);
    for _ in 0..2 {
        store.put_pairwise(sub, &person).await.unwrap();
    }
    assert_eq!(store.find_pairwise(sub).await.unwrap(), Some(person));
}
