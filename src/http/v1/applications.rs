//! `/v1/application-forms` and `/v1/applications`: what citizens apply for at municipalities (電子申請).

use super::procedures::cached;
use super::{admit, limited, prefer, refusal};
use crate::gateway::{Gateway, Operation};
use crate::http::edge::json_body;
use crate::http::problem::Problem;
use crate::services::applications::{
    AmendApplication, ApplicationCheckView, ApplicationFormList, ApplicationFormView, ApplicationPage, ApplicationView,
    Applications, CreateApplication, PrefillView,
};
use crate::services::self_information::SelfInformation;
use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::{HttpRequest, HttpResponse, web};

/// Lists the forms of applications, and which municipalities receive them here.
#[utoipa::path(
    get, path = "/v1/application-forms", operation_id = "list_application_forms", tag = "applications",
    params(
        ("procedure" = Option<String>, Query, description = "Only those of this procedure.", example = "nursery-application"),
        ("municipality" = Option<String>, Query, description = "Only those that this one takes today (全国地方公共団体コード).", example = "999016"),
    ),
    responses((status = 200, description = "The forms.", body = ApplicationFormList)),
    security(("dpop" = ["applications"]))
)]
pub async fn forms(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_APPLICATION_FORMS).await?;
    let forms = applications.forms(&permit, request.query_string())?;
    Ok(limited(HttpResponse::Ok().json(forms), &permit))
}

/// Shows one form: the JSON Schema of its answers, who may apply by it, and what goes with it.
#[utoipa::path(
    get, path = "/v1/application-forms/{code}", operation_id = "get_application_form", tag = "applications",
    params(("code" = String, Path, description = "The form's code.", example = "nursery-application-1")),
    responses((status = 200, description = "The form. May be cached; it has an `ETag`.", body = ApplicationFormView)),
    security(("dpop" = ["applications"]))
)]
pub async fn form(
    request: HttpRequest,
    code: web::Path<String>,
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_APPLICATION_FORM).await?;
    let view = applications.form(&permit, &code)?;
    Ok(cached(&request, applications.tag(), &view, &permit))
}

/// Fills a form's items with what is known of the person already (ワンスオンリー), for the person to look through.
///
/// It takes a consent to self-information beside the one to applications, and a token with both scopes; it is one retrieval
/// of that consent, in the person's access history like any other, and nothing of it is kept here. Each item says where it
/// is from. What was not agreed to, could not be had, or does not fit the form is left, and the answer says why.
#[utoipa::path(
    get, path = "/v1/application-forms/{code}/prefill", operation_id = "prefill_application_form", tag = "applications",
    params(("code" = String, Path, description = "The form's code.", example = "child-allowance-claim-1")),
    responses((status = 200, description = "What is known, and what is left.", body = PrefillView)),
    security(("dpop" = ["applications"]))
)]
pub async fn prefill(
    request: HttpRequest,
    code: web::Path<String>,
    gateway: web::Data<Gateway>,
    (applications, from): (web::Data<Applications>, web::Data<SelfInformation>),
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::PREFILL_APPLICATION_FORM).await?;
    let scenario = request.headers().get("x-sandbox-scenario").and_then(|value| value.to_str().ok());
    let view = applications.prefill(&permit, &code, (&from, scenario)).await.map_err(refusal::problem)?;
    Ok(limited(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(view), &permit))
}

/// Holds an application against its form, before it is handed in. Nothing is kept, and the municipality is told nothing.
#[utoipa::path(
    post, path = "/v1/applications/check", operation_id = "check_application", tag = "applications",
    request_body(content = CreateApplication, content_type = "application/json"),
    responses((status = 200, description = "What was found; it may be nothing.", body = ApplicationCheckView)),
    security(("dpop" = ["applications"]))
)]
pub async fn check(
    request: HttpRequest,
    payload: web::Payload,
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::CHECK_APPLICATION).await?;
    let body = json_body(&request, payload).await?;
    Ok(limited(HttpResponse::Ok().json(applications.check(&permit, &body).await?), &permit))
}

