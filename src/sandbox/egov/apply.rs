//! Taking what is sent.

use super::answer::{Query, Refused, enter, page, refusal, result, time};
use super::books::{Bundle, Case};
use super::package::{self, Sent};
use super::{DELIVERY_PROCEDURES, NAME, Shared, forms};
use crate::domain::archive::File;
use crate::sandbox::agencies::{Asked, Moment, Mood};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

type Body = web::Json<Value>;

fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn bad_file() -> HttpResponse {
    refusal(StatusCode::BAD_REQUEST, "申請データの形式が正しくありません。", &[])
}

/// The one application of a body.
fn one(body: &Value) -> Result<(String, Sent), Refused> {
    let (name, files) = package::file(body).ok_or_else(|| Box::new(bad_file()))?;
    let [folder] = <[String; 1]>::try_from(package::folders(&files)).map_err(|_| Box::new(bad_file()))?;
    let sent = package::read(&files, &folder);
    let sent =
        sent.map_err(|faults| Box::new(refusal(StatusCode::BAD_REQUEST, "形式チェックエラーです。", &faults)))?;
    Ok((name.trim_end_matches(".zip").to_owned(), sent))
}

/// `POST /apply/check`: changes nothing.
pub(super) async fn check(sandbox: Shared, request: HttpRequest, body: Body) -> HttpResponse {
    if let Err(refused) = enter(&sandbox, &request) {
        return *refused;
    }
    let Some((_, files)) = package::file(&body) else { return bad_file() };
    let mut faults = Vec::new();
    for folder in package::folders(&files) {
        if folder == text(&body, "proc_id") {
            faults.extend(package::read(&files, &folder).err().unwrap_or_default());
        } else {
            faults.push(super::answer::report("-", "手続ID", "フォルダ名が手続識別子と一致しません。"));
        }
    }
    let message =
        if faults.is_empty() { "エラーはありませんでした。" } else { "エラーがあります。" };
    result(&request, "形式チェック", &json!({"message": message, "error_count": faults.len(), "report_list": faults}))
}

/// Does what an application asks; gives its number.
fn take(sandbox: &Shared, reference: &str, sent: &Sent, mood: Mood) -> Option<String> {
    let now = sandbox.clock.now();
    let (act, arrival) = match sent.kind.as_str() {
        "補正" => ("amend", Some(sent.arrival.as_str())),
        "取下げ依頼" => ("withdraw", Some(sent.arrival.as_str())),
        _ => ("file", None),
    };
    let number = sandbox.agencies.take(NAME, &Asked { reference, act, arrival }, mood)?;
    let mut inside = sandbox.egov.lock();
    let case = inside.cases.entry(number.clone()).or_insert(Case {
        procedure: sent.folder.clone(),
        arrived_at: now,
        asked_at: None,
        amended_at: None,
        looks_after_end: 0,
        document: None,
        looks_at_payment: 0,
        form: String::new(),
    });
    if act != "withdraw" {
        case.form.clone_from(&sent.form);
    }
    if act == "amend" {
        case.amended_at = Some(now);
    }
    Some(number)
}

/// What a mood does to an answer after the fact.
fn after(mood: Mood, answer: HttpResponse) -> HttpResponse {
    if mood == Mood::LoseReply { HttpResponse::BadGateway().finish() } else { answer }
}

/// `POST /apply`: one application, whose number comes at once.
pub(super) async fn apply(sandbox: Shared, request: HttpRequest, body: Body) -> HttpResponse {
    at_once(&sandbox, &request, (&body, false)).await
}

/// `POST /post-apply`: an application for 電子送達.
pub(super) async fn post_apply(sandbox: Shared, request: HttpRequest, body: Body) -> HttpResponse {
    at_once(&sandbox, &request, (&body, true)).await
}

async fn at_once(sandbox: &Shared, request: &HttpRequest, (body, is_for_delivery): (&Body, bool)) -> HttpResponse {
    if let Err(refused) = enter(sandbox, request) {
        return *refused;
    }
    if DELIVERY_PROCEDURES.contains(&text(body, "proc_id")) != is_for_delivery {
        return refusal(StatusCode::BAD_REQUEST, "手続識別子が正しくありません。", &[]);
    }
    sandbox.agencies.pass(Moment::Received).await;
    let (reference, sent) = match one(body) {
        Ok(read) => read,
        Err(refused) => return *refused,
    };
    let mood = sandbox.agencies.mood(sent.mood);
    if mood == Mood::Broken {
        return HttpResponse::BadGateway().finish();
    }
    let Some(number) = take(sandbox, &reference, &sent, mood) else { return bad_file() };
    sandbox.agencies.pass(Moment::Done).await;
    let results = json!({
        "arrive_id": number, "arrive_date": time(sandbox.clock.now()), "corporation_name": "見本工業株式会社",
        "applicant_name": "見本　太郎", "apply_type": "新規申請", "proc_name": forms::known(&sent.folder),
        "ministry_name": "例示省", "submission_destination": "例示事務センター",
        "apply_form": {"form": [], "attached_file": []}, "apply_pay_list": [],
    });
    after(mood, result(request, "申請データ送信", &results))
}

