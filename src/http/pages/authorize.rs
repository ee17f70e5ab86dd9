//! The authorization endpoint (RFC 6749 §3.1) and the way to the identity provider and back.

use super::form::Form;
use super::reply::Reply;
use super::visit::Visit;
use super::{Pages, failure};
use crate::domain::ids::InteractionId;
use crate::issuer::interaction::{Begun, Callback, InteractionError, Interactions, Next, SignedIn, Visitor};
use crate::services::account::Account;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

/// `GET /oauth/authorize?client_id=…&request_uri=…`
pub(super) async fn begin(
    request: HttpRequest,
    pages: web::Data<Pages>,
    interactions: web::Data<Interactions>,
) -> HttpResponse {
    let parameters = Form::read(request.query_string().as_bytes(), "");
    authorize(&request, &pages, &interactions, parameters).await
}

/// `POST /oauth/authorize` (OpenID Connect Core §3.1.2.1 wants both methods)
pub(super) async fn begin_posted(
    request: HttpRequest,
    body: web::Bytes,
    pages: web::Data<Pages>,
    interactions: web::Data<Interactions>,
) -> HttpResponse {
    let parameters = Form::any_posted(&request, &body, "");
    authorize(&request, &pages, &interactions, parameters).await
}

async fn authorize(
    request: &HttpRequest,
    pages: &Pages,
    interactions: &Interactions,
    parameters: Result<Form, super::form::FormError>,
) -> HttpResponse {
    let visit = Visit::of(request, pages);
    let parameters = match parameters {
        Ok(parameters) => parameters,
        Err(error) => return failure::form(pages, &visit, &error),
    };
    // Everything else was pushed (RFC 9126 §4); what else stands in the address is ignored.
    let (Some(client_id), Some(request_uri)) = (parameters.get("client_id"), parameters.get("request_uri")) else {
        return failure::page(pages, &visit, failure::REQUEST);
    };
    let browser = (visit.browser.clone(), visit.session.as_ref());
    let begun = interactions.begin(client_id, request_uri, browser, visit.chosen).await;
    on(pages, &visit, begun)
}

/// `GET /sign-in`, for the dashboard, or with `?then=device` for a shared terminal's code; with `?interaction=…` once more for an interaction under way
pub(super) async fn sign_in(
    request: HttpRequest,
    pages: web::Data<Pages>,
    interactions: web::Data<Interactions>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let query = match Form::read(request.query_string().as_bytes(), "") {
        Ok(query) => query,
        Err(error) => return failure::form(&pages, &visit, &error),
    };
    let begun = match query.get("interaction").map(InteractionId::parse) {
        None if query.get("then") == Some("device") => {
            interactions.begin_device(visit.browser.clone(), visit.lang).await
        }
        None => interactions.begin_dashboard(visit.browser.clone(), visit.lang).await,
        Some(Ok(id)) => interactions.begin_again(&id, visit.browser.clone()).await,
        Some(Err(_)) => Err(InteractionError::Over),
    };
    on(&pages, &visit, begun)
}

fn on(pages: &Pages, visit: &Visit, begun: Result<Begun, InteractionError>) -> HttpResponse {
    let begun = match begun {
        Ok(begun) => begun,
        Err(error) => return failure::interaction(pages, visit, &error, None),
    };
    let location = match &begun.next {
        Next::Provider(url) => url.to_string(),
        Next::Consent(id) => consent_address(id),
        Next::Back(location) => location.clone(),
    };
    Reply::new(pages, visit, StatusCode::SEE_OTHER).cookie(pages.browser_cookie(&begun.browser)).see_other(&location)
}

/// What a provider sent with the browser.
pub(super) fn callback_of(query: &Form) -> Callback {
    let owned = |name: &str| query.get(name).map(str::to_owned);
    Callback {
        state: owned("state").unwrap_or_default(),
        code: owned("code"),
        error: owned("error"),
        iss: owned("iss"),
    }
}

/// `GET /sign-in/callback?state=…&code=…`
pub(super) async fn callback(
    request: HttpRequest,
    pages: web::Data<Pages>,
    interactions: web::Data<Interactions>,
    account: web::Data<Account>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let query = match Form::read(request.query_string().as_bytes(), "") {
        Ok(query) => query,
        Err(error) => return failure::form(&pages, &visit, &error),
    };
    match interactions.finish_sign_in(&callback_of(&query), visit.browser.as_ref()).await {
        Ok(SignedIn::Consent(id)) => Reply::new(&pages, &visit, StatusCode::SEE_OTHER).see_other(&consent_address(&id)),
        Ok(SignedIn::Dashboard(visitor)) => {
            // Whoever came to look at a draft sees that.
            let draft = visit.draft.as_ref().map(|id| format!("/dashboard/applications/drafts/{id}"));
            let to = draft.as_deref().unwrap_or("/dashboard");
            let mut answer = enter(&pages, &visit, &account, &visitor, to).await;
            if visit.draft.is_some() {
                // One that cannot be taken away ends with the browser.
                let _ = answer.add_cookie(&pages.no_draft_cookie());
            }
            answer
        }
        Ok(SignedIn::Device(visitor)) => enter(&pages, &visit, &account, &visitor, "/device").await,
        Err(error) => refused(&pages, &visit, &interactions, &account, error).await,
    }
}

/// Opens a session and goes on.
async fn enter(pages: &Pages, visit: &Visit, account: &Account, visitor: &Visitor, to: &str) -> HttpResponse {
    match account.open_session(&visitor.subject, visitor.authentication).await {
        Ok(opened) => {
            Reply::new(pages, visit, StatusCode::SEE_OTHER).cookie(pages.session_cookie(&opened.secret)).see_other(to)
        }
        Err(fault) => failure::fault(pages, visit, &fault),
    }
}

async fn refused(
    pages: &Pages,
    visit: &Visit,
    interactions: &Interactions,
    account: &Account,
    error: InteractionError,
) -> HttpResponse {
    match &error {
        // The way back to the dashboard, loaded a second time: the first load opened the session.
        InteractionError::Over => {
            if let Some(secret) = visit.session.clone()
                && let Ok(Some(_)) = account.session(secret).await
            {
                return Reply::new(pages, visit, StatusCode::SEE_OTHER).see_other("/dashboard");
            }
            failure::interaction(pages, visit, &error, None)
        }
        InteractionError::SignInDenied(id) | InteractionError::SignInFailed(id, _) => {
            let refusable = interactions.view(id, visit.browser.as_ref()).await.ok();
            failure::interaction(pages, visit, &error, refusable)
        }
        _ => failure::interaction(pages, visit, &error, None),
    }
}

/// Where an interaction is decided.
pub(super) fn consent_address(id: &InteractionId) -> String {
    format!("/consent?interaction={id}")
}
