//! The ports of documents: what agencies give back about filings, or send to accounts without any, until whose it is has it.

use crate::domain::ids::{ClientId, DocumentId, SubmissionId};
use crate::domain::submission::{Document, SubmissionEvent};
use crate::domain::{Fault, Timestamp};
use crate::store::{Before, Content};
use async_trait::async_trait;

/// A document as it is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldDocument {
    /// The document.
    pub document: Document,
    /// Counts its changes.
    pub version: u64,
    /// Its bytes, sealed, while they are here.
    pub content: Option<Vec<u8>>,
}

/// One change of a document.
#[derive(Clone, Debug)]
pub struct DocumentChange {
    /// As it is from now on.
    pub document: Document,
    /// The version that was read.
    pub version: u64,
    /// When there is something to do; never when absent.
    pub due_at: Option<Timestamp>,
    /// Its bytes.
    pub content: Content,
    /// What its filer is told.
    pub event: Option<SubmissionEvent>,
    /// What the log of evidence is told, in a word.
    pub word: Option<&'static str>,
    /// When.
    pub at: Timestamp,
}

/// Documents.
#[async_trait]
pub trait DocumentStore: Send + Sync {
    /// Writes one down that was heard of, due at once, unless its delivery has one of this reference, or its agency where
    /// it was sent to an account: of any number of callers one inserts. `letter` is what is known of it, sealed.
    async fn insert_document(&self, document: &Document, letter: Option<&[u8]>) -> Result<bool, Fault>;
    /// Lends documents of an agency that are due, each to one caller only.
    async fn lease_documents(
        &self,
        agency: &str,
        (now, until): (Timestamp, Timestamp),
        limit: u32,
    ) -> Result<Vec<HeldDocument>, Fault>;
    /// Writes a change, its event and its leaf, all or nothing, and gives the lease back; false, and nothing is written,
    /// when the document is another by now.
    async fn update_document(&self, change: &DocumentChange) -> Result<bool, Fault>;
    /// The document with this id.
    async fn find_document(&self, id: &DocumentId) -> Result<Option<HeldDocument>, Fault>;
    /// The documents of a filing, without their bytes.
    async fn list_documents(&self, of: &SubmissionId) -> Result<Vec<Document>, Fault>;
    /// Tells the log of evidence what was done with a document, before it is answered.
    async fn witness_document(&self, document: &Document, word: &str, at: Timestamp) -> Result<(), Fault>;
    /// Documents whose bytes are here, by id, after this one.
    async fn list_sealed_documents(&self, after: &str, limit: u32) -> Result<Vec<HeldDocument>, Fault>;
    /// Puts `sealed` in the place of the bytes that `seen` holds; false when it holds something else by now.
    async fn reseal_document(&self, seen: &HeldDocument, sealed: &[u8]) -> Result<bool, Fault>;
}

/// What agencies send to accounts (電子送達).
#[async_trait]
pub trait ElectronicDeliveryStore: Send + Sync {
    /// What was sent to accounts whose documents this client collects, newest first, without bytes.
    async fn list_electronic_deliveries(
        &self,
        client: &ClientId,
        before: &Before<DocumentId>,
    ) -> Result<Vec<Document>, Fault>;
    /// Takes the turn to ask this agency what it sent, and sets the next: of any number of callers one takes it.
    async fn take_agency_turn(&self, agency: &str, times: (Timestamp, Timestamp)) -> Result<bool, Fault>;
}
