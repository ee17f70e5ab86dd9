//! Filings: taken on once, lent to one worker, in turn by filer, changed by who knows them, told without gaps.

use super::samples::{NOW, at};
use super::{RACERS, race, winners};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::corporate_number::CorporateNumber;
use madoguchi::domain::entropy::SystemEntropy;
use madoguchi::domain::ids::{ClientId, DeliveryId, ReceiptId, SubmissionId};
use madoguchi::domain::retrieval::IdempotencyKey;
use madoguchi::domain::submission::{
    ArrivalNumber, Delivery, ParkedBecause, Part, Standing, Submission, SubmissionEvent, SubmissionState,
};
use madoguchi::domain::{Digest, Timestamp};
use madoguchi::store::{
    Before, Content, DeliveryChange, HeldDelivery, InsertedSubmission, Lane, Leasing, NewSubmission, Store,
    SubmissionFilter,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub fn filing(client: &str, key: &str, body: &str, agencies: &[&str]) -> NewSubmission {
    let id = SubmissionId::generate(&SystemEntropy);
    let submission = Submission {
        receipt: ReceiptId::of_submission(&id),
        id,
        client: ClientId::parse(client).unwrap(),
        delegation: None,
        applicant: CorporateNumber::parse("7000012050002").unwrap(),
        key: IdempotencyKey { key: Digest::of(key), body: Digest::of(body) },
        reference: Some("見本".into()),
        digest: Digest::of(body),
        accepted_at: NOW,
        signed_receipt: "a.b.c".into(),
        state: SubmissionState::Accepted,
    };
    let delivery = |(n, agency): (usize, &&str)| {
        let part = Part { agency, procedure: "9990002" };
        let place = u32::try_from(n).unwrap();
        let one = Delivery::new(DeliveryId::generate(&SystemEntropy), &submission, place, &part);
        (one, format!("sealed {n}").into_bytes())
    };
    let deliveries = agencies.iter().enumerate().map(delivery).collect();
    NewSubmission { submission, deliveries, weight: 1, is_taken_on: false, draft: None, deposit: None }
}

async fn filed(store: &dyn Store, client: &str, agencies: &[&str]) -> NewSubmission {
    let new = filing(client, SubmissionId::generate(&SystemEntropy).as_str(), "body", agencies);
    assert_eq!(store.insert_submission(&new).await.unwrap(), InsertedSubmission::New);
    new
}

fn leasing(lane: Lane, now: Timestamp, limit: u32, most: u32) -> Leasing {
    let until = Timestamp::from_millis(now.millis() + 30_000);
    Leasing { agency: "pension".into(), lane, now, until, limit, most }
}

async fn lease(store: &dyn Store, limit: u32) -> Vec<HeldDelivery> {
    store.lease_deliveries(&leasing(Lane::Sends, NOW, limit, 1000)).await.unwrap()
}

fn change(held: &HeldDelivery, delivery: Delivery, due_at: Option<Timestamp>, content: Content) -> DeliveryChange {
    DeliveryChange { delivery, version: held.version, due_at, lease: None, content, at: NOW }
}

/// As the engine does: looked at, sent, arrived.
fn arrived(held: &HeldDelivery) -> DeliveryChange {
    let mut one = held.delivery.clone();
    one.pass_validation().unwrap();
    one.begin(NOW).unwrap();
    one.taken(ArrivalNumber::parse("0001").unwrap(), Vec::new()).unwrap();
    change(held, one, Some(at(60)), Content::Drop)
}

async fn events(store: &dyn Store, client: Option<&str>, after: u64) -> Vec<SubmissionEvent> {
    let client = client.map(|client| ClientId::parse(client).unwrap());
    store.list_submission_events(client.as_ref(), after, 1000).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_calls_with_one_key_file_once_and_leave_one_event_and_one_leaf() {
    let TestStore { store, .. } = &new_store().await;
    let made: Vec<_> = (0..RACERS).map(|_| filing("payroll", "key", "body", &["pension", "labour"])).collect();
    let answers = race(|n| {
        let (store, new) = (Arc::clone(store), made[n].clone());
        async move { store.insert_submission(&new).await.unwrap() }
    })
    .await;
    let winner = answers.iter().position(|answer| *answer == InsertedSubmission::New).unwrap();
    for (n, answer) in answers.iter().enumerate() {
        let same = InsertedSubmission::Same(Box::new(made[winner].submission.clone()));
        assert_eq!(*answer, if n == winner { InsertedSubmission::New } else { same }, "caller {n}");
    }
    let own = &made[winner].submission;
    assert_eq!(events(&**store, None, 0).await.len(), 1);
    assert_eq!(store.count_pending_leaves().await.unwrap(), 1);
    assert!(store.find_receipt(&own.receipt).await.unwrap().unwrap().record.contains(own.id.as_str()));
    let parts = store.list_deliveries(std::slice::from_ref(&own.id)).await.unwrap();
    assert_eq!(parts.iter().map(|part| part.delivery.agency.as_str()).collect::<Vec<_>>(), ["pension", "labour"]);
    // Another body is another filing, and another client's key is its own.
    let other = filing("payroll", "key", "another", &["pension"]);
    assert_eq!(store.insert_submission(&other).await.unwrap(), InsertedSubmission::KeyReused);
    let other = filing("other-payroll", "key", "another", &["pension"]);
    assert_eq!(store.insert_submission(&other).await.unwrap(), InsertedSubmission::New);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_delivery_is_lent_to_one_worker_and_no_more_than_the_agency_may_have() {
    let TestStore { store, .. } = &new_store().await;
    let mut ids = BTreeSet::new();
    for _ in 0..40 {
        ids.insert(filed(&**store, "payroll", &["pension"]).await.deliveries[0].0.id.clone());
    }
    let lent = race(|_| {
        let store = Arc::clone(store);
        async move { store.lease_deliveries(&leasing(Lane::Sends, NOW, 3, 25)).await.unwrap() }
    })
    .await;
    let lent: Vec<_> = lent.into_iter().flatten().collect();
    assert_eq!(lent.len(), 25, "no more are lent out than the agency may have at once");
    let different: BTreeSet<_> = lent.iter().map(|held| held.delivery.id.clone()).collect();
    assert_eq!(different.len(), 25, "one was lent twice");
    assert!(lent.iter().all(|held| held.content.is_some()));
    // A place comes back with the change, or with the lease's end.
    assert!(store.update_delivery(&arrived(&lent[0])).await.unwrap());
    assert_eq!(store.lease_deliveries(&leasing(Lane::Sends, NOW, 3, 25)).await.unwrap().len(), 1);
    let later = store.lease_deliveries(&leasing(Lane::Sends, at(31), 100, 100)).await.unwrap();
    assert_eq!(later.len(), 39);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_changes_of_one_delivery_one_is_written() {
    let TestStore { store, .. } = &new_store().await;
    filed(&**store, "payroll", &["pension"]).await;
    let held = lease(&**store, 1).await.remove(0);
    let answers = race(|n| {
        let (store, held) = (Arc::clone(store), held.clone());
        async move {
            let mut one = held.delivery.clone();
            if n % 2 == 0 {
                one.cancel().unwrap();
                return store.update_delivery(&change(&held, one, None, Content::Drop)).await.unwrap();
            }
            store.update_delivery(&arrived(&held)).await.unwrap()
        }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    let now = store.find_delivery(&held.delivery.id).await.unwrap().unwrap();
    let whole = store.find_submission(&held.delivery.submission).await.unwrap().unwrap();
    assert_eq!((whole.state, now.content), (now.delivery.state, None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filer_with_much_does_not_starve_one_with_little() {
    let TestStore { store, .. } = &new_store().await;
    for _ in 0..60 {
        filed(&**store, "large", &["pension"]).await;
    }
    let first: Vec<_> = lease(&**store, 10).await;
    assert!(first.iter().all(|held| held.delivery.client.as_str() == "large"));
    for _ in 0..5 {
        filed(&**store, "small", &["pension"]).await;
    }
    // Who pays for more gets more, and nobody else gets nothing.
    for _ in 0..12 {
        let mut new = filing("heavy", SubmissionId::generate(&SystemEntropy).as_str(), "body", &["pension"]);
        new.weight = 4;
        assert_eq!(store.insert_submission(&new).await.unwrap(), InsertedSubmission::New);
    }
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for held in lease(&**store, 18).await {
        *counts.entry(held.delivery.client.to_string()).or_default() += 1;
    }
    let count = |name: &str| counts.get(name).copied().unwrap_or_default();
    assert_eq!((count("small"), count("large"), count("heavy")), (3, 3, 12), "{counts:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_whole_follows_its_parts_and_lanes_and_parking_hold_back_what_is_not_to_be_sent() {
    let TestStore { store, .. } = &new_store().await;
    let new = filed(&**store, "payroll", &["pension", "labour"]).await;
    let id = &new.submission.id;
    let held = lease(&**store, 9).await.remove(0);
    assert!(store.update_delivery(&arrived(&held)).await.unwrap());
    assert_eq!(store.find_submission(id).await.unwrap().unwrap().state, SubmissionState::Accepted, "labour is behind");
    assert!(store.lease_deliveries(&leasing(Lane::Sends, at(100), 9, 9)).await.unwrap().is_empty());
    assert!(store.lease_deliveries(&leasing(Lane::Looks, at(59), 9, 9)).await.unwrap().is_empty(), "not due yet");
    assert_eq!(store.lease_deliveries(&leasing(Lane::Looks, at(60), 9, 9)).await.unwrap().len(), 1);
    let mut labour = leasing(Lane::Sends, NOW, 9, 9);
    labour.agency = "labour".into();
    let held = store.lease_deliveries(&labour).await.unwrap().remove(0);
    let mut one = held.delivery.clone();
    one.park(ParkedBecause::Operator);
    assert!(store.update_delivery(&change(&held, one, None, Content::Keep)).await.unwrap());
    labour.now = at(1000);
    assert!(store.lease_deliveries(&labour).await.unwrap().is_empty());
    let loads = store.count_deliveries().await.unwrap();
    let load = |n: usize| (loads[n].agency.as_str(), loads[n].to_send, loads[n].in_review, loads[n].parked);
    assert_eq!((load(0), load(1), loads.len()), (("labour", 1, 0, 1), ("pension", 0, 1, 0), 2));
    let parked = store.list_parked("", 10).await.unwrap();
    assert_eq!((parked.len(), parked[0].content.as_deref()), (1, Some(&b"sealed 1"[..])));
    let mut one = parked[0].delivery.clone();
    one.unpark(NOW).unwrap();
    one.cancel().unwrap();
    assert!(store.update_delivery(&change(&parked[0], one, None, Content::Drop)).await.unwrap());
    assert!(store.list_parked("", 10).await.unwrap().is_empty());
    assert_eq!(store.find_submission(id).await.unwrap().unwrap().state, SubmissionState::Arrived);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_over_is_looked_at_while_there_is_a_time_for_it_and_counts_as_decided() {
    let TestStore { store, .. } = &new_store().await;
    filed(&**store, "payroll", &["pension"]).await;
    let held = lease(&**store, 9).await.remove(0);
    assert!(store.update_delivery(&arrived(&held)).await.unwrap());
    let look = async |seconds| store.lease_deliveries(&leasing(Lane::Looks, at(seconds), 9, 9)).await.unwrap();
    let held = look(60).await.remove(0);
    let mut one = held.delivery.clone();
    one.seen(Standing { state: SubmissionState::Completed, until: None, findings: Vec::new(), payments: None })
        .unwrap();
    one.note_decision(at(60));
    assert!(store.update_delivery(&change(&held, one, Some(at(200)), Content::Drop)).await.unwrap());
    assert_eq!(store.count_deliveries().await.unwrap(), Vec::new(), "it is decided");
    assert!(look(199).await.is_empty());
    let held = look(200).await.remove(0);
    assert_eq!(held.delivery.decided_at, Some(at(60)));
    assert!(store.update_delivery(&change(&held, held.delivery.clone(), None, Content::Drop)).await.unwrap());
    assert!(look(9999).await.is_empty(), "nothing can come any more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_of_the_cursor_never_pass_what_comes_later() {
    let TestStore { store, .. } = &new_store().await;
    let reader = {
        let store = Arc::clone(store);
        tokio::spawn(async move {
            let (mut seen, mut after) = (Vec::new(), 0);
            while seen.len() < RACERS * 4 {
                for event in events(&*store, None, after).await {
                    assert!(event.place > after);
                    after = event.place;
                    seen.push((event.submission.unwrap(), event.state.unwrap()));
                }
            }
            seen
        })
    };
    race(|n| {
        let store = Arc::clone(store);
        async move {
            let client = format!("payroll-{}", n % 3);
            let new = filed(&*store, &client, &[&format!("agency-{n}")]).await;
            let wanted = Leasing { agency: format!("agency-{n}"), ..leasing(Lane::Sends, NOW, 1, 1) };
            let held = store.lease_deliveries(&wanted).await.unwrap().remove(0);
            assert_eq!(held.delivery.id, new.deliveries[0].0.id);
            let mut one = held.delivery.clone();
            one.pass_validation().unwrap();
            one.begin(NOW).unwrap();
            assert!(store.update_delivery(&change(&held, one, Some(NOW), Content::Keep)).await.unwrap());
        }
    })
    .await;
    let seen =
        tokio::time::timeout(std::time::Duration::from_secs(20), reader).await.expect("an event was passed over");
    let mut by_filing: BTreeMap<SubmissionId, Vec<SubmissionState>> = BTreeMap::new();
    for (submission, state) in seen.unwrap() {
        by_filing.entry(submission).or_default().push(state);
    }
    assert_eq!(by_filing.len(), RACERS);
    let order =
        [SubmissionState::Accepted, SubmissionState::Validating, SubmissionState::Queued, SubmissionState::Delivering];
    assert!(by_filing.values().all(|states| *states == order), "{by_filing:?}");
    let of_one = events(&**store, Some("payroll-1"), 0).await;
    assert!(!of_one.is_empty() && of_one.iter().all(|event| event.client.as_str() == "payroll-1"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filings_are_found_by_key_state_and_day_page_by_page() {
    let TestStore { store, .. } = &new_store().await;
    let mut ids = Vec::new();
    for n in 0..7 {
        let mut new = filing("payroll", &format!("key {n}"), "body", &["pension"]);
        new.submission.accepted_at = at(i64::from(n) / 2);
        assert_eq!(store.insert_submission(&new).await.unwrap(), InsertedSubmission::New);
        ids.push(new.submission);
    }
    filed(&**store, "other-payroll", &["pension"]).await;
    let all = SubmissionFilter { client: ids[0].client.clone(), key: None, state: None, from: None, to: None };
    let (mut seen, mut before) = (Vec::new(), Before { entry: None, limit: 3 });
    loop {
        let page = store.list_submissions(&all, &before).await.unwrap();
        let Some(last) = page.last() else { break };
        before.entry = Some((last.accepted_at, last.id.clone()));
        seen.extend(page);
    }
    let mut wanted = ids.clone();
    wanted.sort_by(|one, other| (other.accepted_at, other.id.as_str()).cmp(&(one.accepted_at, one.id.as_str())));
    assert_eq!(seen, wanted);
    let page = Before { entry: None, limit: 100 };
    let by = async |filter: SubmissionFilter| store.list_submissions(&filter, &page).await.unwrap();
    assert_eq!(by(SubmissionFilter { key: Some(ids[3].key.key), ..all.clone() }).await, [ids[3].clone()]);
    assert!(by(SubmissionFilter { key: Some(Digest::of("no")), ..all.clone() }).await.is_empty());
    assert_eq!(by(SubmissionFilter { from: Some(at(1)), to: Some(at(3)), ..all.clone() }).await.len(), 4);
    assert_eq!(by(SubmissionFilter { state: Some(SubmissionState::Accepted), ..all.clone() }).await.len(), 7);
    assert!(by(SubmissionFilter { state: Some(SubmissionState::Failed), ..all }).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_is_sealed_anew_under_whoever_holds_it() {
    let TestStore { store, .. } = &new_store().await;
    filed(&**store, "payroll", &["pension", "labour"]).await;
    let held = lease(&**store, 1).await.remove(0);
    let sealed = store.list_sealed_deliveries("", 10).await.unwrap();
    assert_eq!(sealed.len(), 2);
    assert_eq!(store.list_sealed_deliveries(sealed[0].delivery.id.as_str(), 10).await.unwrap().len(), 1);
    for one in &sealed {
        assert!(store.reseal_delivery(one, b"anew").await.unwrap());
        assert!(!store.reseal_delivery(one, b"again").await.unwrap(), "it holds something else by now");
    }
    // The lease holds, and what was sent is sealed no more.
    assert!(store.update_delivery(&arrived(&held)).await.unwrap());
    let sealed = store.list_sealed_deliveries("", 10).await.unwrap();
    assert_eq!((sealed.len(), sealed[0].content.as_deref()), (1, Some(&b"anew"[..])));
}
