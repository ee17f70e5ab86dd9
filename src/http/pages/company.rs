//! The company's page: which offices may file for it; letting one and ending one, each in two steps, holding one still and
//! letting it go on in one; without script.

use super::company_view::{
    EntryView, GroupView, MandateView, SoftwareView, entry, groups, mandate, office, procedures, software,
};
use super::form::Form;
use super::reply::{Reply, Shell};
use super::signed_in::back;
use super::visit::Visit;
use super::wording::{acting, day};
use super::{Pages, failure, signed_in};
use crate::domain::Failure;
use crate::domain::Refusal;
use crate::domain::client::Client;
use crate::domain::delegation::{EVERY, Pausing};
use crate::domain::employment_certificate::PROCEDURE;
use crate::domain::ids::{ClientId, DelegationId};
use crate::domain::representation::RepresentationKind;
use crate::issuer::companies::{Companies, CompanyCallback, CompanySession, Delegating};
use crate::issuer::delegations::KINDS;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;

/// Where the page is.
const HERE: &str = "/company";

/// The field that comes once for each procedure chosen by name.
const CHOSEN: &str = "procedure";

/// What stands in the form: as it was sent, when it did not read.
#[derive(Default)]
struct Typed {
    client: String,
    kind: String,
    /// Chosen by name or typed by code.
    procedures: Vec<String>,
    until: String,
}

impl Typed {
    fn is_every(&self) -> bool {
        self.procedures.iter().any(|code| code == EVERY)
    }
}

#[derive(Template)]
#[template(path = "company.html", config = "src/http/pages/askama.toml")]
struct CompanyPage<'p> {
    shell: Shell<'p>,
    token: String,
    notice: Option<String>,
    error: Option<(&'static str, String)>,
    name: String,
    number: String,
    is_head: bool,
    kinds: Vec<(&'static str, String)>,
    groups: Vec<GroupView>,
    /// Codes of procedures that have no name here.
    others: String,
    typed: Typed,
    entries: Vec<EntryView>,
    /// Who gave it a mandate at its provider.
    mandates: Vec<MandateView>,
    /// What changed lately among offices' software.
    software: Vec<SoftwareView>,
}

#[derive(Template)]
#[template(path = "company_register.html", config = "src/http/pages/askama.toml")]
struct ConfirmRegister<'p> {
    shell: Shell<'p>,
    token: String,
    office: String,
    kind: String,
    procedures: String,
    until: String,
    typed: Typed,
}

#[derive(Template)]
#[template(path = "company_end.html", config = "src/http/pages/askama.toml")]
struct ConfirmEnd<'p> {
    shell: Shell<'p>,
    token: String,
    id: DelegationId,
    office: String,
}

/// `GET /company/sign-in`
pub(super) async fn sign_in(
    request: HttpRequest,
    pages: web::Data<Pages>,
    companies: web::Data<Companies>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    match companies.begin(visit.lang).await {
        Ok(begun) => Reply::new(&pages, &visit, StatusCode::SEE_OTHER)
            .cookie(pages.company_sign_in_cookie(&begun.secret))
            .see_other(begun.url.as_str()),
        Err(error) => failure::company(&pages, &visit, &error),
    }
}

/// `GET /company/sign-in/callback?state=…&code=…`
pub(super) async fn callback(
    request: HttpRequest,
    pages: web::Data<Pages>,
    companies: web::Data<Companies>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let query = match Form::read(request.query_string().as_bytes(), "") {
        Ok(query) => query,
        Err(error) => return failure::form(&pages, &visit, &error),
    };
    let owned = |name: &str| query.get(name).map(str::to_owned);
    let callback =
        CompanyCallback { state: owned("state").unwrap_or_default(), code: owned("code"), iss: owned("iss") };
    match companies.finish(&callback, visit.company_sign_in.as_ref(), visit.lang).await {
        Ok(opened) => Reply::new(&pages, &visit, StatusCode::SEE_OTHER)
            .cookie(pages.no_company_sign_in_cookie())
            .cookie(pages.company_cookie(&opened.secret))
            .see_other(HERE),
        Err(error) => failure::company(&pages, &visit, &error),
    }
}

/// The company at its page, or the answer that sends it elsewhere.
pub(super) async fn company(
    pages: &Pages,
    visit: &Visit,
    companies: &Companies,
) -> Result<CompanySession, HttpResponse> {
    if !companies.is_open() {
        return Err(failure::page(pages, visit, failure::NOT_FOUND));
    }
    let find = |secret| companies.session(secret);
    signed_in::known((pages, visit), "/company/sign-in", visit.company.as_ref(), find).await
}

/// The company and the form that it sent from its page.
pub(super) async fn posted(
    (request, body): (&HttpRequest, &[u8]),
    pages: &Pages,
    visit: &Visit,
    companies: &Companies,
) -> Result<(CompanySession, Form), HttpResponse> {
    signed_in::posted(request, (body, CHOSEN), (pages, visit), company(pages, visit, companies)).await
}

