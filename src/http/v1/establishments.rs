//! `/v1/establishments`: founding companies (法人設立ワンストップ).

use super::{admit, limited, prefer};
use crate::domain::establishment::EstablishmentForm;
use crate::gateway::{Gateway, Operation};
use crate::http::edge::json_body;
use crate::http::problem::Problem;
use crate::services::establishments::{EstablishmentPage, EstablishmentPlanView, EstablishmentView, Establishments};
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};

/// Tells what follows from a form: which procedures, why, in which order, to whom and until when, and what is wrong with
/// it. Nothing is kept.
#[utoipa::path(
    post, path = "/v1/establishments/plan", operation_id = "plan_establishment", tag = "establishments",
    request_body(content = EstablishmentForm, content_type = "application/json"),
    responses((status = 200, description = "What follows, and what was found.", body = EstablishmentPlanView)),
    security(("dpop" = ["establishments"]))
)]
pub async fn plan(
    request: HttpRequest,
    payload: web::Payload,
    gateway: web::Data<Gateway>,
    establishments: web::Data<Establishments>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::PLAN_ESTABLISHMENT).await?;
    let body = json_body(&request, payload).await?;
    let view = establishments.plan(&permit, &body).await?;
    Ok(limited(HttpResponse::Ok().json(view), &permit))
}

/// Begins the establishment of a company.
///
/// Give each founder the code of theirs: they enter it at `sign_at`, after a sign-in of their own, read everything, and sign
/// or decline. Once all have signed it goes out by itself: certification of the articles (株式会社), registration, then
/// everybody else at once, by the number that the registry gave. To change anything, cancel it and begin another: what was
/// signed is what is filed.
#[utoipa::path(
    post, path = "/v1/establishments", operation_id = "create_establishment", tag = "establishments",
    params(("Idempotency-Key" = String, Header, description = "1 to 255 visible ASCII characters; makes repeating safe.", example = "8e03978e-40d5-43e8-bc93-6894a57f9324")),
    request_body(content = EstablishmentForm, content_type = "application/json"),
    responses(
        (status = 201, description = "Begun; it waits for its founders.", body = EstablishmentView,
         headers(("Location" = String, description = "The establishment's address."))),
    ),
    security(("dpop" = ["establishments"]))
)]
pub async fn create(
    request: HttpRequest,
    payload: web::Payload,
    gateway: web::Data<Gateway>,
    establishments: web::Data<Establishments>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::CREATE_ESTABLISHMENT).await?;
    let body = json_body(&request, payload).await?;
    let key = prefer::idempotency_key(request.headers())?;
    let view = establishments.create(&permit, &body, key).await?;
    let location = (LOCATION, format!("/v1/establishments/{}", view.establishment.id));
    Ok(limited(HttpResponse::Created().insert_header(location).json(view), &permit))
}

/// The establishments that you began, newest first.
#[utoipa::path(
    get, path = "/v1/establishments", operation_id = "list_establishments", tag = "establishments",
    params(
        ("after" = Option<String>, Query, description = "`next` of the page before."),
        ("limit" = Option<u32>, Query, description = "How many, 1 to 100.", example = 50),
    ),
    responses((status = 200, description = "The establishments.", body = EstablishmentPage)),
    security(("dpop" = ["establishments"]))
)]
pub async fn list(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    establishments: web::Data<Establishments>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_ESTABLISHMENTS).await?;
    let page = establishments.list(&permit, request.query_string()).await?;
    Ok(limited(HttpResponse::Ok().json(page), &permit))
}

/// One establishment: its founders, its stages, how every procedure stands at its receiver, and what happened when.
#[utoipa::path(
    get, path = "/v1/establishments/{id}", operation_id = "get_establishment", tag = "establishments",
    params(("id" = String, Path, description = "The establishment's id.", example = "est_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses((status = 200, description = "The establishment.", body = EstablishmentView)),
    security(("dpop" = ["establishments"]))
)]
pub async fn find(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    establishments: web::Data<Establishments>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_ESTABLISHMENT).await?;
    let view = establishments.find(&permit, &id).await?;
    Ok(limited(HttpResponse::Ok().json(view), &permit))
}

/// Calls an establishment off, as long as its registration is not with the bureau. What the notary has is asked back.
#[utoipa::path(
    post, path = "/v1/establishments/{id}/cancel", operation_id = "cancel_establishment", tag = "establishments",
    params(("id" = String, Path, description = "The establishment's id.", example = "est_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses((status = 200, description = "The establishment as it stands now.", body = EstablishmentView)),
    security(("dpop" = ["establishments"]))
)]
pub async fn cancel(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    establishments: web::Data<Establishments>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::CANCEL_ESTABLISHMENT).await?;
    let view = establishments.cancel(&permit, &id).await?;
    Ok(limited(HttpResponse::Ok().json(view), &permit))
}
