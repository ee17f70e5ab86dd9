//! What agencies may post to citizens as notices (お知らせ): `policies/notices.toml`.

use super::deposits::{are_types, is_code};
use super::{CatalogFault, read_optional};
use crate::domain::Words;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::Path;

/// The file in the directory of the rules.
const FILE: &str = "notices.toml";
/// The most bytes of all files of one notice: they come with it in one body, as base64.
const LARGEST: u64 = 524_288;
/// The most files of one notice.
const MOST_FILES: usize = 20;
/// The longest that a notice is there, or is scheduled ahead.
const MOST_DAYS: u32 = 3660;

/// A category of notices.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeCategory {
    /// Its code.
    pub code: String,
    /// Its name.
    pub words: Words,
    /// How many days before what is due a citizen is reminded; never when absent.
    pub remind_days_before: Option<u32>,
}

/// All of the rules.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeRules {
    /// For how many days a notice is visible, at most.
    pub kept_for_days: u32,
    /// For how many days ahead one can be scheduled.
    pub scheduled_for_days: u32,
    /// In which media types a file may be.
    pub media_types: Vec<String>,
    /// How many files, at most.
    pub most_attachments: usize,
    /// Of how many bytes together, at most.
    pub largest_bytes: u64,
    /// The categories.
    #[serde(default)]
    pub categories: Vec<NoticeCategory>,
}

impl Default for NoticeRules {
    fn default() -> Self {
        Self {
            kept_for_days: 365,
            scheduled_for_days: 180,
            media_types: vec!["application/pdf".into()],
            most_attachments: 5,
            largest_bytes: LARGEST,
            categories: Vec::new(),
        }
    }
}

impl NoticeRules {
    /// Reads the file in the directory of the rules; without it there is no category, and so nothing is posted.
    ///
    /// # Errors
    /// Every fault of the file.
    pub fn load(rules: &Path) -> Result<Self, Vec<CatalogFault>> {
        let fault = |problem: String| CatalogFault { file: FILE.into(), key: String::new(), problem };
        let Some(read) = read_optional::<Self>(rules, FILE)? else { return Ok(Self::default()) };
        let faults: Vec<CatalogFault> = problems(&read).into_iter().map(fault).collect();
        if faults.is_empty() { Ok(read) } else { Err(faults) }
    }

    /// The category with this code.
    #[must_use]
    pub fn category(&self, code: &str) -> Option<&NoticeCategory> {
        self.categories.iter().find(|one| one.code == code)
    }

    /// Their codes, as a refusal names them.
    #[must_use]
    pub fn codes(&self) -> String {
        self.categories.iter().map(|one| one.code.as_str()).collect::<Vec<_>>().join(", ")
    }
}

fn problems(rules: &NoticeRules) -> Vec<String> {
    let mut codes = BTreeSet::new();
    let is_time = |days: u32| (1..=MOST_DAYS).contains(&days);
    let mut found: Vec<String> = rules
        .categories
        .iter()
        .filter(|one| !is_code(&one.code) || !codes.insert(&one.code))
        .map(|one| format!("the category {:?} must be a-z 0-9 _ -, once", one.code))
        .collect();
    let told = [
        (!is_time(rules.kept_for_days), format!("kept_for_days must be 1 to {MOST_DAYS}")),
        (!is_time(rules.scheduled_for_days), format!("scheduled_for_days must be 1 to {MOST_DAYS}")),
        (!are_types(&rules.media_types), "media_types must name some".to_owned()),
        (rules.most_attachments > MOST_FILES, format!("most_attachments must be at most {MOST_FILES}")),
        (!(1..=LARGEST).contains(&rules.largest_bytes), format!("largest_bytes must be 1 to {LARGEST}")),
        (
            rules.categories.iter().filter_map(|one| one.remind_days_before).any(|days| !(1..=90).contains(&days)),
            "remind_days_before must be 1 to 90".to_owned(),
        ),
    ];
    found.extend(told.into_iter().filter(|(is_wrong, _)| *is_wrong).map(|(_, words)| words));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<NoticeRules, Vec<CatalogFault>> {
        let rules = tempfile::tempdir().unwrap();
        std::fs::write(rules.path().join(FILE), text).unwrap();
        NoticeRules::load(rules.path())
    }

    #[test]
    fn the_shipped_rules_are_in_order_and_without_any_nothing_is_posted() {
        let shipped = NoticeRules::load(Path::new("policies")).unwrap();
        assert_eq!(shipped.category("status_report").unwrap().remind_days_before, Some(14));
        let none = tempfile::tempdir().unwrap();
        assert!(NoticeRules::load(none.path()).unwrap().categories.is_empty());
    }

    #[test]
    fn what_is_wrong_is_told() {
        let rules = |changed: &str, category: &str| {
            let base = [
                "kept_for_days = 9",
                "scheduled_for_days = 9",
                "media_types = [\"text/csv\"]",
                "most_attachments = 1",
                "largest_bytes = 9",
            ];
            let name = changed.split(' ').next().unwrap();
            let kept: Vec<&str> = base.into_iter().filter(|line| !line.starts_with(name)).collect();
            format!("{}\n{changed}\n{category}", kept.join("\n"))
        };
        let one = |more: &str| format!("[[categories]]\nwords = {{ja = \"見本\", en = \"sample\"}}\n{more}\n");
        assert!(read(&rules("kept_for_days = 30", &one("code = \"tax\""))).is_ok());
        for (text, told) in [
            (rules("kept_for_days = 0", ""), "kept_for_days"),
            (rules("scheduled_for_days = 3661", ""), "scheduled_for_days"),
            (rules("media_types = []", ""), "media_types"),
            (rules("most_attachments = 21", ""), "most_attachments"),
            (rules("largest_bytes = 524289", ""), "largest_bytes"),
            (rules("largest_bytes = 9", &one("code = \"Tax\"")), "a-z"),
            (rules("largest_bytes = 9", &(one("code = \"tax\"") + &one("code = \"tax\""))), "once"),
            (rules("largest_bytes = 9", &one("code = \"tax\"\nremind_days_before = 91")), "remind_days_before"),
            (rules("more = 1", ""), "more"),
        ] {
            let faults: Vec<String> = read(&text).unwrap_err().iter().map(ToString::to_string).collect();
            assert!(faults.iter().any(|fault| fault.contains(told)), "{text}: {faults:?}");
        }
    }
}
