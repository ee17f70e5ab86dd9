//! The consent's limits at the gateway: how often, and while the citizen holds it still.

use super::{Bank, REQUESTS, code, income};
use crate::support::played::citizen::Citizen;
use serde_json::{Value, json};

const CONSENT: &str = "/v1/consent";

fn daily(times: u32) -> Value {
    json!({"frequency": {"times": times, "per": "day"}, "legal_basis": "contract", "on_behalf_of": "self"})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consent_is_used_as_often_as_agreed_and_the_refusal_says_when_it_frees() {
    let bank = Bank::agreed_with(30, &daily(2)).await;
    let told = bank.get(CONSENT, &[]).await;
    assert_eq!(
        (told.status, &told.body["state"], &told.body["legal_basis"]),
        (200, &json!("active"), &json!("contract"))
    );
    assert_eq!((&told.body["frequency"]["times"], &told.body["frequency"]["used"]), (&json!(2), &json!(0)));
    let wait = ("prefer", "wait=20");
    let key = [("idempotency-key", "one"), wait];
    let first = bank.ask(&income(2025), &key).await;
    assert_eq!(first.status, 200, "{}", first.body);
    // The same again is the same, and costs nothing.
    for _ in 0..3 {
        assert_eq!(bank.ask(&income(2025), &key).await.body, first.body);
    }
    assert_eq!(bank.get(CONSENT, &[]).await.body["frequency"]["used"], 1);
    assert_eq!(bank.ask(&income(2025), &[wait]).await.status, 200);
    let refused = bank.ask(&income(2025), &[wait]).await;
    assert_eq!(code(&refused), (403, "consent_limit_reached".into()), "{}", refused.body);
    let body = &refused.body;
    assert_eq!((&body["limit"], &body["used"], &body["allowed"]), (&json!("frequency"), &json!(2), &json!(2)));
    let frees = body["frees_at"].as_str().unwrap();
    assert!(frees.ends_with("T00:00:00+09:00"), "{frees}");
    assert_eq!(bank.get(CONSENT, &[]).await.body["frequency"]["frees_at"], frees);
    assert_eq!(bank.ask(&income(2025), &key).await.body, first.body, "what was accepted can still be repeated");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_ten_calls_at_once_with_one_use_left_one_gets_through() {
    let bank = Bank::agreed_with(30, &daily(1)).await;
    let body = income(2025);
    let told = futures_util::future::join_all((0..10).map(|_| bank.ask(&body, &[]))).await;
    let mut codes: Vec<_> = told.iter().map(code).collect();
    codes.sort();
    assert_eq!(codes[0], (202, String::new()), "{codes:?}");
    assert!(codes[1..].iter().all(|code| *code == (403, "consent_limit_reached".into())), "{codes:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_refusal_of_a_consent_names_its_limit() {
    let bank = Bank::agreed(30).await;
    let other = json!({"data_sets": [{"code": "TM00000000000001", "condition": {"kind": "latest"}}]});
    for (body, problem, limit) in
        [(other, "not_consented", "items"), (income(2023), "outside_consented_period", "period")]
    {
        let refused = bank.ask(&body, &[]).await;
        assert_eq!((code(&refused), refused.body["limit"].as_str()), ((403, problem.into()), Some(limit)));
    }
    let once = Bank::agreed(0).await;
    assert_eq!(once.ask(&income(2025), &[("prefer", "wait=20")]).await.status, 200);
    let refused = once.ask(&income(2025), &[]).await;
    assert_eq!((code(&refused), &refused.body["limit"]), ((403, "consent_used_up".into()), &json!("one_time")));
    assert_eq!((&refused.body["used"], &refused.body["allowed"]), (&json!(1), &json!(1)));
}

/// The citizen presses the one button of their grant's page that `action` names.
async fn press(bank: &Bank, action: &str) {
    let mut citizen = Citizen::new("1000000000000001", "1234").unwrap();
    let dashboard = citizen.dashboard(bank.app.url()).await.unwrap();
    let page = citizen.newest_grant(&dashboard).await.unwrap();
    let done = citizen.press(&page, action).await.unwrap();
    assert_eq!(done.texts("[role=status]").len(), 1, "{}", done.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_citizen_holds_it_still_nothing_is_had_by_it_and_afterwards_all_is_as_before() {
    let bank = Bank::agreed(30).await;
    let taken = bank.ask(&income(2025), &[("x-sandbox-scenario", "slow")]).await;
    let place = taken.headers["location"].to_str().unwrap().to_owned();
    assert!(place.starts_with(REQUESTS));
    press(&bank, "pause").await;
    for (path, body) in [(CONSENT, None), (place.as_str(), None), (REQUESTS, Some(income(2025)))] {
        let refused = match &body {
            Some(body) => bank.ask(body, &[]).await,
            None => bank.get(path, &[]).await,
        };
        assert_eq!(
            (code(&refused), &refused.body["limit"]),
            ((403, "consent_paused".into()), &json!("pause")),
            "{path}"
        );
    }
    press(&bank, "resume").await;
    assert_eq!(bank.get(CONSENT, &[]).await.status, 200);
    assert_eq!(code(&bank.get(&place, &[]).await), (410, "result_gone".into()), "what was open is cancelled");
    assert_eq!(bank.ask(&income(2025), &[("prefer", "wait=20")]).await.status, 200);
}
