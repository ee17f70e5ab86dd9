//! The edge: what wraps every response, whatever made it.
//!
//! What for: one place gives each request its id, finds out who really called, bounds size and time, writes the access
//! log, and dresses the answer. No handler has to think of it.
//!
//! How it flows: [`wrap`] (1) makes the request id, (2) finds the client's address and certificate behind trusted proxies
//! and takes away the fields by which they speak, (3) refuses
//! a body that says it is too large and an address that calls too often, (4) calls on within the deadline, (5) turns problems and bare errors into
//! problem+json under the request's id, (6) adds the security header fields, (7) writes one line into the access log, and counts.
//!
//! How to add one more: a step in [`wrap`], with its reason.
//!
//! What it must never do: log an address, a query, a header field, a body or an id that names a person; let a bare
//! framework error out; trust a forwarded address or certificate from a stranger.

mod address;
mod certificate;
mod body;
mod headers;
mod interaction;
mod throttle;

pub use address::{ClientIp, Network};
pub use body::{MOST_BYTES, json_body, typed_body};
pub use certificate::{ShownCertificate, certificate_of};

use super::problem::{self, Problem};
use crate::domain::ids::ErrorId;
use crate::domain::lifecycle::Retiring;
use crate::domain::{Clock, Entropy, Refusal, Timestamp};
use crate::limits::Tally;
use crate::telemetry::metric;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, web};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// What the edge needs.
pub struct Edge {
    /// Where callers see us; https turns on what only https may.
    pub public_url: String,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// The field in which they pass on the certificate that a client showed them.
    pub certificate_field: Option<HeaderName>,
    /// How long a request may take in all, long polls included.
    pub deadline: Duration,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// For request ids.
    pub entropy: Arc<dyn Entropy>,
}

/// The request's id, as the answer's `X-Request-Id` and the log tell it. An error's id is the same after `e_`.
#[derive(Clone, Debug)]
pub struct RequestTag(pub String);

/// The middleware.
///
/// # Errors
/// Only a deadline that passed, as a [`Problem`].
pub async fn wrap(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(edge) = request.app_data::<web::Data<Edge>>().map(|e| Arc::clone(e)) else {
        return Err(Problem::plain("internal_error").into());
    };
    let (began, timer) = (edge.clock.now(), Instant::now());
    let tag = edge.entropy.short_handle();
    let ip = address::client_ip(&request, &edge.trusted_proxies);
    request.extensions_mut().insert(ClientIp(ip));
    certificate::note(&mut request, &edge);
    request.extensions_mut().insert(RequestTag(tag.clone()));
    let method = request.method().clone();
    let interaction = interaction::id(&request, &*edge.entropy);
    let response = if body::is_said_too_large(&request) {
        let problem = Problem::of(Refusal::new("content_too_large", body::TOO_LARGE));
        request.into_response(problem.render(&format!("e_{tag}")))
    } else if let Some(refused) = throttle::refuse(&request, ip, &tag) {
        request.into_response(refused)
    } else if let Ok(called) = tokio::time::timeout(edge.deadline, next.call(request)).await {
        called?.map_into_boxed_body()
    } else {
        let line = Line { method: method.as_str(), route: "", status: 503, code: "deadline_exceeded" };
        note(&edge, &tag, (began, timer), &line);
        let mut problem = Problem::plain("deadline_exceeded");
        problem.id = error_id(&tag);
        return Err(problem.into());
    };
    let (mut response, code) = dress(response, &tag);
    headers::add(response.headers_mut(), &edge, &tag);
    if let Some(id) = interaction {
        response.headers_mut().insert(interaction::FIELD, id);
    }
    let tally = response.request().extensions().get::<Tally>().cloned().unwrap_or_default();
    headers::add_limits(response.headers_mut(), &tally);
    let retiring = response.request().extensions().get::<Retiring>().copied();
    if let Some(retiring) = retiring {
        headers::add_lifecycle(response.headers_mut(), &retiring);
    }
    let route = response.request().match_pattern().unwrap_or_default();
    let line = Line { method: method.as_str(), route: &route, status: response.status().as_u16(), code };
    note(&edge, &tag, (began, timer), &line);
    Ok(response)
}

fn error_id(tag: &str) -> Option<ErrorId> {
    ErrorId::parse(&format!("e_{tag}")).ok()
}

/// Problems and bare errors become problem+json; gives the code for the log.
fn dress(response: ServiceResponse<BoxBody>, tag: &str) -> (ServiceResponse<BoxBody>, &'static str) {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return (response, "");
    }
    let known = response.response().error().and_then(|e| e.as_error::<Problem>());
    let (rendered, code) = match known {
        Some(problem) => {
            if !problem.for_the_log().is_empty() {
                tell(status.as_u16(), problem, tag);
            }
            (problem.render(&format!("e_{tag}")), problem.code())
        }
        // Whoever wrote a page or an OAuth error has said what there is to say.
        None if is_written(&response) => return (response, ""),
        None => {
            let problem = Problem::for_status(status.as_u16());
            (problem.render(&format!("e_{tag}")), problem.code())
        }
    };
    let allow = response.headers().get(header::ALLOW).cloned();
    let (request, _) = response.into_parts();
    let mut rendered = rendered;
    if let Some(allow) = allow {
        rendered.headers_mut().insert(header::ALLOW, allow);
    }
    (ServiceResponse::new(request, rendered), code)
}

fn is_written(response: &ServiceResponse<BoxBody>) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default();
    matches!(kind, "application/json" | "text/html" | problem::CONTENT_TYPE)
}

fn tell(status: u16, problem: &Problem, tag: &str) {
    if status >= 500 {
        tracing::error!(request.id = tag, problem.code = problem.code(), reason = problem.for_the_log(), "failed");
    } else {
        tracing::debug!(request.id = tag, problem.code = problem.code(), reason = problem.for_the_log(), "refused");
    }
}

struct Line<'a> {
    method: &'a str,
    route: &'a str,
    status: u16,
    code: &'static str,
}

/// One line and the figures: the route's pattern, never the address itself.
fn note(edge: &Edge, tag: &str, (began, timer): (Timestamp, Instant), line: &Line<'_>) {
    let millis = u64::try_from(edge.clock.now().since(began).as_millis()).unwrap_or(u64::MAX);
    let (method, route, status, code) = (line.method, line.route, line.status, line.code);
    tracing::info!(
        target: "madoguchi::access",
        { request.id = tag, http.method = method, http.route = route, http.status = status, problem.code = code, duration_ms = millis },
        "answered"
    );
    metric::answered(method, route.to_owned(), status, timer.elapsed());
    if !code.is_empty() {
        metric::problem(code);
    }
}

#[cfg(test)]
mod tests;
