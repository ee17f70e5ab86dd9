//! What is wrong with a content, item by item.

mod text;
mod values;

pub use values::is_hidden;

use super::definition::{Field, Kind, Procedure, RecordCount, Rule};
use super::{Charset, dates};
use crate::domain::submission::{Finding, MOST_FINDINGS};
use serde_json::{Map, Value};

/// The numbers of the rules.
pub(super) mod rule {
    pub const MISSING: &str = "MG201";
    pub const UNKNOWN: &str = "MG202";
    pub const TYPE: &str = "MG203";
    pub const BYTES: &str = "MG204";
    pub const OUTSIDE: &str = "MG205";
    pub const WIDE: &str = "MG206";
    pub const KANA: &str = "MG207";
    pub const NAME: &str = "MG208";
    pub const DIGITS: &str = "MG209";
    pub const CHECK_DIGIT: &str = "MG210";
    pub const CODE: &str = "MG211";
    pub const DATE: &str = "MG212";
    pub const ERA: &str = "MG213";
    pub const AMOUNT: &str = "MG214";
    pub const CAPPED: &str = "MG215";
    pub const SEPARATOR: &str = "MG216";
    pub const RECORDS: &str = "MG217";
    pub const TIME: &str = "MG218";
    pub const HIDDEN: &str = "MG219";
    pub const ONE_OF: &str = "MG230";
    pub const REQUIRED: &str = "MG231";
    pub const ORDER: &str = "MG232";
    pub const DISTANCE: &str = "MG233";
}

/// Where something is.
#[derive(Clone, Copy)]
pub(super) enum Place {
    Office,
    Record(usize),
}

/// A check under way. A place is written out only when something is wrong there.
pub(super) struct Check<'a> {
    pub procedure: &'a Procedure,
    pub charset: &'a Charset,
    pub findings: Vec<Finding>,
    place: Place,
}

impl Procedure {
    /// What is wrong with a content `{office, records}`; at most as many findings as are kept.
    #[must_use]
    pub fn check(&self, content: &Value) -> Vec<Finding> {
        let mut check = Check::new(self);
        let Some(members) = content.as_object() else {
            check.content(
                "",
                "内容は office と records を持つオブジェクトとしてください。",
                "Give an object with office and records.",
            );
            return check.findings;
        };
        let is_known = |name: &str| match name {
            "office" | "records" | "sandbox_scenario" => true,
            // What they must be is e-Gov's to say.
            "attachments" => !self.e_gov_forms.is_empty(),
            _ => false,
        };
        for name in members.keys().filter(|name| !is_known(name)) {
            let pointer = format!("/{}", escaped(name));
            check.note(rule::UNKNOWN, pointer, "この手続にない項目です。", "This procedure has no such member.");
        }
        match members.get("office").and_then(Value::as_object) {
            Some(office) => check.office(office),
            None => check.content("/office", "事業所の項目（office）が必要です。", "Give the items of the office."),
        }
        match members.get("records").and_then(Value::as_array) {
            Some(records) => check.records(records),
            None => check.content("/records", "届出の明細（records）が必要です。", "Give a list of records."),
        }
        check.findings
    }

    /// What is wrong with one record, as the one at `index` of its content.
    #[must_use]
    pub fn check_record(&self, record: &Value, index: usize) -> Vec<Finding> {
        let mut check = Check::new(self);
        check.record(record, index);
        check.findings
    }

    /// What is wrong with the items of an office.
    #[must_use]
    pub fn check_office(&self, office: &Map<String, Value>) -> Vec<Finding> {
        let mut check = Check::new(self);
        check.office(office);
        check.findings
    }
}

impl<'a> Check<'a> {
    fn new(procedure: &'a Procedure) -> Self {
        Self { procedure, charset: &procedure.charset, findings: Vec::new(), place: Place::Office }
    }

    fn is_full(&self) -> bool {
        self.findings.len() >= MOST_FINDINGS
    }

    fn content(&mut self, pointer: &str, ja: &str, en: &str) {
        self.note(rule::TYPE, pointer.to_owned(), ja, en);
    }

    fn office(&mut self, office: &Map<String, Value>) {
        self.place = Place::Office;
        self.members(office, &self.procedure.office);
    }

    fn records(&mut self, records: &[Value]) {
        let is_good = match self.procedure.records {
            RecordCount::One => records.len() == 1,
            RecordCount::Many => !records.is_empty(),
        };
        if !is_good {
            let (ja, en) = match self.procedure.records {
                RecordCount::One => ("明細は1件としてください。", "Give exactly one record."),
                RecordCount::Many => ("明細を1件以上指定してください。", "Give at least one record."),
            };
            self.note(rule::RECORDS, "/records".to_owned(), ja, en);
        }
        for (n, record) in records.iter().enumerate() {
            if self.is_full() {
                return;
            }
            self.record(record, n);
        }
    }

    fn record(&mut self, record: &Value, n: usize) {
        self.place = Place::Record(n);
        let Some(members) = record.as_object() else {
            let pointer = self.pointer("");
            return self.content(&pointer, "明細はオブジェクトとしてください。", "A record is an object.");
        };
        self.members(members, &self.procedure.fields);
        for rule in &self.procedure.rules {
            self.rule(rule, members);
        }
    }

    fn members(&mut self, members: &Map<String, Value>, fields: &'a [Field]) {
        let mut found = 0;
        for field in fields {
            match members.get(&field.name) {
                Some(Value::Null) => {
                    found += 1;
                    self.absent(field);
                }
                Some(value) => {
                    found += 1;
                    self.value(field, value);
                }
                None => self.absent(field),
            }
        }
        if found < members.len() {
            for name in members.keys().filter(|name| !fields.iter().any(|field| field.name == **name)) {
                let pointer = self.pointer(&escaped(name));
                self.note(rule::UNKNOWN, pointer, "この手続にない項目です。", "This procedure has no such item.");
            }
        }
    }

