//! The ports of notices (お知らせ) to citizens.

use super::Before;
use crate::domain::citizen_notice::{HeldCitizenNotice, NewCitizenNotice};
use crate::domain::ids::{CitizenNoticeId, ClientId, SubjectId};
use crate::domain::notice_bulk::{NoticeBulk, NoticePiece, RejectedLine};
use crate::domain::{Digest, Fault, Timestamp};
use async_trait::async_trait;
use std::collections::HashMap;

/// What posting a notice came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InsertedCitizenNotice {
    /// It is there; it has its place already when its time has come.
    New(Box<HeldCitizenNotice>),
    /// This client posted it before, under the same key and from the same body.
    Same(Box<HeldCitizenNotice>),
    /// This client posted another one under this key.
    KeyReused,
    /// The citizen's account was erased: nothing was written.
    NobodyThere,
}

/// Notices to citizens.
#[async_trait]
pub trait CitizenNoticeStore: Send + Sync {
    /// Writes a notice with its files; of any number of calls with one key, one does. One whose time has come by its
    /// `posted_at` gets its place, and whoever may read it is told, in the same write.
    async fn insert_citizen_notice(&self, new: &NewCitizenNotice) -> Result<InsertedCitizenNotice, Fault>;
    /// The one with this id.
    async fn find_citizen_notice(&self, id: &CitizenNoticeId) -> Result<Option<HeldCitizenNotice>, Fault>;
    /// The file with this number from 0.
    async fn find_notice_file(&self, id: &CitizenNoticeId, number: u32) -> Result<Option<Vec<u8>>, Fault>;
    /// Those that the citizen can see, from the place after `after` on, in the order of places.
    async fn list_citizen_notices(
        &self,
        subject: &SubjectId,
        after: u64,
        page: (Timestamp, u32),
    ) -> Result<Vec<HeldCitizenNotice>, Fault>;
    /// Those that the citizen can see, from the place before `before` on, the newest first.
    async fn list_newest_notices(
        &self,
        subject: &SubjectId,
        before: u64,
        page: (Timestamp, u32),
    ) -> Result<Vec<HeldCitizenNotice>, Fault>;
    /// Those that a client posted, newest first.
    async fn list_posted_notices(
        &self,
        client: &ClientId,
        before: &Before<CitizenNoticeId>,
    ) -> Result<Vec<HeldCitizenNotice>, Fault>;
    /// Marks one that the citizen can see as read, or as unread; the first time that it was read stays. False when they can
    /// see none such.
    async fn mark_notice(
        &self,
        of: (&SubjectId, &CitizenNoticeId),
        is_read: bool,
        now: Timestamp,
    ) -> Result<bool, Fault>;
}

/// What becomes of notices by themselves, and files of them.
#[async_trait]
pub trait NoticeWorkStore: Send + Sync {
    /// Gives notices whose time has come their places, and leaves word for whoever may read them; each by one caller only.
    /// Gives how many.
    async fn release_notices(&self, now: Timestamp, limit: u32) -> Result<u64, Fault>;
    /// Notices of whose due day their citizen is to be reminded by now.
    async fn list_reminders(&self, now: Timestamp, limit: u32) -> Result<Vec<HeldCitizenNotice>, Fault>;
    /// Writes the reminder of a notice, once: true for one caller only.
    async fn take_reminder(&self, of: &CitizenNoticeId, reminder: &NewCitizenNotice) -> Result<bool, Fault>;
    /// Whom these digests ([`recipient_digest`](crate::domain::citizen_notice::recipient_digest)) mean.
    async fn find_recipients(&self, digests: &[Digest]) -> Result<HashMap<Digest, SubjectId>, Fault>;
    /// Makes ready for a file. The one that this client began under the same key before, if it did.
    async fn insert_notice_bulk(&self, new: &NoticeBulk) -> Result<Option<NoticeBulk>, Fault>;
    /// The file with this id.
    async fn find_notice_bulk(&self, id: &crate::domain::ids::NoticeBulkId) -> Result<Option<NoticeBulk>, Fault>;
    /// Writes a piece of the file where it has come as far as `piece` begins: its notices, its rejected lines and how far the
    /// file is, as one. False, and nothing is written, when another piece was first.
    async fn append_notices(&self, piece: &NoticePiece) -> Result<bool, Fault>;
    /// Rejected lines after line `after`.
    async fn list_rejected_lines(
        &self,
        id: &crate::domain::ids::NoticeBulkId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<RejectedLine>, Fault>;
}
