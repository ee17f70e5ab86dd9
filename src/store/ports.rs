//! The ports: what the counter asks of its durable store.

mod agency_tokens;
mod application_drafts;
mod applications;
mod attachments;
mod certificate_requests;
mod citizen_notices;
mod linkage;
mod consents;
mod decisions;
mod delegations;
mod deposit_shares;
mod deposits;
mod dispositions;
mod emergencies;
mod published;
mod employment_certificates;
mod payments;
mod establishments;
mod invitations;
mod protections;
mod registrations;
mod renewals;
mod representations;
mod sign_ins;

pub use agency_tokens::{AgencyTokenStore, HeldAgencyToken};
pub use application_drafts::{ApplicationDraftStore, InsertedApplicationDraft};
pub use applications::*;
pub use attachments::{AttachmentChange, AttachmentStore, InsertedAttachment};
pub use certificate_requests::{CertificateRequestChange, CertificateRequestStore, HeldCertificateRequest};
pub use citizen_notices::{CitizenNoticeStore, InsertedCitizenNotice, NoticeWorkStore};
pub use consents::{Charge, ConsentStore, CountedRequest, Lease, ThresholdsTold, Use};
pub use decisions::DecisionStore;
pub use delegations::DelegationStore;
pub use deposit_shares::DepositShareStore;
pub use deposits::{DepositReferenceStore, DepositStore, FiledDeposit, InsertedDeposit};
pub use dispositions::{DispositionStore, GivenDisposition, InsertedDisposition};
pub use emergencies::{EmergencyStore, HeldEmergency, Opening};
pub use employment_certificates::{EmploymentCertificateStore, HeldCertificate, InsertedCertificate};
pub use establishments::{EstablishmentChange, EstablishmentStore, HeldEstablishment, InsertedEstablishment};
pub use invitations::InvitationStore;
pub use linkage::*;
pub use payments::{
    InsertedPayment, NewSettlement, PaymentBy, PaymentStep, PaymentStore, SettledPayment, SettledSum, SettlementStore,
    TakenSettlement,
};
pub use protections::ProtectionStore;
pub use published::*;
pub use registrations::{HeldRegistration, RegistrationStore};
pub use renewals::{Reminding, Renewal, RenewalStore};
pub use representations::{RepresentationStore, Turned};
pub use sign_ins::{Ended, HeldNotice, NoticeStore, SignIn, SignInStore};

use crate::domain::access::Access;
use crate::domain::amendment::Amendment;
use crate::domain::client::Client;
use crate::domain::grant::{Grant, RevokedBy};
use crate::domain::ids::{AccessId, ClientId, GrantId, InteractionId, RequestId, SubjectId};
use crate::domain::retrieval::{IdempotencyKey, RequestState, RetrievalRequest};
use crate::domain::subject::{Subject, UpstreamAccount};
use crate::domain::{Digest, Fault, Timestamp};
use async_trait::async_trait;
use std::time::Duration;

mod decoupled;
mod documents;
mod erasure;
mod evidence;
mod retention;
mod sealing;
mod submissions;
mod upkeep;
mod whole;

pub use decoupled::*;
pub use documents::*;
pub use erasure::ErasureStore;
pub use evidence::*;
pub use retention::RetentionStore;
pub use sealing::*;
pub use submissions::*;
pub use upkeep::Upkeep;
pub use whole::Store;

/// How long after its end a pushed request can still be decided, if a citizen's interaction began with it in time.
pub const PUSHED_REQUEST_GRACE: Duration = Duration::from_hours(1);
/// How long a code is good for (at most 60 s: FAPI 2.0 SP §5.3.2.1-11). A grant that is no older than its code was made
/// with it.
pub const CODE_LIFE: Duration = Duration::from_mins(1);
/// How long after its end a request is still known by its id and its idempotency key.
pub const IDEMPOTENCY_KEPT: Duration = Duration::from_hours(24);

/// A record kept for a while under the digest of its handle; `body` is its owner's JSON, opaque to the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Digest of the handle (a `request_uri`, a cookie, a state, a token).
    pub digest: Digest,
    /// Its owner's JSON.
    pub body: String,
    /// When it is over.
    pub expires_at: Timestamp,
}

