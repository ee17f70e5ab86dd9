//! Life events: items said once, filed wherever they are wanted, each by its own day.

use super::api::opened;
use super::{Payroll, counted};
use crate::support::played::third_party::Answer;
use reqwest::Method;
use serde_json::{Value, json};

/// Of the company that the ready-made payroll software files for.
const PATH: &str = "/v1/employers/5000000990004/life-events";

fn office() -> Value {
    json!({
        "prefecture_code": "21", "area_code": "01", "office_symbol": "ｹｲﾄ", "office_number": "12345",
        "office_postal_code": "1000000", "office_address": "東京都見本区見本町１－２－３", "office_name": "見本商事株式会社",
        "employer_name": "見本　良一", "phone_area": "03", "phone_exchange": "0000", "phone_subscriber": "0000",
        "employment_office_number": "13010000010", "corporate_number": "5000000990004",
    })
}

/// Somebody who is hired, with everything that is asked about that.
fn hired() -> Value {
    json!({
        "reference": "2026-11-hiring",
        "event": {"kind": "hired", "on": "2026-11-02"},
        "office": office(),
        "employees": [{
            "items": {
                "name": "見本　花子", "name_kana": "ﾐﾎﾝ ﾊﾅｺ", "birth_date": "1990-04-01", "sex": "2",
                "individual_number": "123456789018", "address": "東京都見本区見本町４－５－６", "postal_code": "1000001",
                "address_kana": "ﾐﾎﾝｸﾐﾎﾝﾁｮｳ", "currency": 280_000, "in_kind": 0, "municipality_code": "131016",
                "pay_kind": "1", "monthly_pay": 280, "employment_form": "7", "occupation": "01", "weekly_minutes": 2400,
            },
            "details": {"4950008680033000": {"reason": "2"}},
        }],
    })
}

async fn tell(payroll: &Payroll, body: &Value, (key, prefer): (&str, &str)) -> Answer {
    let headers = [("idempotency-key", key), ("prefer", prefer)];
    payroll.send((Method::POST, PATH), &headers, Some(body)).await
}

