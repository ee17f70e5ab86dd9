//! Signing a draft of an application with the card (電子署名): to the identity provider, and back, once.

use super::authorize::callback_of;
use super::dashboard::{citizen, posted};
use super::form::Form;
use super::reply::Reply;
use super::visit::Visit;
use super::{Pages, applications as page, failure};
use crate::domain::Failure;
use crate::issuer::interaction::Callback;
use crate::services::account::Account;
use crate::services::applications::{Applications, NotBack, SigningCallback, SigningOutcome};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

/// `POST /dashboard/applications/drafts/{id}/sign`: what was seen is signed.
pub(super) async fn begin(
    request: HttpRequest,
    (id, body): (web::Path<String>, web::Bytes),
    (pages, account): (web::Data<Pages>, web::Data<Account>),
    applications: web::Data<Applications>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, form) = match posted(&request, (&body, ""), &pages, &visit, &account).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let Some(secret) = visit.session.as_ref() else { return failure::page(&pages, &visit, failure::NOT_FOUND) };
    let seen = form.get("tag").unwrap_or_default();
    match applications.begin_signing((&session, secret), (&id, seen), visit.lang).await {
        Ok(Some(url)) => Reply::new(&pages, &visit, StatusCode::SEE_OTHER).see_other(url.as_str()),
        Ok(None) => failure::page(&pages, &visit, failure::NOT_FOUND),
        Err(Failure::Refused(refusal)) => {
            let words = match refusal.code {
                "precondition_failed" => "applications-error-changed",
                "signatures_unavailable" => "applications-error-no-signature-now",
                _ => "applications-error-not-yet",
            };
            page::seen((&pages, &visit, &session), &applications, &id, Some(words)).await
        }
        Err(Failure::Broken(fault)) => failure::fault(&pages, &visit, &fault),
    }
}

/// `GET /signatures/callback?state=…&code=…`
pub(super) async fn callback(
    request: HttpRequest,
    (pages, account): (web::Data<Pages>, web::Data<Account>),
    applications: web::Data<Applications>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let query = match Form::read(request.query_string().as_bytes(), "") {
        Ok(query) => query,
        Err(error) => return failure::form(&pages, &visit, &error),
    };
    // Whoever is not signed in here began nothing here.
    let session = citizen(&pages, &visit, &account).await;
    let (Ok(session), Some(secret)) = (session, visit.session.as_ref()) else {
        return failure::page(&pages, &visit, failure::WRONG_BROWSER);
    };
    let Callback { state, code, error, iss } = callback_of(&query);
    let back = SigningCallback { state, code, error, iss };
    match applications.finish_signing((&session, secret), &back, visit.lang).await {
        Ok((id, outcome)) => {
            let place = format!("{}/drafts/{id}?notice={}", page::PLACE, notice(outcome));
            Reply::new(&pages, &visit, StatusCode::SEE_OTHER).see_other(&place)
        }
        Err(NotBack::WrongBrowser) => failure::page(&pages, &visit, failure::WRONG_BROWSER),
        Err(NotBack::Over) => failure::page(&pages, &visit, failure::OVER),
        Err(NotBack::Broken(fault)) => failure::fault(&pages, &visit, &fault),
    }
}

const fn notice(outcome: SigningOutcome) -> &'static str {
    match outcome {
        SigningOutcome::Signed => "signed",
        SigningOutcome::Cancelled => "cancelled",
        SigningOutcome::Changed => "changed",
        SigningOutcome::Away => "away",
        SigningOutcome::OtherPerson => "other-person",
        SigningOutcome::Revoked => "revoked",
        SigningOutcome::Expired => "expired",
        SigningOutcome::Refused => "refused",
    }
}

/// The text for a notice, of those there are.
pub(super) fn told(notice: &str) -> Option<&'static str> {
    Some(match notice {
        "signed" => "signature-outcome-signed",
        "cancelled" => "signature-outcome-cancelled",
        "changed" => "signature-outcome-changed",
        "away" => "signature-outcome-away",
        "other-person" => "signature-outcome-other-person",
        "revoked" => "signature-outcome-revoked",
        "expired" => "signature-outcome-expired",
        "refused" => "signature-outcome-refused",
        "taken-off" => "signature-outcome-taken-off",
        _ => return None,
    })
}
