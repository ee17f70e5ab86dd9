//! A city posts notices, one by one and as a file, and an inbox shows them to the citizen who agreed to that.
//!
//! ```text
//! cargo run -- dev                                      # in one terminal
//! cargo run --example notice_inbox -- --auto            # in another: plays the citizen's browser too
//! cargo run --example notice_inbox                      # prints the addresses to open
//! ```

#![expect(clippy::indexing_slicing, reason = "indexing JSON gives null where nothing is")]

mod support;

use anyhow::{Context, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Parser;
use madoguchi::domain::{Clock, SystemClock};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use support::files::ClientFile;
use support::keys::unguessable;
use support::payroll::Payroll;
use support::person::Person;
use support::say;
use support::third_party::{ThirdParty, Tokens};

/// A city and an inbox against a running `madoguchi dev`.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    person: Person,
    /// How many notices the city sends as a file.
    #[arg(long, default_value_t = 200)]
    lines: usize,
}

const POST: &str = "/agency/v1/notices";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    support::install_crypto();
    let options = Options::parse();
    let city = Payroll::open_for(&options.person.directory, "city_notices", "agency_notices").await?;
    let inbox = ThirdParty::open(ClientFile::read(&options.person.directory, "inbox")?).await?;
    say("1. The citizen signs in at the city's site: from now on it knows them by a name of its own.");
    let known = signed_in(&city.party, "openid", &options.person).await?.subject.context("no sub came")?;
    say("2. The citizen lets an inbox receive their notices, for ninety days.");
    let tokens = signed_in(&inbox, "openid offline_access notices", &options.person).await?;
    let reader = Reader { inbox: &inbox, tokens: &tokens };
    let start = reader.all("0", &mut |_| ()).await?;

    say("3. The city posts: a notice with a file and a page to pay, one for later, and a retry of the first.");
    let first = allowance(&known)?;
    let key = unguessable();
    let headers = [("idempotency-key", key.as_str())];
    let posted = city.post(POST, &headers, &first).await?;
    let again = city.post(POST, &headers, &first).await?;
    ensure!(posted["id"] == again["id"], "a retry made another notice");
    let soon = SystemClock.now().plus(Duration::from_secs(3));
    let later = json!({
        "recipient": known, "category": "disaster", "deliver_at": soon.rfc3339(),
        "ja": {"title": "防災訓練のお知らせ", "body": "日曜日に防災訓練を行います。"},
    });
    let key = unguessable();
    let scheduled = city.post(POST, &[("idempotency-key", key.as_str())], &later).await?;
    say(&format!("   {} is {}, {} is {}.", posted["id"], posted["state"], scheduled["id"], scheduled["state"]));

    say("4. The inbox reads on from where it was.");
    let cursor = reader.all(&start, &mut show).await?;
    reader.open(posted["id"].as_str().context("no id")?).await?;

    say("5. The one that was scheduled comes after the cursor when its time has come.");
    let mut cursor = reader.until(&cursor, 1).await?;
    say(&format!("6. The city sends a file of {} lines; two of them are wrong.", options.lines + 2));
    send_file(&city, &known, options.lines).await?;
    cursor = reader.until(&cursor, options.lines).await?;
    say(&format!("   All {} are in the inbox, each once; the list goes on at {cursor}.", options.lines));
    Ok(())
}

async fn signed_in(party: &ThirdParty, scope: &str, person: &Person) -> anyhow::Result<Tokens> {
    let pending = party.push(scope, &Value::Null).await?;
    person.consent(party, pending).await
}

fn allowance(known: &str) -> anyhow::Result<Value> {
    let due = SystemClock.now().date_in_japan().checked_add_days(chrono::Days::new(40)).context("no such day")?;
    Ok(json!({
        "recipient": known, "category": "status_report",
        "ja": {"title": "児童手当 現況届の提出について", "body": "期限までに現況届をご提出ください。"},
        "en": {"title": "Your child allowance: status report", "body": "Please hand the report in by its day."},
        "attachments": [{"name": "genkyo.txt", "media_type": "text/plain", "base64": STANDARD.encode("現況届（見本）")}],
        "payment": {"url": "https://city.example/pay?notice=1"},
        "response": {"url": "https://city.example/genkyo", "due_on": due.to_string()},
    }))
}

/// The inbox with its citizen's consent.
struct Reader<'a> {
    inbox: &'a ThirdParty,
    tokens: &'a Tokens,
}

