//! Calls that are answered as real ones are, without a life of their own here.

use super::answer::{Query, enter, page, refusal, result};
use super::{PATH, Shared, inquiry};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

pub(super) fn routes(config: &mut web::ServiceConfig) {
    let at = |path: &str| web::resource(format!("{PATH}{path}"));
    config
        .service(at("/message/lists").route(web::get().to(messages)))
        .service(at("/message/{id}").route(web::get().to(message)))
        .service(at("/payment/lists").route(web::get().to(banks)))
        .service(at("/payment/{id}").route(web::get().to(payment)));
}

fn announcement() -> Value {
    json!({
        "information_id": "1", "issuer_organization": "例示省", "issue_date": "2026-11-01 09:00:00",
        "proc_first_category": "社会保険", "proc_second_category": "雇用保険", "proc_third_category": "資格取得",
        "information_title": "様式の変更について（見本）",
    })
}

fn listed(sandbox: &Shared, request: &HttpRequest, (name, all): (&str, &[Value])) -> HttpResponse {
    match enter(sandbox, request).and_then(|()| Query::read(request, 50)) {
        Ok(query) => page(request, (name, all), &query),
        Err(refused) => *refused,
    }
}

async fn messages(sandbox: Shared, request: HttpRequest) -> HttpResponse {
    listed(&sandbox, &request, ("information_list", &[announcement()]))
}

async fn message(sandbox: Shared, id: web::Path<String>, request: HttpRequest) -> HttpResponse {
    match enter(&sandbox, &request) {
        Err(refused) => *refused,
        Ok(()) if *id == "1" => result(&request, "手続に関するご案内取得", &json!({"information": announcement()})),
        Ok(()) => refusal(StatusCode::NOT_FOUND, "該当するご案内がありません。", &[]),
    }
}

async fn banks(sandbox: Shared, request: HttpRequest) -> HttpResponse {
    let bank = json!({"financial_name": "例示銀行", "service_name": "見本ダイレクト", "url": "https://bank.example/"});
    let list = json!({
        "trust_bank": [{"initial_name": "れ", "bank": [bank]}], "shinkin_bank": {"bank": []},
        "credit_union": {"bank": []}, "norinchukin_bank": {"bank": []}, "labour_bank": {"bank": []},
    });
    if let Err(refused) = enter(&sandbox, &request) {
        return *refused;
    }
    let results = json!({"bank_list": list, "financial_type_list_date": "2026-11-01"});
    result(&request, "国庫金電子納付取扱金融機関一覧取得", &results)
}

async fn payment(sandbox: Shared, id: web::Path<String>, request: HttpRequest) -> HttpResponse {
    if let Err(refused) = enter(&sandbox, &request) {
        return *refused;
    }
    let case = sandbox.egov.lock().cases.get(&*id).cloned();
    let Some(case) = case else {
        return refusal(StatusCode::NOT_FOUND, "該当する申請案件がありません。", &[]);
    };
    let payments = inquiry::payments_of(&case);
    result(&request, "電子納付情報一覧取得", &json!({"arrive_id": *id, "apply_pay_list": payments}))
}
