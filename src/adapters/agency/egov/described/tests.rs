//! Forms of the described procedures: what each becomes, element by element, and what a form that changed comes to.

use super::*;
use crate::catalog::procedures::{Kind, Procedures, Writing};
use crate::domain::xml::Document;
use serde_json::{Value, json};
use std::path::Path as Dir;

const ACQUISITION: (&str, &str) =
    ("4950008680033000", include_str!("../../../../sandbox/egov/forms/employment_acquisition.xml"));
const LOSS: (&str, &str) = ("4950008680034000", include_str!("../../../../sandbox/egov/forms/employment_loss.xml"));

fn ours() -> Procedures {
    Procedures::load(&Dir::new(env!("CARGO_MANIFEST_DIR")).join("policies/procedures")).unwrap()
}

fn content(record: &Value) -> Value {
    let office = json!({
        "employment_office_number": "13010000010", "office_name": "見本商事株式会社", "office_postal_code": "1000000",
        "office_address": "東京都見本区見本町１－２－３", "employer_name": "見本　良一", "phone_area": "03",
        "phone_exchange": "0000", "phone_subscriber": "0000", "corporate_number": "5000000990004",
    });
    json!({"office": office, "records": [record]})
}

fn acquisition() -> Value {
    content(&json!({
        "employment_insured_number": "50001234567", "acquisition_kind": "2", "name_kana": "ﾐﾎﾝ ﾀﾞｲｽｹ", "name": "見本　大輔",
        "birth_date": "1989-01-07", "sex": "1", "individual_number": "123456789018", "reason": "2", "pay_kind": "1",
        "monthly_pay": 280, "acquired_on": "R08-11-02", "employment_form": "4", "occupation": "01",
        "weekly_minutes": 2325, "has_term": true, "term_from": "2026-11-02", "term_until": "令和9年3月31日",
    }))
}

fn loss() -> Value {
    content(&json!({
        "employment_insured_number": "50001234567", "name_kana": "ﾐﾎﾝ ﾊﾅｺ", "name": "見本　花子", "birth_date": "1990-04-01",
        "left_on": "2026-10-31", "reason": "2", "weekly_minutes": 2400, "replacement_planned": false,
        "address": "東京都見本区見本町４－５－６",
    }))
}

fn filled((code, blank): (&str, &str), content: &Value) -> Result<(String, Pointers), Vec<Finding>> {
    let all = ours();
    let procedure = all.get(code).unwrap();
    assert_eq!(procedure.check(content), vec![], "{code}");
    let mut document = Document::parse(blank.as_bytes()).unwrap();
    let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
    let written = procedure.written_for_e_gov(content, today).remove(0);
    let pointers = fill(&mut document.root, &written)?;
    Ok((String::from_utf8(document.to_bytes()).unwrap(), pointers))
}

#[test]
fn an_acquisition_becomes_the_form_that_was_agreed() {
    insta::assert_snapshot!(filled(ACQUISITION, &acquisition()).unwrap().0);
}

#[test]
fn a_loss_becomes_the_form_that_was_agreed() {
    insta::assert_snapshot!(filled(LOSS, &loss()).unwrap().0);
}

#[test]
fn what_e_gov_names_leads_back_to_the_filers_own_item() {
    let pointers = filled(ACQUISITION, &acquisition()).unwrap().1;
    for (element, pointer) in [
        ("被保険者氏名フリガナ", "/records/0/name_kana"),
        ("資格取得年月日", "/records/0/acquired_on"),
        ("資格取得年月日/年", "/records/0/acquired_on"),
        ("被保険者番号6桁", "/records/0/employment_insured_number"),
        ("市内局番", "/office/phone_exchange"),
    ] {
        assert_eq!(pointers.get(element).map(String::as_str), Some(pointer), "{element}");
    }
}

#[test]
fn a_form_that_changed_is_told_at_the_item_and_nothing_is_lost() {
    let (code, blank) = LOSS;
    for (from, to, rule, pointer) in [
        ("<喪失原因/>", "", "EG015", "/records/0/reason"),
        ("<喪失原因/>", "<喪失原因/><喪失原因/>", "EG016", "/records/0/reason"),
        ("<喪失原因/>", "<喪失原因><区分/></喪失原因>", "EG017", "/records/0/reason"),
        ("<市外局番/>", "<市外/>", "EG015", "/office/phone_area"),
        ("<被保険者番号CD/>", "", "EG015", "/records/0/employment_insured_number"),
    ] {
        let found = filled((code, &blank.replace(from, to)), &loss()).unwrap_err();
        let told: Vec<_> = found.iter().map(|one| (one.rule.as_str(), one.pointer.as_str())).collect();
        assert_eq!(told, [(rule, pointer)], "{from} → {to}");
    }
}

#[test]
fn every_described_form_of_the_sandbox_has_a_place_for_every_item() {
    let (all, root) = (ours(), Dir::new(env!("CARGO_MANIFEST_DIR")));
    let mut count = 0;
    for file in std::fs::read_dir(root.join("src/sandbox/egov/forms")).unwrap() {
        let blank = file.unwrap().path();
        let name = blank.file_stem().unwrap().to_str().unwrap();
        let (stem, place) = name.strip_suffix("_2").map_or((name, 0), |stem| (stem, 1));
        // Nobody describes it.
        if stem == "electronic_delivery" {
            continue;
        }
        let said = std::fs::read_to_string(root.join(format!("policies/procedures/{stem}.toml"))).unwrap();
        let said: toml::Table = said.parse().unwrap();
        let procedure = all.get(said["code"].as_str().unwrap()).unwrap();
        let form = &procedure.e_gov_forms[place];
        let mut written = Vec::new();
        for item in form.office.iter().chain(&form.record) {
            let field = procedure.field(&item.field).or_else(|| procedure.office_field(&item.field)).unwrap();
            let inside: &[&str] = match (&field.kind, item.writing) {
                (Kind::Date, _) => &["/年号", "/年", "/月", "/日"],
                (Kind::Month, _) => &["/年号", "/年", "/月"],
                (_, Writing::HoursAndMinutes) => &["/時間", "/分"],
                _ => &[""],
            };
            for element in &item.elements {
                let pointer = item.field.clone();
                written.extend(inside.iter().map(|part| Written {
                    element: format!("{element}{part}"),
                    text: "1".into(),
                    pointer: pointer.clone(),
                }));
            }
        }
        let mut document = Document::parse(&std::fs::read(&blank).unwrap()).unwrap();
        assert!(fill(&mut document.root, &written).is_ok(), "{stem}: {:?}", fill(&mut document.root, &written));
        count += 1;
    }
    assert_eq!((count, all.iter().map(|one| one.e_gov_forms.len()).sum::<usize>()), (13, 13));
}
