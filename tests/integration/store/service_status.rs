//! Incidents and planned maintenance: each act is one conditional write; what is over never changes; days keep the worst.

use super::{RACERS, race, winners};
use crate::support::engines::new_store;
use chrono::NaiveDate;
use madoguchi::domain::ids::StatusNoticeId;
use madoguchi::domain::service_status::{
    ComponentCode, ComponentDay, ComponentState, StatusNotice, StatusNoticeKind, StatusStep, StatusUpdate,
};
use madoguchi::domain::{SystemEntropy, Timestamp, Words};
use std::sync::Arc;

fn words(text: &str) -> Words {
    Words { ja: format!("{text}（見本）"), en: text.to_owned() }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000 + seconds)
}

fn update(step: StatusStep, seconds: i64, by: &str) -> StatusUpdate {
    StatusUpdate { at: at(seconds), step, text: words("what is known"), by: by.to_owned() }
}

fn incident(seconds: i64) -> StatusNotice {
    StatusNotice {
        id: StatusNoticeId::generate(&SystemEntropy),
        kind: StatusNoticeKind::Incident,
        components: vec![ComponentCode::parse("agency:pension-office").unwrap()],
        impact: ComponentState::Outage,
        title: words("away"),
        starts_at: at(seconds),
        ends_at: None,
        updates: vec![update(StatusStep::Investigating, seconds, "first")],
        version: 1,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_updates_of_the_same_version_one_is_written_and_none_after_the_end() {
    let held = new_store().await;
    let store = Arc::clone(&held.store);
    let first = incident(0);
    store.insert_status_notice(&first).await.unwrap();
    assert_eq!(store.find_status_notice(&first.id).await.unwrap(), Some(first.clone()));
    let written = race(|n| {
        let (store, seen) = (Arc::clone(&store), first.clone());
        async move {
            let next = seen.updated(update(StatusStep::Identified, 10, &format!("racer {n}"))).unwrap();
            store.update_status_notice(&next).await.unwrap()
        }
    })
    .await;
    assert_eq!((written.len(), winners(&written)), (RACERS, 1));
    let second = store.find_status_notice(&first.id).await.unwrap().unwrap();
    assert_eq!((second.version, second.updates.len()), (2, 2));
    let last = second.updated(update(StatusStep::Resolved, 20, "last")).unwrap();
    assert!(store.update_status_notice(&last).await.unwrap());
    // Whoever goes round the rules of the domain is stopped by the write itself.
    let mut late = last.clone();
    late.updates.push(update(StatusStep::Monitoring, 30, "late"));
    late.version += 1;
    assert!(!store.update_status_notice(&late).await.unwrap(), "what is over does not change");
    assert_eq!(store.find_status_notice(&first.id).await.unwrap(), Some(last));
    let leaves = store.count_pending_leaves().await.unwrap();
    assert_eq!(leaves, 3, "opened, identified by one, resolved");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn open_ones_are_always_listed_and_closed_ones_while_they_are_fresh() {
    let held = new_store().await;
    let store = &held.store;
    let (open, closed, old) = (incident(0), incident(5), incident(-1000));
    for one in [&open, &closed, &old] {
        store.insert_status_notice(one).await.unwrap();
    }
    for (one, when) in [(&closed, 50), (&old, -900)] {
        let next = one.updated(update(StatusStep::Resolved, when, "somebody")).unwrap();
        assert!(store.update_status_notice(&next).await.unwrap());
    }
    let listed = store.list_status_notices(at(-100), 10).await.unwrap();
    let ids: Vec<_> = listed.iter().map(|one| &one.id).collect();
    assert_eq!(ids, [&closed.id, &open.id], "the one that changed last first");
    assert_eq!(store.list_status_notices(at(-100), 1).await.unwrap().len(), 1);
    assert_eq!(store.list_status_notices(at(-10_000), 10).await.unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_day_keeps_the_worst_that_any_node_saw() {
    let held = new_store().await;
    let store = Arc::clone(&held.store);
    let day = |n: u32| NaiveDate::from_ymd_opt(2027, 1, n).unwrap();
    let seen = |component: &str, on: u32, worst| ComponentDay {
        component: ComponentCode::parse(component).unwrap(),
        day: day(on),
        worst,
    };
    let states = [ComponentState::Operational, ComponentState::Degraded, ComponentState::Outage];
    race(|n| {
        let (store, state) = (Arc::clone(&store), states[n % 3]);
        let days = [seen("agency:pension-office", 15, state), seen("counter", 15, ComponentState::Operational)];
        async move { store.put_component_days(&days).await.unwrap() }
    })
    .await;
    store.put_component_days(&[seen("counter", 14, ComponentState::Maintenance)]).await.unwrap();
    store.put_component_days(&[]).await.unwrap();
    let all = store.list_component_days(day(1)).await.unwrap();
    let wanted = [
        seen("counter", 14, ComponentState::Maintenance),
        seen("agency:pension-office", 15, ComponentState::Outage),
        seen("counter", 15, ComponentState::Operational),
    ];
    assert_eq!(all, wanted);
    assert_eq!(store.delete_component_days(day(15)).await.unwrap(), 1);
    assert_eq!(store.list_component_days(day(1)).await.unwrap().len(), 2);
    assert!(!store.has_overdue_delivery("pension-office", at(0)).await.unwrap());
}
