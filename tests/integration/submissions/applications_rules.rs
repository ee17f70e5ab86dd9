//! Applications: hostile and half-right bodies, other forms, files, and what a consent that ends leaves behind.

use super::applications::{ALL, RECEIVED, apply, id_of, nursery, parties, recorded, told};
use reqwest::Method;
use serde_json::{Value, json};

/// A body with this value at this place; taken away where it is null.
fn changed(pointer: &str, value: Value) -> Value {
    let mut body = nursery();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(parent).unwrap();
    match (parent, value) {
        (Value::Object(members), Value::Null) => drop(members.remove(name)),
        (Value::Object(members), value) => drop(members.insert(name.to_owned(), value)),
        (other, _) => unreachable!("{other}"),
    }
    body
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_is_told_by_its_place_and_nothing_is_kept() {
    let all = parties().await;
    for (pointer, value, code, at) in [
        ("/municipality", json!("152048"), "invalid_value", "/municipality"),
        ("/municipality", json!("999017"), "invalid_value", "/municipality"),
        ("/municipality", json!("../999016"), "invalid_value", "/municipality"),
        ("/municipality", json!("131041"), "invalid_value", "/form"),
        ("/procedure", json!("nothing"), "invalid_value", "/procedure"),
        ("/procedure", json!("damage-certificate"), "invalid_value", "/form"),
        ("/form", json!("nursery-application-1"), "invalid_value", "/form"),
        ("/applied_by/kind", json!("agent"), "invalid_value", "/applied_by/kind"),
        ("/applied_by/kind", json!("family"), "invalid_value", "/applied_by/name"),
        ("/applied_by/name", json!("見本"), "invalid_value", "/applied_by/name"),
        ("/applied_by/organisation_number", json!("1"), "invalid_value", "/applied_by/organisation_number"),
        ("/answers/applicant/name", Value::Null, "invalid_filing", "/answers/applicant/name"),
        ("/answers/applicant/name", json!("あ".repeat(61)), "invalid_filing", "/answers/applicant/name"),
        ("/answers/applicant/name", json!("a\u{0}b"), "invalid_filing", "/answers/applicant/name"),
        ("/answers/applicant/my_number", json!("123456789012"), "invalid_filing", "/answers/applicant/my_number"),
        ("/answers/applicant/phone", json!({"a": []}), "invalid_filing", "/answers/applicant/phone"),
        ("/answers/entries", json!([]), "invalid_filing", "/answers/entries"),
        ("/answers/entries", json!([7]), "invalid_filing", "/answers/entries/0"),
        (
            "/answers/entries",
            json!(vec![nursery()["answers"]["entries"][0].clone(); 7]),
            "invalid_filing",
            "/answers/entries",
        ),
    ] {
        let answer = apply(&all.family, "wrong", &changed(pointer, value.clone())).await;
        assert_eq!(told(&answer), (422, Some(code), Some(at)), "{pointer} {value}: {}", answer.body);
        assert!(!answer.body.to_string().contains("123456789012"), "no value comes back");
    }
    assert_eq!(all.family.get(ALL).await.body["items"], json!([]), "nothing is kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_application_at_all_is_refused_and_nothing_is_kept() {
    let all = parties().await;
    for (pointer, value) in [
        ("/municipality", Value::Null),
        ("/municipality", json!(999_016)),
        ("/applied_by", json!("self")),
        ("/applied_by/kind", json!("robot")),
        ("/answers/applicant", json!([])),
        ("/answers/entries", json!({})),
        ("/certificates", json!({"slot": "guardian_1"})),
        ("/nonsense", json!(1)),
    ] {
        let answer = apply(&all.family, "wrong", &changed(pointer, value.clone())).await;
        assert_eq!((answer.status, &answer.body["code"]), (400, &json!("invalid_request")), "{pointer} {value}");
    }
    for (text, status) in
        [("", 400), ("[]", 400), ("{", 400), (&*"[".repeat(5000), 400), (&*"x".repeat(3_000_000), 413)]
    {
        let headers = [("idempotency-key", "wrong")];
        let answer = all.family.try_send((Method::POST, ALL), &headers, Some(text)).await;
        if let Some(answer) = answer {
            assert_eq!(answer.status, status, "{}", answer.body);
        }
    }
    let without = all.family.post(ALL, Some(&nursery())).await;
    assert_eq!(told(&without), (400, Some("invalid_request"), Some("Idempotency-Key")));
    assert_eq!(all.family.get(ALL).await.body["items"], json!([]), "nothing is kept");
    for (path, at) in [("?limit=0", "limit"), ("?after=x", "after"), ("?state=arrived", "state")] {
        assert_eq!(
            told(&all.family.get(&format!("{ALL}{path}")).await),
            (422, Some("invalid_value"), Some(at)),
            "{path}"
        );
        assert_eq!(
            told(&all.city.get(&format!("{RECEIVED}{path}")).await),
            (422, Some("invalid_value"), Some(at)),
            "{path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_municipalitys_step_is_read_strictly() {
    let all = parties().await;
    let id = id_of(&apply(&all.family, "one", &nursery()).await);
    let today = madoguchi::domain::Clock::now(&madoguchi::domain::SystemClock).date_in_japan().to_string();
    let item = json!({"pointer": "", "message": "直してください。"});
    let result = json!({"decision": "approved", "title": "通知", "text": "本文", "decided_on": today});
    let with = |name: &str, value: Value| {
        let mut body = result.clone();
        body[name] = value;
        body
    };
    for (act, body, at) in [
        ("review", json!({"note": ""}), "/note"),
        ("review", json!({"note": "a\u{202E}b"}), "/note"),
        ("review", json!({"note": "あ".repeat(501)}), "/note"),
        ("ask-amendment", json!({"items": [], "until": today}), "/items"),
        ("ask-amendment", json!({"items": vec![item.clone(); 51], "until": today}), "/items"),
        ("ask-amendment", json!({"items": [{"pointer": "a", "message": "b"}], "until": today}), "/items/0/pointer"),
        ("ask-amendment", json!({"items": [{"pointer": "", "message": " "}], "until": today}), "/items/0/message"),
        ("ask-amendment", json!({"items": [item], "until": "2026-01-01"}), "/until"),
        ("ask-amendment", json!({"items": [item], "until": "9999-12-31"}), "/until"),
        ("decide", with("title", json!("")), "/title"),
        ("decide", with("text", json!("あ".repeat(4001))), "/text"),
        ("decide", with("text", json!("a\u{0}")), "/text"),
        ("decide", with("decided_on", json!("9999-12-31")), "/decided_on"),
        ("decide", with("decided_on", json!("2026-1-1")), "/decided_on"),
    ] {
        let answer = all.city.post(&format!("{RECEIVED}/{id}/{act}"), Some(&body)).await;
        assert_eq!(told(&answer), (422, Some("invalid_value"), Some(at)), "{act} {body}");
    }
    for (act, body) in [("review", json!({"x": 1})), ("ask-amendment", json!({})), ("decide", json!([]))] {
        assert_eq!(all.city.post(&format!("{RECEIVED}/{id}/{act}"), Some(&body)).await.status, 400, "{act}");
    }
    let seen = all.city.get(&format!("{RECEIVED}/{id}")).await.body;
    assert_eq!((&seen["application"]["state"], &seen["application"]["place"]), (&json!("arrived"), &json!(1)));
    let late = json!({"items": [{"pointer": "", "message": "直してください。"}], "until": today});
    assert_eq!(all.city.post(&format!("{RECEIVED}/{id}/ask-amendment"), Some(&late)).await.status, 200);
    let mut wrong = json!({"answers": nursery()["answers"], "certificates": []});
    let amend = format!("{ALL}/{id}/amend");
    assert_eq!(
        told(&all.family.post(&amend, Some(&wrong)).await).1,
        Some("invalid_filing"),
        "the form holds as before"
    );
    wrong["municipality"] = json!("999024");
    assert_eq!(told(&all.family.post(&amend, Some(&wrong)).await).1, Some("invalid_request"), "it goes nowhere else");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_municipality_loads_it_as_the_file_that_it_asks_for() {
    let all = parties().await;
    let mut body = nursery();
    let evil = "=HYPERLINK(\"http://evil.example\",\"x\")</item>";
    body["answers"]["applicant"]["remarks"] = json!(evil);
    let id = id_of(&apply(&all.family, "one", &body).await);
    let path = format!("{RECEIVED}/{id}");
    let as_type = |media_type: &'static str| {
        let (city, path) = (&all.city, &path);
        async move { city.send((Method::GET, path), &[("accept", media_type)], None).await }
    };
    let xml = as_type("application/xml").await;
    assert_eq!((xml.status, xml.headers["content-type"].to_str().unwrap()), (200, "application/xml; charset=utf-8"));
    let text = xml.body.as_str().unwrap();
    assert!(text.contains("title=\"児童の氏名\">見本　一葉</item>") && text.contains("&lt;/item&gt;"), "{text}");
    assert!(!text.contains(evil));
    let csv = as_type("text/csv").await;
    let text = csv.body.as_str().unwrap();
    assert!(
        text.contains("\"第1希望施設\",\"見本第一保育園\"\r\n") && text.contains("\"'=HYPERLINK(\"\"http"),
        "{text}"
    );
    assert!(csv.headers["content-disposition"].to_str().unwrap().ends_with(".csv\""));
    let xlsx = as_type("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet").await;
    assert_eq!(xlsx.status, 200);
    assert!(xlsx.body.as_str().unwrap().starts_with("PK"));
    assert_eq!(told(&as_type("image/png").await), (406, Some("not_acceptable"), Some("Accept")));
    assert_eq!(xml.headers["cache-control"], "no-store");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_procedures_have_forms_of_their_own_and_agents_apply_where_the_form_lets_them() {
    let all = parties().await;
    let damage = json!({
        "municipality": "999024", "procedure": "damage-certificate", "form": "damage-certificate-1",
        "applied_by": {
            "kind": "agent", "name": "見本　支援", "organisation": "見本居宅介護支援事業所", "organisation_number": "1370000000",
        },
        "answers": {
            "applicant": {
                "householder_name": "例示　創", "householder_address": "見本県見本市1", "damaged_home_address": "例示県例示町2",
                "phone": "0900000000", "disaster": "R801", "damaged_on": "2026-09-10", "home_kind": "1",
                "damage": "屋根の一部が飛散した。",
            },
            "entries": [{"name": "例示　創", "birth_date": "1950-01-01", "relationship": "1"}],
        },
    });
    let unknown = apply(&all.family, "damage", &damage).await;
    let place = "/answers/applicant/disaster";
    assert_eq!(
        told(&unknown),
        (422, Some("invalid_filing"), Some(place)),
        "the city's disaster is nothing to the town"
    );
    let town = super::Payroll::open_for(&all.app.directory(), "town_desk", "agency_applications").await;
    recorded(&town).await;
    let arrived = apply(&all.family, "damage", &damage).await;
    let id = id_of(&arrived);
    assert_eq!(arrived.body["is_identity_checked_in_person"], json!(false), "no signature is asked");
    let given = town.get(&format!("{RECEIVED}/{id}")).await.body;
    assert_eq!(given["applied_by"]["organisation_number"], "1370000000", "{given}");
    assert_eq!(
        all.city.get(&format!("{RECEIVED}/{id}")).await.status,
        404,
        "where the householder lives is nothing to it"
    );
    let mut free = damage.clone();
    free["answers"]["applicant"]["disaster"] = json!("大雨");
    let answer = apply(&all.family, "free", &free).await;
    assert_eq!(told(&answer), (422, Some("invalid_filing"), Some(place)));
    let allowance = json!({
        "municipality": "999016", "procedure": "child-allowance-current-state", "form": "child-allowance-current-state-1",
        "applied_by": {"kind": "self"},
        "answers": {
            "applicant": {
                "fiscal_year": 2026, "name": "見本　髙子", "name_kana": "ミホン　タカコ", "birth_date": "1990-04-01",
                "postal_code": "0000000", "address": "見本県見本市1", "phone": "0900000000", "pension": "1",
            },
            "entries": [{
                "name": "見本　一葉", "birth_date": "2025-06-07", "relationship": "1", "is_in_custody": true, "livelihood": "1",
            }],
        },
    });
    let answer = apply(&all.family, "apart", &allowance).await;
    assert_eq!(told(&answer), (422, Some("invalid_filing"), Some("/answers/entries/0/address")), "{}", answer.body);
    let mut together = allowance;
    together["answers"]["entries"][0]["lives_together"] = json!(true);
    id_of(&apply(&all.family, "together", &together).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consent_that_ends_closes_the_app_and_leaves_the_application_with_the_municipality() {
    let all = parties().await;
    let id = id_of(&apply(&all.family, "one", &nursery()).await);
    let assertion = all.family.party.assertion().unwrap();
    let form = [
        ("token", all.family.token.as_str()),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", &assertion),
    ];
    let revoke = format!("{}/oauth/revoke", all.family.party.file.issuer);
    assert_eq!(all.family.party.http.post(&revoke).form(&form).send().await.unwrap().status(), 200);
    assert_eq!(all.family.get(&format!("{ALL}/{id}")).await.status, 401);
    assert_eq!(apply(&all.family, "two", &nursery()).await.status, 401);
    assert_eq!(all.city.get(&format!("{RECEIVED}/{id}")).await.status, 200);
}
