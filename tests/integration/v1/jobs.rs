//! Jobs: waiting, reading once, giving up, repeating, and the consent for one retrieval.

use super::{Bank, REQUESTS, Sent, code, income};
use reqwest::Method;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_is_taken_on_waited_for_and_read_once() {
    let bank = Bank::agreed(30).await;
    let taken = bank.ask(&income(2025), &[]).await;
    assert_eq!((taken.status, taken.body["status"].as_str()), (202, Some("accepted")), "{}", taken.body);
    assert!(taken.headers.contains_key("retry-after") && !taken.headers.contains_key("preference-applied"));
    let place = taken.headers["location"].to_str().unwrap().to_owned();
    assert!(place.starts_with(REQUESTS));

    let read = bank.get(&place, &[("prefer", "wait=20")]).await;
    assert_eq!((read.status, read.body["status"].as_str()), (200, Some("completed")), "{}", read.body);
    assert_eq!(read.headers["preference-applied"], "wait=20");
    assert_eq!(read.body["data_sets"][0]["outcome"], "ok", "{}", read.body);
    assert_eq!(read.headers["cache-control"], "no-store");

    let again = bank.get(&place, &[]).await;
    assert_eq!(code(&again), (410, "result_gone".into()));
    let over = bank.send(Method::DELETE, &place, Sent::default()).await;
    assert_eq!(over.status, 204);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_is_given_up_is_gone() {
    let bank = Bank::agreed(30).await;
    let taken = bank.ask(&income(2025), &[("x-sandbox-scenario", "slow")]).await;
    let place = taken.headers["location"].to_str().unwrap().to_owned();
    for _ in 0..2 {
        assert_eq!(bank.send(Method::DELETE, &place, Sent::default()).await.status, 204);
    }
    assert_eq!(code(&bank.get(&place, &[("prefer", "wait=5")]).await), (410, "result_gone".into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_key_repeats_the_answer_and_never_another_ones() {
    let bank = Bank::agreed(30).await;
    let key = [("idempotency-key", "\"k-1\""), ("prefer", "wait=20")];
    let first = bank.ask(&income(2025), &key).await;
    assert_eq!(first.status, 200, "{}", first.body);
    let again = bank.ask(&income(2025), &key).await;
    assert_eq!((again.status, &again.body), (200, &first.body));
    let other = bank.ask(&income(2024), &key).await;
    assert_eq!(code(&other), (422, "idempotency_key_reused".into()));

    // Reading by the address takes it; then the key has nothing left to repeat.
    let place = format!("{REQUESTS}/{}", first.body["id"].as_str().unwrap());
    assert_eq!(bank.get(&place, &[]).await.body, first.body);
    assert_eq!(code(&bank.get(&place, &[]).await), (410, "result_gone".into()));
    assert_eq!(code(&bank.ask(&income(2025), &key).await), (410, "result_gone".into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consent_for_one_retrieval_is_good_for_one_and_a_failure_is_none() {
    let bank = Bank::agreed(0).await;
    let wait = ("prefer", "wait=20");
    let failed = bank.ask(&income(2025), &[wait, ("x-sandbox-scenario", "error_500")]).await;
    assert_eq!(failed.body["data_sets"][0]["outcome"], "failed", "{}", failed.body);
    let (body, headers) = (income(2025), [wait]);
    let (one, two) = tokio::join!(bank.ask(&body, &headers), bank.ask(&body, &headers));
    let mut ends = [code(&one), code(&two)];
    ends.sort();
    assert_eq!(ends[0], (200, String::new()), "{} {}", one.body, two.body);
    assert!(ends[1].0 == 409 || ends[1].0 == 403, "{ends:?}");
    assert_eq!(code(&bank.ask(&body, &headers).await), (403, "consent_used_up".into()));
}
