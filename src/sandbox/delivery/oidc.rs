//! Signing in at a provider, and what its tokens stand for (OpenID Connect Core, RFC 7636, RFC 7009).

use super::super::form::Form;
use super::super::identity::{back_with_error, without_nulls};
use super::super::oauth_error::OauthError;
use super::super::pages::{self, DeliveryPage, Lang};
use super::super::server::Sandbox;
use super::super::text::is_printable;
use super::{Account, Code, DeliveryMood, PROVIDERS, Shared, Transaction, is_provider, issuer, missing};
use crate::domain::Digest;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};
use std::sync::PoisonError;
use std::time::Duration;
use url::Url;

/// How long a sign-in may take, a code counts, and a token.
const TRANSACTION_LIFE: Duration = Duration::from_mins(10);
const CODE_LIFE: Duration = Duration::from_mins(1);
const TOKEN_LIFE: Duration = Duration::from_mins(5);

/// `GET …/.well-known/openid-configuration`.
pub(super) async fn metadata(sandbox: Shared, provider: web::Path<String>) -> HttpResponse {
    if !is_provider(&provider) {
        return missing();
    }
    let issuer = issuer(&sandbox, &provider);
    HttpResponse::Ok().json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/auth"),
        "token_endpoint": format!("{issuer}/token"),
        "revocation_endpoint": format!("{issuer}/revoke"),
        "jwks_uri": format!("{issuer}/certs"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["openid", "offline_access", "documents"],
        "authorization_response_iss_parameter_supported": true,
    }))
}

/// `GET …/certs`.
pub(super) async fn certs(sandbox: Shared) -> HttpResponse {
    HttpResponse::Ok().insert_header((CONTENT_TYPE, "application/json")).body(sandbox.delivery.key.jwks.clone())
}

/// `GET …/auth`.
pub(super) async fn begin(sandbox: Shared, provider: web::Path<String>, request: HttpRequest) -> HttpResponse {
    let form = Form::parse(request.query_string().as_bytes()).unwrap_or_default();
    let lang = Lang::of(&request, form.get("ui_locales"));
    if !is_provider(&provider) {
        return missing();
    }
    let party = form.get("client_id").and_then(|id| sandbox.parties.by_identity(id));
    let redirect = form.get("redirect_uri").unwrap_or_default();
    let Some((_, party)) = party.filter(|(_, party)| party.redirect_uris.iter().any(|uri| uri == redirect)) else {
        return pages::refused(lang, "client_id or redirect_uri is not registered");
    };
    let state = form.get("state").filter(|state| is_printable(state, 255));
    let challenge = form.get("code_challenge").filter(|_| form.get("code_challenge_method") == Some("S256"));
    let scope = form.get("scope").unwrap_or_default();
    let is_whole = form.get("response_type") == Some("code") && scope.split(' ').any(|one| one == "openid");
    let (Some(state), Some(challenge), true) = (state, challenge, is_whole) else {
        let words = "response_type, scope openid, state and PKCE S256 are needed";
        return back_with_error(redirect, ("invalid_request", words), form.get("state"));
    };
    let transaction = Transaction {
        provider: provider.clone(),
        client: party.identity_client_id.clone(),
        redirect_uri: redirect.to_owned(),
        state: state.to_owned(),
        nonce: form.get("nonce").map(str::to_owned),
        challenge: challenge.to_owned(),
    };
    let (handle, now) = (sandbox.entropy.handle(), sandbox.clock.now());
    if !sandbox.delivery.transactions.insert(handle.clone(), transaction, now.plus(TRANSACTION_LIFE), now) {
        return back_with_error(redirect, ("temporarily_unavailable", "too much is under way"), Some(state));
    }
    let name = PROVIDERS.iter().find(|(code, ..)| *code == provider.as_str());
    let name = name.map(|(_, ja, en)| lang.say(ja, en)).unwrap_or_default();
    let persons = sandbox.people.iter().map(|person| pages::listed(person, lang)).collect();
    pages::delivery(&DeliveryPage { lang, provider: &provider, name, transaction: &handle, persons }, redirect)
}

/// `POST …/login`: somebody signs in, or gives up.
pub(super) async fn login(
    sandbox: Shared,
    provider: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let form = Form::of_body(&request, &body).unwrap_or_default();
    let lang = Lang::of(&request, form.get("lang"));
    let now = sandbox.clock.now();
    let over = || pages::refused(lang, "this sign-in is over");
    let handle = form.get("transaction").unwrap_or_default().to_owned();
    let Some(transaction) = sandbox.delivery.transactions.take(&handle, now) else { return over() };
    if transaction.provider != *provider {
        return over();
    }
    if form.get("method") != Some("login") {
        let why = ("access_denied", "the person stopped the sign-in");
        return back_with_error(&transaction.redirect_uri, why, Some(&transaction.state));
    }
    let person = form.get("person").and_then(|id| sandbox.people.by_id(id));
    let (Some((person, _)), Ok(mut url)) = (person, Url::parse(&transaction.redirect_uri)) else { return over() };
    let code = sandbox.entropy.handle();
    url.query_pairs_mut()
        .append_pair("code", &code)
        .append_pair("state", &transaction.state)
        .append_pair("iss", &issuer(&sandbox, &provider));
    let meaning = Code { transaction, person };
    if !sandbox.delivery.codes.insert(Digest::of(&code), meaning, now.plus(CODE_LIFE), now) {
        return over();
    }
    pages::see_other(url.as_str())
}

/// `POST …/token`.
pub(super) async fn token(
    sandbox: Shared,
    provider: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    if sandbox.delivery.mood(&provider) == DeliveryMood::Down {
        return HttpResponse::ServiceUnavailable().finish();
    }
    match exchange(&sandbox, &provider, &request, &body) {
        Ok(answer) => HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(answer),
        Err(error) => error.answer(),
    }
}

