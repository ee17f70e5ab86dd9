//! `/v1/deposits`: what companies file while its data stays in their own clouds (クラウド提出).

use super::{admit, limited, prefer};
use crate::gateway::{Gateway, Operation};
use crate::http::edge::json_body;
use crate::http::problem::Problem;
use crate::services::deposits::{
    DepositFiling, DepositPage, DepositProcedureList, DepositReferencePage, DepositRequest, DepositView, Deposits,
};
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};

/// Lists the procedures that are filed by cloud, and what data may be referenced for.
#[utoipa::path(
    get, path = "/v1/deposits/procedures", operation_id = "list_deposit_procedures", tag = "deposits",
    responses((status = 200, description = "The procedures and purposes.", body = DepositProcedureList)),
    security(("dpop" = ["deposits"]))
)]
pub async fn procedures(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    deposits: web::Data<Deposits>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_DEPOSIT_PROCEDURES).await?;
    Ok(limited(HttpResponse::Ok().json(deposits.procedures(&permit)), &permit))
}

/// Declares that a procedure will be filed by cloud.
///
/// Nothing is filed yet. A declaration that is not filed within 400 days runs out. The same call with the same
/// `Idempotency-Key` gives the same deposit again.
#[utoipa::path(
    post, path = "/v1/deposits", operation_id = "create_deposit", tag = "deposits",
    params(("Idempotency-Key" = String, Header, description = "1 to 255 visible ASCII characters; makes repeating safe.", example = "8e03978e-40d5-43e8-bc93-6894a57f9324")),
    request_body(content = DepositRequest, content_type = "application/json"),
    responses(
        (status = 201, description = "Declared.", body = DepositView,
         headers(("Location" = String, description = "The deposit's address."))),
    ),
    security(("dpop" = ["deposits"]))
)]
pub async fn create(
    request: HttpRequest,
    payload: web::Payload,
    gateway: web::Data<Gateway>,
    deposits: web::Data<Deposits>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::CREATE_DEPOSIT).await?;
    let body = json_body(&request, payload).await?;
    let key = prefer::idempotency_key(request.headers())?;
    let view = deposits.declare(&permit, &body, key).await?;
    let location = (LOCATION, format!("/v1/deposits/{}", view.id));
    Ok(limited(HttpResponse::Created().insert_header(location).json(view), &permit))
}

/// The deposits that you declared, and those of your own company that another declared for it, newest first.
#[utoipa::path(
    get, path = "/v1/deposits", operation_id = "list_deposits", tag = "deposits",
    params(
        ("after" = Option<String>, Query, description = "`next` of the page before."),
        ("limit" = Option<u32>, Query, description = "How many, 1 to 100.", example = 50),
    ),
    responses((status = 200, description = "The deposits.", body = DepositPage)),
    security(("dpop" = ["deposits"]))
)]
pub async fn list(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    deposits: web::Data<Deposits>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_DEPOSITS).await?;
    let page = deposits.list(&permit, request.query_string()).await?;
    Ok(limited(HttpResponse::Ok().json(page), &permit))
}

/// One deposit: how it stands, until when it must be kept, and whether its cloud gives it.
#[utoipa::path(
    get, path = "/v1/deposits/{id}", operation_id = "get_deposit", tag = "deposits",
    params(("id" = String, Path, description = "The deposit's id.", example = "dep_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses((status = 200, description = "The deposit.", body = DepositView)),
    security(("dpop" = ["deposits"]))
)]
pub async fn find(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    deposits: web::Data<Deposits>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_DEPOSIT).await?;
    Ok(limited(HttpResponse::Ok().json(deposits.find(&permit, &id).await?), &permit))
}

/// Files what was declared: location, size, schema and digests.
///
/// It is filed at the moment of the answer, whatever the cloud does afterwards: `filed.submission` is the filing, with its
/// signed receipt, by which the agency is told exactly once. Nothing is fetched from the cloud for it. A deposit is filed
/// once.
#[utoipa::path(
    post, path = "/v1/deposits/{id}/file", operation_id = "file_deposit", tag = "deposits",
    params(
        ("id" = String, Path, description = "The deposit's id.", example = "dep_Zm9vYmFyYmF6cXV4MTIzNA"),
        ("Idempotency-Key" = String, Header, description = "1 to 255 visible ASCII characters; makes repeating safe.", example = "8e03978e-40d5-43e8-bc93-6894a57f9324"),
    ),
    request_body(content = DepositFiling, content_type = "application/json"),
    responses((status = 200, description = "Filed.", body = DepositView)),
    security(("dpop" = ["deposits"]))
)]
pub async fn file(
    request: HttpRequest,
    id: web::Path<String>,
    payload: web::Payload,
    gateway: web::Data<Gateway>,
    deposits: web::Data<Deposits>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::FILE_DEPOSIT).await?;
    let body = json_body(&request, payload).await?;
    let key = prefer::idempotency_key(request.headers())?;
    let view = deposits.file(&permit, &id, (&body, key)).await?;
    Ok(limited(HttpResponse::Ok().json(view), &permit))
}

/// Takes a deposit back: before it is filed at once, afterwards from the day on which the duty to keep it (保存義務) is over.
#[utoipa::path(
    post, path = "/v1/deposits/{id}/withdraw", operation_id = "withdraw_deposit", tag = "deposits",
    params(("id" = String, Path, description = "The deposit's id.", example = "dep_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses((status = 200, description = "The deposit as it stands now.", body = DepositView)),
    security(("dpop" = ["deposits"]))
)]
pub async fn withdraw(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    deposits: web::Data<Deposits>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::WITHDRAW_DEPOSIT).await?;
    Ok(limited(HttpResponse::Ok().json(deposits.withdraw(&permit, &id).await?), &permit))
}

/// Every reference to a deposit, newest first: who, when, what for, which bytes, and what came of it.
#[utoipa::path(
    get, path = "/v1/deposits/{id}/references", operation_id = "list_deposit_references", tag = "deposits",
    params(
        ("id" = String, Path, description = "The deposit's id.", example = "dep_Zm9vYmFyYmF6cXV4MTIzNA"),
        ("after" = Option<String>, Query, description = "`next` of the page before."),
        ("limit" = Option<u32>, Query, description = "How many, 1 to 100.", example = 50),
    ),
    responses((status = 200, description = "The references.", body = DepositReferencePage)),
    security(("dpop" = ["deposits"]))
)]
pub async fn references(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    deposits: web::Data<Deposits>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_DEPOSIT_REFERENCES).await?;
    let page = deposits.references(&permit, &id, request.query_string()).await?;
    Ok(limited(HttpResponse::Ok().json(page), &permit))
}
