//! What filings take: one by one until their agency is done with them, and a hundred thousand records as one file.

use crate::meter::Process;
use crate::support::payroll::Payroll;
use crate::support::{bulk, keys, santei};
use anyhow::{Context, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// How long a run may take.
const PATIENCE: Duration = Duration::from_mins(10);
/// States in which no agency has answered yet.
const UNSENT: [&str; 4] = ["accepted", "validating", "queued", "delivering"];

/// Hands one in; gives its id.
pub async fn file(payroll: &Payroll) -> anyhow::Result<String> {
    let content = json!({"employees": [{"name": "見本 太郎", "insured_from": "2026-11-01"}]});
    let body = json!({"deliveries": [{"agency": "pension", "procedure": "9990002", "content": content}]});
    let key = keys::unguessable();
    let headers = [("idempotency-key", key.as_str()), ("content-type", "application/json")];
    let answer = payroll.send((Method::POST, "/v1/submissions"), &headers, body.to_string().into_bytes()).await?;
    let status = answer.status();
    let body: Value = answer.json().await?;
    ensure!(status == 202, "it was not taken ({status}): {body}");
    Ok(body["id"].as_str().context("no id")?.to_owned())
}

/// What happened since a moment: time, and CPU of the gateway.
pub(super) struct Lap {
    gateway: Process,
    begun: Instant,
    cpu: Duration,
}

impl Lap {
    pub fn begin(gateway: Process) -> Self {
        Self { gateway, begun: Instant::now(), cpu: gateway.cpu() }
    }

    /// One line: what, seconds, CPU seconds, and CPU microseconds for each of `items`.
    #[expect(clippy::print_stdout, reason = "its table is its output")]
    #[expect(clippy::cast_precision_loss, reason = "a mean to print")]
    pub fn tell(&self, what: &str, items: usize) {
        let (seconds, cpu) =
            (self.begun.elapsed().as_secs_f64(), self.gateway.cpu().saturating_sub(self.cpu).as_secs_f64());
        let each = cpu * 1e6 / items.max(1) as f64;
        println!("{what:<44} {seconds:>9.2} {cpu:>9.2} {each:>12.1}");
    }
}

#[expect(clippy::print_stdout, reason = "its table is its output")]
pub(super) fn heading(of: &str) {
    println!("{of:<44} {:>9} {:>9} {:>12}", "s", "CPU s", "CPU us/item");
}

#[expect(clippy::print_stdout, reason = "its table is its output")]
pub(super) fn memory(gateway: Process) {
    let (now, peak) = (gateway.memory_mib(), gateway.peak_memory_mib());
    println!("{:<44} {now:>9.1} MiB resident, {peak:.1} MiB at most since the gateway began", "memory");
}

/// Files so many, and waits until their agency has completed each.
pub async fn deliver(
    payroll: &Arc<Payroll>,
    (count, connections): (usize, usize),
    gateway: Process,
) -> anyhow::Result<()> {
    heading(&format!("{count} filings of one part"));
    let lap = Lap::begin(gateway);
    let (mut filing, mut ids) = (JoinSet::new(), Vec::with_capacity(count));
    for n in 0..count {
        if n >= connections {
            ids.push(filing.join_next().await.context("none is under way")???);
        }
        let payroll = Arc::clone(payroll);
        filing.spawn(async move { file(&payroll).await });
    }
    while let Some(filed) = filing.join_next().await {
        ids.push(filed??);
    }
    lap.tell("accepted", count);
    while let Some(id) = ids.last() {
        let one = payroll.get(&format!("/v1/submissions/{id}")).await?;
        match one["state"].as_str() {
            Some("completed") => drop(ids.pop()),
            state => {
                ensure!(lap.begun.elapsed() < PATIENCE, "{id} is still {state:?}");
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        }
    }
    lap.tell("accepted, delivered, followed to the end", count);
    memory(gateway);
    Ok(())
}

/// Files so many employees' 算定基礎届 as one file, and waits until the office is done with all of them.
pub async fn santei(payroll: &Payroll, employees: usize, gateway: Process) -> anyhow::Result<()> {
    let file = santei::file((0..employees).map(santei::employee));
    heading(&format!("{employees} records, {} bytes", file.len()));
    let whole = Lap::begin(gateway);
    let begun = bulk::begin(payroll, &file, ("wait=0", "refuse")).await?;
    let accepted = bulk::upload(payroll, &begun, &file, |_, _| {}).await?;
    ensure!(accepted["receipt"].is_string(), "it was not filed: {accepted:#}");
    whole.tell("uploaded, checked, receipted as a whole", employees);
    let delivery = Lap::begin(gateway);
    let (mut is_handed_on, mut has_arrived) = (false, false);
    loop {
        let now = bulk::look(payroll, &accepted).await?;
        let states = now["progress"]["by_state"].as_object().context("no by_state")?;
        if !is_handed_on && now["state"] == "distributed" {
            is_handed_on = true;
            delivery.tell("  since then: every record handed on", employees);
        }
        if is_handed_on && !has_arrived && states.keys().all(|state| !UNSENT.contains(&state.as_str())) {
            has_arrived = true;
            delivery.tell("  since then: the last arrival number", employees);
            whole.tell("from upload to the last receipt", employees);
        }
        if has_arrived && states.get("completed").and_then(Value::as_u64) == Some(employees as u64) {
            break;
        }
        ensure!(whole.begun.elapsed() < PATIENCE, "the office is not done: {now:#}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    whole.tell("from upload to the last record's end", employees);
    memory(gateway);
    Ok(())
}
