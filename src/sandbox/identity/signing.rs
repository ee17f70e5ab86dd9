//! The signing service (署名API): a client leaves the digest of what is to be signed, the person signs it with the certificate for
//! signing of their card and its password, and the client fetches the signature.
//!
//! Publicly known is that there is one, that its scope is `sign`, that client credentials are used, and what a card does: RSA
//! with SHA-256, a password of 6 to 16 letters and digits, locked after five wrong ones. How the calls look is decided here.

use super::super::certification::AnswerTrouble;
use super::super::people::Person;
use super::super::person::SigningState;
use super::super::server::Sandbox;
use super::super::text::half_width;
use super::{TOKEN_LIFE, TRANSACTION_LIFE};
use crate::domain::Digest;
use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL, WWW_AUTHENTICATE};
use actix_web::{HttpRequest, HttpResponse, web};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::json;
use std::sync::atomic::Ordering;
use subtle::ConstantTimeEq as _;

/// Where it is, below the realm.
pub(super) const PATH: &str = "/signing/transactions";
/// The scope.
pub(super) const SIGN: &str = "sign";
/// Wrong passwords after which the certificate is locked; a real card does the same.
const MOST_WRONG_PASSWORDS: u8 = 5;

/// Something that is to be signed, or was.
#[derive(Clone)]
pub(super) struct Order {
    party: usize,
    hash: Vec<u8>,
    done: Option<Done>,
}

/// What was signed.
#[derive(Clone)]
struct Done {
    person: usize,
    signature: Vec<u8>,
    chain: Vec<Vec<u8>>,
    serial: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    hash_algorithm: String,
    hash: String,
}

/// Why a password was not taken.
pub(super) enum BadPassword {
    /// The card or its password is wrong; so many tries are left, where the card is known.
    Wrong(Option<u8>),
    /// It is locked.
    Locked,
    /// There is no certificate for signing on the card.
    None,
}

fn token_of(request: &HttpRequest) -> Option<Digest> {
    let header = request.headers().get(AUTHORIZATION).and_then(|v| v.to_str().ok())?;
    let (_, token) = header.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))?;
    Some(Digest::of(token))
}

