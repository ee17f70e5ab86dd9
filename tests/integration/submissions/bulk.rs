//! Bulk filings black box: sent in pieces, gone on with, held against the rules, filed once, told line by line.

use super::Payroll;
use super::api::opened;
use crate::support::played::santei;
use crate::support::played::third_party::Answer;
use madoguchi::domain::Digest;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub const ALL: &str = "/v1/bulk-submissions";

/// A file of so many records, each a line of about 200 bytes.
pub fn file(records: usize) -> String {
    let line = |n: usize| json!({"number": n, "name": "見本 太郎", "filler": "x".repeat(150)}).to_string() + "\n";
    (0..records).map(line).collect()
}

pub fn said(file: &str) -> Value {
    json!({
        "agency": "pension", "procedure": "9990002", "digest": Digest::of(file).base64url(), "length": file.len(),
        "office": {"name": "見本工業株式会社"},
    })
}

pub async fn begin(payroll: &Payroll, key: &str, body: &Value, prefer: &str) -> Answer {
    let headers = [("idempotency-key", key), ("prefer", prefer)];
    payroll.send((Method::POST, ALL), &headers, Some(body)).await
}

pub async fn append(payroll: &Payroll, id: &str, offset: usize, bytes: &str) -> Answer {
    let (path, offset) = (format!("{ALL}/{id}"), offset.to_string());
    let headers = [("content-type", "application/partial-upload"), ("upload-offset", offset.as_str())];
    payroll.try_send((Method::PATCH, &path), &headers, Some(bytes)).await.expect("an answer")
}

/// Sends a file whole; gives the last answer.
pub async fn sent(payroll: &Payroll, key: &str, (said, file): (&Value, &str), prefer: &str) -> Value {
    let begun = begin(payroll, key, said, prefer).await;
    assert_eq!(begun.status, 201, "{}", begun.body);
    let (id, most) = (begun.body["id"].as_str().unwrap(), begun.body["largest_piece"].as_u64().unwrap());
    let most = usize::try_from(most).unwrap();
    let mut last = begun.body.clone();
    while last["state"] == "uploading" {
        let offset = usize::try_from(last["upload_offset"].as_u64().unwrap()).unwrap();
        let end = (offset + most).min(file.len());
        let end = (0..=end).rev().find(|end| file.is_char_boundary(*end)).unwrap();
        let answer = append(payroll, id, offset, &file[offset..end]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.headers["upload-offset"], answer.body["upload_offset"].to_string().as_str());
        last = answer.body;
    }
    last
}

