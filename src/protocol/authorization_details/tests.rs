//! Details of another form are refused with a pointer to the place.

use super::*;
use proptest::prelude::*;
use serde_json::json;

fn detail() -> Value {
    json!({
        "type": "self_information",
        "purpose": "loan_examination",
        "data_sets": [{
            "code": "TM00000000000002",
            "items": ["0200000010"],
            "optional_items": ["0200000050"],
            "period": {"from": "2024-01-01", "to": "2025-12-31"}
        }],
        "access_days": 30
    })
}

#[test]
fn the_documented_form_is_read() {
    let ask = parse(&json!([detail()]).to_string()).unwrap();
    assert_eq!(ask.purpose, "loan_examination");
    assert_eq!(ask.access_days, 30);
    let set = &ask.data_sets[0];
    assert_eq!(set.items.len(), 2);
    assert_eq!(set.items[0].need, Need::Required);
    assert_eq!(set.items[1].need, Need::Optional);
}

#[test]
fn every_other_form_is_refused_at_its_place() {
    let edit = |pointer: &str, value: Value| {
        let mut all = json!([detail()]);
        *all.pointer_mut(pointer).unwrap() = value;
        all
    };
    let set = detail()["data_sets"][0].clone();
    let mut unknown = detail();
    unknown["extra"] = json!(1);
    let mut inner = detail();
    inner["data_sets"][0]["extra"] = json!(1);
    for (details, pointer) in [
        (json!({}), ""),
        (json!([]), ""),
        (json!([detail(), detail()]), ""),
        (json!(["x"]), "/0/type"),
        (edit("/0/type", json!("payment_initiation")), "/0/type"),
        (edit("/0/purpose", json!(1)), "/0"),
        (edit("/0/access_days", json!(-1)), "/0"),
        (edit("/0/data_sets", json!([])), "/0/data_sets"),
        (edit("/0/data_sets", json!([set, set])), "/0/data_sets/1"),
        (edit("/0/data_sets/0/code", json!("TM2")), "/0"),
        (edit("/0/data_sets/0/items", json!(["1"])), "/0"),
        (edit("/0/data_sets/0/items", json!(["0200000010", "0200000010"])), "/0/data_sets/0/items"),
        (edit("/0/data_sets/0/items", json!(["0200000050"])), "/0/data_sets/0/items"),
        (edit("/0/data_sets/0", json!({"code": "TM00000000000002"})), "/0/data_sets/0"),
        (edit("/0/data_sets/0/period/from", json!("2026-01-01")), "/0/data_sets/0/period/to"),
        (edit("/0/data_sets/0/period/from", json!("yesterday")), "/0"),
        (json!([unknown]), "/0"),
        (json!([inner]), "/0"),
    ] {
        let refusal = parse(&details.to_string()).expect_err(&details.to_string());
        assert_eq!(refusal.code, INVALID_AUTHORIZATION_DETAILS);
        assert_eq!(refusal.pointer.as_deref(), Some(pointer), "{details}");
    }
    assert!(parse("not json").is_err());
    let named = r#"[{"type":"self_information","purpose":"a","data_sets":[{"c\u007fde":"x"}],"access_days":30}]"#;
    assert!(!parse(named).unwrap_err().public.contains(char::is_control), "a field's name is the caller's word");
    assert!(parse(&"[".repeat(10_000)).is_err());
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}") {
        let _ = parse(&text);
    }
}
