//! `/v1/delegations`: for which companies an office may file, and which software by its delegations.

use super::{admit, limited};
use crate::gateway::{Gateway, Operation};
use crate::http::edge::json_body;
use crate::http::problem::Problem;
use crate::services::submissions::{DelegationPage, DelegationView, Filings, SoftwareList, SoftwareRequest};
use actix_web::{HttpRequest, HttpResponse, web};

/// The delegations (委任) that companies gave you, newest first, whatever their state.
///
/// A company that registers, holds still or ends one does so at its own page or by paper: nothing here widens or prolongs one.
#[utoipa::path(
    get, path = "/v1/delegations", operation_id = "list_delegations", tag = "submissions",
    params(
        ("after" = Option<String>, Query, description = "`next` of the page before."),
        ("limit" = Option<u32>, Query, description = "How many, 1 to 100.", example = 50),
    ),
    responses((status = 200, description = "The delegations.", body = DelegationPage)),
    security(("dpop" = ["submissions"]))
)]
pub async fn list(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    filings: web::Data<Filings>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_DELEGATIONS).await?;
    let page = filings.delegations(&permit, request.query_string()).await?;
    Ok(limited(HttpResponse::Ok().json(page), &permit))
}

/// The software that you let file by a delegation of yours, newest first, whatever its state.
#[utoipa::path(
    get, path = "/v1/delegations/{id}/software", operation_id = "list_software", tag = "submissions",
    params(("id" = String, Path, description = "The delegation's id.", example = "dlg_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses((status = 200, description = "The delegations that you gave it.", body = SoftwareList)),
    security(("dpop" = ["submissions"]))
)]
pub async fn software(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    filings: web::Data<Filings>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_SOFTWARE).await?;
    let list = filings.software(&permit, &id).await?;
    Ok(limited(HttpResponse::Ok().json(list), &permit))
}

/// Lets software file by a delegation of yours, or by a part of it: it files with a token of its own, for that company, under
/// its own name and by the delegation that this makes.
///
/// The company sees it at its page, and pauses or ends it as it does yours; it does nothing while yours does nothing.
#[utoipa::path(
    post, path = "/v1/delegations/{id}/software", operation_id = "create_software", tag = "submissions",
    params(("id" = String, Path, description = "The delegation's id.", example = "dlg_Zm9vYmFyYmF6cXV4MTIzNA")),
    request_body(content = SoftwareRequest, content_type = "application/json"),
    responses((status = 201, description = "The delegation that it files by.", body = DelegationView)),
    security(("dpop" = ["submissions"]))
)]
pub async fn create_software(
    request: HttpRequest,
    (payload, id): (web::Payload, web::Path<String>),
    gateway: web::Data<Gateway>,
    filings: web::Data<Filings>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::CREATE_SOFTWARE).await?;
    let body = json_body(&request, payload).await?;
    let view = filings.let_software_file(&permit, &id, &body).await?;
    Ok(limited(HttpResponse::Created().json(view), &permit))
}

/// Gives up a delegation that you hold, or ends one that you gave your software, at once and for good.
///
/// What hangs on it ends with it. What was filed and no agency has yet is not sent any more.
#[utoipa::path(
    delete, path = "/v1/delegations/{id}", operation_id = "delete_delegation", tag = "submissions",
    params(("id" = String, Path, description = "The delegation's id.", example = "dlg_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses((status = 204, description = "It is over.")),
    security(("dpop" = ["submissions"]))
)]
pub async fn delete(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    filings: web::Data<Filings>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::DELETE_DELEGATION).await?;
    filings.give_up(&permit, &id).await?;
    Ok(limited(HttpResponse::NoContent().finish(), &permit))
}
