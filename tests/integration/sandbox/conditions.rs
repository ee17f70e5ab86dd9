//! What is asked for, when, and what is told when it cannot be given.

use super::{Bench, contents};
use serde_json::json;

#[tokio::test]
async fn a_tax_year_gives_that_year() {
    let bench = Bench::start();
    let token = bench.token("mihon-taro").await;
    let answer = bench.ask(&token, 2, json!({"condKbn": "4", "targetYear": "2024"})).await;
    assert_eq!(contents(&answer, "0200000010"), ["2024"]);
    let none = bench.ask(&token, 2, json!({"condKbn": "4", "targetYear": "1999"})).await;
    assert_eq!(none, json!({"resultCode": "0000", "selfiTranStatusCd": "02"}));
}

#[tokio::test]
async fn a_person_who_moved_is_found_where_they_lived_on_the_day() {
    let bench = Bench::start();
    let token = bench.token("kamei-utsuru").await;
    for (date, code, name) in [
        ("20150601", "011002", "北海道札幌市"),
        ("20210101", "231002", "愛知県名古屋市"),
        ("20261121", "401307", "福岡県福岡市"),
    ] {
        let answer = bench.ask(&token, 1, json!({"condKbn": "2", "date": date})).await;
        assert_eq!(contents(&answer, "0100000060"), [code]);
        assert_eq!(answer["selfPersonalData"]["resultList"][0]["notifiernmWithOutsourcernm"], name);
    }
}

#[tokio::test]
async fn vaccinations_of_two_municipalities_come_as_two_entries_and_old_ones_are_cut() {
    let bench = Bench::start();
    let child = bench.token("mihon-sakura").await;
    let answer = bench.ask(&child, 84, json!({"condKbn": "3", "startDate": "20240101", "endDate": "20241231"})).await;
    assert_eq!(contents(&answer, "8400000020"), ["20240220", "20240220", "20240220", "20240604", "20240806"]);
    let brother = bench.token("kamei-utsuru").await;
    let kept = bench.ask(&brother, 84, json!({"condKbn": "1"})).await;
    assert_eq!(contents(&kept, "8400000020"), ["20220611"], "what is older than five years is cut");
}

#[tokio::test]
async fn what_is_older_than_the_law_keeps_it_is_expired_and_never_silently_missing() {
    let bench = Bench::start();
    let token = bench.token("reiji-so").await;
    for condition in [json!({"condKbn": "1"}), json!({"condKbn": "3", "startDate": "20150101", "endDate": "20201231"})]
    {
        let answer = bench.ask(&token, 84, condition).await;
        assert_eq!(answer["errors"][0]["errorCode"], "ED3003", "{answer}");
    }
}

#[tokio::test]
async fn withheld_unconnected_pending_and_nothing_are_four_answers() {
    let bench = Bench::start();
    let protected = bench.token("shiken-moriko").await;
    let withheld = bench.ask(&protected, 1, json!({"condKbn": "1"})).await;
    let entry = &withheld["selfPersonalData"]["resultList"][0];
    assert_eq!((&entry["notDisclosedCd"], &entry["personInfoNameDetailList"]), (&json!("1"), &json!([])));
    let student = bench.token("kamei-manabu").await;
    let unconnected = bench.ask(&student, 1, json!({"condKbn": "1"})).await;
    assert_eq!(unconnected["errors"][0]["errorCode"], "ED3001");
    let bank_account = bench.ask(&student, 89, json!({"condKbn": "1"})).await;
    assert_eq!(bank_account["selfiTranStatusCd"], "03", "another body answers");
    let father = bench.token("mihon-taro").await;
    let pending = bench.ask(&father, 98, json!({"condKbn": "1"})).await;
    assert_eq!(pending["errors"][0]["errorCode"], "ED3002");
    let nothing = bench.ask(&father, 4, json!({"condKbn": "1"})).await;
    assert_eq!(nothing, json!({"resultCode": "0000", "selfiTranStatusCd": "04"}));
}
