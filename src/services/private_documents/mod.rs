//! Private delivery documents (民間送達): certificates and statements that linked providers keep for a citizen, read by software
//! that the citizen let read them.
//!
//! What for: payroll and tax software gets the certificates (控除証明書等) of the year-end adjustment without paper and without
//! typing, and knows that each is whoever issued it wrote.
//!
//! How it flows: 1. `reading` opens the citizen's account at each linked provider; 2. `list` tells what they have, one
//! provider's trouble beside the others' documents; 3. `document` and `content` fetch one, check its signature
//! ([`private_document::open`]) and give it as fields or as delivered; 4. `year_end` fetches all certificates of a year and adds
//! them up. Each showing is in the citizen's access history before it leaves, and the link is looked at again last: what was
//! unlinked meanwhile is not handed on. Nothing is kept.
//!
//! How to add one more: a kind is a variant of
//! [`DocumentKind`](crate::domain::private_document::DocumentKind) with its part of `content` and `read`.
//!
//! What it must never do: hand on a document whose signature does not hold; drop one silently from a sum; keep what it read.

mod query;
mod reading;
mod view;
mod year_end;

pub use view::{
    DocumentContentView, DocumentProviderView, PrivateDocumentPage, PrivateDocumentSummaryView, PrivateDocumentView,
};
pub use year_end::{
    CountedCertificateView, DuplicateCertificateView, UnreadableCertificateView, YearEndAdjustmentView,
};

use self::query::Wanted;
use self::reading::Reading;
use crate::adapters::linkage::LinkedServices;
use crate::domain::deposit::Holding;
use crate::domain::ids::SubjectId;
use crate::domain::private_document::{self, PrivateDocument};
use crate::domain::{Clock, Digest, Failure, Refusal};
use crate::evidence::{EvidenceLog, Witness};
use crate::gateway::{Gateway, Permit};
use crate::services::body::cut;
use crate::store::Store;
use std::sync::Arc;

/// What the use case is made of.
pub struct PrivateDocumentsParts {
    /// The providers.
    pub linked: Arc<LinkedServices>,
    /// The operator's rules.
    pub gateway: Arc<Gateway>,
    /// Durable truth.
    pub store: Arc<dyn Store>,
    /// The access history.
    pub witness: Arc<Witness>,
    /// The log of evidence.
    pub evidence: Arc<EvidenceLog>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

/// The use case.
pub struct PrivateDocuments {
    parts: PrivateDocumentsParts,
}

/// A document as it was delivered, once it holds.
#[derive(Debug)]
pub struct DeliveredDocument {
    /// What it is.
    pub holding: Holding,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl PrivateDocuments {
    /// The use case of its parts.
    #[must_use]
    pub const fn new(parts: PrivateDocumentsParts) -> Self {
        Self { parts }
    }

    /// What the linked providers have, newest first. A provider that gives nothing is told of beside the others' documents.
    ///
    /// # Errors
    /// `refused_by_policy`; `invalid_value` naming the parameter; `not_linked`; `evidence_unavailable`.
    pub async fn list(&self, permit: &Permit, query: &str) -> Result<PrivateDocumentPage, Failure> {
        let wanted = Wanted::read(query)?;
        self.parts.gateway.clear_private_documents(permit).await?;
        let reading = Reading::begin(&self.parts, citizen(permit)?).await?;
        let told = reading.list().await;
        let mut items: Vec<PrivateDocumentSummaryView> = told
            .iter()
            .flat_map(|one| one.documents.iter().map(|document| PrivateDocumentSummaryView::of(&one.service, document)))
            .filter(|one| wanted.takes(one))
            .collect();
        items.sort_by_key(PrivateDocumentSummaryView::place);
        if let Some(after) = &wanted.after {
            items.retain(|one| one.place() > *after);
        }
        let next = cut(&mut items, wanted.limit, PrivateDocumentSummaryView::cursor);
        self.shown(permit, items.iter().map(|one| one.id.clone()).collect()).await?;
        reading.is_standing().await?;
        Ok(PrivateDocumentPage { items, next, providers: told.iter().map(DocumentProviderView::of).collect() })
    }

    /// One document, as fields.
    ///
    /// # Errors
    /// `refused_by_policy`; `not_found`; `not_linked`; `provider_unreachable`, `provider_refused` where its provider fails;
    /// `document_not_verified` where its signature does not hold; `evidence_unavailable`.
    pub async fn document(&self, permit: &Permit, id: &str) -> Result<PrivateDocumentView, Failure> {
        let (bytes, document) = self.verified(permit, id).await?;
        Ok(PrivateDocumentView::of(id, &document, &bytes))
    }

    /// One document, as it was delivered.
    ///
    /// # Errors
    /// As [`document`](Self::document).
    pub async fn content(&self, permit: &Permit, id: &str) -> Result<DeliveredDocument, Failure> {
        let (bytes, _) = self.verified(permit, id).await?;
        let holding = Holding {
            location: String::new(),
            size: bytes.len() as u64,
            media_type: "application/xml".to_owned(),
            schema: String::new(),
            digest: Digest::of_bytes(&bytes),
        };
        Ok(DeliveredDocument { holding, bytes })
    }

    /// A document that holds. It is in the access history when this returns.
    async fn verified(&self, permit: &Permit, id: &str) -> Result<(Vec<u8>, PrivateDocument), Failure> {
        self.parts.gateway.clear_private_documents(permit).await?;
        let reading = Reading::begin(&self.parts, citizen(permit)?).await?;
        let (provider, bytes) = reading.fetch(id).await?;
        let opened = private_document::open(&bytes, provider.anchors(), self.parts.clock.now());
        let document = opened.map_err(|bad| {
            let words = format!("The document is not handed on ({}): {bad}.", bad.code());
            Refusal::new("document_not_verified", words).at("id")
        })?;
        self.shown(permit, vec![id.to_owned()]).await?;
        reading.is_standing().await?;
        Ok((bytes, document))
    }

    /// Writes into the citizen's access history what is about to be shown.
    async fn shown(&self, permit: &Permit, documents: Vec<String>) -> Result<(), Failure> {
        if documents.is_empty() {
            return Ok(());
        }
        self.parts.evidence.intake().admit()?;
        Ok(self.parts.witness.shown_documents(permit.grant(), documents).await?)
    }
}

/// Whose documents a permit opens.
fn citizen(permit: &Permit) -> Result<&SubjectId, Refusal> {
    let words = "Documents are a citizen's: use a token that a person gave.";
    permit.grant().subject.as_ref().ok_or_else(|| Refusal::new("insufficient_scope", words))
}
