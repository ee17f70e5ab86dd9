//! The error family of everything outside `/oauth`: problem+json (RFC 9457), one table of stable codes.
//!
//! A handler ends in a [`Problem`]; the edge gives it its error id and writes it out. Nothing of a fault but its code
//! and id can reach the wire.

mod table;

pub use table::{Kind, TABLE};

use crate::domain::ids::{DecisionId, ErrorId};
use crate::domain::{Detail, Failure, Fault, Refusal, Timestamp};
use crate::protocol::dpop::DpopCause;
use crate::services::submissions::FindingView;
use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError, web};
use serde::Serialize;
use std::fmt;
use std::time::Duration;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, Type};

/// The media type (RFC 9457 §6.1).
pub const CONTENT_TYPE: &str = "application/problem+json";

/// The row of `code`.
#[must_use]
pub fn find(code: &str) -> Option<&'static Kind> {
    TABLE.iter().find(|k| k.code == code)
}

fn get(code: &str) -> &'static Kind {
    const BROKEN: &Kind =
        &table::kind("internal_error", 500, "Something broke on our side", "サーバー内部で問題が発生しました");
    find(code).unwrap_or(BROKEN)
}

/// A problem on its way out.
#[derive(Debug)]
pub struct Problem {
    kind: &'static Kind,
    cause: Option<&'static str>,
    detail: Option<String>,
    pointer: Option<String>,
    /// For the log only.
    private: Option<String>,
    retry_after: Option<Duration>,
    headers: Vec<(HeaderName, String)>,
    violated: Vec<String>,
    told: Option<Box<Detail>>,
    decision: Option<DecisionId>,
    /// Given by the edge.
    pub(super) id: Option<ErrorId>,
}

/// A problem's body (RFC 9457 §3).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem, example = json!({
    "type": "/problems/not_consented", "title": "The citizen has not consented to this", "title_ja": "本人の同意がありません",
    "status": 403, "code": "not_consented", "detail": "TM00000000000001 is not part of the consent.",
    "pointer": "/data_sets/0/code", "error_id": "e_w2d3Yw5bq0mF1n8vJt7fTg"}))]
pub struct ProblemBody<'a> {
    /// Address of the problem's description, relative to the service; where a code has several causes, with the cause
    /// as its fragment (`/problems/invalid_dpop_proof#uri`).
    #[serde(rename = "type")]
    #[schema(format = "uri-reference")]
    kind: String,
    /// What kind of problem it is, in English.
    title: &'a str,
    /// The same in Japanese.
    title_ja: &'a str,
    /// The HTTP status.
    status: u16,
    /// The stable code to program against.
    code: &'a str,
    /// Why a DPoP proof is not accepted, as one stable word; see `/problems/invalid_dpop_proof`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, schema_with = dpop_causes)]
    dpop_error: Option<&'a str>,
    /// What is wrong this time and how to mend it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    detail: Option<&'a str>,
    /// JSON pointer (RFC 6901) into the body, or the name of the header or parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pointer: Option<&'a str>,
    /// The decision of the operator's rules; the operator can look up by it which rules decided, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    decision: Option<&'a str>,
    /// Everything that was found about a filing, each with a pointer into the body.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<FindingView>,
    /// The rate limits that refused.
    #[serde(rename = "violated-policies", skip_serializing_if = "<[String]>::is_empty")]
    violated: &'a [String],
    /// The limit of the citizen's consent that was reached: `frequency`, `one_time`, `period`, `items`, `pause`,
    /// `purpose`, `recipients`, `retention`, `access_days` or `questions`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    limit: Option<&'a str>,
    /// How much of the limit is used, where it is counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    used: Option<u32>,
    /// How much the citizen allowed, where it is counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    allowed: Option<u32>,
    /// When the limit frees by itself (RFC 3339, Japan's time); absent where only the citizen can free it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    frees_at: Option<String>,
    /// To be named when asking the operator.
    error_id: &'a str,
}

impl Problem {
    /// A problem of the table, with the words of a refusal.
    #[must_use]
    pub fn of(refusal: Refusal) -> Self {
        Self {
            kind: get(refusal.code),
            cause: refusal.cause,
            detail: Some(refusal.public),
            pointer: refusal.pointer.map(String::from),
            private: refusal.private.map(String::from),
            retry_after: refusal.retry_after,
            headers: Vec::new(),
            violated: Vec::new(),
            told: refusal.detail,
            decision: refusal.decision.map(|decision| decision.id),
            id: None,
        }
    }

