//! What goes over the wire: questions of the counter, and what it is told of its own accord.

use super::super::server::Sandbox;
use super::{Link, LinkState, MOST, PATH, PaymentMood, SHOP};
use crate::domain::Timestamp;
use crate::domain::payment::{BankType, PaymentWay, Taking};
use crate::domain::words::Words;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::DateTime;
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

const SIGNATURE: &str = "payment-signature";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    shop: String,
    link: String,
    jti: String,
    iat: i64,
    pay: Option<Pay>,
}

/// What is to be paid.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pay {
    pub institution_number: String,
    pub payment_number: String,
    pub confirmation_number: String,
    pub payment_category: Option<String>,
    pub payer_kana: Option<String>,
    pub payee: Words,
    pub title: Words,
    pub amount: u64,
    pub way: PaymentWay,
    pub bank_type: Option<BankType>,
    take_until: String,
    pub return_url: String,
    pub notify_url: String,
}

impl Pay {
    /// Until when money may be taken.
    pub fn take_until(&self) -> Timestamp {
        let at = DateTime::parse_from_rfc3339(&self.take_until).map_or(0, |at| at.timestamp_millis());
        Timestamp::from_millis(at)
    }
}

fn taking(one: &Taking) -> Value {
    json!({
        "reference": one.reference, "amount": one.amount, "way": one.way, "bank_type": one.bank,
        "taken_at": one.taken_at.rfc3339(),
    })
}

/// `POST /payment-service/links/{open,look,close}`.
pub(super) async fn asked(
    request: HttpRequest,
    call: web::Path<String>,
    body: web::Bytes,
    sandbox: web::Data<Sandbox>,
) -> HttpResponse {
    let desk = &sandbox.payments;
    if desk.mood() == PaymentMood::Down {
        return HttpResponse::InternalServerError().finish();
    }
    let signature = request.headers().get(SIGNATURE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Some(key) = desk.key() else { return HttpResponse::InternalServerError().finish() };
    let is_signed =
        desk.mood() == PaymentMood::Forged || key.is_signed("question", &[call.as_bytes(), &body], signature);
    let Some(question) = serde_json::from_slice::<Question>(&body).ok().filter(|_| is_signed) else {
        return HttpResponse::Forbidden().finish();
    };
    let now = sandbox.clock.now();
    if question.shop != SHOP || (now.seconds() - question.iat).abs() > 300 {
        return HttpResponse::Forbidden().finish();
    }
    let handle = sandbox.entropy.handle();
    let (id, jti) = (question.link.clone(), question.jti.clone());
    let Some(link) = moved(&sandbox, &call, question, handle) else { return HttpResponse::BadRequest().finish() };
    let origin =
        if desk.mood() == PaymentMood::Elsewhere { "https://elsewhere.example" } else { &sandbox.addresses.origin };
    let url = format!("{origin}{PATH}/pay/{}", link.handle);
    let answer = match &link.state {
        LinkState::Waiting => json!({"link": id, "state": "waiting", "url": url}),
        LinkState::Closed => json!({"link": id, "state": "closed"}),
        LinkState::Taken(one) => json!({"link": id, "state": "taken", "taking": taking(one)}),
    };
    let body = answer.to_string();
    let signature = key.sign("answer", &[jti.as_bytes(), body.as_bytes()]);
    HttpResponse::Ok().insert_header((SIGNATURE, signature)).content_type("application/json").body(body)
}

/// The attempt after a question. What was never opened is closed from now on, whatever comes later.
fn moved(sandbox: &Sandbox, call: &str, question: Question, handle: String) -> Option<Link> {
    let now = sandbox.clock.now();
    let mut links = sandbox.payments.links();
    if links.len() >= MOST && !links.contains_key(&question.link) {
        return None;
    }
    let link = match (call, question.pay) {
        ("open", Some(pay)) => {
            links.entry(question.link).or_insert(Link { pay: Some(pay), handle, state: LinkState::Waiting })
        }
        ("look" | "close", None) => {
            links.entry(question.link).or_insert(Link { pay: None, handle, state: LinkState::Closed })
        }
        _ => return None,
    };
    let is_over = link.pay.as_ref().is_none_or(|pay| now >= pay.take_until());
    if link.state == LinkState::Waiting && (call == "close" || is_over) {
        link.state = LinkState::Closed;
    }
    Some(link.clone())
}

/// Notifies the counter, again when it does not answer, each time anew.
pub(super) fn notify(sandbox: &web::Data<Sandbox>, id: &str, pay: &Pay, one: &Taking) {
    let times = match sandbox.payments.mood() {
        PaymentMood::Silent => return,
        PaymentMood::Twice => 2,
        _ => 1,
    };
    let (sandbox, id, url, told) = (sandbox.clone(), id.to_owned(), pay.notify_url.clone(), taking(one));
    tokio::spawn(async move {
        let (mut left, mut tries) = (times, 0);
        while left > 0 && tries < 5 {
            tries += 1;
            let body = json!({
                "shop": SHOP, "link": id, "jti": sandbox.entropy.short_handle(), "iat": sandbox.clock.now().seconds(),
                "taking": told,
            });
            let body = body.to_string();
            let Some(key) = sandbox.payments.key() else { return };
            let signature = key.sign("notification", &[body.as_bytes()]);
            let post = sandbox.inquiries.notices.post(&url).header(SIGNATURE, signature);
            let answer = post.header("content-type", "application/json").body(body).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                left -= 1;
            } else {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    });
}

/// Where the browser goes back to, signed.
pub(super) fn back(sandbox: &Sandbox, id: &str, pay: &Pay) -> Option<String> {
    let at = sandbox.clock.now().seconds().to_string();
    let signature = sandbox.payments.key()?.sign("return", &[id.as_bytes(), at.as_bytes()]);
    let mut url = url::Url::parse(&pay.return_url).ok()?;
    url.query_pairs_mut().append_pair("sent_at", &at).append_pair("signature", &signature);
    Some(url.into())
}
