//! What the authorization server says about itself: one document for RFC 8414 and OpenID Connect Discovery.

use super::authorization_details;
use super::jose::Algorithm;
use super::jose::jwe::{CONTENT_ENCRYPTION, KEY_MANAGEMENT};
use crate::domain::acr::Acr;
use crate::domain::profile::{GrantType, KeyManagement};
use crate::domain::scope::Scope;
use serde_json::{Value, json};

/// Where each endpoint is, under the issuer's address; the routes stand at the same paths.
pub mod path {
    /// RFC 8414 metadata.
    pub const METADATA: &str = "/.well-known/oauth-authorization-server";
    /// OpenID Connect metadata.
    pub const OPENID_METADATA: &str = "/.well-known/openid-configuration";
    /// RFC 9728 metadata of the API under `/v1` and of what is opened by a token under `/oauth`.
    pub const RESOURCE_METADATA: &str = "/.well-known/oauth-protected-resource";
    /// The published keys.
    pub const JWKS: &str = "/oauth/jwks";
    /// Pushed authorization requests.
    pub const PAR: &str = "/oauth/par";
    /// The citizen's way in.
    pub const AUTHORIZE: &str = "/oauth/authorize";
    /// Tokens.
    pub const TOKEN: &str = "/oauth/token";
    /// Requests of shared terminals (RFC 8628).
    pub const DEVICE_AUTHORIZATION: &str = "/oauth/device_authorization";
    /// Where the citizen types a terminal's code: a page.
    pub const DEVICE: &str = "/device";
    /// Requests to a citizen who is not at the client's own page (CIBA).
    pub const BACKCHANNEL: &str = "/oauth/bc-authorize";
    /// Introspection.
    pub const INTROSPECT: &str = "/oauth/introspect";
    /// Revocation.
    pub const REVOKE: &str = "/oauth/revoke";
    /// Grant management.
    pub const GRANTS: &str = "/oauth/grants";
    /// Client registration and, under it, each client's configuration (RFC 7591, RFC 7592).
    pub const REGISTER: &str = "/oauth/register";
    /// The citizen's way out: a page.
    pub const LOGOUT: &str = "/oauth/logout";
    /// The pairwise subject, asked for by token.
    pub const USERINFO: &str = "/oauth/userinfo";
}

/// The metadata of the issuer at `issuer`: exactly its public URL, without a trailing slash (RFC 8414 §3.3).
#[must_use]
pub fn metadata(issuer: &str) -> Value {
    let at = |path: &str| format!("{issuer}{path}");
    let algorithms = Algorithm::ALL.map(Algorithm::as_str);
    let auth_methods = ["private_key_jwt"];
    let mut all = json!({
        "issuer": issuer,
        "authorization_endpoint": at(path::AUTHORIZE),
        "pushed_authorization_request_endpoint": at(path::PAR),
        "token_endpoint": at(path::TOKEN),
        "introspection_endpoint": at(path::INTROSPECT),
        "revocation_endpoint": at(path::REVOKE),
        "userinfo_endpoint": at(path::USERINFO),
        "grant_management_endpoint": at(path::GRANTS),
        "jwks_uri": at(path::JWKS),
        "service_documentation": at("/docs"),
        "require_pushed_authorization_requests": true,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "jwt", "query.jwt"],
        "grant_types_supported": GrantType::ALL,
        "scopes_supported": Scope::ALL.map(Scope::as_str),
        "subject_types_supported": ["pairwise"],
        "acr_values_supported": [Acr::Aal1, Acr::Aal2, Acr::Aal3],
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "auth_time", "acr", "nonce", "sid"],
        "claims_parameter_supported": true,
        "request_parameter_supported": true,
        "require_signed_request_object": false,
        "request_uri_parameter_supported": false,
        "ui_locales_supported": ["ja", "en"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "authorization_details_types_supported": authorization_details::TYPES,
        "grant_management_actions_supported": ["create", "merge", "replace", "query", "revoke"],
        "grant_management_action_required": false,
        "refresh_token_expiration_types_supported": ["authorization", "token_timeout"],
        "protected_resources": [issuer],
        "dpop_signing_alg_values_supported": algorithms,
        "token_endpoint_auth_methods_supported": auth_methods,
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "introspection_endpoint_auth_methods_supported": auth_methods,
        "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
        "revocation_endpoint_auth_methods_supported": auth_methods,
        "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
    });
    for more in [decoupled(issuer), logout(issuer)] {
        if let (Value::Object(all), Value::Object(more)) = (&mut all, more) {
            all.extend(more);
        }
    }
    all
}

/// The citizen's way out, and who is told of it (RP-Initiated Logout §2.1, Back-Channel Logout §2.1).
fn logout(issuer: &str) -> Value {
    json!({
        "end_session_endpoint": format!("{issuer}{}", path::LOGOUT),
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
    })
}

/// The ways to ask a citizen who answers away from the client (RFC 8628 §4, CIBA Core §4).
fn decoupled(issuer: &str) -> Value {
    let at = |path: &str| format!("{issuer}{path}");
    json!({
        "device_authorization_endpoint": at(path::DEVICE_AUTHORIZATION),
        "backchannel_authentication_endpoint": at(path::BACKCHANNEL),
        "backchannel_token_delivery_modes_supported": ["poll", "ping"],
        "backchannel_user_code_parameter_supported": false,
        "backchannel_authentication_request_signing_alg_values_supported": Algorithm::ALL.map(Algorithm::as_str),
    })
}

/// Adds how messages are signed and encrypted, and how `offered` lets request objects be encrypted to us.
pub fn tell_messages(metadata: &mut Value, offered: &[KeyManagement]) {
    let Some(members) = metadata.as_object_mut() else { return };
    let mut tell = |name: &str, values: &[&str]| {
        members.insert(format!("{name}_values_supported"), json!(values));
    };
    for message in ["id_token", "userinfo", "authorization", "introspection"] {
        tell(&format!("{message}_signing_alg"), &[Algorithm::Es256.as_str()]);
        tell(&format!("{message}_encryption_alg"), &KEY_MANAGEMENT.map(KeyManagement::as_str));
        tell(&format!("{message}_encryption_enc"), &[CONTENT_ENCRYPTION]);
    }
    tell("request_object_signing_alg", &Algorithm::ALL.map(Algorithm::as_str));
    if !offered.is_empty() {
        let algorithms: Vec<&str> = offered.iter().map(|management| management.as_str()).collect();
        tell("request_object_encryption_alg", &algorithms);
        tell("request_object_encryption_enc", &[CONTENT_ENCRYPTION]);
    }
}
