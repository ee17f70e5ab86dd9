//! What agencies give back, as a filer sees it and takes it.

use super::Filings;
use crate::domain::Failure;
use crate::domain::submission::{
    AgencySignature, Document, DocumentKind, DocumentState, SignatureCheck, SignatureFlaw,
};
use crate::gateway::Permit;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Serialize;
use utoipa::ToSchema;

/// What an agency gave back about a filing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Document)]
pub struct DocumentView {
    /// Its id.
    #[schema(example = "doc_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
    /// The part of the filing that it is about; absent where it was sent to the company's account without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "dlv_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub delivery: Option<String>,
    /// Whose it is.
    #[schema(example = "e-gov")]
    pub agency: String,
    /// An official document (公文書), a notice, or what was sent to the account (電子送達).
    pub kind: DocumentKind,
    /// Where it stands.
    pub state: DocumentState,
    /// Until when it can be fetched at the agency, where the agency says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    pub agency_deadline: Option<String>,
    /// What is known of it since it is here.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub content: Option<DocumentContent>,
    /// When you said that you have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    pub collected_at: Option<String>,
}

/// A document's bytes, without them.
#[derive(Debug, Serialize, ToSchema)]
pub struct DocumentContent {
    /// Its media type.
    #[schema(example = "application/zip")]
    pub content_type: String,
    /// How many bytes.
    pub size: u64,
    /// SHA-256 of them, base64url.
    pub sha256: String,
    /// What its signature came to when it was fetched.
    pub signature: SignatureCheck,
    /// Why it is `untrusted` or `invalid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub signature_flaw: Option<SignatureFlaw>,
    /// What the agency says of it by its own verification, where it was asked; one for each who signed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub agency_signatures: Vec<AgencySignature>,
    /// When it was fetched.
    #[schema(format = "date-time")]
    pub available_at: String,
    /// When it is erased here if you do not collect it.
    #[schema(format = "date-time")]
    pub kept_until: String,
}

/// The documents of a filing.
#[derive(Debug, Serialize, ToSchema)]
pub struct DocumentList {
    /// The documents.
    pub documents: Vec<DocumentView>,
}

/// A document's bytes.
#[derive(Debug)]
pub struct DocumentBytes {
    /// They.
    pub bytes: Vec<u8>,
    /// Their media type.
    pub content_type: String,
    /// `Repr-Digest` (RFC 9530).
    pub digest: String,
    /// What its signature came to, in a word.
    pub signature: &'static str,
}

impl DocumentView {
    pub(super) fn of(one: &Document) -> Self {
        Self {
            id: one.id.to_string(),
            delivery: one.delivery.as_ref().map(ToString::to_string),
            agency: one.agency.clone(),
            kind: one.kind,
            state: one.state,
            agency_deadline: one.until.map(crate::domain::Timestamp::rfc3339),
            content: one.about.as_ref().map(|about| DocumentContent {
                content_type: about.content_type.clone(),
                size: about.size,
                sha256: about.digest.base64url(),
                signature: about.signature,
                signature_flaw: about.signature_flaw,
                agency_signatures: about.agency_signatures.clone(),
                available_at: about.fetched_at.rfc3339(),
                kept_until: about.kept_until.rfc3339(),
            }),
            collected_at: one.collected_at.map(crate::domain::Timestamp::rfc3339),
        }
    }
}

impl Filings {
    /// The documents of a filing.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn documents(&self, permit: &Permit, id: &str) -> Result<DocumentList, Failure> {
        let found = self.parts.engine.documents(&permit.client().id, id).await?;
        Ok(DocumentList { documents: found.iter().map(DocumentView::of).collect() })
    }

    /// A document's bytes.
    ///
    /// # Errors
    /// `not_found`, `conflict`, `evidence_unavailable`.
    pub async fn document(&self, permit: &Permit, id: &str) -> Result<DocumentBytes, Failure> {
        let (document, bytes) = self.parts.engine.document(&permit.client().id, id).await?;
        let about = document.about;
        Ok(DocumentBytes {
            digest: about
                .as_ref()
                .map_or_else(String::new, |about| format!("sha-256=:{}:", STANDARD.encode(about.digest.as_bytes()))),
            signature: about.as_ref().map_or("none", |about| about.signature.as_str()),
            content_type: about.map_or_else(String::new, |about| about.content_type),
            bytes,
        })
    }

    /// The filer has a document.
    ///
    /// # Errors
    /// `not_found`, `conflict`.
    pub async fn collect_document(&self, permit: &Permit, id: &str) -> Result<DocumentView, Failure> {
        Ok(DocumentView::of(&self.parts.engine.collect_document(&permit.client().id, id).await?))
    }
}
