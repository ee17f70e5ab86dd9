//! The browser's side of the door (FAPI 2.0 SP §5.2.3, RFC 9700 §4.16): other origins, plain http, frames, robots that
//! look at links, and one browser's flow in another.

use super::browser::{Browser, Page};
use super::counter::{Counter, REDIRECT, request};
use crate::support::calls::wanted;
use crate::support::installation::Installation;
use madoguchi::domain::client::ClientClass;
use madoguchi::protocol::authorization_request::AuthorizationRequest;
use reqwest::{Method, header};

/// What browsers are led to.
const PLACES: [&str; 10] = [
    "/",
    "/oauth/authorize",
    "/oauth/authorize?client_id=bank&request_uri=urn:ietf:params:oauth:request_uri:x",
    "/sign-in",
    "/sign-in/callback?state=x&code=y",
    "/consent",
    "/dashboard",
    "/conformance",
    "/status",
    "/nowhere",
];

/// A gateway that everybody reaches by https; only what it sends is looked at.
async fn behind_https() -> Installation {
    Installation::start_changed(1, |plan| {
        plan.public_url = "https://madoguchi.example".into();
        plan.identity.redirect_uri = "https://madoguchi.example/sign-in/callback".into();
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_page_answers_another_origin() {
    let installation = behind_https().await;
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let machines = ["/oauth/par", "/oauth/token", "/oauth/introspect", "/v1/consent"];
    for path in PLACES.into_iter().chain(machines) {
        for origin in ["https://bank.example", "https://madoguchi.example", "null"] {
            for method in [Method::OPTIONS, Method::GET, Method::POST] {
                let is_preflight = method == Method::OPTIONS;
                let request = http.request(method.clone(), format!("{}{path}", installation.nodes[0].url));
                let request = request.header(header::ORIGIN, origin);
                let request = request.header("access-control-request-method", "POST");
                let told = request.header("access-control-request-headers", "dpop").send().await.unwrap();
                let opened = told.headers().keys().find(|name| name.as_str().starts_with("access-control-"));
                assert_eq!(opened, None, "{method} {path} from {origin}");
                assert!(!is_preflight || !told.status().is_success(), "{path}: {}", told.status());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn browsers_are_kept_on_https_out_of_frames_and_silent() {
    let installation = behind_https().await;
    let mut browser = Browser::at(&installation.nodes[0].url);
    for path in PLACES.into_iter().chain(["/docs/", "/openapi.json", "/oauth/jwks", "/oauth/token", "/v1/consent"]) {
        let page = browser.get(path).await;
        let hsts = page.header("strict-transport-security");
        let seconds: u64 = hsts.trim_start_matches("max-age=").split(';').next().unwrap().parse().unwrap();
        assert!(seconds >= 31_536_000 && hsts.contains("includeSubDomains"), "{path}: {hsts}");
        assert_eq!(page.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(page.header("referrer-policy"), "no-referrer", "{path}");
        let policy = page.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert!(!policy.contains("http:") && !policy.contains('*'), "{path}: {policy}");
        assert_ne!(page.status, 307, "{path}");
        assert!(!(300..400).contains(&page.status) || matches!(page.status, 303 | 304), "{path}: {}", page.status);
        for cookie in page.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.starts_with("__Host-") || cookie.starts_with("madoguchi_lang="), "{path}: {cookie}");
            for word in ["; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
                assert!(cookie.contains(word), "{path}: {cookie}");
            }
            assert!(!cookie.contains("Domain="), "{path}: {cookie}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_preview_robot_uses_nothing_up() {
    let installation = Installation::start(1).await;
    let bank = installation.party("bank", ClientClass::Bank, "measurement").await;
    let pending = bank.push("openid offline_access self_information", &wanted()).await.unwrap();
    // Robots of messengers and mail scanners: some look only, some follow, none keeps a cookie.
    let looks = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    for robot in [looks, reqwest::Client::new()] {
        for method in [Method::HEAD, Method::GET, Method::GET] {
            let told = robot.request(method.clone(), pending.address.as_str()).send().await.unwrap();
            assert!(told.status().as_u16() < 500, "{method}: {}", told.status());
        }
    }
    let mut citizen = installation.citizen();
    let page = citizen.arrive(&pending.address).await.expect("the consent page, after all the robots");
    let answer = citizen.decide(&page, "agree", &bank.file.redirect_uri).await.unwrap();
    assert!(bank.exchange(pending, &answer).await.is_ok());
}

#[actix_web::test]
async fn a_long_state_comes_back_whole() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    // Every character that a query may have to write otherwise.
    let state: String = (' '..='~').cycle().take(1_300).collect();
    for (name, decision, parameter) in [("1", "agree", "code"), ("2", "refuse", "error")] {
        let request = AuthorizationRequest { state: Some(state.clone()), ..request() };
        let page = browser.arrive(&counter.push(name, &request).await, "p1").await;
        let answer = browser.submit(&page, "/consent", &[("decision", decision)]).await;
        assert_eq!((answer.status, answer.query("state")), (303, state.clone()), "{decision}");
        assert!(!answer.query(parameter).is_empty(), "{}", answer.location);
    }
}

fn cookie(browser: &Browser, name: &str) -> String {
    browser.jar.get(name).cloned().unwrap_or_default()
}

/// Every way in which what one browser has could be carried into another.
#[actix_web::test]
async fn nothing_of_one_browsers_flow_works_in_another() {
    let counter = Counter::start().await;
    let (mut mine, mut theirs) = (Browser::at(&counter.address), Browser::at(&counter.address));
    let (path, other_path) = (counter.push("1", &request()).await, counter.push("2", &request()).await);
    // The other one is in the middle of a flow of their own.
    theirs.arrive(&other_path, "p2").await;
    let begun = mine.get(&path).await;
    let refused = |page: &Page, what: &str| {
        assert_eq!(page.status, 403, "{what}: {}", page.html);
        assert!(page.location.is_empty() && !page.html.contains(REDIRECT), "{what}");
    };
    refused(&theirs.sign_in(&begun, "person:p2").await, "the way back from the provider");
    let back = mine.sign_in(&begun, "person:p1").await;
    refused(&theirs.get(&back.location).await, "the address of the page");
    let page = mine.get(&back.location).await;
    for decision in ["agree", "refuse"] {
        refused(&theirs.submit(&page, "/consent", &[("decision", decision)]).await, "the form");
    }
    // The link itself may be opened there, but leads to a sign-in of its own, and not into mine.
    let opened = theirs.get(&path).await;
    assert_ne!(opened.provider_state(), begun.provider_state());
    assert_eq!(mine.submit(&page, "/consent", &[("decision", "agree")]).await.status, 303);
}

#[actix_web::test]
async fn a_planted_session_is_not_the_one_that_is_signed_in() {
    let counter = Counter::start().await;
    let mut attacker = Browser::at(&counter.address);
    attacker.dashboard("attacker").await;
    let planted = cookie(&attacker, "madoguchi_session");
    assert!(!planted.is_empty());
    let mut victim = Browser::at(&counter.address);
    for value in [planted.clone(), "x".repeat(43)] {
        victim.jar.insert("madoguchi_session".into(), value.clone());
        let begun = victim.get("/sign-in").await;
        let back = victim.sign_in(&begun, "person:victim").await;
        assert_eq!(back.status, 303);
        assert_ne!(cookie(&victim, "madoguchi_session"), value, "the session before a sign-in is not the one after it");
    }
    // What was planted opens nothing of the victim's.
    let mut other = Browser::at(&counter.address);
    other.jar.insert("madoguchi_session".into(), "x".repeat(43));
    assert_eq!(other.get("/dashboard").await.status, 303);
    let page = victim.arrive(&counter.push("1", &request()).await, "victim").await;
    assert_eq!(victim.submit(&page, "/consent", &[("decision", "agree")]).await.status, 303);
    let seen = attacker.get("/dashboard").await;
    assert!(!seen.html.contains("/dashboard/grants/"), "the attacker sees the victim's grant");
}
