//! A company's cloud, where made-up ledgers stay that were filed by cloud (クラウド提出).
//!
//! How it flows: `GET /cloud/ledgers/{bytes}.csv` is a ledger of that size, in ranges, for whoever shows a counter's token for
//! these very bytes; `…/manifest` has its digests, which a company files; `POST /cloud/mood` makes the cloud slow, wrong or
//! gone. A real cloud would check the token's signature with the counter's published keys, too.
//!
//! How to add one more mood: a variant of [`CloudMood`] and the place where it bites.

use super::server::Sandbox;
use actix_web::http::header::{ACCEPT_RANGES, AUTHORIZATION, CONTENT_RANGE, CONTENT_TYPE, HeaderMap, LOCATION, RANGE};
use actix_web::{HttpRequest, HttpResponse, web};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use futures_util::stream;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::ops::RangeInclusive;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Path of the cloud under the sandbox's address.
pub const PATH: &str = "/cloud";
/// The largest ledger that it has.
const LARGEST: usize = 16 * 1024 * 1024;
/// Bytes of a piece, as the counter counts them.
const PIECE: usize = 1024 * 1024;
/// Bytes of a row.
const ROW: usize = 32;
/// How long a slow cloud takes: longer than anybody waits.
const SLOW: Duration = Duration::from_secs(20);

/// How the cloud feels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloudMood {
    /// It gives what it is asked for.
    #[default]
    Well,
    /// It answers after everybody has gone.
    Slow,
    /// It answers and then stops in the middle.
    Breaks,
    /// It has nothing there any more.
    Gone,
    /// It is not itself.
    Down,
    /// It leads elsewhere.
    Redirects,
    /// It gives all, whatever it is asked for.
    IgnoresRange,
    /// It gives other bytes than it says.
    Lies,
    /// It gives more than it was asked for.
    Floods,
    /// What is there was changed.
    Changed,
    /// What is there was changed after the first mebibyte.
    ChangedLater,
}

/// The cloud's state.
#[derive(Default)]
pub struct Cloud {
    mood: Mutex<CloudMood>,
    shown: Mutex<Vec<String>>,
}

impl Cloud {
    /// From now on it feels like this.
    pub fn set_mood(&self, mood: CloudMood) {
        *self.mood.lock().unwrap_or_else(PoisonError::into_inner) = mood;
    }

    fn mood(&self) -> CloudMood {
        *self.mood.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The tokens that it was shown, in order.
    #[must_use]
    pub fn shown(&self) -> Vec<String> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The cloud's addresses.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/cloud/mood").route(web::post().to(feel)))
        .service(web::resource("/cloud/ledgers/{name}/manifest").route(web::get().to(manifest)))
        .service(web::resource("/cloud/ledgers/{name}").route(web::get().to(ledger)));
}

#[derive(Deserialize)]
struct Feeling {
    mood: CloudMood,
}

async fn feel(sandbox: web::Data<Sandbox>, body: web::Json<Feeling>) -> HttpResponse {
    sandbox.cloud.set_mood(body.mood);
    HttpResponse::Ok().json(json!({"mood": body.mood}))
}

fn size_of(name: &str) -> Option<usize> {
    name.strip_suffix(".csv")?.parse().ok().filter(|size| (1..=LARGEST).contains(size))
}

/// Some bytes of a ledger of made-up wages: rows of one length.
fn bytes(range: RangeInclusive<usize>) -> Vec<u8> {
    let (first, last) = range.into_inner();
    let rows =
        (first / ROW..=last / ROW).flat_map(|row| format!("{row:010},sample,{:012}\r\n", row * 1000).into_bytes());
    rows.skip(first % ROW).take(last + 1 - first).collect()
}

fn sha256(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, bytes))
}

async fn manifest(name: web::Path<String>) -> HttpResponse {
    let Some(size) = size_of(&name) else { return HttpResponse::NotFound().finish() };
    let all = bytes(0..=size - 1);
    let pieces: Vec<String> = all.chunks(PIECE).map(sha256).collect();
    HttpResponse::Ok().json(json!({"size": size, "sha256": sha256(&all), "pieces": pieces, "media_type": "text/csv"}))
}

async fn ledger(sandbox: web::Data<Sandbox>, request: HttpRequest, name: web::Path<String>) -> HttpResponse {
    let Some(size) = size_of(&name) else { return HttpResponse::NotFound().finish() };
    let Some((first, last)) = asked(request.headers(), size) else { return HttpResponse::BadRequest().finish() };
    let token = text(request.headers(), AUTHORIZATION.as_str()).and_then(|text| text.strip_prefix("Bearer "));
    let Some(token) = token.filter(|token| is_for(&sandbox, token, (first, last), &request)) else {
        return HttpResponse::Unauthorized().finish();
    };
    sandbox.cloud.shown.lock().unwrap_or_else(PoisonError::into_inner).push(token.to_owned());
    let mood = sandbox.cloud.mood();
    match mood {
        CloudMood::Slow => tokio::time::sleep(SLOW).await,
        CloudMood::Gone => return HttpResponse::NotFound().finish(),
        CloudMood::Down => return HttpResponse::ServiceUnavailable().finish(),
        CloudMood::Redirects => {
            let elsewhere = (LOCATION, "http://169.254.169.254/latest/meta-data");
            return HttpResponse::TemporaryRedirect().insert_header(elsewhere).finish();
        }
        CloudMood::IgnoresRange => return HttpResponse::Ok().body(bytes(0..=size - 1)),
        _ => {}
    }
    let mut given = bytes(first..=last);
    if mood == CloudMood::Changed || (mood == CloudMood::ChangedLater && first >= PIECE) {
        given.iter_mut().take(1).for_each(|byte| *byte ^= 1);
    }
    let told = if mood == CloudMood::Lies { (first + 1, last + 1) } else { (first, last) };
    if mood == CloudMood::Floods {
        given.extend(std::iter::repeat_n(b'x', PIECE));
    }
    let mut answer = HttpResponse::PartialContent();
    answer.insert_header((CONTENT_RANGE, format!("bytes {}-{}/{size}", told.0, told.1)));
    answer.insert_header((ACCEPT_RANGES, "bytes")).insert_header((CONTENT_TYPE, "text/csv"));
    if mood == CloudMood::Breaks {
        given.truncate(given.len() / 2);
        let half: [Result<Bytes, std::io::Error>; 2] =
            [Ok(Bytes::from(given)), Err(std::io::Error::other("the cloud stops in the middle"))];
        return answer.streaming(stream::iter(half));
    }
    answer.body(given)
}

/// The range that is asked for: one, from first to last.
fn asked(headers: &HeaderMap, size: usize) -> Option<(usize, usize)> {
    let (first, last) = text(headers, RANGE.as_str())?.strip_prefix("bytes=")?.split_once('-')?;
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last && last < size).then_some((first, last))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Whether a token is for this cloud, this address and these bytes, and not over.
fn is_for(sandbox: &Sandbox, token: &str, (first, last): (usize, usize), request: &HttpRequest) -> bool {
    let claims = token.split('.').nth(1).and_then(|claims| URL_SAFE_NO_PAD.decode(claims).ok());
    let claims: Option<Value> = claims.and_then(|claims| serde_json::from_slice(&claims).ok());
    let Some(claims) = claims else { return false };
    let told = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let origin = &sandbox.addresses.origin;
    told("aud") == *origin
        && told("htu") == format!("{origin}{}", request.uri().path())
        && told("range") == format!("bytes={first}-{last}")
        && claims.get("exp").and_then(Value::as_i64).is_some_and(|end| sandbox.clock.now().seconds() < end)
}
