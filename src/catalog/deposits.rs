//! Which procedures are filed by cloud, and what their data may be referenced for: `policies/deposits.toml`.

use super::{CatalogFault, read_optional};
use crate::domain::Words;
use crate::domain::deposit::{MOST_PIECES, PIECE};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

/// The file in the directory of the rules.
const FILE: &str = "deposits.toml";
/// The longest duty to keep anything that can be said.
const MOST_YEARS: u32 = 30;
/// The most bytes of a notice at an agency's cloud: it is held whole in memory while it is given.
const LARGEST_NOTICE: u64 = 16 * PIECE;

/// A procedure that is filed by cloud.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DepositProcedure {
    /// Its code, as filings name it.
    pub code: String,
    /// Its name.
    pub title: Words,
    /// For how many years its company must keep the data.
    pub retention_years: u32,
    /// In which media types it may be.
    pub media_types: Vec<String>,
    /// The most bytes.
    pub largest_bytes: u64,
}

/// What data may be referenced for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DepositPurpose {
    /// Its code.
    pub code: String,
    /// What it is.
    pub words: Words,
}

/// What agencies may put down as disposition notices (処分通知).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeRules {
    /// For how many days a company can fetch one.
    pub kept_for_days: u32,
    /// How many days before the end it is warned of one that it did not fetch.
    #[serde(default = "notice_warned")]
    pub warned_days_before: u32,
    /// In which media types it may be.
    pub media_types: Vec<String>,
    /// The most bytes of one that is kept at the agency's own cloud.
    pub largest_bytes: u64,
}

impl Default for NoticeRules {
    fn default() -> Self {
        Self {
            kept_for_days: 400,
            warned_days_before: notice_warned(),
            media_types: vec!["application/pdf".into()],
            largest_bytes: 4 * PIECE,
        }
    }
}

impl NoticeRules {
    /// How long before the end of one its company is warned.
    #[must_use]
    pub const fn warned_before(&self) -> Duration {
        Duration::from_hours(24 * self.warned_days_before as u64)
    }
}

const fn notice_warned() -> u32 {
    14
}

