//! A company at its own page: signed in at its provider, it lets an office file and ends it alone; an office, a member, a
//! stranger and another company change nothing.

use super::browser::{Browser, Page};
use super::counter::{Counter, now};
use crate::submissions::Payroll;
use crate::support::app::spawn_app;
use madoguchi::domain::corporate_number::CorporateNumber;
use madoguchi::domain::delegation::{Delegation, DelegationStatus};
use madoguchi::domain::ids::{ClientId, DelegationId};
use madoguchi::domain::representation::RepresentationEnd;
use serde_json::json;
use std::time::Duration;

const HERE: &str = "/company";
const DELEGATIONS: &str = "/company/delegations";
/// Made up, with right check digits.
pub const COMPANY: &str = "8999900000001";
const OTHER: &str = "8000000990001";

/// Signs in as the account that the code names.
async fn arrive(counter: &Counter, code: &str) -> (Browser, Page) {
    let mut browser = Browser::at(&counter.address);
    let away = browser.get(HERE).await;
    assert_eq!((away.status, away.location.as_str()), (303, "/company/sign-in"));
    let begun = browser.get("/company/sign-in").await;
    let state = begun.query("state");
    let back = browser.get(&format!("/company/sign-in/callback?state={state}&code={code}")).await;
    (browser, back)
}

async fn head(counter: &Counter, number: &str) -> Browser {
    let (browser, back) = arrive(counter, &format!("2:{number}")).await;
    assert_eq!((back.status, back.location.as_str()), (303, HERE), "{}", back.html);
    browser
}

fn fields(until: &str) -> [(&str, &str); 4] {
    [("client", "loan-bank"), ("kind", "labor_consultant"), ("procedures", "2200700\n2201700"), ("until", until)]
}

fn day(days: u64) -> String {
    now().plus(Duration::from_hours(24 * days)).date_in_japan().to_string()
}

async fn delegate(browser: &mut Browser, until: &str) -> Page {
    let page = browser.get(HERE).await;
    let shown = browser.submit(&page, DELEGATIONS, &fields(until)).await;
    if shown.status != 200 {
        return shown;
    }
    browser.submit(&shown, DELEGATIONS, &[]).await
}

async fn listed(counter: &Counter, number: &str) -> Vec<Delegation> {
    counter.store.list_delegations(&CorporateNumber::parse(number).unwrap(), 10).await.unwrap()
}

#[actix_web::test]
async fn a_company_lets_an_office_file_and_ends_it_alone_and_at_once() {
    let counter = Counter::start().await;
    let mut browser = head(&counter, COMPANY).await;
    let page = browser.get(HERE).await;
    assert_eq!(page.status, 200, "{}", page.html);
    assert!(page.html.contains("株式会社見本工業") && page.html.contains(COMPANY));
    let shown = browser.submit(&page, DELEGATIONS, &fields(&day(30))).await;
    assert!(shown.status == 200 && shown.text("h1").contains("Reiji Bank"), "{}", shown.html);
    assert!(listed(&counter, COMPANY).await.is_empty(), "shown first");
    let done = browser.submit(&shown, DELEGATIONS, &[]).await;
    assert_eq!((done.status, done.location.as_str()), (303, "/company?notice=registered"), "{}", done.html);
    let one = listed(&counter, COMPANY).await.remove(0);
    assert!(one.registered_by.is_none() && one.procedures.cover("2201700") && !one.procedures.cover("9"));
    assert!(one.is_in_force(now()));
    let page = browser.get(&done.location).await;
    let told = page.text("section[aria-labelledby=delegations]");
    assert!(told.contains("(2200700), ") && told.contains("(2201700)"), "{told}");
    browser.accepts = "ja";
    assert!(browser.get(HERE).await.html.contains("社会保険労務士"));
    browser.accepts = "en";

    let pause = format!("/company/delegations/{}/pause", one.id);
    let resume = format!("/company/delegations/{}/resume", one.id);
    let done = browser.submit(&page, &pause, &[]).await;
    assert_eq!((done.status, done.location.as_str()), (303, "/company?notice=paused"), "{}", done.html);
    assert!(!listed(&counter, COMPANY).await[0].is_in_force(now()));
    assert_eq!(browser.submit(&page, &pause, &[]).await.location, "/company?notice=unchanged");
    let paused = browser.get(&done.location).await;
    assert!(paused.html.contains("Paused by the company") && !paused.html.contains(&pause), "{}", paused.html);
    let done = browser.submit(&paused, &resume, &[]).await;
    assert_eq!((done.status, done.location.as_str()), (303, "/company?notice=resumed"), "{}", done.html);
    assert!(listed(&counter, COMPANY).await[0].is_in_force(now()));

    let action = format!("/company/delegations/{}/end", one.id);
    let asked = browser.submit(&page, &action, &[]).await;
    assert!(asked.status == 200 && listed(&counter, COMPANY).await[0].is_in_force(now()), "asked first");
    let done = browser.submit(&asked, &action, &[]).await;
    assert_eq!((done.status, done.location.as_str()), (303, "/company?notice=ended"));
    let ended = listed(&counter, COMPANY).await.remove(0);
    assert!(matches!(ended.status, DelegationStatus::Ended { by: RepresentationEnd::Principal, .. }));
    let again = browser.submit(&asked, &action, &[]).await;
    assert_eq!(again.location, "/company?notice=nothing");

    let page = browser.get(HERE).await;
    assert_eq!(browser.submit(&page, "/company/sign-out", &[]).await.status, 303);
    assert_eq!(browser.get(HERE).await.location, "/company/sign-in");
}

