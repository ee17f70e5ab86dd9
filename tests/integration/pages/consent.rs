//! The consent page: what it says, what an answer becomes, and that one answer counts.

use super::browser::Browser;
use super::counter::{Counter, INCOME, REDIRECT, now, request, request_in};
use madoguchi::domain::client::ClientStatus;
use madoguchi::domain::grant::Grant;
use madoguchi::domain::ids::GrantId;
use madoguchi::domain::terms::{Frequency, Per, Terms};
use madoguchi::domain::{Digest, Lang};
use madoguchi::protocol::authorization_request::{AuthorizationRequest, GrantManagement};
use madoguchi::store::{HeldCode, TakenCode};
use std::time::Duration;

pub async fn grant_of(counter: &Counter, code: &str) -> Grant {
    let held = counter.take_code(code).await;
    assert_eq!(serde_json::from_str::<AuthorizationRequest>(&held.body).unwrap().redirect_uri, REDIRECT);
    assert_eq!(held.expires_at, counter.clock_now().plus(Duration::from_mins(1)));
    counter.store.find_grant(&held.grant).await.unwrap().unwrap()
}

impl Counter {
    /// What the token endpoint would take.
    pub async fn take_code(&self, code: &str) -> HeldCode {
        let taken = self.store.take_code(Digest::of(code), self.clock_now()).await.unwrap();
        let first = if let TakenCode::First(held) = taken { Some(held) } else { None };
        first.expect("a code not taken before")
    }

    fn clock_now(&self) -> madoguchi::domain::Timestamp {
        madoguchi::domain::Clock::now(self.clock.as_ref())
    }
}

#[actix_web::test]
async fn the_page_says_who_what_for_what_how_long_and_how_to_revoke() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    let page = browser.arrive(&counter.push("1", &request()).await, "p1").await;
    assert_eq!(page.status, 200);
    let text = page.text("main");
    for needed in [
        "Reiji Bank, Ltd.",
        "7000012050002",
        "desk@bank.example",
        "+81-3-0000-0000",
        "To verify your income when examining a home loan",
        "Income and local tax",
        "Held by",
        "1 January 2024 to 31 December 2025",
        "Tax year",
        "Required",
        "Optional items",
        "30 days (until 21 December 2026)",
        "5 years from receipt",
        "Reiji Credit Guarantee, Ltd.",
        "at any time",
        "you would bring a tax certificate",
    ] {
        assert!(text.contains(needed), "{needed} is not on the page: {text}");
    }
    // No box is ticked before the citizen ticks it, and neither button weighs more.
    assert!(!page.form("/consent").iter().any(|(name, _)| name == "item"));
    let buttons = page.texts("button[name=decision].choose");
    assert_eq!(buttons, ["I do not share", "I agree to share"]);
    assert_eq!(page.texts("input[name=access_days]").len(), 3);
}

#[actix_web::test]
async fn agreeing_makes_a_grant_of_what_was_ticked_and_a_code() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    let page = browser.arrive(&counter.push("1", &request()).await, "p1").await;
    let ticked = format!("{INCOME}:0200000030");
    let changes = [("decision", "agree"), ("item", ticked.as_str()), ("access_days", "7")];
    let answer = browser.submit(&page, "/consent", &changes).await;
    assert_eq!(answer.status, 303);
    assert!(answer.location.starts_with(&format!("{REDIRECT}?code=")), "{}", answer.location);
    assert_eq!(answer.query("state"), "st ate&1");
    assert_eq!(answer.query("iss"), counter.address);
    let grant = grant_of(&counter, &answer.query("code")).await;
    assert!(grant.is_in_force(now()));
    assert_eq!(grant.expires_at, now().plus(Duration::from_hours(7 * 24)));
    let consent = grant.consent.unwrap();
    let set = &consent.data_sets[0];
    let codes = |items: &[madoguchi::domain::data_set::ItemCode]| {
        items.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(codes(&set.items), "0200000010 0200000020 0200000030");
    assert_eq!(codes(&set.refused), "0200000040");
    assert_eq!((consent.access_days, consent.retention_days), (7, 1825));
}

