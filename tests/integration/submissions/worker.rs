//! `madoguchi worker`: processes of their own that deliver from one PostgreSQL store, killed again and again.

use super::{counted, engine, one};
use crate::cli::{configured, run};
use crate::support::child::{FILTER, Heard};
use crate::support::engines::{MASTER, new_store, postgres_server};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use madoguchi::catalog::Catalog;
use madoguchi::domain::client::ClientClass;
use madoguchi::domain::{SystemClock, SystemEntropy};
use madoguchi::sandbox;
use madoguchi::sandbox::agencies::AGENCIES;
use madoguchi::store::Store;
use madoguchi::submissions::{Accepted, Filer, Part, Submissions, Validation, Wanted};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

/// How often a worker is killed.
const KILLS: usize = 30;

#[test]
fn an_embedded_store_has_no_second_process() {
    let directory = tempfile::tempdir().unwrap();
    let agency = "[[agencies]]\nname = \"pension\"\nbase_url = \"https://pension.example\"\nprocedures = [\"1\"]\nrepeats = \"by_key\"\n";
    let config = configured(directory.path(), |text| text + agency);
    let ended = run(directory.path(), &["worker", "--config", &config]);
    let told = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(!ended.status.success() && told.contains("use PostgreSQL"), "{told}");
    let config = configured(directory.path(), |text| text);
    let told = run(directory.path(), &["worker", "--config", &config]).stderr;
    assert!(String::from_utf8_lossy(&told).contains("agencies: there is none"));
}

/// An engine that only takes filings on.
fn desk(store: &Arc<dyn Store>, sandbox: &str) -> Arc<Submissions> {
    engine(store, madoguchi::cli::dev::agencies(sandbox).unwrap())
}

async fn file(desk: &Submissions, key: &str, agency: &str) -> String {
    let client = crate::support::registered::registration("payroll", ClientClass::Payroll, &serde_json::json!({}));
    let body = one(agency, "slow");
    let content = RawValue::from_string(body["deliveries"][0]["content"].to_string()).unwrap();
    let bytes = body.to_string();
    let part = Part { agency: agency.to_owned(), procedure: "9990002".to_owned(), content: &content };
    let wanted = Wanted {
        bytes: bytes.as_bytes(),
        key,
        reference: None,
        applicant: None,
        parts: vec![part],
        validation: Validation::Due,
        draft: None,
        deposit: None,
    };
    match desk.accept(&Filer::of(&client, 1), &wanted).await.unwrap() {
        Accepted::New(whole) | Accepted::Again(whole) => whole.deliveries[0].id.to_string(),
    }
}

fn spawn(directory: &Path, config: &str) -> Heard {
    let mut command = Command::new(env!("CARGO_BIN_EXE_madoguchi"));
    command.args(["worker", "--config", config]).current_dir(directory);
    Heard::start(&mut command, Some(directory))
}

/// The agencies of the sandbox, as an operator writes them.
fn tables(sandbox: &str) -> String {
    let table = |(name, repeats): &(&str, &str)| {
        format!(
            "[[agencies]]\nname = \"{name}\"\nbase_url = \"{sandbox}{}/{name}\"\nprocedures = [\"9990002\"]\n\
             repeats = \"{repeats}\"\ncall_timeout_seconds = 2\nlook_up_after_seconds = 3\nlook_every_seconds = 1\n",
            sandbox::agencies::PATH
        )
    };
    AGENCIES.iter().map(table).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_workers_one_is_killed_again_and_again_and_nothing_is_lost_or_doubled() {
    if postgres_server().is_none() {
        return; // what an embedded store does is above
    }
    crate::support::played::install_crypto();
    let (store, directory) = (new_store().await, tempfile::tempdir().unwrap());
    let catalog = Catalog::load(Path::new("policies/data-sets")).unwrap();
    let settings = sandbox::Settings::new(SocketAddr::from(([127, 0, 0, 1], 0)), Vec::new());
    let sandbox = sandbox::start(&settings, &catalog, Arc::new(SystemClock), Arc::new(SystemEntropy)).unwrap();
    let address = format!("http://{}", sandbox.address);
    let embedded = format!("sqlite:{}/madoguchi.db", directory.path().display());
    let config = configured(directory.path(), |text| {
        text.replace(&embedded, &store.url) + &tables(&address) + &format!("[log]\nfilter = \"{FILTER}\"\n")
    });
    std::fs::write(directory.path().join("master.key"), URL_SAFE_NO_PAD.encode(MASTER)).unwrap();
    let desk = desk(&store.store, &address);
    sandbox.agencies().linger(Duration::from_millis(20));
    let mut workers = [spawn(directory.path(), &config), spawn(directory.path(), &config)];
    let mut filed: BTreeMap<String, &str> = BTreeMap::new();
    for round in 0..KILLS {
        for n in 0..6 {
            let agency = AGENCIES[n % AGENCIES.len()].0;
            filed.insert(file(&desk, &format!("{round}-{n}"), agency).await, agency);
        }
        let mut moments = sandbox.agencies().listen();
        let _ = tokio::time::timeout(Duration::from_secs(3), moments.recv()).await;
        // Killed when the other takes its place; a third one beside them for a moment is as good.
        workers[round % 2] = spawn(directory.path(), &config);
    }
    sandbox.agencies().linger(Duration::ZERO);
    let parked = settled(&*store.store, &filed).await;
    drop(workers);
    let effects = sandbox.agencies().effects();
    for (agency, _) in AGENCIES {
        let counts = counted(&effects, agency);
        assert!(counts.values().all(|count| *count == 1), "{agency} did something twice: {counts:?}");
        let own = filed.iter().filter(|(_, of)| **of == agency).map(|(id, _)| format!("{id}-0"));
        let lost: Vec<String> = own.filter(|of| !counts.contains_key(of) && !parked.contains(of)).collect();
        assert!(lost.is_empty(), "{agency} never had {lost:?}");
    }
}

/// Waits until every delivery has arrived, or waits for a person; gives the references of those that do.
async fn settled(store: &dyn Store, filed: &BTreeMap<String, &str>) -> Vec<String> {
    for _ in 0..600 {
        let parked = store.list_parked("", 1000).await.unwrap();
        let mut open = 0;
        for id in filed.keys() {
            let held = store.find_delivery(&id.clone().try_into().unwrap()).await.unwrap().unwrap();
            open += usize::from(!held.delivery.state.is_with_agency() && held.delivery.parked.is_none());
        }
        if open == 0 {
            assert!(parked.iter().all(|held| held.delivery.agency == "city"));
            return parked.iter().map(|held| held.delivery.reference()).collect();
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    unreachable!("something never arrived")
}
