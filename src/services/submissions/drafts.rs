//! Filings that are being written.

use super::{Filings, Handed, SubmissionView, body};
use crate::domain::draft::Draft;
use crate::domain::submission::SubmissionState;
use crate::domain::{Failure, Refusal};
use crate::gateway::Permit;
use crate::services::body as any;
use crate::store::{Before, SubmissionFilter};
use crate::submissions::Submissions;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A filing as far as it is written: any JSON object, with the members of a filing or without.
#[derive(ToSchema)]
#[schema(as = SubmissionDraftContent, value_type = Object)]
#[expect(dead_code, reason = "describes a body that is kept as it comes")]
pub struct DraftContent(Map<String, Value>);

/// A draft (下書き) of a filing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SubmissionDraft)]
pub struct DraftView {
    /// Its id.
    #[schema(example = "dft_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
    /// `draft`: nothing is acknowledged, and nobody has it.
    #[schema(example = "draft")]
    pub state: SubmissionState,
    /// Names what it says now; the same as the `ETag`, without quotes.
    #[schema(example = "Zm9vYmFyYmF6cXV4MTIzNA")]
    pub tag: String,
    /// When it was begun (RFC 3339).
    #[schema(format = "date-time", example = "2026-11-21T12:00:00+09:00")]
    pub created_at: String,
    /// When it was changed last.
    #[schema(format = "date-time", example = "2026-11-21T12:00:00+09:00")]
    pub changed_at: String,
    /// When it is forgotten unless it is changed before.
    #[schema(format = "date-time", example = "2026-12-21T12:00:00+09:00")]
    pub expires_at: String,
    /// What it says, where one draft is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>, nullable = false)]
    pub filing: Option<Value>,
}

/// Drafts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SubmissionDraftList)]
pub struct DraftList {
    /// The one that was changed last first, without what they say.
    pub drafts: Vec<DraftView>,
}

impl DraftView {
    fn of(draft: &Draft, filing: Option<Value>) -> Self {
        Self {
            id: draft.id.to_string(),
            state: SubmissionState::Draft,
            tag: draft.tag.clone(),
            created_at: draft.created_at.rfc3339(),
            changed_at: draft.changed_at.rfc3339(),
            expires_at: draft.expires_at().rfc3339(),
            filing,
        }
    }
}

/// An object, whatever it says: it may be half written.
fn object(bytes: &[u8]) -> Result<(), Refusal> {
    any::read::<Map<String, Value>>(bytes).map(drop)
}

/// The key that a draft is handed in by. No filer can send a key with spaces in it.
fn key_of(id: &str) -> String {
    format!("draft {id}")
}

impl Filings {
    /// Keeps a new draft.
    ///
    /// # Errors
    /// `invalid_request` for no object or without a key; those of [`Submissions::begin_draft`].
    pub async fn begin_draft(&self, permit: &Permit, bytes: &[u8], key: Option<&str>) -> Result<DraftView, Failure> {
        let key = any::idempotency_key(key, "begins no second draft")?;
        object(bytes)?;
        let draft = self.parts.engine.begin_draft(&permit.client().id, (key, bytes)).await?;
        Ok(DraftView::of(&draft, None))
    }

    /// One draft with what it says.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn draft(&self, permit: &Permit, id: &str) -> Result<DraftView, Failure> {
        let (draft, bytes) = self.parts.engine.draft(&permit.client().id, id).await?;
        Ok(DraftView::of(&draft, Some(any::read(&bytes)?)))
    }

    /// The drafts.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn drafts(&self, permit: &Permit) -> Result<DraftList, Failure> {
        let found = self.parts.engine.drafts(&permit.client().id).await?;
        Ok(DraftList { drafts: found.iter().map(|draft| DraftView::of(draft, None)).collect() })
    }

    /// Writes something else in its place.
    ///
    /// # Errors
    /// `invalid_request` for no object; those of [`Submissions::change_draft`].
    pub async fn change_draft(
        &self,
        permit: &Permit,
        id: &str,
        (seen, bytes): (Option<&str>, &[u8]),
    ) -> Result<DraftView, Failure> {
        object(bytes)?;
        let draft = self.parts.engine.change_draft(&permit.client().id, id, (seen, bytes)).await?;
        Ok(DraftView::of(&draft, None))
    }

    /// Throws it away.
    ///
    /// # Errors
    /// Those of [`Submissions::drop_draft`].
    pub async fn drop_draft(&self, permit: &Permit, id: &str, seen: Option<&str>) -> Result<(), Failure> {
        self.parts.engine.drop_draft(&permit.client().id, id, seen).await
    }

    /// Hands it in as it is: the draft is gone when the filing is there. Again, it is the same filing.
    ///
    /// # Errors
    /// Those of [`create`](Self::create), with the draft as it was; `not_found`, `precondition_failed`.
    pub async fn submit_draft(&self, permit: &Permit, id: &str, seen: Option<&str>) -> Result<SubmissionView, Failure> {
        let client = &permit.client().id;
        let (draft, bytes) = match self.parts.engine.draft(client, id).await {
            Ok(found) => found,
            Err(unknown) => {
                let key = Some(Submissions::digest_of_key(&key_of(id)));
                let filter = SubmissionFilter { client: client.clone(), key, state: None, from: None, to: None };
                let found = self.parts.engine.list(&filter, &Before { entry: None, limit: 1 }).await?;
                return found.first().map(SubmissionView::of).ok_or(unknown);
            }
        };
        draft.is_as_seen(seen.unwrap_or(&draft.tag))?;
        let request = body::read(&bytes)?;
        let applicant = body::applicant(&request)?;
        if let Some(company) = &applicant {
            self.may_file_for(permit, company).await?;
        }
        let key = key_of(draft.id.as_str());
        let handed = Handed { bytes: &bytes, key: Some(&key), draft: Some((draft.id, draft.tag)) };
        self.hand_in(permit, handed, (applicant, request.reference, request.deliveries)).await
    }
}
