//! The directory of made-up people, read once and kept in the form in which answers leave.

use super::inquiry::{Dated, Period};
use super::person::{CardState, HoldingFile, PersonFile, RecordFile};
use super::scenario::Scenario;
use super::terms::{SetTerms, Terms};
use crate::domain::Digest;
use crate::domain::data_set::DataSetCode;
use serde::Deserialize;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering};

/// The built-in person files, by name.
const BUILT_IN: [(&str, &str); 12] = [
    ("mihon-taro.json", include_str!("persons/mihon-taro.json")),
    ("mihon-hanako.json", include_str!("persons/mihon-hanako.json")),
    ("mihon-ichiro.json", include_str!("persons/mihon-ichiro.json")),
    ("mihon-sakura.json", include_str!("persons/mihon-sakura.json")),
    ("reiji-ume.json", include_str!("persons/reiji-ume.json")),
    ("kamei-utsuru.json", include_str!("persons/kamei-utsuru.json")),
    ("shiken-moriko.json", include_str!("persons/shiken-moriko.json")),
    ("reiji-so.json", include_str!("persons/reiji-so.json")),
    ("mihon-keizo.json", include_str!("persons/mihon-keizo.json")),
    ("shiken-susumu.json", include_str!("persons/shiken-susumu.json")),
    ("reiji-maria.json", include_str!("persons/reiji-maria.json")),
    ("kamei-manabu.json", include_str!("persons/kamei-manabu.json")),
];
/// The municipalities that the built-in persons live or have lived in.
const MUNICIPALITIES: &str = include_str!("municipalities.json");

/// A municipality, and what it does not answer about.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Municipality {
    pub(super) code: String,
    pub(super) prefecture: String,
    pub(super) name: String,
    /// It is not connected: no data set of its own is answered.
    #[serde(default)]
    pub(super) is_unconnected: bool,
}

/// One person with what is held about them.
pub(super) struct Person {
    pub(super) file: PersonFile,
    holdings: HashMap<DataSetCode, Holding>,
    scenario: AtomicU8,
    is_suspended: AtomicBool,
    /// How many cards the person had before the one of now.
    earlier_cards: AtomicU32,
}

/// What is held in one data set.
pub(super) struct Holding {
    pub(super) records: Vec<Record>,
    /// The provider of the newest record does not answer.
    pub(super) is_unsupported: bool,
}

/// One dated record, its items rendered as they leave.
pub(super) struct Record {
    period: Period,
    is_reflected: bool,
    /// Whose record it is: 情報提供者, as a JSON string with its quotes.
    pub(super) notifier: String,
    /// `YYYYMMDDhhmmss`.
    pub(super) updated: String,
    /// The objects of `personInfoNameDetailList`, without the brackets.
    pub(super) details: String,
}

impl Dated for Record {
    fn period(&self) -> Period {
        self.period
    }
    fn is_reflected(&self) -> bool {
        self.is_reflected
    }
}

/// Everybody.
pub(super) struct People {
    persons: Vec<Person>,
    by_card: HashMap<String, usize>,
}

impl People {
    /// Reads the built-in persons, or every `*.json` of `directory`.
    ///
    /// # Errors
    /// Every fault of every file.
    pub(super) fn load(directory: Option<&Path>, terms: &Terms) -> Result<Self, Vec<String>> {
        let files = match directory {
            None => BUILT_IN.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect(),
            Some(directory) => read_directory(directory)?,
        };
        let municipalities: Vec<Municipality> =
            serde_json::from_str(MUNICIPALITIES).map_err(|e| vec![format!("municipalities.json: {e}")])?;
        let municipalities = municipalities.into_iter().map(|m| (m.code.clone(), m)).collect();
        let mut faults = Vec::new();
        let mut people = Self { persons: Vec::new(), by_card: HashMap::new() };
        for (name, text) in files {
            match serde_json::from_str::<PersonFile>(&text) {
                Ok(file) => {
                    people.admit(file, &municipalities, terms, &mut |fault| faults.push(format!("{name}: {fault}")));
                }
                Err(e) => faults.push(format!("{name}: {e}")),
            }
        }
        for person in &people.persons {
            for member in person.file.household.iter().filter(|m| !m.starts_with("other:")) {
                let is_mutual = people.by_id(member).is_some_and(|(_, m)| m.file.household.contains(&person.file.id));
                if !is_mutual {
                    faults
                        .push(format!("{}: {member} of the household does not name this person back", person.file.id));
                }
            }
        }
        if faults.is_empty() { Ok(people) } else { Err(faults) }
    }

