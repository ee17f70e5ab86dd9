//! A parent signs an application with the certificate for signing of their card (電子署名), and the city verifies the signature
//! itself: nobody has to come to the counter to show who they are.
//!
//! ```text
//! cargo run -- dev                                            # in one terminal
//! cargo run --example signed_application                      # in another: prints the addresses to open
//! cargo run --example signed_application -- --auto            # plays the citizen's browser too
//! ```

#![expect(clippy::indexing_slicing, reason = "indexing JSON gives null where nothing is")]

mod support;

use anyhow::{Context, ensure};
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use clap::Parser;
use reqwest::Method;
use serde_json::Value;
use std::time::Duration;
use support::citizen::Citizen;
use support::files::ClientFile;
use support::payroll::Payroll;
use support::person::Person;
use support::third_party::{ThirdParty, Tokens};
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// A family app and a made-up city, against a running `madoguchi dev`.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    person: Person,
    /// The card's password for signing (署名用パスワード; with --auto).
    #[arg(long, default_value = "MIHON1TARO")]
    signing_password: String,
}

const DRAFTS: &str = "/v1/application-drafts";
const RECEIVED: &str = "/agency/v1/applications";
/// What is applied for.
const NURSERY: &str = include_str!("support/nursery_application.json");

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
    let city = Payroll::open_for(&options.person.directory, "nursery_desk", "agency_applications").await?;
    let party = ThirdParty::open(ClientFile::read(&options.person.directory, "family_app")?).await?;
    let mut citizen = options.person.citizen()?;
    say("1. The parent signs in with a card, and lets the app apply to municipalities.");
    let pending = party.push("openid applications", &Value::Null).await?;
    let tokens = options.person.consent_as(&mut citizen, (&party, pending), |_| ()).await?;
    let family = Family { party, tokens };

    let draft = family.call(Method::POST, DRAFTS, Some(&serde_json::from_str(NURSERY)?)).await?;
    let one = format!("{DRAFTS}/{}", text(&draft["id"]));
    let asked = family.call(Method::POST, &format!("{one}/signature"), None).await?;
    let address = text(&asked["signature"]["url"]).to_owned();
    say(&format!("2. The app wrote a draft, and asks the parent to sign it:\n\n   {address}\n"));
    if options.person.auto {
        sign(&mut citizen, &address, (&options.person.card, &options.signing_password)).await?;
    }
    let signed = signed(&family, &one).await?;
    say(&format!(
        "3. It is {} with the card; the certificate is by {}.",
        text(&signed["signature"]["state"]),
        text(&signed["signature"]["issuer"])
    ));
    let arrived = family.call(Method::POST, &format!("{one}/submit"), None).await?;
    ensure!(arrived["is_identity_checked_in_person"] == false, "somebody is to be seen in person: {arrived}");
    say(&format!(
        "4. It arrived, {}: 到達番号 {}. Nobody has to come to the counter.",
        text(&arrived["signature"]["state"]),
        text(&arrived["application"]["arrival_number"])
    ));
    let id = text(&arrived["application"]["id"]).to_owned();
    let told = city.get(&format!("{RECEIVED}/{id}/signature")).await?;
    let (document, chain) = verified(&told["jws"])?;
    say(&format!(
        "5. The city verifies the signature itself, and the certificates up to the authority: {chain} of them."
    ));
    ensure!(
        document["answers"] == city.get(&format!("{RECEIVED}/{id}")).await?["answers"],
        "something else was signed"
    );
    say("   What was signed is what the application says.");

    let second = family.call(Method::POST, DRAFTS, Some(&serde_json::from_str(NURSERY)?)).await?;
    let second = family.call(Method::POST, &format!("{DRAFTS}/{}/submit", text(&second["id"])), None).await?;
    say(&format!("6. The same without a signature: {}; the city sees who it is.", text(&second["signature"]["state"])));
    Ok(())
}

/// The parent's browser: the draft's page, the identity provider's, and back.
async fn sign(citizen: &mut Citizen, address: &str, (card, password): (&str, &str)) -> anyhow::Result<()> {
    let page = citizen.open(address).await?;
    let action = format!("{}/sign", page.url.path());
    let asked = citizen.press(&page, &action).await?;
    let entered = [("card_number", card), ("signing_password", password)];
    let done = citizen.fill(&asked, "/idp/api/realms/main/login-actions/authenticate", &entered).await?;
    ensure!(done.texts("main").join(" ").contains("It is signed"), "it was not signed: {}", done.text());
    Ok(())
}

/// The draft, once it is signed.
async fn signed(family: &Family, one: &str) -> anyhow::Result<Value> {
    for _ in 0..300 {
        let draft = family.call(Method::GET, one, None).await?;
        if draft["signature"]["state"] == "signed" {
            return Ok(draft);
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    anyhow::bail!("nobody signed it")
}

/// What was signed, and how many certificates there are, each signed by the next. A city also holds the last one against the
/// authority that it knows, and looks whether it was taken back.
fn verified(jws: &Value) -> anyhow::Result<(Value, usize)> {
    let (protected, payload) = (text(&jws["protected"]), text(&jws["payload"]));
    let certificates = jws["header"]["x5c"].as_array().context("no certificates")?;
    let ders: Vec<Vec<u8>> =
        certificates.iter().map(|one| Ok(STANDARD.decode(text(one))?)).collect::<anyhow::Result<_>>()?;
    let mut signed = format!("{protected}.{payload}").into_bytes();
    let mut signature = URL_SAFE_NO_PAD.decode(text(&jws["signature"]))?;
    for der in &ders {
        let (_, certificate) = X509Certificate::from_der(der).context("a certificate does not read")?;
        let key =
            UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &certificate.public_key().subject_public_key.data);
        key.verify(&signed, &signature).ok().context("a signature does not hold")?;
        signed = certificate.tbs_certificate.as_ref().to_vec();
        signature = certificate.signature_value.data.to_vec();
    }
    Ok((serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload)?)?, ders.len()))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}

#[expect(clippy::print_stdout, reason = "an example talks to whoever runs it")]
fn say(line: &str) {
    println!("{line}");
}
