//! Erasure at the citizen's wish: a page that says what is erased, what stays and until when, and whose one button does it.

use super::dashboard::{asked, posted};
use super::reply::{Reply, Shell};
use super::signed_in::back;
use super::visit::Visit;
use super::{Pages, failure};
use crate::services::account::{Account, Erasable};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

const PLACE: &str = "/dashboard/erasure";

#[derive(Template)]
#[template(path = "erasure.html", config = "src/http/pages/askama.toml")]
struct Erasure<'p> {
    shell: Shell<'p>,
    token: String,
    notice: Option<String>,
    now: String,
    /// Consents that stay for now, and for how long.
    later: Option<String>,
    is_any: bool,
}

/// A count as the texts take it.
pub(super) fn number(n: u64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// How many consents ended too short a while ago, and for how long they stay; none when there are none.
pub(super) fn later(shell: &Shell<'_>, count: u64, after_days: u32) -> Option<String> {
    let told =
        || format!("{} {}", shell.count("erasure-later", number(count)), shell.count("erasure-days", after_days));
    (count > 0).then(told)
}

/// `GET /dashboard/erasure`
pub(super) async fn show(request: HttpRequest, pages: web::Data<Pages>, account: web::Data<Account>) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, query) = match asked(&request, &pages, &visit, &account).await {
        Ok(asked) => asked,
        Err(answer) => return answer,
    };
    let Erasable { now, later, after_days } = match account.erasable(&session).await {
        Ok(erasable) => erasable,
        Err(fault) => return failure::fault(&pages, &visit, &fault),
    };
    let shell = Shell::signed_in(&pages, &visit, &session);
    let notice = match query.get("notice") {
        Some("erased") => Some(shell.t("notice-erased")),
        Some("nothing") => Some(shell.t("notice-erased-nothing")),
        Some("unconfirmed") => Some(shell.t("notice-erasure-unconfirmed")),
        _ => None,
    };
    let later = self::later(&shell, later, after_days);
    let (is_any, now) = (now > 0, shell.count("erasure-now", number(now)));
    let page = Erasure { token: session.form_token(), notice, now, later, is_any, shell };
    Reply::new(&pages, &visit, StatusCode::OK).page(&page)
}

/// `POST /dashboard/erasure`
pub(super) async fn erase(
    request: HttpRequest,
    body: web::Bytes,
    pages: web::Data<Pages>,
    account: web::Data<Account>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, form) = match posted(&request, (&body, ""), &pages, &visit, &account).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let there = |notice: &str| back(&pages, &visit, PLACE, notice);
    // It cannot be undone, so it takes the tick beside the button, too.
    if form.get("confirm") != Some("yes") {
        return there("unconfirmed");
    }
    match account.erase(&session).await {
        Ok(0) => there("nothing"),
        Ok(_) => there("erased"),
        Err(fault) => failure::fault(&pages, &visit, &fault),
    }
}
