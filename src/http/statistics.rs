//! `/statistics` (統計): for people a page, for programs `/statistics.json` and a file for each month. Nobody has to sign in.

use super::conformance::routes::prefers_json;
use super::pages::{Pages, statistics as page};
use super::problem::{Problem, ProblemBody};
use super::status::cacheable;
use crate::domain::Digest;
use crate::domain::statistics::StatisticsRelease;
use crate::services::statistics::{Statistics, StatisticsCoverage, StatisticsIndex};
use actix_web::http::header::{HeaderValue, VARY};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

/// How long, in seconds, the list of months may be kept, and a month, which never changes.
const INDEX_KEPT: u64 = 60;
const MONTH_KEPT: u64 = 86_400;

/// Its addresses.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/statistics.json").route(web::get().to(get_json)));
    cfg.service(
        web::scope("/statistics")
            .service(web::resource("").route(web::get().to(get)))
            // Before the file of a month.
            .service(web::resource("/coverage.json").route(web::get().to(get_coverage)))
            .service(web::resource("/{month}.json").route(web::get().to(get_month)))
            .service(web::resource("/{month}.csv").route(web::get().to(get_month_csv))),
    );
}

/// Names the months whose statistics are published, and how they are made.
///
/// Persons are counted, by month; each count has noise, and is told only where at least `k` persons are in it whatever the noise was.
/// A month is published once. `/statistics` gives the same where JSON is accepted and HTML is not.
#[utoipa::path(
    get, path = "/statistics.json", operation_id = "list_statistics", tag = "statistics",
    responses(
        (status = 200, description = "The months. May be cached for a minute; it has an `ETag`.", body = StatisticsIndex),
        (status = 304, description = "It is what the caller has (`If-None-Match`)."),
    )
)]
pub(super) async fn get_json(request: HttpRequest, statistics: web::Data<Statistics>) -> HttpResponse {
    json(&request, &statistics.index(), INDEX_KEPT)
}

/// Tells how far online applications and this counter reach: by procedure, municipality, and class of third party.
///
/// It counts no persons, so its counts are exact, and of some minutes ago at most.
#[utoipa::path(
    get, path = "/statistics/coverage.json", operation_id = "get_statistics_coverage", tag = "statistics",
    responses(
        (status = 200, description = "The counts. May be cached for a minute; it has an `ETag`.", body = StatisticsCoverage),
        (status = 304, description = "It is what the caller has (`If-None-Match`)."),
        (status = 503, description = "`temporarily_unavailable`: the catalogue is being read for the first time.", body = ProblemBody<'static>, content_type = "application/problem+json"),
    )
)]
pub(super) async fn get_coverage(
    request: HttpRequest,
    statistics: web::Data<Statistics>,
) -> Result<HttpResponse, Problem> {
    Ok(json(&request, &*statistics.coverage().await?, INDEX_KEPT))
}

/// Gives the statistics of a month.
#[utoipa::path(
    get, path = "/statistics/{month}.json", operation_id = "get_statistics", tag = "statistics",
    params(("month" = String, Path, description = "Which, as YYYY-MM.", example = "2026-10")),
    responses(
        (status = 200, description = "The month. It never changes, and has an `ETag`.", body = StatisticsRelease),
        (status = 304, description = "It is what the caller has (`If-None-Match`)."),
        (status = 404, description = "`not_found`: this month is not published.", body = ProblemBody<'static>, content_type = "application/problem+json"),
    )
)]
pub(super) async fn get_month(
    request: HttpRequest,
    month: web::Path<String>,
    statistics: web::Data<Statistics>,
) -> Result<HttpResponse, Problem> {
    Ok(json(&request, &*statistics.find(&month)?, MONTH_KEPT))
}

/// Gives the statistics of a month as CSV (RFC 4180): one line for each count.
#[utoipa::path(
    get, path = "/statistics/{month}.csv", operation_id = "get_statistics_csv", tag = "statistics",
    params(("month" = String, Path, description = "Which, as YYYY-MM.", example = "2026-10")),
    responses(
        (status = 200, description = "The month, with a line of names.", body = String, content_type = "text/csv"),
        (status = 304, description = "It is what the caller has (`If-None-Match`)."),
        (status = 404, description = "`not_found`: this month is not published.", body = ProblemBody<'static>, content_type = "application/problem+json"),
    )
)]
pub(super) async fn get_month_csv(
    request: HttpRequest,
    month: web::Path<String>,
    statistics: web::Data<Statistics>,
) -> Result<HttpResponse, Problem> {
    Ok(told(&request, ("text/csv; charset=utf-8", MONTH_KEPT), statistics.find(&month)?.csv()))
}

fn json<T: Serialize>(request: &HttpRequest, body: &T, seconds: u64) -> HttpResponse {
    told(request, ("application/json", seconds), serde_json::to_string(body).unwrap_or_default())
}

/// A text that may be kept for so many seconds, with its own digest as its tag.
fn told(request: &HttpRequest, (kind, seconds): (&str, u64), text: String) -> HttpResponse {
    let tag = Digest::of(&text).base64url();
    cacheable(request, (&tag, kind, seconds), || text)
}

async fn get(request: HttpRequest, statistics: web::Data<Statistics>, pages: web::Data<Pages>) -> HttpResponse {
    if prefers_json(request.headers()) {
        let mut response = get_json(request, statistics).await;
        response.headers_mut().insert(VARY, HeaderValue::from_static("accept"));
        return response;
    }
    page::show(&request, &pages, &statistics).await
}
