//! What the payment service notifies us of: money that it took.
//!
//! The signature is the proof; who carries it does not matter. Nothing of the body is logged.

use super::problem::Problem;
use crate::services::payments::{NOTIFICATIONS, Payments};
use actix_web::{HttpRequest, HttpResponse, web};

/// The largest notification that is read.
const LARGEST: usize = 4096;

/// Its address.
pub fn routes(cfg: &mut web::ServiceConfig) {
    let place = web::resource(NOTIFICATIONS).app_data(web::PayloadConfig::new(LARGEST));
    cfg.service(place.route(web::post().to(told)));
}

async fn told(request: HttpRequest, body: web::Bytes, payments: web::Data<Payments>) -> Result<HttpResponse, Problem> {
    let signature = request.headers().get("payment-signature").and_then(|value| value.to_str().ok());
    payments.notified(signature.unwrap_or_default(), &body).await?;
    Ok(HttpResponse::NoContent().finish())
}
