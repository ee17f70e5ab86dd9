//! Erasure at the citizen's wish, at the dashboard.

use super::browser::Browser;
use super::counter::{Counter, request};
use madoguchi::domain::grant::RevokedBy;
use std::time::Duration;

const PLACE: &str = "/dashboard/erasure";

#[actix_web::test]
async fn a_citizen_erases_what_has_ended_by_a_tick_and_a_button() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    let page = browser.arrive(&counter.push("1", &request()).await, "p1").await;
    let answer = browser.submit(&page, "/consent", &[("decision", "agree")]).await;
    let grant = counter.take_code(&answer.query("code")).await.grant;
    let dashboard = browser.dashboard("p1").await;
    assert!(dashboard.text("#to-erasure").contains("Erase"));
    let page = browser.get(PLACE).await;
    assert_eq!((page.status, page.header("cache-control")), (200, "no-store"));
    assert!(page.text("#erasure-now").contains("nothing"), "it is in force");
    assert!(page.texts("#erase").is_empty());
    let at = madoguchi::domain::Clock::now(&*counter.clock);
    assert!(counter.store.revoke_grant(&grant, at, RevokedBy::Citizen).await.unwrap());
    counter.clock.advance(Duration::from_secs(1));
    let page = browser.get(PLACE).await;
    assert!(page.text("#erasure-now").contains("One ended consent"));
    for (lang, word) in [("en", "What stays"), ("ja", "残るもの")] {
        let page = browser.get(&format!("{PLACE}?lang={lang}")).await;
        assert!(page.text("main").contains(word), "{lang}");
    }
    let page = browser.get(&format!("{PLACE}?lang=en")).await;
    let unticked = browser.submit(&page, PLACE, &[]).await;
    assert_eq!((unticked.status, unticked.location.as_str()), (303, "/dashboard/erasure?notice=unconfirmed"));
    assert!(browser.get(&unticked.location).await.text("[role=status]").contains("Nothing was erased"));
    assert!(counter.store.find_grant(&grant).await.unwrap().is_some());
    let done = browser.submit(&page, PLACE, &[("confirm", "yes")]).await;
    assert_eq!((done.status, done.location.as_str()), (303, "/dashboard/erasure?notice=erased"));
    assert!(browser.get(&done.location).await.text("[role=status]").contains("It is erased"));
    assert!(counter.store.find_grant(&grant).await.unwrap().is_none());
    // Not by another's form, and not without one.
    let forged = browser.post(PLACE, &[("confirm".into(), "yes".into()), ("token".into(), "x".into())]).await;
    assert_eq!(forged.status, 403);
}

const ACCOUNT: &str = "/dashboard/account";

#[actix_web::test]
async fn a_citizen_erases_the_account_once_nothing_stands_and_comes_again_as_a_new_person() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    let page = browser.arrive(&counter.push("1", &request()).await, "p1").await;
    let answer = browser.submit(&page, "/consent", &[("decision", "agree")]).await;
    let grant = counter.take_code(&answer.query("code")).await.grant;
    let person = counter.store.find_grant(&grant).await.unwrap().unwrap().subject.unwrap();
    browser.dashboard("p1").await;
    assert!(browser.get(PLACE).await.text("#to-account").contains("account"));
    // Something stands: the page says what, and the way to it.
    for (lang, word) in [("en", "has to end first"), ("ja", "先に終わらせるもの")] {
        let page = browser.get(&format!("{ACCOUNT}?lang={lang}")).await;
        assert_eq!((page.status, page.header("cache-control")), (200, "no-store"));
        assert!(page.text("main").contains(word), "{lang}");
        assert!(page.texts("#close").is_empty(), "{lang}");
    }
    let page = browser.get(&format!("{ACCOUNT}?lang=en")).await;
    assert!(page.html.contains(&format!("href=\"/dashboard/grants/{grant}\"")));
    let at = madoguchi::domain::Clock::now(&*counter.clock);
    assert!(counter.store.revoke_grant(&grant, at, RevokedBy::Citizen).await.unwrap());
    counter.clock.advance(Duration::from_secs(1));
    let page = browser.get(ACCOUNT).await;
    assert!(page.text("#closing-lead").contains("can be erased now"));
    let unticked = browser.submit(&page, ACCOUNT, &[]).await;
    assert_eq!((unticked.status, unticked.location.as_str()), (303, "/dashboard/account?notice=unconfirmed"));
    let forged = browser.post(ACCOUNT, &[("confirm".into(), "yes".into()), ("token".into(), "x".into())]).await;
    assert_eq!(forged.status, 403);
    assert!(counter.store.find_subject(&person).await.unwrap().is_some());
    let done = browser.submit(&page, ACCOUNT, &[("confirm", "yes")]).await;
    assert_eq!((done.status, done.location.as_str()), (303, "/?notice=account-erased"));
    assert!(browser.get(&done.location).await.text("[role=status]").contains("Your account is erased"));
    assert_eq!(browser.get("/dashboard").await.status, 303, "signed out");
    assert!(counter.store.find_subject(&person).await.unwrap().is_none());
    assert!(counter.store.find_grant(&grant).await.unwrap().is_none());
    let page = browser.arrive(&counter.push("2", &request()).await, "p1").await;
    let answer = browser.submit(&page, "/consent", &[("decision", "agree")]).await;
    let anew = counter.take_code(&answer.query("code")).await.grant;
    let anew = counter.store.find_grant(&anew).await.unwrap().unwrap().subject.unwrap();
    assert_ne!(anew, person, "third parties are told another sub");
}
