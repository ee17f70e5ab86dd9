//! `GET /v1/events`: what changed, on one cursor, as a page or as a stream.

use super::{accept, admit, limited};
use crate::domain::Timestamp;
use crate::gateway::{Gateway, Operation, Permit};
use crate::http::problem::Problem;
use crate::services::submissions::{EventPage, EventView, Filings, MOST_LISTED, place};
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{Error, HttpRequest, HttpResponse, web};
use bytes::Bytes;
use futures_util::stream;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

const JSON: &str = "application/json";
/// Server-sent events (HTML §9.2).
const STREAM: &str = "text/event-stream";
/// How often a stream looks for news.
const LOOK: Duration = Duration::from_secs(1);
/// After how many empty looks a stream says that it lives, so that nobody in between closes it.
const QUIET: u32 = 15;
/// After how many looks a stream ends: its reader comes back with a proof of its own.
const LOOKS: u32 = 60;

/// What changed in this client's filings, in order and without gaps: go on with `next`.
///
/// With `Accept: text/event-stream` the answer is a stream of server-sent events that ends after a minute, or with the
/// token; come back with `Last-Event-ID`.
#[utoipa::path(
    get, path = "/v1/events", operation_id = "list_events", tag = "submissions",
    params(
        ("after" = Option<u64>, Query, description = "`next` of the page before; from the first event when not given.", example = 0),
        ("limit" = Option<u32>, Query, description = "How many, 1 to 100.", example = 50),
        ("Last-Event-ID" = Option<u64>, Header, description = "For a stream: the last event that was read.", example = 42),
    ),
    responses((status = 200, description = "The events.", content((EventPage = "application/json"), (String = "text/event-stream")))),
    security(("dpop" = ["submissions"]), ("dpop" = ["agency_payments"]), ("dpop" = ["agency_deposits"]), ("dpop" = ["agency_applications"]), ("dpop" = ["notices"]))
)]
pub async fn list(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    filings: web::Data<Filings>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_EVENTS).await?;
    if accept::best(request.headers(), [JSON, STREAM])? == JSON {
        let page = filings.events(&permit, request.query_string()).await?;
        return Ok(limited(HttpResponse::Ok().json(page), &permit));
    }
    let last = request.headers().get("last-event-id").and_then(|value| value.to_str().ok());
    let after = place(request.query_string(), last)?;
    let permit = Arc::new(permit);
    let reader = Reader { filings, permit: Arc::clone(&permit), after, looks: 0, quiet: 0 };
    let mut response = HttpResponse::Ok();
    response.content_type(STREAM).insert_header((CACHE_CONTROL, "no-store"));
    Ok(limited(response.streaming(stream::unfold(reader, next)), &permit))
}

struct Reader {
    filings: web::Data<Filings>,
    permit: Arc<Permit>,
    after: u64,
    looks: u32,
    quiet: u32,
}

/// The next piece of a stream; none when it ends.
async fn next(mut reader: Reader) -> Option<(Result<Bytes, Error>, Reader)> {
    loop {
        if reader.looks >= LOOKS || reader.filings.now() >= reader.ends_at() {
            return None;
        }
        if reader.looks > 0 {
            tokio::time::sleep(LOOK).await;
        }
        reader.looks += 1;
        // A stream cannot say that something broke: it ends, and its reader asks anew.
        let page = reader.filings.events_after(&reader.permit, reader.after, MOST_LISTED).await.ok()?;
        reader.after = page.next;
        if !page.events.is_empty() {
            reader.quiet = 0;
            return Some((Ok(written(&page.events)), reader));
        }
        reader.quiet += 1;
        if reader.quiet >= QUIET || reader.looks == 1 {
            reader.quiet = 0;
            return Some((Ok(Bytes::from_static(b": nothing new\n\n")), reader));
        }
    }
}

impl Reader {
    fn ends_at(&self) -> Timestamp {
        self.permit.token_ends_at()
    }
}

/// Events as the HTML standard writes them (§9.2.6).
fn written(events: &[EventView]) -> Bytes {
    let mut text = String::new();
    for event in events {
        let data = serde_json::to_string(event).unwrap_or_default();
        let _ = write!(text, "id: {}\nevent: submission\ndata: {data}\n\n", event.id);
    }
    Bytes::from(text)
}
