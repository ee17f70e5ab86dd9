//! What is withheld (不開示), looked at by somebody who wants to find it: not in entries, not in counts, not in a page's fullness,
//! not in ids, not in places, not in whether there is a next page, not in the history or its receipts.

use super::{Family, exchange, family, ids};
use crate::support::played::citizen::Citizen;
use serde_json::{Value, json};

/// All that somebody can look at: each page of each size, with filters and days.
async fn looked_at(family: &Family) -> Vec<Value> {
    let mut seen = Vec::new();
    let queries = [
        "",
        "&kind=provision",
        "&asking_body=0000000099990201",
        "&procedure=JT99010000000040",
        "&from=2026-07-01&to=2026-07-31",
        "&to=2026-07-15",
        "&from=2026-07-15&to=2026-07-15",
    ];
    for query in queries {
        for limit in [1, 2, 3, 100] {
            let (mut pages, mut after) = (Vec::new(), String::new());
            loop {
                // Its own readings come while it looks, so of the history it sees what was there before alone.
                let kind = if query.contains("kind") { "" } else { "&kind=provision" };
                let told = family.read(&format!("?limit={limit}{query}{kind}{after}")).await;
                assert_eq!(told.status, 200, "{told:?}");
                pages.push(told.body.clone());
                let Some(next) = told.body["next"].as_str() else { break };
                after = format!("&after={next}");
            }
            seen.push(json!([query, limit, pages]));
        }
    }
    seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_withheld_records_everything_looks_as_it_does_without() {
    let family = family().await;
    let records = family.installation.sandbox.records();
    for hour in 10..20 {
        records.add(exchange(&format!("20260715{hour}0000000"), "0"));
    }
    let before = looked_at(&family).await;
    // Between, before, after and at the same moments; the newest and the oldest of all; just like one that is shown.
    for (at, code) in [
        ("20260715093000000", "1"),
        ("20260715103000000", "1"),
        ("20260715120000000", "1"),
        ("20260715120000000", "2"),
        ("20260715193000000", "9"),
        ("20260715120000001", " "),
        ("20200101000000000", "1"),
        ("20261030235959999", "1"),
    ] {
        records.add(exchange(at, code));
    }
    let after = looked_at(&family).await;
    assert_eq!(before, after);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whose_only_record_is_withheld_has_none_and_no_reading_tells_of_it() {
    let family = family().await;
    let person = family.installation.sandbox.persons.iter().find(|person| person.id == "mihon-sakura").unwrap();
    let mut sakura = Citizen::new(&person.card_number, &person.pin).unwrap();
    let hers = super::agreed(&family.app, &mut sakura, "openid provision_records").await;
    let told = family.read_as((&family.app, &hers.access), "?kind=provision").await;
    assert_eq!(told.body, json!({"items": []}));
    let history = family.read_as((&family.app, &hers.access), "").await.body;
    assert_eq!(history["items"][0]["access"]["records"], json!(0), "{history}");
    assert_eq!(history["items"].as_array().unwrap().len(), 1);
    let page = {
        sakura.dashboard(&family.installation.public_url).await.unwrap();
        sakura.open(&format!("{}/dashboard/records?kind=provision", family.installation.public_url)).await.unwrap()
    };
    assert!(page.texts("main").join(" ").contains("No record fits"), "{}", page.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_place_made_up_finds_nothing_withheld() {
    let family = family().await;
    let shown = ids(family.read("?kind=provision").await.body["items"].as_array().unwrap());
    // From the moment of the withheld one, just before and just after it, with any id.
    for at in ["1778476822003", "1778476822004", "1778476822005"] {
        for id in ["prv_-", "prv_zzzzzzzzzzzzzzzzzzzzzz", "a_-", "a_zzzz"] {
            let told = family.read(&format!("?kind=provision&after={at}.{id}")).await;
            assert_eq!(ids(told.body["items"].as_array().unwrap()), shown[2..], "{at} {id}");
        }
    }
}
