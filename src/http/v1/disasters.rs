//! `/v1/disasters` and `/agency/v1/disasters`: the disasters (災害マスタ) that municipalities record, and applications name.

use super::cacheable::FOR_FIVE_MINUTES;
use super::drafts::changes;
use super::procedures::cached_for;
use super::{admit, limited};
use crate::domain::{Digest, Fault};
use crate::gateway::{Gateway, Operation, Permit};
use crate::http::edge::json_body;
use crate::http::problem::Problem;
use crate::services::applications::{Applications, ChangeDisaster, DisasterPage, DisasterView, RecordDisaster};
use actix_web::http::header::{ETAG, LOCATION};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};

/// The disasters of one municipality on whose account one can apply today.
///
/// What an application names is one of these: `code` goes into the item of the form that its schema marks with
/// `x-disaster-of`. It is the same for every caller, and changes seldom.
#[utoipa::path(
    get, path = "/v1/disasters", operation_id = "list_disasters", tag = "applications",
    params(
        ("municipality" = String, Query, description = "Whose (全国地方公共団体コード): the one where the damaged home stands.", example = "999016"),
        ("procedure" = Option<String>, Query, description = "Only those for this procedure.", example = "damage-certificate"),
        ("after" = Option<String>, Query, description = "`next` of the page before.", example = "R8-09"),
        ("limit" = Option<u32>, Query, description = "How many, 1 to 100.", example = 50),
    ),
    responses(
        (status = 200, description = "The disasters. May be cached; it has an `ETag`.", body = DisasterPage),
        (status = 304, description = "It is what the caller has (`If-None-Match`)."),
    ),
    security(("dpop" = ["service_search"]), ("dpop" = ["applications"]))
)]
pub async fn list(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_DISASTERS).await?;
    let page = applications.open_disasters(&permit, request.query_string()).await?;
    let bytes = serde_json::to_vec(&page).map_err(|error| Fault::Internal(error.to_string()))?;
    let tag = Digest::of_bytes(&bytes).base64url();
    Ok(cached_for(&request, (&tag, FOR_FIVE_MINUTES), &page, &permit))
}

/// The disasters that your municipality recorded, open or closed, by code.
#[utoipa::path(
    get, path = "/agency/v1/disasters", operation_id = "list_agency_disasters", tag = "applications",
    params(
        ("after" = Option<String>, Query, description = "`next` of the page before.", example = "R8-09"),
        ("limit" = Option<u32>, Query, description = "How many, 1 to 100.", example = 50),
    ),
    responses((status = 200, description = "The disasters.", body = DisasterPage)),
    security(("dpop" = ["agency_applications"]))
)]
pub async fn list_own(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_AGENCY_DISASTERS).await?;
    let page = applications.own_disasters(&permit, request.query_string()).await?;
    Ok(limited(HttpResponse::Ok().json(page), &permit))
}

/// Records a disaster of your municipality: from then on applications to it can name the code.
///
/// The code is your own, and the call's key, too: the same call again is answered with the same disaster.
#[utoipa::path(
    post, path = "/agency/v1/disasters", operation_id = "create_agency_disaster", tag = "applications",
    request_body(content = RecordDisaster, content_type = "application/json"),
    responses(
        (status = 201, description = "It is recorded.", body = DisasterView,
         headers(("Location" = String, description = "The disaster's address."))),
    ),
    security(("dpop" = ["agency_applications"]))
)]
pub async fn create(
    request: HttpRequest,
    payload: web::Payload,
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::CREATE_AGENCY_DISASTER).await?;
    let body = json_body(&request, payload).await?;
    let view = applications.record_disaster(&permit, &body).await?;
    let mut response = HttpResponse::Created();
    response.insert_header((LOCATION, format!("/agency/v1/disasters/{}", view.code)));
    Ok(shown(response, &view, &permit))
}

/// One disaster that your municipality recorded.
#[utoipa::path(
    get, path = "/agency/v1/disasters/{code}", operation_id = "get_agency_disaster", tag = "applications",
    params(("code" = String, Path, description = "The disaster's code.", example = "R8-09")),
    responses((status = 200, description = "The disaster, with its `ETag`.", body = DisasterView)),
    security(("dpop" = ["agency_applications"]))
)]
pub async fn find(
    request: HttpRequest,
    code: web::Path<String>,
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_AGENCY_DISASTER).await?;
    let view = applications.own_disaster(&permit, &code).await?;
    Ok(shown(HttpResponse::Ok(), &view, &permit))
}

/// Says something else of a disaster, as that it has ended, or until when one can apply: the whole of it.
#[utoipa::path(
    put, path = "/agency/v1/disasters/{code}", operation_id = "put_agency_disaster", tag = "applications",
    params(
        ("code" = String, Path, description = "The disaster's code.", example = "R8-09"),
        ("If-Match" = String, Header, description = "The `ETag` that you saw, or `*` for any.", example = "\"1\""),
    ),
    request_body(content = ChangeDisaster, content_type = "application/json"),
    responses((status = 200, description = "The disaster as it stands now.", body = DisasterView)),
    security(("dpop" = ["agency_applications"]))
)]
pub async fn put(
    request: HttpRequest,
    (payload, code): (web::Payload, web::Path<String>),
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::PUT_AGENCY_DISASTER).await?;
    let body = json_body(&request, payload).await?;
    let view = applications.change_disaster(&permit, &code, (changes(request.headers())?, &body)).await?;
    Ok(shown(HttpResponse::Ok(), &view, &permit))
}

/// Closes a disaster for good: nobody applies on its account any more. What has arrived goes on, and can be amended.
#[utoipa::path(
    post, path = "/agency/v1/disasters/{code}/close", operation_id = "close_agency_disaster", tag = "applications",
    params(("code" = String, Path, description = "The disaster's code.", example = "R8-09")),
    responses((status = 200, description = "The disaster as it stands now.", body = DisasterView)),
    security(("dpop" = ["agency_applications"]))
)]
pub async fn close(
    request: HttpRequest,
    code: web::Path<String>,
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::CLOSE_AGENCY_DISASTER).await?;
    let view = applications.close_disaster(&permit, &code).await?;
    Ok(shown(HttpResponse::Ok(), &view, &permit))
}

fn shown(mut response: HttpResponseBuilder, view: &DisasterView, permit: &Permit) -> HttpResponse {
    response.insert_header((ETAG, format!("\"{}\"", view.version)));
    limited(response.json(view), permit)
}
