//! How statistics are made safe to publish: `policies/statistics.toml`.

use super::{CatalogFault, read_optional};
use crate::domain::statistics::StatisticsMethod;
use serde::Deserialize;
use std::num::NonZeroU32;
use std::path::Path;

/// The file in the directory of the rules.
const FILE: &str = "statistics.toml";
/// The largest of each.
const MOST_K: u32 = 10_000;
const MOST_CELLS: u32 = 100;
const LARGEST_SCALE: u32 = 10_000;
const LONGEST_WAIT: u32 = 365;

/// What the operator decides about statistics.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatisticsRules {
    /// The fewest persons of a count that is told.
    pub k: u32,
    /// In how many cells of a series one person counts in a month.
    pub cells_per_person: u32,
    /// The scale of the noise.
    pub noise_scale: NonZeroU32,
    /// How many days after its last day a month is published.
    pub released_after_days: u32,
}

impl StatisticsRules {
    /// Reads the file in the directory of the rules; without it no month is ever published.
    ///
    /// # Errors
    /// Every fault of the file.
    pub fn load(rules: &Path) -> Result<Option<Self>, Vec<CatalogFault>> {
        let fault = |problem: String| CatalogFault { file: FILE.into(), key: String::new(), problem };
        let Some(read) = read_optional::<Self>(rules, FILE)? else { return Ok(None) };
        let faults: Vec<CatalogFault> = read.problems().into_iter().map(fault).collect();
        if faults.is_empty() { Ok(Some(read)) } else { Err(faults) }
    }

    /// How counts are made.
    #[must_use]
    pub fn method(&self) -> StatisticsMethod {
        StatisticsMethod::new(self.k, self.cells_per_person, self.noise_scale)
    }

    fn problems(&self) -> Vec<String> {
        let told = [
            ("k", self.k, 2, MOST_K),
            ("cells_per_person", self.cells_per_person, 1, MOST_CELLS),
            ("noise_scale", self.noise_scale.get(), 1, LARGEST_SCALE),
            // A day, so that what nodes counted last is written down.
            ("released_after_days", self.released_after_days, 1, LONGEST_WAIT),
        ];
        let wrong = told.into_iter().filter(|(_, value, least, most)| !(least..=most).contains(&value));
        wrong.map(|(name, _, least, most)| format!("{name} must be {least} to {most}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<StatisticsRules>, Vec<CatalogFault>> {
        let rules = tempfile::tempdir().unwrap();
        std::fs::write(rules.path().join(FILE), text).unwrap();
        StatisticsRules::load(rules.path())
    }

    #[test]
    fn the_shipped_rules_are_in_order_and_without_any_nothing_is_published() {
        let shipped = StatisticsRules::load(Path::new("policies")).unwrap().unwrap();
        assert!(shipped.k >= 10 && shipped.method().epsilon <= 1.0 && shipped.method().delta < 1e-6, "{shipped:?}");
        assert!(StatisticsRules::load(tempfile::tempdir().unwrap().path()).unwrap().is_none());
    }

    #[test]
    fn what_is_wrong_is_told() {
        let base = ["k = 10", "cells_per_person = 2", "noise_scale = 4", "released_after_days = 3"];
        assert!(read(&base.join("\n")).unwrap().is_some());
        for (changed, told) in [
            ("k = 1", "k must be 2"),
            ("cells_per_person = 0", "cells_per_person"),
            ("noise_scale = 0", "nonzero"),
            ("noise_scale = 10001", "noise_scale"),
            ("released_after_days = 0", "released_after_days"),
            ("more = 1", "more"),
        ] {
            let name = changed.split(' ').next().unwrap();
            let mut lines: Vec<&str> = base.into_iter().filter(|line| !line.starts_with(&format!("{name} "))).collect();
            lines.push(changed);
            let faults: Vec<String> = read(&lines.join("\n")).unwrap_err().iter().map(ToString::to_string).collect();
            assert!(faults.iter().any(|fault| fault.contains(told)), "{changed}: {faults:?}");
        }
    }
}