fn codes(view: &Value) -> Vec<&str> {
    view["procedures"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_hired_is_filed_at_every_office_at_once_after_a_rehearsal() {
    let (app, payroll) = opened().await;
    let planned = tell(&payroll, &hired(), ("k", "dry-run")).await;
    assert_eq!((planned.status, planned.body["submission"].is_null()), (200, true), "{}", planned.body);
    assert_eq!(planned.headers["preference-applied"], "dry-run");
    assert_eq!(codes(&planned.body), ["2200700", "4950008680033000", "municipal-special-collection"]);
    let pension = &planned.body["procedures"][0];
    // 7 November is a Saturday.
    assert_eq!((pension["due_on"].as_str(), pension["agency"].as_str()), (Some("2026-11-09"), Some("pension-office")));
    assert_eq!(planned.body["procedures"][1]["due_on"], "2026-12-10");
    assert!(pension["because"]["ja"].as_str().unwrap().contains("採用"), "{pension}");
    let rejects = planned.body["findings"].as_array().unwrap().iter().filter(|one| one["severity"] == "reject");
    assert_eq!(rejects.count(), 0, "{}", planned.body["findings"]);
    assert_eq!(app.dev.sandbox.own.as_ref().unwrap().agencies().effects().len(), 0);

    let filed = tell(&payroll, &hired(), ("hired-1", "wait=0")).await;
    assert_eq!(filed.status, 202, "{}", filed.body);
    let id = filed.body["submission"]["id"].as_str().unwrap();
    assert_eq!(filed.headers["location"], format!("/v1/submissions/{id}"));
    assert_eq!(filed.body["submission"]["reference"], "2026-11-hiring");
    let done = payroll.until_state(id, "completed").await;
    assert_eq!(done["deliveries"].as_array().unwrap().len(), 3);
    let again = tell(&payroll, &hired(), ("hired-1", "wait=0")).await;
    assert_eq!(again.body["submission"]["id"].as_str(), Some(id), "{}", again.body);
    // The company stands in the address: the same body for another one is another filing, delegated or not.
    let other = "/v1/employers/8999900000001/life-events";
    let headers = [("idempotency-key", "hired-1"), ("prefer", "wait=0")];
    let reused = payroll.send((Method::POST, other), &headers, Some(&hired())).await;
    assert_eq!((reused.status, reused.body["code"].as_str()), (422, Some("idempotency_key_reused")), "{}", reused.body);
    let effects = app.dev.sandbox.own.as_ref().unwrap().agencies().effects();
    for agency in ["pension-office", "e-gov", "city"] {
        assert_eq!(counted(&effects, agency).into_values().collect::<Vec<_>>(), [1], "{agency}: {effects:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_is_told_once_by_the_place_of_the_filers_own_item_and_nothing_is_filed() {
    let (app, payroll) = opened().await;
    let mut wrong = hired();
    wrong["employees"][0]["items"]["name"] = json!("髙橋　花子");
    wrong["employees"][0]["details"]["4950008680033000"]["reason"] = json!("9");
    let refused = tell(&payroll, &wrong, ("k", "wait=0")).await;
    assert_eq!((refused.status, refused.body["code"].as_str()), (422, Some("invalid_filing")), "{}", refused.body);
    let findings = refused.body["findings"].as_array().unwrap();
    let of = |pointer: &str| findings.iter().filter(|one| one["pointer"] == pointer).collect::<Vec<_>>();
    let name = of("/employees/0/items/name");
    assert_eq!(name.len(), 1, "three procedures want it, and it is told once: {findings:?}");
    assert!(name[0]["words"]["ja"].as_str().unwrap().contains('髙'), "{name:?}");
    assert_eq!(of("/employees/0/details/4950008680033000/reason").len(), 1, "{findings:?}");

    let mut nobody = hired();
    for flag in ["has_social_insurance", "has_employment_insurance", "has_special_collection"] {
        nobody["employees"][0][flag] = json!(false);
    }
    let nothing = tell(&payroll, &nobody, ("k", "dry-run")).await;
    assert_eq!((nothing.status, nothing.body["pointer"].as_str()), (422, Some("/event")), "{}", nothing.body);
    let mut unknown = hired();
    unknown["event"]["kind"] = json!("promoted");
    assert_eq!(tell(&payroll, &unknown, ("k", "dry-run")).await.body["code"], "invalid_request");
    let other = "/v1/employers/1234567890123/life-events";
    let other = payroll.send((Method::POST, other), &[("prefer", "dry-run")], Some(&hired())).await;
    assert_eq!((other.status, other.body["pointer"].as_str()), (422, Some("corporate_number")), "{}", other.body);
    let without = payroll.send((Method::POST, PATH), &[], Some(&hired())).await;
    assert_eq!(without.body["pointer"], "Idempotency-Key", "{}", without.body);
    assert_eq!(app.dev.sandbox.own.as_ref().unwrap().agencies().effects().len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn days_follow_from_the_event_and_what_is_late_is_said() {
    let (_app, payroll) = opened().await;
    let event = |kind: &str, on: &str| {
        let mut body = hired();
        body["event"] = json!({"kind": kind, "on": on});
        body
    };
    for (kind, on, expected) in [
        (
            "left",
            "2026-10-31",
            vec![
                ("2201700", Some("2026-11-06")),
                ("4950008680034000", Some("2026-11-11")),
                ("municipal-salary-earner-change", Some("2026-11-10")),
                ("tax-withholding-leaving", None),
            ],
        ),
        ("bonus", "2026-12-10", vec![("2265700", Some("2026-12-15"))]),
        ("standard_monthly_determination", "2027-07-01", vec![("2225700", None)]),
        ("address_changed", "2026-11-02", vec![("pension-address-change", None)]),
    ] {
        let told = tell(&payroll, &event(kind, on), ("k", "dry-run")).await;
        assert_eq!(told.status, 200, "{kind}: {}", told.body);
        let found: Vec<_> = told.body["procedures"].as_array().unwrap().iter().collect();
        let names: Vec<_> = found.iter().map(|one| one["code"].as_str().unwrap()).collect();
        assert_eq!(names, expected.iter().map(|(code, _)| *code).collect::<Vec<_>>(), "{kind}");
        for (one, (code, due)) in found.iter().zip(expected) {
            if due.is_some() {
                assert_eq!(one["due_on"].as_str(), due, "{kind}: {code}");
            }
            assert!(one["agency"].is_string() && one["because"]["en"].is_string(), "{one}");
        }
    }
    let late = tell(&payroll, &event("left", "2020-01-31"), ("k", "dry-run")).await;
    assert!(late.body["procedures"][0]["is_late"].as_bool().unwrap(), "{}", late.body);
    let findings = late.body["findings"].as_array().unwrap();
    assert!(findings.iter().any(|one| one["rule"] == "MG302" && one["severity"] == "warn"), "{findings:?}");
}

/// The part of a filing that went to an agency.
fn part<'a>(filing: &'a Value, agency: &str) -> &'a Value {
    filing["deliveries"].as_array().unwrap().iter().find(|one| one["agency"] == agency).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_leaves_goes_to_e_gov_in_its_own_form_and_has_an_arrival_number() {
    let (app, payroll) = opened().await;
    let mut left = hired();
    left["event"] = json!({"kind": "left", "on": "2026-10-31"});
    left["employees"][0]["items"]["employment_insured_number"] = json!("50001234567");
    left["leave_out"] = json!(["2201700", "municipal-salary-earner-change", "tax-withholding-leaving"]);
    let filed = tell(&payroll, &left, ("left-1", "wait=0")).await;
    assert_eq!(filed.status, 202, "{}", filed.body);
    let done = payroll.until_state(filed.body["submission"]["id"].as_str().unwrap(), "completed").await;
    let part = part(&done, "e-gov");
    assert_eq!(part["procedure"], "4950008680034000");
    assert_eq!(part["arrival_number"].as_str().map(str::len), Some(18), "{part}");
    let form = app.dev.sandbox.own.as_ref().unwrap().e_gov_form(part["arrival_number"].as_str().unwrap()).unwrap();
    for wanted in [
        "<被保険者番号6桁>123456</被保険者番号6桁>",
        "<被保険者氏名フリガナ>ミホン　ハナコ</被保険者氏名フリガナ>",
        "<年号>令和</年号>",
        "<時間>40</時間>",
        "<事業所番号CD>0</事業所番号CD>",
    ] {
        assert!(form.contains(wanted), "{wanted}: {form}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_e_gov_asks_to_be_mended_is_mended_in_our_own_words() {
    let (_app, payroll) = opened().await;
    let mut asked = hired();
    asked["employees"][0]["items"]["remarks"] = json!("ｓａｎｄｂｏｘ：ａｍｅｎｄ");
    asked["leave_out"] = json!(["2200700", "municipal-special-collection"]);
    let filed = tell(&payroll, &asked, ("amend-1", "wait=0")).await;
    let id = filed.body["submission"]["id"].as_str().unwrap().to_owned();
    let now = payroll.until_state(&id, "action_required").await;
    let part = part(&now, "e-gov").clone();
    let mut record = asked["employees"][0]["items"].clone();
    for unknown in ["address", "postal_code", "address_kana", "currency", "in_kind", "municipality_code", "remarks"] {
        record.as_object_mut().unwrap().remove(unknown);
    }
    record["reason"] = json!("2");
    record["acquisition_kind"] = json!("1");
    record["acquired_on"] = json!("2026-11-02");
    let mut own = office();
    for unknown in ["prefecture_code", "area_code", "office_symbol", "office_number"] {
        own.as_object_mut().unwrap().remove(unknown);
    }
    let attachments = json!([{"name": "雇用契約書", "file_name": "contract.pdf", "data": "JVBERi0xLjcK"}]);
    let mut content = json!({"office": own, "records": [record], "attachments": [{"name": "x"}]});
    let amend = format!("/v1/submissions/{id}/amend");
    let refused =
        payroll.post(&amend, Some(&json!({"deliveries": [{"id": part["id"], "content": content.clone()}]}))).await;
    assert_eq!(
        (refused.status, refused.body["findings"][0]["rule"].as_str()),
        (422, Some("EG004")),
        "{}",
        refused.body
    );
    content["attachments"] = attachments;
    let answer = payroll.post(&amend, Some(&json!({"deliveries": [{"id": part["id"], "content": content}]}))).await;
    assert!(answer.status < 300, "{} {}", answer.status, answer.body);
    payroll.until_state(&id, "completed").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_very_many_findings_a_hundred_are_told_those_that_refuse_first_and_how_many_more_there_are() {
    let (_app, payroll) = opened().await;
    let mut body = hired();
    let mut wrong = body["employees"][0].clone();
    wrong["items"]["name"] = json!("");
    wrong["items"]["birth_date"] = json!("yesterday");
    wrong["items"]["postal_code"] = json!("1");
    body["event"]["on"] = json!("2020-01-31");
    body["employees"] = vec![wrong; 45].into();
    let told = tell(&payroll, &body, ("k", "dry-run")).await;
    assert_eq!(told.status, 200, "{}", told.body);
    let findings = told.body["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 100);
    assert!(told.body["findings_left_off"].as_u64().unwrap() >= 35, "{}", told.body["findings_left_off"]);
    assert!(findings.iter().all(|one| one["severity"] == "reject"), "what is late is only a warning");
    // The very same is refused when it is filed, and few findings are told whole.
    assert_eq!(tell(&payroll, &body, ("k", "wait=0")).await.body["code"], "invalid_filing");
    body["employees"].as_array_mut().unwrap().truncate(1);
    let few = tell(&payroll, &body, ("k", "dry-run")).await;
    assert!(few.body["findings_left_off"].is_null() && few.body["findings"].as_array().unwrap().len() >= 4);
}
