//! What is opened by a token here: userinfo and grants.

use super::{Answer, OauthFailure, single};
use crate::domain::refusal::Failure;
use crate::issuer::{Issuer, ResourceCall};
use crate::protocol::code::{INVALID_DPOP_PROOF, INVALID_TOKEN};
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

/// `GET|POST /oauth/userinfo`.
pub(super) async fn userinfo(request: HttpRequest, issuer: web::Data<Issuer>) -> Answer {
    let sub = issuer.userinfo(&call(&request)?).await.map_err(|failure| challenged(failure, &request, &issuer))?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(json!({ "sub": sub })))
}

/// `GET /oauth/grants/{grant_id}`.
pub(super) async fn query_grant(request: HttpRequest, id: web::Path<String>, issuer: web::Data<Issuer>) -> Answer {
    let result = issuer.query_grant(&call(&request)?, &id).await;
    let grant = result.map_err(|failure| challenged(failure, &request, &issuer))?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(grant))
}

/// `DELETE /oauth/grants/{grant_id}`.
pub(super) async fn revoke_grant(request: HttpRequest, id: web::Path<String>, issuer: web::Data<Issuer>) -> Answer {
    let result = issuer.revoke_grant(&call(&request)?, &id).await;
    result.map_err(|failure| challenged(failure, &request, &issuer))?;
    Ok(HttpResponse::NoContent().finish())
}

fn challenged(failure: Failure, request: &HttpRequest, issuer: &Issuer) -> OauthFailure {
    OauthFailure::of(failure, issuer).challenged().tagged(request)
}

fn call(request: &HttpRequest) -> Result<ResourceCall<'_>, OauthFailure> {
    let field = |name, code| single(request, name, code).map_err(|failure| failure.challenged().tagged(request));
    Ok(ResourceCall {
        method: request.method().as_str(),
        path: request.path(),
        authorization: field("Authorization", INVALID_TOKEN)?,
        dpop: field("DPoP", INVALID_DPOP_PROOF)?,
    })
}
