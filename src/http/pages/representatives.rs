//! Who acts for the citizen, and for whom the citizen acts: both lists, and the way to end an entry, in two steps.
//!
//! Neither side is named: the counter knows no names, and one person's number is nobody else's to read.

use super::dashboard::{asked, posted};
use super::dashboard_words::{AccessView, GrantView, Words};
use super::reply::{Reply, Shell};
use super::signed_in::told;
use super::visit::Visit;
use super::wording::{Moment, acting, moment};
use super::{Pages, failure};
use crate::domain::Timestamp;
use crate::domain::ids::RepresentationId;
use crate::domain::representation::{FreezeReason, Representation, RepresentationEnd, RepresentationStatus};
use crate::services::account::{Account, DoneBy};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

const PLACE: &str = "/dashboard/representatives";

struct EntryView {
    id: RepresentationId,
    kind: String,
    proof: String,
    state: String,
    since: Moment,
    until: Moment,
    ended: Option<Moment>,
    is_in_force: bool,
    is_standing: bool,
    /// The person who is represented may let it go on.
    may_unfreeze: bool,
    done: Vec<GrantView>,
    used: Vec<AccessView>,
}

struct ListView {
    id: &'static str,
    heading: &'static str,
    none: &'static str,
    end: &'static str,
    entries: Vec<EntryView>,
}

#[derive(Template)]
#[template(path = "representatives.html", config = "src/http/pages/askama.toml")]
struct Representatives<'p> {
    shell: Shell<'p>,
    token: String,
    notice: Option<String>,
    number: String,
    lists: [ListView; 2],
}

#[derive(Template)]
#[template(path = "representative_end.html", config = "src/http/pages/askama.toml")]
struct ConfirmEnd<'p> {
    shell: Shell<'p>,
    token: String,
    id: RepresentationId,
    kind: String,
    heading: &'static str,
}

fn entry(words: &Words<'_>, one: &Representation, (done, own): (&DoneBy, bool), now: Timestamp) -> EntryView {
    let shell = words.shell;
    let is_card = matches!(one.status, RepresentationStatus::Frozen { reason: FreezeReason::CardSuspended, .. });
    let (state, ended) = match one.status {
        RepresentationStatus::Ended { at, by } => (format!("representation-ended-{}", by.as_str()), Some(at)),
        _ if now >= one.expires_at => ("representation-ended-time".to_owned(), Some(one.expires_at)),
        RepresentationStatus::Active => ("representation-active".to_owned(), None),
        RepresentationStatus::Frozen { reason, .. } => (format!("representation-frozen-{}", reason.as_str()), None),
    };
    EntryView {
        id: one.id.clone(),
        kind: acting(shell, one.kind),
        proof: shell.t(&format!("representation-proof-{}", one.proof.as_str())),
        state: shell.t(&state),
        since: moment(one.created_at, shell.lang),
        until: moment(one.expires_at, shell.lang),
        ended: ended.map(|at| moment(at, shell.lang)),
        is_in_force: one.is_in_force(now),
        is_standing: one.is_standing(now),
        may_unfreeze: own && is_card && one.is_standing(now),
        done: done.grants.iter().map(|grant| words.grant(grant)).collect(),
        used: done.accesses.iter().map(|line| words.access(line)).collect(),
    }
}

/// `GET /dashboard/representatives`
pub(super) async fn show(request: HttpRequest, pages: web::Data<Pages>, account: web::Data<Account>) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, query) = match asked(&request, &pages, &visit, &account).await {
        Ok(asked) => asked,
        Err(answer) => return answer,
    };
    let found = match account.representations(&session).await {
        Ok(found) => found,
        Err(fault) => return failure::fault(&pages, &visit, &fault),
    };
    let shell = Shell::signed_in(&pages, &visit, &session);
    let words = Words { pages: &pages, shell: &shell };
    let mut entries = [Vec::new(), Vec::new()];
    for (list, views) in [&found.representatives, &found.represented].into_iter().zip(&mut entries) {
        for one in list {
            match account.done_by(one).await {
                Ok(done) => {
                    let own = one.principal == *session.subject();
                    views.push(entry(&words, one, (&done, own), found.now));
                }
                Err(fault) => return failure::fault(&pages, &visit, &fault),
            }
        }
    }
    let [mine, theirs] = entries;
    let lists = [
        ListView {
            id: "representatives",
            heading: "representatives-mine",
            none: "representatives-mine-none",
            end: "representatives-withdraw",
            entries: mine,
        },
        ListView {
            id: "represented",
            heading: "representatives-others",
            none: "representatives-others-none",
            end: "representatives-give-up",
            entries: theirs,
        },
    ];
    let notice = match query.get("notice") {
        Some("ended") => Some(shell.t("notice-representation-ended")),
        Some("unfrozen") => Some(shell.t("notice-representation-unfrozen")),
        Some("nothing") => Some(shell.t("notice-representation-nothing")),
        _ => None,
    };
    let (token, number) = (session.form_token(), session.subject().to_string());
    let page = Representatives { shell, token, notice, number, lists };
    Reply::new(&pages, &visit, StatusCode::OK).page(&page)
}

/// `POST /dashboard/representatives/{id}/end`
pub(super) async fn end(
    request: HttpRequest,
    body: web::Bytes,
    id: web::Path<String>,
    pages: web::Data<Pages>,
    account: web::Data<Account>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, form) = match posted(&request, (&body, ""), &pages, &visit, &account).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let Ok(id) = RepresentationId::parse(&id) else { return failure::page(&pages, &visit, failure::NOT_FOUND) };
    let one = match account.representation(&session, &id).await {
        Ok(Some(one)) => one,
        Ok(None) => return failure::page(&pages, &visit, failure::NOT_FOUND),
        Err(fault) => return failure::fault(&pages, &visit, &fault),
    };
    if form.get("confirm") != Some("yes") {
        let mut shell = Shell::signed_in(&pages, &visit, &session);
        shell.switch = None;
        let heading = match one.side_of(session.subject()) {
            Some(RepresentationEnd::Principal) => "representatives-end-withdraw",
            _ => "representatives-end-give-up",
        };
        let page = ConfirmEnd { token: session.form_token(), id, kind: acting(&shell, one.kind), heading, shell };
        return Reply::new(&pages, &visit, StatusCode::OK).page(&page);
    }
    let done = account.end_representation(&session, &id).await;
    told((&pages, &visit), PLACE, done, ("ended", "nothing"))
}

/// `POST /dashboard/representatives/{id}/unfreeze`. One step: it can be ended or held still again as easily.
pub(super) async fn unfreeze(
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
    let done = account.unfreeze_representation(&session, &id).await;
    told((&pages, &visit), PLACE, done, ("unfrozen", "nothing"))
}
