//! After a typhoon: the municipality records the disaster (災害マスタ), a citizen asks for a certificate of the damage
//! (罹災証明書) with a photograph, and the municipality answers with the result.
//!
//! ```text
//! cargo run -- dev                                            # in one terminal
//! cargo run --example disaster_certificate                    # in another: prints the address to open
//! cargo run --example disaster_certificate -- --auto          # plays the citizen's browser too
//! ```

#![expect(clippy::indexing_slicing, reason = "indexing JSON gives null where nothing is")]

mod support;

use anyhow::{Context, ensure};
use clap::Parser;
use madoguchi::domain::{Clock as _, Digest, SystemClock};
use reqwest::Method;
use serde_json::{Value, json};
use support::files::ClientFile;
use support::payroll::Payroll;
use support::person::Person;
use support::third_party::{Answer, ThirdParty, Tokens};
use support::{say, text};

/// An app and a made-up municipality, against a running `madoguchi dev`.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    person: Person,
}

const ALL: &str = "/v1/applications";
const FILES: &str = "/v1/application-attachments";
const RECEIVED: &str = "/agency/v1/applications";
const DISASTERS: &str = "/agency/v1/disasters";
/// The municipality where the damaged home stands.
const CITY: &str = "999016";
/// What the roof looks like: drawn, and of nobody's.
const PHOTOGRAPH: &[u8] = include_bytes!("support/damaged_roof.png");

/// The app with what the citizen agreed to.
struct App {
    party: ThirdParty,
    tokens: Tokens,
}

impl App {
    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Answer> {
        self.party.call(&self.tokens, method, path, body).await
    }

    async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let answer = self.ask(method, path, body).await?;
        ensure!((200..300).contains(&answer.status), "{path} was refused ({}): {:#}", answer.status, answer.body);
        Ok(answer.body)
    }

    /// Brings a document in one piece.
    async fn bring(&self, id: &str, bytes: &'static [u8]) -> anyhow::Result<Value> {
        let (path, party) = (format!("{FILES}/{id}"), &self.party);
        let url = format!("{}{path}", party.file.issuer);
        for _ in 0..2 {
            let nonce = party.last_nonce();
            let proof = party.binding.proof("PATCH", &url, Some(&self.tokens.access), nonce.as_deref())?;
            let request = party.http.patch(&url).header("authorization", format!("DPoP {}", self.tokens.access));
            let request = request.header("dpop", proof).header("content-type", "application/partial-upload");
            let response = request.header("upload-offset", "0").body(bytes).send().await?;
            if party.keep_nonce(response.headers()) && response.status() == 401 {
                continue;
            }
            let status = response.status();
            let body: Value = response.json().await?;
            ensure!(status == 200, "the photograph was refused ({status}): {body:#}");
            return Ok(body);
        }
        anyhow::bail!("the counter keeps asking for another nonce")
    }
}

fn application(code: &str, photograph: &str, damaged_on: &str) -> Value {
    json!({
        "municipality": CITY, "procedure": "damage-certificate", "form": "damage-certificate-1",
        "applied_by": {"kind": "self"},
        "answers": {
            "applicant": {
                "householder_name": "見本　花子", "householder_address": "見本県見本市見本1-1",
                "damaged_home_address": "見本県見本市見本1-1", "phone": "0900000000", "disaster": code,
                "damaged_on": damaged_on, "home_kind": "1", "damage": "屋根の一部が飛び、雨漏りがしています。",
                "asks_own_judgement": true,
            },
            "entries": [{"name": "見本　花子", "birth_date": "1990-04-01", "relationship": "1"}],
        },
        "attachments": [{"id": photograph}],
    })
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    support::install_crypto();
    let options = Options::parse();
    let city = Payroll::open_for(&options.person.directory, "nursery_desk", "agency_applications").await?;
    let now = SystemClock.now();
    let today = now.date_in_japan();
    let day = |days| today.checked_add_days(chrono::Days::new(days)).context("no such day").map(|day| day.to_string());
    let code = format!("EX-{}", now.millis());
    let recorded = json!({"code": code, "details": {
        "name": {"ja": "見本台風", "en": "Typhoon Mihon"}, "from": today.to_string(), "apply_until": day(180)?,
        "procedures": ["damage-certificate", "emergency-repair"],
    }});
    city.post(DISASTERS, &[], &recorded).await?;
    say(&format!("1. The municipality records a disaster: {code}, open for two procedures until {}.", day(180)?));

    let party = ThirdParty::open(ClientFile::read(&options.person.directory, "family_app")?).await?;
    let pending = party.push("openid applications", &Value::Null).await?;
    say("2. A citizen signs in with a card, and lets an app apply to municipalities.");
    let tokens = options.person.consent(&party, pending).await?;
    let app = App { party, tokens };
    let open = format!("/v1/disasters?municipality={CITY}&procedure=damage-certificate&limit=100");
    let offered = app.call(Method::GET, &open, None).await?;
    let offered = offered["items"].as_array().context("no disasters")?;
    ensure!(offered.iter().any(|one| one["code"] == code.as_str()), "it is not offered");
    say("3. The app offers the disasters that are open there, this one among them.");

    let begun = json!({
        "form": "damage-certificate-1", "document": "photographs", "name": "屋根.png", "length": PHOTOGRAPH.len(),
        "digest": Digest::of_bytes(PHOTOGRAPH).base64url(),
    });
    let photograph = app.call(Method::POST, FILES, Some(&begun)).await?;
    let photograph = text(&photograph["id"]);
    let whole = app.bring(photograph, PHOTOGRAPH).await?;
    say(&format!("4. A photograph of the roof is uploaded, and {}.", text(&whole["state"])));

    let wrong = app.ask(Method::POST, ALL, Some(&application("OTHER", photograph, &today.to_string()))).await?;
    ensure!(wrong.status == 422, "a disaster that nobody recorded was taken: {:#}", wrong.body);
    say(&format!("5. Another disaster is refused at {}.", text(&wrong.body["pointer"])));
    let arrived = app.call(Method::POST, ALL, Some(&application(&code, photograph, &today.to_string()))).await?;
    let id = text(&arrived["application"]["id"]);
    say(&format!("6. It arrived: 到達番号 {}.", text(&arrived["application"]["arrival_number"])));

    let own = format!("{RECEIVED}/{id}");
    let given = city.get(&own).await?;
    say(&format!("7. The municipality takes it, with {}.", text(&given["attachments"][0]["name"])));
    city.post(&format!("{own}/review"), &[], &json!({"note": "写真により判定しています。"})).await?;
    let result = json!({
        "decision": "approved", "title": "罹災証明書の交付について", "decided_on": today.to_string(),
        "text": "住家の被害の程度：準半壊に至らない（一部損壊）\n証明書は郵送します。",
    });
    city.post(&format!("{own}/decide"), &[], &result).await?;
    let seen = app.call(Method::GET, &format!("{ALL}/{id}"), None).await?;
    say(&format!("8. {}: {}", text(&seen["result"]["title"]), text(&seen["result"]["text"]).replace('\n', "、")));
    city.post(&format!("{DISASTERS}/{code}/close"), &[], &json!({})).await?;
    let late = app.ask(Method::POST, ALL, Some(&application(&code, photograph, &today.to_string()))).await?;
    ensure!(late.status == 422, "it is closed, and was taken: {:#}", late.body);
    say("9. The municipality closes the disaster; nobody applies on its account any more.");
    Ok(())
}
