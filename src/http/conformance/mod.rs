//! Conformance that anyone can look at: every clause that this counter is held to, with its state as it is now.
//!
//! What for: "we follow FAPI 2.0" is a claim; a table that is worked out from the running installation, and that turns
//! red when a setting breaks a clause, is an answer. `/conformance` shows it to people and to programs,
//! `madoguchi doctor` prints it, and in strict mode `/readyz` fails while a clause is broken.
//!
//! How it flows: `clauses.toml` names each clause once, with its checks and its tests; `checks.toml` names what is looked
//! at. [`Conformance::report`] gathers the facts (how the process was started, what its metadata says, what is registered,
//! and what [`selftest`] found when it put this build through right and wrong calls), looks at each check, and gives the
//! [`Report`]. It is worked out anew when it is older than [`FRESH`].
//!
//! How to add one more: a clause is an entry in `clauses.toml`; a check an entry in `checks.toml` and, unless it asks the
//! metadata, a line in `configured.rs`, `recorded.rs` or `selftest`. A test's name is evidence: add it to its clauses.
//!
//! What it must never do: say "met" of a clause that no test in the sources shows; name a client, a file or a secret;
//! leave a trace of its self-test in the installation's own store.

mod catalogue;
mod configured;
mod described;
mod facts;
mod recorded;
mod report;
pub(super) mod routes;
mod selftest;

pub use catalogue::Catalogue;
pub use facts::{Deployment, ListenerKind, Outbound};
pub use report::{ClauseReport, Counts, Finding, Report, SectionReport, State};
pub use routes::routes;

use crate::catalog::Catalog;
use crate::domain::{Clock, Entropy, Fault, Timestamp};
use crate::gateway::Gateway;
use crate::http::pages::Pages;
use crate::issuer::Issuer;
use crate::limits::Limits;
use crate::policy::Policies;
use crate::store::Store;
use actix_web::web;
use facts::Facts;
use selftest::SelfTest;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::OnceCell;

/// How old a report may be when it is shown again.
const FRESH: Duration = Duration::from_secs(5);

/// What is looked at.
#[derive(Clone)]
pub struct ConformanceParts {
    /// How the process was started.
    pub deployment: Deployment,
    /// Durable truth: who is registered, which keys there are.
    pub store: Arc<dyn Store>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance, for the self-test.
    pub entropy: Arc<dyn Entropy>,
    /// What can be asked for.
    pub catalog: Arc<Catalog>,
    /// Who may ask for it.
    pub policies: Arc<Policies>,
    /// Which rate plans there are.
    pub limits: Arc<Limits>,
    /// The authorization server.
    pub issuer: web::Data<Issuer>,
    /// The gateway.
    pub gateway: web::Data<Gateway>,
    /// The pages.
    pub pages: web::Data<Pages>,
}

/// The conformance of one running counter.
pub struct Conformance {
    catalogue: Catalogue,
    parts: ConformanceParts,
    self_test: OnceCell<SelfTest>,
    last: Mutex<Option<(Timestamp, Arc<Report>)>>,
}

impl Conformance {
    /// The conformance of a counter of these parts; nothing is looked at yet.
    ///
    /// # Errors
    /// [`Fault::Internal`] when the embedded tables do not read; a test makes sure that they do.
    pub fn new(parts: ConformanceParts) -> Result<Self, Fault> {
        let catalogue = Catalogue::load().map_err(Fault::Internal)?;
        Ok(Self { catalogue, parts, self_test: OnceCell::new(), last: Mutex::new(None) })
    }

    /// Whether a broken clause keeps the process from being ready.
    #[must_use]
    pub const fn is_strict(&self) -> bool {
        self.parts.deployment.strict
    }

    /// Every clause as it stands now.
    pub async fn report(&self) -> Arc<Report> {
        let now = self.parts.clock.now();
        if let Some(report) = self.remembered(now) {
            return report;
        }
        // A build does not change while it runs, so it is put to the test once.
        let self_test = self.self_test.get_or_init(|| selftest::run(&self.parts)).await;
        let facts = Facts::gather(&self.parts, self_test).await;
        let report = Arc::new(report::work_out(&self.catalogue, &facts, now));
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, Arc::clone(&report)));
        report
    }

    fn remembered(&self, now: Timestamp) -> Option<Arc<Report>> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let known = last.as_ref().filter(|(at, _)| now >= *at && now.since(*at) < FRESH);
        known.map(|(_, report)| Arc::clone(report))
    }
}

#[cfg(test)]
mod tests;
