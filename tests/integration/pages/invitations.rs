//! Invitations at the dashboard: shown once, accepted after an own sign-in, seen by both, ended by either.

use super::browser::{Browser, Page};
use super::counter::{Counter, now};
use super::representatives::{LIST, arrive};
use madoguchi::domain::representation::{RepresentationKind, RepresentationProof};
use std::time::Duration;

const HERE: &str = "/dashboard/representatives/invitations";
const ACCEPT: &str = "/dashboard/representatives/invitations/accept";

fn day(days: u64) -> String {
    now().plus(Duration::from_hours(24 * days)).date_in_japan().to_string()
}

async fn made(browser: &mut Browser) -> String {
    let page = browser.get(HERE).await;
    assert_eq!(page.status, 200, "{}", page.html);
    let made = browser.submit(&page, HERE, &[("kind", "appointed"), ("until", &day(30))]).await;
    assert_eq!((made.status, made.header("cache-control")), (200, "no-store"), "{}", made.html);
    made.text("#invitation-shown")
}

async fn look(browser: &mut Browser, code: &str) -> Page {
    let page = browser.get(HERE).await;
    browser.submit(&page, ACCEPT, &[("code", code)]).await
}

#[actix_web::test]
async fn who_shows_the_code_becomes_the_representative_once_and_both_see_it() {
    let counter = Counter::start().await;
    let (mut principal, id) = arrive(&counter, "p1").await;
    let (mut other, other_id) = arrive(&counter, "p2").await;
    let code = made(&mut principal).await;
    let page = principal.get(HERE).await;
    assert!(!page.html.contains(&code), "shown once");
    assert_eq!(page.texts("section[aria-labelledby=open] article").len(), 1);

    assert_eq!(look(&mut principal, &code).await.status, 422, "their own");
    let asked = look(&mut other, &code.to_lowercase().replace('-', " ")).await;
    assert!(asked.status == 200 && asked.html.contains("Chosen representative"), "{}", asked.html);
    assert!(counter.store.list_representatives(&id, 10).await.unwrap().is_empty(), "asked first");
    let done = other.submit(&asked, ACCEPT, &[]).await;
    assert_eq!(done.location, format!("{HERE}?notice=accepted"), "{}", done.html);
    let one = counter.store.list_representatives(&id, 10).await.unwrap().remove(0);
    assert_eq!(
        (&one.representative, one.kind, one.proof),
        (&other_id, RepresentationKind::Appointed, RepresentationProof::OwnSignIn)
    );
    for browser in [&mut principal, &mut other] {
        let page = browser.get(LIST).await;
        assert!(page.html.contains(one.id.as_str()) && page.html.contains("Registered after an own sign-in"));
    }
    let (mut third, _) = arrive(&counter, "p3").await;
    for browser in [&mut other, &mut third] {
        assert_eq!(look(browser, &code).await.status, 422, "it is used");
    }
    assert_eq!(super::representatives::end(&mut principal, &one).await.status, 303);
    assert!(!counter.store.find_representation(&one.id).await.unwrap().unwrap().is_standing(now()));
}

#[actix_web::test]
async fn what_is_withdrawn_late_or_not_allowed_opens_nothing() {
    let counter = Counter::start().await;
    let (mut principal, id) = arrive(&counter, "p1").await;
    let (mut other, _) = arrive(&counter, "p2").await;
    let code = made(&mut principal).await;
    let asked = look(&mut other, &code).await;
    let page = principal.get(HERE).await;
    let one = counter.store.list_invitations(&id, now(), 10).await.unwrap().remove(0);
    let action = format!("{HERE}/{}/withdraw", one.id);
    let mut form = other.get(HERE).await.form(HERE);
    form.retain(|(name, _)| name == "token");
    assert_eq!(other.post(&action, &form).await.location, format!("{HERE}?notice=nothing"), "it is not theirs");
    assert_eq!(principal.submit(&page, &action, &[]).await.location, format!("{HERE}?notice=withdrawn"));
    assert_eq!(other.submit(&asked, ACCEPT, &[]).await.status, 422, "withdrawn after it was looked at");
    let code = made(&mut principal).await;
    for (until, kind) in [(day(4000), "appointed"), ("x".to_owned(), "appointed"), (day(30), "parent"), (day(30), "")] {
        let page = principal.get(HERE).await;
        let told = principal.submit(&page, HERE, &[("kind", kind), ("until", &until)]).await;
        assert_eq!(told.status, 422, "{kind} {until}: {}", told.html);
    }
    assert_eq!(look(&mut other, "BCDF").await.status, 422);
    counter.clock.advance(Duration::from_hours(24));
    other.dashboard("p2").await;
    assert_eq!(look(&mut other, &code).await.status, 422, "a day later");
    assert!(counter.store.list_representatives(&id, 10).await.unwrap().is_empty());
}