#[actix_web::test]
async fn the_citizen_reads_the_terms_and_can_allow_less_often_but_not_more() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    let mut asked = request();
    let frequency = Frequency { times: 10, per: Per::Day };
    asked.ask.as_mut().unwrap().terms = Terms { frequency: Some(frequency), ..Terms::default() };
    let page = browser.arrive(&counter.push("1", &asked).await, "p1").await;
    let text = page.text("main");
    for needed in
        ["Article 27(1)", "Your own", "Once a day", "5 times a day", "10 times a day as Reiji Bank, Ltd. asks"]
    {
        assert!(text.contains(needed), "{needed} is not on the page: {text}");
    }
    for wrong in ["11-day", "1-month", "1-consent"] {
        let more = browser.submit(&page, "/consent", &[("decision", "agree"), ("frequency", wrong)]).await;
        assert_eq!(more.status, 422, "{wrong}");
        assert!(more.text(".error-summary").contains("more often"), "{wrong}: {}", more.html);
    }
    for none in ["0-day", "x", "1-week", "-1-day", "10001-day"] {
        let bad = browser.submit(&page, "/consent", &[("decision", "agree"), ("frequency", none)]).await;
        assert_eq!(bad.status, 400, "{none}");
    }
    let answer = browser.submit(&page, "/consent", &[("decision", "agree"), ("frequency", "3-day")]).await;
    let terms = grant_of(&counter, &answer.query("code")).await.consent.unwrap().terms;
    assert_eq!(terms.frequency, Some(Frequency { times: 3, per: Per::Day }));

    // As asked, unless they choose; where nothing was asked they may set a number, or none.
    for (name, asked, chosen, expected) in [
        ("2", Some(frequency), "asked", Some(frequency)),
        ("3", None, "asked", None),
        ("4", None, "1-month", Some(Frequency { times: 1, per: Per::Month })),
    ] {
        let mut pushed = request();
        pushed.ask.as_mut().unwrap().terms.frequency = asked;
        let page = browser.arrive(&counter.push(name, &pushed).await, "p1").await;
        let answer = browser.submit(&page, "/consent", &[("decision", "agree"), ("frequency", chosen)]).await;
        let terms = grant_of(&counter, &answer.query("code")).await.consent.unwrap().terms;
        assert_eq!(terms.frequency, expected, "{name}");
    }
}

#[actix_web::test]
async fn the_preview_shows_what_is_required_and_ticked_and_decides_nothing() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    let page = browser.arrive(&counter.push("1", &request()).await, "p1").await;
    let shown = page.text(".preview pre");
    assert!(shown.contains("employment_earnings_yen") && !shown.contains("employment_income_yen"), "{shown}");
    let ticked = format!("{INCOME}:0200000030");
    let again = browser.submit(&page, "/consent", &[("decision", "preview"), ("item", &ticked)]).await;
    assert_eq!(again.status, 200);
    let shown = again.text(".preview pre");
    assert!(shown.contains("employment_earnings_yen") && shown.contains("employment_income_yen"), "{shown}");
    assert!(again.form("/consent").iter().any(|(name, value)| name == "item" && *value == ticked), "the tick stays");
    let never = [("decision", "preview"), ("item", "TM00000000000002:0200000099")];
    assert_eq!(browser.submit(&page, "/consent", &never).await.status, 400);
    // Nothing was decided by it.
    let answer = browser.submit(&again, "/consent", &[("decision", "agree")]).await;
    let consent = grant_of(&counter, &answer.query("code")).await.consent.unwrap();
    assert_eq!(consent.data_sets[0].items.len(), 3);
}

#[actix_web::test]
async fn refusing_gives_access_denied_and_uses_the_request_up() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    let path = counter.push("1", &request()).await;
    let page = browser.arrive(&path, "p1").await;
    let answer = browser.submit(&page, "/consent", &[("decision", "refuse")]).await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.query("error"), "access_denied");
    assert_eq!((answer.query("state").as_str(), answer.query("iss")), ("st ate&1", counter.address.clone()));
    assert!(!answer.location.contains("code="));
    // The back button and the same link lead nowhere any more.
    let again = browser.submit(&page, "/consent", &[("decision", "agree")]).await;
    assert_eq!(again.status, 410, "{}", again.html);
    assert_eq!(browser.get(&path).await.status, 400);
}

#[actix_web::test]
async fn of_fifty_answers_at_once_one_counts() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    let page = browser.arrive(&counter.push("1", &request()).await, "p1").await;
    let fields = page.form("/consent");
    let answers = (0..50).map(|n| {
        let mut window = Browser::at(&counter.address);
        window.jar.clone_from(&browser.jar);
        let mut fields = fields.clone();
        fields.push(("decision".into(), if n % 5 == 0 { "refuse" } else { "agree" }.into()));
        async move { window.post("/consent", &fields).await }
    });
    let answers = futures_util::future::join_all(answers).await;
    let won = answers.iter().filter(|answer| answer.status == 303).count();
    let lost = answers.iter().filter(|answer| answer.status == 410).count();
    assert_eq!((won, lost), (1, 49));
}

