//! That a company shares what it deposited with another third party: a 士業 office, a bank.

use crate::domain::ids::{ClientId, DepositId, DepositShareId};
use crate::domain::time::Timestamp;

/// A share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// Its id.
    pub id: DepositShareId,
    /// Of what.
    pub deposit: DepositId,
    /// With whose software.
    pub client: ClientId,
    /// What for, by its code: nothing else.
    pub purpose: String,
    /// By which software of the company.
    pub shared_by: ClientId,
    /// When.
    pub shared_at: Timestamp,
    /// From when on no more.
    pub expires_at: Timestamp,
    /// When the company ended it, if it did.
    pub ended_at: Option<Timestamp>,
}

impl Share {
    /// Whether it is in force.
    #[must_use]
    pub fn stands(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && now < self.expires_at
    }
}
