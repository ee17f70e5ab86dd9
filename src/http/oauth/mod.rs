//! The authorization server's addresses: `/oauth/…` and its metadata under `/.well-known/`.
//!
//! What for: third parties' OAuth libraries speak to these; what they send and get is fixed by RFCs, so this family has
//! its own error body (RFC 6749 §5.2, `failure.rs`) beside the problem+json of everything else.
//!
//! How it flows: `form.rs` reads a body and the fields that matter; a handler calls one method of
//! [`Issuer`] and renders its value, never to be cached where it holds a token.
//!
//! How to add one more: its path in [`crate::protocol::discovery::path`], a handler here, its line in [`routes`].
//!
//! What it must never do: decide anything; redirect; answer with CORS fields.

mod failure;
mod form;
mod resources;

pub use failure::OauthFailure;

use crate::issuer::{ClientCall, Issuer};
use crate::protocol::code::INVALID_DPOP_PROOF;
use crate::protocol::discovery::path;
use actix_web::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, Resource, web};
use form::OauthForm;

/// Where a fresh server nonce goes (RFC 9449 §8.2).
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

type Answer = Result<HttpResponse, OauthFailure>;

/// The routes of the authorization server; needs `web::Data<Issuer>`.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(only(path::METADATA, "GET").route(web::get().to(metadata)))
        .service(only(path::OPENID_METADATA, "GET").route(web::get().to(metadata)))
        .service(only(path::JWKS, "GET").route(web::get().to(jwks)))
        .service(only(path::PAR, "POST").route(web::post().to(push)))
        .service(only(path::TOKEN, "POST").route(web::post().to(token)))
        .service(only(path::INTROSPECT, "POST").route(web::post().to(introspect)))
        .service(only(path::REVOKE, "POST").route(web::post().to(revoke)))
        .service(
            only("/oauth/grants/{grant_id}", "GET, DELETE")
                .route(web::get().to(resources::query_grant))
                .route(web::delete().to(resources::revoke_grant)),
        )
        .service(
            only(path::USERINFO, "GET, POST")
                .route(web::get().to(resources::userinfo))
                .route(web::post().to(resources::userinfo)),
        );
}

/// A resource that answers other methods by 405 and the ones there are (RFC 9110 §15.5.6).
fn only(path: &str, methods: &'static str) -> Resource {
    web::resource(path.to_owned()).default_service(web::to(move || async move {
        let mut response = actix_web::ResponseError::error_response(&OauthFailure::method_not_allowed());
        response.headers_mut().insert(ALLOW, HeaderValue::from_static(methods));
        response
    }))
}

async fn metadata(issuer: web::Data<Issuer>) -> HttpResponse {
    public_json(issuer.metadata().to_string())
}

async fn jwks(issuer: web::Data<Issuer>) -> HttpResponse {
    public_json(issuer.published_keys().json().to_string())
}

/// What may be cached for five minutes: far less than the lead of a new key.
fn public_json(body: String) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/json"))
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .body(body)
}

async fn push(request: HttpRequest, body: OauthForm, issuer: web::Data<Issuer>) -> Answer {
    let result = issuer.push(&body.call(&request)?).await;
    let pushed = result.map_err(|failure| OauthFailure::of(failure, &issuer).tagged(&request))?;
    Ok(HttpResponse::Created().insert_header((CACHE_CONTROL, "no-store")).json(pushed))
}

async fn token(request: HttpRequest, body: OauthForm, issuer: web::Data<Issuer>) -> Answer {
    let result = issuer.token(&body.call(&request)?).await;
    let tokens = result.map_err(|failure| OauthFailure::of(failure, &issuer).tagged(&request))?;
    // RFC 6749 §5.1: no cache may keep tokens.
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(tokens))
}

async fn introspect(request: HttpRequest, body: OauthForm, issuer: web::Data<Issuer>) -> Answer {
    let result = issuer.introspect(&body.call(&request)?).await;
    let told = result.map_err(|failure| OauthFailure::of(failure, &issuer).tagged(&request))?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(told))
}

async fn revoke(request: HttpRequest, body: OauthForm, issuer: web::Data<Issuer>) -> Answer {
    issuer
        .revoke(&body.call(&request)?)
        .await
        .map_err(|failure| OauthFailure::of(failure, &issuer).tagged(&request))?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).finish())
}

/// The one value of a field.
///
/// # Errors
/// `code` when the field comes more than once (RFC 9449 §4.3 item 1) or is no visible text.
fn single<'r>(request: &'r HttpRequest, name: &str, code: &'static str) -> Result<Option<&'r str>, OauthFailure> {
    let mut values = request.headers().get_all(name);
    let Some(first) = values.next() else { return Ok(None) };
    let text = first.to_str().ok().filter(|_| values.next().is_none());
    let refused = || OauthFailure::refused(code, format!("send the {name} field once, as visible ASCII"));
    text.map(Some).ok_or_else(refused)
}

impl OauthForm {
    fn call<'c>(&'c self, request: &'c HttpRequest) -> Result<ClientCall<'c>, OauthFailure> {
        Ok(ClientCall {
            form: &self.0,
            dpop: single(request, "DPoP", INVALID_DPOP_PROOF).map_err(|failure| failure.tagged(request))?,
            has_authorization: request.headers().contains_key(actix_web::http::header::AUTHORIZATION),
        })
    }
}
