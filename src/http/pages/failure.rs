//! The page for what went wrong: what happened, in plain words, and what to do next; with a number to ask by.

use super::Pages;
use super::form::FormError;
use super::reply::{Reply, Shell};
use super::visit::Visit;
use crate::adapters::identity::{IdentityError, IdentityErrorKind};
use crate::domain::ids::{ErrorId, InteractionId};
use crate::domain::{Fault, Refusal};
use crate::issuer::companies::CompanyError;
use crate::issuer::interaction::{ConsentView, InteractionError};
use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use askama::Template;

/// A kind of failure: its status, its family of texts (`failure-{key}`), and what to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    status: StatusCode,
    key: &'static str,
    next: &'static [&'static str],
}

/// The interaction is over.
pub const OVER: Kind = Kind { status: StatusCode::GONE, key: "over", next: &["failure-restart", "failure-dashboard"] };
/// Begun in another browser.
pub const WRONG_BROWSER: Kind = Kind {
    status: StatusCode::FORBIDDEN,
    key: "wrong_browser",
    next: &["failure-same-browser", "failure-allow-cookies", "failure-restart"],
};
/// A form that is not ours.
pub const NOT_OUR_FORM: Kind = Kind {
    status: StatusCode::FORBIDDEN,
    key: "not_our_form",
    next: &["failure-back-form", "failure-allow-cookies", "failure-restart"],
};
/// A pushed request that cannot be used.
pub const REQUEST: Kind =
    Kind { status: StatusCode::BAD_REQUEST, key: "request", next: &["failure-restart", "failure-contact-client"] };
/// A form or query that does not read.
pub const BAD_REQUEST: Kind = Kind {
    status: StatusCode::BAD_REQUEST,
    key: "bad_request",
    next: &["failure-back-form", "failure-contact-operator"],
};
/// Too many codes of terminals were typed.
pub const TOO_OFTEN: Kind = Kind {
    status: StatusCode::TOO_MANY_REQUESTS,
    key: "too_often",
    next: &["failure-later", "failure-contact-client"],
};
/// A third party's request to sign out that cannot be followed.
const LOGOUT: Kind =
    Kind { status: StatusCode::BAD_REQUEST, key: "logout", next: &["failure-dashboard", "failure-contact-client"] };
/// A chat front's link that says more, or less, than a municipality and a procedure.
pub const SERVICE_LINK: Kind =
    Kind { status: StatusCode::BAD_REQUEST, key: "service_link", next: &["failure-service-again"] };
/// A chat front's link to a procedure that is not there (any more).
pub const SERVICE_GONE: Kind =
    Kind { status: StatusCode::NOT_FOUND, key: "service_gone", next: &["failure-service-again"] };
/// The citizen gave up at the provider that was to be linked.
const LINK_DENIED: Kind =
    Kind { status: StatusCode::FORBIDDEN, key: "link_denied", next: &["failure-link-again", "failure-link-dashboard"] };
/// The provider that was to be linked did not confirm it.
const LINK_FAILED: Kind = Kind {
    status: StatusCode::BAD_GATEWAY,
    key: "link_failed",
    next: &["failure-later", "failure-link-again", "failure-contact-operator"],
};
/// The provider that was to be linked cannot be reached.
const LINK_AWAY: Kind =
    Kind { status: StatusCode::SERVICE_UNAVAILABLE, key: "link_away", next: &["failure-later", "failure-link-again"] };
/// Nothing here.
pub const NOT_FOUND: Kind = Kind { status: StatusCode::NOT_FOUND, key: "not_found", next: &[] };
const SIGN_IN_DENIED: Kind = Kind { status: StatusCode::FORBIDDEN, key: "sign_in_denied", next: &["failure-restart"] };
const SIGN_IN_FAILED: Kind = Kind {
    status: StatusCode::BAD_GATEWAY,
    key: "sign_in_failed",
    next: &["failure-later", "failure-contact-operator"],
};
/// A company's sign-in that does not come back to where it began.
const COMPANY_OVER: Kind = Kind {
    status: StatusCode::FORBIDDEN,
    key: "wrong_browser",
    next: &["failure-company-restart", "failure-allow-cookies"],
};
/// An account that is no checked company's.
const NOT_A_COMPANY: Kind =
    Kind { status: StatusCode::FORBIDDEN, key: "not_a_company", next: &["failure-company-restart"] };
