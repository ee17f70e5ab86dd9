//! `/v1/submissions`: filings.

use super::{admit, limited, prefer};
use crate::gateway::{Gateway, Operation, Permit};
use crate::http::edge::json_body;
use crate::http::problem::Problem;
use crate::services::submissions::{
    AgencyList, AmendmentRequest, Filings, SubmissionPage, SubmissionRequest, SubmissionView,
};
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};

/// Hands a filing in.
///
/// The answer comes once it is durable, before anything is sent to an agency: its signed receipt proves the time of filing
/// even if every agency is away. The same call with the same `Idempotency-Key` gives the same filing again, for as long as
/// the filing is kept; with another body it is refused.
#[utoipa::path(
    post, path = "/v1/submissions", operation_id = "create_submission", tag = "submissions",
    params(
        ("Idempotency-Key" = String, Header, description = "1 to 255 visible ASCII characters; makes repeating safe.", example = "8e03978e-40d5-43e8-bc93-6894a57f9324"),
    ),
    request_body(content = SubmissionRequest, content_type = "application/json"),
    responses(
        (status = 202, description = "Taken on, for certain.", body = SubmissionView,
         headers(("Location" = String, description = "The filing's address."))),
    ),
    security(("dpop" = ["submissions"]))
)]
pub async fn create(
    request: HttpRequest,
    payload: web::Payload,
    gateway: web::Data<Gateway>,
    filings: web::Data<Filings>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::CREATE_SUBMISSION).await?;
    let body = json_body(&request, payload).await?;
    let key = prefer::idempotency_key(request.headers())?;
    let view = filings.create(&permit, &body, key).await?;
    let location = (LOCATION, format!("/v1/submissions/{}", view.id));
    Ok(limited(HttpResponse::Accepted().insert_header(location).json(view), &permit))
}

/// Finds filings, newest first: by `Idempotency-Key` when an answer was lost, by day, by state.
#[utoipa::path(
    get, path = "/v1/submissions", operation_id = "list_submissions", tag = "submissions",
    params(
        ("key" = Option<String>, Query, description = "The `Idempotency-Key` that it was handed in with."),
        ("state" = Option<String>, Query, description = "Where it stands as a whole.", example = "action_required"),
        ("from" = Option<String>, Query, description = "The first day (of Japan) on which it was handed in.", example = "2026-11-01"),
        ("to" = Option<String>, Query, description = "The last one.", example = "2026-11-30"),
        ("after" = Option<String>, Query, description = "`next` of the page before."),
        ("limit" = Option<u32>, Query, description = "How many, 1 to 100.", example = 50),
    ),
    responses((status = 200, description = "The filings.", body = SubmissionPage)),
    security(("dpop" = ["submissions"]))
)]
pub async fn list(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    filings: web::Data<Filings>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_SUBMISSIONS).await?;
    let page = filings.list(&permit, request.query_string()).await?;
    Ok(limited(HttpResponse::Ok().json(page), &permit))
}

/// Which agencies take filings here, and for which procedures.
#[utoipa::path(
    get, path = "/v1/agencies", operation_id = "list_agencies", tag = "submissions",
    responses((status = 200, description = "The agencies.", body = AgencyList)),
    security(("dpop" = ["submissions"]))
)]
pub async fn agencies(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    filings: web::Data<Filings>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_AGENCIES).await?;
    Ok(limited(HttpResponse::Ok().json(filings.agencies()), &permit))
}

/// One filing: where it and each of its parts stand, and what was found.
#[utoipa::path(
    get, path = "/v1/submissions/{id}", operation_id = "get_submission", tag = "submissions",
    params(("id" = String, Path, description = "The filing's id.", example = "sub_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses((status = 200, description = "The filing.", body = SubmissionView)),
    security(("dpop" = ["submissions"]))
)]
pub async fn find(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    filings: web::Data<Filings>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_SUBMISSION).await?;
    Ok(shown(&filings.get(&permit, &id).await?, &permit))
}

/// Calls off every part that no agency has yet.
#[utoipa::path(
    post, path = "/v1/submissions/{id}/cancel", operation_id = "cancel_submission", tag = "submissions",
    params(("id" = String, Path, description = "The filing's id.", example = "sub_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses((status = 200, description = "The filing as it stands now.", body = SubmissionView)),
    security(("dpop" = ["submissions"]))
)]
pub async fn cancel(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    filings: web::Data<Filings>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::CANCEL_SUBMISSION).await?;
    Ok(shown(&filings.cancel(&permit, &id).await?, &permit))
}

/// Asks every agency that has a part and has not decided to give it back (取下げ).
#[utoipa::path(
    post, path = "/v1/submissions/{id}/withdraw", operation_id = "withdraw_submission", tag = "submissions",
    params(("id" = String, Path, description = "The filing's id.", example = "sub_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses((status = 200, description = "The filing as it stands now.", body = SubmissionView)),
    security(("dpop" = ["submissions"]))
)]
pub async fn withdraw(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    filings: web::Data<Filings>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::WITHDRAW_SUBMISSION).await?;
    Ok(shown(&filings.withdraw(&permit, &id).await?, &permit))
}

/// Sends amendments that agencies asked for (補正), before their time is over.
#[utoipa::path(
    post, path = "/v1/submissions/{id}/amend", operation_id = "amend_submission", tag = "submissions",
    params(("id" = String, Path, description = "The filing's id.", example = "sub_Zm9vYmFyYmF6cXV4MTIzNA")),
    request_body(content = AmendmentRequest, content_type = "application/json"),
    responses((status = 200, description = "The filing as it stands now.", body = SubmissionView)),
    security(("dpop" = ["submissions"]))
)]
pub async fn amend(
    request: HttpRequest,
    (payload, id): (web::Payload, web::Path<String>),
    gateway: web::Data<Gateway>,
    filings: web::Data<Filings>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::AMEND_SUBMISSION).await?;
    let body = json_body(&request, payload).await?;
    Ok(shown(&filings.amend(&permit, &id, &body).await?, &permit))
}

fn shown(view: &SubmissionView, permit: &Permit) -> HttpResponse {
    limited(HttpResponse::Ok().json(view), permit)
}
