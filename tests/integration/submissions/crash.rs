//! The process that takes filings on and delivers them, killed with SIGKILL at every step: none lost, none doubled.
//!
//! The real binary runs as its operator would run it; the pretend government runs in the test, outlives it, tells at which
//! moment a call is, and counts.

use super::{Payroll, counted, one};
use crate::support::child::{FILTER, Heard, said as said_by};
use madoguchi::catalog::Catalog;
use madoguchi::domain::{SystemClock, SystemEntropy};
use madoguchi::sandbox::agencies::{AGENCIES, Moment};
use madoguchi::sandbox::{self, Running};
use reqwest::Method;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

/// How often it is killed at each of the four moments.
const KILLS: usize = 25;
/// Filings that are handed in before each kill.
const EACH: usize = 3;

pub struct Counter {
    process: Option<Heard>,
    port: u16,
    pub sandbox: Running,
    pub directory: tempfile::TempDir,
}

impl Counter {
    pub async fn start() -> Self {
        crate::support::played::install_crypto();
        let directory = tempfile::tempdir().expect("a directory");
        let catalog = Catalog::load(Path::new("policies/data-sets")).expect("the catalogue loads");
        let settings = sandbox::Settings::new(SocketAddr::from(([127, 0, 0, 1], 0)), Vec::new());
        let sandbox = sandbox::start(&settings, &catalog, Arc::new(SystemClock), Arc::new(SystemEntropy));
        let sandbox = sandbox.expect("the sandbox starts");
        let port = std::net::TcpListener::bind(("127.0.0.1", 0)).and_then(|l| l.local_addr()).expect("a port").port();
        let process = Some(spawn(&directory, port, &sandbox));
        let counter = Self { process, port, sandbox, directory };
        counter.ready().await;
        counter
    }

    pub async fn kill_and_restart(&mut self) {
        drop(self.process.take().expect("it was running"));
        self.process = Some(spawn(&self.directory, self.port, &self.sandbox));
        self.ready().await;
    }

    async fn ready(&self) {
        let url = format!("http://localhost:{}/readyz", self.port);
        let ready = async {
            while !reqwest::get(&url).await.is_ok_and(|r| r.status().is_success()) {
                tokio::time::sleep(Duration::from_millis(30)).await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), ready).await.expect("the counter is ready within a minute");
    }
}

