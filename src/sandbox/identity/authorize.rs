//! The authorization endpoint: who may start a sign-in, and with what (OpenID Connect Core §3.1.2).

use super::super::form::Form;
use super::super::pages::{self, Lang};
use super::super::server::Sandbox;
use super::super::text::is_printable;
use super::{REALM, TRANSACTION_LIFE, Transaction, signing};
use actix_web::{HttpRequest, HttpResponse, web};
use url::Url;

/// The scopes of the four items of the card, and of the serial number of its certificate.
const ITEM_SCOPES: [&str; 5] = ["name", "address", "birthdate", "gender", "certificate"];

/// `GET …/auth`.
pub(super) async fn by_query(sandbox: web::Data<Sandbox>, request: HttpRequest) -> HttpResponse {
    start(&sandbox, &request, Form::parse(request.query_string().as_bytes()))
}

/// `POST …/auth` (OpenID Connect Core §3.1.2.1 has both).
pub(super) async fn by_form(sandbox: web::Data<Sandbox>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    start(&sandbox, &request, Form::of_body(&request, &body))
}

fn start(sandbox: &Sandbox, request: &HttpRequest, form: Result<Form, String>) -> HttpResponse {
    let now = sandbox.clock.now();
    let lang = Lang::of(request, form.as_ref().ok().and_then(|f| f.get("ui_locales")));
    // Until client and redirect URI are known to belong together nothing goes back by redirect (RFC 6749 §4.1.2.1).
    let found = form.and_then(|form| {
        let (place, party) =
            sandbox.parties.by_identity(form.need("client_id")?).ok_or("client_id is not registered")?;
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
    match read(sandbox, &form, (party, &redirect_uri)) {
        Ok(transaction) => {
            let handle = sandbox.entropy.handle();
            if !sandbox.identity.transactions.insert(handle.clone(), transaction, now.plus(TRANSACTION_LIFE), now) {
                return back_with_error(
                    &redirect_uri,
                    ("temporarily_unavailable", "too much is under way"),
                    form.get("state"),
                );
            }
            let page = format!("{REALM}/login-actions/authenticate?transaction={handle}&lang={}", lang.tag());
            pages::see_other(&page)
        }
        Err(error) => back_with_error(&redirect_uri, error, form.get("state").filter(|s| is_printable(s, 255))),
    }
}

type Flaw = (&'static str, &'static str);

fn read(sandbox: &Sandbox, form: &Form, (party, redirect_uri): (usize, &str)) -> Result<Transaction, Flaw> {
    const BAD: &str = "invalid_request";
    if form.get("request").is_some() {
        return Err(("request_not_supported", "request objects are not supported"));
    }
    if form.get("request_uri").is_some() {
        return Err(("request_uri_not_supported", "request_uri is not supported"));
    }
    match form.get("response_type") {
        Some("code") => {}
        None => return Err((BAD, "response_type is missing")),
        Some(_) => return Err(("unsupported_response_type", "response_type must be code")),
    }
    if form.get("response_mode").is_some_and(|mode| mode != "query") {
        return Err((BAD, "response_mode must be query"));
    }
    let scope = scope_of(form)?;
    let signing = form.get("signing_transaction").map(str::to_owned);
    let is_open = |id: &String| signing::is_open(sandbox, id, party);
    if scope.split(' ').any(|s| s == signing::SIGN) != signing.as_ref().is_some_and(is_open) {
        let words = "the scope sign goes with a signing_transaction of this client that nobody signed in";
        return Err(("invalid_scope", words));
    }
    let state = form.get("state").filter(|s| is_printable(s, 255));
    let state = state.ok_or((BAD, "state must be 1 to 255 printable ASCII characters"))?;
    if form.get("nonce").is_some_and(|n| !is_printable(n, 255)) {
        return Err((BAD, "nonce must be 1 to 255 printable ASCII characters"));
    }
    // RFC 7636 §4.3: 43 base64url characters are what S256 gives.
    let challenge = form.get("code_challenge").ok_or((BAD, "code_challenge is missing: PKCE is required"))?;
    if form.get("code_challenge_method") != Some("S256") {
        return Err((BAD, "code_challenge_method must be S256"));
    }
    if challenge.len() != 43 || !challenge.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) {
        return Err((BAD, "code_challenge must be 43 base64url characters"));
    }
    if form.get("prompt").is_some_and(|p| p.split(' ').any(|p| p == "none")) {
        return Err(("login_required", "every sign-in needs the card"));
    }
    Ok(Transaction {
        party,
        redirect_uri: redirect_uri.to_owned(),
        state: state.to_owned(),
        nonce: form.get("nonce").map(str::to_owned),
        challenge: challenge.to_owned(),
        scope: scope.to_owned(),
        signing,
    })
}

fn scope_of(form: &Form) -> Result<&str, Flaw> {
    let scope = form.get("scope").unwrap_or_default();
    let mut scopes = scope.split(' ');
    if !scopes.clone().any(|s| s == "openid") {
        return Err(("invalid_scope", "scope must hold openid"));
    }
    if !scopes.all(|s| s == "openid" || s == signing::SIGN || ITEM_SCOPES.contains(&s)) {
        return Err(("invalid_scope", "scope may hold openid, name, address, birthdate, gender, certificate and sign"));
    }
    Ok(scope)
}

/// Back to the client with an error (RFC 6749 §4.1.2.1).
pub(in crate::sandbox) fn back_with_error(
    redirect_uri: &str,
    (error, description): Flaw,
    state: Option<&str>,
) -> HttpResponse {
    let Ok(mut url) = Url::parse(redirect_uri) else {
        return pages::refused(Lang::En, "redirect_uri is not a URL");
    };
    url.query_pairs_mut().append_pair("error", error).append_pair("error_description", description);
    if let Some(state) = state {
        url.query_pairs_mut().append_pair("state", state);
    }
    pages::see_other(url.as_str())
}
