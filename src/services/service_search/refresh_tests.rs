//! Reading the catalogue: only what changed, and what was good stays.

use super::refresh::Reading;
use super::{Refresh, RefreshSettings, Shelf};
use crate::adapters::servicesearch::{ServiceSource, SourceError};
use crate::catalog::municipalities::MunicipalityCode;
use crate::catalog::services::{Category, Listing, Particulars, Period, Psid, Standards};
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Procedures (psid, version); none where the municipality does not answer.
type Said = Option<Vec<(String, String)>>;

/// What municipalities say.
#[derive(Default)]
struct Towns {
    lists: Mutex<BTreeMap<String, Said>>,
    silent: Mutex<Vec<String>>,
}

#[async_trait]
impl ServiceSource for Towns {
    async fn list(&self, municipality: MunicipalityCode) -> Result<Vec<Listing>, SourceError> {
        let lists = self.lists.lock().unwrap();
        let rows = lists[&municipality.to_string()].clone().ok_or(SourceError::Away("status 500".into()))?;
        let row = |(psid, version): (String, String)| Listing {
            psid: Psid::parse(&psid).unwrap(),
            municipality,
            name: format!("{psid}の{version}"),
            alias: None,
            summary: String::new(),
            category: Category::Other,
            is_e_applicable: false,
            period: Period::default(),
            department: None,
            version,
            updated_at: None,
        };
        Ok(rows.into_iter().map(row).collect())
    }

    async fn detail(&self, psid: &Psid) -> Result<Particulars, SourceError> {
        let is_silent = self.silent.lock().unwrap().iter().any(|one| one == psid.as_str());
        if is_silent { Err(SourceError::Unreadable("there is no detail")) } else { Ok(Particulars::default()) }
    }
}

const TOWNS: [&str; 2] = ["131121", "152048"];

impl Towns {
    fn say(&self, town: &str, rows: Option<&[(&str, &str)]>) {
        let rows = rows.map(|rows| rows.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect());
        self.lists.lock().unwrap().insert(town.to_owned(), rows);
    }
}

fn reading(towns: &Arc<Towns>) -> (Refresh, Arc<Shelf>) {
    let shelf = Arc::new(Shelf::default());
    let municipalities = TOWNS.iter().map(|code| MunicipalityCode::parse(code).unwrap()).collect();
    let settings = RefreshSettings { municipalities, every: Duration::from_secs(1) };
    let source: Arc<dyn ServiceSource> = Arc::clone(towns) as _;
    (Refresh::new(settings, source, (Arc::new(Standards::default()), Arc::clone(&shelf))), shelf)
}

fn names(shelf: &Shelf) -> Vec<String> {
    shelf.now().unwrap().iter().map(|row| row.name.clone()).collect()
}

#[tokio::test]
async fn only_what_changed_is_fetched() {
    let towns = Arc::new(Towns::default());
    let (refresh, shelf) = reading(&towns);
    towns.say(TOWNS[0], Some(&[("a", "1.1"), ("b", "1.1")]));
    towns.say(TOWNS[1], Some(&[("c", "1.1")]));
    assert_eq!(refresh.read_once().await, Reading { answered: 2, failed: 0, fetched: 3 });
    assert_eq!(names(&shelf), ["aの1.1", "bの1.1", "cの1.1"]);
    let first = shelf.now().unwrap();

    assert_eq!(refresh.read_once().await.fetched, 0);
    assert!(Arc::ptr_eq(&first, &shelf.now().unwrap()), "nothing changed, so nothing was exchanged");

    towns.say(TOWNS[0], Some(&[("b", "1.2")]));
    assert_eq!(refresh.read_once().await.fetched, 1);
    assert_eq!(names(&shelf), ["bの1.2", "cの1.1"], "what is gone is gone");
}

#[tokio::test]
async fn what_does_not_answer_keeps_what_was_read_last() {
    let towns = Arc::new(Towns::default());
    let (refresh, shelf) = reading(&towns);
    towns.say(TOWNS[0], None);
    towns.say(TOWNS[1], None);
    assert_eq!(refresh.read_once().await, Reading { answered: 0, failed: 2, fetched: 0 });
    assert!(shelf.now().is_none(), "that nobody answers is not that there is nothing");

    towns.say(TOWNS[1], Some(&[("c", "1.1")]));
    refresh.read_once().await;
    assert_eq!(names(&shelf), ["cの1.1"]);

    towns.say(TOWNS[0], Some(&[("a", "1.1")]));
    towns.say(TOWNS[1], None);
    assert_eq!(refresh.read_once().await, Reading { answered: 1, failed: 1, fetched: 1 });
    assert_eq!(names(&shelf), ["aの1.1", "cの1.1"]);

    // A change whose particulars do not come waits for the next reading; what is new waits, too.
    towns.say(TOWNS[0], Some(&[("a", "1.2"), ("d", "1.1")]));
    *towns.silent.lock().unwrap() = vec!["a".to_owned(), "d".to_owned()];
    refresh.read_once().await;
    assert_eq!(names(&shelf), ["aの1.1", "cの1.1"]);
    towns.silent.lock().unwrap().clear();
    refresh.read_once().await;
    assert_eq!(names(&shelf), ["aの1.2", "dの1.1", "cの1.1"]);
}
