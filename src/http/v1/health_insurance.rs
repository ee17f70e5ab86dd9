//! `/v1/health-insurance-registration`: the health insurance card on the Individual Number Card (健康保険証利用).

use super::{admit, limited};
use crate::gateway::{Gateway, Operation};
use crate::http::problem::Problem;
use crate::services::health_insurance::{HealthInsurance, HealthInsuranceView};
use actix_web::{HttpRequest, HttpResponse, web};

/// Makes the citizen's card known where a health insurance card is asked for (健康保険証利用の初期設定), in the consent that they
/// gave: their insured number (被保険者番号) is asked for at the insurers and registered at the qualification system
/// (オンライン資格確認等システム) with the certificate of the card that they signed in with. Neither number is told here or kept.
///
/// It is done once: whoever calls again is told the same. After a consent with another card this registers that card in the place
/// of the earlier one.
#[utoipa::path(
    put, path = "/v1/health-insurance-registration", operation_id = "register_health_insurance", tag = "health insurance",
    responses((status = 200, description = "The card is registered.", body = HealthInsuranceView)),
    security(("dpop" = ["health_insurance"]))
)]
pub async fn register(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    insurance: web::Data<HealthInsurance>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::REGISTER_HEALTH_INSURANCE).await?;
    Ok(limited(HttpResponse::Ok().json(insurance.register(&permit).await?), &permit))
}

/// Whether a card of the citizen was registered here, since when, and whether it is the one that they signed in with.
#[utoipa::path(
    get, path = "/v1/health-insurance-registration", operation_id = "get_health_insurance_registration",
    tag = "health insurance",
    responses((status = 200, description = "How it stands.", body = HealthInsuranceView)),
    security(("dpop" = ["health_insurance"]))
)]
pub async fn get(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    insurance: web::Data<HealthInsurance>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_HEALTH_INSURANCE).await?;
    Ok(limited(HttpResponse::Ok().json(insurance.find(&permit).await?), &permit))
}

/// Ends the registration: the qualification system knows the citizen by no card any more. Where there was none, there is none.
#[utoipa::path(
    delete, path = "/v1/health-insurance-registration", operation_id = "deregister_health_insurance",
    tag = "health insurance",
    responses((status = 204, description = "There is none.")),
    security(("dpop" = ["health_insurance"]))
)]
pub async fn deregister(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    insurance: web::Data<HealthInsurance>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::DEREGISTER_HEALTH_INSURANCE).await?;
    insurance.end(&permit).await?;
    Ok(limited(HttpResponse::NoContent().finish(), &permit))
}
