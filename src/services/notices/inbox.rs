//! A citizen's own notices at the counter's pages: nobody's consent is asked, and nobody else is shown anything.

use super::{NoticeFile, NoticeView, Notices};
use crate::domain::citizen_notice::{HeldCitizenNotice, NoticeState};
use crate::domain::ids::CitizenNoticeId;
use crate::domain::{Fault, Lang};
use crate::services::account::CitizenSession;
use crate::services::body::cut;

/// Most notices of one page.
const SHOWN: u32 = 50;

impl Notices {
    /// Notices to whoever is signed in, newest first, from before the place `before` on; and where older ones go on.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn inbox(
        &self,
        session: &CitizenSession,
        before: Option<u64>,
    ) -> Result<(Vec<HeldCitizenNotice>, Option<u64>), Fault> {
        let now = self.parts.clock.now();
        let before = before.unwrap_or(i64::MAX.unsigned_abs());
        let page = (now, SHOWN.saturating_add(1));
        let mut found = self.parts.store.list_newest_notices(session.subject(), before, page).await?;
        let next = cut(&mut found, SHOWN as usize, |last| last.place).flatten();
        Ok((found, next))
    }

    /// One of them.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn inbox_notice(&self, session: &CitizenSession, id: &str) -> Result<Option<HeldCitizenNotice>, Fault> {
        let now = self.parts.clock.now();
        let found = self.any(id).await?;
        Ok(found.filter(|one| one.notice.subject == *session.subject() && one.state(now) == NoticeState::Posted))
    }

    /// The same, put into words.
    #[must_use]
    pub fn worded(&self, one: &HeldCitizenNotice, lang: Lang) -> NoticeView {
        NoticeView::of(one, &self.parts.rules, lang)
    }

    /// A file of one of them.
    ///
    /// # Errors
    /// [`Fault`] when the store is away, or keeps another file.
    pub async fn inbox_file(
        &self,
        session: &CitizenSession,
        (id, number): (&str, &str),
    ) -> Result<Option<NoticeFile>, Fault> {
        let Some(found) = self.inbox_notice(session, id).await? else { return Ok(None) };
        self.file(&found, number).await
    }

    /// Marks one of them as read, or as unread; false when there is none such.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn mark_own(&self, session: &CitizenSession, id: &str, is_read: bool) -> Result<bool, Fault> {
        let Ok(id) = CitizenNoticeId::parse(id) else { return Ok(false) };
        self.parts.store.mark_notice((session.subject(), &id), is_read, self.parts.clock.now()).await
    }
}
