//! Documents that go with applications: sent in pieces, looked into, given to the municipality and to nobody else.

use super::Payroll;
use super::applications::{ALL, Parties, RECEIVED, apply, id_of, parties, told};
use crate::support::played::third_party::Answer;
use madoguchi::domain::Digest;
use reqwest::Method;
use serde_json::{Value, json};

pub(super) const FILES: &str = "/v1/application-attachments";

/// A PDF that says nothing, of so many bytes.
fn pdf(bytes: usize) -> String {
    format!("%PDF-1.7\n{}\n%%EOF", " ".repeat(bytes - 16))
}

fn said(document: &str, name: &str, content: &str) -> Value {
    json!({
        "form": "damage-certificate-1", "document": document, "name": name, "length": content.len(),
        "digest": Digest::of(content).base64url(),
    })
}

async fn begin(family: &Payroll, key: &str, body: &Value) -> Answer {
    family.send((Method::POST, FILES), &[("idempotency-key", key)], Some(body)).await
}

async fn append(family: &Payroll, id: &str, offset: usize, bytes: &str) -> Answer {
    let (path, offset) = (format!("{FILES}/{id}"), offset.to_string());
    let headers = [("content-type", "application/partial-upload"), ("upload-offset", offset.as_str())];
    family.try_send((Method::PATCH, &path), &headers, Some(bytes)).await.expect("an answer")
}

fn att(answer: &Answer) -> String {
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.body["id"].as_str().unwrap().to_owned()
}

/// Sends a document in one piece; gives its id and the last answer.
pub(super) async fn uploaded(family: &Payroll, key: &str, document: &str, content: &str) -> (String, Value) {
    let id = att(&begin(family, key, &said(document, "文書.pdf", content)).await);
    let answer = append(family, &id, 0, content).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    (id, answer.body)
}

pub(super) fn damage(attachments: &[&str]) -> Value {
    let attachments: Vec<Value> = attachments.iter().map(|id| json!({"id": id})).collect();
    json!({
        "municipality": "999016", "procedure": "damage-certificate", "form": "damage-certificate-1",
        "applied_by": {"kind": "self"},
        "answers": {
            "applicant": {
                "householder_name": "見本　太郎", "householder_address": "見本県見本市1", "damaged_home_address": "見本県見本市2",
                "phone": "0900000000", "disaster": "R801", "damaged_on": "2026-09-10", "home_kind": "1",
                "damage": "屋根の一部が飛散した。",
            },
            "entries": [{"name": "見本　太郎", "birth_date": "1950-01-01", "relationship": "1"}],
        },
        "attachments": attachments,
    })
}

