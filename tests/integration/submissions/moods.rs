//! Agencies in every mood, at every kind of agency: the effect is had once, or a person is asked.

use super::api::opened;
use super::{Payroll, counted, one};
use crate::support::app::App;
use madoguchi::sandbox::agencies::{Agencies, Mood};
use serde_json::Value;
use std::time::Duration;

fn agencies(app: &App) -> &Agencies {
    app.dev.sandbox.own.as_ref().expect("a sandbox").agencies()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_lost_doubles_nothing() {
    let (app, payroll) = opened().await;
    for (agency, scenario) in
        [("pension", "lose_reply"), ("labour", "lose_reply"), ("city", "lose_reply"), ("city", "broken")]
    {
        let id = payroll.filed(&format!("{agency}-{scenario}"), &one(agency, scenario)).await;
        let is_parked = agency == "city";
        // By its key it is sent again and answers again as badly: only then nobody knows for long.
        if agency == "pension" {
            tokio::time::sleep(Duration::from_secs(2)).await;
            agencies(&app).feel(Some(Mood::Slow));
        }
        let now = payroll
            .until(&id, "its end", |filing| {
                let part = &filing["deliveries"][0];
                if is_parked {
                    part["is_looked_into"] == true
                } else {
                    part["state"] == "arrived" || filing["state"] == "completed" || filing["state"] == "under_review"
                }
            })
            .await;
        agencies(&app).feel(None);
        assert_eq!(now["deliveries"][0]["is_looked_into"], is_parked, "{agency} {scenario}");
    }
    let effects = agencies(&app).effects();
    for (agency, wanted) in [("pension", 1), ("labour", 1), ("city", 1)] {
        let counts = counted(&effects, agency);
        assert_eq!((counts.len(), counts.values().max()), (wanted, Some(&1)), "{agency}: {effects:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_agencies_decide_is_told() {
    let (_app, payroll) = opened().await;
    for (scenario, state, rule) in
        [("reject", "returned", "S010"), ("return", "returned", "S021"), ("auto", "completed", "")]
    {
        let id = payroll.filed(scenario, &one("labour", scenario)).await;
        let now = payroll.until_state(&id, state).await;
        assert_eq!(now["deliveries"][0]["findings"][0]["rule"].as_str().unwrap_or_default(), rule, "{now}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_an_agency_is_away_filings_wait_and_can_be_called_off() {
    let (app, payroll) = opened().await;
    agencies(&app).feel(Some(Mood::Down));
    let mut ids = Vec::new();
    for n in 0..6 {
        ids.push(payroll.filed(&format!("key-{n}"), &one("city", "slow")).await);
    }
    let called_off = payroll.post(&format!("/v1/submissions/{}/withdraw", ids[0]), None).await;
    assert_eq!((called_off.status, called_off.body["code"].as_str()), (409, Some("conflict")), "nobody has it");
    let called_off = loop {
        // It may be on its way just now.
        let answer = payroll.post(&format!("/v1/submissions/{}/cancel", ids[0]), None).await;
        if answer.status != 409 {
            break answer;
        }
    };
    assert_eq!((called_off.status, called_off.body["state"].as_str()), (200, Some("cancelled")), "{}", called_off.body);
    assert_eq!(payroll.post(&format!("/v1/submissions/{}/cancel", ids[0]), None).await.status, 409, "it is over");
    agencies(&app).feel(None);
    for id in &ids[1..] {
        payroll.until_state(id, "arrived").await;
    }
    let counts = counted(&agencies(&app).effects(), "city");
    assert_eq!((counts.len(), counts.values().max()), (5, Some(&1)));
    withdrawn(&app, &payroll, &ids[1]).await;
}

async fn withdrawn(app: &App, payroll: &Payroll, id: &str) {
    let asked = payroll.post(&format!("/v1/submissions/{id}/withdraw"), None).await;
    assert_eq!(asked.status, 200, "{}", asked.body);
    let now: Value = payroll.until_state(id, "cancelled").await;
    let reference = format!("{}-1", now["deliveries"][0]["id"].as_str().unwrap());
    assert_eq!(counted(&agencies(app).effects(), "city").get(&reference), Some(&1));
    let again = payroll.post(&format!("/v1/submissions/{id}/withdraw"), None).await;
    assert_eq!(again.status, 409, "it is over");
}
