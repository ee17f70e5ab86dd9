//! Reads a TOML table key by key and notes every fault instead of stopping at the first.

use super::CatalogFault;
use crate::domain::Words;
use std::cell::RefCell;
use std::collections::BTreeSet;
use toml::{Table, Value};

/// One table of a file. What was never asked for by [`Reader::finish`] is an unknown key.
pub(super) struct Reader<'a> {
    file: &'a str,
    at: String,
    table: &'a Table,
    faults: &'a RefCell<Vec<CatalogFault>>,
    asked: RefCell<BTreeSet<&'static str>>,
}

impl<'a> Reader<'a> {
    /// A reader of a whole file.
    pub(super) fn of_file(file: &'a str, table: &'a Table, faults: &'a RefCell<Vec<CatalogFault>>) -> Self {
        Self { file, at: String::new(), table, faults, asked: RefCell::default() }
    }

    fn inside(&self, at: String, table: &'a Table) -> Reader<'a> {
        Reader { file: self.file, at, table, faults: self.faults, asked: RefCell::default() }
    }

    fn path(&self, key: &str) -> String {
        match (self.at.is_empty(), key.is_empty()) {
            (true, _) => key.to_owned(),
            (false, true) => self.at.clone(),
            (false, false) => format!("{}.{key}", self.at),
        }
    }

    /// Notes a fault at `key`.
    pub(super) fn fault(&self, key: &str, problem: impl Into<String>) {
        self.faults.borrow_mut().push(CatalogFault {
            file: self.file.to_owned(),
            key: self.path(key),
            problem: problem.into(),
        });
    }

    fn get(&self, key: &'static str) -> Option<&'a Value> {
        self.asked.borrow_mut().insert(key);
        self.table.get(key)
    }

    fn typed<T>(&self, key: &'static str, what: &str, cast: impl Fn(&'a Value) -> Option<T>) -> Option<T> {
        let value = self.get(key)?;
        let typed = cast(value);
        if typed.is_none() {
            self.fault(key, format!("must be {what}"));
        }
        typed
    }

    fn required<T>(&self, key: &'static str, found: Option<T>) -> Option<T> {
        if found.is_none() && !self.table.contains_key(key) {
            self.fault(key, "is missing");
        }
        found
    }

    /// A text that may be absent, but not blank.
    pub(super) fn optional_text(&self, key: &'static str) -> Option<&'a str> {
        self.typed(key, "a text that is not blank", |v| v.as_str().filter(|text| !text.trim().is_empty()))
    }

    /// A text that must be there.
    pub(super) fn text(&self, key: &'static str) -> Option<&'a str> {
        self.required(key, self.optional_text(key))
    }

    /// A text that must be there and be read by `parse`, which says what it wants when it cannot.
    pub(super) fn parsed<T>(&self, key: &'static str, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        parse(self.text(key)?).map_err(|problem| self.fault(key, problem)).ok()
    }

    /// True or false; `default` when absent.
    pub(super) fn flag(&self, key: &'static str, default: bool) -> bool {
        self.typed(key, "true or false", Value::as_bool).unwrap_or(default)
    }

    /// A whole number from 1 to `most`.
    pub(super) fn count(&self, key: &'static str, most: u32) -> Option<u32> {
        self.required(key, self.optional_count(key, most))
    }

    /// The same, where it may be absent.
    pub(super) fn optional_count(&self, key: &'static str, most: u32) -> Option<u32> {
        let what = format!("a whole number from 1 to {most}");
        self.typed(key, &what, |v| {
            v.as_integer().and_then(|n| u32::try_from(n).ok()).filter(|n| (1..=most).contains(n))
        })
    }

    /// Words in both languages.
    pub(super) fn words(&self, key: &'static str) -> Option<Words> {
        let inner = self.section(key)?;
        let words = inner.bare_words();
        inner.finish();
        words
    }

    /// The two languages among this table's own keys.
    pub(super) fn bare_words(&self) -> Option<Words> {
        let (ja, en) = (self.text("ja"), self.text("en"));
        Some(Words { ja: ja?.to_owned(), en: en?.to_owned() })
    }

    /// A list of texts, each read by `parse` and there once; must be there, may be empty.
    pub(super) fn list<T: PartialEq>(&self, key: &'static str, parse: impl Fn(&str) -> Option<T>) -> Vec<T> {
        let mut read = Vec::new();
        let found = self.typed(key, "a list", Value::as_array);
        for value in self.required(key, found).into_iter().flatten() {
            match value.as_str().and_then(&parse) {
                Some(one) if read.contains(&one) => self.fault(key, format!("names {value} twice")),
                Some(one) => read.push(one),
                None => self.fault(key, format!("{value} is unknown")),
            }
        }
        read
    }

    /// A list of texts that may be absent.
    pub(super) fn optional_list(&self, key: &'static str) -> Option<Vec<String>> {
        self.typed(key, "a list of texts", |value| {
            value.as_array()?.iter().map(|text| text.as_str().map(str::to_owned)).collect()
        })
    }

    /// A table that must be there.
    pub(super) fn section(&self, key: &'static str) -> Option<Reader<'a>> {
        self.required(key, self.optional_section(key))
    }

    /// A table that may be absent.
    pub(super) fn optional_section(&self, key: &'static str) -> Option<Reader<'a>> {
        let table = self.typed(key, "a table", Value::as_table)?;
        Some(self.inside(self.path(key), table))
    }

    /// Every table of a list of tables (`[[key]]`); none when absent. Each is named by its own `code` in faults.
    pub(super) fn sections(&self, key: &'static str) -> Vec<Reader<'a>> {
        let mut read = Vec::new();
        let list = self.typed(key, "a list of tables", Value::as_array);
        for (n, value) in list.into_iter().flatten().enumerate() {
            let Some(table) = value.as_table() else {
                self.fault(key, format!("entry {} must be a table", n + 1));
                continue;
            };
            let name = table.get("code").and_then(Value::as_str).map_or_else(|| (n + 1).to_string(), str::to_owned);
            read.push(self.inside(self.path(&format!("{key}[{name}]")), table));
        }
        read
    }

    /// Every key of this table with the table it holds: for tables whose keys are the operator's own.
    pub(super) fn entries(&self) -> Vec<(&'a str, Reader<'a>)> {
        let mut read = Vec::new();
        for (key, value) in self.table {
            match value.as_table() {
                Some(table) => read.push((key.as_str(), self.inside(self.path(key), table))),
                None => self.fault(key, "must be a table"),
            }
        }
        read
    }

    /// Notes every key that nobody asked for.
    pub(super) fn finish(&self) {
        let asked = self.asked.borrow();
        for key in self.table.keys().filter(|key| !asked.contains(key.as_str())) {
            self.fault(key, "is no key of this table");
        }
    }
}
