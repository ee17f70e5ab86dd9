//! Names of the codes in records of exchanges (情報提供等記録): `policies/provision-records.toml`.

use super::{CatalogFault, read_optional};
use crate::domain::Words;
use crate::domain::provision_record::{BodyCode, WorkCode, WorkProcedureCode};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// The file in the directory of the rules.
const FILE: &str = "provision-records.toml";
/// For how long records are kept where no file says otherwise.
const YEARS: u32 = 7;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawName {
    code: String,
    words: Words,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    kept_for_years: u32,
    #[serde(default)]
    bodies: Vec<RawName>,
    #[serde(default)]
    works: Vec<RawName>,
    #[serde(default)]
    procedures: Vec<RawName>,
}

/// What the codes are called.
#[derive(Clone, Debug)]
pub struct RecordNames {
    kept_for_years: u32,
    bodies: BTreeMap<BodyCode, Words>,
    works: BTreeMap<WorkCode, Words>,
    procedures: BTreeMap<WorkProcedureCode, Words>,
}

impl Default for RecordNames {
    fn default() -> Self {
        let (bodies, works, procedures) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { kept_for_years: YEARS, bodies, works, procedures }
    }
}

impl RecordNames {
    /// Reads the file in the directory of the rules; without it no code has a name.
    ///
    /// # Errors
    /// Every fault of the file.
    pub fn load(rules: &Path) -> Result<Self, Vec<CatalogFault>> {
        let fault = |problem: String| CatalogFault { file: FILE.into(), key: String::new(), problem };
        let Some(raw) = read_optional::<Raw>(rules, FILE)? else { return Ok(Self::default()) };
        let mut faults = Vec::new();
        if !(1..=100).contains(&raw.kept_for_years) {
            faults.push("kept_for_years must be 1 to 100".to_owned());
        }
        let read = Self {
            kept_for_years: raw.kept_for_years,
            bodies: table(("bodies", raw.bodies), BodyCode::parse, &mut faults),
            works: table(("works", raw.works), WorkCode::parse, &mut faults),
            procedures: table(("procedures", raw.procedures), WorkProcedureCode::parse, &mut faults),
        };
        if faults.is_empty() { Ok(read) } else { Err(faults.into_iter().map(fault).collect()) }
    }

    /// For how many years back there are records.
    #[must_use]
    pub const fn kept_for_years(&self) -> u32 {
        self.kept_for_years
    }

    /// A body's name.
    #[must_use]
    pub fn body(&self, code: BodyCode) -> Option<&Words> {
        self.bodies.get(&code)
    }

    /// Every body with a name.
    pub fn bodies(&self) -> impl Iterator<Item = (&BodyCode, &Words)> {
        self.bodies.iter()
    }

    /// A work's name.
    #[must_use]
    pub fn work(&self, code: WorkCode) -> Option<&Words> {
        self.works.get(&code)
    }

    /// A procedure's name.
    #[must_use]
    pub fn procedure(&self, code: WorkProcedureCode) -> Option<&Words> {
        self.procedures.get(&code)
    }

    /// Every procedure with a name.
    pub fn procedures(&self) -> impl Iterator<Item = (&WorkProcedureCode, &Words)> {
        self.procedures.iter()
    }
}

fn table<T: Ord, E: std::fmt::Display>(
    (kind, raw): (&str, Vec<RawName>),
    parse: impl Fn(&str) -> Result<T, E>,
    faults: &mut Vec<String>,
) -> BTreeMap<T, Words> {
    let mut named = BTreeMap::new();
    for one in raw {
        match parse(&one.code) {
            Err(error) => faults.push(format!("{kind}: {:?} {error}", one.code)),
            Ok(code) => {
                if named.insert(code, one.words).is_some() {
                    faults.push(format!("{kind}: {:?} is there twice", one.code));
                }
            }
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_names_are_in_order_and_a_code_without_one_has_none() {
        let shipped = RecordNames::load(Path::new("policies")).unwrap();
        let body = BodyCode::parse("0000000099990101").unwrap();
        assert_eq!(shipped.body(body).unwrap().en, "Mihon City");
        assert_eq!(shipped.body(BodyCode::parse("0000000000000001").unwrap()), None);
        assert_eq!(shipped.kept_for_years(), 7);
        let none = tempfile::tempdir().unwrap();
        assert_eq!(RecordNames::load(none.path()).unwrap().bodies().count(), 0);
    }

    #[test]
    fn what_is_wrong_is_told() {
        let words = "words = {ja = \"見本\", en = \"sample\"}";
        for (text, told) in [
            ("kept_for_years = 0".to_owned(), "kept_for_years"),
            ("more = 1".to_owned(), "kept_for_years"),
            (format!("kept_for_years = 7\n[[bodies]]\ncode = \"1\"\n{words}"), "16 digits"),
            (format!("kept_for_years = 7\n[[works]]\ncode = \"JT99000000000010\"\n{words}"), "JM"),
            (
                format!(
                    "kept_for_years = 7\n{0}{0}",
                    format!("[[procedures]]\ncode = \"JT99010000000010\"\n{words}\n")
                ),
                "twice",
            ),
        ] {
            let rules = tempfile::tempdir().unwrap();
            std::fs::write(rules.path().join(FILE), &text).unwrap();
            let faults: Vec<String> =
                RecordNames::load(rules.path()).unwrap_err().iter().map(ToString::to_string).collect();
            assert!(faults.iter().any(|fault| fault.contains(told)), "{text}: {faults:?}");
        }
    }
}
