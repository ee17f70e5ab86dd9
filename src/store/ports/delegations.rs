//! The port of delegations: which office may file for which company.

use crate::domain::corporate_number::CorporateNumber;
use crate::domain::delegation::{Delegation, Pausing};
use crate::domain::ids::{ClientId, DelegationId};
use crate::domain::representation::RepresentationEnd;
use crate::domain::submission::Submission;
use crate::domain::{Fault, Timestamp};
use crate::store::Before;
use async_trait::async_trait;

/// Which office may file for which company. Each write leaves its leaf, and tells the company's own software where it is about
/// software of an office.
#[async_trait]
pub trait DelegationStore: Send + Sync {
    /// Writes a new one; false while another of the same company to the same client stands. One whose time is over is
    /// ended by it first. One for software is written only while the office's that it hangs on is in force, lets no
    /// software file itself, is of the same company, and is to another client.
    async fn insert_delegation(&self, new: &Delegation) -> Result<bool, Fault>;
    /// The delegation with this id.
    async fn find_delegation(&self, id: &DelegationId) -> Result<Option<Delegation>, Fault>;
    /// The one of this company to this client that has not ended; its time may be over.
    async fn find_standing_delegation(
        &self,
        company: &CorporateNumber,
        client: &ClientId,
    ) -> Result<Option<Delegation>, Fault>;
    /// Those of a company, newest first, whatever their state.
    async fn list_delegations(&self, company: &CorporateNumber, limit: u32) -> Result<Vec<Delegation>, Fault>;
    /// Those to a client, newest first, whatever their state.
    async fn list_delegations_to(
        &self,
        client: &ClientId,
        before: &Before<DelegationId>,
    ) -> Result<Vec<Delegation>, Fault>;
    /// Those by which software files, of one office's, newest first.
    async fn list_software(&self, via: &DelegationId, limit: u32) -> Result<Vec<Delegation>, Fault>;
    /// What was filed by one, newest first.
    async fn list_filed_by(&self, id: &DelegationId, limit: u32) -> Result<Vec<Submission>, Fault>;
    /// Holds one still, or lets it go on; true for one caller only, and only while there is something to end. Nothing is
    /// filed by it between the two: a filing that is being written holds the row.
    async fn pause_delegation(&self, id: &DelegationId, pausing: Pausing, at: Timestamp) -> Result<bool, Fault>;
    /// Ends one for good, and with it those by which software files by it; true for one caller only. Nothing is filed by it after this returns: a filing that is being
    /// written holds the row.
    async fn end_delegation(
        &self,
        id: &DelegationId,
        by: RepresentationEnd,
        operator: Option<&str>,
        at: Timestamp,
    ) -> Result<bool, Fault>;
}
