//! What citizens' software and agencies see of notices (お知らせ).

use crate::catalog::notices::NoticeRules;
use crate::domain::citizen_notice::{HeldCitizenNotice, NoticeAttachment, NoticeLink, NoticeState};
use crate::domain::payment::PaymentState;
use crate::domain::{Lang, Timestamp, Words};
use serde::Serialize;
use utoipa::ToSchema;

/// A notice in a citizen's list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NoticeSummary)]
pub struct NoticeSummaryView {
    /// Its id.
    #[schema(example = "ntc_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
    /// Its place in this citizen's list; it never changes.
    #[schema(example = 17)]
    pub place: u64,
    /// Its category.
    #[schema(example = "status_report")]
    pub category: String,
    /// The category's name; absent where this installation has it no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "現況届")]
    pub category_name: Option<String>,
    /// Who posted it.
    #[schema(example = "見本市")]
    pub sender: String,
    /// In which language it is shown: `ja` where the agency wrote no English.
    #[schema(example = "ja")]
    pub language: &'static str,
    /// Its title (件名).
    #[schema(example = "児童手当 現況届の提出について")]
    pub title: String,
    /// Whether the citizen read it.
    pub is_read: bool,
    /// How many files come with it.
    pub attachment_count: usize,
    /// Until which day in Japan something is to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date", example = "2027-06-30")]
    pub due_on: Option<String>,
    /// The notice that it reminds of, where it is a reminder.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "ntc_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub reminder_of: Option<String>,
    /// Since when it is visible (RFC 3339).
    #[schema(format = "date-time")]
    pub delivered_at: String,
    /// From when on it is not any more (RFC 3339).
    #[schema(format = "date-time")]
    pub expires_at: String,
}

/// Some notices, in the order in which they became visible.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticePage {
    /// The notices.
    pub items: Vec<NoticeSummaryView>,
    /// `after` with which the list goes on, now or at any later time: what becomes visible later comes after it.
    #[schema(example = "17")]
    pub cursor: String,
    /// Whether there is more by now.
    pub has_more: bool,
}

/// A notice.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CitizenNotice)]
pub struct NoticeView {
    /// What the list says of it.
    pub summary: NoticeSummaryView,
    /// Its text, plain.
    pub body: String,
    /// The files that come with it.
    pub attachments: Vec<NoticeAttachmentView>,
    /// Where something is paid (納付用URL).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub payment: Option<NoticeLinkView>,
    /// Where that payment stands, where it is one that was made at this counter.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub payment_state: Option<PaymentState>,
    /// Where it is answered (回答フォーム), or the procedure that it is about is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub response: Option<NoticeLinkView>,
    /// When the citizen first read it (RFC 3339), while it counts as read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    pub read_at: Option<String>,
}

/// A file that comes with a notice: `GET /v1/notices/{id}/attachments/{number}`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NoticeAttachment)]
pub struct NoticeAttachmentView {
    /// Its number, from 0.
    pub number: usize,
    /// Its name.
    #[schema(example = "genkyo.pdf")]
    pub name: String,
    /// Its media type.
    #[schema(example = "application/pdf")]
    pub media_type: String,
    /// How many bytes.
    #[schema(example = 20_480)]
    pub size: u64,
    /// SHA-256 of them (base64url).
    pub sha256: String,
}

/// A page of the agency's own.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NoticeLink)]
pub struct NoticeLinkView {
    /// Its address.
    #[schema(format = "uri", example = "https://city.example/genkyo")]
    pub url: String,
    /// Until which day in Japan.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date", example = "2027-06-30")]
    pub due_on: Option<String>,
}

/// A notice as the agency sees it that posted it. Whether its citizen read it is the citizen's own.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AgencyNotice)]
pub struct AgencyNoticeView {
    /// Its id.
    #[schema(example = "ntc_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
    /// Where it stands.
    pub state: NoticeState,
    /// Its category.
    #[schema(example = "status_report")]
    pub category: String,
    /// Its title in Japanese.
    #[schema(example = "児童手当 現況届の提出について")]
    pub title: String,
    /// The notice that it reminds of, where it is a reminder that was made here.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "ntc_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub reminder_of: Option<String>,
    /// When it was handed in (RFC 3339).
    #[schema(format = "date-time")]
    pub posted_at: String,
    /// From when on it is visible (RFC 3339).
    #[schema(format = "date-time")]
    pub deliver_at: String,
    /// From when on it is not any more (RFC 3339).
    #[schema(format = "date-time")]
    pub expires_at: String,
}

/// Some notices that an agency posted, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgencyNoticePage {
    /// The notices.
    pub items: Vec<AgencyNoticeView>,
    /// `after` of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next: Option<String>,
}

impl NoticeSummaryView {
    pub(super) fn of(held: &HeldCitizenNotice, rules: &NoticeRules, lang: Lang) -> Self {
        let one = &held.notice;
        let (shown, text) = one.text(lang);
        let named = |words: &Words| words.get(lang).to_owned();
        Self {
            id: one.id.to_string(),
            place: held.place.unwrap_or_default(),
            category: one.category.clone(),
            category_name: rules.category(&one.category).map(|known| named(&known.words)),
            sender: named(&one.sender),
            language: shown.tag(),
            title: text.title.clone(),
            is_read: held.read_at.is_some(),
            attachment_count: one.attachments.len(),
            due_on: one.due_on().map(|day| day.to_string()),
            reminder_of: one.reminder_of.as_ref().map(ToString::to_string),
            delivered_at: one.deliver_at.rfc3339(),
            expires_at: one.expires_at.rfc3339(),
        }
    }
}

impl NoticeView {
    pub(super) fn of(held: &HeldCitizenNotice, rules: &NoticeRules, lang: Lang) -> Self {
        let one = &held.notice;
        let link = |link: &NoticeLink| NoticeLinkView {
            url: link.url.clone(),
            due_on: link.due_on.map(|day| day.to_string()),
        };
        let file = |(number, file): (usize, &NoticeAttachment)| NoticeAttachmentView {
            number,
            name: file.name.clone(),
            media_type: file.media_type.clone(),
            size: file.size,
            sha256: file.digest.base64url(),
        };
        Self {
            summary: NoticeSummaryView::of(held, rules, lang),
            body: one.text(lang).1.body.clone(),
            attachments: one.attachments.iter().enumerate().map(file).collect(),
            payment: one.payment.as_ref().map(link),
            payment_state: None,
            response: one.response.as_ref().map(link),
            read_at: held.read_at.map(Timestamp::rfc3339),
        }
    }
}

impl AgencyNoticeView {
    pub(super) fn of(held: &HeldCitizenNotice, now: Timestamp) -> Self {
        let one = &held.notice;
        Self {
            id: one.id.to_string(),
            state: held.state(now),
            category: one.category.clone(),
            title: one.ja.title.clone(),
            reminder_of: one.reminder_of.as_ref().map(ToString::to_string),
            posted_at: one.posted_at.rfc3339(),
            deliver_at: one.deliver_at.rfc3339(),
            expires_at: one.expires_at.rfc3339(),
        }
    }
}
