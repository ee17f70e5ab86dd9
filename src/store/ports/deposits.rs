//! The ports of deposits, and of the references to them.

use super::Before;
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::deposit::{Declaration, Deposit, Filed, HeldReference, Pieces, Reference, ReferenceEnd, Trouble};
use crate::domain::ids::{ClientId, DepositId, DepositReferenceId};
use crate::domain::{Fault, Timestamp};
use async_trait::async_trait;

/// What declaring came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InsertedDeposit {
    /// It is declared.
    New,
    /// This client declared it before, under the same key and from the same body.
    Same(Box<Deposit>),
    /// This client declared another one under this key.
    KeyReused,
    /// It is for another company, whose delegation is not in force.
    NotDelegated,
}

/// That a deposit is filed, to be written with the filing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FiledDeposit {
    /// Which.
    pub declared: Declaration,
    /// What is filed.
    pub filed: Filed,
    /// The digests of its pieces.
    pub pieces: Pieces,
}

/// Deposits. Each write leaves its leaf; filing one is a part of [`insert_submission`](super::SubmissionStore).
#[async_trait]
pub trait DepositStore: Send + Sync {
    /// Writes a declaration; of any number of calls with one key, one does.
    async fn insert_deposit(&self, new: &Declaration) -> Result<InsertedDeposit, Fault>;
    /// The one with this id.
    async fn find_deposit(&self, id: &DepositId) -> Result<Option<Deposit>, Fault>;
    /// The digests of its pieces, once it is filed.
    async fn find_pieces(&self, id: &DepositId) -> Result<Option<Pieces>, Fault>;
    /// Those that a client declared, and those that others declared for the company by its delegation, newest first.
    async fn list_deposits(
        &self,
        of: (&ClientId, &CorporateNumber),
        before: &Before<DepositId>,
    ) -> Result<Vec<Deposit>, Fault>;
    /// Those of a company, whoever's software declared them, newest first.
    async fn list_company_deposits(
        &self,
        company: &CorporateNumber,
        before: &Before<DepositId>,
    ) -> Result<Vec<Deposit>, Fault>;
    /// Those filed to an agency whose place comes after this one, in the order of their filing; what is filed later has a
    /// later place. Those that were withdrawn meanwhile are among them.
    async fn list_filed_deposits(&self, agency: &str, after: u64, limit: u32) -> Result<Vec<Deposit>, Fault>;
    /// Takes one back that is filed, or is not filed, as it was seen; true for one caller only.
    async fn withdraw_deposit(&self, id: &DepositId, is_filed: bool, at: Timestamp) -> Result<bool, Fault>;
    /// Tells the company of one whose duty to keep it ends by then, where it was not told yet: written down in the same write,
    /// so that each is told of once, whoever looks. False when there is none.
    async fn warn_of_duty(&self, now: Timestamp, by: Timestamp) -> Result<bool, Fault>;
    /// Writes down that its cloud does not give it, or that it does again with none; true for the first caller alone, by whose
    /// write the company is told.
    async fn note_outage(&self, id: &DepositId, trouble: Option<Trouble>, at: Timestamp) -> Result<bool, Fault>;
}

/// References to what is deposited.
#[async_trait]
pub trait DepositReferenceStore: Send + Sync {
    /// Writes one down, with its leaf, before anything is given; false when what it is to is not filed, or was taken back.
    async fn begin_reference(&self, new: &Reference) -> Result<bool, Fault>;
    /// Writes down how it ended, with its leaf; true for the first caller alone.
    async fn end_reference(&self, id: &DepositReferenceId, end: &ReferenceEnd) -> Result<bool, Fault>;
    /// Those to one deposit, newest first.
    async fn list_references(
        &self,
        of: &DepositId,
        before: &Before<DepositReferenceId>,
    ) -> Result<Vec<HeldReference>, Fault>;
}
