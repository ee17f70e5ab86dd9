//! Times for interviews: published all or none, never fuller than they have room, and let go with whatever ends an appointment.

use super::applications::{actions, app, application, desk, news, person, put};
use super::samples::{NOW, at, words};
use super::{RACERS, race, winners};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::application::{Application, ApplicationNews, Decision, Outcome};
use madoguchi::domain::ids::{ApplicationId, ClientId, InterviewSlotId};
use madoguchi::domain::interview::{InterviewResult, InterviewSlot, Meeting};
use madoguchi::domain::retrieval::IdempotencyKey;
use madoguchi::domain::{Digest, SystemEntropy, Timestamp};
use madoguchi::store::{
    ApplicationChange, ChangedApplication, HeldApplication, InsertedInterviewSlots, InterviewSpan, NewInterviewSlots,
    Store, WithdrawnSlot,
};
use std::sync::Arc;

const CITY: &str = "999016";
const ALWAYS: InterviewSpan =
    InterviewSpan { from: Timestamp::from_millis(0), until: Timestamp::from_millis(i64::MAX) };

fn slot(seconds: i64, capacity: u16) -> InterviewSlot {
    InterviewSlot {
        id: InterviewSlotId::generate(&SystemEntropy),
        municipality: CITY.into(),
        client: desk(),
        procedures: vec!["child-allowance-claim".into(), "nursery-application".into()],
        meeting: Meeting {
            place: words("Counter 3"),
            starts_at: at(seconds),
            ends_at: at(seconds + 1800),
            deadline: at(seconds - 600),
        },
        capacity,
        published_at: NOW,
    }
}

fn all_of(key: &str, slots: &[InterviewSlot]) -> NewInterviewSlots {
    let key = IdempotencyKey { key: Digest::of(key), body: Digest::of("body") };
    let municipality = slots[0].municipality.clone();
    NewInterviewSlots { municipality, key, slots: slots.to_vec(), at: NOW }
}

async fn publish(store: &dyn Store, key: &str, slots: &[InterviewSlot]) {
    let told = store.insert_interview_slots(&all_of(key, slots), 100).await.unwrap();
    assert_eq!(told, InsertedInterviewSlots::New);
}

async fn taken(store: &dyn Store, slot: &InterviewSlot) -> u64 {
    store.find_interview_slot(&slot.id).await.unwrap().unwrap().taken
}

async fn held(store: &dyn Store, id: &ApplicationId) -> HeldApplication {
    store.find_application(id).await.unwrap().unwrap()
}

fn change(held: &HeldApplication, next: Application, told: (ApplicationNews, ClientId)) -> ApplicationChange {
    ApplicationChange { application: next, version: held.version, news: told.0, by: told.1, at: at(1) }
}

/// Books what was read.
async fn book(store: &dyn Store, held: &HeldApplication, slot: &InterviewSlot) -> ChangedApplication {
    let mut next = held.application.clone();
    next.book(slot, at(1)).unwrap();
    store.update_application(&change(held, next, (ApplicationNews::InterviewBooked, app()))).await.unwrap()
}

async fn done(store: &dyn Store, id: &ApplicationId, slot: &InterviewSlot) -> HeldApplication {
    match book(store, &held(store, id).await, slot).await {
        ChangedApplication::Done(held) => *held,
        other => unreachable!("{other:?}"),
    }
}

async fn many(store: &dyn Store, count: usize) -> Vec<HeldApplication> {
    let mut all = Vec::new();
    for n in 0..count {
        let new = application(&format!("key {n}"), "body");
        put(store, &new).await;
        all.push(held(store, &new.id).await);
    }
    all
}

