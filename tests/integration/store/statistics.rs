//! What is counted for statistics: each person once and in few cells, by any number of nodes; a month is published once and its
//! facts are gone; who erased their account is not counted.

use super::samples::{at, subject_id};
use super::{RACERS, race};
use crate::support::engines::new_store;
use madoguchi::domain::ids::SubjectId;
use madoguchi::domain::statistics::{ExactCount, Fact, Month, Series, StatisticsMethod, StatisticsRelease};
use madoguchi::domain::subject::UpstreamAccount;
use madoguchi::domain::{SystemEntropy, Timestamp};
use std::num::NonZeroU32;
use std::sync::Arc;

fn month(text: &str) -> Month {
    Month::parse(text).unwrap()
}

fn fact(person: &SubjectId, on: &str, operation: &str) -> Fact {
    let values = [operation.to_owned(), "bank".to_owned()];
    Fact { person: person.clone(), month: month(on), series: Series::UsageByClass, values }
}

fn cells(counts: &[ExactCount]) -> Vec<(&str, u64)> {
    counts.iter().map(|one| (one.values[0].as_str(), one.persons)).collect()
}

fn release(on: &str, seconds: i64) -> StatisticsRelease {
    let method = StatisticsMethod::new(10, 2, NonZeroU32::MIN);
    StatisticsRelease::of((month(on), &[]), method, Timestamp::from_seconds(seconds), &SystemEntropy)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_person_counts_once_in_a_cell_and_in_few_whoever_notes_it() {
    let held = new_store().await;
    let store = Arc::clone(&held.store);
    let (busy, quiet) = (subject_id(), subject_id());
    race(|n| {
        let (store, busy, quiet) = (Arc::clone(&store), busy.clone(), quiet.clone());
        async move {
            let mut facts =
                vec![fact(&busy, "2026-10", &format!("operation_{n}")), fact(&quiet, "2026-10", "get_account")];
            if n % 2 == 0 {
                facts.reverse();
            }
            store.add_facts(&facts, 2).await.unwrap();
        }
    })
    .await;
    let counts = store.count_facts(month("2026-10")).await.unwrap();
    let all = cells(&counts);
    assert!(all.contains(&("get_account", 1)), "{all:?}");
    assert_eq!(
        all.iter().filter(|(name, _)| name.starts_with("operation_")).map(|(_, n)| n).sum::<u64>(),
        2,
        "{all:?}"
    );
    store.add_facts(&[fact(&busy, "2026-11", "get_account")], 2).await.unwrap();
    assert_eq!(cells(&store.count_facts(month("2026-11")).await.unwrap()), [("get_account", 1)], "another month");
    assert_eq!(store.find_first_counted_month().await.unwrap(), Some(month("2026-10")));
    store.add_facts(&[], 2).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_publish_a_month_one_does_and_what_was_noted_of_it_is_gone() {
    let held = new_store().await;
    let store = Arc::clone(&held.store);
    let person = subject_id();
    store
        .add_facts(&[fact(&person, "2026-10", "get_account"), fact(&person, "2026-11", "get_account")], 2)
        .await
        .unwrap();
    let first = race(|n| {
        let store = Arc::clone(&store);
        async move { store.insert_release(&release("2026-10", i64::try_from(n).unwrap())).await.unwrap() }
    })
    .await;
    assert_eq!(first.iter().filter(|is_first| **is_first).count(), 1, "of {RACERS}");
    assert_eq!(store.list_released_months(10).await.unwrap(), [month("2026-10")]);
    let kept = store.find_release(month("2026-10")).await.unwrap();
    let winner = first.iter().position(|is_first| *is_first).unwrap();
    assert_eq!(kept, Some(release("2026-10", i64::try_from(winner).unwrap())));
    assert_eq!(store.find_release(month("2026-11")).await.unwrap(), None);
    assert_eq!(store.count_facts(month("2026-10")).await.unwrap(), []);
    // It is late: the month is published.
    store.add_facts(&[fact(&subject_id(), "2026-10", "get_account")], 2).await.unwrap();
    assert_eq!(store.find_first_counted_month().await.unwrap(), Some(month("2026-11")));
    assert!(store.insert_release(&release("2026-11", 0)).await.unwrap());
    assert_eq!(store.list_released_months(1).await.unwrap(), [month("2026-11")], "the latest first");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whose_account_is_erased_is_not_counted_any_more() {
    let held = new_store().await;
    let store = &held.store;
    let account = UpstreamAccount { issuer: "https://idp.example".into(), subject: "account".into() };
    let person = store.find_or_insert_subject(&account, &subject_id()).await.unwrap().id;
    let other = subject_id();
    let facts = [fact(&person, "2026-10", "get_account"), fact(&other, "2026-10", "get_account")];
    store.add_facts(&facts, 2).await.unwrap();
    assert_eq!(cells(&store.count_facts(month("2026-10")).await.unwrap()), [("get_account", 2)]);
    assert!(store.erase_account(&person, at(10)).await.unwrap());
    store.add_facts(&facts, 2).await.unwrap();
    assert_eq!(cells(&store.count_facts(month("2026-10")).await.unwrap()), [("get_account", 1)]);
}
