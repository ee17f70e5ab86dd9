//! Payroll software gets an employee's certificates for the year-end adjustment (年末調整): one consent registers them at the
//! counter, links a private delivery provider (民間送達) and lets the software read; one call adds everything up; the employee
//! ends the link, and the next call is refused.
//!
//! ```text
//! cargo run -- dev                                                # in one terminal
//! cargo run --example deduction_certificates -- --auto            # in another: plays the employee's browser too
//! cargo run --example deduction_certificates                      # prints the addresses to open
//! ```

#![expect(clippy::indexing_slicing, reason = "indexing JSON gives null where nothing is")]

mod support;

use anyhow::{Context, ensure};
use chrono::Datelike as _;
use clap::Parser;
use madoguchi::domain::{Clock, SystemClock};
use reqwest::Method;
use serde_json::Value;
use support::browser::Page;
use support::citizen::Citizen;
use support::files::ClientFile;
use support::person::Person;
use support::say;
use support::third_party::{ThirdParty, Tokens};

/// Payroll software and an employee against a running `madoguchi dev`.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    person: Person,
    /// The year; the one whose certificates came last, when not given.
    #[arg(long)]
    tax_year: Option<i32>,
}

const SCOPE: &str = "openid offline_access private_documents linked_services";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    support::install_crypto();
    let Options { person, tax_year } = Options::parse();
    let payroll = ThirdParty::open(ClientFile::read(&person.directory, "payroll")?).await?;
    let mut citizen = person.citizen()?;
    say("1. Payroll software asks for the employee's delivered documents; one consent does all of it.");
    let pending = payroll.push(SCOPE, &Value::Null).await?;
    let told = |page: &Page| {
        for step in page.texts("section[aria-labelledby=documents] ol li") {
            say(&format!("   - {step}"));
        }
    };
    let tokens = person.consent_as(&mut citizen, (&payroll, pending), told).await?;
    let links = get(&payroll, &tokens, "/v1/linked-services").await?;
    let first = links["items"][0].clone();
    say(&format!(
        "   linked: {} ({}), since {}",
        text(&first["name_ja"]),
        text(&first["kind"]),
        text(&first["linked_at"])
    ));

    if person.auto {
        say("2. The employee links their other provider, too, at the counter's own page.");
        link_the_other(&mut citizen, &payroll.file.issuer).await?;
    }
    let today = SystemClock.now().date_in_japan();
    let newest = if today.month() >= 10 { today.year() } else { today.year() - 1 };
    let path = format!("/v1/private-documents/year-end-adjustment?tax_year={}", tax_year.unwrap_or(newest));
    say(&format!("3. GET {path}"));
    show(&get(&payroll, &tokens, &path).await?)?;

    say("4. The employee ends the links; the next call is refused.");
    if person.auto {
        end_links(&mut citizen, &payroll.file.issuer).await?;
        let refused = payroll.call(&tokens, Method::GET, &path, None).await?;
        ensure!(refused.status == 403, "after the end it still answers {}", refused.status);
        say(&format!("   {} {}: {}", refused.status, text(&refused.body["code"]), text(&refused.body["title"])));
    } else {
        say(&format!("   Open {}/dashboard/links, end them, and run this again.", payroll.file.issuer));
    }
    Ok(())
}

async fn get(party: &ThirdParty, tokens: &Tokens, path: &str) -> anyhow::Result<Value> {
    let answer = party.call(tokens, Method::GET, path, None).await?;
    ensure!(answer.status == 200, "{path} ended in {}: {}", answer.status, answer.body);
    Ok(answer.body)
}

/// Links whatever can be linked still.
async fn link_the_other(citizen: &mut Citizen, counter: &str) -> anyhow::Result<()> {
    citizen.dashboard(counter).await?;
    let mut page = citizen.open(&format!("{counter}/dashboard/links")).await?;
    while let Some(form) = page.forms().into_iter().find(|form| form.action.contains("/links/services/")) {
        let login = citizen.send(&page, &form, "").await?;
        page = citizen.link(login, "").await?;
        say(&format!("   {}", page.texts("p.notice").join(" ")));
    }
    Ok(())
}

/// Ends every link, by the pages that say what will happen.
async fn end_links(citizen: &mut Citizen, counter: &str) -> anyhow::Result<()> {
    citizen.dashboard(counter).await?;
    let mut page = citizen.open(&format!("{counter}/dashboard/links")).await?;
    while let Some(end) = page.links().into_iter().find(|link| link.ends_with("/end")) {
        let confirm = citizen.open(&format!("{counter}{end}")).await?;
        page = citizen.press(&confirm, &end).await?;
        say(&format!("   {}", page.texts("p.notice").join(" ")));
    }
    Ok(())
}

fn show(sums: &Value) -> anyhow::Result<()> {
    for one in sums["certificates"].as_array().context("no certificates")? {
        say(&format!("   {} {} ({})", text(&one["kind"]), text(&one["reference"]), text(&one["issuer"])));
    }
    for one in sums["duplicates"].as_array().context("no duplicates")? {
        say(&format!("   {} is the same as {}: counted once", text(&one["id"]), text(&one["same_as"])));
    }
    for one in sums["unreadable"].as_array().context("no unreadable")? {
        say(&format!("   {} could not be read: {}", text(&one["id"]), text(&one["problem"])));
    }
    let sum = |path: &str| sums["sums"].pointer(path).cloned().unwrap_or_default();
    for (name, path) in [
        ("生命保険料（新・一般）", "/life_insurance_new/general_yen"),
        ("生命保険料（新・介護医療）", "/life_insurance_new/nursing_medical_yen"),
        ("生命保険料（新・個人年金）", "/life_insurance_new/pension_yen"),
        ("生命保険料（旧・一般）", "/life_insurance_old/general_yen"),
        ("生命保険料（旧・個人年金）", "/life_insurance_old/pension_yen"),
        ("地震保険料", "/earthquake_insurance/earthquake_yen"),
        ("旧長期損害保険料", "/earthquake_insurance/old_long_term_yen"),
        ("小規模企業共済", "/small_scale_mutual_aid/mutual_aid_yen"),
        ("個人型年金（iDeCo）", "/small_scale_mutual_aid/ideco_yen"),
        ("住宅ローン年末残高", "/housing_loan_balance_yen"),
    ] {
        say(&format!("   {name}: {} 円", sum(path)));
    }
    say(&format!("   is_complete: {}", sums["is_complete"]));
    Ok(())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
