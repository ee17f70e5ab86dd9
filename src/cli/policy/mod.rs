//! `madoguchi policy`: what an operator asks about the rules.
//!
//! What for: rules are argued about by people. `test` runs the cases beside them; `explain` says which rules made a
//! decision, or would make one; `diff` says what a change of the rules would end, before it is in force.
//!
//! How it flows: `arguments` says what can be typed; each sub-command is a file; the rules are read from the directory
//! that is typed, else from the one that the configuration names.
//!
//! How to add one more: a variant in `arguments`, a file, its line in [`run`].
//!
//! What it must never do: change anything; print anything of a person (decisions and grants are told by codes and counts).

mod arguments;
mod diff;
mod explain;
mod progress;
mod review;
mod test;

pub use arguments::PolicyCommand;
pub use diff::WouldCut;

use super::arguments::StorePlace;
use super::dev::command::found;
use super::ground::not_in_order;
use crate::config;
use crate::policy::RuleSet;
use std::path::{Path, PathBuf};

/// Runs a sub-command to its end.
///
/// # Errors
/// What is wrong with the rules or with what was typed; [`WouldCut`] when a change would end something.
pub async fn run(command: PolicyCommand) -> anyhow::Result<()> {
    match command {
        PolicyCommand::Test { policies, place } => {
            test::run(&directory(policies, &StorePlace { config: place.config, dev: None })?)
        }
        PolicyCommand::Explain(asked) => explain::run(asked).await,
        PolicyCommand::Diff { new, policies, json, place } => diff::run(&new, policies, json, &place).await,
    }
}

/// The directory of the rules: as typed, else as the configuration says, else the one here.
fn directory(typed: Option<PathBuf>, place: &StorePlace) -> anyhow::Result<PathBuf> {
    let here = || PathBuf::from("policies");
    let directory = match typed {
        Some(directory) => directory,
        // `madoguchi dev` has no configuration.
        None if place.dev.is_some() => here(),
        None => config::load::find(place.config.as_deref())?.map_or_else(here, |config| config.policies),
    };
    Ok(found(directory))
}

fn load(directory: &Path) -> anyhow::Result<RuleSet> {
    RuleSet::load(directory).map_err(|faults| not_in_order(directory, &faults))
}
