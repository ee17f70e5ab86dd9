//! Documents of applications on the wire.

use super::body::line;
use crate::catalog::application_forms::{ApplicationForms, DocumentSlot};
use crate::domain::application::ApplicantKind;
use crate::domain::attachment::{AttachedFile, Attachment, AttachmentState, BadContent, LARGEST_PIECE, MediaType};
use crate::domain::ids::ApplicationId;
use crate::domain::{Digest, Refusal, Words};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Most characters of a file's name.
const LONGEST_NAME: usize = 100;

/// A document to come.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateApplicationAttachment)]
pub struct CreateAttachment {
    /// The form that it is for.
    #[schema(example = "damage-certificate-1")]
    pub form: String,
    /// As which of the form's `attachments`, by its code.
    #[schema(example = "photographs")]
    pub document: String,
    /// What its file is called: 1 to 100 characters without slashes. Nothing is read from it.
    #[schema(example = "屋根.jpg")]
    pub name: String,
    /// Its bytes: at most what the form says.
    #[schema(minimum = 1, maximum = 20_971_520, example = 300_000)]
    pub length: u64,
    /// SHA-256 of them, base64url without padding.
    #[schema(example = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU")]
    pub digest: String,
}

impl CreateAttachment {
    /// # Errors
    /// `invalid_value` naming the member.
    pub(super) fn read<'f>(&self, forms: &'f ApplicationForms) -> Result<(&'f DocumentSlot, Digest), Refusal> {
        let wrong = |at: &str, words: String| Refusal::new("invalid_value", words).at(at);
        let form = forms.get(&self.form);
        let form =
            form.ok_or_else(|| wrong("/form", "There is no such form: GET /v1/application-forms.".to_owned()))?;
        let slot = form.document(&self.document).ok_or_else(|| {
            let known: Vec<&str> = form.documents.iter().map(|slot| slot.code.as_str()).collect();
            wrong("/document", format!("With this form go: {}.", known.join(", ")))
        })?;
        if line(&self.name, LONGEST_NAME, "/name")?.contains(['/', '\\']) {
            return Err(wrong("/name", "It must hold no slash.".to_owned()));
        }
        if !(1..=slot.most_bytes).contains(&self.length) {
            return Err(wrong("/length", format!("It must be 1 to {}.", slot.most_bytes)));
        }
        let digest = Digest::parse(&self.digest);
        let digest =
            digest.ok_or_else(|| wrong("/digest", "It must be SHA-256, base64url without padding.".to_owned()))?;
        Ok((slot, digest))
    }
}

/// Where a document stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ApplicationAttachmentState)]
pub enum AttachmentStateView {
    /// It is not whole yet.
    Awaited,
    /// It is whole, and can go with an application.
    Ready,
    /// It went with one.
    Attached,
    /// It cannot: `reason` says why, and nothing of it is kept.
    Refused,
}

/// A document that is uploaded for an application.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationAttachment)]
pub struct AttachmentView {
    /// Its id, which an application's `attachments` say.
    #[schema(example = "att_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
    /// Where it stands.
    pub state: AttachmentStateView,
    /// Why it is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reason: Option<BadContent>,
    /// The form that it is for.
    #[schema(example = "damage-certificate-1")]
    pub form: String,
    /// As which of the form's documents.
    #[schema(example = "photographs")]
    pub document: String,
    /// What its file is called.
    #[schema(example = "屋根.jpg")]
    pub name: String,
    /// What its bytes are, whatever it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub media_type: Option<MediaType>,
    /// Its bytes.
    #[schema(example = 300_000)]
    pub length: u64,
    /// SHA-256 of them, base64url.
    pub digest: String,
    /// How many of them are here, for certain: go on there.
    #[schema(example = 0)]
    pub upload_offset: u64,
    /// Most bytes of one piece.
    #[schema(example = 1_048_576)]
    pub largest_piece: u64,
    /// The application that it went with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "app_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub application: Option<String>,
    /// When it is forgotten, as long as it goes with none (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time", example = "2026-12-20T09:30:00+09:00")]
    pub expires_at: Option<String>,
}

impl AttachmentView {
    pub(super) fn of(one: &Attachment, application: Option<&ApplicationId>) -> Self {
        let (state, reason) = match one.state {
            AttachmentState::Awaited => (AttachmentStateView::Awaited, None),
            AttachmentState::Ready { .. } if application.is_some() => (AttachmentStateView::Attached, None),
            AttachmentState::Ready { .. } => (AttachmentStateView::Ready, None),
            AttachmentState::Refused { because } => (AttachmentStateView::Refused, Some(because)),
        };
        Self {
            id: one.id.to_string(),
            state,
            reason,
            form: one.form.clone(),
            document: one.document.clone(),
            name: one.name.clone(),
            media_type: one.ready(),
            length: one.length,
            digest: one.digest.base64url(),
            upload_offset: one.received,
            largest_piece: LARGEST_PIECE,
            application: application.map(ToString::to_string),
            expires_at: application.is_none().then(|| one.expires_at().rfc3339()),
        }
    }
}

/// The bytes of a document.
#[derive(Debug)]
pub struct AttachmentFile {
    /// What they are.
    pub media_type: MediaType,
    /// SHA-256 of them.
    pub digest: Digest,
    /// They.
    pub bytes: Vec<u8>,
}

/// A document that goes with an application.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationAttachedFile)]
pub struct AttachedFileView {
    /// Its id.
    #[schema(example = "att_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
    /// As which of the form's documents.
    #[schema(example = "photographs")]
    pub document: String,
    /// What its file is called, by whoever sent it.
    #[schema(example = "屋根.jpg")]
    pub name: String,
    /// What its bytes are.
    pub media_type: MediaType,
    /// How many.
    #[schema(example = 300_000)]
    pub length: u64,
    /// SHA-256 of them, base64url.
    pub digest: String,
}

impl AttachedFileView {
    pub(super) fn of(file: &AttachedFile) -> Self {
        Self {
            id: file.id.to_string(),
            document: file.document.clone(),
            name: file.name.clone(),
            media_type: file.media_type,
            length: file.length,
            digest: file.digest.base64url(),
        }
    }
}

/// A document (添付書類) that goes with a form, or may.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationDocumentSlot)]
pub struct DocumentSlotView {
    /// Its code.
    #[schema(example = "photographs")]
    pub document: String,
    /// What it is called.
    pub title: Words,
    /// What its files can be.
    pub media_types: Vec<MediaType>,
    /// Most files.
    #[schema(example = 10)]
    pub most: usize,
    /// Most bytes of each.
    #[schema(example = 8_000_000)]
    pub most_bytes: u64,
    /// As what one must not apply without it.
    pub required_of: Vec<ApplicantKind>,
}

impl DocumentSlotView {
    pub(super) fn of(slot: &DocumentSlot) -> Self {
        let DocumentSlot { code, title, media_types, most, most_bytes, required_of } = slot.clone();
        Self { document: code, title, media_types, most, most_bytes, required_of }
    }
}
