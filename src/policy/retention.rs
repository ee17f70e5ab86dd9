//! For how long records about people are kept: `retention.toml` beside the rules.
//!
//! A directory of rules without the file erases nothing of what the file speaks of: an erasure cannot be undone, so it
//! takes a decision. A file that leaves a kind out, or that says something unknown or unreasonable, is a fault.

use super::PolicyFault;
use crate::domain::{Digest, Timestamp};
use serde::Deserialize;
use std::path::Path;
use std::time::Duration;

/// The file's name.
const FILE: &str = "retention.toml";
/// The fewest and the most days: less than what citizens and third parties need to look at a disclosure is no decision
/// but a slip, and so is more than a generation.
const RANGE: std::ops::RangeInclusive<u32> = 90..=10_950;
const DAY: Duration = Duration::from_hours(24);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    evidence_records: RawKept,
    access_history: RawKept,
    ended_consents: Option<RawEnded>,
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

/// The operator's schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    days: Option<Days>,
    digest: Digest,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Days {
    evidence_records: u32,
    access_history: u32,
    ended_consents: Option<EndedDays>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct EndedDays {
    keep: u32,
    on_request_after: u32,
}

/// What happened before these moments is to be erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// Salts and records of events.
    pub evidence_records: Timestamp,
    /// Lines of the access history.
    pub access_history: Timestamp,
    /// Consents that ended, with all that hangs on them; kept where the file does not speak of them.
    pub ended_consents: Option<Timestamp>,
}

impl Default for Retention {
    fn default() -> Self {
        Self { days: None, digest: Digest::of("") }
    }
}

impl Retention {
    /// Reads the file in the directory of the rules.
    ///
    /// # Errors
    /// What is wrong with `retention.toml`: that it can't be read, the kind that is missing or unknown, or the
    /// `keep_days` that is no number of 90 to 10950.
    pub(super) fn load(rules: &Path) -> Result<Self, Vec<PolicyFault>> {
        let path = rules.join(FILE);
        if !path.exists() {
            return Ok(Self::default());
        }
        let fault = |problem: String| vec![PolicyFault::new(FILE, problem)];
        let text = std::fs::read_to_string(path).map_err(|error| fault(format!("can't be read: {error}")))?;
        let raw: Raw = toml::from_str(&text).map_err(|error| fault(error.to_string()))?;
        let ended = raw.ended_consents.as_ref();
        let ended = ended.map(|raw| EndedDays { keep: raw.keep_days, on_request_after: raw.on_request_after_days });
        let days = Days {
            evidence_records: raw.evidence_records.keep_days,
            access_history: raw.access_history.keep_days,
            ended_consents: ended,
        };
        let faults = faults(&days);
        if faults.is_empty() { Ok(Self { days: Some(days), digest: Digest::of(&text) }) } else { Err(faults) }
    }

    /// Of the file's text.
    pub(super) const fn digest(&self) -> Digest {
        self.digest
    }

    /// What is due for erasure at `now`; none where no file decides it.
    #[must_use]
    pub fn due(&self, now: Timestamp) -> Option<Due> {
        self.days.map(|days| Due {
            evidence_records: now.minus(DAY * days.evidence_records),
            access_history: now.minus(DAY * days.access_history),
            ended_consents: days.ended_consents.map(|ended| now.minus(DAY * ended.keep)),
        })
    }

    /// For how many days after its end what was kept under a consent stays, even when the citizen wants it erased.
    #[must_use]
    pub fn on_request_after_days(&self) -> u32 {
        self.days.and_then(|days| days.ended_consents).map_or(0, |ended| ended.on_request_after)
    }

    /// Each kind of record by its name in the file, and for how many days it is kept; nothing where no file decides it.
    pub fn kinds(&self) -> impl Iterator<Item = (&'static str, u32)> {
        self.days.into_iter().flat_map(kinds)
    }
}

fn kinds(days: Days) -> impl Iterator<Item = (&'static str, u32)> {
    let both = [("evidence_records", days.evidence_records), ("access_history", days.access_history)];
    both.into_iter().chain(days.ended_consents.map(|ended| ("ended_consents", ended.keep)))
}

fn faults(days: &Days) -> Vec<PolicyFault> {
    let wrong = kinds(*days).filter(|(_, days)| !RANGE.contains(days));
    let wrong = wrong
        .map(|(kind, days)| format!("[{kind}] keep_days is {days}; it must be {} to {}", RANGE.start(), RANGE.end()));
    let longer = days.ended_consents.filter(|ended| ended.on_request_after > ended.keep).map(|ended| {
        let (asked, kept) = (ended.on_request_after, ended.keep);
        format!("[ended_consents] on_request_after_days is {asked}; it must be no more than its keep_days, {kept}")
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

    fn ended(keep: &str, after: &str) -> String {
        format!("[ended_consents]\nkeep_days = {keep}\non_request_after_days = {after}\n")
    }

    #[test]
    fn ended_consents_are_erased_where_the_file_speaks_of_them() {
        let now = Timestamp::from_seconds(1_800_000_000);
        let silent = read(&file("90", "90")).unwrap();
        assert_eq!((silent.due(now).unwrap().ended_consents, silent.on_request_after_days()), (None, 0));
        let spoken = read(&format!("{}{}", file("90", "90"), ended("100", "7"))).unwrap();
        let until = spoken.due(now).unwrap().ended_consents;
        assert_eq!(until, Some(Timestamp::from_seconds(1_800_000_000 - 100 * 86_400)));
        assert_eq!((spoken.on_request_after_days(), spoken.kinds().count()), (7, 3));
    }

    #[test]
    fn what_is_due_is_what_is_older_than_its_days() {
        let now = Timestamp::from_seconds(1_800_000_000);
        let due = read(&file("90", "10950")).unwrap().due(now).unwrap();
        assert_eq!(due.evidence_records, Timestamp::from_seconds(1_800_000_000 - 90 * 86_400));
        assert_eq!(due.access_history, Timestamp::from_seconds(1_800_000_000 - 10_950 * 86_400));
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
            (format!("{}[grants]\nkeep_days = 90\n", file("90", "90")), "grants"),
        ] {
            let faults = read(&text).unwrap_err();
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            assert!(faults.iter().any(|f| f.starts_with(FILE) && f.contains(told)), "{told}: {faults:?}");
        }
        assert_eq!(read(&file("1", "2")).unwrap_err().len(), 2, "both are told at once");
    }

    #[test]
    fn without_a_file_nothing_is_due_and_the_shipped_one_is_in_order() {
        let rules = tempfile::tempdir().unwrap();
        let none = Retention::load(rules.path()).unwrap();
        assert_eq!((none.due(Timestamp::from_seconds(1)), none.kinds().count()), (None, 0));
        let shipped = Retention::load(Path::new("policies")).unwrap();
        assert_eq!(shipped.kinds().count(), 3);
    }
}