/// `POST /bulk-apply`: many, taken one by one; their numbers are in the report.
pub(super) async fn bulk(sandbox: Shared, request: HttpRequest, body: Body) -> HttpResponse {
    if let Err(refused) = enter(&sandbox, &request) {
        return *refused;
    }
    sandbox.agencies.pass(Moment::Received).await;
    let Some((name, files)) = package::file(&body) else { return bad_file() };
    if sandbox.agencies.mood(None) == Mood::Broken {
        return HttpResponse::BadGateway().finish();
    }
    let (results, mood) = take_all(&sandbox, name.trim_end_matches(".zip"), &files);
    let (now, count) = (sandbox.clock.now(), results.len());
    if mood == Some(Mood::Broken) {
        return HttpResponse::BadGateway().finish();
    }
    let send_number = {
        let mut inside = sandbox.egov.lock();
        let send_number = format!("{:018}", 900_000_000 + inside.bundles.len());
        let bundle = Bundle { send_number: send_number.clone(), file_name: name.clone(), sent_at: now, results };
        inside.bundles.push(bundle);
        send_number
    };
    sandbox.agencies.pass(Moment::Done).await;
    let results = json!({"send_number": send_number, "send_date": time(now), "file_name": name, "apply_count": count});
    let answer = HttpResponse::Accepted().json(json!({
        "metadata": {"title": "申請データbulk送信", "detail": "", "type": "", "instance": request.path()},
        "results": results, "_links": {"self": request.path()},
    }));
    after(mood.unwrap_or_default(), answer)
}

type Results = Vec<(String, Result<String, Vec<Value>>)>;

fn take_all(sandbox: &Shared, reference: &str, files: &[File]) -> (Results, Option<Mood>) {
    let (mut results, mut last) = (Vec::new(), None);
    for folder in package::folders(files) {
        let taken = package::read(files, &folder).and_then(|sent| {
            let mood = sandbox.agencies.mood(sent.mood);
            last = Some(mood);
            if mood == Mood::Broken {
                return Err(Vec::new());
            }
            let faults = || vec![super::answer::report("-", "到達番号", "該当する申請がありません。")];
            if mood == Mood::Reject {
                return Err(vec![super::answer::report("-", "被保険者氏名", "氏名の文字が登録できません。")]);
            }
            take(sandbox, reference, &sent, mood).ok_or_else(faults)
        });
        results.push((folder, taken));
    }
    (results, last)
}

/// `GET /apply/report`.
pub(super) async fn report(sandbox: Shared, request: HttpRequest) -> HttpResponse {
    if let Err(refused) = enter(&sandbox, &request) {
        return *refused;
    }
    let query = match Query::read(&request, 30) {
        Ok(query) => query,
        Err(refused) => return *refused,
    };
    sandbox.agencies.pass(Moment::Asked).await;
    let bundles = sandbox.egov.lock().bundles.clone();
    let wanted = |bundle: &&Bundle| query.send_number.as_ref().is_none_or(|number| *number == bundle.send_number);
    let told = |bundle: &Bundle| {
        let result = |(folder, taken): &(String, Result<String, Vec<Value>>)| {
            json!({
                "arrive_id": taken.as_deref().unwrap_or("-"), "folder_name": folder,
                "proc_name": forms::known(folder), "report_list": taken.as_ref().err(),
            })
        };
        let arrived = bundle.results.iter().filter(|(_, taken)| taken.is_ok()).count();
        json!({
            "send_number": bundle.send_number, "send_date": time(bundle.sent_at), "file_name": bundle.file_name,
            "apply_count": bundle.results.len(), "arrive_count": arrived,
            "error_count": bundle.results.len() - arrived,
            "result": bundle.results.iter().map(result).collect::<Vec<_>>(),
        })
    };
    let all: Vec<Value> = bundles.iter().filter(wanted).map(told).collect();
    page(&request, ("error_report_info", &all), &query)
}

/// `POST /apply/amend`.
pub(super) async fn amend(sandbox: Shared, request: HttpRequest, body: Body) -> HttpResponse {
    change(&sandbox, &request, &body, "補正").await
}

/// `POST /apply/withdraw`.
pub(super) async fn withdraw(sandbox: Shared, request: HttpRequest, body: Body) -> HttpResponse {
    change(&sandbox, &request, &body, "取下げ依頼").await
}

async fn change(sandbox: &Shared, request: &HttpRequest, body: &Value, kind: &str) -> HttpResponse {
    if let Err(refused) = enter(sandbox, request) {
        return *refused;
    }
    sandbox.agencies.pass(Moment::Received).await;
    let (reference, sent) = match one(body) {
        Ok(read) => read,
        Err(refused) => return *refused,
    };
    if sent.kind != kind || sent.arrival != text(body, "arrive_id") {
        return refusal(StatusCode::BAD_REQUEST, "到達番号または申請種別が一致しません。", &[]);
    }
    let mood = sandbox.agencies.mood(None);
    if mood == Mood::Broken {
        return HttpResponse::BadGateway().finish();
    }
    let Some(number) = take(sandbox, &reference, &sent, mood) else {
        return refusal(StatusCode::BAD_REQUEST, "該当する申請がありません。", &[]);
    };
    sandbox.agencies.pass(Moment::Done).await;
    let now = time(sandbox.clock.now());
    after(mood, result(request, kind, &json!({"arrive_id": number, "amend_date": now, "withdraw_date": now})))
}
