//! The file of records: eighteen columns of fixed width in Shift_JIS, 220 bytes and CRLF each.

use super::Days;
use crate::domain::data_set::DataSetCode;
use crate::domain::provision_record::{
    BodyCode, Disclosure, InquiryCondition, InquiryKind, OfficesOwn, ProvisionRecord, WorkCode, WorkProcedureCode,
    YearKind,
};
use crate::domain::{Digest, Secret, Timestamp};
use chrono::NaiveDate;
use encoding_rs::SHIFT_JIS;
use std::time::Duration;

/// The columns in their order, and how many bytes each has.
pub(super) const COLUMNS: [(&str, usize); 18] = [
    ("番号体系", 2),
    ("宛名番号", 15),
    ("統合宛名番号", 15),
    ("照会依頼日時", 17),
    ("情報照会者部署コード", 20),
    ("ユーザーID", 20),
    ("情報照会者機関コード", 16),
    ("照会側不開示コード", 1),
    ("事務コード", 16),
    ("事務手続コード", 16),
    ("委任元機関コード1", 16),
    ("委任元機関コード2", 16),
    ("情報提供者機関コード", 16),
    ("特定個人情報名コード", 16),
    ("照会条件区分", 1),
    ("照会年度区分", 1),
    ("照会開始日付", 8),
    ("照会終了日付", 8),
];
/// The bytes of a record.
const WIDTH: usize = 220;
/// What ends one.
const END: &[u8] = b"\r\n";

/// What does not read. Nothing of what is there is repeated: it is about a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unreadable {
    /// Which record, from 1; 0 for the file as a whole.
    pub record: usize,
    /// Which column, or what is wrong with the whole.
    pub column: &'static str,
}

/// Every record of `days`.
///
/// # Errors
/// [`Unreadable`] with the first column that is not of its form; then none of them counts.
pub(super) fn read(bytes: &[u8], days: Days) -> Result<Vec<ProvisionRecord>, Unreadable> {
    let whole = |column| Unreadable { record: 0, column };
    let rows = bytes.chunks_exact(WIDTH + END.len());
    if !rows.remainder().is_empty() {
        return Err(whole("length"));
    }
    let read = |(n, row): (usize, &[u8])| {
        let row = row.strip_suffix(END).ok_or(Unreadable { record: n + 1, column: "end" })?;
        record(row, days).map_err(|column| Unreadable { record: n + 1, column })
    };
    rows.enumerate().map(read).collect()
}

/// The columns of one record, one after another.
struct Row<'r> {
    rest: &'r [u8],
    next: usize,
}

/// A column as text, with its name for whoever refuses it.
struct Column {
    name: &'static str,
    text: String,
}

impl Row<'_> {
    fn column(&mut self) -> Result<Column, &'static str> {
        let (name, width) = COLUMNS.get(self.next).copied().ok_or("width")?;
        let (bytes, rest) = self.rest.split_at_checked(width).ok_or(name)?;
        (self.rest, self.next) = (rest, self.next + 1);
        let text = SHIFT_JIS.decode_without_bom_handling_and_without_replacement(bytes).ok_or(name)?;
        if text.chars().any(char::is_control) {
            return Err(name);
        }
        Ok(Column { name, text: text.into_owned() })
    }
}

impl Column {
    /// What stands here only for its office; blanks at its ends fill it up.
    fn kept(self) -> Secret<String> {
        let kept = self.text.trim().to_owned();
        drop(Secret::new(self.text));
        Secret::new(kept)
    }

    fn is_blank(&self) -> bool {
        self.text.bytes().all(|b| b == b' ')
    }

    fn code<T, E>(&self, parse: impl Fn(&str) -> Result<T, E>) -> Result<T, &'static str> {
        parse(&self.text).map_err(|_| self.name)
    }

    fn code_if_set<T, E>(&self, parse: impl Fn(&str) -> Result<T, E>) -> Result<Option<T>, &'static str> {
        if self.is_blank() { Ok(None) } else { self.code(parse).map(Some) }
    }

    /// One digit, or a blank.
    fn digit(&self) -> Result<Option<char>, &'static str> {
        match self.text.chars().next() {
            Some(' ') => Ok(None),
            Some(digit) if digit.is_ascii_digit() => Ok(Some(digit)),
            _ => Err(self.name),
        }
    }

    fn day_if_set(&self) -> Result<Option<NaiveDate>, &'static str> {
        if self.is_blank() { Ok(None) } else { day(&self.text).map(Some).ok_or(self.name) }
    }

    /// `YYYYMMDDhhmmssSSS`, in Japan's time.
    fn moment(&self) -> Result<Timestamp, &'static str> {
        moment(&self.text).ok_or(self.name)
    }
}

fn day(text: &str) -> Option<NaiveDate> {
    let is_digits = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
    is_digits.then(|| NaiveDate::parse_from_str(text, "%Y%m%d").ok()).flatten()
}

fn moment(text: &str) -> Option<Timestamp> {
    let (date, time) = text.split_at_checked(8)?;
    if time.len() != 9 || !time.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part = |range: std::ops::Range<usize>| time.get(range)?.parse::<u64>().ok();
    let (hours, minutes, seconds, millis) = (part(0..2)?, part(2..4)?, part(4..6)?, part(6..9)?);
    if hours > 23 || minutes > 59 || seconds > 59 {
        return None;
    }
    let midnight = Timestamp::of_day_in_japan(day(date)?)?;
    Some(midnight.plus(Duration::from_millis(((hours * 60 + minutes) * 60 + seconds) * 1000 + millis)))
}

fn record(bytes: &[u8], days: Days) -> Result<ProvisionRecord, &'static str> {
    let mut row = Row { rest: bytes, next: 0 };
    let numbering = row.column()?.kept();
    let addressee = row.column()?.kept();
    let integrated_addressee = row.column()?.kept();
    let asked = row.column()?;
    let at = asked.moment()?;
    if !(days.from..=days.to).contains(&at.date_in_japan()) {
        return Err(asked.name);
    }
    let department = row.column()?.kept();
    let official = row.column()?.kept();
    let inquirer = row.column()?.code(BodyCode::parse)?;
    let disclosure = row.column()?.digit()?.map_or(Disclosure::Withheld, Disclosure::of);
    let work = row.column()?.code(WorkCode::parse)?;
    let procedure = row.column()?.code(WorkProcedureCode::parse)?;
    let delegators = [row.column()?.code_if_set(BodyCode::parse)?, row.column()?.code_if_set(BodyCode::parse)?];
    let provider = row.column()?.code(BodyCode::parse)?;
    let data_set = row.column()?.code(DataSetCode::parse)?;
    let kind = row.column()?.digit()?.map(InquiryKind::of);
    let year = row.column()?.digit()?.map(YearKind::of);
    let from = row.column()?.day_if_set()?;
    let last = row.column()?;
    let to = last.day_if_set()?;
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        return Err(last.name);
    }
    Ok(ProvisionRecord {
        digest: Digest::of_bytes(bytes),
        at,
        inquirer,
        disclosure,
        work,
        procedure,
        delegators: delegators.into_iter().flatten().collect(),
        provider,
        data_set,
        condition: InquiryCondition { kind, year, from, to },
        own: OfficesOwn { numbering, addressee, integrated_addressee, department, official },
    })
}
