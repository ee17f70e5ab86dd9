//! A question asked elsewhere, at the dashboard of the person asked: the consent page, decided once.

use super::consent::{answer, is_preview, picked};
use super::consent_view::{ConsentPage, Picked, Sheet};
use super::dashboard::{DASHBOARD, citizen, posted, signed_out};
use super::reply::Reply;
use super::signed_in::back;
use super::visit::Visit;
use super::{Pages, failure};
use crate::domain::consent::ChoiceError;
use crate::domain::ids::DecoupledId;
use crate::issuer::interaction::Answer;
use crate::services::account::{Account, CitizenSession};
use crate::services::confirmations::{Confirmation, ConfirmationError, Confirmations};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

/// `GET /dashboard/requests/{id}`
pub(super) async fn show(
    request: HttpRequest,
    id: web::Path<String>,
    pages: web::Data<Pages>,
    account: web::Data<Account>,
    confirmations: web::Data<Confirmations>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let session = match citizen(&pages, &visit, &account).await {
        Ok(session) => session,
        Err(answer) => return answer,
    };
    match find(&confirmations, &session, &id).await {
        Ok(found) => page(&pages, &visit, (&session, &found), &Picked::default(), None),
        Err(error) => refused(&pages, &visit, &error),
    }
}

/// `POST /dashboard/requests/{id}`
pub(super) async fn decide(
    (request, body): (HttpRequest, web::Bytes),
    id: web::Path<String>,
    pages: web::Data<Pages>,
    account: web::Data<Account>,
    confirmations: web::Data<Confirmations>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, form) = match posted(&request, (&body, "item"), &pages, &visit, &account).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let found = match find(&confirmations, &session, &id).await {
        Ok(found) => found,
        Err(error) => return refused(&pages, &visit, &error),
    };
    if is_preview(&form) {
        return match picked(&form, found.request.ask.as_ref()) {
            Ok(picked) => page(&pages, &visit, (&session, &found), &picked, None),
            Err(_) => failure::page(&pages, &visit, failure::BAD_REQUEST),
        };
    }
    let Ok((answer, picked)) = answer(&form, found.request.ask.as_ref()) else {
        return failure::page(&pages, &visit, failure::BAD_REQUEST);
    };
    let choice = match &answer {
        Answer::Agree(choice) => Some(choice),
        Answer::Refuse => None,
    };
    match confirmations.decide(&session, &found.request.id, choice).await {
        // Whoever comes next to this browser must find nobody signed in.
        Ok(()) if visit.is_shared => {
            let notice = if choice.is_some() { "shared-agreed" } else { "shared-refused" };
            signed_out((&pages, &visit), &account, notice).await
        }
        Ok(()) => back(&pages, &visit, DASHBOARD, if choice.is_some() { "confirmed" } else { "not-confirmed" }),
        Err(ConfirmationError::Choice(error)) => page(&pages, &visit, (&session, &found), &picked, Some(&error)),
        Err(error) => refused(&pages, &visit, &error),
    }
}

async fn find(
    confirmations: &Confirmations,
    session: &CitizenSession,
    id: &str,
) -> Result<Confirmation, ConfirmationError> {
    let id = DecoupledId::parse(id).map_err(|_| ConfirmationError::NoSuch)?;
    confirmations.find(session, &id).await?.ok_or(ConfirmationError::NoSuch)
}

fn page(
    pages: &Pages,
    visit: &Visit,
    (session, found): (&CitizenSession, &Confirmation),
    picked: &Picked,
    error: Option<&ChoiceError>,
) -> HttpResponse {
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    match ConsentPage::new(pages, visit, Sheet::asked_elsewhere(found, session, visit), picked, error) {
        Ok(page) => Reply::new(pages, visit, status).page(&page),
        Err(fault) => failure::fault(pages, visit, &fault),
    }
}

fn refused(pages: &Pages, visit: &Visit, error: &ConfirmationError) -> HttpResponse {
    match error {
        ConfirmationError::Broken(fault) => failure::fault(pages, visit, fault),
        _ => failure::page(pages, visit, failure::OVER),
    }
}
