//! Disasters: recorded once under a code of one municipality, changed once for a version, listed where one can still apply.

use super::race;
use super::samples::{NOW, at};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::Words;
use madoguchi::domain::disaster::{Disaster, DisasterCode, DisasterDetails};
use madoguchi::store::Store;
use std::sync::Arc;

const CITY: &str = "999016";
const TOWN: &str = "999024";

fn code(text: &str) -> DisasterCode {
    DisasterCode::parse(text).unwrap()
}

fn disaster(municipality: &str, text: &str) -> Disaster {
    Disaster {
        municipality: municipality.into(),
        code: code(text),
        details: DisasterDetails {
            name: Words { ja: "見本台風".into(), en: "Typhoon Mihon".into() },
            from: "2026-09-10".parse().unwrap(),
            until: None,
            apply_until: Some("2026-12-11".parse().unwrap()),
            procedures: vec!["damage-certificate".into()],
        },
        recorded_at: NOW,
        changed_at: NOW,
        closed_at: None,
        version: 1,
    }
}

async fn listed(store: &dyn Store, open_on: Option<&str>, page: (&str, u32)) -> Vec<String> {
    let found = store.list_disasters(CITY, open_on.map(|day| day.parse().unwrap()), page).await.unwrap();
    found.into_iter().map(|one| one.code.into()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_under_one_code_one_is_recorded_and_a_code_is_one_municipalitys() {
    let TestStore { store, .. } = &new_store().await;
    let answers = race(|n| {
        let mut new = disaster(CITY, "R8-09");
        new.details.name.ja = format!("{n}");
        let store = Arc::clone(store);
        async move { (new.clone(), store.insert_disaster(&new).await.unwrap()) }
    })
    .await;
    let won: Vec<_> = answers.iter().filter(|(_, is_written)| *is_written).collect();
    let [(first, _)] = won.as_slice() else { panic!("{} were written", won.len()) };
    assert_eq!(store.find_disaster(CITY, &code("R8-09")).await.unwrap().as_ref(), Some(first));
    assert!(store.find_disaster(TOWN, &code("R8-09")).await.unwrap().is_none());
    assert!(store.insert_disaster(&disaster(TOWN, "R8-09")).await.unwrap());
    assert!(store.find_disaster(CITY, &code("R8-10")).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_changes_of_one_version_one_is_written_and_what_is_closed_stays() {
    let TestStore { store, .. } = &new_store().await;
    let one = disaster(CITY, "R8-09");
    assert!(store.insert_disaster(&one).await.unwrap());
    let answers = race(|n| {
        let (store, mut next) = (Arc::clone(store), one.clone());
        async move {
            if n % 2 == 0 {
                next.close(at(1)).unwrap();
            } else {
                next.change(next.details.clone(), at(1)).unwrap();
            }
            (next.clone(), store.update_disaster(&next).await.unwrap())
        }
    })
    .await;
    let won: Vec<_> = answers.iter().filter(|(_, is_written)| *is_written).collect();
    let [(next, _)] = won.as_slice() else { panic!("{} were written", won.len()) };
    assert_eq!(store.find_disaster(CITY, &code("R8-09")).await.unwrap().as_ref(), Some(next));
    let mut closed = next.clone();
    if closed.closed_at.is_none() {
        closed.close(at(2)).unwrap();
        assert!(store.update_disaster(&closed).await.unwrap());
    }
    let reopened = Disaster { closed_at: None, version: closed.version + 1, ..closed.clone() };
    assert!(!store.update_disaster(&reopened).await.unwrap(), "what is closed stays closed");
    assert!(!store.update_disaster(&Disaster { version: 2, ..disaster(CITY, "R8-10") }).await.unwrap(), "not there");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn they_are_listed_by_code_and_the_open_ones_by_day() {
    let TestStore { store, .. } = &new_store().await;
    let mut late = disaster(CITY, "C");
    late.details.apply_until = None;
    for one in [late, disaster(CITY, "A-1"), disaster(CITY, "B"), disaster(TOWN, "A"), disaster(CITY, "A1")] {
        assert!(store.insert_disaster(&one).await.unwrap());
    }
    let mut closed = disaster(CITY, "B");
    closed.close(at(1)).unwrap();
    assert!(store.update_disaster(&closed).await.unwrap());
    assert_eq!(listed(&**store, None, ("", 9)).await, ["A-1", "A1", "B", "C"], "byte by byte");
    assert_eq!(listed(&**store, None, ("A-1", 2)).await, ["A1", "B"]);
    assert_eq!(listed(&**store, Some("2026-12-11"), ("", 9)).await, ["A-1", "A1", "C"]);
    assert_eq!(listed(&**store, Some("2026-12-12"), ("", 9)).await, ["C"]);
    assert_eq!(listed(&**store, Some("2026-12-11"), ("A1", 9)).await, ["C"]);
}
