//! `/metrics`: the figures of this process for the operator's Prometheus, at an address of their own (`metrics.listen`).
//! Callers' addresses do not have it.

use crate::telemetry::metric::Figures;
use actix_web::{HttpResponse, web};

/// The text format of Prometheus.
const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Its address.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/metrics").route(web::get().to(tell)).route(web::head().to(tell)));
}

async fn tell(figures: web::Data<Figures>) -> HttpResponse {
    HttpResponse::Ok().content_type(CONTENT_TYPE).body(figures.render())
}
