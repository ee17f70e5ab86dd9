//! Who is signed in, whose form or query came, and where its sender goes back to: the same for citizens and for companies.

use super::form::Form;
use super::reply::Reply;
use super::visit::Visit;
use super::{Pages, failure};
use crate::domain::{BrowserSecret, Fault};
use crate::issuer::companies::CompanySession;
use crate::services::account::CitizenSession;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use std::future::Future;

/// A session whose pages carry a token of its own in every form.
pub(super) trait SignedIn {
    /// Whether a form carries this session's token.
    fn owns(&self, token: &str) -> bool;
}

impl SignedIn for CitizenSession {
    fn owns(&self, token: &str) -> bool {
        self.is_form_token(token)
    }
}

impl SignedIn for CompanySession {
    fn owns(&self, token: &str) -> bool {
        self.is_form_token(token)
    }
}

/// The session that the browser's secret stands for, or the answer that sends to `sign_in`.
pub(super) async fn known<S, F: Future<Output = Result<Option<S>, Fault>>>(
    (pages, visit): (&Pages, &Visit),
    sign_in: &str,
    secret: Option<&BrowserSecret>,
    find: impl FnOnce(BrowserSecret) -> F,
) -> Result<S, HttpResponse> {
    let to_sign_in = || Reply::new(pages, visit, StatusCode::SEE_OTHER).see_other(sign_in);
    match find(secret.cloned().ok_or_else(to_sign_in)?).await {
        Ok(Some(session)) => Ok(session),
        Ok(None) => Err(to_sign_in()),
        Err(fault) => Err(failure::fault(pages, visit, &fault)),
    }
}

/// The session, and what the address asks of its page.
pub(super) async fn asked<S>(
    request: &HttpRequest,
    (pages, visit): (&Pages, &Visit),
    session: impl Future<Output = Result<S, HttpResponse>>,
) -> Result<(S, Form), HttpResponse> {
    let session = session.await?;
    let query = Form::read(request.query_string().as_bytes(), "").map_err(|e| failure::form(pages, visit, &e))?;
    Ok((session, query))
}

/// The session, and the form that came from a page of its own; `list` may be there more than once.
pub(super) async fn posted<S: SignedIn>(
    request: &HttpRequest,
    (body, list): (&[u8], &str),
    (pages, visit): (&Pages, &Visit),
    session: impl Future<Output = Result<S, HttpResponse>>,
) -> Result<(S, Form), HttpResponse> {
    let form = Form::posted(request, body, list, &pages.public_url).map_err(|e| failure::form(pages, visit, &e))?;
    let session = session.await?;
    if session.owns(form.get("token").unwrap_or_default()) {
        Ok((session, form))
    } else {
        Err(failure::page(pages, visit, failure::NOT_OUR_FORM))
    }
}

/// What became of a change that is one step, told at a page: done, or there was nothing to do.
pub(super) fn told(
    (pages, visit): (&Pages, &Visit),
    place: &str,
    done: Result<bool, Fault>,
    (yes, no): (&str, &str),
) -> HttpResponse {
    match done {
        Ok(is_done) => back(pages, visit, place, if is_done { yes } else { no }),
        Err(fault) => failure::fault(pages, visit, &fault),
    }
}

/// Back to a page, with a notice.
pub(super) fn back(pages: &Pages, visit: &Visit, place: &str, notice: &str) -> HttpResponse {
    Reply::new(pages, visit, StatusCode::SEE_OTHER).see_other(&format!("{place}?notice={notice}"))
}
