//! What the identity provider tells of its own accord (RFC 8935): that a card was suspended.
//!
//! The token itself is the proof; who carries it does not matter. Nothing is told of whether the person is known here.

use crate::issuer::interaction::{CardError, Interactions};
use actix_web::http::header::{CONTENT_TYPE, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

/// The largest token that is read.
const LARGEST: usize = 8192;

/// Its address, beside the one that sign-ins come back to.
pub fn routes(cfg: &mut web::ServiceConfig) {
    let place = web::resource("/sign-in/events").app_data(web::PayloadConfig::new(LARGEST));
    cfg.service(place.route(web::post().to(told)));
}

async fn told(request: HttpRequest, body: web::Bytes, interactions: web::Data<Interactions>) -> HttpResponse {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // RFC 8935 §2.
    if !kind.eq_ignore_ascii_case("application/secevent+jwt") {
        return refused("invalid_request", "the Content-Type must be application/secevent+jwt");
    }
    let Ok(token) = std::str::from_utf8(&body) else { return refused("invalid_request", "it is no token") };
    match interactions.card_event(token.trim()).await {
        Ok(()) => HttpResponse::Accepted().finish(),
        Err(CardError::Event(error)) if error.code().is_some() => {
            tracing::warn!(problem.code = error.code(), "an event that is not the identity provider's was refused");
            refused(error.code().unwrap_or_default(), &error.to_string())
        }
        Err(error) => {
            tracing::error!(%error, "an event of the identity provider was not taken; it must be told again");
            HttpResponse::ServiceUnavailable().insert_header((RETRY_AFTER, "5")).finish()
        }
    }
}

/// RFC 8935 §2.3.
fn refused(code: &str, words: &str) -> HttpResponse {
    HttpResponse::BadRequest().json(json!({"err": code, "description": words}))
}
