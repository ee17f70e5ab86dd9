//! The error codes of the OAuth family (RFC 6749 §5.2 and its extensions), once each.

/// A parameter is missing, doubled or malformed (RFC 6749 §5.2).
pub const INVALID_REQUEST: &str = "invalid_request";
/// Client authentication failed (RFC 6749 §5.2).
pub const INVALID_CLIENT: &str = "invalid_client";
/// The code or refresh token is not valid, or another client's (RFC 6749 §5.2).
pub const INVALID_GRANT: &str = "invalid_grant";
/// This client may not do that (RFC 6749 §5.2).
pub const UNAUTHORIZED_CLIENT: &str = "unauthorized_client";
/// The grant type is not offered (RFC 6749 §5.2).
pub const UNSUPPORTED_GRANT_TYPE: &str = "unsupported_grant_type";
/// The response type is not offered (RFC 6749 §4.1.2.1).
pub const UNSUPPORTED_RESPONSE_TYPE: &str = "unsupported_response_type";
/// The scope is unknown or over what the client may ask (RFC 6749 §5.2).
pub const INVALID_SCOPE: &str = "invalid_scope";
/// The authorization details are not acceptable (RFC 9396 §5).
pub const INVALID_AUTHORIZATION_DETAILS: &str = "invalid_authorization_details";
/// The request object is not acceptable (RFC 9101 §7).
pub const INVALID_REQUEST_OBJECT: &str = "invalid_request_object";
/// The page cannot be skipped (OpenID Connect Core §3.1.2.6).
pub const INTERACTION_REQUIRED: &str = "interaction_required";
/// The resource is not one that tokens are issued for, or not one of those granted (RFC 8707 §2).
pub const INVALID_TARGET: &str = "invalid_target";
/// The grant named is not there, or not this client's (FAPI grant management §5.3).
pub const INVALID_GRANT_ID: &str = "invalid_grant_id";
/// No sign-in that is offered is as sure as was demanded (OpenID Connect Core Error Code
/// unmet_authentication_requirements; RFC 9470 §5).
pub const UNMET_AUTHENTICATION_REQUIREMENTS: &str = "unmet_authentication_requirements";
/// The sign-in behind the token is too weak or too long ago (RFC 9470 §3).
pub const INSUFFICIENT_USER_AUTHENTICATION: &str = "insufficient_user_authentication";
/// The DPoP proof is missing or not acceptable (RFC 9449 §5).
pub const INVALID_DPOP_PROOF: &str = "invalid_dpop_proof";
/// The DPoP proof must carry the nonce given (RFC 9449 §8).
pub const USE_DPOP_NONCE: &str = "use_dpop_nonce";
/// The access token is missing, over, or not this caller's (RFC 6750 §3.1).
pub const INVALID_TOKEN: &str = "invalid_token";
/// The access token's scope is too small (RFC 6750 §3.1).
pub const INSUFFICIENT_SCOPE: &str = "insufficient_scope";
/// There is no such grant of this client (FAPI grant management §6.3).
pub const NOT_FOUND: &str = "not_found";
/// A redirect URI cannot be registered (RFC 7591 §3.2.2).
pub const INVALID_REDIRECT_URI: &str = "invalid_redirect_uri";
/// Client metadata cannot be registered (RFC 7591 §3.2.2).
pub const INVALID_CLIENT_METADATA: &str = "invalid_client_metadata";
/// The software statement is missing or not valid (RFC 7591 §3.2.2).
pub const INVALID_SOFTWARE_STATEMENT: &str = "invalid_software_statement";
/// The software statement is by nobody whom the operator trusts (RFC 7591 §3.2.2).
pub const UNAPPROVED_SOFTWARE_STATEMENT: &str = "unapproved_software_statement";
/// The citizen has not answered yet (RFC 8628 §3.5).
pub const AUTHORIZATION_PENDING: &str = "authorization_pending";
/// The citizen has not answered yet, and the client asks too often (RFC 8628 §3.5).
pub const SLOW_DOWN: &str = "slow_down";
/// The time to answer is over (RFC 8628 §3.5).
pub const EXPIRED_TOKEN: &str = "expired_token";
/// The citizen refused (RFC 6749 §4.1.2.1).
pub const ACCESS_DENIED: &str = "access_denied";
/// The hint leads to nobody whom this client knows (CIBA Core §13).
pub const UNKNOWN_USER_ID: &str = "unknown_user_id";
/// The login_hint_token's time is over (CIBA Core §13).
pub const EXPIRED_LOGIN_HINT_TOKEN: &str = "expired_login_hint_token";
/// The binding message is missing, too long or unreadable (CIBA Core §13).
pub const INVALID_BINDING_MESSAGE: &str = "invalid_binding_message";
