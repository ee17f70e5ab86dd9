//! Where the citizen types the code that a shared terminal shows (RFC 8628 §3.3). They sign in first, so that a guess has
//! a name and the right code finds the right person. Whoever does so in a browser that others use afterwards says so, or the
//! terminal says so by `at=terminal` in the address that it opens: then the answer is the end of the sign-in too, and the
//! browser is told to forget everything.

use super::dashboard::{citizen, posted};
use super::form::Form;
use super::reply::{Reply, Shell};
use super::visit::Visit;
use super::{Pages, failure};
use crate::domain::decoupled::UserCode;
use crate::services::account::{Account, CitizenSession};
use crate::services::confirmations::{ConfirmationError, Confirmations};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

/// Most characters shown back of what was typed.
const MOST_SHOWN: usize = 32;

#[derive(Template)]
#[template(path = "device.html", config = "src/http/pages/askama.toml")]
struct Device<'p> {
    shell: Shell<'p>,
    token: String,
    typed: String,
    /// Whether the box is ticked that says that others use this browser afterwards.
    is_shared: bool,
    error: Option<String>,
}

/// `GET /device`, or `GET /device?user_code=…` from a terminal's QR code
pub(super) async fn show(request: HttpRequest, pages: web::Data<Pages>, account: web::Data<Account>) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let query = match Form::read(request.query_string().as_bytes(), "") {
        Ok(query) => query,
        Err(error) => return failure::form(&pages, &visit, &error),
    };
    // Only what is a code at all is kept or shown: an address is anybody's to write.
    let came = query.get("user_code").or(visit.user_code.as_deref()).and_then(UserCode::parse);
    let is_shared = visit.is_shared || query.get("at") == Some("terminal");
    let signed_in = match &visit.session {
        Some(_) => citizen(&pages, &visit, &account).await.ok(),
        None => None,
    };
    let Some(session) = signed_in else {
        let reply = Reply::new(&pages, &visit, StatusCode::SEE_OTHER);
        let reply = match &came {
            Some(code) => reply.cookie(pages.code_cookie(code)),
            None => reply,
        };
        let reply = if is_shared { reply.cookie(pages.shared_cookie()) } else { reply };
        return reply.see_other("/sign-in?then=device");
    };
    let typed = came.map(|code| code.to_string()).unwrap_or_default();
    page(&pages, &visit, &session, Typed { text: typed, is_shared, is_unknown: false })
}

/// `POST /device`
pub(super) async fn claim(
    request: HttpRequest,
    body: web::Bytes,
    pages: web::Data<Pages>,
    account: web::Data<Account>,
    confirmations: web::Data<Confirmations>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, form) = match posted(&request, (&body, ""), &pages, &visit, &account).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let typed = form.get("user_code").unwrap_or_default();
    let is_shared = form.get("shared") == Some("yes");
    match confirmations.claim(&session, typed).await {
        Ok(id) => Reply::new(&pages, &visit, StatusCode::SEE_OTHER)
            .cookie(pages.no_code_cookie())
            .cookie(if is_shared { pages.shared_cookie() } else { pages.no_shared_cookie() })
            .see_other(&format!("/dashboard/requests/{id}")),
        Err(ConfirmationError::Broken(fault)) => failure::fault(&pages, &visit, &fault),
        Err(ConfirmationError::TooOften(refusal)) => {
            let mut response = failure::page(&pages, &visit, failure::TOO_OFTEN);
            let wait = refusal.refusal.retry_after.map_or(60, |wait| wait.as_secs().max(1));
            response.headers_mut().insert(header::RETRY_AFTER, wait.into());
            response
        }
        Err(ConfirmationError::NoSuch | ConfirmationError::Choice(_)) => {
            let text = typed.chars().filter(|c| !c.is_control()).take(MOST_SHOWN).collect();
            page(&pages, &visit, &session, Typed { text, is_shared, is_unknown: true })
        }
    }
}

/// What the form holds.
struct Typed {
    text: String,
    is_shared: bool,
    is_unknown: bool,
}

fn page(pages: &Pages, visit: &Visit, session: &CitizenSession, typed: Typed) -> HttpResponse {
    let Typed { text: typed, is_shared, is_unknown } = typed;
    let shell = Shell::signed_in(pages, visit, session);
    let status = if is_unknown { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let error = is_unknown.then(|| shell.t("device-unknown"));
    let page = Device { token: session.form_token(), typed, is_shared, error, shell };
    Reply::new(pages, visit, status).page(&page)
}