async fn listed(store: &dyn Store, municipality: &str) -> Vec<ApplicationId> {
    let found = store.list_interviewed_applications(municipality, ALWAYS, (None, 100)).await.unwrap();
    found.into_iter().map(|held| held.application.id).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_calls_with_one_key_one_publishes_all_or_none() {
    let TestStore { store, .. } = &new_store().await;
    let answers = race(|n| {
        let (store, slots) = (Arc::clone(store), [slot(3600, 1), slot(7200, 1)]);
        async move {
            let told = store.insert_interview_slots(&all_of("key", &slots), 100).await.unwrap();
            (n, slots[0].id.clone(), told)
        }
    })
    .await;
    let new: Vec<_> = answers.iter().filter(|(.., told)| *told == InsertedInterviewSlots::New).collect();
    let [(_, first, _)] = new.as_slice() else { unreachable!("{} published", new.len()) };
    for (.., told) in answers.iter().filter(|(.., told)| *told != InsertedInterviewSlots::New) {
        let InsertedInterviewSlots::Same(held) = told else { unreachable!("{told:?}") };
        assert_eq!((held.len(), &held[0].slot.id), (2, first));
    }
    let mut other = all_of("key", &[slot(3600, 1)]);
    other.key.body = Digest::of("another");
    assert_eq!(store.insert_interview_slots(&other, 100).await.unwrap(), InsertedInterviewSlots::KeyReused);
    let elsewhere = InterviewSlot { municipality: "999024".into(), ..slot(3600, 1) };
    publish(&**store, "key", &[elsewhere]).await;
    let two = all_of("more", &[slot(3600, 1), slot(3600, 1)]);
    assert_eq!(store.insert_interview_slots(&two, 3).await.unwrap(), InsertedInterviewSlots::TooMany);
    let found = store.list_interview_slots(CITY, ALWAYS, (None, 100)).await.unwrap();
    assert_eq!(found.len(), 2, "none of what was too many");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_who_book_one_time_as_many_as_it_has_room_for_do() {
    let TestStore { store, .. } = &new_store().await;
    let one = slot(3600, 3);
    publish(&**store, "key", std::slice::from_ref(&one)).await;
    let all = many(&**store, RACERS).await;
    let answers = race(|n| {
        let (store, held, one) = (Arc::clone(store), all[n].clone(), one.clone());
        async move { book(&*store, &held, &one).await }
    })
    .await;
    let booked: Vec<_> = answers.iter().map(|told| matches!(told, ChangedApplication::Done(_))).collect();
    assert_eq!(winners(&booked), 3);
    assert!(answers.iter().all(|told| matches!(told, ChangedApplication::Done(_) | ChangedApplication::SlotFull)));
    assert_eq!(taken(&**store, &one).await, 3);
    for (held_before, told) in all.iter().zip(&answers) {
        let now = held(&**store, &held_before.application.id).await;
        let is_booked = matches!(told, ChangedApplication::Done(_));
        assert_eq!((now.application.booked().is_some(), now.version > 0), (is_booked, is_booked), "nothing by half");
    }
    assert_eq!(listed(&**store, CITY).await.len(), 3);
    assert!(listed(&**store, "999024").await.is_empty());
    let told = news(&**store).await;
    assert_eq!(told.iter().filter(|news| **news == ApplicationNews::InterviewBooked).count(), 3);
    assert_eq!(actions(&**store).await.iter().filter(|action| *action == "interview_booked").count(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_bookings_of_one_application_one_is_written_and_a_change_lets_the_earlier_go() {
    let TestStore { store, .. } = &new_store().await;
    let slots = [slot(3600, 50), slot(7200, 50)];
    publish(&**store, "key", &slots).await;
    let new = application("key", "body");
    put(&**store, &new).await;
    let before = held(&**store, &new.id).await;
    let answers = race(|n| {
        let (store, before, one) = (Arc::clone(store), before.clone(), slots[n % 2].clone());
        async move { book(&*store, &before, &one).await }
    })
    .await;
    let booked: Vec<_> = answers.iter().map(|told| matches!(told, ChangedApplication::Done(_))).collect();
    assert_eq!(winners(&booked), 1);
    let sum = async || taken(&**store, &slots[0]).await + taken(&**store, &slots[1]).await;
    assert_eq!(sum().await, 1);
    let now = held(&**store, &new.id).await;
    let is_first = now.application.held_slot() == Some(&slots[0].id);
    let (from, to) = if is_first { (&slots[0], &slots[1]) } else { (&slots[1], &slots[0]) };
    let changed = done(&**store, &new.id, to).await;
    assert_eq!((taken(&**store, from).await, taken(&**store, to).await), (0, 1));
    let mut next = changed.application.clone();
    next.cancel_appointment(at(1)).unwrap();
    let cancel = change(&changed, next, (ApplicationNews::InterviewCancelled, app()));
    assert!(matches!(store.update_application(&cancel).await.unwrap(), ChangedApplication::Done(_)));
    assert_eq!(store.update_application(&cancel).await.unwrap(), ChangedApplication::Changed);
    assert_eq!((sum().await, listed(&**store, CITY).await.len()), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_ends_an_application_lets_its_place_go_and_who_came_keeps_it() {
    let TestStore { store, .. } = &new_store().await;
    let one = slot(3600, 9);
    publish(&**store, "key", std::slice::from_ref(&one)).await;
    let all = many(&**store, 3).await;
    let mut booked = Vec::new();
    for held in &all {
        booked.push(done(&**store, &held.application.id, &one).await);
    }
    assert_eq!(taken(&**store, &one).await, 3);
    let mut next = booked[0].application.clone();
    next.withdraw(at(1)).unwrap();
    let withdrawn = change(&booked[0], next, (ApplicationNews::Withdrawn, app()));
    let mut next = booked[1].application.clone();
    let title = "通知".to_owned();
    let outcome = Outcome {
        decision: Decision::Rejected,
        text: title.clone(),
        title,
        decided_on: at(1).date_in_japan(),
        at: at(1),
    };
    next.decide(outcome).unwrap();
    let decided = change(&booked[1], next, (ApplicationNews::Decided, desk()));
    let mut next = booked[2].application.clone();
    next.record_interview(InterviewResult::Attended, None, at(3600)).unwrap();
    let attended = change(&booked[2], next, (ApplicationNews::InterviewRecorded, desk()));
    for (change, left) in [(withdrawn, 2), (decided, 1), (attended, 1)] {
        assert!(matches!(store.update_application(&change).await.unwrap(), ChangedApplication::Done(_)));
        assert_eq!(taken(&**store, &one).await, left);
    }
    assert_eq!(listed(&**store, CITY).await, [all[2].application.id.clone()]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_time_that_is_withdrawn_while_it_is_booked_keeps_nobody_and_tells_everybody() {
    let TestStore { store, .. } = &new_store().await;
    let (gone, other) = (slot(3600, 50), slot(7200, 50));
    publish(&**store, "key", &[gone.clone(), other.clone()]).await;
    let all = many(&**store, RACERS).await;
    // Some have it already, some book it now, some exchange it for the other: none of them stands in another's way.
    for held in &all[..20] {
        done(&**store, &held.application.id, &gone).await;
    }
    for held in &all[20..30] {
        done(&**store, &held.application.id, &other).await;
    }
    let answers = race(|n| {
        let (store, id) = (Arc::clone(store), all[n].application.id.clone());
        let (gone, other) = (gone.clone(), other.clone());
        async move {
            if n == 49 {
                let note = Some("中止します。");
                let told = store.withdraw_interview_slot((CITY, &gone.id), (&desk(), at(1)), note).await.unwrap();
                assert!(matches!(told, WithdrawnSlot::Done(_)));
                return None;
            }
            let wanted = if n < 10 { &other } else { &gone };
            let before = held(&*store, &id).await;
            if before.application.booked().is_some_and(|booked| booked.slot == wanted.id) {
                return None;
            }
            Some(book(&*store, &before, wanted).await)
        }
    })
    .await;
    for told in answers.into_iter().flatten() {
        let is_known =
            matches!(told, ChangedApplication::Done(_) | ChangedApplication::SlotGone | ChangedApplication::Changed);
        assert!(is_known, "{told:?}");
    }
    assert_eq!(taken(&**store, &gone).await, 0);
    let mut at_other = 0;
    for one in &all {
        let now = held(&**store, &one.application.id).await.application;
        assert_ne!(now.held_slot(), Some(&gone.id));
        at_other += u64::from(now.held_slot() == Some(&other.id));
    }
    assert_eq!(taken(&**store, &other).await, at_other);
    let lost = all[15].application.id.clone();
    let lost = held(&**store, &lost).await.application;
    let last = lost.interview.unwrap().steps.pop().unwrap();
    assert_eq!(last.note.as_deref(), Some("中止します。"), "{last:?}");
    assert!(news(&**store).await.contains(&ApplicationNews::InterviewWithdrawn));
    let again = store.withdraw_interview_slot((CITY, &gone.id), (&desk(), at(2)), None).await.unwrap();
    assert_eq!(again, WithdrawnSlot::Unchanged);
    let by = desk();
    let foreign = store.withdraw_interview_slot(("999024", &other.id), (&by, at(2)), None).await.unwrap();
    assert_eq!(foreign, WithdrawnSlot::Unchanged, "it is another's");
    let begun = store.withdraw_interview_slot((CITY, &other.id), (&by, at(7200)), None).await.unwrap();
    assert_eq!(begun, WithdrawnSlot::Unchanged, "it has begun");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn times_are_listed_by_their_beginning_and_the_free_ones_for_a_procedure() {
    let TestStore { store, .. } = &new_store().await;
    let other_procedure = InterviewSlot { procedures: vec!["child-allowance".into()], ..slot(4000, 1) };
    let elsewhere = InterviewSlot { municipality: "999024".into(), ..slot(3600, 1) };
    let own = [slot(7200, 1), slot(3600, 1), other_procedure, slot(90_000, 2)];
    publish(&**store, "key", &own).await;
    publish(&**store, "key", std::slice::from_ref(&elsewhere)).await;
    let begin = |found: Vec<madoguchi::store::HeldInterviewSlot>| -> Vec<i64> {
        found.into_iter().map(|held| held.slot.meeting.starts_at.seconds() - NOW.seconds()).collect()
    };
    let all = store.list_interview_slots(CITY, ALWAYS, (None, 100)).await.unwrap();
    assert_eq!(begin(all), [3600, 4000, 7200, 90_000]);
    let after = (at(3600), own[1].id.clone());
    let page = store.list_interview_slots(CITY, ALWAYS, (Some(&after), 2)).await.unwrap();
    assert_eq!(begin(page), [4000, 7200]);
    let span = InterviewSpan { from: at(4000), until: at(7200) };
    assert_eq!(begin(store.list_interview_slots(CITY, span, (None, 9)).await.unwrap()), [4000]);
    let nursery = (CITY, "nursery-application");
    let free = async |now, after: Option<&(Timestamp, InterviewSlotId)>| {
        begin(store.list_free_interview_slots(nursery, now, (after, 9)).await.unwrap())
    };
    assert_eq!(free(NOW, None).await, [3600, 7200, 90_000]);
    assert_eq!(free(at(3000), None).await, [3600, 7200, 90_000], "at its deadline");
    assert_eq!(free(at(3001), None).await, [7200, 90_000]);
    assert_eq!(free(NOW, Some(&after)).await, [7200, 90_000]);
    let claim = store.list_free_interview_slots((CITY, "child-allowance"), NOW, (None, 9)).await.unwrap();
    assert_eq!(begin(claim), [4000], "a part of another code is none");
    let new = Application { subject: person("s_two"), ..application("key", "body") };
    put(&**store, &new).await;
    done(&**store, &new.id, &own[1]).await;
    assert_eq!(free(NOW, None).await, [7200, 90_000], "it is full");
    let by = desk();
    store.withdraw_interview_slot((CITY, &own[0].id), (&by, at(1)), None).await.unwrap();
    assert_eq!(free(NOW, None).await, [90_000], "it is withdrawn");
    let found = store.list_interviewed_applications(CITY, span, (None, 9)).await.unwrap();
    assert!(found.is_empty(), "on another day");
    let after = (at(3600), new.id.clone());
    assert!(store.list_interviewed_applications(CITY, ALWAYS, (Some(&after), 9)).await.unwrap().is_empty());
    assert_eq!(listed(&**store, CITY).await, std::slice::from_ref(&new.id));
    let gone = InterviewSlotId::generate(&SystemEntropy);
    assert!(store.find_interview_slot(&gone).await.unwrap().is_none());
    let nowhere = InterviewSlot { id: gone, ..slot(9000, 1) };
    let now = held(&**store, &new.id).await;
    assert_eq!(book(&**store, &now, &nowhere).await, ChangedApplication::SlotGone);
}
