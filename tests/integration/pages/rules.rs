//! What holds for every page: safety headers, no script, nothing from elsewhere, both languages, sound structure.

use super::browser::{Browser, Page};
use super::counter::{Counter, request};
use scraper::{Html, Selector};
use std::collections::BTreeSet;

/// The only page with a script: it checks a receipt in the browser that holds it.
const VERIFY: &str = "/verify";

/// Every kind of page, signed in as someone with a grant.
async fn every_page(counter: &Counter, accepts: &'static str) -> Vec<(&'static str, Page)> {
    let mut browser = Browser::at(&counter.address);
    browser.accepts = accepts;
    let name = format!("rules-{accepts}");
    let home = browser.get("/").await;
    let consent = browser.arrive(&counter.push(&name, &request()).await, accepts).await;
    let denied = {
        let begun = browser.get(&counter.push(&format!("{name}-2"), &request()).await).await;
        browser.get(&format!("/sign-in/callback?state={}&error=access_denied", begun.provider_state())).await
    };
    let wrong = browser.submit(&consent, "/consent", &[("decision", "agree"), ("access_days", "99")]).await;
    browser.submit(&consent, "/consent", &[("decision", "agree")]).await;
    let over = browser.submit(&consent, "/consent", &[("decision", "agree")]).await;
    let dashboard = browser.dashboard(accepts).await;
    let href = dashboard.html.split("href=\"/dashboard/grants/").nth(1).unwrap().split('"').next().unwrap();
    let grant = browser.get(&format!("/dashboard/grants/{href}")).await;
    let confirm = browser.submit(&dashboard, "/dashboard/revoke-all", &[]).await;
    let gone = browser.get("/dashboard/grants/g_unknown").await;
    let line = counter.store.list_pending_leaves(1).await.unwrap().remove(0);
    counter.log.turn().await.unwrap();
    let receipt = browser.get(&format!("/dashboard/receipts/{}", line.receipt)).await;
    let verify = browser.get(VERIFY).await;
    let certificate = browser.get("/employment-certificates/verify").await;
    vec![
        ("home", home),
        ("consent", consent),
        ("denied", denied),
        ("wrong", wrong),
        ("over", over),
        ("dashboard", dashboard),
        ("grant", grant),
        ("confirm", confirm),
        ("gone", gone),
        ("receipt", receipt),
        (VERIFY, verify),
        ("certificate", certificate),
    ]
}

fn all<'h>(document: &'h Html, selector: &str) -> Vec<scraper::ElementRef<'h>> {
    document.select(&Selector::parse(selector).unwrap()).collect()
}

