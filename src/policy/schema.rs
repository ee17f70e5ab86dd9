//! JSON Schema (2020-12), as much of it as the forms of authorization details need, and strictly: a keyword that is not
//! understood is a fault of the file, never ignored, since ignoring one would let in what its writer meant to keep out.

use chrono::NaiveDate;
use regex::Regex;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Deepest nesting of a schema; values no deeper are ever looked into.
const MOST_DEPTH: usize = 16;
/// Keywords that say nothing about a value.
const ANNOTATIONS: [&str; 6] = ["$schema", "$id", "title", "description", "examples", "$comment"];

/// What does not fit: where (a JSON pointer, RFC 6901) and what would.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// JSON pointer into the value.
    pub pointer: String,
    /// What is wanted there. Never holds anything of the value.
    pub problem: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Object,
    Array,
    String,
    Integer,
    Boolean,
    Null,
}

impl Kind {
    const ALL: [(&'static str, Self); 6] = [
        ("object", Self::Object),
        ("array", Self::Array),
        ("string", Self::String),
        ("integer", Self::Integer),
        ("boolean", Self::Boolean),
        ("null", Self::Null),
    ];

    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Object => value.is_object(),
            Self::Array => value.is_array(),
            Self::String => value.is_string(),
            Self::Integer => value.is_i64() || value.is_u64(),
            Self::Boolean => value.is_boolean(),
            Self::Null => value.is_null(),
        }
    }
}

/// The least and the most of something.
#[derive(Clone, Copy, Debug, Default)]
struct Bounds {
    least: Option<i64>,
    most: Option<i64>,
}

impl Bounds {
    fn hold(self, n: i64) -> bool {
        self.least.is_none_or(|least| least <= n) && self.most.is_none_or(|most| n <= most)
    }

    fn words(self) -> String {
        match (self.least, self.most) {
            (Some(least), Some(most)) => format!("{least} to {most}"),
            (Some(least), None) => format!("at least {least}"),
            (None, Some(most)) => format!("at most {most}"),
            (None, None) => "any".to_owned(),
        }
    }
}

/// A schema, read.
#[derive(Debug, Default)]
pub(super) struct Schema {
    kinds: Vec<Kind>,
    constant: Option<Value>,
    choices: Option<Vec<Value>>,
    required: Vec<String>,
    properties: BTreeMap<String, Schema>,
    is_closed: bool,
    entries: Option<Box<Schema>>,
    entry_count: Bounds,
    is_unique: bool,
    length: Bounds,
    pattern: Option<Regex>,
    is_date: bool,
    range: Bounds,
}

impl Schema {
    /// Reads a schema; every fault at once, each with the place of its keyword.
    pub(super) fn read(value: &Value) -> Result<Self, Vec<String>> {
        let mut faults = Vec::new();
        let schema = Self::read_at(value, "", &mut faults);
        if faults.is_empty() { Ok(schema) } else { Err(faults) }
    }

    fn read_at(value: &Value, at: &str, faults: &mut Vec<String>) -> Self {
        let mut schema = Self::default();
        let Some(members) = value.as_object() else {
            faults.push(format!("{at}: must be an object"));
            return schema;
        };
        if at.matches('/').count() > 2 * MOST_DEPTH {
            faults.push(format!("{at}: is nested too deeply"));
            return schema;
        }
        for (keyword, value) in members {
            if ANNOTATIONS.contains(&keyword.as_str()) {
                continue;
            }
            let place = format!("{at}/{keyword}");
            if schema.take(keyword, value, &place, faults).is_none() {
                faults.push(format!("{place}: is not understood, or has a value that makes no sense"));
            }
        }
        schema
    }

