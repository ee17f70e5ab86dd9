//! Many calls at once while the gateway is killed; only what was acknowledged is remembered, and all of it checked.

use super::counter::Counter;
use super::{INCOME, consented, status_of_consent};
use crate::support::played::third_party::{ThirdParty, Tokens};
use reqwest::Method;
use serde_json::json;
use std::sync::Mutex;
use std::time::Duration;

/// What the gateway acknowledged before it was killed.
#[derive(Default)]
pub struct Seen {
    jobs: Mutex<Vec<(Tokens, String)>>,
    revoked: Mutex<Vec<Tokens>>,
    alive: Mutex<Vec<Tokens>>,
}

/// When to kill, in milliseconds after the storm began: from at once to well into it.
const MOMENTS: [u64; 4] = [10, 60, 160, 400];
/// How often the gateway is killed.
pub const ROUNDS: usize = MOMENTS.len();

/// When to kill in this round.
pub fn moment(round: usize) -> Duration {
    Duration::from_millis(MOMENTS[round % ROUNDS])
}

/// Consents first, then jobs and revocations at once until the kill, then a restart.
pub async fn until_killed(party: &ThirdParty, counter: &mut Counter, after: Duration) -> Seen {
    let seen = Seen::default();
    let working = consented(party).await;
    let mut doomed = Vec::new();
    for _ in 0..4 {
        doomed.push(consented(party).await);
    }
    let kept = consented(party).await;
    let storm = async {
        let jobs = futures_util::future::join_all((0..8).map(|_| start_jobs(party, &working, &seen)));
        let revocations = async {
            for tokens in doomed {
                revoke(party, tokens, &seen).await;
            }
        };
        futures_util::future::join(jobs, revocations).await;
    };
    // The storm ends by the kill: its calls fail from then on, and a failed call acknowledged nothing.
    let _ = tokio::time::timeout(after, storm).await;
    counter.kill();
    counter.restart().await;
    seen.alive.lock().unwrap().extend([working, kept]);
    seen
}

async fn start_jobs(party: &ThirdParty, tokens: &Tokens, seen: &Seen) {
    let body = json!({"data_sets": [{"code": INCOME, "condition": {"kind": "tax_year", "year": 2025}}]});
    loop {
        let answer =
            party.call_with("wait=0", tokens, (Method::POST, "/v1/self-information-requests"), Some(&body)).await;
        let Ok(answer) = answer else { return };
        let place = answer.headers.get("location").and_then(|v| v.to_str().ok()).map(ToOwned::to_owned);
        if let (202, Some(place)) = (answer.status, place) {
            seen.jobs.lock().unwrap().push((tokens.clone(), place));
        }
    }
}

async fn revoke(party: &ThirdParty, tokens: Tokens, seen: &Seen) {
    let refresh = tokens.refresh.clone().unwrap_or_default();
    if let Ok(200) = party.revoke(&refresh).await {
        seen.revoked.lock().unwrap().push(tokens);
    }
}

fn noted<T: Clone>(list: &Mutex<Vec<T>>) -> Vec<T> {
    list.lock().unwrap().clone()
}

/// Every job is there and ends, every revocation holds, every other grant lives.
pub async fn check(party: &ThirdParty, seen: &Seen) {
    for tokens in noted(&seen.revoked) {
        assert_eq!(status_of_consent(party, &tokens).await, 401, "a revocation was lost");
        assert!(party.refresh(&tokens).await.is_err(), "a revoked refresh token works");
    }
    for tokens in noted(&seen.alive) {
        assert_eq!(status_of_consent(party, &tokens).await, 200, "a grant was lost");
        assert!(party.refresh(&tokens).await.is_ok(), "a refresh token was lost");
    }
    for (tokens, place) in noted(&seen.jobs) {
        let path = place.strip_prefix(&party.file.issuer).unwrap_or(&place).to_owned();
        // The killed process's lease must be over before the next one takes the job up.
        let answer = party.call_with("wait=30", &tokens, (Method::GET, &path), None).await.expect("an answer");
        assert_eq!(answer.status, 200, "a job was lost: {}", answer.body);
        assert_eq!(answer.body["data_sets"][0]["outcome"], "ok", "{}", answer.body);
    }
}
