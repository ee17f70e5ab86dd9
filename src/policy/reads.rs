//! What a rule speaks of: the attributes it reads, and the entities, texts and numbers it names.

use super::load::Rule;
use serde_json::Value;
use std::collections::BTreeSet;

/// Everything that one rule, or all of them, can tell apart.
#[derive(Clone, Debug, Default)]
pub(super) struct Reads {
    attributes: BTreeSet<String>,
    entities: BTreeSet<(String, String)>,
    texts: BTreeSet<String>,
    numbers: BTreeSet<i64>,
}

impl Reads {
    /// Of one rule, from Cedar's own JSON form of it. One that has no such form reads nothing.
    pub fn of(rule: &Rule) -> Self {
        let mut reads = Self::default();
        if let Ok(form) = rule.policy.to_json() {
            reads.walk(&form);
        }
        reads
    }

    /// Adds what another reads.
    pub fn add(&mut self, other: &Self) {
        self.attributes.extend(other.attributes.iter().cloned());
        self.entities.extend(other.entities.iter().cloned());
        self.texts.extend(other.texts.iter().cloned());
        self.numbers.extend(&other.numbers);
    }

    pub fn reads(&self, attribute: &str) -> bool {
        self.attributes.contains(attribute)
    }

    /// Names of entities of a type.
    pub fn named(&self, kind: &str) -> impl Iterator<Item = &str> {
        self.entities.iter().filter(move |(known, _)| known == kind).map(|(_, id)| id.as_str())
    }

    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(String::as_str)
    }

    pub fn numbers(&self) -> impl Iterator<Item = i64> {
        self.numbers.iter().copied()
    }

    fn walk(&mut self, form: &Value) {
        match form {
            Value::Array(entries) => entries.iter().for_each(|entry| self.walk(entry)),
            Value::Object(members) => {
                let text = |name: &str| members.get(name).and_then(Value::as_str).map(str::to_owned);
                self.attributes.extend(text("attr"));
                self.entities.extend(text("type").zip(text("id")));
                self.texts.extend(text("Value"));
                self.numbers.extend(members.get("Value").and_then(Value::as_i64));
                let is_word = |name: &String| name == "annotations";
                members.iter().filter(|(name, _)| !is_word(name)).for_each(|(_, member)| self.walk(member));
            }
            _ => {}
        }
    }
}
