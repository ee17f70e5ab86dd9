//! What the service answers, right and wrong.

use super::wire::{DetailAnswer, ListAnswer};
use super::*;
use crate::catalog::services::{Category, SectionKind};
use proptest::prelude::*;
use serde_json::{Value, json};

fn sanjo() -> MunicipalityCode {
    MunicipalityCode::parse("152048").unwrap()
}

fn list(body: &Value) -> Result<Vec<Listing>, SourceError> {
    ListAnswer::read(body.to_string().as_bytes(), sanjo())
}

fn detail(body: &Value) -> Result<Particulars, SourceError> {
    DetailAnswer::read(body.to_string().as_bytes(), &Psid::parse("15-1").unwrap())
}

fn ok(rows: &Value) -> Value {
    json!({"result": {"resultName": "OK", "errors": [], "hitCount": rows.as_array().map(Vec::len)}, "eLinkServProcInfoList": rows})
}

#[test]
fn a_list_is_read_with_its_dates_and_codes() {
    let row = json!({
        "psid": "15-1", "officialName": " 児童手当 ", "aliasName": "", "summary": "案内\u{7}", "serviceCode": "CHILDCARE",
        "isEApplicable": "1", "procedurePeriodDateFrom": "20260401", "procedurePeriodDateTo": "2026",
        "jurisdictionDepartment": "子育て支援課", "procedureVersion": 3, "updateDateTime": "20260401090000",
    });
    let read = list(&ok(&json!([row]))).unwrap();
    let one = &read[0];
    assert_eq!((one.psid.as_str(), one.name.as_str(), one.alias.as_deref()), ("15-1", "児童手当", None));
    assert_eq!((one.summary.as_str(), one.category, one.is_e_applicable), ("案内", Category::ChildRearing, true));
    assert_eq!(one.period.from.map(|day| day.to_string()).as_deref(), Some("2026-04-01"));
    assert_eq!((one.period.until, one.version.as_str()), (None, "3.20260401090000"));
    assert_eq!(one.updated_at.map(|at| at.to_string()).as_deref(), Some("2026-04-01 09:00:00"));
    assert_eq!(list(&ok(&json!([]))), Ok(Vec::new()), "no hit is an answer");
}

#[test]
fn a_no_in_a_200_is_a_no_and_half_a_list_is_none() {
    let no = |errors: Value| json!({"result": {"resultName": "NG", "errors": errors}});
    assert_eq!(list(&no(json!([{"errorCode": "EE002"}]))), Err(SourceError::Refused("EE002".into())));
    assert_eq!(list(&no(json!(["EE001"]))), Err(SourceError::Refused("EE001".into())));
    let told = list(&no(json!([{"errorCode": "<b>見本 太郎</b>"}])));
    assert_eq!(told, Err(SourceError::Refused("without a code".into())), "a stranger's words are not repeated");
    let row = json!({"psid": "1", "officialName": "a"});
    let mut short = ok(&json!([row]));
    short["result"]["hitCount"] = json!(2);
    assert_eq!(list(&short), Err(SourceError::Unreadable("hitCount is not the number of rows")));
    for (row, wrong) in [
        (json!({"psid": "../1", "officialName": "a"}), "a row has no psid"),
        (json!({"psid": "1", "officialName": " "}), "a row has no officialName"),
        (json!({"psid": "1", "officialName": "a", "cityCode": "131121"}), "a row is another municipality's"),
    ] {
        assert_eq!(list(&ok(&json!([row]))), Err(SourceError::Unreadable(wrong)));
    }
    let many: Vec<Value> = (0..5_001).map(|n| json!({"psid": n.to_string(), "officialName": "a"})).collect();
    assert_eq!(list(&ok(&Value::Array(many))), Err(SourceError::Unreadable("there are too many rows")));
}

#[test]
fn particulars_are_read_and_links_are_https() {
    let row = json!({
        "psid": "15-1", "body": "|a|b|", "requirements": "・本人確認書類", "usageFee": "", "targetAgeFrom": 3, "targetAgeTo": "5",
        "targetAgeInMonthsFrom": "40", "contactName": "子育て支援課", "contactFormUrl": "http://a.example/",
        "contactEmailAddress": "no address",
        "relatedLinkList": ["案内;https://city.example/a", "悪い;javascript:alert(1)", {"name": "様式", "url": "https://city.example/b"}],
        "formLinkList": "none",
    });
    let body = json!({"result": {"resultName": "OK"}, "eLinkServProcInfo": row});
    let read = detail(&body).unwrap();
    assert_eq!(
        read.texts.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(),
        [SectionKind::Overview, SectionKind::Requirements]
    );
    assert_eq!((read.ages.from_months, read.ages.to_months), (Some(40), Some(71)));
    assert_eq!((read.contact.form, read.contact.email), (None, None));
    assert_eq!(read.links.iter().map(|link| link.text.as_str()).collect::<Vec<_>>(), ["案内", "様式"]);
    let mut other = body;
    other["eLinkServProcInfo"]["psid"] = json!("15-2");
    assert_eq!(detail(&other), Err(SourceError::Unreadable("the detail is another procedure's")));
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let name = prop_oneof![
            Just("psid".to_owned()),
            Just("result".to_owned()),
            Just("resultName".to_owned()),
            Just("eLinkServProcInfo".to_owned()),
            Just("relatedLinkList".to_owned()),
            Just("officialName".to_owned()),
            "[a-z]{1,4}"
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            proptest::collection::btree_map(name, inner, 0..4).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn nonsense_never_breaks_it(bytes in proptest::collection::vec(any::<u8>(), 0..60), body in value(), row in value()) {
        let _ = ListAnswer::read(&bytes, sanjo());
        let _ = (list(&body), detail(&body));
        let _ = list(&ok(&json!([row])));
        let _ = detail(&json!({"result": {"resultName": "OK"}, "eLinkServProcInfo": row}));
    }
}
