//! Payments (公金決済): an agency asks for one, whoever has its address pays at the pretend service's pages, and it is paid once.

mod agency;
mod cards;
mod paying;
mod trouble;

use crate::support::calls::{Caller, Told};
use crate::support::installation::Installation;
use crate::support::played::browser::{Browser, Page};
use crate::support::played::keys::unguessable;
use crate::support::played::third_party::ThirdParty;
use madoguchi::adapters::outward::Reach;
use madoguchi::domain::Clock as _;
use madoguchi::domain::client::ClientClass;
use madoguchi::domain::payment::PaymentKey;
use madoguchi::domain::{Secret, ids::ClientId};
use serde_json::{Value, json};
use std::time::Duration;

const PAYMENTS: &str = "/agency/v1/payments";

/// A municipality that asks for payments.
struct Desk {
    installation: Installation,
    city: ThirdParty,
    token: String,
}

async fn desk() -> Desk {
    desk_reaching(Reach::default()).await
}

async fn desk_reaching(reach: Reach) -> Desk {
    let installation = Installation::start_changed(1, |plan| plan.reach = reach.clone()).await;
    let city = installation.party("city", ClientClass::LocalGovernment, "measurement").await;
    let token = token(&installation, &city).await;
    Desk { installation, city, token }
}

async fn token(installation: &Installation, party: &ThirdParty) -> String {
    let form = [("grant_type", "client_credentials"), ("scope", "agency_payments")];
    let told = Caller::new(party, installation, 0).form("/oauth/token", &form).await;
    assert_eq!(told.status, 200, "{told:?}");
    told.body["access_token"].as_str().unwrap().to_owned()
}

impl Desk {
    fn wanted(&self) -> Value {
        let due = self.installation.clock.now().plus(Duration::from_hours(24 * 3)).date_in_japan();
        json!({
            "institution_number": "13999", "payment_number": "12345678901234", "confirmation_number": "123456",
            "amount": 12_500, "title": {"ja": "市民税 第1期", "en": "Tax, first term"}, "due_on": due.to_string(),
        })
    }

    async fn post(&self, key: &str, body: &Value) -> Told {
        self.send((&self.city, &self.token), "POST", PAYMENTS, Some((key, body))).await
    }

    async fn send(
        &self,
        (party, token): (&ThirdParty, &str),
        method: &str,
        path: &str,
        body: Option<(&str, &Value)>,
    ) -> Told {
        let caller = Caller::new(party, &self.installation, 0);
        let proof = caller.proof(method, path.split('?').next().unwrap(), Some(token));
        let request =
            caller.request(method, path).header("authorization", format!("DPoP {token}")).header("dpop", proof);
        match body {
            Some((key, body)) => Told::by(request.header("idempotency-key", key).json(body)).await,
            None => Told::by(request).await,
        }
    }

    async fn call(&self, method: &str, path: &str) -> Told {
        self.send((&self.city, &self.token), method, path, None).await
    }

    /// Asks for one; gives its id and its address.
    async fn made(&self) -> (String, String) {
        self.made_of(&self.wanted()).await
    }

    async fn made_of(&self, body: &Value) -> (String, String) {
        let told = self.post(&unguessable(), body).await;
        assert_eq!((told.status, &told.body["state"]), (201, &json!("open")), "{told:?}");
        let text = |name: &str| told.body[name].as_str().unwrap().to_owned();
        (text("id"), text("url"))
    }

    async fn state(&self, id: &str) -> String {
        let told = self.call("GET", &format!("{PAYMENTS}/{id}")).await;
        told.body["state"].as_str().unwrap_or_else(|| unreachable!("{told:?}")).to_owned()
    }

    /// Waits until it stands so.
    async fn until(&self, id: &str, state: &str) {
        for _ in 0..200 {
            if self.state(id).await == state {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        unreachable!("it never was {state}: {}", self.state(id).await);
    }

    /// What was written down on the day of the clock.
    async fn lines(&self) -> Value {
        let day = self.installation.clock.now().date_in_japan();
        let told = self.call("GET", &format!("{PAYMENTS}/settlements?date={day}")).await;
        assert_eq!(told.status, 200, "{told:?}");
        told.body
    }

    fn service(&self) -> String {
        format!("{}payment-service/", self.installation.sandbox.public_url)
    }

    /// A notification as the service would send it.
    fn notification(&self, attempt: &str, reference: &str, amount: u64) -> Value {
        let now = self.installation.clock.now();
        json!({
            "shop": "madoguchi", "link": attempt, "jti": unguessable(), "iat": now.seconds(),
            "taking": {"reference": reference, "amount": amount, "way": "card", "bank_type": null, "taken_at": now.rfc3339()},
        })
    }

    async fn notify(&self, body: &Value) -> Told {
        let text = body.to_string();
        let signature = key().sign("notification", &[text.as_bytes()]);
        self.notify_signed(&text, &signature).await
    }

    async fn notify_signed(&self, text: &str, signature: &str) -> Told {
        let caller = Caller::new(&self.city, &self.installation, 0);
        let request = caller.request("POST", "/payments/notifications").header("payment-signature", signature);
        Told::by(request.header("content-type", "application/json").body(text.to_owned())).await
    }
}

/// What the service signs by.
fn key() -> PaymentKey {
    PaymentKey::new(&Secret::new(madoguchi::sandbox::payment::SECRET.to_owned())).unwrap()
}

fn browser() -> Browser {
    Browser::new("en").unwrap()
}

/// Chooses a way at the payment's page; gives the page that this leads to.
async fn choose(browser: &mut Browser, url: &str, (way, bank): (&str, &str)) -> Page {
    let page = browser.open(url, "").await.unwrap();
    assert_eq!(page.status, 200, "{}", page.text());
    let mut form = page.form_with("way").unwrap();
    form.set("way", way);
    if !bank.is_empty() {
        form.set("bank", bank);
    }
    browser.submit(&page, &form, "").await.unwrap()
}

/// Pays, or goes back, at the service's page; gives the page that the browser comes back to.
async fn finish(browser: &mut Browser, page: &Page, method: &str) -> Page {
    let mut forms = page.forms();
    let form = forms.iter_mut().find(|form| form.fields.iter().any(|(_, value)| value == method)).unwrap();
    if form.fields.iter().any(|(name, _)| name == "card_number") {
        form.set("card_number", cards::CANARY);
    }
    browser.submit(page, form, "").await.unwrap()
}

/// The attempt that a page of the return is about.
fn attempt_of(page: &Page) -> String {
    let path = page.url.path();
    path.strip_prefix("/pay/returns/").unwrap_or_else(|| unreachable!("{path}")).to_owned()
}

/// Another agency.
async fn other(desk: &Desk, id: &str) -> (ThirdParty, String) {
    let party = desk.installation.party(id, ClientClass::Agency, "measurement").await;
    let store = &desk.installation.store.store;
    let mut client = store.find_client(&ClientId::parse(id).unwrap()).await.unwrap().unwrap();
    client.sector = format!("{id}.example");
    store.put_client(&client, desk.installation.clock.now()).await.unwrap();
    let token = token(&desk.installation, &party).await;
    (party, token)
}
