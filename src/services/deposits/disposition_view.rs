//! What agencies and companies see of disposition notices (処分通知).

use crate::domain::Timestamp;
use crate::domain::disposition::{DispositionKind, DispositionState, HeldDisposition, KeptAt};
use serde::Serialize;
use utoipa::ToSchema;

/// A disposition notice as the company sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DispositionNotice)]
pub struct DispositionNoticeView {
    /// Its id.
    #[schema(example = "dsn_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
    /// Where it stands.
    pub state: DispositionState,
    /// What it is.
    pub kind: DispositionKind,
    /// Its title.
    #[schema(example = "法定調書の受理通知書")]
    pub title: String,
    /// The day of the decision in Japan.
    #[schema(format = "date", example = "2026-11-20")]
    pub decided_on: String,
    /// The agency.
    #[schema(example = "tax")]
    pub agency: String,
    /// The procedure.
    #[schema(example = "tax-withholding-statements-by-cloud")]
    pub procedure: String,
    /// The filing that it answers: `GET /v1/submissions/{id}`.
    #[schema(example = "sub_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub submission: String,
    /// The part of it that went to the agency.
    #[schema(example = "dlv_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub delivery: String,
    /// The deposit that it answers, where it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "dep_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub deposit: Option<String>,
    /// The company.
    #[schema(example = "7000012050002")]
    pub applicant: String,
    /// Its media type.
    #[schema(example = "application/pdf")]
    pub media_type: String,
    /// How many bytes.
    #[schema(example = 20_480)]
    pub size: u64,
    /// SHA-256 of them (base64url).
    pub sha256: String,
    /// Whether its bytes stay at the agency's own cloud.
    pub is_at_agency: bool,
    /// When the agency put it down (RFC 3339).
    #[schema(format = "date-time")]
    pub put_at: String,
    /// When it was delivered (到達): given to you for the first time (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    pub delivered_at: Option<String>,
    /// From when on it cannot be fetched any more (RFC 3339).
    #[schema(format = "date-time")]
    pub expires_at: String,
    /// The earlier notice that it corrects or revokes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "dsn_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub supersedes: Option<String>,
    /// The later notice that corrects or revokes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "dsn_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub superseded_by: Option<String>,
}

/// Some disposition notices, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct DispositionNoticePage {
    /// The notices.
    pub items: Vec<DispositionNoticeView>,
    /// `after` of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next: Option<String>,
}

/// A disposition notice as the agency sees it that put it down.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgencyDispositionNotice {
    /// Its id.
    #[schema(example = "dsn_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
    /// Where it stands.
    pub state: DispositionState,
    /// What it is.
    pub kind: DispositionKind,
    /// Its title.
    #[schema(example = "法定調書の受理通知書")]
    pub title: String,
    /// The day of the decision in Japan.
    #[schema(format = "date", example = "2026-11-20")]
    pub decided_on: String,
    /// The agency.
    #[schema(example = "tax")]
    pub agency: String,
    /// The procedure.
    #[schema(example = "tax-withholding-statements-by-cloud")]
    pub procedure: String,
    /// The filing that it answers, as you were sent it: its `reference` begins so.
    #[schema(example = "dlv_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub filing: String,
    /// The deposit that it answers, where it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "dep_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub deposit: Option<String>,
    /// The company.
    #[schema(example = "7000012050002")]
    pub applicant: String,
    /// Its media type.
    #[schema(example = "application/pdf")]
    pub media_type: String,
    /// How many bytes.
    #[schema(example = 20_480)]
    pub size: u64,
    /// SHA-256 of them (base64url).
    pub sha256: String,
    /// Where its bytes are, at your own cloud; absent when they are here.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "uri", example = "https://agency.example/notices/1.pdf")]
    pub location: Option<String>,
    /// When it was put down (RFC 3339).
    #[schema(format = "date-time")]
    pub put_at: String,
    /// When it was delivered (到達): given to the company for the first time (RFC 3339). You are told by an event, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    pub delivered_at: Option<String>,
    /// From when on the company cannot fetch it any more (RFC 3339).
    #[schema(format = "date-time")]
    pub expires_at: String,
    /// The earlier notice that it corrects or revokes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "dsn_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub supersedes: Option<String>,
    /// The later notice that corrects or revokes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "dsn_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub superseded_by: Option<String>,
    /// That it was put down, in the log of evidence: `GET /v1/receipts/{id}`.
    #[schema(example = "r_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub receipt: String,
}

/// Some disposition notices that an agency put down, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgencyDispositionNoticePage {
    /// The notices.
    pub items: Vec<AgencyDispositionNotice>,
    /// `after` of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next: Option<String>,
}

impl DispositionNoticeView {
    pub(super) fn of(held: &HeldDisposition, now: Timestamp) -> Self {
        let (one, answered) = (&held.notice, &held.notice.answered);
        Self {
            id: one.id.to_string(),
            state: held.state(now),
            kind: one.kind,
            title: one.title.clone(),
            decided_on: one.decided_on.to_string(),
            agency: one.agency.clone(),
            procedure: answered.procedure.clone(),
            submission: answered.submission.to_string(),
            delivery: answered.delivery.to_string(),
            deposit: answered.deposit.as_ref().map(ToString::to_string),
            applicant: answered.company.to_string(),
            media_type: one.holding.media_type.clone(),
            size: one.holding.size,
            sha256: one.holding.digest.base64url(),
            is_at_agency: one.kept != KeptAt::Here,
            put_at: one.put_at.rfc3339(),
            delivered_at: held.delivered_at.map(Timestamp::rfc3339),
            expires_at: one.expires_at.rfc3339(),
            supersedes: one.supersedes.as_ref().map(ToString::to_string),
            superseded_by: held.superseded_by.as_ref().map(ToString::to_string),
        }
    }
}

impl AgencyDispositionNotice {
    pub(super) fn of(held: &HeldDisposition, now: Timestamp) -> Self {
        let (one, answered) = (&held.notice, &held.notice.answered);
        Self {
            id: one.id.to_string(),
            state: held.state(now),
            kind: one.kind,
            title: one.title.clone(),
            decided_on: one.decided_on.to_string(),
            agency: one.agency.clone(),
            procedure: answered.procedure.clone(),
            filing: answered.delivery.to_string(),
            deposit: answered.deposit.as_ref().map(ToString::to_string),
            applicant: answered.company.to_string(),
            media_type: one.holding.media_type.clone(),
            size: one.holding.size,
            sha256: one.holding.digest.base64url(),
            location: Some(&one.holding.location).filter(|_| one.kept != KeptAt::Here).cloned(),
            put_at: one.put_at.rfc3339(),
            delivered_at: held.delivered_at.map(Timestamp::rfc3339),
            expires_at: one.expires_at.rfc3339(),
            supersedes: one.supersedes.as_ref().map(ToString::to_string),
            superseded_by: held.superseded_by.as_ref().map(ToString::to_string),
            receipt: one.receipt.to_string(),
        }
    }
}