/// What the provider says of the account contradicts itself: nobody acts for the company by it.
const COMPANY_CONTRADICTED: Kind =
    Kind { status: StatusCode::FORBIDDEN, key: "company_contradicted", next: &["failure-contact-operator"] };
const COMPANY_DENIED: Kind =
    Kind { status: StatusCode::FORBIDDEN, key: "sign_in_denied", next: &["failure-company-restart"] };
const SIGN_IN_WEAK: Kind = Kind { status: StatusCode::FORBIDDEN, key: "sign_in_weak", next: &[] };
const SIGN_IN_OLD: Kind = Kind { status: StatusCode::FORBIDDEN, key: "sign_in_old", next: &[] };
const PROVIDER_AWAY: Kind = Kind {
    status: StatusCode::SERVICE_UNAVAILABLE,
    key: "provider_away",
    next: &["failure-later", "failure-contact-operator"],
};
pub const UNAVAILABLE: Kind = Kind {
    status: StatusCode::SERVICE_UNAVAILABLE,
    key: "unavailable",
    next: &["failure-later", "failure-contact-operator"],
};
const INTERNAL: Kind =
    Kind { status: StatusCode::INTERNAL_SERVER_ERROR, key: "internal", next: &["failure-contact-operator"] };

/// What a citizen can do from a failed sign-in.
pub struct WayOut {
    /// Address to try the sign-in again.
    again: Option<String>,
    /// What can be refused, to go back to the third party.
    refuse: Option<Refusable>,
}

/// A request that can still be refused: the third party's name, the interaction, the form's token, and the way back.
struct Refusable {
    client: String,
    id: InteractionId,
    token: String,
    leads_to: String,
}

#[derive(Template)]
#[template(path = "failure.html", config = "src/http/pages/askama.toml")]
struct Failure<'p> {
    shell: Shell<'p>,
    title: String,
    text: String,
    next: Vec<String>,
    error_id: ErrorId,
    detail: Option<String>,
    way_out: Option<WayOut>,
}

/// What a page says besides its kind.
#[derive(Default)]
struct Besides {
    error_id: Option<ErrorId>,
    detail: Option<String>,
    way_out: Option<WayOut>,
}

/// The page for a failure of this kind.
#[must_use]
pub fn page(pages: &Pages, visit: &Visit, kind: Kind) -> HttpResponse {
    render(pages, visit, kind, Besides::default())
}

/// The page for a request to sign out that cannot be followed. What is wrong with it only the third party can mend, and
/// there is no address that it could be told at.
#[must_use]
pub fn logout(pages: &Pages, visit: &Visit, refusal: &Refusal) -> HttpResponse {
    render(pages, visit, LOGOUT, Besides { detail: Some(refusal.public.clone()), ..Besides::default() })
}

/// The page for a broken promise of ours.
#[must_use]
pub fn fault(pages: &Pages, visit: &Visit, fault: &Fault) -> HttpResponse {
    let kind = match fault {
        Fault::Unavailable { .. } => UNAVAILABLE,
        Fault::Internal(_) => INTERNAL,
    };
    let error_id = ErrorId::generate(pages.entropy.as_ref());
    tracing::error!(%error_id, error = %fault, "a page failed");
    render(pages, visit, kind, Besides { error_id: Some(error_id), ..Besides::default() })
}

/// The page for a form that does not read.
#[must_use]
pub fn form(pages: &Pages, visit: &Visit, error: &FormError) -> HttpResponse {
    page(pages, visit, if *error == FormError::Foreign { NOT_OUR_FORM } else { BAD_REQUEST })
}

