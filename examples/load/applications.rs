//! What a burst of applications takes, as after a disaster: until the last is durable, and until its municipality has seen all.

use crate::filings::{Lap, heading, memory};
use crate::meter::Process;
use crate::notices::agreed;
use crate::support::files::ClientFile;
use crate::support::payroll::Payroll;
use crate::support::third_party::{ThirdParty, Tokens};
use anyhow::{Context, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Persons of the sandbox, who apply in turn: card and PIN.
const PERSONS: [(&str, &str); 2] = [("1000000000000001", "1234"), ("1000000000000002", "2345")];
/// What they agree to.
const SCOPE: &str = "openid offline_access applications";
/// Where it is applied for.
const ALL: &str = "/v1/applications";
/// What the municipality has received.
const RECEIVED: &str = "/agency/v1/applications";

fn application() -> Value {
    json!({
        "municipality": "999016",
        "procedure": "damage-certificate",
        "form": "damage-certificate-1",
        "applied_by": {"kind": "self"},
        "answers": {
            "applicant": {
                "householder_name": "見本　太郎", "householder_address": "見本県見本市1", "damaged_home_address": "見本県見本市1",
                "phone": "0900000000", "disaster": "R801", "damaged_on": "2026-09-01", "home_kind": "1",
                "damage": "屋根が飛び、雨漏りがしています。",
            },
            "entries": [{"name": "見本　太郎", "birth_date": "1985-01-01", "relationship": "1"}],
        },
    })
}

/// Records what they apply on account of; again, it is there.
async fn disaster(desk: &Payroll) -> anyhow::Result<()> {
    let body = json!({"code": "R801", "details": {
        "name": {"ja": "令和8年見本台風", "en": "Typhoon Mihon of 2026"}, "from": "2026-09-01", "until": "2026-09-03",
        "procedures": ["damage-certificate"],
    }});
    desk.post("/agency/v1/disasters", &[], &body).await.map(drop)
}

/// Hands in so many applications to one municipality, `connections` at once, and takes them all as that municipality.
pub async fn burst(directory: &Path, (count, connections): (usize, usize), gateway: Process) -> anyhow::Result<()> {
    let app = Arc::new(ThirdParty::open(ClientFile::read(directory, "load_front")?).await?);
    let desk = Payroll::open_for(directory, "nursery_desk", "agency_applications").await?;
    disaster(&desk).await?;
    let mut people = Vec::new();
    for person in PERSONS {
        people.push(Arc::new(agreed(&app, SCOPE, person).await?));
    }
    let start = received(&desk, 0, &mut HashSet::new()).await?;
    heading(&format!("{count} applications to one municipality"));
    let lap = Lap::begin(gateway);
    let (mut applying, mut arrived) = (JoinSet::new(), HashSet::with_capacity(count));
    for (n, person) in people.iter().cycle().take(count).enumerate() {
        if n >= connections {
            arrived.insert(applying.join_next().await.context("none is under way")???);
        }
        let (app, person) = (Arc::clone(&app), Arc::clone(person));
        applying.spawn(async move { apply(&app, &person).await });
    }
    while let Some(one) = applying.join_next().await {
        arrived.insert(one??);
    }
    lap.tell("accepted", count);
    ensure!(arrived.len() == count, "{} ids for {count} applications", arrived.len());
    let mut seen = HashSet::with_capacity(count);
    received(&desk, start, &mut seen).await?;
    let lost = arrived.difference(&seen).count();
    ensure!(lost == 0, "{lost} of {count} did not come to the municipality");
    lap.tell("all of them in its municipality's list", count);
    memory(gateway);
    Ok(())
}

/// Hands one in; gives its id.
async fn apply(app: &ThirdParty, person: &Tokens) -> anyhow::Result<String> {
    let answer = app.call(person, Method::POST, ALL, Some(&application())).await?;
    ensure!(answer.status == 201, "it was not taken ({}): {}", answer.status, answer.body);
    Ok(answer.body["application"]["id"].as_str().context("no id")?.to_owned())
}

/// Reads the municipality's list from a place on: where it ends, and whose ids are in it.
async fn received(desk: &Payroll, from: u64, seen: &mut HashSet<String>) -> anyhow::Result<u64> {
    let mut after = from;
    loop {
        let page = desk.get(&format!("{RECEIVED}?limit=100&after={after}")).await?;
        let items = page["items"].as_array().context("no items")?;
        seen.extend(items.iter().filter_map(|item| item["id"].as_str()).map(str::to_owned));
        after = page["next"].as_u64().context("no next")?;
        if items.is_empty() {
            return Ok(after);
        }
    }
}
