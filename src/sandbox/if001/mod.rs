//! IF001, the self-information interface (自己情報取得API), served: token, request, result, call-back.
//!
//! How it flows:
//! 1. `POST /if001/oauth/token` ([`token`], IF001-03): the gateway proves itself and names the person by a signed
//!    assertion; it gets a token for five minutes.
//! 2. `POST /if001/request` ([`request`], IF001-04): one data set and a condition become a process.
//! 3. `POST /if001/result` ([`result`], IF001-06): pending, nothing, an error, or the items.
//! 4. Call-back ([`callback`], IF001-05): "the data is there", to the address given at 2, unless it was fetched already.
//!
//! The real interface exchanges an authorization code of the portal's own screen at step 1. Here the portal's screen
//! is the gateway's consent page, so the person is named by an assertion (RFC 7523 §2.1); that is decided here.
//!
//! How to add one more call: a file with one handler, one line in [`routes`].
//!
//! What it must never do: wait inside a handler, or copy a person's data: answers are put together from text that was
//! rendered at start.

pub(super) mod callback;
pub(super) mod request;
pub(super) mod result;
pub(super) mod token;
mod wire;

use super::expiring::Expiring;
use super::inquiry::Condition;
use super::scenario::Scenario;
use super::server::Sandbox;
use crate::domain::Timestamp;
use crate::domain::data_set::DataSetCode;
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, web};
use std::time::Duration;

/// How long a token lives.
const TOKEN_LIFE: Duration = Duration::from_mins(5);
/// How long a process can be asked for.
const PROCESS_LIFE: Duration = Duration::from_mins(5);
/// How long it can still be asked for after its end was told: time enough to repeat a lost answer.
const FETCHED_LIFE: Duration = Duration::from_secs(20);

/// What IF001 remembers.
pub(super) struct Inquiries {
    tokens: Expiring<String, Session>,
    processes: Expiring<u128, Process>,
    pub(super) notices: reqwest::Client,
    pub(super) runtime: tokio::runtime::Handle,
}

/// Whom a token speaks for, and about.
#[derive(Clone, Copy)]
struct Session {
    party: usize,
    person: usize,
}

/// One request under way.
#[derive(Clone, Copy)]
struct Process {
    session: Session,
    data_set: DataSetCode,
    condition: Condition,
    scenario: Option<Scenario>,
    started: Timestamp,
    ready: Timestamp,
}

impl Inquiries {
    pub(super) fn new(notices: reqwest::Client, runtime: tokio::runtime::Handle) -> Self {
        Self { tokens: Expiring::new(100_000), processes: Expiring::new(400_000), notices, runtime }
    }

    pub(super) fn sweep(&self, now: Timestamp) {
        self.tokens.sweep(now);
        self.processes.sweep(now);
    }
}

/// The three calls.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/if001/oauth/token").route(web::post().to(token::token)))
        .service(web::resource("/if001/request").route(web::post().to(request::request)))
        .service(web::resource("/if001/result").route(web::post().to(result::result)));
}

/// The session of the call's bearer token.
fn session(sandbox: &Sandbox, request: &HttpRequest, now: Timestamp) -> Option<Session> {
    let value = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    sandbox.inquiries.tokens.get(&token.to_owned(), now)
}

/// The scenario of the header, refused when it is unknown or not allowed here.
fn asked_scenario(sandbox: &Sandbox, request: &HttpRequest) -> Result<Option<Scenario>, String> {
    let Some(value) = request.headers().get("x-sandbox-scenario") else { return Ok(None) };
    let scenario = value.to_str().ok().and_then(Scenario::parse);
    if let Some(scenario) = scenario.filter(|wanted| sandbox.scenarios.contains(wanted)) {
        Ok(Some(scenario))
    } else {
        let names: Vec<&str> = sandbox.scenarios.iter().map(|s| s.name()).collect();
        Err(format!("X-Sandbox-Scenario must be one of: {}", names.join(", ")))
    }
}

/// JSON that nobody may keep.
fn json(status: StatusCode, body: String) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((CONTENT_TYPE, "application/json; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(body)
}

/// Errors of the interface answer 200 and are told by `resultCode`, as the portal's own calls do.
fn told(body: String) -> HttpResponse {
    json(StatusCode::OK, body)
}

/// What is no call of this interface at all.
fn not_understood(message: &str) -> HttpResponse {
    json(StatusCode::BAD_REQUEST, wire::error(wire::OTHER, message))
}

/// `error_500`: a fault before any of the interface's own code, so no JSON.
fn broken() -> HttpResponse {
    HttpResponse::InternalServerError().content_type("text/html; charset=utf-8").body("<h1>500</h1>")
}
