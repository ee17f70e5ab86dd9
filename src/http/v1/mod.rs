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
pub(super) mod application_attachments;
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
pub(super) mod webhooks;

pub use mcp::Mcp;

use super::edge::{ClientIp, certificate_of};
use super::problem::Problem;
use crate::gateway::{Call, Field, Gateway, Operation, Permit};
use crate::limits::Tally;
use crate::protocol::discovery::path;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, web};
use std::net::{IpAddr, Ipv4Addr};

/// Its addresses.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(path::RESOURCE_METADATA).route(web::get().to(metadata::get)));
    cfg.service(web::resource("/v1/data-sets").route(web::get().to(catalogue::list)));
    cfg.service(web::resource("/v1/data-sets/{code}").route(web::get().to(catalogue::find)));
    cfg.service(web::resource("/v1/account").route(web::get().to(account::get)));
    cfg.service(web::resource("/v1/consent").route(web::get().to(consent::get)));
    cfg.service(web::resource("/v1/consent/receipts").route(web::get().to(consent_receipts::list)));
    cfg.service(web::resource("/v1/self-information-requests").route(web::post().to(requests::create)));
    cfg.service(web::resource("/v1/provision-records").route(web::get().to(provision_records::list)));
    cfg.service(web::resource("/v1/receipts/{id}").route(web::get().to(receipts::get)));
    let all = web::resource("/v1/submissions");
    cfg.service(all.route(web::post().to(submissions::create)).route(web::get().to(submissions::list)));
    let employers = web::resource("/v1/employers/{corporate_number}/life-events");
    cfg.service(employers.route(web::post().to(life_events::create)));
    cfg.service(web::resource("/v1/submissions/{id}").route(web::get().to(submissions::find)));
    cfg.service(web::resource("/v1/submissions/{id}/cancel").route(web::post().to(submissions::cancel)));
    cfg.service(web::resource("/v1/submissions/{id}/withdraw").route(web::post().to(submissions::withdraw)));
    cfg.service(web::resource("/v1/submissions/{id}/amend").route(web::post().to(submissions::amend)));
    cfg.service(web::resource("/v1/procedures").route(web::get().to(procedures::list)));
    cfg.service(web::resource("/v1/procedures/{code}").route(web::get().to(procedures::find)));
    cfg.service(web::resource("/v1/submissions/{id}/documents").route(web::get().to(documents::list)));
    cfg.service(web::resource("/v1/documents/{id}").route(web::get().to(documents::get)));
    cfg.service(web::resource("/v1/documents/{id}/collected").route(web::post().to(documents::collect)));
    cfg.service(web::resource("/v1/electronic-deliveries").route(web::get().to(electronic_deliveries::list)));
    let sent = web::resource("/v1/electronic-deliveries/{id}");
    cfg.service(sent.route(web::get().to(electronic_deliveries::find)));
    let all = web::resource("/v1/submission-drafts").route(web::post().to(drafts::create));
    cfg.service(all.route(web::get().to(drafts::list)));
    let one = web::resource("/v1/submission-drafts/{id}").route(web::get().to(drafts::find));
    cfg.service(one.route(web::put().to(drafts::put)).route(web::delete().to(drafts::delete)));
    cfg.service(web::resource("/v1/submission-drafts/{id}/submit").route(web::post().to(drafts::submit)));
    cfg.service(web::resource("/v1/bulk-submissions").route(web::post().to(bulk_submissions::create)));
    let one = web::resource("/v1/bulk-submissions/{id}");
    cfg.service(one.route(web::get().to(bulk_submissions::find)).route(web::patch().to(bulk_submissions::append)));
    cfg.service(web::resource("/v1/bulk-submissions/{id}/submit").route(web::post().to(bulk_submissions::submit)));
    cfg.service(web::resource("/v1/bulk-submissions/{id}/cancel").route(web::post().to(bulk_submissions::cancel)));
    cfg.service(web::resource("/v1/bulk-submissions/{id}/outcomes").route(web::get().to(bulk_submissions::outcomes)));
    cfg.configure(certificate_routes);
    cfg.configure(payment_routes);
    cfg.configure(establishment_routes);
    cfg.configure(deposit_routes);
    cfg.configure(service_search_routes);
    cfg.configure(notice_routes);
    cfg.configure(linkage_routes);
    cfg.configure(application_routes);
    cfg.service(web::resource("/v1/agencies").route(web::get().to(submissions::agencies)));
    cfg.service(web::resource("/v1/delegations").route(web::get().to(delegations::list)));
    cfg.service(web::resource("/v1/delegations/{id}").route(web::delete().to(delegations::delete)));
    let software = web::resource("/v1/delegations/{id}/software").route(web::get().to(delegations::software));
    cfg.service(software.route(web::post().to(delegations::create_software)));
    cfg.service(web::resource("/v1/events").route(web::get().to(events::list)));
    let hook = web::resource("/v1/webhook").route(web::put().to(webhooks::put)).route(web::get().to(webhooks::get));
    cfg.service(hook.route(web::delete().to(webhooks::delete)));
    cfg.service(web::resource("/v1/webhook/dead-letters").route(web::get().to(webhooks::list)));
    cfg.service(web::resource("/v1/webhook/dead-letters/{id}/replay").route(web::post().to(webhooks::replay)));
    cfg.service(web::resource("/webhooks/jwks").route(web::get().to(webhooks::keys)));
    let one = web::resource("/v1/self-information-requests/{id}");
    cfg.service(one.route(web::get().to(requests::read)).route(web::delete().to(requests::cancel)));
}

