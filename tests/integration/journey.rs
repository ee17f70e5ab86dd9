//! The main job, whole: consent, token, income, dashboard, revocation, refusal; as a bank and a citizen go through it.

use crate::support::app::{App, spawn_app};
use crate::support::played::citizen::Citizen;
use crate::support::played::files::ClientFile;
use crate::support::played::third_party::{Answer, ThirdParty, Tokens};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

const INCOME: &str = "TM00000000000002";

async fn bank(app: &App) -> ThirdParty {
    ThirdParty::open(ClientFile::read(&app.directory(), "loan_bank").unwrap()).await.unwrap()
}

/// 見本 太郎.
fn taro() -> Citizen {
    Citizen::new("1000000000000001", "1234").unwrap()
}

fn wanted(bank: &ThirdParty) -> Value {
    json!([{
        "type": "self_information",
        "purpose": bank.file.purpose,
        "data_sets": [{
            "code": INCOME,
            "items": ["0200000010", "0200000020", "0200000050"],
            "optional_items": ["0200000040"],
        }],
        "access_days": 30,
    }])
}

async fn agreed(bank: &ThirdParty, citizen: &mut Citizen, scope: &str) -> Tokens {
    let pending = bank.push(scope, &wanted(bank)).await.unwrap();
    let page = citizen.arrive(&pending.address).await.unwrap();
    let answer = citizen.decide(&page, "agree", &bank.file.redirect_uri).await.unwrap();
    bank.exchange(pending, &answer).await.unwrap()
}

async fn retrieve(bank: &ThirdParty, tokens: &Tokens) -> Answer {
    let body = json!({"data_sets": [{"code": INCOME, "condition": {"kind": "tax_year", "year": 2025}}]});
    bank.call(tokens, Method::POST, "/v1/self-information-requests", Some(&body)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bank_gets_what_the_citizen_agreed_to_until_the_citizen_revokes() {
    let app = spawn_app().await;
    let (bank, mut citizen) = (bank(&app).await, taro());
    let tokens = agreed(&bank, &mut citizen, "openid self_information").await;
    assert!(tokens.subject.as_deref().is_some_and(|sub| sub.starts_with("p~")));

    let answer = retrieve(&bank, &tokens).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let set = &answer.body["data_sets"][0];
    assert_eq!(set["outcome"], "ok");
    let years = set["records"][0]["data"]["years"].as_array().unwrap();
    assert_eq!(years[0]["tax_year"], 2025);
    assert!(years[0]["employment_earnings_yen"].as_u64().unwrap() > 0);

    let dashboard = citizen.dashboard(app.url()).await.unwrap();
    let text = dashboard.texts("main").join(" ");
    assert!(text.contains("Mihon Bank") && text.contains("Examining your home loan application"), "{text}");
    citizen.revoke_all(&dashboard).await.unwrap();

    let refused = retrieve(&bank, &tokens).await;
    assert_eq!((refused.status, refused.body["code"].as_str()), (401, Some("invalid_token")), "{}", refused.body);
    assert!(app.stop().await, "it did not stop within two seconds");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_was_agreed_leaves_and_another_client_gets_nothing() {
    let app = spawn_app().await;
    let bank = bank(&app).await;
    let tokens = agreed(&bank, &mut taro(), "openid self_information").await;
    let answer = retrieve(&bank, &tokens).await;
    let data = answer.body["data_sets"][0].to_string();
    for item in ["0200000060", "0200000230"] {
        assert!(!data.contains(item), "{item} left without consent: {data}");
    }
    // A data set that was never asked for.
    let body = json!({"data_sets": [{"code": "TM00000000000001", "condition": {"kind": "latest"}}]});
    let refused = bank.call(&tokens, Method::POST, "/v1/self-information-requests", Some(&body)).await.unwrap();
    assert_eq!(refused.status, 403, "{}", refused.body);
    // The bank's token with another's key: the proof is not by the token's key.
    let file = ClientFile::read(&app.directory(), "vaccination_app").unwrap();
    let other = ThirdParty::open(file).await.unwrap();
    assert_eq!(retrieve(&other, &tokens).await.status, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_reaches_the_bank_as_access_denied() {
    let app = spawn_app().await;
    let (bank, mut citizen) = (bank(&app).await, taro());
    let pending = bank.push("openid self_information", &wanted(&bank)).await.unwrap();
    let page = citizen.arrive(&pending.address).await.unwrap();
    let answer = citizen.decide(&page, "refuse", &bank.file.redirect_uri).await.unwrap();
    assert!(answer.query_pairs().any(|(name, value)| name == "error" && value == "access_denied"), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_token_works_until_the_citizen_revokes() {
    let app = spawn_app().await;
    let (bank, mut citizen) = (bank(&app).await, taro());
    let tokens = agreed(&bank, &mut citizen, "openid offline_access self_information").await;
    let again = bank.refresh(&tokens).await.unwrap();
    assert_eq!(retrieve(&bank, &again).await.status, 200);
    let dashboard = citizen.dashboard(app.url()).await.unwrap();
    citizen.revoke_all(&dashboard).await.unwrap();
    assert!(bank.refresh(&tokens).await.is_err(), "a revoked grant still refreshes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn persons_of_two_clients_cannot_be_matched() {
    let app = spawn_app().await;
    let (bank, mut citizen) = (bank(&app).await, taro());
    let first = agreed(&bank, &mut citizen, "openid self_information").await;
    let again = agreed(&bank, &mut taro(), "openid self_information").await;
    assert_eq!(first.subject, again.subject, "the same client sees the same person");
    let file = ClientFile::read(&app.directory(), "vaccination_app").unwrap();
    let other = ThirdParty::open(file).await.unwrap();
    let details = json!([{
        "type": "self_information",
        "purpose": other.file.purpose,
        "data_sets": [{"code": "TM00000000000084", "items": ["8400000010", "8400000020"]}],
        "access_days": 1,
    }]);
    let pending = other.push("openid self_information", &details).await.unwrap();
    let page = citizen.arrive(&pending.address).await.unwrap();
    let answer = citizen.decide(&page, "agree", &other.file.redirect_uri).await.unwrap();
    let tokens = other.exchange(pending, &answer).await.unwrap();
    assert_ne!(first.subject, tokens.subject, "two clients can match their persons");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_application_stops_in_two_seconds() {
    let app = spawn_app().await;
    // An idle connection that is kept open must not hold it.
    let kept = reqwest::Client::new();
    assert_eq!(kept.get(format!("{}/readyz", app.url())).send().await.unwrap().status(), 200);
    let began = tokio::time::Instant::now();
    assert!(app.stop().await);
    assert!(began.elapsed() < Duration::from_secs(2));
}
