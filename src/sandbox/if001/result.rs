//! IF001-06: what a process has come to.

use super::super::inquiry::{self, Condition, Outcome};
use super::super::people::{Holding, Record};
use super::super::scenario::Scenario;
use super::super::server::Sandbox;
use super::super::terms::SetTerms;
use super::wire::{self, Envelope, ResultBody};
use super::{FETCHED_LIFE, Inquiries, Process, asked_scenario, broken, not_understood, session, told};
use crate::domain::Timestamp;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use chrono::Datelike as _;
use std::fmt::Write as _;

/// JSON that breaks off.
const MALFORMED: &str = r#"{"resultCode":"0000","selfiTranStatusCd":"03","selfPersonalData":{"resultList":[{"pers"#;

/// `POST /if001/result`.
pub(super) async fn result(sandbox: web::Data<Sandbox>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let now = sandbox.clock.now();
    let asked = match asked_scenario(&sandbox, &request) {
        Ok(asked) => asked,
        Err(flaw) => return not_understood(&flaw),
    };
    let Some(session) = session(&sandbox, &request, now) else {
        return told(wire::error(wire::NOT_SIGNED_ON, "the token is not valid"));
    };
    let Ok(envelope) = serde_json::from_slice::<Envelope<'_, ResultBody<'_>>>(&body) else {
        return not_understood("the body must be {commonHeader:{clientId,requestId},reqBody:{process_id}}");
    };
    let id = process_id(&envelope.req_body.process_id);
    let process = id.and_then(|id| sandbox.inquiries.processes.get(&id, now));
    // Another client's or another person's process is none at all.
    let is_own = |p: &Process| p.session.party == session.party && p.session.person == session.person;
    let (Some(id), Some(process)) = (id, process.filter(is_own)) else {
        return told(wire::error(wire::UNKNOWN_PROCESS, "no such process"));
    };
    let scenario = asked.or(process.scenario);
    match scenario {
        Some(Scenario::Error500) => return broken(),
        Some(Scenario::Blocked) => return told(r#"{"resultCode":"1000"}"#.to_owned()),
        Some(Scenario::CapacityOver) => return told(wire::status("06")),
        Some(Scenario::Malformed) => return told(MALFORMED.to_owned()),
        Some(Scenario::DropConnection) => return dropped(),
        _ => {}
    }
    if now < process.ready {
        // 01 accepted, then 09 in hand: both mean "not yet".
        let half = process.started.plus(process.ready.since(process.started) / 2);
        return told(wire::status(if now < half { "01" } else { "09" }));
    }
    sandbox.inquiries.processes.shorten(&id, now.plus(FETCHED_LIFE));
    told(finished(&sandbox, &process, scenario == Some(Scenario::Stale), now))
}

impl Inquiries {
    /// Whether the end of a process was told, or it is gone.
    pub(super) fn is_fetched(&self, id: u128, now: Timestamp) -> bool {
        self.processes.ends_within(&id, FETCHED_LIFE, now)
    }
}

fn process_id(text: &str) -> Option<u128> {
    let is_hex = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if is_hex { u128::from_str_radix(text, 16).ok() } else { None }
}

fn finished(sandbox: &Sandbox, process: &Process, is_stale: bool, now: Timestamp) -> String {
    let (Some(person), Some(words)) = (sandbox.people.get(process.session.person), sandbox.terms.get(process.data_set))
    else {
        return wire::error(wire::UNKNOWN_PROCESS, "no such process");
    };
    if person.file.is_protected {
        return rendered(process, words, &[], true);
    }
    let Some(holding) = person.holding(process.data_set) else { return wire::status("04") };
    if holding.is_unsupported {
        return wire::error(wire::UNSUPPORTED, "the provider is not connected for this data set");
    }
    match choose(holding, process.condition, words, is_stale, now) {
        Outcome::Found(records) if is_stale => aged(process, words, &records),
        Outcome::Found(records) => rendered(process, words, &records, false),
        Outcome::NothingHeld => wire::status("04"),
        Outcome::NothingMatches => wire::status("02"),
        Outcome::NotReflected => wire::error(wire::NOT_REFLECTED, "the provider has not put it into the network yet"),
        Outcome::Expired => wire::error(wire::EXPIRED, "older than the record is kept"),
    }
}

/// The records asked for; a stale provider still has last year's where the latest are asked for.
fn choose<'a>(
    holding: &'a Holding,
    condition: Condition,
    words: &SetTerms,
    is_stale: bool,
    now: Timestamp,
) -> Outcome<'a, Record> {
    let today = now.date_in_japan();
    if is_stale && condition == Condition::Latest {
        let year_before = Condition::Year(today.year() - 1);
        if let found @ Outcome::Found(_) = inquiry::choose(&holding.records, year_before, today, words.retention_years)
        {
            return found;
        }
    }
    inquiry::choose(&holding.records, condition, today, words.retention_years)
}

