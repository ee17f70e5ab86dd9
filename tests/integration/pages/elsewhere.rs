//! Questions asked at a shared terminal or a desk: typed, found at the dashboard, decided once, and the client called.

use super::browser::{Browser, Page};
use super::counter::{Counter, MASTER, request};
use madoguchi::domain::decoupled::{Channel, DecoupledRequest, Notification, UserCode};
use madoguchi::domain::ids::{ClientId, DecoupledId};
use madoguchi::domain::profile::Backchannel;
use madoguchi::domain::scope::ScopeSet;
use madoguchi::domain::subject::UpstreamAccount;
use madoguchi::domain::{Clock, Digest, MasterKey, SystemEntropy};
use madoguchi::store::{NewDecoupled, Polled};
use std::time::Duration;

pub const PACE: Duration = Duration::from_secs(5);

fn bank() -> ClientId {
    ClientId::parse("loan-bank").unwrap()
}

pub fn question(counter: &Counter, channel: Channel) -> DecoupledRequest {
    DecoupledRequest {
        id: DecoupledId::generate(&SystemEntropy),
        client: bank(),
        channel,
        scope: ScopeSet::parse("openid self_information").unwrap(),
        ask: request().ask,
        created_at: counter.clock.now(),
        expires_at: counter.clock.now().plus(Duration::from_mins(10)),
    }
}

/// A terminal asks; gives what it shows and what it polls with.
async fn at_terminal(counter: &Counter) -> (UserCode, Digest) {
    terminal_asks(counter, question(counter, Channel::Device)).await
}

pub async fn terminal_asks(counter: &Counter, request: DecoupledRequest) -> (UserCode, Digest) {
    let (code, digest) =
        (UserCode::generate(&SystemEntropy), Digest::of(DecoupledId::generate(&SystemEntropy).as_str()));
    let user_code = Some(code.digest(&MasterKey::new(MASTER)).unwrap());
    let new = NewDecoupled { request: &request, digest, user_code, subject: None, pace: PACE };
    assert!(counter.store.insert_decoupled(&new).await.unwrap());
    (code, digest)
}

/// A desk asks this person; gives what it polls with.
async fn at_desk(counter: &Counter, person: &str, notification: Option<&Notification>) -> Digest {
    let account = UpstreamAccount { issuer: "https://provider.example".into(), subject: person.into() };
    let new_id = madoguchi::domain::ids::SubjectId::generate(&SystemEntropy);
    let subject = counter.store.find_or_insert_subject(&account, &new_id).await.unwrap().id;
    let mut request = question(counter, Channel::Device);
    let seal = |n: &Notification| n.seal(&request.id, &MasterKey::new(MASTER), &SystemEntropy).unwrap();
    let notification = notification.map(seal);
    request.channel = Channel::Backchannel { message: "3番窓口 <b>0042</b>".into(), notification };
    let digest = Digest::of(request.id.as_str());
    let new = NewDecoupled { request: &request, digest, user_code: None, subject: Some(&subject), pace: PACE };
    assert!(counter.store.insert_decoupled(&new).await.unwrap());
    digest
}

pub async fn poll(counter: &Counter, digest: Digest) -> Polled {
    counter.store.poll_decoupled(digest, &bank(), counter.clock.now()).await.unwrap()
}

pub async fn type_code(browser: &mut Browser, text: &str) -> Page {
    let page = browser.get("/device").await;
    assert_eq!(page.status, 200, "{}", page.html);
    browser.submit(&page, "/device", &[("user_code", text)]).await
}

