//! Errors of the OAuth family: `error`, `error_description` and an `error_id` (RFC 6749 §5.2).

use super::{DPOP_NONCE, RATE_LIMIT, RATE_LIMIT_POLICY};
use crate::domain::ids::DecisionId;
use crate::domain::refusal::Failure;
use crate::domain::{Fault, Refusal};
use crate::http::edge::RequestTag;
use crate::issuer::{Issuer, IssuerFailure};
use crate::limits::LimitRefusal;
use crate::protocol::code::{
    INSUFFICIENT_SCOPE, INVALID_CLIENT, INVALID_DPOP_PROOF, INVALID_REQUEST, INVALID_TOKEN, NOT_FOUND, USE_DPOP_NONCE,
};
use crate::protocol::discovery::path;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, ResponseError};
use serde::Serialize;
use std::fmt;
use std::time::Duration;

/// How a challenge begins (RFC 9449 §7.1).
const CHALLENGE: &str = r#"DPoP algs="ES256 PS256 EdDSA""#;

/// How it begins where a registration access token is wanted (RFC 7592 §2).
const REGISTRATION_CHALLENGE: &str = r#"Bearer realm="registration""#;

/// RFC 6749 §5.2, with three members of our own.
#[derive(Serialize)]
struct Body<'a> {
    error: &'static str,
    error_description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    dpop_error: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<&'a str>,
}

/// An error on its way out.
#[derive(Debug)]
pub struct OauthFailure {
    status: StatusCode,
    code: &'static str,
    cause: Option<&'static str>,
    public: String,
    id: String,
    fields: Box<Fields>,
}

/// What goes into header fields besides.
#[derive(Debug, Default)]
struct Fields {
    nonce: Option<String>,
    retry_after: Option<Duration>,
    /// For `RateLimit-Policy` and `RateLimit`, when a limit refused.
    limited: Option<Box<LimitRefusal>>,
    /// At a protected resource the error stands in `WWW-Authenticate` too (RFC 6750 §3), beside the address of that
    /// resource's metadata (RFC 9728 §5.1).
    challenged_with: Option<String>,
    /// A registration access token is wanted.
    is_for_registration: bool,
    /// The decision of the operator's rules, for the body.
    decision: Option<DecisionId>,
}

fn status_of(code: &str) -> StatusCode {
    match code {
        INVALID_CLIENT | INVALID_TOKEN => StatusCode::UNAUTHORIZED,
        INSUFFICIENT_SCOPE => StatusCode::FORBIDDEN,
        NOT_FOUND => StatusCode::NOT_FOUND,
        "rate_limited" => StatusCode::TOO_MANY_REQUESTS,
        "temporarily_unavailable" => StatusCode::SERVICE_UNAVAILABLE,
        "server_error" => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    }
}

impl OauthFailure {
    /// A refusal by its code.
    pub(super) fn refused(code: &'static str, public: impl Into<String>) -> Self {
        Self::with_status(status_of(code), code, public)
    }

    pub(super) fn method_not_allowed() -> Self {
        Self::with_status(
            StatusCode::METHOD_NOT_ALLOWED,
            INVALID_REQUEST,
            "this method is not answered here; see Allow",
        )
    }

    pub(super) fn media_type() -> Self {
        let public = "send the body as application/x-www-form-urlencoded";
        Self::with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE, INVALID_REQUEST, public)
    }

    pub(super) fn json_wanted() -> Self {
        let public = "send the body as application/json";
        Self::with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE, INVALID_REQUEST, public)
    }

    pub(super) fn too_large() -> Self {
        let public = "the body must be at most 131072 bytes";
        Self::with_status(StatusCode::PAYLOAD_TOO_LARGE, INVALID_REQUEST, public)
    }

    fn with_status(status: StatusCode, code: &'static str, public: impl Into<String>) -> Self {
        Self { status, code, cause: None, public: public.into(), id: String::new(), fields: Box::default() }
    }

    /// What a use case ended in; `use_dpop_nonce` gets its nonce (RFC 9449 §8).
    pub(super) fn of(failure: IssuerFailure, issuer: &Issuer) -> Self {
        let mut error = match failure {
            IssuerFailure::Failed(Failure::Refused(refusal)) => Self::from(refusal),
            IssuerFailure::Failed(Failure::Broken(fault)) => Self::from(fault),
            IssuerFailure::Limited(limited) => {
                let refusal = (*limited.refusal).clone();
                let mut error = Self::from(refusal);
                error.fields.limited = Some(limited);
                error
            }
        };
        error.fields.nonce = (error.code == USE_DPOP_NONCE).then(|| issuer.fresh_nonce());
        error
    }

    /// The same at a protected resource: proof errors are 401 there, with a challenge (RFC 9449 §7.1, §9).
    pub(super) fn challenged(mut self, issuer: &Issuer) -> Self {
        if matches!(self.code, INVALID_DPOP_PROOF | USE_DPOP_NONCE | INVALID_CLIENT) {
            self.status = StatusCode::UNAUTHORIZED;
        }
        let is_challenged = matches!(self.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
        self.fields.challenged_with =
            is_challenged.then(|| format!("{}{}", issuer.public_url(), path::RESOURCE_METADATA));
        self
    }

    /// The same where a registration access token is wanted: no access token opens what is there.
    pub(super) fn challenged_for_registration(mut self) -> Self {
        self.fields.is_for_registration = self.status == StatusCode::UNAUTHORIZED;
        self
    }

    /// The same, under the request's id.
    pub(in crate::http) fn tagged(mut self, request: &HttpRequest) -> Self {
        self.id = request.extensions().get::<RequestTag>().map_or_else(String::new, |tag| format!("e_{}", tag.0));
        self
    }
}

