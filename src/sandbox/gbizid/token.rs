//! The token endpoint and userinfo for companies.

use super::super::form::Form;
use super::super::identity::without_nulls;
use super::super::oauth_error::OauthError;
use super::super::server::Sandbox;
use super::{Account, Grant, Mandate, REFRESH_LIFE, SCOPES, TOKEN_LIFE};
use crate::domain::{Digest, Timestamp};
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL, WWW_AUTHENTICATE};
use actix_web::{HttpRequest, HttpResponse, web};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

/// `POST …/token`.
pub(super) async fn token(sandbox: web::Data<Sandbox>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    match exchange(&sandbox, &request, &body) {
        Ok(answer) => HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(answer),
        Err(error) => error.answer(),
    }
}

/// This provider's own word for a client that did not prove itself.
fn unauthorized() -> OauthError {
    OauthError::new(StatusCode::UNAUTHORIZED, "unauthorized", "the client's id or secret is wrong")
}

fn exchange(sandbox: &Sandbox, request: &HttpRequest, body: &[u8]) -> Result<Value, OauthError> {
    let now = sandbox.clock.now();
    let party = client(sandbox, request).ok_or_else(unauthorized)?;
    let form = Form::of_body(request, body).map_err(OauthError::request)?;
    let grant = match form.need("grant_type").map_err(OauthError::request)? {
        "authorization_code" => by_code(sandbox, &form, now)?,
        "refresh_token" => {
            let token = form.need("refresh_token").map_err(OauthError::request)?;
            // Taken: each refresh token counts once, its successor comes with the answer.
            sandbox.corporate.refresh.take(&Digest::of(token), now).ok_or_else(|| {
                OauthError::new(StatusCode::UNAUTHORIZED, "invalid_token", "refresh_token is unknown, used or expired")
            })?
        }
        _ => return Err(OauthError::grant_type("grant_type must be authorization_code or refresh_token")),
    };
    if grant.transaction.party != party {
        return Err(OauthError::grant("given to another client"));
    }
    answer(sandbox, &grant, now)
}

/// `client_secret_basic` (RFC 6749 §2.3.1): both parts are form-encoded inside the Basic value.
fn client(sandbox: &Sandbox, request: &HttpRequest) -> Option<usize> {
    let value = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, value) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let value = String::from_utf8(STANDARD.decode(value).ok()?).ok()?;
    let (id, secret) = value.split_once(':')?;
    let plain = |part: &str| {
        let pair = format!("v={part}");
        url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, v)| v.into_owned())
    };
    let (place, party) = sandbox.parties.by_identity(&plain(id)?)?;
    let known = party.corporate_secret.as_ref()?;
    // Digests are compared in constant time, whatever their texts' lengths.
    (Digest::of(known.expose()) == Digest::of(&plain(secret)?)).then_some(place)
}

fn by_code(sandbox: &Sandbox, form: &Form, now: Timestamp) -> Result<Grant, OauthError> {
    let code = form.need("code").map_err(OauthError::request)?;
    let unknown = || OauthError::grant("code is unknown, used or expired");
    let grant = sandbox.corporate.codes.take(&Digest::of(code), now).ok_or_else(unknown)?;
    if form.need("redirect_uri").map_err(OauthError::request)? != grant.transaction.redirect_uri {
        return Err(OauthError::grant("redirect_uri is not the one that the code was sent to"));
    }
    match (&grant.transaction.challenge, form.get("code_verifier")) {
        (None, None) => {}
        (Some(challenge), Some(verifier)) if Digest::of(verifier).base64url() == *challenge => {}
        _ => return Err(OauthError::grant("code_verifier does not fit the code_challenge")),
    }
    Ok(grant)
}

fn answer(sandbox: &Sandbox, grant: &Grant, now: Timestamp) -> Result<Value, OauthError> {
    let (Some(key), Some(party)) = (sandbox.corporate.key(), sandbox.parties.get(grant.transaction.party)) else {
        return Err(OauthError::broken());
    };
    let subject = subject(sandbox, grant);
    let base = json!({
        "iss": sandbox.addresses.corporate,
        "sub": subject,
        "azp": party.identity_client_id,
        "iat": now.seconds(),
        "exp": now.plus(TOKEN_LIFE).seconds(),
        "jti": sandbox.entropy.short_handle(),
    });
    let access_token = key.sign(&base).ok_or_else(OauthError::broken)?;
    let mut id_claims = base;
    if let Some(members) = id_claims.as_object_mut() {
        members.insert("aud".to_owned(), json!(party.identity_client_id));
        members.insert("auth_time".to_owned(), json!(grant.signed_in.seconds()));
        members.insert("nonce".to_owned(), json!(grant.transaction.nonce));
    }
    let id_token = key.sign(&without_nulls(id_claims)).ok_or_else(OauthError::broken)?;
    if !sandbox.corporate.tokens.insert(Digest::of(&access_token), grant.clone(), now.plus(TOKEN_LIFE), now) {
        return Err(OauthError::busy());
    }
    let refresh_token = grant.has("offline_access").then(|| sandbox.entropy.handle());
    if let Some(token) = &refresh_token {
        sandbox.corporate.refresh.insert(Digest::of(token), grant.clone(), now.plus(REFRESH_LIFE), now);
    }
    Ok(without_nulls(json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": TOKEN_LIFE.as_secs(),
        "id_token": id_token,
        "refresh_token": refresh_token,
        "scope": grant.transaction.scope,
    })))
}

