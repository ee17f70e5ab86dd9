//! A payroll software issues a certificate of employment (就労証明書), and a municipality opens it by its reference.
//!
//! ```text
//! cargo run -- dev                                # in one terminal
//! cargo run --example employment_certificate      # in another
//! ```

#![expect(clippy::indexing_slicing, reason = "indexing JSON gives null where nothing is")]

mod support;

use anyhow::{Context, ensure};
use clap::Parser;
use serde_json::{Value, json};
use std::path::PathBuf;
use support::payroll::Payroll;

/// A company and a made-up city, against a running `madoguchi dev`.
#[derive(Parser)]
struct Options {
    /// Where `madoguchi dev` keeps its files.
    #[arg(long, default_value = ".madoguchi")]
    directory: PathBuf,
    /// Nobody is asked in any case; here for the same way to call every example.
    #[arg(long)]
    auto: bool,
}

/// An Excel workbook.
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// What payroll knows of one employee, as the form asks it.
const CONTENT: &str = include_str!("support/employment_certificate.json");
const ALL: &str = "/v1/employment-certificates";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    support::install_crypto();
    let options = Options::parse();
    let company = Payroll::open_for(&options.directory, "payroll", "employment_certificates").await?;
    let city = Payroll::open_for(&options.directory, "nursery_desk", "certificate_verification").await?;
    say("1. Which form does the city 999016 take?");
    let forms = company.get(&format!("{ALL}/forms?municipality=999016")).await?;
    say(&format!("   {}: {}", text(&forms["forms"][0]["code"]), text(&forms["forms"][0]["title"]["ja"])));
    say("2. What payroll knows, held against it before anything is signed:");
    let mut content: Value = serde_json::from_str(CONTENT)?;
    content["employee"].as_object_mut().context("no employee")?.remove("commute_minutes");
    let checked = company.post(&format!("{ALL}/check"), &[], &content).await?;
    for one in checked["findings"].as_array().context("no findings")? {
        say(&format!("   {} {}: {}", text(&one["rule"]), text(&one["pointer"]), text(&one["words"]["ja"])));
    }
    content["employee"]["commute_minutes"] = 35.into();
    say("3. Mended, signed by the company's own key, and issued.");
    let key = support::keys::unguessable();
    let body = json!({"signed_certificate": company.party.certificate(&content)?});
    let issued = company.post(ALL, &[("idempotency-key", &key)], &body).await?;
    let (id, reference) = (text(&issued["certificate"]["id"]), text(&issued["reference"]));
    say(&format!("   {id}, issued at {}; the employee gets its reference.", text(&issued["certificate"]["issued_at"])));
    say("4. The employee hands the reference in with an application; the city opens it:");
    let opening = json!({"reference": reference});
    let opened = city.post(&format!("{ALL}/open"), &[], &opening).await?;
    let employee = &opened["content"]["employee"];
    say(&format!(
        "   {}, {} hours a week; {}",
        text(&employee["name"]),
        employee["hours_per_week"],
        text(&opened["certificate"]["state"])
    ));
    ensure!(opened["signed"]["jws"] == body["signed_certificate"], "it is not what the company signed");
    for (media_type, name) in [("application/pdf", "pdf"), (XLSX, "xlsx")] {
        let file = city.file(&format!("{ALL}/open"), media_type, &opening).await?;
        let path = options.directory.join(format!("{id}.{name}"));
        std::fs::write(&path, file)?;
        say(&format!("   as a file: {}", path.display()));
    }
    say("5. The company takes it back; the city sees so at once:");
    company.post(&format!("{ALL}/{id}/revoke"), &[], &json!({"reason": "changed"})).await?;
    let opened = city.post(&format!("{ALL}/open"), &[], &opening).await?;
    ensure!(opened["certificate"]["state"] == "revoked", "it still counts: {opened}");
    say(&format!(
        "   {}, because: {}",
        text(&opened["certificate"]["state"]),
        text(&opened["certificate"]["revoked"]["reason"])
    ));
    let seen = company.get(&format!("{ALL}/{id}")).await?;
    say(&format!("6. The company sees that it was opened {} times.", seen["openings"]));
    Ok(())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}

#[expect(clippy::print_stdout, reason = "an example talks to whoever runs it")]
fn say(line: &str) {
    println!("{line}");
}
