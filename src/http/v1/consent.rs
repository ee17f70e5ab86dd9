//! `GET /v1/consent`.

use super::{admit, limited};
use crate::domain::Refusal;
use crate::gateway::{Gateway, Operation};
use crate::http::problem::Problem;
use crate::services::consents::{self, ConsentView};
use actix_web::{HttpRequest, HttpResponse, web};

/// Shows the consent as it stands, without asking a backend.
#[utoipa::path(
    get, path = "/v1/consent", operation_id = "get_consent", tag = "self-information",
    responses((status = 200, description = "The consent behind the access token.", body = ConsentView)),
    security(("dpop" = ["self_information"]))
)]
pub async fn get(request: HttpRequest, gateway: web::Data<Gateway>) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_CONSENT).await?;
    let none = || Refusal::new("not_found", "This grant holds no consent to self-information.");
    let view = consents::view(&permit, gateway.uses(permit.grant()).await?).ok_or_else(none)?;
    Ok(limited(HttpResponse::Ok().json(view), &permit))
}
