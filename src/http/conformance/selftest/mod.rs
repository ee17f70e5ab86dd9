//! The self-test: this build is put through right and wrong calls, under the installation's own settings.
//!
//! What for: a checklist that only repeats what the program says of itself proves nothing. Here the very code that serves
//! is asked, by a made-up third party with made-up keys, and its answers are compared with what the clauses want.
//!
//! How it flows: `bench` puts a second authorization server and gateway together, with the installation's public address,
//! rules and data sets, but with a store of its own that lasts as long as the test, and a clock that it can move; each
//! probe calls it and says what it saw; [`SelfTest`] keeps the answers by the name of their check.
//!
//! How to add one more: a function in the file of its matter, its line in [`run`], its entry in `checks.toml`.
//!
//! What it must never do: touch the installation's own store or hot state; take longer than a start may take.

mod bench;
mod clients;
mod codes;
mod gateway;
mod pages;
mod proofs;
mod pushes;
mod tokens;

use super::ConformanceParts;
use super::report::State;
use bench::Bench;
use std::collections::BTreeMap;

/// What a probe saw, or what it saw instead.
pub(super) type Outcome = Result<String, String>;

/// What the self-test found.
pub(super) struct SelfTest {
    found: BTreeMap<&'static str, Outcome>,
    /// Why it could not run.
    hindrance: Option<String>,
}

impl SelfTest {
    /// The state of a check, and what the self-test saw.
    pub fn look(&self, id: &str) -> (State, String) {
        match (self.found.get(id), &self.hindrance) {
            (Some(Ok(saw)), _) => (State::Met, saw.clone()),
            (Some(Err(saw)), _) => (State::Broken, saw.clone()),
            (None, Some(hindrance)) => (State::Partial, format!("the self-test could not run: {hindrance}")),
            (None, None) => (State::Broken, format!("no probe is called {id}")),
        }
    }
}

/// Puts this build to the test.
pub(super) async fn run(parts: &ConformanceParts) -> SelfTest {
    let mut found = BTreeMap::new();
    found.extend(pages::probes(&parts.pages));
    match Bench::open(parts).await {
        Ok(bench) => {
            found.extend(clients::probes(&bench).await);
            found.extend(pushes::probes(&bench).await);
            found.extend(codes::probes(&bench).await);
            found.extend(tokens::probes(&bench).await);
            found.extend(proofs::probes(&bench).await);
            found.extend(gateway::probes(&bench).await);
            SelfTest { found, hindrance: None }
        }
        Err(hindrance) => {
            tracing::warn!(hindrance, "the self-test could not run");
            SelfTest { found, hindrance: Some(hindrance) }
        }
    }
}
