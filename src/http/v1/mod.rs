//! `/v1`: the API of third parties.
//!
//! What for: each operation is extract → admit → call → render, and nothing else.
//!
//! How it flows: [`admit`] takes what the gateway needs from the request and gives the permit; [`answer`] settles in which
//! form the caller wants its answer; the use case gets the permit; [`limited`] puts the limits' standing on the answer.
//!
//! How to add one more: an [`Operation`], a handler, its route here, its line in
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
pub(super) mod applications;
pub(super) mod bulk_submissions;
mod cacheable;
pub(super) mod catalogue;
pub(super) mod consent;
pub(super) mod consent_receipts;
pub(super) mod delegations;
pub(super) mod deposit_shares;
pub(super) mod deposits;
pub(super) mod dispositions;
pub(super) mod documents;
pub(super) mod drafts;
pub(super) mod electronic_deliveries;
pub(super) mod certificate_requests;
pub(super) mod employment_certificates;
pub(super) mod establishments;
pub(super) mod events;
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
pub(super) mod service_procedures;
pub(super) mod submissions;
pub(super) mod usage;
pub(super) mod webhooks;

pub(in crate::http) use cacheable::has_it;
pub use mcp::Mcp;

use super::edge::{ClientIp, certificate_of};
use super::problem::Problem;
use crate::gateway::{Call, Field, Gateway, Operation, Permit};
use crate::limits::Tally;
use crate::protocol::discovery::path;
use crate::services::usage::Usage;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, web};
use std::net::{IpAddr, Ipv4Addr};

/// Its addresses, as a tree: addresses are tried one after another, and a scope that does not fit spares what is below it.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(path::RESOURCE_METADATA).route(web::get().to(metadata::get)));
    cfg.service(web::resource("/v1/account").route(web::get().to(account::get)));
    cfg.service(web::resource("/v1/usage").route(web::get().to(usage::get)));
    cfg.service(web::resource("/v1/consent").route(web::get().to(consent::get)));
    cfg.service(web::resource("/v1/consent/receipts").route(web::get().to(consent_receipts::list)));
    let one = web::resource("/{id}").route(web::get().to(requests::read)).route(web::delete().to(requests::cancel));
    let all = web::scope("/v1/self-information-requests");
    cfg.service(all.service(web::resource("").route(web::post().to(requests::create))).service(one));
    let all = web::scope("/v1/data-sets").service(web::resource("").route(web::get().to(catalogue::list)));
    cfg.service(all.service(web::resource("/{code}").route(web::get().to(catalogue::find))));
    cfg.service(web::resource("/v1/provision-records").route(web::get().to(provision_records::list)));
    cfg.service(web::scope("/v1/receipts").service(web::resource("/{id}").route(web::get().to(receipts::get))));
    cfg.configure(service_search_routes);
    cfg.configure(submission_routes);
    cfg.configure(document_routes);
    cfg.configure(bulk_routes);
    cfg.configure(certificate_routes);
    cfg.configure(payment_routes);
    cfg.configure(establishment_routes);
    cfg.configure(deposit_routes);
    cfg.configure(notice_routes);
    cfg.configure(linkage_routes);
    cfg.configure(application_routes);
    cfg.configure(delegation_routes);
    cfg.configure(event_routes);
}

fn submission_routes(cfg: &mut web::ServiceConfig) {
    let all = web::resource("").route(web::post().to(submissions::create)).route(web::get().to(submissions::list));
    cfg.service(
        web::scope("/v1/submissions")
            .service(all)
            .service(web::resource("/{id}").route(web::get().to(submissions::find)))
            .service(web::resource("/{id}/cancel").route(web::post().to(submissions::cancel)))
            .service(web::resource("/{id}/withdraw").route(web::post().to(submissions::withdraw)))
            .service(web::resource("/{id}/amend").route(web::post().to(submissions::amend)))
            .service(web::resource("/{id}/documents").route(web::get().to(documents::list))),
    );
    let all = web::resource("").route(web::post().to(drafts::create)).route(web::get().to(drafts::list));
    let one = web::resource("/{id}").route(web::get().to(drafts::find)).route(web::put().to(drafts::put));
    cfg.service(
        web::scope("/v1/submission-drafts")
            .service(all)
            .service(one.route(web::delete().to(drafts::delete)))
            .service(web::resource("/{id}/submit").route(web::post().to(drafts::submit))),
    );
    let events = web::resource("/{corporate_number}/life-events").route(web::post().to(life_events::create));
    cfg.service(web::scope("/v1/employers").service(events));
    let all = web::scope("/v1/procedures").service(web::resource("").route(web::get().to(procedures::list)));
    cfg.service(all.service(web::resource("/{code}").route(web::get().to(procedures::find))));
    cfg.service(web::resource("/v1/agencies").route(web::get().to(submissions::agencies)));
}

