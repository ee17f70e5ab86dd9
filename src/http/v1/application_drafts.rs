//! `/v1/application-drafts`: applications that are prepared for a person.

use super::drafts::{changes, seen};
use super::{admit, limited, prefer};
use crate::gateway::{Gateway, Operation, Permit};
use crate::http::edge::json_body;
use crate::http::problem::Problem;
use crate::services::applications::{
    ApplicationDraftContent, ApplicationDraftList, ApplicationDraftView, ApplicationView, Applications,
};
use actix_web::http::header::{ETAG, LOCATION};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};

/// Keeps a draft (下書き) of an application for the person who consented: any JSON object, which need not be whole or right yet.
///
/// It is kept sealed under the person's key for 30 days after its last change, whoever signs out. The person sees it on the
/// counter's own pages, in words, and can hand it in or throw it away there; so can you.
#[utoipa::path(
    post, path = "/v1/application-drafts", operation_id = "create_application_draft", tag = "applications",
    params(("Idempotency-Key" = String, Header, description = "1 to 255 visible ASCII characters; makes repeating safe.", example = "8e03978e-40d5-43e8-bc93-6894a57f9324")),
    request_body(content = ApplicationDraftContent, content_type = "application/json", description = "As an application, as far as it is written."),
    responses(
        (status = 201, description = "It is kept.", body = ApplicationDraftView,
         headers(("Location" = String, description = "Its address."), ("ETag" = String, description = "Names what it says."))),
    ),
    security(("dpop" = ["applications"]))
)]
pub async fn create(
    request: HttpRequest,
    payload: web::Payload,
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::CREATE_APPLICATION_DRAFT).await?;
    let body = json_body(&request, payload).await?;
    let view = applications.begin_draft(&permit, &body, prefer::idempotency_key(request.headers())?).await?;
    let mut response = HttpResponse::Created();
    response.insert_header((LOCATION, format!("/v1/application-drafts/{}", view.id)));
    Ok(shown(response, &view, &permit))
}

/// The drafts that you prepared for this person, the one that was changed last first.
#[utoipa::path(
    get, path = "/v1/application-drafts", operation_id = "list_application_drafts", tag = "applications",
    responses((status = 200, description = "The drafts.", body = ApplicationDraftList)),
    security(("dpop" = ["applications"]))
)]
pub async fn list(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_APPLICATION_DRAFTS).await?;
    Ok(limited(HttpResponse::Ok().json(applications.drafts(&permit).await?), &permit))
}

/// One draft with what it says.
#[utoipa::path(
    get, path = "/v1/application-drafts/{id}", operation_id = "get_application_draft", tag = "applications",
    params(("id" = String, Path, description = "The draft's id.", example = "dft_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses(
        (status = 200, description = "The draft.", body = ApplicationDraftView,
         headers(("ETag" = String, description = "Names what it says."))),
    ),
    security(("dpop" = ["applications"]))
)]
pub async fn find(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_APPLICATION_DRAFT).await?;
    Ok(shown(HttpResponse::Ok(), &applications.draft(&permit, &id).await?, &permit))
}

/// Writes something else in place of what the draft says, if it still says what you saw.
#[utoipa::path(
    put, path = "/v1/application-drafts/{id}", operation_id = "put_application_draft", tag = "applications",
    params(
        ("id" = String, Path, description = "The draft's id.", example = "dft_Zm9vYmFyYmF6cXV4MTIzNA"),
        ("If-Match" = String, Header, description = "The `ETag` that you saw, or `*` for whatever it says.", example = "\"Zm9vYmFyYmF6cXV4MTIzNA\""),
    ),
    request_body(content = ApplicationDraftContent, content_type = "application/json", description = "As an application, as far as it is written."),
    responses(
        (status = 200, description = "It is kept.", body = ApplicationDraftView,
         headers(("ETag" = String, description = "Names what it says."))),
    ),
    security(("dpop" = ["applications"]))
)]
pub async fn put(
    request: HttpRequest,
    (payload, id): (web::Payload, web::Path<String>),
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::PUT_APPLICATION_DRAFT).await?;
    let body = json_body(&request, payload).await?;
    let view = applications.change_draft(&permit, &id, (changes(request.headers())?, &body)).await?;
    Ok(shown(HttpResponse::Ok(), &view, &permit))
}

