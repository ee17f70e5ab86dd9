//! One agency, as the operator names it in the configuration.

use super::egov::EgovSettings;
use crate::adapters::selfinfo::is_safe;
use crate::domain::corporate_number::CorporateNumber;
use serde::Deserialize;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// What an agency allows when nobody knows whether a call had its effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeats {
    /// It knows a repeated call by its key, and does it once: the call is made again.
    ByKey,
    /// It can be asked whether it has something: it is asked, and the call is made again only when it has not.
    AfterLookUp,
    /// Neither: a person looks.
    Never,
}

/// What an agency speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgencyKind {
    /// The plain protocol.
    #[default]
    Plain,
    /// e-Gov 電子申請 API, version 2.
    Egov,
    /// 日本年金機構's CSV (`SHFD0006.CSV`).
    Pension,
}

/// One agency.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgencySettings {
    /// Its name: what filings say; `a-z 0-9 -`.
    pub name: String,
    /// What it speaks.
    #[serde(default)]
    pub kind: AgencyKind,
    /// Where it is: `https://…`, or `http://` on a loopback address.
    pub base_url: Url,
    /// The procedures that it takes.
    pub procedures: Vec<String>,
    /// Where it is competent: codes of municipalities (全国地方公共団体コード), or how they begin; everywhere when empty.
    #[serde(default)]
    pub areas: Vec<String>,
    /// What it allows when nobody knows whether a call had its effect.
    pub repeats: Repeats,
    /// Its corporate number (法人番号): a client with this number may reference what was filed to it by cloud.
    #[serde(default)]
    pub corporate_number: Option<CorporateNumber>,
    /// The file of our bearer token there.
    #[serde(default)]
    pub token_file: Option<PathBuf>,
    /// Who vouches for its TLS certificate, PEM, when that is an authority of its own; else those of the system.
    #[serde(default)]
    pub authorities_file: Option<PathBuf>,
    /// The most bytes of one content.
    #[serde(default = "default_largest_content")]
    pub largest_content: usize,
    /// How many of its deliveries may be worked on at once, by all workers together.
    #[serde(default = "default_most_at_once")]
    pub most_at_once: u16,
    /// How many calls each worker makes in a second, at most.
    #[serde(default = "default_calls_per_second")]
    pub calls_per_second: u16,
    /// How long one call may take, in seconds.
    #[serde(default = "default_call_timeout")]
    pub call_timeout_seconds: u16,
    /// How long after an unanswered call it is asked whether it has it, in seconds: longer than it may take over one.
    #[serde(default = "default_look_up_after")]
    pub look_up_after_seconds: u32,
    /// How often it is asked how something stands, in seconds.
    #[serde(default = "default_look_every")]
    pub look_every_seconds: u32,
    /// The pause before the second try, in milliseconds; it doubles from there.
    #[serde(default = "default_first_pause")]
    pub first_pause_millis: u32,
    /// The longest pause between two tries, in seconds.
    #[serde(default = "default_longest_pause")]
    pub longest_pause_seconds: u32,
    /// How long one tries, in hours.
    #[serde(default = "default_give_up_after")]
    pub give_up_after_hours: u32,
    /// How long after its decision it is asked whether it has given something back, in days; not at all with 0. An agency
    /// that gives no documents back is not asked.
    #[serde(default = "default_documents_after_end")]
    pub documents_after_end_days: u32,
    /// What e-Gov wants to be told beside.
    #[serde(default)]
    pub egov: Option<EgovSettings>,
}

const fn default_largest_content() -> usize {
    512 * 1024
}
const fn default_most_at_once() -> u16 {
    8
}
const fn default_calls_per_second() -> u16 {
    20
}
const fn default_call_timeout() -> u16 {
    30
}
const fn default_look_up_after() -> u32 {
    120
}
const fn default_look_every() -> u32 {
    60
}
const fn default_first_pause() -> u32 {
    2000
}
const fn default_longest_pause() -> u32 {
    900
}
const fn default_give_up_after() -> u32 {
    72
}
const fn default_documents_after_end() -> u32 {
    90
}

/// An agency that cannot be used as it is configured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("agency {name:?}: {fault}")]
pub struct InvalidAgency {
    /// Which.
    pub name: String,
    /// What is wrong, naming the field.
    pub fault: String,
}