impl From<Refusal> for OauthFailure {
    fn from(refusal: Refusal) -> Self {
        if let Some(private) = &refusal.private {
            tracing::debug!(error.code = refusal.code, reason = %private, "refused");
        }
        let mut failure = Self::refused(refusal.code, refusal.public);
        failure.fields.retry_after = refusal.retry_after;
        failure.cause = refusal.cause;
        failure.fields.decision = refusal.decision.map(|decision| decision.id);
        failure
    }
}

impl From<Fault> for OauthFailure {
    fn from(fault: Fault) -> Self {
        let source = std::error::Error::source(&fault).map(ToString::to_string).unwrap_or_default();
        tracing::error!(fault = %fault, source, "the authorization server could not answer");
        match fault {
            Fault::Unavailable { .. } => {
                let mut failure = Self::refused("temporarily_unavailable", "try again in a moment");
                failure.fields.retry_after = Some(Duration::from_secs(2));
                failure
            }
            Fault::Internal(_) => Self::refused("server_error", "something broke on our side; name the error_id"),
        }
    }
}

/// `error_description` has no quotes, backslashes or anything outside ASCII (RFC 6749 §5.2).
fn plain(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '"' | '\\' => '\'',
            ' '..='~' => c,
            _ => '?',
        })
        .collect()
}

impl fmt::Display for OauthFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

impl ResponseError for OauthFailure {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let description = plain(&self.public);
        let mut response = HttpResponse::build(self.status);
        response.insert_header((CACHE_CONTROL, "no-store"));
        if let Some(nonce) = &self.fields.nonce {
            response.insert_header((DPOP_NONCE, nonce.as_str()));
        }
        if let Some(span) = self.fields.retry_after {
            let seconds = span.as_secs() + u64::from(span.subsec_nanos() > 0);
            response.insert_header((RETRY_AFTER, seconds.max(1)));
        }
        if let Some((policy, limit)) =
            self.fields.limited.as_ref().and_then(|limited| limited.policy().zip(limited.limit()))
        {
            response.insert_header((RATE_LIMIT_POLICY, policy)).insert_header((RATE_LIMIT, limit));
        }
        if self.fields.is_for_registration {
            let error = format!(r#"error="{}", error_description="{description}""#, self.code);
            response.insert_header((WWW_AUTHENTICATE, format!("{REGISTRATION_CHALLENGE}, {error}")));
        }
        if let Some(metadata) = &self.fields.challenged_with {
            let error = format!(r#"error="{}", error_description="{description}""#, self.code);
            let challenge = format!(r#"{CHALLENGE}, {error}, resource_metadata="{metadata}""#);
            response.insert_header((WWW_AUTHENTICATE, challenge));
        }
        response.json(Body {
            error: self.code,
            error_description: &description,
            dpop_error: self.cause,
            error_id: Some(self.id.as_str()).filter(|id| !id.is_empty()),
            decision: self.fields.decision.as_ref().map(DecisionId::as_str),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_keep_to_the_characters_of_rfc_6749() {
        assert_eq!(plain("a \"b\" \\ é\n~"), "a 'b' ' ??~");
    }

    #[test]
    fn every_code_has_its_status() {
        for (code, status) in [
            (INVALID_CLIENT, 401),
            (INVALID_TOKEN, 401),
            (INVALID_REQUEST, 400),
            ("invalid_grant", 400),
            (INSUFFICIENT_SCOPE, 403),
            ("rate_limited", 429),
            ("temporarily_unavailable", 503),
        ] {
            assert_eq!(status_of(code).as_u16(), status, "{code}");
        }
    }

    #[actix_web::test]
    async fn a_fault_says_nothing_of_its_source() {
        let away = Fault::unavailable("postgres", std::io::Error::other("host db-1 refused user madoguchi"));
        for (fault, status, code) in
            [(away, 503, "temporarily_unavailable"), (Fault::Internal("row 7 of grants".into()), 500, "server_error")]
        {
            let response = OauthFailure::from(fault).error_response();
            assert_eq!(response.status().as_u16(), status);
            assert_eq!(response.headers().contains_key(RETRY_AFTER), status == 503);
            let body = actix_web::body::to_bytes(response.into_body()).await.unwrap();
            let text = String::from_utf8(body.to_vec()).unwrap();
            assert!(text.contains(code) && !text.contains("db-1") && !text.contains("grants"), "{text}");
        }
    }
}