impl Reader<'_> {
    async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let answer = self.inbox.call(self.tokens, Method::GET, path, None).await?;
        ensure!(answer.status == 200, "{path} ended in {}: {}", answer.status, answer.body);
        Ok(answer.body)
    }

    /// Reads on from a cursor to the end of now; gives where that is.
    async fn all(&self, cursor: &str, each: &mut dyn FnMut(&Value)) -> anyhow::Result<String> {
        let mut cursor = cursor.to_owned();
        loop {
            let page = self.get(&format!("/v1/notices?limit=100&after={cursor}")).await?;
            for one in page["items"].as_array().context("no items")? {
                each(one);
            }
            page["cursor"].as_str().context("no cursor")?.clone_into(&mut cursor);
            if page["has_more"] != json!(true) {
                return Ok(cursor);
            }
        }
    }

    /// Reads on until so many more have come, and not one more.
    async fn until(&self, cursor: &str, count: usize) -> anyhow::Result<String> {
        let (mut cursor, mut seen) = (cursor.to_owned(), 0);
        for _ in 0..200 {
            cursor = self
                .all(&cursor, &mut |one| {
                    seen += 1;
                    if seen <= 2 {
                        show(one);
                    }
                })
                .await?;
            if seen >= count {
                ensure!(seen == count, "{seen} came instead of {count}");
                return Ok(cursor);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        anyhow::bail!("only {seen} of {count} came")
    }

    /// Opens one, with its file, and marks it as read.
    async fn open(&self, id: &str) -> anyhow::Result<()> {
        let opened = self.get(&format!("/v1/notices/{id}?language=en")).await?;
        say(&format!("   opened: {} ({})", opened["summary"]["title"], opened["summary"]["language"]));
        say(&format!("   to be answered at {} by {}", opened["response"]["url"], opened["response"]["due_on"]));
        let file = self.inbox.call(self.tokens, Method::GET, &format!("/v1/notices/{id}/attachments/0"), None).await?;
        ensure!(file.status == 200, "its file ended in {}", file.status);
        let read = format!("/v1/notices/{id}/read");
        for _ in 0..2 {
            let marked = self.inbox.call(self.tokens, Method::PUT, &read, None).await?;
            ensure!(marked.status == 204, "it could not be marked ({})", marked.status);
        }
        let unread = self.get("/v1/notices?unread=true&limit=100").await?.to_string();
        ensure!(!unread.contains(id), "what is read is not unread");
        say("   marked as read, twice, which is the same as once");
        Ok(())
    }
}

/// Sends a file in two pieces, the second of which is sent twice.
async fn send_file(city: &Payroll, known: &str, lines: usize) -> anyhow::Result<()> {
    let line = |n: usize| {
        let title = format!("お知らせ {n}");
        json!({"recipient": known, "category": "tax", "ja": {"title": title, "body": "見本です。"}}).to_string() + "\n"
    };
    let key = unguessable();
    let begun =
        city.call((Method::POST, &format!("{POST}/bulk")), &[("idempotency-key", key.as_str())], Vec::new()).await?;
    let path = format!("{POST}/bulk/{}", begun["id"].as_str().context("no id")?);
    let wrong = format!("{{}}\n{}", line(0).replace("\"tax\"", "\"nonsense\""));
    let half = lines / 2;
    let pieces = [(0..half).map(line).collect::<String>() + &wrong, (half..lines).map(line).collect()];
    let mut offset = "0".to_owned();
    for (n, piece) in pieces.iter().enumerate() {
        let complete = if n == 1 { "?1" } else { "?0" };
        let headers = [
            ("content-type", "application/partial-upload"),
            ("upload-offset", offset.as_str()),
            ("upload-complete", complete),
        ];
        let told = city.call((Method::PATCH, &path), &headers, piece.clone().into_bytes()).await?;
        let again = city.send((Method::PATCH, &path), &headers, piece.clone().into_bytes()).await?;
        ensure!(again.status() == 409, "a piece that was sent again ended in {}", again.status());
        offset = told["offset"].to_string();
        say(&format!("   total {}, accepted {}, rejected {}", told["total"], told["accepted"], told["rejected"]));
    }
    for one in city.get(&format!("{path}/rejections")).await?["items"].as_array().context("no items")? {
        say(&format!("   line {}: {} at {}: {}", one["line"], one["code"], one["pointer"], one["detail"]));
    }
    Ok(())
}

fn show(one: &Value) {
    let text = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
    say(&format!("   {} {}［{}］{}", one["place"], text("sender"), text("category_name"), text("title")));
}
