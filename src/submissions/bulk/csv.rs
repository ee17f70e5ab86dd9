//! CSV (RFC 4180) as records: each row becomes the JSON object that the same filing would hold in newline-delimited JSON.
//!
//! The header line names items of the procedure, or JSON pointers (RFC 6901) where a procedure's records hold objects. A cell
//! is what its item is: a number or a flag where the procedure says so, a text else; an empty one is no item.

use crate::catalog::procedures::{Field, Kind, Procedure};
use crate::domain::Refusal;
use crate::domain::bulk::RecordFormat;
use crate::domain::submission::Finding;
use csv_core::{ReadRecordResult, Reader};
use encoding_rs::{Encoding, SHIFT_JIS, UTF_8};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Most columns of a header line.
const MOST_COLUMNS: usize = 500;
/// Most characters of a column's name.
const MOST_NAME: usize = 200;

/// How bytes are to be read.
pub(super) struct Table<'p> {
    /// In which characters.
    pub format: RecordFormat,
    /// What the header line said; nothing where it is still to come.
    pub columns: Vec<String>,
    /// What is known of the procedure.
    pub procedure: Option<&'p Procedure>,
    /// Whether these are the last bytes of the file.
    pub is_last: bool,
    /// Most bytes of the records, written as JSON.
    pub most: usize,
}

/// What the bytes hold.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Rows {
    /// How many of them are whole rows.
    pub taken: usize,
    /// What the header line says.
    pub columns: Vec<String>,
    /// The records, one JSON object on each line; an empty line for each row that is none.
    pub records: Vec<u8>,
    /// What is wrong with rows that are none, by their number here, from 1.
    pub wrong: BTreeMap<u64, Finding>,
    /// Whether rows were left over, since there were more than may be taken at once.
    pub is_cut: bool,
}

impl Table<'_> {
    /// Reads whole rows, as many as may be taken at once.
    ///
    /// # Errors
    /// `invalid_value` for a header line that names no items, or the same one twice.
    pub fn read(mut self, bytes: &[u8]) -> Result<Rows, Refusal> {
        let mut cells = Cells::new(bytes, self.is_last);
        let mut rows = Rows::default();
        if self.columns.is_empty() {
            let encoding = self.encoding();
            let Some(header) = cells.next() else { return Ok(rows) };
            self.columns = columns(&header, encoding)?;
            rows.taken = cells.at;
        }
        let fields: Vec<Option<&Field>> = self.columns.iter().map(|name| self.field(name)).collect();
        let mut number = 0;
        while let Some(row) = cells.next() {
            number += 1;
            match self.record(&row, &fields) {
                Ok(record) if record.len() >= self.most => drop(rows.wrong.insert(number, too_large(self.most))),
                // It begins the next piece.
                Ok(record) if rows.records.len() + record.len() >= self.most => {
                    rows.is_cut = true;
                    break;
                }
                Ok(record) => rows.records.extend_from_slice(&record),
                Err(finding) => drop(rows.wrong.insert(number, *finding)),
            }
            rows.records.push(b'\n');
            rows.taken = cells.at;
        }
        rows.columns = self.columns;
        Ok(rows)
    }

    fn encoding(&self) -> &'static Encoding {
        if self.format == RecordFormat::CsvShiftJis { SHIFT_JIS } else { UTF_8 }
    }

    fn field(&self, name: &str) -> Option<&Field> {
        self.procedure?.field(name.strip_prefix('/').unwrap_or(name))
    }

    fn record(&self, row: &[&[u8]], fields: &[Option<&Field>]) -> Result<Vec<u8>, Box<Finding>> {
        if row.len() != self.columns.len() {
            return Err(wrong_count(row.len(), self.columns.len()).into());
        }
        let (encoding, mut record) = (self.encoding(), Map::new());
        for ((cell, name), field) in row.iter().zip(&self.columns).zip(fields) {
            let text = encoding.decode_without_bom_handling_and_without_replacement(cell);
            let text = text.ok_or_else(|| Box::new(undecodable(name, encoding)))?;
            if let Some(value) = value(&text, *field) {
                put(&mut record, name, value);
            }
        }
        serde_json::to_vec(&record).map_err(|_| wrong_count(row.len(), self.columns.len()).into())
    }
}

