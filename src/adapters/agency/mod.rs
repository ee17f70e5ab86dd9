//! Agencies that take filings (申請・届出の提出先): handing in, asking whether it was handed in, asking how it stands.
//!
//! What for: an agency may be slow, away, forgetful or not sure whether it took something. What it takes has an effect in
//! the world, so the one question is always whether a call had it.
//!
//! How it flows: the engine of filings writes its intent down and calls [`Agency::send`] with a reference that is the same
//! for every try; [`Sent`] tells whether it was taken, sent back, certainly not taken, or whether nobody knows. What may
//! be done when nobody knows is the agency's [`Repeats`]. `plain` speaks a small JSON protocol over HTTP (`wire` reads
//! what comes back); `pension` speaks the pension office's CSV; `check` holds a filing against the rules that are known before anything is sent.
//!
//! How to add one more: a file that implements [`Agency`] in the agency's own protocol, and its kind in `settings`.
//!
//! What it must never do: repeat a call by itself; say that something was not taken when that is not certain; keep or log
//! what is filed.

mod check;
pub mod egov;
pub mod pension;
mod plain;
mod settings;
mod wire;

pub use egov::ElectronicDelivery;
pub use plain::PlainAgency;
pub use settings::{AgencyKind, AgencySettings, InvalidAgency, Repeats};

use crate::catalog::procedures::{Procedure, Procedures};
use crate::domain::Clock;
use crate::domain::establishment::RegistryEntry;
use crate::domain::submission::{Act, Announced, ArrivalNumber, DocumentKind, Finding, Posted, Signature, Standing};
use async_trait::async_trait;
use std::sync::Arc;
use std::time::Duration;

/// What is to be handed in, or said about what was.
#[derive(Clone, Copy, Debug)]
pub struct Filing<'a> {
    /// By what the agency knows it again.
    pub reference: &'a str,
    /// What is to be done.
    pub act: Act,
    /// The agency's number, where it has one already.
    pub arrival: Option<&'a ArrivalNumber>,
    /// Which procedure.
    pub procedure: &'a str,
    /// For whom: a corporate number.
    pub applicant: &'a str,
    /// What it says: JSON.
    pub content: &'a [u8],
}

/// That an agency took something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Its number there.
    pub arrival: ArrivalNumber,
    /// What it found all the same.
    pub findings: Vec<Finding>,
}

/// What a call came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// The agency has it.
    Taken(Taken),
    /// The agency does not take it, for good.
    Returned(Vec<Finding>),
    /// The agency has it and gives its number later: it is asked for it by a look-up, never sent again before that.
    Handed,
    /// The agency certainly does not have it; it may take it later.
    NotNow(Option<Duration>),
    /// Nobody knows whether the agency has it.
    Unknown,
}

/// What an agency says when it is asked for a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It has it.
    Taken(Taken),
    /// It had it, and does not take it, for good.
    Returned(Vec<Finding>),
    /// It does not have it.
    Nothing,
    /// It does not say.
    NoAnswer(Option<Duration>),
}

/// What an agency says when it is asked how something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// So.
    Standing(Standing),
    /// So, and there are documents to be fetched.
    WithDocuments(Standing, Vec<Announced>),
    /// It does not say.
    NoAnswer(Option<Duration>),
}

/// Which document is meant.
#[derive(Clone, Copy, Debug)]
pub struct DocumentName<'a> {
    /// The agency's number of the filing that it is about; none where it was sent to the account.
    pub arrival: Option<&'a ArrivalNumber>,
    /// The agency's own name for it.
    pub reference: &'a ArrivalNumber,
    /// Which kind.
    pub kind: DocumentKind,
}

/// A page of what an agency sent to its account (電子送達).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sendings {
    /// What is on it, and whether there is another after it.
    Page(Vec<Posted>, bool),
    /// The agency does not say.
    NoAnswer(Option<Duration>),
}

/// A document as an agency gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchedDocument {
    /// Its media type.
    pub content_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What its signature came to.
    pub signature: Signature,
}

/// What fetching a document came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// It is here.
    Document(FetchedDocument),
    /// The agency does not give it now.
    NoAnswer(Option<Duration>),
}

/// One agency.
#[async_trait]
pub trait Agency: Send + Sync {
    /// How it is to be treated.
    fn settings(&self) -> &AgencySettings;
    /// What is known here of a procedure, where it is described.
    fn procedure(&self, _code: &str) -> Option<&Procedure> {
        None
    }
    /// What is wrong with a filing by the rules that are known here; nothing leaves.
    fn check(&self, filing: &Filing<'_>) -> Vec<Finding>;
    /// Hands it in, once.
    async fn send(&self, filing: &Filing<'_>) -> Sent;
    /// Asks whether something with this reference was handed in.
    async fn look_up(&self, reference: &str) -> Found;
    /// Asks whether this was handed in: by its reference, unless the agency tells it by something else.
    async fn settle(&self, filing: &Filing<'_>) -> Found {
        self.look_up(filing.reference).await
    }
    /// What it allows when nobody knows whether this filing had its effect.
    fn repeats(&self, _filing: &Filing<'_>) -> Repeats {
        self.settings().repeats
    }
    /// Asks how something of this procedure stands.
    async fn look(&self, procedure: &str, arrival: &ArrivalNumber) -> Seen;
    /// What the registry has of a company whose registration it completed under this number; none while it does not tell, or
    /// tells nonsense.
    async fn registry_entry(&self, _arrival: &ArrivalNumber) -> Option<RegistryEntry> {
        None
    }
    /// Whether it gives documents back.
    fn has_documents(&self) -> bool {
        false
    }
    /// Fetches a document; it is there as often as it is fetched.
    async fn fetch_document(&self, _of: DocumentName<'_>) -> Fetched {
        Fetched::NoAnswer(None)
    }
    /// Tells it that a document is here for good; true when it knows. Telling it twice means the same.
    async fn confirm_document(&self, _of: DocumentName<'_>) -> bool {
        true
    }
    /// Who collects what it sends to the account without a filing (電子送達); none where nobody does.
    fn electronic_delivery(&self) -> Option<&ElectronicDelivery> {
        None
    }
    /// Asks what it sent to the account, page by page from 1.
    async fn list_sent(&self, _page: u32) -> Sendings {
        Sendings::Page(Vec::new(), false)
    }
}

/// An agency as configured, holding filings against the procedures that are described here, and keeping its account's
/// refresh tokens in `tokens`, where it has an account.
///
/// # Errors
/// [`InvalidAgency`] naming the field to mend.
pub fn open(
    settings: AgencySettings,
    procedures: &Arc<Procedures>,
    clock: &Arc<dyn Clock>,
    tokens: Option<Arc<dyn egov::RefreshTokens>>,
) -> Result<Arc<dyn Agency>, InvalidAgency> {
    Ok(match settings.kind {
        AgencyKind::Plain => Arc::new(PlainAgency::new(settings)?.knowing(Arc::clone(procedures))),
        AgencyKind::Egov => {
            Arc::new(egov::EgovAgency::new(settings, Arc::clone(procedures), Arc::clone(clock), tokens)?)
        }
        AgencyKind::Pension => {
            let clock = Arc::clone(clock);
            Arc::new(pension::PensionAgency::new(settings, Arc::clone(procedures), clock)?)
        }
    })
}