/// An account's own id at this provider: the same for every client.
fn subject(sandbox: &Sandbox, grant: &Grant) -> String {
    let id = sandbox.corporate.accounts.get(grant.account).map(|a| a.id.as_str()).unwrap_or_default();
    Digest::of(&format!("sandbox-gbizid\n{id}")).base64url()
}

/// `GET …/userinfo`.
pub(super) async fn userinfo(sandbox: web::Data<Sandbox>, request: HttpRequest) -> HttpResponse {
    let now = sandbox.clock.now();
    let header = request.headers().get(AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let token = header.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, t)| t);
    let grant = token.and_then(|t| sandbox.corporate.tokens.get(&Digest::of(t), now));
    let account = grant.as_ref().and_then(|g| sandbox.corporate.accounts.get(g.account));
    let (Some(grant), Some(account)) = (grant, account) else {
        return HttpResponse::Unauthorized()
            .insert_header((WWW_AUTHENTICATE, r#"Bearer error="invalid_token""#))
            .json(json!({"error": "invalid_token", "error_description": "the token is unknown or has expired"}));
    };
    if !SCOPES.iter().filter(|scope| !matches!(**scope, "openid" | "offline_access")).any(|scope| grant.has(scope)) {
        return HttpResponse::Forbidden()
            .insert_header((WWW_AUTHENTICATE, r#"Bearer error="insufficient_scope""#))
            .json(json!({"error": "insufficient_scope", "error_description": "the scope opens nothing here"}));
    }
    let of = |scope: &str, value: Value| if grant.has(scope) { value } else { Value::Null };
    let profile = |value: Value| of("profile", value);
    let claims = json!({
        "sub": subject(&sandbox, &grant),
        "account_type": profile(json!(account.account_type)),
        "corp_type": profile(json!(account.corp_type)),
        "corporate_number": profile(json!(account.corporate_number)),
        "name": profile(json!(account.name)),
        "prefecture_name": profile(json!(account.prefecture_name)),
        "address1": profile(json!(account.address1)),
        "address2": profile(json!(account.address2)),
        "rep_last_nm": profile(json!(account.rep_last_nm)),
        "rep_first_nm": profile(json!(account.rep_first_nm)),
        "rep_last_nm_kana": profile(json!(account.rep_last_nm_kana)),
        "rep_first_nm_kana": profile(json!(account.rep_first_nm_kana)),
        "birthday_ymd": profile(json!(account.birthday_ymd)),
        "parent_id": profile(json!(account.parent_id)),
        "user_last_nm": of("user", json!(account.user_last_nm)),
        "user_first_nm": of("user", json!(account.user_first_nm)),
        "email": of("email", json!(account.id)),
        "role": of("role", json!(account.role)),
        "mandate": of("mandate", mandates(account)),
        "delegation_info": of("delegation_info", delegation_info(account)),
        "verified_claims": of("jp_gbizid_v1_ida", verified_claims(account)),
    });
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(without_nulls(claims))
}

/// Who gave the account's company a mandate.
fn mandates(account: &Account) -> Value {
    let one = |one: &Mandate| {
        json!({
            "corporate_number": one.corporate_number, "name": one.name, "from": one.from, "until": one.until,
        })
    };
    account.mandates.iter().map(one).collect()
}

/// What those mandates cover.
fn delegation_info(account: &Account) -> Value {
    let one = |one: &Mandate| json!({ "corporate_number": one.corporate_number, "procedures": one.procedures });
    account.mandates.iter().map(one).collect()
}

/// Who was checked, and how (in the members of OpenID Connect for Identity Assurance).
fn verified_claims(account: &Account) -> Value {
    let permission = match account.account_type.as_str() {
        "2" => Some("prime"),
        "3" => Some("member"),
        _ => None,
    };
    json!({
        "verification": {
            "trust_framework": "jp_gbizid_v1",
            "assurance_level": account.assurance_level,
            "assurance_process": {"procedure": account.checked_by},
        },
        "claims": {
            "corporate_number": account.corporate_number,
            "authority": permission.map(|permission| json!({ "permission": permission })),
        },
    })
}
