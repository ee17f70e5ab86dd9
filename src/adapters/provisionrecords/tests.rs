//! The file read strictly: whatever is not of its form makes the whole answer none.

use super::Days;
use super::wire::{COLUMNS, Unreadable, read};
use crate::domain::provision_record::{Disclosure, InquiryKind, YearKind};
use chrono::NaiveDate;
use encoding_rs::SHIFT_JIS;
use proptest::prelude::*;

fn days() -> Days {
    let day = |month, day| NaiveDate::from_ymd_opt(2026, month, day).unwrap();
    Days { from: day(1, 1), to: day(12, 31) }
}

const ROW: [&str; 18] = [
    "01",
    "000000000012345",
    "000000000067890",
    "20260403091507123",
    "福祉課0100",
    "staff-0042",
    "0000000099990101",
    "0",
    "JM01000000121000",
    "JT01010000000214",
    "",
    "",
    "0000000099990102",
    "TM00000000000002",
    "3",
    "2",
    "20250401",
    "20260331",
];

/// A record of these columns, each filled up with blanks.
fn row(columns: &[&str; 18]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (text, (name, width)) in columns.iter().zip(COLUMNS) {
        let (encoded, _, is_lossy) = SHIFT_JIS.encode(text);
        assert!(!is_lossy && encoded.len() <= width, "{name}");
        bytes.extend_from_slice(&encoded);
        bytes.resize(bytes.len() + width - encoded.len(), b' ');
    }
    bytes.extend_from_slice(b"\r\n");
    bytes
}

fn changed(column: &str, text: &str) -> Vec<u8> {
    let mut columns = ROW;
    columns[COLUMNS.iter().position(|(name, _)| *name == column).unwrap()] = text;
    row(&columns)
}

#[test]
fn the_widths_are_those_of_the_record() {
    assert_eq!(COLUMNS.iter().map(|(_, width)| width).sum::<usize>(), 220);
}

#[test]
fn a_record_is_read_column_by_column() {
    let found = read(&row(&ROW), days()).unwrap();
    let one = &found[0];
    assert_eq!(one.at.rfc3339(), "2026-04-03T09:15:07+09:00");
    assert_eq!(one.at.millis(), 1_775_175_307_123);
    assert_eq!((one.inquirer.as_str(), one.provider.as_str()), ("0000000099990101", "0000000099990102"));
    assert_eq!((one.work.as_str(), one.procedure.as_str()), ("JM01000000121000", "JT01010000000214"));
    assert_eq!((one.data_set.as_str(), one.disclosure), ("TM00000000000002", Disclosure::Disclosed));
    assert_eq!((one.condition.kind, one.condition.year), (Some(InquiryKind::Range), Some(YearKind::Fiscal)));
    assert_eq!(one.condition.from.unwrap().to_string(), "2025-04-01");
    assert!(one.delegators.is_empty());
    assert_eq!(
        (one.own.department.expose().as_str(), one.own.official.expose().as_str()),
        ("福祉課0100", "staff-0042")
    );
    let shown = format!("{one:?}");
    for hidden in ["12345", "67890", "福祉課", "staff"] {
        assert!(!shown.contains(hidden), "{shown}");
    }
    assert!(read(b"", days()).unwrap().is_empty(), "nothing is on record");
}

#[test]
fn what_is_not_known_is_kept_and_what_is_blank_is_not_set() {
    let found = read(&changed("照会条件区分", "7"), days()).unwrap();
    assert_eq!(found[0].condition.kind, Some(InquiryKind::Other('7')));
    assert_eq!(read(&changed("照会年度区分", " "), days()).unwrap()[0].condition.year, None);
    assert_eq!(read(&changed("照会開始日付", ""), days()).unwrap()[0].condition.from, None);
    let found = read(&changed("委任元機関コード2", "0000000099990103"), days()).unwrap();
    assert_eq!(found[0].delegators[0].as_str(), "0000000099990103");
    for code in ["1", "9", " "] {
        let found = read(&changed("照会側不開示コード", code), days()).unwrap();
        assert_eq!(found[0].disclosure, Disclosure::Withheld, "{code:?}");
    }
}

#[test]
fn whatever_is_wrong_is_named_and_nothing_of_the_rest_counts() {
    for (column, text) in [
        ("照会依頼日時", "20260403251507123"),
        ("照会依頼日時", "20260403096007123"),
        ("照会依頼日時", "20260431091507123"),
        ("照会依頼日時", "2026040309150712"),
        ("照会依頼日時", "20250403091507123"),
        ("情報照会者機関コード", "00000000999901"),
        ("情報照会者機関コード", ""),
        ("照会側不開示コード", "x"),
        ("事務コード", "JT01000000121000"),
        ("事務手続コード", "JM01010000000214"),
        ("委任元機関コード1", "A000000099990103"),
        ("情報提供者機関コード", ""),
        ("特定個人情報名コード", "XX00000000000002"),
        ("照会条件区分", "a"),
        ("照会年度区分", "-"),
        ("照会開始日付", "20260230"),
        ("照会終了日付", "20250331"),
        ("照会終了日付", "2026-3-1"),
        ("宛名番号", "\u{7}"),
    ] {
        let mut bytes = row(&ROW);
        bytes.extend(changed(column, text));
        let told = read(&bytes, days()).unwrap_err();
        assert_eq!((told.record, told.column), (2, column), "{text:?}");
    }
    let whole = row(&ROW);
    assert_eq!(read(&whole[..221], days()).unwrap_err(), Unreadable { record: 0, column: "length" });
    let mut unended = whole.clone();
    unended[220] = b' ';
    assert_eq!(read(&unended, days()).unwrap_err(), Unreadable { record: 1, column: "end" });
    let mut garbled = whole;
    // The second byte of no character.
    garbled[50] = 0xfd;
    assert_eq!(read(&garbled, days()).unwrap_err().column, "情報照会者部署コード");
}

proptest! {
    #[test]
    fn no_bytes_make_it_fall(bytes in prop::collection::vec(any::<u8>(), 0..1000)) {
        let _ = read(&bytes, days());
    }

    #[test]
    fn no_changed_byte_makes_it_fall(place in 0_usize..222, byte in any::<u8>()) {
        let mut bytes = row(&ROW);
        bytes[place] = byte;
        let _ = read(&bytes, days());
    }
}
