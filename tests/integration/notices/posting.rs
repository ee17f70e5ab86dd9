//! What an agency may post, and what it is told.

use super::{POST, Town, agreed, own_token, party, town};
use crate::support::calls::Told;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::join_all;
use madoguchi::domain::client::ClientClass;
use serde_json::{Value, json};

fn told(answer: &Told) -> (u16, &str, Option<&str>) {
    (answer.status, answer.code(), answer.body["pointer"].as_str())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_same_calls_one_notice_comes_and_its_agency_alone_knows_it() {
    let town = town().await;
    let notice = town.notice();
    let answers = join_all((0..8).map(|_| town.post("same", &notice))).await;
    let id = answers[0].body["id"].clone();
    for answer in &answers {
        assert_eq!(
            (answer.status, &answer.body["id"], &answer.body["state"]),
            (201, &id, &json!("posted")),
            "{answer:?}"
        );
    }
    assert_eq!(answers[0].header("location"), format!("{POST}/{}", id.as_str().unwrap()));
    assert_eq!(town.titles().await.len(), 1, "an agency's retry never makes two");
    let mut other = notice.clone();
    other["category"] = json!("tax");
    let reused = (422, "idempotency_key_reused", Some("Idempotency-Key"));
    assert_eq!(told(&town.post("same", &other).await), reused);

    let tax = party(&town.installation, "tax", ClientClass::Agency).await;
    let token = own_token(&town.installation, &tax, "agency_notices").await;
    let as_tax = (&tax, token.as_str());
    let path = format!("{POST}/{}", id.as_str().unwrap());
    let listed = town.read_as((&town.city, &town.posting), "GET", POST).await;
    assert_eq!(listed.body["items"].as_array().unwrap().len(), 1, "{listed:?}");
    assert!(!listed.body.to_string().contains("read"), "whether it was read is the citizen's own: {listed:?}");
    assert!(town.read_as(as_tax, "GET", POST).await.body["items"].as_array().unwrap().is_empty());
    assert_eq!(told(&town.read_as(as_tax, "GET", &path).await), (404, "not_found", Some("id")));
    // The same key of another agency is another key; the citizen is another text to it, or nobody yet.
    let nobody = (422, "invalid_value", Some("/recipient"));
    assert_eq!(told(&town.post_as(as_tax, "same", &notice).await), nobody, "what the city knows the citizen by");
    let known = agreed(&tax, &mut town.installation.citizen(), "openid").await.subject.unwrap();
    let mut own = notice.clone();
    own["recipient"] = json!(known);
    assert_eq!(town.post_as(as_tax, "same", &own).await.status, 201);
    assert_eq!(told(&town.post("cross", &own).await), nobody);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_no_agency_posts_nothing() {
    let town = town().await;
    let bank = party(&town.installation, "bank", ClientClass::Bank).await;
    let token = own_token(&town.installation, &bank, "agency_notices").await;
    let known = agreed(&bank, &mut town.installation.citizen(), "openid").await.subject.unwrap();
    let mut notice = town.notice();
    notice["recipient"] = json!(known);
    assert_eq!(told(&town.post_as((&bank, &token), "one", &notice).await).1, "refused_by_policy");
    let reading = own_token(&town.installation, &town.city, "notices").await;
    assert_eq!(told(&town.post_as((&town.city, &reading), "one", &town.notice()).await).1, "insufficient_scope");
    let narrow = town.read_as((&town.inbox, &town.tokens.access), "GET", POST).await;
    assert_eq!(told(&narrow).1, "insufficient_scope");
    assert!(town.titles().await.is_empty());
}

fn with(town: &Town, at: &str, value: Value) -> Value {
    let mut notice = town.notice();
    let names: Vec<&str> = at.split('/').skip(1).collect();
    let mut place = &mut notice;
    for name in names {
        place = &mut place[name];
    }
    *place = value;
    notice
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_is_told_by_its_place() {
    let town = town().await;
    let large = STANDARD.encode(vec![b'a'; 524_289]);
    let file = |name: &str, kind: &str, text: &str| json!([{"name": name, "media_type": kind, "base64": text}]);
    let pdf = "application/pdf";
    for (at, value, told_at) in [
        ("/recipient", json!(""), "/recipient"),
        ("/recipient", json!("p~unknown"), "/recipient"),
        ("/recipient", json!("p".repeat(300)), "/recipient"),
        ("/category", json!("nonsense"), "/category"),
        ("/ja/title", json!(""), "/ja/title"),
        ("/ja/title", json!("見".repeat(201)), "/ja/title"),
        ("/ja/title", json!("見\u{202e}本"), "/ja/title"),
        ("/ja/body", json!("\u{0}"), "/ja/body"),
        ("/ja/body", json!("本".repeat(10_001)), "/ja/body"),
        ("/en", json!({"title": "\n", "body": "x"}), "/en/title"),
        ("/deliver_at", json!("tomorrow"), "/deliver_at"),
        ("/deliver_at", json!("2999-01-01T00:00:00+09:00"), "/deliver_at"),
        ("/expires_at", json!("2020-01-01T00:00:00+09:00"), "/expires_at"),
        ("/expires_at", json!("2999-01-01T00:00:00+09:00"), "/expires_at"),
        ("/payment", json!({"url": "http://city.example/"}), "/payment/url"),
        ("/payment", json!({"url": "javascript:alert(1)"}), "/payment/url"),
        ("/payment", json!({"url": "https://city.example@evil.example/"}), "/payment/url"),
        ("/payment", json!({"url": format!("https://city.example/{}", "a".repeat(2000))}), "/payment/url"),
        ("/response", json!({"url": "https://city.example/", "due_on": "2020-01-01"}), "/response/due_on"),
        ("/response", json!({"url": "https://city.example/", "due_on": "2999-02-30"}), "/response/due_on"),
        ("/attachments", file("a/b.pdf", pdf, "AA=="), "/attachments/0/name"),
        ("/attachments", file("a.exe", "application/x-msdownload", "AA=="), "/attachments/0/media_type"),
        ("/attachments", file("a.pdf", pdf, "AA"), "/attachments/0/base64"),
        ("/attachments", file("a.pdf", pdf, ""), "/attachments/0/base64"),
        ("/attachments", file("a.pdf", pdf, &large), "/attachments/0/base64"),
        ("/attachments", json!(vec![file("a.pdf", pdf, "AA==")[0].clone(); 6]), "/attachments"),
    ] {
        let answer = town.post("one", &with(&town, at, value)).await;
        assert_eq!(told(&answer), (422, "invalid_value", Some(told_at)), "{at}: {answer:?}");
    }
    for notice in [json!([]), json!({}), with(&town, "/more", json!(1)), with(&town, "/ja", json!("見本"))] {
        assert_eq!(told(&town.post("one", &notice).await).1, "invalid_request", "{notice}");
    }
    assert!(town.titles().await.is_empty(), "nothing came of any of it");
    assert_eq!(town.post("one", &town.notice()).await.status, 201, "and the key is free");
}
