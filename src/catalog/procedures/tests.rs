//! The files of this repository load; each rule names its place; a wrong file is told by file and key.

use super::*;
use crate::domain::submission::Severity;
use serde_json::{Value, json};

fn ours() -> Procedures {
    Procedures::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/procedures")).unwrap_or_else(|faults| {
        panic!("{}", faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    })
}

fn office() -> Value {
    json!({
        "prefecture_code": "21", "area_code": "01", "office_symbol": "ｹｲﾄ", "office_number": "12345",
        "office_postal_code": "1000000", "office_address": "東京都見本区見本町１－２－３", "office_name": "見本商事株式会社",
        "employer_name": "見本　良一", "phone_area": "03", "phone_exchange": "0000", "phone_subscriber": "0000",
    })
}

fn acquisition() -> Value {
    json!({"office": office(), "records": [{
        "name_kana": "ﾐﾎﾝ ﾀﾛｳ", "name": "見本　太郎", "birth_date": "1985-05-15", "category": "1", "acquisition_kind": "1",
        "individual_number": "123456789018", "acquired_on": "令和8年4月1日", "has_dependants": "0",
        "currency": 260_000, "in_kind": 0,
    }]})
}

fn with(pointer: &str, value: &Value) -> Value {
    let mut content = acquisition();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let members = content.pointer_mut(parent).and_then(Value::as_object_mut).unwrap();
    if value.is_null() {
        members.remove(name)
    } else {
        members.insert(name.to_owned(), value.clone())
    };
    content
}

#[test]
fn every_form_has_the_columns_of_its_specification_and_its_limits() {
    let all = ours();
    for (code, columns, e_gov) in [
        ("2200700", 34, "4950013520711000"),
        ("2201700", 27, "4950013520714000"),
        ("2225700", 53, "4950013520989000"),
        ("2221700", 49, "4950013520990000"),
        ("2265700", 21, "4950013520991000"),
    ] {
        let one = all.get(code).unwrap();
        assert_eq!((one.csv.as_ref().unwrap().columns, one.e_gov.as_deref()), (columns, Some(e_gov)), "{code}");
        assert_eq!(all.of_e_gov(e_gov).map(|found| found.code.as_str()), Some(code));
        assert!(one.is_for_union && one.agency == AgencyKind::PensionOffice);
    }
    assert_eq!(all.iter().filter(|one| one.csv.is_some()).count(), 5);
    let kinds: std::collections::BTreeSet<_> = all.iter().map(|one| one.agency).collect();
    assert_eq!(kinds.len(), 10, "every kind but the unions', which have the pension office's procedures");
    assert_eq!(all.get("2225700").unwrap().due, Due::Window { from: "07-01".into(), until: "07-10".into() });
}

