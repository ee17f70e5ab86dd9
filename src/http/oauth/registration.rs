//! Client registration (RFC 7591) and each client's configuration (RFC 7592).

use super::{Answer, OauthFailure, answer, single};
use crate::issuer::registration::{ClientInformation, RegistrationCall};
use crate::issuer::{Issuer, IssuerFailure};
use crate::protocol::code::{INVALID_REQUEST, INVALID_TOKEN};
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value};
use utoipa::{IntoResponses, ToSchema};

use super::description::OauthError;

/// Most bytes of a metadata document: key sets and purposes in two languages stay far below.
const MOST_BYTES: usize = 128 * 1024;

/// Client metadata (RFC 7591 §2): the members that a client needs first. Those of OpenID Connect, RFC 8705, RFC 9101,
/// RFC 9449, JARM, CIBA and Logout are taken as well; what is not known is ignored.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a document that is read member by member")]
pub struct ClientMetadata {
    /// What a register vouches for, a JWT signed by it. It alone can say who the client is, where it comes back to and
    /// what it may ask for.
    software_statement: String,
    /// `private_key_jwt`, `tls_client_auth` or `self_signed_tls_client_auth`.
    #[schema(example = "private_key_jwt")]
    token_endpoint_auth_method: Option<String>,
    /// Where its keys are; https only.
    #[schema(example = "https://bank.example/jwks")]
    jwks_uri: Option<String>,
    /// The grant types that it uses.
    grant_types: Option<Vec<String>>,
    /// Whether its access tokens are always bound to a DPoP key.
    dpop_bound_access_tokens: Option<bool>,
    /// Whether it calls the endpoints under `mtls_endpoint_aliases` (RFC 8705 §5).
    use_mtls_endpoint_aliases: Option<bool>,
    /// The types of `authorization_details` that it asks by (RFC 9396 §10); any when left out.
    #[schema(example = json!(["self_information"]))]
    authorization_details_types: Option<Vec<String>>,
    /// Where a citizen may be sent back to after signing out; on the host of `redirect_uris`.
    #[schema(example = json!(["https://bank.example/bye"]))]
    post_logout_redirect_uris: Option<Vec<String>>,
    /// Where it is told that a citizen signed out; https only. Only then is there a `sid` in its id_tokens.
    #[schema(example = "https://bank.example/logout")]
    backchannel_logout_uri: Option<String>,
    /// Logout tokens have a `sid` always, so either will do.
    backchannel_logout_session_required: Option<bool>,
}

/// A registration as its owner is told it: its metadata, and how to come again.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes an answer")]
pub struct RegisteredClient {
    /// The client's id.
    #[schema(example = "c_Zm9vYmFyYmF6cXV4MTIzNA")]
    client_id: String,
    /// How far the registration has come.
    #[schema(example = "draft")]
    registration_status: String,
    /// Where it is managed.
    registration_client_uri: String,
    /// By what: good for one call, whose answer holds the next.
    registration_access_token: String,
}

/// How a registration ends that is refused.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers")]
pub enum RegistrationErrors {
    /// What is wrong with the metadata, naming the member: `invalid_redirect_uri`, `invalid_client_metadata`,
    /// `invalid_software_statement`, `unapproved_software_statement`, `invalid_request`.
    #[response(status = 400)]
    BadRequest(OauthError),
    /// Another method, `invalid_request`; `Allow` names those there are.
    #[response(status = 405)]
    Method(OauthError),
    /// The body has more than 131072 bytes: `invalid_request`.
    #[response(status = 413)]
    TooLarge(OauthError),
    /// The body is no JSON: `invalid_request`.
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

/// How a call to a client's configuration ends besides.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes an answer")]
pub enum ConfigurationErrors {
    /// The registration access token is missing, used, or another client's: `invalid_token`.
    #[response(status = 401)]
    Unauthenticated(OauthError),
}

/// Registers a third party's software as a draft; the operator lets it act (RFC 7591).
#[utoipa::path(
    post, path = "/oauth/register", operation_id = "register_client", tag = "registration",
    request_body(content = ClientMetadata, content_type = "application/json"),
    responses((status = 201, description = "The registration.", body = RegisteredClient), RegistrationErrors)
)]
pub(super) async fn register(request: HttpRequest, body: web::Payload, issuer: web::Data<Issuer>) -> Answer {
    let metadata = metadata(&request, body).await?;
    let told = issuer.register(&metadata).await;
    let ClientInformation(told) = told.map_err(|failure| OauthFailure::of(failure, &issuer).tagged(&request))?;
    Ok(HttpResponse::Created().insert_header((CACHE_CONTROL, "no-store")).json(told))
}