    /// A problem that needs no more words than its title.
    #[must_use]
    pub fn plain(code: &'static str) -> Self {
        let mut problem = Self::of(Refusal::new(code, String::new()));
        problem.detail = None;
        problem
    }

    /// The row for a bare HTTP status, as a framework gives it.
    #[must_use]
    pub fn for_status(status: u16) -> Self {
        let row = TABLE.iter().find(|k| k.status == status);
        let fallback = if status < 500 { "invalid_request" } else { "internal_error" };
        Self::plain(row.map_or(fallback, |k| k.code))
    }

    /// With one more header field.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// With the names of the limits that refused.
    #[must_use]
    pub fn violated(mut self, names: Vec<String>) -> Self {
        self.violated = names;
        self
    }

    /// The code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.kind.code
    }

    /// What the log is told besides the code.
    #[must_use]
    pub fn for_the_log(&self) -> &str {
        self.private.as_deref().unwrap_or_default()
    }

    /// The response, under `id`.
    #[must_use]
    pub fn render(&self, id: &str) -> HttpResponse {
        let address = format!("/problems/{}", self.kind.code);
        let (limit, findings) = match self.told.as_deref() {
            Some(Detail::Limit(limit)) => (Some(limit), Vec::new()),
            Some(Detail::Findings(found)) => (None, found.iter().map(FindingView::of).collect()),
            None => (None, Vec::new()),
        };
        let body = ProblemBody {
            kind: self.cause.map_or(address.clone(), |cause| format!("{address}#{cause}")),
            title: self.kind.title,
            title_ja: self.kind.title_ja,
            status: self.kind.status,
            code: self.kind.code,
            dpop_error: self.cause,
            detail: self.detail.as_deref(),
            pointer: self.pointer.as_deref(),
            findings,
            violated: &self.violated,
            decision: self.decision.as_ref().map(DecisionId::as_str),
            limit: limit.map(|limit| limit.name),
            used: limit.and_then(|limit| limit.used),
            allowed: limit.and_then(|limit| limit.allowed),
            frees_at: limit.and_then(|limit| limit.frees_at).map(Timestamp::rfc3339),
            error_id: id,
        };
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header((header::CONTENT_TYPE, CONTENT_TYPE));
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        if let Some(span) = self.retry_after {
            let seconds = span.as_secs() + u64::from(span.subsec_nanos() > 0);
            response.insert_header((header::RETRY_AFTER, seconds.max(1)));
        }
        for (name, value) in &self.headers {
            if let Ok(value) = HeaderValue::from_str(value) {
                response.append_header((name.clone(), value));
            }
        }
        // A struct of strings and numbers always serialises.
        response.body(serde_json::to_vec(&body).unwrap_or_default())
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::of(refusal)
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let mut problem = match &fault {
            Fault::Unavailable { .. } => Self::plain("temporarily_unavailable"),
            Fault::Internal(_) => Self::plain("internal_error"),
        };
        if matches!(fault, Fault::Unavailable { .. }) {
            problem.retry_after = Some(Duration::from_secs(2));
        }
        let source = std::error::Error::source(&fault).map(|s| format!(": {s}")).unwrap_or_default();
        problem.private = Some(format!("{fault}{source}"));
        problem
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => refusal.into(),
            Failure::Broken(fault) => fault.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.code)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.kind.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        self.render(self.id.as_ref().map_or("", ErrorId::as_str))
    }
}

/// The words of [`DpopCause`], as an enumeration.
pub(super) fn dpop_causes() -> utoipa::openapi::schema::Schema {
    let words = DpopCause::ALL.map(DpopCause::as_str);
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).into()
}

/// Where a problem's `type` leads: its row of the table.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/problems/{code}").route(web::get().to(describe)));
}

async fn describe(code: web::Path<String>) -> Result<HttpResponse, Problem> {
    let row = find(&code).ok_or_else(|| Problem::plain("not_found"))?;
    let cause = |cause: DpopCause| {
        let (en, ja) = cause.remedy();
        serde_json::json!({"dpop_error": cause, "remedy": en, "remedy_ja": ja})
    };
    let mut words = serde_json::json!({
        "code": row.code, "status": row.status, "title": row.title, "title_ja": row.title_ja,
    });
    if let (Some(members), "invalid_dpop_proof" | "use_dpop_nonce") = (words.as_object_mut(), row.code) {
        members.insert("causes".to_owned(), DpopCause::ALL.map(cause).into_iter().collect());
    }
    Ok(HttpResponse::Ok().json(words))
}

#[cfg(test)]
mod tests;
