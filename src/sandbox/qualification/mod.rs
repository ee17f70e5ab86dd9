//! The pretend insurers' server (医療保険者中間サーバー) and the pretend qualification system (オンライン資格確認等システム).
//!
//! How it flows: `POST /insurers/insured-number` and `POST /qualification/{registrations,deregistrations}` are signed by a gateway
//! and name the person by an assertion (RFC 7523), as at [`if001`](super::if001). A person is known by one card at a time.
//! `GET /qualification/visit?certificate_serial=…` is what a clinic sees that a card is shown to (資格情報); without signature, for
//! everybody is made up.
//!
//! How to add one more mood: a variant of [`Mood`] and the place where it bites.
//!
//! What it must never do: register a number that is not the person's.

use super::asserted::asserted;
use super::form::Form;
use super::oauth_error::OauthError;
use super::people::Person;
use super::person::{ItemFile, PersonFile, RecordFile, Sex};
use super::server::Sandbox;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Where the insurers are under the sandbox's address.
pub const INSURERS_PATH: &str = "/insurers";
/// Where the qualification system is.
pub const PATH: &str = "/qualification";
/// Under which assertions are used up.
const FAMILY: &str = "qualification";
/// The data set that the insurers know a person by.
const CARD: &str = "HI00000000000004";

/// How the qualification system feels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Well.
    Well,
    /// Away for maintenance: 503.
    Away,
    /// It does what it is told, and answers nonsense.
    Garbled,
    /// It knows nobody's number.
    Forgetful,
}

/// Who is known by which card.
#[derive(Default)]
pub struct Qualification {
    cards: Mutex<HashMap<String, String>>,
    mood: AtomicU8,
    registered: AtomicU32,
}

impl Qualification {
    /// From now on it feels like this.
    pub fn feel(&self, mood: Mood) {
        self.mood.store(mood as u8, Ordering::SeqCst);
    }

    /// How often it was told to register somebody.
    #[must_use]
    pub fn registered(&self) -> u32 {
        self.registered.load(Ordering::SeqCst)
    }

    /// By which card a person is known.
    #[must_use]
    pub fn card(&self, person: &str) -> Option<String> {
        self.cards().get(person).cloned()
    }

    fn cards(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.cards.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn feels(&self, mood: Mood) -> bool {
        self.mood.load(Ordering::SeqCst) == mood as u8
    }
}

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource(format!("{INSURERS_PATH}/insured-number")).route(web::post().to(insured_number)))
        .service(web::resource(format!("{PATH}/registrations")).route(web::post().to(register)))
        .service(web::resource(format!("{PATH}/deregistrations")).route(web::post().to(deregister)))
        .service(web::resource(format!("{PATH}/visit")).route(web::get().to(visit)));
}

/// What the newest insurance card of a person says, if anybody insures them.
struct InsuranceCard<'p>(&'p RecordFile);

impl<'p> InsuranceCard<'p> {
    fn of(file: &'p PersonFile) -> Option<Self> {
        let held = file.data_sets.iter().find(|held| held.code.as_str() == CARD)?;
        let newest = held.records.iter().filter(|record| !record.is_pending).max_by_key(|record| record.from)?;
        newest.to.is_none().then_some(Self(newest))
    }

    fn item(&self, code: &str) -> Option<&'p str> {
        self.0.items.iter().find(|item| item.code().as_str() == code).and_then(ItemFile::content)
    }

    fn numbers(&self) -> Value {
        json!({
            "insurer_number": self.item("9040000010"),
            "insured_card_symbol": self.item("9040000020"),
            "insured_identification_number": self.item("9040000030"),
            "insured_branch_number": self.item("9040000040"),
        })
    }
}

async fn insured_number(sandbox: web::Data<Sandbox>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let known = asserted(&sandbox, (FAMILY, INSURERS_PATH), (&request, &body)).map(|(_, person)| {
        let insured = InsuranceCard::of(&person.file).map(|card| card.numbers());
        json!({"insured": insured})
    });
    said(&sandbox, known)
}

async fn register(sandbox: web::Data<Sandbox>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let system = &sandbox.qualification;
    told(&sandbox, (&request, &body), |form, person| {
        let serial = form.need("certificate_serial").map_err(OauthError::request)?.to_owned();
        system.registered.fetch_add(1, Ordering::SeqCst);
        let said = |name: &str| form.get(name).map_or(Value::Null, Value::from);
        let numbers = InsuranceCard::of(&person.file).map(|card| card.numbers());
        let is_theirs = numbers
            .and_then(|numbers| numbers.as_object().cloned())
            .is_some_and(|numbers| numbers.iter().all(|(name, value)| said(name) == *value));
        if !is_theirs || system.feels(Mood::Forgetful) {
            return Ok("unknown_number");
        }
        let before = system.cards().insert(person.file.id.clone(), serial.clone());
        let is_known = before.is_some_and(|before| before == serial);
        Ok(if is_known { "already_registered" } else { "registered" })
    })
}

async fn deregister(sandbox: web::Data<Sandbox>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let system = &sandbox.qualification;
    told(&sandbox, (&request, &body), |form, person| {
        let mut cards = system.cards();
        let is_known = cards.get(&person.file.id).map(String::as_str) == form.get("certificate_serial");
        let is_ended = is_known && cards.remove(&person.file.id).is_some();
        Ok(if is_ended { "deregistered" } else { "not_registered" })
    })
}

/// The answer of the qualification system to whoever tells it something: what `act` makes of it.
fn told(
    sandbox: &Sandbox,
    call: (&HttpRequest, &[u8]),
    act: impl FnOnce(&Form, &Person) -> Result<&'static str, OauthError>,
) -> HttpResponse {
    if sandbox.qualification.feels(Mood::Away) {
        return HttpResponse::ServiceUnavailable().insert_header((RETRY_AFTER, "17")).finish();
    }
    let result = asserted(sandbox, (FAMILY, PATH), call).and_then(|(form, person)| act(&form, person));
    said(sandbox, result.map(|result| json!({"result": result})))
}

fn said(sandbox: &Sandbox, answer: Result<Value, OauthError>) -> HttpResponse {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return error.answer(),
    };
    let text = if sandbox.qualification.feels(Mood::Garbled) { "{\"result\":".to_owned() } else { answer.to_string() };
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/json"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(text)
}

/// What a clinic sees of whoever shows this card.
async fn visit(sandbox: web::Data<Sandbox>, request: HttpRequest) -> HttpResponse {
    let form = Form::parse(request.query_string().as_bytes()).unwrap_or_default();
    let shown = form.get("certificate_serial").unwrap_or_default();
    let cards = sandbox.qualification.cards().clone();
    let whose = cards.iter().find(|(_, card)| card.as_str() == shown).map(|(id, _)| id);
    let person = whose.and_then(|id| sandbox.people.by_id(id)).map(|(_, person)| person);
    let Some((person, card)) = person.and_then(|person| Some((person, InsuranceCard::of(&person.file)?))) else {
        return HttpResponse::NotFound().json(json!({"qualification": null}));
    };
    let sex = if person.file.sex == Sex::Male { "male" } else { "female" };
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(json!({"qualification": {
        "name": person.file.name.full, "birth_date": person.file.birth_date, "sex": sex,
        "insurer_name": card.item("9040000050"), "copayment_tenths": card.item("9040000160"),
        "qualified_on": card.item("9040000120"), "lost_on": card.item("9040000130"),
    }}))
}
