//! For how long records are kept: `retention.toml` beside the rules.
//!
//! A directory of rules without the file erases nothing of what the file speaks of, and a file that leaves out a kind that
//! came later erases nothing of that kind: an erasure cannot be undone, so it takes a decision. Decisions of the rules
//! alone, which are about nobody, go after ninety days without one. A file that leaves out one of the first two kinds, or
//! that says something unknown or unreasonable, is a fault.

use super::{PolicyFault, read_file};
use crate::domain::{Digest, Kept, Timestamp};
use serde::Deserialize;
use std::path::Path;
use std::time::Duration;

/// The file's name.
const FILE: &str = "retention.toml";
/// The most days: more than a generation is no decision but a slip.
const MOST: u32 = 10_950;
/// For how long decisions of the rules are kept where no file says otherwise.
const DECISIONS: u32 = 90;
const DAY: Duration = Duration::from_hours(24);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    evidence_records: RawKept,
    access_history: RawKept,
    ended_consents: Option<RawEnded>,
    ended_filings: Option<RawKept>,
    ended_bulk_filings: Option<RawKept>,
    employment_certificates: Option<RawKept>,
    ended_payments: Option<RawKept>,
    certificate_requests: Option<RawKept>,
    ended_establishments: Option<RawKept>,
    ended_deposits: Option<RawKept>,
    ended_disposition_notices: Option<RawKept>,
    ended_notices: Option<RawKept>,
    ended_applications: Option<RawKept>,
    dead_letters: Option<RawKept>,
    sign_ins: Option<RawKept>,
    decisions: Option<RawKept>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawKept {
    keep_days: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEnded {
    keep_days: u32,
    on_request_after_days: u32,
}

impl Raw {
    /// For how many days each kind is kept that the file speaks of.
    fn days(&self) -> impl Iterator<Item = (Kept, u32)> {
        let of = |kept: &Option<RawKept>| kept.as_ref().map(|raw| raw.keep_days);
        let days = [
            (Kept::EvidenceRecords, Some(self.evidence_records.keep_days)),
            (Kept::AccessHistory, Some(self.access_history.keep_days)),
            (Kept::EndedConsents, self.ended_consents.as_ref().map(|raw| raw.keep_days)),
            (Kept::EndedFilings, of(&self.ended_filings)),
            (Kept::EndedBulkFilings, of(&self.ended_bulk_filings)),
            (Kept::EmploymentCertificates, of(&self.employment_certificates)),
            (Kept::EndedPayments, of(&self.ended_payments)),
            (Kept::CertificateRequests, of(&self.certificate_requests)),
            (Kept::EndedEstablishments, of(&self.ended_establishments)),
            (Kept::EndedDeposits, of(&self.ended_deposits)),
            (Kept::EndedDispositionNotices, of(&self.ended_disposition_notices)),
            (Kept::EndedNotices, of(&self.ended_notices)),
            (Kept::EndedApplications, of(&self.ended_applications)),
            (Kept::DeadLetters, of(&self.dead_letters)),
            (Kept::SignIns, of(&self.sign_ins)),
            (Kept::Decisions, Some(of(&self.decisions).unwrap_or(DECISIONS))),
        ];
        days.into_iter().filter_map(|(kind, days)| Some((kind, days?)))
    }
}

/// The fewest days: less than what citizens, filers and third parties need to look at what was done is a slip, too.
const fn fewest(kind: Kept) -> u32 {
    match kind {
        Kept::DeadLetters | Kept::SignIns | Kept::Decisions => 30,
        _ => 90,
    }
}

/// The operator's schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retention {
    days: Vec<(Kept, u32)>,
    on_request_after: u32,
    is_decided: bool,
    digest: Digest,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            days: vec![(Kept::Decisions, DECISIONS)],
            on_request_after: 0,
            is_decided: false,
            digest: Digest::of(""),
        }
    }
}

impl Retention {
    /// Reads the file in the directory of the rules.
    ///
    /// # Errors
    /// What is wrong with `retention.toml`: that it can't be read, the kind that is missing or unknown, or the
    /// `keep_days` that is out of its range.
    pub(super) fn load(rules: &Path) -> Result<Self, Vec<PolicyFault>> {
        let read = read_file::<Raw>(rules, FILE).map_err(|fault| vec![fault])?;
        let Some((raw, digest)) = read else { return Ok(Self::default()) };
        let faults = faults(&raw);
        let on_request_after = raw.ended_consents.as_ref().map_or(0, |raw| raw.on_request_after_days);
        let read = Self { days: raw.days().collect(), on_request_after, is_decided: true, digest };
        if faults.is_empty() { Ok(read) } else { Err(faults) }
    }

    /// Of the file's text.
    pub(super) const fn digest(&self) -> Digest {
        self.digest
    }

    /// Each kind that is erased, with the moment before which it is due for that at `now`.
    pub fn due(&self, now: Timestamp) -> impl Iterator<Item = (Kept, Timestamp)> {
        self.kinds().map(move |(kind, days)| (kind, now.minus(DAY * days)))
    }

    /// For how many days after its end what was kept under a consent stays, even when the citizen wants it erased.
    #[must_use]
    pub const fn on_request_after_days(&self) -> u32 {
        self.on_request_after
    }

    /// Each kind that is erased, and for how many days it is kept before.
    pub fn kinds(&self) -> impl Iterator<Item = (Kept, u32)> {
        self.days.iter().copied()
    }

    /// Whether the operator decided: without it nothing about people is erased on schedule.
    #[must_use]
    pub const fn is_decided(&self) -> bool {
        self.is_decided
    }
}

