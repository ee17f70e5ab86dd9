//! `/agency/v1/applications`: what citizens applied for at a municipality, as that municipality sees it.

use super::{accept, admit, limited};
use crate::domain::Refusal;
use crate::gateway::{Gateway, Operation, Permit};
use crate::http::edge::json_body;
use crate::http::problem::Problem;
use crate::services::applications::{
    AgencyApplication, AgencyApplicationPage, AgencySignature, ApplicationFile, Applications, AskAmendment,
    DecideApplication, FileKind, ReviewApplication,
};
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, VARY};
use actix_web::{HttpRequest, HttpResponse, web};

const JSON: &str = "application/json";

/// As what file an application is wanted; none for JSON.
fn wanted(request: &HttpRequest) -> Result<Option<FileKind>, Refusal> {
    let [xml, csv, xlsx] = FileKind::ALL.map(FileKind::media_type);
    let best = accept::best(request.headers(), [JSON, xml, csv, xlsx])?;
    Ok(FileKind::ALL.into_iter().find(|kind| kind.media_type() == best))
}

fn file(given: ApplicationFile, permit: &Permit) -> HttpResponse {
    let mut answer = HttpResponse::Ok();
    answer.insert_header((CACHE_CONTROL, "no-store")).insert_header((VARY, "accept"));
    answer.insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", given.name)));
    let charset = if given.kind == FileKind::Xlsx { "" } else { "; charset=utf-8" };
    limited(answer.content_type(format!("{}{charset}", given.kind.media_type())).body(given.bytes), permit)
}

/// The applications to your municipality, in the order in which they came or changed last.
///
/// Go on with `after` = `next`: what changed since, as by an amendment, a withdrawal or a certificate that its company took
/// back, comes again with a later place. Nothing of what they say is here, so that reading the list discloses nothing.
#[utoipa::path(
    get, path = "/agency/v1/applications", operation_id = "list_agency_applications", tag = "applications",
    params(
        ("after" = Option<u64>, Query, description = "`next` of the page before; 0 at the beginning.", example = 0),
        ("limit" = Option<u32>, Query, description = "How many, 1 to 100.", example = 50),
    ),
    responses((status = 200, description = "The applications.", body = AgencyApplicationPage)),
    security(("dpop" = ["agency_applications"]))
)]
pub async fn list(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_AGENCY_APPLICATIONS).await?;
    let page = applications.received(&permit, request.query_string()).await?;
    Ok(limited(HttpResponse::Ok().json(page), &permit))
}

/// What an application to your municipality says.
///
/// It is counted and logged before it is answered, and whoever applied sees when. By `Accept` it comes as JSON, XML, CSV or an
/// Excel workbook. In CSV, a text that a spreadsheet would run as a formula begins with an apostrophe.
#[utoipa::path(
    get, path = "/agency/v1/applications/{id}", operation_id = "get_agency_application", tag = "applications",
    params(("id" = String, Path, description = "The application's id.", example = "app_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses((status = 200, description = "The application.", content(
        (AgencyApplication = "application/json"), (String = "application/xml"), (String = "text/csv"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    ))),
    security(("dpop" = ["agency_applications"]))
)]
pub async fn find(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_AGENCY_APPLICATION).await?;
    if let Some(kind) = wanted(&request)? {
        return Ok(file(applications.received_file(&permit, &id, kind).await?, &permit));
    }
    let view = applications.received_one(&permit, &id).await?;
    Ok(limited(HttpResponse::Ok().insert_header((VARY, "accept")).json(view), &permit))
}

/// The signature on an application to your municipality, with what was signed, so that you can verify it anew.
///
/// It is a JSON Web Signature (RFC 7515) in its flattened form: RS256 over the protected header and the payload, by the first
/// certificate of `x5c`; any JOSE library verifies it, and the certificates lead to the authority for signing
/// (署名用電子証明書). The payload says all that was signed: the answers, who applies, the documents with the SHA-256 of each.
/// It is counted and logged before it is answered, and whoever applied sees when.
#[utoipa::path(
    get, path = "/agency/v1/applications/{id}/signature", operation_id = "get_agency_application_signature", tag = "applications",
    params(("id" = String, Path, description = "The application's id.", example = "app_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses((status = 200, description = "The signature.", body = AgencySignature)),
    security(("dpop" = ["agency_applications"]))
)]
pub async fn signature(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_AGENCY_APPLICATION_SIGNATURE).await?;
    let view = applications.received_signature(&permit, &id).await?;
    Ok(limited(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(view), &permit))
}

/// Says that you look into an application (審査中), or how far you are with that. Whoever applied sees the note.
#[utoipa::path(
    post, path = "/agency/v1/applications/{id}/review", operation_id = "review_agency_application", tag = "applications",
    params(("id" = String, Path, description = "The application's id.", example = "app_Zm9vYmFyYmF6cXV4MTIzNA")),
    request_body(content = ReviewApplication, content_type = "application/json"),
    responses((status = 200, description = "The application as it stands now.", body = AgencyApplication)),
    security(("dpop" = ["agency_applications"]))
)]
pub async fn review(
    request: HttpRequest,
    (payload, id): (web::Payload, web::Path<String>),
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::REVIEW_AGENCY_APPLICATION).await?;
    let body = json_body(&request, payload).await?;
    Ok(limited(HttpResponse::Ok().json(applications.review(&permit, &id, &body).await?), &permit))
}

/// Asks that an application be mended (補正), place by place, until a day.
#[utoipa::path(
    post, path = "/agency/v1/applications/{id}/ask-amendment", operation_id = "ask_agency_application_amendment", tag = "applications",
    params(("id" = String, Path, description = "The application's id.", example = "app_Zm9vYmFyYmF6cXV4MTIzNA")),
    request_body(content = AskAmendment, content_type = "application/json"),
    responses((status = 200, description = "The application as it stands now.", body = AgencyApplication)),
    security(("dpop" = ["agency_applications"]))
)]
pub async fn ask_amendment(
    request: HttpRequest,
    (payload, id): (web::Payload, web::Path<String>),
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::ASK_AGENCY_APPLICATION_AMENDMENT).await?;
    let body = json_body(&request, payload).await?;
    Ok(limited(HttpResponse::Ok().json(applications.ask_amendment(&permit, &id, &body).await?), &permit))
}

/// Delivers the result of an application (結果通知). It cannot be changed any more.
#[utoipa::path(
    post, path = "/agency/v1/applications/{id}/decide", operation_id = "decide_agency_application", tag = "applications",
    params(("id" = String, Path, description = "The application's id.", example = "app_Zm9vYmFyYmF6cXV4MTIzNA")),
    request_body(content = DecideApplication, content_type = "application/json"),
    responses((status = 200, description = "The application as it stands now.", body = AgencyApplication)),
    security(("dpop" = ["agency_applications"]))
)]
pub async fn decide(
    request: HttpRequest,
    (payload, id): (web::Payload, web::Path<String>),
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::DECIDE_AGENCY_APPLICATION).await?;
    let body = json_body(&request, payload).await?;
    Ok(limited(HttpResponse::Ok().json(applications.decide(&permit, &id, &body).await?), &permit))
}
