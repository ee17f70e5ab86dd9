//! What a file of notices takes: until the last line is durable, and until the citizen's inbox has seen the last of them.

use crate::filings::{Lap, heading, memory};
use crate::meter::Process;
use crate::support::citizen::Citizen;
use crate::support::files::ClientFile;
use crate::support::keys::unguessable;
use crate::support::payroll::Payroll;
use crate::support::third_party::{ThirdParty, Tokens};
use anyhow::{Context, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use tokio::time::Instant;

/// How long the inbox may go without seeing anything new.
const PATIENCE: Duration = Duration::from_mins(2);
/// Whose inbox it is: card and PIN.
const PERSON: (&str, &str) = ("1000000000000001", "1234");
/// Most bytes of a piece.
const PIECE: usize = 1024 * 1024;

/// What a person of the sandbox, by card and PIN, lets a third party do.
pub async fn agreed(party: &ThirdParty, scope: &str, (card, pin): (&str, &str)) -> anyhow::Result<Tokens> {
    let pending = party.push(scope, &Value::Null).await?;
    let mut citizen = Citizen::new(card, pin)?;
    let page = citizen.arrive(&pending.address).await?;
    let answer = citizen.decide(&page, "agree", &party.file.redirect_uri).await?;
    party.exchange(pending, &answer).await
}

/// Posts so many notices to one citizen as one file, and reads them all as their inbox.
pub async fn post(directory: &Path, count: usize, gateway: Process) -> anyhow::Result<()> {
    let city = Payroll::open_for(directory, "city_notices", "agency_notices").await?;
    let inbox = ThirdParty::open(ClientFile::read(directory, "load_front")?).await?;
    let known = agreed(&city.party, "openid", PERSON).await?.subject.context("no sub came")?;
    let mut tokens = agreed(&inbox, "openid offline_access notices", PERSON).await?;
    let start = newest(&inbox, &mut tokens, "0").await?.0;
    heading(&format!("{count} notices to one citizen"));
    let whole = Lap::begin(gateway);
    let accepted = send(&city, &known, count).await?;
    ensure!(accepted == Some(count as u64), "{accepted:?} of {count} were accepted");
    whole.tell("posted as one file", count);
    let (mut cursor, mut seen, mut last) = (start, 0, Instant::now());
    while seen < count {
        let (next, more) = newest(&inbox, &mut tokens, &cursor).await?;
        (cursor, seen) = (next, seen + more);
        if more > 0 {
            last = Instant::now();
        }
        ensure!(last.elapsed() < PATIENCE, "only {seen} of {count} came");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    ensure!(seen == count, "{seen} came instead of {count}");
    whole.tell("from the first byte to the last one seen", count);
    memory(gateway);
    Ok(())
}

/// Sends a file in pieces that are made as they go; gives how many lines were accepted.
async fn send(city: &Payroll, known: &str, count: usize) -> anyhow::Result<Option<u64>> {
    let key = unguessable();
    let to = "/agency/v1/notices/bulk";
    let begun = city.call((Method::POST, to), &[("idempotency-key", key.as_str())], Vec::new()).await?;
    let path = format!("{to}/{}", begun["id"].as_str().context("no id")?);
    let (mut offset, mut accepted, mut n) = (0_u64, None, 0);
    while n < count {
        let mut piece = Vec::with_capacity(PIECE);
        while n < count && piece.len() < PIECE - 1024 {
            let ja = json!({"title": format!("見本 {n}"), "body": "児童手当の現況届を、期限までにご提出ください。"});
            let line = json!({"recipient": known, "category": "child_rearing", "ja": ja}).to_string();
            piece.extend_from_slice(line.as_bytes());
            piece.push(b'\n');
            n += 1;
        }
        let (at, complete) = (offset.to_string(), if n == count { "?1" } else { "?0" });
        let headers = [
            ("content-type", "application/partial-upload"),
            ("upload-offset", at.as_str()),
            ("upload-complete", complete),
        ];
        let told = city.call((Method::PATCH, &path), &headers, piece).await?;
        offset = told["offset"].as_u64().context("no offset")?;
        accepted = told["accepted"].as_u64();
    }
    Ok(accepted)
}

/// Reads on from a cursor to the end of now: where that is, and how many came.
async fn newest(inbox: &ThirdParty, tokens: &mut Tokens, cursor: &str) -> anyhow::Result<(String, usize)> {
    let (mut cursor, mut seen) = (cursor.to_owned(), 0);
    loop {
        let path = format!("/v1/notices?limit=100&after={cursor}");
        let answer = inbox.call(tokens, Method::GET, &path, None).await?;
        match answer.status {
            401 => *tokens = inbox.refresh(tokens).await?,
            // The rate plan's limit for one citizen: an inbox waits, too.
            429 => tokio::time::sleep(Duration::from_secs(1)).await,
            200 => {
                let page = answer.body;
                seen += page["items"].as_array().map_or(0, Vec::len);
                page["cursor"].as_str().context("no cursor")?.clone_into(&mut cursor);
                if page["has_more"] != json!(true) {
                    return Ok((cursor, seen));
                }
            }
            status => anyhow::bail!("the list ended in {status}: {}", answer.body),
        }
    }
}
