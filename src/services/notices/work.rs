//! What becomes of notices by themselves: they become visible, and citizens are reminded of what is due.

use super::Notices;
use crate::domain::citizen_notice::{CitizenNotice, HeldCitizenNotice, NewCitizenNotice, NoticeText};
use crate::domain::ids::CitizenNoticeId;
use crate::domain::retrieval::IdempotencyKey;
use crate::domain::{Digest, Fault, Timestamp};
use crate::services::turns::forever;
use std::sync::Arc;
use std::time::Duration;

/// How many are worked on in one write.
const AT_ONCE: u32 = 200;
/// How often it is looked whether something is due.
const LOOK: Duration = Duration::from_secs(1);

impl Notices {
    /// Lets notices become visible and reminds citizens, for as long as the process runs; to be spawned beside the server.
    pub async fn work_forever(self: Arc<Self>) {
        let turn = || async { Ok(self.work_due().await? >= u64::from(AT_ONCE)) };
        forever(LOOK, "notices could not be made visible", turn).await;
    }

    /// Does what is due; gives how much that was.
    ///
    /// # Errors
    /// [`Fault`] when the store is away; what was not done stays to be done.
    pub async fn work_due(&self) -> Result<u64, Fault> {
        let now = self.parts.clock.now();
        let released = self.parts.store.release_notices(now, AT_ONCE).await?;
        let due = self.parts.store.list_reminders(now, AT_ONCE).await?;
        let mut reminded = 0;
        for one in &due {
            let reminder = self.reminder(one, now);
            reminded += u64::from(self.parts.store.take_reminder(&one.notice.id, &reminder).await?);
        }
        Ok(released + reminded + self.remind_of_ends(now, AT_ONCE).await?)
    }

    /// The reminder of a notice: the notice again, under another title, without its files.
    fn reminder(&self, of: &HeldCitizenNotice, now: Timestamp) -> NewCitizenNotice {
        let one = &of.notice;
        let text = |text: &NoticeText, mark: &str| NoticeText {
            title: format!("{mark}{}", text.title),
            body: text.body.clone(),
        };
        let digest = Digest::of(&format!("reminder\n{}", one.id));
        let notice = CitizenNotice {
            id: CitizenNoticeId::generate(&*self.parts.entropy),
            ja: text(&one.ja, "【期限が近づいています】"),
            en: one.en.as_ref().map(|en| text(en, "[Due soon] ")),
            attachments: Vec::new(),
            reminder_of: Some(one.id.clone()),
            key: IdempotencyKey { key: digest, body: digest },
            posted_at: now,
            deliver_at: now,
            ..one.clone()
        };
        NewCitizenNotice { notice, files: Vec::new(), remind_at: None }
    }
}