fn spawn(directory: &tempfile::TempDir, port: u16, sandbox: &Running) -> Heard {
    let mut command = Command::new(env!("CARGO_BIN_EXE_madoguchi"));
    command.args(["dev", "--port", &port.to_string(), "--sandbox-url", &format!("http://{}/", sandbox.address)]);
    command.args(["--log", FILTER, "--directory"]).arg(directory.path());
    Heard::start(&mut command, Some(directory.path()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_when_an_agency_has_received_a_call_it_loses_and_doubles_nothing() {
    killed_at(Some(Moment::Received)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_when_an_agency_has_done_it_and_not_answered_it_loses_and_doubles_nothing() {
    killed_at(Some(Moment::Done)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_when_an_agency_is_asked_how_it_stands_it_loses_and_doubles_nothing() {
    killed_at(Some(Moment::Asked)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_filings_are_handed_in_it_loses_and_doubles_nothing() {
    killed_at(None).await;
}

/// By the clock where no moment is named.
async fn killed_at(moment: Option<Moment>) {
    let mut counter = Counter::start().await;
    let mut payroll = Payroll::open(counter.directory.path()).await;
    // By key: the agency, and the id once it was told.
    let mut filed: BTreeMap<String, (&str, Option<String>)> = BTreeMap::new();
    counter.sandbox.agencies().linger(Duration::from_millis(40));
    for round in 0..KILLS {
        payroll.renew().await;
        let mut moments = counter.sandbox.agencies().listen();
        let filing = async {
            for n in 0..EACH {
                let agency = AGENCIES[(round + n) % AGENCIES.len()].0;
                let key = format!("{round}-{n}");
                filed.insert(key.clone(), (agency, None));
                let told = hand_in(&payroll, &key, agency).await;
                filed.insert(key, (agency, told));
            }
            std::future::pending::<()>().await;
        };
        let killed = async {
            match moment {
                Some(wanted) => while moments.recv().await.is_ok_and(|seen| seen != wanted) {},
                None => tokio::time::sleep(Duration::from_millis((round as u64 * 7) % 60)).await,
            }
        };
        tokio::select! {
            () = filing => {}
            _ = tokio::time::timeout(Duration::from_secs(4), killed) => {}
        }
        counter.kill_and_restart().await;
    }
    counter.sandbox.agencies().linger(Duration::ZERO);
    payroll.renew().await;
    check(&counter, &payroll, filed).await;
}

async fn hand_in(payroll: &Payroll, key: &str, agency: &str) -> Option<String> {
    let (target, body) = ((Method::POST, "/v1/submissions"), one(agency, "slow").to_string());
    let answer = payroll.try_send(target, &[("idempotency-key", key)], Some(&body)).await?;
    assert_eq!(answer.status, 202, "{}", answer.body);
    Some(answer.body["id"].as_str().expect("an id").to_owned())
}

/// Whoever was not answered asks again with the same key; then each filing has arrived, or a person is asked.
async fn check(counter: &Counter, payroll: &Payroll, filed: BTreeMap<String, (&str, Option<String>)>) {
    let mut parked = 0;
    let mut references: BTreeMap<&str, Vec<(String, bool)>> = BTreeMap::new();
    for (key, (agency, told)) in &filed {
        let id = hand_in(payroll, key, agency).await.expect("an answer");
        assert!(told.as_ref().is_none_or(|told| *told == id), "{key} was acknowledged, and is another by now");
        let is_settled = |filing: &serde_json::Value| {
            let part = &filing["deliveries"][0];
            part["state"] == "arrived" || part["is_looked_into"] == true
        };
        let filing = payroll.until(&id, "its arrival", is_settled).await;
        let is_parked = filing["deliveries"][0]["is_looked_into"] == true;
        parked += usize::from(is_parked);
        assert!(!is_parked || *agency == "city", "{agency} can be asked, and a person was");
        let reference = format!("{}-0", filing["deliveries"][0]["id"].as_str().expect("an id"));
        references.entry(agency).or_default().push((reference, is_parked));
    }
    let effects = counter.sandbox.agencies().effects();
    for (agency, references) in references {
        let mut counts = counted(&effects, agency);
        for (reference, is_parked) in references {
            let count = counts.remove(&reference).unwrap_or_default();
            assert!(count == 1 || (is_parked && count == 0), "{agency}: {reference} had its effect {count} times");
        }
        assert!(counts.is_empty(), "{agency} has what nobody filed: {counts:?}");
    }
    assert!(parked <= filed.len() / 3, "only an agency that cannot be asked leaves a doubt to a person");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_decides_what_nobody_else_can_know() {
    let counter = Counter::start().await;
    let payroll = Payroll::open(counter.directory.path()).await;
    let place = counter.directory.path().to_str().expect("a path");
    let said = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_madoguchi"));
        let ended = command.arg("submissions").args(arguments).args(["--dev", place]).output().expect("it starts");
        (ended.status.success(), said_by(&ended))
    };
    let mut deliveries = Vec::new();
    for scenario in ["broken", "lose_reply"] {
        let id = payroll.filed(scenario, &one("city", scenario)).await;
        let parked = payroll.until(&id, "a doubt", |filing| filing["deliveries"][0]["is_looked_into"] == true).await;
        deliveries.push((id, parked["deliveries"][0]["id"].as_str().expect("an id").to_owned()));
    }
    let (is_done, text) = said(&["progress", "--follow"]);
    assert!(is_done && text.contains("city\tto send 2") && text.contains("0 deliveries wait for their turn"), "{text}");
    let (is_done, text) = said(&["list"]);
    assert!(is_done && text.contains("2 deliveries wait for a person"), "{text}");
    let ((never_came, first), (came, second)) = (deliveries[0].clone(), deliveries[1].clone());
    let (is_done, text) = said(&["show", &second]);
    assert!(
        is_done && text.contains(&came) && text.contains(&format!("{second}-0")) && text.contains("UnknownOutcome"),
        "{text}"
    );
    // The agency was asked: it has the second one, and never had the first.
    let effects = counter.sandbox.agencies().effects();
    let (is_done, text) = said(&["arrived", &second, "--number", &effects[0].arrival]);
    assert!(is_done && text.contains("arrived"), "{text}");
    counter.sandbox.agencies().feel(Some(sandbox::agencies::Mood::Slow));
    let (is_done, text) = said(&["retry", &first]);
    assert!(is_done, "{text}");
    for id in [&never_came, &came] {
        payroll.until(id, "its arrival", |filing| filing["deliveries"][0]["arrival_number"].is_string()).await;
    }
    let counts = counted(&counter.sandbox.agencies().effects(), "city");
    assert_eq!((counts.len(), counts.values().max()), (2, Some(&1)));
    for wrong in [["retry", first.as_str()], ["park", first.as_str()], ["retry", "dlv_unknown"], ["show", "nothing"]] {
        let (is_done, text) = said(&wrong);
        assert!(!is_done && !text.contains("panicked"), "{wrong:?}: {text}");
    }
    let (is_done, text) = said(&["list", "--client", "payroll", "--state", "arrived"]);
    assert!(is_done && text.contains("sub_"), "{text}");
}
