//! `/status` (稼働状況): the board for people, `/status.json` for programs, `/status.atom` for readers of feeds. Nobody has to sign in.

use super::conformance::routes::prefers_json;
use super::pages::{Pages, service_status as page};
use super::v1::has_it;
use crate::domain::Digest;
use crate::services::status::{FRESH, Status, StatusReport, atom};
use actix_web::http::header::{ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_TYPE, ETAG, VARY};
use actix_web::{HttpRequest, HttpResponse, web};

/// Its addresses.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/status.json").route(web::get().to(get_json)));
    cfg.service(web::resource("/status.atom").route(web::get().to(get_feed)));
    cfg.service(web::resource("/status").route(web::get().to(get)));
}

/// Tells how each part of the service stands, incidents, and planned maintenance.
///
/// Each node tells what it sees itself, worked out anew every five seconds at most; incidents and maintenance are the same on all.
/// `/status` gives the same where JSON is accepted and HTML is not.
#[utoipa::path(
    get, path = "/status.json", operation_id = "get_status", tag = "status",
    responses(
        (status = 200, description = "The board. May be cached for some seconds; it has an `ETag`.", body = StatusReport),
        (status = 304, description = "It is what the caller has (`If-None-Match`)."),
    )
)]
pub async fn get_json(request: HttpRequest, status: web::Data<Status>) -> HttpResponse {
    let report = status.report().await;
    cacheable(&request, (&report.tag(), "application/json", FRESH.as_secs()), || {
        serde_json::to_string(&*report).unwrap_or_default()
    })
}

/// Tells what was told of incidents and planned maintenance as an Atom feed (RFC 4287), the latest first.
#[utoipa::path(
    get, path = "/status.atom", operation_id = "get_status_feed", tag = "status",
    responses(
        (status = 200, description = "The feed, in Japanese and English.", body = String, content_type = "application/atom+xml"),
        (status = 304, description = "It is what the caller has (`If-None-Match`)."),
    )
)]
pub async fn get_feed(request: HttpRequest, status: web::Data<Status>) -> HttpResponse {
    let feed = atom(&*status.report().await, status.public_url());
    let tag = Digest::of(&feed).base64url();
    cacheable(&request, (&tag, "application/atom+xml; charset=utf-8", FRESH.as_secs()), || feed)
}

async fn get(request: HttpRequest, status: web::Data<Status>, pages: web::Data<Pages>) -> HttpResponse {
    if prefers_json(request.headers()) {
        let mut response = get_json(request, status).await;
        response.headers_mut().insert(VARY, actix_web::http::header::HeaderValue::from_static("accept"));
        return response;
    }
    let report = status.report().await;
    let mut response = page::show(&request, &pages, &report);
    let fields = response.headers_mut();
    // Shared caches may keep what is the same for everybody; the choice of a language is in the address or a cookie of its own.
    if !fields.contains_key(actix_web::http::header::SET_COOKIE)
        && let Ok(value) = actix_web::http::header::HeaderValue::from_str(&kept(FRESH.as_secs()))
    {
        fields.insert(CACHE_CONTROL, value);
        let varies = format!("accept, {ACCEPT_LANGUAGE}, cookie");
        if let Ok(value) = actix_web::http::header::HeaderValue::from_str(&varies) {
            fields.insert(VARY, value);
        }
    }
    response
}

fn kept(seconds: u64) -> String {
    format!("public, max-age={seconds}")
}

/// An answer that is the same for everybody, until something changes; its tag, its media type, and for how many seconds it may be
/// kept.
pub(super) fn cacheable(
    request: &HttpRequest,
    (tag, kind, seconds): (&str, &str, u64),
    make: impl FnOnce() -> String,
) -> HttpResponse {
    // Weak: when it was looked may be another in what is otherwise the same.
    let quoted = format!("\"{tag}\"");
    let has_it = has_it(request, &quoted);
    let mut response = if has_it { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((CACHE_CONTROL, kept(seconds))).insert_header((ETAG, format!("W/{quoted}")));
    if has_it { response.finish() } else { response.insert_header((CONTENT_TYPE, kind)).body(make()) }
}
