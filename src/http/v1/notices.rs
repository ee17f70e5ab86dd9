//! `/v1/notices`: a citizen's notices (お知らせ), under their consent.

use super::agency_deposits::describe;
use super::{admit, limited};
use crate::gateway::{Gateway, Operation};
use crate::http::problem::Problem;
use crate::services::notices::{NoticePage, NoticeView, Notices};
use actix_web::{HttpRequest, HttpResponse, web};

/// The citizen's notices, in the order in which they became visible.
///
/// Keep `cursor` and go on with it at any later time: nothing that becomes visible later is missed, and nothing comes twice. A
/// page may hold fewer than `limit` while there is more. Each page with notices is a line of the citizen's access history.
#[utoipa::path(
    get, path = "/v1/notices", operation_id = "list_notices", tag = "notices",
    params(
        ("after" = Option<u64>, Query, description = "`cursor` of the page before; from the first when absent.", example = 17),
        ("limit" = Option<u32>, Query, description = "How many, 1 to 100.", example = 50),
        ("category" = Option<String>, Query, description = "Only of this category.", example = "status_report"),
        ("language" = Option<String>, Query, description = "`ja` or `en`: who asks for English and finds none is shown the Japanese.", example = "ja"),
        ("unread" = Option<bool>, Query, description = "Only unread ones, or only read ones.", example = true),
    ),
    responses((status = 200, description = "The notices.", body = NoticePage)),
    security(("dpop" = ["notices"]))
)]
pub async fn list(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    notices: web::Data<Notices>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_NOTICES).await?;
    Ok(limited(HttpResponse::Ok().json(notices.list(&permit, request.query_string()).await?), &permit))
}

/// One of the citizen's notices. To look at it is not to have read it: see `PUT /v1/notices/{id}/read`.
#[utoipa::path(
    get, path = "/v1/notices/{id}", operation_id = "get_notice", tag = "notices",
    params(
        ("id" = String, Path, description = "The notice's id.", example = "ntc_Zm9vYmFyYmF6cXV4MTIzNA"),
        ("language" = Option<String>, Query, description = "`ja` or `en`, as in the list.", example = "ja"),
    ),
    responses((status = 200, description = "The notice.", body = NoticeView)),
    security(("dpop" = ["notices"]))
)]
pub async fn find(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    notices: web::Data<Notices>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_NOTICE).await?;
    let view = notices.notice(&permit, (&id, request.query_string())).await?;
    Ok(limited(HttpResponse::Ok().json(view), &permit))
}

/// A file that came with a notice.
#[utoipa::path(
    get, path = "/v1/notices/{id}/attachments/{number}", operation_id = "get_notice_attachment", tag = "notices",
    params(
        ("id" = String, Path, description = "The notice's id.", example = "ntc_Zm9vYmFyYmF6cXV4MTIzNA"),
        ("number" = u32, Path, description = "The file's number, from 0.", example = 0),
    ),
    responses(
        (status = 200, description = "Its bytes.", body = Vec<u8>, content_type = "application/octet-stream",
         headers(
             ("Repr-Digest" = String, description = "SHA-256 of them (RFC 9530)."),
             ("ETag" = String, description = "The same, as a strong validator."),
             ("Document-Type" = String, description = "What they are: a media type."),
         )),
    ),
    security(("dpop" = ["notices"]))
)]
pub async fn attachment(
    request: HttpRequest,
    path: web::Path<(String, String)>,
    gateway: web::Data<Gateway>,
    notices: web::Data<Notices>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_NOTICE_ATTACHMENT).await?;
    let given = notices.attachment(&permit, (&path.0, &path.1)).await?;
    let mut answer = HttpResponse::Ok();
    describe(&mut answer, &given.holding);
    Ok(limited(answer.body(given.bytes), &permit))
}

/// Marks a notice as read, for every software that the citizen reads with. Doing it again changes nothing.
#[utoipa::path(
    put, path = "/v1/notices/{id}/read", operation_id = "mark_notice_read", tag = "notices",
    params(("id" = String, Path, description = "The notice's id.", example = "ntc_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses((status = 204, description = "It is read.")),
    security(("dpop" = ["notices"]))
)]
pub async fn mark(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    notices: web::Data<Notices>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::MARK_NOTICE_READ).await?;
    notices.mark(&permit, &id, true).await?;
    Ok(limited(HttpResponse::NoContent().finish(), &permit))
}

/// Marks a notice as unread again. Doing it again changes nothing.
#[utoipa::path(
    delete, path = "/v1/notices/{id}/read", operation_id = "mark_notice_unread", tag = "notices",
    params(("id" = String, Path, description = "The notice's id.", example = "ntc_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses((status = 204, description = "It is unread.")),
    security(("dpop" = ["notices"]))
)]
pub async fn unmark(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    notices: web::Data<Notices>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::MARK_NOTICE_UNREAD).await?;
    notices.mark(&permit, &id, false).await?;
    Ok(limited(HttpResponse::NoContent().finish(), &permit))
}