fn establishment_routes(cfg: &mut web::ServiceConfig) {
    let all = web::resource("/v1/establishments").route(web::post().to(establishments::create));
    cfg.service(all.route(web::get().to(establishments::list)));
    // Before the address of one.
    cfg.service(web::resource("/v1/establishments/plan").route(web::post().to(establishments::plan)));
    cfg.service(web::resource("/v1/establishments/{id}").route(web::get().to(establishments::find)));
    cfg.service(web::resource("/v1/establishments/{id}/cancel").route(web::post().to(establishments::cancel)));
}

fn certificate_routes(cfg: &mut web::ServiceConfig) {
    use {certificate_requests as requests, employment_certificates as certificates};
    let all = web::resource("/v1/employment-certificates");
    cfg.service(all.route(web::post().to(certificates::create)).route(web::get().to(certificates::list)));
    // Before the address of one.
    cfg.service(web::resource("/v1/employment-certificates/forms").route(web::get().to(certificates::forms)));
    cfg.service(web::resource("/v1/employment-certificates/forms/{code}").route(web::get().to(certificates::form)));
    cfg.service(web::resource("/v1/employment-certificates/check").route(web::post().to(certificates::check)));
    cfg.service(web::resource("/v1/employment-certificates/prefill").route(web::post().to(certificates::prefill)));
    cfg.service(web::resource("/v1/employment-certificates/open").route(web::post().to(certificates::open)));
    cfg.service(web::resource("/v1/employment-certificates/{id}").route(web::get().to(certificates::find)));
    cfg.service(web::resource("/v1/employment-certificates/{id}/revoke").route(web::post().to(certificates::revoke)));
    let all = web::resource("/v1/employment-certificate-requests").route(web::post().to(requests::create));
    cfg.service(all.route(web::get().to(requests::list)));
    let one = |path: &str| web::resource(format!("/v1/employment-certificate-requests/{{id}}{path}"));
    cfg.service(one("").route(web::get().to(requests::find)));
    cfg.service(one("/answer").route(web::post().to(requests::answer)));
    cfg.service(one("/decline").route(web::post().to(requests::decline)));
}

