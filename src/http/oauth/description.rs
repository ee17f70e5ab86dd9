//! The OAuth family in the API's description: every form, answer and error as a named schema.
//!
//! The forms are read by [`crate::protocol`], parameter by parameter; these structs only describe them.

mod errors;

pub use errors::{ClientErrors, ResourceErrors};

use super::decoupled::{self, BackchannelTokenForm, DeviceCodeForm, TokenExchangeForm};
use super::{endpoints, logout, registration, resources};
use crate::issuer::{GrantView, PushedResponse};
use crate::protocol::token_response::{ActiveToken, TokenResponse};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{OpenApi, ToSchema};

/// Everything under `/oauth` and its metadata.
#[derive(OpenApi)]
#[openapi(
    paths(
        endpoints::oauth_metadata,
        endpoints::openid_metadata,
        endpoints::jwks,
        endpoints::push,
        endpoints::token,
        decoupled::authorize_device,
        decoupled::authenticate_backchannel,
        endpoints::introspect,
        endpoints::revoke,
        logout::end_session,
        resources::query_grant,
        resources::revoke_grant,
        resources::userinfo,
        resources::post_userinfo,
        registration::register,
        registration::read,
        registration::update,
        registration::delete,
    ),
    components(schemas(
        AuthorizationCodeForm,
        RefreshTokenForm,
        ClientCredentialsForm,
        DeviceCodeForm,
        BackchannelTokenForm,
        TokenExchangeForm,
        TokenResponse,
        PushedResponse,
        ActiveToken,
        InactiveToken,
        OauthError,
        GrantView,
    )),
    tags(
        (name = "authorization", description = "OAuth 2.0, OpenID Connect and FAPI 2.0."),
        (name = "registration", description = "Dynamic client registration and management (RFC 7591, RFC 7592)."),
    )
)]
pub struct OauthApi;

pub(super) fn constant(text: &str) -> Schema {
    ObjectBuilder::new().schema_type(Type::String).extensions(Some([("const", text)].into_iter().collect())).into()
}

pub(super) fn assertion_type() -> Schema {
    constant(crate::protocol::client_assertion::ASSERTION_TYPE)
}

fn code_type() -> Schema {
    constant("code")
}

fn s256() -> Schema {
    constant("S256")
}

fn authorization_code() -> Schema {
    constant("authorization_code")
}

fn refresh_token() -> Schema {
    constant("refresh_token")
}

fn client_credentials() -> Schema {
    constant("client_credentials")
}

fn inactive() -> Schema {
    ObjectBuilder::new().schema_type(Type::Boolean).extensions(Some([("const", false)].into_iter().collect())).into()
}