/// A citizen's way from the start of an authorization to its decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldInteraction {
    /// Its id.
    pub id: InteractionId,
    /// Counts its steps; an advance names the step it saw, so two tabs cannot both advance.
    pub step: u32,
    /// Its owner's JSON.
    pub body: String,
    /// When it is over.
    pub expires_at: Timestamp,
}

/// An issued authorization code, as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldCode {
    /// Digest of the code.
    pub digest: Digest,
    /// The grant it stands for.
    pub grant: GrantId,
    /// Its owner's JSON: what the token endpoint must check.
    pub body: String,
    /// At most 60 s after it was made (FAPI 2.0 SP §5.3.2.1-11).
    pub expires_at: Timestamp,
}

/// What taking a code came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TakenCode {
    /// This caller took it, first and only.
    First(HeldCode),
    /// It had been taken before: the grant must be revoked (RFC 9700 §4.2.4).
    Again(GrantId),
    /// There is none such, or it is over.
    Unknown,
}

/// A refresh token, as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldRefreshToken {
    /// Digest of the token.
    pub digest: Digest,
    /// The grant it stands for.
    pub grant: GrantId,
    /// Whose it is.
    pub client: ClientId,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it is over: with its grant, or when it was left unused for too long.
    pub expires_at: Timestamp,
}

/// What the citizen's decision writes, in one transaction.
#[derive(Clone, Debug)]
pub struct Decision<'a> {
    /// The interaction that ends, at the step that was seen.
    pub interaction: &'a InteractionId,
    /// The step that was seen.
    pub step: u32,
    /// Digest of the `request_uri` that is used up.
    pub request_uri: Digest,
    /// The grant and its code; none when the citizen refused.
    pub granted: Option<(&'a Grant, &'a HeldCode)>,
    /// What the client will be told of the sign-in, where it is one that is told of its end.
    pub sign_in: Option<&'a SignIn>,
}

/// What a decision that changes a grant came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amended {
    /// The grant is changed.
    Done,
    /// Another answer was first.
    Over,
    /// The grant is not there, not in force, another's, or cannot be changed so.
    Gone,
}

/// Registered clients.
#[async_trait]
pub trait ClientStore: Send + Sync {
    /// The client with this id.
    async fn find_client(&self, id: &ClientId) -> Result<Option<Client>, Fault>;
    /// Writes a client, new or changed.
    async fn put_client(&self, client: &Client, now: Timestamp) -> Result<(), Fault>;
    /// Every client, by id.
    async fn list_clients(&self) -> Result<Vec<Client>, Fault>;
}

/// Persons.
#[async_trait]
pub trait SubjectStore: Send + Sync {
    /// The person behind `account`; inserts one with `new_id` when there is none. Two callers get the same person.
    async fn find_or_insert_subject(&self, account: &UpstreamAccount, new_id: &SubjectId) -> Result<Subject, Fault>;
    /// The person behind `account`, if they were ever here.
    async fn find_subject_of(&self, account: &UpstreamAccount) -> Result<Option<Subject>, Fault>;
    /// The person with this id.
    async fn find_subject(&self, id: &SubjectId) -> Result<Option<Subject>, Fault>;
}

