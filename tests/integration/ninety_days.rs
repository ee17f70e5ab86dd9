//! Ninety days of medical data (期間連携): the end is told, nothing outlives it, the citizen is reminded once, and decides again.

use crate::support::calls::{Caller, Told};
use crate::support::engines::{postgres_server, redis_url};
use crate::support::installation::Installation;
use crate::support::played::citizen::Citizen;
use crate::support::played::third_party::{ThirdParty, Tokens};
use madoguchi::domain::Clock as _;
use madoguchi::domain::client::ClientClass;
use serde_json::{Value, json};
use std::time::Duration;

/// 薬剤情報.
const MEDICINES: &str = "HI00000000000001";
const DAY: u64 = 86_400;

struct Scene {
    installation: Installation,
    app: ThirdParty,
}

fn details(days: u32) -> Value {
    json!([{
        "type": "self_information", "purpose": "loan_examination", "access_days": days,
        "data_sets": [{"code": MEDICINES, "items": ["9010000010"]}],
    }])
}

impl Scene {
    async fn open() -> Self {
        let nodes = if postgres_server().is_some() && redis_url().is_some() { 2 } else { 1 };
        let installation = Installation::start(nodes).await;
        let app = installation.party("app", ClientClass::HealthApp, "measurement").await;
        Self { installation, app }
    }

