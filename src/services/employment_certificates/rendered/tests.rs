//! Both files hold every item, each in its type; nothing computes, and what the font lacks is told.

mod read;

use super::letters::Letters;
use super::shapes::SHAPES;
use super::sheet::{Sheet, names};
use super::{CertificateContent, pdf, xlsx};
use crate::catalog::certificate_forms::CertificateForms;
use crate::catalog::procedures::Kind;
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::employment_certificate::{EmploymentCertificate, Revocation, RevocationReason};
use crate::domain::ids::{CertificateId, ClientId, ReceiptId};
use crate::domain::retrieval::IdempotencyKey;
use crate::domain::{Digest, SystemEntropy, Timestamp};
use crate::store::HeldCertificate;
use read::{Cell, cells, file_of, text_of};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

const CONTENT: &str = include_str!("../../../../examples/support/employment_certificate.json");
const ISSUED: Timestamp = Timestamp::from_seconds(1_795_000_000);

fn forms() -> CertificateForms {
    CertificateForms::load(Path::new("policies/employment-certificates")).unwrap()
}

fn content() -> Value {
    serde_json::from_str(CONTENT).unwrap()
}

/// With all that the form asks, so that every row has something.
fn full() -> Value {
    let mut content = content();
    let forms = forms();
    for field in ["standard-plus", "original"].iter().flat_map(|form| &forms.get(form).unwrap().fields) {
        let value = match &field.kind {
            Kind::Number { most, .. } => json!(most),
            Kind::Date => json!("2026-11-03"),
            Kind::Month => json!("2026-08"),
            Kind::Time => json!("08:15"),
            Kind::Flag => json!(true),
            Kind::Code(choices) => json!(choices.last().unwrap().code),
            _ => json!(format!("{}の記載", field.title.ja)),
        };
        content["employee"].as_object_mut().unwrap().entry(&field.name).or_insert(value);
    }
    content
}

fn held(form: &str) -> HeldCertificate {
    let certificate = EmploymentCertificate {
        id: CertificateId::generate(&SystemEntropy),
        client: ClientId::parse("payroll").unwrap(),
        employer: CorporateNumber::parse("5000000990004").unwrap(),
        delegation: None,
        municipality: "999016".to_owned(),
        form: form.to_owned(),
        key: IdempotencyKey { key: Digest::of("key"), body: Digest::of("body") },
        reference: "w2d3Yw5bq0mF1n8vJt7fTgw2d3Yw5bq0mF1n8vJt7fT".to_owned(),
        signed: String::new(),
        signed_by: String::new(),
        receipt: ReceiptId::generate(&SystemEntropy),
        signed_receipt: String::new(),
        issued_at: ISSUED,
    };
    HeldCertificate { certificate, revocation: None, openings: 0, opened_at: None }
}

fn sheet(held: &HeldCertificate, content: &Value) -> Sheet {
    let (forms, content): (_, CertificateContent) = (forms(), serde_json::from_value(content.clone()).unwrap());
    let form = forms.get(&held.certificate.form).unwrap();
    Sheet::of((held, &content), form, "https://counter.example/employment-certificates/verify")
}

fn pdf_text(sheet: &Sheet) -> String {
    text_of(&pdf::draw(sheet, &Letters::new()).unwrap())
}

/// The cells of データ by the item's name.
fn data(workbook: &[u8]) -> Vec<(String, Option<Cell>)> {
    let rows = cells(workbook, 2);
    let at = |row: u32, column: u32| rows.iter().find(|cell| cell.at == (row, column)).cloned();
    (0..).map_while(|column| Some((at(0, column)?.text, at(2, column)))).collect()
}

#[test]
fn every_item_of_the_standard_form_has_a_row() {
    let forms = forms();
    let shown: Vec<&str> = SHAPES.iter().flat_map(names).collect();
    let once: BTreeSet<&str> = shown.iter().copied().collect();
    assert_eq!(once.len(), shown.len(), "an item is shown twice");
    let asked: BTreeSet<&str> = forms.get("standard").unwrap().fields.iter().map(|field| &*field.name).collect();
    assert_eq!(once, asked);
}

