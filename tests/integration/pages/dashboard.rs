//! The dashboard: one's own grants and lines, and ending them in two steps.

use super::browser::{Browser, Page};
use super::counter::{Counter, INCOME, now, request};
use madoguchi::domain::access::{Access, AccessedDataSet, Disposition};
use madoguchi::domain::data_set::DataSetCode;
use madoguchi::domain::grant::{Grant, GrantStatus, RevokedBy};
use madoguchi::domain::ids::{AccessId, DecisionId, GrantId};
use madoguchi::domain::retrieval::OutcomeKind;
use madoguchi::domain::{Clock, SystemEntropy};
use madoguchi::hot::Invalidation;
use std::time::Duration;

/// Goes through consent; gives the grant.
async fn agree(counter: &Counter, browser: &mut Browser, name: &str, person: &str) -> Grant {
    let page = browser.arrive(&counter.push(name, &request()).await, person).await;
    let answer = browser.submit(&page, "/consent", &[("decision", "agree")]).await;
    let held = counter.take_code(&answer.query("code")).await;
    counter.store.find_grant(&held.grant).await.unwrap().unwrap()
}

async fn access(counter: &Counter, grant: &Grant, outcome: OutcomeKind, disposition: Disposition) {
    let line = Access {
        id: AccessId::generate(&SystemEntropy),
        at: counter.clock.now(),
        subject: grant.subject.clone().unwrap(),
        client: grant.client.clone(),
        grant: grant.id.clone(),
        request: None,
        purpose: "loan_examination".into(),
        data_sets: vec![AccessedDataSet {
            code: DataSetCode::parse(INCOME).unwrap(),
            outcome,
            items: u32::from(outcome == OutcomeKind::Ok) * 2,
            cut: None,
            predicates: vec![],
        }],
        notices: vec![],
        private_documents: vec![],
        records: None,
        disposition,
        acting: None,
    };
    counter.store.insert_accesses(&[line]).await.unwrap();
}

async fn status(counter: &Counter, id: &GrantId) -> GrantStatus {
    counter.store.find_grant(id).await.unwrap().unwrap().status
}

fn revoke_path(grant: &Grant) -> String {
    format!("/dashboard/grants/{}/revoke", grant.id)
}

async fn detail(browser: &mut Browser, grant: &Grant) -> Page {
    browser.get(&format!("/dashboard/grants/{}", grant.id)).await
}

#[actix_web::test]
async fn the_citizen_sees_grants_uses_and_refusals_of_their_own_only() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    let mine = agree(&counter, &mut browser, "1", "p1").await;
    let theirs = agree(&counter, &mut Browser::at(&counter.address), "2", "p2").await;
    access(&counter, &mine, OutcomeKind::Ok, Disposition::Answered).await;
    counter.clock.advance(Duration::from_secs(1));
    access(&counter, &mine, OutcomeKind::RetentionExpired, Disposition::Answered).await;
    counter.clock.advance(Duration::from_secs(1));
    access(&counter, &mine, OutcomeKind::Failed, Disposition::Refused { code: "rate_limited".into(), decision: None })
        .await;
    access(&counter, &theirs, OutcomeKind::Ok, Disposition::Answered).await;

    let page = browser.dashboard("p1").await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.texts("article.grant").len(), 1);
    let lines = page.texts(".history > li");
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[0].contains("Refused") && lines[0].contains("too many requests"), "{lines:?}");
    assert!(lines[1].contains("older than the law lets it be kept"), "{lines:?}");
    assert!(lines[2].contains("Shared") && lines[2].contains("(2 items)"), "{lines:?}");
    assert!(lines[2].contains("Reiji Bank") && lines[2].contains("examining a home loan"), "{lines:?}");
    // Another person's grant is as if it were not there.
    assert_eq!(detail(&mut browser, &theirs).await.status, 404);
    let forged = [("token".to_owned(), page.form("/dashboard/revoke-all")[0].1.clone())];
    assert_eq!(browser.post(&revoke_path(&theirs), &forged).await.status, 404);
    assert_eq!(status(&counter, &theirs.id).await, GrantStatus::Active);
}

