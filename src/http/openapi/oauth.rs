//! The authorization server's operations and bodies as the document describes them; `http::oauth` serves them.
//!
//! They are fixed by RFCs and read by libraries, so they are described here by hand, in one place, each with its RFC.

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A client assertion (RFC 7523 §2.2) as every form carries it: `aud` is the issuer, as a string.
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What is pushed (RFC 9126 §2.1).
#[derive(Debug, Serialize, ToSchema)]
pub struct PushedAuthorizationRequestForm {
    /// The client.
    #[schema(example = "loan-bank")]
    client_id: String,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`.
    #[schema(example = json!(ASSERTION))]
    client_assertion_type: String,
    /// A JWT signed by the client (RFC 7523).
    client_assertion: String,
    /// Always `code`.
    #[schema(example = "code")]
    response_type: String,
    /// Exactly one that is registered.
    #[schema(format = "uri")]
    redirect_uri: String,
    /// Space-separated.
    #[schema(example = "openid offline_access self_information")]
    scope: String,
    /// PKCE challenge (RFC 7636).
    #[schema(min_length = 43, max_length = 43)]
    code_challenge: String,
    /// Always `S256`.
    #[schema(example = "S256")]
    code_challenge_method: String,
    /// Given back untouched.
    #[schema(nullable = false)]
    state: Option<String>,
    /// Goes into the id_token.
    #[schema(nullable = false)]
    nonce: Option<String>,
    /// Thumbprint of the key that the code is bound to (RFC 9449 §10).
    #[schema(nullable = false)]
    dpop_jkt: Option<String>,
    /// A JSON array with one `SelfInformationDetail` (RFC 9396).
    #[schema(nullable = false)]
    authorization_details: Option<String>,
    /// The language of the pages: `ja` or `en`.
    #[schema(nullable = false)]
    ui_locales: Option<String>,
}

/// One entry of `authorization_details` (RFC 9396).
#[derive(Debug, Serialize, ToSchema)]
pub struct SelfInformationDetail {
    /// Always `self_information`.
    #[serde(rename = "type")]
    #[schema(example = "self_information")]
    kind: String,
    /// Code of a registered purpose.
    #[schema(example = "loan_examination")]
    purpose: String,
    /// What is asked for.
    data_sets: Vec<DetailDataSet>,
    /// For how many days; 0 for one complete retrieval within 24 hours.
    access_days: u32,
}

/// One data set asked for.
#[derive(Debug, Serialize, ToSchema)]
pub struct DetailDataSet {
    /// The data set.
    #[schema(pattern = "^(TM|HI)[0-9]{14}$", example = "TM00000000000002")]
    code: String,
    /// Items that are needed.
    #[schema(example = json!(["0200000010"]))]
    items: Vec<String>,
    /// Items that the citizen may refuse alone.
    #[schema(nullable = false)]
    optional_items: Option<Vec<String>>,
    /// What time the data may be about.
    #[schema(nullable = false)]
    period: Option<DetailPeriod>,
}

/// A period, both ends included.
#[derive(Debug, Serialize, ToSchema)]
pub struct DetailPeriod {
    /// First day.
    from: NaiveDate,
    /// Last day.
    #[schema(nullable = false)]
    to: Option<NaiveDate>,
}

/// A pushed request's place (RFC 9126 §2.2).
#[derive(Debug, Serialize, ToSchema)]
pub struct PushedAuthorizationResponse {
    /// To be sent to `/oauth/authorize` with `client_id`.
    request_uri: String,
    /// Seconds.
    expires_in: u64,
}

/// What the token endpoint takes (RFC 6749 §4.1.3, §4.4.2, §6); which members is told by `grant_type`.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenForm {
    /// `authorization_code`, `refresh_token` or `client_credentials`.
    grant_type: String,
    /// The client.
    client_id: String,
    /// As at the pushed request.
    client_assertion_type: String,
    /// As at the pushed request.
    client_assertion: String,
    /// With `authorization_code`.
    #[schema(nullable = false)]
    code: Option<String>,
    /// With `authorization_code`.
    #[schema(nullable = false)]
    redirect_uri: Option<String>,
    /// With `authorization_code` (RFC 7636).
    #[schema(nullable = false)]
    code_verifier: Option<String>,
    /// With `refresh_token`.
    #[schema(nullable = false)]
    refresh_token: Option<String>,
    /// With `refresh_token` or `client_credentials`: fewer scopes.
    #[schema(nullable = false)]
    scope: Option<String>,
}

/// Tokens (RFC 6749 §5.1, RFC 9396 §7).
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenBody {
    /// A JWT (RFC 9068), bound to the key of the DPoP proof.
    access_token: String,
    /// Always `DPoP`.
    #[schema(example = "DPoP")]
    token_type: String,
    /// Seconds.
    expires_in: i64,
    /// What was granted.
    scope: String,
    /// The grant behind the tokens.
    grant_id: String,
    /// With `offline_access`; bound, and not rotated.
    #[schema(nullable = false)]
    refresh_token: Option<String>,
    /// Seconds until the refresh token is over.
    #[schema(nullable = false)]
    refresh_token_expires_in: Option<i64>,
    /// Seconds until the consent is over.
    #[schema(nullable = false)]
    authorization_expires_in: Option<i64>,
    /// With `openid`.
    #[schema(nullable = false)]
    id_token: Option<String>,
    /// What the citizen agreed to.
    #[schema(nullable = false)]
    authorization_details: Option<Vec<SelfInformationDetail>>,
}

/// A token to look at or to end (RFC 7662 §2.1, RFC 7009 §2.1).
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenReferenceForm {
    /// The token.
    token: String,
    /// Where to look first; not needed.
    #[schema(nullable = false)]
    token_type_hint: Option<String>,
    /// The client.
    client_id: String,
    /// As at the pushed request.
    client_assertion_type: String,
    /// As at the pushed request.
    client_assertion: String,
}

/// What is known of a token (RFC 7662 §2.2); only `active` when it is not.
#[derive(Debug, Serialize, ToSchema)]
pub struct IntrospectionBody {
    /// Whether it may be used.
    active: bool,
    /// What it allows.
    #[schema(nullable = false)]
    scope: Option<String>,
    /// Whose it is.
    #[schema(nullable = false)]
    client_id: Option<String>,
    /// The grant behind it.
    #[schema(nullable = false)]
    grant_id: Option<String>,
    /// The pairwise subject.
    #[schema(nullable = false)]
    sub: Option<String>,
    /// When it is over (NumericDate).
    #[schema(nullable = false)]
    exp: Option<i64>,
    /// When it was issued (NumericDate).
    #[schema(nullable = false)]
    iat: Option<i64>,
    /// What the citizen agreed to.
    #[schema(nullable = false)]
    authorization_details: Option<Vec<SelfInformationDetail>>,
}

/// A grant as its client sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct GrantBody {
    /// Its id.
    grant_id: String,
    /// What it allows.
    scopes: Vec<GrantScope>,
    /// What the citizen agreed to.
    #[schema(nullable = false)]
    authorization_details: Option<Vec<SelfInformationDetail>>,
    /// When it began.
    #[schema(format = "date-time")]
    created_at: String,
    /// When it ends.
    #[schema(format = "date-time")]
    expires_at: String,
}

/// Scopes of a grant.
#[derive(Debug, Serialize, ToSchema)]
pub struct GrantScope {
    /// Space-separated.
    scope: String,
}

/// Who the token is about.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserinfoBody {
    /// The pairwise subject; nothing else.
    sub: String,
}

/// An error of this family (RFC 6749 §5.2).
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"error": "invalid_client", "error_description": "The assertion's aud is not the issuer."}))]
pub struct OauthError {
    /// The stable code.
    error: String,
    /// What is wrong and how to mend it.
    error_description: String,
}

/// A metadata document or key set: members as its RFC names them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(value_type = Object)]
pub struct MetadataDocument(Value);

/// The authorization server's metadata (RFC 8414); the same at `/.well-known/openid-configuration`.
#[utoipa::path(get, path = "/.well-known/oauth-authorization-server", operation_id = "get_server_metadata", tag = "oauth",
    responses((status = 200, description = "The metadata.", body = MetadataDocument)), security(()))]
pub const fn server_metadata() {}

/// The published keys (RFC 7517).
#[utoipa::path(get, path = "/oauth/jwks", operation_id = "get_jwks", tag = "oauth",
    responses((status = 200, description = "The keys.", body = MetadataDocument)), security(()))]
pub const fn jwks() {}

/// This API as a protected resource (RFC 9728).
#[utoipa::path(get, path = "/.well-known/oauth-protected-resource", operation_id = "get_resource_metadata", tag = "oauth",
    responses((status = 200, description = "The metadata.", body = MetadataDocument)), security(()))]
pub const fn resource_metadata() {}

/// Pushes an authorization request (RFC 9126): the only way to begin one.
#[utoipa::path(post, path = "/oauth/par", operation_id = "push_authorization_request", tag = "oauth",
    request_body(content = PushedAuthorizationRequestForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 201, description = "Kept for a short while.", body = PushedAuthorizationResponse),
        (status = 400, description = "`invalid_request`, `invalid_scope`, `invalid_authorization_details`, `invalid_dpop_proof`, `use_dpop_nonce`.", body = OauthError),
        (status = 401, description = "`invalid_client`.", body = OauthError),
        (status = 413, description = "Too large.", body = OauthError),
        (status = 429, description = "Too many requests; see Retry-After.", body = OauthError),
        (status = 503, description = "Not available for the moment; see Retry-After.", body = OauthError)), security(()))]
pub const fn push() {}

/// Issues tokens (RFC 6749 §3.2), bound to the key of the `DPoP` proof.
#[utoipa::path(post, path = "/oauth/token", operation_id = "issue_token", tag = "oauth",
    params(("DPoP" = String, Header, description = "A proof (RFC 9449 §5).")),
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "Tokens.", body = TokenBody),
        (status = 400, description = "`invalid_request`, `invalid_grant`, `invalid_scope`, `unsupported_grant_type`, `invalid_dpop_proof`, `use_dpop_nonce`.", body = OauthError),
        (status = 401, description = "`invalid_client`.", body = OauthError),
        (status = 413, description = "Too large.", body = OauthError),
        (status = 429, description = "Too many requests; see Retry-After.", body = OauthError),
        (status = 503, description = "Not available for the moment; see Retry-After.", body = OauthError)), security(()))]
pub const fn token() {}

/// Looks at a token of the same client (RFC 7662).
#[utoipa::path(post, path = "/oauth/introspect", operation_id = "introspect_token", tag = "oauth",
    request_body(content = TokenReferenceForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "What is known of it.", body = IntrospectionBody),
        (status = 400, description = "`invalid_request`.", body = OauthError),
        (status = 401, description = "`invalid_client`.", body = OauthError),
        (status = 429, description = "Too many requests; see Retry-After.", body = OauthError),
        (status = 503, description = "Not available for the moment; see Retry-After.", body = OauthError)), security(()))]
pub const fn introspect() {}

/// Ends a token and the grant behind it (RFC 7009). An unknown token is fine.
#[utoipa::path(post, path = "/oauth/revoke", operation_id = "revoke_token", tag = "oauth",
    request_body(content = TokenReferenceForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "It is over."),
        (status = 400, description = "`invalid_request`.", body = OauthError),
        (status = 401, description = "`invalid_client`.", body = OauthError),
        (status = 429, description = "Too many requests; see Retry-After.", body = OauthError),
        (status = 503, description = "Not available for the moment; see Retry-After.", body = OauthError)), security(()))]
pub const fn revoke() {}

/// Shows a grant to its client.
#[utoipa::path(get, path = "/oauth/grants/{grant_id}", operation_id = "query_grant", tag = "oauth",
    params(("grant_id" = String, Path, description = "The grant's id.")),
    responses((status = 200, description = "The grant.", body = GrantBody),
        (status = 401, description = "`invalid_token`, `invalid_dpop_proof`, `use_dpop_nonce`.", body = OauthError),
        (status = 404, description = "Not a grant of this client.", body = OauthError)), security(("dpop" = [])))]
pub const fn query_grant() {}

/// Ends a grant.
#[utoipa::path(delete, path = "/oauth/grants/{grant_id}", operation_id = "revoke_grant", tag = "oauth",
    params(("grant_id" = String, Path, description = "The grant's id.")),
    responses((status = 204, description = "It is over."),
        (status = 401, description = "`invalid_token`, `invalid_dpop_proof`, `use_dpop_nonce`.", body = OauthError),
        (status = 404, description = "Not a grant of this client.", body = OauthError)), security(("dpop" = [])))]
pub const fn revoke_grant() {}

/// Tells the pairwise subject (OpenID Connect Core §5.3).
#[utoipa::path(get, path = "/oauth/userinfo", operation_id = "get_userinfo", tag = "oauth",
    responses((status = 200, description = "The subject.", body = UserinfoBody),
        (status = 401, description = "`invalid_token`, `invalid_dpop_proof`, `use_dpop_nonce`.", body = OauthError),
        (status = 403, description = "`insufficient_scope`.", body = OauthError)), security(("dpop" = ["openid"])))]
pub const fn userinfo() {}