#[actix_web::test]
async fn a_terminals_user_signs_in_types_the_code_and_agrees() {
    let counter = Counter::start().await;
    let (code, digest) = at_terminal(&counter).await;
    let mut browser = Browser::at(&counter.address);
    // From the QR code: signs in first, and finds the code where they left it.
    let away = browser.get(&format!("/device?user_code={code}")).await;
    assert_eq!((away.status, away.location.as_str()), (303, "/sign-in?then=device"));
    let begun = browser.get(&away.location).await;
    let back = browser.sign_in(&begun, "person:p1").await;
    assert_eq!((back.status, back.location.as_str()), (303, "/device"), "{}", back.html);
    let page = browser.get("/device").await;
    assert!(page.html.contains(&format!("value=\"{code}\"")) && page.html.contains("this very code"), "{}", page.html);
    let found = browser.submit(&page, "/device", &[]).await;
    assert_eq!(found.status, 303, "{}", found.html);
    assert!(found.location.starts_with("/dashboard/requests/d_"), "{}", found.location);
    let consent = browser.get(&found.location).await;
    assert_eq!(consent.status, 200, "{}", consent.html);
    assert!(consent.text("#elsewhere").contains("check this first"));
    assert!(consent.html.contains("30 minutes at most"));
    assert_eq!(poll(&counter, digest).await, Polled::Pending);
    let decided = browser.submit(&consent, &found.location, &[("decision", "agree")]).await;
    assert_eq!((decided.status, decided.location.as_str()), (303, "/dashboard?notice=confirmed"), "{}", decided.html);
    assert!(browser.get(&decided.location).await.text(".notice").contains("You agreed"));
    let Polled::Granted(id) = poll(&counter, digest).await else { panic!("not granted") };
    let grant = counter.store.find_grant(&id).await.unwrap().unwrap();
    assert_eq!(grant.expires_at, counter.clock.now().plus(Duration::from_mins(30)), "a visit, not a month");
    // Decided once.
    assert_eq!(browser.get(&found.location).await.status, 410);
    let again = browser.submit(&consent, &found.location, &[("decision", "refuse")]).await;
    assert_eq!(again.status, 410);
}

#[actix_web::test]
async fn at_a_shared_browser_the_answer_is_the_end_of_the_sign_in_too() {
    let counter = Counter::start().await;
    for (by_address, decision, notice) in [(true, "agree", "shared-agreed"), (false, "refuse", "shared-refused")] {
        let (code, digest) = at_terminal(&counter).await;
        let mut browser = Browser::at(&counter.address);
        let address = format!("/device?user_code={code}{}", if by_address { "&at=terminal" } else { "" });
        let begun = browser.get(&address).await;
        let begun = browser.get(&begun.location).await;
        browser.sign_in(&begun, "person:p1").await;
        let page = browser.get("/device").await;
        assert_eq!(page.html.contains("value=\"yes\" aria-describedby=\"device-shared-hint\" checked"), by_address);
        // The citizen ticks the box, or the terminal's address did.
        let found = browser.submit(&page, "/device", &[("shared", "yes")]).await;
        let consent = browser.get(&found.location).await;
        assert_eq!(consent.header("cache-control"), "no-store");
        let decided = browser.submit(&consent, &found.location, &[("decision", decision)]).await;
        assert_eq!((decided.status, decided.location.as_str()), (303, format!("/?notice={notice}").as_str()));
        assert_eq!(decided.header("clear-site-data"), "\"cache\", \"cookies\", \"storage\"");
        assert!(browser.jar.keys().all(|name| name == "madoguchi_lang"), "{:?}", browser.jar);
        assert!(browser.get(&decided.location).await.text(".notice").contains("forgotten"));
        assert_eq!(browser.get("/dashboard").await.location, "/sign-in", "nobody is signed in here");
        assert_ne!(poll(&counter, digest).await, Polled::Pending);
    }
    // Elsewhere nothing is cleared: the phone is the citizen's own.
    let (code, _) = at_terminal(&counter).await;
    let mut browser = Browser::at(&counter.address);
    browser.dashboard("p1").await;
    let path = type_code(&mut browser, &code.to_string()).await.location;
    let consent = browser.get(&path).await;
    let decided = browser.submit(&consent, &path, &[("decision", "agree")]).await;
    assert_eq!((decided.location.as_str(), decided.header("clear-site-data")), ("/dashboard?notice=confirmed", ""));
}

