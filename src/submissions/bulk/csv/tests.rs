//! What rows become, and where they are cut.

use super::*;
use crate::catalog::procedures::Procedures;
use proptest::prelude::*;
use serde_json::json;
use std::path::Path;

fn table(format: RecordFormat, is_last: bool) -> Table<'static> {
    Table { format, columns: Vec::new(), procedure: None, is_last, most: 100_000 }
}

fn records(rows: &Rows) -> Vec<Value> {
    let lines = rows.records.split(|byte| *byte == b'\n');
    let mut all: Vec<Value> = lines.map(|line| serde_json::from_slice(line).unwrap_or_default()).collect();
    assert_eq!(all.pop(), Some(Value::Null), "every line ends");
    all
}

#[test]
fn rows_are_objects_of_the_columns_that_the_header_names() {
    for (csv, expected) in [
        ("a,b\r\n1,2\r\n", vec![json!({"a": "1", "b": "2"})]),
        ("a,b\n1,2", vec![json!({"a": "1", "b": "2"})]),
        ("\u{feff}a,b\n1,\n,2\n", vec![json!({"a": "1"}), json!({"b": "2"})]),
        ("\"a\",b\n\"x,\"\"y\"\"\nz\",2\n", vec![json!({"a": "x,\"y\"\nz", "b": "2"})]),
        ("/p/name,/p/kana,n\n見本,ﾐﾎﾝ,1\n", vec![json!({"p": {"name": "見本", "kana": "ﾐﾎﾝ"}, "n": "1"})]),
        ("/a~1b\n1\n", vec![json!({"a/b": "1"})]),
        ("a\n1\n\n\r\n2\n", vec![json!({"a": "1"}), json!({"a": "2"})]),
        ("a,b\n1\n1,2,3\n1,2\n", vec![Value::Null, Value::Null, json!({"a": "1", "b": "2"})]),
        ("a,b\n", vec![]),
    ] {
        let rows = table(RecordFormat::CsvUtf8, true).read(csv.as_bytes()).unwrap();
        assert_eq!((rows.taken, records(&rows)), (csv.len(), expected), "{csv}");
    }
}

#[test]
fn what_is_wrong_with_a_row_or_the_header_is_told() {
    let rows = table(RecordFormat::CsvUtf8, true).read(b"a,b\n1\n1,\xFF\n1,2\n").unwrap();
    let told: Vec<_> = rows.wrong.iter().map(|(n, f)| (*n, f.rule.as_str(), f.pointer.as_str())).collect();
    assert_eq!(told, [(1, "MG402", ""), (2, "MG403", "/b")]);
    let small = Table { most: 10, ..table(RecordFormat::CsvUtf8, true) };
    assert_eq!(small.read(b"a\n0123456789\n").unwrap().wrong[&1].rule, "MG002");
    for header in ["a,a", "a,", "/a,/a/b", "a,/a", "/a//b", "/", "a\u{1},b", "\"\u{0}\""] {
        let refused = table(RecordFormat::CsvUtf8, true).read(format!("{header}\n1,2\n").as_bytes()).unwrap_err();
        assert_eq!(refused.code, "invalid_value", "{header}");
    }
    let many = vec!["x"; MOST_COLUMNS + 1].join(",") + "\n";
    assert_eq!(table(RecordFormat::CsvUtf8, true).read(many.as_bytes()).unwrap_err().code, "invalid_value");
}

#[test]
fn cells_are_of_their_items_kind_and_shift_jis_is_read_as_windows_writes_it() {
    let all = Procedures::load(Path::new("policies/procedures")).unwrap();
    let procedure = all.get("2225700");
    let csv = "name,name_kana,days_1,currency_1,on_leave,insured_person_number\r\n\
               見本　髙子,ﾐﾎﾝ ﾀｶｺ,30,0300000,1,007\r\n表示　ソ,ﾋｮｳｼﾞ ｿ,many,-1,yes,7\r\n";
    let expected = [
        json!({"name": "見本　髙子", "name_kana": "ﾐﾎﾝ ﾀｶｺ", "days_1": 30, "currency_1": 300_000, "on_leave": true,
               "insured_person_number": "007"}),
        json!({"name": "表示　ソ", "name_kana": "ﾋｮｳｼﾞ ｿ", "days_1": "many", "currency_1": "-1", "on_leave": "yes",
               "insured_person_number": "7"}),
    ];
    let (bytes, _, is_lossy) = SHIFT_JIS.encode(csv);
    assert!(!is_lossy);
    for (format, bytes) in [(RecordFormat::CsvUtf8, csv.as_bytes()), (RecordFormat::CsvShiftJis, &bytes)] {
        let rows = Table { procedure, ..table(format, true) }.read(bytes).unwrap();
        assert_eq!((records(&rows), rows.wrong.len()), (expected.to_vec(), 0));
    }
}

#[test]
fn no_more_is_taken_than_an_agency_takes_at_once() {
    let csv = "a\n".to_owned() + &"0123456789\n".repeat(100);
    let rows = Table { most: 200, ..table(RecordFormat::CsvUtf8, true) }.read(csv.as_bytes()).unwrap();
    assert!(rows.records.len() <= 200 && rows.taken < csv.len() && csv[..rows.taken].ends_with('\n'));
    assert_eq!(rows.taken, 2 + records(&rows).len() * 11);
}

/// Wherever a file is cut into pieces, it is the same records.
#[test]
fn a_file_in_pieces_is_the_same_records() {
    let cell = prop::sample::select(vec!["", "a", "見本", "x,y", "q\"q", "one\ntwo", "one\r\ntwo", " ", "髙"]);
    let row = (cell.clone(), cell.clone(), cell);
    let strategy = (proptest::collection::vec(row, 1..12), any::<bool>(), 1..40_usize);
    let mut runner = proptest::test_runner::TestRunner::default();
    let ran = runner.run(&strategy, |(rows, is_crlf, size)| {
        let end = if is_crlf { "\r\n" } else { "\n" };
        let quoted = |cell: &str| format!("\"{}\"", cell.replace('"', "\"\""));
        let line = |(a, b, c): &(&str, &str, &str)| [a, b, c].map(|cell| quoted(cell)).join(",") + end;
        let file = format!("a,b,c{end}") + &rows.iter().map(line).collect::<String>();
        let bytes = file.as_bytes();
        let expected: Vec<Value> = rows
            .iter()
            .map(|(a, b, c)| {
                let cells = [("a", a), ("b", b), ("c", c)].into_iter().filter(|(_, cell)| !cell.is_empty());
                Value::Object(cells.map(|(name, cell)| (name.to_owned(), Value::from(*cell))).collect())
            })
            .collect();
        let (mut at, mut length, mut columns, mut found) = (0, size, Vec::new(), Vec::new());
        while at < bytes.len() {
            let end = (at + length).min(bytes.len());
            let part = Table { columns, ..table(RecordFormat::CsvUtf8, end == bytes.len()) };
            let rows = part.read(&bytes[at..end]).unwrap();
            found.extend(records(&rows));
            if end == bytes.len() {
                break;
            }
            // Where no whole row was there, more is sent.
            length = if rows.taken == 0 { length + size } else { size };
            (at, columns) = (at + rows.taken, rows.columns);
        }
        prop_assert_eq!(found, expected);
        Ok(())
    });
    ran.unwrap();
}
