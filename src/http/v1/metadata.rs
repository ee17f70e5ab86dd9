//! `GET /.well-known/oauth-protected-resource` (RFC 9728): where this API's tokens come from and how they are used.

use crate::domain::scope::Scope;
use crate::gateway::{Gateway, GatewaySettings};
use crate::protocol::authorization_details::TYPES;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

/// This API as a protected resource (RFC 9728 §2).
#[derive(Debug, Serialize, ToSchema)]
pub struct ResourceMetadata {
    /// The audience of its tokens.
    #[schema(format = "uri", example = "https://gateway.example")]
    resource: String,
    /// Who issues them.
    #[schema(example = json!(["https://gateway.example"]))]
    authorization_servers: Vec<String>,
    /// The keys that sign answers, where a signature is asked for (`Accept: application/jose`); former ones stay.
    #[schema(format = "uri", example = "https://gateway.example/evidence/jwks")]
    jwks_uri: String,
    /// What answers are signed with.
    #[schema(example = json!(["ES256"]))]
    resource_signing_alg_values_supported: Vec<&'static str>,
    /// What can be asked for.
    #[schema(example = json!(["catalog", "self_information"]))]
    scopes_supported: Vec<&'static str>,
    /// Only in the header.
    #[schema(example = json!(["header"]))]
    bearer_methods_supported: Vec<&'static str>,
    /// Whether a token is bound to a DPoP key always; where it is not, it is bound to a certificate instead.
    dpop_bound_access_tokens_required: bool,
    /// Whether a token may be bound to the certificate of the connection (RFC 8705 §3).
    tls_client_certificate_bound_access_tokens: bool,
    /// What proofs may be signed with.
    #[schema(example = json!(["ES256", "PS256", "EdDSA"]))]
    dpop_signing_alg_values_supported: Vec<&'static str>,
    /// RFC 9396 §10.
    #[schema(example = json!(["bulk_submission", "self_information"]))]
    authorization_details_types_supported: Vec<&'static str>,
    /// For people.
    #[schema(format = "uri")]
    resource_documentation: String,
}

impl ResourceMetadata {
    /// As this gateway serves it.
    pub(in crate::http) fn of(settings: &GatewaySettings) -> Self {
        Self {
            resource: settings.audience.clone(),
            authorization_servers: vec![settings.issuer.clone()],
            jwks_uri: format!("{}/evidence/jwks", settings.public_url),
            resource_signing_alg_values_supported: vec!["ES256"],
            scopes_supported: [Scope::SelfInformation, Scope::ProvisionRecords, Scope::HealthInsurance, Scope::Account]
                .into_iter()
                .chain(Scope::WITHOUT_A_PERSON)
                .map(Scope::as_str)
                .collect(),
            bearer_methods_supported: vec!["header"],
            dpop_bound_access_tokens_required: !settings.certificates.is_offered,
            tls_client_certificate_bound_access_tokens: settings.certificates.is_offered,
            dpop_signing_alg_values_supported: vec!["ES256", "PS256", "EdDSA"],
            authorization_details_types_supported: TYPES.to_vec(),
            resource_documentation: format!("{}/docs/", settings.public_url),
        }
    }
}

/// Tells where tokens for this API come from and how they are used.
#[utoipa::path(
    get, path = "/.well-known/oauth-protected-resource", operation_id = "get_resource_metadata", tag = "authorization",
    responses((status = 200, description = "The metadata.", body = ResourceMetadata))
)]
pub async fn get(gateway: web::Data<Gateway>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .json(ResourceMetadata::of(gateway.settings()))
}
