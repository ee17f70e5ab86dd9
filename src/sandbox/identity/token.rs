//! The token endpoint and what its tokens open.

use super::super::form::Form;
use super::super::oauth_error::OauthError;
use super::super::person::Sex;
use super::super::server::Sandbox;
use super::{Bearer, CODE_LIFE, Code, TOKEN_LIFE, signing};
use crate::domain::Digest;
use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL, WWW_AUTHENTICATE};
use actix_web::{HttpRequest, HttpResponse, web};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// `POST …/token`.
pub(super) async fn token(sandbox: web::Data<Sandbox>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    match exchange(&sandbox, &request, &body) {
        Ok(answer) => HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(answer),
        Err(error) => error.answer(),
    }
}

fn exchange(sandbox: &Sandbox, request: &HttpRequest, body: &[u8]) -> Result<Value, OauthError> {
    let now = sandbox.clock.now();
    let form = Form::of_body(request, body).map_err(OauthError::request)?;
    let client_id = form.need("client_id").map_err(OauthError::request)?;
    let unknown = || OauthError::client("client_id is not registered");
    let (place, party) = sandbox.parties.by_identity(client_id).ok_or_else(unknown)?;
    let endpoint = format!("{}/protocol/openid-connect/token", sandbox.addresses.identity);
    sandbox.parties.authenticate(party, (client_id, &endpoint), &form, now).map_err(OauthError::client)?;
    match form.need("grant_type").map_err(OauthError::request)? {
        "authorization_code" => {}
        "client_credentials" => return own(sandbox, &form, place),
        _ => return Err(OauthError::grant_type("grant_type must be authorization_code or client_credentials")),
    }
    let mark = Digest::of(form.need("code").map_err(OauthError::request)?);
    let Some(code) = sandbox.identity.codes.take(&mark, now) else {
        // RFC 6749 §4.1.2: a second use ends what the first one got.
        if let Some(token) = sandbox.identity.spent.take(&mark, now) {
            sandbox.identity.tokens.take(&token, now);
        }
        return Err(OauthError::grant("code is unknown, used or expired"));
    };
    check(&form, &code, place)?;
    let access_token = sandbox.entropy.handle();
    let bearer = Bearer { party: place, person: code.person, scope: code.transaction.scope.clone() };
    let token_mark = Digest::of(&access_token);
    if !sandbox.identity.tokens.insert(token_mark, bearer, now.plus(TOKEN_LIFE), now) {
        return Err(OauthError::busy());
    }
    sandbox.identity.spent.insert(mark, token_mark, now.plus(CODE_LIFE * 5), now);
    let person = sandbox.people.get(code.person).ok_or_else(OauthError::broken)?;
    let signed = code.transaction.signing.as_ref().map(|id| signing::claims(sandbox, id));
    let (signing_transaction, signing_serial) = signed.unwrap_or_default();
    let with_certificate = code.transaction.scope.split(' ').any(|scope| scope == "certificate");
    let claims = json!({
        "iss": sandbox.addresses.identity,
        "sub": party.subject(&person.file.id),
        "aud": client_id,
        "iat": now.seconds(),
        "exp": now.plus(TOKEN_LIFE).seconds(),
        "auth_time": code.signed_in.seconds(),
        "nonce": code.transaction.nonce,
        "acr": "aal3 crl",
        "at_hash": half_hash(&access_token),
        "sid": code.session_state,
        "signing_transaction": signing_transaction,
        "signing_certificate_serial": signing_serial,
        "certificate_serial": with_certificate.then(|| person.certificate_serial()),
    });
    let claims = without_nulls(claims);
    let id_token = sandbox.identity.key.sign(&claims).ok_or_else(OauthError::broken)?;
    Ok(json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": TOKEN_LIFE.as_secs(),
        "id_token": id_token,
        "scope": code.transaction.scope,
        "session_state": code.session_state,
    }))
}

/// A token of the client's own (RFC 6749 §4.4), which opens the signing service and nothing else.
fn own(sandbox: &Sandbox, form: &Form, party: usize) -> Result<Value, OauthError> {
    let now = sandbox.clock.now();
    if form.get("scope") != Some(signing::SIGN) {
        let words = "scope must be sign";
        return Err(OauthError::new(actix_web::http::StatusCode::BAD_REQUEST, "invalid_scope", words));
    }
    let token = sandbox.entropy.handle();
    if !sandbox.identity.own_tokens.insert(Digest::of(&token), party, now.plus(TOKEN_LIFE), now) {
        return Err(OauthError::busy());
    }
    let life = TOKEN_LIFE.as_secs();
    Ok(json!({"access_token": token, "token_type": "Bearer", "expires_in": life, "scope": signing::SIGN}))
}

fn check(form: &Form, code: &Code, party: usize) -> Result<(), OauthError> {
    if code.transaction.party != party {
        return Err(OauthError::grant("code was given to another client"));
    }
    if form.need("redirect_uri").map_err(OauthError::request)? != code.transaction.redirect_uri {
        return Err(OauthError::grant("redirect_uri is not the one that the code was sent to"));
    }
    let verifier = form.need("code_verifier").map_err(OauthError::request)?;
    // RFC 7636 §4.1 and §4.6.
    if !(43..=128).contains(&verifier.len()) || Digest::of(verifier).base64url() != code.transaction.challenge {
        return Err(OauthError::grant("code_verifier does not fit the code_challenge"));
    }
    Ok(())
}

/// `at_hash` (OpenID Connect Core §3.1.3.6): the left half of the hash.
fn half_hash(token: &str) -> String {
    let hash = digest(&SHA256, token.as_bytes());
    URL_SAFE_NO_PAD.encode(hash.as_ref().get(..16).unwrap_or_default())
}

/// A claim without a value is left out.
pub(in crate::sandbox) fn without_nulls(mut claims: Value) -> Value {
    if let Some(members) = claims.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    claims
}

/// `GET|POST …/userinfo` (OpenID Connect Core §5.3).
pub(super) async fn userinfo(sandbox: web::Data<Sandbox>, request: HttpRequest) -> HttpResponse {
    let now = sandbox.clock.now();
    let header = request.headers().get(AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let token = header.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, t)| t);
    let bearer = token.and_then(|t| sandbox.identity.tokens.get(&Digest::of(t), now));
    let person = bearer.as_ref().and_then(|b| sandbox.people.get(b.person));
    let party = bearer.as_ref().and_then(|b| sandbox.parties.get(b.party));
    let (Some(bearer), Some(person), Some(party)) = (bearer, person, party) else {
        return HttpResponse::Unauthorized()
            .insert_header((WWW_AUTHENTICATE, r#"Bearer error="invalid_token""#))
            .json(json!({"error": "invalid_token", "error_description": "the token is unknown or has expired"}));
    };
    let file = &person.file;
    let when =
        |scope: &str, value: Value| if bearer.scope.split(' ').any(|s| s == scope) { value } else { Value::Null };
    let gender = if file.sex == Sex::Male { "1" } else { "2" };
    let claims = json!({
        "sub": party.subject(&file.id),
        "name": when("name", json!(file.name.full)),
        "address": when("address", json!(file.address.text)),
        "birthdate": when("birthdate", json!(file.birth_date.format("%Y%m%d").to_string())),
        "gender": when("gender", json!(gender)),
    });
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(without_nulls(claims))
}
