//! Drafts of applications: they outlive a sign-out, are changed by whoever saw them, and handed in once, by the software or by
//! the person at the counter's own pages.

use super::Payroll;
use super::applications::{ALL, OTHER_CARD, RECEIVED, consented, parties, told};
use super::attachments::{damage, uploaded};
use crate::support::played::citizen::Citizen;
use crate::support::played::third_party::Answer;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

const DRAFTS: &str = "/v1/application-drafts";

async fn keep(family: &Payroll, key: &str, body: &Value) -> Answer {
    family.send((Method::POST, DRAFTS), &[("idempotency-key", key)], Some(body)).await
}

fn seen(answer: &Answer) -> (String, String) {
    assert!((200..300).contains(&answer.status), "{}", answer.body);
    let text = |member: &str| answer.body[member].as_str().unwrap().to_owned();
    assert_eq!(answer.headers["etag"], format!("\"{}\"", text("tag")).as_str());
    (text("id"), text("tag"))
}

async fn with_tag(family: &Payroll, (method, path): (Method, &str), tag: &str, body: Option<&Value>) -> Answer {
    let tag = format!("\"{tag}\"");
    family.send((method, path), &[("if-match", tag.as_str())], body).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_is_changed_by_who_saw_it_handed_in_once_and_nobody_elses() {
    let all = parties().await;
    let (id, first) = seen(&keep(&all.family, "one", &json!({"procedure": "damage-certificate"})).await);
    let path = format!("{DRAFTS}/{id}");
    assert_eq!(seen(&keep(&all.family, "one", &json!({"procedure": "damage-certificate"})).await).0, id);
    assert_eq!(told(&keep(&all.family, "one", &json!({})).await).1, Some("idempotency_key_reused"));
    assert_eq!(told(&keep(&all.family, "list", &json!([])).await).1, Some("invalid_request"));
    let large = json!({"remarks": "あ".repeat(50_000)});
    assert_eq!(told(&keep(&all.family, "large", &large).await).1, Some("content_too_large"));
    let half = with_tag(&all.family, (Method::POST, &format!("{path}/submit")), &first, None).await;
    assert_eq!((half.status, told(&half).1), (400, Some("invalid_request")), "it is half written: {}", half.body);
    let second = seen(&with_tag(&all.family, (Method::PUT, &path), &first, Some(&damage(&[]))).await).1;
    let late = with_tag(&all.family, (Method::PUT, &path), &first, Some(&json!({}))).await;
    assert_eq!(told(&late), (412, Some("precondition_failed"), Some("If-Match")));
    let bare = all.family.send((Method::PUT, &path), &[], Some(&json!({}))).await;
    assert_eq!(told(&bare).2, Some("If-Match"));
    let again = consented(&all.app, "family_app", super::applications::CARD).await;
    let listed = again.get(DRAFTS).await.body;
    assert_eq!((&listed["drafts"][0]["id"], listed["drafts"][0]["application"].is_null()), (&json!(id), true));
    assert_eq!(again.get(&path).await.body["application"], damage(&[]), "it is there after another sign-in");
    let stranger = consented(&all.app, "family_app", OTHER_CARD).await;
    assert_eq!(stranger.get(DRAFTS).await.body["drafts"], json!([]));
    for (method, path) in
        [(Method::GET, path.clone()), (Method::DELETE, path.clone()), (Method::POST, format!("{path}/submit"))]
    {
        assert_eq!(stranger.send((method, &path), &[], None).await.status, 404, "{path}");
    }
    assert_eq!(all.city.get(RECEIVED).await.body["items"], json!([]), "nobody has it");

    let submit = format!("{path}/submit");
    let calls = (0..8).map(|_| with_tag(&all.family, (Method::POST, &submit), &second, None));
    let answers = join_all(calls).await;
    let arrived = answers.iter().find(|answer| answer.status == 201).expect("one hands it in");
    let application = arrived.body["application"]["id"].as_str().unwrap();
    for answer in &answers {
        let is_same = answer.body["application"]["id"] == application;
        assert!(is_same || answer.status == 412 || answer.status == 404, "{}", answer.body);
    }
    let later = all.family.send((Method::POST, &submit), &[], None).await;
    assert_eq!(later.body["application"]["id"], json!(application), "the same application: {}", later.body);
    assert_eq!(all.family.get(&path).await.status, 404);
    assert_eq!(all.family.get(ALL).await.body["items"].as_array().unwrap().len(), 1);
    assert_eq!(later.body["is_handed_in_by_person"], json!(false));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_reads_what_was_prepared_and_hands_it_in_or_throws_it_away() {
    let all = parties().await;
    let counter = all.family.party.file.issuer.clone();
    let (paper, _) =
        uploaded(&all.family, "paper", "power_of_attorney", &format!("%PDF-1.7\n{}%%EOF", " ".repeat(90))).await;
    let mut body = damage(&[&paper]);
    body["answers"]["applicant"]["damage"] = json!("<script>alert(1)</script>");
    let (id, tag) = seen(&keep(&all.family, "one", &body).await);
    let (thrown, _) = seen(&keep(&all.family, "two", &json!({"x": 1})).await);
    let at = |path: &str| format!("{counter}/dashboard/applications{path}");
    let mut citizen = Citizen::new(super::applications::CARD.0, super::applications::CARD.1).unwrap();
    citizen.dashboard(&counter).await.unwrap();
    let list = citizen.open(&at("")).await.unwrap();
    let text = list.texts("main").join(" ");
    assert!(text.contains("Drafts that wait for you") && text.contains("You handed nothing in"), "{text}");
    let page = citizen.open(&at(&format!("/drafts/{id}"))).await.unwrap();
    let text = page.texts("main").join(" ");
    assert!(
        text.contains("<script>alert(1)</script>") && text.contains("見本 太郎") && text.contains("文書.pdf"),
        "{text}"
    );
    assert!(page.texts("#fault-list li").is_empty(), "{text}");
    let action = format!("/dashboard/applications/drafts/{id}");

    // What is changed after it was seen is not handed in.
    body["answers"]["applicant"]["damage"] = json!("屋根が飛散した。");
    let changed = seen(&with_tag(&all.family, (Method::PUT, &format!("{DRAFTS}/{id}")), &tag, Some(&body)).await).1;
    let refused = citizen.fill(&page, &action, &[("decision", "hand_in")]).await.unwrap();
    assert!(refused.text().contains("changed after you saw it"), "{}", refused.text());
    assert_eq!(all.city.get(RECEIVED).await.body["items"], json!([]));
    assert_ne!(changed, tag);
    let page = citizen.open(&at(&format!("/drafts/{id}"))).await.unwrap();
    let done = citizen.fill(&page, &action, &[("decision", "hand_in")]).await.unwrap();
    let text = done.texts("main").join(" ");
    assert!(text.contains("It was handed in") && text.contains("Arrived") && text.contains("by yourself"), "{text}");
    let received = all.city.get(RECEIVED).await.body;
    let application = received["items"][0]["id"].as_str().unwrap();
    let given = all.city.get(&format!("{RECEIVED}/{application}")).await.body;
    assert_eq!(given["is_handed_in_by_person"], json!(true), "{given}");
    assert_eq!(
        all.family.get(&format!("{ALL}/{application}")).await.status,
        200,
        "the software that prepared it sees it"
    );

    let half = citizen.open(&at(&format!("/drafts/{thrown}"))).await.unwrap();
    assert!(!half.texts("#fault-list li").is_empty(), "{}", half.text());
    let action = format!("/dashboard/applications/drafts/{thrown}");
    let forced = citizen.fill(&half, &action, &[("decision", "hand_in")]).await.unwrap();
    assert!(forced.text().contains("cannot be handed in like this"), "{}", forced.text());
    let gone = citizen.fill(&half, &action, &[("decision", "throw_away")]).await.unwrap();
    assert!(gone.text().contains("The draft was thrown away"), "{}", gone.text());
    assert_eq!(all.family.get(&format!("{DRAFTS}/{thrown}")).await.status, 404);
    check_strangers(&all.family, &counter, &body).await;
}

/// Another person sees neither, whatever they ask for.
async fn check_strangers(family: &Payroll, counter: &str, body: &Value) {
    let (id, _) = seen(&keep(family, "three", body).await);
    let mut stranger = Citizen::new(OTHER_CARD.0, OTHER_CARD.1).unwrap();
    stranger.dashboard(counter).await.unwrap();
    let list = stranger.open(&format!("{counter}/dashboard/applications")).await.unwrap();
    assert!(list.text().contains("You handed nothing in"), "{}", list.text());
    for path in [format!("/drafts/{id}"), "/drafts/dft_unknown".into(), "/drafts/%20".into()] {
        assert_eq!(
            stranger.open(&format!("{counter}/dashboard/applications{path}")).await.unwrap().status,
            404,
            "{path}"
        );
    }
}
