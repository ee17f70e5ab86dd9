//! `/v1/bulk-submissions`: one file of many records.

use super::{admit, limited, prefer};
use crate::domain::Refusal;
use crate::gateway::{Gateway, Operation, Permit};
use crate::http::edge::{json_body, typed_body};
use crate::http::problem::Problem;
use crate::services::bulk_submissions::{BulkFilings, BulkRequest, BulkSubmitRequest, BulkView, LineOutcomePage};
use actix_web::http::header::{HeaderName, LOCATION};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};

/// The media type of a part of a file (draft-ietf-httpbis-resumable-upload-11 §6).
pub(super) const PARTIAL: &str = "application/partial-upload";
pub(super) const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");

/// Makes ready for a file of many records of one procedure: newline-delimited JSON or CSV, up to 1,000,000 records or 2 GB.
///
/// Then send it in pieces with `PATCH`; with the last one it is filed, and its receipt signed. With `Prefer: dry-run` it is
/// only held against the same rules; what is found good can be filed as it is for an hour.
#[utoipa::path(
    post, path = "/v1/bulk-submissions", operation_id = "create_bulk_submission", tag = "submissions",
    params(
        ("Idempotency-Key" = String, Header, description = "1 to 255 visible ASCII characters; makes repeating safe.", example = "8e03978e-40d5-43e8-bc93-6894a57f9324"),
        ("Prefer" = Option<String>, Header, description = "`dry-run`: check only.", example = "dry-run"),
    ),
    request_body(content = BulkRequest, content_type = "application/json"),
    responses(
        (status = 201, description = "Ready.", body = BulkView,
         headers(("Location" = String, description = "Its address."), ("Upload-Offset" = u64, description = "Where to go on."))),
    ),
    security(("dpop" = ["submissions"]))
)]
pub async fn create(
    request: HttpRequest,
    payload: web::Payload,
    gateway: web::Data<Gateway>,
    bulk: web::Data<BulkFilings>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::CREATE_BULK_SUBMISSION).await?;
    let body = json_body(&request, payload).await?;
    let key = prefer::idempotency_key(request.headers())?;
    let view = bulk.begin(&permit, &body, (key, prefer::is_dry_run(request.headers()))).await?;
    let mut response = HttpResponse::Created();
    response.insert_header((LOCATION, format!("/v1/bulk-submissions/{}", view.id)));
    Ok(shown(response, &view, &permit))
}

/// Sends the next piece of the file: whole lines, from `Upload-Offset` on.
///
/// The answer's `Upload-Offset` says how much is here for certain: bytes after the last end of a line are not kept, unless
/// they are the last of the file. When an answer is lost, ask for the offset and go on there.
#[utoipa::path(
    patch, path = "/v1/bulk-submissions/{id}", operation_id = "append_bulk_submission", tag = "submissions",
    params(
        ("id" = String, Path, description = "The bulk filing's id.", example = "blk_Zm9vYmFyYmF6cXV4MTIzNA"),
        ("Upload-Offset" = u64, Header, description = "At which byte of the file these begin.", example = 0),
    ),
    request_body(content = Vec<u8>, content_type = "application/partial-upload"),
    responses(
        (status = 200, description = "They are here.", body = BulkView,
         headers(("Upload-Offset" = u64, description = "Where to go on."))),
    ),
    security(("dpop" = ["submissions"]))
)]
pub async fn append(
    request: HttpRequest,
    (payload, id): (web::Payload, web::Path<String>),
    gateway: web::Data<Gateway>,
    bulk: web::Data<BulkFilings>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::APPEND_BULK_SUBMISSION).await?;
    let body = typed_body(&request, payload, PARTIAL).await?;
    let offset = offset_of(&request)?;
    let view = bulk.append(&permit, &id, (offset, &body)).await?;
    Ok(shown(HttpResponse::Ok(), &view, &permit))
}

