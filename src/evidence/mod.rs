//! Evidence: the access history (アクセス履歴) that the citizen reads, and the log that shows to anyone that it is whole.
//!
//! What for: a person who agreed must be able to see what became of it, refusals too; and neither they nor the third party
//! nor an auditor should have to believe us. Each disclosure, refusal, change of a consent and act of an operator gets a
//! leaf in a Merkle tree whose signed heads are public. A leaf is a salted commitment: the log is about nobody, and stays
//! whole when records are erased.
//!
//! How it flows:
//! 1. A use case makes the line of one retrieval with [`Witness::answered`] and hands it to the store together with the
//!    result. The store writes line, record, salt and the waiting leaf in one transaction, before anything leaves; so it
//!    does for grants, clients and keys. A call that was refused becomes a line through [`Witness::refused`], at most one
//!    a minute for the same grant and reason, so that a program in a loop cannot bury the rest.
//! 2. `log` takes leaves from the queue in batches, grows the tree (`tree`, `tiles`) and signs its head (`note`,
//!    `checkpoint`), in one transaction that holds only if the log still has the size it began from.
//! 3. `answer` gives out heads, tiles and receipts; `receipt` checks one with the log's public key alone; `audit` reads
//!    the whole log again.
//! 4. When more leaves wait than may, `intake` refuses new disclosures, clearly, until the log moves.
//!
//! How to add one more: an event is a variant of [`domain::evidence::Event`](crate::domain::evidence::Event), queued by
//! both engines where it is written down.
//!
//! What it must never do: hold a value that was retrieved, or a person's id, in a record; be written after the data has
//! left; lose a leaf, or log one twice; sign two heads that do not follow from one another.

mod answer;
mod audit;
pub mod checkpoint;
pub mod cosigning;
mod decisions;
mod intake;
mod keys;
mod log;
pub mod note;
pub mod receipt;
mod thinning;
pub mod tiles;
pub mod tree;
mod witness_settings;

pub use answer::Reader;
pub use audit::{Audit, Finding, Report, Step};
pub use decisions::Decisions;
pub use intake::{Intake, Trouble};
pub use keys::{KeyParts, LogKeys, make_key, name_of};
pub use log::{EvidenceLog, LogParts, LogSettings, Turn, origin_of};
pub use witness_settings::WitnessSettings;

use crate::domain::access::{Access, AccessedDataSet, Disposition};
use crate::domain::data_set::DataSetCode;
use crate::domain::grant::Grant;
use crate::domain::ids::{AccessId, CitizenNoticeId, DecisionId, GrantId};
use crate::domain::representation::Acting;
use crate::domain::retrieval::{OutcomeKind, RetrievalRequest};
use crate::domain::{Clock, Entropy, Fault, Refusal};
use crate::store::Store;
use moka::sync::Cache;
use std::sync::Arc;
use std::time::Duration;

/// For how long a second refusal of the same kind under the same grant is not written again.
const QUIET: Duration = Duration::from_mins(1);
/// Most kinds of refusal remembered at once.
const MOST_REMEMBERED: u64 = 100_000;

/// Why a call was refused, as the person's history tells it.
#[derive(Clone, Copy, Debug)]
pub struct Reason<'a> {
    code: &'static str,
    decision: Option<&'a DecisionId>,
}

impl Reason<'_> {
    /// The stable problem code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.code
    }
}

impl From<&'static str> for Reason<'_> {
    fn from(code: &'static str) -> Self {
        Self { code, decision: None }
    }
}

impl<'a> From<&'a Refusal> for Reason<'a> {
    fn from(refusal: &'a Refusal) -> Self {
        Self { code: refusal.code, decision: refusal.decision.as_deref().map(|decision| &decision.id) }
    }
}

/// Writes the access history.
pub struct Witness {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    recent: Cache<(GrantId, &'static str), ()>,
}

impl Witness {
    /// A witness that writes to `store`.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        let recent = Cache::builder().max_capacity(MOST_REMEMBERED).time_to_live(QUIET).build();
        Self { store, clock, entropy, recent }
    }

