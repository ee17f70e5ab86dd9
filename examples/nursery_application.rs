//! A parent applies for a place in a nursery by a family app (保育施設等の利用申込): the certificate of employment goes with it by
//! its reference, the city verifies, asks for an amendment, and decides.
//!
//! ```text
//! cargo run -- dev                                            # in one terminal
//! cargo run --example nursery_application                     # in another: prints the address to open
//! cargo run --example nursery_application -- --auto           # plays the citizen's browser too
//! ```

#![expect(clippy::indexing_slicing, reason = "indexing JSON gives null where nothing is")]

mod support;

use anyhow::{Context, ensure};
use clap::Parser;
use madoguchi::domain::{Clock as _, SystemClock};
use reqwest::Method;
use serde_json::{Value, json};
use support::files::ClientFile;
use support::payroll::Payroll;
use support::person::Person;
use support::third_party::{ThirdParty, Tokens};
use support::{say, text};

/// A family app, a company and a made-up city, against a running `madoguchi dev`.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    person: Person,
}

const ALL: &str = "/v1/applications";
const RECEIVED: &str = "/agency/v1/applications";
/// What is applied for.
const NURSERY: &str = include_str!("support/nursery_application.json");
/// What payroll knows of the parent.
const CERTIFICATE: &str = include_str!("support/employment_certificate.json");

/// The family app with what the citizen agreed to.
struct Family {
    party: ThirdParty,
    tokens: Tokens,
}

impl Family {
    async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let answer = self.party.call(&self.tokens, method, path, body).await?;
        ensure!((200..300).contains(&answer.status), "{path} was refused ({}): {:#}", answer.status, answer.body);
        Ok(answer.body)
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    support::install_crypto();
    let options = Options::parse();
    let company = Payroll::open_for(&options.person.directory, "payroll", "employment_certificates").await?;
    let city = Payroll::open_for(&options.person.directory, "nursery_desk", "agency_applications").await?;
    let family = consented(&options.person).await?;
    say("2. The company signed a certificate of employment, and the parent has its reference.");
    let signed = json!({"signed_certificate": company.party.certificate(&serde_json::from_str(CERTIFICATE)?)?});
    let key = support::keys::unguessable();
    let issued = company.post("/v1/employment-certificates", &[("idempotency-key", &key)], &signed).await?;
    let reference = text(&issued["reference"]);

    let mut body: Value = serde_json::from_str(NURSERY)?;
    body["certificates"] = json!([{"slot": "guardian_1", "reference": reference}]);
    let arrived = family.call(Method::POST, ALL, Some(&body)).await?;
    let id = text(&arrived["application"]["id"]);
    say(&format!(
        "3. It arrived at the city that the parent chose: 到達番号 {}.",
        text(&arrived["application"]["arrival_number"])
    ));
    let own = format!("{RECEIVED}/{id}");
    let given = city.get(&own).await?;
    let attached = &given["certificates"][0];
    say(&format!(
        "4. The city takes it; the certificate of {} is {}.",
        text(&attached["certificate"]["corporate_number"]),
        text(&attached["state"])
    ));
    ensure!(attached["state"] == "verified", "it was not verified: {given}");
    let today = SystemClock.now().date_in_japan();
    let until = today.checked_add_days(chrono::Days::new(14)).context("no such day")?.to_string();
    city.post(&format!("{own}/review"), &[], &json!({"note": "書類を確認しています。"})).await?;
    let asked =
        json!({"items": [{"pointer": "/answers/entries/0/nursery_1", "message": "休園中です。"}], "until": until});
    city.post(&format!("{own}/ask-amendment"), &[], &asked).await?;
    let seen = family.call(Method::GET, &format!("{ALL}/{id}"), None).await?;
    for item in seen["amendment"]["items"].as_array().context("nothing is asked")? {
        say(&format!("5. The city asks to mend {}: {}", text(&item["pointer"]), text(&item["message"])));
    }
    let mut mended = json!({"answers": body["answers"], "certificates": body["certificates"]});
    mended["answers"]["entries"][0]["nursery_1"] = json!("見本第二保育園");
    family.call(Method::POST, &format!("{ALL}/{id}/amend"), Some(&mended)).await?;
    interviewed(&family, &city, (id, &until)).await?;
    let result = json!({
        "decision": "approved", "title": "保育施設等利用調整結果通知書", "decided_on": today.to_string(),
        "text": "見本第二保育園の利用を決定しました。",
    });
    city.post(&format!("{own}/decide"), &[], &result).await?;
    let seen = family.call(Method::GET, &format!("{ALL}/{id}"), None).await?;
    say("7. Its timeline:");
    for step in seen["timeline"].as_array().context("no timeline")? {
        say(&format!("   {}  {:<20} by the {}", text(&step["at"]), text(&step["state"]), text(&step["by"])));
    }
    say(&format!("   {}: {}", text(&seen["result"]["title"]), text(&seen["result"]["text"])));
    let revoke = format!("/v1/employment-certificates/{}/revoke", text(&issued["certificate"]["id"]));
    company.post(&revoke, &[], &json!({"reason": "changed"})).await?;
    let given = city.get(&own).await?;
    let state = text(&given["certificates"][0]["state"]);
    ensure!(state == "revoked", "the city is not told: {given}");
    say(&format!("8. The company takes the certificate back; the city sees it {state} at once."));
    Ok(())
}

/// The city opens a time for interviews (面談), the parent books it, and comes by before.
async fn interviewed(family: &Family, city: &Payroll, (id, day): (&str, &str)) -> anyhow::Result<()> {
    let times = json!({"slots": [{
        "procedures": ["nursery-application"], "capacity": 2, "place": {"ja": "見本市役所2階", "en": "City hall, 2nd floor"},
        "starts_at": format!("{day}T10:00:00+09:00"), "ends_at": format!("{day}T10:30:00+09:00"),
    }]});
    city.post("/agency/v1/interview-slots", &[("idempotency-key", &support::keys::unguessable())], &times).await?;
    let free = family.call(Method::GET, &format!("{ALL}/{id}/interview-slots"), None).await?;
    let wish = json!({"slot": free["items"][0]["id"]});
    let booked = family.call(Method::PUT, &format!("{ALL}/{id}/interview"), Some(&wish)).await?;
    let meeting = &booked["interview"]["appointment"]["meeting"];
    say(&format!(
        "6. The parent books an interview: {}, {}.",
        text(&meeting["starts_at"]),
        text(&meeting["place"]["ja"])
    ));
    let met = json!({"result": "held_otherwise", "note": "窓口で面談しました。"});
    city.post(&format!("{RECEIVED}/{id}/interview"), &[], &met).await?;
    Ok(())
}

async fn consented(person: &Person) -> anyhow::Result<Family> {
    let party = ThirdParty::open(ClientFile::read(&person.directory, "family_app")?).await?;
    let pending = party.push("openid applications", &Value::Null).await?;
    say("1. The parent signs in with a card, and lets the app apply to municipalities.");
    let tokens = person.consent(&party, pending).await?;
    Ok(Family { party, tokens })
}