#[test]
fn both_files_hold_every_item_of_each_form() {
    for form in ["standard", "standard-plus", "original"] {
        let (held, content) = (held(form), full());
        let sheet = sheet(&held, &content);
        let (text, workbook) = (pdf_text(&sheet), xlsx::write(&sheet).unwrap());
        let data = data(&workbook);
        let forms = forms();
        let form = forms.get(form).unwrap();
        for field in form.office.iter().chain(&form.fields) {
            let value = content["employer"].get(&field.name).or_else(|| content["employee"].get(&field.name)).unwrap();
            let cell = data.iter().find(|(name, _)| *name == field.name).unwrap().1.clone().unwrap();
            let kind = match &field.kind {
                Kind::Number { .. } | Kind::Date | Kind::Month | Kind::Time => "n",
                Kind::Flag => "b",
                _ => "s",
            };
            assert_eq!(cell.kind, kind, "{}: {cell:?}", field.name);
            if let Value::String(said) = value
                && kind == "s"
            {
                assert_eq!(cell.text, *said, "{}", field.name);
            }
            let shown = match (&field.kind, value) {
                (Kind::Code(choices), Value::String(code)) => {
                    format!("■{}", choices.iter().find(|one| one.code == *code).unwrap().words.ja)
                }
                (Kind::Flag, _) => "■".to_owned(),
                (Kind::Date, Value::String(day)) => day.split('-').next().unwrap().to_owned() + "年",
                (Kind::Month, Value::String(month)) => month.split('-').next().unwrap().to_owned() + "年",
                (_, Value::String(said)) => said.clone(),
                (_, other) => other.to_string(),
            };
            assert!(text.contains(&shown), "{}: {shown} is not in {text}", field.name);
        }
        for told in [held.certificate.reference.as_str(), held.certificate.id.as_str(), "https://counter.example/"] {
            assert!(text.contains(told), "{told}");
        }
    }
}

#[test]
fn cells_have_their_types_and_nothing_is_computed() {
    let (held, mut content) = (held("standard-plus"), content());
    for (name, text) in [
        ("name", "=HYPERLINK(\"https://evil.example\")"),
        ("name_kana", "+81"),
        ("workplace_name", "-2+3"),
        ("workplace_address", "@SUM(1)"),
        ("remarks", "<v>&\"_x000D_"),
    ] {
        content["employee"][name] = json!(text);
    }
    let workbook = xlsx::write(&sheet(&held, &content)).unwrap();
    for n in 1..=3 {
        let sheet = file_of(&workbook, &format!("xl/worksheets/sheet{n}.xml"));
        assert!(!sheet.contains("<f>") && !sheet.contains("<f "), "sheet {n} computes");
    }
    let data = data(&workbook);
    let cell = |name: &str| data.iter().find(|(own, _)| own == name).unwrap().1.clone();
    for name in ["name", "name_kana", "workplace_name", "workplace_address"] {
        let cell = cell(name).unwrap();
        assert_eq!((cell.kind.as_str(), &json!(cell.text)), ("s", &content["employee"][name]), "{name}");
        assert!(cell.is_quoted, "{name} would compute once it is edited");
    }
    // 1990-04-01 is day 32,964 of a spreadsheet, and 09:00 three eighths of a day.
    assert_eq!(cell("birth_date").unwrap().text, "32964");
    assert_eq!(cell("weekday_from").unwrap().text, "0.375");
    assert_eq!(cell("works_monday").unwrap().text, "1");
    assert_eq!(cell("hours_per_week").unwrap().text, "38");
    assert_eq!(cell("industry").unwrap().text, "07");
    assert_eq!(cell("employer_phone").unwrap().text, "0300000000");
    assert_eq!(cell("remarks").unwrap().text, "&lt;v&gt;&amp;\"_x005F_x000D_", "as Excel reads it back");
    assert_eq!(cell("works_sunday"), None, "what is absent is an empty cell");
    assert_eq!(cell("state").unwrap().text, "issued");
    // A day by era, and one that spreadsheets do not know.
    content["employee"]["employed_from"] = json!("令和2年4月1日");
    content["employee"]["birth_date"] = json!("1899-12-31");
    let workbook = xlsx::write(&sheet(&held, &content)).unwrap();
    let data = self::data(&workbook);
    let cell = |name: &str| data.iter().find(|(own, _)| own == name).unwrap().1.clone().unwrap();
    assert_eq!((cell("employed_from").kind.as_str(), cell("employed_from").text.as_str()), ("n", "43922"));
    assert_eq!((cell("birth_date").kind.as_str(), cell("birth_date").text.as_str()), ("s", "1899-12-31"));
}

