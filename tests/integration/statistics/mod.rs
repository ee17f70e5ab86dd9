//! `/statistics`: a month is published once when it is over, by whichever node, and read by everybody as a page, JSON and CSV.

use crate::support::engines::new_store;
use actix_web::body::to_bytes;
use actix_web::http::header::{ACCEPT, ACCEPT_LANGUAGE, ETAG, HeaderName, IF_NONE_MATCH};
use actix_web::{App, test, web};
use futures_util::future::join_all;
use madoguchi::catalog::Catalog;
use madoguchi::catalog::application_forms::ApplicationForms;
use madoguchi::catalog::municipalities::Municipalities;
use madoguchi::catalog::services::{ServiceCatalogue, Standards};
use madoguchi::catalog::statistics::StatisticsRules;
use madoguchi::domain::ids::SubjectId;
use madoguchi::domain::statistics::{Fact, Month, Series};
use madoguchi::domain::time::ManualClock;
use madoguchi::domain::{Clock, SystemEntropy, Timestamp};
use madoguchi::http::pages::Pages;
use madoguchi::services::service_search::Shelf;
use madoguchi::services::statistics::{Statistics, StatisticsParts};
use madoguchi::store::Store;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The 15th of November 2026 at noon in Japan.
const MID_MONTH: i64 = 1_794_711_600;
const DAY: Duration = Duration::from_hours(24);

/// The rules as shipped.
pub(crate) fn shipped() -> StatisticsRules {
    StatisticsRules::load(Path::new("policies")).unwrap().unwrap()
}

/// The statistics of a node.
pub(crate) fn made_at(store: Arc<dyn Store>, clock: Arc<dyn Clock>, rules: StatisticsRules) -> Statistics {
    let services = Path::new("policies/services");
    let standards = Standards::load(services).unwrap();
    Statistics::new(StatisticsParts {
        store,
        clock,
        entropy: Arc::new(SystemEntropy),
        rules: Some(rules),
        standards: Arc::new(standards.clone()),
        municipalities: Arc::new(Municipalities::load(services).unwrap()),
        shelf: Arc::new(Shelf::with(ServiceCatalogue::default())),
        forms: Arc::new(ApplicationForms::load(Path::new("policies"), &standards).unwrap()),
    })
}

/// So many persons, each of whom did this.
fn facts(count: usize, series: Series, values: [&str; 2]) -> Vec<Fact> {
    let month = Month::of(Timestamp::from_seconds(MID_MONTH));
    let person = || SubjectId::generate(&SystemEntropy);
    (0..count).map(|_| Fact { person: person(), month, series, values: values.map(str::to_owned) }).collect()
}

struct Told {
    status: u16,
    tag: String,
    text: String,
}

async fn get(statistics: &web::Data<Statistics>, path: &str, fields: &[(HeaderName, &str)]) -> Told {
    let catalog = Arc::new(Catalog::load(Path::new("policies/data-sets")).unwrap());
    let pages = Pages::new("http://localhost:8080", catalog, Arc::new(SystemEntropy)).unwrap();
    let app = App::new().app_data(statistics.clone()).app_data(web::Data::new(pages));
    let service = test::init_service(app.configure(madoguchi::http::statistics::routes)).await;
    let mut request = test::TestRequest::get().uri(path);
    for field in fields {
        request = request.insert_header(field.clone());
    }
    let response = test::call_service(&service, request.to_request()).await;
    let tag = response.headers().get(ETAG).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    let status = response.status().as_u16();
    let text = String::from_utf8(to_bytes(response.into_body()).await.unwrap().to_vec()).unwrap();
    Told { status, tag, text }
}

