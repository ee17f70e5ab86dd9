//! Representatives at the dashboard: both sides see the entry, either ends it alone, nobody else finds it.

use super::browser::{Browser, Page};
use super::counter::{Counter, now};
use madoguchi::domain::SystemEntropy;
use madoguchi::domain::ids::SubjectId;
use madoguchi::domain::representation::{
    Representation, RepresentationEnd as End, RepresentationKind as Kind, RepresentationProof as Proof,
    RepresentationStatus as Status,
};
use madoguchi::issuer::representations::{Wanted, register};
use madoguchi::policy::RepresentationLimits;
use std::path::Path;

pub const LIST: &str = "/dashboard/representatives";

pub async fn arrive(counter: &Counter, person: &str) -> (Browser, SubjectId) {
    let mut browser = Browser::at(&counter.address);
    browser.dashboard(person).await;
    let page = browser.get(LIST).await;
    assert_eq!((page.status, page.header("cache-control")), (200, "no-store"));
    (browser, SubjectId::parse(&page.text("#own-number")).unwrap())
}

pub fn wanted(principal: &SubjectId, representative: &SubjectId) -> Wanted {
    Wanted {
        principal: principal.clone(),
        representative: representative.clone(),
        kind: Kind::Appointed,
        proof: Proof::PowerOfAttorney,
        until: now().date_in_japan() + chrono::Days::new(30),
        born: None,
        by: "desk 3".into(),
    }
}

pub async fn registered(counter: &Counter, wanted: Wanted) -> Result<Representation, String> {
    let limits = RepresentationLimits::load(Path::new("policies")).unwrap();
    let done = register(&*counter.store, &limits, wanted, &SystemEntropy, now()).await;
    done.map_err(|told| told.to_string())
}

fn end_of(one: &Representation) -> String {
    format!("{LIST}/{}/end", one.id)
}

pub async fn end(browser: &mut Browser, one: &Representation) -> Page {
    let page = browser.get(LIST).await;
    let confirm = browser.submit(&page, &end_of(one), &[]).await;
    assert_eq!(confirm.status, 200);
    browser.submit(&confirm, &end_of(one), &[]).await
}

#[actix_web::test]
async fn either_side_sees_it_and_ends_it_alone_and_at_once() {
    for (by, words, is_principal) in [
        (End::Principal, "Ended by the person represented", true),
        (End::Representative, "Given up by the representative", false),
    ] {
        let counter = Counter::start().await;
        let (mut mine, principal) = arrive(&counter, "p1").await;
        let (mut theirs, representative) = arrive(&counter, "p2").await;
        let one = registered(&counter, wanted(&principal, &representative)).await.unwrap();
        for (browser, section, other) in [
            (&mut mine, "section[aria-labelledby=representatives]", &representative),
            (&mut theirs, "section[aria-labelledby=represented]", &principal),
        ] {
            let page = browser.get(LIST).await;
            let text = page.text(section);
            assert!(text.contains("Chosen representative") && text.contains("In force"), "{text}");
            assert!(!page.text("main").contains(other.as_str()), "one side's number is not the other's to read");
        }
        let (ender, watcher) = if is_principal { (&mut mine, &mut theirs) } else { (&mut theirs, &mut mine) };
        let done = end(ender, &one).await;
        assert_eq!((done.status, done.location.as_str()), (303, "/dashboard/representatives?notice=ended"));
        let kept = counter.store.find_representation(&one.id).await.unwrap().unwrap();
        assert_eq!(kept.status, Status::Ended { at: now(), by });
        assert!(watcher.get(LIST).await.text("main").contains(words));
        assert!(ender.get(&done.location).await.text("[role=status]").contains("has ended"));
    }
}

#[actix_web::test]
async fn nobody_else_finds_it_and_no_foreign_form_ends_it() {
    let counter = Counter::start().await;
    let (mut mine, principal) = arrive(&counter, "p1").await;
    let (_, representative) = arrive(&counter, "p2").await;
    let (mut other, _) = arrive(&counter, "p3").await;
    let one = registered(&counter, wanted(&principal, &representative)).await.unwrap();
    let page = other.get(LIST).await;
    assert!(!page.text("main").contains(one.id.as_str()));
    let token = page.form("/sign-out")[0].1.clone();
    let form = |token: &str| [("token".to_owned(), token.to_owned()), ("confirm".to_owned(), "yes".to_owned())];
    let unknown = other.post(&format!("{LIST}/rep_none/end"), &form(&token)).await;
    let foreign = other.post(&end_of(&one), &form(&token)).await;
    let told = |page: &Page| (page.status, page.text("h1"), page.text("main").len());
    assert_eq!(told(&foreign), told(&unknown), "as if it were not there, but for the error's number");
    assert_eq!(foreign.status, 404);
    assert_eq!(mine.post(&end_of(&one), &form("AAAA")).await.status, 403);
    assert_eq!(mine.post(&end_of(&one), &form(&token)).await.status, 403, "another session's token");
    assert_eq!(counter.store.find_representation(&one.id).await.unwrap().unwrap().status, Status::Active);
}

#[actix_web::test]
async fn what_the_rules_do_not_allow_is_not_registered_and_told_by_name() {
    let counter = Counter::start().await;
    let (_, principal) = arrive(&counter, "p1").await;
    let (_, representative) = arrive(&counter, "p2").await;
    let good = wanted(&principal, &representative);
    let stranger = SubjectId::parse("s_nobody").unwrap();
    for (bad, field) in [
        (Wanted { by: " ".into(), ..good.clone() }, "by:"),
        (Wanted { representative: principal.clone(), ..good.clone() }, "representative:"),
        (Wanted { representative: stranger.clone(), ..good.clone() }, "representative:"),
        (Wanted { principal: stranger, ..good.clone() }, "principal:"),
        (Wanted { proof: Proof::FamilyRegister, ..good.clone() }, "proof:"),
        (Wanted { until: good.until + chrono::Days::new(400), ..good.clone() }, "until:"),
        (Wanted { kind: Kind::Parent, proof: Proof::FamilyRegister, ..good.clone() }, "born:"),
    ] {
        let told = registered(&counter, bad).await.unwrap_err();
        assert!(told.contains(field), "{field} {told}");
    }
    assert!(registered(&counter, good.clone()).await.is_ok());
    assert!(registered(&counter, good).await.unwrap_err().contains("already"));
}