/// Where a bulk filing stands: how much of it is here, and how far its records are.
#[utoipa::path(
    get, path = "/v1/bulk-submissions/{id}", operation_id = "get_bulk_submission", tag = "submissions",
    params(("id" = String, Path, description = "The bulk filing's id.", example = "blk_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses(
        (status = 200, description = "The bulk filing.", body = BulkView,
         headers(("Upload-Offset" = u64, description = "Where to go on."))),
    ),
    security(("dpop" = ["submissions"]))
)]
pub async fn find(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    bulk: web::Data<BulkFilings>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_BULK_SUBMISSION).await?;
    let view = bulk.get(&permit, &id).await?;
    Ok(shown(HttpResponse::Ok(), &view, &permit))
}

/// Files what a dry run found good, as it is and without sending it again, within the hour.
#[utoipa::path(
    post, path = "/v1/bulk-submissions/{id}/submit", operation_id = "submit_bulk_submission", tag = "submissions",
    params(("id" = String, Path, description = "The bulk filing's id.", example = "blk_Zm9vYmFyYmF6cXV4MTIzNA")),
    request_body(content = BulkSubmitRequest, content_type = "application/json"),
    responses((status = 200, description = "It is filed.", body = BulkView)),
    security(("dpop" = ["submissions"]))
)]
pub async fn submit(
    request: HttpRequest,
    (payload, id): (web::Payload, web::Path<String>),
    gateway: web::Data<Gateway>,
    bulk: web::Data<BulkFilings>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::SUBMIT_BULK_SUBMISSION).await?;
    let body = json_body(&request, payload).await?;
    let view = bulk.submit(&permit, &id, &body).await?;
    Ok(shown(HttpResponse::Ok(), &view, &permit))
}

/// Calls off a bulk filing that is not filed yet.
#[utoipa::path(
    post, path = "/v1/bulk-submissions/{id}/cancel", operation_id = "cancel_bulk_submission", tag = "submissions",
    params(("id" = String, Path, description = "The bulk filing's id.", example = "blk_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses((status = 200, description = "It is called off.", body = BulkView)),
    security(("dpop" = ["submissions"]))
)]
pub async fn cancel(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    bulk: web::Data<BulkFilings>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::CANCEL_BULK_SUBMISSION).await?;
    let view = bulk.cancel(&permit, &id).await?;
    Ok(shown(HttpResponse::Ok(), &view, &permit))
}

/// Where each line stands, and what was found in it: as soon as its piece is here.
#[utoipa::path(
    get, path = "/v1/bulk-submissions/{id}/outcomes", operation_id = "list_bulk_outcomes", tag = "submissions",
    params(
        ("id" = String, Path, description = "The bulk filing's id.", example = "blk_Zm9vYmFyYmF6cXV4MTIzNA"),
        ("after" = Option<u64>, Query, description = "`next` of the page before.", example = 0),
        ("limit" = Option<u32>, Query, description = "How many, 1 to 1000.", example = 100),
    ),
    responses((status = 200, description = "The lines.", body = LineOutcomePage)),
    security(("dpop" = ["submissions"]))
)]
pub async fn outcomes(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    bulk: web::Data<BulkFilings>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_BULK_OUTCOMES).await?;
    let page = bulk.outcomes(&permit, &id, request.query_string()).await?;
    Ok(limited(HttpResponse::Ok().json(page), &permit))
}

/// At which byte of a file a piece of it begins, as it was said.
pub(super) fn offset_of(request: &HttpRequest) -> Result<Option<&str>, Refusal> {
    let mut offsets = request.headers().get_all(UPLOAD_OFFSET);
    let offset = offsets.next().and_then(|value| value.to_str().ok());
    if offsets.next().is_some() {
        return Err(Refusal::new("invalid_request", "Send Upload-Offset once.").at("Upload-Offset"));
    }
    Ok(offset)
}

fn shown(mut response: HttpResponseBuilder, view: &BulkView, permit: &Permit) -> HttpResponse {
    response.insert_header((UPLOAD_OFFSET, view.upload_offset));
    limited(response.json(view), permit)
}
