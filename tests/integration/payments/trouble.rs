//! The service lies, is away, or is somebody else.

use super::{PAYMENTS, attempt_of, browser, choose, desk, finish, key};
use madoguchi::sandbox::payment::PaymentMood;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_yen_less_is_no_payment_and_is_told_in_the_reconciliation() {
    let desk = desk().await;
    desk.installation.sandbox.payments().feel(PaymentMood::Short);
    let (id, url) = desk.made().await;
    let mut browser = browser();
    let at_bank = choose(&mut browser, &url, ("card", "")).await;
    finish(&mut browser, &at_bank, "pay").await;
    assert_eq!(desk.state(&id).await, "started");
    let lines = desk.lines().await;
    let one = &lines["items"][0];
    assert_eq!((&one["counts_as"], &one["amount"]), (&json!("amount_differs"), &json!(12_499)), "{lines}");
    assert_eq!((&lines["totals"][0]["count"], &lines["totals"][0]["excess_count"]), (&json!(0), &json!(1)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_handed_over_to_a_service_that_is_away_lies_or_leads_elsewhere() {
    let desk = desk().await;
    let (id, url) = desk.made().await;
    let mut browser = browser();
    for mood in [PaymentMood::Down, PaymentMood::Forged, PaymentMood::Elsewhere] {
        desk.installation.sandbox.payments().feel(mood);
        let page = choose(&mut browser, &url, ("card", "")).await;
        assert_eq!(page.status, 503, "{mood:?}: {}", page.text());
        assert!(page.url.as_str().starts_with(&desk.installation.public_url), "{mood:?}");
        let cancel = desk.call("POST", &format!("{PAYMENTS}/{id}/cancel")).await;
        if mood != PaymentMood::Elsewhere {
            assert_eq!(cancel.code(), "payment_service_unreachable", "{mood:?}: {cancel:?}");
        }
    }
    assert!(["cancelled", "open", "started"].contains(&desk.state(&id).await.as_str()));
    assert!(desk.lines().await["items"].as_array().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_signed_by_the_service_or_is_old_changes_nothing() {
    let desk = desk().await;
    let (id, url) = desk.made().await;
    let mut browser = browser();
    let at_bank = choose(&mut browser, &url, ("card", "")).await;
    let back = finish(&mut browser, &at_bank, "cancel").await;
    let attempt = attempt_of(&back);
    let good = desk.notification(&attempt, "forged", 12_500);
    let text = good.to_string();
    let signature = key().sign("notification", &[text.as_bytes()]);
    let altered = text.replace("12500", "12501");
    let as_answer = key().sign("answer", &[text.as_bytes()]);
    for (text, signature) in
        [(&text, ""), (&text, "AAAA"), (&altered, signature.as_str()), (&text, as_answer.as_str()), (&text, "é")]
    {
        let told = desk.notify_signed(text, signature).await;
        assert_eq!((told.status, told.code()), (400, "invalid_request"), "{told:?}");
    }
    let with = |at: &str, value: Value| {
        let mut body = good.clone();
        *body.pointer_mut(at).unwrap() = value;
        body
    };
    let later = json!("2999-01-01T00:00:00Z");
    for (body, status, code) in [
        (with("/iat", json!(good["iat"].as_i64().unwrap() - 400)), 400, "invalid_request"),
        (with("/iat", json!(i64::MIN)), 400, "invalid_request"),
        (with("/iat", json!(i64::MAX)), 400, "invalid_request"),
        (with("/shop", json!("another")), 400, "invalid_request"),
        (with("/link", json!("pat_unknown")), 404, "not_found"),
        (with("/link", json!("../etc")), 404, "not_found"),
        (with("/taking/taken_at", later), 422, "invalid_value"),
        (with("/taking/amount", json!(u64::MAX)), 422, "invalid_value"),
        (with("/taking/amount", json!(-1)), 400, "invalid_request"),
        (with("/taking/reference", json!("a b")), 422, "invalid_value"),
        (with("/taking/way", json!("cash")), 400, "invalid_request"),
        (json!({"nonsense": true}), 400, "invalid_request"),
    ] {
        let told = desk.notify(&body).await;
        assert_eq!((told.status, told.code()), (status, code), "{body}: {told:?}");
    }
    assert_eq!(desk.state(&id).await, "started");
    // What was good becomes old.
    desk.installation.clock.advance(Duration::from_mins(6));
    assert_eq!(desk.notify_signed(&text, &signature).await.status, 400);
    assert_eq!(desk.notify_signed(&"x".repeat(5000), "AAAA").await.status, 413);
}
