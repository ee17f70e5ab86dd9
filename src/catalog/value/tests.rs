//! Contents as backends write them, and as nobody should.

use super::super::data_set::CodeValue;
use super::*;
use crate::domain::Words;
use crate::domain::data_set::ItemCode;
use proptest::prelude::*;

fn item(kind: ItemKind) -> Item {
    let words = || Words { ja: "見本".into(), en: "Sample".into() };
    Item {
        code: ItemCode::parse("0200000010").unwrap(),
        name: words(),
        plain: words(),
        kind,
        hierarchy: 1,
        is_repeated: false,
        parent: None,
        field: None,
    }
}

fn codes() -> ItemKind {
    let one = |code: &str, value: &str| CodeValue {
        code: code.into(),
        value: value.into(),
        words: Words { ja: value.into(), en: value.into() },
    };
    ItemKind::Enum { codes: vec![one("01", "moved_in"), one("02", "moved_within"), one("A", "letter")] }
}

fn json(kind: &ItemKind, content: &str) -> Result<Option<serde_json::Value>, ItemFaultReason> {
    let item = item(kind.clone());
    Ok(read(&item, content)?.map(|parsed| parsed.to_json(&item)))
}

#[test]
fn dates_of_every_usual_form_become_iso() {
    for (sent, want) in [
        ("20250401", "2025-04-01"),
        ("2025-04-01", "2025-04-01"),
        ("2025/4/1", "2025-04-01"),
        ("２０２５０４０１", "2025-04-01"),
        ("2025年4月1日", "2025-04-01"),
        ("令和7年4月1日", "2025-04-01"),
        ("令和元年5月1日", "2019-05-01"),
        ("平成３１年４月３０日", "2019-04-30"),
        ("昭和64年1月7日", "1989-01-07"),
        ("R7.4.1", "2025-04-01"),
        ("R070401", "2025-04-01"),
        ("S450820", "1970-08-20"),
        (" 20240229 ", "2024-02-29"),
    ] {
        assert_eq!(json(&ItemKind::Date, sent), Ok(Some(want.into())), "{sent}");
    }
}

#[test]
fn what_is_no_date_is_a_fault() {
    for sent in [
        "20250230",
        "20251301",
        "20250001",
        "202504",
        "2025",
        "0",
        "00000000",
        "99999999",
        "2025-04",
        "7年4月1日",
        "令和0年4月1日",
        "令和100年4月1日",
        "2025--04-01",
        "-20250401",
        "2025040112",
        "R07041",
        "abc",
        "２０２５年",
        "2300-01-01",
        "1600-01-01",
        "25-4-1",
        "令和",
        "年月日",
    ] {
        assert_eq!(json(&ItemKind::Date, sent), Err(ItemFaultReason::NotADate), "{sent}");
    }
}

#[test]
fn months_and_years_are_read() {
    for (sent, want) in [
        ("202504", "2025-04"),
        ("2025-4", "2025-04"),
        ("令和7年4月", "2025-04"),
        ("R0704", "2025-04"),
        ("2025/04", "2025-04"),
    ] {
        assert_eq!(json(&ItemKind::YearMonth, sent), Ok(Some(want.into())), "{sent}");
    }
    for sent in ["202513", "202500", "20250401", "2025", "x"] {
        assert_eq!(json(&ItemKind::YearMonth, sent), Err(ItemFaultReason::NotAYearMonth), "{sent}");
    }
    for (sent, want) in [("2025", 2025), ("２０２５", 2025), ("令和7年度", 2025), ("2025年度", 2025), ("R7", 2025)]
    {
        assert_eq!(json(&ItemKind::FiscalYear, sent), Ok(Some(want.into())), "{sent}");
    }
    for sent in ["25", "202504", "year", "令和7年4月", "9999"] {
        assert_eq!(json(&ItemKind::FiscalYear, sent), Err(ItemFaultReason::NotAYear), "{sent}");
    }
}

