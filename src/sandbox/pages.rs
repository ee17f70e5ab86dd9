//! The sandbox's pages: the index, the two sign-in pages, and refusals. Every page says that this is a sandbox.

use super::form::Form;
use super::gbizid::Account;
use super::payment::PaymentPage;
use super::people::Person;
use super::scenario::Scenario;
use super::server::{Listed, Sandbox};
use crate::domain::words::{Lang as Language, Words};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use url::Url;

/// The language of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lang {
    Ja,
    En,
}

impl Lang {
    /// The language asked for by a parameter, else the browser's, else Japanese.
    pub(super) fn of(request: &HttpRequest, asked: Option<&str>) -> Self {
        let browser = request.headers().get(ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        // In order of appearance, which is how browsers write their preference.
        let mut wishes = asked.into_iter().flat_map(|a| a.split(' ')).chain(browser.split(',').map(str::trim));
        wishes
            .find_map(|wish| match wish.get(..2) {
                Some("ja") => Some(Self::Ja),
                Some("en") => Some(Self::En),
                _ => None,
            })
            .unwrap_or(Self::Ja)
    }

    /// The BCP 47 tag.
    pub(super) const fn tag(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::En => "en",
        }
    }

    /// The text in this language.
    pub(super) const fn say<'a>(self, ja: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Ja => ja,
            Self::En => en,
        }
    }

    fn words(self, words: &Words) -> String {
        words.get(if self == Self::Ja { Language::Ja } else { Language::En }).to_owned()
    }
}

/// A person on a page.
pub(super) struct ListedPerson {
    id: String,
    name: String,
    story: String,
    card_number: String,
    pin: String,
    /// The password for signing; empty where there is no certificate for it.
    signing: String,
    is_suspended: bool,
    is_protected: bool,
    scenario: &'static str,
}

/// A company account on a page.
pub(super) struct ListedAccount {
    id: String,
    password: String,
    name: String,
    story: String,
}

/// The card sign-in page.
#[derive(Template)]
#[template(path = "card.html", config = "src/sandbox/askama.toml")]
pub(super) struct CardPage<'a> {
    pub(super) lang: Lang,
    pub(super) transaction: &'a str,
    pub(super) persons: Vec<ListedPerson>,
    pub(super) problem: Option<String>,
}

/// The page where something is signed with a card.
#[derive(Template)]
#[template(path = "sign.html", config = "src/sandbox/askama.toml")]
pub(super) struct SignPage<'a> {
    pub(super) lang: Lang,
    pub(super) transaction: &'a str,
    pub(super) persons: Vec<ListedPerson>,
    pub(super) problem: Option<String>,
}

/// The sign-in page of a private delivery provider.
#[derive(Template)]
#[template(path = "delivery.html", config = "src/sandbox/askama.toml")]
pub(super) struct DeliveryPage<'a> {
    pub(super) lang: Lang,
    pub(super) provider: &'a str,
    pub(super) name: &'a str,
    pub(super) transaction: &'a str,
    pub(super) persons: Vec<ListedPerson>,
}

/// A page of the tax site.
#[derive(Template)]
#[template(path = "tax_site.html", config = "src/sandbox/askama.toml")]
pub(super) struct TaxPage<'a> {
    pub(super) lang: Lang,
    pub(super) name: &'a str,
    pub(super) is_returns: bool,
    pub(super) subject: Option<String>,
}

/// The company sign-in page.
#[derive(Template)]
#[template(path = "company.html", config = "src/sandbox/askama.toml")]
pub(super) struct CompanyPage<'a> {
    pub(super) lang: Lang,
    pub(super) transaction: &'a str,
    pub(super) hint: &'a str,
    pub(super) accounts: Vec<ListedAccount>,
    pub(super) problem: Option<String>,
}

#[derive(Template)]
#[template(path = "refused.html", config = "src/sandbox/askama.toml")]
struct RefusedPage<'a> {
    lang: Lang,
    reason: &'a str,
}

#[derive(Template)]
#[template(path = "index.html", config = "src/sandbox/askama.toml")]
struct IndexPage<'a> {
    lang: Lang,
    identity: &'a str,
    corporate: &'a str,
    inquiry: &'a str,
    persons: Vec<ListedPerson>,
    accounts: Vec<ListedAccount>,
    scenarios: Vec<&'static str>,
}

/// The index, its form and the style sheet.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/").route(web::get().to(index)))
        .service(web::resource("/scenario").route(web::post().to(switch)))
        .service(web::resource("/card").route(web::post().to(switch_card)))
        .service(web::resource("/assets/sandbox.css").route(web::get().to(style)));
}

/// A person as a page lists them.
pub(super) fn listed(person: &Person, lang: Lang) -> ListedPerson {
    let file = &person.file;
    ListedPerson {
        id: file.id.clone(),
        name: lang.say(&file.name.full, &file.name.roman).to_owned(),
        story: lang.words(&file.story),
        card_number: file.card.number.clone(),
        pin: file.card.pin.clone(),
        signing: file.card.signing.as_ref().map(|signing| signing.password.clone()).unwrap_or_default(),
        is_suspended: person.is_suspended(),
        is_protected: file.is_protected,
        scenario: person.scenario().map_or("", Scenario::name),
    }
}

/// A person as a terminal lists them.
pub(super) fn listed_plainly(person: &Person) -> Listed {
    let file = &person.file;
    Listed {
        id: file.id.clone(),
        name: Words { ja: file.name.full.clone(), en: file.name.roman.clone() },
        story: file.story.clone(),
        card_number: file.card.number.clone(),
        pin: file.card.pin.clone(),
        is_suspended: person.is_suspended(),
    }
}

