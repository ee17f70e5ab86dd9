//! The three calls.

use super::ledger::{Asked, Moment, Mood};
use super::pension::{self, RowError};
use super::registry::{self, Registration};
use super::{AGENCIES, FORMS, FOUNDING, PENSION_OFFICE, REGISTRY, procedures_of};
use crate::domain::submission::{Finding, SubmissionState};
use crate::domain::words::Words;
use crate::sandbox::server::Sandbox;
use actix_web::{HttpRequest, HttpResponse, web};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Larger applications are refused with 413.
const LARGEST_BODY: usize = 64 * 1024 * 1024;

#[derive(Deserialize)]
struct Application {
    reference: String,
    act: String,
    procedure: String,
    arrival_number: Option<String>,
    content: Option<Value>,
    /// In place of a content: files, at the pension office.
    #[serde(default)]
    files: Vec<SentFile>,
    sandbox_scenario: Option<String>,
}

#[derive(Deserialize)]
struct SentFile {
    file_name: String,
    media_number: String,
    file_data: String,
}

/// The agencies' addresses.
pub(in crate::sandbox) fn routes(config: &mut web::ServiceConfig) {
    let all = web::resource("/agencies/{name}/applications").app_data(web::PayloadConfig::new(LARGEST_BODY));
    config
        .service(all.route(web::post().to(hand_in)).route(web::get().to(look_up)))
        .service(web::resource("/agencies/{name}/applications/{number}").route(web::get().to(look)))
        .service(web::resource("/agencies/{name}/applications/{number}/outcome").route(web::get().to(outcome)));
}

fn repeats(name: &str) -> Option<&'static str> {
    if name == PENSION_OFFICE {
        return Some("by_key");
    }
    AGENCIES.iter().chain(&FOUNDING).find(|(known, _)| *known == name).map(|(_, repeats)| *repeats)
}

async fn hand_in(
    sandbox: web::Data<Sandbox>,
    name: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let Some(repeats) = repeats(&name) else { return HttpResponse::NotFound().finish() };
    let Ok(asked) = serde_json::from_slice::<Application>(&body) else {
        return refused("S001", "", "申請の形式が正しくありません。");
    };
    let agencies = &sandbox.agencies;
    agencies.pass(Moment::Received).await;
    let key = request.headers().get("idempotency-key").and_then(|v| v.to_str().ok()).map(|k| k.trim_matches('"'));
    let known = key.filter(|_| repeats == "by_key").and_then(|key| agencies.known(&name, key));
    let wanted = asked.content.as_ref().and_then(|c| c.get("sandbox_scenario")).and_then(Value::as_str);
    let wanted = wanted.or(asked.sandbox_scenario.as_deref());
    let mood = agencies.mood_at(&name, wanted.and_then(Mood::parse));
    match mood {
        Mood::Down => return HttpResponse::ServiceUnavailable().insert_header(("retry-after", 1)).finish(),
        Mood::Broken => return HttpResponse::BadGateway().finish(),
        Mood::Reject => return refused("S010", "/employees/0/name", "氏名の文字が登録できません。"),
        _ if *name == PENSION_OFFICE => {
            if let Err(errors) = read_files(&sandbox, &asked) {
                return HttpResponse::UnprocessableEntity().json(json!({"errors": errors}));
            }
        }
        _ if !procedures_of(&name).contains(&asked.procedure.as_str()) => {
            return refused("S002", "", "取り扱っていない手続です。");
        }
        _ => {}
    }
    let number = known.or_else(|| {
        let arrival = asked.arrival_number.as_deref();
        agencies.take(&name, &Asked { reference: &asked.reference, act: &asked.act, arrival }, mood)
    });
    let Some(number) = number else { return refused("S003", "", "該当する申請がありません。") };
    if asked.procedure == registry::PROCEDURE
        && let Some(applied) = Registration::of(asked.content.as_ref(), sandbox.clock.now())
    {
        agencies.note_registration(&number, applied);
    }
    agencies.pass(Moment::Done).await;
    if mood == Mood::LoseReply {
        return HttpResponse::BadGateway().finish();
    }
    HttpResponse::Created().json(json!({"arrival_number": number, "findings": []}))
}

