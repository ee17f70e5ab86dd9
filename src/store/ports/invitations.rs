//! The port of invitations.

use crate::domain::ids::{RepresentationId, SubjectId};
use crate::domain::invitation::Invitation;
use crate::domain::representation::Representation;
use crate::domain::{Digest, Fault, Timestamp};
use async_trait::async_trait;

/// By what people make others their representatives themselves. Each write leaves its leaf.
#[async_trait]
pub trait InvitationStore: Send + Sync {
    /// Writes one, under the digest of its code; false when the person has `most` open ones already.
    async fn insert_invitation(&self, new: &Invitation, code: Digest, most: u32) -> Result<bool, Fault>;
    /// The open one with this code.
    async fn find_invitation(&self, code: Digest, now: Timestamp) -> Result<Option<Invitation>, Fault>;
    /// A person's open ones, newest first.
    async fn list_invitations(
        &self,
        principal: &SubjectId,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Invitation>, Fault>;
    /// Takes the open one with this code and writes what it opens, all or nothing. True for one caller only; false, too,
    /// while the like stands between the two, when the account of one of them was erased, or when it is not theirs to take.
    async fn take_invitation(&self, code: Digest, opened: &Representation) -> Result<bool, Fault>;
    /// Withdraws an open one of this person.
    async fn withdraw_invitation(
        &self,
        id: &RepresentationId,
        principal: &SubjectId,
        at: Timestamp,
    ) -> Result<bool, Fault>;
}
