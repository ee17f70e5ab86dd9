//! Erasing an account: a page that says what stands in the way, with the ways to end it; else what is erased, what stays,
//! and one button.

use super::dashboard::{asked, posted, signed_out};
use super::dashboard_words::Words;
use super::erasure::{later, number};
use super::reply::{Reply, Shell};
use super::signed_in::back;
use super::visit::Visit;
use super::{Pages, failure};
use crate::services::account::{Account, CitizenSession, Closing};
use crate::services::linked_services::Linkage;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

const PLACE: &str = "/dashboard/account";

/// A consent that has to end first.
struct Standing {
    id: String,
    text: String,
}

#[derive(Template)]
#[template(path = "closing.html", config = "src/http/pages/askama.toml")]
struct Page<'p> {
    shell: Shell<'p>,
    token: String,
    notice: Option<String>,
    is_open: bool,
    standing: Vec<Standing>,
    /// Consents that ended too short a while ago, and for how long they stay.
    later: Option<String>,
    /// Representations that stand.
    representations: Option<String>,
    is_held: bool,
}

impl<'p> Page<'p> {
    fn of(pages: &'p Pages, visit: &Visit, session: &CitizenSession, closing: &Closing) -> Self {
        let shell = Shell::signed_in(pages, visit, session);
        let words = Words { pages, shell: &shell };
        let standing = closing.standing.iter().map(|listed| Standing {
            id: listed.grant.id.to_string(),
            text: shell.with("closing-consent", "name", &words.client(listed.client.as_deref())),
        });
        let standing = standing.collect();
        let later = later(&shell, closing.later, closing.after_days);
        let count = number(closing.representations);
        let representations = (count > 0).then(|| shell.count("closing-representations", count));
        Self {
            token: session.form_token(),
            notice: None,
            is_open: closing.is_open(),
            standing,
            later,
            representations,
            is_held: closing.is_held,
            shell,
        }
    }
}

/// `GET /dashboard/account`
pub(super) async fn show(request: HttpRequest, pages: web::Data<Pages>, account: web::Data<Account>) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, query) = match asked(&request, &pages, &visit, &account).await {
        Ok(asked) => asked,
        Err(answer) => return answer,
    };
    let closing = match account.closing(&session).await {
        Ok(closing) => closing,
        Err(fault) => return failure::fault(&pages, &visit, &fault),
    };
    let mut page = Page::of(&pages, &visit, &session, &closing);
    page.notice = match query.get("notice") {
        Some("unconfirmed") => Some(page.shell.t("notice-closing-unconfirmed")),
        Some("standing") => Some(page.shell.t("notice-closing-standing")),
        _ => None,
    };
    Reply::new(&pages, &visit, StatusCode::OK).page(&page)
}

/// `POST /dashboard/account`
pub(super) async fn erase(
    request: HttpRequest,
    body: web::Bytes,
    pages: web::Data<Pages>,
    account: web::Data<Account>,
    linkage: web::Data<Linkage>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, form) = match posted(&request, (&body, ""), &pages, &visit, &account).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    // It cannot be undone, so it takes the tick beside the button, too.
    if form.get("confirm") != Some("yes") {
        return back(&pages, &visit, PLACE, "unconfirmed");
    }
    let links = match linkage.held(&session).await {
        Ok(links) => links,
        Err(fault) => return failure::fault(&pages, &visit, &fault),
    };
    match account.close(&session).await {
        Ok(true) => {
            linkage.forget(links);
            signed_out((&pages, &visit), &account, "account-erased").await
        }
        Ok(false) => back(&pages, &visit, PLACE, "standing"),
        Err(fault) => failure::fault(&pages, &visit, &fault),
    }
}
