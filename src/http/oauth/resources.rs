//! What is opened by a token here: userinfo and grants.

use super::description::{ResourceErrors, UserInfo};
use super::{Answer, OauthFailure, answer, single, tally_of};
use crate::http::edge::certificate_of;
use crate::issuer::{self, GrantView, Issuer, IssuerFailure, ResourceCall};
use crate::protocol::certificate::ClientCertificate;
use crate::protocol::code::{INVALID_DPOP_PROOF, INVALID_TOKEN};
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, web};
use serde_json::json;

/// Who signed in, as a pairwise value (OpenID Connect Core §5.3).
#[utoipa::path(
    get, path = "/oauth/userinfo", operation_id = "get_userinfo", tag = "authorization",
    responses(
        (status = 200, description = "The pairwise subject.", content(
            (UserInfo = "application/json"),
            (String = "application/jwt")
        )),
        ResourceErrors
    ),
    security(("dpop" = ["openid"]))
)]
pub(super) async fn userinfo(request: HttpRequest, issuer: web::Data<Issuer>) -> Answer {
    tell_user(&request, &issuer).await
}

/// The same by POST.
#[utoipa::path(
    post, path = "/oauth/userinfo", operation_id = "post_userinfo", tag = "authorization",
    responses(
        (status = 200, description = "The pairwise subject.", content(
            (UserInfo = "application/json"),
            (String = "application/jwt")
        )),
        ResourceErrors
    ),
    security(("dpop" = ["openid"]))
)]
pub(super) async fn post_userinfo(request: HttpRequest, issuer: web::Data<Issuer>) -> Answer {
    tell_user(&request, &issuer).await
}

async fn tell_user(request: &HttpRequest, issuer: &Issuer) -> Answer {
    let certificate = certificate_of(request);
    let told = issuer
        .userinfo(&call(request, certificate.as_ref(), issuer)?)
        .await
        .map_err(|failure| challenged(failure, request, issuer))?;
    let mut response = answer(StatusCode::OK, &told.rates);
    Ok(match told.value {
        issuer::UserInfo::Sub(sub) => response.json(json!({ "sub": sub })),
        issuer::UserInfo::Jwt(jwt) => response.insert_header((CONTENT_TYPE, "application/jwt")).body(jwt),
    })
}

/// Shows a grant of one's own (FAPI Grant Management §6.3); any token of the same client opens it.
#[utoipa::path(
    get, path = "/oauth/grants/{grant_id}", operation_id = "query_grant", tag = "authorization",
    params(("grant_id" = String, Path, description = "The grant's id, from the token response.", example = "g_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses((status = 200, description = "The grant.", body = GrantView), ResourceErrors),
    security(("dpop" = []))
)]
pub(super) async fn query_grant(request: HttpRequest, id: web::Path<String>, issuer: web::Data<Issuer>) -> Answer {
    let certificate = certificate_of(&request);
    let result = issuer.query_grant(&call(&request, certificate.as_ref(), &issuer)?, &id).await;
    let grant = result.map_err(|failure| challenged(failure, &request, &issuer))?;
    Ok(answer(StatusCode::OK, &grant.rates).json(grant.value))
}

/// Gives a grant of one's own back (FAPI Grant Management §6.4).
#[utoipa::path(
    delete, path = "/oauth/grants/{grant_id}", operation_id = "revoke_grant", tag = "authorization",
    params(("grant_id" = String, Path, description = "The grant's id, from the token response.", example = "g_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses((status = 204, description = "The grant is over, and with it all its tokens."), ResourceErrors),
    security(("dpop" = []))
)]
pub(super) async fn revoke_grant(request: HttpRequest, id: web::Path<String>, issuer: web::Data<Issuer>) -> Answer {
    let certificate = certificate_of(&request);
    let result = issuer.revoke_grant(&call(&request, certificate.as_ref(), &issuer)?, &id).await;
    let done = result.map_err(|failure| challenged(failure, &request, &issuer))?;
    Ok(answer(StatusCode::NO_CONTENT, &done.rates).finish())
}

fn challenged(failure: IssuerFailure, request: &HttpRequest, issuer: &Issuer) -> OauthFailure {
    OauthFailure::of(failure, issuer).challenged(issuer).tagged(request)
}

fn call<'c>(
    request: &'c HttpRequest,
    certificate: Option<&'c ClientCertificate>,
    issuer: &Issuer,
) -> Result<ResourceCall<'c>, OauthFailure> {
    let field = |name, code| single(request, name, code).map_err(|failure| failure.challenged(issuer).tagged(request));
    Ok(ResourceCall {
        method: request.method().as_str(),
        path: request.path(),
        query: request.query_string(),
        authorization: field("Authorization", INVALID_TOKEN)?,
        dpop: field("DPoP", INVALID_DPOP_PROOF)?,
        tally: tally_of(request),
        certificate,
    })
}
