//! `/agency/v1/notices`: notices (お知らせ) that agencies post to citizens, one by one or as a file.

use super::bulk_submissions::{PARTIAL, UPLOAD_OFFSET, offset_of};
use super::{admit, limited, prefer};
use crate::domain::Refusal;
use crate::gateway::{Gateway, Operation, Permit};
use crate::http::edge::{json_body, typed_body};
use crate::http::problem::Problem;
use crate::services::notices::{
    AgencyNoticePage, AgencyNoticeView, NoticeBulkView, NoticeRequest, Notices, RejectedLinePage,
};
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};

/// Posts a notice to a citizen: at once, or at `deliver_at`.
///
/// The citizen is named by the `sub` that your own clients were given when they signed in with you. Third parties that may read
/// this citizen's notices are told its id by the event `notice.posted`, and nothing of what it says. The same call with the same
/// `Idempotency-Key` gives the same notice again. It cannot be changed or taken back.
#[utoipa::path(
    post, path = "/agency/v1/notices", operation_id = "create_agency_notice", tag = "notices",
    params(("Idempotency-Key" = String, Header, description = "1 to 255 visible ASCII characters; makes repeating safe.", example = "8e03978e-40d5-43e8-bc93-6894a57f9324")),
    request_body(content = NoticeRequest, content_type = "application/json"),
    responses(
        (status = 201, description = "Posted, or scheduled.", body = AgencyNoticeView,
         headers(("Location" = String, description = "The notice's address."))),
    ),
    security(("dpop" = ["agency_notices"]))
)]
pub async fn create(
    request: HttpRequest,
    payload: web::Payload,
    gateway: web::Data<Gateway>,
    notices: web::Data<Notices>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::CREATE_AGENCY_NOTICE).await?;
    let body = json_body(&request, payload).await?;
    let key = prefer::idempotency_key(request.headers())?;
    let view = notices.post(&permit, (&body, key)).await?;
    let location = (LOCATION, format!("/agency/v1/notices/{}", view.id));
    Ok(limited(HttpResponse::Created().insert_header(location).json(view), &permit))
}

/// The notices that you posted, newest first. Whether a citizen read one is not told.
#[utoipa::path(
    get, path = "/agency/v1/notices", operation_id = "list_agency_notices", tag = "notices",
    params(
        ("after" = Option<String>, Query, description = "`next` of the page before."),
        ("limit" = Option<u32>, Query, description = "How many, 1 to 100.", example = 50),
    ),
    responses((status = 200, description = "The notices.", body = AgencyNoticePage)),
    security(("dpop" = ["agency_notices"]))
)]
pub async fn list(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    notices: web::Data<Notices>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_AGENCY_NOTICES).await?;
    Ok(limited(HttpResponse::Ok().json(notices.posted(&permit, request.query_string()).await?), &permit))
}

/// One notice that you posted.
#[utoipa::path(
    get, path = "/agency/v1/notices/{id}", operation_id = "get_agency_notice", tag = "notices",
    params(("id" = String, Path, description = "The notice's id.", example = "ntc_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses((status = 200, description = "The notice.", body = AgencyNoticeView)),
    security(("dpop" = ["agency_notices"]))
)]
pub async fn find(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    notices: web::Data<Notices>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_AGENCY_NOTICE).await?;
    Ok(limited(HttpResponse::Ok().json(notices.posted_one(&permit, &id).await?), &permit))
}

/// Makes ready for a file of notices, up to 1,000,000: newline-delimited JSON, each line as `POST /agency/v1/notices` takes it.
///
/// Then send it in pieces with `PATCH`. Each line is posted, or rejected, as it comes; a file is never held back as a whole.
#[utoipa::path(
    post, path = "/agency/v1/notices/bulk", operation_id = "create_agency_notice_bulk", tag = "notices",
    params(("Idempotency-Key" = String, Header, description = "1 to 255 visible ASCII characters; makes repeating safe.", example = "8e03978e-40d5-43e8-bc93-6894a57f9324")),
    responses(
        (status = 201, description = "Ready.", body = NoticeBulkView,
         headers(("Location" = String, description = "Its address."), ("Upload-Offset" = u64, description = "Where to go on."))),
    ),
    security(("dpop" = ["agency_notices"]))
)]
pub async fn begin(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    notices: web::Data<Notices>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::CREATE_AGENCY_NOTICE_BULK).await?;
    let view = notices.begin_bulk(&permit, prefer::idempotency_key(request.headers())?).await?;
    let mut response = HttpResponse::Created();
    response.insert_header((LOCATION, format!("/agency/v1/notices/bulk/{}", view.id)));
    Ok(shown(response, &view, &permit))
}