fn client<'f>(sandbox: &Sandbox, endpoint: &str, form: &'f Form) -> Result<&'f str, OauthError> {
    let client_id = form.need("client_id").map_err(OauthError::request)?;
    let unknown = || OauthError::client("client_id is not registered");
    let (_, party) = sandbox.parties.by_identity(client_id).ok_or_else(unknown)?;
    let proved = sandbox.parties.authenticate(party, (client_id, endpoint), form, sandbox.clock.now());
    proved.map_err(OauthError::client)?;
    Ok(client_id)
}

fn exchange(sandbox: &Sandbox, provider: &str, request: &HttpRequest, body: &[u8]) -> Result<Value, OauthError> {
    let form = Form::of_body(request, body).map_err(OauthError::request)?;
    let client_id = client(sandbox, &format!("{}/token", issuer(sandbox, provider)), &form)?;
    match form.need("grant_type").map_err(OauthError::request)? {
        "authorization_code" => by_code(sandbox, (provider, client_id), &form),
        "refresh_token" => by_refresh(sandbox, (provider, client_id), &form),
        _ => Err(OauthError::grant_type("grant_type must be authorization_code or refresh_token")),
    }
}

fn by_code(sandbox: &Sandbox, (provider, client): (&str, &str), form: &Form) -> Result<Value, OauthError> {
    let now = sandbox.clock.now();
    let mark = Digest::of(form.need("code").map_err(OauthError::request)?);
    let code = sandbox.delivery.codes.take(&mark, now);
    let code = code.ok_or_else(|| OauthError::grant("code is unknown, used or expired"))?;
    let verifier = form.need("code_verifier").map_err(OauthError::request)?;
    let one = &code.transaction;
    let is_whole = one.provider == provider
        && one.client == client
        && form.get("redirect_uri") == Some(&one.redirect_uri)
        && (43..=128).contains(&verifier.len())
        && Digest::of(verifier).base64url() == one.challenge;
    if !is_whole {
        return Err(OauthError::grant("code was given to another client, address or verifier"));
    }
    let person = sandbox.people.get(code.person).ok_or_else(OauthError::broken)?;
    let claims = json!({
        "iss": issuer(sandbox, provider),
        "sub": Digest::of(&format!("sandbox-delivery\n{provider}\n{client}\n{}", person.file.id)).base64url(),
        "aud": client,
        "iat": now.seconds(),
        "exp": now.plus(TOKEN_LIFE).seconds(),
        "nonce": one.nonce,
    });
    let id_token = sandbox.delivery.key.sign(&without_nulls(claims)).ok_or_else(OauthError::broken)?;
    let account = Account { provider: provider.to_owned(), client: client.to_owned(), person: code.person };
    let mut answer = opened(sandbox, account.clone())?;
    if let Some(members) = answer.as_object_mut() {
        members.insert("id_token".to_owned(), id_token.into());
        members.insert("refresh_token".to_owned(), kept(sandbox, account).into());
    }
    Ok(answer)
}

fn by_refresh(sandbox: &Sandbox, (provider, client): (&str, &str), form: &Form) -> Result<Value, OauthError> {
    let mark = Digest::of(form.need("refresh_token").map_err(OauthError::request)?);
    let renews = sandbox.delivery.mood(provider) == DeliveryMood::Renews;
    let account = {
        let mut accounts = sandbox.delivery.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let account = accounts.get(&mark).filter(|one| one.provider == provider && one.client == client).cloned();
        if renews && account.is_some() {
            accounts.remove(&mark);
        }
        account
    };
    let account = account.ok_or_else(|| OauthError::grant("refresh_token is unknown or was revoked"))?;
    let mut answer = opened(sandbox, account.clone())?;
    if renews && let Some(members) = answer.as_object_mut() {
        members.insert("refresh_token".to_owned(), kept(sandbox, account).into());
    }
    Ok(answer)
}

/// A refresh token, kept as its digest.
fn kept(sandbox: &Sandbox, account: Account) -> String {
    let token = sandbox.entropy.handle();
    let mut accounts = sandbox.delivery.accounts.lock().unwrap_or_else(PoisonError::into_inner);
    accounts.insert(Digest::of(&token), account);
    token
}

fn opened(sandbox: &Sandbox, account: Account) -> Result<Value, OauthError> {
    let (token, now) = (sandbox.entropy.handle(), sandbox.clock.now());
    if !sandbox.delivery.tokens.insert(Digest::of(&token), account, now.plus(TOKEN_LIFE), now) {
        return Err(OauthError::busy());
    }
    Ok(json!({"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_LIFE.as_secs()}))
}

/// `POST …/revoke` (RFC 7009).
pub(super) async fn revoke(
    sandbox: Shared,
    provider: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    if sandbox.delivery.mood(&provider) == DeliveryMood::Down {
        return HttpResponse::ServiceUnavailable().finish();
    }
    let form = match Form::of_body(&request, &body) {
        Ok(form) => form,
        Err(flaw) => return OauthError::request(flaw).answer(),
    };
    let endpoint = format!("{}/revoke", issuer(&sandbox, &provider));
    let proved = client(&sandbox, &endpoint, &form).map(str::to_owned);
    let token = form.need("token").map(Digest::of).map_err(OauthError::request);
    match proved.and_then(|client| Ok((client, token?))) {
        Ok((client, mark)) => {
            let mut accounts = sandbox.delivery.accounts.lock().unwrap_or_else(PoisonError::into_inner);
            if accounts.get(&mark).is_some_and(|one| one.client == client && one.provider == *provider) {
                accounts.remove(&mark);
            }
            HttpResponse::Ok().finish()
        }
        Err(error) => error.answer(),
    }
}