    fn absent(&mut self, field: &Field) {
        if field.is_required {
            let (ja, en) = (format!("{}は必須です。", field.title.ja), format!("{} must be there.", field.title.en));
            self.note(rule::MISSING, self.pointer(&field.name), &ja, &en);
        }
    }

    /// What holds between items; each item by itself has been looked at.
    fn rule(&mut self, rule: &Rule, record: &Map<String, Value>) {
        let is_there = |name: &String| is_there(record, name);
        match rule {
            Rule::OneOf(names) => {
                if !names.iter().any(is_there) {
                    let (ja, en) = self.named(names);
                    let (ja, en) = (
                        format!("{ja}のうち少なくとも1つが必要です。"),
                        format!("At least one of these must be there: {en}."),
                    );
                    self.note(rule::ONE_OF, self.pointer(names.first().map_or("", String::as_str)), &ja, &en);
                }
            }
            Rule::When { field, value, then } => {
                let is_so = match (record.get(field), value) {
                    (Some(Value::String(text)), Some(value)) => text == value,
                    (_, Some(_)) => false,
                    (_, None) => is_there(field),
                };
                if is_so {
                    self.demand(then, record, (field, true));
                }
            }
            Rule::Without { field, then } => {
                if !is_there(field) {
                    self.demand(then, record, (field, false));
                }
            }
            Rule::NotBefore { earlier, later } => self.distance(record, (earlier, later), None),
            Rule::DaysAfter { earlier, later, days } => self.distance(record, (earlier, later), Some(*days)),
        }
    }

    fn demand(&mut self, names: &[String], record: &Map<String, Value>, (because, is_given): (&str, bool)) {
        let because = self.procedure.field(because).map(|field| field.title.clone());
        let Some(because) = because else { return };
        for field in names.iter().filter(|name| !is_there(record, name)).filter_map(|name| self.procedure.field(name)) {
            let (ja, en) = if is_given {
                (
                    format!("「{}」の場合、{}は必須です。", because.ja, field.title.ja),
                    format!("With \"{}\" so, {} must be there.", because.en, field.title.en),
                )
            } else {
                (
                    format!("「{}」がない場合、{}は必須です。", because.ja, field.title.ja),
                    format!("Without \"{}\", {} must be there.", because.en, field.title.en),
                )
            };
            self.note(rule::REQUIRED, self.pointer(&field.name), &ja, &en);
        }
    }

    fn distance(&mut self, record: &Map<String, Value>, (earlier, later): (&str, &str), days: Option<u32>) {
        let day = |name: &str| record.get(name).and_then(Value::as_str).and_then(|text| dates::day(text).ok());
        let (Some(first), Some(second)) = (day(earlier), day(later)) else { return };
        let (Some(first_field), Some(second_field)) = (self.procedure.field(earlier), self.procedure.field(later))
        else {
            return;
        };
        let (one, other) = (&first_field.title, &second_field.title);
        let pointer = self.pointer(later);
        match days {
            None if second < first => {
                let ja = format!("{}が{}より前の日付です。", other.ja, one.ja);
                let en = format!("{} is before {}.", other.en, one.en);
                self.note(rule::ORDER, pointer, &ja, &en);
            }
            Some(days) if first.checked_add_days(chrono::Days::new(days.into())) != Some(second) => {
                let ja = format!("{}は{}の{days}日後としてください。", other.ja, one.ja);
                let en = format!("{} must be {days} day(s) after {}.", other.en, one.en);
                self.note(rule::DISTANCE, pointer, &ja, &en);
            }
            _ => {}
        }
    }

    fn named(&self, names: &[String]) -> (String, String) {
        let fields: Vec<&Field> = names.iter().filter_map(|name| self.procedure.field(name)).collect();
        let ja: Vec<&str> = fields.iter().map(|field| field.title.ja.as_str()).collect();
        let en: Vec<&str> = fields.iter().map(|field| field.title.en.as_str()).collect();
        (ja.join("、"), en.join(", "))
    }

    /// The place of an item here.
    pub(super) fn pointer(&self, name: &str) -> String {
        let slash = if name.is_empty() { "" } else { "/" };
        match self.place {
            Place::Office => format!("/office{slash}{name}"),
            Place::Record(n) => format!("/records/{n}{slash}{name}"),
        }
    }

    pub(super) fn note(&mut self, rule: &str, pointer: String, ja: &str, en: &str) {
        self.push(Finding::reject(rule, pointer, ja, en));
    }

    pub(super) fn push(&mut self, finding: Finding) {
        if !self.is_full() {
            self.findings.push(finding);
        }
    }

    /// Whether values of this procedure stand in a file whose separator is a comma.
    pub(super) fn is_csv(&self) -> bool {
        self.procedure.csv.is_some()
    }
}

fn is_there(record: &Map<String, Value>, name: &str) -> bool {
    !matches!(record.get(name), None | Some(Value::Null | Value::Bool(false)))
}

/// RFC 6901 §3.
fn escaped(name: &str) -> String {
    let name: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
    name.replace('~', "~0").replace('/', "~1")
}

/// Whether an item's kind is written as a text in JSON.
pub(super) const fn is_text(kind: &Kind) -> bool {
    !matches!(kind, Kind::Yen { .. } | Kind::Number { .. } | Kind::Flag)
}
