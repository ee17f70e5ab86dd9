//! `/v1`: the API of third parties.
//!
//! What for: each operation is extract → admit → call → render, and nothing else.
//!
//! How it flows: [`admit`] takes what the gateway needs from the request and gives the permit; [`answer`] settles in which
//! form the caller wants its answer; the use case gets the permit; [`limited`] puts the limits' standing on the answer.
//!
//! How to add one more: an [`Operation`], a handler, its address in [`mod@routes`], its line in
//! `http::openapi`.
//!
//! What it must never do: call a use case without a permit of the same operation.

mod accept;
pub(super) mod agency_applications;
pub(super) mod agency_deposits;
pub(super) mod agency_notices;
pub(super) mod agency_payments;
pub(super) mod account;
pub(super) mod answer;
pub(super) mod application_attachments;
pub(super) mod application_batches;
pub(super) mod application_drafts;
pub(super) mod applications;
pub(super) mod bulk_submissions;
mod cacheable;
pub(super) mod catalogue;
pub(super) mod consent;
pub(super) mod consent_receipts;
pub(super) mod delegations;
pub(super) mod deposit_shares;
pub(super) mod deposits;
pub(super) mod disasters;
pub(super) mod dispositions;
pub(super) mod documents;
pub(super) mod drafts;
pub(super) mod electronic_deliveries;
pub(super) mod certificate_requests;
pub(super) mod employment_certificates;
pub(super) mod establishments;
pub(super) mod events;
pub(super) mod health_insurance;
pub(super) mod interviews;
pub(super) mod life_events;
pub(in crate::http) mod mcp;
pub(in crate::http) mod metadata;
pub(super) mod municipalities;
pub(super) mod notices;
pub(super) mod linked_services;
pub(super) mod private_documents;
mod prefer;
pub(super) mod procedures;
pub(super) mod provision_records;
pub(super) mod receipts;
pub(super) mod refusal;
pub(super) mod requests;
mod routes;
pub(super) mod service_procedures;
pub(super) mod submissions;
pub(super) mod usage;
pub(super) mod webhooks;

pub(in crate::http) use cacheable::has_it;
pub use mcp::Mcp;
pub use routes::routes;

use super::edge::{ClientIp, certificate_of};
use super::problem::Problem;
use crate::gateway::{Call, Field, Gateway, Operation, Permit};
use crate::limits::Tally;
use crate::services::statistics::Statistics;
use crate::services::usage::Usage;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, web};
use std::net::{IpAddr, Ipv4Addr};

/// Lets the request in.
async fn admit(request: &HttpRequest, gateway: &Gateway, operation: &'static Operation) -> Result<Permit, Problem> {
    let usage = request.app_data::<web::Data<Usage>>();
    if let Some(usage) = usage {
        // Whatever the call ends in, the edge tells what is to go.
        if let Some(retiring) = usage.retiring(operation) {
            request.extensions_mut().insert(*retiring);
        }
        usage.check(operation)?;
    }
    let ip = request.extensions().get::<ClientIp>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ip| ip.0);
    let certificate = certificate_of(request);
    let call = Call {
        operation,
        method: request.method().as_str(),
        path: request.uri().path(),
        query: request.query_string(),
        authorization: field(request.headers(), &header::AUTHORIZATION),
        dpop: field(request.headers(), &HeaderName::from_static("dpop")),
        certificate: certificate.as_ref(),
        ip,
    };
    let permit = gateway.admit(&call).await.map_err(refusal::problem)?;
    if let Some(usage) = usage {
        usage.count(&permit.client().id, operation);
    }
    if let Some(statistics) = request.app_data::<web::Data<Statistics>>() {
        statistics.count(&permit, operation);
    }
    let tally = Tally::default();
    tally.note(permit.rate());
    // Whatever the call ends in, the edge tells where the limits stand.
    request.extensions_mut().insert(tally);
    Ok(permit)
}

fn field<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Field<'a> {
    let mut values = headers.get_all(name);
    match (values.next(), values.next()) {
        (None, _) => Field::Absent,
        (Some(value), None) => value.to_str().map_or(Field::Unusable, Field::One),
        (Some(_), Some(_)) => Field::Unusable,
    }
}

/// The answer with where the limits stand.
fn limited(mut response: HttpResponse, permit: &Permit) -> HttpResponse {
    let headers = response.headers_mut();
    let rate = permit.rate();
    for (name, value) in [("ratelimit-policy", rate.policy()), ("ratelimit", &rate.limit())] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    response
}
