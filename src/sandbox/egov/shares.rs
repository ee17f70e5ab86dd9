//! アカウント間情報共有: which other accounts see the made-up company's cases.

use super::answer::{enter, refusal, result};
use super::{PATH, Shared};
use crate::sandbox::agencies::Mood;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The account that offers its cases to the company's, once.
pub const OFFERS: &str = "prime@mihon.example";

/// What is shared, by account, and what was answered to whom.
#[derive(Default)]
pub(super) struct Sharing {
    settings: BTreeMap<String, Value>,
    answers: BTreeMap<String, String>,
}

impl Sharing {
    /// What was answered to whom.
    pub(super) fn answers(&self) -> Vec<(String, String)> {
        self.answers.iter().map(|(whom, answer)| (whom.clone(), answer.clone())).collect()
    }
}

type Body = web::Json<Value>;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    let at = |path: &str| web::resource(format!("{PATH}{path}"));
    let setting = at("/share-setting").route(web::post().to(add)).route(web::put().to(change));
    config
        .service(at("/share-setting/lists").route(web::get().to(list)))
        .service(setting.route(web::delete().to(remove)))
        .service(at("/share-confirmation").route(web::post().to(confirm)));
}

fn bad(words: &str) -> HttpResponse {
    refusal(StatusCode::BAD_REQUEST, words, &[])
}

async fn list(sandbox: Shared, request: HttpRequest) -> HttpResponse {
    if let Err(refused) = enter(&sandbox, &request) {
        return *refused;
    }
    let all: Vec<Value> = sandbox.egov.lock().sharing.settings.values().cloned().collect();
    result(&request, "情報共有一覧取得", &json!({"share_setting_list": all}))
}

/// Does something as the mood of the day lets it.
fn done(
    sandbox: &Shared,
    request: &HttpRequest,
    (title, body): (&str, &Value),
    act: impl FnOnce(&mut Sharing, &str) -> Result<Value, &'static str>,
) -> HttpResponse {
    if let Err(refused) = enter(sandbox, request) {
        return *refused;
    }
    let account = body.get("gbiz_id").and_then(Value::as_str).filter(|text| text.contains('@'));
    let Some(account) = account else { return bad("GビズIDが正しくありません。") };
    let mood = sandbox.agencies.mood(None);
    match mood {
        Mood::Broken => return HttpResponse::BadGateway().finish(),
        Mood::Reject => return bad("このアカウントとは共有できません。"),
        _ => {}
    }
    match act(&mut sandbox.egov.lock().sharing, account) {
        Ok(_) if mood == Mood::LoseReply => HttpResponse::BadGateway().finish(),
        Ok(results) => result(request, title, &results),
        Err(words) => bad(words),
    }
}

/// What a setting says; none when it is none.
fn setting(body: &Value) -> Option<Value> {
    let one = |name: &str| body.get(name).filter(|one| *one == "READ" || *one == "DOWNLOAD");
    Some(json!({
        "gbiz_id": body.get("gbiz_id"), "official_doc_permission": one("official_doc_permission")?,
        "post_doc_permission": one("post_doc_permission")?,
    }))
}

async fn add(sandbox: Shared, request: HttpRequest, body: Body) -> HttpResponse {
    done(&sandbox, &request, ("情報共有設定", &body), |sharing, account| {
        let one = setting(&body).ok_or("権限情報が正しくありません。")?;
        if sharing.settings.contains_key(account) {
            return Err("既に共有が設定されています。");
        }
        sharing.settings.insert(account.to_owned(), one.clone());
        Ok(one)
    })
}

async fn change(sandbox: Shared, request: HttpRequest, body: Body) -> HttpResponse {
    done(&sandbox, &request, ("情報共有更新", &body), |sharing, account| {
        let one = setting(&body).ok_or("権限情報が正しくありません。")?;
        let known = sharing.settings.get_mut(account).ok_or("共有が設定されていません。")?;
        known.clone_from(&one);
        Ok(one)
    })
}

async fn remove(sandbox: Shared, request: HttpRequest, body: Body) -> HttpResponse {
    done(&sandbox, &request, ("情報共有解除", &body), |sharing, account| {
        sharing.settings.remove(account).ok_or("共有が設定されていません。")?;
        Ok(json!({"gbiz_id": account}))
    })
}

async fn confirm(sandbox: Shared, request: HttpRequest, body: Body) -> HttpResponse {
    done(&sandbox, &request, ("共有設定確認", &body), |sharing, account| {
        let answer = body.get("share_acceptance").and_then(Value::as_str);
        let answer =
            answer.filter(|answer| matches!(*answer, "ACCEPT" | "DENY")).ok_or("許可情報が正しくありません。")?;
        if account != OFFERS || sharing.answers.contains_key(account) {
            return Err("確認待ちの共有設定がありません。");
        }
        sharing.answers.insert(account.to_owned(), answer.to_owned());
        Ok(json!({"gbiz_id": account, "share_acceptance": answer}))
    })
}