#[actix_web::test]
async fn a_month_is_published_once_when_it_is_over_and_read_by_everybody() {
    let held = new_store().await;
    let clock = Arc::new(ManualClock::at(Timestamp::from_seconds(MID_MONTH)));
    let store = &held.store;
    store
        .add_facts(&facts(300, Series::ApplicationsByMunicipality, ["damage-certificate", "999016"]), 2)
        .await
        .unwrap();
    store
        .add_facts(&facts(9, Series::ApplicationsByMunicipality, ["child-allowance-claim", "999016"]), 2)
        .await
        .unwrap();
    store.add_facts(&facts(200, Series::UsageByClass, ["get_account", "bank"]), 2).await.unwrap();
    let node = || made_at(Arc::clone(store), Arc::clone(&clock) as _, shipped());
    let nodes: Vec<web::Data<Statistics>> = (0..8).map(|_| web::Data::new(node())).collect();
    let turn = async || {
        for done in join_all(nodes.iter().map(|node| node.turn())).await {
            done.unwrap();
        }
    };
    turn().await;
    let one = &nodes[0];
    let index: Value = serde_json::from_str(&get(one, "/statistics.json", &[]).await.text).unwrap();
    assert_eq!((&index["months"], &index["method"]["least_told"]), (&json!([]), &json!(66)));
    assert!(get(one, "/statistics", &[]).await.text.contains("まだ公表された月はありません"));
    let early = get(one, "/statistics/2026-11.json", &[]).await;
    assert_eq!(early.status, 404);
    // The month is over, and then some days.
    clock.advance(17 * DAY);
    turn().await;
    assert_eq!(get(one, "/statistics/2026-11.json", &[]).await.status, 404, "{}", clock.now().rfc3339());
    clock.advance(DAY);
    turn().await;
    turn().await;
    let told = get(one, "/statistics/2026-11.json", &[]).await;
    assert_eq!(told.status, 200, "{}", told.text);
    for other in &nodes {
        assert_eq!(get(other, "/statistics/2026-11.json", &[]).await.text, told.text, "one month on every node");
    }
    let month: Value = serde_json::from_str(&told.text).unwrap();
    let cells = month["tables"][0]["cells"].as_array().unwrap();
    assert_eq!(cells.len(), 1, "nine are too few: {month:#}");
    assert_eq!(cells[0]["values"], json!(["damage-certificate", "999016"]));
    let persons = cells[0]["persons"].as_u64().unwrap();
    assert!((244..=356).contains(&persons), "{persons}");
    let known = get(one, "/statistics/2026-11.json", &[(IF_NONE_MATCH, &told.tag)]).await;
    assert_eq!((known.status, known.text.as_str()), (304, ""));
    let csv = get(one, "/statistics/2026-11.csv", &[]).await.text;
    let line =
        format!("2026-11,applications_by_municipality,procedure,damage-certificate,municipality,999016,{persons}");
    assert!(csv.contains(&line) && csv.lines().count() == 3, "{csv}");
    for (lang, word) in [("ja", "罹災証明書"), ("en", "Who applied, by procedure and municipality")] {
        for path in ["/statistics", "/statistics?month=2026-11"] {
            let page = get(one, path, &[(ACCEPT_LANGUAGE, lang)]).await;
            assert!(
                page.status == 200 && page.text.contains(word) && page.text.contains(&persons.to_string()),
                "{path} {lang}"
            );
        }
    }
    for (path, status) in [
        ("/statistics?month=2026-10", 404),
        ("/statistics?month=%00", 404),
        ("/statistics/2026-10.csv", 404),
        ("/statistics/%E3%81%82.json", 404),
    ] {
        assert_eq!(get(one, path, &[]).await.status, status, "{path}");
    }
    let coverage = get(one, "/statistics/coverage.json", &[]).await;
    let told: Value = serde_json::from_str(&coverage.text).unwrap();
    let places = told["municipalities"].as_array().unwrap();
    assert!(places.iter().any(|one| one["municipality"] == "999016" && one["received_here"] != 0), "{told:#}");
    assert_eq!(get(one, "/statistics/coverage.json", &[(IF_NONE_MATCH, &coverage.tag)]).await.status, 304);
    let machine = get(one, "/statistics", &[(ACCEPT, "application/json")]).await;
    assert_eq!(serde_json::from_str::<Value>(&machine.text).unwrap()["months"], json!(["2026-11"]));
}
