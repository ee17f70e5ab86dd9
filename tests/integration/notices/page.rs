//! The citizen's own page of notices.

use super::{Town, town};
use crate::support::played::citizen::Citizen;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use madoguchi::domain::Clock as _;
use serde_json::json;
use std::time::Duration;

fn at(town: &Town, path: &str) -> String {
    format!("{}/dashboard/notices{path}", town.installation.public_url)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_citizen_reads_their_notices_at_the_counter_and_nobody_elses() {
    let town = town().await;
    let mut notice = town.notice();
    let due = town.installation.clock.now().plus(Duration::from_hours(24 * 20)).date_in_japan();
    notice["ja"]["title"] = json!("<b>見本</b>");
    notice["ja"]["body"] = json!("一行目\n<script>alert(1)</script>");
    notice["response"] = json!({"url": "https://city.example/answer?a=1&b=2", "due_on": due.to_string()});
    notice["attachments"] =
        json!([{"name": "現況 届*.txt", "media_type": "text/plain", "base64": STANDARD.encode("見本")}]);
    let id = town.posted(&notice).await;
    let mut citizen = town.installation.citizen();
    citizen.dashboard(&town.installation.public_url).await.unwrap();
    let list = citizen.open(&at(&town, "")).await.unwrap();
    let text = list.texts("main").join(" ");
    assert!(text.contains("<b>見本</b>") && text.contains("Unread") && text.contains("1 file"), "{text}");
    assert_eq!(list.texts("#notices a[lang=ja]"), ["<b>見本</b>"], "it is told to be in another language");
    let one = citizen.open(&at(&town, &format!("/{id}"))).await.unwrap();
    let text = one.texts("main").join(" ");
    assert!(text.contains("<script>alert(1)</script>") && text.contains("written in Japanese only"), "{text}");
    assert!(text.contains("city.example") && one.links().iter().any(|link| link.contains("a=1")), "{text}");
    let file = citizen.open(&at(&town, &format!("/{id}/files/0"))).await.unwrap();
    assert_eq!((file.status, file.html.as_str()), (200, "見本"));
    assert_eq!(citizen.open(&at(&town, &format!("/{id}/files/1"))).await.unwrap().status, 404);

    let action = format!("/dashboard/notices/{id}/read");
    for (state, word) in [("read", "Marked as read"), ("unread", "Marked as unread")] {
        let page = citizen.open(&at(&town, &format!("/{id}"))).await.unwrap();
        let marked = citizen.fill(&page, &action, &[("state", state)]).await.unwrap();
        assert!(marked.texts("main").join(" ").contains(word), "{}", marked.text());
    }
    assert_eq!(town.read("GET", "/v1/notices?unread=true").await.body["items"].as_array().unwrap().len(), 1);

    let person = town.installation.sandbox.persons.iter().filter(|person| !person.is_suspended).nth(1).unwrap();
    let mut stranger = Citizen::new(&person.card_number, &person.pin).unwrap();
    stranger.dashboard(&town.installation.public_url).await.unwrap();
    assert!(stranger.open(&at(&town, "")).await.unwrap().text().contains("no notice to show"));
    for path in [format!("/{id}"), format!("/{id}/files/0"), "/ntc_unknown".into(), "/%20".into()] {
        assert_eq!(stranger.open(&at(&town, &path)).await.unwrap().status, 404, "{path}");
    }
}
