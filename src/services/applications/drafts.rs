//! Drafts (下書き): software prepares one for the person who consented; that software, or the person at the counter's own pages,
//! hands it in. What it says is looked at then, and when it is shown; before, it may be half written.

use super::body::CreateApplication;
use super::hand_in::{Whose, handed_in};
use super::signature_view::DraftSignatureView;
use super::{ApplicationView, Applications, whose};
use crate::domain::application::{ApplicationDraft, MOST_DRAFTS};
use crate::domain::draft::Draft;
use crate::domain::electronic_signature::Signing;
use crate::domain::ids::DraftId;
use crate::domain::retrieval::IdempotencyKey;
use crate::domain::{Digest, Failure, Fault, Refusal};
use crate::gateway::Permit;
use crate::services::body::{digest_of, idempotency_key, read};
use crate::store::{HeldApplication, InsertedApplicationDraft};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Most bytes of a draft.
const LARGEST: usize = 128 * 1024;

/// An application as far as it is written: any JSON object, with the members of an application or without.
#[derive(ToSchema)]
#[schema(as = ApplicationDraftContent, value_type = Object)]
#[expect(dead_code, reason = "describes a body that is kept as it comes")]
pub struct ApplicationDraftContent(Map<String, Value>);

/// A draft (下書き) of an application.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationDraft)]
pub struct ApplicationDraftView {
    /// Its id.
    #[schema(example = "dft_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
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
    /// How far it is with the person's signature (電子署名), where one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub signature: Option<DraftSignatureView>,
    /// What it says, where one draft is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>, nullable = false)]
    pub application: Option<Value>,
}

/// Drafts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationDraftList)]
pub struct ApplicationDraftList {
    /// The one that was changed last first, without what they say.
    pub drafts: Vec<ApplicationDraftView>,
}

impl Applications {
    pub(super) fn draft_view(&self, one: &ApplicationDraft, is_whole: bool) -> Result<ApplicationDraftView, Fault> {
        let draft = &one.draft;
        let said = || serde_json::from_str(&one.content).map_err(|error| Fault::Internal(error.to_string()));
        Ok(ApplicationDraftView {
            id: draft.id.to_string(),
            tag: draft.tag.clone(),
            created_at: draft.created_at.rfc3339(),
            changed_at: draft.changed_at.rfc3339(),
            expires_at: draft.expires_at().rfc3339(),
            signature: DraftSignatureView::of(one, &self.parts.public_url, self.parts.clock.now()),
            application: if is_whole { Some(said()?) } else { None },
        })
    }
}

/// An object, whatever it says.
fn object(bytes: &[u8]) -> Result<String, Refusal> {
    if bytes.len() > LARGEST {
        return Err(Refusal::new("content_too_large", format!("A draft has at most {LARGEST} bytes.")));
    }
    let members = read::<Map<String, Value>>(bytes)?;
    Ok(Value::Object(members).to_string())
}

/// By what a draft is handed in. No software can send a key with a line's end in it.
fn key_of(id: &DraftId) -> Digest {
    Digest::of(&format!("application draft\n{id}"))
}

pub(super) fn unknown() -> Refusal {
    Refusal::new("not_found", "You have no draft with this id for this person.").at("id")
}

impl Applications {
    /// Keeps a draft for the person who consented; the same again for the same key.
    ///
    /// # Errors
    /// `refused_by_policy`; `invalid_request`, `content_too_large`; `idempotency_key_reused`; `conflict` when there are too many.
    pub async fn begin_draft(
        &self,
        permit: &Permit,
        bytes: &[u8],
        key: Option<&str>,
    ) -> Result<ApplicationDraftView, Failure> {
        self.parts.gateway.clear_applying(permit).await?;
        let key = idempotency_key(key, "keeps no draft twice")?;
        let (client, subject) = whose(permit)?;
        let now = self.parts.clock.now();
        let new = ApplicationDraft {
            draft: Draft {
                id: DraftId::generate(&*self.parts.entropy),
                client: client.clone(),
                key: IdempotencyKey { key: Digest::of(&format!("draft\n{key}")), body: digest_of(bytes)? },
                tag: self.parts.entropy.short_handle(),
                created_at: now,
                changed_at: now,
            },
            subject: subject.clone(),
            content: object(bytes)?,
            signing: Signing::None,
        };
        match self.parts.store.insert_application_draft(&new, MOST_DRAFTS).await? {
            InsertedApplicationDraft::New => Ok(self.draft_view(&new, true)?),
            InsertedApplicationDraft::Same(earlier) => Ok(self.draft_view(&earlier, true)?),
            InsertedApplicationDraft::KeyReused => {
                let words = "This Idempotency-Key came with another draft before: use a new one.";
                Err(Refusal::new("idempotency_key_reused", words).at("Idempotency-Key").into())
            }
            InsertedApplicationDraft::TooMany => {
                let words = format!("This person has {MOST_DRAFTS} drafts by you: hand some in, or throw some away.");
                Err(Refusal::new("conflict", words).into())
            }
        }
    }

