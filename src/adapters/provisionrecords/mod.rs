//! 情報提供等記録: asks the system that discloses them (情報提供等記録開示システム) for a person's records of exchanges.
//!
//! What for: who asked whom for what about a person is kept by law at the network through which bodies ask; the citizen may
//! see it.
//!
//! How it flows: one `POST`, signed by us (`private_key_jwt`), with the person named by a signed assertion of ours and the days
//! that are asked for; the answer is a file of fixed-length records, eighteen columns in Shift_JIS each, which `wire` reads
//! strictly. Records of another day than was asked for are no answer. How the real system is asked is not public: the call is
//! decided here; the columns and their widths are those of the bodies' own record.
//!
//! How to add one more: another source is another engine of [`ProvisionRecordSource`].
//!
//! What it must never do: see [`adapters`](super). And: take half of an answer for the whole.

mod client;
mod settings;
#[cfg(test)]
mod tests;
mod wire;

pub use super::selfinfo::{Reason, Trouble};
pub use client::ProvisionRecordClient;
pub use settings::{InvalidProvisionRecords, ProvisionRecordSettings};

use crate::adapters::breaker::Pulse;
use crate::domain::provision_record::{ProvisionRecord, RecordsClearance};
use crate::domain::subject::UpstreamAccount;
use async_trait::async_trait;
use chrono::NaiveDate;

/// Which days are asked for, both among them, as Japan counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    /// The first.
    pub from: NaiveDate,
    /// The last.
    pub to: NaiveDate,
}

/// Where records of exchanges come from.
#[async_trait]
pub trait ProvisionRecordSource: Send + Sync {
    /// Every record of the person whom `clearance` is about, who is `person` at the identity provider, of these days; withheld
    /// ones, too. None is an answer.
    ///
    /// # Errors
    /// [`Trouble`] when there is no answer: nothing is known then.
    async fn list(
        &self,
        clearance: &RecordsClearance,
        person: &UpstreamAccount,
        days: Days,
    ) -> Result<Vec<ProvisionRecord>, Trouble>;
    /// How it did lately.
    fn pulse(&self) -> Pulse;
}