#[actix_web::test]
async fn looking_twice_or_starting_twice_uses_nothing_up() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    let path = counter.push("1", &request()).await;
    // A preview robot, another browser, and the page loaded three times.
    Browser::at(&counter.address).get(&path).await;
    let first = browser.get(&path).await;
    let second = browser.get(&path).await;
    assert_eq!(first.provider_state(), second.provider_state());
    let back = browser.sign_in(&first, "person:p1").await;
    let prefetched = browser.sign_in(&first, "person:p1").await;
    assert_eq!((back.status, &back.location), (prefetched.status, &prefetched.location));
    assert_eq!(browser.get(&back.location).await.status, 200);
    // Once signed in, the same link leads straight to the decision, even when the request_uri's own time is over.
    counter.clock.advance(Duration::from_mins(5));
    let again = browser.get(&path).await;
    assert_eq!((again.status, &again.location), (303, &back.location));
    let page = browser.get(&back.location).await;
    assert_eq!(browser.submit(&page, "/consent", &[("decision", "agree")]).await.status, 303);
}

#[actix_web::test]
async fn two_requests_in_two_tabs_do_not_disturb_each_other() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    let one = browser.arrive(&counter.push("1", &request()).await, "p1").await;
    let other = browser.arrive(&counter.push("2", &request()).await, "p1").await;
    let other_answer = browser.submit(&other, "/consent", &[("decision", "refuse")]).await;
    let one_answer = browser.submit(&one, "/consent", &[("decision", "agree")]).await;
    assert_eq!(other_answer.query("error"), "access_denied");
    assert!(!one_answer.query("code").is_empty(), "{}", one_answer.location);
}

/// What is wrong, what is changed on the form, and the status of the answer.
type Case<'c> = (&'c str, &'c [(&'c str, &'c str)], u16);

#[actix_web::test]
async fn an_answer_that_does_not_fit_is_refused_and_nothing_is_used_up() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    let page = browser.arrive(&counter.push("1", &request()).await, "p1").await;
    let required = format!("{INCOME}:0200000010");
    let unasked = format!("{INCOME}:0200000050");
    let cases: &[Case<'_>] = &[
        ("no decision", &[], 400),
        ("another decision", &[("decision", "maybe")], 400),
        ("a required item as if optional", &[("decision", "agree"), ("item", &required)], 400),
        ("an item not asked for", &[("decision", "agree"), ("item", &unasked)], 400),
        ("an item that is none", &[("decision", "agree"), ("item", "x")], 400),
        ("longer than asked", &[("decision", "agree"), ("access_days", "31")], 422),
        ("no number", &[("decision", "agree"), ("access_days", "-1")], 400),
        ("another form's token", &[("decision", "agree"), ("token", "AAAA")], 403),
        ("no interaction", &[("decision", "agree"), ("interaction", "")], 400),
        ("an unknown interaction", &[("decision", "agree"), ("interaction", "i_unknown")], 410),
    ];
    for (what, changes, status) in cases {
        let answer = browser.submit(&page, "/consent", changes).await;
        assert_eq!(answer.status, *status, "{what}: {}", answer.html);
        assert_eq!(answer.texts("h1").len(), 1, "{what}");
    }
    let mut twice = page.form("/consent");
    twice.extend([("decision".into(), "agree".into()), ("decision".into(), "refuse".into())]);
    assert_eq!(browser.post("/consent", &twice).await.status, 400);
    assert_eq!(browser.submit(&page, "/consent", &[("decision", "agree")]).await.status, 303);
}

#[actix_web::test]
async fn choosing_nothing_is_told_on_the_page_with_a_link_to_the_choice() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    let mut all_optional = request();
    for set in &mut all_optional.ask.as_mut().unwrap().data_sets {
        for item in &mut set.items {
            item.need = madoguchi::domain::consent::Need::Optional;
        }
    }
    let page = browser.arrive(&counter.push("1", &all_optional).await, "p1").await;
    let answer = browser.submit(&page, "/consent", &[("decision", "agree"), ("access_days", "7")]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text("[role=alert]").contains("No item is selected"));
    assert_eq!(answer.texts(&format!("#item-{INCOME}-0200000010")).len(), 1);
    assert!(answer.html.contains(&format!("href=\"#item-{INCOME}-0200000010\"")));
    // What was chosen stays chosen.
    assert!(answer.form("/consent").contains(&("access_days".into(), "7".into())));
    let item = format!("{INCOME}:0200000010");
    let answer = browser.submit(&answer, "/consent", &[("decision", "agree"), ("item", &item)]).await;
    assert_eq!(answer.status, 303);
}

