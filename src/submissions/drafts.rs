//! Drafts (下書き): kept sealed for their filer until they are handed in.
//!
//! A draft is whatever object its filer writes: nothing of it is looked at before it is handed in. Each change gives it another
//! tag, and whoever changes or throws away one names the tag that it saw. Handing in is the one write that takes the filing
//! on and takes the draft away ([`Submissions::accept`]).

use super::Submissions;
use super::accept::key_reused;
use crate::domain::draft::{Draft, MOST_DRAFTS};
use crate::domain::evidence::canonical;
use crate::domain::ids::{ClientId, DraftId};
use crate::domain::retrieval::IdempotencyKey;
use crate::domain::{Digest, Failure, Fault, Refusal};
use crate::store::{HeldDraft, InsertedDraft};
use serde_json::Value;

/// What seals a draft.
pub(super) fn owner(id: &DraftId) -> String {
    format!("draft:{id}")
}

fn unknown() -> Refusal {
    Refusal::new("not_found", "You have no draft with this id.")
}

/// The same text whatever its white space and the order of its members.
fn digest(bytes: &[u8]) -> Result<Digest, Fault> {
    let value: Value = serde_json::from_slice(bytes).map_err(|error| Fault::Internal(error.to_string()))?;
    Ok(Digest::of(&canonical(&value)))
}

impl Submissions {
    /// Keeps a new draft; the same again for the same key. `bytes` are JSON.
    ///
    /// # Errors
    /// `idempotency_key_reused`; `conflict` when there are too many.
    pub async fn begin_draft(&self, client: &ClientId, (key, bytes): (&str, &[u8])) -> Result<Draft, Failure> {
        let now = self.parts.clock.now();
        let draft = Draft {
            id: DraftId::generate(&*self.parts.entropy),
            client: client.clone(),
            key: IdempotencyKey { key: Self::digest_of_key(key), body: digest(bytes)? },
            tag: self.parts.entropy.short_handle(),
            created_at: now,
            changed_at: now,
        };
        let new = self.sealed(draft, bytes)?;
        match self.parts.store.insert_draft(&new, MOST_DRAFTS).await? {
            InsertedDraft::New => Ok(new.draft),
            InsertedDraft::Earlier(earlier) if earlier.draft.key == new.draft.key => Ok(earlier.draft),
            InsertedDraft::Earlier(_) => Err(key_reused().into()),
            InsertedDraft::TooMany => {
                let words = format!("You have {MOST_DRAFTS} drafts: hand some in, or throw some away.");
                Err(Refusal::new("conflict", words).into())
            }
        }
    }

    fn sealed(&self, draft: Draft, bytes: &[u8]) -> Result<HeldDraft, Fault> {
        let content = self.parts.master.seal(&owner(&draft.id), bytes, &*self.parts.entropy)?;
        Ok(HeldDraft { draft, content })
    }

    /// The filer's own draft with what it says.
    ///
    /// # Errors
    /// `not_found` for another's, too.
    pub async fn draft(&self, client: &ClientId, id: &str) -> Result<(Draft, Vec<u8>), Failure> {
        let id = DraftId::parse(id).map_err(|_| unknown())?;
        let found = self.parts.store.find_draft(&id, self.parts.clock.now()).await?;
        let HeldDraft { draft, content } = found.filter(|held| held.draft.client == *client).ok_or_else(unknown)?;
        let bytes = self.parts.master.open(&owner(&draft.id), &content)?;
        Ok((draft, bytes))
    }

    /// The filer's drafts, the one that was changed last first.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn drafts(&self, client: &ClientId) -> Result<Vec<Draft>, Fault> {
        self.parts.store.list_drafts(client, self.parts.clock.now()).await
    }

    /// Writes something else in place of what the draft said when its tag was `seen`, or whatever it says where that is none.
    ///
    /// # Errors
    /// `not_found`; `precondition_failed` when it is another by now.
    pub async fn change_draft(
        &self,
        client: &ClientId,
        id: &str,
        (seen, bytes): (Option<&str>, &[u8]),
    ) -> Result<Draft, Failure> {
        let (earlier, _) = self.draft(client, id).await?;
        let seen = seen.unwrap_or(&earlier.tag);
        earlier.is_as_seen(seen)?;
        let tag = self.parts.entropy.short_handle();
        let next = Draft { tag, changed_at: self.parts.clock.now(), ..earlier.clone() };
        let next = self.sealed(next, bytes)?;
        if self.parts.store.update_draft(&next, seen).await? {
            return Ok(next.draft);
        }
        next.draft.is_as_seen(seen)?;
        Err(unknown().into())
    }

    /// Throws a draft away.
    ///
    /// # Errors
    /// `not_found`; `precondition_failed` when it is another by now.
    pub async fn drop_draft(&self, client: &ClientId, id: &str, seen: Option<&str>) -> Result<(), Failure> {
        let (draft, _) = self.draft(client, id).await?;
        let seen = seen.unwrap_or(&draft.tag);
        draft.is_as_seen(seen)?;
        if self.parts.store.delete_draft(&draft.id, seen).await? { Ok(()) } else { Err(unknown().into()) }
    }
}