#[actix_web::test]
async fn a_desks_question_waits_at_the_dashboard_of_its_own_person() {
    let counter = Counter::start().await;
    let digest = at_desk(&counter, "p1", None).await;
    let mut stranger = Browser::at(&counter.address);
    assert!(stranger.dashboard("p2").await.texts("article.waiting").is_empty());
    let mut browser = Browser::at(&counter.address);
    let dashboard = browser.dashboard("p1").await;
    let waiting = dashboard.texts("article.waiting");
    assert!(waiting.len() == 1 && waiting[0].contains("Reiji Bank"), "{waiting:?}");
    let html = &dashboard.html;
    let path = html.split("href=\"/dashboard/requests/").nth(1).unwrap().split('"').next().unwrap();
    let path = format!("/dashboard/requests/{path}");
    let consent = browser.get(&path).await;
    // The message is a text, whatever it looks like.
    assert_eq!(consent.text("#binding-message"), "3番窓口 <b>0042</b>");
    assert_eq!(stranger.get(&path).await.status, 410);
    let fields = consent.form(&path);
    assert_eq!(stranger.post(&path, &fields).await.status, 403, "another session's form");
    let forged = browser.submit(&consent, &path, &[("token", "x"), ("decision", "agree")]).await;
    assert_eq!(forged.status, 403);
    let refused = browser.submit(&consent, &path, &[("decision", "refuse")]).await;
    assert_eq!((refused.status, refused.location.as_str()), (303, "/dashboard?notice=not-confirmed"));
    assert_eq!(poll(&counter, digest).await, Polled::Refused);
    assert!(browser.get("/dashboard").await.texts("article.waiting").is_empty());
}

#[actix_web::test]
async fn guesses_are_few_and_tell_nothing() {
    let counter = Counter::start().await;
    let (code, _) = at_terminal(&counter).await;
    let mut browser = Browser::at(&counter.address);
    browser.dashboard("p1").await;
    // What is no code at all costs no guess.
    for text in ["", "hello", "BCDF-GHJ", "<script>alert(1)</script>"] {
        let page = type_code(&mut browser, text).await;
        assert_eq!(page.status, 422, "{text}");
        assert!(!page.html.contains("<script"), "{}", page.html);
        assert!(page.text(".error-summary").contains("no such code"));
    }
    for _ in 0..10 {
        assert_eq!(type_code(&mut browser, &UserCode::generate(&SystemEntropy).to_string()).await.status, 422);
    }
    let refused = type_code(&mut browser, &code.to_string()).await;
    assert_eq!(refused.status, 429, "the right code comes too late");
    assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0);
    // Another person's guesses are their own; and whoever is first has the question.
    let mut other = Browser::at(&counter.address);
    other.dashboard("p2").await;
    let path = type_code(&mut other, &code.to_string()).await.location;
    assert!(path.starts_with("/dashboard/requests/"), "{path}");
    let mut third = Browser::at(&counter.address);
    third.dashboard("p3").await;
    assert_eq!(type_code(&mut third, &code.to_string()).await.status, 422);
    assert_eq!(third.get(&path).await.status, 410);
}

#[actix_web::test]
async fn a_form_from_elsewhere_types_no_code() {
    let counter = Counter::start().await;
    let (code, _) = at_terminal(&counter).await;
    let mut browser = Browser::at(&counter.address);
    let fields = [("user_code".to_owned(), code.to_string())];
    let away = browser.post("/device", &fields).await;
    assert_eq!((away.status, away.location.as_str()), (303, "/sign-in"));
    browser.dashboard("p1").await;
    assert_eq!(browser.post("/device", &fields).await.status, 403);
}

#[actix_web::test]
async fn a_client_that_wants_it_is_called_when_the_citizen_answered() {
    let counter = Counter::start().await;
    let mut client = counter.store.find_client(&bank()).await.unwrap().unwrap();
    let notification_endpoint = "https://bank.example/ping".to_owned();
    client.profile.backchannel = Some(Backchannel::Ping { notification_endpoint });
    counter.store.put_client(&client, counter.clock.now()).await.unwrap();
    at_desk(&counter, "p1", Some(&Notification::new("the-auth-req-id", "the-bearer-token"))).await;
    let mut browser = Browser::at(&counter.address);
    let dashboard = browser.dashboard("p1").await;
    let path = dashboard.html.split("href=\"/dashboard/requests/").nth(1).unwrap().split('"').next().unwrap();
    let path = format!("/dashboard/requests/{path}");
    let consent = browser.get(&path).await;
    assert!(counter.called.0.lock().unwrap().is_empty(), "not before the answer");
    assert_eq!(browser.submit(&consent, &path, &[("decision", "refuse")]).await.status, 303);
    // Called beside the answer, not within it.
    for _ in 0..200 {
        if !counter.called.0.lock().unwrap().is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let called = counter.called.0.lock().unwrap().clone();
    assert_eq!(called, [("https://bank.example/ping".into(), "the-auth-req-id".into(), "the-bearer-token".into())]);
}
