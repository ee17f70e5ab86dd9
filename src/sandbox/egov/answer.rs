//! The envelope around every answer, and the checks before it.

use super::Shared;
use crate::domain::{Digest, Timestamp};
use crate::sandbox::agencies::Mood;
use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

/// Where the documentation of an error would be.
const TYPE: &str = "https://developer.e-gov.example/error";

/// A result in its envelope.
pub(super) fn result(request: &HttpRequest, title: &str, results: &Value) -> HttpResponse {
    HttpResponse::Ok().json(json!({
        "metadata": {"title": title, "detail": "", "type": TYPE, "instance": request.path()},
        "results": results, "_links": {"self": request.path()},
    }))
}

/// A page of a list.
pub(super) fn page(request: &HttpRequest, (name, all): (&str, &[Value]), query: &Query) -> HttpResponse {
    let from = (query.offset - 1).saturating_mul(query.limit);
    let items: Vec<&Value> = all.iter().skip(from).take(query.limit).collect();
    HttpResponse::Ok().json(json!({
        "metadata": {"title": name, "detail": "", "type": TYPE, "instance": request.path()},
        "resultset": {"all_count": all.len(), "limit": query.limit, "offset": query.offset, "count": items.len()},
        "results": {name: items}, "_links": {"self": request.path()},
    }))
}

/// A refusal on its way out.
pub(super) type Refused = Box<HttpResponse>;

/// A refusal.
pub(super) fn refusal(status: StatusCode, title: &str, reports: &[Value]) -> HttpResponse {
    let mut body = json!({"title": title, "detail": title, "type": TYPE, "instance": PATH_OF_ERRORS});
    if !reports.is_empty()
        && let Some(members) = body.as_object_mut()
    {
        members.insert("report_list".to_owned(), json!(reports));
    }
    HttpResponse::build(status).json(body)
}

const PATH_OF_ERRORS: &str = "/shinsei/v2";

/// One line of an error report.
pub(super) fn report(file: &str, item: &str, content: &str) -> Value {
    json!({"form_name": "-", "attached_file_name": "-", "file_name": file, "item": item, "content": content})
}

/// The page that is asked for, within what e-Gov allows.
pub(super) struct Query {
    pub limit: usize,
    pub offset: usize,
    pub send_number: Option<String>,
}

impl Query {
    pub fn read(request: &HttpRequest, most: usize) -> Result<Self, Refused> {
        let bad =
            |name: &str| Box::new(refusal(StatusCode::BAD_REQUEST, &format!("{name}の値が正しくありません。"), &[]));
        let mut read = Self { limit: most, offset: 1, send_number: None };
        let mut days = 0;
        for (name, value) in url::form_urlencoded::parse(request.query_string().as_bytes()) {
            let number = value.parse::<usize>().ok();
            match &*name {
                "limit" => read.limit = number.filter(|n| (1..=most).contains(n)).ok_or_else(|| bad("limit"))?,
                "offset" => read.offset = number.filter(|n| (1..=9999).contains(n)).ok_or_else(|| bad("offset"))?,
                "send_number" if value.len() == 18 => read.send_number = Some(value.into_owned()),
                "date_from" | "date_to" if value.parse::<chrono::NaiveDate>().is_ok() => days += 1,
                _ => return Err(bad(&name)),
            }
        }
        // By a number, or by both ends of a time.
        if (read.send_number.is_some() && days == 0) || (read.send_number.is_none() && days == 2) {
            Ok(read)
        } else {
            Err(bad("date_from"))
        }
    }
}

/// Lets a caller in: a token of the account service, and e-Gov not away.
pub(super) fn enter(sandbox: &Shared, request: &HttpRequest) -> Result<(), Refused> {
    let header = request.headers().get(AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let token = header.strip_prefix("Bearer ").unwrap_or_default();
    let now: Timestamp = sandbox.clock.now();
    if sandbox.egov.tokens.get(&Digest::of(token), now).is_none() {
        let body = json!({"error": "invalid_token", "error_description": "token"});
        return Err(Box::new(HttpResponse::Unauthorized().json(body)));
    }
    if sandbox.agencies.mood(None) == Mood::Down {
        return Err(Box::new(HttpResponse::ServiceUnavailable().insert_header(("retry-after", 1)).finish()));
    }
    Ok(())
}

/// `YYYY-MM-DD HH:MM:SS` in Japan.
pub(super) fn time(at: Timestamp) -> String {
    at.rfc3339().get(..19).unwrap_or_default().replace('T', " ")
}
