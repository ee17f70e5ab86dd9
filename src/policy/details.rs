//! The types of authorization details (RFC 9396) that can be asked for: one JSON Schema for each, under
//! `policies/authorization-details/`, named like the type.
//!
//! A schema says of what form an entry is. What an entry means (whether the catalogue has the data set, whether the
//! client has the purpose, what the citizen reads) is said by code, so a file without code behind it is a fault, and so
//! is code without its file.

use super::PolicyFault;
use super::load::{digest_of, files};
use super::schema::{Misfit, Schema};
use crate::domain::Digest;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// The types whose meaning is known to the code.
const MEANT: [&str; 3] = ["bulk_submission", "self_information", "submission"];
/// Where the files are, under the rules' directory.
const DIRECTORY: &str = "authorization-details";
/// Longest text that is read as JSON: several times a request for every item of the catalogue.
const MOST_BYTES: usize = 128 * 1024;

/// The types and their forms.
#[derive(Debug)]
pub struct DetailTypes {
    types: BTreeMap<String, Schema>,
    digest: Digest,
}

impl DetailTypes {
    /// Reads the directory; a directory of rules without one has no types, so nothing can be asked for.
    ///
    /// # Errors
    /// Every fault of every file.
    pub(super) fn load(rules: &Path) -> Result<Self, Vec<PolicyFault>> {
        let directory = rules.join(DIRECTORY);
        let (mut faults, mut types) = (Vec::new(), BTreeMap::new());
        if !directory.is_dir() {
            return Ok(Self { types, digest: digest_of([].iter()) });
        }
        let texts = files(&directory, "json", &mut faults);
        let digest = digest_of(texts.iter());
        for (file, text) in texts {
            match read(&file, &text) {
                Ok((name, schema)) => drop(types.insert(name, schema)),
                Err(problems) => faults.extend(problems.into_iter().map(|problem| PolicyFault::new(&file, problem))),
            }
        }
        for name in MEANT.iter().filter(|name| !types.contains_key(**name)) {
            faults.push(PolicyFault::new(&format!("{name}.json"), "is missing, or is no schema of this type"));
        }
        if faults.is_empty() { Ok(Self { types, digest }) } else { Err(faults) }
    }

    /// The names of the types.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.types.keys().map(String::as_str)
    }

    /// Of every file's text.
    pub(super) const fn digest(&self) -> Digest {
        self.digest
    }

    /// Holds an `authorization_details` parameter against the types' forms.
    ///
    /// # Errors
    /// The first [`Misfit`], its pointer beginning at the array.
    pub fn check(&self, text: &str) -> Result<(), Misfit> {
        let misfit = |pointer: String, problem: &str| Err(Misfit { pointer, problem: problem.to_owned() });
        let all = if text.len() > MOST_BYTES { None } else { serde_json::from_str::<Vec<Value>>(text).ok() };
        let Some(all) = all.filter(|all| !all.is_empty()) else {
            return misfit(String::new(), "must be a JSON array of objects, not empty (RFC 9396)");
        };
        for (n, entry) in all.iter().enumerate() {
            let schema = entry.get("type").and_then(Value::as_str).and_then(|name| self.types.get(name));
            let Some(schema) = schema else {
                let known: Vec<&str> = self.names().collect();
                return misfit(format!("/{n}/type"), &format!("must be a known type: {}", known.join(" ")));
            };
            schema.check(entry, &format!("/{n}"))?;
        }
        Ok(())
    }
}

fn read(file: &str, text: &str) -> Result<(String, Schema), Vec<String>> {
    let value: Value = serde_json::from_str(text).map_err(|error| vec![format!("is no JSON: {error}")])?;
    let schema = Schema::read(&value)?;
    let name = file.trim_end_matches(".json");
    if schema.constant_of("type") != Some(name) {
        return Err(vec![format!("must say that the member type is the constant {name}, like the file's name")]);
    }
    if !MEANT.contains(&name) {
        return Err(vec![format!("describes a type that has no meaning here; known are {}", MEANT.join(" "))]);
    }
    Ok((name.to_owned(), schema))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn own() -> DetailTypes {
        DetailTypes::load(Path::new("policies")).unwrap()
    }

    fn entry() -> Value {
        json!({"type": "self_information", "purpose": "loan", "data_sets": [{"code": "TM00000000000002", "items": ["0200000010"]}]})
    }

    #[test]
    fn an_entry_of_another_form_is_refused_at_its_place() {
        let types = own();
        assert_eq!(types.check(&json!([entry()]).to_string()), Ok(()));
        for (pointer, value, at) in [
            ("/0/type", json!("payment_initiation"), "/0/type"),
            ("/0/type", json!(1), "/0/type"),
            ("/0/purpose", json!("not a code"), "/0/purpose"),
            ("/0/data_sets", json!([]), "/0/data_sets"),
            ("/0/data_sets/0", json!({}), "/0/data_sets/0"),
            ("/0/data_sets/0", json!({"code": "TM00000000000002", "extra": 1}), "/0/data_sets/0"),
            ("/0/data_sets/0/code", json!("TM2"), "/0/data_sets/0/code"),
            ("/0/data_sets/0/items", json!(["1"]), "/0/data_sets/0/items/0"),
            ("/0/data_sets/0/items", json!(["0200000010", "0200000010"]), "/0/data_sets/0/items"),
            ("/0/data_sets/0/items", json!("0200000010"), "/0/data_sets/0/items"),
        ] {
            let mut all = json!([entry()]);
            *all.pointer_mut(pointer).unwrap() = value;
            let misfit = types.check(&all.to_string()).unwrap_err();
            assert_eq!(misfit.pointer, at, "{all}");
        }
        for bad in ["", "{}", "[]", "null", "[1]", &"[".repeat(5000)] {
            assert!(types.check(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn every_fault_of_every_file_is_told() {
        let rules = tempfile::tempdir().unwrap();
        assert_eq!(DetailTypes::load(rules.path()).unwrap().names().count(), 0);
        let directory = rules.path().join(DIRECTORY);
        std::fs::create_dir(&directory).unwrap();
        for (file, text) in [
            ("broken.json", "{"),
            ("self_information.json", r#"{"properties": {"type": {"const": "other"}}}"#),
            ("payment.json", r#"{"properties": {"type": {"const": "payment"}}}"#),
            ("odd.json", r#"{"if": {}, "then": {}}"#),
        ] {
            std::fs::write(directory.join(file), text).unwrap();
        }
        let faults = DetailTypes::load(rules.path()).unwrap_err();
        let told: Vec<&str> = faults.iter().map(|fault| fault.file.as_str()).collect();
        let expected = ["broken.json", "odd.json", "odd.json", "payment.json"];
        assert_eq!(told[..4], expected);
        assert_eq!(
            told[4..],
            ["self_information.json", "bulk_submission.json", "self_information.json", "submission.json"]
        );
    }
}
