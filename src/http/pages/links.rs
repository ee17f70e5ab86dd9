//! What the citizen's account is linked with (もっとつながる): the list, linking, ending in two steps, and entering a site.

use super::authorize::callback_of;
use super::dashboard::{asked, citizen, posted};
use super::form::Form;
use super::reply::{Reply, Shell};
use super::signed_in::{back, told};
use super::visit::Visit;
use super::wording::{Moment, moment};
use super::{Pages, failure};
use crate::domain::health_insurance::InsuranceRegistration;
use crate::domain::ids::LinkId;
use crate::domain::linkage::{LinkedServiceKind, ServiceCode};
use crate::domain::{Failure, Words};
use crate::issuer::interaction::{InteractionError, Interactions, LinkedTo, SignedInSession};
use crate::services::account::Account;
use crate::services::health_insurance::HealthInsurance;
use crate::services::linked_services::{Linkage, OwnLinks};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

const PLACE: &str = "/dashboard/links";

struct LinkView {
    name: String,
    since: Moment,
    kind: String,
    end: String,
}

struct ButtonView {
    id: String,
    name: String,
    action: String,
}

#[derive(Template)]
#[template(path = "links.html", config = "src/http/pages/askama.toml")]
struct List<'p> {
    shell: Shell<'p>,
    token: String,
    notice: Option<String>,
    registered: String,
    /// Since when their card is registered as their health insurance card.
    insurance: Option<String>,
    links: Vec<LinkView>,
    open: Vec<ButtonView>,
    sites: Vec<ButtonView>,
}

#[derive(Template)]
#[template(path = "unlink.html", config = "src/http/pages/askama.toml")]
struct Unlink<'p> {
    shell: Shell<'p>,
    token: String,
    name: String,
    action: String,
    is_site: bool,
}

fn kind_key(kind: LinkedServiceKind) -> &'static str {
    match kind {
        LinkedServiceKind::PrivateDelivery => "links-kind-delivery",
        LinkedServiceKind::SignOn => "links-kind-site",
    }
}

fn buttons(shell: &Shell<'_>, what: &str, of: &[(ServiceCode, Words, String)]) -> Vec<ButtonView> {
    let view = |(code, name, _): &(ServiceCode, Words, String)| ButtonView {
        id: format!("{what}-{code}"),
        name: name.get(shell.lang).to_owned(),
        action: format!("{PLACE}/{what}/{code}"),
    };
    of.iter().map(view).collect()
}

impl<'p> List<'p> {
    fn new(
        shell: Shell<'p>,
        token: String,
        (own, insurance): (&OwnLinks, Option<InsuranceRegistration>),
        notice: Option<&str>,
    ) -> Self {
        let since = |one: InsuranceRegistration| {
            shell.with("links-insurance-since", "time", &moment(one.registered_at, shell.lang).text)
        };
        let registered = match own.registered_at {
            Some(at) => shell.with("links-registered", "time", &moment(at, shell.lang).text),
            None => shell.t("links-not-registered"),
        };
        let link = |one: &crate::services::linked_services::OwnLink| LinkView {
            name: one.name.get(shell.lang).to_owned(),
            since: moment(one.linked_at, shell.lang),
            kind: shell.t(kind_key(one.kind)),
            end: format!("{PLACE}/{}/end", one.id),
        };
        Self {
            token,
            notice: match notice {
                Some("linked") => Some(shell.t("links-now-linked")),
                Some("ended") => Some(shell.t("links-now-ended")),
                Some("none") => Some(shell.t("links-nothing-ended")),
                Some("card-ended") => Some(shell.t("links-insurance-ended")),
                Some("no-card") => Some(shell.t("links-insurance-not-ended")),
                _ => None,
            },
            registered,
            insurance: insurance.map(since),
            links: own.links.iter().map(link).collect(),
            open: buttons(&shell, "services", &own.open),
            sites: buttons(&shell, "sites", &own.sites),
            shell,
        }
    }
}

/// `GET /dashboard/links`
pub(super) async fn show(
    request: HttpRequest,
    (pages, account): (web::Data<Pages>, web::Data<Account>),
    (linkage, insurance): (web::Data<Linkage>, web::Data<HealthInsurance>),
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, query) = match asked(&request, &pages, &visit, &account).await {
        Ok(asked) => asked,
        Err(answer) => return answer,
    };
    let (own, card) = match (linkage.own(&session).await, insurance.own(&session).await) {
        (Ok(own), Ok(card)) => (own, card),
        (Err(fault), _) | (_, Err(fault)) => return failure::fault(&pages, &visit, &fault),
    };
    let shell = Shell::signed_in(&pages, &visit, &session);
    let list = List::new(shell, session.form_token(), (&own, card), query.get("notice"));
    let reply = Reply::new(&pages, &visit, StatusCode::OK);
    // The forms lead on to where the operator named.
    let places = own.open.iter().chain(&own.sites);
    places.fold(reply, |reply, (_, _, place)| reply.form_leads_to(place)).page(&list)
}

