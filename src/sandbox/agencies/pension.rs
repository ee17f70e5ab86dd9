//! The pension office: reads `SHFD0006.CSV` strictly, and answers what is wrong by row and column.

use crate::catalog::procedures::{Charset, Field, Kind, MOST_YEN, Procedure, Procedures, dates};
use crate::domain::words::Words;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// Most errors of one answer.
const MOST_ERRORS: usize = 50;
/// A file of this size or more is not taken.
const TOO_LARGE: usize = 4_500_000;
/// Columns of the line about the medium, and of the one about the office.
const MEDIUM: usize = 6;
const OFFICE: usize = 12;

/// What is wrong; all counted from 1, 0 where it is about more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowError {
    /// Which file.
    pub file: usize,
    /// Which of its data lines.
    pub row: usize,
    /// Which column.
    pub column: usize,
    /// By which rule.
    pub rule: String,
    /// In words.
    pub words: Words,
}

/// What a file says.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadFile {
    /// Its number.
    pub media_number: u16,
    /// The office and the records, as filers say them.
    pub content: Value,
}

struct Reading<'a> {
    procedure: &'a Procedure,
    errors: Vec<RowError>,
    file: usize,
}

/// Reads the file of this number (from 1) of a filing of this procedure.
///
/// # Errors
/// Every error, up to what one answer holds.
pub fn read(procedures: &Procedures, code: &str, (file, bytes): (usize, &[u8])) -> Result<ReadFile, Vec<RowError>> {
    let wrong = |rule: &str, ja: &str, en: &str| vec![error((file, 0, 0), rule, ja, en)];
    let Some(procedure) = procedures.get(code).filter(|procedure| procedure.csv.is_some()) else {
        return Err(wrong("N001", "取り扱っていない届書コードです。", "There is no form of this code."));
    };
    if bytes.len() >= TOO_LARGE {
        return Err(wrong("N002", "ファイルが4.5MB以上です。", "The file has 4.5 MB or more."));
    }
    let Some(text) = lines(procedure.charset(), bytes) else {
        let (ja, en) =
            ("文字コードまたは改行が正しくありません。", "Its characters or its line ends are not as they must be.");
        return Err(wrong("N003", ja, en));
    };
    let rows: Vec<Vec<&str>> = text.split_terminator("\r\n").map(|line| line.split(',').collect()).collect();
    let Some((head, data)) = rows.split_at_checked(5).filter(|(_, data)| !data.is_empty()) else {
        return Err(wrong("N004", "データレコードがありません。", "It has no data line."));
    };
    let Some((media_number, office)) = read_head(head) else {
        let (ja, en) = (
            "媒体・事業所のレコードが正しくありません。",
            "The lines about medium and office are not as they must be.",
        );
        return Err(wrong("N005", ja, en));
    };
    let mut reading = Reading { procedure, errors: Vec::new(), file };
    let records: Vec<Value> =
        data.iter().enumerate().map(|(n, row)| reading.row(n, row, &office).unwrap_or_default()).collect();
    let content = json!({"office": office, "records": records});
    reading.judge(&content);
    if reading.errors.is_empty() { Ok(ReadFile { media_number, content }) } else { Err(reading.errors) }
}

fn lines(charset: &Charset, bytes: &[u8]) -> Option<String> {
    charset.decode_lines(bytes)
}

fn error((file, row, column): (usize, usize, usize), rule: &str, ja: &str, en: &str) -> RowError {
    RowError { file, row, column, rule: rule.to_owned(), words: Words { ja: ja.to_owned(), en: en.to_owned() } }
}

/// The medium's number and the office's items.
fn read_head(head: &[Vec<&str>]) -> Option<(u16, Map<String, Value>)> {
    let [medium, kanri, count, office, data] = head else { return None };
    let is_framed = (kanri.as_slice(), data.as_slice()) == (["[kanri]"].as_slice(), ["[data]"].as_slice());
    if !is_framed || count.as_slice() != ["", "001"] || medium.len() != MEDIUM || office.len() != OFFICE {
        return None;
    }
    let number: u16 = medium.get(3)?.parse().ok().filter(|number| (1..=999).contains(number))?;
    let is_day = medium.get(4).is_some_and(|day| chrono::NaiveDate::parse_from_str(day, "%Y%m%d").is_ok());
    if medium.get(5) != Some(&"22223") || !is_day || medium.get(..3) != office.get(..3) {
        return None;
    }
    let mut items = Map::new();
    let names = ["prefecture_code", "area_code", "office_symbol", "office_number"];
    let later = ["office_address", "office_name", "employer_name", "phone_area", "phone_exchange", "phone_subscriber"];
    let values = names.iter().zip(office).chain(later.iter().zip(office.iter().skip(6)));
    items.extend(values.map(|(name, value)| ((*name).to_owned(), Value::from(*value))));
    let postal_code = format!("{}{}", office.get(4)?, office.get(5)?);
    items.insert("office_postal_code".to_owned(), postal_code.into());
    Some((number, items))
}

