//! Founders of a company: the code of theirs opens the whole form, once they have signed in, and they sign it or decline.

use super::dashboard::{asked, posted};
use super::establishment_view::{Section, sections};
use super::form::Form;
use super::reply::{Reply, Shell};
use super::signed_in::back;
use super::visit::Visit;
use super::wording::{Moment, moment};
use super::{Pages, failure};
use crate::domain::Failure;
use crate::domain::establishment::Establishment;
use crate::domain::invitation::InvitationCode;
use crate::services::account::{Account, CitizenSession};
use crate::services::establishments::{Establishments, PAGE};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

#[derive(Template)]
#[template(path = "establishments.html", config = "src/http/pages/askama.toml")]
struct Ask<'p> {
    shell: Shell<'p>,
    token: String,
    notice: Option<String>,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "establishment_sign.html", config = "src/http/pages/askama.toml")]
struct Sign<'p> {
    shell: Shell<'p>,
    token: String,
    code: String,
    digest: String,
    founder: String,
    trade_name: String,
    until: Moment,
    sections: Vec<Section>,
    error: Option<String>,
}

/// `GET /dashboard/establishments`
pub(super) async fn show(request: HttpRequest, pages: web::Data<Pages>, account: web::Data<Account>) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, query) = match asked(&request, &pages, &visit, &account).await {
        Ok(asked) => asked,
        Err(answer) => return answer,
    };
    let notice = match query.get("notice") {
        Some("signed") => Some("notice-founding-signed"),
        Some("declined") => Some("notice-founding-declined"),
        _ => None,
    };
    ask((&pages, &visit), &session, (notice, None))
}

fn ask(
    (pages, visit): (&Pages, &Visit),
    session: &CitizenSession,
    (notice, error): (Option<&str>, Option<&str>),
) -> HttpResponse {
    let mut shell = Shell::signed_in(pages, visit, session);
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    shell.switch = shell.switch.filter(|_| error.is_none());
    let (notice, error) = (notice.map(|id| shell.t(id)), error.map(|id| shell.t(id)));
    let view = Ask { token: session.form_token(), notice, error, shell };
    Reply::new(pages, visit, status).page(&view)
}

/// `POST /dashboard/establishments`: shows what a code opens.
pub(super) async fn look(
    request: HttpRequest,
    body: web::Bytes,
    (pages, account): (web::Data<Pages>, web::Data<Account>),
    establishments: web::Data<Establishments>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, form) = match posted(&request, (&body, ""), &pages, &visit, &account).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    match opened((&pages, &visit), (&session, &establishments), &form).await {
        Ok((code, one, place)) => whole((&pages, &visit), (&session, &establishments), (&code, &one, place), None),
        Err(answer) => answer,
    }
}

/// What the form's code opens, and the place of its founder; else what is answered.
async fn opened(
    (pages, visit): (&Pages, &Visit),
    (session, establishments): (&CitizenSession, &Establishments),
    form: &Form,
) -> Result<(InvitationCode, Establishment, usize), HttpResponse> {
    let code = form.get("code").and_then(InvitationCode::parse).ok_or_else(|| unknown(pages, visit, session))?;
    match establishments.open(&code).await {
        Ok(Some((one, place))) => Ok((code, one, place)),
        Ok(None) => Err(unknown(pages, visit, session)),
        Err(fault) => Err(failure::fault(pages, visit, &fault)),
    }
}

fn unknown(pages: &Pages, visit: &Visit, session: &CitizenSession) -> HttpResponse {
    ask((pages, visit), session, (None, Some("founding-refused-code")))
}

fn whole(
    (pages, visit): (&Pages, &Visit),
    (session, establishments): (&CitizenSession, &Establishments),
    (code, one, place): (&InvitationCode, &Establishment, usize),
    error: Option<&str>,
) -> HttpResponse {
    let mut shell = Shell::signed_in(pages, visit, session);
    // It is the answer to a form.
    shell.switch = None;
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let founder = one.form.founders.get(place).map(|founder| founder.name.clone()).unwrap_or_default();
    let view = Sign {
        token: session.form_token(),
        code: code.shown().expose().clone(),
        digest: one.digest.base64url(),
        founder,
        trade_name: one.form.trade_name.clone(),
        until: moment(one.sign_until, shell.lang),
        sections: sections(&shell, one, &establishments.told(one)),
        error: error.map(|id| shell.t(id)),
        shell,
    };
    Reply::new(pages, visit, status).page(&view)
}

/// `POST /dashboard/establishments/decide`: takes a signature, or that the founder declines.
pub(super) async fn decide(
    request: HttpRequest,
    body: web::Bytes,
    (pages, account): (web::Data<Pages>, web::Data<Account>),
    establishments: web::Data<Establishments>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, form) = match posted(&request, (&body, ""), &pages, &visit, &account).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let (code, one, place) = match opened((&pages, &visit), (&session, &establishments), &form).await {
        Ok(opened) => opened,
        Err(answer) => return answer,
    };
    let again = |error: &str| whole((&pages, &visit), (&session, &establishments), (&code, &one, place), Some(error));
    let is_signed = match form.get("decision") {
        Some("sign") => true,
        Some("decline") => false,
        _ => return again("founding-refused-decision"),
    };
    if form.get("digest") != Some(one.digest.base64url().as_str()) {
        return again("founding-refused-changed");
    }
    let founder = one.form.founders.get(place).map(|founder| founder.name.as_str()).unwrap_or_default();
    if is_signed && !is_same_name(form.get("name").unwrap_or_default(), founder) {
        return again("founding-refused-name");
    }
    match establishments.decide(&code, (session.subject(), one.digest), is_signed).await {
        Ok(_) => back(&pages, &visit, PAGE, if is_signed { "signed" } else { "declined" }),
        Err(Failure::Refused(refusal)) if refusal.code == "conflict" => again("founding-refused-conflict"),
        Err(Failure::Refused(refusal)) if refusal.code == "not_found" => unknown(&pages, &visit, &session),
        Err(Failure::Refused(_)) => again("founding-refused-later"),
        Err(Failure::Broken(fault)) => failure::fault(&pages, &visit, &fault),
    }
}

/// Spaces, and their width, are nobody's name.
fn is_same_name(typed: &str, known: &str) -> bool {
    let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).take(200).collect::<String>();
    !known.is_empty() && letters(typed) == letters(known)
}

#[cfg(test)]
mod tests {
    use super::is_same_name;

    #[test]
    fn a_name_is_the_same_whatever_stands_between_its_parts() {
        for typed in ["見本　太郎", "見本 太郎", " 見本太郎 "] {
            assert!(is_same_name(typed, "見本　太郎"), "{typed}");
        }
        for typed in ["", "見本", "見本　花子", "見本　太郎x"] {
            assert!(!is_same_name(typed, "見本　太郎"), "{typed}");
        }
        assert!(!is_same_name("", ""));
    }
}