#[test]
fn each_wrong_value_is_told_by_rule_place_and_character() {
    let (all, one) = (ours(), "/records/0");
    let check = |content: &Value| all.get("2200700").unwrap().check(content);
    assert_eq!(check(&acquisition()), vec![]);
    let at = |name: &str| format!("{one}/{name}");
    for (pointer, value, rule, position) in [
        (at("name"), json!("髙橋　太郎"), "MG205", Some(0)),
        (at("name"), json!("見本　㈱"), "MG205", Some(3)),
        (at("name"), json!("見本　😀"), "MG205", Some(3)),
        (at("name"), json!("見本 太郎"), "MG206", Some(2)),
        (at("name"), json!("見本太郎"), "MG208", None),
        (at("name"), json!("見本　長い名前で上限を超える人"), "MG204", None),
        (at("name"), Value::Null, "MG201", None),
        (at("name"), json!(""), "MG201", None),
        (at("name"), json!(5), "MG203", None),
        (at("name_kana"), json!("ミホン ﾀﾛｳ"), "MG207", Some(0)),
        (at("name_kana"), json!("ﾐﾎﾝﾀﾛｳ"), "MG208", None),
        (at("name_kana"), json!("ﾐﾎﾝ,ﾀﾛｳ"), "MG216", Some(3)),
        (at("name_kana"), json!("ﾐﾎﾝ ﾀﾛｳﾀﾛｳﾀﾛｳﾀﾛｳﾀﾛｳﾀﾛｳﾀﾛｳﾀﾛｳ"), "MG204", None),
        (at("birth_date"), json!("1985/05/15"), "MG212", None),
        (at("birth_date"), json!("1985-02-30"), "MG212", None),
        (at("birth_date"), json!("平成31年5月1日"), "MG213", None),
        (at("birth_date"), json!("1926-12-24"), "MG213", None),
        (at("acquired_on"), json!("1985-05-14"), "MG232", None),
        (at("category"), json!("9"), "MG211", None),
        (at("individual_number"), json!("123456789012"), "MG210", Some(11)),
        (at("individual_number"), json!("12345678901"), "MG209", None),
        (at("individual_number"), json!("12345678901８"), "MG209", Some(11)),
        (at("currency"), json!(-1), "MG203", None),
        (at("currency"), json!(1.5), "MG203", None),
        (at("currency"), json!("260000"), "MG203", None),
        (at("aged_70"), json!("1"), "MG203", None),
        (at("unknown"), json!("x"), "MG202", None),
        (at("postal_code"), json!("100-0000"), "MG209", Some(3)),
        ("/office/prefecture_code".into(), json!("13"), "MG211", None),
        ("/office/office_name".into(), json!("見本,商事"), "MG216", Some(2)),
        ("/office/employer_name".into(), Value::Null, "MG201", None),
        ("/office".into(), Value::Null, "MG203", None),
        ("/records".into(), json!([]), "MG217", None),
        ("/records".into(), json!([1]), "MG203", None),
        ("/extra".into(), json!(1), "MG202", None),
    ] {
        let content = with(&pointer, &value);
        let found = check(&content);
        let told: Vec<_> = found.iter().map(|f| (f.rule.as_str(), f.position)).collect();
        assert_eq!(told, [(rule, position)], "{pointer} {value}: {found:?}");
        assert!(found[0].pointer.starts_with(pointer.as_str()), "{} of {pointer}", found[0].pointer);
        assert!(
            found[0].severity == Severity::Reject && !found[0].words.ja.is_empty() && !found[0].words.en.is_empty()
        );
    }
}

#[test]
fn what_to_write_instead_and_how_long_it_is_are_told() {
    let (all, at) = (ours(), "/records/0/name");
    let check = |content: &Value| all.get("2200700").unwrap().check(content).remove(0);
    for (name, suggestion) in [("髙橋　太郎", "高"), ("見本　太郎①", "（1）"), ("見本 太郎", "　"), ("ﾐ本　太郎", "ミ")]
    {
        assert_eq!(check(&with(at, &json!(name))).suggestion.as_deref(), Some(suggestion), "{name}");
    }
    let kana = check(&with("/records/0/name_kana", &json!("みほん ﾀﾛｳ")));
    assert_eq!(kana.suggestion.as_deref(), Some("ﾐ"));
    let long = check(&with(at, &json!("見本　長い名前で上限を超える人")));
    assert_eq!(long.length.map(|length| (length.is, length.most)), Some((30, 24)));
    let composed = check(&with(at, &json!("見本　か\u{3099}く")));
    assert!(composed.words.en.contains("NFC"), "{composed:?}");
    // Of the value, no more than the one character is repeated.
    assert!(!format!("{:?}", check(&with(at, &json!("髙橋　太郎")))).contains("太郎"));
}

#[test]
fn rules_between_items_are_told() {
    let all = ours();
    let rules = |code: &str, content: &Value| -> Vec<(String, String)> {
        all.get(code).unwrap().check(content).into_iter().map(|f| (f.rule, f.pointer)).collect()
    };
    let none = with("/records/0/individual_number", &Value::Null);
    let told = rules("2200700", &none);
    let wanted = [
        ("MG230", "/records/0/individual_number"),
        ("MG231", "/records/0/postal_code"),
        ("MG231", "/records/0/address_kana"),
    ];
    assert_eq!(told, wanted.map(|(rule, at)| (rule.to_owned(), at.to_owned())));
    let capped = with("/records/0/currency", &json!(12_000_000));
    let found = all.get("2200700").unwrap().check(&capped);
    assert_eq!((found[0].rule.as_str(), found[0].severity, found.len()), ("MG215", Severity::Warn, 1));
    let loss = |left: &str, lost: &str, reason: &str| {
        json!({"office": office(), "records": [{
            "name_kana": "ﾐﾎﾝ ﾀﾛｳ", "name": "見本　太郎", "birth_date": "1985-05-15", "individual_number": "123456789018",
            "left_on": left, "lost_on": lost, "reason": reason,
        }]})
    };
    assert_eq!(rules("2201700", &loss("2026-08-31", "2026-09-01", "4")), vec![]);
    assert_eq!(rules("2201700", &loss("2026-08-31", "2026-08-31", "4"))[0].0, "MG233");
}

