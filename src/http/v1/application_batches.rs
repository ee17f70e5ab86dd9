//! `/v1/application-batches`: several applications of one life event, handed in together.

use super::{admit, limited, prefer};
use crate::gateway::{Gateway, Operation};
use crate::http::edge::json_body;
use crate::http::problem::Problem;
use crate::services::applications::{ApplicationBatchView, Applications, CreateApplicationBatch};
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};

/// Hands several applications of one life event in together, at one municipality or at several: all arrive, or none.
///
/// What their forms have in common is said once, in `common`. The person chooses the municipality of each: it is never
/// guessed from an address. Each is an application of its own from then on, with its arrival number (到達番号), and is
/// amended, withdrawn and decided by itself. Faults are told by their places, of all of them at once. The same call
/// with the same `Idempotency-Key` gives the same batch again.
#[utoipa::path(
    post, path = "/v1/application-batches", operation_id = "create_application_batch", tag = "applications",
    params(("Idempotency-Key" = String, Header, description = "1 to 255 visible ASCII characters; makes repeating safe.", example = "8e03978e-40d5-43e8-bc93-6894a57f9324")),
    request_body(content = CreateApplicationBatch, content_type = "application/json"),
    responses(
        (status = 201, description = "All of them arrived.", body = ApplicationBatchView,
         headers(("Location" = String, description = "The batch's address."))),
    ),
    security(("dpop" = ["applications"]))
)]
pub async fn create(
    request: HttpRequest,
    payload: web::Payload,
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::CREATE_APPLICATION_BATCH).await?;
    let body = json_body(&request, payload).await?;
    let view = applications.create_batch(&permit, &body, prefer::idempotency_key(request.headers())?).await?;
    let location = (LOCATION, format!("/v1/application-batches/{}", view.id));
    Ok(limited(HttpResponse::Created().insert_header(location).json(view), &permit))
}

/// What was handed in together, and where each application stands.
#[utoipa::path(
    get, path = "/v1/application-batches/{id}", operation_id = "get_application_batch", tag = "applications",
    params(("id" = String, Path, description = "The batch's id.", example = "abt_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses((status = 200, description = "The applications.", body = ApplicationBatchView)),
    security(("dpop" = ["applications"]))
)]
pub async fn find(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_APPLICATION_BATCH).await?;
    Ok(limited(HttpResponse::Ok().json(applications.batch(&permit, &id).await?), &permit))
}