    fn caller(&self) -> Caller<'_> {
        Caller::new(&self.app, &self.installation, 0)
    }

    async fn agree(&self, citizen: &mut Citizen) -> Tokens {
        let pending = self.app.push("openid offline_access self_information", &details(90)).await.unwrap();
        let page = citizen.arrive(&pending.address).await.unwrap();
        let answer = citizen.decide(&page, "agree", &self.app.file.redirect_uri).await.unwrap();
        self.app.exchange(pending, &answer).await.unwrap()
    }

    fn seconds(&self, seconds: u64) {
        self.installation.clock.advance(Duration::from_secs(seconds));
        self.app.set_ahead(self.installation.clock.ahead());
    }

    fn days(&self, days: u64) {
        self.seconds(days * DAY);
    }

    async fn refresh(&self, tokens: &Tokens) -> Told {
        let refresh = tokens.refresh.as_deref().unwrap();
        self.caller().form("/oauth/token", &[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await
    }

    /// Titles of the citizen's notices, at the counter's own page.
    async fn titles(&self, citizen: &mut Citizen) -> Vec<String> {
        // Signed in anew where the session is over.
        citizen.dashboard(&self.installation.public_url).await.unwrap();
        let page = citizen.open(&format!("{}/dashboard/notices", self.installation.public_url)).await.unwrap();
        assert_eq!(page.status, 200, "{}", page.text());
        page.texts("main")
    }

    async fn reminders(&self, citizen: &mut Citizen) -> usize {
        self.titles(citizen).await.join(" ").matches("A consent of yours to share information ends soon").count()
    }
}

fn seconds(told: &Told, name: &str) -> u64 {
    told.body[name].as_u64().unwrap_or_else(|| unreachable!("{name}: {told:?}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_outlives_the_ninety_days_and_longer_is_not_asked() {
    let scene = Scene::open().await;
    let refused = scene.app.push("openid offline_access self_information", &details(91)).await.err().unwrap();
    assert!(refused.to_string().contains("access_days must be at most 90"), "{refused}");
    let tokens = scene.agree(&mut scene.installation.citizen()).await;
    let first = scene.refresh(&tokens).await;
    let left = seconds(&first, "authorization_expires_in");
    assert!((90 * DAY - 60..=90 * DAY).contains(&left), "the third party learns its end: {left}");
    let grant = format!("/oauth/grants/{}", first.body["grant_id"].as_str().unwrap());
    let told = scene.caller().call(first.body["access_token"].as_str().unwrap(), "GET", &grant, None).await;
    let day = scene.installation.clock.now().plus(Duration::from_secs(left)).rfc3339();
    assert_eq!(told.body["expires_at"].as_str().unwrap()[..13], day[..13], "{told:?}");
    for days in [29, 29, 29] {
        scene.days(days);
        let again = scene.refresh(&tokens).await;
        assert_eq!(again.status, 200, "{again:?}");
        let end = seconds(&again, "authorization_expires_in");
        assert!(seconds(&again, "refresh_token_timeout") <= end && seconds(&again, "expires_in") <= end);
    }
    // The last minute of the last day.
    scene.seconds(3 * DAY - 120);
    let last = scene.refresh(&tokens).await;
    assert!(seconds(&last, "expires_in") <= 120, "{last:?}");
    scene.seconds(121);
    assert_eq!(scene.refresh(&tokens).await.brief(), (400, "invalid_grant"));
    let token = last.body["access_token"].as_str().unwrap();
    assert_eq!(scene.caller().call(token, "GET", "/v1/consent", None).await.brief(), (401, "invalid_token"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_citizen_is_reminded_once_and_decides_again() {
    let scene = Scene::open().await;
    let mut citizen = scene.installation.citizen();
    let tokens = scene.agree(&mut citizen).await;
    let mut other = Citizen::new("1000000000000002", "2345").unwrap();
    let ended = scene.agree(&mut other).await;
    let refresh = ended.refresh.as_deref().unwrap();
    assert_eq!(scene.caller().form("/oauth/revoke", &[("token", refresh)]).await.status, 200);
    for days in [29, 29, 16] {
        scene.days(days);
        assert_eq!(scene.refresh(&tokens).await.status, 200);
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(scene.reminders(&mut citizen).await, 0, "not sixteen days before");
    scene.days(3);
    let mut found = 0;
    for _ in 0..100 {
        found = scene.reminders(&mut citizen).await;
        if found > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(found, 1);
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(scene.reminders(&mut citizen).await, 1, "once, however many look");
    assert_eq!(scene.reminders(&mut other).await, 0, "nobody is reminded of what they ended");

    // The notice says nothing of whom and what, and leads to where both stand.
    let url = &scene.installation.public_url;
    let list = citizen.open(&format!("{url}/dashboard/notices")).await.unwrap();
    let place = list
        .links()
        .into_iter()
        .find(|link| link.starts_with("/dashboard/notices/n"))
        .unwrap_or_else(|| list.links().into_iter().find(|link| link.starts_with("/dashboard/notices/")).unwrap());
    let notice = citizen.open(&format!("{url}{place}")).await.unwrap();
    let text = notice.texts("main").join(" ");
    assert!(text.contains("This counter") && !text.contains("試験銀行") && !text.contains(MEDICINES), "{text}");
    let leads = notice.links().into_iter().find(|link| link.contains("/dashboard/grants/")).unwrap();

    let token = scene.refresh(&tokens).await.body["access_token"].as_str().unwrap().to_owned();
    let page = citizen.open(&leads).await.unwrap();
    let form = page.form_to("/renew").unwrap();
    let done = citizen.send(&page, &form, "").await.unwrap();
    assert!(done.texts("[role=status]").join("").contains("You decided the same again"), "{}", done.text());
    // The same form again is of a version that is not there any more.
    let again = citizen.send(&page, &form, "").await.unwrap();
    assert!(!again.texts("[role=status]").join("").contains("You decided the same again"), "{}", again.text());
    // The token from before stays good for its few minutes: it opens nothing that was not decided again just so.
    assert_eq!(scene.caller().call(&token, "GET", "/v1/consent", None).await.status, 200);
    let renewed = scene.refresh(&tokens).await;
    let left = seconds(&renewed, "authorization_expires_in");
    assert!((90 * DAY - 60..=90 * DAY).contains(&left), "from the newer word: {left}");
    let page = citizen.open(&leads).await.unwrap();
    assert!(page.texts("#earlier").len() == 1, "the earlier word is there to read: {}", page.text());
    for days in [29, 29, 29] {
        scene.days(days);
        assert_eq!(scene.refresh(&tokens).await.status, 200, "beyond the end of the earlier word");
    }
    scene.days(4);
    assert_eq!(scene.refresh(&tokens).await.brief(), (400, "invalid_grant"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_else_decides_again_and_nothing_that_grew_is() {
    let scene = Scene::open().await;
    let mut citizen = scene.installation.citizen();
    let tokens = scene.agree(&mut citizen).await;
    let url = scene.installation.public_url.clone();
    let dashboard = citizen.dashboard(&url).await.unwrap();
    let page = citizen.newest_grant(&dashboard).await.unwrap();
    let form = page.form_to("/renew").unwrap();
    let mut other = Citizen::new("1000000000000002", "2345").unwrap();
    other.dashboard(&url).await.unwrap();
    let theirs = other.send(&page, &form, "").await.unwrap();
    assert_eq!(theirs.status, 403, "another session's form: {}", theirs.text());
    // Registered to keep it longer by now: that was never agreed to.
    let store = &scene.installation.store.store;
    let id = madoguchi::domain::ids::ClientId::parse("app").unwrap();
    let mut client = store.find_client(&id).await.unwrap().unwrap();
    client.purposes[0].retention_days += 1;
    store.put_client(&client, scene.installation.clock.now()).await.unwrap();
    scene.days(1);
    citizen.dashboard(&url).await.unwrap();
    let page = citizen.open(page.url.as_str()).await.unwrap();
    assert!(page.form_to("/renew").is_err(), "it is not offered");
    let mut form = form;
    form.set("token", page.form_to("/revoke").unwrap().get("token").unwrap());
    let forced = citizen.send(&page, &form, "").await.unwrap();
    assert!(!forced.text().contains("You decided the same again"), "{}", forced.text());
    let left = seconds(&scene.refresh(&tokens).await, "authorization_expires_in");
    assert!(left <= 89 * DAY, "{left}");
}
