//! `GET /.well-known/oauth-protected-resource` (RFC 9728): where this API's tokens come from and how they are used.

use crate::domain::scope::Scope;
use crate::gateway::Gateway;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, web};
use serde_json::json;

pub(super) async fn get(gateway: web::Data<Gateway>) -> HttpResponse {
    let settings = gateway.settings();
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "public, max-age=300")).json(json!({
        "resource": settings.audience,
        "authorization_servers": [settings.issuer],
        "jwks_uri": format!("{}/oauth/jwks", settings.public_url),
        "scopes_supported": [Scope::Catalog.as_str(), Scope::SelfInformation.as_str()],
        "bearer_methods_supported": ["header"],
        "dpop_bound_access_tokens_required": true,
        "dpop_signing_alg_values_supported": ["ES256", "PS256", "EdDSA"],
        "authorization_details_types_supported": ["self_information"],
        "resource_documentation": format!("{}/docs/", settings.public_url),
    }))
}
