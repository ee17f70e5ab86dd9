//! What was found about a filing, item by item: by which rule, how grave, where, and in plain words.

use crate::domain::Refusal;
use crate::domain::words::Words;
use serde::{Deserialize, Serialize};

/// Most findings of one delivery that are kept.
pub const MOST_FINDINGS: usize = 100;
/// Most characters of each text of a finding.
const MOST_CHARACTERS: usize = 500;

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It is not taken like this.
    Reject,
    /// It is taken, and waits for an amendment.
    Hold,
    /// It is taken; look at it all the same.
    Warn,
}

impl Severity {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reject => "reject",
            Self::Hold => "hold",
            Self::Warn => "warn",
        }
    }
}

/// How long a value is, and how long it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Length {
    /// Its length: bytes of Shift_JIS of a text, digits of a number.
    #[schema(example = 27)]
    pub is: u32,
    /// The most there may be.
    #[schema(example = 25)]
    pub most: u32,
}

/// One finding. Of the value that it is about, it repeats no more than the one character that is to blame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule's number, at the agency or here (`MG…`).
    pub rule: String,
    /// How grave it is.
    pub severity: Severity,
    /// JSON pointer (RFC 6901) into the delivery's `content`; empty for the whole.
    pub pointer: String,
    /// Which character of the value, from 0, where one is to blame.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
    /// The value's length, where it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<Length>,
    /// What to write instead of the character at `position`, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
    /// What is wrong and how to mend it.
    pub words: Words,
}

impl Finding {
    /// A finding of a rule of ours.
    #[must_use]
    pub fn reject(rule: &str, pointer: impl Into<String>, ja: &str, en: &str) -> Self {
        let words = Words { ja: ja.to_owned(), en: en.to_owned() };
        Self {
            rule: rule.to_owned(),
            severity: Severity::Reject,
            pointer: pointer.into(),
            position: None,
            length: None,
            suggestion: None,
            words,
        }
    }

    /// Whether it keeps what it is about from being taken.
    #[must_use]
    pub fn is_reject(&self) -> bool {
        self.severity == Severity::Reject
    }

    /// The same, about a value that is too long.
    #[must_use]
    pub fn over(mut self, is: usize, most: usize) -> Self {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        self.length = Some(Length { is: count(is), most: count(most) });
        self
    }

    /// The same, about one character of the value.
    #[must_use]
    pub fn at_character(mut self, position: usize) -> Self {
        self.position = u32::try_from(position).ok();
        self
    }

    /// The same in a larger document, whose part at `prefix` it is about.
    #[must_use]
    pub fn below(mut self, prefix: &str) -> Self {
        self.pointer.insert_str(0, prefix);
        self
    }

    /// A finding as a stranger sent it, with its texts cut to what may be kept and shown.
    #[must_use]
    pub fn tamed(self) -> Self {
        let tame = |text: &str| text.chars().filter(|c| !c.is_control()).take(MOST_CHARACTERS).collect::<String>();
        let words = Words { ja: tame(&self.words.ja), en: tame(&self.words.en) };
        let suggestion = self.suggestion.as_deref().map(tame);
        Self { rule: tame(&self.rule), pointer: tame(&self.pointer), suggestion, words, ..self }
    }
}

/// Whether something with these findings cannot be taken.
#[must_use]
pub fn is_rejected(findings: &[Finding]) -> bool {
    findings.iter().any(Finding::is_reject)
}

/// Refuses what can never be taken like this, with everything that was found about it.
///
/// # Errors
/// `invalid_filing`.
pub fn refuse(mut findings: Vec<Finding>) -> Result<(), Refusal> {
    let Some(first) = findings.iter().find(|one| one.is_reject()) else { return Ok(()) };
    let (words, pointer) = (format!("{}: {}", first.rule, first.words.en), first.pointer.clone());
    findings.truncate(MOST_FINDINGS);
    Err(Refusal::new("invalid_filing", words).at(pointer).found(findings))
}

/// Findings as a stranger sent them: no more than may be kept.
#[must_use]
pub fn tamed(findings: Vec<Finding>) -> Vec<Finding> {
    findings.into_iter().take(MOST_FINDINGS).map(Finding::tamed).collect()
}
