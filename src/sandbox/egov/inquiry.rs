//! How an application stands, with its notices.

use super::answer::{Query, enter, page, refusal, result, time};
use super::books::{Case, Issued};
use super::{NAME, Shared, forms};
use crate::domain::Timestamp;
use crate::domain::submission::SubmissionState;
use crate::sandbox::agencies::{Application, Moment, Mood};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};
use std::time::Duration;

/// For how long official documents can be fetched.
const DOCUMENT_LIFE: Duration = Duration::from_hours(90 * 24);

/// At which look after its end a late document is there.
const LATE: u32 = 3;

/// At which look an application is paid for.
const PAID: u32 = 3;

/// The notice numbers: what an amendment is asked by, what ends it, and the official document.
const ASKED: u32 = 1;
const ENDED: u32 = 2;
pub(super) const ISSUED: u32 = 3;

/// What is told of an application in lists and by itself.
fn told(number: &str, case: &Case, one: &Application) -> Value {
    let is_over = matches!(one.state, SubmissionState::Completed | SubmissionState::Returned);
    let status = match one.state {
        SubmissionState::Arrived => "到達",
        SubmissionState::Cancelled => "取下げ済",
        _ if is_over => "手続終了",
        _ => "審査中",
    };
    let notices = notices_of(case, one);
    let documents: Vec<Value> = case.document.iter().map(document_of).collect();
    let payments = payments_of(case);
    let pay_status = payments.first().and_then(|one| one.get("pay_status")).cloned().unwrap_or_else(|| json!("-"));
    json!({
        "status": status, "arrive_id": number, "arrive_date": time(case.arrived_at),
        "corporation_name": "見本工業株式会社", "applicant_name": "見本　太郎",
        "proc_name": forms::known(&case.procedure), "submission_destination": "例示事務センター",
        "withdraw_flag": !is_over && one.state != SubmissionState::Cancelled, "pay_status": pay_status,
        "notice_count": notices.len(), "doc_count": documents.len(), "apply_pay_count": payments.len(),
        "notice_list": notices, "official_list": documents, "apply_pay_list": payments, "applied_account": "mihon@mihon.example",
    })
}

/// What is to be paid: the company pays between two looks.
pub(super) fn payments_of(case: &Case) -> Vec<Value> {
    if case.looks_at_payment == 0 {
        return Vec::new();
    }
    let until = case.arrived_at.plus(Duration::from_hours(14 * 24)).date_in_japan().to_string();
    vec![json!({
        "pay_number": "1234567890123456", "confirm_number": "123456", "facility_number": "00100", "pay_expired": until,
        "total_fee": "12000", "pay_status": if case.looks_at_payment >= PAID { "納付済" } else { "未納" },
        "treasury_money_code": "1",
    })]
}

fn notices_of(case: &Case, one: &Application) -> Vec<Value> {
    let mut notices = Vec::new();
    if let Some(at) = case.asked_at {
        let until = one.until.unwrap_or_else(|| at.plus(Duration::from_hours(7 * 24)));
        notices.push(json!({
            "notice_sub_id": ASKED, "issue_date": time(at), "notice_data_type": "部分補正",
            "notice_title": "補正のお願い", "notice_sentence": "住所を補正してください。",
            "issuer_organization": "例示事務センター", "correct_expired_date": until.date_in_japan().to_string(),
            "correct_completed_date": case.amended_at.map(time),
        }));
    }
    if one.state == SubmissionState::Returned {
        notices.push(json!({
            "notice_sub_id": ENDED, "issue_date": time(case.arrived_at), "notice_data_type": "手続終了（再提出可）",
            "notice_title": "返戻のお知らせ", "notice_sentence": "申請内容を確認できませんでした。",
            "issuer_organization": "例示事務センター",
        }));
    }
    notices
}

/// The last day on which a document can be fetched.
pub(super) fn expires(document: &Issued) -> String {
    document.at.plus(DOCUMENT_LIFE).date_in_japan().to_string()
}

fn document_of(document: &Issued) -> Value {
    json!({
        "notice_sub_id": ISSUED, "allowed_date": time(document.at), "doc_title": "資格取得確認および標準報酬決定通知書",
        "doc_download_expired_date": expires(document), "doc_download_date": document.done_at.map(time), "sign": "あり",
    })
}

