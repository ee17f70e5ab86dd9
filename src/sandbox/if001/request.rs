//! IF001-04: a data set and a condition become a process.

use super::super::scenario::Scenario;
use super::super::server::Sandbox;
use super::wire::{self, Envelope, RequestBody};
use super::{PROCESS_LIFE, Process, asked_scenario, broken, callback, not_understood, session, told};
use crate::domain::Timestamp;
use actix_web::{HttpRequest, HttpResponse, web};

/// The portal turns requests away.
const BLOCKED: &str = r#"{"resultCode":"1000"}"#;

/// `POST /if001/request`.
pub(super) async fn request(sandbox: web::Data<Sandbox>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let now = sandbox.clock.now();
    let asked = match asked_scenario(&sandbox, &request) {
        Ok(asked) => asked,
        Err(flaw) => return not_understood(&flaw),
    };
    let Some(session) = session(&sandbox, &request, now) else {
        return told(wire::error(wire::NOT_SIGNED_ON, "the token is not valid"));
    };
    let Ok(envelope) = serde_json::from_slice::<Envelope<'_, RequestBody<'_>>>(&body) else {
        return not_understood(
            "the body must be {commonHeader:{clientId,requestId},reqBody:{personInfoNameCd,inquiryCond}}",
        );
    };
    if !envelope.common_header.has_plain_id() {
        return not_understood("commonHeader.requestId must be 1 to 64 of A-Z a-z 0-9 . _ : -");
    }
    let owner = sandbox.parties.get(session.party).map(|party| party.inquiry_client_id.as_str());
    if owner != Some(&*envelope.common_header.client_id) {
        return told(wire::error(wire::OTHER, "commonHeader.clientId is not the token's client"));
    }
    let condition = match envelope.req_body.inquiry_cond.parse() {
        Ok(condition) => condition,
        Err(flaw) => return told(wire::error(wire::OTHER, flaw)),
    };
    let Some(data_set) = envelope.req_body.data_set().filter(|code| sandbox.terms.get(*code).is_some()) else {
        return told(wire::error(wire::OTHER, "personInfoNameCd is not a data set here"));
    };
    let scenario =
        asked.or_else(|| sandbox.people.get(session.person).and_then(super::super::people::Person::scenario));
    match scenario {
        Some(Scenario::Blocked) => return told(BLOCKED.to_owned()),
        Some(Scenario::Error500) => return broken(),
        _ => {}
    }
    let ready = ready_at(&sandbox, scenario, now);
    let process = Process { session, data_set, condition, scenario, started: now, ready };
    let callback_url = envelope.req_body.callback_url.as_deref();
    let callback_url = match callback_url.map(|text| callback::allowed(&sandbox, session.party, text)).transpose() {
        Ok(url) => url,
        Err(flaw) => return told(wire::error(wire::OTHER, flaw)),
    };
    let mut id = [0; 16];
    sandbox.entropy.fill(&mut id);
    let id = u128::from_be_bytes(id);
    if !sandbox.inquiries.processes.insert(id, process, now.plus(PROCESS_LIFE), now) {
        return told(BLOCKED.to_owned());
    }
    if let Some(url) = callback_url {
        callback::schedule(sandbox.clone().into_inner(), id, scenario, ready.since(now), url);
    }
    let name = &envelope.common_header.request_id;
    told(format!(r#"{{"commonHeader":{{"requestId":"{name}"}},"resultCode":"0000","process_id":"{id:032x}"}}"#))
}

/// When the data is there: at once, but for the scenarios that are about waiting.
fn ready_at(sandbox: &Sandbox, scenario: Option<Scenario>, now: Timestamp) -> Timestamp {
    match scenario {
        Some(Scenario::Slow) => now.plus(sandbox.pace.slow),
        Some(Scenario::CallbackTwice | Scenario::CallbackNever) => now.plus(sandbox.pace.called_back),
        _ => now,
    }
}
