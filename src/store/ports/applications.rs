//! The port of applications (電子申請).

mod batches;
mod disasters;
mod interviews;

pub use batches::{ApplicationBatchStore, InsertedApplicationBatch};
pub use disasters::DisasterStore;
pub use interviews::{
    HeldInterviewSlot, InsertedInterviewSlots, InterviewSpan, InterviewStore, NewInterviewSlots, WithdrawnSlot,
};

use super::Before;
use crate::domain::application::{Application, ApplicationNews};
use crate::domain::ids::{ApplicationId, ClientId, SubjectId};
use crate::domain::{Digest, Fault, Timestamp};
use async_trait::async_trait;

/// An application as it is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldApplication {
    /// The application.
    pub application: Application,
    /// Counts its changes.
    pub version: u64,
    /// Its place among what its municipality is told of: each change gives it a later one.
    pub place: u64,
    /// How often its municipality was given what it says.
    pub readings: u64,
    /// When last.
    pub read_at: Option<Timestamp>,
}

/// What handing one in came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InsertedApplication {
    /// It arrived.
    New(Box<HeldApplication>),
    /// This person handed it in before by this client, under the same key and from the same body.
    Same(Box<HeldApplication>),
    /// They handed another one in under this key.
    KeyReused,
    /// A certificate that goes with it was taken back meanwhile: nothing was written.
    CertificateGone,
    /// A document of it went with another one meanwhile, or is not there any more: nothing was written.
    AttachmentGone,
    /// The draft that it was is another by now, or gone: nothing was written.
    DraftGone,
}

/// One change, whole or not at all.
#[derive(Clone, Debug)]
pub struct ApplicationChange {
    /// As it is from now on.
    pub application: Application,
    /// The version that was read.
    pub version: u64,
    /// What was done.
    pub news: ApplicationNews,
    /// By whose software.
    pub by: ClientId,
    /// When.
    pub at: Timestamp,
}

/// What a change came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangedApplication {
    /// It is written, and whose software it is of is told.
    Done(Box<HeldApplication>),
    /// It is another by now: nothing was written.
    Changed,
    /// A certificate that goes with it was taken back meanwhile: nothing was written.
    CertificateGone,
    /// A document of it went with another one meanwhile, or is not there any more: nothing was written.
    AttachmentGone,
    /// The time that it would be booked for is withdrawn: nothing was written.
    SlotGone,
    /// It has no room left: nothing was written.
    SlotFull,
}

/// Applications. Each write leaves its leaf.
#[async_trait]
pub trait ApplicationStore: Send + Sync {
    /// Writes a new one; of any number of calls of one person with one key, one does.
    async fn insert_application(&self, new: &Application) -> Result<InsertedApplication, Fault>;
    /// The one with this id.
    async fn find_application(&self, id: &ApplicationId) -> Result<Option<HeldApplication>, Fault>;
    /// The one that this person handed in by this client under this key.
    async fn find_application_by_key(
        &self,
        of: (&ClientId, &SubjectId),
        key: Digest,
    ) -> Result<Option<HeldApplication>, Fault>;
    /// Those of a person by a client, newest first.
    async fn list_applications(
        &self,
        of: (&ClientId, &SubjectId),
        before: &Before<ApplicationId>,
    ) -> Result<Vec<HeldApplication>, Fault>;
    /// Those to a municipality that came or changed after this place, in the order in which they did so last.
    async fn list_received_applications(
        &self,
        municipality: &str,
        after: u64,
        limit: u32,
    ) -> Result<Vec<HeldApplication>, Fault>;
    /// Gives one to its municipality, counted: what is given was written down first.
    async fn read_application(
        &self,
        id: &ApplicationId,
        municipality: &str,
        by: (&ClientId, Timestamp),
    ) -> Result<Option<HeldApplication>, Fault>;
    /// Writes a change of what was read at this version. A place in a slot is taken with it, or let go: no slot has more of them
    /// than it has room for.
    async fn update_application(&self, change: &ApplicationChange) -> Result<ChangedApplication, Fault>;
}