impl AgencySettings {
    /// Checks what the form alone can tell.
    ///
    /// # Errors
    /// [`InvalidAgency`] with the first fault.
    pub fn check(&self) -> Result<(), InvalidAgency> {
        let fault = |fault: &str| Err(InvalidAgency { name: self.name.clone(), fault: fault.to_owned() });
        let is_name = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !(1..=64).contains(&self.name.len()) || !self.name.bytes().all(is_name) {
            return fault("name must be 1 to 64 characters of a-z 0-9 -");
        }
        if !is_safe(&self.base_url) {
            return fault("base_url must be https, or http on a loopback address, without query or credentials");
        }
        let is_procedure = |text: &String| {
            (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        if self.procedures.is_empty() || !self.procedures.iter().all(is_procedure) {
            return fault("procedures must name at least one, each 1 to 64 characters of A-Z a-z 0-9 - _");
        }
        let is_area = |text: &String| (1..=6).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        if !self.areas.iter().all(is_area) {
            return fault("areas must be codes of municipalities, or how they begin: 1 to 6 digits each");
        }
        if self.most_at_once == 0 || self.calls_per_second == 0 || !(1..=600).contains(&self.call_timeout_seconds) {
            return fault("most_at_once and calls_per_second must be at least 1, call_timeout_seconds 1 to 600");
        }
        if self.look_up_after_seconds <= u32::from(self.call_timeout_seconds) {
            return fault("look_up_after_seconds must be more than call_timeout_seconds");
        }
        if self.look_every_seconds == 0 || self.first_pause_millis < 10 || self.longest_pause_seconds == 0 {
            return fault("look_every_seconds and longest_pause_seconds must be at least 1, first_pause_millis 10");
        }
        if !(1..=8760).contains(&self.give_up_after_hours) {
            return fault("give_up_after_hours must be 1 to 8760");
        }
        if self.documents_after_end_days > 3650 {
            return fault("documents_after_end_days must be 0 to 3650");
        }
        if self.egov.is_some() != (self.kind == AgencyKind::Egov) {
            return fault("kind \"egov\" wants a table [agencies.egov], and no other kind takes one");
        }
        if let Some(egov) = &self.egov {
            if let Some(words) = egov.fault(&self.procedures) {
                return fault(words);
            }
            if self.repeats != Repeats::AfterLookUp {
                return fault(
                    "repeats must be \"after_look_up\" at e-Gov, which knows no key and does a repeated call again",
                );
            }
        }
        Ok(())
    }

    /// How closely it is there for a municipality: the digits by which one of its areas is told; none where it is not.
    #[must_use]
    pub fn serves(&self, municipality: &str) -> Option<usize> {
        if self.areas.is_empty() {
            return Some(0);
        }
        self.areas.iter().filter(|area| municipality.starts_with(area.as_str())).map(String::len).max()
    }

    /// `{base_url}` without a slash at its end.
    #[must_use]
    pub fn base(&self) -> &str {
        self.base_url.as_str().trim_end_matches('/')
    }

    /// How long one call may take.
    #[must_use]
    pub fn call_timeout(&self) -> Duration {
        Duration::from_secs(u64::from(self.call_timeout_seconds))
    }

    /// How long after an unanswered call it is asked whether it has it.
    #[must_use]
    pub fn look_up_after(&self) -> Duration {
        Duration::from_secs(u64::from(self.look_up_after_seconds))
    }

    /// How often it is asked how something stands.
    #[must_use]
    pub fn look_every(&self) -> Duration {
        Duration::from_secs(u64::from(self.look_every_seconds))
    }

    /// How long after its decision it may still give something back.
    #[must_use]
    pub fn documents_after_end(&self) -> Duration {
        Duration::from_hours(u64::from(self.documents_after_end_days) * 24)
    }

    /// How long one tries.
    #[must_use]
    pub fn give_up_after(&self) -> Duration {
        Duration::from_hours(u64::from(self.give_up_after_hours))
    }

    /// The pause after the try of this number, from 1, without jitter.
    #[must_use]
    pub fn pause(&self, tries: u32) -> Duration {
        let first = Duration::from_millis(u64::from(self.first_pause_millis));
        let longest = Duration::from_secs(u64::from(self.longest_pause_seconds));
        first.saturating_mul(2_u32.saturating_pow(tries.saturating_sub(1).min(20))).min(longest)
    }
}