/// The short-lived records of an authorization.
#[async_trait]
pub trait AuthorizationStore: Send + Sync {
    /// Keeps a pushed authorization request (RFC 9126).
    async fn insert_pushed_request(&self, held: &Held) -> Result<(), Fault>;
    /// Looks at a pushed request without using it up (a page may be loaded twice); none when over or used.
    async fn find_pushed_request(&self, digest: Digest, now: Timestamp) -> Result<Option<Held>, Fault>;
    /// Keeps a new interaction.
    async fn insert_interaction(&self, held: &HeldInteraction) -> Result<(), Fault>;
    /// The interaction, unless it is over.
    async fn find_interaction(&self, id: &InteractionId, now: Timestamp) -> Result<Option<HeldInteraction>, Fault>;
    /// Moves an interaction from `step` to `step + 1` with a new body; true for one caller only.
    async fn advance_interaction(&self, id: &InteractionId, step: u32, body: &str) -> Result<bool, Fault>;
    /// Ends an interaction: uses up its `request_uri`, and writes grant and code; true for one caller only, and
    /// nothing is written for any other.
    async fn take_decision(&self, decision: &Decision<'_>, now: Timestamp) -> Result<bool, Fault>;
    /// The same for a decision that changes the grant it names: the grant as it stands is read, changed and written in
    /// the same transaction, and what hung on it (codes, refresh tokens, open requests) ends. Nothing is written, and
    /// nothing used up, unless the answer is [`Amended::Done`].
    async fn take_amendment(&self, decision: &Decision<'_>, how: Amendment, now: Timestamp) -> Result<Amended, Fault>;
    /// Ends an interaction that has no `request_uri` (a sign-in to the dashboard); true for one caller only.
    async fn take_interaction(&self, id: &InteractionId, step: u32, now: Timestamp) -> Result<bool, Fault>;
}

/// Codes, refresh tokens and assertion ids.
#[async_trait]
pub trait TokenStore: Send + Sync {
    /// Takes a code, once.
    async fn take_code(&self, digest: Digest, now: Timestamp) -> Result<TakenCode, Fault>;
    /// Keeps a refresh token; false, and nothing is kept, when its grant was revoked meanwhile.
    async fn insert_refresh_token(&self, token: &HeldRefreshToken) -> Result<bool, Fault>;
    /// The refresh token, unless it is over. Whether its grant is in force is the caller's question.
    async fn find_refresh_token(&self, digest: Digest, now: Timestamp) -> Result<Option<HeldRefreshToken>, Fault>;
    /// Lets a refresh token that is not over last until `until`; never shortens it.
    async fn extend_refresh_token(&self, digest: Digest, until: Timestamp, now: Timestamp) -> Result<(), Fault>;
    /// Takes an assertion's `jti` (RFC 7523 §3), digest of client and id; true for one caller only.
    async fn take_assertion(&self, digest: Digest, expires_at: Timestamp) -> Result<bool, Fault>;
}

/// A place in a list ordered from new to old.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Before<Id> {
    /// Only what is older than this entry; from the newest when absent.
    pub entry: Option<(Timestamp, Id)>,
    /// At most this many.
    pub limit: u32,
}

impl<Id: AsRef<str>> Before<Id> {
    /// The place before which entries stand, in milliseconds and the id's text; after every entry without one.
    #[must_use]
    pub fn bound(&self) -> (i64, &str) {
        self.entry.as_ref().map_or((i64::MAX, ""), |(at, id)| (at.millis(), id.as_ref()))
    }
}

/// Grants.
#[async_trait]
pub trait GrantStore: Send + Sync {
    /// Writes a new grant.
    async fn insert_grant(&self, grant: &Grant) -> Result<(), Fault>;
    /// The grant with this id, whatever its state.
    async fn find_grant(&self, id: &GrantId) -> Result<Option<Grant>, Fault>;
    /// A person's grants, newest first, whatever their state; client-credentials grants have no person.
    async fn list_grants(&self, subject: &SubjectId, before: &Before<GrantId>) -> Result<Vec<Grant>, Fault>;
    /// Ends a grant; in the same transaction cancels its open requests, drops their results, and deletes its codes,
    /// refresh tokens and sign-ins, leaving a notice of each where its client is to be told. True for one caller only.
    async fn revoke_grant(&self, id: &GrantId, at: Timestamp, by: RevokedBy) -> Result<bool, Fault>;
    /// The same for every active grant of a person; gives their ids.
    async fn revoke_grants_of(&self, subject: &SubjectId, at: Timestamp, by: RevokedBy) -> Result<Vec<GrantId>, Fault>;
    /// The same for active grants of a client, some hundred at a time so that no write takes long; gives their ids, none
    /// when there is nothing left to end.
    async fn revoke_grants_of_client(
        &self,
        client: &ClientId,
        at: Timestamp,
        by: RevokedBy,
    ) -> Result<Vec<GrantId>, Fault>;
}

/// What inserting a request came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InsertedRequest {
    /// It is new.
    New,
    /// The client sent the same key with the same body before: this one answers.
    Same(Box<RetrievalRequest>),
    /// The client sent the same key with another body, or under another grant, before.
    KeyReused,
    /// Its grant was revoked meanwhile, or is over: nothing was written.
    GrantOver,
}

impl InsertedRequest {
    /// What it means that `request` was not written, when `earlier` came with the same key.
    pub(super) fn from_earlier(request: &RetrievalRequest, earlier: Option<RetrievalRequest>) -> Self {
        match earlier {
            None => Self::GrantOver,
            // Under another grant it may be about another person, whatever the body said.
            Some(earlier) if earlier.idempotency == request.idempotency && earlier.grant == request.grant => {
                Self::Same(Box::new(earlier))
            }
            Some(_) => Self::KeyReused,
        }
    }
}