/// A pushed authorization request (RFC 9126).
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a form that is read parameter by parameter")]
pub struct PushedAuthorizationForm {
    /// The client.
    client_id: Option<String>,
    /// The only kind of client authentication (RFC 7523).
    #[schema(schema_with = assertion_type)]
    client_assertion_type: String,
    /// A JWT signed by the client: `iss` and `sub` its id, `aud` the issuer as a string, `jti`, `exp` within minutes.
    client_assertion: String,
    /// `code`.
    #[schema(schema_with = code_type)]
    response_type: String,
    /// One of the registered ones, letter for letter.
    #[schema(example = "https://bank.example/callback")]
    redirect_uri: String,
    /// Space-separated scopes.
    #[schema(example = "openid offline_access self_information")]
    scope: String,
    /// Given back untouched; at most 4096 bytes.
    state: Option<String>,
    /// Goes into the id_token; at most 256 bytes.
    nonce: Option<String>,
    /// Base64url SHA-256 of the verifier (RFC 7636).
    #[schema(example = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")]
    code_challenge: String,
    /// `S256`.
    #[schema(schema_with = s256)]
    code_challenge_method: String,
    /// JSON array with one entry of type `self_information` (RFC 9396).
    #[schema(
        example = r#"[{"type":"self_information","purpose":"loan_examination","data_sets":[{"code":"TM00000000000002","items":["0200000010"],"optional_items":["0200000050"]}],"access_days":30}]"#
    )]
    authorization_details: Option<String>,
    /// Thumbprint of the key that the code is bound to (RFC 9449 §10).
    dpop_jkt: Option<String>,
    /// The least assurance wanted.
    #[schema(example = "aal3")]
    acr_values: Option<String>,
    /// Seconds: a sign-in longer ago will not do.
    #[schema(example = 300)]
    max_age: Option<u32>,
    /// `login` asks for a sign-in that is made now; `none` is refused, since the page is always shown.
    #[schema(example = "login")]
    prompt: Option<String>,
    /// A JSON object (OpenID Connect Core §5.5). An essential `acr` of the id_token is honoured; all else is ignored.
    #[schema(example = r#"{"id_token":{"acr":{"essential":true,"values":["aal3"]}}}"#)]
    claims: Option<String>,
    /// `create` (the same as nothing), or `merge` or `replace` with `grant_id` (Grant Management §5.2).
    #[schema(example = "merge")]
    grant_management_action: Option<String>,
    /// The grant to be changed: one of this client's own, of the citizen who will sign in.
    #[schema(example = "g_Zm9vYmFyYmF6cXV4MTIzNA")]
    grant_id: Option<String>,
    /// What tokens are wanted for (RFC 8707); may come up to 8 times. This service itself when left out.
    #[schema(example = "https://madoguchi.example")]
    resource: Option<String>,
    /// Languages of the pages, in order.
    #[schema(example = "ja en")]
    ui_locales: Option<String>,
}

/// A token request, by its grant type.
#[derive(ToSchema)]
#[schema(discriminator(property_name = "grant_type", mapping(
    ("authorization_code" = "#/components/schemas/AuthorizationCodeForm"),
    ("refresh_token" = "#/components/schemas/RefreshTokenForm"),
    ("client_credentials" = "#/components/schemas/ClientCredentialsForm"),
    ("urn:ietf:params:oauth:grant-type:device_code" = "#/components/schemas/DeviceCodeForm"),
    ("urn:openid:params:grant-type:ciba" = "#/components/schemas/BackchannelTokenForm"),
    ("urn:ietf:params:oauth:grant-type:token-exchange" = "#/components/schemas/TokenExchangeForm"))))]
#[serde(untagged)]
#[expect(dead_code, reason = "describes a form that is read parameter by parameter")]
pub enum TokenForm {
    /// By a code.
    AuthorizationCode(AuthorizationCodeForm),
    /// By a refresh token.
    RefreshToken(RefreshTokenForm),
    /// By itself.
    ClientCredentials(ClientCredentialsForm),
    /// By a shared terminal's user.
    DeviceCode(DeviceCodeForm),
    /// By a citizen who was asked elsewhere.
    Backchannel(BackchannelTokenForm),
    /// By another token.
    TokenExchange(TokenExchangeForm),
}

/// Tokens for a code.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a form that is read parameter by parameter")]
pub struct AuthorizationCodeForm {
    /// `authorization_code`.
    #[schema(schema_with = authorization_code)]
    grant_type: String,
    /// The code, within 60 seconds and once.
    code: String,
    /// The same as was pushed.
    #[schema(example = "https://bank.example/callback")]
    redirect_uri: String,
    /// The PKCE verifier.
    code_verifier: String,
    /// What the token is for: one of those asked for (RFC 8707).
    resource: Option<String>,
    /// The only kind of client authentication (RFC 7523).
    #[schema(schema_with = assertion_type)]
    client_assertion_type: String,
    /// A JWT signed by the client.
    client_assertion: String,
}

/// A new access token by a refresh token, which stays the same.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a form that is read parameter by parameter")]
pub struct RefreshTokenForm {
    /// `refresh_token`.
    #[schema(schema_with = refresh_token)]
    grant_type: String,
    /// The refresh token.
    refresh_token: String,
    /// Less than was granted, if wanted.
    scope: Option<String>,
    /// What the token is for: one of those granted (RFC 8707).
    resource: Option<String>,
    /// The only kind of client authentication (RFC 7523).
    #[schema(schema_with = assertion_type)]
    client_assertion_type: String,
    /// A JWT signed by the client.
    client_assertion: String,
}