/// `GET /company`
pub(super) async fn show(
    request: HttpRequest,
    pages: web::Data<Pages>,
    companies: web::Data<Companies>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let known = company(&pages, &visit, &companies);
    let (session, query) = match signed_in::asked(&request, (&pages, &visit), known).await {
        Ok(asked) => asked,
        Err(answer) => return answer,
    };
    let notice = match query.get("notice") {
        Some("registered") => Some("notice-delegation-registered"),
        Some("ended") => Some("notice-delegation-ended"),
        Some("paused") => Some("notice-delegation-paused"),
        Some("resumed") => Some("notice-delegation-resumed"),
        Some("unchanged") => Some("notice-delegation-unchanged"),
        Some("nothing") => Some("notice-delegation-nothing"),
        _ => None,
    };
    page(&pages, &visit, &companies, (&session, notice, None, Typed::default())).await
}

type Shown<'a> = (&'a CompanySession, Option<&'static str>, Option<&'static str>, Typed);

async fn page(
    pages: &Pages,
    visit: &Visit,
    companies: &Companies,
    (session, notice, error, typed): Shown<'_>,
) -> HttpResponse {
    let listed = match companies.delegations(session).await {
        Ok(listed) => listed,
        Err(fault) => return failure::fault(pages, visit, &fault),
    };
    let mut shell = Shell::new(pages, visit);
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    shell.switch = shell.switch.filter(|_| error.is_none());
    let (now, known) = (companies.now(), companies.procedures());
    let is_named = |code: &str| code == EVERY || code == PROCEDURE || known.get(code).is_some();
    let others = typed.procedures.iter().filter(|code| !is_named(code));
    let view = CompanyPage {
        token: session.form_token(),
        notice: notice.map(|id| shell.t(id)),
        error: error.map(|field| (field, shell.t(&format!("company-refused-{field}")))),
        name: session.name().to_owned(),
        number: session.company().to_string(),
        is_head: session.is_head(),
        kinds: KINDS.map(|one| (one.as_str(), acting(&shell, one))).to_vec(),
        groups: groups(&shell, known, &typed.procedures),
        others: others.cloned().collect::<Vec<_>>().join("\n"),
        typed,
        mandates: session.mandates().iter().map(|one| mandate(&shell, known, one)).collect(),
        software: software(&shell, &listed, now),
        entries: listed.iter().map(|one| entry(&shell, known, one, now)).collect(),
        shell,
    };
    Reply::new(pages, visit, status).page(&view)
}

fn typed(form: &Form) -> Typed {
    let text = |name: &str, most: usize| form.get(name).unwrap_or_default().trim().chars().take(most).collect();
    let codes: String = text("procedures", 8000);
    let split = codes.split(|c: char| c.is_whitespace() || matches!(c, ',' | '、')).filter(|code| !code.is_empty());
    Typed {
        client: text("client", 128),
        kind: text("kind", 32),
        procedures: form.listed().iter().cloned().chain(split.map(str::to_owned)).collect(),
        until: text("until", 10),
    }
}

/// What the form says, or the field that does not read.
fn delegating(typed: &Typed) -> Result<Delegating, &'static str> {
    Ok(Delegating {
        client: ClientId::parse(&typed.client).map_err(|_| "representative")?,
        kind: RepresentationKind::parse(&typed.kind).filter(|kind| KINDS.contains(kind)).ok_or("kind")?,
        procedures: typed.procedures.clone(),
        until: NaiveDate::parse_from_str(&typed.until, "%Y-%m-%d").map_err(|_| "until")?,
    })
}

/// Which field a refusal is about: its words begin with its name.
fn field(refusal: &Refusal) -> &'static str {
    let named = refusal.public.split(':').next().unwrap_or_default();
    let known = ["representative", "kind", "procedures", "until", "proof"];
    known.into_iter().find(|field| *field == named).unwrap_or(if refusal.code == "conflict" {
        "conflict"
    } else {
        "denied"
    })
}

/// `POST /company/delegations`. The first time it shows whom the company would let file; the second time it does.
pub(super) async fn register(
    request: HttpRequest,
    body: web::Bytes,
    pages: web::Data<Pages>,
    companies: web::Data<Companies>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, form) = match posted((&request, &body), &pages, &visit, &companies).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let typed = typed(&form);
    let wanted = match delegating(&typed) {
        Ok(wanted) => wanted,
        Err(field) => return page(&pages, &visit, &companies, (&session, None, Some(field), typed)).await,
    };
    if form.get("confirm") != Some("yes") {
        return match companies.office(&wanted.client).await {
            Ok(Some(client)) => confirm((&pages, &visit), (&companies, &session), (&client, &wanted, typed)),
            Ok(None) => page(&pages, &visit, &companies, (&session, None, Some("representative"), typed)).await,
            Err(fault) => failure::fault(&pages, &visit, &fault),
        };
    }
    match companies.register(&session, wanted).await {
        Ok(_) => back(&pages, &visit, HERE, "registered"),
        Err(Failure::Refused(refusal)) => {
            page(&pages, &visit, &companies, (&session, None, Some(field(&refusal)), typed)).await
        }
        Err(Failure::Broken(fault)) => failure::fault(&pages, &visit, &fault),
    }
}