#[actix_web::test]
async fn every_reason_of_a_refusal_has_words() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    let grant = agree(&counter, &mut browser, "1", "p1").await;
    let cases = [
        ("invalid_token", "the consent had ended"),
        ("consent_used_up", "was for one time"),
        ("consent_limit_reached", "as often as you allowed"),
        ("consent_paused", "you had paused"),
        ("consent_outgrown", "went beyond"),
        ("not_consented", "you had not agreed"),
        ("outside_consented_period", "outside the period"),
        ("refused_by_policy", "the counter's rules"),
        ("rate_limited", "too many requests"),
        ("client_suspended", "had been suspended"),
        ("something_new", "did not accept"),
    ];
    for (code, _) in cases {
        counter.clock.advance(Duration::from_secs(1));
        let decision = (code == "refused_by_policy").then(|| DecisionId::parse("pd_example").unwrap());
        access(&counter, &grant, OutcomeKind::Failed, Disposition::Refused { code: code.into(), decision }).await;
    }
    let lines = browser.dashboard("p1").await.texts(".history > li");
    for ((code, words), line) in cases.iter().rev().zip(&lines) {
        assert!(line.contains(words), "{code}: {line}");
        assert!(!line.contains(code), "{code} is no word for a citizen: {line}");
        assert_eq!(line.contains("pd_example"), *code == "refused_by_policy", "{line}");
    }
}

#[actix_web::test]
async fn ending_one_takes_two_steps_and_every_node_is_told() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    let grant = agree(&counter, &mut browser, "1", "p1").await;
    let other = agree(&counter, &mut browser, "2", "p1").await;
    browser.dashboard("p1").await;
    let page = detail(&mut browser, &grant).await;
    assert!(page.text("main").contains("Items you did not share"));
    let confirm = browser.submit(&page, &revoke_path(&grant), &[]).await;
    assert_eq!(confirm.status, 200);
    assert!(confirm.text("h1").contains("Revoke the consent for Reiji Bank"));
    assert_eq!(status(&counter, &grant.id).await, GrantStatus::Active);
    let mut word = counter.word();
    let done = browser.submit(&confirm, &revoke_path(&grant), &[]).await;
    assert_eq!((done.status, done.location.as_str()), (303, "/dashboard?notice=revoked"));
    assert_eq!(status(&counter, &grant.id).await, GrantStatus::Revoked { at: now(), by: RevokedBy::Citizen });
    assert_eq!(word.recv().await.unwrap(), Invalidation::Grant(grant.id.clone()));
    assert_eq!(status(&counter, &other.id).await, GrantStatus::Active);
    // Twice is harmless, and said.
    let again = browser.submit(&confirm, &revoke_path(&grant), &[]).await;
    assert_eq!(again.location, "/dashboard?notice=nothing");
    let page = browser.get(&done.location).await;
    assert!(page.text("[role=status]").contains("revoked"));
    assert_eq!(page.texts("article.grant.is-over").len(), 1);
}

#[actix_web::test]
async fn pausing_and_resuming_are_one_step_each_and_every_node_is_told() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    let grant = agree(&counter, &mut browser, "1", "p1").await;
    let (pause, resume) =
        (format!("/dashboard/grants/{}/pause", grant.id), format!("/dashboard/grants/{}/resume", grant.id));
    browser.dashboard("p1").await;
    let page = detail(&mut browser, &grant).await;
    let mut word = counter.word();
    let done = browser.submit(&page, &pause, &[]).await;
    assert_eq!((done.status, done.location.as_str()), (303, "/dashboard?notice=paused"));
    assert_eq!(word.recv().await.unwrap(), Invalidation::Grant(grant.id.clone()));
    assert_eq!(status(&counter, &grant.id).await, GrantStatus::Paused { since: now() });
    let told = browser.get(&done.location).await;
    assert!(told.text("[role=status]").contains("paused") && told.text("article.grant").contains("Paused by you"));
    assert_eq!(told.texts("article.grant.is-over").len(), 0, "what is paused has not ended");
    assert_eq!(browser.submit(&page, &pause, &[]).await.location, "/dashboard?notice=unchanged");

    let page = detail(&mut browser, &grant).await;
    assert!(page.text("main").contains("Resume this consent") && !page.text("main").contains("Pause this consent"));
    let done = browser.submit(&page, &resume, &[]).await;
    assert_eq!(done.location, "/dashboard?notice=resumed");
    assert_eq!(word.recv().await.unwrap(), Invalidation::Grant(grant.id.clone()));
    assert_eq!(status(&counter, &grant.id).await, GrantStatus::Active);
    assert_eq!(browser.submit(&page, &resume, &[]).await.location, "/dashboard?notice=unchanged");

    // Neither another person nor a form of another page does either.
    let token = page.form(&resume)[0].1.clone();
    let mut other = Browser::at(&counter.address);
    let theirs = other.dashboard("p2").await.form("/sign-out")[0].1.clone();
    for path in [&pause, &resume] {
        let fields = [("token".to_owned(), token.clone())];
        assert_eq!(other.post(path, &fields).await.status, 403);
        assert_eq!(browser.post(path, &[("token".to_owned(), "AAAA".to_owned())]).await.status, 403);
        assert_eq!(other.post(path, &[("token".to_owned(), theirs.clone())]).await.status, 404);
    }
    assert_eq!(status(&counter, &grant.id).await, GrantStatus::Active);
    // A paused one can be ended.
    let page = detail(&mut browser, &grant).await;
    browser.submit(&page, &pause, &[]).await;
    let page = detail(&mut browser, &grant).await;
    let confirm = browser.submit(&page, &revoke_path(&grant), &[]).await;
    assert_eq!(browser.submit(&confirm, &revoke_path(&grant), &[]).await.location, "/dashboard?notice=revoked");
}

