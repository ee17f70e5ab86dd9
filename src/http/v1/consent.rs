//! `GET /v1/consent`.

use super::admit;
use super::answer::{Form, SignedAnswerText};
use crate::domain::Refusal;
use crate::gateway::{Gateway, Operation};
use crate::http::problem::Problem;
use crate::services::consents::{self, ConsentView};
use actix_web::{HttpRequest, HttpResponse, web};

/// Shows the consent as it stands, without asking a backend.
#[utoipa::path(
    get, path = "/v1/consent", operation_id = "get_consent", tag = "self-information",
    responses((status = 200, description = "The consent behind the access token.", content(
        (ConsentView = "application/json"),
        (SignedAnswerText = "application/jose"),
    ))),
    security(("dpop" = ["self_information"]))
)]
pub async fn get(request: HttpRequest, gateway: web::Data<Gateway>) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_CONSENT).await?;
    let form = Form::of(&request, &Operation::GET_CONSENT)?;
    let none = || Refusal::new("not_found", "This grant holds no consent to self-information.");
    let view = consents::view(&permit, gateway.uses(permit.grant()).await?).ok_or_else(none)?;
    Ok(form.answer(HttpResponse::Ok(), &view, &permit)?)
}
