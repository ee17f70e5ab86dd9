//! The pretend system that discloses records of exchanges (情報提供等記録開示システム): who asked whom for what about a person, as
//! the file that bodies keep: eighteen columns of fixed width in Shift_JIS, 220 bytes and CRLF each.
//!
//! How it flows: `POST /records/provision-records` is signed by a gateway and names the person by an assertion (RFC 7523), as at
//! [`if001`](super::if001), and the days; the answer is the file, in the order in which it was written.
//!
//! How to add one more: an `[[exchange]]` in `records.toml`; while it runs, [`Records::add`].
//!
//! What it must never do: leave out what is withheld: whether it is shown is the asker's to decide.

use super::asserted::asserted;
use super::oauth_error::OauthError;
use super::server::Sandbox;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, web};
use encoding_rs::SHIFT_JIS;
use serde::Deserialize;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::sync::{PoisonError, RwLock};

/// Where it is under the sandbox's address.
pub const PATH: &str = "/records";
/// What is there at the start.
const RECORDS: &str = include_str!("records.toml");

/// One exchange, as it is written into the file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Exchange {
    /// The person's name in files.
    pub person: String,
    /// `YYYYMMDDhhmmssSSS`.
    pub at: String,
    /// The non-disclosure code; `0` when empty.
    pub withheld: String,
    /// Who asked.
    pub inquirer: String,
    /// Its department.
    pub department: String,
    /// Its official.
    pub official: String,
    /// Under which work.
    pub work: String,
    /// Under which procedure.
    pub procedure: String,
    /// For whom.
    pub delegator: String,
    /// Who provided.
    pub provider: String,
    /// What.
    pub data_set: String,
    /// 照会条件区分 and 照会年度区分, a character each.
    pub condition: String,
    /// From which day.
    pub from: String,
    /// To which day.
    pub to: String,
}

#[derive(Deserialize)]
struct Written {
    exchange: Vec<Exchange>,
}

/// How it feels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Well.
    Well,
    /// Away for maintenance: 503.
    Away,
    /// Its file breaks off.
    Garbled,
}

/// The records, and how they are asked for.
pub struct Records {
    exchanges: RwLock<Vec<Exchange>>,
    mood: AtomicU8,
    asked: AtomicU32,
}

/// The call.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource(format!("{PATH}/provision-records")).route(web::post().to(list)));
}

impl Records {
    /// What is written at the start.
    ///
    /// # Errors
    /// What is wrong with `records.toml`.
    pub(super) fn new() -> Result<Self, String> {
        let written: Written = toml::from_str(RECORDS).map_err(|error| format!("records.toml: {error}"))?;
        Ok(Self { exchanges: RwLock::new(written.exchange), mood: AtomicU8::new(0), asked: AtomicU32::new(0) })
    }

    /// Writes one more.
    pub fn add(&self, exchange: Exchange) {
        self.exchanges.write().unwrap_or_else(PoisonError::into_inner).push(exchange);
    }

    /// From now on it feels like this.
    pub fn feel(&self, mood: Mood) {
        self.mood.store(mood as u8, Ordering::SeqCst);
    }

    /// How often it was asked.
    #[must_use]
    pub fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }

    fn file(&self, person: &str, (from, to): (&str, &str)) -> Vec<u8> {
        let exchanges = self.exchanges.read().unwrap_or_else(PoisonError::into_inner);
        let is_asked = |one: &&Exchange| {
            let day = one.at.get(..8).unwrap_or_default();
            one.person == person && from <= day && day <= to
        };
        exchanges.iter().filter(is_asked).flat_map(row).collect()
    }
}

/// A row of the file. What is too long for its column is cut, as such files are.
fn row(one: &Exchange) -> Vec<u8> {
    let mut kinds = one.condition.chars().map(String::from);
    let (kind, year) = (kinds.next().unwrap_or_default(), kinds.next().unwrap_or_default());
    let withheld = if one.withheld.is_empty() { "0" } else { &one.withheld };
    let columns: [(&str, usize); 18] = [
        ("01", 2),
        ("000000000012345", 15),
        ("000000000067890", 15),
        (&one.at, 17),
        (&one.department, 20),
        (&one.official, 20),
        (&one.inquirer, 16),
        (withheld, 1),
        (&one.work, 16),
        (&one.procedure, 16),
        (&one.delegator, 16),
        ("", 16),
        (&one.provider, 16),
        (&one.data_set, 16),
        (&kind, 1),
        (&year, 1),
        (&one.from, 8),
        (&one.to, 8),
    ];
    let mut bytes = Vec::new();
    for (text, width) in columns {
        let mut column = SHIFT_JIS.encode(text).0.into_owned();
        column.resize(width, b' ');
        bytes.extend(column);
    }
    bytes.extend_from_slice(b"\r\n");
    bytes
}

async fn list(sandbox: web::Data<Sandbox>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let records = &sandbox.records;
    records.asked.fetch_add(1, Ordering::SeqCst);
    let mood = records.mood.load(Ordering::SeqCst);
    if mood == Mood::Away as u8 {
        return HttpResponse::ServiceUnavailable().insert_header((RETRY_AFTER, "17")).finish();
    }
    match answer(&sandbox, &request, &body) {
        Ok(mut file) => {
            if mood == Mood::Garbled as u8 {
                file.truncate(file.len().saturating_sub(7));
            }
            HttpResponse::Ok()
                .insert_header((CONTENT_TYPE, "text/plain; charset=Shift_JIS"))
                .insert_header((CACHE_CONTROL, "no-store"))
                .body(file)
        }
        Err(error) => error.answer(),
    }
}

fn answer(sandbox: &Sandbox, request: &HttpRequest, body: &[u8]) -> Result<Vec<u8>, OauthError> {
    let (form, person) = asserted(sandbox, ("records", PATH), (request, body))?;
    let day = |name: &str| -> Result<String, OauthError> {
        let text = form.need(name).map_err(OauthError::request)?;
        let is_day = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
        is_day.then(|| text.to_owned()).ok_or_else(|| OauthError::request(format!("{name} must be YYYYMMDD")))
    };
    Ok(sandbox.records.file(&person.file.id, (&day("from")?, &day("to")?)))
}
