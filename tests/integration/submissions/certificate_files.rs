//! Certificates as files, what their companies are told of them, and the page where anybody verifies a reference.

use super::Payroll;
use super::certificates::{ALL, content, issue, open, parties, told};
use crate::pages::browser::{Browser, Page};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use std::io::{Cursor, Read as _};

const PDF: &str = "application/pdf";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

async fn file(by: &Payroll, to: (Method, &str), accept: &str, body: Option<&Value>) -> Response {
    let headers = [("accept", accept), ("content-type", "application/json")];
    let answer = by.respond(to, &headers, body.map(ToString::to_string).as_deref()).await.unwrap();
    assert_eq!(answer.status(), 200, "{accept}");
    let disposition = answer.headers()["content-disposition"].to_str().unwrap();
    let ending = if accept == PDF { ".pdf\"" } else { ".xlsx\"" };
    assert!(disposition.starts_with("attachment; filename=\"emp_") && disposition.ends_with(ending), "{disposition}");
    assert_eq!(answer.headers()["content-type"], accept);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    answer
}

/// Every text of a workbook.
fn texts(workbook: &[u8]) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(workbook)).unwrap();
    let mut text = String::new();
    archive.by_name("xl/sharedStrings.xml").unwrap().read_to_string(&mut text).unwrap();
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_company_and_the_city_get_the_same_files_and_the_city_is_counted() {
    let (_app, company, city) = parties().await;
    let issued = issue(&company, "one", &content()).await.body;
    let own = format!("{ALL}/{}", issued["certificate"]["id"].as_str().unwrap());
    let (opening, reference) = (json!({"reference": issued["reference"]}), issued["reference"].as_str().unwrap());
    let at = format!("{ALL}/open");
    for accept in [PDF, XLSX] {
        let theirs = file(&company, (Method::GET, &own), accept, None).await.bytes().await.unwrap();
        let opened = file(&city, (Method::POST, &at), accept, Some(&opening)).await.bytes().await.unwrap();
        if accept == PDF {
            assert_eq!(theirs, opened, "the same certificate is the same file");
            assert!(opened.starts_with(b"%PDF-1."), "{opened:?}");
        } else {
            for workbook in [&theirs, &opened] {
                let texts = texts(workbook);
                assert!(texts.contains("見本　髙子") && texts.contains(reference), "{texts}");
            }
        }
    }
    assert_eq!(company.get(&own).await.body["openings"], 2, "as files it is opened, too");
    // Whoever likes both alike gets JSON, and whoever wants neither gets nothing, before anything is opened.
    let both = format!("*/*, {PDF}");
    let answer = city.send((Method::POST, &at), &[("accept", &both)], Some(&opening)).await;
    assert_eq!((answer.status, &answer.body["content"]), (200, &content()));
    let neither = city.send((Method::POST, &at), &[("accept", "image/png")], Some(&opening)).await;
    assert_eq!(told(&neither), (406, Some("not_acceptable"), Some("Accept")), "{}", neither.body);
    assert_eq!(company.get(&own).await.body["openings"], 3);
    let nothing = json!({"reference": "no-such-reference"});
    let nothing = city.send((Method::POST, &at), &[("accept", PDF)], Some(&nothing)).await;
    assert_eq!(told(&nothing), (404, Some("not_found"), Some("/reference")));
    let none = company.send((Method::GET, &format!("{ALL}/emp_none")), &[("accept", XLSX)], None).await;
    assert_eq!(told(&none), (404, Some("not_found"), Some("id")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_software_is_told_in_order_what_happened_to_a_certificate_and_nothing_of_what_it_says() {
    let (app, company, city) = parties().await;
    let issued = issue(&company, "one", &content()).await.body;
    let id = issued["certificate"]["id"].as_str().unwrap();
    open(&city, &issued["reference"]).await;
    for _ in 0..2 {
        company.post(&format!("{ALL}/{id}/revoke"), Some(&json!({"reason": "changed"}))).await;
    }
    let reader = Payroll::open(&app.directory()).await;
    let page = reader.get("/v1/events").await.body;
    let events = page["events"].as_array().unwrap();
    let news: Vec<_> =
        events.iter().map(|one| (one["certificate"].as_str(), one["certificate_news"].as_str())).collect();
    assert_eq!(news, ["issued", "opened", "revoked"].map(|news| (Some(id), Some(news))), "{page}");
    assert!(events.iter().all(|one| one.get("submission").is_none() && one.get("state").is_none()), "{page}");
    let text = page.to_string();
    assert!(!text.contains("見本") && !text.contains(issued["reference"].as_str().unwrap()), "{text}");
}

async fn verified(browser: &mut Browser, reference: &str) -> Page {
    let page = browser.get("/employment-certificates/verify").await;
    browser.submit(&page, "/employment-certificates/verify", &[("reference", reference)]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn anybody_with_a_reference_sees_whether_it_stands_and_nothing_else() {
    let (app, company, _) = parties().await;
    let issued = issue(&company, "one", &content()).await.body;
    let (id, reference) = (issued["certificate"]["id"].as_str().unwrap(), issued["reference"].as_str().unwrap());
    let mut browser = Browser::at(app.url());
    browser.accepts = "ja";
    let valid = verified(&mut browser, &format!(" {reference} ")).await;
    assert_eq!(valid.status, 200);
    assert!(valid.html.contains("この証明書は有効です") && valid.html.contains("999016"), "{}", valid.html);
    for hidden in ["髙子", "見本給与計算", "5000000990004", reference, id] {
        assert!(!valid.html.contains(hidden), "{hidden} is shown");
    }
    company.post(&format!("{ALL}/{id}/revoke"), Some(&json!({"reason": "employment_ended"}))).await;
    let revoked = verified(&mut browser, reference).await;
    assert!(revoked.html.contains("失効しています") && revoked.html.contains("退職"), "{}", revoked.html);
    browser.accepts = "en";
    let revoked = verified(&mut browser, reference).await;
    assert!(revoked.html.contains("This certificate was revoked"), "{}", revoked.html);
    for unknown in ["", "x", id, &"x".repeat(5000), "<script>"] {
        let page = verified(&mut browser, unknown).await;
        assert_eq!(page.status, 422, "{unknown}");
        assert!(page.html.contains("There is no certificate") && !page.html.contains("<script>"), "{}", page.html);
    }
    // It is counted as no opening.
    assert_eq!(company.get(&format!("{ALL}/{id}")).await.body["openings"], 0);
}
