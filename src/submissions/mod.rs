//! Filings (申請・届出): accepted at once and for certain, delivered to every agency exactly once in effect.
//!
//! What for: on a deadline's last day an agency may be away, and the filer must still have filed. What is acknowledged is
//! never lost, and no agency ever has it twice.
//!
//! How it flows:
//! 1. `accept` signs a receipt (`receipt`) and writes filing, parts, sealed contents, event, leaf and `Idempotency-Key`
//!    in one transaction; only then is anything answered.
//! 2. `work` runs one loop for each agency: it leases what is due, sends before looks by turn of the filers, as much as the
//!    agency may have at once, at its pace, while its breaker is closed.
//! 3. `deliver` takes one step with one delivery: validate, write the intent down, call once, write down what came of it.
//!    An intent without an outcome (a crash, a lost answer) is settled by what the agency allows: the same call again by its
//!    key, a look-up, or a person.
//! 4. `look` asks how what an agency has stands, and for a while after its decision what it gives back; `wishes` are what the filer wants meanwhile: call off, withdraw, amend;
//!    `desk` is what an operator decides about what is parked.
//! 5. `documents` fetches what agencies give back (公文書, お知らせ), keeps it sealed, and tells them that it is here.
//!    `sent` hears of what they send to an account without a filing (電子送達), which is kept in the same way.
//!    `tokens` keeps what the accounts there are let in with next.
//! 6. Each state that a delivery passes is an event on one cursor, written with the change itself, and with it the message
//!    that `webhooks` tells the filer.
//!
//! 7. `establishments` turns the form of a new company into filings, stage by stage.
//!
//! Contents are sealed one by one, and erased by the write that says that the agency has them.
//!
//! How to add one more: a step of a delivery is a method of [`Delivery`] and the place
//! here that takes it; an agency is an [`Agency`].
//!
//! What it must never do: send before the intent is durable; send again what may have had its effect, unless the agency
//! makes sure; call more than once in one lease; give up what nobody knows the outcome of.

mod accept;
mod bulk;
mod delegations;
mod deliver;
mod desk;
mod documents;
mod drafts;
mod establishments;
mod look;
mod post;
mod receipt;
mod sent;
mod tokens;
mod webhooks;
mod wishes;
mod work;

pub use accept::{Accepted, Deposited, Filer, Part, Validation, Wanted};
pub use bulk::{Asker, BulkWanted, LineOutcome, reseal_bulks};
pub use delegations::Software;
pub use desk::Desk;
pub use establishments::{EstablishmentPlan, FoundersWord, PlannedFiling};
pub use tokens::{StoredTokens, reseal_tokens};
pub use webhooks::{Webhooks, WebhooksParts};
pub use wishes::Amendment;

use crate::adapters::agency::{Agency, AgencySettings};
use crate::adapters::breaker::Pulse;
use crate::adapters::maintenance::Closures;
use crate::catalog::procedures::Procedures;
use crate::domain::ids::{ClientId, SubmissionId};
use crate::domain::submission::{Delivery, Submission, SubmissionEvent};
use crate::domain::{Clock, Entropy, Failure, Fault, MasterKey, Refusal};
use crate::evidence::EvidenceLog;
use crate::protocol::jose::Signer;
use crate::store::{Before, HeldDelivery, Store, SubmissionFilter};
use post::Post;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::sync::Notify;

/// What signs receipts at one moment; a fault where nothing is taken on.
pub type Signing = dyn Fn() -> Result<Arc<dyn Signer>, Fault> + Send + Sync;

/// What it is made of.
pub struct SubmissionsParts {
    /// Our issuer identifier, for receipts.
    pub issuer: String,
    /// Durable truth.
    pub store: Arc<dyn Store>,
    /// Who takes filings, by name.
    pub agencies: BTreeMap<String, Arc<dyn Agency>>,
    /// The procedures that are described here.
    pub procedures: Arc<Procedures>,
    /// The procedures that are filed by reference alone.
    pub by_reference: BTreeSet<String>,
    /// The log of evidence.
    pub evidence: Arc<EvidenceLog>,
    /// Seals contents.
    pub master: Arc<MasterKey>,
    /// Signs receipts.
    pub signing: Arc<Signing>,
    /// What is stopped as planned.
    pub closures: Arc<Closures>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// For ids, seals and jitter.
    pub entropy: Arc<dyn Entropy>,
}

