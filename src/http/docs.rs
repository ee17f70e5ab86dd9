//! The description of the API as a document (`/openapi.json`, `/openapi-webhooks.json`) and as a page (`/docs/`).
//!
//! The page's assets are in the binary; no other host is asked. Its policy allows only this origin, and styles, which
//! Swagger UI writes into elements.

use super::openapi;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, web};
use serde_json::Value;
use std::sync::Arc;
use utoipa_swagger_ui::{Config, serve};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Both documents as text, made once for all workers.
pub struct Documents {
    api: Bytes,
    webhooks: Bytes,
}

impl Documents {
    /// Of the API's description, which others read, too.
    #[must_use]
    pub fn new(api: &Value) -> Self {
        Self { api: api.to_string().into(), webhooks: openapi::webhooks().to_string().into() }
    }
}

/// Its addresses.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/openapi.json").route(web::get().to(api)))
        .service(web::resource("/openapi-webhooks.json").route(web::get().to(webhooks)))
        .service(web::resource("/docs").route(web::get().to(to_page)))
        .service(web::resource("/docs/{file:.*}").route(web::get().to(page)));
}

async fn api(documents: web::Data<Documents>) -> HttpResponse {
    json(documents.api.clone())
}

async fn webhooks(documents: web::Data<Documents>) -> HttpResponse {
    json(documents.webhooks.clone())
}

fn json(text: Bytes) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/json"))
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .body(text)
}

async fn to_page() -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, "/docs/")).finish()
}

async fn page(file: web::Path<String>) -> HttpResponse {
    let config = Arc::new(Config::new(["/openapi.json"]).validator_url("none"));
    match serve(&file, config) {
        Ok(Some(found)) => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, found.content_type))
            .insert_header((CONTENT_SECURITY_POLICY, POLICY))
            .insert_header((CACHE_CONTROL, "public, max-age=300"))
            .body(found.bytes.into_owned()),
        _ => HttpResponse::NotFound().finish(),
    }
}