const fn duty_warned() -> u32 {
    60
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    referenced_for_days: u32,
    #[serde(default = "duty_warned")]
    warned_days_before: u32,
    #[serde(default)]
    disposition_notices: NoticeRules,
    #[serde(default)]
    purposes: Vec<DepositPurpose>,
    #[serde(default)]
    procedures: Vec<DepositProcedure>,
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub struct DepositRules {
    procedures: BTreeMap<String, DepositProcedure>,
    purposes: Vec<DepositPurpose>,
    notices: NoticeRules,
    stays: Duration,
    warned_before: Duration,
}

impl DepositRules {
    /// Reads the file in the directory of the rules; without it nothing is filed by cloud.
    ///
    /// # Errors
    /// Every fault of the file.
    pub fn load(rules: &Path) -> Result<Self, Vec<CatalogFault>> {
        let fault = |key: &str, problem: String| CatalogFault { file: FILE.into(), key: key.into(), problem };
        let Some(raw) = read_optional::<Raw>(rules, FILE)? else { return Ok(Self::default()) };
        let mut faults = Vec::new();
        let mut codes = BTreeSet::new();
        for purpose in &raw.purposes {
            if !is_code(&purpose.code) || !codes.insert(&purpose.code) {
                faults.push(fault("purposes", format!("{:?} must be a-z 0-9 _ -, once", purpose.code)));
            }
        }
        let mut procedures = BTreeMap::new();
        for one in raw.procedures {
            faults.extend(problems(&one).map(|problem| fault(&format!("procedures.{}", one.code), problem)));
            if let Some(twice) = procedures.insert(one.code.clone(), one) {
                faults.push(fault("procedures", format!("{:?} is there twice", twice.code)));
            }
        }
        if raw.referenced_for_days == 0 || raw.referenced_for_days > 3660 {
            faults.push(fault("referenced_for_days", "must be 1 to 3660".into()));
        }
        if !(1..=366).contains(&raw.warned_days_before) {
            faults.push(fault("warned_days_before", "must be 1 to 366".into()));
        }
        faults.extend(notice_problems(&raw.disposition_notices).map(|told| fault("disposition_notices", told)));
        let notices = raw.disposition_notices;
        let days = |days: u32| Duration::from_hours(24 * u64::from(days));
        let (stays, warned_before) = (days(raw.referenced_for_days), days(raw.warned_days_before));
        let read = Self { procedures, purposes: raw.purposes, notices, stays, warned_before };
        if faults.is_empty() { Ok(read) } else { Err(faults) }
    }

    /// What agencies may put down as disposition notices.
    #[must_use]
    pub const fn notices(&self) -> &NoticeRules {
        &self.notices
    }

    /// The procedure with this code, if it is filed by cloud.
    #[must_use]
    pub fn procedure(&self, code: &str) -> Option<&DepositProcedure> {
        self.procedures.get(code)
    }

    /// All procedures, by code.
    pub fn procedures(&self) -> impl Iterator<Item = &DepositProcedure> {
        self.procedures.values()
    }

    /// What data may be referenced for.
    #[must_use]
    pub fn purposes(&self) -> &[DepositPurpose] {
        &self.purposes
    }

    /// How long before the end of the duty to keep something its company is told that it ends.
    #[must_use]
    pub const fn warned_before(&self) -> Duration {
        self.warned_before
    }

    /// How long after the duty to keep it something can still be referenced.
    #[must_use]
    pub const fn stays(&self) -> Duration {
        self.stays
    }
}

pub(super) fn is_code(text: &str) -> bool {
    let is_good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    (1..=64).contains(&text.len()) && text.bytes().all(is_good)
}

/// Whether there are some, and all are media types.
pub(super) fn are_types(types: &[String]) -> bool {
    let is_type = |text: &String| text.split_once('/').is_some_and(|(kind, rest)| !kind.is_empty() && !rest.is_empty());
    !types.is_empty() && types.iter().all(is_type)
}

fn notice_problems(rules: &NoticeRules) -> impl Iterator<Item = String> {
    [
        (!(30..=3660).contains(&rules.kept_for_days)).then(|| "kept_for_days must be 30 to 3660".to_owned()),
        (!(1..rules.kept_for_days).contains(&rules.warned_days_before))
            .then(|| "warned_days_before must be 1 or more, and less than kept_for_days".to_owned()),
        (!(1..=LARGEST_NOTICE).contains(&rules.largest_bytes))
            .then(|| format!("largest_bytes must be 1 to {LARGEST_NOTICE}")),
        (!are_types(&rules.media_types)).then(|| "media_types must name some".into()),
    ]
    .into_iter()
    .flatten()
}

fn problems(one: &DepositProcedure) -> impl Iterator<Item = String> {
    let most = MOST_PIECES as u64 * PIECE;
    [
        (!is_code(&one.code)).then(|| "code must be a-z 0-9 _ -".to_owned()),
        (!(1..=MOST_YEARS).contains(&one.retention_years))
            .then(|| format!("retention_years must be 1 to {MOST_YEARS}")),
        (!(1..=most).contains(&one.largest_bytes)).then(|| format!("largest_bytes must be 1 to {most}")),
        (!are_types(&one.media_types)).then(|| "media_types must name some".into()),
    ]
    .into_iter()
    .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<DepositRules, Vec<CatalogFault>> {
        let rules = tempfile::tempdir().unwrap();
        std::fs::write(rules.path().join(FILE), text).unwrap();
        DepositRules::load(rules.path())
    }

    #[test]
    fn the_shipped_rules_are_in_order_and_none_are_needed() {
        let shipped = DepositRules::load(Path::new("policies")).unwrap();
        assert_eq!(shipped.procedure("tax-withholding-statements-by-cloud").unwrap().retention_years, 7);
        assert!(shipped.purposes().iter().any(|purpose| purpose.code == "audit"));
        let none = tempfile::tempdir().unwrap();
        assert_eq!(DepositRules::load(none.path()).unwrap().procedures().count(), 0);
    }

    #[test]
    fn what_is_wrong_is_told_by_its_key() {
        let one = |changed: &str| {
            let title = r#"title = {ja = "見本", en = "sample"}"#;
            let base = r#"code = "a", retention_years = 5, media_types = ["text/csv"], largest_bytes = 9"#;
            let fields: Vec<&str> = base.split(", ").filter(|field| !field.starts_with(&changed[..4])).collect();
            format!("referenced_for_days = 1\nprocedures = [{{{}, {changed}, {title}}}]", fields.join(", "))
        };
        let notices = |changed: &str| {
            let base = r#"kept_for_days = 400, largest_bytes = 9, media_types = ["application/pdf"]"#;
            let fields: Vec<&str> = base.split(", ").filter(|field| !field.starts_with(&changed[..4])).collect();
            format!("referenced_for_days = 1\ndisposition_notices = {{{}, {changed}}}", fields.join(", "))
        };
        assert!(read(&one(r#"code = "b""#)).is_ok() && read(&notices("kept_for_days = 30")).is_ok());
        for (text, told) in [
            (one(r#"code = "B""#), "a-z"),
            (one("retention_years = 0"), "1 to 30"),
            (one("retention_years = 31"), "1 to 30"),
            (one("largest_bytes = 0"), "largest_bytes"),
            (one("largest_bytes = 99999999999"), "largest_bytes"),
            (one("media_types = []"), "media_types"),
            (one("more = 1"), "more"),
            ("referenced_for_days = 0".to_owned(), "1 to 3660"),
            (String::new(), "referenced_for_days"),
            (notices("kept_for_days = 29"), "30 to 3660"),
            (notices("largest_bytes = 16777217"), "largest_bytes"),
            (notices("media_types = [\"pdf\"]"), "media_types"),
            (notices("warned_days_before = 0"), "warned_days_before"),
            (notices("warned_days_before = 400"), "less than kept_for_days"),
            ("referenced_for_days = 1\nwarned_days_before = 0".to_owned(), "1 to 366"),
        ] {
            let faults: Vec<String> = read(&text).unwrap_err().iter().map(ToString::to_string).collect();
            assert!(faults.iter().any(|fault| fault.contains(told)), "{text}: {faults:?}");
        }
    }
}
