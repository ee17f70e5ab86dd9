//! `/v1/disposition-notices` and `/agency/v1/disposition-notices`: what agencies decided on filings (処分通知), put down by them
//! and fetched by the companies.

use super::agency_deposits::describe;
use super::{admit, limited, prefer};
use crate::gateway::{Gateway, Operation};
use crate::http::edge::json_body;
use crate::http::problem::Problem;
use crate::services::deposits::{
    AgencyDispositionNotice, AgencyDispositionNoticePage, Deposits, DispositionNoticePage, DispositionNoticeView,
    DispositionRequest,
};
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};

/// The disposition notices to your filings, and to those that others made for your company, newest first.
#[utoipa::path(
    get, path = "/v1/disposition-notices", operation_id = "list_disposition_notices", tag = "deposits",
    params(
        ("after" = Option<String>, Query, description = "`next` of the page before."),
        ("limit" = Option<u32>, Query, description = "How many, 1 to 100.", example = 50),
    ),
    responses((status = 200, description = "The notices.", body = DispositionNoticePage)),
    security(("dpop" = ["submissions"]), ("dpop" = ["deposits"]))
)]
pub async fn list(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    deposits: web::Data<Deposits>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_DISPOSITION_NOTICES).await?;
    let page = deposits.notices(&permit, request.query_string()).await?;
    Ok(limited(HttpResponse::Ok().json(page), &permit))
}

/// One disposition notice: what it is, until when it can be fetched, and what came after it.
#[utoipa::path(
    get, path = "/v1/disposition-notices/{id}", operation_id = "get_disposition_notice", tag = "deposits",
    params(("id" = String, Path, description = "The notice's id.", example = "dsn_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses((status = 200, description = "The notice.", body = DispositionNoticeView)),
    security(("dpop" = ["submissions"]), ("dpop" = ["deposits"]))
)]
pub async fn find(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    deposits: web::Data<Deposits>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_DISPOSITION_NOTICE).await?;
    Ok(limited(HttpResponse::Ok().json(deposits.notice(&permit, &id).await?), &permit))
}

/// A disposition notice's bytes, checked against what the agency put down.
///
/// The first time that they are given is when the notice was delivered (到達): it is written down before, and the agency is told.
/// Each call leaves a receipt: `GET /v1/receipts/{id}`.
#[utoipa::path(
    get, path = "/v1/disposition-notices/{id}/content", operation_id = "get_disposition_notice_content", tag = "deposits",
    params(("id" = String, Path, description = "The notice's id.", example = "dsn_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses(
        (status = 200, description = "Its bytes.", body = Vec<u8>, content_type = "application/octet-stream",
         headers(
             ("Repr-Digest" = String, description = "SHA-256 of them (RFC 9530)."),
             ("ETag" = String, description = "The same, as a strong validator."),
             ("Document-Type" = String, description = "What they are: a media type."),
             ("Evidence-Receipt" = String, description = "The receipt of this giving."),
         )),
    ),
    security(("dpop" = ["submissions"]), ("dpop" = ["deposits"]))
)]
pub async fn content(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    deposits: web::Data<Deposits>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_DISPOSITION_NOTICE_CONTENT).await?;
    let given = deposits.notice_content(&permit, &id).await?;
    let mut answer = HttpResponse::Ok();
    describe(&mut answer, &given.holding);
    answer.insert_header(("evidence-receipt", given.receipt.to_string()));
    Ok(limited(answer.body(given.bytes), &permit))
}

/// Puts a disposition notice down (処分通知) for the company whose filing was sent to you.
///
/// Its content comes here, where it is sealed under a key of its own, or stays at your own cloud, which is asked for it when the
/// company fetches it. The company is told at once, without the content. A notice cannot be changed or taken away: a
/// `correction` or a `revocation` comes after it. You are told when it was delivered (到達) by the event
/// `disposition_notice.delivered`. The same call with the same `Idempotency-Key` gives the same notice again.
#[utoipa::path(
    post, path = "/agency/v1/disposition-notices", operation_id = "create_agency_disposition_notice", tag = "deposits",
    params(("Idempotency-Key" = String, Header, description = "1 to 255 visible ASCII characters; makes repeating safe.", example = "8e03978e-40d5-43e8-bc93-6894a57f9324")),
    request_body(content = DispositionRequest, content_type = "application/json"),
    responses(
        (status = 201, description = "Put down.", body = AgencyDispositionNotice,
         headers(("Location" = String, description = "The notice's address."))),
    ),
    security(("dpop" = ["agency_deposits"]))
)]
pub async fn create(
    request: HttpRequest,
    payload: web::Payload,
    gateway: web::Data<Gateway>,
    deposits: web::Data<Deposits>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::CREATE_AGENCY_DISPOSITION_NOTICE).await?;
    let body = json_body(&request, payload).await?;
    let key = prefer::idempotency_key(request.headers())?;
    let view = deposits.put_notice(&permit, (&body, key)).await?;
    let location = (LOCATION, format!("/agency/v1/disposition-notices/{}", view.id));
    Ok(limited(HttpResponse::Created().insert_header(location).json(view), &permit))
}

/// The disposition notices that you put down, newest first: whether and when each was delivered.
#[utoipa::path(
    get, path = "/agency/v1/disposition-notices", operation_id = "list_agency_disposition_notices", tag = "deposits",
    params(
        ("after" = Option<String>, Query, description = "`next` of the page before."),
        ("limit" = Option<u32>, Query, description = "How many, 1 to 100.", example = 50),
    ),
    responses((status = 200, description = "The notices.", body = AgencyDispositionNoticePage)),
    security(("dpop" = ["agency_deposits"]))
)]
pub async fn list_put(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    deposits: web::Data<Deposits>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_AGENCY_DISPOSITION_NOTICES).await?;
    let page = deposits.put_notices(&permit, request.query_string()).await?;
    Ok(limited(HttpResponse::Ok().json(page), &permit))
}

/// One disposition notice that you put down.
#[utoipa::path(
    get, path = "/agency/v1/disposition-notices/{id}", operation_id = "get_agency_disposition_notice", tag = "deposits",
    params(("id" = String, Path, description = "The notice's id.", example = "dsn_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses((status = 200, description = "The notice.", body = AgencyDispositionNotice)),
    security(("dpop" = ["agency_deposits"]))
)]
pub async fn find_put(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    deposits: web::Data<Deposits>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_AGENCY_DISPOSITION_NOTICE).await?;
    Ok(limited(HttpResponse::Ok().json(deposits.put_notice_of(&permit, &id).await?), &permit))
}
