//! The end-session endpoint (OpenID Connect RP-Initiated Logout 1.0): a third party sends the citizen here to sign out.
//!
//! Only the citizen's own answer on our page ends anything: whoever merely opens the address, be it a robot that draws
//! previews or a picture on some page, changes nothing.

use super::form::Form;
use super::reply::{Reply, Shell};
use super::visit::{Visit, other};
use super::{Pages, failure};
use crate::domain::refusal::Failure;
use crate::issuer::Issuer;
use crate::issuer::logout::CheckedLogout;
use crate::protocol::discovery::path;
use crate::protocol::logout_request::LogoutRequest;
use crate::services::account::{Account, Presence};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use url::Url;

/// Where the page's own form goes.
pub(super) const CONFIRM: &str = "/oauth/logout/confirm";

#[derive(Template)]
#[template(path = "logout.html", config = "src/http/pages/askama.toml")]
struct Logout<'p> {
    shell: Shell<'p>,
    action: &'static str,
    token: String,
    /// The client's name.
    client: Option<String>,
    /// Whether the client asked about somebody else than who is signed in here.
    is_about_another: bool,
    /// Names of the services that will be told.
    told: Vec<String>,
    /// Where the citizen goes afterwards, as far as it can be said in a word.
    host: Option<String>,
    /// What the form carries on of the request.
    fields: Vec<(&'static str, String)>,
}

/// What a browser was sent with, read and checked.
struct Asked {
    request: LogoutRequest,
    checked: CheckedLogout,
}

impl Asked {
    fn client_id(&self) -> Option<&str> {
        self.checked.client().map(|client| client.id.as_str())
    }
}

/// `GET /oauth/logout`
pub(super) async fn show(
    request: HttpRequest,
    pages: web::Data<Pages>,
    issuer: web::Data<Issuer>,
    account: web::Data<Account>,
) -> HttpResponse {
    let mut visit = Visit::of(&request, &pages);
    let form = Form::read(request.query_string().as_bytes(), "");
    let asked = match read(&pages, &mut visit, &issuer, form).await {
        Ok(asked) => asked,
        Err(answer) => return answer,
    };
    match account.presence(visit.session.clone(), visit.browser.clone()).await {
        Ok(presence) if presence.is_signed_in() => page(&pages, &visit, &issuer, (&account, &asked, &presence)).await,
        // Nothing would be ended, so there is nothing to ask; and nothing is taken from the browser on a GET.
        Ok(_) => Reply::new(&pages, &visit, StatusCode::SEE_OTHER).see_other(goes_to(&asked.checked)),
        Err(fault) => failure::fault(&pages, &visit, &fault),
    }
}

/// `POST /oauth/logout` (RP-Initiated Logout §2 wants both methods)
///
/// Browsers do not send our cookies with a form of another site (SameSite), so the browser is sent on to the page by GET,
/// with what it needs and without the id_token.
pub(super) async fn show_posted(
    request: HttpRequest,
    body: web::Bytes,
    pages: web::Data<Pages>,
    issuer: web::Data<Issuer>,
) -> HttpResponse {
    let mut visit = Visit::of(&request, &pages);
    let form = Form::any_posted(&request, &body, "");
    match read(&pages, &mut visit, &issuer, form).await {
        Ok(asked) => {
            let location = address(&visit, &asked, visit.lang.tag());
            Reply::new(&pages, &visit, StatusCode::SEE_OTHER).see_other(&location)
        }
        Err(answer) => answer,
    }
}

