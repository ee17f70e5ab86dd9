//! Who may act for another, on what paper and for how long: `representation.toml` beside the rules.
//!
//! Without the file nobody can be registered; a file that leaves a kind out, or names it twice, is a fault.

use super::{PolicyFault, read_file};
use crate::domain::Digest;
use crate::domain::representation::{RepresentationKind, RepresentationProof};
use chrono::{Days, Months, NaiveDate};
use serde::Deserialize;
use std::collections::HashMap;
use std::path::Path;

/// The file's name.
const FILE: &str = "representation.toml";
/// What stands for every group of data sets.
const EVERY: &str = "*";
/// No limit can be longer, in days.
const LONGEST: u32 = 3653;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    child: RawChild,
    kind: Vec<RawKind>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawChild {
    ends_at_age: u8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawKind {
    code: RepresentationKind,
    most_days: u32,
    proofs: Vec<RepresentationProof>,
    groups: Vec<String>,
}

/// What the operator says of one ground.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Kind {
    most_days: u32,
    proofs: Vec<RepresentationProof>,
    groups: Vec<String>,
}

/// The operator's limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepresentationLimits {
    ends_at_age: u8,
    kinds: HashMap<RepresentationKind, Kind>,
    digest: Digest,
}

/// Why someone cannot be registered so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRepresentable {
    /// The paper does not prove this ground.
    #[error("proof: {} is not proven by {}; the rules accept {accepted}", kind.as_str(), proof.as_str())]
    Proof {
        /// The ground.
        kind: RepresentationKind,
        /// The paper.
        proof: RepresentationProof,
        /// What would do.
        accepted: String,
    },
    /// For a parent the child's age decides.
    #[error("born: say when the child was born; a parent acts only until the child is {0}")]
    Born(u8),
    /// The last day lies outside what the rules allow.
    #[error("until: {until} is not between {today} and {most}, the longest that the rules allow")]
    Until {
        /// What was asked.
        until: NaiveDate,
        /// The first day.
        today: NaiveDate,
        /// The longest.
        most: NaiveDate,
    },
}

impl RepresentationLimits {
    /// Reads the file in the directory of the rules.
    ///
    /// # Errors
    /// Every fault found.
    pub fn load(rules: &Path) -> Result<Self, Vec<PolicyFault>> {
        Self::load_if_there(rules)?.ok_or_else(|| vec![PolicyFault::new(FILE, "is not there")])
    }

    /// The same, where the directory has the file: without it nobody acts for another.
    ///
    /// # Errors
    /// Every fault found.
    pub(super) fn load_if_there(rules: &Path) -> Result<Option<Self>, Vec<PolicyFault>> {
        let fault = |problem: String| PolicyFault::new(FILE, problem);
        let read = read_file::<Raw>(rules, FILE).map_err(|fault| vec![fault])?;
        let Some((raw, digest)) = read else { return Ok(None) };
        let (mut faults, mut kinds) = (Vec::new(), HashMap::new());
        for kind in raw.kind {
            let name = kind.code.as_str();
            if kind.proofs.is_empty() {
                faults.push(fault(format!("{name}: names no proof")));
            }
            if !(1..=LONGEST).contains(&kind.most_days) {
                faults.push(fault(format!("{name}: most_days must be 1 to {LONGEST}")));
            }
            if kind.groups.is_empty() {
                faults.push(fault(format!("{name}: names no group of data sets")));
            }
            let RawKind { code, most_days, proofs, groups } = kind;
            if kinds.insert(code, Kind { most_days, proofs, groups }).is_some() {
                faults.push(fault(format!("names {name} twice")));
            }
        }
        for kind in RepresentationKind::ALL.iter().filter(|kind| !kinds.contains_key(kind)) {
            faults.push(fault(format!("does not name {}", kind.as_str())));
        }
        let read = Self { ends_at_age: raw.child.ends_at_age, kinds, digest };
        if faults.is_empty() { Ok(Some(read)) } else { Err(faults) }
    }

    /// Of the file's text.
    pub(super) const fn digest(&self) -> Digest {
        self.digest
    }

    /// Whether a representative on this ground may decide about data sets of `group`.
    #[must_use]
    pub fn covers(&self, kind: RepresentationKind, group: &str) -> bool {
        let groups = self.kinds.get(&kind).map(|kind| kind.groups.as_slice()).unwrap_or_default();
        groups.iter().any(|named| named == EVERY || named == group)
    }

