//! The addresses of `/v1` and `/agency/v1`, family by family.

use super::{
    account, agency_applications, agency_deposits, agency_notices, agency_payments, application_attachments,
    application_batches, application_drafts, applications, bulk_submissions, catalogue, certificate_requests, consent,
    consent_receipts, delegations, deposit_shares, deposits, disasters, dispositions, documents, drafts,
    electronic_deliveries, employment_certificates, establishments, events, health_insurance, interviews, life_events,
    linked_services, mcp, metadata, municipalities, notices, private_documents, procedures, provision_records,
    receipts, requests, service_procedures, submissions, usage, webhooks,
};
use crate::protocol::discovery::path;
use actix_web::web;

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
    let card = web::resource("/v1/health-insurance-registration").route(web::put().to(health_insurance::register));
    let card = card.route(web::get().to(health_insurance::get));
    cfg.service(card.route(web::delete().to(health_insurance::deregister)));
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
    cfg.configure(municipality_routes);
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
    use application_attachments as attachments;
    use application_drafts as prepared;
    cfg.service(
        web::scope("/v1/application-forms")
            .service(web::resource("").route(web::get().to(applications::forms)))
            .service(web::resource("/{code}").route(web::get().to(applications::form)))
            .service(web::resource("/{code}/prefill").route(web::get().to(applications::prefill))),
    );
    let all = web::resource("").route(web::post().to(applications::create));
    cfg.service(
        web::scope("/v1/applications")
            .service(all.route(web::get().to(applications::list)))
            // Before the address of one.
            .service(web::resource("/check").route(web::post().to(applications::check)))
            .service(web::resource("/{id}").route(web::get().to(applications::find)))
            .service(web::resource("/{id}/withdraw").route(web::post().to(applications::withdraw)))
            .service(web::resource("/{id}/amend").route(web::post().to(applications::amend)))
            .service(web::resource("/{id}/interview-slots").route(web::get().to(interviews::free)))
            .service(web::resource("/{id}/interview").route(web::put().to(interviews::book)))
            .service(web::resource("/{id}/interview/cancel").route(web::post().to(interviews::cancel))),
    );
    cfg.service(
        web::scope("/v1/application-batches")
            .service(web::resource("").route(web::post().to(application_batches::create)))
            .service(web::resource("/{id}").route(web::get().to(application_batches::find))),
    );
    let all = web::resource("").route(web::post().to(prepared::create)).route(web::get().to(prepared::list));
    let one = web::resource("/{id}").route(web::get().to(prepared::find)).route(web::put().to(prepared::put));
    let signature = web::resource("/{id}/signature").route(web::post().to(prepared::ask_signature));
    cfg.service(
        web::scope("/v1/application-drafts")
            .service(all)
            .service(one.route(web::delete().to(prepared::delete)))
            .service(web::resource("/{id}/submit").route(web::post().to(prepared::submit)))
            .service(signature.route(web::delete().to(prepared::delete_signature))),
    );
    let one =
        web::resource("/{id}").route(web::get().to(attachments::find)).route(web::patch().to(attachments::append));
    cfg.service(
        web::scope("/v1/application-attachments")
            .service(web::resource("").route(web::post().to(attachments::create)))
            .service(one.route(web::delete().to(attachments::delete)))
            .service(web::resource("/{id}/content").route(web::get().to(attachments::content))),
    );
}

/// What a municipality makes known, and what it is given.
fn municipality_routes(cfg: &mut web::ServiceConfig) {
    use agency_applications as received;
    cfg.service(web::resource("/v1/disasters").route(web::get().to(disasters::list)));
    let all = web::resource("").route(web::get().to(disasters::list_own)).route(web::post().to(disasters::create));
    let one = web::resource("/{code}").route(web::get().to(disasters::find)).route(web::put().to(disasters::put));
    cfg.service(
        web::scope("/agency/v1/disasters")
            .service(all)
            .service(one)
            .service(web::resource("/{code}/close").route(web::post().to(disasters::close))),
    );
    let all = web::resource("").route(web::post().to(interviews::publish)).route(web::get().to(interviews::list_own));
    cfg.service(
        web::scope("/agency/v1/interview-slots")
            .service(all)
            .service(web::resource("/{id}/withdraw").route(web::post().to(interviews::withdraw))),
    );
    let appointments = web::resource("/agency/v1/interview-appointments");
    cfg.service(appointments.route(web::get().to(interviews::appointments)));
    let file = web::resource("/{id}/attachments/{attachment}").route(web::get().to(application_attachments::received));
    cfg.service(
        web::scope("/agency/v1/applications")
            .service(web::resource("").route(web::get().to(received::list)))
            .service(web::resource("/{id}").route(web::get().to(received::find)))
            .service(file)
            .service(web::resource("/{id}/signature").route(web::get().to(received::signature)))
            .service(web::resource("/{id}/review").route(web::post().to(received::review)))
            .service(web::resource("/{id}/ask-amendment").route(web::post().to(received::ask_amendment)))
            .service(web::resource("/{id}/interview").route(web::post().to(interviews::record)))
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