pub async fn until(payroll: &Payroll, id: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    let mut last = Value::Null;
    for _ in 0..600 {
        last = payroll.get(&format!("{ALL}/{id}")).await.body;
        if is_so(&last) {
            return last;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    unreachable!("it never came: {last}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_sent_in_pieces_filed_as_a_whole_and_every_record_arrives_once() {
    let (app, payroll) = opened().await;
    let file = file(9000);
    let said = said(&file);
    let last = sent(&payroll, "whole", (&said, &file), "wait=0").await;
    assert_eq!((last["state"].as_str(), last["progress"]["lines"].as_u64()), (Some("accepted"), Some(9000)), "{last}");
    assert!(last["receipt"].as_str().unwrap().split('.').count() == 3 && last["accepted_at"].is_string(), "{last}");
    let id = last["id"].as_str().unwrap();
    let done = until(&payroll, id, |one| one["progress"]["by_state"]["completed"] == 9000).await;
    assert_eq!(
        (done["state"].as_str(), done["progress"]["waiting"].as_u64()),
        (Some("distributed"), Some(0)),
        "{done}"
    );

    // The same key is the same, whatever became of it; another body is refused.
    let again = begin(&payroll, "whole", &said, "wait=0").await;
    assert_eq!((again.status, again.body["id"].as_str()), (201, Some(id)));
    let mut other = said.clone();
    other["on_reject"] = json!("skip");
    let other = begin(&payroll, "whole", &other, "wait=0").await;
    assert_eq!(other.body["code"], "idempotency_key_reused", "{}", other.body);

    let page = payroll.get(&format!("{ALL}/{id}/outcomes?after=8998&limit=1000")).await.body;
    let lines: Vec<_> = page["items"].as_array().unwrap().iter().map(|one| one["line"].as_u64().unwrap()).collect();
    assert_eq!((lines, &page["next"]), (vec![8999, 9000], &Value::Null), "{page}");
    assert!(page["items"][0]["submission_id"].is_string() && page["items"][0]["state"] == "completed", "{page}");
    let first = payroll.get(&format!("{ALL}/{id}/outcomes?limit=1000")).await.body;
    assert_eq!((first["items"].as_array().unwrap().len(), first["next"].as_u64()), (1000, Some(1000)));

    let effects = app.dev.sandbox.own.as_ref().unwrap().agencies().effects();
    let references: BTreeSet<_> = effects.iter().map(|effect| effect.reference.clone()).collect();
    assert!(references.len() >= 4 && references.len() == effects.len(), "{} of {}", references.len(), effects.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_broke_off_goes_on_where_it_ended_and_only_there() {
    let (_app, payroll) = opened().await;
    let file = file(1500);
    let begun = begin(&payroll, "resumed", &said(&file), "wait=0").await.body;
    let id = begun["id"].as_str().unwrap();
    // In the middle of a line: what follows its last end is not kept.
    let half = append(&payroll, id, 0, &file[..100_000]).await;
    let kept = usize::try_from(half.body["upload_offset"].as_u64().unwrap()).unwrap();
    assert!(kept < 100_000 && file[..kept].ends_with('\n'), "{}", half.body);
    for (offset, bytes, status, code) in [
        (0, &file[..100_000], 409, "conflict"),
        (100_000, &file[100_000..], 409, "conflict"),
        (kept, &file[kept..kept + 1000], 422, "invalid_value"),
        (kept, "no line at all", 422, "invalid_value"),
    ] {
        let answer = append(&payroll, id, offset, bytes).await;
        assert_eq!((answer.status, answer.body["code"].as_str()), (status, Some(code)), "{}", answer.body);
    }
    let too_much = format!("{}{{}}\n", &file[kept..]);
    assert_eq!(append(&payroll, id, kept, &too_much).await.body["code"], "invalid_value");
    let wrong = payroll.try_send((Method::PATCH, &format!("{ALL}/{id}")), &[], Some("{}")).await.unwrap();
    assert_eq!(wrong.body["code"], "unsupported_media_type");
    let done = append(&payroll, id, kept, &file[kept..]).await;
    assert_eq!((done.status, done.body["state"].as_str()), (200, Some("accepted")), "{}", done.body);
    let late = append(&payroll, id, file.len(), "").await;
    assert_eq!(late.body["code"], "conflict", "{}", late.body);
    let cancelled = payroll.post(&format!("{ALL}/{id}/cancel"), None).await;
    assert_eq!(cancelled.body["code"], "conflict", "{}", cancelled.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_filed_of_another_file_or_with_rejected_records_unless_they_are_skipped() {
    let (app, payroll) = opened().await;
    let good = "{\"number\":1,\"name\":\"見本 太郎\"}\n";
    let bad = format!("{good}not an object\n{good}[1]\n{good}");
    let mut wrong = said(&bad);
    wrong["digest"] = json!(Digest::of("another file").base64url());
    let refused = sent(&payroll, "digest", (&wrong, &bad), "wait=0").await;
    assert_eq!((&refused["state"], &refused["reason"]), (&json!("refused"), &json!("digest_mismatch")), "{refused}");

    let refused = sent(&payroll, "refuse", (&said(&bad), &bad), "wait=0").await;
    assert_eq!((&refused["state"], &refused["reason"]), (&json!("refused"), &json!("rejected_records")), "{refused}");
    assert_eq!(refused["progress"]["rejected"], 2);
    let page = payroll.get(&format!("{ALL}/{}/outcomes", refused["id"].as_str().unwrap())).await.body;
    let states: Vec<_> = page["items"].as_array().unwrap().iter().map(|one| one["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["waiting", "rejected", "waiting", "rejected", "waiting"], "{page}");
    assert_eq!(page["items"][1]["findings"][0]["rule"], "MG401", "{page}");
    assert_eq!(app.dev.sandbox.own.as_ref().unwrap().agencies().effects().len(), 0);

    let mut skipping = said(&bad);
    skipping["on_reject"] = json!("skip");
    let taken = sent(&payroll, "skip", (&skipping, &bad), "wait=0").await;
    let id = taken["id"].as_str().unwrap();
    until(&payroll, id, |one| one["progress"]["by_state"]["completed"] == 3).await;
    let page = payroll.get(&format!("{ALL}/{id}/outcomes")).await.body;
    let states: Vec<_> = page["items"].as_array().unwrap().iter().map(|one| one["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["completed", "rejected", "completed", "rejected", "completed"], "{page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rehearsal_files_nothing_until_it_is_filed_as_it_was_checked() {
    let (app, payroll) = opened().await;
    let file = file(20);
    let checked = sent(&payroll, "rehearsal", (&said(&file), &file), "dry-run").await;
    assert_eq!((&checked["state"], &checked["receipt"]), (&json!("checked"), &Value::Null), "{checked}");
    let id = checked["id"].as_str().unwrap();
    let path = format!("{ALL}/{id}/submit");
    let other = payroll.post(&path, Some(&json!({"digest": Digest::of("other").base64url()}))).await;
    assert_eq!((other.status, other.body["pointer"].as_str()), (422, Some("/digest")), "{}", other.body);
    assert_eq!(app.dev.sandbox.own.as_ref().unwrap().agencies().effects().len(), 0);
    let own = json!({"digest": Digest::of(&file).base64url()});
    for _ in 0..2 {
        let filed = payroll.post(&path, Some(&own)).await;
        assert_eq!(filed.status, 200, "{}", filed.body);
        assert!(filed.body["receipt"].is_string(), "{}", filed.body);
    }
    until(&payroll, id, |one| one["progress"]["by_state"]["completed"] == 20).await;

    let cancelled = sent(&payroll, "called-off", (&said(&file), &file), "dry-run").await;
    let id = cancelled["id"].as_str().unwrap();
    assert_eq!(payroll.post(&format!("{ALL}/{id}/cancel"), None).await.body["state"], "cancelled");
    assert_eq!(payroll.post(&format!("{ALL}/{id}/submit"), Some(&own)).await.body["code"], "conflict");
}

/// The made-up employees as a table, with a byte order mark; one row says too little, one name cannot be stored.
fn table(employees: usize) -> String {
    let first = santei::employee(0);
    let names: Vec<&String> = first.as_object().unwrap().keys().collect();
    let header = names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(",");
    let row = |n: usize| {
        let mut record = santei::employee(n);
        if n == 125 {
            record["name"] = json!("見本　髙子");
        }
        let cell = |name: &&String| record[name.as_str()].to_string().trim_matches('"').to_owned();
        let row = names.iter().map(cell).collect::<Vec<_>>();
        if n == 199 { "only,two\r\n".to_owned() } else { row.join(",") + "\r\n" }
    };
    format!("\u{feff}{header}\r\n{}", (0..employees).map(row).collect::<String>())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_rows_of_a_table_are_records_wherever_it_is_cut() {
    let (app, payroll) = opened().await;
    let file = table(400);
    let mut said = said(&file);
    for (place, value) in [
        ("agency", json!(santei::AGENCY)),
        ("procedure", json!(santei::PROCEDURE)),
        ("office", santei::office()),
        ("content_type", json!("text/csv; charset=utf-8; header=present")),
        ("on_reject", json!("skip")),
    ] {
        said[place] = value;
    }
    let mut wrong = said.clone();
    wrong["content_type"] = json!("text/csv; charset=utf-16");
    let refused = begin(&payroll, "utf-16", &wrong, "wait=0").await;
    assert_eq!((refused.status, refused.body["pointer"].as_str()), (422, Some("/content_type")), "{}", refused.body);

    let begun = begin(&payroll, "table", &said, "wait=0").await.body;
    let id = begun["id"].as_str().unwrap();
    assert_eq!(begun["content_type"], "text/csv; charset=utf-8");
    let cut = (40_000..file.len()).find(|place| file.is_char_boundary(*place)).unwrap();
    let header = append(&payroll, id, 0, "name,name\r\n").await;
    assert_eq!((header.status, header.body["code"].as_str()), (422, Some("invalid_value")), "{}", header.body);
    let half = append(&payroll, id, 0, &file[..cut]).await;
    let kept = usize::try_from(half.body["upload_offset"].as_u64().unwrap()).unwrap();
    assert!(kept < cut && file[..kept].ends_with("\r\n"), "{}", half.body);
    let last = append(&payroll, id, kept, &file[kept..]).await;
    assert_eq!((last.status, last.body["state"].as_str()), (200, Some("accepted")), "{}", last.body);
    assert_eq!(last.body["progress"]["rejected"], 2);
    until(&payroll, id, |one| one["progress"]["by_state"]["completed"] == 398).await;

    let page = payroll.get(&format!("{ALL}/{id}/outcomes?limit=1000")).await.body;
    let lines = page["items"].as_array().unwrap();
    assert_eq!(lines.len(), 400);
    let rejected: Vec<_> = lines.iter().filter(|line| line["state"] == "rejected").collect();
    let told = |line: &Value| {
        let found = &line["findings"][0];
        (line["line"].as_u64(), found["rule"].as_str().map(str::to_owned), found["position"].as_u64())
    };
    assert_eq!(told(rejected[0]), (Some(126), Some("MG205".to_owned()), Some(3)));
    assert_eq!(told(rejected[1]), (Some(200), Some("MG402".to_owned()), None));
    let effects = app.dev.sandbox.own.as_ref().unwrap().agencies().effects();
    assert_eq!(effects.len(), 2);
}
