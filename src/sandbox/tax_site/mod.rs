//! A pretend tax site (国税の申告サイト): a relying party of the counter, which a citizen enters with the counter's sign-in.
//!
//! How it flows: 1. `GET /tax-site/begin` is where the counter tells it to begin (OpenID Connect Core §4): `iss` must be the counter,
//! `target_link_uri` one of its own pages, and `login_hint` is passed on and not read; 2. `oidc` pushes a request (RFC 9126) with
//! PKCE S256 and `private_key_jwt`, binds it to the browser by a cookie, and leads there; 3. the way back is taken once: `state`,
//! `iss` (RFC 9207), the code by a DPoP proof, the id_token by the counter's keys, `nonce` and times; 4. the pages say who came:
//! a number that is used here only; 5. `POST /tax-site/logout` hears that a sign-in is over (Back-Channel Logout 1.0).
//!
//! How to add one more: a page is a path in [`PAGES`], and what it says in `templates/tax_site.html`.
//!
//! What it must never do: lead anywhere but to its own pages and the counter; let anybody in whose id_token does not hold.

mod oidc;

use super::expiring::Expiring;
use super::form::Form;
use super::pages::{self, Lang, TaxPage};
use super::server::Sandbox;
use super::settings::StartError;
use super::signing::SigningKey;
use crate::domain::{Digest, Timestamp};
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::{HttpRequest, HttpResponse, web};
use dashmap::DashMap;
use oidc::Trouble;
use serde_json::{Value, json};
use std::time::Duration;

/// Where it is under the sandbox's address.
pub const PATH: &str = "/tax-site";
/// Its pages, the first of which is where one comes to.
pub const PAGES: [&str; 2] = ["home", "returns"];
/// Its code among linked services, and its names.
pub const NAMES: (&str, &str, &str) = ("mihon-tax", "見本国税申告サイト（サンドボックス）", "Mihon Tax Site (sandbox)");
/// The browser's cookie.
const COOKIE: &str = "tax_site";
/// How long a sign-in may take.
const SIGN_IN_LIFE: Duration = Duration::from_mins(10);

/// Of which counter it is a client.
#[derive(Clone, Debug)]
pub struct TaxSiteSettings {
    /// The counter's issuer identifier.
    pub issuer: String,
    /// Who it is there.
    pub client_id: String,
}

/// A sign-in under way.
struct Pending {
    state: String,
    nonce: String,
    verifier: String,
    page: &'static str,
}

/// Somebody who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    /// The number that they have here only.
    pub subject: String,
    /// The sign-in, as the counter names it.
    pub sid: Option<String>,
    /// How surely they were recognised.
    pub acr: String,
    /// When (seconds since 1970).
    pub auth_time: i64,
}

/// The site.
pub struct TaxSite {
    settings: Option<TaxSiteSettings>,
    key: SigningKey,
    binding: SigningKey,
    http: reqwest::Client,
    pending: Expiring<Digest, Pending>,
    visitors: DashMap<Digest, Visitor>,
}

impl TaxSite {
    pub(super) fn new(settings: Option<TaxSiteSettings>, http: reqwest::Client) -> Result<Self, StartError> {
        let (key, binding) = (SigningKey::es256()?, SigningKey::es256()?);
        Ok(Self { settings, key, binding, http, pending: Expiring::new(10_000), visitors: DashMap::new() })
    }

    /// Its public key, as it is registered at the counter (RFC 7517 §5).
    #[must_use]
    pub fn jwks(&self) -> Value {
        serde_json::from_str(&self.key.jwks).unwrap_or_else(|_| json!({"keys": []}))
    }

    /// Everybody who is signed in.
    #[must_use]
    pub fn visitors(&self) -> Vec<Visitor> {
        self.visitors.iter().map(|entry| entry.value().clone()).collect()
    }

    pub(super) fn sweep(&self, now: Timestamp) {
        self.pending.sweep(now);
    }

    fn visitor(&self, request: &HttpRequest) -> Option<Visitor> {
        self.visitors.get(&Digest::of(request.cookie(COOKIE)?.value())).map(|entry| entry.value().clone())
    }
}

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource(format!("{PATH}/begin")).route(web::get().to(begin)))
        .service(web::resource(format!("{PATH}/callback")).route(web::get().to(callback)))
        .service(web::resource(format!("{PATH}/logout")).route(web::post().to(logout)))
        .service(web::resource(format!("{PATH}/sign-out")).route(web::post().to(sign_out)))
        .service(web::resource(format!("{PATH}/{{page}}")).route(web::get().to(show)));
}

/// The page of this name.
fn page_of(name: &str) -> Option<&'static str> {
    PAGES.into_iter().find(|page| *page == name)
}

/// The page that `target_link_uri` names; the first one where it names none. Anything else leads nowhere.
fn target(origin: &str, asked: Option<&str>) -> Option<&'static str> {
    let [first, ..] = PAGES;
    let Some(asked) = asked else { return Some(first) };
    page_of(asked.strip_prefix(origin)?.strip_prefix(PATH)?.strip_prefix('/')?)
}

fn cookie(value: &str) -> Cookie<'static> {
    Cookie::build(COOKIE, value.to_owned()).path(PATH).http_only(true).same_site(SameSite::Lax).finish()
}

fn led_to(location: &str, cookie: Cookie<'_>) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, location))
        .insert_header((CACHE_CONTROL, "no-store"))
        .cookie(cookie)
        .finish()
}

