//! Answers that are the same for every caller in a language, and that a caller may keep.

use super::limited;
use crate::domain::{Lang, Refusal};
use crate::gateway::Permit;
use crate::http::pages::accepted_lang;
use actix_web::http::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_LANGUAGE, ETAG, HeaderValue, IF_NONE_MATCH, VARY,
};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

/// The same for every caller, but every caller needs a token: a shared cache keeps out of it.
pub(super) const FOR_AN_HOUR: &str = "private, max-age=3600";
/// The same, for what is exchanged more often.
pub(super) const FOR_FIVE_MINUTES: &str = "private, max-age=300";

/// RFC 9110 §13.1.2: whether the caller has what is named by this entity tag already.
pub(in crate::http) fn has_it(request: &HttpRequest, tag: &str) -> bool {
    let told = request.headers().get_all(IF_NONE_MATCH).filter_map(|value| value.to_str().ok());
    // Weak comparison: what stands between us and the caller may have made a weak tag of ours.
    let mut told = told.flat_map(|value| value.split(',')).map(|one| one.trim().trim_start_matches("W/"));
    told.any(|one| one == "*" || one == tag)
}

/// The language that the caller reads.
pub(super) fn lang(request: &HttpRequest) -> Lang {
    let accepted = request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    accepted.and_then(accepted_lang).unwrap_or_default()
}

/// An answer in a language. Whoever has it already costs nothing: it is not made again.
///
/// # Errors
/// What making it ends in.
pub(super) fn in_language<T: Serialize>(
    request: &HttpRequest,
    (tag, lang): (&str, Lang),
    permit: &Permit,
    make: impl FnOnce() -> Result<T, Refusal>,
) -> Result<HttpResponse, Refusal> {
    let tag = format!("\"{tag}\"");
    let has_it = has_it(request, &tag);
    let mut response = if has_it { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((CACHE_CONTROL, FOR_FIVE_MINUTES))
        .insert_header((ETAG, tag))
        .insert_header((VARY, HeaderValue::from_static("accept-language")))
        .insert_header((CONTENT_LANGUAGE, lang.tag()));
    Ok(limited(if has_it { response.finish() } else { response.json(make()?) }, permit))
}
