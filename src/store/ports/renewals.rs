//! The port of consents that end, and of deciding again.

use crate::domain::citizen_notice::NewCitizenNotice;
use crate::domain::grant::{Authentication, Grant};
use crate::domain::ids::GrantId;
use crate::domain::{Fault, Timestamp};
use async_trait::async_trait;

/// What becomes of a consent of which its person may be to be reminded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reminding {
    /// They are not.
    Never,
    /// They are, but later.
    Later(Timestamp),
    /// They are now, by this notice.
    Now(Box<NewCitizenNotice>),
}

/// A person's word that a consent goes on as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Renewal {
    /// Which of its versions they saw: when it was agreed to.
    pub seen: Timestamp,
    /// When they said so.
    pub at: Timestamp,
    /// How they were recognised.
    pub by: Authentication,
}

/// Consents that end.
#[async_trait]
pub trait RenewalStore: Send + Sync {
    /// Consents in force of which it is to be looked by now whether their person is to be reminded.
    async fn list_ending_grants(&self, now: Timestamp, limit: u32) -> Result<Vec<Grant>, Fault>;
    /// Does what was found out about a grant as it was listed; true for one caller only, and never once the grant was ended or
    /// renewed meanwhile. A notice has its place, and the grant's client is told, in the same write.
    async fn take_ending(&self, grant: &Grant, what: &Reminding, now: Timestamp) -> Result<bool, Fault>;
    /// Lets a grant go on from a newer word for the same, keeping the older one; its tokens stay. False when it is not in
    /// force, is no consent of the person's own that lasts, or is not as they saw it.
    async fn renew_grant(&self, id: &GrantId, renewal: &Renewal) -> Result<bool, Fault>;
}
