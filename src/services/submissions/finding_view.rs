//! What a filer sees of what was found about a filing.

use crate::domain::submission::{Finding, Length, Severity};
use crate::domain::words::Words;
use serde::Serialize;
use utoipa::ToSchema;

/// What was found about one item.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Finding)]
pub struct FindingView {
    /// The rule's number: the agency's, or ours (`MG…`).
    #[schema(example = "MG004")]
    pub rule: String,
    /// How grave it is.
    pub severity: Severity,
    /// JSON pointer (RFC 6901) into the delivery's content.
    #[schema(example = "/employees/0/name")]
    pub pointer: String,
    /// Which character of the value, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub position: Option<u32>,
    /// The value's length, where it is over: bytes of Shift_JIS of a text, digits of a number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub length: Option<Length>,
    /// What to write instead of the character at `position`, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "高")]
    pub suggestion: Option<String>,
    /// What is wrong and how to mend it.
    pub words: Words,
}

impl FindingView {
    /// A finding as its filer sees it.
    #[must_use]
    pub fn of(one: &Finding) -> Self {
        Self {
            rule: one.rule.clone(),
            severity: one.severity,
            pointer: one.pointer.clone(),
            position: one.position,
            length: one.length,
            suggestion: one.suggestion.clone(),
            words: one.words.clone(),
        }
    }
}