fn payment_routes(cfg: &mut web::ServiceConfig) {
    use agency_payments as payments;
    let all = web::resource("/agency/v1/payments").route(web::post().to(payments::create));
    cfg.service(all.route(web::get().to(payments::list)));
    // Before the address of one.
    cfg.service(web::resource("/agency/v1/payments/settlements").route(web::get().to(payments::settlements)));
    cfg.service(web::resource("/agency/v1/payments/{id}").route(web::get().to(payments::find)));
    cfg.service(web::resource("/agency/v1/payments/{id}/cancel").route(web::post().to(payments::cancel)));
}

fn deposit_routes(cfg: &mut web::ServiceConfig) {
    let all = web::resource("/v1/deposits");
    cfg.service(all.route(web::post().to(deposits::create)).route(web::get().to(deposits::list)));
    // Before the address of one.
    cfg.service(web::resource("/v1/deposits/procedures").route(web::get().to(deposits::procedures)));
    cfg.service(web::resource("/v1/deposits/shared").route(web::get().to(deposit_shares::shared)));
    cfg.service(web::resource("/v1/deposits/{id}").route(web::get().to(deposits::find)));
    cfg.service(web::resource("/v1/deposits/{id}/file").route(web::post().to(deposits::file)));
    cfg.service(web::resource("/v1/deposits/{id}/withdraw").route(web::post().to(deposits::withdraw)));
    cfg.service(web::resource("/v1/deposits/{id}/references").route(web::get().to(deposits::references)));
    let shares = web::resource("/v1/deposits/{id}/shares").route(web::post().to(deposit_shares::create));
    cfg.service(shares.route(web::get().to(deposit_shares::list)));
    cfg.service(web::resource("/v1/deposits/{id}/shares/{share}").route(web::delete().to(deposit_shares::delete)));
    cfg.service(web::resource("/v1/deposits/{id}/content").route(web::get().to(deposit_shares::content)));
    cfg.service(web::resource("/agency/v1/deposits").route(web::get().to(agency_deposits::list)));
    cfg.service(web::resource("/agency/v1/deposits/{id}").route(web::get().to(agency_deposits::find)));
    let content = web::resource("/agency/v1/deposits/{id}/content");
    cfg.service(content.route(web::get().to(agency_deposits::content)));
    cfg.service(web::resource("/v1/disposition-notices").route(web::get().to(dispositions::list)));
    cfg.service(web::resource("/v1/disposition-notices/{id}").route(web::get().to(dispositions::find)));
    cfg.service(web::resource("/v1/disposition-notices/{id}/content").route(web::get().to(dispositions::content)));
    let put = web::resource("/agency/v1/disposition-notices").route(web::post().to(dispositions::create));
    cfg.service(put.route(web::get().to(dispositions::list_put)));
    cfg.service(web::resource("/agency/v1/disposition-notices/{id}").route(web::get().to(dispositions::find_put)));
}

fn linkage_routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/v1/linked-services").route(web::get().to(linked_services::list)));
    cfg.service(web::resource("/v1/private-documents").route(web::get().to(private_documents::list)));
    // Before the address of one.
    let sums = web::resource("/v1/private-documents/year-end-adjustment");
    cfg.service(sums.route(web::get().to(private_documents::year_end)));
    cfg.service(web::resource("/v1/private-documents/{id}").route(web::get().to(private_documents::find)));
    cfg.service(web::resource("/v1/private-documents/{id}/content").route(web::get().to(private_documents::content)));
}

fn notice_routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/v1/notices").route(web::get().to(notices::list)));
    cfg.service(web::resource("/v1/notices/{id}").route(web::get().to(notices::find)));
    cfg.service(web::resource("/v1/notices/{id}/attachments/{number}").route(web::get().to(notices::attachment)));
    let read = web::resource("/v1/notices/{id}/read").route(web::put().to(notices::mark));
    cfg.service(read.route(web::delete().to(notices::unmark)));
    let posted = web::resource("/agency/v1/notices").route(web::post().to(agency_notices::create));
    cfg.service(posted.route(web::get().to(agency_notices::list)));
    // Before the address of one.
    cfg.service(web::resource("/agency/v1/notices/bulk").route(web::post().to(agency_notices::begin)));
    let file = web::resource("/agency/v1/notices/bulk/{id}").route(web::patch().to(agency_notices::append));
    cfg.service(file.route(web::get().to(agency_notices::find_bulk)));
    let rejections = web::resource("/agency/v1/notices/bulk/{id}/rejections");
    cfg.service(rejections.route(web::get().to(agency_notices::rejections)));
    cfg.service(web::resource("/agency/v1/notices/{id}").route(web::get().to(agency_notices::find)));
}