    /// Those that this client prepared for this person, the one that was changed last first.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn drafts(&self, permit: &Permit) -> Result<ApplicationDraftList, Failure> {
        let (client, subject) = whose(permit)?;
        let found = self.parts.store.list_application_drafts((Some(client), subject), self.parts.clock.now()).await?;
        let drafts = found.iter().map(|one| self.draft_view(one, false)).collect::<Result<_, _>>()?;
        Ok(ApplicationDraftList { drafts })
    }

    /// One with what it says.
    ///
    /// # Errors
    /// `not_found` for another's, too.
    pub async fn draft(&self, permit: &Permit, id: &str) -> Result<ApplicationDraftView, Failure> {
        Ok(self.draft_view(&self.prepared(permit, id).await?, true)?)
    }

    /// Writes something else in place of what a draft said when its tag was `seen`, or whatever it says where that is none.
    ///
    /// # Errors
    /// `refused_by_policy`; `not_found`; `precondition_failed` when it is another by now; `invalid_request`, `content_too_large`.
    pub async fn change_draft(
        &self,
        permit: &Permit,
        id: &str,
        (seen, bytes): (Option<&str>, &[u8]),
    ) -> Result<ApplicationDraftView, Failure> {
        let earlier = self.prepared(permit, id).await?;
        self.parts.gateway.clear_applying(permit).await?;
        let content = object(bytes)?;
        let seen = seen.unwrap_or(&earlier.draft.tag);
        earlier.draft.is_as_seen(seen)?;
        let tag = self.parts.entropy.short_handle();
        let now = self.parts.clock.now();
        let draft = Draft { tag, changed_at: now, ..earlier.draft.clone() };
        let signing =
            if content == earlier.content { earlier.signing.clone() } else { earlier.signing.after_change(now) };
        let next = ApplicationDraft { draft, content, signing, ..earlier.clone() };
        if self.parts.store.update_application_draft(&next, seen).await? {
            return Ok(self.draft_view(&next, true)?);
        }
        next.draft.is_as_seen(seen)?;
        Err(unknown().into())
    }

    /// Throws one away.
    ///
    /// # Errors
    /// `not_found`; `precondition_failed` when it is another by now.
    pub async fn drop_draft(&self, permit: &Permit, id: &str, seen: Option<&str>) -> Result<(), Failure> {
        let one = self.prepared(permit, id).await?;
        self.dropped(&one, seen).await
    }

    /// Hands one in as it is: the draft is gone when the application is there. Again, it is the same application.
    ///
    /// # Errors
    /// Those of [`create`](Self::create), with the draft as it was; `not_found`, `precondition_failed`.
    pub async fn submit_draft(
        &self,
        permit: &Permit,
        id: &str,
        seen: Option<&str>,
    ) -> Result<ApplicationView, Failure> {
        let of = whose(permit)?;
        let one = match self.prepared(permit, id).await {
            Ok(one) => one,
            Err(unknown) => {
                let earlier = match DraftId::parse(id) {
                    Ok(id) => self.parts.store.find_application_by_key(of, key_of(&id)).await?,
                    Err(_) => None,
                };
                return self.shown(&earlier.ok_or(unknown)?).await;
            }
        };
        self.parts.gateway.clear_applying(permit).await?;
        let held = self.handed_from(of, &one, (seen, false)).await?;
        self.shown(&held).await
    }

    /// What a draft says, handed in; and who does so.
    pub(super) async fn handed_from(
        &self,
        of: Whose<'_>,
        one: &ApplicationDraft,
        (seen, is_by_person): (Option<&str>, bool),
    ) -> Result<HeldApplication, Failure> {
        let seen = seen.unwrap_or(&one.draft.tag);
        one.draft.is_as_seen(seen)?;
        let request: CreateApplication = read(one.content.as_bytes())?;
        let key = IdempotencyKey { key: key_of(&one.draft.id), body: Digest::of(&one.content) };
        let mut new = self.made(of, request, (key, is_by_person)).await?;
        new.signature = self.signature_of(one, &new).await?;
        self.parts.evidence.intake().admit()?;
        let inserted = self.parts.store.insert_drafted_application(&new, (&one.draft.id, seen)).await?;
        Ok(handed_in(inserted)?)
    }

    pub(super) async fn dropped(&self, one: &ApplicationDraft, seen: Option<&str>) -> Result<(), Failure> {
        let seen = seen.unwrap_or(&one.draft.tag);
        one.draft.is_as_seen(seen)?;
        let is_gone = self.parts.store.delete_application_draft(&one.draft.id, seen).await?;
        if is_gone { Ok(()) } else { Err(unknown().into()) }
    }

    pub(super) async fn any_draft(&self, id: &str) -> Result<Option<ApplicationDraft>, Fault> {
        match DraftId::parse(id) {
            Ok(id) => self.parts.store.find_application_draft(&id, self.parts.clock.now()).await,
            Err(_) => Ok(None),
        }
    }
}
