//! `/v1/employment-certificate-requests`: employees ask their company for a certificate by a link.

use super::{admit, limited};
use crate::gateway::{Gateway, Operation};
use crate::http::edge::json_body;
use crate::http::problem::Problem;
use crate::services::employment_certificates::{
    AnswerRequest, CertificateRequestLink, CertificateRequestPage, CertificateRequestView, DeclineRequest,
    EmploymentCertificates, LinkRequest,
};
use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::{HttpRequest, HttpResponse, web};

/// Makes a link by which one employee asks for one certificate of employment.
///
/// Give the link to the employee, whom you know. Whoever opens it first says for which municipality; that uses it up. A
/// repeated call makes another link, which does no harm: decline the one that you do not need.
#[utoipa::path(
    post, path = "/v1/employment-certificate-requests", operation_id = "create_certificate_request", tag = "employment-certificates",
    request_body(content = LinkRequest, content_type = "application/json"),
    responses(
        (status = 201, description = "Made.", body = CertificateRequestLink,
         headers(("Location" = String, description = "The request's address."))),
    ),
    security(("dpop" = ["employment_certificates"]))
)]
pub async fn create(
    request: HttpRequest,
    payload: web::Payload,
    gateway: web::Data<Gateway>,
    certificates: web::Data<EmploymentCertificates>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::CREATE_CERTIFICATE_REQUEST).await?;
    let body = json_body(&request, payload).await?;
    let made = certificates.make_link(&permit, &body).await?;
    let location = (LOCATION, format!("/v1/employment-certificate-requests/{}", made.request.id));
    let mut answer = HttpResponse::Created();
    Ok(limited(answer.insert_header(location).insert_header((CACHE_CONTROL, "no-store")).json(made), &permit))
}

/// The requests that you made, newest first.
#[utoipa::path(
    get, path = "/v1/employment-certificate-requests", operation_id = "list_certificate_requests", tag = "employment-certificates",
    params(
        ("after" = Option<String>, Query, description = "`next` of the page before."),
        ("limit" = Option<u32>, Query, description = "How many, 1 to 100.", example = 50),
    ),
    responses((status = 200, description = "The requests.", body = CertificateRequestPage)),
    security(("dpop" = ["employment_certificates"]))
)]
pub async fn list(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    certificates: web::Data<EmploymentCertificates>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_CERTIFICATE_REQUESTS).await?;
    let page = certificates.requests(&permit, request.query_string()).await?;
    Ok(limited(HttpResponse::Ok().json(page), &permit))
}

/// One request that you made: whether the employee asked, and for which municipality.
#[utoipa::path(
    get, path = "/v1/employment-certificate-requests/{id}", operation_id = "get_certificate_request", tag = "employment-certificates",
    params(("id" = String, Path, description = "The request's id.", example = "ecr_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses((status = 200, description = "The request.", body = CertificateRequestView)),
    security(("dpop" = ["employment_certificates"]))
)]
pub async fn find(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    certificates: web::Data<EmploymentCertificates>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_CERTIFICATE_REQUEST).await?;
    let view = certificates.request(&permit, &id).await?;
    Ok(limited(HttpResponse::Ok().json(view), &permit))
}

/// Answers a request by a certificate that you issued; the employee is shown its reference.
#[utoipa::path(
    post, path = "/v1/employment-certificate-requests/{id}/answer", operation_id = "answer_certificate_request", tag = "employment-certificates",
    params(("id" = String, Path, description = "The request's id.", example = "ecr_Zm9vYmFyYmF6cXV4MTIzNA")),
    request_body(content = AnswerRequest, content_type = "application/json"),
    responses((status = 200, description = "The request as it stands now.", body = CertificateRequestView)),
    security(("dpop" = ["employment_certificates"]))
)]
pub async fn answer(
    request: HttpRequest,
    (payload, id): (web::Payload, web::Path<String>),
    gateway: web::Data<Gateway>,
    certificates: web::Data<EmploymentCertificates>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::ANSWER_CERTIFICATE_REQUEST).await?;
    let body = json_body(&request, payload).await?;
    let view = certificates.answer_request(&permit, &id, &body).await?;
    Ok(limited(HttpResponse::Ok().json(view), &permit))
}

/// Declines a request, and tells the employee why; or takes its link back before anybody asked.
#[utoipa::path(
    post, path = "/v1/employment-certificate-requests/{id}/decline", operation_id = "decline_certificate_request", tag = "employment-certificates",
    params(("id" = String, Path, description = "The request's id.", example = "ecr_Zm9vYmFyYmF6cXV4MTIzNA")),
    request_body(content = DeclineRequest, content_type = "application/json"),
    responses((status = 200, description = "The request as it stands now.", body = CertificateRequestView)),
    security(("dpop" = ["employment_certificates"]))
)]
pub async fn decline(
    request: HttpRequest,
    (payload, id): (web::Payload, web::Path<String>),
    gateway: web::Data<Gateway>,
    certificates: web::Data<EmploymentCertificates>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::DECLINE_CERTIFICATE_REQUEST).await?;
    let body = json_body(&request, payload).await?;
    let view = certificates.decline_request(&permit, &id, &body).await?;
    Ok(limited(HttpResponse::Ok().json(view), &permit))
}