/// `POST /oauth/logout/confirm`, from our own page
pub(super) async fn confirm(
    request: HttpRequest,
    body: web::Bytes,
    pages: web::Data<Pages>,
    issuer: web::Data<Issuer>,
    account: web::Data<Account>,
) -> HttpResponse {
    let mut visit = Visit::of(&request, &pages);
    let form = Form::posted(&request, &body, "", &pages.public_url);
    let token = form.as_ref().ok().and_then(|form| form.get("token")).unwrap_or_default().to_owned();
    let asked = match read(&pages, &mut visit, &issuer, form).await {
        Ok(asked) => asked,
        Err(answer) => return answer,
    };
    let presence = match account.presence(visit.session.clone(), visit.browser.clone()).await {
        Ok(presence) => presence,
        Err(fault) => return failure::fault(&pages, &visit, &fault),
    };
    // The form sent twice: the first time ended everything, and what is left is the way back.
    if presence.is_signed_in() {
        if !presence.is_form_token(&token) {
            return failure::page(&pages, &visit, failure::NOT_OUR_FORM);
        }
        if let Err(fault) = account.sign_out(&presence).await {
            return failure::fault(&pages, &visit, &fault);
        }
    }
    Reply::new(&pages, &visit, StatusCode::SEE_OTHER)
        .cookie(pages.no_session_cookie())
        .cookie(pages.no_browser_cookie())
        .see_other(goes_to(&asked.checked))
}

/// Reads and checks a request, and the language that it wishes for, unless the citizen chose one.
async fn read(
    pages: &Pages,
    visit: &mut Visit,
    issuer: &Issuer,
    form: Result<Form, super::form::FormError>,
) -> Result<Asked, HttpResponse> {
    let form = form.map_err(|error| failure::form(pages, visit, &error))?;
    let request = LogoutRequest::read(|name| form.get(name));
    let request = request.map_err(|refusal| failure::logout(pages, visit, &refusal))?;
    visit.lang = visit.chosen.or(request.lang).unwrap_or(visit.lang);
    match issuer.check_logout(&request).await {
        Ok(checked) => Ok(Asked { request, checked }),
        Err(Failure::Refused(refusal)) => Err(failure::logout(pages, visit, &refusal)),
        Err(Failure::Broken(fault)) => Err(failure::fault(pages, visit, &fault)),
    }
}

fn goes_to(checked: &CheckedLogout) -> &str {
    checked.location().unwrap_or("/?notice=signed-out")
}

/// The page's address for the same request, in a language, without the id_token.
fn address(visit: &Visit, asked: &Asked, tag: &str) -> String {
    let query = asked.request.query(asked.client_id());
    // A wish of the client's is not the citizen's choice, which would be remembered.
    let name = if visit.chosen.is_none() && tag == visit.lang.tag() { "ui_locales" } else { "lang" };
    let joint = if query.is_empty() { "" } else { "&" };
    format!("{}?{name}={tag}{joint}{query}", path::LOGOUT)
}

async fn page(
    pages: &Pages,
    visit: &Visit,
    issuer: &Issuer,
    (account, asked, presence): (&Account, &Asked, &Presence),
) -> HttpResponse {
    let told = match account.told_of(presence).await {
        Ok(told) => told,
        Err(fault) => return failure::fault(pages, visit, &fault),
    };
    let mut shell = Shell::new(pages, visit);
    shell.switch = Some(address(visit, asked, other(visit.lang).tag()));
    let Asked { request, checked } = asked;
    let carried = [
        ("client_id", asked.client_id()),
        ("post_logout_redirect_uri", request.post_logout_redirect_uri.as_deref()),
        ("state", request.state.as_deref()),
    ];
    let host = checked.location().and_then(|location| Url::parse(location).ok());
    let page = Logout {
        action: CONFIRM,
        token: presence.form_token().unwrap_or_default(),
        client: checked.client().map(|client| client.name.get(visit.lang).to_owned()),
        is_about_another: issuer.is_about_another(checked, presence.persons()),
        told: told.iter().map(|client| client.name.get(visit.lang).to_owned()).collect(),
        host: host.and_then(|url| url.host_str().map(str::to_owned)),
        fields: carried.into_iter().filter_map(|(name, value)| Some((name, value?.to_owned()))).collect(),
        shell,
    };
    let reply = Reply::new(pages, visit, StatusCode::OK);
    let reply = match checked.location() {
        Some(location) => reply.form_leads_to(location),
        None => reply,
    };
    reply.page(&page)
}