#[test]
fn a_character_that_the_font_lacks_is_drawn_as_geta_and_named() {
    let (held, mut content) = (held("standard"), content());
    // 髙, 﨑 and 𠮟 are in the font; the next one is not, and the last chooses a form of 葛.
    content["employee"]["name"] = json!("髙﨑𠮟\u{2A6D6}葛\u{E0100}");
    let drawn = sheet(&held, &content);
    let text = pdf_text(&drawn);
    assert!(text.contains("氏名：髙﨑𠮟〓葛"), "{text}");
    assert!(text.contains("U+2A6D6、U+E0100"), "{text}");
    let workbook = xlsx::write(&drawn).unwrap();
    let data = data(&workbook);
    let name = data.iter().find(|(name, _)| name == "name").unwrap().1.clone().unwrap();
    assert_eq!(name.text, "髙﨑𠮟\u{2A6D6}葛\u{E0100}");
    content["employee"]["name"] = json!("見本　髙子");
    assert!(!pdf_text(&sheet(&held, &content)).contains('〓'));
}

#[test]
fn every_character_of_the_forms_can_be_drawn() {
    let text = pdf_text(&sheet(&held("standard-plus"), &full()));
    assert!(!text.contains('〓'), "{text}");
    // Every character of JIS X 0208, by its 94 rows of 94 in Shift_JIS.
    let mut setter = super::letters::Setter::new().unwrap();
    for lead in (0x81..=0x9F_u8).chain(0xE0..=0xEA) {
        for trail in (0x40..=0x7E).chain(0x80..=0xFC_u8) {
            let bytes = [lead, trail];
            let (text, _, is_wrong) = encoding_rs::SHIFT_JIS.decode(&bytes);
            if !is_wrong {
                setter.set(&text);
            }
        }
    }
    assert_eq!(setter.missing.named(), Vec::<String>::new());
}

#[test]
fn what_was_taken_back_and_what_a_form_has_no_more_is_told() {
    let (mut held, mut content) = (held("original"), content());
    held.revocation = Some(Revocation { at: ISSUED, reason: RevocationReason::EmploymentEnded });
    content["employee"]["no_more"] = json!("以前の項目の内容");
    let drawn = sheet(&held, &content);
    let text = pdf_text(&drawn);
    assert!(text.contains("失効しました（退職）") && text.contains("以前の項目の内容"), "{text}");
    let workbook = xlsx::write(&drawn).unwrap();
    let data = data(&workbook);
    let said = |name: &str| data.iter().find(|(own, _)| own == name).unwrap().1.clone().unwrap().text;
    assert_eq!((said("state"), said("no_more")), ("revoked".to_owned(), "以前の項目の内容".to_owned()));
}

#[test]
fn long_texts_go_on_to_further_lines_and_pages() {
    let (held, mut content) = (held("standard-plus"), full());
    for field in ["remarks", "workplace_address", "name"] {
        content["employee"][field] = json!("長い記載".repeat(100));
    }
    content["employee"]["remarks"] = json!("W".repeat(400));
    let text = pdf_text(&sheet(&held, &content));
    assert_eq!(text.lines().filter(|line| line.trim_matches('W').is_empty()).map(str::len).sum::<usize>(), 400);
    assert_eq!(text.replace('\n', "").matches("長い記載").count(), 200);
    assert!(text.contains("2 / 2"), "{text}");
}