#[actix_web::test]
async fn another_company_a_member_and_a_stranger_change_nothing() {
    let counter = Counter::start().await;
    let mut browser = head(&counter, COMPANY).await;
    assert_eq!(delegate(&mut browser, &day(30)).await.status, 303);
    let one = listed(&counter, COMPANY).await.remove(0);
    let action = format!("/company/delegations/{}/end", one.id);
    let token_of = |page: &Page| page.form("/company/sign-out").remove(0).1;

    // Another company's head knows the id, and is told that there is nothing.
    let mut other = head(&counter, OTHER).await;
    let page = other.get(HERE).await;
    assert!(!page.html.contains(one.id.as_str()));
    let form = [("token".to_owned(), token_of(&page)), ("confirm".to_owned(), "yes".to_owned())];
    assert_eq!(other.post(&action, &form).await.status, 404);
    let pause = format!("/company/delegations/{}/pause", one.id);
    assert_eq!(other.post(&pause, &form).await.location, "/company?notice=unchanged");
    // A member of the same company sees it, and has no way to change it.
    let (mut member, back) = arrive(&counter, &format!("3:{COMPANY}")).await;
    assert_eq!(back.status, 303);
    let page = member.get(HERE).await;
    assert!(page.html.contains(one.id.as_str()) && !page.html.contains(&action), "{}", page.html);
    let form = [("token".to_owned(), token_of(&page)), ("confirm".to_owned(), "yes".to_owned())];
    assert_eq!(member.post(&action, &form).await.status, 422);
    assert_eq!(member.post(&pause, &form).await.status, 422);
    let mut wanted: Vec<_> = fields(&day(30)).iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    wanted.extend(form.clone());
    assert_eq!(member.post(DELEGATIONS, &wanted).await.status, 422);
    // Without the page's token, or with another browser's, nothing is taken.
    assert_eq!(browser.post(&action, &form).await.status, 403);
    assert_eq!(browser.post(&pause, &form).await.status, 403);
    assert_eq!(Browser::at(&counter.address).post(&action, &form).await.location, "/company/sign-in");
    assert!(listed(&counter, COMPANY).await[0].is_in_force(now()));
    assert_eq!(listed(&counter, COMPANY).await.len(), 1);
    // A company's session is no person's, and the other way round.
    browser.jar.insert("madoguchi_session".into(), browser.jar["madoguchi_company"].clone());
    assert_eq!(browser.get("/dashboard").await.location, "/sign-in");
    let mut citizen = Browser::at(&counter.address);
    citizen.dashboard("p1").await;
    citizen.jar.insert("madoguchi_company".into(), citizen.jar["madoguchi_session"].clone());
    assert_eq!(citizen.get(HERE).await.location, "/company/sign-in");
}

