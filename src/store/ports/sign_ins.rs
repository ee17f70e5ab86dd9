//! The ports of sign-ins that clients rely on, and of the word that one is over (OpenID Connect Back-Channel Logout).

use crate::domain::consent_event::ConsentEvent;
use crate::domain::ids::{ClientId, GrantId, SignInId, SubjectId};
use crate::domain::{Digest, Fault, Timestamp};
use async_trait::async_trait;

/// A sign-in as one client is told of it, by the `sid` of one id_token. Only clients that are told of its end have any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// The `sid`.
    pub id: SignInId,
    /// The client.
    pub client: ClientId,
    /// The person.
    pub subject: SubjectId,
    /// The grant that it came with, and with which it ends when the citizen or the operator ends that.
    pub grant: GrantId,
    /// Digest of the secret of the browser in which the person signed in; none where they answered elsewhere.
    pub browser: Option<Digest>,
    /// Digest of the code by which the id_token is fetched; none where it is fetched otherwise.
    pub code: Option<Digest>,
    /// When it was.
    pub created_at: Timestamp,
    /// When nobody need be told any more.
    pub expires_at: Timestamp,
}

/// What a sign-out ends, by digest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// Every sign-in of the browser with this secret.
    pub browser: Option<Digest>,
    /// The session at the dashboard with this secret.
    pub session: Option<Digest>,
}

/// A client that is to be told of an end of a sign-in, or of what became of a consent; lent to one caller for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldNotice {
    /// What ended; where it is about a consent, the event's own id.
    pub sign_in: SignInId,
    /// What became of a consent, where it is about one.
    pub event: Option<ConsentEvent>,
    /// Who is to be told.
    pub client: ClientId,
    /// Whose sign-in it was.
    pub subject: SubjectId,
    /// How often it was lent, this time included. Whoever lends it later is another, so only the last can settle it.
    pub attempts: u32,
    /// When it ended.
    pub created_at: Timestamp,
}

/// Sign-ins that clients were told of.
#[async_trait]
pub trait SignInStore: Send + Sync {
    /// Keeps a sign-in beside its grant; false, and nothing is kept, when the grant was revoked meanwhile. One that
    /// comes of a decision is written with it, by [`AuthorizationStore::take_decision`](super::AuthorizationStore::take_decision).
    async fn insert_sign_in(&self, sign_in: &SignIn) -> Result<bool, Fault>;
    /// The `sid` of the id_token that is fetched by this code; none when the sign-in ended meanwhile.
    async fn find_sign_in(&self, code: Digest) -> Result<Option<SignInId>, Fault>;
    /// What stands in a browser, at most `limit`, in no order.
    async fn list_sign_ins(&self, browser: Digest, now: Timestamp, limit: u32) -> Result<Vec<SignIn>, Fault>;
    /// Ends what a sign-out ends, and leaves a notice of every sign-in, in one transaction; gives how many notices.
    async fn end_sign_ins(&self, ended: Ended, now: Timestamp) -> Result<u64, Fault>;
}

/// Who is still to be told.
#[async_trait]
pub trait NoticeStore: Send + Sync {
    /// Lends notices that are due, until `until`; each to one caller only.
    async fn lease_notices(&self, now: Timestamp, until: Timestamp, limit: u32) -> Result<Vec<HeldNotice>, Fault>;
    /// Puts a notice off; false when it was lent to another meanwhile, whose it is now.
    async fn defer_notice(&self, notice: &HeldNotice, until: Timestamp) -> Result<bool, Fault>;
    /// Is done with a notice; false when it was lent to another meanwhile.
    async fn delete_notice(&self, notice: &HeldNotice) -> Result<bool, Fault>;
}