/// `POST /dashboard/links/services/{code}`
pub(super) async fn link(
    request: HttpRequest,
    (body, code): (web::Bytes, web::Path<String>),
    (pages, account): (web::Data<Pages>, web::Data<Account>),
    interactions: web::Data<Interactions>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, _) = match posted(&request, (&body, ""), &pages, &visit, &account).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let (Ok(code), Some(secret)) = (ServiceCode::parse(&code), visit.session.as_ref()) else {
        return failure::page(&pages, &visit, failure::NOT_FOUND);
    };
    match interactions.begin_linking(session.subject(), secret, &code, visit.lang).await {
        Ok(url) => Reply::new(&pages, &visit, StatusCode::SEE_OTHER).see_other(url.as_str()),
        Err(InteractionError::Over) => failure::page(&pages, &visit, failure::NOT_FOUND),
        Err(error) => failure::interaction(&pages, &visit, &error, None),
    }
}

/// `GET /links/callback?state=…&code=…`
pub(super) async fn callback(
    request: HttpRequest,
    (pages, account): (web::Data<Pages>, web::Data<Account>),
    interactions: web::Data<Interactions>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let query = match Form::read(request.query_string().as_bytes(), "") {
        Ok(query) => query,
        Err(error) => return failure::form(&pages, &visit, &error),
    };
    // A session that was signed out links nothing any more.
    let session = citizen(&pages, &visit, &account).await.ok().and(visit.session.as_ref());
    match interactions.finish_linking(&callback_of(&query), &[visit.browser.as_ref(), session]).await {
        Ok(LinkedTo::Client(decided)) => Reply::new(&pages, &visit, StatusCode::SEE_OTHER).see_other(&decided.location),
        Ok(LinkedTo::Dashboard) => back(&pages, &visit, PLACE, "linked"),
        Err(error) => {
            let id = match &error {
                InteractionError::LinkDenied(id) | InteractionError::LinkFailed(id, _) => id.as_ref(),
                _ => None,
            };
            let refusable = match id {
                Some(id) => interactions.view(id, visit.browser.as_ref()).await.ok(),
                None => None,
            };
            failure::interaction(&pages, &visit, &error, refusable)
        }
    }
}

/// `GET /dashboard/links/{id}/end`
pub(super) async fn ask_end(
    request: HttpRequest,
    id: web::Path<String>,
    (pages, account): (web::Data<Pages>, web::Data<Account>),
    linkage: web::Data<Linkage>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let session = match citizen(&pages, &visit, &account).await {
        Ok(session) => session,
        Err(answer) => return answer,
    };
    match linkage.own(&session).await {
        Ok(own) => match own.links.iter().find(|one| one.id.as_str() == id.as_str()) {
            Some(link) => {
                let shell = Shell::signed_in(&pages, &visit, &session);
                let name = link.name.get(shell.lang).to_owned();
                let (token, action) = (session.form_token(), format!("{PLACE}/{}/end", link.id));
                Reply::new(&pages, &visit, StatusCode::OK).page(&Unlink {
                    shell,
                    token,
                    name,
                    action,
                    is_site: link.kind == LinkedServiceKind::SignOn,
                })
            }
            None => failure::page(&pages, &visit, failure::NOT_FOUND),
        },
        Err(fault) => failure::fault(&pages, &visit, &fault),
    }
}

/// `POST /dashboard/links/{id}/end`
pub(super) async fn end(
    request: HttpRequest,
    (body, id): (web::Bytes, web::Path<String>),
    (pages, account): (web::Data<Pages>, web::Data<Account>),
    linkage: web::Data<Linkage>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, _) = match posted(&request, (&body, ""), &pages, &visit, &account).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let Ok(id) = LinkId::parse(&id) else { return failure::page(&pages, &visit, failure::NOT_FOUND) };
    told((&pages, &visit), PLACE, linkage.unlink(&session, &id).await, ("ended", "none"))
}

/// `POST /dashboard/links/health-insurance/end`
pub(super) async fn end_insurance(
    request: HttpRequest,
    body: web::Bytes,
    (pages, account): (web::Data<Pages>, web::Data<Account>),
    insurance: web::Data<HealthInsurance>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, _) = match posted(&request, (&body, ""), &pages, &visit, &account).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    match insurance.end_own(&session).await {
        Ok(ended) => told((&pages, &visit), PLACE, Ok(ended), ("card-ended", "no-card")),
        Err(Failure::Broken(fault)) => failure::fault(&pages, &visit, &fault),
        Err(Failure::Refused(_)) => failure::page(&pages, &visit, failure::UNAVAILABLE),
    }
}

/// `POST /dashboard/links/sites/{code}`
pub(super) async fn hand_over(
    request: HttpRequest,
    (body, code): (web::Bytes, web::Path<String>),
    (pages, account): (web::Data<Pages>, web::Data<Account>),
    interactions: web::Data<Interactions>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, form) = match posted(&request, (&body, ""), &pages, &visit, &account).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let Some(secret) = visit.session.as_ref() else { return failure::page(&pages, &visit, failure::NOT_FOUND) };
    let (subject, authentication) = (session.subject(), session.authentication());
    let session = SignedInSession { subject, authentication, secret };
    match interactions.hand_over(session, (&code, form.get("target")), visit.lang).await {
        Ok(Some(url)) => Reply::new(&pages, &visit, StatusCode::SEE_OTHER).see_other(url.as_str()),
        Ok(None) => failure::page(&pages, &visit, failure::NOT_FOUND),
        Err(fault) => failure::fault(&pages, &visit, &fault),
    }
}
