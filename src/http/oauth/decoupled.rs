//! The handlers of questions to citizens who answer away from the client, and the forms of the grants that follow.

use super::description::{ClientErrors, assertion_type, constant};
use super::form::OauthForm;
use super::{Answer, OauthFailure, answer};
use crate::issuer::Issuer;
use crate::protocol::backchannel_request::BackchannelResponse;
use crate::protocol::device_request::DeviceResponse;
use crate::protocol::token_exchange::ACCESS_TOKEN_TYPE;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use utoipa::ToSchema;
use utoipa::openapi::schema::Schema;

/// Asks for a shared terminal (RFC 8628): the citizen types the code on their own phone and decides there.
#[utoipa::path(
    post, path = "/oauth/device_authorization", operation_id = "authorize_device", tag = "authorization",
    request_body(content = DeviceAuthorizationForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "Show the user code, and poll the token endpoint.", body = DeviceResponse), ClientErrors)
)]
pub(super) async fn authorize_device(request: HttpRequest, body: OauthForm, issuer: web::Data<Issuer>) -> Answer {
    let result = issuer.authorize_device(&body.call(&request)?).await;
    let kept = result.map_err(|failure| OauthFailure::of(failure, &issuer).tagged(&request))?;
    Ok(answer(StatusCode::OK, &kept.rates).json(kept.value))
}

/// Asks a citizen whom the client knows (CIBA), at a counter or by telephone: the citizen decides at their dashboard.
#[utoipa::path(
    post, path = "/oauth/bc-authorize", operation_id = "authenticate_backchannel", tag = "authorization",
    request_body(content = BackchannelForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "The citizen is asked; poll, or wait to be called.", body = BackchannelResponse), ClientErrors)
)]
pub(super) async fn authenticate_backchannel(
    request: HttpRequest,
    body: OauthForm,
    issuer: web::Data<Issuer>,
) -> Answer {
    let result = issuer.authenticate_backchannel(&body.call(&request)?).await;
    let kept = result.map_err(|failure| OauthFailure::of(failure, &issuer).tagged(&request))?;
    Ok(answer(StatusCode::OK, &kept.rates).json(kept.value))
}

fn device_code() -> Schema {
    constant("urn:ietf:params:oauth:grant-type:device_code")
}

fn ciba() -> Schema {
    constant("urn:openid:params:grant-type:ciba")
}

fn token_exchange() -> Schema {
    constant("urn:ietf:params:oauth:grant-type:token-exchange")
}

fn access_token_type() -> Schema {
    constant(ACCESS_TOKEN_TYPE)
}

/// A request of a shared terminal (RFC 8628 §3.1).
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a form that is read parameter by parameter")]
pub struct DeviceAuthorizationForm {
    /// The client.
    client_id: Option<String>,
    /// The kind of client authentication (RFC 7523).
    #[schema(schema_with = assertion_type)]
    client_assertion_type: String,
    /// A JWT signed by the client: `iss` and `sub` its id, `aud` the issuer as a string, `jti`, `exp` within minutes.
    client_assertion: String,
    /// Space-separated scopes; never `offline_access`.
    #[schema(example = "openid self_information")]
    scope: String,
    /// JSON array with one entry of type `self_information` (RFC 9396); its `access_days` is 0.
    authorization_details: Option<String>,
}

/// A question to a citizen whom the client knows (CIBA Core §7.1).
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a form that is read parameter by parameter")]
pub struct BackchannelForm {
    /// The client.
    client_id: Option<String>,
    /// The kind of client authentication (RFC 7523).
    #[schema(schema_with = assertion_type)]
    client_assertion_type: String,
    /// A JWT signed by the client: `iss` and `sub` its id, `aud` the issuer as a string, `jti`, `exp` within minutes.
    client_assertion: String,
    /// Space-separated scopes, always with `openid`.
    #[schema(example = "openid self_information")]
    scope: String,
    /// The `sub` by which the client knows the citizen; or one of the next two.
    #[schema(example = "p~0Jr8eQ3vZ1kq2xYtV9mHc4uWn7bDf5sLa6pGo8iKj2E")]
    login_hint: Option<String>,
    /// A JWT of `typ` `login-hint+jwt` signed by the client: `iss`, `aud`, `exp`, and `sub_id` of format `iss_sub` (RFC 9493).
    login_hint_token: Option<String>,
    /// An id_token that the client was given.
    id_token_hint: Option<String>,
    /// What the citizen is told at the client too, to compare: at most 40 characters.
    #[schema(example = "3番窓口 0042")]
    binding_message: String,
    /// The bearer token of our call, for a client that is called (`ping`).
    client_notification_token: Option<String>,
    /// For how many seconds the citizen is to be asked; 30 to 600.
    #[schema(example = "300")]
    requested_expiry: Option<String>,
    /// JSON array with one entry of type `self_information` (RFC 9396).
    authorization_details: Option<String>,
}

/// Tokens for a shared terminal, once its user agreed (RFC 8628 §3.4).
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a form that is read parameter by parameter")]
pub struct DeviceCodeForm {
    /// `urn:ietf:params:oauth:grant-type:device_code`.
    #[schema(schema_with = device_code)]
    grant_type: String,
    /// From the device authorization; gives tokens once.
    device_code: String,
    /// The kind of client authentication (RFC 7523).
    #[schema(schema_with = assertion_type)]
    client_assertion_type: String,
    /// A JWT signed by the client.
    client_assertion: String,
}

/// Tokens once the citizen agreed (CIBA Core §10.1).
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a form that is read parameter by parameter")]
pub struct BackchannelTokenForm {
    /// `urn:openid:params:grant-type:ciba`.
    #[schema(schema_with = ciba)]
    grant_type: String,
    /// From the backchannel authentication; gives tokens once.
    auth_req_id: String,
    /// The kind of client authentication (RFC 7523).
    #[schema(schema_with = assertion_type)]
    client_assertion_type: String,
    /// A JWT signed by the client.
    client_assertion: String,
}

/// A smaller access token for one of the client's own, or for one that the client was called with (RFC 8693).
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a form that is read parameter by parameter")]
pub struct TokenExchangeForm {
    /// `urn:ietf:params:oauth:grant-type:token-exchange`.
    #[schema(schema_with = token_exchange)]
    grant_type: String,
    /// An access token.
    subject_token: String,
    /// The only kind there is.
    #[schema(schema_with = access_token_type)]
    subject_token_type: String,
    /// The only kind there is.
    #[schema(schema_with = access_token_type)]
    requested_token_type: Option<String>,
    /// Less than the token's, if wanted.
    scope: Option<String>,
    /// The token's own, or, for a resource server, another that it serves.
    resource: Option<String>,
    /// JSON array with one entry of type `bulk_submission` (RFC 9396), to bind the new token to one file.
    authorization_details: Option<String>,
    /// The kind of client authentication (RFC 7523).
    #[schema(schema_with = assertion_type)]
    client_assertion_type: String,
    /// A JWT signed by the client.
    client_assertion: String,
}