    fn admit(
        &mut self,
        file: PersonFile,
        municipalities: &HashMap<String, Municipality>,
        terms: &Terms,
        fault: &mut dyn FnMut(String),
    ) {
        if !file.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') || file.id.is_empty() {
            fault("id must be small letters, digits and -".to_owned());
        }
        if self.persons.iter().any(|known| known.file.id == file.id) {
            fault(format!("id {} is another person's", file.id));
        }
        if file.card.pin.len() != 4 || !file.card.pin.bytes().all(|b| b.is_ascii_digit()) {
            fault("card.pin must be 4 digits".to_owned());
        }
        if file.card.signing.as_ref().is_some_and(|signing| !is_password(&signing.password)) {
            fault("card.signing.password must be 6 to 16 capital letters and digits".to_owned());
        }
        if !municipalities.contains_key(&file.address.municipality) {
            fault(format!("address.municipality {} is not in municipalities.json", file.address.municipality));
        }
        match card_number(&file.card.number) {
            Some(number) => {
                if self.by_card.insert(number, self.persons.len()).is_some() {
                    fault(format!("card.number {} is another person's", file.card.number));
                }
            }
            None => fault("card.number must be 16 digits".to_owned()),
        }
        let mut holdings = HashMap::new();
        for held in &file.data_sets {
            let Some(words) = terms.get(held.code) else {
                fault(format!("{} is not in the catalogue", held.code));
                continue;
            };
            let mut inner = |flaw: String| fault(format!("{}: {flaw}", held.code));
            if holdings.insert(held.code, render_holding(held, municipalities, words, &mut inner)).is_some() {
                fault(format!("{} is there twice", held.code));
            }
        }
        let scenario = AtomicU8::new(Scenario::to_byte(file.scenario));
        let is_suspended = AtomicBool::new(file.card.state == CardState::Suspended);
        self.persons.push(Person { file, holdings, scenario, is_suspended, earlier_cards: AtomicU32::new(0) });
    }

    /// Everybody, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Person> {
        self.persons.iter()
    }

    /// The person at a place.
    pub(super) fn get(&self, place: usize) -> Option<&Person> {
        self.persons.get(place)
    }

    /// The person with an id, and their place.
    pub(super) fn by_id(&self, id: &str) -> Option<(usize, &Person)> {
        self.persons.iter().enumerate().find(|(_, person)| person.file.id == id)
    }

    /// The person with a card, and their place; spaces, hyphens, small and wide letters are read as meant.
    pub(super) fn by_card(&self, number: &str) -> Option<(usize, &Person)> {
        let place = *self.by_card.get(&card_number(number)?)?;
        Some((place, self.persons.get(place)?))
    }
}

impl Person {
    /// What is held in a data set.
    pub(super) fn holding(&self, code: DataSetCode) -> Option<&Holding> {
        self.holdings.get(&code)
    }

    /// How the government behaves about this person now.
    pub(super) fn scenario(&self) -> Option<Scenario> {
        Scenario::from_byte(self.scenario.load(Ordering::Relaxed))
    }

    /// Changes that, until the sandbox ends.
    pub(super) fn switch(&self, scenario: Option<Scenario>) {
        self.scenario.store(Scenario::to_byte(scenario), Ordering::Relaxed);
    }

    /// Whether the card may be used.
    pub(super) fn is_suspended(&self) -> bool {
        self.is_suspended.load(Ordering::SeqCst)
    }

    /// Suspends the card, or lets it be used again, until the sandbox ends.
    pub(super) fn suspend(&self, is_suspended: bool) {
        self.is_suspended.store(is_suspended, Ordering::SeqCst);
    }

