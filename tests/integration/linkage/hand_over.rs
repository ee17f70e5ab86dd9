//! Handing a citizen over to a site: once, in their own browser, to that site, and to nothing else.

use super::said;
use crate::support::calls::Caller;
use crate::support::installation::Installation;
use crate::support::played::browser::{Browser, Page};
use crate::support::played::keys::unguessable;
use crate::support::played::third_party::ThirdParty;
use futures_util::future::join_all;
use madoguchi::adapters::linkage::{LinkedServicePlan, LinkedServiceSettings};
use madoguchi::adapters::outward::Reach;
use madoguchi::cli::dev::{tax_client, tax_site};
use madoguchi::cli::wire::Plan;
use madoguchi::domain::Clock as _;
use madoguchi::domain::client::ClientClass;
use serde_json::json;
use std::time::Duration;
use url::Url;

const TAX: &str = "/dashboard/links/sites/mihon-tax";
const BANK: &str = "/dashboard/links/sites/own-bank";
const LINKS: &str = "/dashboard/links";
/// PKCE of RFC 7636, appendix B.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A counter with two sites: the sandbox's tax site, and one that is a bank of these tests.
struct Town {
    installation: Installation,
    bank: ThirdParty,
}

impl Town {
    async fn open() -> Self {
        let installation = Installation::start_changed(1, with_sites).await;
        let sandbox = installation.sandbox.public_url.as_str().trim_end_matches('/');
        let client = tax_client(sandbox, installation.sandbox.tax_site().jwks()).unwrap();
        installation.store.store.put_client(&client, installation.clock.now()).await.unwrap();
        let bank = installation.party("bank", ClientClass::Bank, "measurement").await;
        Self { installation, bank }
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.installation.public_url)
    }

    fn later(&self, seconds: i64) {
        self.installation.clock.advance(Duration::from_secs(seconds.unsigned_abs()));
        self.bank.set_ahead(seconds);
    }

    /// The n-th person, signed in at the dashboard.
    async fn signed_in(&self, person: usize) -> Browser {
        let mut browser = Browser::new("en").unwrap();
        let page = browser.open(&self.at("/dashboard"), "").await.unwrap();
        let mut persons = self.installation.sandbox.persons.iter().filter(|person| !person.is_suspended);
        let person = persons.nth(person).unwrap();
        let mut form = page.form_with("pin").unwrap();
        form.set("card_number", &person.card_number);
        form.set("pin", &person.pin);
        assert_eq!(browser.submit(&page, &form, "").await.unwrap().url.path(), "/dashboard");
        browser
    }

    async fn links(&self, browser: &mut Browser) -> Page {
        browser.open(&self.at(LINKS), "").await.unwrap()
    }

    /// Presses the button of a site, and stops before `stop`.
    async fn press(&self, browser: &mut Browser, site: &str, stop: &str) -> Page {
        let page = self.links(browser).await;
        browser.submit(&page, &page.form_to(site).unwrap(), stop).await.unwrap()
    }

    /// Where the button of a site leads, with its hint.
    async fn led_to(&self, browser: &mut Browser, site: &str) -> Url {
        let stop = if site == TAX { format!("{}tax-site/", self.installation.sandbox.public_url) } else { OWN.into() };
        let url = self.press(browser, site, &stop).await.url;
        assert_eq!(said(&url, "iss").unwrap(), self.installation.public_url);
        url
    }

    /// The bank's request with these fields besides; its address.
    async fn pushed(&self, fields: &[(&str, &str)]) -> String {
        let caller = Caller::new(&self.bank, &self.installation, 0);
        let nonce = unguessable();
        let mut form = vec![
            ("response_type", "code"),
            ("client_id", "bank"),
            ("redirect_uri", self.bank.file.redirect_uri.as_str()),
            ("state", "s"),
            ("nonce", &nonce),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        form.extend_from_slice(fields);
        if !fields.iter().any(|(name, _)| *name == "scope") {
            form.push(("scope", "openid"));
        }
        let told = caller.form("/oauth/par", &form).await;
        assert_eq!(told.status, 201, "{told:?}");
        let mut url = Url::parse(&self.at("/oauth/authorize")).unwrap();
        url.query_pairs_mut().append_pair("client_id", "bank");
        url.query_pairs_mut().append_pair("request_uri", told.body["request_uri"].as_str().unwrap());
        url.into()
    }

    /// The bank's hint for this browser.
    async fn hint(&self, browser: &mut Browser) -> String {
        said(&self.led_to(browser, BANK).await, "login_hint").unwrap()
    }

    /// Where the browser comes to with the bank's request and this hint.
    async fn goes(&self, browser: &mut Browser, hint: &str, fields: &[(&str, &str)]) -> Page {
        let fields: Vec<_> = [("login_hint", hint)].into_iter().chain(fields.iter().copied()).collect();
        browser.open(&self.pushed(&fields).await, &self.bank.file.redirect_uri).await.unwrap()
    }
}