/// Self-information requests and their sealed results.
#[async_trait]
pub trait RequestStore: Send + Sync {
    /// Writes a new request, leased to `owner` until `lease_until`; compares its idempotency key, scoped to the
    /// client, in the same conditional write, and writes only while the grant is in force at `created_at`.
    async fn insert_request(
        &self,
        request: &RetrievalRequest,
        owner: &str,
        lease_until: Timestamp,
    ) -> Result<InsertedRequest, Fault>;
    /// The request with this id.
    async fn find_request(&self, id: &RequestId) -> Result<Option<RetrievalRequest>, Fault>;
    /// Lends accepted requests whose lease is over to `owner` until `lease_until`; each to one caller only.
    async fn lease_requests(
        &self,
        owner: &str,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u32,
    ) -> Result<Vec<RetrievalRequest>, Fault>;
    /// Ends the work on an accepted request: keeps `result` sealed (state completed) or, when there is none to keep,
    /// marks it delivered; writes `access` in the same transaction. False, and nothing is written, when the request
    /// is not accepted any more or its grant was revoked: then the result must not be handed out either.
    async fn finish_request(&self, id: &RequestId, result: Option<&[u8]>, access: &Access) -> Result<bool, Fault>;
    /// The sealed result of a completed request, left where it is.
    async fn find_result(&self, id: &RequestId) -> Result<Option<Vec<u8>>, Fault>;
    /// Takes the sealed result of a completed request, once, and deletes it (state delivered).
    async fn take_result(&self, id: &RequestId) -> Result<Option<Vec<u8>>, Fault>;
    /// Ends a request that is not final as `cancelled` or `expired`, and deletes its result; false when it was final.
    async fn end_request(&self, id: &RequestId, state: RequestState) -> Result<bool, Fault>;
    /// The request that this client sent with this key.
    async fn find_request_by_key(
        &self,
        client: &ClientId,
        key: &IdempotencyKey,
    ) -> Result<Option<RetrievalRequest>, Fault>;
}

/// The access history.
#[async_trait]
pub trait AccessStore: Send + Sync {
    /// Writes lines.
    async fn insert_accesses(&self, lines: &[Access]) -> Result<(), Fault>;
    /// A person's lines, newest first.
    async fn list_accesses(&self, subject: &SubjectId, before: &Before<AccessId>) -> Result<Vec<Access>, Fault>;
}

/// A named secret of the counter (signing keys, salts), sealed by its owner before it comes here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldKey {
    /// Its name (`kid`), unique.
    pub id: String,
    /// What it is for: `signing`, `pairwise`, …
    pub purpose: String,
    /// The sealed key.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it starts to be used.
    pub active_from: Timestamp,
    /// When it is no longer published.
    pub retired_at: Option<Timestamp>,
}

/// The counter's own keys.
#[async_trait]
pub trait KeyStore: Send + Sync {
    /// Every key for `purpose`, oldest first.
    async fn list_keys(&self, purpose: &str) -> Result<Vec<HeldKey>, Fault>;
    /// Writes a key unless one with this id is there; true for one caller only.
    async fn insert_key(&self, key: &HeldKey) -> Result<bool, Fault>;
    /// Every key that comes after `id`, by id; at most `limit`.
    async fn list_keys_after(&self, id: &str, limit: u32) -> Result<Vec<HeldKey>, Fault>;
    /// Puts `sealed` in the place of what `seen` holds; false when it holds something else by now.
    async fn reseal_key(&self, seen: &HeldKey, sealed: &[u8], at: Timestamp) -> Result<bool, Fault>;
    /// Sets when a key is no longer published.
    async fn retire_key(&self, id: &str, at: Timestamp) -> Result<(), Fault>;
}

/// Citizens' sessions at the dashboard; one ends by [`SignInStore::end_sign_ins`], or by time.
#[async_trait]
pub trait SessionStore: Send + Sync {
    /// Keeps a session.
    async fn insert_session(&self, held: &Held) -> Result<(), Fault>;
    /// The session, unless it is over.
    async fn find_session(&self, digest: Digest, now: Timestamp) -> Result<Option<Held>, Fault>;
}