#[actix_web::test]
async fn time_runs_out() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    let page = browser.arrive(&counter.push("1", &request()).await, "p1").await;
    counter.clock.advance(Duration::from_mins(31));
    let answer = browser.submit(&page, "/consent", &[("decision", "agree")]).await;
    assert_eq!(answer.status, 410);
    assert!(answer.text("h1").contains("over"));
}

#[actix_web::test]
async fn a_client_stopped_meanwhile_gets_nothing() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    let page = browser.arrive(&counter.push("1", &request()).await, "p1").await;
    let mut stopped = super::counter::bank();
    stopped.status = ClientStatus::Suspended;
    counter.store.put_client(&stopped, now()).await.unwrap();
    let answer = browser.submit(&page, "/consent", &[("decision", "agree")]).await;
    assert_eq!((answer.status, answer.location.as_str()), (400, ""));
}

#[actix_web::test]
async fn nothing_asked_is_said_to_be_nothing() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    let bare = AuthorizationRequest { ask: None, ..request() };
    let page = browser.arrive(&counter.push("1", &bare).await, "p1").await;
    assert!(page.text("main").contains("No information is asked for"));
    let answer = browser.submit(&page, "/consent", &[("decision", "agree")]).await;
    let grant = grant_of(&counter, &answer.query("code")).await;
    assert!(grant.consent.is_none() && grant.subject.is_some());
    assert!(GrantId::parse(grant.id.as_str()).is_ok());
}

#[actix_web::test]
async fn the_clients_wish_for_a_language_yields_to_the_citizens() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    let path = counter.push("1", &request_in(Lang::Ja)).await;
    assert_eq!(browser.get(&path).await.query("ui_locales"), "ja");
    let mut other = Browser::at(&counter.address);
    other.get("/?lang=en").await;
    assert_eq!(other.get(&path).await.query("ui_locales"), "en");
}

/// The same request, as a change of `grant`.
fn changing(change: GrantManagement) -> AuthorizationRequest {
    AuthorizationRequest { grant_management: change, ..request() }
}

#[actix_web::test]
async fn a_change_of_a_consent_says_what_stays_and_what_goes_and_only_to_whose_it_is() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    let page = browser.arrive(&counter.push("1", &request()).await, "p1").await;
    let first = browser.submit(&page, "/consent", &[("decision", "agree")]).await;
    let grant = grant_of(&counter, &first.query("code")).await;
    let merge = || GrantManagement::Merge { grant: grant.id.clone() };
    for (name, change, told) in [
        ("2", merge(), "You already agreed with this service on 21 November 2026"),
        ("3", GrantManagement::Replace { grant: grant.id.clone() }, "takes the place of everything"),
    ] {
        let page = browser.arrive(&counter.push(name, &changing(change)).await, "p1").await;
        let text = page.text("main");
        assert!(text.contains(told), "{text}");
        assert_eq!(text.contains("they stay: Income and local tax"), name == "2", "{text}");
    }
    // Somebody else learns nothing of it, and can change nothing: the third party is told that there is no such grant.
    let mut other = Browser::at(&counter.address);
    let page = other.arrive(&counter.push("4", &changing(merge())).await, "p2").await;
    assert!(!page.text("main").contains("You already agreed"));
    let back = other.submit(&page, "/consent", &[("decision", "agree")]).await;
    assert_eq!(back.query("error"), "invalid_grant_id");
    assert_eq!(counter.store.find_grant(&grant.id).await.unwrap(), Some(grant.clone()));
    // The citizen's own decision changes it, and it stays one grant.
    let page = browser.arrive(&counter.push("5", &changing(merge())).await, "p1").await;
    let back = browser.submit(&page, "/consent", &[("decision", "agree")]).await;
    let changed = grant_of(&counter, &back.query("code")).await;
    assert_eq!((&changed.id, changed.created_at), (&grant.id, grant.created_at));
    assert!(changed.updated_at.is_some());
}