fn document_routes(cfg: &mut web::ServiceConfig) {
    cfg.service(
        web::scope("/v1/documents")
            .service(web::resource("/{id}").route(web::get().to(documents::get)))
            .service(web::resource("/{id}/collected").route(web::post().to(documents::collect))),
    );
    let all = web::resource("").route(web::get().to(electronic_deliveries::list));
    let one = web::resource("/{id}").route(web::get().to(electronic_deliveries::find));
    cfg.service(web::scope("/v1/electronic-deliveries").service(all).service(one));
}

fn bulk_routes(cfg: &mut web::ServiceConfig) {
    use bulk_submissions as bulk;
    let one = web::resource("/{id}").route(web::get().to(bulk::find)).route(web::patch().to(bulk::append));
    cfg.service(
        web::scope("/v1/bulk-submissions")
            .service(web::resource("").route(web::post().to(bulk::create)))
            .service(one)
            .service(web::resource("/{id}/submit").route(web::post().to(bulk::submit)))
            .service(web::resource("/{id}/cancel").route(web::post().to(bulk::cancel)))
            .service(web::resource("/{id}/outcomes").route(web::get().to(bulk::outcomes))),
    );
}

fn delegation_routes(cfg: &mut web::ServiceConfig) {
    let software = web::resource("/{id}/software").route(web::get().to(delegations::software));
    cfg.service(
        web::scope("/v1/delegations")
            .service(web::resource("").route(web::get().to(delegations::list)))
            .service(web::resource("/{id}").route(web::delete().to(delegations::delete)))
            .service(software.route(web::post().to(delegations::create_software))),
    );
}

fn event_routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/v1/events").route(web::get().to(events::list)));
    let hook = web::resource("").route(web::put().to(webhooks::put)).route(web::get().to(webhooks::get));
    cfg.service(
        web::scope("/v1/webhook")
            .service(hook.route(web::delete().to(webhooks::delete)))
            .service(web::resource("/dead-letters").route(web::get().to(webhooks::list)))
            .service(web::resource("/dead-letters/{id}/replay").route(web::post().to(webhooks::replay))),
    );
    cfg.service(web::resource("/webhooks/jwks").route(web::get().to(webhooks::keys)));
}

fn establishment_routes(cfg: &mut web::ServiceConfig) {
    use establishments as founding;
    let all = web::resource("").route(web::post().to(founding::create)).route(web::get().to(founding::list));
    cfg.service(
        web::scope("/v1/establishments")
            .service(all)
            // Before the address of one.
            .service(web::resource("/plan").route(web::post().to(founding::plan)))
            .service(web::resource("/{id}").route(web::get().to(founding::find)))
            .service(web::resource("/{id}/cancel").route(web::post().to(founding::cancel))),
    );
}

fn certificate_routes(cfg: &mut web::ServiceConfig) {
    use {certificate_requests as requests, employment_certificates as certificates};
    let all = web::resource("").route(web::post().to(certificates::create)).route(web::get().to(certificates::list));
    cfg.service(
        web::scope("/v1/employment-certificates")
            .service(all)
            // Before the address of one.
            .service(web::resource("/forms").route(web::get().to(certificates::forms)))
            .service(web::resource("/forms/{code}").route(web::get().to(certificates::form)))
            .service(web::resource("/check").route(web::post().to(certificates::check)))
            .service(web::resource("/prefill").route(web::post().to(certificates::prefill)))
            .service(web::resource("/open").route(web::post().to(certificates::open)))
            .service(web::resource("/{id}").route(web::get().to(certificates::find)))
            .service(web::resource("/{id}/revoke").route(web::post().to(certificates::revoke))),
    );
    let all = web::resource("").route(web::post().to(requests::create)).route(web::get().to(requests::list));
    cfg.service(
        web::scope("/v1/employment-certificate-requests")
            .service(all)
            .service(web::resource("/{id}").route(web::get().to(requests::find)))
            .service(web::resource("/{id}/answer").route(web::post().to(requests::answer)))
            .service(web::resource("/{id}/decline").route(web::post().to(requests::decline))),
    );
}

fn payment_routes(cfg: &mut web::ServiceConfig) {
    use agency_payments as payments;
    let all = web::resource("").route(web::post().to(payments::create)).route(web::get().to(payments::list));
    cfg.service(
        web::scope("/agency/v1/payments")
            .service(all)
            // Before the address of one.
            .service(web::resource("/settlements").route(web::get().to(payments::settlements)))
            .service(web::resource("/{id}").route(web::get().to(payments::find)))
            .service(web::resource("/{id}/cancel").route(web::post().to(payments::cancel))),
    );
}