/// The names that a header line gives.
fn columns(header: &[&[u8]], encoding: &'static Encoding) -> Result<Vec<String>, Refusal> {
    let wrong = |words: String| Refusal::new("invalid_value", format!("The header line of the CSV: {words}"));
    if header.len() > MOST_COLUMNS {
        return Err(wrong(format!("name at most {MOST_COLUMNS} columns.")));
    }
    let mut names: Vec<String> = Vec::with_capacity(header.len());
    for (n, cell) in header.iter().enumerate() {
        let cell = if n == 0 { cell.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(cell) } else { cell };
        let name = encoding.decode_without_bom_handling_and_without_replacement(cell);
        let name = name.ok_or_else(|| wrong(format!("column {} is not in {}.", n + 1, encoding.name())))?;
        let is_pointer = name.strip_prefix('/').is_none_or(|rest| rest.split('/').all(|step| !step.is_empty()));
        let is_name = !name.is_empty() && name.chars().count() <= MOST_NAME && !name.chars().any(char::is_control);
        if !is_pointer || !is_name {
            return Err(wrong(format!("column {} must be an item's name, or a JSON pointer to it.", n + 1)));
        }
        let path = |name: &str| format!("{}/", name.strip_prefix('/').unwrap_or(name));
        let is_within = |one: &String| path(one).starts_with(&path(&name)) || path(&name).starts_with(&path(one));
        if let Some(other) = names.iter().position(is_within) {
            return Err(wrong(format!("columns {} and {} name the same item.", other + 1, n + 1)));
        }
        names.push(name.into_owned());
    }
    Ok(names)
}

/// What a cell says of its item; nothing when it is empty. What does not read as its item's kind stays a text, so that the
/// rules tell what is wrong with it.
fn value(text: &str, field: Option<&Field>) -> Option<Value> {
    if text.is_empty() {
        return None;
    }
    let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    Some(match (field.map(|field| &field.kind), text) {
        (Some(Kind::Yen { .. } | Kind::Number { .. }), _) if is_digits => {
            text.parse::<u64>().map_or_else(|_| Value::from(text), Value::from)
        }
        (Some(Kind::Flag), "1" | "true") => Value::Bool(true),
        (Some(Kind::Flag), "0" | "false") => Value::Bool(false),
        _ => Value::from(text),
    })
}

/// Puts a value where its column's name points. No two columns point to one place, nor one into another.
fn put(record: &mut Map<String, Value>, name: &str, value: Value) {
    let Some(pointer) = name.strip_prefix('/') else {
        record.insert(name.to_owned(), value);
        return;
    };
    let mut steps: Vec<String> = pointer.split('/').map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
    let Some(last) = steps.pop() else { return };
    let mut place = record;
    for step in steps {
        match place.entry(step).or_insert_with(|| Value::Object(Map::new())) {
            Value::Object(inner) => place = inner,
            _ => return,
        }
    }
    place.insert(last, value);
}

fn wrong_count(is: usize, wanted: usize) -> Finding {
    let (ja, en) = (
        format!("項目数が{is}で、見出し行の{wanted}と一致しません。"),
        format!("It has {is} cells; the header line has {wanted}."),
    );
    Finding::reject("MG402", "", &ja, &en)
}

fn undecodable(name: &str, encoding: &'static Encoding) -> Finding {
    let (ja, en) = (
        format!("{}として読めない文字があります。", encoding.name()),
        format!("It holds bytes that are not {}.", encoding.name()),
    );
    let pointer = if name.starts_with('/') { name.to_owned() } else { format!("/{}", name.replace('~', "~0")) };
    Finding::reject("MG403", pointer, &ja, &en)
}

fn too_large(most: usize) -> Finding {
    let (ja, en) = (
        format!("1件の内容が{most}バイトの上限を超えています。"),
        format!("The record is over {most} bytes, written as JSON."),
    );
    Finding::reject("MG002", "", &ja, &en)
}

/// The rows of some bytes, cell by cell.
struct Cells<'b> {
    reader: Reader,
    bytes: &'b [u8],
    /// Where the next row begins.
    at: usize,
    is_last: bool,
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl<'b> Cells<'b> {
    fn new(bytes: &'b [u8], is_last: bool) -> Self {
        // Cells without their quotes are no longer than with them.
        Self { reader: Reader::new(), bytes, at: 0, is_last, text: vec![0; bytes.len() + 1], ends: vec![0; 64] }
    }

    /// The next row that ends within these bytes, or with the file.
    fn next(&mut self) -> Option<Vec<&[u8]>> {
        let (mut at, mut text, mut ends) = (self.at, 0, 0);
        loop {
            let input = self.bytes.get(at..)?;
            if input.is_empty() && !self.is_last {
                return None;
            }
            let (text_left, ends_left) = (self.text.get_mut(text..)?, self.ends.get_mut(ends..)?);
            let (result, read, written, ended) = self.reader.read_record(input, text_left, ends_left);
            (at, text, ends) = (at + read, text + written, ends + ended);
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::OutputFull | ReadRecordResult::End => return None,
                ReadRecordResult::Record => break,
            }
        }
        // The reader may stop between the two characters of an end of line.
        let stops_within = at > 0 && self.bytes.get(at - 1) == Some(&b'\r') && self.bytes.get(at) == Some(&b'\n');
        self.at = at + usize::from(stops_within);
        if stops_within {
            self.reader.reset();
        }
        let mut from = 0;
        let cell = |end: &usize| {
            let cell = self.text.get(from..*end).unwrap_or_default();
            from = *end;
            cell
        };
        Some(self.ends.get(..ends)?.iter().map(cell).collect())
    }
}

#[cfg(test)]
mod tests;
