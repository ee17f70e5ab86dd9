//! What software sees: the exchanges with their names, the counter's own history, one order, and its own readings among them.

use super::{Family, agreed, exchange, family, ids};
use crate::support::calls::{Caller, retrieval, wanted};
use crate::support::played::citizen::Citizen;
use madoguchi::domain::client::ClientClass;
use madoguchi::sandbox::records::Mood;
use serde_json::json;
use std::collections::BTreeSet;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_exchange_is_told_with_codes_and_names_and_without_what_is_an_offices_own() {
    let family = family().await;
    let told = family.read("?kind=provision").await;
    assert_eq!(told.status, 200, "{told:?}");
    assert_eq!(told.header("cache-control"), "no-store");
    let items = told.body["items"].as_array().unwrap();
    assert_eq!(items.len(), 4, "{told:?}");
    let oldest = &items[3];
    assert_eq!((&oldest["kind"], &oldest["at"]), (&json!("provision"), &json!("2026-04-03T09:15:07+09:00")));
    let one = &oldest["provision"];
    let body = json!({"code": "0000000099990101", "is_known": true, "name": {"ja": "見本市", "en": "Mihon City"}});
    assert_eq!(one["asking_body"], body);
    assert_eq!(one["procedure"]["name"]["ja"], json!("児童手当の認定請求"));
    assert_eq!(one["data_set"]["code"], json!("TM00000000000002"));
    assert!(one["data_set"]["name"]["en"].is_string(), "{one}");
    assert_eq!((&one["condition"]["from"], &one["condition"]["kind"]["code"]), (&json!("2025-01-01"), &json!("3")));
    assert_eq!(one["condition"]["year"]["name"]["ja"], json!("年"));
    let loan = &items[1]["provision"];
    assert_eq!(loan["delegating_bodies"][0]["name"]["en"], json!("Mihon Prefecture"));
    let unknown = &items[0]["provision"];
    assert_eq!(unknown["asking_body"], json!({"code": "0000000099990901", "is_known": false}));
    assert_eq!(unknown["condition"]["kind"], json!({"code": "7", "is_known": false}));
    let text = told.body.to_string();
    for own in ["12345", "67890", "子育て支援課", "kosodate", "taiyo", "第二係", "department", "official", "disclos"]
    {
        assert!(!text.contains(own), "{own}: {text}");
    }
    assert_eq!(ids(items), ids(family.read("?kind=provision").await.body["items"].as_array().unwrap()), "stable");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_third_party_read_stands_in_the_same_list_and_so_does_each_reading_of_it() {
    let family = family().await;
    let bank = family.installation.party("bank", ClientClass::Bank, "measurement").await;
    let pending = bank.push("openid self_information", &wanted()).await.unwrap();
    let mut citizen = family.installation.citizen();
    let page = citizen.arrive(&pending.address).await.unwrap();
    let answer = citizen.decide(&page, "agree", &bank.file.redirect_uri).await.unwrap();
    let theirs = bank.exchange(pending, &answer).await.unwrap();
    let caller = Caller::new(&bank, &family.installation, 0);
    let path = "/v1/self-information-requests";
    let job = caller.call(&theirs.access, "POST", path, Some(&retrieval())).await;
    assert!(job.status < 300, "{job:?}");
    let mut reads = Vec::new();
    for _ in 0..100 {
        reads = family.read("?kind=access").await.body["items"].as_array().unwrap().clone();
        if reads.iter().any(|one| one["access"]["data_sets"] != json!([])) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let theirs = reads.iter().find(|one| one["access"]["data_sets"] != json!([])).unwrap();
    assert_eq!(theirs["kind"], json!("access"));
    assert_eq!(theirs["access"]["data_sets"][0]["data_set"]["code"], json!("TM00000000000002"));
    assert_eq!(theirs["access"]["data_sets"][0]["outcome"], json!("ok"), "{theirs}");
    assert!(theirs["access"]["third_party"]["ja"].is_string() && theirs["access"]["purpose"]["ja"].is_string());
    assert!(theirs.to_string().len() < 1200 && !theirs.to_string().contains("grant"), "{theirs}");

    // Each reading is a line; none lists itself.
    let before = family.read("?kind=access").await.body["items"].as_array().unwrap().clone();
    let after = family.read("?kind=access").await.body["items"].as_array().unwrap().clone();
    assert_eq!(after.len(), before.len() + 1);
    assert_eq!(after[0]["access"]["records"], json!(before.len()));
    assert_eq!(ids(&after)[1..], ids(&before)[..]);

    let both = family.read("").await.body["items"].as_array().unwrap().clone();
    let at: Vec<&str> = both.iter().map(|one| one["at"].as_str().unwrap()).collect();
    assert!(at.is_sorted_by(|a, b| a >= b), "{at:?}");
    assert!(both.iter().any(|one| one["kind"] == "provision") && both.iter().any(|one| one["kind"] == "access"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_join_without_gap_or_repetition_while_entries_come() {
    let family = family().await;
    for second in 10..30 {
        family.installation.sandbox.records().add(exchange(&format!("202608011200{second}000"), "0"));
    }
    // Of one moment, and just alike.
    for _ in 0..3 {
        family.installation.sandbox.records().add(exchange("20260801130000000", "0"));
    }
    for _ in 0..5 {
        family.read("?kind=access").await;
    }
    let whole = ids(family.read("?limit=100").await.body["items"].as_array().unwrap());
    assert_eq!(whole.len(), 4 + 20 + 3 + 5);
    for limit in [1, 2, 3, 7, 31] {
        // Each page is itself a new line, on top of those that are read on.
        let seen = ids(&family.all("", limit).await);
        let known: Vec<&String> = seen.iter().filter(|id| whole.contains(id)).collect();
        assert_eq!(known, whole.iter().collect::<Vec<_>>(), "of {limit}");
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), seen.len(), "of {limit}");
    }
    // What comes while it is read on is not in the middle of it.
    let exchanges: BTreeSet<String> = whole.into_iter().filter(|id| id.starts_with("prv_")).collect();
    let first = family.read("?kind=provision&limit=12").await.body;
    family.installation.sandbox.records().add(exchange("20260930120000000", "0"));
    let next = first["next"].as_str().unwrap();
    let rest = family.read(&format!("?kind=provision&limit=100&after={next}")).await.body;
    let (first, rest) = (ids(first["items"].as_array().unwrap()), ids(rest["items"].as_array().unwrap()));
    assert_eq!((first.len(), rest.len()), (12, exchanges.len() - 12));
    assert_eq!(first.into_iter().chain(rest).collect::<BTreeSet<_>>(), exchanges, "each once, and nothing else");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filters_narrow_and_what_is_wrong_is_told() {
    let family = family().await;
    let count = async |query: &str| {
        let told = family.read(query).await;
        assert_eq!(told.status, 200, "{query} {told:?}");
        told.body["items"].as_array().unwrap().len()
    };
    assert_eq!(count("?asking_body=0000000099990101").await, 2);
    assert_eq!(count("?asking_body=0000000099990101&kind=access").await, 0);
    assert_eq!(count("?procedure=JT99010000000050").await, 1);
    assert_eq!(count("?procedure=JT99010000000060").await, 0);
    assert_eq!(count("?from=2026-04-03&to=2026-04-03").await, 2);
    assert_eq!(count("?from=2026-04-04&to=2026-06-18").await, 1);
    assert_eq!(count("?to=2026-04-02").await, 0);
    assert_eq!(count("?from=1990-01-01&to=1990-01-02").await, 0);
    assert!(count("?from=2026-09-03").await > 0, "the readings of today");
    assert_eq!(count("?from=2999-01-01").await, 0);
    for (query, at) in [
        ("?from=yesterday", "from"),
        ("?from=2026-04-04&to=2026-04-03", "to"),
        ("?asking_body=1", "asking_body"),
        ("?procedure=1", "procedure"),
        ("?kind=none", "kind"),
        ("?after=1", "after"),
        ("?limit=101", "limit"),
        ("?person=1", "person"),
    ] {
        let told = family.read(query).await;
        assert_eq!((told.brief(), told.body["pointer"].as_str()), ((422, "invalid_value"), Some(at)), "{query}");
    }
}

async fn unavailable(family: &Family) {
    let told = family.read("").await;
    assert_eq!(told.brief(), (503, "provision_records_unavailable"), "{told:?}");
    assert!(told.header("retry-after").parse::<u32>().unwrap() > 0);
    let told = family.read("?kind=access").await;
    assert_eq!(told.status, 200, "the counter's own history is told all the same");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_that_is_away_or_breaks_off_is_told_and_takes_nothing_else_along() {
    let family = family().await;
    let records = family.installation.sandbox.records();
    records.feel(Mood::Away);
    unavailable(&family).await;
    assert_eq!(family.read("").await.header("retry-after"), "17");
    records.feel(Mood::Garbled);
    unavailable(&family).await;
    records.feel(Mood::Well);
    assert_eq!(family.read("?kind=provision").await.body["items"].as_array().unwrap().len(), 4);
    // A column that nobody can read makes all of it unreadable, on any page.
    let mut broken = exchange("20260101000000000", "0");
    broken.work = "????????????????".into();
    records.add(broken);
    unavailable(&family).await;
    let told = family.read("?from=2026-02-01&kind=provision").await;
    assert_eq!(told.status, 200, "of other days it still answers");
    family.installation.links.government.cut();
    unavailable(&family).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_who_was_given_that_very_word_reads_and_only_that_persons() {
    let family = family().await;
    let person = family.installation.sandbox.persons.iter().find(|person| person.id == "mihon-hanako").unwrap();
    let mut hanako = Citizen::new(&person.card_number, &person.pin).unwrap();
    let hers = agreed(&family.app, &mut hanako, "openid provision_records").await;
    let told = family.read_as((&family.app, &hers.access), "?kind=provision").await.body;
    assert_eq!(told["items"].as_array().unwrap().len(), 1);
    let place = told["items"][0]["id"].as_str().unwrap();
    // Somebody else's place in one's own list is a place in time, and nothing more.
    let read = family.read(&format!("?kind=provision&after=1795274999000.{place}")).await;
    assert!(ids(read.body["items"].as_array().unwrap()).iter().all(|id| id != place));
    let bank = family.installation.party("bank", ClientClass::Bank, "measurement").await;
    let other = agreed(&bank, &mut family.installation.citizen(), "openid notices").await;
    assert_eq!(family.read_as((&bank, &other.access), "").await.brief(), (403, "insufficient_scope"));
    let chat = family.installation.party("chat", ClientClass::ChatFront, "measurement").await;
    let chatted = agreed(&chat, &mut family.installation.citizen(), "openid provision_records").await;
    assert_eq!(family.read_as((&chat, &chatted.access), "").await.brief(), (403, "refused_by_policy"));
    assert_eq!(family.read_as((&bank, &family.tokens.access), "").await.status, 401);
    let asked = family.installation.sandbox.records().asked();
    let mut citizen = family.installation.citizen();
    let dashboard = citizen.dashboard(&family.installation.public_url).await.unwrap();
    citizen.revoke_all(&dashboard).await.unwrap();
    assert_eq!(family.read("").await.brief(), (401, "invalid_token"));
    assert_eq!(family.installation.sandbox.records().asked(), asked, "whoever may not read makes nobody be asked");
}
