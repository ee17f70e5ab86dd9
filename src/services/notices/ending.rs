//! Consents whose time ends: their citizen is reminded once, by a notice of the counter's own.
//!
//! The notice names no third party and no data: whoever reads a citizen's notices for them learns that some consent ends. Where
//! it leads, the citizen signs in, sees which, and can decide again.

use super::Notices;
use crate::domain::citizen_notice::{CitizenNotice, NewCitizenNotice, NoticeLink, NoticeText, reminder};
use crate::domain::grant::Grant;
use crate::domain::ids::{CitizenNoticeId, ClientId};
use crate::domain::retrieval::IdempotencyKey;
use crate::domain::{Digest, Fault, Timestamp, Words};
use crate::store::Reminding;

/// Under which name the counter posts; the name of no client that anybody registered.
const COUNTER: &str = "counter:consents";
/// The category of its notices: what is given for a time only is what health insurers keep.
const CATEGORY: &str = "health";

impl Notices {
    /// Reminds whoever is to be reminded by now; gives how many were looked at.
    ///
    /// # Errors
    /// [`Fault`] when the store is away; what was not done stays to be done.
    pub(super) async fn remind_of_ends(&self, now: Timestamp, at_once: u32) -> Result<u64, Fault> {
        let mut done = 0;
        for grant in self.parts.store.list_ending_grants(now, at_once).await? {
            let what = self.reminding(&grant, now)?;
            done += u64::from(self.parts.store.take_ending(&grant, &what, now).await?);
        }
        Ok(done)
    }

    fn reminding(&self, grant: &Grant, now: Timestamp) -> Result<Reminding, Fault> {
        let end = grant.expires_at.date_in_japan();
        let at = self.parts.gateway.reminder_days(grant).and_then(|days| reminder(end, days));
        Ok(match at.filter(|at| *at < grant.expires_at) {
            None => Reminding::Never,
            Some(at) if at > now => Reminding::Later(at),
            Some(_) => self.notice_of(grant, now)?.map_or(Reminding::Never, |new| Reminding::Now(Box::new(new))),
        })
    }

    fn notice_of(&self, grant: &Grant, now: Timestamp) -> Result<Option<NewCitizenNotice>, Fault> {
        let Some(subject) = &grant.subject else { return Ok(None) };
        let digest = Digest::of(&format!("end of a consent\n{}\n{}", grant.id, grant.expires_at.millis()));
        let client = ClientId::parse(COUNTER).map_err(|_| Fault::Internal("the counter has no name".into()))?;
        let text = |title: &str, body: &str| NoticeText { title: title.into(), body: body.into() };
        let notice = CitizenNotice {
            id: CitizenNoticeId::generate(&*self.parts.entropy),
            client,
            sender: Words { ja: "この窓口".into(), en: "This counter".into() },
            subject: subject.clone(),
            category: CATEGORY.into(),
            ja: text(
                "情報の提供への同意がまもなく終わります",
                "健康・医療に関する情報の提供への同意の期間が、まもなく終わります。続けて提供するには、下のページで内容を確かめて、もう一度お決めください。何もしなければ、同意は期日に終わり、以後は提供されません。",
            ),
            en: Some(text(
                "A consent of yours to share information ends soon",
                "The time of a consent of yours to share health information is nearly over. To go on sharing, look at what it is \
                 on the page below and decide again. If you do nothing, it ends on its day and nothing more is shared.",
            )),
            attachments: Vec::new(),
            payment: None,
            response: Some(NoticeLink {
                url: format!("{}/dashboard/grants/{}", self.parts.public_url, grant.id),
                due_on: Some(grant.expires_at.date_in_japan()),
            }),
            reminder_of: None,
            key: IdempotencyKey { key: digest, body: digest },
            posted_at: now,
            deliver_at: now,
            expires_at: grant.expires_at,
        };
        Ok(Some(NewCitizenNotice { notice, files: Vec::new(), remind_at: None }))
    }
}