/// Sends the next piece of the file, at most 1 MiB, from `Upload-Offset` on.
///
/// The answer's `Upload-Offset` says how much is here for certain: bytes after the last end of a line are not kept, unless
/// `Upload-Complete: ?1` says that they are the last of the file. When an answer is lost, ask for the offset and go on there: no
/// line is posted twice, none is lost.
#[utoipa::path(
    patch, path = "/agency/v1/notices/bulk/{id}", operation_id = "append_agency_notice_bulk", tag = "notices",
    params(
        ("id" = String, Path, description = "The file's id.", example = "nbk_Zm9vYmFyYmF6cXV4MTIzNA"),
        ("Upload-Offset" = u64, Header, description = "At which byte of the file these begin.", example = 0),
        ("Upload-Complete" = Option<String>, Header, description = "`?1` with the last piece.", example = "?1"),
    ),
    request_body(content = Vec<u8>, content_type = "application/partial-upload"),
    responses(
        (status = 200, description = "They are here.", body = NoticeBulkView,
         headers(("Upload-Offset" = u64, description = "Where to go on."))),
    ),
    security(("dpop" = ["agency_notices"]))
)]
pub async fn append(
    request: HttpRequest,
    (payload, id): (web::Payload, web::Path<String>),
    gateway: web::Data<Gateway>,
    notices: web::Data<Notices>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::APPEND_AGENCY_NOTICE_BULK).await?;
    let body = typed_body(&request, payload, PARTIAL).await?;
    let (offset, is_last) = (offset_of(&request)?, is_last(&request)?);
    let view = notices.append_bulk(&permit, &id, (offset, is_last, &body)).await?;
    Ok(shown(HttpResponse::Ok(), &view, &permit))
}

/// How far a file is: how many of its lines are here, how many were posted, and how many were not.
#[utoipa::path(
    get, path = "/agency/v1/notices/bulk/{id}", operation_id = "get_agency_notice_bulk", tag = "notices",
    params(("id" = String, Path, description = "The file's id.", example = "nbk_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses(
        (status = 200, description = "The file.", body = NoticeBulkView,
         headers(("Upload-Offset" = u64, description = "Where to go on."))),
    ),
    security(("dpop" = ["agency_notices"]))
)]
pub async fn find_bulk(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    notices: web::Data<Notices>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_AGENCY_NOTICE_BULK).await?;
    let view = notices.bulk(&permit, &id).await?;
    Ok(shown(HttpResponse::Ok(), &view, &permit))
}

/// The lines of a file that were not posted, each with the problem that the notice alone would be refused with.
#[utoipa::path(
    get, path = "/agency/v1/notices/bulk/{id}/rejections", operation_id = "list_agency_notice_rejections", tag = "notices",
    params(
        ("id" = String, Path, description = "The file's id.", example = "nbk_Zm9vYmFyYmF6cXV4MTIzNA"),
        ("after" = Option<u64>, Query, description = "`next` of the page before.", example = 0),
        ("limit" = Option<u32>, Query, description = "How many, 1 to 100.", example = 50),
    ),
    responses((status = 200, description = "The lines.", body = RejectedLinePage)),
    security(("dpop" = ["agency_notices"]))
)]
pub async fn rejections(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    notices: web::Data<Notices>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_AGENCY_NOTICE_REJECTIONS).await?;
    let page = notices.rejections(&permit, (&id, request.query_string())).await?;
    Ok(limited(HttpResponse::Ok().json(page), &permit))
}

/// Whether a piece is the last of its file: `?1` or `?0` (RFC 9651 §3.3.6), as draft-ietf-httpbis-resumable-upload-11 §4.2 has it.
fn is_last(request: &HttpRequest) -> Result<bool, Refusal> {
    let mut said = request.headers().get_all("upload-complete").map(|value| value.to_str().map(str::trim));
    match (said.next(), said.next()) {
        (None, _) | (Some(Ok("?0")), None) => Ok(false),
        (Some(Ok("?1")), None) => Ok(true),
        _ => Err(Refusal::new("invalid_request", "Send Upload-Complete once, as ?1 or ?0.").at("Upload-Complete")),
    }
}

fn shown(mut response: HttpResponseBuilder, view: &NoticeBulkView, permit: &Permit) -> HttpResponse {
    response.insert_header((UPLOAD_OFFSET, view.offset));
    limited(response.json(view), permit)
}
