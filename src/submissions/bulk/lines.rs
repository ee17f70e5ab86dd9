//! The lines of a piece, held against the rules of their agency and procedure.

use super::pieces::{Taken, Text};
use crate::adapters::agency::{Agency, Filing};
use crate::domain::Refusal;
use crate::domain::bulk::Bulk;
use crate::domain::submission::{Act, Finding, is_rejected};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Bytes of a content beside its office and its records.
pub(super) const FRAME: usize = 64;
/// Most findings that are kept of one line.
const MOST_FINDINGS: usize = 20;

/// What was found in a piece.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Checked {
    pub lines: u64,
    pub rejected: u64,
    /// By line.
    pub outcomes: Vec<(u64, Vec<Finding>)>,
    /// What the header line of its CSV says.
    pub columns: Vec<String>,
}

/// The lines of a piece, without their ends.
pub(super) fn split(piece: &[u8]) -> impl Iterator<Item = &[u8]> {
    piece.split_inclusive(|byte| *byte == b'\n').map(|line| {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        line.strip_suffix(b"\r").unwrap_or(line)
    })
}

/// The content of a filing of these records.
pub(super) fn content<'r>(office: &[u8], records: impl Iterator<Item = &'r [u8]>) -> Vec<u8> {
    let mut content = Vec::with_capacity(office.len() + 1024);
    content.extend_from_slice(b"{\"office\":");
    content.extend_from_slice(office);
    content.extend_from_slice(b",\"records\":[");
    for (n, record) in records.enumerate() {
        if n > 0 {
            content.push(b',');
        }
        content.extend_from_slice(record);
    }
    content.extend_from_slice(b"]}");
    content
}

/// Whether a line is one JSON object, and nothing else.
fn is_object(line: &[u8]) -> bool {
    serde_json::from_slice::<&RawValue>(line).is_ok_and(|raw| raw.get().starts_with('{'))
}

fn no_object() -> Finding {
    let (ja, en) = ("1行に1件のJSONオブジェクトを書いてください。", "Write one JSON object on each line.");
    Finding::reject("MG401", "", ja, en)
}

/// A piece with what it is held against.
pub(super) struct Piece {
    pub agency: Arc<dyn Agency>,
    pub bulk: Bulk,
    pub office: Vec<u8>,
    pub taken: Taken,
}

impl Piece {
    fn findings(&self, content: &[u8]) -> Vec<Finding> {
        self.agency.check(&Filing {
            reference: "",
            act: Act::File,
            arrival: None,
            procedure: &self.bulk.procedure,
            applicant: self.bulk.applicant.as_str(),
            content,
        })
    }

    /// What is kept of it, and what was found in it.
    ///
    /// # Errors
    /// `invalid_value` for what is wrong with all records together.
    pub fn check(mut self) -> Result<(Text, Checked), Refusal> {
        let wrong = std::mem::take(&mut self.taken.wrong);
        let mut checked = self.checked(wrong)?;
        checked.columns = self.taken.columns;
        Ok((self.taken.text, checked))
    }

    /// All of it at once; line by line only where something was found.
    fn checked(&self, mut wrong: BTreeMap<u64, Finding>) -> Result<Checked, Refusal> {
        let mut checked = Checked::default();
        let mut good = Vec::new();
        for line in split(self.taken.text.records()) {
            checked.lines += 1;
            let number = self.bulk.lines + checked.lines;
            if is_object(line) {
                good.push((number, line));
            } else {
                checked.rejected += 1;
                checked.outcomes.push((number, vec![wrong.remove(&checked.lines).unwrap_or_else(no_object)]));
            }
        }
        let records = || good.iter().map(|(_, line)| *line);
        if good.is_empty() || self.findings(&content(&self.office, records())).is_empty() {
            return Ok(checked);
        }
        let mut taken = Vec::with_capacity(good.len());
        for (number, line) in good {
            let findings = of_record(self.findings(&content(&self.office, std::iter::once(line))))?;
            if is_rejected(&findings) {
                checked.rejected += 1;
            } else {
                taken.push(line);
            }
            if !findings.is_empty() {
                checked.outcomes.push((number, findings));
            }
        }
        checked.outcomes.sort_by_key(|(number, _)| *number);
        // What is wrong with none of them may be wrong with all of them together.
        if !taken.is_empty() {
            let together = self.findings(&content(&self.office, taken.into_iter()));
            if let Some(first) = together.iter().find(|one| one.is_reject()) {
                return Err(Refusal::new("invalid_value", format!("{}: {}", first.rule, first.words.en)));
            }
        }
        Ok(checked)
    }
}

/// Findings of a content with one record, with places in that record.
///
/// # Errors
/// `invalid_value` for what is wrong with what all records share.
fn of_record(findings: Vec<Finding>) -> Result<Vec<Finding>, Refusal> {
    let mut kept = Vec::new();
    for one in findings.into_iter().take(MOST_FINDINGS) {
        match one.pointer.strip_prefix("/records/0") {
            Some(place) => kept.push(Finding { pointer: place.to_owned(), ..one }),
            None if one.pointer.starts_with("/office") && one.is_reject() => {
                let words = format!("{}: {}", one.rule, one.words.en);
                return Err(Refusal::new("invalid_value", words).at(one.pointer));
            }
            None => kept.push(one),
        }
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_as_in_any_file() {
        let all = |text: &'static str| split(text.as_bytes()).map(<[u8]>::to_vec).collect::<Vec<_>>();
        assert_eq!(all("a\nb\r\nc"), [b"a", b"b", b"c"]);
        assert_eq!(all("a\n\nb\n"), [&b"a"[..], b"", b"b"]);
        assert!(all("").is_empty());
    }

    #[test]
    fn a_line_is_one_object() {
        for (line, is_one) in [
            ("{}", true),
            (" {\"a\":1} ", true),
            ("{}{}", false),
            ("[]", false),
            ("\"{\"", false),
            ("", false),
            ("{\"a\":}", false),
            ("{},{}", false),
        ] {
            assert_eq!(is_object(line.as_bytes()), is_one, "{line}");
        }
    }

    #[test]
    fn records_cannot_break_out_of_their_content() {
        let lines = [&b"{\"a\":1}"[..], b"{\"b\":2}"];
        let content = content(b"{\"name\":\"x\"}", lines.into_iter());
        let value: serde_json::Value = serde_json::from_slice(&content).unwrap();
        assert_eq!(value, serde_json::json!({"office": {"name": "x"}, "records": [{"a": 1}, {"b": 2}]}));
    }
}
