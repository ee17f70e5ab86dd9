//! A notice (お知らせ) from an agency to a citizen: posted once, visible from a time on, until it expires.
//!
//! scheduled → posted (visible: it has its place in the citizen's list) → expired. A place is given in the same write that
//! makes a notice visible, and each citizen's places are given one after another: whoever reads on from a place misses
//! nothing that becomes visible later, and sees nothing twice.

use super::ids::{CitizenNoticeId, ClientId, GrantId, SubjectId};
use super::retrieval::IdempotencyKey;
use super::secret::Digest;
use super::time::Timestamp;
use super::words::{Lang, Words};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;

/// For how long a consent to notices, delivered documents or links alone lasts; beside self-information it lasts as long as that.
pub const CONSENT_DAYS: u32 = 90;

/// By what the store finds whom an agency means: the citizen as clients of its sector know them, and the sector, so that
/// nobody can post to a person by what another agency calls them.
#[must_use]
pub fn recipient_digest(sector: &str, sub: &str) -> Digest {
    Digest::of(&format!("notice recipient\n{sector}\n{sub}"))
}

/// A notice's text in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeText {
    /// Its title (件名).
    pub title: String,
    /// Its body, plain text.
    pub body: String,
}

/// Somewhere that the citizen is led on to: the agency's own page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeLink {
    /// Its address, https. It is never called from here.
    pub url: String,
    /// Until which day in Japan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_on: Option<NaiveDate>,
}

/// What a file that comes with a notice is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeAttachment {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// How many bytes.
    pub size: u64,
    /// SHA-256 of them.
    pub digest: Digest,
}

/// A notice as it was posted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CitizenNotice {
    /// Its id.
    pub id: CitizenNoticeId,
    /// By whose software: the agency's.
    pub client: ClientId,
    /// The agency's name at that time.
    pub sender: Words,
    /// To whom.
    pub subject: SubjectId,
    /// Its category, as the operator's rules name it.
    pub category: String,
    /// In Japanese.
    pub ja: NoticeText,
    /// In English, where the agency wrote that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<NoticeText>,
    /// The files that come with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<NoticeAttachment>,
    /// Where something is paid (納付用URL).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<NoticeLink>,
    /// Where it is answered (回答フォーム), or the procedure that it is about is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<NoticeLink>,
    /// The notice that it reminds of, where it is a reminder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminder_of: Option<CitizenNoticeId>,
    /// By what the same call is known again.
    pub key: IdempotencyKey,
    /// When it was handed in.
    pub posted_at: Timestamp,
    /// From when on it is visible.
    pub deliver_at: Timestamp,
    /// From when on it is not any more.
    pub expires_at: Timestamp,
}

impl CitizenNotice {
    /// Its text in `lang`, or in Japanese where there is none; and in which language that is.
    #[must_use]
    pub fn text(&self, lang: Lang) -> (Lang, &NoticeText) {
        match (lang, &self.en) {
            (Lang::En, Some(text)) => (Lang::En, text),
            _ => (Lang::Ja, &self.ja),
        }
    }

    /// The day until which something is to be done, the earlier one where there are two.
    #[must_use]
    pub fn due_on(&self) -> Option<NaiveDate> {
        [&self.payment, &self.response].into_iter().flatten().filter_map(|link| link.due_on).min()
    }
}

/// Where a notice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoticeState {
    /// Its time is still to come.
    Scheduled,
    /// The citizen can see it.
    Posted,
    /// Its time is over.
    Expired,
}

/// A notice as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldCitizenNotice {
    /// As it was posted.
    pub notice: CitizenNotice,
    /// Its place in the citizen's list; none until it is visible.
    pub place: Option<u64>,
    /// When it was first marked as read, while it is.
    pub read_at: Option<Timestamp>,
}

impl HeldCitizenNotice {
    /// Where it stands.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> NoticeState {
        match self.place {
            _ if now >= self.notice.expires_at => NoticeState::Expired,
            Some(_) => NoticeState::Posted,
            None => NoticeState::Scheduled,
        }
    }
}

/// A notice that is to be written, with its files and with when its citizen is to be reminded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCitizenNotice {
    /// The notice.
    pub notice: CitizenNotice,
    /// The bytes of its attachments, in their order.
    pub files: Vec<Vec<u8>>,
    /// When its citizen is to be reminded of what is due, if they are.
    pub remind_at: Option<Timestamp>,
}

/// Which notice a third party is told of, and under which grant it can read it. Nothing of what the notice says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeMention {
    /// Which.
    pub id: CitizenNoticeId,
    /// Under which grant.
    pub grant: GrantId,
    /// Its place in that citizen's list.
    pub place: u64,
}

/// When something that is due on `day` is reminded of: at nine in the morning in Japan, so many days before.
#[must_use]
pub fn reminder(day: NaiveDate, days_before: u32) -> Option<Timestamp> {
    let day = day.checked_sub_days(chrono::Days::new(u64::from(days_before)))?;
    Timestamp::of_day_in_japan(day).map(|midnight| midnight.plus(Duration::from_hours(9)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipient_is_meant_by_the_agency_of_its_own_sector_only() {
        let one = recipient_digest("city.example", "p~1");
        assert_eq!(one, recipient_digest("city.example", "p~1"));
        assert_ne!(one, recipient_digest("tax.example", "p~1"));
        assert_ne!(one, recipient_digest("city.example\np~1", ""));
        assert_ne!(one, Digest::of("p~1"), "nor by what a question to the person (CIBA) finds them by");
    }

    #[test]
    fn somebody_is_reminded_in_the_morning() {
        let day = NaiveDate::from_ymd_opt(2027, 6, 30).unwrap();
        assert_eq!(reminder(day, 14).unwrap().rfc3339(), "2027-06-16T09:00:00+09:00");
        assert_eq!(reminder(NaiveDate::MIN, 1), None);
    }
}
