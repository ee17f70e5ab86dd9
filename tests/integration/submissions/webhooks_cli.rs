//! `madoguchi webhooks replay`: dead letters sent again by whose and since when, counted first where that is wanted.

use crate::cli::{configured, run};
use crate::store::samples::client;
use crate::store::submissions::filing;
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::ids::ClientId;
use madoguchi::domain::webhook::{Told, Webhook};
use madoguchi::domain::{Clock as _, SystemClock, Timestamp};
use madoguchi::store::Store;
use std::path::Path;
use std::time::Duration;

/// Of [9; 32], by which every store under test is sealed.
const MASTER: &str = "CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk";
const DAY: Duration = Duration::from_hours(24);

/// Gives a client so many dead letters of this day.
async fn dead(store: &dyn Store, name: &str, count: usize, at: Timestamp) {
    for n in 0..count {
        let mut new = filing(name, &format!("{} {n}", at.millis()), "body", &["pension"]);
        new.submission.accepted_at = at;
        store.insert_submission(&new).await.unwrap();
    }
    let end = at.plus(DAY);
    for message in store.lease_messages(at, end, 1000).await.unwrap() {
        assert!(store.settle_message(&message, &Told::Dead("answered 500".into())).await.unwrap());
    }
}

async fn left(store: &dyn Store, name: &str) -> usize {
    let client = ClientId::parse(name).unwrap();
    store.list_dead_messages(&client, "", 1000).await.unwrap().len()
}

fn replay(directory: &Path, config: &str, more: &[&str]) -> (bool, String) {
    let output = run(directory, &[&["webhooks", "replay", "--config", config], more].concat());
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_dead_letters_are_counted_and_sent_again_by_whose_and_since_when() {
    let TestStore { store, url, .. } = &new_store().await;
    let store = &**store;
    let now = SystemClock.now();
    for name in ["payroll-a", "payroll-b", "payroll-c"] {
        store.put_client(&client(name), now).await.unwrap();
        let id = ClientId::parse(name).unwrap();
        store.put_webhook(&Webhook { client: id, url: "https://payroll.example/".into(), since: now }).await.unwrap();
    }
    let (early, late) = (now.minus(DAY * 30), now.minus(DAY * 2));
    dead(store, "payroll-a", 130, early).await;
    dead(store, "payroll-a", 20, late).await;
    dead(store, "payroll-b", 7, early).await;
    let directory = tempfile::tempdir().unwrap();
    let config = configured(directory.path(), |text| {
        let own = format!("sqlite:{}/madoguchi.db", directory.path().display());
        text.replace(&own, url)
    });
    std::fs::write(directory.path().join("master.key"), MASTER).unwrap();
    let said = |more: &[&str]| replay(directory.path(), &config, more);
    // Whose has to be said, one way; and what is said has to be.
    for wrong in [&[][..], &["--all", "--client", "payroll-a"], &["--client", "nobody"], &["--all", "--since", "x"]] {
        assert!(!said(wrong).0, "{wrong:?}");
    }
    let (is_done, told) = said(&["--all", "--dry-run"]);
    assert!(
        is_done && told.contains("payroll-a\t150 dead letters") && told.contains("157 dead letters would"),
        "{told}"
    );
    assert_eq!((left(store, "payroll-a").await, left(store, "payroll-b").await), (150, 7), "nothing was changed");
    let since = now.minus(DAY * 10).date_in_japan().to_string();
    let (is_done, told) = said(&["--all", "--since", &since]);
    assert!(is_done && told.contains("20 of 20 dead letters are sent again"), "{told}");
    assert_eq!((left(store, "payroll-a").await, left(store, "payroll-b").await), (130, 7));
    let (is_done, told) = said(&["--client", "payroll-a", "--no-progress"]);
    assert!(is_done && told.contains("130 of 130 dead letters are sent again"), "{told}");
    assert_eq!((left(store, "payroll-a").await, left(store, "payroll-b").await), (0, 7));
    let due = store.lease_messages(SystemClock.now(), SystemClock.now().plus(DAY), 1000).await.unwrap();
    assert_eq!(due.len(), 150, "each is due once");
    let (is_done, told) = said(&["--client", "payroll-c"]);
    assert!(is_done && told.contains("0 of 0"), "{told}");
}
