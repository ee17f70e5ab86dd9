//! The way to the provider and back: the browser that began must be the browser that ends.

use super::browser::Browser;
use super::counter::{Counter, request};

#[actix_web::test]
async fn what_one_browser_began_another_cannot_end() {
    let counter = Counter::start().await;
    let (mut one, mut other) = (Browser::at(&counter.address), Browser::at(&counter.address));
    let path = counter.push("1", &request()).await;
    let begun = one.get(&path).await;
    // With no cookie, and with a cookie of its own.
    for _ in 0..2 {
        let answer = other.sign_in(&begun, "person:p2").await;
        assert_eq!(answer.status, 403);
        assert_eq!(answer.text("h1"), "This is not the browser you started in");
        assert!(answer.text("main").contains("Nothing has been shared"));
        other.get(&path).await;
    }
    let back = one.sign_in(&begun, "person:p1").await;
    assert_eq!(back.status, 303);
    // The address of the consent page is worth nothing elsewhere, and neither is its form.
    assert_eq!(other.get(&back.location).await.status, 403);
    let page = one.get(&back.location).await;
    assert_eq!(other.submit(&page, "/consent", &[("decision", "agree")]).await.status, 403);
    assert_eq!(one.submit(&page, "/consent", &[("decision", "agree")]).await.status, 303);
}

#[actix_web::test]
async fn a_changed_state_is_refused() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    let begun = browser.get(&counter.push("1", &request()).await).await;
    let state = begun.provider_state();
    let (id, bound) = state.split_once('.').unwrap();
    let swapped = format!("{id}.{}", bound.chars().rev().collect::<String>());
    for (state, status) in [
        (swapped.as_str(), 403),
        (id, 410),
        ("", 410),
        ("i_nobody.AAAA", 410),
        (&format!("{id}.{bound}x"), 403),
        ("%FF.x", 400),
    ] {
        let answer = browser.get(&format!("/sign-in/callback?state={state}&code=person:p1")).await;
        assert_eq!(answer.status, status, "{state}: {}", answer.html);
    }
    let twice = format!("/sign-in/callback?state={state}&state={state}&code=person:p1");
    assert_eq!(browser.get(&twice).await.status, 400);
    let mixed_up = format!("/sign-in/callback?state={state}&code=person:p1&iss=https://evil.example");
    assert_eq!(browser.get(&mixed_up).await.status, 502);
    assert_eq!(browser.sign_in(&begun, "person:p1").await.status, 303);
}

#[actix_web::test]
async fn a_denied_sign_in_leaves_two_ways() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    let begun = browser.get(&counter.push("1", &request()).await).await;
    let state = begun.provider_state();
    let denied = browser.get(&format!("/sign-in/callback?state={state}&error=access_denied")).await;
    assert_eq!(denied.status, 403);
    assert!(denied.header("content-security-policy").contains("form-action 'self' https://bank.example;"));
    // Again: the same sign-in, to the same provider.
    let link = format!("/sign-in?interaction={}", state.split('.').next().unwrap());
    assert!(denied.html.contains(&format!("href=\"{link}\"")), "{}", denied.html);
    assert_eq!(browser.get(&link).await.provider_state(), state);
    // Or back without sharing.
    let answer = browser.submit(&denied, "/consent", &[("decision", "refuse")]).await;
    assert_eq!(answer.query("error"), "access_denied");
}

#[actix_web::test]
async fn agreeing_without_a_sign_in_leads_to_the_sign_in() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    let begun = browser.get(&counter.push("1", &request()).await).await;
    let state = begun.provider_state();
    let denied = browser.get(&format!("/sign-in/callback?state={state}&error=access_denied")).await;
    let forced = browser.submit(&denied, "/consent", &[("decision", "agree"), ("access_days", "30")]).await;
    assert_eq!(forced.status, 303);
    assert!(forced.location.starts_with("/sign-in?interaction="), "{}", forced.location);
}

#[actix_web::test]
async fn what_the_provider_does_wrong_is_told_plainly() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    let begun = browser.get(&counter.push("1", &request()).await).await;
    for (code, status, title) in [
        ("weak", 403, "A surer identification is needed"),
        ("old", 403, "Your identification was too long ago"),
        ("away", 503, "The identification service cannot be reached"),
        ("forged", 502, "You could not be identified"),
    ] {
        let answer = browser.sign_in(&begun, code).await;
        assert_eq!((answer.status, answer.text("h1").as_str()), (status, title));
        assert!(answer.text(".error-id").contains("e_"));
        assert!(!answer.html.contains("as the test wants"), "the provider's words are on the page");
        assert_eq!(answer.header("retry-after").is_empty(), status != 503);
    }
    assert_eq!(browser.sign_in(&begun, "person:p1").await.status, 303);
}

#[actix_web::test]
async fn a_start_that_does_not_fit_is_told_on_a_page_and_never_redirected() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    counter.push("1", &request()).await;
    let uri = "urn:ietf:params:oauth:request_uri:1";
    for path in [
        "/oauth/authorize".to_owned(),
        "/oauth/authorize?client_id=loan-bank".to_owned(),
        format!("/oauth/authorize?request_uri={uri}"),
        format!("/oauth/authorize?client_id=other&request_uri={uri}"),
        "/oauth/authorize?client_id=loan-bank&request_uri=urn:other".to_owned(),
        format!("/oauth/authorize?client_id=loan-bank&client_id=loan-bank&request_uri={uri}"),
        "/oauth/authorize?client_id=loan-bank&response_type=code&redirect_uri=https://evil.example".to_owned(),
    ] {
        let answer = browser.get(&path).await;
        assert_eq!((answer.status, answer.location.as_str()), (400, ""), "{path}");
        assert_eq!(answer.texts("h1").len(), 1);
    }
    let body = format!("client_id=loan-bank&request_uri={uri}");
    let posted = browser.send(reqwest::Method::POST, "/oauth/authorize", Some(body)).await;
    assert!(!posted.provider_state().is_empty());
}
