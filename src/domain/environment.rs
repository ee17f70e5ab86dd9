//! Whom an installation serves: people, or made-up persons only.

use serde::{Deserialize, Serialize};

/// Where an installation stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// Real persons and their records.
    #[default]
    Production,
    /// Made-up persons only: third parties that are still being tried may act here.
    Sandbox,
}

impl Environment {
    /// Reads `production` or `sandbox`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "production" => Some(Self::Production),
            "sandbox" => Some(Self::Sandbox),
            _ => None,
        }
    }
}
