//! A backend in every mood: each ends in an outcome, never in a 500.

use super::{Bank, income};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_mood_of_the_backend_has_an_outcome() {
    let bank = Bank::agreed(30).await;
    for (scenario, outcome, reason) in [
        ("callback_twice", "ok", ""),
        ("callback_never", "ok", ""),
        ("error_500", "failed", "backend_error"),
        ("malformed", "failed", "malformed_answer"),
        ("drop_connection", "failed", "unreachable"),
    ] {
        let answer = bank.ask(&income(2025), &[("prefer", "wait=30"), ("x-sandbox-scenario", scenario)]).await;
        assert_eq!(answer.status, 200, "{scenario}: {}", answer.body);
        let set = &answer.body["data_sets"][0];
        assert_eq!(set["outcome"], outcome, "{scenario}: {set}");
        assert_eq!(set["reason"].as_str().unwrap_or_default(), reason, "{scenario}: {set}");
        if outcome == "failed" {
            assert_eq!(set["is_retryable"], true, "{scenario}: {set}");
        }
    }
}
