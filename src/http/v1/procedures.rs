//! `GET /v1/procedures`, `GET /v1/procedures/{code}`.

use super::cacheable::{FOR_AN_HOUR, has_it};
use super::{admit, limited};
use crate::gateway::{Gateway, Operation, Permit};
use crate::http::problem::Problem;
use crate::services::procedures::{ProcedureCatalogue, ProcedureList, ProcedureView};
use actix_web::http::header::{CACHE_CONTROL, ETAG};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

/// Lists the procedures that are described here: to whom each goes, and until when.
#[utoipa::path(
    get, path = "/v1/procedures", operation_id = "list_procedures", tag = "submissions",
    responses((status = 200, description = "Every procedure, by code. May be cached; it has an `ETag`.", body = ProcedureList)),
    security(("dpop" = ["submissions"]))
)]
pub async fn list(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    procedures: web::Data<ProcedureCatalogue>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_PROCEDURES).await?;
    Ok(cached(&request, procedures.tag(), &procedures.list(&permit), &permit))
}

/// Shows one procedure: its items with their real limits, and the JSON Schema of a content.
#[utoipa::path(
    get, path = "/v1/procedures/{code}", operation_id = "get_procedure", tag = "submissions",
    params(("code" = String, Path, description = "届書コード, 手続識別子, or our own code.", example = "2200700")),
    responses((status = 200, description = "The procedure. May be cached; it has an `ETag`.", body = ProcedureView)),
    security(("dpop" = ["submissions"]))
)]
pub async fn find(
    request: HttpRequest,
    code: web::Path<String>,
    gateway: web::Data<Gateway>,
    procedures: web::Data<ProcedureCatalogue>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_PROCEDURE).await?;
    let view = procedures.find(&permit, &code)?;
    Ok(cached(&request, procedures.tag(), &view, &permit))
}

/// RFC 9110 §13.1.2: whoever has it already is told so.
pub(super) fn cached(request: &HttpRequest, tag: &str, body: &impl Serialize, permit: &Permit) -> HttpResponse {
    cached_for(request, (tag, FOR_AN_HOUR), body, permit)
}

/// The same, for as long as `kept` says.
pub(super) fn cached_for(
    request: &HttpRequest,
    (tag, kept): (&str, &'static str),
    body: &impl Serialize,
    permit: &Permit,
) -> HttpResponse {
    let tag = format!("\"{tag}\"");
    let has_it = has_it(request, &tag);
    let mut response = if has_it { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((CACHE_CONTROL, kept)).insert_header((ETAG, tag));
    limited(if has_it { response.finish() } else { response.json(body) }, permit)
}