/// Every file of a filing; a withdrawal has none.
fn read_files(sandbox: &Sandbox, asked: &Application) -> Result<(), Vec<RowError>> {
    let error = |file: usize, rule: &str, ja: &str, en: &str| {
        let words = Words { ja: ja.to_owned(), en: en.to_owned() };
        vec![RowError { file, row: 0, column: 0, rule: rule.to_owned(), words }]
    };
    let is_withdrawal = asked.act == "withdraw";
    if asked.files.is_empty() != is_withdrawal || !FORMS.contains(&asked.procedure.as_str()) {
        return Err(error(0, "N000", "届書ファイルがありません。", "There is no file of a form that is taken here."));
    }
    for (number, file) in (1..).zip(&asked.files) {
        let bytes = STANDARD.decode(&file.file_data).ok().filter(|_| file.file_name == "SHFD0006.CSV");
        let Some(bytes) = bytes else {
            return Err(error(
                number,
                "N006",
                "ファイル名または符号化が正しくありません。",
                "Name or coding is wrong.",
            ));
        };
        let read = pension::read(&sandbox.procedures, &asked.procedure, (number, &bytes))?;
        if format!("{:03}", read.media_number) != file.media_number {
            return Err(error(number, "N007", "媒体通番が一致しません。", "It has another medium's number."));
        }
    }
    Ok(())
}

async fn look_up(
    sandbox: web::Data<Sandbox>,
    name: web::Path<String>,
    query: web::Query<BTreeMap<String, String>>,
) -> HttpResponse {
    if repeats(&name).is_none_or(|repeats| repeats == "never") {
        return HttpResponse::NotFound().finish();
    }
    sandbox.agencies.pass(Moment::Asked).await;
    let known = query.get("reference").and_then(|reference| sandbox.agencies.known(&name, reference));
    let times = if sandbox.agencies.mood_at(&name, None) == Mood::Twice { 2 } else { 1 };
    let item = |number: String| vec![json!({"arrival_number": number}); times];
    let items: Vec<Value> = known.into_iter().flat_map(item).collect();
    HttpResponse::Ok().json(json!({"items": items}))
}

async fn look(sandbox: web::Data<Sandbox>, path: web::Path<(String, String)>) -> HttpResponse {
    let (name, number) = path.into_inner();
    sandbox.agencies.pass(Moment::Asked).await;
    let Some(one) = sandbox.agencies.look(&name, &number, sandbox.clock.now()) else {
        return HttpResponse::NotFound().finish();
    };
    let findings = match one.state {
        SubmissionState::ActionRequired => {
            vec![finding("S020", "hold", "/employees/0/address", "住所を補正してください。", "Amend the address.")]
        }
        SubmissionState::Returned => {
            vec![finding("S021", "reject", "", "申請内容を確認できませんでした。", "It could not be confirmed.")]
        }
        _ => Vec::new(),
    };
    HttpResponse::Ok().json(json!({
        "arrival_number": one.arrival, "reference": one.reference, "status": one.state,
        "until": one.until.map(crate::domain::Timestamp::rfc3339), "findings": findings,
    }))
}

/// What the registry has of a company that it registered.
async fn outcome(sandbox: web::Data<Sandbox>, path: web::Path<(String, String)>) -> HttpResponse {
    let (name, number) = path.into_inner();
    let found = sandbox.agencies.registration(&name, &number).filter(|_| name == REGISTRY);
    let Some(applied) = found else { return HttpResponse::NotFound().finish() };
    match sandbox.agencies.mood_at(&name, None) {
        Mood::Down => HttpResponse::ServiceUnavailable().insert_header(("retry-after", 1)).finish(),
        Mood::Nonsense => {
            let other = Registration { trade_name: "株式会社取違え".to_owned(), ..applied };
            HttpResponse::Ok().json(other.entry(&number))
        }
        _ => HttpResponse::Ok().json(applied.entry(&number)),
    }
}

fn finding(rule: &str, severity: &str, pointer: &str, ja: &str, en: &str) -> Value {
    json!({"rule": rule, "severity": severity, "pointer": pointer, "words": {"ja": ja, "en": en}})
}

fn refused(rule: &str, pointer: &str, ja: &str) -> HttpResponse {
    let found = Finding::reject(rule, pointer, ja, "The agency does not take it like this.");
    HttpResponse::UnprocessableEntity().json(json!({"findings": [found]}))
}
