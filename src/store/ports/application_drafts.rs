//! The port of drafts of applications, and of what a person sees of applications by any software.

use super::{Before, HeldApplication, InsertedApplication};
use crate::domain::application::{Application, ApplicationDraft};
use crate::domain::ids::{ApplicationId, ClientId, DraftId, SubjectId};
use crate::domain::{Fault, Timestamp};
use async_trait::async_trait;

/// What keeping a new draft came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InsertedApplicationDraft {
    /// It is kept.
    New,
    /// The client kept it before for this person, under the same key and from the same body.
    Same(Box<ApplicationDraft>),
    /// Another one came under this key.
    KeyReused,
    /// There are too many.
    TooMany,
}

/// Drafts of applications, each sealed under its person's key.
#[async_trait]
pub trait ApplicationDraftStore: Send + Sync {
    /// Writes a new one, unless its person has `most` by its client.
    async fn insert_application_draft(
        &self,
        new: &ApplicationDraft,
        most: u32,
    ) -> Result<InsertedApplicationDraft, Fault>;
    /// The one with this id, unless its time is over.
    async fn find_application_draft(&self, id: &DraftId, now: Timestamp) -> Result<Option<ApplicationDraft>, Fault>;
    /// A person's drafts, by one client or by all, the one that was changed last first.
    async fn list_application_drafts(
        &self,
        of: (Option<&ClientId>, &SubjectId),
        now: Timestamp,
    ) -> Result<Vec<ApplicationDraft>, Fault>;
    /// Writes something else in its place; false when its tag is another than was `seen` by now.
    async fn update_application_draft(&self, next: &ApplicationDraft, seen: &str) -> Result<bool, Fault>;
    /// Takes one away; false when its tag is another than was `seen` by now.
    async fn delete_application_draft(&self, id: &DraftId, seen: &str) -> Result<bool, Fault>;
    /// Hands in what a draft says, as it was seen: the application is there and the draft is gone, or neither.
    async fn insert_drafted_application(
        &self,
        new: &Application,
        draft: (&DraftId, &str),
    ) -> Result<InsertedApplication, Fault>;
    /// A person's applications by whatever client, newest first.
    async fn list_persons_applications(
        &self,
        subject: &SubjectId,
        before: &Before<ApplicationId>,
    ) -> Result<Vec<HeldApplication>, Fault>;
}