/// The same, said to have been updated two years before it was.
fn aged(process: &Process, words: &SetTerms, records: &[&Record]) -> String {
    let fresh = rendered(process, words, records, false);
    let Some(record) = records.first() else { return fresh };
    let year = record.updated.get(..4).and_then(|y| y.parse::<i32>().ok()).unwrap_or(2000) - 2;
    let old = format!("{year:04}{}", record.updated.get(4..).unwrap_or_default());
    records.iter().fold(fresh, |text, record| {
        let at = |updated: &str| format!(r#""timeAndDateOfUpdate":"{updated}""#);
        text.replace(&at(&record.updated), &at(&old))
    })
}

/// The answer with data: one entry for each provider, in the order of their first record.
fn rendered(process: &Process, words: &SetTerms, records: &[&Record], is_withheld: bool) -> String {
    let size = records.iter().map(|r| r.details.len() + 400).sum::<usize>() + 600;
    let mut out = String::with_capacity(size);
    out.push_str(r#"{"resultCode":"0000","selfiTranStatusCd":"03","selfPersonalData":{"resultList":["#);
    let mut done: Vec<&str> = Vec::new();
    for record in records {
        if done.contains(&record.notifier.as_str()) {
            continue;
        }
        if !done.is_empty() {
            out.push(',');
        }
        done.push(&record.notifier);
        let of_provider = records.iter().filter(|r| r.notifier == record.notifier);
        let updated = of_provider.clone().map(|r| r.updated.as_str()).max().unwrap_or_default();
        head(&mut out, process, words, &record.notifier, (updated, "0"));
        for (n, one) in of_provider.enumerate() {
            if n > 0 && !one.details.is_empty() {
                out.push(',');
            }
            out.push_str(&one.details);
        }
        out.push_str("]}");
    }
    if is_withheld {
        head(&mut out, process, words, r#""""#, ("", "1"));
        out.push_str("]}");
    }
    out.push_str("]}}");
    out
}

fn head(out: &mut String, process: &Process, words: &SetTerms, notifier: &str, (updated, withheld): (&str, &str)) {
    // Writing to a String does not fail.
    let _ = write!(
        out,
        r#"{{"personInfoNameCd":"{}","personInfoName":{},"notifiernmWithOutsourcernm":{notifier},"dataSetVersion":{},"timeAndDateOfUpdate":"{updated}","notDisclosedCd":"{withheld}","personInfoNameDetailList":["#,
        process.data_set, words.name, words.version,
    );
}

/// The connection ends after the first bytes of the answer.
fn dropped() -> HttpResponse {
    let broken = std::io::Error::new(std::io::ErrorKind::ConnectionReset, "scenario drop_connection");
    let body = futures_util::stream::iter([Ok(Bytes::from_static(br#"{"resultCode":"#)), Err(broken)]);
    HttpResponse::Ok().insert_header((CONTENT_TYPE, "application/json; charset=utf-8")).streaming(body)
}