fn confirm(
    (pages, visit): (&Pages, &Visit),
    (companies, session): (&Companies, &CompanySession),
    (client, wanted, typed): (&Client, &Delegating, Typed),
) -> HttpResponse {
    let mut shell = Shell::new(pages, visit);
    shell.switch = None;
    let view = ConfirmRegister {
        token: session.form_token(),
        office: client.name.get(shell.lang).to_owned(),
        kind: acting(&shell, wanted.kind),
        procedures: procedures(&shell, companies.procedures(), &wanted.procedures),
        until: day(wanted.until, shell.lang),
        typed,
        shell,
    };
    Reply::new(pages, visit, StatusCode::OK).page(&view)
}

/// `POST /company/delegations/{id}/pause`
pub(super) async fn pause(
    request: HttpRequest,
    body: web::Bytes,
    id: web::Path<String>,
    pages: web::Data<Pages>,
    companies: web::Data<Companies>,
) -> HttpResponse {
    turned((&request, &body), &id, (&pages, &companies), Pausing::Pause).await
}

/// `POST /company/delegations/{id}/resume`
pub(super) async fn resume(
    request: HttpRequest,
    body: web::Bytes,
    id: web::Path<String>,
    pages: web::Data<Pages>,
    companies: web::Data<Companies>,
) -> HttpResponse {
    turned((&request, &body), &id, (&pages, &companies), Pausing::Resume).await
}

async fn turned(
    sent: (&HttpRequest, &[u8]),
    id: &str,
    (pages, companies): (&Pages, &Companies),
    pausing: Pausing,
) -> HttpResponse {
    let visit = Visit::of(sent.0, pages);
    let (session, _) = match posted(sent, pages, &visit, companies).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let Ok(id) = DelegationId::parse(id) else { return failure::page(pages, &visit, failure::NOT_FOUND) };
    match companies.pause(&session, &id, pausing).await {
        Ok(is_done) => back(pages, &visit, HERE, if is_done { pausing.word() } else { "unchanged" }),
        Err(Failure::Refused(_)) => {
            page(pages, &visit, companies, (&session, None, Some("denied"), Typed::default())).await
        }
        Err(Failure::Broken(fault)) => failure::fault(pages, &visit, &fault),
    }
}

/// `POST /company/delegations/{id}/end`
pub(super) async fn end(
    request: HttpRequest,
    body: web::Bytes,
    id: web::Path<String>,
    pages: web::Data<Pages>,
    companies: web::Data<Companies>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, form) = match posted((&request, &body), &pages, &visit, &companies).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let Ok(id) = DelegationId::parse(&id) else { return failure::page(&pages, &visit, failure::NOT_FOUND) };
    let found = match companies.delegation(&session, &id).await {
        Ok(Some(found)) => found,
        Ok(None) => return failure::page(&pages, &visit, failure::NOT_FOUND),
        Err(fault) => return failure::fault(&pages, &visit, &fault),
    };
    if form.get("confirm") != Some("yes") {
        let mut shell = Shell::new(&pages, &visit);
        shell.switch = None;
        let office = office(found.client.as_ref(), &found.delegation.client, shell.lang);
        let view = ConfirmEnd { token: session.form_token(), id, office, shell };
        return Reply::new(&pages, &visit, StatusCode::OK).page(&view);
    }
    match companies.end(&session, &id).await {
        Ok(is_ended) => back(&pages, &visit, HERE, if is_ended { "ended" } else { "nothing" }),
        Err(Failure::Refused(_)) => {
            page(&pages, &visit, &companies, (&session, None, Some("denied"), Typed::default())).await
        }
        Err(Failure::Broken(fault)) => failure::fault(&pages, &visit, &fault),
    }
}

/// `POST /company/sign-out`
pub(super) async fn sign_out(
    request: HttpRequest,
    body: web::Bytes,
    pages: web::Data<Pages>,
    companies: web::Data<Companies>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, _) = match posted((&request, &body), &pages, &visit, &companies).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    match companies.sign_out(&session).await {
        Ok(()) => Reply::new(&pages, &visit, StatusCode::SEE_OTHER)
            .cookie(pages.no_company_cookie())
            .see_other("/?notice=signed-out"),
        Err(fault) => failure::fault(&pages, &visit, &fault),
    }
}