fn unauthorized() -> HttpResponse {
    let error = json!({"error": "invalid_token", "error_description": "the token is unknown or has expired"});
    HttpResponse::Unauthorized().insert_header((WWW_AUTHENTICATE, r#"Bearer error="invalid_token""#)).json(error)
}

fn refused(description: &str) -> HttpResponse {
    HttpResponse::BadRequest().json(json!({"error": "invalid_request", "error_description": description}))
}

/// `POST …/signing/transactions`, with a token by client credentials.
pub(super) async fn begin(sandbox: web::Data<Sandbox>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let now = sandbox.clock.now();
    let party = token_of(&request).and_then(|token| sandbox.identity.own_tokens.get(&token, now));
    let Some(party) = party else { return unauthorized() };
    let Ok(asked) = serde_json::from_slice::<Asked>(&body) else {
        return refused("the body must have hash_algorithm and hash");
    };
    let hash = STANDARD.decode(&asked.hash).ok().filter(|hash| hash.len() == 32 && asked.hash_algorithm == "SHA-256");
    let Some(hash) = hash else { return refused("hash must be SHA-256 in Base64") };
    let id = sandbox.entropy.handle();
    let order = Order { party, hash, done: None };
    if !sandbox.identity.orders.insert(id.clone(), order, now.plus(TRANSACTION_LIFE), now) {
        return HttpResponse::ServiceUnavailable().finish();
    }
    HttpResponse::Created()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(json!({"transaction": id, "expires_in": TRANSACTION_LIFE.as_secs()}))
}

/// `GET …/signing/transactions/{id}`, with the token of whoever signed in it.
pub(super) async fn fetch(sandbox: web::Data<Sandbox>, request: HttpRequest, id: web::Path<String>) -> HttpResponse {
    let now = sandbox.clock.now();
    let bearer = token_of(&request).and_then(|token| sandbox.identity.tokens.get(&token, now));
    let bearer = bearer.filter(|bearer| bearer.scope.split(' ').any(|scope| scope == SIGN));
    let Some(bearer) = bearer else { return unauthorized() };
    let order = sandbox.identity.orders.get(&id, now).filter(|order| order.party == bearer.party);
    let Some(done) = order.and_then(|order| order.done).filter(|done| done.person == bearer.person) else {
        return HttpResponse::NotFound().json(json!({"error": "not_found"}));
    };
    let mut chain = done.chain;
    match sandbox.certification.answers() {
        AnswerTrouble::Garbage => return HttpResponse::Ok().json(json!({"signature": 1})),
        AnswerTrouble::OtherCertificate => chain = another(&sandbox, done.person).unwrap_or_default(),
        _ => {}
    }
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(json!({
        "signature": STANDARD.encode(&done.signature),
        "certificates": chain.iter().map(|der| STANDARD.encode(der)).collect::<Vec<_>>(),
        "expires_in": TOKEN_LIFE.as_secs(),
    }))
}

/// The certificate of somebody else, whose own is good.
fn another(sandbox: &Sandbox, person: usize) -> Option<Vec<Vec<u8>>> {
    let is_good = |person: &&Person| {
        person.file.card.signing.as_ref().is_some_and(|signing| signing.state == SigningState::Active)
    };
    let found = sandbox.people.iter().enumerate().filter(|(place, _)| *place != person);
    let (place, found) = found.into_iter().find(|(_, found)| is_good(found))?;
    sandbox.certification.card(place, found).map(|made| made.chain.clone())
}

/// The claims of an id_token that speak of a signature.
pub(super) fn claims(sandbox: &Sandbox, id: &str) -> (Option<String>, Option<String>) {
    let order = sandbox.identity.orders.get(&id.to_owned(), sandbox.clock.now());
    let serial = order.and_then(|order| order.done).map(|done| done.serial);
    match sandbox.certification.answers() {
        AnswerTrouble::OtherTransaction => (Some("another-transaction".to_owned()), serial),
        AnswerTrouble::OtherSerial => (Some(id.to_owned()), Some("0BADC0DE".to_owned())),
        _ => (Some(id.to_owned()), serial),
    }
}

/// Whether a client left this to be signed, and nobody has.
pub(super) fn is_open(sandbox: &Sandbox, id: &str, party: usize) -> bool {
    let order = sandbox.identity.orders.get(&id.to_owned(), sandbox.clock.now());
    order.is_some_and(|order| order.party == party && order.done.is_none())
}

/// The holder of a card whose password for signing this is; each wrong one is counted before it is compared.
///
/// # Errors
/// [`BadPassword`].
pub(super) fn holder(sandbox: &Sandbox, number: &str, password: &str) -> Result<usize, BadPassword> {
    let (place, person) = sandbox.people.by_card(number).ok_or(BadPassword::Wrong(None))?;
    let signing = person.file.card.signing.as_ref().ok_or(BadPassword::None)?;
    let wrong = sandbox.identity.wrong_passwords.get(place).ok_or(BadPassword::None)?;
    let one_more = |count: u8| (count < MOST_WRONG_PASSWORDS).then_some(count + 1);
    let tried = wrong.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_more);
    let before = tried.ok().filter(|_| signing.state != SigningState::Locked).ok_or(BadPassword::Locked)?;
    // A card knows capital letters only.
    let given = half_width(password).to_ascii_uppercase();
    if bool::from(given.as_bytes().ct_eq(signing.password.as_bytes())) {
        wrong.store(0, Ordering::SeqCst);
        return Ok(place);
    }
    match MOST_WRONG_PASSWORDS - 1 - before {
        0 => Err(BadPassword::Locked),
        left => Err(BadPassword::Wrong(Some(left))),
    }
}

/// The card signs; false where there is no certificate, or it was signed already.
pub(super) fn sign(sandbox: &Sandbox, id: &str, place: usize) -> bool {
    let now = sandbox.clock.now();
    let made = sandbox.people.get(place).and_then(|person| sandbox.certification.card(place, person));
    let Some(order) = sandbox.identity.orders.take(&id.to_owned(), now).filter(|order| order.done.is_none()) else {
        return false;
    };
    let other = Digest::of("something else");
    let hash = match sandbox.certification.answers() {
        AnswerTrouble::OtherDigest => other.as_bytes().as_slice(),
        _ => order.hash.as_slice(),
    };
    let Some((made, signature)) = made.and_then(|made| Some((made, made.sign(hash)?))) else { return false };
    let done = Done { person: place, signature, chain: made.chain.clone(), serial: made.serial.clone() };
    let order = Order { done: Some(done), ..order };
    sandbox.identity.orders.insert(id.to_owned(), order, now.plus(TRANSACTION_LIFE), now)
}
