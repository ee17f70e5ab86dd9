//! Looks keys up, with the environment laid over the file, and collects every fault instead of stopping at the first.

use super::keys::{Given, KEYS, variable};
use crate::domain::Secret;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use toml::Value;
use url::Url;

/// One thing that is wrong, where, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFault {
    /// The key, the variable or the file.
    pub key: String,
    /// What is wrong. Never the value of a secret.
    pub problem: String,
    /// What would be right.
    pub fix: String,
}

impl ConfigFault {
    /// A fault at `key`.
    #[must_use]
    pub fn new(key: &str, problem: &str, fix: &str) -> Self {
        Self { key: key.to_owned(), problem: problem.to_owned(), fix: fix.to_owned() }
    }
}

/// Everything that is wrong with the configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ConfigFaults(pub Vec<ConfigFault>);

impl fmt::Display for ConfigFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "configuration: {} fault(s)", self.0.len())?;
        self.0.iter().try_for_each(|fault| write!(f, "\n  {}: {}; {}", fault.key, fault.problem, fault.fix))
    }
}

/// The file and the environment, while they are read.
pub(super) struct Reader<'a> {
    values: BTreeMap<String, Value>,
    backends: Vec<Value>,
    agencies: Vec<Value>,
    linked_services: Vec<Value>,
    base: &'a Path,
    faults: Vec<ConfigFault>,
}

impl<'a> Reader<'a> {
    /// Flattens `text` into `section.key`, lays `variables` over it, and notes what is not known.
    pub fn new(text: &str, variables: &[(String, String)], base: &'a Path) -> Self {
        let mut reader = Self {
            values: BTreeMap::new(),
            backends: Vec::new(),
            agencies: Vec::new(),
            linked_services: Vec::new(),
            base,
            faults: Vec::new(),
        };
        match text.parse::<toml::Table>() {
            Ok(table) => reader.flatten(table),
            Err(error) => reader.fault("the file", error.message(), "it must be TOML"),
        }
        for (name, value) in variables {
            match known_names().find(|known| variable(known) == *name) {
                Some(known) => {
                    reader.values.insert(known, Value::String(value.clone()));
                }
                None => reader.fault(name, "is no variable of madoguchi", "see `madoguchi config example`"),
            }
        }
        reader
    }

    fn flatten(&mut self, table: toml::Table) {
        for (section, inside) in table {
            match inside {
                Value::Array(backends) if section == "backends" => self.backends = backends,
                Value::Array(agencies) if section == "agencies" => self.agencies = agencies,
                Value::Array(services) if section == "linked_services" => self.linked_services = services,
                Value::Table(inside) => {
                    for (name, value) in inside {
                        let key = format!("{section}.{name}");
                        if known_names().any(|known| known == key) {
                            self.values.insert(key, value);
                        } else {
                            self.fault(&key, "is no key of madoguchi", &nearest(&key));
                        }
                    }
                }
                _ => self.fault(&section, "is no section of madoguchi", "see `madoguchi config example`"),
            }
        }
    }

    /// Notes a fault.
    pub fn fault(&mut self, key: &str, problem: &str, fix: &str) {
        self.faults.push(ConfigFault::new(key, problem, fix));
    }

    /// Every fault noted.
    pub fn into_faults(self) -> ConfigFaults {
        ConfigFaults(self.faults)
    }

    /// How many faults were noted.
    pub fn has_faults(&self) -> bool {
        !self.faults.is_empty()
    }

