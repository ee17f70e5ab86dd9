//! Metadata, keys and the authorization endpoint.

use super::super::form::Form;
use super::super::identity::back_with_error;
use super::super::pages::{self, Lang};
use super::super::server::Sandbox;
use super::super::text::is_printable;
use super::{SCOPES, TRANSACTION_LIFE, Transaction};
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

/// `GET …/.well-known/openid-configuration`.
pub(super) async fn metadata(sandbox: web::Data<Sandbox>) -> HttpResponse {
    // The issuer ends with a slash.
    let issuer = &sandbox.addresses.corporate;
    HttpResponse::Ok().json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}authorize"),
        "token_endpoint": format!("{issuer}token"),
        "userinfo_endpoint": format!("{issuer}userinfo"),
        "jwks_uri": format!("{issuer}certs"),
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": SCOPES,
    }))
}

/// `GET …/certs`.
pub(super) async fn certs(sandbox: web::Data<Sandbox>) -> HttpResponse {
    match sandbox.corporate.key() {
        Some(key) => HttpResponse::Ok().insert_header((CONTENT_TYPE, "application/json")).body(key.jwks.clone()),
        None => HttpResponse::InternalServerError().finish(),
    }
}

/// `GET …/authorize`.
pub(super) async fn authorize(sandbox: web::Data<Sandbox>, request: HttpRequest) -> HttpResponse {
    let now = sandbox.clock.now();
    let form = Form::parse(request.query_string().as_bytes());
    let lang = Lang::of(&request, form.as_ref().ok().and_then(|f| f.get("ui_locales")));
    // A wrong client or redirect URI shows a page; nothing goes back by redirect.
    let found = form.and_then(|form| {
        let party = sandbox.parties.by_identity(form.need("client_id")?);
        let party = party.filter(|(_, party)| party.corporate_secret.is_some());
        let (place, party) = party.ok_or("client_id is not registered")?;
        let uri = form.need("redirect_uri")?.to_owned();
        if !party.redirect_uris.contains(&uri) {
            return Err("redirect_uri is not exactly one of the registered ones".to_owned());
        }
        Ok((form, place, uri))
    });
    let (form, party, redirect_uri) = match found {
        Ok(found) => found,
        Err(flaw) => return pages::refused(lang, &flaw),
    };
    let state = form.get("state").filter(|s| is_printable(s, 255));
    match read(&form, party, &redirect_uri) {
        Ok(transaction) => {
            let handle = sandbox.entropy.handle();
            if !sandbox.corporate.transactions.insert(handle.clone(), transaction, now.plus(TRANSACTION_LIFE), now) {
                return pages::refused(lang, "too much is under way");
            }
            let hint = form.get("login_hint").unwrap_or_default();
            let hint: String = url::form_urlencoded::byte_serialize(hint.as_bytes()).collect();
            pages::see_other(&format!(
                "/gbizid/oauth/sign-in?transaction={handle}&login_hint={hint}&lang={}",
                lang.tag()
            ))
        }
        Err(flaw) => back_with_error(&redirect_uri, flaw, state),
    }
}

fn read(form: &Form, party: usize, redirect_uri: &str) -> Result<Transaction, (&'static str, &'static str)> {
    const BAD: &str = "invalid_request";
    match form.get("response_type") {
        Some("code") => {}
        None => return Err((BAD, "response_type is missing")),
        Some(_) => return Err(("unsupported_response_type", "response_type must be code")),
    }
    let scope = form.get("scope").unwrap_or_default();
    if !scope.split(' ').any(|s| s == "openid") || !scope.split(' ').all(|s| SCOPES.contains(&s)) {
        return Err(("invalid_scope", "scope must hold openid and only known scopes"));
    }
    for name in ["state", "nonce"] {
        if form.get(name).is_some_and(|value| !is_printable(value, 255)) {
            return Err((BAD, "state and nonce must be 1 to 255 printable ASCII characters"));
        }
    }
    // PKCE is recommended; whoever uses it uses S256.
    let challenge = form.get("code_challenge");
    if challenge.is_some() && form.get("code_challenge_method") != Some("S256") {
        return Err((BAD, "code_challenge_method must be S256"));
    }
    if challenge.is_some_and(|c| c.len() != 43) {
        return Err((BAD, "code_challenge must be 43 base64url characters"));
    }
    Ok(Transaction {
        party,
        redirect_uri: redirect_uri.to_owned(),
        state: form.get("state").map(str::to_owned),
        nonce: form.get("nonce").map(str::to_owned),
        challenge: challenge.map(str::to_owned),
        scope: scope.to_owned(),
    })
}