/// Throws a draft away.
#[utoipa::path(
    delete, path = "/v1/application-drafts/{id}", operation_id = "delete_application_draft", tag = "applications",
    params(
        ("id" = String, Path, description = "The draft's id.", example = "dft_Zm9vYmFyYmF6cXV4MTIzNA"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that you saw.", example = "*"),
    ),
    responses((status = 204, description = "It is gone.")),
    security(("dpop" = ["applications"]))
)]
pub async fn delete(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::DELETE_APPLICATION_DRAFT).await?;
    applications.drop_draft(&permit, &id, seen(request.headers())?).await?;
    Ok(limited(HttpResponse::NoContent().finish(), &permit))
}

/// Hands a draft in: from then on it is an application, with its arrival number, and the draft is gone.
///
/// What is not whole or right is refused as in any application, and the draft stays. Again, it is answered with the same
/// application.
#[utoipa::path(
    post, path = "/v1/application-drafts/{id}/submit", operation_id = "submit_application_draft", tag = "applications",
    params(
        ("id" = String, Path, description = "The draft's id.", example = "dft_Zm9vYmFyYmF6cXV4MTIzNA"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that you saw.", example = "*"),
    ),
    responses(
        (status = 201, description = "It arrived.", body = ApplicationView,
         headers(("Location" = String, description = "The application's address."))),
    ),
    security(("dpop" = ["applications"]))
)]
pub async fn submit(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::SUBMIT_APPLICATION_DRAFT).await?;
    let view = applications.submit_draft(&permit, &id, seen(request.headers())?).await?;
    let location = (LOCATION, format!("/v1/applications/{}", view.application.id));
    Ok(limited(HttpResponse::Created().insert_header(location).json(view), &permit))
}

/// Asks the person to sign a draft with the certificate for signing (署名用電子証明書) of their card (電子署名).
///
/// Its procedure must ask for a signature, and it must be whole and right. Open `signature.url` in the person's browser: there
/// they sign in, see what it says, and sign it at the identity provider. The signature is verified: it is over what the draft
/// says, with every document that goes with it, by a certificate that was not taken back, and by whoever is signed in. What
/// changes the draft then makes it void. A draft that is handed in without one is checked in person at the municipality.
/// Signing gives the draft another `ETag`.
#[utoipa::path(
    post, path = "/v1/application-drafts/{id}/signature", operation_id = "ask_application_signature", tag = "applications",
    params(
        ("id" = String, Path, description = "The draft's id.", example = "dft_Zm9vYmFyYmF6cXV4MTIzNA"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that you saw.", example = "*"),
    ),
    responses(
        (status = 200, description = "The draft, with the address where it is signed.", body = ApplicationDraftView,
         headers(("ETag" = String, description = "Names what it says."))),
    ),
    security(("dpop" = ["applications"]))
)]
pub async fn ask_signature(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::ASK_APPLICATION_SIGNATURE).await?;
    let view = applications.ask_signature(&permit, &id, seen(request.headers())?).await?;
    Ok(shown(HttpResponse::Ok(), &view, &permit))
}

/// Takes a signature, or the wish for one, off a draft: it can be handed in without.
#[utoipa::path(
    delete, path = "/v1/application-drafts/{id}/signature", operation_id = "delete_application_signature", tag = "applications",
    params(
        ("id" = String, Path, description = "The draft's id.", example = "dft_Zm9vYmFyYmF6cXV4MTIzNA"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that you saw.", example = "*"),
    ),
    responses(
        (status = 200, description = "The draft, not signed.", body = ApplicationDraftView,
         headers(("ETag" = String, description = "Names what it says."))),
    ),
    security(("dpop" = ["applications"]))
)]
pub async fn delete_signature(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::DELETE_APPLICATION_SIGNATURE).await?;
    let view = applications.drop_signature(&permit, &id, seen(request.headers())?).await?;
    Ok(shown(HttpResponse::Ok(), &view, &permit))
}

fn shown(mut response: HttpResponseBuilder, view: &ApplicationDraftView, permit: &Permit) -> HttpResponse {
    response.insert_header((ETAG, format!("\"{}\"", view.tag)));
    limited(response.json(view), permit)
}
