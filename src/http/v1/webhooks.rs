//! `/v1/webhook`: where a client is told of what changed, and what it could not be told.

use super::{admit, limited};
use crate::gateway::{Gateway, Operation};
use crate::http::edge::json_body;
use crate::http::problem::Problem;
use crate::services::submissions::MOST_LISTED;
use crate::services::webhooks::{DeadLetterPage, WebhookKeySet, WebhookRequest, WebhookView, after, read};
use crate::submissions::Webhooks;
use actix_web::{HttpRequest, HttpResponse, web};

/// Sets where you are told of what changes in your filings, from now on.
///
/// Messages have the form of Standard Webhooks: `webhook-id`, `webhook-timestamp`, and in `webhook-signature` a `v1a`
/// (Ed25519) over both and the body, by a key of `GET /webhooks/jwks`. A message that is not answered with 2xx is sent
/// again for five days, and may come twice: know it by its id.
#[utoipa::path(
    put, path = "/v1/webhook", operation_id = "put_webhook", tag = "submissions",
    request_body(content = WebhookRequest, content_type = "application/json"),
    responses((status = 200, description = "Where you are told.", body = WebhookView)),
    security(("dpop" = ["submissions"]), ("dpop" = ["agency_payments"]), ("dpop" = ["agency_deposits"]), ("dpop" = ["agency_applications"]), ("dpop" = ["notices"]))
)]
pub async fn put(
    request: HttpRequest,
    payload: web::Payload,
    gateway: web::Data<Gateway>,
    webhooks: web::Data<Webhooks>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::PUT_WEBHOOK).await?;
    let body = read(&json_body(&request, payload).await?)?;
    let webhook = webhooks.put(&permit.client().id, &body.url).await?;
    Ok(limited(HttpResponse::Ok().json(WebhookView::of(Some(&webhook))), &permit))
}

/// Where you are told.
#[utoipa::path(
    get, path = "/v1/webhook", operation_id = "get_webhook", tag = "submissions",
    responses((status = 200, description = "Where you are told.", body = WebhookView)),
    security(("dpop" = ["submissions"]), ("dpop" = ["agency_payments"]), ("dpop" = ["agency_deposits"]), ("dpop" = ["agency_applications"]), ("dpop" = ["notices"]))
)]
pub async fn get(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    webhooks: web::Data<Webhooks>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_WEBHOOK).await?;
    let found = webhooks.find(&permit.client().id).await?;
    Ok(limited(HttpResponse::Ok().json(WebhookView::of(found.as_ref())), &permit))
}

/// From now on you are not told, not even of what waits.
#[utoipa::path(
    delete, path = "/v1/webhook", operation_id = "delete_webhook", tag = "submissions",
    responses((status = 204, description = "You are not told.")),
    security(("dpop" = ["submissions"]), ("dpop" = ["agency_payments"]), ("dpop" = ["agency_deposits"]), ("dpop" = ["agency_applications"]), ("dpop" = ["notices"]))
)]
pub async fn delete(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    webhooks: web::Data<Webhooks>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::DELETE_WEBHOOK).await?;
    webhooks.delete(&permit.client().id).await?;
    Ok(limited(HttpResponse::NoContent().finish(), &permit))
}

/// What you could not be told in five days.
#[utoipa::path(
    get, path = "/v1/webhook/dead-letters", operation_id = "list_dead_letters", tag = "submissions",
    params(("after" = Option<String>, Query, description = "`next` of the page before.")),
    responses((status = 200, description = "The letters.", body = DeadLetterPage)),
    security(("dpop" = ["submissions"]), ("dpop" = ["agency_payments"]), ("dpop" = ["agency_deposits"]), ("dpop" = ["agency_applications"]), ("dpop" = ["notices"]))
)]
pub async fn list(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    webhooks: web::Data<Webhooks>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_DEAD_LETTERS).await?;
    let after = after(request.query_string())?;
    let found = webhooks.dead(&permit.client().id, &after, MOST_LISTED).await?;
    Ok(limited(HttpResponse::Ok().json(DeadLetterPage::of(&found, MOST_LISTED)), &permit))
}

/// Has a dead letter sent again, from now on.
#[utoipa::path(
    post, path = "/v1/webhook/dead-letters/{id}/replay", operation_id = "replay_dead_letter", tag = "submissions",
    params(("id" = String, Path, description = "The letter's id.", example = "msg_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses((status = 204, description = "It is sent again.")),
    security(("dpop" = ["submissions"]), ("dpop" = ["agency_payments"]), ("dpop" = ["agency_deposits"]), ("dpop" = ["agency_applications"]), ("dpop" = ["notices"]))
)]
pub async fn replay(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    webhooks: web::Data<Webhooks>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::REPLAY_DEAD_LETTER).await?;
    webhooks.replay(&permit.client().id, &id).await?;
    Ok(limited(HttpResponse::NoContent().finish(), &permit))
}

/// The keys by which you check that a message is ours.
#[utoipa::path(
    get, path = "/webhooks/jwks", operation_id = "get_webhook_keys", tag = "submissions",
    responses((status = 200, description = "A JWK Set of Ed25519 keys.", body = WebhookKeySet))
)]
pub async fn keys(webhooks: web::Data<Webhooks>) -> HttpResponse {
    HttpResponse::Ok().insert_header(("cache-control", "public, max-age=3600")).json(webhooks.key_set())
}
