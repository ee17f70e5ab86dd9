//! The clauses and the checks, read from their embedded tables.

use super::report::State;
use crate::domain::Words;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

const CLAUSES: &str = include_str!("clauses.toml");
const CHECKS: &str = include_str!("checks.toml");

/// A group of clauses.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// As the checklist numbers it.
    pub id: String,
    pub(super) ja: String,
    pub(super) en: String,
}

/// One requirement.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// Its section.
    pub section: String,
    /// Its number in its text.
    pub id: String,
    /// How much it binds.
    pub level: String,
    pub(super) ja: String,
    pub(super) en: String,
    /// What is looked at for it.
    #[serde(default)]
    pub checks: Vec<String>,
    /// The tests that show it.
    #[serde(default)]
    pub tests: Vec<String>,
    /// Why it is met in part only, whatever the checks say.
    pub(super) partial: Option<Words>,
    /// Why it is not offered.
    pub(super) not_offered: Option<Words>,
}

/// Where a check looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asks {
    /// The metadata of the authorization server.
    Metadata,
    /// The metadata of the protected resource.
    Resource,
    /// How the process was started.
    Configuration,
    /// Clients and keys in the store.
    Records,
    /// This build itself.
    SelfTest,
}

impl Asks {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Metadata => "metadata",
            Self::Resource => "resource_metadata",
            Self::Configuration => "configuration",
            Self::Records => "records",
            Self::SelfTest => "self_test",
        }
    }
}

/// One thing that is looked at.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Its name.
    pub id: String,
    /// Where it looks.
    pub asks: Asks,
    pub(super) ja: String,
    pub(super) en: String,
    pub(super) pointer: Option<String>,
    pub(super) equals: Option<Value>,
    #[serde(default)]
    pub(super) holds: Vec<String>,
    #[serde(default)]
    pub(super) lacks: Vec<String>,
    pub(super) within: Option<Vec<String>>,
    #[serde(default)]
    pub(super) is_there: bool,
    #[serde(default = "broken")]
    pub(super) otherwise: State,
}

const fn broken() -> State {
    State::Broken
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClauseFile {
    section: Vec<Section>,
    clause: Vec<Clause>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckFile {
    check: Vec<Check>,
}

/// Everything that there is to look at.
#[derive(Clone, Debug)]
pub struct Catalogue {
    /// In the order of the checklist.
    pub sections: Vec<Section>,
    /// In the order of the checklist.
    pub clauses: Vec<Clause>,
    /// By name.
    pub checks: BTreeMap<String, Check>,
}

impl Catalogue {
    /// Reads the embedded tables.
    ///
    /// # Errors
    /// What does not read, in words.
    pub fn load() -> Result<Self, String> {
        let clauses: ClauseFile = toml::from_str(CLAUSES).map_err(|error| format!("clauses.toml: {error}"))?;
        let checks: CheckFile = toml::from_str(CHECKS).map_err(|error| format!("checks.toml: {error}"))?;
        let checks = checks.check.into_iter().map(|check| (check.id.clone(), check)).collect();
        Ok(Self { sections: clauses.section, clauses: clauses.clause, checks })
    }
}
