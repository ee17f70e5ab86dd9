//! The handlers of metadata and of the endpoints where clients authenticate.

use super::description::{
    ClientErrors, IntrospectionResponse, JwkSet, PushedAuthorizationForm, ServerMetadata, TokenActionForm, TokenForm,
};
use super::form::OauthForm;
use super::{Answer, OauthFailure, answer, single, tally_of};
use crate::issuer::{ClientCall, Issuer, PushedResponse, Told};
use crate::protocol::code::INVALID_DPOP_PROOF;
use crate::protocol::token_response::{SignedIntrospection, TokenResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, web};

/// Metadata of the authorization server (RFC 8414).
#[utoipa::path(
    get, path = "/.well-known/oauth-authorization-server", operation_id = "get_oauth_metadata", tag = "authorization",
    responses((status = 200, description = "The metadata.", body = ServerMetadata))
)]
pub(super) async fn oauth_metadata(issuer: web::Data<Issuer>) -> HttpResponse {
    public_json(issuer.metadata().to_string())
}

/// The same for OpenID Connect Discovery.
#[utoipa::path(
    get, path = "/.well-known/openid-configuration", operation_id = "get_openid_configuration", tag = "authorization",
    responses((status = 200, description = "The metadata.", body = ServerMetadata))
)]
pub(super) async fn openid_metadata(issuer: web::Data<Issuer>) -> HttpResponse {
    public_json(issuer.metadata().to_string())
}

/// The keys by which tokens are signed.
#[utoipa::path(
    get, path = "/oauth/jwks", operation_id = "get_jwks", tag = "authorization",
    responses((status = 200, description = "The keys; the next one is among them a day before it signs.", body = JwkSet))
)]
pub(super) async fn jwks(issuer: web::Data<Issuer>) -> HttpResponse {
    public_json(issuer.published_keys().json().to_string())
}

/// What may be cached for five minutes: far less than the lead of a new key.
fn public_json(body: String) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/json"))
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .body(body)
}

/// Pushes an authorization request (RFC 9126): the only way to begin.
#[utoipa::path(
    post, path = "/oauth/par", operation_id = "push_authorization_request", tag = "authorization",
    params(("DPoP" = Option<String>, Header, description = "A DPoP proof; binds the code to its key (RFC 9449 §10.1).")),
    request_body(content = PushedAuthorizationForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 201, description = "The request is kept.", body = PushedResponse), ClientErrors)
)]
pub(super) async fn push(request: HttpRequest, body: OauthForm, issuer: web::Data<Issuer>) -> Answer {
    let result = issuer.push(&body.call(&request)?).await;
    let pushed = result.map_err(|failure| OauthFailure::of(failure, &issuer).tagged(&request))?;
    Ok(answer(StatusCode::CREATED, &pushed.rates).json(pushed.value))
}

/// Gives tokens for a code, a refresh token, or the client itself (RFC 6749 §3.2).
#[utoipa::path(
    post, path = "/oauth/token", operation_id = "issue_token", tag = "authorization",
    params(("DPoP" = String, Header, description = "A DPoP proof; the access token is bound to its key (RFC 9449 §5).")),
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "The tokens.", body = TokenResponse), ClientErrors)
)]
pub(super) async fn token(request: HttpRequest, body: OauthForm, issuer: web::Data<Issuer>) -> Answer {
    let result = issuer.token(&body.call(&request)?).await;
    let tokens = result.map_err(|failure| OauthFailure::of(failure, &issuer).tagged(&request))?;
    Ok(answer(StatusCode::OK, &tokens.rates).json(tokens.value))
}

/// Tells what a token stands for now (RFC 7662): to its client, and to the protected resource that it is for.
///
/// With `Accept: application/token-introspection+jwt`, or where the client registered so, the answer is a signed JWT
/// (RFC 9701).
#[utoipa::path(
    post, path = "/oauth/introspect", operation_id = "introspect_token", tag = "authorization",
    request_body(content = TokenActionForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "What the token stands for.", content(
            (IntrospectionResponse = "application/json"),
            (String = "application/token-introspection+jwt")
        )),
        ClientErrors
    )
)]
pub(super) async fn introspect(request: HttpRequest, body: OauthForm, issuer: web::Data<Issuer>) -> Answer {
    let result = issuer.introspect(&body.call(&request)?, accepts(&request, SignedIntrospection::MEDIA_TYPE)).await;
    let told = result.map_err(|failure| OauthFailure::of(failure, &issuer).tagged(&request))?;
    let mut response = answer(StatusCode::OK, &told.rates);
    Ok(match told.value {
        Told::Json(introspection) => response.json(introspection),
        Told::Jwt(jwt) => response.insert_header((CONTENT_TYPE, SignedIntrospection::MEDIA_TYPE)).body(jwt),
    })
}

/// Ends the grant behind one's own token (RFC 7009).
#[utoipa::path(
    post, path = "/oauth/revoke", operation_id = "revoke_token", tag = "authorization",
    request_body(content = TokenActionForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "The token is over, and with it its grant; or it never was."), ClientErrors)
)]
pub(super) async fn revoke(request: HttpRequest, body: OauthForm, issuer: web::Data<Issuer>) -> Answer {
    let result = issuer.revoke(&body.call(&request)?).await;
    let done = result.map_err(|failure| OauthFailure::of(failure, &issuer).tagged(&request))?;
    Ok(answer(StatusCode::OK, &done.rates).finish())
}

/// Whether `Accept` names this very type (RFC 9110 §12.5.1). A wildcard does not ask for it, and a weight of zero
/// refuses it.
pub(super) fn accepts(request: &HttpRequest, wanted: &str) -> bool {
    let fields = request.headers().get_all(ACCEPT).filter_map(|value| value.to_str().ok());
    fields.flat_map(|field| field.split(',')).any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let is_named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(wanted));
        let is_refused = parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
        is_named && !is_refused
    })
}

impl OauthForm {
    pub(super) fn call<'c>(&'c self, request: &'c HttpRequest) -> Result<ClientCall<'c>, OauthFailure> {
        Ok(ClientCall {
            form: &self.form,
            dpop: single(request, "DPoP", INVALID_DPOP_PROOF).map_err(|failure| failure.tagged(request))?,
            certificate: self.certificate.as_ref(),
            has_authorization: request.headers().contains_key(AUTHORIZATION),
            tally: tally_of(request),
        })
    }
}