fn deposit_routes(cfg: &mut web::ServiceConfig) {
    let all = web::resource("").route(web::post().to(deposits::create)).route(web::get().to(deposits::list));
    let shares = web::resource("/{id}/shares").route(web::post().to(deposit_shares::create));
    cfg.service(
        web::scope("/v1/deposits")
            .service(all)
            // Before the address of one.
            .service(web::resource("/procedures").route(web::get().to(deposits::procedures)))
            .service(web::resource("/shared").route(web::get().to(deposit_shares::shared)))
            .service(web::resource("/{id}").route(web::get().to(deposits::find)))
            .service(web::resource("/{id}/file").route(web::post().to(deposits::file)))
            .service(web::resource("/{id}/withdraw").route(web::post().to(deposits::withdraw)))
            .service(web::resource("/{id}/references").route(web::get().to(deposits::references)))
            .service(shares.route(web::get().to(deposit_shares::list)))
            .service(web::resource("/{id}/shares/{share}").route(web::delete().to(deposit_shares::delete)))
            .service(web::resource("/{id}/content").route(web::get().to(deposit_shares::content))),
    );
    cfg.service(
        web::scope("/agency/v1/deposits")
            .service(web::resource("").route(web::get().to(agency_deposits::list)))
            .service(web::resource("/{id}").route(web::get().to(agency_deposits::find)))
            .service(web::resource("/{id}/content").route(web::get().to(agency_deposits::content))),
    );
    cfg.service(
        web::scope("/v1/disposition-notices")
            .service(web::resource("").route(web::get().to(dispositions::list)))
            .service(web::resource("/{id}").route(web::get().to(dispositions::find)))
            .service(web::resource("/{id}/content").route(web::get().to(dispositions::content))),
    );
    let put = web::resource("").route(web::post().to(dispositions::create));
    cfg.service(
        web::scope("/agency/v1/disposition-notices")
            .service(put.route(web::get().to(dispositions::list_put)))
            .service(web::resource("/{id}").route(web::get().to(dispositions::find_put))),
    );
}

fn notice_routes(cfg: &mut web::ServiceConfig) {
    let read = web::resource("/{id}/read").route(web::put().to(notices::mark));
    cfg.service(
        web::scope("/v1/notices")
            .service(web::resource("").route(web::get().to(notices::list)))
            .service(web::resource("/{id}").route(web::get().to(notices::find)))
            .service(web::resource("/{id}/attachments/{number}").route(web::get().to(notices::attachment)))
            .service(read.route(web::delete().to(notices::unmark))),
    );
    let posted = web::resource("").route(web::post().to(agency_notices::create));
    let file = web::resource("/bulk/{id}").route(web::patch().to(agency_notices::append));
    cfg.service(
        web::scope("/agency/v1/notices")
            .service(posted.route(web::get().to(agency_notices::list)))
            // Before the address of one.
            .service(web::resource("/bulk").route(web::post().to(agency_notices::begin)))
            .service(file.route(web::get().to(agency_notices::find_bulk)))
            .service(web::resource("/bulk/{id}/rejections").route(web::get().to(agency_notices::rejections)))
            .service(web::resource("/{id}").route(web::get().to(agency_notices::find))),
    );
}

fn application_routes(cfg: &mut web::ServiceConfig) {
    use agency_applications as received;
    cfg.service(
        web::scope("/v1/application-forms")
            .service(web::resource("").route(web::get().to(applications::forms)))
            .service(web::resource("/{code}").route(web::get().to(applications::form))),
    );
    let all = web::resource("").route(web::post().to(applications::create));
    cfg.service(
        web::scope("/v1/applications")
            .service(all.route(web::get().to(applications::list)))
            // Before the address of one.
            .service(web::resource("/check").route(web::post().to(applications::check)))
            .service(web::resource("/{id}").route(web::get().to(applications::find)))
            .service(web::resource("/{id}/withdraw").route(web::post().to(applications::withdraw)))
            .service(web::resource("/{id}/amend").route(web::post().to(applications::amend))),
    );
    cfg.service(
        web::scope("/agency/v1/applications")
            .service(web::resource("").route(web::get().to(received::list)))
            .service(web::resource("/{id}").route(web::get().to(received::find)))
            .service(web::resource("/{id}/review").route(web::post().to(received::review)))
            .service(web::resource("/{id}/ask-amendment").route(web::post().to(received::ask_amendment)))
            .service(web::resource("/{id}/decide").route(web::post().to(received::decide))),
    );
}

fn linkage_routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/v1/linked-services").route(web::get().to(linked_services::list)));
    cfg.service(
        web::scope("/v1/private-documents")
            .service(web::resource("").route(web::get().to(private_documents::list)))
            // Before the address of one.
            .service(web::resource("/year-end-adjustment").route(web::get().to(private_documents::year_end)))
            .service(web::resource("/{id}").route(web::get().to(private_documents::find)))
            .service(web::resource("/{id}/content").route(web::get().to(private_documents::content))),
    );
}

fn service_search_routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/v1/service-coverage").route(web::get().to(municipalities::coverage)));
    let all = web::scope("/v1/municipalities").service(web::resource("").route(web::get().to(municipalities::list)));
    cfg.service(all.service(web::resource("/{municipality_code}").route(web::get().to(municipalities::find))));
    cfg.service(
        web::scope("/v1/service-procedures")
            .service(web::resource("").route(web::get().to(service_procedures::search)))
            // Before the address of one.
            .service(web::resource("/standards").route(web::get().to(service_procedures::standards)))
            .service(web::resource("/comparison").route(web::get().to(service_procedures::compare)))
            .service(web::resource("/{psid}").route(web::get().to(service_procedures::find))),
    );
    cfg.service(web::resource("/mcp").route(web::post().to(mcp::call)));
}

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