#[actix_web::test]
async fn only_a_checked_company_that_began_here_comes_in() {
    let counter = Counter::start().await;
    for (code, status) in [("1:8999900000001", 403), ("2:", 403), ("refused", 502)] {
        let (browser, back) = arrive(&counter, code).await;
        assert_eq!(back.status, status, "{code}: {}", back.html);
        assert!(!browser.jar.contains_key("madoguchi_company"));
    }
    let (mut one, mut other) = (Browser::at(&counter.address), Browser::at(&counter.address));
    let begun = one.get("/company/sign-in").await;
    let (state, code) = (begun.query("state"), format!("2:{COMPANY}"));
    let path = format!("/company/sign-in/callback?state={state}&code={code}");
    assert_eq!(other.get(&path).await.status, 403, "another browser's");
    assert_eq!(one.get(&format!("/company/sign-in/callback?state={state}&error=access_denied")).await.status, 403);
    assert_eq!(one.get(&format!("{path}&iss=https%3A%2F%2Fother.example")).await.status, 403, "another issuer's");
    assert_eq!(one.get(&path).await.status, 303);
    assert_eq!(one.get(&path).await.status, 403, "it comes back once");
}

#[actix_web::test]
async fn what_does_not_read_is_told_by_its_field() {
    let counter = Counter::start().await;
    let mut browser = head(&counter, COMPANY).await;
    let until = day(30);
    let (far, past) = (day(4000), day(0).replace("20", "19"));
    for (name, value, words) in [
        ("client", "nobody", "No office has this id"),
        ("client", "a b", "No office has this id"),
        ("kind", "parent", "Choose as what"),
        ("procedures", "", "Choose 1 to 100 procedures"),
        ("procedures", "* 2200700", "Choose 1 to 100 procedures"),
        ("until", &far, "The last day"),
        ("until", &past, "The last day"),
        ("until", "tomorrow", "The last day"),
    ] {
        let page = browser.get(HERE).await;
        let mut changes: Vec<_> = fields(&until).into_iter().filter(|(n, _)| *n != name).collect();
        changes.push((name, value));
        let mut answer = browser.submit(&page, DELEGATIONS, &changes).await;
        if answer.status == 200 {
            answer = browser.submit(&answer, DELEGATIONS, &[]).await;
        }
        assert_eq!(answer.status, 422, "{name}={value}: {}", answer.html);
        assert!(answer.text(".error-summary").contains(words), "{name}={value}: {}", answer.text(".error-summary"));
    }
    assert!(listed(&counter, COMPANY).await.is_empty());
    assert_eq!(delegate(&mut browser, &until).await.status, 303);
    let twice = delegate(&mut browser, &until).await;
    assert!(twice.status == 422 && twice.text(".error-summary").contains("already"), "{}", twice.html);
}