    /// The backends' tables, to be read by their own type.
    pub fn backends(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.backends)
    }

    /// The agencies' tables, to be read by their own type.
    pub fn agencies(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.agencies)
    }

    /// The tables of linked services, to be read by their own type.
    pub fn linked_services(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.linked_services)
    }

    /// A path, from the file's folder when relative.
    pub fn resolve(&self, path: impl AsRef<Path>) -> PathBuf {
        self.base.join(path)
    }

    /// A text; its default when it has one; noted as missing when it must be given.
    pub fn text(&mut self, key: &str) -> Option<String> {
        match self.values.get(key).cloned() {
            Some(Value::String(text)) if text.trim().is_empty() => {
                self.fault(key, "is empty", "give a value or leave the key out");
                None
            }
            Some(Value::String(text)) => Some(text),
            Some(Value::Integer(number)) => Some(number.to_string()),
            Some(Value::Boolean(truth)) => Some(truth.to_string()),
            Some(_) => {
                self.fault(key, "is no text", "write it in quotes");
                None
            }
            None => self.default_of(key),
        }
    }

    fn default_of(&mut self, key: &str) -> Option<String> {
        match KEYS.iter().find(|known| known.name == key).map(|known| known.given) {
            Some(Given::Default(value)) => Some(value.to_owned()),
            Some(Given::Must(example)) => {
                self.fault(key, "is missing", &format!("give it, e.g. {example:?}, or set {}", variable(key)));
                None
            }
            _ => None,
        }
    }

    /// A text that is read further by `parse`; `form` says what it must be.
    pub fn parsed<T>(&mut self, key: &str, form: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.text(key)?;
        let value = parse(text.trim());
        if value.is_none() {
            self.fault(key, &format!("{text:?} does not read"), &format!("it must be {form}"));
        }
        value
    }

    /// A URL.
    pub fn url(&mut self, key: &str) -> Option<Url> {
        self.parsed(key, "an absolute URL", |text| Url::parse(text).ok().filter(Url::has_host))
    }

    /// A list of texts: an array in the file, separated by commas in the environment.
    pub fn list(&mut self, key: &str) -> Vec<String> {
        match self.values.get(key).cloned() {
            Some(Value::Array(entries)) => {
                let texts: Option<Vec<String>> = entries.iter().map(|e| e.as_str().map(str::to_owned)).collect();
                texts.unwrap_or_else(|| {
                    self.fault(key, "is no list of texts", "write it as [\"…\", \"…\"]");
                    Vec::new()
                })
            }
            Some(Value::String(text)) => {
                text.split(',').map(|entry| entry.trim().to_owned()).filter(|entry| !entry.is_empty()).collect()
            }
            Some(_) => {
                self.fault(key, "is no list of texts", "write it as [\"…\", \"…\"]");
                Vec::new()
            }
            None => Vec::new(),
        }
    }

    /// A secret, given as itself or as the path of a file that holds it.
    pub fn secret(&mut self, key: &str) -> Option<Secret<String>> {
        let file_key = format!("{key}_file");
        match (self.values.contains_key(key), self.values.contains_key(&file_key)) {
            (true, true) => {
                self.fault(key, &format!("is given twice, also as {file_key}"), "give one of the two");
                None
            }
            (true, false) => self.text(key).map(Secret::new),
            (false, true) => {
                let path = self.text(&file_key)?;
                self.read_secret(&file_key, &path)
            }
            (false, false) => {
                let fix = format!("give {file_key}, or set {}", variable(&file_key));
                self.fault(key, "is missing", &fix);
                None
            }
        }
    }

    /// A text where it is given; no default, and nothing is noted.
    pub fn given(&self, key: &str) -> Option<String> {
        self.values.get(key).and_then(Value::as_str).map(str::to_owned)
    }

    /// What is given under `names` of a section that is named whole or not at all; none where nothing of it is given. Each
    /// that is missing beside others is noted.
    pub fn whole<const N: usize>(&mut self, section: &str, names: [&str; N]) -> Option<[Option<String>; N]> {
        let keys = names.map(|name| format!("{section}.{name}"));
        let given = keys.each_ref().map(|key| self.given(key));
        if given.iter().all(Option::is_none) {
            return None;
        }
        let (last, others) = names.split_last()?;
        let fix = format!("name {} and {last}, or none of them", others.join(", "));
        for (key, _) in keys.iter().zip(&given).filter(|(_, value)| value.is_none()) {
            self.fault(key, "is missing", &fix);
        }
        Some(given)
    }

    /// A secret from its file; what is wrong with it is noted at `key`.
    pub fn read_secret(&mut self, key: &str, path: &str) -> Option<Secret<String>> {
        match std::fs::read_to_string(self.resolve(path)) {
            Ok(text) if text.trim().is_empty() => {
                self.fault(key, &format!("{path} is empty"), "it must hold the secret");
                None
            }
            Ok(text) => Some(Secret::new(text.trim().to_owned())),
            Err(error) => {
                self.fault(key, &format!("{path}: {error}"), "it must be a file that this user can read");
                None
            }
        }
    }
}

/// Every key as it can stand in a file: secrets also with `_file`.
fn known_names() -> impl Iterator<Item = String> {
    KEYS.iter().flat_map(|key| {
        let file = matches!(key.given, Given::Secret(_)).then(|| format!("{}_file", key.name));
        std::iter::once(key.name.to_owned()).chain(file)
    })
}

/// The known key that shares the most letters in place with `key`.
fn nearest(key: &str) -> String {
    let alike = |known: &str| known.bytes().zip(key.bytes()).filter(|(a, b)| a == b).count();
    let best = known_names().max_by_key(|known| alike(known)).unwrap_or_default();
    format!("did you mean {best}?")
}