#[actix_web::test]
async fn every_page_is_sent_safely() {
    let counter = Counter::start().await;
    for (what, page) in every_page(&counter, "en").await {
        let policy = page.header("content-security-policy");
        for needed in ["default-src 'none'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(needed), "{what}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{what}: {policy}");
        let scripts = policy.split(';').filter(|part| part.contains("script")).map(str::trim).collect::<Vec<_>>();
        assert_eq!(scripts, if what == VERIFY { vec!["script-src 'self'"] } else { vec![] }, "{what}: {policy}");
        // Only where a form leads back to the third party is its origin on the list.
        let leads_back = matches!(what, "consent" | "wrong" | "denied");
        assert_eq!(policy.contains("https://bank.example"), leads_back, "{what}: {policy}");
        for (name, value) in [
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("cache-control", "no-store"),
            ("content-type", "text/html; charset=utf-8"),
        ] {
            assert_eq!(page.header(name), value, "{what}");
        }
        assert_eq!(page.header("access-control-allow-origin"), "", "{what}");
        assert_eq!(page.header("strict-transport-security"), "", "{what}: plain http must not promise https");
    }
}

#[actix_web::test]
async fn every_page_is_whole_without_script_and_loads_nothing_from_elsewhere() {
    let counter = Counter::start().await;
    for accepts in ["en", "ja"] {
        for (what, page) in every_page(&counter, accepts).await {
            let document = Html::parse_document(&page.html);
            assert!(document.errors.is_empty(), "{what}: {:?}", document.errors);
            assert!(all(&document, "iframe, object, embed, [style], [onclick], style").is_empty(), "{what}");
            assert_eq!(all(&document, "script").len(), usize::from(what == VERIFY), "{what}");
            for element in all(&document, "link[href], img[src], script, form[action]") {
                let address = ["href", "src", "action"].iter().find_map(|name| element.attr(name)).unwrap();
                assert!(address.starts_with('/') && !address.starts_with("//"), "{what}: {address}");
            }
        }
    }
}

#[actix_web::test]
async fn every_page_is_built_for_keyboard_and_screen_reader() {
    let counter = Counter::start().await;
    for accepts in ["en", "ja"] {
        for (what, page) in every_page(&counter, accepts).await {
            let document = Html::parse_document(&page.html);
            let one = |selector: &str| assert_eq!(all(&document, selector).len(), 1, "{what}: {selector}");
            for selector in ["h1", "main", "header", "footer", "title", "a.skip[href='#main']", "#main"] {
                one(selector);
            }
            assert_eq!(all(&document, "html")[0].attr("lang"), Some(accepts), "{what}");
            let title = page.text("title");
            assert!(!title.starts_with('|') && title.len() > 5, "{what}: {title}");
            let ids: Vec<_> = all(&document, "[id]").iter().map(|e| e.attr("id").unwrap().to_owned()).collect();
            let unique: BTreeSet<_> = ids.iter().cloned().collect();
            assert_eq!(ids.len(), unique.len(), "{what}: an id is there twice");
            for element in all(&document, "[aria-labelledby], [aria-describedby], label[for], main a[href^='#']") {
                for name in ["aria-labelledby", "aria-describedby", "for", "href"] {
                    let Some(target) = element.attr(name).filter(|t| name != "href" || t.starts_with('#')) else {
                        continue;
                    };
                    assert!(unique.contains(target.trim_start_matches('#')), "{what}: {name}={target} leads nowhere");
                }
            }
            for input in all(&document, "input:not([type=hidden])") {
                let id = input.attr("id").unwrap();
                one(&format!("label[for='{id}']"));
            }
            // What an automated browser takes hold of (examples/judge.md names these ids).
            for control in all(&document, "input, button, select, textarea") {
                assert!(control.attr("id").is_some(), "{what}: {} has no id", control.html());
            }
            for fieldset in all(&document, "fieldset") {
                assert!(fieldset.child_elements().next().is_some_and(|e| e.value().name() == "legend"), "{what}");
            }
            headings_descend_by_one(what, &document);
            for image in all(&document, "img") {
                assert!(image.attr("alt").is_some(), "{what}");
            }
        }
    }
}

#[actix_web::test]
async fn the_buttons_of_the_consent_page_keep_their_ids_in_every_language() {
    let counter = Counter::start().await;
    for accepts in ["en", "ja"] {
        let mut browser = Browser::at(&counter.address);
        browser.accepts = accepts;
        let page = browser.arrive(&counter.push(&format!("ids-{accepts}"), &request()).await, accepts).await;
        let document = Html::parse_document(&page.html);
        for (id, value) in [("agree", "agree"), ("refuse", "refuse")] {
            let button = all(&document, &format!("form[action='/consent'] button#{id}[name=decision]"));
            assert_eq!(button.len(), 1, "{accepts}: {id}");
            assert_eq!(button[0].attr("value"), Some(value));
        }
    }
}

fn headings_descend_by_one(what: &str, document: &Html) {
    let levels = all(document, "h1, h2, h3, h4").into_iter().map(|h| h.value().name().as_bytes()[1] - b'0');
    let mut last = 0;
    for level in levels {
        // An error summary may stand before the page's own heading.
        assert!(level <= last + 1 || last == 0, "{what}: h{level} after h{last}");
        last = level;
    }
}

#[actix_web::test]
async fn the_language_follows_the_browser_until_the_citizen_chooses() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    browser.accepts = "ja-JP,ja;q=0.9,en;q=0.8";
    assert!(browser.get("/").await.html.contains("<html lang=\"ja\">"));
    let chosen = browser.get("/?lang=en").await;
    assert!(chosen.html.contains("<html lang=\"en\">"));
    assert!(browser.get("/").await.html.contains("<html lang=\"en\">"), "the choice is remembered");
    assert!(browser.get("/?lang=xx").await.html.contains("<html lang=\"en\">"));
}

#[actix_web::test]
async fn text_from_elsewhere_cannot_become_markup() {
    let counter = Counter::start().await;
    let mut evil = super::counter::bank();
    evil.name.en = "<script>alert(1)</script>\"'&".into();
    evil.contact.email = "\"><img src=x>".into();
    counter.store.put_client(&evil, super::counter::now()).await.unwrap();
    let mut browser = Browser::at(&counter.address);
    let page = browser.arrive(&counter.push("1", &request()).await, "p1").await;
    assert!(!page.html.contains("<script") && !page.html.contains("<img src=x"), "{}", page.html);
    assert!(page.text("main").contains("<script>alert(1)</script>\"'&"));
    let missing = browser.get("/dashboard?notice=<script>").await;
    assert!(!missing.html.contains("<script"));
}

#[actix_web::test]
async fn static_files_are_named_by_content_and_kept_for_good() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    let home = browser.get("/").await;
    let document = Html::parse_document(&home.html);
    for (selector, name, kind) in
        [("link[rel=stylesheet]", "href", "text/css; charset=utf-8"), ("link[rel=icon]", "href", "image/svg+xml")]
    {
        let path = all(&document, selector)[0].attr(name).unwrap().to_owned();
        let file = browser.get(&path).await;
        assert_eq!((file.status, file.header("content-type")), (200, kind));
        assert!(file.header("cache-control").contains("immutable"));
        assert!(!file.html.contains("http://") || file.html.contains("http://www.w3.org/2000/svg"));
        assert!(!file.html.contains("url("), "a style sheet that loads something");
    }
    assert_eq!(browser.get("/assets/madoguchi.css").await.status, 404);
    assert_eq!(browser.get("/assets/..%2fCargo.toml").await.status, 404);
}
