//! The authorization server's addresses: `/oauth/…` and its metadata under `/.well-known/`.
//!
//! What for: third parties' OAuth libraries speak to these; what they send and get is fixed by RFCs, so this family has
//! its own error body (RFC 6749 §5.2, `failure.rs`) beside the problem+json of everything else.
//!
//! How it flows: `form.rs` reads a body and the fields that matter; a handler calls one method of
//! [`Issuer`](crate::issuer::Issuer) and renders its value, never to be cached where it holds a token.
//!
//! How to add one more: its path in [`crate::protocol::discovery::path`], a handler with its description, its lines in [`routes`] and
//! [`OauthApi`].
//!
//! What it must never do: decide anything; redirect; answer with CORS fields.

mod decoupled;
mod description;
mod endpoints;
mod failure;
mod form;
mod logout;
mod registration;
mod resources;

pub use description::OauthApi;
pub use failure::OauthFailure;

use crate::limits::{RateFields, Tally};
use crate::protocol::code::INVALID_DPOP_PROOF;
use crate::protocol::discovery::path;
use crate::protocol::dpop::{self, DpopCause};
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CACHE_CONTROL, HeaderName, HeaderValue};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, HttpResponseBuilder, Resource, web};

/// Where a fresh server nonce goes (RFC 9449 §8.2).
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// The limits of a call (draft-ietf-httpapi-ratelimit-headers-11).
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// Where they stand.
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");

type Answer = Result<HttpResponse, OauthFailure>;

/// The routes of the authorization server; needs `web::Data<Issuer>`.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(only(path::METADATA, "GET").route(web::get().to(endpoints::oauth_metadata)))
        .service(only(path::OPENID_METADATA, "GET").route(web::get().to(endpoints::openid_metadata)))
        .service(only(path::JWKS, "GET").route(web::get().to(endpoints::jwks)))
        .service(only(path::PAR, "POST").route(web::post().to(endpoints::push)))
        .service(only(path::TOKEN, "POST").route(web::post().to(endpoints::token)))
        .service(only(path::DEVICE_AUTHORIZATION, "POST").route(web::post().to(decoupled::authorize_device)))
        .service(only(path::BACKCHANNEL, "POST").route(web::post().to(decoupled::authenticate_backchannel)))
        .service(only(path::INTROSPECT, "POST").route(web::post().to(endpoints::introspect)))
        .service(only(path::REVOKE, "POST").route(web::post().to(endpoints::revoke)))
        .service(
            only("/oauth/grants/{grant_id}", "GET, DELETE")
                .route(web::get().to(resources::query_grant))
                .route(web::delete().to(resources::revoke_grant)),
        )
        .service(only(path::REGISTER, "POST").route(web::post().to(registration::register)))
        .service(
            only("/oauth/register/{client_id}", "GET, PUT, DELETE")
                .route(web::get().to(registration::read))
                .route(web::put().to(registration::update))
                .route(web::delete().to(registration::delete)),
        )
        .service(
            only(path::USERINFO, "GET, POST")
                .route(web::get().to(resources::userinfo))
                .route(web::post().to(resources::post_userinfo)),
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

/// The one value of a field.
///
/// # Errors
/// `code` when the field comes more than once (RFC 9449 §4.3 item 1) or is no visible text.
fn single<'r>(request: &'r HttpRequest, name: &str, code: &'static str) -> Result<Option<&'r str>, OauthFailure> {
    let mut values = request.headers().get_all(name);
    let Some(first) = values.next() else { return Ok(None) };
    let text = first.to_str().ok().filter(|_| values.next().is_none());
    let words = format!("send the {name} field once, as visible ASCII");
    text.map(Some).ok_or_else(|| match code {
        INVALID_DPOP_PROOF => dpop::refusal(code, DpopCause::Doubled, &words).into(),
        _ => OauthFailure::refused(code, words),
    })
}

/// Where the use case notes how the limits stand; the edge finds it again, whatever the call ends in.
fn tally_of(request: &HttpRequest) -> Tally {
    let tally = Tally::default();
    request.extensions_mut().insert(tally.clone());
    tally
}

/// An answer that no cache may keep (RFC 6749 §5.1), with where the caller's limits stand.
fn answer(status: StatusCode, rates: &RateFields) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((RATE_LIMIT_POLICY, rates.policy()))
        .insert_header((RATE_LIMIT, rates.limit()));
    response
}