    /// The line of a retrieval that ended; the caller writes it together with the result.
    #[must_use]
    pub fn answered(&self, request: &RetrievalRequest, grant: &Grant, data_sets: Vec<AccessedDataSet>) -> Access {
        Access {
            id: AccessId::generate(&*self.entropy),
            at: self.clock.now(),
            subject: request.subject.clone(),
            client: request.client.clone(),
            grant: request.grant.clone(),
            request: Some(request.id.clone()),
            purpose: purpose_of(grant),
            data_sets,
            notices: Vec::new(),
            private_documents: Vec::new(),
            records: None,
            disposition: Disposition::Answered,
            acting: grant.acting.as_ref().map(Acting::mark),
        }
    }

    /// Writes that a person's notices are shown to the client of `grant`, before they are.
    ///
    /// # Errors
    /// [`Fault`] when the store is away: then they must not be shown.
    pub async fn shown(&self, grant: &Grant, notices: Vec<CitizenNoticeId>) -> Result<(), Fault> {
        if notices.is_empty() {
            return Ok(());
        }
        self.read(grant, |line| line.notices = notices).await
    }

    /// The same for documents from private delivery providers.
    ///
    /// # Errors
    /// As [`shown`](Self::shown).
    pub async fn shown_documents(&self, grant: &Grant, documents: Vec<String>) -> Result<(), Fault> {
        if documents.is_empty() {
            return Ok(());
        }
        self.read(grant, |line| line.private_documents = documents).await
    }

    /// Writes that so many entries of a person's records are shown to the client of `grant`, before they are; none, too.
    ///
    /// # Errors
    /// [`Fault`] when the store is away: then they must not be shown.
    pub async fn records_shown(&self, grant: &Grant, count: u32) -> Result<(), Fault> {
        self.read(grant, |line| line.records = Some(count)).await
    }

    /// Writes a line about what is read at once, without a job.
    async fn read(&self, grant: &Grant, fill: impl FnOnce(&mut Access)) -> Result<(), Fault> {
        let Some(subject) = grant.subject.clone() else { return Ok(()) };
        let mut line = Access {
            id: AccessId::generate(&*self.entropy),
            at: self.clock.now(),
            subject,
            client: grant.client.clone(),
            grant: grant.id.clone(),
            request: None,
            purpose: purpose_of(grant),
            data_sets: Vec::new(),
            notices: Vec::new(),
            private_documents: Vec::new(),
            records: None,
            disposition: Disposition::Answered,
            acting: grant.acting.as_ref().map(Acting::mark),
        };
        fill(&mut line);
        self.store.insert_accesses(&[line]).await
    }

    /// Writes that a call under `grant` about `codes` was refused; at most once a minute for each reason.
    ///
    /// # Errors
    /// [`Fault`] when the store is away. The refusal stands all the same.
    pub async fn refused(&self, grant: &Grant, codes: &[DataSetCode], reason: Reason<'_>) -> Result<(), Fault> {
        let Some(subject) = &grant.subject else { return Ok(()) };
        let is_first = self.recent.entry((grant.id.clone(), reason.code)).or_insert(()).is_fresh();
        if !is_first {
            return Ok(());
        }
        let tried = |code: &DataSetCode| AccessedDataSet {
            code: *code,
            outcome: OutcomeKind::Failed,
            items: 0,
            cut: None,
            predicates: Vec::new(),
        };
        let line = Access {
            id: AccessId::generate(&*self.entropy),
            at: self.clock.now(),
            subject: subject.clone(),
            client: grant.client.clone(),
            grant: grant.id.clone(),
            request: None,
            purpose: purpose_of(grant),
            data_sets: codes.iter().map(tried).collect(),
            notices: Vec::new(),
            private_documents: Vec::new(),
            records: None,
            disposition: Disposition::Refused { code: reason.code.to_owned(), decision: reason.decision.cloned() },
            acting: grant.acting.as_ref().map(Acting::mark),
        };
        self.store.insert_accesses(&[line]).await
    }
}

fn purpose_of(grant: &Grant) -> String {
    grant.consent.as_ref().map(|consent| consent.purpose.clone()).unwrap_or_default()
}