impl Reading<'_> {
    fn note(&mut self, (row, column): (usize, usize), rule: &str, ja: &str, en: &str) {
        if self.errors.len() < MOST_ERRORS {
            self.errors.push(error((self.file, row, column), rule, ja, en));
        }
    }

    /// One data line; none when its columns cannot be told apart.
    fn row(&mut self, n: usize, row: &[&str], office: &Map<String, Value>) -> Option<Value> {
        let form = self.procedure.csv.as_ref()?;
        let (row_number, at) = (n + 1, |column: usize| row.get(column.wrapping_sub(1)).copied().unwrap_or_default());
        if row.len() != form.columns {
            self.note((row_number, 0), "N010", "項目数が様式と一致しません。", "It has not the columns of the form.");
            return None;
        }
        if at(1) != self.procedure.code {
            self.note((row_number, 1), "N011", "様式コードが一致しません。", "It is of another form.");
        }
        for (name, column) in &form.office {
            if office.get(name).and_then(Value::as_str) != Some(at(*column)) {
                self.note((row_number, *column), "N012", "事業所の項目が一致しません。", "It is of another office.");
            }
        }
        let mut known: Vec<usize> = form.office.iter().map(|(_, column)| *column).chain([1]).collect();
        for constant in &form.constants {
            known.push(constant.column);
            if at(constant.column) != constant.value {
                self.note((row_number, constant.column), "N013", "固定値ではありません。", "It always says another.");
            }
        }
        let mut record = Map::new();
        for field in &self.procedure.fields {
            let Some(first) = field.columns.first() else { continue };
            let values: Vec<&str> = field.all_columns().map(at).collect();
            known.extend(field.all_columns());
            match value(field, &values) {
                Ok(Some(value)) => drop(record.insert(field.name.clone(), value)),
                Ok(None) => {}
                Err(()) => {
                    self.note((row_number, *first), "N014", "項目の形式が正しくありません。", "It has another form.");
                }
            }
        }
        for sum in &form.sums {
            known.push(sum.column);
            let whole: u64 = sum.of.iter().filter_map(|name| record.get(name)?.as_u64()).sum();
            let whole = if sum.in_thousands { whole / 1000 * 1000 } else { whole };
            // An amount that stands for ten million or more adds up to anything.
            let is_open = sum.of.iter().any(|name| record.get(name).and_then(Value::as_u64) == Some(MOST_YEN));
            if !is_open && at(sum.column).parse() != Ok(whole.min(MOST_YEN)) {
                self.note((row_number, sum.column), "N015", "合計が一致しません。", "It is not the sum.");
            }
        }
        if let Some(column) = (1..=row.len()).find(|column| !known.contains(column) && !at(*column).is_empty()) {
            self.note((row_number, column), "N016", "使用しない項目に値があります。", "This column is not used.");
        }
        Some(Value::Object(record))
    }

    /// What the items say, by the rules that every filer can read.
    fn judge(&mut self, content: &Value) {
        if !self.errors.is_empty() {
            return;
        }
        for finding in self.procedure.check(content).into_iter().filter(|one| one.severity.as_str() == "reject") {
            let mut parts = finding.pointer.split('/').skip(1);
            let (row, name) = match (parts.next(), parts.next(), parts.next()) {
                (Some("records"), Some(n), name) => (n.parse().map_or(0, |n: usize| n + 1), name),
                (_, name, _) => (0, name),
            };
            let field = name.filter(|_| row > 0).and_then(|name| self.procedure.field(name));
            let column = field.and_then(|field| field.columns.first().copied()).unwrap_or_default();
            let rule = finding.rule.replace("MG", "N");
            self.note((row, column), &rule, &finding.words.ja, &finding.words.en);
        }
    }
}

/// What an item's columns say, as filers say it; none when they are empty.
fn value(field: &Field, columns: &[&str]) -> Result<Option<Value>, ()> {
    if columns.iter().all(|column| column.is_empty()) {
        return Ok(None);
    }
    let number = |text: &str| text.parse::<u64>().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
    let read = match (&field.kind, columns) {
        (Kind::Flag, ["1"]) => Some(Value::Bool(true)),
        (Kind::Yen { .. } | Kind::Number { .. }, [text]) => number(text).map(Value::from),
        (Kind::Date, [era, digits]) => dates::read_day(era, digits).map(|day| day.to_string().into()),
        (Kind::Month, [era, year, month]) => {
            // A month in which an era begins is told by its last day.
            let day = |day: &str| dates::read_day(era, &format!("{year}{month}{day}"));
            ["28", "01"].into_iter().find_map(day).map(|day| day.format("%Y-%m").to_string().into())
        }
        (Kind::Digits { .. }, parts) if !field.parts.is_empty() => {
            let is_whole = parts.iter().zip(&field.parts).all(|(part, count)| part.len() == *count);
            is_whole.then(|| parts.concat().into())
        }
        (Kind::Flag, _) => None,
        (_, [text]) => Some(Value::from(*text)),
        _ => None,
    };
    read.map(Some).ok_or(())
}