fn faults(raw: &Raw) -> Vec<PolicyFault> {
    let wrong = raw
        .days()
        .filter(|(kind, days)| !(fewest(*kind)..=MOST).contains(days))
        .map(|(kind, days)| format!("[{}] keep_days is {days}; it must be {} to {MOST}", kind.as_str(), fewest(kind)));
    let longer = raw.ended_consents.iter().filter(|raw| raw.on_request_after_days > raw.keep_days).map(|raw| {
        let RawEnded { keep_days, on_request_after_days } = raw;
        format!(
            "[ended_consents] on_request_after_days is {on_request_after_days}; it must be no more than its keep_days, {keep_days}"
        )
    });
    wrong.chain(longer).map(|problem| PolicyFault::new(FILE, problem)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Retention, Vec<PolicyFault>> {
        let rules = tempfile::tempdir().unwrap();
        std::fs::write(rules.path().join(FILE), text).unwrap();
        Retention::load(rules.path())
    }

    fn file(records: &str, history: &str) -> String {
        format!("[evidence_records]\nkeep_days = {records}\n[access_history]\nkeep_days = {history}\n")
    }

    fn due(retention: &Retention, kind: Kept, now: Timestamp) -> Option<Timestamp> {
        retention.due(now).find(|(known, _)| *known == kind).map(|(_, until)| until)
    }

    fn ended(keep: &str, after: &str) -> String {
        format!("[ended_consents]\nkeep_days = {keep}\non_request_after_days = {after}\n")
    }

    #[test]
    fn ended_consents_are_erased_where_the_file_speaks_of_them() {
        let now = Timestamp::from_seconds(1_800_000_000);
        let silent = read(&file("90", "90")).unwrap();
        assert_eq!((due(&silent, Kept::EndedConsents, now), silent.on_request_after_days()), (None, 0));
        let spoken = read(&format!("{}{}", file("90", "90"), ended("100", "7"))).unwrap();
        let until = due(&spoken, Kept::EndedConsents, now);
        assert_eq!(until, Some(Timestamp::from_seconds(1_800_000_000 - 100 * 86_400)));
        assert_eq!((spoken.on_request_after_days(), spoken.kinds().count()), (7, 4));
    }

    #[test]
    fn what_is_due_is_what_is_older_than_its_days() {
        let now = Timestamp::from_seconds(1_800_000_000);
        let read = read(&format!("{}[ended_filings]\nkeep_days = 365\n", file("90", "10950"))).unwrap();
        for (kind, days) in [
            (Kept::EvidenceRecords, Some(90)),
            (Kept::AccessHistory, Some(10_950)),
            (Kept::EndedFilings, Some(365)),
            (Kept::EndedBulkFilings, None),
            (Kept::DeadLetters, None),
            (Kept::SignIns, None),
            (Kept::Decisions, Some(90)),
        ] {
            let until = days.map(|days: i64| Timestamp::from_seconds(1_800_000_000 - days * 86_400));
            assert_eq!(due(&read, kind, now), until, "{}", kind.as_str());
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_file_and_field() {
        for (text, told) in [
            (String::new(), "evidence_records"),
            ("[evidence_records]\nkeep_days = 90\n".to_owned(), "access_history"),
            (file("89", "90"), "[evidence_records] keep_days is 89; it must be 90 to 10950"),
            (file("90", "10951"), "[access_history] keep_days is 10951; it must be 90 to 10950"),
            (file("-1", "90"), "keep_days"),
            (file("\"90\"", "90"), "keep_days"),
            (format!("{}more = 1\n", file("90", "90")), "more"),
            (format!("{}{}", file("90", "90"), ended("89", "1")), "[ended_consents] keep_days is 89"),
            (format!("{}{}", file("90", "90"), ended("90", "91")), "on_request_after_days is 91; it must be no more"),
            (format!("{}[ended_consents]\nkeep_days = 90\n", file("90", "90")), "on_request_after_days"),
            (
                format!("{}[ended_filings]\nkeep_days = 89\n", file("90", "90")),
                "[ended_filings] keep_days is 89; it must be 90",
            ),
            (
                format!("{}[decisions]\nkeep_days = 29\n", file("90", "90")),
                "[decisions] keep_days is 29; it must be 30",
            ),
            (format!("{}[sign_ins]\n", file("90", "90")), "keep_days"),
            (format!("{}[grants]\nkeep_days = 90\n", file("90", "90")), "grants"),
        ] {
            let faults = read(&text).unwrap_err();
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            assert!(faults.iter().any(|f| f.starts_with(FILE) && f.contains(told)), "{told}: {faults:?}");
        }
        assert_eq!(read(&file("1", "2")).unwrap_err().len(), 2, "both are told at once");
    }

    #[test]
    fn without_a_file_nothing_about_people_is_due_and_the_shipped_one_is_in_order() {
        let rules = tempfile::tempdir().unwrap();
        let none = Retention::load(rules.path()).unwrap();
        let kinds: Vec<Kept> = none.kinds().map(|(kind, _)| kind).collect();
        assert_eq!((none.is_decided(), kinds), (false, vec![Kept::Decisions]), "which are about nobody");
        let shipped = Retention::load(Path::new("policies")).unwrap();
        let kinds: Vec<Kept> = shipped.kinds().map(|(kind, _)| kind).collect();
        assert_eq!((shipped.is_decided(), kinds), (true, Kept::ALL.to_vec()), "the shipped one speaks of all");
    }
}