#[actix_web::test]
async fn procedures_are_chosen_by_name_typed_by_code_or_all_of_them() {
    let counter = Counter::start().await;
    let mut browser = head(&counter, COMPANY).await;
    let page = browser.get(HERE).await;
    for id in [
        "procedure-every",
        "procedure-2200700",
        "procedure-2265700",
        "procedure-employment-certificate",
        "delegate-others",
    ] {
        assert!(page.html.contains(&format!("for=\"{id}\"")), "{id}: {}", page.html);
    }
    assert!(page.text("main").contains("Pension office") && page.text("main").contains("Tax office"));
    let until = day(30);
    let sent = |procedures: &[(&str, &str)]| {
        let common = [("client", "loan-bank"), ("kind", "labor_consultant"), ("until", until.as_str())];
        let mut form: Vec<(String, String)> = page.form(DELEGATIONS);
        form.retain(|(name, _)| !["client", "kind", "until", "procedures"].contains(&name.as_str()));
        form.extend(common.iter().chain(procedures).map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
        form
    };
    // What was chosen and typed is still there when another field does not read.
    let mut wrong = sent(&[("procedure", "2265700"), ("procedures", "A1000 2200700")]);
    wrong.retain(|(name, _)| name != "until");
    let told = browser.post(DELEGATIONS, &wrong).await;
    assert_eq!(told.status, 422);
    assert!(told.html.contains("name=\"procedure\" value=\"2265700\" checked"), "{}", told.html);
    assert!(told.html.contains("name=\"procedure\" value=\"2200700\" checked"), "{}", told.html);
    assert!(told.text("#delegate-others").contains("A1000") && !told.text("#delegate-others").contains("2200700"));
    // Every one and another beside it contradict each other.
    let both = browser.post(DELEGATIONS, &sent(&[("procedure", "*"), ("procedure", "2200700")])).await;
    let both = if both.status == 200 { browser.submit(&both, DELEGATIONS, &[]).await } else { both };
    assert!(both.status == 422 && both.text(".error-summary").contains("nothing beside it"), "{}", both.html);
    let mut wrong = sent(&[("procedure", "employment-certificate")]);
    wrong.retain(|(name, _)| name != "until");
    let told = browser.post(DELEGATIONS, &wrong).await;
    assert!(told.html.contains("value=\"employment-certificate\" checked"), "{}", told.html);
    let named = browser.post(DELEGATIONS, &sent(&[("procedure", "employment-certificate")])).await;
    assert!(named.html.contains("Issue certificates of employment (employment-certificate)"), "{}", named.html);
    let shown = browser.post(DELEGATIONS, &sent(&[("procedure", "2265700"), ("procedures", "A1000 2200700")])).await;
    assert!(shown.status == 200 && shown.text("dl").contains("A1000"), "{}", shown.html);
    assert_eq!(browser.submit(&shown, DELEGATIONS, &[]).await.status, 303);
    let one = listed(&counter, COMPANY).await.remove(0);
    assert_eq!(one.procedures.names(), ["2200700", "2265700", "A1000"]);
}

/// Signs in at the sandbox's provider of companies; gives where it sends the browser back to.
pub async fn through_the_sandbox(browser: &mut Browser, account: (&str, &str)) -> Page {
    let begun = browser.get("/company/sign-in").await;
    assert_eq!(begun.status, 303, "{}", begun.html);
    let form = browser.get(&begun.location).await;
    let origin = url::Url::parse(&begun.location).unwrap().origin().ascii_serialization();
    let page =
        url::Url::parse(&format!("{origin}{}", form.location)).or_else(|_| url::Url::parse(&form.location)).unwrap();
    let transaction = page.query_pairs().find(|(name, _)| name == "transaction").unwrap().1.into_owned();
    let pairs = [
        ("transaction", transaction.as_str()),
        ("method", "password"),
        ("account_id", account.0),
        ("password", account.1),
    ];
    let pairs: Vec<_> = pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    let sent = browser.post(&format!("{origin}/gbizid/oauth/sign-in"), &pairs).await;
    assert_eq!(sent.status, 303, "{}", sent.html);
    browser.get(&sent.location).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_of_the_sandbox_signs_in_and_its_office_files_for_it_until_it_ends() {
    let app = spawn_app().await;
    let payroll = Payroll::open(&app.directory()).await;
    let mut browser = Browser::at(app.url());
    let refused = through_the_sandbox(&mut browser, ("reiji-design@kojin.example", "reiji-entry")).await;
    assert_eq!(refused.status, 403, "an entry account: {}", refused.html);
    let back = through_the_sandbox(&mut browser, ("daihyo@mihon-kogyo.example", "mihon-prime")).await;
    assert_eq!((back.status, back.location.as_str()), (303, HERE), "{}", back.html);
    let mut body = crate::submissions::one("pension", "auto");
    body["applicant"] = json!(COMPANY);
    assert_eq!(payroll.file("key-1", &body).await.status, 403);
    let today = madoguchi::domain::Clock::now(&madoguchi::domain::SystemClock);
    let until = today.plus(Duration::from_hours(24 * 30)).date_in_japan().to_string();
    let wanted = [
        ("client", payroll.party.file.client_id.as_str()),
        ("kind", "labor_consultant"),
        ("procedures", "*"),
        ("until", &until),
    ];
    let page = browser.get(HERE).await;
    assert!(page.html.contains("株式会社見本工業"), "{}", page.html);
    let shown = browser.submit(&page, DELEGATIONS, &wanted).await;
    let done = browser.submit(&shown, DELEGATIONS, &[]).await;
    assert_eq!(done.location, "/company?notice=registered", "{}", done.html);
    let filed = payroll.filed("key-1", &body).await;
    payroll.until_state(&filed, "completed").await;
    let page = browser.get(HERE).await;
    assert!(page.html.contains(&filed) && page.html.contains("9990002: Completed"), "{}", page.html);
    let id = page.html.split("/company/delegations/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let action = format!("/company/delegations/{id}/end");
    let asked = browser.submit(&page, &action, &[]).await;
    assert_eq!(browser.submit(&asked, &action, &[]).await.status, 303);
    let over = payroll.file("key-2", &body).await;
    assert_eq!((over.status, over.body["code"].as_str()), (403, Some("not_delegated")));
}

#[actix_web::test]
async fn what_an_offices_software_lately_came_to_file_or_files_no_more_is_said_at_the_top() {
    let counter = Counter::start().await;
    let mut browser = head(&counter, COMPANY).await;
    assert_eq!(delegate(&mut browser, &day(300)).await.status, 303);
    assert!(!browser.get(HERE).await.html.contains("software-news"), "an office is no software");
    let office = listed(&counter, COMPANY).await.remove(0);
    let added = |id: &str, client: &str, days: u64| Delegation {
        id: DelegationId::parse(id).unwrap(),
        client: ClientId::parse(client).unwrap(),
        via: Some(office.id.clone()),
        created_at: now().minus(Duration::from_hours(24 * days)),
        ..office.clone()
    };
    let (new, old) = (added("dlg_new", "payroll-vendor", 0), added("dlg_old", "old-vendor", 31));
    let new = Delegation { created_at: now().plus(Duration::from_secs(1)), ..new };
    for one in [&new, &old] {
        assert!(counter.store.insert_delegation(one).await.unwrap());
    }
    let page = browser.get(HERE).await;
    let told = page.texts("section[aria-labelledby=software-news] li");
    let [only] = told.as_slice() else { panic!("{told:?}") };
    assert!(only.contains("Reiji Bank, Ltd. let the software of payroll-vendor file for your company"), "{only}");
    assert!(page.html.contains(&format!("id=\"{}\"", new.id)), "where it leads");
    for one in [&new, &old] {
        let by = RepresentationEnd::Representative;
        assert!(counter.store.end_delegation(&one.id, by, None, now().plus(Duration::from_secs(2))).await.unwrap());
    }
    let told = browser.get(HERE).await.texts("section[aria-labelledby=software-news] li");
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told.iter().any(|one| one.contains("The software of old-vendor files no more")), "{told:?}");
}

#[actix_web::test]
async fn an_account_of_which_contradictory_things_are_said_does_not_come_in() {
    let counter = Counter::start().await;
    let (mut browser, back) = arrive(&counter, "contradictory").await;
    assert_eq!(back.status, 403, "{}", back.html);
    assert!(back.html.contains("contradicts itself") && !back.html.contains("account_type"), "{}", back.html);
    assert_eq!(browser.get(HERE).await.location, "/company/sign-in", "there is no session");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_office_sees_the_mandates_that_it_has_at_its_provider_and_files_nothing_by_them() {
    let app = spawn_app().await;
    let mut browser = Browser::at(app.url());
    let back = through_the_sandbox(&mut browser, ("daihyo@mihon-romu.example", "romu-prime")).await;
    assert_eq!((back.status, back.location.as_str()), (303, HERE), "{}", back.html);
    let told = browser.get(HERE).await.texts("section[aria-labelledby=mandates] article");
    let [only] = told.as_slice() else { panic!("what is over is not told: {told:?}") };
    assert!(only.contains("株式会社見本工業") && only.contains(COMPANY) && only.contains("2200700"), "{only}");
    let company = CorporateNumber::parse(COMPANY).unwrap();
    assert!(
        app.store.store.list_delegations(&company, 10).await.unwrap().is_empty(),
        "a mandate is no delegation here"
    );
    let mut member = Browser::at(app.url());
    let back = through_the_sandbox(&mut member, ("somu@mihon-kogyo.example", "shiken-member")).await;
    assert_eq!(back.status, 303, "{}", back.html);
    let page = member.get(HERE).await;
    assert!(page.html.contains("id=\"company-member\"") && !page.html.contains("id=\"mandates\""), "{}", page.html);
}
