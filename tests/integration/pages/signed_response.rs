//! Answers to clients that ask for them as a JWT (JARM): nothing of an answer stands beside it, on any way back.

use super::browser::Browser;
use super::counter::{Counter, REDIRECT, request};
use madoguchi::domain::profile::ResponseMode;
use madoguchi::protocol::authorization_request::AuthorizationRequest;

/// Nothing random spells this.
const STATE: &str = "the state of the client";

fn signed(state: &str) -> AuthorizationRequest {
    AuthorizationRequest { response_mode: ResponseMode::Jwt, state: Some(state.into()), ..request() }
}

#[actix_web::test]
async fn agreement_and_refusal_come_back_as_one_parameter() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    for (name, decision, first) in [("1", "agree", "code."), ("2", "refuse", "error.access_denied")] {
        let page = browser.arrive(&counter.push(name, &signed(STATE)).await, name).await;
        assert_eq!(page.status, 200);
        assert!(!page.html.contains("response=") && !page.html.contains(STATE), "the page leaks the answer");
        let back = browser.submit(&page, "/consent", &[("decision", decision)]).await;
        assert_eq!(back.status, 303);
        let query = back.location.strip_prefix(REDIRECT).unwrap();
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(&query[1..]).unwrap();
        // No code, state, error or iss beside the response (Message Signing §5.4.1).
        assert_eq!(pairs.len(), 1, "{pairs:?}");
        assert_eq!(pairs[0].0, "response");
        assert!(pairs[0].1.starts_with(first), "{pairs:?}");
    }
}

#[actix_web::test]
async fn an_answer_that_cannot_be_signed_costs_no_decision() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    let start = counter.push("1", &signed("unsignable")).await;
    let page = browser.arrive(&start, "p1").await;
    for decision in ["agree", "refuse"] {
        let failed = browser.submit(&page, "/consent", &[("decision", decision)]).await;
        assert_eq!((failed.status, failed.location.as_str()), (400, ""), "no redirect without a signature");
    }
    assert_eq!(browser.get(&start).await.status, 303, "the request is still there");
}