    /// One keyword; none when it is unknown or its value is not of its form.
    fn take(&mut self, keyword: &str, value: &Value, at: &str, faults: &mut Vec<String>) -> Option<()> {
        match keyword {
            "type" => self.kinds = kinds(value)?,
            "const" => self.constant = Some(value.clone()),
            "enum" => self.choices = Some(value.as_array().filter(|choices| !choices.is_empty())?.clone()),
            "required" => self.required = texts(value)?,
            "properties" => {
                let members: &Map<String, Value> = value.as_object()?;
                let read = |(name, value): (&String, &Value)| {
                    (name.clone(), Self::read_at(value, &format!("{at}/{name}"), faults))
                };
                self.properties = members.iter().map(read).collect();
            }
            "additionalProperties" => self.is_closed = !value.as_bool()?,
            "items" => self.entries = Some(Box::new(Self::read_at(value, at, faults))),
            "uniqueItems" => self.is_unique = value.as_bool()?,
            "minItems" => self.entry_count.least = Some(count(value)?),
            "maxItems" => self.entry_count.most = Some(count(value)?),
            "minLength" => self.length.least = Some(count(value)?),
            "maxLength" => self.length.most = Some(count(value)?),
            "minimum" => self.range.least = Some(value.as_i64()?),
            "maximum" => self.range.most = Some(value.as_i64()?),
            // Linear in the text, whatever the pattern (regex has no backtracking).
            "pattern" => self.pattern = Some(Regex::new(value.as_str()?).ok()?),
            "format" => self.is_date = (value.as_str()? == "date").then_some(true)?,
            _ => return None,
        }
        Some(())
    }

    /// The one value that the property `name` must have, if it must have one.
    pub(super) fn constant_of(&self, name: &str) -> Option<&str> {
        self.properties.get(name)?.constant.as_ref()?.as_str()
    }

    /// Holds a value against the schema.
    ///
    /// # Errors
    /// The first misfit.
    pub(super) fn check(&self, value: &Value, at: &str) -> Result<(), Misfit> {
        let misfit = |problem: String| Err(Misfit { pointer: at.to_owned(), problem });
        if !self.kinds.is_empty() && !self.kinds.iter().any(|kind| kind.fits(value)) {
            let named = Kind::ALL.iter().filter(|(_, kind)| self.kinds.contains(kind)).map(|(name, _)| *name);
            return misfit(format!("must be of type {}", named.collect::<Vec<_>>().join(" or ")));
        }
        if let Some(constant) = self.constant.as_ref().filter(|constant| *constant != value) {
            return misfit(format!("must be {constant}"));
        }
        if let Some(choices) = self.choices.as_ref().filter(|choices| !choices.contains(value)) {
            let named: Vec<String> = choices.iter().map(Value::to_string).collect();
            return misfit(format!("must be one of {}", named.join(" ")));
        }
        match value {
            Value::Object(members) => self.check_members(members, at),
            Value::Array(entries) => self.check_entries(entries, at),
            Value::String(text) => self.check_text(text).map_or_else(misfit, Ok),
            Value::Number(number) => match number.as_i64() {
                Some(n) if self.range.hold(n) => Ok(()),
                _ => misfit(format!("must be {}", self.range.words())),
            },
            Value::Bool(_) | Value::Null => Ok(()),
        }
    }

    fn check_members(&self, members: &Map<String, Value>, at: &str) -> Result<(), Misfit> {
        if let Some(missing) = self.required.iter().find(|name| !members.contains_key(*name)) {
            return Err(Misfit { pointer: at.to_owned(), problem: format!("the member {missing} is missing") });
        }
        for (name, value) in members {
            match self.properties.get(name) {
                Some(schema) => schema.check(value, &format!("{at}/{name}"))?,
                None if self.is_closed => {
                    let known: Vec<&str> = self.properties.keys().map(String::as_str).collect();
                    let problem = format!("has a member that is not known here; known are {}", known.join(" "));
                    return Err(Misfit { pointer: at.to_owned(), problem });
                }
                None => {}
            }
        }
        Ok(())
    }

    fn check_entries(&self, entries: &[Value], at: &str) -> Result<(), Misfit> {
        let misfit = |problem: String| Err(Misfit { pointer: at.to_owned(), problem });
        if !self.entry_count.hold(i64::try_from(entries.len()).unwrap_or(i64::MAX)) {
            return misfit(format!("must have {} entries", self.entry_count.words()));
        }
        for (n, entry) in entries.iter().enumerate() {
            if let Some(schema) = &self.entries {
                schema.check(entry, &format!("{at}/{n}"))?;
            }
        }
        // As many comparisons as pairs, of a text whose length is bounded before it is read.
        let is_twice = |(n, entry): (usize, &Value)| entries.iter().take(n).any(|earlier| earlier == entry);
        if self.is_unique && entries.iter().enumerate().any(is_twice) {
            return misfit("must not name the same entry twice".to_owned());
        }
        Ok(())
    }