#[test]
fn numbers_are_read_with_their_marks_and_limits() {
    for (sent, want) in [
        ("5200000", 5_200_000_i64),
        ("5,200,000", 5_200_000),
        ("５，２００，０００円", 5_200_000),
        ("△1,000", -1_000),
        ("▲1000", -1_000),
        ("-1", -1),
        ("０", 0),
        ("+7", 7),
        ("9999999999999", 9_999_999_999_999),
    ] {
        assert_eq!(json(&ItemKind::Yen, sent), Ok(Some(want.into())), "{sent}");
    }
    for sent in ["1,00", ",100", "1,0000", "1.5", "1e3", "0x10", "--1", "円", "-", "1 000", "NaN"] {
        assert_eq!(json(&ItemKind::Yen, sent), Err(ItemFaultReason::NotANumber), "{sent}");
    }
    for sent in ["10000000000000", "99999999999999999999999999"] {
        assert_eq!(json(&ItemKind::Yen, sent), Err(ItemFaultReason::OutOfRange), "{sent}");
    }
    let kilograms = ItemKind::Decimal { unit: "kg".into() };
    for (sent, want) in
        [("62.5", 62.5), ("６２．５", 62.5), ("62.5kg", 62.5), ("62", 62.0), ("-0.5", -0.5), ("1,234.5", 1234.5)]
    {
        assert_eq!(json(&kilograms, sent), Ok(Some(want.into())), "{sent}");
    }
    for sent in ["6.2.5", "62.", ".5", "inf", "1e9", "kg"] {
        assert_eq!(json(&kilograms, sent), Err(ItemFaultReason::NotANumber), "{sent}");
    }
    for sent in ["1234567890.5", "1.1234567"] {
        assert_eq!(json(&kilograms, sent), Err(ItemFaultReason::OutOfRange), "{sent}");
    }
}

#[test]
fn codes_are_known_or_a_fault() {
    for (sent, want) in
        [("01", "moved_in"), ("1", "moved_in"), ("０２", "moved_within"), ("A", "letter"), ("Ａ", "letter")]
    {
        assert_eq!(json(&codes(), sent), Ok(Some(want.into())), "{sent}");
    }
    for sent in ["03", "0", "a", "moved_in", "1 "] {
        let want = if sent == "1 " { Ok(Some("moved_in".into())) } else { Err(ItemFaultReason::UnknownCode) };
        assert_eq!(json(&codes(), sent), want, "{sent}");
    }
}

#[test]
fn texts_that_deceive_or_flood_are_faults() {
    for sent in ["a\u{0}b", "a\u{202e}b", "\u{feff}a", "a\u{200b}b", "\u{1b}[31m", "a\u{7f}"] {
        assert_eq!(json(&ItemKind::Text, sent), Err(ItemFaultReason::ForbiddenCharacter), "{sent:?}");
    }
    let long = "字".repeat(MAX_CONTENT_CHARS + 1);
    assert_eq!(json(&ItemKind::Text, &long), Err(ItemFaultReason::TooLong));
    assert_eq!(json(&ItemKind::Text, "  見本市　中央１－２  "), Ok(Some("見本市　中央１－２".into())));
    for blank in ["", "  ", "　", "\r\n"] {
        assert_eq!(json(&ItemKind::Date, blank), Ok(None), "{blank:?}");
    }
}

#[test]
fn a_year_month_reads_back_what_it_wrote() {
    let at: YearMonth = serde_json::from_str("\"2025-04\"").unwrap();
    assert_eq!(serde_json::to_string(&at).unwrap(), "\"2025-04\"");
    assert!(serde_json::from_str::<YearMonth>("\"2025-13\"").is_err());
}

fn any_kind() -> impl Strategy<Value = ItemKind> {
    prop_oneof![
        Just(ItemKind::Text),
        Just(ItemKind::Date),
        Just(ItemKind::YearMonth),
        Just(ItemKind::FiscalYear),
        Just(ItemKind::Yen),
        Just(ItemKind::Integer { unit: None }),
        Just(ItemKind::Decimal { unit: "kg".into() }),
        Just(codes()),
        Just(ItemKind::Group),
    ]
}

proptest! {
    #[test]
    fn no_content_makes_it_panic(kind in any_kind(), content in ".{0,40}|[0-9０-９年月日RHS元令和平成./,△-]{0,14}") {
        let _ = json(&kind, &content);
    }

    #[test]
    fn every_day_is_read_in_every_form(days in 0_i32..120_000) {
        let day = NaiveDate::from_ymd_opt(1868, 1, 1).unwrap() + chrono::Duration::days(days.into());
        let iso = serde_json::Value::from(day.to_string());
        for form in ["%Y%m%d", "%Y-%m-%d", "%Y/%m/%d", "%Y年%-m月%-d日"] {
            prop_assert_eq!(json(&ItemKind::Date, &day.format(form).to_string()), Ok(Some(iso.clone())));
        }
    }

    #[test]
    fn every_amount_is_read_back(number in -9_999_999_999_999_i64..=9_999_999_999_999) {
        prop_assert_eq!(json(&ItemKind::Yen, &number.to_string()), Ok(Some(number.into())));
    }
}