    /// Every group that is named for some kind.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        self.kinds.values().flat_map(|kind| &kind.groups).map(String::as_str).filter(|group| *group != EVERY)
    }

    /// Whether someone may be registered on this ground with this paper from `today` until the end of `until`. `born` is
    /// the birthday of whoever is represented; it counts for a parent's child, and is not kept.
    ///
    /// # Errors
    /// [`NotRepresentable`] with the first rule broken.
    pub fn check(
        &self,
        (kind, proof): (RepresentationKind, RepresentationProof),
        (today, until): (NaiveDate, NaiveDate),
        born: Option<NaiveDate>,
    ) -> Result<(), NotRepresentable> {
        let found = self.kinds.get(&kind);
        let (days, proofs) = found.map_or((0, &[][..]), |kind| (kind.most_days, kind.proofs.as_slice()));
        if !proofs.contains(&proof) {
            let accepted = proofs.iter().map(|proof| proof.as_str()).collect::<Vec<_>>().join(", ");
            return Err(NotRepresentable::Proof { kind, proof, accepted });
        }
        let mut most = today.checked_add_days(Days::new(u64::from(days))).unwrap_or(today);
        if kind == RepresentationKind::Parent {
            let age = self.ends_at_age;
            let birthday = born.and_then(|born| born.checked_add_months(Months::new(u32::from(age) * 12)));
            // The day before the birthday is the last one as a child.
            let last = birthday.and_then(|birthday| birthday.pred_opt()).ok_or(NotRepresentable::Born(age))?;
            most = most.min(last);
        }
        if today <= until && until <= most { Ok(()) } else { Err(NotRepresentable::Until { until, today, most }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use RepresentationKind as Kind;
    use RepresentationProof as Proof;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn grounds_papers_and_ages_as_shipped() {
        let limits = RepresentationLimits::load(Path::new("policies")).unwrap();
        let today = day("2026-11-21");
        for (kind, proof, until, born, wanted) in [
            (Kind::Appointed, Proof::PowerOfAttorney, "2027-11-21", None, true),
            (Kind::Appointed, Proof::PowerOfAttorney, "2027-11-22", None, false),
            (Kind::Appointed, Proof::PowerOfAttorney, "2026-11-20", None, false),
            (Kind::Appointed, Proof::PowerOfAttorney, "2026-11-21", None, true),
            (Kind::Guardian, Proof::PowerOfAttorney, "2027-01-01", None, false),
            (Kind::Guardian, Proof::RegistryCertificate, "2027-01-01", None, true),
            (Kind::Parent, Proof::FamilyRegister, "2027-01-01", None, false),
            (Kind::Parent, Proof::FamilyRegister, "2027-01-01", Some("2020-01-01"), true),
            (Kind::Parent, Proof::FamilyRegister, "2027-03-31", Some("2009-04-01"), true),
            (Kind::Parent, Proof::FamilyRegister, "2027-04-01", Some("2009-04-01"), false),
            (Kind::Parent, Proof::FamilyRegister, "2026-11-21", Some("2008-11-21"), false),
            (Kind::Parent, Proof::FamilyRegister, "2026-11-21", Some("2008-11-22"), true),
        ] {
            let told = limits.check((kind, proof), (today, day(until)), born.map(day));
            assert_eq!(told.is_ok(), wanted, "{kind:?} {proof:?} {until} {born:?}: {told:?}");
        }
    }

    #[test]
    fn each_ground_covers_its_own_matters_as_shipped() {
        let limits = RepresentationLimits::load(Path::new("policies")).unwrap();
        for (kind, group, wanted) in [
            (Kind::Parent, "vaccination", true),
            (Kind::Guardian, "tax_and_income", true),
            (Kind::CareManager, "long_term_care", true),
            (Kind::CareManager, "tax_and_income", false),
            (Kind::LaborConsultant, "pension", true),
            (Kind::LaborConsultant, "treatment_and_medicines", false),
            (Kind::TaxAccountant, "tax_and_income", true),
            (Kind::TaxAccountant, "household", false),
            (Kind::Appointed, "anything", true),
        ] {
            assert_eq!(limits.covers(kind, group), wanted, "{kind:?} {group}");
        }
        let known = std::fs::read_to_string("policies/data-sets/groups.toml").unwrap();
        for group in limits.groups() {
            assert!(known.contains(&format!("code = \"{group}\"")), "{group} is no group");
        }
    }

    #[test]
    fn a_file_that_leaves_a_kind_out_or_says_something_unknown_is_refused() {
        let shipped = std::fs::read_to_string("policies/representation.toml").unwrap();
        let twice = format!(
            "{shipped}\n[[kind]]\ncode = \"parent\"\nmost_days = 1\nproofs = [\"family_register\"]\ngroups = [\"*\"]\n"
        );
        for text in [
            String::new(),
            twice,
            shipped.replace("\"guardian\"", "\"friend\""),
            shipped.replace("most_days = 180", "most_days = 0"),
            shipped.replace("[\"registry_certificate\"]", "[]"),
            shipped.replace("[\"*\"]", "[]"),
            shipped.replace("groups = [\"*\"]\n", ""),
            shipped.split("[[kind]]").take(3).collect::<Vec<_>>().join("[[kind]]"),
        ] {
            let rules = tempfile::tempdir().unwrap();
            std::fs::write(rules.path().join(FILE), &text).unwrap();
            assert!(RepresentationLimits::load(rules.path()).is_err(), "{text}");
        }
        assert!(RepresentationLimits::load(tempfile::tempdir().unwrap().path()).is_err());
    }
}