/// A token for what is about no person.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a form that is read parameter by parameter")]
pub struct ClientCredentialsForm {
    /// `client_credentials`.
    #[schema(schema_with = client_credentials)]
    grant_type: String,
    /// `catalog`, `submissions`, or both.
    #[schema(example = "catalog")]
    scope: Option<String>,
    /// JSON array with one entry (RFC 9396). Of type `bulk_submission`: the token is bound to the file with this digest; it opens
    /// that file's bulk filing, and nothing else. Of type `submission`: it opens what one company (`applicant`) files under some
    /// `procedures`; `sub` is the company, and `act` names who acts for it, and by whose delegation.
    #[schema(example = r#"[{"type":"bulk_submission","digest":"47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"}]"#)]
    authorization_details: Option<String>,
    /// The only kind of client authentication (RFC 7523).
    #[schema(schema_with = assertion_type)]
    client_assertion_type: String,
    /// A JWT signed by the client.
    client_assertion: String,
}

/// A token to be introspected (RFC 7662) or revoked (RFC 7009).
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a form that is read parameter by parameter")]
pub struct TokenActionForm {
    /// The token.
    token: String,
    /// `access_token` or `refresh_token`; not needed, since the two look different.
    token_type_hint: Option<String>,
    /// The only kind of client authentication (RFC 7523).
    #[schema(schema_with = assertion_type)]
    client_assertion_type: String,
    /// A JWT signed by the client.
    client_assertion: String,
}

/// What introspection answers.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes an answer")]
pub enum IntrospectionResponse {
    /// In force.
    Active(Box<ActiveToken>),
    /// Over, unknown, or another client's.
    Inactive(InactiveToken),
}

/// A token that is over, unknown, or another client's.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes an answer")]
pub struct InactiveToken {
    /// `false`.
    #[schema(schema_with = inactive)]
    active: bool,
}

/// Metadata of the authorization server (RFC 8414): the members that a client needs first; there are more.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes an answer")]
pub struct ServerMetadata {
    /// The issuer identifier.
    #[schema(example = "https://madoguchi.example")]
    issuer: String,
    /// Where the citizen's browser is sent.
    authorization_endpoint: String,
    /// Where requests are pushed.
    pushed_authorization_request_endpoint: String,
    /// Where tokens come from.
    token_endpoint: String,
    /// The published keys.
    jwks_uri: String,
}

/// The published keys (RFC 7517 §5).
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes an answer")]
pub struct JwkSet {
    /// The keys.
    keys: Vec<EcJwk>,
}

/// An elliptic public key (RFC 7518 §6.2).
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes an answer")]
pub struct EcJwk {
    /// `EC`.
    kty: String,
    /// `P-256`.
    crv: String,
    /// First coordinate.
    x: String,
    /// Second coordinate.
    y: String,
    /// Its thumbprint (RFC 7638).
    kid: String,
    /// `sig`.
    #[schema(rename = "use")]
    usage: String,
    /// `ES256`.
    alg: String,
}

/// Who signed in.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes an answer")]
pub struct UserInfo {
    /// The person, pairwise for the client's sector.
    #[schema(example = "p~0Jr8eQ3vZ1kq2xYtV9mHc4uWn7bDf5sLa6pGo8iKj2E")]
    sub: String,
}

/// An error of the OAuth family (RFC 6749 §5.2).
#[derive(ToSchema)]
#[schema(example = json!({"error": "invalid_grant", "error_description": "the code is unknown or over", "error_id": "e_w2d3Yw5bq0mF1n8vJt7fTg"}))]
#[expect(dead_code, reason = "describes an answer")]
pub struct OauthError {
    /// The stable code to program against.
    error: String,
    /// What is wrong and how to mend it.
    error_description: String,
    /// Why a DPoP proof is not accepted, as one stable word; `error_description` begins with it too.
    #[schema(nullable = false, schema_with = crate::http::problem::dpop_causes)]
    dpop_error: Option<String>,
    /// To be named when asking the operator.
    error_id: Option<String>,
}

#[cfg(test)]
mod tests;