async fn raw(who: &Payroll, path: &str) -> (u16, String, Vec<u8>) {
    let response = who.respond((Method::GET, path), &[], None).await.unwrap();
    let kind = response.headers().get("document-type").map(|value| value.to_str().unwrap().to_owned());
    (response.status().as_u16(), kind.unwrap_or_default(), response.bytes().await.unwrap().to_vec())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_comes_in_pieces_goes_with_one_application_and_its_city_alone_is_given_it() {
    let all = parties().await;
    let content = pdf(200_000);
    let begun = begin(&all.family, "one", &said("power_of_attorney", "委任状.pdf", &content)).await;
    let id = att(&begun);
    assert_eq!(begun.headers["upload-offset"], "0");
    assert_eq!(att(&begin(&all.family, "one", &said("power_of_attorney", "委任状.pdf", &content)).await), id);
    let other = begin(&all.family, "one", &said("power_of_attorney", "別.pdf", &content)).await;
    assert_eq!(told(&other).1, Some("idempotency_key_reused"));
    let half = append(&all.family, &id, 0, &content[..100_000]).await;
    assert_eq!((&half.body["state"], half.headers["upload-offset"].to_str().unwrap()), (&json!("awaited"), "100000"));
    assert_eq!(told(&append(&all.family, &id, 0, &content[..100_000]).await).1, Some("conflict"), "they are here");
    assert_eq!(told(&append(&all.family, &id, 100_000, "x").await).1, Some("invalid_value"), "too few for one piece");
    let early = apply(&all.family, "early", &damage(&[&id])).await;
    assert_eq!(told(&early), (422, Some("invalid_value"), Some("/attachments/0/id")), "it is not whole");
    let whole = append(&all.family, &id, 100_000, &content[100_000..]).await;
    assert_eq!(
        (&whole.body["state"], &whole.body["media_type"]),
        (&json!("ready"), &json!("application/pdf")),
        "{}",
        whole.body
    );
    let arrived = apply(&all.family, "first", &damage(&[&id])).await;
    let application = id_of(&arrived);
    assert_eq!(arrived.body["attachments"][0]["name"], json!("委任状.pdf"), "{}", arrived.body);
    assert_eq!(id_of(&apply(&all.family, "first", &damage(&[&id])).await), application, "the same call");
    let second = apply(&all.family, "second", &damage(&[&id])).await;
    assert_eq!(told(&second), (422, Some("invalid_value"), Some("/attachments/0/id")), "it went with another");
    let seen = all.family.get(&format!("{FILES}/{id}")).await.body;
    assert_eq!((&seen["state"], &seen["application"]), (&json!("attached"), &json!(application)), "{seen}");
    let thrown = all.family.send((Method::DELETE, &format!("{FILES}/{id}")), &[], None).await;
    assert_eq!(told(&thrown).1, Some("conflict"));
    check_given(&all, (&application, &id), &content).await;
}

async fn check_given(all: &Parties, (application, id): (&str, &str), content: &str) {
    let path = format!("{RECEIVED}/{application}/attachments/{id}");
    let (status, kind, bytes) = raw(&all.city, &path).await;
    assert_eq!((status, kind.as_str(), bytes.as_slice()), (200, "application/pdf", content.as_bytes()));
    assert!(
        all.family.get(&format!("{ALL}/{application}")).await.body["read_at"].is_string(),
        "that it was read is seen"
    );
    let (status, _, bytes) = raw(&all.family, &format!("{FILES}/{id}/content")).await;
    assert_eq!((status, bytes.as_slice()), (200, content.as_bytes()), "whoever sent it");
    let town = Payroll::open_for(&all.app.directory(), "town_desk", "agency_applications").await;
    for (stranger, path, status) in [
        (&town, path.clone(), 404),
        (&all.family, path.clone(), 403),
        (&all.city, format!("{FILES}/{id}/content"), 403),
        (&all.city, format!("{RECEIVED}/{application}/attachments/att_unknown"), 404),
    ] {
        assert_eq!(raw(stranger, &path).await.0, status, "{path}");
    }
    let other = super::applications::consented(&all.app, "family_app", super::applications::OTHER_CARD).await;
    for path in [format!("{FILES}/{id}"), format!("{FILES}/{id}/content")] {
        assert_eq!(raw(&other, &path).await.0, 404, "another person by the same software");
    }
    let taken = apply(&other, "theirs", &damage(&[id])).await;
    assert_eq!(told(&taken), (422, Some("invalid_value"), Some("/attachments/0/id")), "nor can they hand it in");
    let listed = all.city.get(&format!("{RECEIVED}/{application}")).await.body;
    assert_eq!(listed["attachments"][0]["digest"], json!(Digest::of(content).base64url()), "{listed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_document_is_decides_and_not_what_it_is_called() {
    let all = parties().await;
    let active = "%PDF-1.7\n1 0 obj << /S /J#61vaScript /JS (app.alert(1)) >> endobj\n%%EOF";
    for (n, (document, content, reason)) in [
        ("power_of_attorney", "MZ\u{0}this program", "media_type"),
        ("power_of_attorney", "<html><script>alert(1)</script></html>", "media_type"),
        ("photographs", &*pdf(100), "media_type"),
        ("power_of_attorney", active, "active_content"),
        ("power_of_attorney", "%PDF-1.7 trailer << /Encrypt 4 0 R >>\n%%EOF", "encrypted"),
        ("power_of_attorney", "%PDF-1.7 and then nothing", "broken"),
    ]
    .into_iter()
    .enumerate()
    {
        let (id, last) = uploaded(&all.family, &format!("{n}"), document, content).await;
        assert_eq!((&last["state"], &last["reason"]), (&json!("refused"), &json!(reason)), "{content}");
        let answer = apply(&all.family, &format!("with-{n}"), &damage(&[&id])).await;
        assert_eq!(told(&answer), (422, Some("invalid_value"), Some("/attachments/0/id")));
        assert_eq!(raw(&all.family, &format!("{FILES}/{id}/content")).await.0, 409, "nothing of it is kept");
        let gone = all.family.send((Method::DELETE, &format!("{FILES}/{id}")), &[], None).await;
        assert_eq!(gone.status, 204, "{}", gone.body);
    }
    let mut lied = said("power_of_attorney", "a.pdf", &pdf(100));
    lied["digest"] = json!(Digest::of("something else").base64url());
    let id = att(&begin(&all.family, "lied", &lied).await);
    assert_eq!(append(&all.family, &id, 0, &pdf(100)).await.body["reason"], json!("digest_mismatch"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_a_document_is_told_by_its_place() {
    let all = parties().await;
    for (member, value, at) in [
        ("form", json!("nothing"), "/form"),
        ("form", json!("nursery-application-1"), "/document"),
        ("document", json!("receipt"), "/document"),
        ("name", json!(""), "/name"),
        ("name", json!("../../etc/passwd"), "/name"),
        ("name", json!("a\u{202E}fdp.exe"), "/name"),
        ("length", json!(0), "/length"),
        ("length", json!(5_000_001), "/length"),
        ("digest", json!("x"), "/digest"),
    ] {
        let mut body = said("power_of_attorney", "a.pdf", &pdf(100));
        body[member] = value;
        let answer = begin(&all.family, "wrong", &body).await;
        assert_eq!(told(&answer), (422, Some("invalid_value"), Some(at)), "{body}");
    }
    let mut ids = Vec::new();
    for n in 0..3 {
        ids.push(uploaded(&all.family, &format!("{n}"), "power_of_attorney", &pdf(100)).await.0);
    }
    let (a, b, c) = (ids[0].as_str(), ids[1].as_str(), ids[2].as_str());
    let many = apply(&all.family, "many", &damage(&[a, b, c])).await;
    assert_eq!(told(&many), (422, Some("invalid_value"), Some("/attachments/2/id")), "the form takes two");
    let twice = apply(&all.family, "twice", &damage(&[a, a])).await;
    assert_eq!(told(&twice), (422, Some("invalid_value"), Some("/attachments/1/id")));
    let nothing = apply(&all.family, "nothing", &damage(&["att_nothing"])).await;
    assert_eq!(told(&nothing), (422, Some("invalid_value"), Some("/attachments/0/id")));
    let id = att(&begin(&all.family, "no-place", &said("power_of_attorney", "a.pdf", &pdf(100))).await);
    let headers = [("content-type", "application/partial-upload")];
    let path = format!("{FILES}/{id}");
    let bare = all.family.try_send((Method::PATCH, &path), &headers, Some("x")).await.unwrap();
    assert_eq!(told(&bare), (400, Some("invalid_request"), Some("Upload-Offset")));
    assert_eq!(told(&append(&all.family, &id, 7, "x").await).1, Some("conflict"));
    assert_eq!(told(&append(&all.family, &id, 0, &pdf(101)).await).1, Some("invalid_value"), "more than was said");
}
