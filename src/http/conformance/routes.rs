//! `/conformance.json`, and `/conformance` for programs; people get the page in [`crate::http::pages`].

use super::{Conformance, Report};
use crate::http::pages::conformance as page;
use actix_web::http::header::{ACCEPT, CACHE_CONTROL, HeaderMap};
use actix_web::{HttpRequest, HttpResponse, web};

/// Its addresses.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/conformance.json").route(web::get().to(get_json)));
    cfg.service(web::resource("/conformance").route(web::get().to(get)));
}

/// Tells how each clause of FAPI 2.0 and of what it builds on stands in this installation, now.
#[utoipa::path(
    get, path = "/conformance.json", operation_id = "get_conformance", tag = "conformance",
    responses((status = 200, description = "Every clause with its state and its evidence.", body = Report))
)]
pub async fn get_json(conformance: web::Data<Conformance>) -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(&*conformance.report().await)
}

async fn get(
    request: HttpRequest,
    conformance: web::Data<Conformance>,
    pages: web::Data<crate::http::pages::Pages>,
) -> HttpResponse {
    if prefers_json(request.headers()) {
        return get_json(conformance).await;
    }
    let report = conformance.report().await;
    page::show(&request, &pages, &report)
}

/// Whether a program asks: it names JSON, and not the pages that a browser names (RFC 9110 §12.5.1).
pub(in crate::http) fn prefers_json(headers: &HeaderMap) -> bool {
    let named = |kind: &str| {
        headers.get_all(ACCEPT).filter_map(|value| value.to_str().ok()).any(|value| {
            value.split(',').any(|range| range.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(kind))
        })
    };
    named("application/json") && !named("text/html")
}
