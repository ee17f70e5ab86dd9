//! The citizen's dashboard: what is shared, who used it, and the way to end it. Ending takes two steps, without script:
//! the button leads to a page that says what will happen, and only its button ends anything.

use super::dashboard_view::{Confirm, Dashboard, GrantDetail};
use super::form::Form;
use super::reply::Reply;
use super::signed_in::{back, told};
use super::visit::Visit;
use super::{Pages, failure, signed_in};
use crate::domain::Timestamp;
use crate::domain::ids::{AccessId, GrantId};
use crate::services::account::{Account, CitizenSession, ListedGrant};
use crate::services::confirmations::Confirmations;
use crate::store::Before;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

/// Where a citizen's own matters are.
pub(super) const DASHBOARD: &str = "/dashboard";

/// How many entries a page shows.
const ENTRIES: u32 = 50;
/// How many lines are searched for those of one grant.
const LINES_OF_A_GRANT: u32 = 500;

/// The person at the dashboard, or the answer that sends them elsewhere.
pub(super) async fn citizen(pages: &Pages, visit: &Visit, account: &Account) -> Result<CitizenSession, HttpResponse> {
    signed_in::known((pages, visit), "/sign-in", visit.session.as_ref(), |secret| account.session(secret)).await
}

/// The person and what the address asks of a page of the dashboard.
pub(super) async fn asked(
    request: &HttpRequest,
    pages: &Pages,
    visit: &Visit,
    account: &Account,
) -> Result<(CitizenSession, Form), HttpResponse> {
    signed_in::asked(request, (pages, visit), citizen(pages, visit, account)).await
}

/// The person and the form that they sent from a page of the dashboard.
pub(super) async fn posted(
    request: &HttpRequest,
    (body, list): (&[u8], &str),
    pages: &Pages,
    visit: &Visit,
    account: &Account,
) -> Result<(CitizenSession, Form), HttpResponse> {
    signed_in::posted(request, (body, list), (pages, visit), citizen(pages, visit, account)).await
}

/// `GET /dashboard`
pub(super) async fn show(
    request: HttpRequest,
    pages: web::Data<Pages>,
    account: web::Data<Account>,
    confirmations: web::Data<Confirmations>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, query) = match asked(&request, &pages, &visit, &account).await {
        Ok(asked) => asked,
        Err(answer) => return answer,
    };
    let grants = Before { entry: query.get("grants").and_then(place).and_then(grant_place), limit: ENTRIES };
    let accesses = Before { entry: query.get("history").and_then(place).and_then(access_place), limit: ENTRIES };
    let listed = match account.grants(&session, &grants).await {
        Ok(listed) => account.accesses(&session, &accesses).await.map(|accesses| (listed, accesses)),
        Err(fault) => Err(fault),
    };
    let waiting = confirmations.waiting(&session).await;
    match listed.and_then(|listed| Ok((listed, waiting?))) {
        Ok(((grants, accesses), waiting)) => {
            let mut page = Dashboard::new(&pages, &visit, &session, &grants, &accesses);
            page.mark_waiting(&waiting);
            page.mark_pages(&query, ENTRIES);
            Reply::new(&pages, &visit, StatusCode::OK).page(&page)
        }
        Err(fault) => failure::fault(&pages, &visit, &fault),
    }
}

/// `GET /dashboard/grants/{id}`
pub(super) async fn show_grant(
    request: HttpRequest,
    id: web::Path<String>,
    pages: web::Data<Pages>,
    account: web::Data<Account>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let session = match citizen(&pages, &visit, &account).await {
        Ok(session) => session,
        Err(answer) => return answer,
    };
    let Ok(id) = GrantId::parse(&id) else { return failure::page(&pages, &visit, failure::NOT_FOUND) };
    let lines = Before { entry: None, limit: LINES_OF_A_GRANT };
    let found = match account.grant(&session, &id).await {
        Ok(Some(grant)) => account.accesses(&session, &lines).await.map(|lines| Some((grant, lines))),
        Ok(None) => Ok(None),
        Err(fault) => Err(fault),
    };
    let earlier = account.superseded(&session, &id).await;
    match found.and_then(|found| Ok(found.zip(Some(earlier?)))) {
        Ok(Some(((grant, mut lines), earlier))) => {
            lines.retain(|line| line.access.grant == id);
            let mut page = GrantDetail::new(&pages, &visit, &session, &grant, &lines);
            page.mark_earlier(&pages, &grant, &earlier);
            page.mark_renewable(account.renewable_until(&session, &grant));
            Reply::new(&pages, &visit, StatusCode::OK).page(&page)
        }
        Ok(None) => failure::page(&pages, &visit, failure::NOT_FOUND),
        Err(fault) => failure::fault(&pages, &visit, &fault),
    }
}