#[actix_web::test]
async fn ending_all_ends_all_of_ones_own() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    let one = agree(&counter, &mut browser, "1", "p1").await;
    let two = agree(&counter, &mut browser, "2", "p1").await;
    let theirs = agree(&counter, &mut Browser::at(&counter.address), "3", "p2").await;
    let page = browser.dashboard("p1").await;
    let confirm = browser.submit(&page, "/dashboard/revoke-all", &[]).await;
    assert!(confirm.text("main").contains("2 consents are in force"));
    let done = browser.submit(&confirm, "/dashboard/revoke-all", &[]).await;
    assert_eq!(done.location, "/dashboard?notice=revoked-all");
    for id in [&one.id, &two.id] {
        assert!(matches!(status(&counter, id).await, GrantStatus::Revoked { by: RevokedBy::Citizen, .. }));
    }
    assert_eq!(status(&counter, &theirs.id).await, GrantStatus::Active);
}

#[actix_web::test]
async fn a_form_without_the_sessions_token_ends_nothing() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    let grant = agree(&counter, &mut browser, "1", "p1").await;
    let page = browser.dashboard("p1").await;
    let token = page.form("/dashboard/revoke-all")[0].1.clone();
    for bad in [vec![], vec![("token", "")], vec![("token", "AAAA")]] {
        let mut fields: Vec<_> = bad.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        fields.push(("confirm".into(), "yes".into()));
        for path in ["/dashboard/revoke-all", revoke_path(&grant).as_str(), "/sign-out"] {
            assert_eq!(browser.post(path, &fields).await.status, 403, "{path} {bad:?}");
        }
    }
    // Another person's token does not do either, and neither does no session.
    let mut other = Browser::at(&counter.address);
    other.dashboard("p2").await;
    let fields = [("token".to_owned(), token), ("confirm".to_owned(), "yes".to_owned())];
    assert_eq!(other.post("/dashboard/revoke-all", &fields).await.status, 403);
    let nobody = Browser::at(&counter.address).post("/dashboard/revoke-all", &fields).await;
    assert_eq!((nobody.status, nobody.location.as_str()), (303, "/sign-in"));
    assert_eq!(status(&counter, &grant.id).await, GrantStatus::Active);
}

#[actix_web::test]
async fn a_session_ends_by_signing_out_and_by_time() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    let page = browser.dashboard("p1").await;
    let kept = browser.jar.clone();
    let out = browser.submit(&page, "/sign-out", &[]).await;
    assert_eq!((out.status, out.location.as_str()), (303, "/?notice=signed-out"));
    assert!(!browser.jar.contains_key("madoguchi_session"));
    // The cookie itself is worth nothing any more.
    browser.jar = kept;
    assert_eq!(browser.get("/dashboard").await.location, "/sign-in");
    browser.dashboard("p1").await;
    counter.clock.advance(Duration::from_mins(31));
    assert_eq!(browser.get("/dashboard").await.location, "/sign-in");
}

#[actix_web::test]
async fn older_entries_are_a_page_further() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    let grant = agree(&counter, &mut browser, "1", "p1").await;
    for _ in 0..60 {
        counter.clock.advance(Duration::from_secs(1));
        access(&counter, &grant, OutcomeKind::Ok, Disposition::Answered).await;
    }
    let page = browser.dashboard("p1").await;
    assert_eq!(page.texts(".history > li").len(), 50);
    let link = page.html.split("href=\"/dashboard?history=").nth(1).unwrap().split(['"', '#']).next().unwrap();
    let older = browser.get(&format!("/dashboard?history={link}")).await;
    assert_eq!(older.texts(".history > li").len(), 10);
    // A place that is none is as good as none.
    assert_eq!(browser.get("/dashboard?history=x.y&grants=1").await.texts(".history > li").len(), 50);
}