#[test]
fn the_schema_says_what_the_check_demands() {
    let all = ours();
    for one in all.iter() {
        let schema = one.schema();
        for (place, fields) in [("/properties/office", &one.office), ("/properties/records/items", &one.fields)] {
            let object = schema.pointer(place).unwrap();
            let required: Vec<&str> = object["required"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            let wanted: Vec<&str> = fields.iter().filter(|f| f.is_required).map(|f| f.name.as_str()).collect();
            assert_eq!(required, wanted, "{}", one.code);
            assert_eq!(object["properties"].as_object().unwrap().len(), fields.len(), "{}", one.code);
            for (name, property) in object["properties"].as_object().unwrap() {
                if let Some(pattern) = property["pattern"].as_str() {
                    assert!(regex::Regex::new(pattern).is_ok(), "{} {name} {pattern}", one.code);
                }
            }
        }
    }
}

#[test]
fn findings_end_at_what_is_kept() {
    let mut content = acquisition();
    let record = json!({});
    content["records"] = Value::Array(vec![record; 1000]);
    let found = ours().get("2200700").unwrap().check(&content);
    assert_eq!(found.len(), crate::domain::submission::MOST_FINDINGS);
}

const GOOD: &str = r#"
code = "2200799"
title = { ja = "見本届", en = "Sample" }
agency = "pension_office"
records = "many"
office = ["area_code", "symbol?"]
due = { kind = "days_after", field = "day", days = 5 }
[csv]
columns = 6
office = [{ field = "area_code", column = 2 }]
[[field]]
name = "day"
title = { ja = "日", en = "Day" }
kind = "date"
column = 4
[[field]]
use = "amount"
column = 6
"#;
const COMMON: &str = r#"
[[field]]
name = "area_code"
title = { ja = "郡市区符号", en = "Area code" }
kind = "digits"
digits = 2
[[field]]
name = "symbol"
title = { ja = "記号", en = "Symbol" }
kind = "kana"
bytes = 4
[[field]]
name = "amount"
title = { ja = "額", en = "Amount" }
kind = "yen"
"#;

fn loaded(common: &str, file: &str) -> Result<Procedures, String> {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("common.toml"), common).unwrap();
    std::fs::write(dir.path().join("sample.toml"), file).unwrap();
    Procedures::load(dir.path()).map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

#[test]
fn a_wrong_file_is_told_by_file_and_key() {
    assert!(loaded(COMMON, GOOD).is_ok(), "{:?}", loaded(COMMON, GOOD).err());
    for (from, to, wanted) in [
        ("code = \"2200799\"", "code = \"A b\"", "sample.toml: code"),
        ("agency = \"pension_office\"", "agency = \"post\"", "sample.toml: agency"),
        ("records = \"many\"", "records = \"some\"", "sample.toml: records"),
        ("records = \"many\"", "records = \"many\"\nextra = 1", "sample.toml: extra: is no key"),
        ("\"symbol?\"", "\"nothing\"", "sample.toml: office"),
        ("field = \"day\", days", "field = \"amount\", days", "sample.toml: due.field"),
        ("kind = \"days_after\"", "kind = \"some_day\"", "sample.toml: due.kind"),
        ("columns = 6", "columns = 4", "amount is in column 6, and the form has 4"),
        ("columns = 6", "columns = 5", "amount is in column 6"),
        ("column = 4", "column = 5", "as day (its column 2) is"),
        ("column = 4", "column = 1", "as the procedure's code is"),
        ("field = \"area_code\", column = 2", "field = \"area_code\", column = 4", "as area_code is"),
        ("use = \"amount\"", "use = \"nothing\"", "\"nothing\" is no item of common.toml"),
        ("kind = \"date\"", "kind = \"wide\"", "bytes: is missing for kind wide"),
        ("kind = \"date\"", "kind = \"date\"\nbytes = 4", "bytes: has no place for kind date"),
        (
            "kind = \"date\"",
            "kind = \"digits\"\ndigits = 11\ncheck_digit = \"individual_number\"",
            "is not what the check",
        ),
        ("kind = \"date\"", "kind = \"code\"\ncodes = { }", "must hold at least one code"),
        (
            "[csv]\ncolumns = 6\noffice = [{ field = \"area_code\", column = 2 }]\n",
            "",
            "day has a column, and the procedure no",
        ),
    ] {
        assert!(GOOD.contains(from), "{from}");
        let told = loaded(COMMON, &GOOD.replace(from, to)).unwrap_err();
        assert!(told.contains(wanted), "{to}: {told}");
    }
    assert!(loaded("", GOOD).unwrap_err().contains("sample.toml"));
    assert!(loaded("x = 1", GOOD).unwrap_err().contains("common.toml: x"));
    assert!(Procedures::load(Path::new("/nowhere")).unwrap_err()[0].problem.contains("cannot be read"));
}

const FORM: &str = r#"
code = "9990000000000001"
title = { ja = "見本届", en = "Sample" }
agency = "employment_office"
e_gov = "9990000000000001"
records = "one"
office = ["area_code"]
due = { kind = "promptly" }
[[field]]
name = "month"
title = { ja = "月", en = "Month" }
kind = "month"
[[field]]
name = "number"
title = { ja = "番号", en = "Number" }
kind = "digits"
digits = 5
parts = ["2", "3"]
[[field]]
use = "amount"
[e_gov_form]
[e_gov_form.office]
area_code = { element = "符号" }
[e_gov_form.record]
month = { element = "対象年月", as = "era_code" }
number = { elements = ["番号/上", "番号/下"] }
amount = { element = "額" }
"#;

#[test]
fn an_item_without_a_place_in_e_govs_form_is_a_fault_of_its_file() {
    let all = loaded(COMMON, FORM).unwrap();
    let content = json!({"office": {"area_code": "01"}, "records": [{
        "month": "2019-05", "number": "12345", "amount": 20_000_000,
    }]});
    let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
    let written = all.get("9990000000000001").unwrap().written_for_e_gov(&content, today).remove(0);
    let told: Vec<_> = written.iter().map(|one| (one.element.as_str(), one.text.as_str())).collect();
    let wanted = [
        ("符号", "01"),
        ("対象年月/年号", "9"),
        ("対象年月/年", "1"),
        ("対象年月/月", "5"),
        ("番号/上", "12"),
        ("番号/下", "345"),
        ("額", "9999999"),
    ];
    assert_eq!(std::collections::BTreeSet::from(wanted), told.into_iter().collect());
    for (from, to, wanted) in [
        ("amount = { element = \"額\" }\n", "", "e_gov_form.record.amount: has no element"),
        ("amount = {", "extra = {", "e_gov_form.record.extra: is no item"),
        ("\"額\"", "\"番号/上\"", "番号/上 is filled by two items"),
        ("\"額\"", "\"額/\"", "e_gov_form.record.amount.element: must be an element"),
        ("\"era_code\"", "\"wide_kana\"", "e_gov_form.record.month.as: must be one of plain, era_code"),
        ("[\"番号/上\", \"番号/下\"]", "[\"番号\"]", "e_gov_form.record.number.elements: must be as many"),
        ("records = \"one\"", "records = \"many\"", "e_gov_form: is of one record"),
        ("e_gov = \"9990000000000001\"\n", "", "e_gov_form: belongs to a procedure with"),
        ("[e_gov_form]\n", "[e_gov_form]\nextra = 1\n", "e_gov_form.extra: is no key"),
    ] {
        assert!(FORM.contains(from), "{from}");
        let told = loaded(COMMON, &FORM.replace(from, to)).unwrap_err();
        assert!(told.contains(wanted), "{to}: {told}");
    }
}