/// The page for an interaction that does not go on. `refusable` is what could still be refused.
#[must_use]
pub fn interaction(
    pages: &Pages,
    visit: &Visit,
    error: &InteractionError,
    refusable: Option<ConsentView>,
) -> HttpResponse {
    let (kind, id) = match error {
        InteractionError::Broken(broken) => return fault(pages, visit, broken),
        InteractionError::Over => (OVER, None),
        InteractionError::WrongBrowser => (WRONG_BROWSER, None),
        InteractionError::NotOurForm => (NOT_OUR_FORM, None),
        InteractionError::Request(_) => (REQUEST, None),
        InteractionError::NotSignedIn | InteractionError::Choice(_) => (BAD_REQUEST, None),
        InteractionError::ProviderAway(_) => (PROVIDER_AWAY, None),
        InteractionError::SignInDenied(id) => (SIGN_IN_DENIED, Some(id)),
        InteractionError::SignInFailed(id, error) => (of_sign_in(error), Some(id)),
        InteractionError::LinkDenied(id) => (LINK_DENIED, id.as_ref()),
        InteractionError::LinkFailed(id, error) if error.kind == IdentityErrorKind::Unreachable => {
            (LINK_AWAY, id.as_ref())
        }
        InteractionError::LinkFailed(id, _) => (LINK_FAILED, id.as_ref()),
    };
    let error_id = ErrorId::generate(pages.entropy.as_ref());
    tracing::info!(%error_id, error = %error, "an interaction did not go on");
    let way_out = id.map(|id| WayOut {
        again: Some(format!("/sign-in?interaction={id}")),
        refuse: refusable.map(|view| Refusable {
            client: view.client.name.get(visit.lang).to_owned(),
            id: view.id,
            token: view.form_token,
            leads_to: view.request.redirect_uri,
        }),
    });
    render(pages, visit, kind, Besides { error_id: Some(error_id), detail: None, way_out })
}

/// The page for a company that does not come in.
#[must_use]
pub fn company(pages: &Pages, visit: &Visit, error: &CompanyError) -> HttpResponse {
    let kind = match error {
        CompanyError::Broken(broken) => return fault(pages, visit, broken),
        CompanyError::Closed => NOT_FOUND,
        CompanyError::WrongBrowser => COMPANY_OVER,
        CompanyError::Denied => COMPANY_DENIED,
        CompanyError::NotACompany => NOT_A_COMPANY,
        CompanyError::SignIn(error) => {
            tracing::info!(%error, "a company's sign-in failed");
            of_sign_in(error)
        }
    };
    page(pages, visit, kind)
}

fn of_sign_in(error: &IdentityError) -> Kind {
    match error.kind {
        IdentityErrorKind::Unreachable => PROVIDER_AWAY,
        IdentityErrorKind::TooWeak => SIGN_IN_WEAK,
        IdentityErrorKind::TooOld => SIGN_IN_OLD,
        IdentityErrorKind::Contradictory => COMPANY_CONTRADICTED,
        IdentityErrorKind::Malformed
        | IdentityErrorKind::CodeRefused
        | IdentityErrorKind::ClientRefused
        | IdentityErrorKind::NotVerified => SIGN_IN_FAILED,
    }
}

fn render(pages: &Pages, visit: &Visit, kind: Kind, besides: Besides) -> HttpResponse {
    let mut shell = Shell::new(pages, visit);
    // Loading a failed step again, in whatever language, is not what the citizen should do.
    shell.switch = shell.switch.filter(|_| kind == NOT_FOUND);
    let failure = Failure {
        title: shell.t(&format!("failure-{}", kind.key)),
        text: shell.t(&format!("failure-{}-text", kind.key)),
        next: kind.next.iter().map(|id| shell.t(id)).collect(),
        error_id: besides.error_id.unwrap_or_else(|| ErrorId::generate(pages.entropy.as_ref())),
        shell,
        detail: besides.detail,
        way_out: besides.way_out,
    };
    let refusable = failure.way_out.as_ref().and_then(|way| way.refuse.as_ref());
    let reply = Reply::new(pages, visit, kind.status);
    let reply = match refusable {
        Some(refusable) => reply.form_leads_to(&refusable.leads_to),
        None => reply,
    };
    let mut response = reply.page(&failure);
    if kind.status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("5"));
    }
    response
}