/// Hands an application in for the person who consented.
///
/// It is durable, has its arrival number (到達番号), and can be taken by the municipality when this answers. A certificate of
/// employment goes with it by its reference: it is verified here, and the municipality is told so, and also when the company
/// takes it back later. The same call with the same `Idempotency-Key` gives the same application again.
#[utoipa::path(
    post, path = "/v1/applications", operation_id = "create_application", tag = "applications",
    params(("Idempotency-Key" = String, Header, description = "1 to 255 visible ASCII characters; makes repeating safe.", example = "8e03978e-40d5-43e8-bc93-6894a57f9324")),
    request_body(content = CreateApplication, content_type = "application/json"),
    responses(
        (status = 201, description = "It arrived.", body = ApplicationView,
         headers(("Location" = String, description = "The application's address."))),
    ),
    security(("dpop" = ["applications"]))
)]
pub async fn create(
    request: HttpRequest,
    payload: web::Payload,
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::CREATE_APPLICATION).await?;
    let body = json_body(&request, payload).await?;
    let key = prefer::idempotency_key(request.headers())?;
    let view = applications.create(&permit, &body, key).await?;
    let location = (LOCATION, format!("/v1/applications/{}", view.application.id));
    Ok(limited(HttpResponse::Created().insert_header(location).json(view), &permit))
}

/// The applications that this person made by you, newest first.
#[utoipa::path(
    get, path = "/v1/applications", operation_id = "list_applications", tag = "applications",
    params(
        ("after" = Option<String>, Query, description = "`next` of the page before."),
        ("limit" = Option<u32>, Query, description = "How many, 1 to 100.", example = 50),
    ),
    responses((status = 200, description = "The applications.", body = ApplicationPage)),
    security(("dpop" = ["applications"]))
)]
pub async fn list(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_APPLICATIONS).await?;
    let page = applications.list(&permit, request.query_string()).await?;
    Ok(limited(HttpResponse::Ok().json(page), &permit))
}

/// One application: what it says, where it stands and how it came there, what is to be mended, and the result.
#[utoipa::path(
    get, path = "/v1/applications/{id}", operation_id = "get_application", tag = "applications",
    params(("id" = String, Path, description = "The application's id.", example = "app_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses((status = 200, description = "The application.", body = ApplicationView)),
    security(("dpop" = ["applications"]))
)]
pub async fn find(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_APPLICATION).await?;
    Ok(limited(HttpResponse::Ok().json(applications.find(&permit, &id).await?), &permit))
}

/// Withdraws an application (取下げ), as long as nothing is decided.
#[utoipa::path(
    post, path = "/v1/applications/{id}/withdraw", operation_id = "withdraw_application", tag = "applications",
    params(("id" = String, Path, description = "The application's id.", example = "app_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses((status = 200, description = "The application as it stands now.", body = ApplicationView)),
    security(("dpop" = ["applications"]))
)]
pub async fn withdraw(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::WITHDRAW_APPLICATION).await?;
    Ok(limited(HttpResponse::Ok().json(applications.withdraw(&permit, &id).await?), &permit))
}

/// Mends an application as its municipality asked (補正): what is sent takes the place of what it said.
#[utoipa::path(
    post, path = "/v1/applications/{id}/amend", operation_id = "amend_application", tag = "applications",
    params(("id" = String, Path, description = "The application's id.", example = "app_Zm9vYmFyYmF6cXV4MTIzNA")),
    request_body(content = AmendApplication, content_type = "application/json"),
    responses((status = 200, description = "The application as it stands now.", body = ApplicationView)),
    security(("dpop" = ["applications"]))
)]
pub async fn amend(
    request: HttpRequest,
    (payload, id): (web::Payload, web::Path<String>),
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::AMEND_APPLICATION).await?;
    let body = json_body(&request, payload).await?;
    Ok(limited(HttpResponse::Ok().json(applications.amend(&permit, &id, &body).await?), &permit))
}
