//! For how long a citizen can be asked: `consent-limits.toml` beside the rules.
//!
//! A directory of rules without the file has the built-in default; a file that names a limit twice, or that says
//! something unknown, is a fault.

use super::PolicyFault;
use crate::domain::Digest;
use serde::Deserialize;
use std::collections::HashMap;
use std::path::Path;

/// The file's name.
const FILE: &str = "consent-limits.toml";
/// The longest that can be asked where no file says otherwise, in days.
const DEFAULT_DAYS: u32 = 1095;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    default: RawDefault,
    #[serde(default)]
    group: Vec<RawLimit>,
    #[serde(default)]
    purpose: Vec<RawLimit>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDefault {
    access_days: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLimit {
    code: String,
    access_days: u32,
}

/// The operator's longest times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentLimits {
    default: u32,
    groups: HashMap<String, u32>,
    purposes: HashMap<String, u32>,
    digest: Digest,
}

impl Default for ConsentLimits {
    fn default() -> Self {
        Self { default: DEFAULT_DAYS, groups: HashMap::new(), purposes: HashMap::new(), digest: Digest::of("") }
    }
}

impl ConsentLimits {
    /// Reads the file in the directory of the rules.
    ///
    /// # Errors
    /// Every fault found.
    pub(super) fn load(rules: &Path) -> Result<Self, Vec<PolicyFault>> {
        let path = rules.join(FILE);
        if !path.exists() {
            return Ok(Self::default());
        }
        let fault = |problem: String| vec![PolicyFault::new(FILE, problem)];
        let text = std::fs::read_to_string(path).map_err(|error| fault(format!("can't be read: {error}")))?;
        let digest = Digest::of(&text);
        let raw: Raw = toml::from_str(&text).map_err(|error| fault(error.message().to_owned()))?;
        let mut faults = Vec::new();
        let groups = by_code("group", raw.group, &mut faults);
        let purposes = by_code("purpose", raw.purpose, &mut faults);
        let default = raw.default.access_days;
        if faults.is_empty() { Ok(Self { default, groups, purposes, digest }) } else { Err(faults) }
    }

    /// Of the file's text.
    pub(super) const fn digest(&self) -> Digest {
        self.digest
    }

    /// The most days for a data set of `group`, asked for `purpose`.
    #[must_use]
    pub fn access_days(&self, group: &str, purpose: &str) -> u32 {
        let named = [self.groups.get(group), self.purposes.get(purpose)];
        named.into_iter().flatten().fold(self.default, |least, days| least.min(*days))
    }
}

fn by_code(kind: &str, limits: Vec<RawLimit>, faults: &mut Vec<PolicyFault>) -> HashMap<String, u32> {
    let mut found = HashMap::new();
    for limit in limits {
        if found.insert(limit.code.clone(), limit.access_days).is_some() {
            faults.push(PolicyFault::new(FILE, format!("names the {kind} {} twice", limit.code)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ConsentLimits, Vec<PolicyFault>> {
        let rules = tempfile::tempdir().unwrap();
        std::fs::write(rules.path().join(FILE), text).unwrap();
        ConsentLimits::load(rules.path())
    }

    #[test]
    fn the_shortest_that_applies_counts() {
        let limits = read(
            "[default]\naccess_days = 100\n[[group]]\ncode = \"g\"\naccess_days = 90\n\
             [[purpose]]\ncode = \"p\"\naccess_days = 7\n[[purpose]]\ncode = \"q\"\naccess_days = 900\n",
        )
        .unwrap();
        for (group, purpose, days) in [("g", "p", 7), ("g", "q", 90), ("x", "q", 100), ("x", "x", 100), ("g", "x", 90)]
        {
            assert_eq!(limits.access_days(group, purpose), days, "{group} {purpose}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_and_no_file_is_the_default() {
        for text in [
            "",
            "[default]\naccess_days = -1",
            "[default]\naccess_days = 1\nmore = 1",
            "[default]\naccess_days = 1\n[[group]]\ncode = \"g\"\naccess_days = 1\n[[group]]\ncode = \"g\"\naccess_days = 2",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        let rules = tempfile::tempdir().unwrap();
        assert_eq!(ConsentLimits::load(rules.path()), Ok(ConsentLimits::default()));
    }

    #[test]
    fn health_insurance_data_is_given_for_ninety_days_as_shipped() {
        let shipped = ConsentLimits::load(Path::new("policies")).unwrap();
        assert_eq!(shipped.access_days("treatment_and_medicines", "any"), 90);
        assert!(shipped.access_days("tax_and_income", "any") > 90);
    }
}
