//! Whether a certificate of employment (就労証明書) stands, for whoever has its reference: nothing of what it says.

use super::form::Form;
use super::reply::{Reply, Shell};
use super::visit::Visit;
use super::wording::{Moment, moment};
use super::{Pages, failure};
use crate::services::employment_certificates::{CertificateStanding, EmploymentCertificates};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

/// How a certificate stands, in words.
struct StandingView {
    is_valid: bool,
    /// Why it was taken back, where it was.
    revoked: Option<(Moment, String)>,
    form: String,
    municipality: String,
    issued: Moment,
}

#[derive(Template)]
#[template(path = "certificate_verify.html", config = "src/http/pages/askama.toml")]
struct Verify<'p> {
    shell: Shell<'p>,
    error: Option<String>,
    standing: Option<StandingView>,
}

/// `GET /employment-certificates/verify`
pub(super) async fn show(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    page(&pages, &visit, None, None)
}

/// `POST /employment-certificates/verify`: the reference is in the form, so that it stands in no address.
pub(super) async fn verify(
    request: HttpRequest,
    body: web::Bytes,
    pages: web::Data<Pages>,
    certificates: web::Data<EmploymentCertificates>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let form = match Form::posted(&request, &body, "", &pages.public_url) {
        Ok(form) => form,
        Err(error) => return failure::form(&pages, &visit, &error),
    };
    match certificates.standing(form.get("reference").unwrap_or_default()).await {
        Ok(Some(standing)) => page(&pages, &visit, None, Some(&standing)),
        Ok(None) => page(&pages, &visit, Some("certificate-unknown"), None),
        Err(fault) => failure::fault(&pages, &visit, &fault),
    }
}

fn page(pages: &Pages, visit: &Visit, error: Option<&str>, standing: Option<&CertificateStanding>) -> HttpResponse {
    let mut shell = Shell::new(pages, visit);
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    // It is the answer to a form.
    shell.switch = shell.switch.filter(|_| error.is_none() && standing.is_none());
    let standing = standing.map(|one| StandingView {
        is_valid: one.revocation.is_none(),
        revoked: one.revocation.map(|revocation| {
            let because = shell.t(&format!("certificate-because-{}", revocation.reason.as_str()));
            (moment(revocation.at, shell.lang), because)
        }),
        form: one.form.get(shell.lang).to_owned(),
        municipality: one.municipality.clone(),
        issued: moment(one.issued_at, shell.lang),
    });
    let view = Verify { error: error.map(|id| shell.t(id)), standing, shell };
    Reply::new(pages, visit, status).page(&view)
}
