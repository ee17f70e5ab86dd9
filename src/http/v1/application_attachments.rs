//! `/v1/application-attachments`: documents (添付書類) that go with applications.

use super::bulk_submissions::{PARTIAL, UPLOAD_OFFSET, offset_of};
use super::{admit, limited, prefer};
use crate::gateway::{Gateway, Operation, Permit};
use crate::http::edge::{json_body, typed_body};
use crate::http::problem::Problem;
use crate::services::applications::{Applications, AttachmentFile, AttachmentView, CreateAttachment};
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, LOCATION};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Makes ready for a document that is to go with an application: a PDF, PNG or JPEG, as its form's `attachments` say.
///
/// Then send it in pieces with `PATCH`; with the last one it is held against its digest and looked into. What its bytes are
/// decides, not what it is called; a PDF with active content, with files in it, or encrypted is refused. It goes with one
/// application, by its id in `attachments`; what goes with none is forgotten after 30 days, what is not whole after one.
#[utoipa::path(
    post, path = "/v1/application-attachments", operation_id = "create_application_attachment", tag = "applications",
    params(("Idempotency-Key" = String, Header, description = "1 to 255 visible ASCII characters; makes repeating safe.", example = "8e03978e-40d5-43e8-bc93-6894a57f9324")),
    request_body(content = CreateAttachment, content_type = "application/json"),
    responses(
        (status = 201, description = "It can come.", body = AttachmentView,
         headers(("Location" = String, description = "Its address."), ("Upload-Offset" = u64, description = "Where to go on."))),
    ),
    security(("dpop" = ["applications"]))
)]
pub async fn create(
    request: HttpRequest,
    payload: web::Payload,
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::CREATE_APPLICATION_ATTACHMENT).await?;
    let body = json_body(&request, payload).await?;
    let key = prefer::idempotency_key(request.headers())?;
    let view = applications.begin_attachment(&permit, &body, key).await?;
    let mut response = HttpResponse::Created();
    response.insert_header((LOCATION, format!("/v1/application-attachments/{}", view.id)));
    Ok(shown(response, &view, &permit))
}

/// Sends the next piece of a document, from `Upload-Offset` on: 65,536 to 1,048,576 bytes, or fewer where they are the last.
///
/// When an answer is lost, ask for the offset and go on there.
#[utoipa::path(
    patch, path = "/v1/application-attachments/{id}", operation_id = "append_application_attachment", tag = "applications",
    params(
        ("id" = String, Path, description = "The document's id.", example = "att_Zm9vYmFyYmF6cXV4MTIzNA"),
        ("Upload-Offset" = u64, Header, description = "At which byte of the document these begin.", example = 0),
    ),
    request_body(content = Vec<u8>, content_type = "application/partial-upload"),
    responses(
        (status = 200, description = "They are here; with the last ones it is ready or refused.", body = AttachmentView,
         headers(("Upload-Offset" = u64, description = "Where to go on."))),
    ),
    security(("dpop" = ["applications"]))
)]
pub async fn append(
    request: HttpRequest,
    (payload, id): (web::Payload, web::Path<String>),
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::APPEND_APPLICATION_ATTACHMENT).await?;
    let body = typed_body(&request, payload, PARTIAL).await?;
    let view = applications.append_attachment(&permit, &id, (offset_of(&request)?, &body)).await?;
    Ok(shown(HttpResponse::Ok(), &view, &permit))
}

/// Where a document stands: how much of it is here, what it is, and which application it went with.
#[utoipa::path(
    get, path = "/v1/application-attachments/{id}", operation_id = "get_application_attachment", tag = "applications",
    params(("id" = String, Path, description = "The document's id.", example = "att_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses(
        (status = 200, description = "The document.", body = AttachmentView,
         headers(("Upload-Offset" = u64, description = "Where to go on."))),
    ),
    security(("dpop" = ["applications"]))
)]
pub async fn find(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_APPLICATION_ATTACHMENT).await?;
    Ok(shown(HttpResponse::Ok(), &applications.attachment(&permit, &id).await?, &permit))
}

/// Throws a document away that goes with no application.
#[utoipa::path(
    delete, path = "/v1/application-attachments/{id}", operation_id = "delete_application_attachment", tag = "applications",
    params(("id" = String, Path, description = "The document's id.", example = "att_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses((status = 204, description = "It is gone.")),
    security(("dpop" = ["applications"]))
)]
pub async fn delete(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::DELETE_APPLICATION_ATTACHMENT).await?;
    applications.drop_attachment(&permit, &id).await?;
    Ok(limited(HttpResponse::NoContent().finish(), &permit))
}

/// The bytes of a document, for the software that sent them.
#[utoipa::path(
    get, path = "/v1/application-attachments/{id}/content", operation_id = "get_application_attachment_content", tag = "applications",
    params(("id" = String, Path, description = "The document's id.", example = "att_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses(
        (status = 200, description = "The bytes.", body = Vec<u8>, content_type = "application/octet-stream", headers(
             ("Repr-Digest" = String, description = "SHA-256 of them (RFC 9530)."),
             ("Document-Type" = String, description = "What they are: a media type."),
         )),
    ),
    security(("dpop" = ["applications"]))
)]
pub async fn content(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_APPLICATION_ATTACHMENT_CONTENT).await?;
    Ok(given(applications.attachment_content(&permit, &id).await?, &permit))
}

/// A document that goes with an application to your municipality. Each reading is counted and logged before it is answered.
#[utoipa::path(
    get, path = "/agency/v1/applications/{id}/attachments/{attachment}", operation_id = "get_agency_application_attachment", tag = "applications",
    params(
        ("id" = String, Path, description = "The application's id.", example = "app_Zm9vYmFyYmF6cXV4MTIzNA"),
        ("attachment" = String, Path, description = "The document's id.", example = "att_Zm9vYmFyYmF6cXV4MTIzNA"),
    ),
    responses(
        (status = 200, description = "The bytes.", body = Vec<u8>, content_type = "application/octet-stream", headers(
             ("Repr-Digest" = String, description = "SHA-256 of them (RFC 9530)."),
             ("Document-Type" = String, description = "What they are: a media type."),
         )),
    ),
    security(("dpop" = ["agency_applications"]))
)]
pub async fn received(
    request: HttpRequest,
    path: web::Path<(String, String)>,
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_AGENCY_APPLICATION_ATTACHMENT).await?;
    Ok(given(applications.received_attachment(&permit, (&path.0, &path.1)).await?, &permit))
}

fn shown(mut response: HttpResponseBuilder, view: &AttachmentView, permit: &Permit) -> HttpResponse {
    response.insert_header((UPLOAD_OFFSET, view.upload_offset));
    limited(response.json(view), permit)
}

/// Whatever others wrote is never opened by a browser as a page of ours.
fn given(file: AttachmentFile, permit: &Permit) -> HttpResponse {
    let mut answer = HttpResponse::Ok();
    answer.insert_header((CACHE_CONTROL, "no-store")).insert_header((CONTENT_DISPOSITION, "attachment"));
    answer.insert_header(("repr-digest", format!("sha-256=:{}:", STANDARD.encode(file.digest.as_bytes()))));
    answer.insert_header(("document-type", file.media_type.as_str())).content_type("application/octet-stream");
    limited(answer.body(file.bytes), permit)
}