const OWN: &str = "https://bank.example/";

fn with_sites(plan: &mut Plan) {
    let sandbox = plan.provision_records.as_ref().unwrap().base_url.origin().ascii_serialization();
    plan.linked_services.push(tax_site(&sandbox).unwrap());
    let own = json!({
        "kind": "sign_on", "code": "own-bank", "ja": "試験", "en": "Own bank", "client": "bank",
        "initiate_login_uri": format!("{OWN}begin"), "targets": [format!("{OWN}home")],
    });
    let LinkedServiceSettings::SignOn(own) = serde_json::from_value(own).unwrap() else { unreachable!("no site") };
    plan.linked_services.push(LinkedServicePlan::SignOn(own));
    plan.reach = Reach { this_machine: true, ..Reach::default() };
}

fn is_sign_in(page: &Page) -> bool {
    page.form_with("pin").is_ok()
}

fn is_consent(page: &Page) -> bool {
    page.form_with("decision").is_ok() && !is_sign_in(page)
}

async fn agreed(browser: &mut Browser, page: &Page, stop: &str) -> Page {
    let mut form = page.form_with("decision").unwrap();
    form.set("decision", "agree");
    browser.submit(page, &form, stop).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_signed_in_enters_the_tax_site_without_a_second_sign_in_and_agrees_once() {
    let town = Town::open().await;
    let mut browser = town.signed_in(0).await;
    let signed_in_at = town.installation.clock.now().seconds();
    town.later(100);
    let page = town.press(&mut browser, TAX, "").await;
    assert!(is_consent(&page), "{}: {}", page.url, page.text());
    let entered = agreed(&mut browser, &page, "").await;
    assert_eq!(entered.url.path(), "/tax-site/home", "{}", entered.text());
    assert!(entered.text().contains("You are signed in by the counter"), "{}", entered.text());
    let seen = town.installation.sandbox.tax_site().visitors();
    let [visitor] = seen.as_slice() else { panic!("{seen:?}") };
    assert_eq!(visitor.acr, "aal3");
    assert!(visitor.auth_time <= signed_in_at, "the sign-in is the one of then: {visitor:?}");
    assert!(visitor.sid.is_some());
    // From then on it is linked, and nothing is asked.
    let links = town.links(&mut browser).await;
    assert!(links.text().contains("Site that you enter"), "{}", links.text());
    let again = town.press(&mut browser, TAX, "").await;
    assert_eq!(again.url.path(), "/tax-site/home", "{}", again.text());
    let seen = town.installation.sandbox.tax_site().visitors();
    assert!(seen.len() == 2 && seen.iter().all(|one| one.subject == visitor.subject), "{seen:?}");
    // Somebody else is somebody else there, and is asked.
    let mut other = town.signed_in(1).await;
    let page = town.press(&mut other, TAX, "").await;
    assert!(is_consent(&page));
    agreed(&mut other, &page, "").await;
    let seen = town.installation.sandbox.tax_site().visitors();
    assert_eq!(seen.iter().filter(|one| one.subject != visitor.subject).count(), 1, "{seen:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unlinking_ends_the_grants_and_tells_the_site_and_the_next_visit_is_asked_again() {
    let town = Town::open().await;
    let mut browser = town.signed_in(0).await;
    let page = town.press(&mut browser, TAX, "").await;
    agreed(&mut browser, &page, "").await;
    town.press(&mut browser, TAX, "").await;
    assert_eq!(town.installation.sandbox.tax_site().visitors().len(), 2);
    let links = town.links(&mut browser).await;
    let end = links.links().into_iter().find(|link| link.ends_with("/end")).unwrap();
    let confirm = browser.open(&town.at(&end), "").await.unwrap();
    assert!(confirm.text().contains("You are signed out there"), "{}", confirm.text());
    let ended = browser.submit(&confirm, &confirm.form_to(&end).unwrap(), "").await.unwrap();
    assert!(ended.text().contains("The link has ended"), "{}", ended.text());
    for _ in 0..200 {
        if town.installation.sandbox.tax_site().visitors().is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(town.installation.sandbox.tax_site().visitors().is_empty(), "the site was told (back-channel logout)");
    let dashboard = browser.open(&town.at("/dashboard"), "").await.unwrap();
    assert!(dashboard.form_to("/dashboard/revoke-all").is_err(), "no grant stands: {}", dashboard.text());
    assert!(is_consent(&town.press(&mut browser, TAX, "").await));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hint_counts_once_in_its_own_browser_for_its_own_client_and_for_a_minute() {
    let town = Town::open().await;
    let (mut browser, mut stranger) = (town.signed_in(0).await, town.signed_in(1).await);
    let hint = town.hint(&mut browser).await;
    assert!(is_sign_in(&town.goes(&mut stranger, &hint, &[]).await), "another browser, though signed in");
    let mut nobody = Browser::new("en").unwrap();
    assert!(is_sign_in(&town.goes(&mut nobody, &hint, &[]).await), "a browser without a session");
    let begin = town.led_to(&mut browser, TAX).await;
    let tax = said(&begin, "login_hint").unwrap();
    assert!(is_sign_in(&town.goes(&mut browser, &tax, &[]).await), "another client's hint");
    for odd in ["", "i_", "i_aaaaaaaaaaaaaaaaaaaaaa", "a@b.example", hint.trim_start_matches("i_")] {
        assert!(is_sign_in(&town.goes(&mut browser, odd, &[]).await), "{odd}");
    }
    assert!(is_consent(&town.goes(&mut browser, &hint, &[]).await), "nobody used it up");
    assert!(is_sign_in(&town.goes(&mut browser, &hint, &[]).await), "it counts once");
    // The tax site's one is good there still, and only once there, too.
    assert!(is_consent(&browser.open(begin.as_str(), "").await.unwrap()));
    assert!(is_sign_in(&browser.open(begin.as_str(), "").await.unwrap()));
    let late = town.hint(&mut browser).await;
    town.later(61);
    assert!(is_sign_in(&town.goes(&mut browser, &late, &[]).await), "it is over after a minute");
    // A session that was ended hands nobody over, not even its copy in another window.
    let left = town.hint(&mut browser).await;
    let (mut copy, page) = (browser.clone(), town.links(&mut browser).await);
    browser.submit(&page, &page.form_to("/sign-out").unwrap(), "").await.unwrap();
    assert!(is_sign_in(&town.goes(&mut copy, &left, &[]).await), "signed out meanwhile");
    let mut browser = town.signed_in(0).await;
    // A hint is no interaction that anybody could load.
    let kept = town.hint(&mut browser).await;
    for path in ["/consent?interaction=", "/sign-in?interaction="] {
        let page = browser.open(&town.at(&format!("{path}{kept}")), "").await.unwrap();
        assert!(page.status >= 400 && !is_consent(&page), "{path}: {}", page.status);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_requests_with_one_hint_one_comes_without_a_sign_in() {
    let town = Town::open().await;
    let mut browser = town.signed_in(0).await;
    let hint = town.hint(&mut browser).await;
    let fields = [("login_hint", hint.as_str())];
    let addresses = join_all((0..16).map(|_| town.pushed(&fields))).await;
    // The browser keeps its secret for interactions from its sign-in on, so each copy is the same browser.
    let loads = addresses.iter().map(|address| {
        let mut copy = browser.clone();
        async move { copy.open(address, OWN).await.unwrap() }
    });
    let pages = join_all(loads).await;
    assert_eq!(pages.iter().filter(|page| is_consent(page)).count(), 1);
    assert_eq!(pages.iter().filter(|page| is_sign_in(page)).count(), 15);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_site_asks_of_a_sign_in_is_honoured_and_more_than_a_number_is_always_asked() {
    let town = Town::open().await;
    let mut browser = town.signed_in(0).await;
    town.later(200);
    for fields in [[("prompt", "login")], [("max_age", "0")], [("max_age", "100")]] {
        let hint = town.hint(&mut browser).await;
        assert!(is_sign_in(&town.goes(&mut browser, &hint, &fields).await), "{fields:?}");
    }
    let hint = town.hint(&mut browser).await;
    let page = town.goes(&mut browser, &hint, &[("max_age", "600")]).await;
    assert!(is_consent(&page), "{}", page.text());
    let back = agreed(&mut browser, &page, OWN).await;
    assert!(said(&back.url, "code").is_some(), "{}", back.url);
    // Agreed to once: not asked again, but for more than that.
    let hint = town.hint(&mut browser).await;
    let back = town.goes(&mut browser, &hint, &[]).await;
    assert!(said(&back.url, "code").is_some() && said(&back.url, "iss").is_some(), "{}", back.url);
    for scope in ["openid offline_access", "openid linked_services", "openid provision_records"] {
        let hint = town.hint(&mut browser).await;
        assert!(is_consent(&town.goes(&mut browser, &hint, &[("scope", scope)]).await), "{scope}");
    }
    let hint = town.hint(&mut browser).await;
    let card = town.goes(&mut browser, &hint, &[("scope", "openid health_insurance")]).await;
    assert!(is_sign_in(&card), "a card is shown, and no session");
    // Without a hint there is no entrance, linked or not.
    assert!(is_sign_in(&browser.open(&town.pushed(&[]).await, OWN).await.unwrap()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forged_beginning_leads_nowhere() {
    let town = Town::open().await;
    let mut browser = town.signed_in(0).await;
    let begin = town.led_to(&mut browser, TAX).await;
    let forged = |name: &str, value: &str| {
        let mut url = begin.clone();
        let kept: Vec<(String, String)> =
            begin.query_pairs().filter(|(n, _)| n != name).map(|(n, v)| (n.into_owned(), v.into_owned())).collect();
        url.query_pairs_mut().clear().extend_pairs(kept).append_pair(name, value);
        url.to_string()
    };
    for (name, value) in [
        ("iss", "https://evil.example"),
        ("target_link_uri", "https://evil.example/tax-site/home"),
        ("target_link_uri", "//evil.example"),
    ] {
        let page = browser.open(&forged(name, value), "").await.unwrap();
        assert_eq!(page.status, 400, "{name}={value}: {}", page.url);
    }
    // The counter leads to the site's own places only.
    let page = town.links(&mut browser).await;
    let mut form = page.form_to(TAX).unwrap();
    form.set("target", "https://evil.example/");
    assert_eq!(browser.submit(&page, &form, "").await.unwrap().status, 404);
    let mut strange = page.form_to(TAX).unwrap();
    strange.set("token", "nonsense");
    assert_eq!(browser.submit(&page, &strange, "").await.unwrap().status, 403);
    // Whoever is sent to begin by somebody else, with that one's hint, comes in as themselves, or not at all.
    let mut victim = town.signed_in(1).await;
    let page = victim.open(begin.as_str(), "").await.unwrap();
    assert!(is_sign_in(&page), "{}", page.url);
    // A way back that this browser did not begin, or with another state, lets nobody in.
    let callback = format!("{}tax-site/callback?code=x&state=y&iss=z", town.installation.sandbox.public_url);
    assert_eq!(browser.open(&callback, "").await.unwrap().status, 400);
    assert!(town.installation.sandbox.tax_site().visitors().is_empty());
    let logout = format!("{}tax-site/logout", town.installation.sandbox.public_url);
    let told = reqwest::Client::new().post(logout).body("logout_token=a.b.c").send().await.unwrap();
    assert_eq!(told.status().as_u16(), 400);
}
