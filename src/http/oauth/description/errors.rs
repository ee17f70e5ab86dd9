//! How requests of this family end that are refused.

use super::OauthError;
use utoipa::IntoResponses;

/// How a request ends that a client authenticates itself in.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers")]
pub enum ClientErrors {
    /// A parameter, grant, scope or proof is not acceptable: `invalid_request`, `invalid_grant`, `invalid_scope`,
    /// `invalid_authorization_details`, `invalid_target`, `invalid_grant_id`,
    /// `unmet_authentication_requirements`, `unauthorized_client`, `unsupported_grant_type`,
    /// `unsupported_response_type`, `invalid_request_object`, `interaction_required`, `invalid_dpop_proof`, or
    /// `use_dpop_nonce` with `DPoP-Nonce`. While a citizen is asked elsewhere also `authorization_pending`, `slow_down`,
    /// `expired_token`, `access_denied`, `unknown_user_id`, `expired_login_hint_token`, `invalid_binding_message`.
    #[response(status = 400)]
    BadRequest(OauthError),
    /// Client authentication failed: `invalid_client`.
    #[response(status = 401)]
    Unauthenticated(OauthError),
    /// Another method, `invalid_request`; `Allow` names the one there is.
    #[response(status = 405)]
    Method(OauthError),
    /// The body has more than 131072 bytes: `invalid_request`.
    #[response(status = 413)]
    TooLarge(OauthError),
    /// The body is no form: `invalid_request`.
    #[response(status = 415)]
    MediaType(OauthError),
    /// A limit is used up, `rate_limited`; see `Retry-After`.
    #[response(status = 429)]
    Limited(OauthError),
    /// Something broke on our side: `server_error`.
    #[response(status = 500)]
    Broken(OauthError),
    /// Try again after `Retry-After`: `temporarily_unavailable`.
    #[response(status = 503)]
    Unavailable(OauthError),
}

/// How a request ends that a token opens; 401 and 403 carry `WWW-Authenticate`.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers")]
pub enum ResourceErrors {
    /// A token stands in the query: `invalid_request`.
    #[response(status = 400)]
    BadRequest(OauthError),
    /// Token or proof is not acceptable: `invalid_token`, `invalid_dpop_proof`, or `use_dpop_nonce` with `DPoP-Nonce`.
    #[response(status = 401)]
    Unauthenticated(OauthError),
    /// The token's scope is too small: `insufficient_scope`.
    #[response(status = 403)]
    Scope(OauthError),
    /// There is no such grant of this client: `not_found`.
    #[response(status = 404)]
    NotFound(OauthError),
    /// Another method, `invalid_request`; `Allow` names those there are.
    #[response(status = 405)]
    Method(OauthError),
    /// A limit is used up, `rate_limited`; see `Retry-After`.
    #[response(status = 429)]
    Limited(OauthError),
    /// Something broke on our side: `server_error`.
    #[response(status = 500)]
    Broken(OauthError),
    /// Try again after `Retry-After`: `temporarily_unavailable`.
    #[response(status = 503)]
    Unavailable(OauthError),
}
