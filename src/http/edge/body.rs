//! Reading bodies: at most [`MOST_BYTES`], of the right type.

use crate::domain::Refusal;
use crate::http::problem::Problem;
use actix_web::body::BodyLimitExceeded;
use actix_web::dev::ServiceRequest;
use actix_web::http::header;
use actix_web::{HttpRequest, web};
use bytes::Bytes;

/// Most bytes of a request's body.
pub const MOST_BYTES: usize = 1024 * 1024;

pub(super) const TOO_LARGE: &str = "The body must be at most 1048576 bytes (1 MiB).";

/// A body that announces itself as too large is not waited for.
pub(super) fn is_said_too_large(request: &ServiceRequest) -> bool {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok());
    length.and_then(|l| l.trim().parse::<u64>().ok()).is_some_and(|l| l > MOST_BYTES as u64)
}

/// The bytes of a JSON body.
///
/// # Errors
/// 415 for another type, 413 for too many bytes, 400 for a body that broke off.
pub async fn json_body(request: &HttpRequest, payload: web::Payload) -> Result<Bytes, Problem> {
    typed_body(request, payload, "application/json").await
}

/// The bytes of a body of this type.
///
/// # Errors
/// As [`json_body`].
pub async fn typed_body(request: &HttpRequest, payload: web::Payload, wanted: &str) -> Result<Bytes, Problem> {
    let mut types = request.headers().get_all(header::CONTENT_TYPE);
    let kind = types.next().and_then(|v| v.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if types.next().is_some() || !essence.eq_ignore_ascii_case(wanted) {
        let words = format!("Send the body as `Content-Type: {wanted}`.");
        return Err(Refusal::new("unsupported_media_type", words).at("Content-Type").into());
    }
    match payload.to_bytes_limited(MOST_BYTES).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(Refusal::new("invalid_request", "The body broke off or its encoding is wrong.").into()),
        Err(BodyLimitExceeded { .. }) => Err(Refusal::new("content_too_large", TOO_LARGE).into()),
    }
}
