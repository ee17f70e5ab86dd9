//! Who calls what: what nodes add at once is all counted, and summed by client and operation.

use super::{RACERS, race};
use crate::support::engines::new_store;
use chrono::NaiveDate;
use madoguchi::domain::ids::ClientId;
use madoguchi::domain::usage::{UsageCount, UsageSum};
use std::sync::Arc;

fn day(n: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2027, 1, n).unwrap()
}

fn count(client: &str, operation: &str, on: u32, calls: u64) -> UsageCount {
    UsageCount { client: ClientId::parse(client).unwrap(), operation: operation.to_owned(), day: day(on), calls }
}

fn sum(client: &str, operation: &str, calls: u64, last: u32) -> UsageSum {
    UsageSum { client: ClientId::parse(client).unwrap(), operation: operation.to_owned(), calls, last_day: day(last) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_many_nodes_add_at_once_is_all_counted() {
    let held = new_store().await;
    let store = Arc::clone(&held.store);
    race(|n| {
        let store = Arc::clone(&store);
        async move {
            let mut counts = vec![count("Zeta-app", "get_account", 15, 2), count("loan-bank", "get_consent", 15, 1)];
            // In any order: nobody waits for another in a circle.
            if n % 2 == 0 {
                counts.reverse();
            }
            store.add_usage(&counts).await.unwrap();
        }
    })
    .await;
    store
        .add_usage(&[count("loan-bank", "get_consent", 13, 5), count("loan-bank", "get_account", 14, 1)])
        .await
        .unwrap();
    store.add_usage(&[]).await.unwrap();
    let racers = RACERS as u64;
    let all = store.sum_usage(None, day(1), 100).await.unwrap();
    let wanted = [
        sum("Zeta-app", "get_account", 2 * racers, 15),
        sum("loan-bank", "get_account", 1, 14),
        sum("loan-bank", "get_consent", racers + 5, 15),
    ];
    assert_eq!(all, wanted);
    let bank = ClientId::parse("loan-bank").unwrap();
    assert_eq!(store.sum_usage(Some(&bank), day(14), 100).await.unwrap().len(), 2);
    assert_eq!(
        store.sum_usage(Some(&bank), day(15), 100).await.unwrap(),
        [sum("loan-bank", "get_consent", racers, 15)]
    );
    assert_eq!(store.sum_usage(None, day(1), 1).await.unwrap().len(), 1);
    assert_eq!(store.delete_usage(day(15)).await.unwrap(), 2);
    assert_eq!(store.sum_usage(None, day(1), 100).await.unwrap().len(), 2);
}
