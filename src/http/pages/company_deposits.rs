//! What a company filed by cloud (クラウド提出): who referenced it, with whom it is shared, and what agencies decided; without
//! script.

use super::company::{company, posted};
use super::company_deposits_view::{DepositEntry, NoticeEntry, ReferenceEntry, ShareEntry};
use super::reply::{Reply, Shell};
use super::signed_in::{asked, back};
use super::visit::Visit;
use super::{Pages, failure};
use crate::domain::Failure;
use crate::issuer::companies::{Companies, CompanySession};
use crate::services::deposits::{CompanyDeposit, Deposits};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

/// Where the page is.
const HERE: &str = "/company/deposits";

#[derive(Template)]
#[template(path = "company_deposits.html", config = "src/http/pages/askama.toml")]
struct AllPage<'p> {
    shell: Shell<'p>,
    name: String,
    deposits: Vec<DepositEntry>,
    older_deposits: Option<String>,
    notices: Vec<NoticeEntry>,
    older_notices: Option<String>,
    is_first_page: bool,
}

#[derive(Template)]
#[template(path = "company_deposit.html", config = "src/http/pages/askama.toml")]
struct OnePage<'p> {
    shell: Shell<'p>,
    token: String,
    notice: Option<String>,
    error: Option<String>,
    is_head: bool,
    deposit: DepositEntry,
    shares: Vec<ShareEntry>,
    references: Vec<ReferenceEntry>,
    older: Option<String>,
    is_first_page: bool,
}

/// `GET /company/deposits`
pub(super) async fn show(
    request: HttpRequest,
    (pages, companies): (web::Data<Pages>, web::Data<Companies>),
    deposits: web::Data<Deposits>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let known = company(&pages, &visit, &companies);
    let (session, query) = match asked(&request, (&pages, &visit), known).await {
        Ok(asked) => asked,
        Err(answer) => return answer,
    };
    let (after, after_notice) = (query.get("after"), query.get("notices"));
    let listed = match deposits.all_of_company(session.company(), after).await {
        Ok(listed) => deposits.notices_of_company(session.company(), after_notice).await.map(|told| (listed, told)),
        Err(fault) => Err(fault),
    };
    let (listed, told) = match listed {
        Ok(listed) => listed,
        Err(fault) => return failure::fault(&pages, &visit, &fault),
    };
    let (shell, rules, now) = (Shell::new(&pages, &visit), deposits.rules(), deposits.now());
    let view = AllPage {
        name: session.name().to_owned(),
        deposits: listed.items.iter().map(|one| DepositEntry::of(&shell, rules, one, now)).collect(),
        older_deposits: listed.next,
        notices: told
            .items
            .iter()
            .map(|one| NoticeEntry::of(&shell, (rules, companies.procedures()), one, now))
            .collect(),
        older_notices: told.next,
        is_first_page: after.is_none() && after_notice.is_none(),
        shell,
    };
    Reply::new(&pages, &visit, StatusCode::OK).page(&view)
}

/// `GET /company/deposits/{id}`
pub(super) async fn one(
    request: HttpRequest,
    id: web::Path<String>,
    (pages, companies): (web::Data<Pages>, web::Data<Companies>),
    deposits: web::Data<Deposits>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let known = company(&pages, &visit, &companies);
    let (session, query) = match asked(&request, (&pages, &visit), known).await {
        Ok(asked) => asked,
        Err(answer) => return answer,
    };
    let notice = match query.get("notice") {
        Some("ended") => Some("notice-share-ended"),
        Some("nothing") => Some("notice-share-nothing"),
        _ => None,
    };
    let after = query.get("after");
    match deposits.one_of_company(session.company(), &id, after).await {
        Ok(Some(found)) => {
            let said = Said { notice, error: None, is_first_page: after.is_none() };
            page((&pages, &visit), (&session, &deposits), &found, &said)
        }
        Ok(None) => failure::page(&pages, &visit, failure::NOT_FOUND),
        Err(fault) => failure::fault(&pages, &visit, &fault),
    }
}

/// What is said on the page of one deposit, besides it.
struct Said {
    notice: Option<&'static str>,
    error: Option<&'static str>,
    is_first_page: bool,
}

fn page(
    (pages, visit): (&Pages, &Visit),
    (session, deposits): (&CompanySession, &Deposits),
    found: &CompanyDeposit,
    said: &Said,
) -> HttpResponse {
    let mut shell = Shell::new(pages, visit);
    let status = if said.error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    shell.switch = shell.switch.filter(|_| said.error.is_none());
    let (rules, now) = (deposits.rules(), deposits.now());
    let references = found.references.items.iter();
    let view = OnePage {
        token: session.form_token(),
        notice: said.notice.map(|id| shell.t(id)),
        error: said.error.map(|id| shell.t(id)),
        is_head: session.is_head(),
        deposit: DepositEntry::of(&shell, rules, &found.deposit, now),
        shares: found.shares.iter().map(|one| ShareEntry::of(&shell, (rules, &found.names), one, now)).collect(),
        references: references.map(|one| ReferenceEntry::of(&shell, (rules, &found.names), one)).collect(),
        older: found.references.next.clone(),
        is_first_page: said.is_first_page,
        shell,
    };
    Reply::new(pages, visit, status).page(&view)
}

/// `POST /company/deposits/{id}/shares/{share}/end`
pub(super) async fn end_share(
    request: HttpRequest,
    body: web::Bytes,
    path: web::Path<(String, String)>,
    (pages, companies): (web::Data<Pages>, web::Data<Companies>),
    deposits: web::Data<Deposits>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, _) = match posted((&request, &body), &pages, &visit, &companies).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let (id, share) = path.into_inner();
    let found = match deposits.one_of_company(session.company(), &id, None).await {
        Ok(Some(found)) => found,
        Ok(None) => return failure::page(&pages, &visit, failure::NOT_FOUND),
        Err(fault) => return failure::fault(&pages, &visit, &fault),
    };
    let again = |error| {
        let said = Said { notice: None, error: Some(error), is_first_page: true };
        page((&pages, &visit), (&session, &deposits), &found, &said)
    };
    if !session.is_head() {
        return again("company-refused-denied");
    }
    match deposits.end_share_of_company(session.company(), (&id, &share)).await {
        Ok(is_ended) => {
            let place = format!("{HERE}/{}", found.deposit.declared.id);
            back(&pages, &visit, &place, if is_ended { "ended" } else { "nothing" })
        }
        Err(Failure::Refused(_)) => again("company-refused-later"),
        Err(Failure::Broken(fault)) => failure::fault(&pages, &visit, &fault),
    }
}