/// A company account as a page lists it.
pub(super) fn listed_account(account: &Account, lang: Lang) -> ListedAccount {
    ListedAccount {
        id: account.id.clone(),
        password: account.password.clone(),
        name: account.name.clone(),
        story: lang.words(&account.story),
    }
}

async fn index(sandbox: web::Data<Sandbox>, request: HttpRequest) -> HttpResponse {
    let form = Form::parse(request.query_string().as_bytes()).unwrap_or_default();
    let lang = Lang::of(&request, form.get("lang"));
    let page = IndexPage {
        lang,
        identity: &sandbox.addresses.identity,
        corporate: &sandbox.addresses.corporate,
        inquiry: &sandbox.addresses.inquiry,
        persons: sandbox.people.iter().map(|p| listed(p, lang)).collect(),
        accounts: sandbox.corporate.accounts.iter().map(|a| listed_account(a, lang)).collect(),
        scenarios: sandbox.scenarios.iter().map(|s| s.name()).collect(),
    };
    html(StatusCode::OK, page.render(), None)
}

/// `POST /scenario`: how the government behaves about one person, until the sandbox ends.
async fn switch(sandbox: web::Data<Sandbox>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let form = Form::of_body(&request, &body).unwrap_or_default();
    let lang = Lang::of(&request, form.get("lang"));
    // Another site's form is not obeyed (Fetch Metadata; browsers always send it to a trustworthy origin).
    let site = request.headers().get("sec-fetch-site").and_then(|v| v.to_str().ok());
    if site.is_some_and(|site| site != "same-origin" && site != "none") {
        return refused(lang, "another site's form is not obeyed");
    }
    let person = form.get("person").and_then(|id| sandbox.people.by_id(id));
    let scenario = match form.get("scenario") {
        None => Some(None),
        Some(name) => Scenario::parse(name).filter(|s| sandbox.scenarios.contains(s)).map(Some),
    };
    let (Some((_, person)), Some(scenario)) = (person, scenario) else {
        return refused(lang, lang.say("人物またはシナリオが不明です。", "No such person or scenario."));
    };
    person.switch(scenario);
    see_other(&format!("/?lang={}", lang.tag()))
}

/// `POST /card`: somebody reports their card lost, or has it again.
async fn switch_card(sandbox: web::Data<Sandbox>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let form = Form::of_body(&request, &body).unwrap_or_default();
    let lang = Lang::of(&request, form.get("lang"));
    let site = request.headers().get("sec-fetch-site").and_then(|v| v.to_str().ok());
    if site.is_some_and(|site| site != "same-origin" && site != "none") {
        return refused(lang, "another site's form is not obeyed");
    }
    let state = match form.get("state") {
        Some("suspended") => Some(true),
        Some("active") => Some(false),
        _ => None,
    };
    let person = form.get("person").and_then(|id| sandbox.people.by_id(id));
    let (Some((_, person)), Some(is_suspended)) = (person, state) else {
        return refused(lang, lang.say("人物または状態が不明です。", "No such person or state."));
    };
    super::identity::switch_card(&sandbox.clone().into_inner(), person, is_suspended);
    see_other(&format!("/?lang={}", lang.tag()))
}

async fn style() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/css; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "max-age=300"))
        .body(include_str!("templates/sandbox.css"))
}

/// The card sign-in page, whose form may lead back to `redirect_uri`.
pub(super) fn card(page: &CardPage<'_>, redirect_uri: &str) -> HttpResponse {
    let status = if page.problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    html(status, page.render(), Some(redirect_uri))
}

/// The page where something is signed, whose form may lead back to `redirect_uri`.
pub(super) fn sign(page: &SignPage<'_>, redirect_uri: &str) -> HttpResponse {
    let status = if page.problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    html(status, page.render(), Some(redirect_uri))
}

/// The company sign-in page, whose form may lead back to `redirect_uri`.
pub(super) fn company(page: &CompanyPage<'_>, redirect_uri: &str) -> HttpResponse {
    let status = if page.problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    html(status, page.render(), Some(redirect_uri))
}

/// The sign-in page of a private delivery provider, whose form leads back to `redirect_uri`.
pub(super) fn delivery(page: &DeliveryPage<'_>, redirect_uri: &str) -> HttpResponse {
    html(StatusCode::OK, page.render(), Some(redirect_uri))
}

/// A page of the tax site.
pub(super) fn tax(page: &TaxPage<'_>) -> HttpResponse {
    html(StatusCode::OK, page.render(), None)
}

/// The page of an attempt to pay.
pub(super) fn payment(page: &PaymentPage<'_>, is_wrong: bool, return_url: &str) -> HttpResponse {
    let status = if is_wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    html(status, page.render(), Some(return_url))
}

/// A page that says what is wrong, where nothing may go back by redirect.
pub(super) fn refused(lang: Lang, reason: &str) -> HttpResponse {
    html(StatusCode::BAD_REQUEST, RefusedPage { lang, reason }.render(), None)
}

/// 303, so that a browser that posted gets the next page (RFC 9700 §4.12).
pub(super) fn see_other(address: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, address))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .finish()
}

fn html(status: StatusCode, page: askama::Result<String>, leads_to: Option<&str>) -> HttpResponse {
    let Ok(page) = page else { return HttpResponse::InternalServerError().finish() };
    // A browser holds `form-action` against the redirects after a form, too.
    let origin = leads_to.and_then(|uri| Url::parse(uri).ok()).map(|url| url.origin().ascii_serialization());
    let policy = format!(
        "default-src 'none'; style-src 'self'; form-action 'self' {}; frame-ancestors 'none'; base-uri 'none'",
        origin.unwrap_or_default()
    );
    HttpResponse::build(status)
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((CONTENT_SECURITY_POLICY, policy))
        .body(page)
}
