//! What is sent to the account without a filing (電子送達): asked for by `POST /post-apply`, listed, given and ticked off.
//!
//! Whose application for it is completed is sent one document and one message without any; tests send more.

use super::answer::{Query, enter, page, refusal, result, time};
use super::{PATH, Shared, apply, document, inquiry};
use crate::domain::Timestamp;
use crate::sandbox::agencies::Moment;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::time::Duration;

/// For how long a document can be fetched.
const LIFE: Duration = Duration::from_hours(30 * 24);

/// Something that was sent.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub id: String,
    pub title: String,
    pub at: Timestamp,
    /// The last moment at which its document can be fetched; a message without a document when none.
    pub until: Option<Timestamp>,
    /// Which application it came of.
    pub of: Option<String>,
    pub done_at: Option<Timestamp>,
    pub times_done: u32,
}

pub(super) fn routes(config: &mut web::ServiceConfig) {
    let at = |path: &str| web::resource(format!("{PATH}{path}")).app_data(web::PayloadConfig::new(super::LARGEST_BODY));
    config
        .service(at("/post-apply").route(web::post().to(apply::post_apply)))
        .service(at("/post-apply/{id}").route(web::get().to(application)))
        .service(at("/post/lists").route(web::get().to(lists)))
        .service(at("/post").route(web::post().to(done)))
        .service(at("/post/{id}").route(web::get().to(fetch)));
}

fn missing() -> HttpResponse {
    refusal(StatusCode::NOT_FOUND, "該当する送達がありません。", &[])
}

/// `GET /post-apply/{arrive_id}`: how an application for it stands; each look moves it on.
async fn application(sandbox: Shared, number: web::Path<String>, request: HttpRequest) -> HttpResponse {
    let answer = inquiry::detail(sandbox.clone(), number, request.clone()).await;
    let number = request.match_info().get("id").unwrap_or_default();
    let is_completed = sandbox.agencies.peek(super::NAME, number).is_some_and(|one| one.state.as_str() == "completed");
    let mut inside = sandbox.egov.lock();
    if is_completed && !inside.sent.iter().any(|one| one.of.as_deref() == Some(number)) {
        let at = sandbox.clock.now();
        for (title, until) in [
            ("保険料納入告知額・領収済額通知書（見本）", Some(at.plus(LIFE))),
            ("電子送達の開始のお知らせ（見本）", None),
        ] {
            let id = format!("{:020}", inside.sent.len() + 1);
            let of = Some(number.to_owned());
            inside.sent.push(Sent { id, title: title.to_owned(), at, until, of, done_at: None, times_done: 0 });
        }
    }
    answer
}

fn told(one: &Sent) -> Value {
    let document = one.until.map(|until| {
        json!({
            "post_id": one.id, "notice_data_name": one.title, "notice_issue_date": time(one.at),
            "download_expired_date": until.date_in_japan().to_string(), "download_date": one.done_at.map(time),
            "sign": "あり",
        })
    });
    json!({
        "ministry_message_id": one.id, "type": "電子送達", "title": one.title,
        "message_sentence": "見本です。効力はありません。", "issuer_organization": "例示事務センター",
        "issue_date": time(one.at), "received_account": "mihon@mihon.example",
        "notice_data_list": document.into_iter().collect::<Vec<_>>(),
    })
}

/// `GET /post/lists`.
async fn lists(sandbox: Shared, request: HttpRequest) -> HttpResponse {
    let query = match enter(&sandbox, &request).and_then(|()| Query::read(&request, 50)) {
        Ok(query) => query,
        Err(refused) => return *refused,
    };
    let all: Vec<Value> = sandbox.egov.lock().sent.iter().map(told).collect();
    page(&request, ("post_list", &all), &query)
}

fn find(sandbox: &Shared, id: &str) -> Option<Sent> {
    let found = sandbox.egov.lock().sent.iter().find(|one| one.id == id).cloned();
    found.filter(|one| one.until.is_some_and(|until| sandbox.clock.now() < until))
}

/// `GET /post/{post_id}`.
async fn fetch(sandbox: Shared, id: web::Path<String>, request: HttpRequest) -> HttpResponse {
    if let Err(refused) = enter(&sandbox, &request) {
        return *refused;
    }
    sandbox.agencies.pass(Moment::Fetched).await;
    let Some(one) = find(&sandbox, &id) else { return missing() };
    let Some(bytes) = document::sealed(&sandbox, (&one.title, &one.id), one.at) else { return missing() };
    let names: Vec<Value> = document::FILES.iter().map(|name| json!({"file_name": name})).collect();
    let results = json!({"notice_data_name": one.title, "file_data": STANDARD.encode(bytes), "file_name_list": names});
    result(&request, "電子送達取得", &results)
}

/// `POST /post`: it was fetched.
async fn done(sandbox: Shared, request: HttpRequest, body: web::Json<Value>) -> HttpResponse {
    if let Err(refused) = enter(&sandbox, &request) {
        return *refused;
    }
    sandbox.agencies.pass(Moment::Confirming).await;
    let id = body.get("post_id").and_then(Value::as_str).unwrap_or_default();
    let Some(one) = find(&sandbox, id) else { return missing() };
    let now = sandbox.clock.now();
    if let Some(one) = sandbox.egov.lock().sent.iter_mut().find(|one| one.id == id) {
        one.done_at.get_or_insert(now);
        one.times_done += 1;
    }
    sandbox.agencies.pass(Moment::Confirmed).await;
    let results = json!({"post_id": id, "notice_data_name": one.title, "download_date": time(now)});
    result(&request, "電子送達取得完了", &results)
}
