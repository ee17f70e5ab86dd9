//! A city asks for a tax by a notice, and its citizen pays it at a pretend bank's own pages, from the address in the notice.
//!
//! ```text
//! cargo run -- dev                                 # in one terminal
//! cargo run --example pay_tax -- --auto            # in another: plays the citizen's browser too
//! cargo run --example pay_tax                      # prints the addresses to open
//! ```

#![expect(clippy::indexing_slicing, reason = "indexing JSON gives null where nothing is")]

mod support;

use anyhow::{Context, ensure};
use clap::Parser;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use madoguchi::domain::{Clock, SystemClock};
use serde_json::{Value, json};
use std::time::Duration;
use support::browser::{Browser, Page};
use support::keys::unguessable;
use support::payroll::Payroll;
use support::person::Person;
use support::{say, text};

/// A city against a running `madoguchi dev`.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    person: Person,
}

const PAYMENTS: &str = "/agency/v1/payments";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    support::install_crypto();
    let Options { person } = Options::parse();
    let city = Payroll::open_for(&person.directory, "city_notices", "agency_notices agency_payments").await?;
    say("1. The citizen signs in at the city's site: from now on it knows them by a name of its own.");
    let pending = city.party.push("openid", &Value::Null).await?;
    let known = person.consent(&city.party, pending).await?.subject.context("no sub came")?;

    say("2. The city makes a payment, sends it again as after a lost answer, and puts its address into a notice.");
    let key = unguessable();
    let headers = [("idempotency-key", key.as_str())];
    let wanted = payment()?;
    let made = city.post(PAYMENTS, &headers, &wanted).await?;
    ensure!(city.post(PAYMENTS, &headers, &wanted).await?["url"] == made["url"], "a retry made another payment");
    let (id, url) = (text(&made["id"]), text(&made["url"]));
    let key = unguessable();
    let notice = json!({
        "recipient": known, "category": "tax",
        "ja": {"title": "市民税・県民税 第1期のお知らせ", "body": "納期限までに納付してください。"},
        "en": {"title": "Residents' tax, first term", "body": "Please pay by its day."},
        "payment": {"url": url, "due_on": wanted["due_on"]},
    });
    let posted = city.post("/agency/v1/notices", &[("idempotency-key", key.as_str())], &notice).await?;
    say(&format!("   {id} is {}; notice {} leads to it.", text(&made["state"]), text(&posted["id"])));

    say("3. The citizen opens the address in the notice, and pays by Pay-easy at a pretend bank.");
    if person.auto {
        pay(url).await?;
    } else {
        say(&format!("   Open this address and pay:\n\n   {url}\n"));
    }
    let paid = until_paid(&city, id).await?;
    say(&format!("   {id} is paid by {}, at {}.", text(&paid["paid"]["way"]), text(&paid["paid"]["paid_at"])));

    say("4. Its receipt is signed by the counter, for whoever has it.");
    let claims = receipt(&city.party.file.issuer, url).await?;
    ensure!(claims["jti"] == paid["paid"]["receipt"], "the receipt is another payment's");
    say(&format!("   The signature verifies: {} yen to {}.", claims["amount"], text(&claims["payee"]["ja"])));

    say("5. The city reads what was paid today.");
    let today = SystemClock.now().date_in_japan();
    let lines = city.get(&format!("{PAYMENTS}/settlements?date={today}&limit=100")).await?;
    for total in lines["totals"].as_array().into_iter().flatten() {
        say(&format!(
            "   {}: {} payments, {} yen; {} times too much",
            text(&total["way"]),
            total["count"],
            total["amount"],
            total["excess_count"]
        ));
    }
    let own = lines["items"].as_array().into_iter().flatten().filter(|one| one["payment"] == made["id"]);
    let own: Vec<&Value> = own.collect();
    ensure!(own.len() == 1 && own[0]["counts_as"] == "settled", "it is not there once: {own:?}");
    say("   This payment is there once, as settled.");
    Ok(())
}

fn payment() -> anyhow::Result<Value> {
    let due = SystemClock.now().date_in_japan().checked_add_days(chrono::Days::new(30)).context("no such day")?;
    Ok(json!({
        "institution_number": "13999", "payment_number": "20260001234567", "confirmation_number": "123456",
        "payment_category": "001", "amount": 12_500, "due_on": due.to_string(),
        "title": {"ja": "市民税・県民税 第1期", "en": "Residents' tax, first term"},
    }))
}

/// What the citizen's browser does.
async fn pay(url: &str) -> anyhow::Result<()> {
    let mut browser = Browser::new("ja")?;
    let page = browser.open(url, "").await?;
    ensure!(page.status == 200, "the page does not open: {}", page.text());
    let mut form = page.form_with("way")?;
    form.set("way", "pay_easy");
    form.set("bank", "bank");
    let bank = browser.submit(&page, &form, "").await?;
    say(&format!("   | {}", bank.texts("h1").join(" ")));
    let back = browser.submit(&bank, &button(&bank, "pay")?, "").await?;
    say(&format!("   | {}: {}", back.texts("h1").join(" "), back.texts("#payment-state").join(" ")));
    Ok(())
}

/// The form at the bank's page that does this.
fn button(page: &Page, method: &str) -> anyhow::Result<support::browser::Form> {
    let mut forms = page.forms().into_iter();
    let found = forms.find(|form| form.fields.iter().any(|(name, value)| name == "method" && value == method));
    found.with_context(|| format!("the bank's page has no way to {method}: {}", page.text()))
}

async fn until_paid(city: &Payroll, id: &str) -> anyhow::Result<Value> {
    loop {
        let told = city.get(&format!("{PAYMENTS}/{id}")).await?;
        if told["state"] == "paid" {
            return Ok(told);
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// What the receipt says, if a published key signed it.
async fn receipt(counter: &str, url: &str) -> anyhow::Result<Value> {
    let http = support::http()?;
    let receipt = http.get(format!("{url}/receipt")).send().await?.error_for_status()?.text().await?;
    let keys = http.get(format!("{counter}/oauth/jwks")).send().await?.text().await?;
    let keys: JwkSet = serde_json::from_str(&keys)?;
    let header = decode_header(&receipt)?;
    // Another kind of token by the same keys is no receipt (RFC 8725 §3.11).
    ensure!(header.typ.as_deref() == Some("payment-receipt+jwt"), "this is no receipt of a payment");
    let key = keys.find(&header.kid.context("it names no key")?).context("it is signed by no published key")?;
    let mut rules = Validation::new(Algorithm::ES256);
    rules.set_required_spec_claims(&["iss"]);
    (rules.validate_exp, rules.validate_aud) = (false, false);
    Ok(decode::<Value>(&receipt, &DecodingKey::from_jwk(key)?, &rules)?.claims)
}
