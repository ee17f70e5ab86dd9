//! `GET /v1/municipalities`, `GET /v1/municipalities/{municipality_code}`, `GET /v1/service-coverage`.

use super::admit;
use super::cacheable::{in_language, lang};
use crate::gateway::{Gateway, Operation};
use crate::http::problem::Problem;
use crate::services::service_search::{MunicipalityPage, MunicipalityView, ServiceCoverage, ServiceSearch};
use actix_web::{HttpRequest, HttpResponse, web};

/// The municipalities, by code, name, postal code or place: go on with `next`.
///
/// With `latitude` and `longitude` the nearest offices come first, with their distance. The nearest need not be the one in
/// charge: let the person choose.
#[utoipa::path(
    get, path = "/v1/municipalities", operation_id = "list_municipalities", tag = "service-search",
    params(
        ("prefecture" = Option<String>, Query, description = "`01` to `47`, or a prefecture's name.", example = "15"),
        ("name" = Option<String>, Query, description = "Part of the name or its reading; widths and kinds of kana are the same.", example = "さんじょう"),
        ("postal_code" = Option<String>, Query, description = "Seven digits, with a hyphen or without.", example = "955-0071"),
        ("latitude" = Option<f64>, Query, description = "Degrees north, with `longitude`.", example = 37.63),
        ("longitude" = Option<f64>, Query, description = "Degrees east, with `latitude`.", example = 138.96),
        ("procedure" = Option<String>, Query, description = "Those alone that have this standard procedure.", example = "child-allowance-claim"),
        ("after" = Option<String>, Query, description = "`next` of the page before.", example = "011002"),
        ("limit" = Option<u32>, Query, description = "How many, 1 to 100; 50 when not said, 5 nearest ones.", example = 5),
    ),
    responses(
        (status = 200, description = "The municipalities. May be cached; it has an `ETag`.", body = MunicipalityPage),
        (status = 304, description = "It is what the caller has (`If-None-Match`)."),
    ),
    security(("dpop" = ["service_search"]))
)]
pub async fn list(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    search: web::Data<ServiceSearch>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_MUNICIPALITIES).await?;
    let (asked, lang) = (search.asks_municipalities(request.query_string())?, lang(&request));
    Ok(in_language(&request, (&search.tag(lang), lang), &permit, || search.municipalities(&permit, &asked))?)
}

/// One municipality.
#[utoipa::path(
    get, path = "/v1/municipalities/{municipality_code}", operation_id = "get_municipality", tag = "service-search",
    params(("municipality_code" = String, Path, description = "全国地方公共団体コード, six digits.", example = "152048")),
    responses(
        (status = 200, description = "The municipality. May be cached; it has an `ETag`.", body = MunicipalityView),
        (status = 304, description = "It is what the caller has (`If-None-Match`)."),
    ),
    security(("dpop" = ["service_search"]))
)]
pub async fn find(
    request: HttpRequest,
    code: web::Path<String>,
    gateway: web::Data<Gateway>,
    search: web::Data<ServiceSearch>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_MUNICIPALITY).await?;
    let (view, lang) = (search.municipality(&permit, &code)?, lang(&request));
    Ok(in_language(&request, (&search.tag(lang), lang), &permit, || Ok(view))?)
}

/// How many municipalities take applications for child-rearing procedures online (子育てワンストップ), by prefecture, as was counted.
#[utoipa::path(
    get, path = "/v1/service-coverage", operation_id = "get_service_coverage", tag = "service-search",
    params(
        ("on" = Option<String>, Query, description = "The last count on or before this day, `YYYY-MM-DD`; the last of all when not said.", example = "2019-12-31"),
        ("prefecture" = Option<String>, Query, description = "This one alone: `01` to `47`, or its name.", example = "15"),
    ),
    responses(
        (status = 200, description = "The count. May be cached; it has an `ETag`.", body = ServiceCoverage),
        (status = 304, description = "It is what the caller has (`If-None-Match`)."),
    ),
    security(("dpop" = ["service_search"]))
)]
pub async fn coverage(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    search: web::Data<ServiceSearch>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_SERVICE_COVERAGE).await?;
    let asked = search.asks_coverage(request.query_string())?;
    let (view, lang) = (search.coverage(&permit, &asked)?, lang(&request));
    Ok(in_language(&request, (&search.tag(lang), lang), &permit, || Ok(view))?)
}
