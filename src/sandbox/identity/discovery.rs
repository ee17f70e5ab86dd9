//! The provider's metadata (OpenID Connect Discovery §3) and keys.

use super::super::server::Sandbox;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpResponse, web};
use serde_json::json;

/// `GET …/.well-known/openid-configuration`.
pub(super) async fn metadata(sandbox: web::Data<Sandbox>) -> HttpResponse {
    let issuer = &sandbox.addresses.identity;
    let connect = |name: &str| format!("{issuer}/protocol/openid-connect/{name}");
    HttpResponse::Ok().json(json!({
        "issuer": issuer,
        "authorization_endpoint": connect("auth"),
        "token_endpoint": connect("token"),
        "userinfo_endpoint": connect("userinfo"),
        "jwks_uri": connect("certs"),
        "signing_endpoint": format!("{issuer}{}", super::signing::PATH),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "client_credentials"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES256", "PS256", "EdDSA"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["openid", "name", "address", "birthdate", "gender", "certificate", "sign"],
        "claims_supported": [
            "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "name", "address", "birthdate", "gender",
            "certificate_serial", "signing_transaction", "signing_certificate_serial",
        ],
        "acr_values_supported": ["aal3 crl"],
        "ui_locales_supported": ["ja", "en"],
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
    }))
}

/// `GET …/certs`.
pub(super) async fn certs(sandbox: web::Data<Sandbox>) -> HttpResponse {
    HttpResponse::Ok().insert_header((CONTENT_TYPE, "application/json")).body(sandbox.identity.key.jwks.clone())
}
