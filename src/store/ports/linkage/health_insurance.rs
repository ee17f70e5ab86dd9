//! The port of health insurance cards on Individual Number Cards (健康保険証利用).

use crate::domain::health_insurance::{InsuranceLease, InsuranceRegistration};
use crate::domain::ids::SubjectId;
use crate::domain::{Fault, Timestamp};
use async_trait::async_trait;

/// What asking for the turn came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeasedInsurance {
    /// It is this caller's.
    Yes(InsuranceLease),
    /// Somebody else has it.
    Busy,
    /// The account was erased.
    NobodyThere,
}

/// What becomes of a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InsuranceChange {
    /// It is this one now.
    Registered(InsuranceRegistration),
    /// There is none any more.
    Ended,
    /// It stays as it was.
    Unchanged,
}

/// By which card citizens are known where a health insurance card is asked for.
#[async_trait]
pub trait HealthInsuranceStore: Send + Sync {
    /// The person's registration.
    async fn find_insurance(&self, subject: &SubjectId) -> Result<Option<InsuranceRegistration>, Fault>;
    /// Gives the turn to change it to one caller, until `until` at most; whoever asks meanwhile has none.
    async fn lease_insurance(
        &self,
        subject: &SubjectId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<LeasedInsurance, Fault>;
    /// Ends a turn with what it came to, and its leaf; false when it is over already, and nothing was written then.
    async fn end_insurance_lease(
        &self,
        lease: &InsuranceLease,
        change: InsuranceChange,
        at: Timestamp,
    ) -> Result<bool, Fault>;
}
