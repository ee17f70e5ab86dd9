//! A bank asks for an answer as signed data, keeps it in a folder, and verifies it later without any network.
//!
//! ```text
//! cargo run -- dev                                                    # in one terminal
//! cargo run --example signed_data -- --auto                           # in another: asks, keeps, verifies
//! cargo run --example signed_data -- --verify .madoguchi/signed_data  # years later: verifies what was kept
//! ```
//!
//! What is kept: `answer.jwt` (a compact JWS), `jwks.json` (the keys that the counter published for it) and
//! `receipt.json` (the proof that the disclosure is in the log of evidence).

#![expect(clippy::indexing_slicing, reason = "indexing JSON gives null where nothing is; a key's point has one size")]

mod support;

use anyhow::{Context, bail, ensure};
use clap::Parser;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use reqwest::Method;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use support::files::ClientFile;
use support::person::Person;
use support::third_party::{ThirdParty, Tokens};
use support::{say, text};

/// A bank that keeps signed data, against a running `madoguchi dev`.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    person: Person,
    /// Only verify what was kept in this folder; nothing is called.
    #[arg(long, value_name = "FOLDER")]
    verify: Option<PathBuf>,
}

/// 地方税関係情報.
const INCOME: &str = "TM00000000000002";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    support::install_crypto();
    let options = Options::parse();
    if let Some(folder) = &options.verify {
        return verify(folder);
    }
    let bank = ThirdParty::open(ClientFile::read(&options.person.directory, "loan_bank")?).await?;
    let tokens = consent(&bank, &options.person).await?;
    let folder = options.person.directory.join("signed_data");
    fs::create_dir_all(&folder)?;
    say("2. The bank retrieves the income of 2025 as signed data (Accept: application/jose).");
    let answer = retrieve_signed(&bank, &tokens).await?;
    fs::write(folder.join("answer.jwt"), &answer)?;
    say("3. It keeps the keys that the counter publishes for it, and the receipt from the log of evidence.");
    let keys = bank.http.get(format!("{}/evidence/jwks", bank.file.issuer)).send().await?.text().await?;
    fs::write(folder.join("jwks.json"), keys)?;
    let receipt = receipt(&bank, &tokens, &kept(&folder)?).await?;
    fs::write(folder.join("receipt.json"), format!("{receipt:#}\n"))?;
    say("4. Later, with nothing but that folder:");
    verify(&folder)
}

async fn consent(bank: &ThirdParty, person: &Person) -> anyhow::Result<Tokens> {
    let details = json!([{
        "type": "self_information",
        "purpose": bank.file.purpose,
        "data_sets": [{"code": INCOME, "items": ["0200000010", "0200000020"]}],
        "access_days": 30,
    }]);
    let pending = bank.push("openid offline_access self_information", &details).await?;
    say("1. The citizen signs in with a card and agrees.");
    person.consent(bank, pending).await
}

/// One retrieval whose answer is a compact JWS.
async fn retrieve_signed(bank: &ThirdParty, tokens: &Tokens) -> anyhow::Result<String> {
    let url = format!("{}/v1/self-information-requests", bank.file.issuer);
    let body = json!({"data_sets": [{"code": INCOME, "condition": {"kind": "tax_year", "year": 2025}}]});
    let key = support::keys::unguessable();
    for _ in 0..2 {
        let proof = bank.binding.proof("POST", &url, Some(&tokens.access), bank.last_nonce().as_deref())?;
        let request = bank.http.post(&url).header("authorization", format!("DPoP {}", tokens.access));
        let request = request.header("dpop", proof).header("idempotency-key", &key).header("prefer", "wait=20");
        let response = request.header("accept", "application/jose").json(&body).send().await?;
        // RFC 9449 §9: the counter may ask for its nonce once.
        if response.status() == 401 && bank.keep_nonce(response.headers()) {
            continue;
        }
        let status = response.status();
        let text = response.text().await?;
        ensure!(status == 200, "the retrieval did not succeed ({status}): {text}");
        return Ok(text);
    }
    bail!("the counter keeps asking for another nonce")
}

/// The receipt of what the answer disclosed, once it is in the log: within two seconds.
async fn receipt(bank: &ThirdParty, tokens: &Tokens, claims: &Value) -> anyhow::Result<Value> {
    let path = format!("/v1/receipts/{}", claims["receipt_id"].as_str().context("the answer names no receipt")?);
    loop {
        let told = bank.call(tokens, Method::GET, &path, None).await?;
        if told.body["code"] != "receipt_pending" {
            ensure!(told.status == 200, "no receipt ({}): {}", told.status, told.body);
            return Ok(told.body);
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

/// What the kept answer says, if a kept key signed it.
fn kept(folder: &Path) -> anyhow::Result<Value> {
    let text =
        |name: &str| fs::read_to_string(folder.join(name)).with_context(|| format!("{name} in {}", folder.display()));
    let answer = text("answer.jwt")?;
    let keys: JwkSet = serde_json::from_str(&text("jwks.json")?)?;
    let header = decode_header(&answer)?;
    // Another kind of token by the same keys is no answer (RFC 8725 §3.11).
    ensure!(header.typ.as_deref() == Some("madoguchi-answer+jwt"), "this is no signed answer");
    let kid = header.kid.context("it names no key")?;
    let key = keys.find(&kid).context("it is signed by a key that the counter never published")?;
    let mut rules = Validation::new(Algorithm::ES256);
    rules.set_required_spec_claims(&["iss", "aud"]);
    // It is no permission: it does not expire, and it says itself to whom it was given.
    (rules.validate_exp, rules.validate_aud) = (false, false);
    Ok(decode::<Value>(&answer, &DecodingKey::from_jwk(key)?, &rules)?.claims)
}

fn verify(folder: &Path) -> anyhow::Result<()> {
    let claims = kept(folder)?;
    say(&format!("   signed by {} for {} at {}", text(&claims["iss"]), text(&claims["aud"]), claims["iat"]));
    for line in support::show::results(&claims["answer"]) {
        say(&format!("   {line}"));
    }
    let receipt: Value = serde_json::from_str(&fs::read_to_string(folder.join("receipt.json"))?)?;
    ensure!(receipt["receipt"] == claims["receipt_id"], "the receipt is another answer's");
    ensure!(receipt["record"]["request"] == claims["answer"]["id"], "the receipt is another request's");
    say(&format!("   its receipt {} is leaf {} of the log", text(&receipt["receipt"]), receipt["leaf_index"]));
    say("   (`madoguchi audit verify --receipt receipt.json --key KEY` checks that proof)");
    say("5. The signature verifies: this is what the counter gave.");
    Ok(())
}
