//! One consent: register, link, let read; all of it or nothing.

use super::{MAILBOX, Office, POST, SCOPE, said};
use crate::support::played::citizen::Citizen;
use madoguchi::sandbox::delivery::DeliveryMood;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_consent_registers_links_and_lets_read_and_the_next_links_nothing() {
    let mut office = Office::open().await;
    let (pending, page) = office.ask(&format!("{SCOPE} linked_services")).await;
    let text = page.texts("main").join(" ");
    for words in ["Your account at this counter is registered", "taken to the sign-in", "Mihon e-Mailbox", "Reiji Post"]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
    let redirect = office.payroll.file.redirect_uri.clone();
    let mut form = page.form_with("decision").unwrap();
    form.set("decision", "agree");
    form.set("provider", MAILBOX);
    let login = office.citizen.send(&page, &form, &redirect).await.unwrap();
    assert_eq!(login.url.path(), format!("/delivery/{MAILBOX}/auth"));
    for (name, is_there) in [("state", true), ("nonce", true), ("code_challenge", true), ("scope", true)] {
        assert_eq!(said(&login.url, name).is_some(), is_there, "{name}");
    }
    assert_eq!(said(&login.url, "code_challenge_method").as_deref(), Some("S256"));
    let back = office.citizen.link(login, &redirect).await.unwrap();
    assert!(back.url.as_str().starts_with(&redirect), "{}", back.url);
    let tokens = office.payroll.exchange(pending, &back.url).await.unwrap();

    let links = office.get(&tokens, "/v1/linked-services").await;
    assert_eq!((links.status, &links.body["is_registered"]), (200, &json!(true)));
    assert_eq!(links.body["items"][0]["service"], json!(MAILBOX));
    assert_eq!(links.body["items"][0]["kind"], json!("private_delivery"));
    assert_eq!(links.body["items"].as_array().unwrap().len(), 1);
    assert!(!links.body.to_string().contains("\"sub\"") && office.open_accounts(MAILBOX) == 1);

    let (pending, page) = office.ask(SCOPE).await;
    assert!(page.form_with("provider").is_err(), "a provider is linked already");
    let answer = office.citizen.decide(&page, "agree", &redirect).await.unwrap();
    let tokens = office.payroll.exchange(pending, &answer).await.unwrap();
    assert_eq!(office.year_end(&tokens).await.status, 200);
    assert_eq!(office.open_accounts(MAILBOX), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_stops_at_the_provider_links_registers_and_allows_nothing_and_can_refuse() {
    let mut office = Office::open().await;
    let (_, page) = office.ask(SCOPE).await;
    let login = office.go_to_provider(&page).await;
    let cancel = login.forms().into_iter().find(|form| form.get("method") == Some("cancel")).unwrap();
    let stopped = office.citizen.send(&login, &cancel, "").await.unwrap();
    assert_eq!(stopped.status, 403);
    assert!(
        stopped.texts("main").join(" ").contains("Nothing was registered, linked or allowed"),
        "{}",
        stopped.texts("main").join(" ")
    );
    assert!(office.links().await.texts("main").join(" ").contains("not yet"), "nothing is registered");
    // From the same page the request can be refused, and the client is told.
    let mut refuse = stopped.form_with("decision").unwrap();
    refuse.set("decision", "refuse");
    let redirect = office.payroll.file.redirect_uri.clone();
    let back = office.citizen.send(&stopped, &refuse, &redirect).await.unwrap();
    assert_eq!(said(&back.url, "error").as_deref(), Some("access_denied"));
    assert!(said(&back.url, "code").is_none() && office.open_accounts(POST) == 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_fails_leaves_nothing_and_another_try_succeeds() {
    let mut office = Office::open().await;
    let (pending, page) = office.ask(SCOPE).await;
    let login = office.go_to_provider(&page).await;
    office.installation.sandbox.delivery().set_mood(POST, DeliveryMood::Down);
    let failed = office.citizen.link(login, "").await.unwrap();
    assert_eq!(failed.status, 503, "{}", failed.texts("main").join(" "));
    assert!(
        failed.texts("main").join(" ").contains("Nothing was registered, linked or allowed"),
        "{}",
        failed.texts("main").join(" ")
    );
    assert!(office.links().await.texts("main").join(" ").contains("Nothing is linked"));
    office.installation.sandbox.delivery().set_mood(POST, DeliveryMood::Well);
    let again = failed.links().into_iter().find(|link| link.contains("interaction=")).unwrap();
    let page = office.citizen.open(&office.at(&again)).await.unwrap();
    let answer = office.citizen.decide(&page, "agree", &office.payroll.file.redirect_uri).await.unwrap();
    let tokens = office.payroll.exchange(pending, &answer).await.unwrap();
    assert_eq!(office.year_end(&tokens).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_way_back_counts_once_and_in_its_own_browser_alone() {
    let mut office = Office::open().await;
    let (_, page) = office.ask(SCOPE).await;
    let login = office.go_to_provider(&page).await;
    let form = login.form_with("person").unwrap();
    let callback = office.at("/links/callback");
    let back = office.citizen.send(&login, &form, &callback).await.unwrap();
    assert!(back.url.as_str().starts_with(&callback), "{}", back.url);

    // Another browser, and a state or an issuer that was changed, go nowhere and use nothing up.
    let person = office.installation.sandbox.persons.iter().filter(|person| !person.is_suspended).nth(1).unwrap();
    let mut stranger = Citizen::new(&person.card_number, &person.pin).unwrap();
    assert_eq!(stranger.open(back.url.as_str()).await.unwrap().status, 403);
    let state = said(&back.url, "state").unwrap();
    let changed = back.url.as_str().replace(&state, &format!("{state}x"));
    assert_eq!(office.citizen.open(&changed).await.unwrap().status, 403);
    let as_sign_in = back.url.as_str().replace("/links/callback", "/sign-in/callback");
    assert_eq!(office.citizen.open(&as_sign_in).await.unwrap().status, 403);
    let id = state.split_once('.').unwrap().0;
    assert_eq!(office.citizen.open(&office.at(&format!("/consent?interaction={id}"))).await.unwrap().status, 410);
    assert_eq!(office.citizen.open(&office.at(&format!("/sign-in?interaction={id}"))).await.unwrap().status, 410);

    // Many loads at once: one goes on.
    let mut loads = Vec::new();
    for _ in 0..8 {
        let mut browser = office.citizen.clone();
        let (address, stop) = (back.url.to_string(), office.payroll.file.redirect_uri.clone());
        loads.push(tokio::spawn(async move { browser.follow(&address, &stop).await.unwrap() }));
    }
    let mut codes = 0;
    for load in loads {
        let page = load.await.unwrap();
        if page.url.as_str().starts_with(&office.payroll.file.redirect_uri) {
            codes += usize::from(said(&page.url, "code").is_some());
        } else {
            assert_eq!(page.status, 410, "{}", page.texts("main").join(" "));
        }
    }
    assert_eq!((codes, office.open_accounts(POST)), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_provider_that_was_offered_can_be_picked() {
    let mut office = Office::open().await;
    let (_, page) = office.ask(SCOPE).await;
    for picked in ["", "nonsense", "https://evil.example"] {
        let mut form = page.form_with("decision").unwrap();
        form.set("decision", "agree");
        form.set("provider", picked);
        assert_eq!(office.citizen.send(&page, &form, "").await.unwrap().status, 400, "{picked}");
    }
    let redirect = office.payroll.file.redirect_uri.clone();
    let refused = office.citizen.decide(&page, "refuse", &redirect).await.unwrap();
    assert_eq!(said(&refused, "error").as_deref(), Some("access_denied"), "refusing links nothing");
    assert_eq!(office.open_accounts(POST), 0);
}
