//! `/v1/employment-certificates`: what companies say of their employees' work, for municipalities.

use super::procedures::cached;
use super::{accept, admit, limited, prefer};
use crate::domain::Refusal;
use crate::gateway::{Gateway, Operation, Permit};
use crate::http::edge::json_body;
use crate::http::problem::Problem;
use crate::services::employment_certificates::{
    CertificateCheck, CertificateContent, CertificateDraft, CertificateFormList, CertificatePage, CertificateView,
    EmploymentCertificates, IssueRequest, OpenRequest, OpenedCertificateView, PrefillRequest, RenderedCertificate,
    Rendering, RevokeRequest,
};
use crate::services::procedures::ProcedureView;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, LOCATION, VARY};
use actix_web::{HttpRequest, HttpResponse, web};

const JSON: &str = "application/json";

/// As what file a certificate is wanted; none for JSON.
fn wanted(request: &HttpRequest) -> Result<Option<Rendering>, Refusal> {
    let files = [Rendering::Pdf, Rendering::Xlsx];
    let [pdf, xlsx] = files.map(Rendering::media_type);
    let best = accept::best(request.headers(), [JSON, pdf, xlsx])?;
    Ok(files.into_iter().find(|file| file.media_type() == best))
}

/// A certificate as a file, which browsers keep and never show as a page of ours.
fn file(rendered: RenderedCertificate, permit: &Permit) -> HttpResponse {
    let mut answer = HttpResponse::Ok();
    answer.insert_header((CACHE_CONTROL, "no-store")).insert_header((VARY, "accept"));
    answer.insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", rendered.file_name)));
    limited(answer.content_type(rendered.rendering.media_type()).body(rendered.bytes), permit)
}

/// Lists the forms of certificates, and which municipalities take which.
#[utoipa::path(
    get, path = "/v1/employment-certificates/forms", operation_id = "list_certificate_forms", tag = "employment-certificates",
    params(("municipality" = Option<String>, Query, description = "Only the form that this one takes (全国地方公共団体コード).", example = "131041")),
    responses((status = 200, description = "The forms.", body = CertificateFormList)),
    security(("dpop" = ["employment_certificates"]))
)]
pub async fn forms(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    certificates: web::Data<EmploymentCertificates>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_CERTIFICATE_FORMS).await?;
    let forms = certificates.forms(&permit, request.query_string())?;
    Ok(limited(HttpResponse::Ok().json(forms), &permit))
}

/// Shows one form: its items with their limits, and the JSON Schema. `office` are the employer's items, `fields` the
/// employee's.
#[utoipa::path(
    get, path = "/v1/employment-certificates/forms/{code}", operation_id = "get_certificate_form", tag = "employment-certificates",
    params(("code" = String, Path, description = "The form's code.", example = "standard")),
    responses((status = 200, description = "The form. May be cached; it has an `ETag`.", body = ProcedureView)),
    security(("dpop" = ["employment_certificates"]))
)]
pub async fn form(
    request: HttpRequest,
    code: web::Path<String>,
    gateway: web::Data<Gateway>,
    certificates: web::Data<EmploymentCertificates>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_CERTIFICATE_FORM).await?;
    let view = certificates.form(&permit, &code)?;
    Ok(cached(&request, certificates.tag(), &view, &permit))
}

/// Holds a content against its municipality's form, before it is signed. Nothing is kept.
#[utoipa::path(
    post, path = "/v1/employment-certificates/check", operation_id = "check_employment_certificate", tag = "employment-certificates",
    request_body(content = CertificateContent, content_type = "application/json"),
    responses((status = 200, description = "What was found; it may be nothing.", body = CertificateCheck)),
    security(("dpop" = ["employment_certificates"]))
)]
pub async fn check(
    request: HttpRequest,
    payload: web::Payload,
    gateway: web::Data<Gateway>,
    certificates: web::Data<EmploymentCertificates>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::CHECK_EMPLOYMENT_CERTIFICATE).await?;
    let body = json_body(&request, payload).await?;
    let checked = certificates.check(&permit, &body).await?;
    Ok(limited(HttpResponse::Ok().json(checked), &permit))
}

/// Makes a draft of a certificate from what payroll keeps for filings (共通項目), and says what is missing. Nothing is kept.
///
/// Items by the form's own names are taken as they are; those of filings are said anew: half-width kana in full width,
/// `weekly_minutes` in hours and minutes, `has_term`, `term_from`, `acquired_on` as the employment's, `office_name` as the
/// workplace. What is of no use is named and goes nowhere.
#[utoipa::path(
    post, path = "/v1/employment-certificates/prefill", operation_id = "prefill_employment_certificate", tag = "employment-certificates",
    request_body(content = PrefillRequest, content_type = "application/json"),
    responses((status = 200, description = "The draft.", body = CertificateDraft)),
    security(("dpop" = ["employment_certificates"]))
)]
pub async fn prefill(
    request: HttpRequest,
    payload: web::Payload,
    gateway: web::Data<Gateway>,
    certificates: web::Data<EmploymentCertificates>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::PREFILL_EMPLOYMENT_CERTIFICATE).await?;
    let body = json_body(&request, payload).await?;
    let draft = certificates.prefill(&permit, &body).await?;
    Ok(limited(HttpResponse::Ok().json(draft), &permit))
}

