//! `/v1/electronic-deliveries`: what agencies send to the company's account without a filing (電子送達).

use super::{admit, limited};
use crate::gateway::{Gateway, Operation};
use crate::http::problem::Problem;
use crate::services::submissions::{ElectronicDelivery, ElectronicDeliveryList, Filings};
use actix_web::{HttpRequest, HttpResponse, web};

/// What agencies sent to the company's account without a filing (電子送達), newest first.
///
/// It is fetched before its time at the agency is over; each that is here, is to be collected soon, or was missed is an
/// event and a webhook message. Its bytes are at `/v1/documents/{id}`, and `/v1/documents/{id}/collected` says that you have
/// them. To ask for 電子送達 is a filing like any other, of the procedures that `/v1/agencies` names.
#[utoipa::path(
    get, path = "/v1/electronic-deliveries", operation_id = "list_electronic_deliveries", tag = "submissions",
    params(
        ("after" = Option<String>, Query, description = "`next` of the page before."),
        ("limit" = Option<u32>, Query, description = "At most so many, 1 to 100.", example = 50),
    ),
    responses((status = 200, description = "A page.", body = ElectronicDeliveryList)),
    security(("dpop" = ["submissions"]))
)]
pub async fn list(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    filings: web::Data<Filings>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_ELECTRONIC_DELIVERIES).await?;
    let page = filings.electronic_deliveries(&permit, request.query_string()).await?;
    Ok(limited(HttpResponse::Ok().json(page), &permit))
}

/// One of them, with what the agency wrote to it.
///
/// Each call is a disclosure that the log of evidence knows of.
#[utoipa::path(
    get, path = "/v1/electronic-deliveries/{id}", operation_id = "get_electronic_delivery", tag = "submissions",
    params(("id" = String, Path, description = "The document's id.", example = "doc_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses((status = 200, description = "It.", body = ElectronicDelivery)),
    security(("dpop" = ["submissions"]))
)]
pub async fn find(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    filings: web::Data<Filings>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_ELECTRONIC_DELIVERY).await?;
    let one = filings.electronic_delivery(&permit, &id).await?;
    Ok(limited(HttpResponse::Ok().json(one), &permit))
}