/// Shows a registration to its owner; the token is replaced (RFC 7592 §2.1).
#[utoipa::path(
    get, path = "/oauth/register/{client_id}", operation_id = "read_client", tag = "registration",
    params(("client_id" = String, Path, description = "The client's id.", example = "c_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses((status = 200, description = "The registration.", body = RegisteredClient), RegistrationErrors,
        ConfigurationErrors),
    security(("registration" = []))
)]
pub(super) async fn read(request: HttpRequest, id: web::Path<String>, issuer: web::Data<Issuer>) -> Answer {
    let told = issuer.read_registration(call(&request, &id)?).await;
    let told = told.map_err(|failure| refused(failure, &request, &issuer))?;
    Ok(answer(StatusCode::OK, &told.rates).json(told.value.0))
}

/// Replaces a registration's metadata; what reviewers look at leads back to a review (RFC 7592 §2.2).
#[utoipa::path(
    put, path = "/oauth/register/{client_id}", operation_id = "update_client", tag = "registration",
    params(("client_id" = String, Path, description = "The client's id.", example = "c_Zm9vYmFyYmF6cXV4MTIzNA")),
    request_body(content = ClientMetadata, content_type = "application/json"),
    responses((status = 200, description = "The registration.", body = RegisteredClient), RegistrationErrors,
        ConfigurationErrors),
    security(("registration" = []))
)]
pub(super) async fn update(
    request: HttpRequest,
    id: web::Path<String>,
    body: web::Payload,
    issuer: web::Data<Issuer>,
) -> Answer {
    let metadata = metadata(&request, body).await?;
    let told = issuer.update_registration(call(&request, &id)?, &metadata).await;
    let told = told.map_err(|failure| refused(failure, &request, &issuer))?;
    Ok(answer(StatusCode::OK, &told.rates).json(told.value.0))
}

/// Gives a registration up, and with it every grant to it (RFC 7592 §2.3).
#[utoipa::path(
    delete, path = "/oauth/register/{client_id}", operation_id = "delete_client", tag = "registration",
    params(("client_id" = String, Path, description = "The client's id.", example = "c_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses((status = 204, description = "The registration is over."), RegistrationErrors, ConfigurationErrors),
    security(("registration" = []))
)]
pub(super) async fn delete(request: HttpRequest, id: web::Path<String>, issuer: web::Data<Issuer>) -> Answer {
    let done = issuer.delete_registration(call(&request, &id)?).await;
    let done = done.map_err(|failure| refused(failure, &request, &issuer))?;
    Ok(answer(StatusCode::NO_CONTENT, &done.rates).finish())
}

fn refused(failure: IssuerFailure, request: &HttpRequest, issuer: &Issuer) -> OauthFailure {
    OauthFailure::of(failure, issuer).challenged_for_registration().tagged(request)
}

fn call<'c>(request: &'c HttpRequest, id: &'c str) -> Result<RegistrationCall<'c>, OauthFailure> {
    let authorization = single(request, "Authorization", INVALID_TOKEN);
    let authorization = authorization.map_err(|failure| failure.challenged_for_registration().tagged(request))?;
    Ok(RegistrationCall { client_id: id, authorization })
}

/// A body that is one JSON object.
async fn metadata(request: &HttpRequest, body: web::Payload) -> Result<Map<String, Value>, OauthFailure> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(OauthFailure::json_wanted().tagged(request));
    }
    let bytes = body.to_bytes_limited(MOST_BYTES).await.map_err(|_| OauthFailure::too_large().tagged(request))?;
    let read = bytes.ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let refused = || OauthFailure::refused(INVALID_REQUEST, "the body must be one JSON object (RFC 7591 §3.1)");
    read.ok_or_else(|| refused().tagged(request))
}
