//! `POST /v1/self-information-requests` and the jobs it makes.

use super::answer::{Form, SignedAnswerText};
use super::{admit, limited, prefer, refusal};
use crate::domain::Fault;
use crate::gateway::{Gateway, Operation, Permit};
use crate::http::edge::json_body;
use crate::http::problem::Problem;
use crate::services::self_information::{
    Reply, SelfInformation, SelfInformationJob, SelfInformationRequest, SelfInformationResult, Wanted,
};
use actix_web::http::header::{HeaderName, HeaderValue, LOCATION, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, web};
use std::time::Duration;

/// When to look again at a job that is being worked on, in seconds.
const LOOK_AGAIN: u32 = 2;

/// Requests self-information.
///
/// With `Prefer: wait=N` the answer is 200 with the result when it is ready in time; otherwise 202 with the job's
/// address. Without an `Idempotency-Key`, a result answered here is kept nowhere; with one it waits, sealed, for 15
/// minutes, and the same request gives the same answer again.
///
/// `predicates` are answered yes, no or unknown, and nothing of the value leaves. Of one person and fact (and year), one
/// party is told a few different thresholds only, whatever the number of its clients and consents; then
/// `predicate_limit_reached` names the limit, how many were told, and when the next is free. Asking one of them again
/// costs nothing.
#[utoipa::path(
    post, path = "/v1/self-information-requests", operation_id = "create_self_information_request",
    tag = "self-information",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 visible ASCII characters; makes repeating safe.", example = "8e03978e-40d5-43e8-bc93-6894a57f9324"),
        ("Prefer" = Option<String>, Header, description = "`wait=N`: wait up to N seconds (at most 30) for the result (RFC 7240).", example = "wait=10"),
    ),
    request_body(
        content = SelfInformationRequest, content_type = "application/json",
        examples(
            ("data" = (summary = "Data, cut to the items agreed to", value = json!({
                "data_sets": [{"code": "TM00000000000002", "condition": {"kind": "tax_year", "year": 2025}}]}))),
            ("yes_or_no" = (summary = "Yes or no instead of the data", value = json!({
                "predicates": [
                    {"fact": "income.total", "operator": "ge", "value": 3_000_000, "year": 2025},
                    {"fact": "age", "operator": "ge", "value": 20}]}))),
        ),
    ),
    responses(
        (status = 200, description = "The result.", content(
            (SelfInformationResult = "application/json"),
            (SignedAnswerText = "application/jose"),
        )),
        (status = 202, description = "Taken on; look at `Location` after `Retry-After` seconds.", content(
            (SelfInformationJob = "application/json"),
            (SignedAnswerText = "application/jose"),
         ),
         headers(("Location" = String, description = "The job's address."), ("Retry-After" = u32, description = "Seconds."))),
    ),
    security(("dpop" = ["self_information"]))
)]
pub async fn create(
    request: HttpRequest,
    payload: web::Payload,
    gateway: web::Data<Gateway>,
    service: web::Data<SelfInformation>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::CREATE_REQUEST).await?;
    let form = Form::of(&request, &Operation::CREATE_REQUEST)?;
    let body = json_body(&request, payload).await?;
    let wait = prefer::wait(request.headers());
    let wanted = Wanted {
        body: &body,
        key: prefer::idempotency_key(request.headers())?,
        wait: wait.unwrap_or_default(),
        scenario: request.headers().get("x-sandbox-scenario").and_then(|v| v.to_str().ok()),
    };
    let reply = service.create(&permit, &wanted).await.map_err(refusal::problem)?;
    Ok(render(reply, wait, (form, &permit))?)
}

/// Reads a job: its result, once, or where it stands. Waits like the request itself does.
#[utoipa::path(
    get, path = "/v1/self-information-requests/{id}", operation_id = "get_self_information_request",
    tag = "self-information",
    params(
        ("id" = String, Path, description = "The request's id.", example = "sir_Zm9vYmFyYmF6cXV4MTIzNA"),
        ("Prefer" = Option<String>, Header, description = "`wait=N`: wait up to N seconds (at most 30) for the result (RFC 7240).", example = "wait=30"),
    ),
    responses(
        (status = 200, description = "The result; reading it deletes it.", content(
            (SelfInformationResult = "application/json"),
            (SignedAnswerText = "application/jose"),
        )),
        (status = 202, description = "Still being worked on.", content(
            (SelfInformationJob = "application/json"),
            (SignedAnswerText = "application/jose"),
         ),
         headers(("Location" = String, description = "The job's address."), ("Retry-After" = u32, description = "Seconds."))),
    ),
    security(("dpop" = ["self_information"]))
)]
pub async fn read(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    service: web::Data<SelfInformation>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_REQUEST).await?;
    let form = Form::of(&request, &Operation::GET_REQUEST)?;
    let wait = prefer::wait(request.headers());
    let reply = service.read(&permit, &id, wait.unwrap_or_default()).await?;
    Ok(render(reply, wait, (form, &permit))?)
}

/// Gives a job up; nothing is kept of it. The same again for one that is over.
#[utoipa::path(
    delete, path = "/v1/self-information-requests/{id}", operation_id = "delete_self_information_request",
    tag = "self-information",
    params(("id" = String, Path, description = "The request's id.", example = "sir_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses((status = 204, description = "It is over and nothing is kept.")),
    security(("dpop" = ["self_information"]))
)]
pub async fn cancel(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    service: web::Data<SelfInformation>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::DELETE_REQUEST).await?;
    service.cancel(&permit, &id).await?;
    Ok(limited(HttpResponse::NoContent().finish(), &permit))
}

fn render(reply: Reply, wait: Option<Duration>, (form, permit): (Form, &Permit)) -> Result<HttpResponse, Fault> {
    let mut response = match reply {
        Reply::Finished(_, bytes) => form.answer_bytes(HttpResponse::Ok(), bytes, permit)?,
        Reply::Working(request) => {
            let mut response = HttpResponse::Accepted();
            response.insert_header((LOCATION, format!("/v1/self-information-requests/{}", request.id)));
            response.insert_header((RETRY_AFTER, LOOK_AGAIN));
            form.answer(response, &SelfInformation::view(&request), permit)?
        }
    };
    if let Some(value) = wait.and_then(|w| HeaderValue::from_str(&format!("wait={}", w.as_secs())).ok()) {
        // RFC 7240 §3: says which preference was honoured.
        response.headers_mut().insert(HeaderName::from_static("preference-applied"), value);
    }
    Ok(response)
}
