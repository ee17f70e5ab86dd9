//! The port of disposition notices (処分通知).

use super::Before;
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::disposition::{DispositionNotice, Fetch, HeldDisposition};
use crate::domain::ids::{ClientId, DispositionNoticeId};
use crate::domain::{Fault, Timestamp};
use async_trait::async_trait;

/// What putting a notice down came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InsertedDisposition {
    /// It is there, and the company is told.
    New,
    /// This client put it down before, under the same key and from the same body.
    Same(Box<HeldDisposition>),
    /// This client put another one down under this key.
    KeyReused,
    /// What it corrects or revokes is not there, or another one does so already: nothing was written.
    NotTheLast,
}

/// What came of giving a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GivenDisposition {
    /// It was the first time (到達); the agency is told.
    First,
    /// It was given before.
    Again,
    /// It is over: it must not be given.
    Gone,
}

/// Disposition notices. Each write leaves its leaf.
#[async_trait]
pub trait DispositionStore: Send + Sync {
    /// Writes a notice, with its content where that is here; of any number of calls with one key, one does, and of any number
    /// that supersede the same earlier one, one does.
    async fn insert_disposition(
        &self,
        new: &DispositionNotice,
        content: Option<&[u8]>,
    ) -> Result<InsertedDisposition, Fault>;
    /// The one with this id.
    async fn find_disposition(&self, id: &DispositionNoticeId) -> Result<Option<HeldDisposition>, Fault>;
    /// Its content, where that is here.
    async fn find_disposition_content(&self, id: &DispositionNoticeId) -> Result<Option<Vec<u8>>, Fault>;
    /// Those to filings of a client, and those to filings that others made for the company by its delegation, newest first.
    async fn list_dispositions(
        &self,
        of: (&ClientId, &CorporateNumber),
        before: &Before<DispositionNoticeId>,
    ) -> Result<Vec<HeldDisposition>, Fault>;
    /// Those to a company's filings, whoever made them, newest first.
    async fn list_company_dispositions(
        &self,
        company: &CorporateNumber,
        before: &Before<DispositionNoticeId>,
    ) -> Result<Vec<HeldDisposition>, Fault>;
    /// Those that an agency put down, newest first.
    async fn list_agency_dispositions(
        &self,
        agency: &str,
        before: &Before<DispositionNoticeId>,
    ) -> Result<Vec<HeldDisposition>, Fault>;
    /// Tells the company of one that nobody fetched and that waits until then at most, where it was not told yet: written down
    /// in the same write, so that each is told of once, whoever looks. False when there is none.
    async fn warn_of_disposition(&self, now: Timestamp, by: Timestamp) -> Result<bool, Fault>;
    /// Writes down that the company is given it, before a byte goes; the first time, the agency is told in the same write.
    async fn give_disposition(&self, id: &DispositionNoticeId, fetch: &Fetch) -> Result<GivenDisposition, Fault>;
}