/// Issues a certificate that the company signed.
///
/// The answer's `reference` is for the employee alone, who hands it to the municipality. The same call with the same
/// `Idempotency-Key` gives the same certificate again.
#[utoipa::path(
    post, path = "/v1/employment-certificates", operation_id = "create_employment_certificate", tag = "employment-certificates",
    params(("Idempotency-Key" = String, Header, description = "1 to 255 visible ASCII characters; makes repeating safe.", example = "8e03978e-40d5-43e8-bc93-6894a57f9324")),
    request_body(content = IssueRequest, content_type = "application/json"),
    responses(
        (status = 201, description = "Issued.", body = CertificateView,
         headers(("Location" = String, description = "The certificate's address."))),
    ),
    security(("dpop" = ["employment_certificates"]))
)]
pub async fn create(
    request: HttpRequest,
    payload: web::Payload,
    gateway: web::Data<Gateway>,
    certificates: web::Data<EmploymentCertificates>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::CREATE_EMPLOYMENT_CERTIFICATE).await?;
    let body = json_body(&request, payload).await?;
    let key = prefer::idempotency_key(request.headers())?;
    let view = certificates.issue(&permit, &body, key).await?;
    let location = (LOCATION, format!("/v1/employment-certificates/{}", view.certificate.id));
    Ok(limited(HttpResponse::Created().insert_header(location).json(view), &permit))
}

/// The certificates that you issued, newest first.
#[utoipa::path(
    get, path = "/v1/employment-certificates", operation_id = "list_employment_certificates", tag = "employment-certificates",
    params(
        ("after" = Option<String>, Query, description = "`next` of the page before."),
        ("limit" = Option<u32>, Query, description = "How many, 1 to 100.", example = 50),
    ),
    responses((status = 200, description = "The certificates.", body = CertificatePage)),
    security(("dpop" = ["employment_certificates"]))
)]
pub async fn list(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    certificates: web::Data<EmploymentCertificates>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_EMPLOYMENT_CERTIFICATES).await?;
    let page = certificates.list(&permit, request.query_string()).await?;
    Ok(limited(HttpResponse::Ok().json(page), &permit))
}

/// One certificate that you issued: how it stands, how often its municipality opened it, and its signed text.
///
/// With `Accept: application/pdf` or that of Excel it comes in the rows of the form, to be printed or loaded. A character
/// that the PDF's font does not have is 〓 there, and named by its code point below; the workbook has it as it is.
#[utoipa::path(
    get, path = "/v1/employment-certificates/{id}", operation_id = "get_employment_certificate", tag = "employment-certificates",
    params(("id" = String, Path, description = "The certificate's id.", example = "emp_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses((status = 200, description = "The certificate.", content(
        (CertificateView = "application/json"), (Vec<u8> = "application/pdf"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    ))),
    security(("dpop" = ["employment_certificates"]))
)]
pub async fn find(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    certificates: web::Data<EmploymentCertificates>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_EMPLOYMENT_CERTIFICATE).await?;
    if let Some(rendering) = wanted(&request)? {
        return Ok(file(certificates.file(&permit, &id, rendering).await?, &permit));
    }
    let view = certificates.find(&permit, &id).await?;
    Ok(limited(HttpResponse::Ok().insert_header((VARY, "accept")).json(view), &permit))
}

/// Takes a certificate back. Its municipality sees so from this moment on.
#[utoipa::path(
    post, path = "/v1/employment-certificates/{id}/revoke", operation_id = "revoke_employment_certificate", tag = "employment-certificates",
    params(("id" = String, Path, description = "The certificate's id.", example = "emp_Zm9vYmFyYmF6cXV4MTIzNA")),
    request_body(content = RevokeRequest, content_type = "application/json"),
    responses((status = 200, description = "The certificate as it stands now.", body = CertificateView)),
    security(("dpop" = ["employment_certificates"]))
)]
pub async fn revoke(
    request: HttpRequest,
    (payload, id): (web::Payload, web::Path<String>),
    gateway: web::Data<Gateway>,
    certificates: web::Data<EmploymentCertificates>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::REVOKE_EMPLOYMENT_CERTIFICATE).await?;
    let body = json_body(&request, payload).await?;
    let view = certificates.revoke(&permit, &id, &body).await?;
    Ok(limited(HttpResponse::Ok().json(view), &permit))
}

/// Opens a certificate for the municipality that it was made for, by the reference that an applicant gave it.
///
/// The opening is counted and logged before it is answered, and its issuer sees it. Look at `state`: one that was taken back
/// opens, too. By `Accept` it comes as JSON, as PDF, or as an Excel workbook, whose sheet データ has one item in each cell.
#[utoipa::path(
    post, path = "/v1/employment-certificates/open", operation_id = "open_employment_certificate", tag = "employment-certificates",
    request_body(content = OpenRequest, content_type = "application/json"),
    responses((status = 200, description = "The certificate.", content(
        (OpenedCertificateView = "application/json"), (Vec<u8> = "application/pdf"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    ))),
    security(("dpop" = ["certificate_verification"]))
)]
pub async fn open(
    request: HttpRequest,
    payload: web::Payload,
    gateway: web::Data<Gateway>,
    certificates: web::Data<EmploymentCertificates>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::OPEN_EMPLOYMENT_CERTIFICATE).await?;
    let rendering = wanted(&request)?;
    let body = json_body(&request, payload).await?;
    if let Some(rendering) = rendering {
        return Ok(file(certificates.open_file(&permit, &body, rendering).await?, &permit));
    }
    let view = certificates.open(&permit, &body).await?;
    Ok(limited(HttpResponse::Ok().insert_header((VARY, "accept")).json(view), &permit))
}
