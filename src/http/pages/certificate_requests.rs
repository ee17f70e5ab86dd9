//! Whoever has a link asks a company for a certificate of employment (就労証明書), once, and is told what became of it.
//!
//! The secrets stand in the addresses, because an address is all that a link is: looking changes nothing, the first is over
//! once it was used, and neither shows anything of the employee's.

use super::form::Form;
use super::reply::{Reply, Shell};
use super::visit::Visit;
use super::wording::{Moment, moment};
use super::{Pages, failure};
use crate::domain::{Failure, Fault};
use crate::services::employment_certificates::{
    ANSWERS, AskOutcome, EmploymentCertificates, LINK, OpenLink, RequestAnswer,
};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

/// Most characters shown back of what was typed.
const MOST_SHOWN: usize = 16;

#[derive(Template)]
#[template(path = "certificate_ask.html", config = "src/http/pages/askama.toml")]
struct Ask<'p> {
    shell: Shell<'p>,
    error: Option<String>,
    action: String,
    employer_name: String,
    employer: String,
    until: Moment,
    typed: String,
}

#[derive(Template)]
#[template(path = "certificate_answer.html", config = "src/http/pages/askama.toml")]
struct Answer<'p> {
    shell: Shell<'p>,
    title: String,
    lead: String,
    reference: Option<String>,
    municipality: Option<String>,
}

#[derive(Template)]
#[template(path = "certificate_gone.html", config = "src/http/pages/askama.toml")]
struct Gone<'p> {
    shell: Shell<'p>,
}

/// `GET /employment-certificates/requests/{secret}`
pub(super) async fn show(
    request: HttpRequest,
    secret: web::Path<String>,
    pages: web::Data<Pages>,
    certificates: web::Data<EmploymentCertificates>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    opened((&pages, &visit), &secret, certificates.open_link(&secret).await, None)
}

fn opened(
    (pages, visit): (&Pages, &Visit),
    secret: &str,
    link: Result<Option<OpenLink>, Fault>,
    wrong: Option<&str>,
) -> HttpResponse {
    let link = match link {
        Ok(Some(link)) => link,
        Ok(None) => return gone(pages, visit),
        Err(fault) => return failure::fault(pages, visit, &fault),
    };
    let mut shell = Shell::new(pages, visit);
    shell.switch = shell.switch.filter(|_| wrong.is_none());
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let view = Ask {
        error: wrong.map(|_| shell.t("certificate-ask-wrong")),
        action: format!("{LINK}{secret}"),
        employer_name: link.employer_name,
        employer: link.employer.to_string(),
        until: moment(link.expires_at, shell.lang),
        typed: wrong.unwrap_or_default().chars().filter(|c| !c.is_control()).take(MOST_SHOWN).collect(),
        shell,
    };
    Reply::new(pages, visit, status).page(&view)
}

/// `POST /employment-certificates/requests/{secret}`: asks, once.
pub(super) async fn ask(
    request: HttpRequest,
    body: web::Bytes,
    (pages, secret): (web::Data<Pages>, web::Path<String>),
    certificates: web::Data<EmploymentCertificates>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let form = match Form::posted(&request, &body, "", &pages.public_url) {
        Ok(form) => form,
        Err(error) => return failure::form(&pages, &visit, &error),
    };
    let typed = form.get("municipality").unwrap_or_default().trim();
    match certificates.ask_by_link(&secret, typed).await {
        Ok(AskOutcome::Asked(answer)) => {
            Reply::new(&pages, &visit, StatusCode::SEE_OTHER).see_other(&format!("{ANSWERS}{answer}"))
        }
        Ok(AskOutcome::Gone) => gone(&pages, &visit),
        Ok(AskOutcome::NoMunicipality) => {
            opened((&pages, &visit), &secret, certificates.open_link(&secret).await, Some(typed))
        }
        Err(Failure::Broken(fault)) => failure::fault(&pages, &visit, &fault),
        Err(Failure::Refused(_)) => {
            failure::fault(&pages, &visit, &Fault::Unavailable { what: "evidence", source: None })
        }
    }
}

/// `GET /employment-certificates/requests/answers/{secret}`
pub(super) async fn answer(
    request: HttpRequest,
    secret: web::Path<String>,
    pages: web::Data<Pages>,
    certificates: web::Data<EmploymentCertificates>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let found = match certificates.answer_of(&secret).await {
        Ok(Some(found)) => found,
        Ok(None) => return gone(&pages, &visit),
        Err(fault) => return failure::fault(&pages, &visit, &fault),
    };
    let shell = Shell::new(&pages, &visit);
    let (title, lead, reference, municipality) = match found {
        RequestAnswer::Waiting { employer_name, municipality } => (
            "certificate-waiting",
            shell.with("certificate-waiting-lead", "company", &employer_name),
            None,
            Some(municipality),
        ),
        RequestAnswer::Declined { employer_name, reason } => {
            let why = shell.t(&format!("certificate-declined-{}", reason.as_str()));
            let lead = shell.with2("certificate-declined-lead", ("company", &employer_name), ("why", &why));
            ("certificate-declined", lead, None, None)
        }
        RequestAnswer::Certificate(held) if held.revocation.is_some() => {
            ("certificate-revoked", shell.t("certificate-revoked-lead"), None, None)
        }
        RequestAnswer::Certificate(held) => {
            let one = held.certificate;
            ("certificate-issued", shell.t("certificate-issued-lead"), Some(one.reference), Some(one.municipality))
        }
    };
    let view = Answer { title: shell.t(title), lead, reference, municipality, shell };
    Reply::new(&pages, &visit, StatusCode::OK).page(&view)
}

/// The same words for a link that was used, is over, was taken back, and never was.
fn gone(pages: &Pages, visit: &Visit) -> HttpResponse {
    let mut shell = Shell::new(pages, visit);
    shell.switch = None;
    Reply::new(pages, visit, StatusCode::NOT_FOUND).page(&Gone { shell })
}