    /// The serial number of the 利用者証明用電子証明書 on the card of now; no real one is so long.
    pub(super) fn certificate_serial(&self) -> String {
        let earlier = self.earlier_cards.load(Ordering::SeqCst);
        let digest = Digest::of(&format!("sandbox-certificate\n{}\n{earlier}", self.file.card.number));
        let halves = digest.as_bytes().iter().take(16).flat_map(|byte| [byte >> 4, byte & 15]);
        halves.filter_map(|half| char::from_digit(half.into(), 16)).map(|digit| digit.to_ascii_uppercase()).collect()
    }

    /// From now on the person has another card.
    pub(super) fn renew_card(&self) {
        self.earlier_cards.fetch_add(1, Ordering::SeqCst);
    }
}

fn is_password(text: &str) -> bool {
    (6..=16).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// Sixteen digits as they are kept, or none.
fn card_number(text: &str) -> Option<String> {
    let plain = super::text::half_width(text).replace([' ', '-'], "");
    (plain.len() == 16 && plain.bytes().all(|b| b.is_ascii_digit())).then_some(plain)
}

fn read_directory(directory: &Path) -> Result<Vec<(String, String)>, Vec<String>> {
    let failed = |e: std::io::Error| vec![format!("{}: {e}", directory.display())];
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|e| e == "json") {
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            files.push((name, std::fs::read_to_string(&path).map_err(failed)?));
        }
    }
    files.sort();
    if files.is_empty() { Err(vec![format!("{}: no *.json file", directory.display())]) } else { Ok(files) }
}

fn render_holding(
    held: &HoldingFile,
    municipalities: &HashMap<String, Municipality>,
    words: &SetTerms,
    fault: &mut dyn FnMut(String),
) -> Holding {
    let mut is_unsupported = false;
    let mut records = Vec::new();
    for (n, record) in held.records.iter().enumerate() {
        let mut inner = |flaw: String| fault(format!("record {n}: {flaw}"));
        let Some(period) = period_of(record) else {
            inner("needs exactly one of year, on, from".to_owned());
            continue;
        };
        let notifier = match (&record.municipality, &record.body) {
            (Some(code), None) => municipalities.get(code).map(|m| {
                is_unsupported |= m.is_unconnected;
                format!("{}{}", m.prefecture, m.name)
            }),
            (None, Some(body)) => Some(body.clone()),
            _ => None,
        };
        let Some(notifier) = notifier else {
            inner("needs a known municipality, or a body".to_owned());
            continue;
        };
        records.push(Record {
            period,
            is_reflected: !record.is_pending,
            notifier: json_text(&notifier),
            updated: record.updated.format("%Y%m%d%H%M%S").to_string(),
            details: render_items(record, words, &mut inner),
        });
    }
    Holding { records, is_unsupported }
}

fn period_of(record: &RecordFile) -> Option<Period> {
    match (record.year, record.on, record.from, record.to) {
        (Some(year), None, None, None) => Some(Period::Year(year)),
        (None, Some(on), None, None) => Some(Period::Event(on)),
        (None, None, Some(from), to) if to.is_none_or(|to| to >= from) => Some(Period::State(from, to)),
        _ => None,
    }
}

fn render_items(record: &RecordFile, words: &SetTerms, fault: &mut dyn FnMut(String)) -> String {
    let mut out = String::new();
    for item in &record.items {
        let code = item.code();
        let Some(terms) = words.item(code) else {
            fault(format!("item {code} is not in the data set"));
            continue;
        };
        if terms.is_group == item.content().is_some() {
            fault(format!("item {code}: a group has no content, and anything else has"));
        }
        let comma = if out.is_empty() { "" } else { "," };
        let content = item.content().map_or_else(|| "null".to_owned(), json_text);
        // Writing to a String does not fail.
        let _ = write!(
            out,
            r#"{comma}{{"hierarchy":"{}","personInitemCd":"{code}","personInitemName":{},"personInitemContent":{content}}}"#,
            terms.hierarchy,
            json_text(&terms.name),
        );
    }
    out
}

/// A text as a JSON string, quotes and all.
pub(super) fn json_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