/// `POST /dashboard/grants/{id}/revoke`
pub(super) async fn revoke(
    request: HttpRequest,
    body: web::Bytes,
    id: web::Path<String>,
    pages: web::Data<Pages>,
    account: web::Data<Account>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, form, grant) = match posted_about(&request, (&body, &id), &pages, &visit, &account).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    if form.get("confirm") != Some("yes") {
        let page = Confirm::one(&pages, &visit, &session, &grant);
        return Reply::new(&pages, &visit, StatusCode::OK).page(&page);
    }
    let done = account.revoke(&session, &grant.grant.id).await;
    told((&pages, &visit), DASHBOARD, done, ("revoked", "nothing"))
}

/// `POST /dashboard/grants/{id}/pause`. One step, since it is undone as easily.
pub(super) async fn pause(
    request: HttpRequest,
    body: web::Bytes,
    id: web::Path<String>,
    pages: web::Data<Pages>,
    account: web::Data<Account>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, _, grant) = match posted_about(&request, (&body, &id), &pages, &visit, &account).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let done = account.pause(&session, &grant.grant.id).await;
    told((&pages, &visit), DASHBOARD, done, ("paused", "unchanged"))
}

/// `POST /dashboard/grants/{id}/resume`
pub(super) async fn resume(
    request: HttpRequest,
    body: web::Bytes,
    id: web::Path<String>,
    pages: web::Data<Pages>,
    account: web::Data<Account>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, _, grant) = match posted_about(&request, (&body, &id), &pages, &visit, &account).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let done = account.resume(&session, &grant.grant.id).await;
    told((&pages, &visit), DASHBOARD, done, ("resumed", "unchanged"))
}

/// The person, their form, and the grant of theirs that it is about.
pub(super) async fn posted_about(
    request: &HttpRequest,
    (body, id): (&[u8], &str),
    pages: &Pages,
    visit: &Visit,
    account: &Account,
) -> Result<(CitizenSession, Form, ListedGrant), HttpResponse> {
    let (session, form) = posted(request, (body, ""), pages, visit, account).await?;
    let unknown = || failure::page(pages, visit, failure::NOT_FOUND);
    let id = GrantId::parse(id).map_err(|_| unknown())?;
    match account.grant(&session, &id).await {
        Ok(Some(grant)) => Ok((session, form, grant)),
        Ok(None) => Err(unknown()),
        Err(fault) => Err(failure::fault(pages, visit, &fault)),
    }
}

/// `POST /dashboard/revoke-all`
pub(super) async fn revoke_all(
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
    if form.get("confirm") != Some("yes") {
        let all = Before { entry: None, limit: LINES_OF_A_GRANT };
        return match account.grants(&session, &all).await {
            Ok(grants) => {
                let in_force = grants.iter().filter(|grant| grant.is_in_force).count();
                let page = Confirm::all(&pages, &visit, &session, in_force);
                Reply::new(&pages, &visit, StatusCode::OK).page(&page)
            }
            Err(fault) => failure::fault(&pages, &visit, &fault),
        };
    }
    match account.revoke_all(&session).await {
        Ok(0) => back(&pages, &visit, DASHBOARD, "nothing"),
        Ok(_) => back(&pages, &visit, DASHBOARD, "revoked-all"),
        Err(fault) => failure::fault(&pages, &visit, &fault),
    }
}

/// `POST /sign-out`
pub(super) async fn sign_out(
    request: HttpRequest,
    body: web::Bytes,
    pages: web::Data<Pages>,
    account: web::Data<Account>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    if let Err(answer) = posted(&request, (&body, ""), &pages, &visit, &account).await {
        return answer;
    }
    signed_out((&pages, &visit), &account, "signed-out").await
}

/// Ends every sign-in of this browser, and says at the front page what happened.
pub(super) async fn signed_out((pages, visit): (&Pages, &Visit), account: &Account, notice: &str) -> HttpResponse {
    let done = match account.presence(visit.session.clone(), visit.browser.clone()).await {
        Ok(presence) => account.sign_out(&presence).await,
        Err(fault) => Err(fault),
    };
    match done {
        Ok(()) => {
            let reply = Reply::new(pages, visit, StatusCode::SEE_OTHER)
                .cookie(pages.no_session_cookie())
                .cookie(pages.no_browser_cookie())
                .cookie(pages.no_shared_cookie());
            let reply = if visit.is_shared { reply.forgetting() } else { reply };
            reply.see_other(&format!("/?notice={notice}"))
        }
        Err(fault) => failure::fault(pages, visit, &fault),
    }
}

/// A place in a list, as `{milliseconds}.{id}`.
fn place(text: &str) -> Option<(Timestamp, &str)> {
    let (millis, id) = text.split_once('.')?;
    Some((Timestamp::from_millis(millis.parse().ok()?), id))
}

fn grant_place((at, id): (Timestamp, &str)) -> Option<(Timestamp, GrantId)> {
    Some((at, GrantId::parse(id).ok()?))
}

fn access_place((at, id): (Timestamp, &str)) -> Option<(Timestamp, AccessId)> {
    Some((at, AccessId::parse(id).ok()?))
}
