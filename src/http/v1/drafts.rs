//! `/v1/submission-drafts`: filings that are being written.

use super::{admit, limited, prefer};
use crate::domain::Refusal;
use crate::gateway::{Gateway, Operation, Permit};
use crate::http::edge::json_body;
use crate::http::problem::Problem;
use crate::services::submissions::{DraftContent, DraftList, DraftView, Filings, SubmissionView};
use actix_web::http::header::{ETAG, HeaderMap, IF_MATCH, LOCATION};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};

/// Keeps a draft of a filing: any JSON object, which need not be whole or right yet.
///
/// It is kept sealed for 30 days after its last change. Nothing is acknowledged and nothing is sent: only `submit` files it.
#[utoipa::path(
    post, path = "/v1/submission-drafts", operation_id = "create_submission_draft", tag = "submissions",
    params(
        ("Idempotency-Key" = String, Header, description = "1 to 255 visible ASCII characters; makes repeating safe.", example = "8e03978e-40d5-43e8-bc93-6894a57f9324"),
    ),
    request_body(content = DraftContent, content_type = "application/json", description = "As a filing, as far as it is written."),
    responses(
        (status = 201, description = "It is kept.", body = DraftView,
         headers(("Location" = String, description = "Its address."), ("ETag" = String, description = "Names what it says."))),
    ),
    security(("dpop" = ["submissions"]))
)]
pub async fn create(
    request: HttpRequest,
    payload: web::Payload,
    gateway: web::Data<Gateway>,
    filings: web::Data<Filings>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::CREATE_SUBMISSION_DRAFT).await?;
    let body = json_body(&request, payload).await?;
    let view = filings.begin_draft(&permit, &body, prefer::idempotency_key(request.headers())?).await?;
    let mut response = HttpResponse::Created();
    response.insert_header((LOCATION, format!("/v1/submission-drafts/{}", view.id)));
    Ok(shown(response, &view, &permit))
}

/// Your drafts, the one that was changed last first.
#[utoipa::path(
    get, path = "/v1/submission-drafts", operation_id = "list_submission_drafts", tag = "submissions",
    responses((status = 200, description = "The drafts.", body = DraftList)),
    security(("dpop" = ["submissions"]))
)]
pub async fn list(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    filings: web::Data<Filings>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_SUBMISSION_DRAFTS).await?;
    Ok(limited(HttpResponse::Ok().json(filings.drafts(&permit).await?), &permit))
}

/// One draft with what it says.
#[utoipa::path(
    get, path = "/v1/submission-drafts/{id}", operation_id = "get_submission_draft", tag = "submissions",
    params(("id" = String, Path, description = "The draft's id.", example = "dft_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses(
        (status = 200, description = "The draft.", body = DraftView,
         headers(("ETag" = String, description = "Names what it says."))),
    ),
    security(("dpop" = ["submissions"]))
)]
pub async fn find(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    filings: web::Data<Filings>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_SUBMISSION_DRAFT).await?;
    Ok(shown(HttpResponse::Ok(), &filings.draft(&permit, &id).await?, &permit))
}

/// Writes something else in place of what the draft says, if it still says what you saw.
#[utoipa::path(
    put, path = "/v1/submission-drafts/{id}", operation_id = "put_submission_draft", tag = "submissions",
    params(
        ("id" = String, Path, description = "The draft's id.", example = "dft_Zm9vYmFyYmF6cXV4MTIzNA"),
        ("If-Match" = String, Header, description = "The `ETag` that you saw, or `*` for whatever it says.", example = "\"Zm9vYmFyYmF6cXV4MTIzNA\""),
    ),
    request_body(content = DraftContent, content_type = "application/json", description = "As a filing, as far as it is written."),
    responses(
        (status = 200, description = "It is kept.", body = DraftView,
         headers(("ETag" = String, description = "Names what it says."))),
    ),
    security(("dpop" = ["submissions"]))
)]
pub async fn put(
    request: HttpRequest,
    (payload, id): (web::Payload, web::Path<String>),
    gateway: web::Data<Gateway>,
    filings: web::Data<Filings>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::PUT_SUBMISSION_DRAFT).await?;
    let body = json_body(&request, payload).await?;
    let view = filings.change_draft(&permit, &id, (changes(request.headers())?, &body)).await?;
    Ok(shown(HttpResponse::Ok(), &view, &permit))
}

/// Throws a draft away.
#[utoipa::path(
    delete, path = "/v1/submission-drafts/{id}", operation_id = "delete_submission_draft", tag = "submissions",
    params(
        ("id" = String, Path, description = "The draft's id.", example = "dft_Zm9vYmFyYmF6cXV4MTIzNA"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that you saw.", example = "*"),
    ),
    responses((status = 204, description = "It is gone.")),
    security(("dpop" = ["submissions"]))
)]
pub async fn delete(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    filings: web::Data<Filings>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::DELETE_SUBMISSION_DRAFT).await?;
    filings.drop_draft(&permit, &id, seen(request.headers())?).await?;
    Ok(limited(HttpResponse::NoContent().finish(), &permit))
}

/// Hands a draft in: from then on it is a filing, with its receipt, and the draft is gone.
///
/// What is not whole or right is refused as in any filing, and the draft stays. Again, it is answered with the same filing.
#[utoipa::path(
    post, path = "/v1/submission-drafts/{id}/submit", operation_id = "submit_submission_draft", tag = "submissions",
    params(
        ("id" = String, Path, description = "The draft's id.", example = "dft_Zm9vYmFyYmF6cXV4MTIzNA"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that you saw.", example = "*"),
    ),
    responses(
        (status = 202, description = "Taken on, for certain.", body = SubmissionView,
         headers(("Location" = String, description = "The filing's address."))),
    ),
    security(("dpop" = ["submissions"]))
)]
pub async fn submit(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    filings: web::Data<Filings>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::SUBMIT_SUBMISSION_DRAFT).await?;
    let view = filings.submit_draft(&permit, &id, seen(request.headers())?).await?;
    let location = (LOCATION, format!("/v1/submissions/{}", view.id));
    Ok(limited(HttpResponse::Accepted().insert_header(location).json(view), &permit))
}

/// The version that the caller saw (RFC 9110 §13.1.1); none for any.
pub(super) fn seen(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let wrong = || {
        let words = "Send If-Match once, with one ETag in quotes, or *.";
        Refusal::new("invalid_request", words).at("If-Match")
    };
    let mut values = headers.get_all(IF_MATCH);
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().ok().filter(|_| values.next().is_none()).ok_or_else(wrong)?.trim();
    if text == "*" {
        return Ok(None);
    }
    let tag = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).ok_or_else(wrong)?;
    if tag.contains('"') { Err(wrong()) } else { Ok(Some(tag)) }
}

/// The same where it must be said: of whoever writes something else in its place.
pub(super) fn changes(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    if !headers.contains_key(IF_MATCH) {
        let words = "Say with If-Match which version you change: the ETag that you saw, or * for any.";
        return Err(Refusal::new("invalid_request", words).at("If-Match"));
    }
    seen(headers)
}

fn shown(mut response: HttpResponseBuilder, view: &DraftView, permit: &Permit) -> HttpResponse {
    response.insert_header((ETAG, format!("\"{}\"", view.tag)));
    limited(response.json(view), permit)
}