fn application_routes(cfg: &mut web::ServiceConfig) {
    use agency_applications as received;
    use application_attachments as attachments;
    use application_drafts as prepared;
    cfg.service(web::resource("/v1/application-forms").route(web::get().to(applications::forms)));
    cfg.service(web::resource("/v1/application-forms/{code}").route(web::get().to(applications::form)));
    let all = web::resource("/v1/applications").route(web::post().to(applications::create));
    cfg.service(all.route(web::get().to(applications::list)));
    cfg.service(web::resource("/v1/applications/check").route(web::post().to(applications::check)));
    cfg.service(web::resource("/v1/applications/{id}").route(web::get().to(applications::find)));
    cfg.service(web::resource("/v1/applications/{id}/withdraw").route(web::post().to(applications::withdraw)));
    cfg.service(web::resource("/v1/applications/{id}/amend").route(web::post().to(applications::amend)));
    let all = web::resource("/v1/application-drafts").route(web::post().to(prepared::create));
    cfg.service(all.route(web::get().to(prepared::list)));
    let one = web::resource("/v1/application-drafts/{id}").route(web::get().to(prepared::find));
    cfg.service(one.route(web::put().to(prepared::put)).route(web::delete().to(prepared::delete)));
    cfg.service(web::resource("/v1/application-drafts/{id}/submit").route(web::post().to(prepared::submit)));
    cfg.service(web::resource("/v1/application-attachments").route(web::post().to(attachments::create)));
    let one = web::resource("/v1/application-attachments/{id}").route(web::get().to(attachments::find));
    cfg.service(one.route(web::patch().to(attachments::append)).route(web::delete().to(attachments::delete)));
    let content = web::resource("/v1/application-attachments/{id}/content");
    cfg.service(content.route(web::get().to(attachments::content)));
    let file = web::resource("/agency/v1/applications/{id}/attachments/{attachment}");
    cfg.service(file.route(web::get().to(attachments::received)));
    cfg.service(web::resource("/agency/v1/applications").route(web::get().to(received::list)));
    cfg.service(web::resource("/agency/v1/applications/{id}").route(web::get().to(received::find)));
    cfg.service(web::resource("/agency/v1/applications/{id}/review").route(web::post().to(received::review)));
    let ask = web::resource("/agency/v1/applications/{id}/ask-amendment");
    cfg.service(ask.route(web::post().to(received::ask_amendment)));
    cfg.service(web::resource("/agency/v1/applications/{id}/decide").route(web::post().to(received::decide)));
}

fn service_search_routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/v1/municipalities").route(web::get().to(municipalities::list)));
    cfg.service(web::resource("/v1/municipalities/{municipality_code}").route(web::get().to(municipalities::find)));
    cfg.service(web::resource("/v1/service-coverage").route(web::get().to(municipalities::coverage)));
    cfg.service(web::resource("/v1/service-procedures").route(web::get().to(service_procedures::search)));
    // Before the address of one.
    cfg.service(web::resource("/v1/service-procedures/standards").route(web::get().to(service_procedures::standards)));
    cfg.service(web::resource("/v1/service-procedures/comparison").route(web::get().to(service_procedures::compare)));
    cfg.service(web::resource("/v1/service-procedures/{psid}").route(web::get().to(service_procedures::find)));
    cfg.service(web::resource("/mcp").route(web::post().to(mcp::call)));
}

/// Lets the request in.
async fn admit(request: &HttpRequest, gateway: &Gateway, operation: &'static Operation) -> Result<Permit, Problem> {
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