/// `GET /tax-site/begin?iss=…&login_hint=…&target_link_uri=…`
async fn begin(sandbox: web::Data<Sandbox>, request: HttpRequest) -> HttpResponse {
    let form = Form::parse(request.query_string().as_bytes()).unwrap_or_default();
    let lang = Lang::of(&request, form.get("ui_locales"));
    let site = &sandbox.tax_site;
    let Some(settings) = &site.settings else { return pages::refused(lang, "this site knows no counter") };
    if form.get("iss").is_some_and(|iss| iss != settings.issuer) {
        return pages::refused(lang, "iss is not the counter that this site trusts");
    }
    let Some(page) = target(&sandbox.addresses.origin, form.get("target_link_uri")) else {
        return pages::refused(lang, "target_link_uri is no page of this site");
    };
    let hint = form.get("login_hint").filter(|hint| hint.len() <= 256);
    let pending = Pending {
        state: sandbox.entropy.handle(),
        nonce: sandbox.entropy.handle(),
        verifier: sandbox.entropy.handle(),
        page,
    };
    let location = match oidc::push(&sandbox, settings, &pending, (hint, lang)).await {
        Ok(location) => location,
        Err(trouble) => return refused(lang, &trouble),
    };
    let (handle, now) = (sandbox.entropy.handle(), sandbox.clock.now());
    if !site.pending.insert(Digest::of(&handle), pending, now.plus(SIGN_IN_LIFE), now) {
        return pages::refused(lang, "too much is under way");
    }
    led_to(&location, cookie(&handle))
}

/// `GET /tax-site/callback?code=…&state=…&iss=…`
async fn callback(sandbox: web::Data<Sandbox>, request: HttpRequest) -> HttpResponse {
    let form = Form::parse(request.query_string().as_bytes()).unwrap_or_default();
    let lang = Lang::of(&request, None);
    let site = &sandbox.tax_site;
    let now = sandbox.clock.now();
    let mark = request.cookie(COOKIE).map(|cookie| Digest::of(cookie.value()));
    let pending = mark.and_then(|mark| site.pending.take(&mark, now));
    let (Some(pending), Some(settings)) = (pending, &site.settings) else {
        return pages::refused(lang, "this browser began no sign-in, or it is over");
    };
    match oidc::finish(&sandbox, settings, &pending, &form).await {
        Ok(visitor) => {
            // Another secret than before the sign-in (session fixation).
            let handle = sandbox.entropy.handle();
            site.visitors.insert(Digest::of(&handle), visitor);
            led_to(&format!("{PATH}/{}", pending.page), cookie(&handle))
        }
        Err(trouble) => refused(lang, &trouble),
    }
}

/// `GET /tax-site/{page}`
async fn show(sandbox: web::Data<Sandbox>, page: web::Path<String>, request: HttpRequest) -> HttpResponse {
    let form = Form::parse(request.query_string().as_bytes()).unwrap_or_default();
    let lang = Lang::of(&request, form.get("lang"));
    let Some(page) = page_of(&page) else { return HttpResponse::NotFound().finish() };
    let visitor = sandbox.tax_site.visitor(&request);
    let (_, ja, en) = NAMES;
    pages::tax(&TaxPage {
        lang,
        name: lang.say(ja, en),
        is_returns: page == "returns",
        subject: visitor.map(|visitor| visitor.subject),
    })
}

/// `POST /tax-site/sign-out`
async fn sign_out(sandbox: web::Data<Sandbox>, request: HttpRequest) -> HttpResponse {
    if let Some(cookie) = request.cookie(COOKIE) {
        sandbox.tax_site.visitors.remove(&Digest::of(cookie.value()));
    }
    let mut gone = cookie("");
    gone.make_removal();
    led_to(&format!("{PATH}/home"), gone)
}

/// `POST /tax-site/logout` (Back-Channel Logout 1.0 §2.5)
async fn logout(sandbox: web::Data<Sandbox>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let form = Form::of_body(&request, &body).unwrap_or_default();
    let site = &sandbox.tax_site;
    let (Some(settings), Some(token)) = (&site.settings, form.get("logout_token")) else {
        return HttpResponse::BadRequest().json(json!({"error": "invalid_request"}));
    };
    match oidc::ended(&sandbox, settings, token).await {
        Ok((subject, sid)) => {
            site.visitors.retain(|_, one| one.subject != subject || (sid.is_some() && one.sid != sid));
            HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).finish()
        }
        Err(trouble) => {
            HttpResponse::BadRequest().json(json!({"error": "invalid_request", "error_description": trouble.0}))
        }
    }
}

fn refused(lang: Lang, trouble: &Trouble) -> HttpResponse {
    pages::refused(lang, &trouble.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_pages_are_led_to() {
        let origin = "http://sandbox.example";
        assert_eq!(target(origin, None), Some("home"));
        assert_eq!(target(origin, Some("http://sandbox.example/tax-site/returns")), Some("returns"));
        for wrong in [
            "",
            "/tax-site/home",
            "http://sandbox.example/tax-site/begin",
            "http://sandbox.example/tax-site/home?x=1",
            "http://sandbox.example/tax-site/../home",
            "http://sandbox.example.evil.example/tax-site/home",
            "http://sandbox.example@evil.example/tax-site/home",
            "https://evil.example/tax-site/home",
            "//evil.example/tax-site/home",
            "javascript:alert(1)",
        ] {
            assert_eq!(target(origin, Some(wrong)), None, "{wrong}");
        }
    }
}
