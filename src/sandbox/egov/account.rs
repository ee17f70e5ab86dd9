//! The account service: software comes with its id and API key, a company's account lets it in. Refresh tokens rotate.

use super::{ACCOUNT_PATH, API_KEY, REDIRECT_PATH, REFRESH_TOKEN, SOFTWARE_ID, Shared};
use crate::domain::{Digest, Timestamp};
use crate::sandbox::form::Form;
use crate::sandbox::oauth_error::OauthError;
use crate::sandbox::pages;
use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL};
use actix_web::{HttpRequest, HttpResponse, web};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::time::Duration;

/// How long a code counts.
const CODE_LIFE: Duration = Duration::from_mins(1);
/// How long an access token counts.
const TOKEN_LIFE: Duration = Duration::from_hours(1);
/// How long a refresh token counts.
const REFRESH_LIFE: Duration = Duration::from_hours(180 * 24);

pub(super) fn routes(config: &mut web::ServiceConfig) {
    let at = |path: &str| web::resource(format!("{ACCOUNT_PATH}{path}"));
    config
        .service(at("/auth").route(web::get().to(authorize)))
        .service(at("/token").route(web::post().to(token)))
        .service(at("/token/introspect").route(web::post().to(introspect)))
        .service(at("/logout").route(web::post().to(logout)))
        .service(web::resource(REDIRECT_PATH).route(web::get().to(connected)));
}

/// `GET /auth`: the made-up company is always signed in and always lets the software in.
async fn authorize(sandbox: Shared, request: HttpRequest) -> HttpResponse {
    let now = sandbox.clock.now();
    let asked = Form::parse(request.query_string().as_bytes()).and_then(|form| {
        let redirect = form.need("redirect_uri")?.to_owned();
        let is_registered = form.need("client_id")? == SOFTWARE_ID && redirect == sandbox.egov.redirect_uri;
        if !is_registered {
            return Err("client_id or redirect_uri is not registered".to_owned());
        }
        let scopes: Vec<&str> = form.need("scope")?.split(' ').collect();
        let is_right = form.need("response_type")? == "code"
            && scopes.contains(&"openid")
            && scopes.contains(&"offline_access")
            && form.need("code_challenge_method")? == "S256"
            && form.need("code_challenge")?.len() == 43;
        let state = form.get("state").unwrap_or_default().to_owned();
        is_right
            .then(|| (redirect, state, form.get("code_challenge").unwrap_or_default().to_owned()))
            .ok_or_else(|| "response_type=code, scope=openid offline_access and PKCE with S256 are wanted".to_owned())
    });
    match asked {
        Err(flaw) => HttpResponse::BadRequest().body(flaw),
        Ok((redirect, state, challenge)) => {
            let code = sandbox.entropy.handle();
            sandbox.egov.codes.insert(Digest::of(&code), challenge, now.plus(CODE_LIFE), now);
            let query = url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs([("code", code.as_str()), ("state", state.as_str())])
                .finish();
            pages::see_other(&format!("{redirect}?{query}"))
        }
    }
}

/// Where a browser ends: there is nothing to do but to copy its address.
async fn connected() -> HttpResponse {
    HttpResponse::Ok().insert_header(("referrer-policy", "no-referrer")).content_type("text/plain; charset=utf-8").body(
        "Copy this page's address into the terminal that waits for it, within 60 seconds.\n\
         このページのアドレスを、60秒以内に、待っている端末に貼り付けてください。\n",
    )
}

/// `POST /token`.
async fn token(sandbox: Shared, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    match exchange(&sandbox, &request, &body) {
        Ok(answer) => HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(answer),
        Err(error) => error.answer(),
    }
}

fn exchange(sandbox: &Shared, request: &HttpRequest, body: &[u8]) -> Result<Value, OauthError> {
    let now = sandbox.clock.now();
    software(request)?;
    let form = Form::of_body(request, body).map_err(OauthError::request)?;
    let need = |name: &str| form.need(name).map(str::to_owned).map_err(OauthError::request);
    match need("grant_type")?.as_str() {
        "authorization_code" => {
            let (code, verifier) = (need("code")?, need("code_verifier")?);
            let challenge = sandbox.egov.codes.take(&Digest::of(&code), now);
            let is_right = challenge.is_some_and(|challenge| Digest::of(&verifier).base64url() == challenge);
            if !is_right || need("redirect_uri")? != sandbox.egov.redirect_uri {
                return Err(OauthError::grant("the code is unknown, used, expired or another software's"));
            }
        }
        "refresh_token" => {
            let token = need("refresh_token")?;
            // Each but the first is good once: what it gives is the next one.
            let is_first = token == REFRESH_TOKEN;
            let is_known = is_first || sandbox.egov.refresh.take(&Digest::of(&token), now).is_some();
            sandbox.egov.renewed(is_first);
            if !is_known {
                return Err(OauthError::grant("the refresh token is unknown or expired"));
            }
        }
        _ => return Err(OauthError::grant_type("grant_type must be authorization_code or refresh_token")),
    }
    Ok(issue(sandbox, now))
}

fn issue(sandbox: &Shared, now: Timestamp) -> Value {
    let (access, refresh) = (sandbox.entropy.handle(), sandbox.entropy.handle());
    sandbox.egov.tokens.insert(Digest::of(&access), (), now.plus(TOKEN_LIFE), now);
    sandbox.egov.refresh.insert(Digest::of(&refresh), (), now.plus(REFRESH_LIFE), now);
    json!({
        "access_token": access, "token_type": "Bearer", "expires_in": TOKEN_LIFE.as_secs(),
        "refresh_token": refresh, "refresh_expires_in": REFRESH_LIFE.as_secs(), "scope": "openid offline_access",
    })
}

/// HTTP Basic with the software's id and API key.
fn software(request: &HttpRequest) -> Result<(), OauthError> {
    let header = request.headers().get(AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let said = header.strip_prefix("Basic ").and_then(|value| STANDARD.decode(value).ok());
    let wanted = format!("{SOFTWARE_ID}:{API_KEY}");
    let is_right = said.is_some_and(|said| Digest::of_bytes(&said) == Digest::of(&wanted));
    is_right.then_some(()).ok_or_else(|| OauthError::client("the software's id or API key is wrong"))
}

/// `POST /token/introspect`.
async fn introspect(sandbox: Shared, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    if let Err(error) = software(&request) {
        return error.answer();
    }
    let token = Form::of_body(&request, &body).ok().and_then(|form| form.get("token").map(str::to_owned));
    let now = sandbox.clock.now();
    let is_active = token.is_some_and(|token| sandbox.egov.tokens.get(&Digest::of(&token), now).is_some());
    HttpResponse::Ok().json(json!({"active": is_active}))
}

/// `POST /logout`: ends a refresh token.
async fn logout(sandbox: Shared, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    if let Err(error) = software(&request) {
        return error.answer();
    }
    let token = Form::of_body(&request, &body).ok().and_then(|form| form.get("refresh_token").map(str::to_owned));
    if let Some(token) = token {
        sandbox.egov.refresh.take(&Digest::of(&token), sandbox.clock.now());
    }
    HttpResponse::NoContent().finish()
}