/// The engine of filings.
pub struct Submissions {
    parts: SubmissionsParts,
    posts: BTreeMap<String, Arc<Post>>,
    bell: Notify,
    bulk_bell: Notify,
    establish_bell: Notify,
}

/// A filing with its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    /// The filing.
    pub submission: Submission,
    /// Its parts, by place.
    pub deliveries: Vec<Delivery>,
}

impl Submissions {
    /// The engine of its parts.
    #[must_use]
    pub fn new(parts: SubmissionsParts) -> Self {
        let post = |(name, agency): (&String, &Arc<dyn Agency>)| {
            (name.clone(), Arc::new(Post::new(Arc::clone(agency), Arc::clone(&parts.closures))))
        };
        Self {
            posts: parts.agencies.iter().map(post).collect(),
            parts,
            bell: Notify::new(),
            bulk_bell: Notify::new(),
            establish_bell: Notify::new(),
        }
    }

    /// The agencies that take filings, by name.
    pub fn agencies(&self) -> impl Iterator<Item = &AgencySettings> {
        self.posts.values().map(|post| post.agency.settings())
    }

    /// How each agency did lately, as far as this process called it, by name.
    pub fn pulses(&self) -> impl Iterator<Item = (&str, Pulse)> {
        self.posts.iter().map(|(name, post)| (name.as_str(), post.pulse()))
    }

    /// The agency of this name.
    fn post(&self, name: &str) -> Result<&Arc<Post>, Refusal> {
        self.posts.get(name).ok_or_else(|| {
            let known: Vec<&str> = self.posts.keys().map(String::as_str).collect();
            let words = format!("There is no agency of this name here; there are: {}.", known.join(", "));
            Refusal::new("invalid_value", words)
        })
    }

    /// The filer's own filing with this id.
    ///
    /// # Errors
    /// `not_found` for another's, too.
    pub async fn find(&self, client: &ClientId, id: &str) -> Result<Whole, Failure> {
        let (submission, held) = self.held(client, id).await?;
        Ok(Whole { submission, deliveries: held.into_iter().map(|held| held.delivery).collect() })
    }

    /// Filings, newest first.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn list(&self, filter: &SubmissionFilter, before: &Before<SubmissionId>) -> Result<Vec<Whole>, Fault> {
        let found = self.parts.store.list_submissions(filter, before).await?;
        let ids: Vec<SubmissionId> = found.iter().map(|one| one.id.clone()).collect();
        let mut parts: BTreeMap<SubmissionId, Vec<Delivery>> = BTreeMap::new();
        for held in self.parts.store.list_deliveries(&ids).await? {
            parts.entry(held.delivery.submission.clone()).or_default().push(held.delivery);
        }
        let whole = |submission: Submission| {
            let deliveries = parts.remove(&submission.id).unwrap_or_default();
            Whole { submission, deliveries }
        };
        Ok(found.into_iter().map(whole).collect())
    }

    /// What changed after this place for one filer, in order.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn events(&self, client: &ClientId, after: u64, limit: u32) -> Result<Vec<SubmissionEvent>, Fault> {
        self.parts.store.list_submission_events(Some(client), after, limit).await
    }

    async fn held(&self, client: &ClientId, id: &str) -> Result<(Submission, Vec<HeldDelivery>), Failure> {
        let unknown = || Refusal::new("not_found", "You filed nothing under this id.");
        let id = SubmissionId::parse(id).map_err(|_| unknown())?;
        let found = self.parts.store.find_submission(&id).await?.filter(|found| found.client == *client);
        let found = found.ok_or_else(unknown)?;
        let held = self.parts.store.list_deliveries(&[id]).await?;
        Ok((found, held))
    }
}

/// What seals and opens the content of a round.
fn owner(delivery: &Delivery) -> String {
    format!("delivery:{}", delivery.reference())
}
