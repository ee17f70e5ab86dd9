//! `/v1/deposits/{id}/shares` and `/v1/deposits/shared`: what a company deposited, shared with others on its consent.

use super::agency_deposits::{asked, problem, streamed};
use super::{admit, limited};
use crate::gateway::{Gateway, Operation};
use crate::http::edge::json_body;
use crate::http::problem::Problem;
use crate::services::deposits::{DepositShare, DepositShareList, Deposits, ShareRequest, SharedDepositPage};
use actix_web::{HttpRequest, HttpResponse, web};

/// Shares what your company filed by cloud with another third party: for one purpose, until a day.
///
/// Only the company's own software can; an office cannot share its client's data.
#[utoipa::path(
    post, path = "/v1/deposits/{id}/shares", operation_id = "create_deposit_share", tag = "deposits",
    params(("id" = String, Path, description = "The deposit's id.", example = "dep_Zm9vYmFyYmF6cXV4MTIzNA")),
    request_body(content = ShareRequest, content_type = "application/json"),
    responses((status = 201, description = "Shared.", body = DepositShare)),
    security(("dpop" = ["deposits"]))
)]
pub async fn create(
    request: HttpRequest,
    id: web::Path<String>,
    payload: web::Payload,
    gateway: web::Data<Gateway>,
    deposits: web::Data<Deposits>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::CREATE_DEPOSIT_SHARE).await?;
    let body = json_body(&request, payload).await?;
    Ok(limited(HttpResponse::Created().json(deposits.share(&permit, &id, &body).await?), &permit))
}

/// Every share of a deposit, newest first: those that ended, too.
#[utoipa::path(
    get, path = "/v1/deposits/{id}/shares", operation_id = "list_deposit_shares", tag = "deposits",
    params(("id" = String, Path, description = "The deposit's id.", example = "dep_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses((status = 200, description = "The shares.", body = DepositShareList)),
    security(("dpop" = ["deposits"]))
)]
pub async fn list(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    deposits: web::Data<Deposits>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_DEPOSIT_SHARES).await?;
    Ok(limited(HttpResponse::Ok().json(deposits.shares(&permit, &id).await?), &permit))
}

/// Ends a share at once: who is reading just now is given no further mebibyte.
#[utoipa::path(
    delete, path = "/v1/deposits/{id}/shares/{share}", operation_id = "delete_deposit_share", tag = "deposits",
    params(
        ("id" = String, Path, description = "The deposit's id.", example = "dep_Zm9vYmFyYmF6cXV4MTIzNA"),
        ("share" = String, Path, description = "The share's id.", example = "dsh_Zm9vYmFyYmF6cXV4MTIzNA"),
    ),
    responses((status = 204, description = "It has ended.")),
    security(("dpop" = ["deposits"]))
)]
pub async fn delete(
    request: HttpRequest,
    path: web::Path<(String, String)>,
    gateway: web::Data<Gateway>,
    deposits: web::Data<Deposits>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::DELETE_DEPOSIT_SHARE).await?;
    deposits.end_share(&permit, (&path.0, &path.1)).await?;
    Ok(limited(HttpResponse::NoContent().finish(), &permit))
}

/// What others share with you now, newest first.
#[utoipa::path(
    get, path = "/v1/deposits/shared", operation_id = "list_shared_deposits", tag = "deposits",
    params(
        ("after" = Option<String>, Query, description = "`next` of the page before."),
        ("limit" = Option<u32>, Query, description = "How many, 1 to 100.", example = 50),
    ),
    responses((status = 200, description = "The deposits.", body = SharedDepositPage)),
    security(("dpop" = ["deposits"]))
)]
pub async fn shared(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    deposits: web::Data<Deposits>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_SHARED_DEPOSITS).await?;
    Ok(limited(HttpResponse::Ok().json(deposits.shared(&permit, request.query_string()).await?), &permit))
}

/// References what is shared with you, as an agency does what was filed to it (`GET /agency/v1/deposits/{id}/content`): for the
/// purpose that it is shared for. The company sees each reference.
#[utoipa::path(
    get, path = "/v1/deposits/{id}/content", operation_id = "get_deposit_content", tag = "deposits",
    params(
        ("id" = String, Path, description = "The deposit's id.", example = "dep_Zm9vYmFyYmF6cXV4MTIzNA"),
        ("purpose" = String, Query, description = "What for: the purpose that it is shared for.", example = "loan_examination"),
        ("Range" = Option<String>, Header, description = "`bytes=first-last` (RFC 9110 §14.2).", example = "bytes=0-1023"),
        ("If-Range" = Option<String>, Header, description = "The `ETag` that was seen: with another one the whole comes."),
    ),
    responses(
        (status = 200, description = "All of it.", body = Vec<u8>, content_type = "application/octet-stream",
         headers(
             ("Repr-Digest" = String, description = "SHA-256 of the whole (RFC 9530)."),
             ("ETag" = String, description = "The same, as a strong validator."),
             ("Document-Type" = String, description = "What it is: a media type."),
         )),
        (status = 206, description = "The range.", body = Vec<u8>, content_type = "application/octet-stream",
         headers(("Content-Range" = String, description = "Which bytes, of how many."))),
    ),
    security(("dpop" = ["deposits"]))
)]
pub async fn content(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    deposits: web::Data<Deposits>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_DEPOSIT_CONTENT).await?;
    let given = deposits.shared_content(&permit, asked(&request, &id)).await.map_err(problem)?;
    Ok(streamed(given, &permit))
}
