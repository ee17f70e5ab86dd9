//! An employee asks the company for a certificate of employment (就労証明書) by a link; its payroll software issues one, and a
//! municipality opens it by its reference.
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
use support::{say, text};

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
const REQUESTS: &str = "/v1/employment-certificate-requests";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    support::install_crypto();
    let options = Options::parse();
    let company = Payroll::open_for(&options.directory, "payroll", "employment_certificates").await?;
    let city = Payroll::open_for(&options.directory, "nursery_desk", "certificate_verification").await?;
    let mut content: Value = serde_json::from_str(CONTENT)?;
    say("1. The company gives its employee a link, and the employee asks for the city 999016 by it.");
    let company_of = json!({
        "corporate_number": content["corporate_number"], "employer_name": content["employer"]["employer_name"],
        "employee": "000123",
    });
    let made = company.post(REQUESTS, &[], &company_of).await?;
    let asked = format!("{REQUESTS}/{}", text(&made["request"]["id"]));
    let employee = support::http()?;
    let answer = employee.post(text(&made["link"])).form(&[("municipality", "999016")]).send().await?;
    let answer = answer.headers().get("location").context("the employee could not ask")?.to_str()?.to_owned();
    let answer = format!("{}{answer}", company.party.file.issuer);
    let request = company.get(&asked).await?;
    say(&format!("   the company sees: {}, in the form {}", text(&request["state"]), text(&request["asked"]["form"])));
    say("2. What payroll keeps for filings makes a draft, and this is missing:");
    mend(&company, &mut content).await?;
    say("3. Completed, signed by the company's own key, issued, and told to the employee.");
    let key = support::keys::unguessable();
    let body = json!({"signed_certificate": company.party.certificate(&content)?});
    let issued = company.post(ALL, &[("idempotency-key", &key)], &body).await?;
    let id = text(&issued["certificate"]["id"]);
    company.post(&format!("{asked}/answer"), &[], &json!({"certificate": id})).await?;
    let page = employee.get(&answer).header("accept-language", "ja").send().await?.text().await?;
    let shown = page.split("id=\"shown-reference\">").nth(1).and_then(|rest| rest.split('<').next());
    let reference = shown.context("the employee sees no reference")?;
    ensure!(reference == text(&issued["reference"]), "it is another's");
    say(&format!("   {id}, issued at {}; the employee sees its reference.", text(&issued["certificate"]["issued_at"])));
    say("4. The employee hands the reference in with an application; the city opens it:");
    let opening = json!({"reference": reference});
    opened(&city, &opening, &body["signed_certificate"]).await?;
    for (media_type, name) in [("application/pdf", "pdf"), (XLSX, "xlsx")] {
        let file = city.file(&format!("{ALL}/open"), media_type, &opening).await?;
        let path = options.directory.join(format!("{id}.{name}"));
        std::fs::write(&path, file)?;
        say(&format!("   as a file: {}", path.display()));
    }
    say("5. The company takes it back; the city sees so at once:");
    company.post(&format!("{ALL}/{id}/revoke"), &[], &json!({"reason": "changed"})).await?;
    let opened = city.post(&format!("{ALL}/open"), &[], &opening).await?;
    let certificate = &opened["certificate"];
    ensure!(certificate["state"] == "revoked", "it still counts: {opened}");
    say(&format!("   {}, because: {}", text(&certificate["state"]), text(&certificate["revoked"]["reason"])));
    let seen = company.get(&format!("{ALL}/{id}")).await?;
    say(&format!("6. The company sees that it was opened {} times.", seen["openings"]));
    Ok(())
}

/// Takes what payroll has for a draft, tells what is missing, and completes it.
async fn mend(company: &Payroll, content: &mut Value) -> anyhow::Result<()> {
    let mut kept = content["employee"].clone();
    let items = kept.as_object_mut().context("no employee")?;
    for name in ["commute_minutes", "hours_per_week", "minutes_per_week", "workplace_name", "workplace_address"] {
        items.remove(name);
    }
    items.insert("weekly_minutes".to_owned(), 2325.into());
    items.insert("name_kana".to_owned(), "ﾐﾎﾝ ﾀｶｺ".into());
    let employer = &content["employer"];
    let office = json!({
        "office_name": employer["employer_name"], "office_address": employer["employer_address"],
        "representative_name": employer["representative_name"], "company_phone": employer["employer_phone"],
    });
    let kept = json!({
        "corporate_number": content["corporate_number"], "municipality": "999016", "office": office, "employee": kept,
    });
    let draft = company.post(&format!("{ALL}/prefill"), &[], &kept).await?;
    for one in draft["findings"].as_array().context("no findings")? {
        say(&format!("   {} {}: {}", text(&one["rule"]), text(&one["pointer"]), text(&one["words"]["ja"])));
    }
    let typed = std::mem::replace(content, draft["content"].clone());
    for name in ["contact_name", "contact_phone"] {
        content["employer"][name] = typed["employer"][name].clone();
    }
    content["employee"]["commute_minutes"] = typed["employee"]["commute_minutes"].clone();
    Ok(())
}

/// The city opens it, and has what the company signed.
async fn opened(city: &Payroll, opening: &Value, signed: &Value) -> anyhow::Result<()> {
    let opened = city.post(&format!("{ALL}/open"), &[], opening).await?;
    ensure!(opened["signed"]["jws"] == *signed, "it is not what the company signed");
    let (employee, state) = (&opened["content"]["employee"], text(&opened["certificate"]["state"]));
    say(&format!("   {}, {} hours a week; {state}", text(&employee["name"]), employee["hours_per_week"]));
    Ok(())
}