    fn check_text(&self, text: &str) -> Result<(), String> {
        if !self.length.hold(i64::try_from(text.chars().count()).unwrap_or(i64::MAX)) {
            return Err(format!("must have {} characters", self.length.words()));
        }
        if let Some(pattern) = self.pattern.as_ref().filter(|pattern| !pattern.is_match(text)) {
            return Err(format!("must match {pattern}"));
        }
        if self.is_date && (text.len() != 10 || NaiveDate::parse_from_str(text, "%Y-%m-%d").is_err()) {
            return Err("must be a day, YYYY-MM-DD".to_owned());
        }
        Ok(())
    }
}

fn kinds(value: &Value) -> Option<Vec<Kind>> {
    let find = |name: &str| Kind::ALL.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind);
    match value {
        Value::String(name) => Some(vec![find(name)?]),
        _ => texts(value)?.iter().map(|name| find(name)).collect(),
    }
}

fn texts(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|entry| entry.as_str().map(str::to_owned)).collect()
}

fn count(value: &Value) -> Option<i64> {
    value.as_i64().filter(|n| *n >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn each_keyword_holds() {
        let day = json!({"type": "string", "format": "date"});
        for (schema, good, bad) in [
            (
                json!({"type": "integer", "minimum": 0, "maximum": 3}),
                json!(3),
                vec![json!(4), json!(-1), json!(1.5), json!("1")],
            ),
            (json!({"type": ["string", "null"]}), json!(null), vec![json!(1), json!([])]),
            (json!({"const": "x"}), json!("x"), vec![json!("y"), json!(null)]),
            (json!({"enum": ["x", 1]}), json!(1), vec![json!("y"), json!(2)]),
            (day, json!("2025-02-28"), vec![json!("2025-02-29"), json!("2025-2-28"), json!("today")]),
            (json!({"pattern": "^[0-9]{2}$"}), json!("12"), vec![json!("123"), json!("x")]),
            (json!({"minLength": 1, "maxLength": 2}), json!("日本"), vec![json!(""), json!("日本語")]),
            (
                json!({"minItems": 1, "maxItems": 2, "uniqueItems": true}),
                json!([1, 2]),
                vec![json!([]), json!([1, 1]), json!([1, 2, 3])],
            ),
            (
                json!({"type": "object", "required": ["a"], "additionalProperties": false, "properties": {"a": {"type": "boolean"}}}),
                json!({"a": true}),
                vec![json!({}), json!({"a": 1}), json!({"a": true, "b": 1})],
            ),
        ] {
            let read = Schema::read(&schema).unwrap();
            assert_eq!(read.check(&good, ""), Ok(()), "{schema}");
            for bad in bad {
                assert!(read.check(&bad, "").is_err(), "{schema} {bad}");
            }
        }
    }

    #[test]
    fn a_misfit_is_told_by_its_place_and_never_by_its_value() {
        let schema = json!({"properties": {"a": {"items": {"type": "string", "pattern": "^x$"}}}});
        let misfit = Schema::read(&schema).unwrap().check(&json!({"a": ["x", "secret"]}), "/0").unwrap_err();
        assert_eq!(misfit.pointer, "/0/a/1");
        assert!(!misfit.problem.contains("secret"));
    }

    #[test]
    fn what_is_not_understood_is_a_fault() {
        for bad in [
            json!(true),
            json!({"oneOf": []}),
            json!({"type": "number"}),
            json!({"pattern": "("}),
            json!({"format": "email"}),
            json!({"minItems": -1}),
            json!({"properties": {"a": {"$ref": "#"}}}),
            json!({"items": {"additionalProperties": {}}}),
        ] {
            assert!(Schema::read(&bad).is_err(), "{bad}");
        }
        let both = json!({"oneOf": [], "properties": {"a": {"not": {}}}});
        assert_eq!(Schema::read(&both).unwrap_err().len(), 2, "all faults at once");
    }

    proptest! {
        #[test]
        fn no_value_makes_it_panic(text in "\\PC{0,120}") {
            let schema = Schema::read(&json!({"type": "object", "properties": {"a": {"format": "date"}}})).unwrap();
            if let Ok(value) = serde_json::from_str::<Value>(&text) {
                let _ = schema.check(&value, "");
            }
            let _ = schema.check(&json!({"a": text}), "");
        }
    }
}
