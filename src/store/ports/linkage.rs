//! The port of what citizens' accounts are linked with (属性連携, もっとつながる).

mod health_insurance;

pub use health_insurance::{HealthInsuranceStore, InsuranceChange, LeasedInsurance};

use crate::domain::ids::{LinkId, SubjectId};
use crate::domain::linkage::{HeldLink, Link, LinkCredential, ServiceCode};
use crate::domain::{Fault, Timestamp};
use async_trait::async_trait;

/// What linking came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InsertedLink {
    /// It is there; the account is registered, too, if it was not before.
    Done,
    /// The account is linked with this service already: nothing was written.
    Linked,
    /// The account was erased: nothing was written.
    NobodyThere,
}

/// Registration (利用者登録) and links of citizens' accounts.
#[async_trait]
pub trait LinkageStore: Send + Sync {
    /// When the person's account was registered, if it is.
    async fn find_registered(&self, subject: &SubjectId) -> Result<Option<Timestamp>, Fault>;
    /// Writes a link, and registers the account where it is not yet, as one; of any number of calls for one person and
    /// service, one does.
    async fn insert_link(&self, new: &Link) -> Result<InsertedLink, Fault>;
    /// The person's links, by the service's code.
    async fn list_links(&self, subject: &SubjectId) -> Result<Vec<HeldLink>, Fault>;
    /// Puts another credential in the place of the one that was seen; false when another was first, or the link is gone.
    async fn update_link(&self, seen: &HeldLink, credential: &LinkCredential) -> Result<bool, Fault>;
    /// Ends a link of the person: gives it to one caller only, and what opens the account is gone from here.
    async fn take_link(&self, of: (&SubjectId, &LinkId), at: Timestamp) -> Result<Option<HeldLink>, Fault>;
    /// Notes that the person was handed over to a site.
    async fn insert_hand_over(&self, subject: &SubjectId, service: &ServiceCode, at: Timestamp) -> Result<(), Fault>;
}
