//! The page and the document: the same clauses for people and for programs.

use super::{clauses, report, sound};
use crate::support::installation::Installation;
use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE};
use scraper::{Html, Selector};

async fn page(installation: &Installation, lang: &str) -> Html {
    let request = reqwest::Client::new().get(format!("{}/conformance", installation.nodes[0].url));
    let request = request.header(ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8").header(ACCEPT_LANGUAGE, lang);
    let told = request.send().await.unwrap();
    assert_eq!(told.status(), 200);
    let policy = told.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    Html::parse_document(&told.text().await.unwrap())
}

fn texts(page: &Html, selector: &str) -> Vec<String> {
    let selector = Selector::parse(selector).unwrap();
    let of = |element: scraper::ElementRef<'_>| element.text().collect::<String>().trim().to_owned();
    page.select(&selector).map(of).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_see_every_clause_in_their_language_with_its_evidence() {
    let installation = Installation::start_changed(1, sound).await;
    let report = report(&installation).await;
    for lang in ["ja", "en"] {
        let page = page(&installation, lang).await;
        let wanted: Vec<&str> = clauses(&report).map(|clause| clause["requirement"][lang].as_str().unwrap()).collect();
        assert_eq!(texts(&page, ".clause-words"), wanted, "{lang}");
        assert_eq!(texts(&page, "#count-broken"), ["0"]);
        assert_eq!(texts(&page, "h1").len(), 1);
        let shown = texts(&page, ".findings code").join("\n");
        for evidence in ["happy_flow", "server.public_url = \"https://madoguchi.example\"", "response_types_supported"]
        {
            assert!(shown.contains(evidence), "{evidence}");
        }
        assert!(page.select(&Selector::parse("script, .is-broken").unwrap()).next().is_none());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_gets_the_document_at_either_address() {
    let installation = Installation::start_changed(1, |plan| plan.deployment.strict = false).await;
    let http = reqwest::Client::new();
    for (path, accept, kind) in [
        ("/conformance", "application/json", "application/json"),
        ("/conformance", "application/json, text/html;q=0.9", "text/html; charset=utf-8"),
        ("/conformance", "*/*", "text/html; charset=utf-8"),
        ("/conformance.json", "text/html", "application/json"),
    ] {
        let request = http.get(format!("{}{path}", installation.nodes[0].url)).header(ACCEPT, accept);
        let told = request.send().await.unwrap();
        assert_eq!(told.headers()[CONTENT_TYPE].to_str().unwrap(), kind, "{path} {accept}");
        assert_eq!(told.headers()["cache-control"], "no-store", "{path}");
    }
    let page = page(&installation, "en").await;
    assert!(page.select(&Selector::parse(".is-broken").unwrap()).next().is_some(), "a counter in the clear is red");
}
