//! The catalogue follows the service, and outlives it.

use super::Chat;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_is_seen_and_an_outage_is_not() {
    let chat = Chat::open().await;
    let services = chat.app.dev.sandbox.own.as_ref().unwrap().services();
    let (lists, details) = services.asked();
    assert!(lists >= 11 && details >= 300, "{lists} {details}");
    let find = [("municipality", "152048"), ("procedure", "sanjo-letter-to-mayor")];
    let first = chat.get("/v1/service-procedures", &find).await;
    let (psid, tag) = (first.body["procedures"][0]["psid"].as_str().unwrap(), &first.headers["etag"]);

    services.break_down(true);
    assert!(services.change(psid, "市長に意見を届ける窓口です。"));
    let before = services.asked();
    while services.asked().0 < before.0 + 11 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let still = chat.get("/v1/service-procedures", &find).await;
    assert_eq!((still.status, &still.headers["etag"]), (200, tag), "what was good stays");

    services.break_down(false);
    let before = services.asked();
    loop {
        let now = chat.get("/v1/service-procedures", &[("keyword", "意見を届ける窓口")]).await;
        if now.body["procedures"].as_array().is_some_and(|all| all.len() == 1) {
            assert_eq!(now.body["procedures"][0]["psid"], psid);
            assert_ne!(&now.headers["etag"], tag);
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(services.asked().1, before.1 + 1, "only what changed was fetched");
}
