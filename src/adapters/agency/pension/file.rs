//! `SHFD0006.CSV`, as 「CSV形式届書作成仕様書」 has it: a line about the medium, `[kanri]` with the office, `[data]` with one line
//! for each record. Commas between columns and no quotes; CRLF; Shift_JIS limited to JIS X 0201 and JIS X 0208.

use crate::catalog::procedures::{Charset, CsvForm, Field, Kind, MOST_YEN, Procedure, dates};
use chrono::NaiveDate;
use serde_json::{Map, Value};

/// The file's name: it must be this, and no other.
pub const NAME: &str = "SHFD0006.CSV";
/// 代表届書コード: what every such file says of itself.
pub const REPRESENTATIVE_CODE: &str = "22223";
/// A file is smaller than this: the manual says both that 4.5 MB is too much and that it is the most, and not what a megabyte
/// is; under this both readings are kept.
pub const TOO_LARGE: usize = 4_500_000;
/// Media are numbered from 001 to 999, and then from 001 again.
const MOST_MEDIA: u16 = 999;

/// What the files of one filing say of themselves.
#[derive(Clone, Copy, Debug)]
pub struct Medium {
    /// The number of the first (媒体通番).
    pub first: u16,
    /// The day on which they are made.
    pub made_on: NaiveDate,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvFile {
    /// Its number.
    pub media_number: u16,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Which record of the filing its first data line is.
    pub first_record: usize,
}

/// Writes a content that its procedure's check has let pass; none when it cannot be written, or the procedure has no such
/// form.
#[must_use]
pub fn write(procedure: &Procedure, content: &Value, medium: &Medium) -> Option<Vec<CsvFile>> {
    write_below(procedure, content, (medium, TOO_LARGE))
}

fn write_below(procedure: &Procedure, content: &Value, (medium, limit): (&Medium, usize)) -> Option<Vec<CsvFile>> {
    let form = procedure.csv.as_ref()?;
    let (office, records) = (content.get("office")?.as_object()?, content.get("records")?.as_array()?);
    let charset = procedure.charset();
    let mut files: Vec<CsvFile> = Vec::new();
    let mut columns = vec![String::new(); form.columns];
    for (n, record) in records.iter().enumerate() {
        fill(&mut columns, (procedure, form), office, record.as_object()?)?;
        let line = encoded(charset, &columns)?;
        let has_room = files.last().is_some_and(|file| file.bytes.len() + line.len() < limit);
        if !has_room {
            let media_number = following(medium.first, files.len())?;
            let bytes = head(charset, office, (media_number, medium.made_on))?;
            if bytes.len() + line.len() >= limit {
                return None;
            }
            files.push(CsvFile { media_number, bytes, first_record: n });
        }
        files.last_mut()?.bytes.extend_from_slice(&line);
    }
    Some(files)
}

/// The number of the file that comes so many after the first.
fn following(first: u16, count: usize) -> Option<u16> {
    let from = usize::from(first.checked_sub(1)?) + count;
    u16::try_from(from % usize::from(MOST_MEDIA)).ok().map(|number| number + 1)
}

fn encoded(charset: &Charset, columns: &[String]) -> Option<Vec<u8>> {
    if columns.iter().any(|column| column.contains([',', '\r', '\n'])) {
        return None;
    }
    let mut bytes = charset.encode(&columns.join(","))?;
    bytes.extend_from_slice(b"\r\n");
    Some(bytes)
}

/// Everything before the data lines.
fn head(charset: &Charset, office: &Map<String, Value>, (number, day): (u16, NaiveDate)) -> Option<Vec<u8>> {
    let item = |name: &str| office.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let [prefecture, area, symbol] = ["prefecture_code", "area_code", "office_symbol"].map(item);
    let medium = [
        prefecture.clone(),
        area.clone(),
        symbol.clone(),
        format!("{number:03}"),
        day.format("%Y%m%d").to_string(),
        REPRESENTATIVE_CODE.to_owned(),
    ];
    let postal_code = item("office_postal_code");
    let (parent, child) = postal_code.split_at_checked(3)?;
    let names = ["office_address", "office_name", "employer_name", "phone_area", "phone_exchange", "phone_subscriber"];
    let mut own = vec![prefecture, area, symbol, item("office_number"), parent.to_owned(), child.to_owned()];
    own.extend(names.map(item));
    let mut bytes = encoded(charset, &medium)?;
    // One office in each file: 事業所情報数 is 001, behind a column that is kept in reserve.
    bytes.extend_from_slice(b"[kanri]\r\n,001\r\n");
    bytes.extend(encoded(charset, &own)?);
    bytes.extend_from_slice(b"[data]\r\n");
    Some(bytes)
}

/// The columns of one record.
fn fill(
    columns: &mut [String],
    (procedure, form): (&Procedure, &CsvForm),
    office: &Map<String, Value>,
    record: &Map<String, Value>,
) -> Option<()> {
    columns.iter_mut().for_each(String::clear);
    let mut set = |column: usize, text: &str| {
        columns.get_mut(column.wrapping_sub(1))?.push_str(text);
        Some(())
    };
    set(1, &procedure.code)?;
    for (name, column) in &form.office {
        set(*column, office.get(name).and_then(Value::as_str).unwrap_or_default())?;
    }
    for constant in &form.constants {
        set(constant.column, &constant.value)?;
    }
    for sum in &form.sums {
        let whole: u64 = sum.of.iter().filter_map(|name| record.get(name)?.as_u64()).sum();
        let whole = if sum.in_thousands { whole / 1000 * 1000 } else { whole };
        set(sum.column, &padded(whole.min(MOST_YEN), MOST_YEN))?;
    }
    for field in &procedure.fields {
        let (Some(first), Some(value)) = (field.columns.first(), record.get(&field.name)) else { continue };
        for (n, text) in written(field, value)?.iter().enumerate() {
            set(first + n, text)?;
        }
    }
    Some(())
}

/// A value as its columns say it.
fn written(field: &Field, value: &Value) -> Option<Vec<String>> {
    Some(match (&field.kind, value) {
        (_, Value::Null) => Vec::new(),
        (Kind::Flag, Value::Bool(is_so)) => vec![if *is_so { "1" } else { "" }.to_owned()],
        (Kind::Yen { most, .. }, Value::Number(number)) => vec![padded(number.as_u64()?.min(*most), *most)],
        (Kind::Number { most, .. }, Value::Number(number)) => vec![padded(number.as_u64()?, *most)],
        (Kind::Date, Value::String(text)) => {
            let (era, digits) = dates::written_day(dates::day(text).ok()?)?;
            vec![era, digits]
        }
        (Kind::Month, Value::String(text)) => {
            let (era, year, month) = dates::written_month(dates::month(text).ok()?)?;
            vec![era, year, month]
        }
        (Kind::Digits { .. }, Value::String(text)) if !field.parts.is_empty() => {
            let mut rest = text.as_str();
            let mut parts = Vec::with_capacity(field.parts.len());
            for count in &field.parts {
                let (part, left) = rest.split_at_checked(*count)?;
                parts.push(part.to_owned());
                rest = left;
            }
            parts
        }
        (_, Value::String(text)) => vec![text.clone()],
        _ => return None,
    })
}

/// With zeros in front, as wide as the most that there may be.
fn padded(number: u64, most: u64) -> String {
    let width = most.to_string().len();
    format!("{number:0width$}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::procedures::Procedures;
    use serde_json::json;
    use std::path::Path;

    const MADE_ON: Option<NaiveDate> = NaiveDate::from_ymd_opt(2026, 11, 21);

    fn procedures() -> Procedures {
        Procedures::load(Path::new("policies/procedures")).unwrap()
    }

    fn office() -> Value {
        json!({
            "prefecture_code": "21", "area_code": "01", "office_symbol": "ｹｲﾄ", "office_number": "12345",
            "office_postal_code": "1000000", "office_address": "東京都見本区見本町１－２－３",
            "office_name": "見本商事株式会社", "employer_name": "見本　良一", "phone_area": "03",
            "phone_exchange": "0000", "phone_subscriber": "0000",
        })
    }

    fn person() -> Value {
        json!({
            "insured_person_number": "7", "name_kana": "ﾐﾎﾝ ﾀﾛｳ", "name": "見本　太郎", "birth_date": "1985-05-15",
            "individual_number": "123456789018",
        })
    }

    fn joined(more: Value) -> Value {
        let mut record = person();
        let Value::Object(more) = more else { unreachable!("an object") };
        record.as_object_mut().unwrap().extend(more);
        json!({"office": office(), "records": [record]})
    }

    fn samples() -> [(&'static str, Value); 5] {
        let months = json!({
            "former_health_standard": 260, "former_pension_standard": 260, "former_revision": "2025-09",
            "days_1": 31, "days_2": 30, "days_3": 0, "currency_1": 300_000, "currency_2": 12_000_000, "currency_3": 0,
            "in_kind_1": 10_000, "in_kind_2": 0, "in_kind_3": 0, "total": 9_999_999, "average": 310_000,
        });
        let with = |more: Value| {
            let mut all = months.clone();
            let Value::Object(more) = more else { unreachable!("an object") };
            all.as_object_mut().unwrap().extend(more);
            joined(all)
        };
        [
            (
                "2200700",
                joined(json!({
                    "category": "1", "acquisition_kind": "1", "acquired_on": "2026-04-01", "has_dependants": "0",
                    "currency": 260_000, "in_kind": 5_000, "short_time": true, "postal_code": "1000000",
                    "address_kana": "ﾄｳｷﾖｳﾄ ﾐﾎﾝｸ 1-2-3", "address": "東京都見本区１－２－３",
                })),
            ),
            (
                "2201700",
                joined(json!({
                    "lost_on": "2026-09-01", "reason": "4", "left_on": "2026-08-31", "certificates_returned": 1,
                })),
            ),
            ("2225700", with(json!({"applies_from": "2026-09", "on_leave": true, "remarks": "見本"}))),
            ("2221700", with(json!({"revised_from": "2026-12", "month_1": 9, "month_2": 10, "month_3": 11}))),
            ("2265700", joined(json!({"paid_on": "2026-12-10", "currency": 500_999, "in_kind": 0}))),
        ]
    }

    #[test]
    fn every_form_is_written_as_the_specification_has_it() {
        let all = procedures();
        let medium = Medium { first: 1, made_on: MADE_ON.unwrap() };
        for (code, content) in samples() {
            let one = all.get(code).unwrap();
            let rejects = one.check(&content).into_iter().filter(|f| f.severity.as_str() == "reject");
            assert_eq!(rejects.collect::<Vec<_>>(), vec![], "{code}");
            let files = write(one, &content, &medium).unwrap();
            let text = one.charset().decode_lines(&files[0].bytes).unwrap();
            insta::assert_snapshot!(format!("shfd0006_{code}"), text.replace("\r\n", "⏎\n"));
            let line = text.split("\r\n").nth(5).unwrap();
            assert_eq!(line.split(',').count(), one.csv.as_ref().unwrap().columns, "{code}");
        }
    }

    #[test]
    fn what_is_too_large_is_split_and_media_are_numbered_on() {
        let all = procedures();
        let (code, mut content) = samples()[0].clone();
        let record = content["records"][0].clone();
        content["records"] = Value::Array(vec![record; 25]);
        let medium = Medium { first: 998, made_on: MADE_ON.unwrap() };
        let one = all.get(code).unwrap();
        let files = write_below(one, &content, (&medium, 1500)).unwrap();
        let numbers: Vec<u16> = files.iter().map(|file| file.media_number).collect();
        assert_eq!(numbers[..4], [998, 999, 1, 2]);
        let lines = |file: &CsvFile| one.charset().decode_lines(&file.bytes).unwrap().matches("\r\n").count() - 5;
        assert_eq!(files.iter().map(lines).sum::<usize>(), 25);
        assert!(files.iter().all(|file| file.bytes.len() < 1500 && file.bytes.ends_with(b"\r\n")));
        assert_eq!(files[1].first_record, lines(&files[0]));
        assert_eq!(write_below(one, &content, (&medium, 100)), None, "not even one line fits");
    }

    #[test]
    fn what_cannot_be_written_is_not() {
        let all = procedures();
        let medium = Medium { first: 1, made_on: MADE_ON.unwrap() };
        let (code, content) = samples()[0].clone();
        for (name, value) in
            [("name", json!("髙橋　太郎")), ("name", json!("見,本")), ("birth_date", json!("1900-01-01"))]
        {
            let mut bad = content.clone();
            bad["records"][0][name] = value;
            assert_eq!(write(all.get(code).unwrap(), &bad, &medium), None, "{name}");
        }
        assert_eq!(write(all.get("4950013520996000").unwrap(), &content, &medium), None, "it has no form");
    }
}
