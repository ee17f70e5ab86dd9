//! For how long a citizen can be asked, how many thresholds of one fact a third party is told, and for how long a visit to a
//! shared terminal lasts: `consent-limits.toml` beside the rules.
//!
//! A directory of rules without the file has the built-in default; a file that names a limit twice, or that says
//! something unknown, is a fault.

use super::{PolicyFault, read_file};
use crate::domain::Digest;
use crate::domain::grant::MOST_REMINDER_DAYS;
use crate::domain::predicate::{FactCode, ThresholdLimit};
use crate::domain::terminal::VisitLimits;
use serde::Deserialize;
use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

/// The file's name.
const FILE: &str = "consent-limits.toml";
/// The longest that can be asked where no file says otherwise, in days.
const DEFAULT_DAYS: u32 = 1095;
/// How many thresholds are told where no file says otherwise: one, which is the least that is of any use.
const DEFAULT_THRESHOLDS: ThresholdLimit = ThresholdLimit { thresholds: 1, days: 1095 };
/// The longest visit to a shared terminal.
const MOST_MINUTES: u32 = 60;
/// The longest that a threshold is remembered.
const MOST_DAYS: u32 = 36_525;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    default: RawDefault,
    #[serde(default)]
    group: Vec<RawLimit>,
    #[serde(default)]
    purpose: Vec<RawLimit>,
    predicates: Option<RawPredicates>,
    kiosk: Option<RawKiosk>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawKiosk {
    life_minutes: u32,
    idle_minutes: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPredicates {
    thresholds: u32,
    days: u32,
    #[serde(default)]
    fact: Vec<RawThresholds>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawThresholds {
    code: FactCode,
    thresholds: u32,
    days: u32,
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
    remind_days_before: Option<u32>,
}

/// The operator's longest times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentLimits {
    default: u32,
    groups: HashMap<String, u32>,
    reminders: HashMap<String, u32>,
    purposes: HashMap<String, u32>,
    thresholds: ThresholdLimit,
    thresholds_of: HashMap<FactCode, ThresholdLimit>,
    visit: VisitLimits,
    digest: Digest,
}

impl Default for ConsentLimits {
    fn default() -> Self {
        Self {
            default: DEFAULT_DAYS,
            groups: HashMap::new(),
            reminders: HashMap::new(),
            purposes: HashMap::new(),
            thresholds: DEFAULT_THRESHOLDS,
            thresholds_of: HashMap::new(),
            visit: VisitLimits::default(),
            digest: Digest::of(""),
        }
    }
}

impl ConsentLimits {
    /// Reads the file in the directory of the rules.
    ///
    /// # Errors
    /// Every fault found.
    pub(super) fn load(rules: &Path) -> Result<Self, Vec<PolicyFault>> {
        let read = read_file::<Raw>(rules, FILE).map_err(|fault| vec![fault])?;
        let Some((raw, digest)) = read else { return Ok(Self::default()) };
        let mut faults = Vec::new();
        let reminders = reminders(&raw, &mut faults);
        let groups = by_code("group", raw.group, &mut faults);
        let purposes = by_code("purpose", raw.purpose, &mut faults);
        let default = raw.default.access_days;
        let (thresholds, thresholds_of) = thresholds(raw.predicates, &mut faults);
        let visit = visit(raw.kiosk, &mut faults);
        let read = Self { default, groups, reminders, purposes, thresholds, thresholds_of, visit, digest };
        if faults.is_empty() { Ok(read) } else { Err(faults) }
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

    /// How many days before its end a citizen is reminded of a consent to data sets of `group`; never when absent.
    #[must_use]
    pub fn reminder_days(&self, group: &str) -> Option<u32> {
        self.reminders.get(group).copied()
    }

    /// For how long one person's visit to a shared terminal lasts.
    #[must_use]
    pub const fn visit(&self) -> VisitLimits {
        self.visit
    }

    /// How many thresholds of a fact one party is told of one person, and for how long each counts.
    #[must_use]
    pub fn thresholds(&self, fact: &FactCode) -> ThresholdLimit {
        self.thresholds_of.get(fact).copied().unwrap_or(self.thresholds)
    }
}

fn reminders(raw: &Raw, faults: &mut Vec<PolicyFault>) -> HashMap<String, u32> {
    if raw.purpose.iter().any(|purpose| purpose.remind_days_before.is_some()) {
        faults.push(PolicyFault::new(FILE, "remind_days_before is said of a group, not of a purpose"));
    }
    let said =
        raw.group.iter().filter_map(|group| Some((group.code.clone(), group.remind_days_before?, group.access_days)));
    let mut found = HashMap::new();
    for (code, days, most) in said {
        if !(1..=MOST_REMINDER_DAYS).contains(&days) || days >= most {
            let problem =
                format!("{code}: remind_days_before must be 1 to {MOST_REMINDER_DAYS}, and less than access_days");
            faults.push(PolicyFault::new(FILE, problem));
        }
        found.insert(code, days);
    }
    found
}

fn visit(raw: Option<RawKiosk>, faults: &mut Vec<PolicyFault>) -> VisitLimits {
    let Some(raw) = raw else { return VisitLimits::default() };
    if !(1..=MOST_MINUTES).contains(&raw.life_minutes) || !(1..=raw.life_minutes).contains(&raw.idle_minutes) {
        let problem = format!("kiosk: life_minutes must be 1 to {MOST_MINUTES}, and idle_minutes 1 to that");
        faults.push(PolicyFault::new(FILE, problem));
    }
    let minutes = |n: u32| Duration::from_mins(u64::from(n));
    VisitLimits { life: minutes(raw.life_minutes), idle: minutes(raw.idle_minutes) }
}

fn thresholds(
    raw: Option<RawPredicates>,
    faults: &mut Vec<PolicyFault>,
) -> (ThresholdLimit, HashMap<FactCode, ThresholdLimit>) {
    let mut of = HashMap::new();
    let Some(raw) = raw else { return (DEFAULT_THRESHOLDS, of) };
    let limit = |thresholds: u32, days: u32| ThresholdLimit { thresholds, days };
    let days = [raw.days].into_iter().chain(raw.fact.iter().map(|fact| fact.days));
    if days.into_iter().any(|days| !(1..=MOST_DAYS).contains(&days)) {
        faults.push(PolicyFault::new(FILE, format!("predicates: days must be 1 to {MOST_DAYS}")));
    }
    for fact in raw.fact {
        let code = fact.code.clone();
        if of.insert(fact.code, limit(fact.thresholds, fact.days)).is_some() {
            faults.push(PolicyFault::new(FILE, format!("names the fact {code} twice")));
        }
    }
    (limit(raw.thresholds, raw.days), of)
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
    fn thresholds_are_those_of_the_fact_or_of_all() {
        let fact = |code: &str| FactCode::parse(code).unwrap();
        let start = "[default]\naccess_days = 1\n";
        let one = "[[predicates.fact]]\ncode = \"age\"\nthresholds = 2\ndays = 30\n";
        let all = "[predicates]\nthresholds = 5\ndays = 60\n";
        let limits = read(&format!("{start}{all}{one}")).unwrap();
        assert_eq!(limits.thresholds(&fact("age")), ThresholdLimit { thresholds: 2, days: 30 });
        assert_eq!(limits.thresholds(&fact("income.total")), ThresholdLimit { thresholds: 5, days: 60 });
        assert_eq!(read(start).unwrap().thresholds(&fact("age")), DEFAULT_THRESHOLDS);
        for bad in [
            format!("{start}{all}{one}{one}"),
            format!("{start}[predicates]\nthresholds = 5\ndays = 0\n"),
            format!("{start}[predicates]\nthresholds = -1\ndays = 1\n"),
            format!("{start}[predicates]\nthresholds = 1\n"),
            format!("{start}{all}{}", one.replace("age", "Age")),
        ] {
            assert!(read(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_citizen_is_reminded_before_the_end_and_of_groups_only() {
        let group =
            |rest: &str| format!("[default]\naccess_days = 100\n[[group]]\ncode = \"g\"\naccess_days = 20\n{rest}");
        let limits = read(&group("remind_days_before = 19\n")).unwrap();
        assert_eq!((limits.reminder_days("g"), limits.reminder_days("x")), (Some(19), None));
        for wrong in ["remind_days_before = 0\n", "remind_days_before = 20\n", "remind_days_before = 31\n"] {
            assert!(read(&group(wrong)).is_err(), "{wrong}");
        }
        let purpose = "[[purpose]]\ncode = \"p\"\naccess_days = 7\nremind_days_before = 2\n";
        assert!(read(&group(purpose)).is_err());
    }

    #[test]
    fn a_visit_lasts_as_long_as_the_operator_says() {
        let start = "[default]\naccess_days = 1\n";
        let minutes = |life, idle| VisitLimits { life: Duration::from_mins(life), idle: Duration::from_mins(idle) };
        assert_eq!(read(start).unwrap().visit(), VisitLimits::default());
        let kiosk = |life, idle| format!("{start}[kiosk]\nlife_minutes = {life}\nidle_minutes = {idle}\n");
        assert_eq!(read(&kiosk(60, 60)).unwrap().visit(), minutes(60, 60));
        assert_eq!(ConsentLimits::load(Path::new("policies")).unwrap().visit(), minutes(15, 3));
        for (life, idle) in [(0, 0), (61, 1), (10, 0), (10, 11), (-1, 1)] {
            assert!(read(&kiosk(life, idle)).is_err(), "{life} {idle}");
        }
        assert!(read(&format!("{start}[kiosk]\nlife_minutes = 5\n")).is_err());
    }

    #[test]
    fn health_insurance_data_is_given_for_ninety_days_as_shipped() {
        let shipped = ConsentLimits::load(Path::new("policies")).unwrap();
        for group in [
            "insurance_card",
            "treatment_and_medicines",
            "medical_expenses",
            "health_check",
            "medical_insurance",
            "medical_insurance_other",
            "insured_number",
            "insurance_provision",
        ] {
            assert_eq!(shipped.access_days(group, "any"), 90, "{group}");
            assert_eq!(shipped.reminder_days(group), Some(14), "{group}");
        }
        assert!(shipped.access_days("tax_and_income", "any") > 90);
    }
}
