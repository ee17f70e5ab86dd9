//! `GET /v1/service-procedures` and what stands below it: what people apply for, where.

use super::admit;
use super::cacheable::{in_language, lang};
use crate::gateway::{Gateway, Operation};
use crate::http::problem::Problem;
use crate::services::service_search::{
    ServiceComparison, ServiceProcedurePage, ServiceProcedureView, ServiceSearch, ServiceStandards,
};
use actix_web::{HttpRequest, HttpResponse, web};

/// Searches what people apply for at municipalities and prefectures: go on with `next`.
///
/// All parameters together narrow the search. It is answered from memory, in the language of `Accept-Language` where the
/// counter has it. Nothing of what was searched is kept.
#[utoipa::path(
    get, path = "/v1/service-procedures", operation_id = "search_service_procedures", tag = "service-search",
    params(
        ("municipality" = Option<Vec<String>>, Query, description = "Of this municipality or prefecture; up to 20, each in a parameter of its own.", example = json!(["152048"])),
        ("keyword" = Option<String>, Query, description = "Words that are all in name, summary, category or life events; widths and kinds of kana are the same.", example = "児童手当"),
        ("category" = Option<String>, Query, description = "A code of `GET /v1/service-procedures/standards`.", example = "child_rearing"),
        ("life_event" = Option<String>, Query, description = "A code of `GET /v1/service-procedures/standards`.", example = "birth"),
        ("e_application" = Option<bool>, Query, description = "Whether it can be applied for online.", example = true),
        ("age" = Option<u16>, Query, description = "For somebody of this age in years, 0 to 130.", example = 3),
        ("age_months" = Option<u16>, Query, description = "The same in months.", example = 40),
        ("procedure" = Option<String>, Query, description = "Which are this standard procedure.", example = "child-allowance-claim"),
        ("after" = Option<String>, Query, description = "`next` of the page before.", example = "152048.1520480001"),
        ("limit" = Option<u32>, Query, description = "How many, 1 to 100.", example = 50),
    ),
    responses(
        (status = 200, description = "The procedures. May be cached; it has an `ETag`.", body = ServiceProcedurePage),
        (status = 304, description = "It is what the caller has (`If-None-Match`)."),
    ),
    security(("dpop" = ["service_search"]))
)]
pub async fn search(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    search: web::Data<ServiceSearch>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::SEARCH_SERVICE_PROCEDURES).await?;
    let (asked, lang) = (search.asks_search(request.query_string())?, lang(&request));
    Ok(in_language(&request, (&search.tag(lang), lang), &permit, || search.search(&permit, &asked, lang))?)
}

/// What can be searched by: categories, life events, and the procedures that are the same everywhere, with their documents.
#[utoipa::path(
    get, path = "/v1/service-procedures/standards", operation_id = "list_service_standards", tag = "service-search",
    responses(
        (status = 200, description = "All of it. May be cached; it has an `ETag`.", body = ServiceStandards),
        (status = 304, description = "It is what the caller has (`If-None-Match`)."),
    ),
    security(("dpop" = ["service_search"]))
)]
pub async fn standards(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    search: web::Data<ServiceSearch>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_SERVICE_STANDARDS).await?;
    let lang = lang(&request);
    Ok(in_language(&request, (&search.tag(lang), lang), &permit, || Ok(search.standards(&permit, lang)))?)
}

/// One standard procedure at two to ten municipalities, and in what they differ.
#[utoipa::path(
    get, path = "/v1/service-procedures/comparison", operation_id = "compare_service_procedures", tag = "service-search",
    params(
        ("procedure" = String, Query, description = "A standard procedure.", example = "child-allowance-claim"),
        ("municipality" = Vec<String>, Query, description = "Each in a parameter of its own.", example = json!(["152048", "131121"])),
    ),
    responses(
        (status = 200, description = "The comparison. May be cached; it has an `ETag`.", body = ServiceComparison),
        (status = 304, description = "It is what the caller has (`If-None-Match`)."),
    ),
    security(("dpop" = ["service_search"]))
)]
pub async fn compare(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    search: web::Data<ServiceSearch>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::COMPARE_SERVICE_PROCEDURES).await?;
    let (asked, lang) = (search.asks_comparison(request.query_string())?, lang(&request));
    Ok(in_language(&request, (&search.tag(lang), lang), &permit, || search.compare(&permit, &asked, lang))?)
}

/// One procedure at a municipality: what it says, in blocks, what is to be brought, and what need not be, since information
/// linkage (情報連携) makes it unnecessary.
#[utoipa::path(
    get, path = "/v1/service-procedures/{psid}", operation_id = "get_service_procedure", tag = "service-search",
    params(("psid" = String, Path, description = "Its id.", example = "1520480001")),
    responses(
        (status = 200, description = "The procedure. May be cached; it has an `ETag`.", body = ServiceProcedureView),
        (status = 304, description = "It is what the caller has (`If-None-Match`)."),
    ),
    security(("dpop" = ["service_search"]))
)]
pub async fn find(
    request: HttpRequest,
    psid: web::Path<String>,
    gateway: web::Data<Gateway>,
    search: web::Data<ServiceSearch>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_SERVICE_PROCEDURE).await?;
    let lang = lang(&request);
    let view = search.find(&permit, &psid, lang)?;
    Ok(in_language(&request, (&search.tag(lang), lang), &permit, || Ok(view))?)
}