/// What a look brings about: a notice, a document.
fn note(sandbox: &Shared, number: &str, one: &Application, now: Timestamp) -> Option<Case> {
    let mut inside = sandbox.egov.lock();
    let case = inside.cases.get_mut(number)?;
    if one.state == SubmissionState::UnderReview && one.mood == Mood::Pay {
        case.looks_at_payment += 1;
        if case.looks_at_payment >= PAID {
            sandbox.agencies.paid(NAME, number);
        }
    }
    if one.state == SubmissionState::ActionRequired && case.asked_at.is_none() {
        case.asked_at = Some(now);
    }
    if one.state == SubmissionState::Completed {
        case.looks_after_end += 1;
    }
    let wanted = match one.mood {
        Mood::Issue => 1,
        Mood::IssueLate => LATE,
        _ => u32::MAX,
    };
    if case.looks_after_end >= wanted && case.document.is_none() {
        case.document = Some(Issued { at: now, done_at: None, times_done: 0 });
    }
    Some(case.clone())
}

/// `GET /apply/{arrive_id}`.
pub(super) async fn detail(sandbox: Shared, number: web::Path<String>, request: HttpRequest) -> HttpResponse {
    if let Err(refused) = enter(&sandbox, &request) {
        return *refused;
    }
    sandbox.agencies.pass(Moment::Asked).await;
    let now = sandbox.clock.now();
    let one = sandbox.agencies.look(NAME, &number, now);
    let case = one.as_ref().and_then(|one| note(&sandbox, &number, one, now));
    match one.zip(case) {
        Some((one, case)) => result(&request, "申請案件取得", &told(&number, &case, &one)),
        None => refusal(StatusCode::NOT_FOUND, "該当する申請案件がありません。", &[]),
    }
}

fn every(sandbox: &Shared) -> Vec<(String, Case, Application)> {
    let cases = sandbox.egov.lock().cases.clone();
    let with = |(number, case): (String, Case)| {
        let one = sandbox.agencies.peek(NAME, &number)?;
        Some((number, case, one))
    };
    cases.into_iter().filter_map(with).collect()
}

/// `GET /apply/lists`.
pub(super) async fn lists(sandbox: Shared, request: HttpRequest) -> HttpResponse {
    if let Err(refused) = enter(&sandbox, &request) {
        return *refused;
    }
    let query = match Query::read(&request, 50) {
        Ok(query) => query,
        Err(refused) => return *refused,
    };
    let sent = query.send_number.as_ref().map(|number| {
        let inside = sandbox.egov.lock();
        let bundle = inside.bundles.iter().find(|bundle| bundle.send_number == *number);
        let numbers = bundle.into_iter().flat_map(|bundle| bundle.results.iter().filter_map(|(_, r)| r.clone().ok()));
        numbers.collect::<Vec<String>>()
    });
    let is_wanted = |number: &String| sent.as_ref().is_none_or(|sent| sent.contains(number));
    let all = every(&sandbox).into_iter().filter(|(number, ..)| is_wanted(number));
    let all: Vec<Value> = all.map(|(number, case, one)| told(&number, &case, &one)).collect();
    page(&request, ("apply_list", &all), &query)
}

/// `GET /notice/lists`.
pub(super) async fn notices(sandbox: Shared, request: HttpRequest) -> HttpResponse {
    if let Err(refused) = enter(&sandbox, &request) {
        return *refused;
    }
    let query = match Query::read(&request, 50) {
        Ok(query) => query,
        Err(refused) => return *refused,
    };
    let mut all = Vec::new();
    for (number, case, one) in every(&sandbox) {
        for notice in notices_of(&case, &one) {
            all.push(json!({
                "issuer_organization": notice.get("issuer_organization"), "arrive_id": number,
                "notice_sub_id": notice.get("notice_sub_id"), "notice_issue_date": notice.get("issue_date"),
                "type": "補正", "title": notice.get("notice_title"), "proc_name": forms::known(&case.procedure),
            }));
        }
    }
    page(&request, ("notice_list", &all), &query)
}

/// `GET /notice/{arrive_id}/{notice_sub_id}`.
pub(super) async fn notice(sandbox: Shared, path: web::Path<(String, u32)>, request: HttpRequest) -> HttpResponse {
    if let Err(refused) = enter(&sandbox, &request) {
        return *refused;
    }
    let (number, wanted) = path.into_inner();
    let found = every(&sandbox).into_iter().find(|(known, ..)| *known == number).and_then(|(_, case, one)| {
        let mut notices = notices_of(&case, &one).into_iter();
        notices.find(|notice| notice.get("notice_sub_id").and_then(Value::as_u64) == Some(u64::from(wanted)))
    });
    match found {
        Some(found) => {
            let notice = json!({
                "issuer_organization": found.get("issuer_organization"), "notice_issue_date": found.get("issue_date"),
                "notice_type": "補正", "correct_type": found.get("notice_data_type"),
                "correct_expired_date": found.get("correct_expired_date"), "notice_title": found.get("notice_title"),
                "notice_sentence": found.get("notice_sentence"), "attached_file_list": [],
            });
            result(&request, "申請案件に関する通知取得", &json!({"notice": notice}))
        }
        None => refusal(StatusCode::NOT_FOUND, "該当する通知がありません。", &[]),
    }
}
