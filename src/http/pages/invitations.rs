//! Inviting a representative, and accepting an invitation: a code that is shown once, and asked about before it counts.

use super::dashboard::{asked, posted};
use super::reply::{Reply, Shell};
use super::signed_in::{back, told};
use super::visit::Visit;
use super::wording::{Moment, acting, day, moment};
use super::{Pages, failure};
use crate::domain::Failure;
use crate::domain::ids::RepresentationId;
use crate::domain::invitation::{Invitation, InvitationCode};
use crate::domain::representation::RepresentationKind;
use crate::issuer::delegations::KINDS;
use crate::services::account::{Account, CitizenSession};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;

const HERE: &str = "/dashboard/representatives/invitations";

struct OpenView {
    id: RepresentationId,
    kind: String,
    until: Moment,
    expires: Moment,
}

#[derive(Template)]
#[template(path = "invitations.html", config = "src/http/pages/askama.toml")]
struct Invitations<'p> {
    shell: Shell<'p>,
    token: String,
    notice: Option<String>,
    error: Option<(&'static str, String)>,
    open: Vec<OpenView>,
    kinds: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "invitation_made.html", config = "src/http/pages/askama.toml")]
struct Made<'p> {
    shell: Shell<'p>,
    code: String,
    kind: String,
    until: Moment,
    expires: Moment,
}

#[derive(Template)]
#[template(path = "invitation_accept.html", config = "src/http/pages/askama.toml")]
struct ConfirmAccept<'p> {
    shell: Shell<'p>,
    token: String,
    code: String,
    kind: String,
    until: String,
}

/// `GET /dashboard/representatives/invitations`
pub(super) async fn show(request: HttpRequest, pages: web::Data<Pages>, account: web::Data<Account>) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, query) = match asked(&request, &pages, &visit, &account).await {
        Ok(asked) => asked,
        Err(answer) => return answer,
    };
    let notice = match query.get("notice") {
        Some("withdrawn") => Some("notice-invitation-withdrawn"),
        Some("accepted") => Some("notice-invitation-accepted"),
        Some("nothing") => Some("notice-invitation-nothing"),
        _ => None,
    };
    page((&pages, &visit), &account, &session, (notice, None)).await
}

async fn page(
    (pages, visit): (&Pages, &Visit),
    account: &Account,
    session: &CitizenSession,
    (notice, error): (Option<&str>, Option<&'static str>),
) -> HttpResponse {
    let open = match account.invitations(session).await {
        Ok(open) => open,
        Err(fault) => return failure::fault(pages, visit, &fault),
    };
    let mut shell = Shell::signed_in(pages, visit, session);
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    shell.switch = shell.switch.filter(|_| error.is_none());
    let view = |one: &Invitation| OpenView {
        id: one.id.clone(),
        kind: acting(&shell, one.kind),
        until: moment(one.until, shell.lang),
        expires: moment(one.expires_at, shell.lang),
    };
    let view = Invitations {
        token: session.form_token(),
        notice: notice.map(|id| shell.t(id)),
        error: error.map(|field| (field, shell.t(&format!("invitation-refused-{field}")))),
        open: open.iter().map(view).collect(),
        kinds: KINDS.map(|one| (one.as_str(), acting(&shell, one))).to_vec(),
        shell,
    };
    Reply::new(pages, visit, status).page(&view)
}

/// `POST /dashboard/representatives/invitations`: makes one, and shows its code, once.
pub(super) async fn invite(
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
    let kinds = form.get("kind").and_then(RepresentationKind::parse).filter(|kind| KINDS.contains(kind));
    let until = form.get("until").and_then(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok());
    let made = match (kinds, until) {
        (Some(kind), Some(until)) => account.invite(&session, kind, until).await,
        (None, _) => return page((&pages, &visit), &account, &session, (None, Some("kind"))).await,
        (_, None) => return page((&pages, &visit), &account, &session, (None, Some("until"))).await,
    };
    match made {
        Ok((one, code)) => {
            let mut shell = Shell::signed_in(&pages, &visit, &session);
            // Loading it again would make another one.
            shell.switch = None;
            let view = Made {
                code: code.shown().expose().clone(),
                kind: acting(&shell, one.kind),
                until: moment(one.until, shell.lang),
                expires: moment(one.expires_at, shell.lang),
                shell,
            };
            Reply::new(&pages, &visit, StatusCode::OK).page(&view)
        }
        Err(Failure::Refused(refusal)) => {
            let field = if refusal.code == "conflict" { "most" } else { "until" };
            page((&pages, &visit), &account, &session, (None, Some(field))).await
        }
        Err(Failure::Broken(fault)) => failure::fault(&pages, &visit, &fault),
    }
}

/// `POST /dashboard/representatives/invitations/{id}/withdraw`
pub(super) async fn withdraw(
    request: HttpRequest,
    body: web::Bytes,
    id: web::Path<String>,
    pages: web::Data<Pages>,
    account: web::Data<Account>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, _) = match posted(&request, (&body, ""), &pages, &visit, &account).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let Ok(id) = RepresentationId::parse(&id) else { return failure::page(&pages, &visit, failure::NOT_FOUND) };
    let done = account.withdraw_invitation(&session, &id).await;
    told((&pages, &visit), HERE, done, ("withdrawn", "nothing"))
}

/// `POST /dashboard/representatives/invitations/accept`. The first time it shows what the code opens.
pub(super) async fn accept(
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
    let unknown = page((&pages, &visit), &account, &session, (None, Some("code")));
    let Some(code) = form.get("code").and_then(InvitationCode::parse) else { return unknown.await };
    if form.get("confirm") != Some("yes") {
        return match account.invitation(&session, &code).await {
            Ok(Some(one)) => {
                let mut shell = Shell::signed_in(&pages, &visit, &session);
                shell.switch = None;
                let last = one.until.minus(std::time::Duration::from_millis(1)).date_in_japan();
                let (token, kind, until) = (session.form_token(), acting(&shell, one.kind), day(last, shell.lang));
                let view = ConfirmAccept { token, code: code.shown().expose().clone(), kind, until, shell };
                Reply::new(&pages, &visit, StatusCode::OK).page(&view)
            }
            Ok(None) => unknown.await,
            Err(fault) => failure::fault(&pages, &visit, &fault),
        };
    }
    match account.accept(&session, &code).await {
        Ok(true) => back(&pages, &visit, HERE, "accepted"),
        Ok(false) | Err(Failure::Refused(_)) => unknown.await,
        Err(Failure::Broken(fault)) => failure::fault(&pages, &visit, &fault),
    }
}
