//! What agencies send to the company's account without a filing (電子送達), as the company's software sees it.

use super::Filings;
use super::documents::DocumentView;
use crate::domain::Failure;
use crate::domain::ids::DocumentId;
use crate::domain::submission::Letter;
use crate::gateway::Permit;
use crate::services::body::{page_after, place};
use serde::Serialize;
use utoipa::ToSchema;

/// What was sent, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct ElectronicDeliveryList {
    /// The documents and messages. Their bytes are at `/v1/documents/{id}`.
    pub electronic_deliveries: Vec<DocumentView>,
    /// `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next: Option<String>,
}

/// One of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct ElectronicDelivery {
    /// Where it stands.
    pub document: DocumentView,
    /// What was written to it; absent when it is not here any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub letter: Option<Letter>,
}

impl Filings {
    /// What was sent to the accounts for which the client collects.
    ///
    /// # Errors
    /// `invalid_value` naming the parameter.
    pub async fn electronic_deliveries(&self, permit: &Permit, asked: &str) -> Result<ElectronicDeliveryList, Failure> {
        let before = page_after(asked, DocumentId::parse)?;
        let found = self.parts.engine.electronic_deliveries(&permit.client().id, &before).await?;
        let next = (found.len() >= before.limit as usize).then(|| found.last());
        let next = next.flatten().map(|last| place(last.announced_at, &last.id));
        Ok(ElectronicDeliveryList { electronic_deliveries: found.iter().map(DocumentView::of).collect(), next })
    }

    /// One of them with its letter.
    ///
    /// # Errors
    /// `not_found`, `evidence_unavailable`.
    pub async fn electronic_delivery(&self, permit: &Permit, id: &str) -> Result<ElectronicDelivery, Failure> {
        let (document, letter) = self.parts.engine.electronic_delivery(&permit.client().id, id).await?;
        Ok(ElectronicDelivery { document: DocumentView::of(&document), letter })
    }
}
