//! Bulk filings that were found good stay so: whatever the rules, the agencies and the filer's registration become.
//!
//! No client is registered in these stores, so whatever would ask for the filer's registration again would fail here.

use super::{counted, engine};
use crate::support::engines::{TestStore, new_store};
use crate::support::registered::registration;
use madoguchi::adapters::agency::AgencySettings;
use madoguchi::catalog::Catalog;
use madoguchi::domain::bulk::{Bulk, BulkState, OnReject, RecordFormat};
use madoguchi::domain::client::{Client, ClientClass};
use madoguchi::domain::submission::SubmissionState;
use madoguchi::domain::{Digest, Failure, SystemClock, SystemEntropy};
use madoguchi::sandbox::{self, Running};
use madoguchi::submissions::{Asker, BulkWanted, Filer, Part, Submissions, Validation, Wanted};
use serde_json::json;
use serde_json::value::RawValue;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const RECORD: &str = "{\"number\":1,\"name\":\"見本 太郎\"}\n";

struct Stage {
    store: TestStore,
    sandbox: Running,
    client: Client,
}

impl Stage {
    async fn new() -> Self {
        crate::support::played::install_crypto();
        let catalog = Catalog::load(Path::new("policies/data-sets")).unwrap();
        let settings = sandbox::Settings::new(SocketAddr::from(([127, 0, 0, 1], 0)), Vec::new());
        let sandbox = sandbox::start(&settings, &catalog, Arc::new(SystemClock), Arc::new(SystemEntropy)).unwrap();
        let client = registration("payroll", ClientClass::Payroll, &json!({}));
        Self { store: new_store().await, sandbox, client }
    }

    /// The plain pension agency that says that it takes this procedure.
    fn taking(&self, procedure: &str) -> Arc<Submissions> {
        let all = madoguchi::cli::dev::agencies(&format!("http://{}", self.sandbox.address)).unwrap();
        let pension = all.into_iter().find(|agency| agency.name == "pension").unwrap();
        engine(&self.store.store, vec![AgencySettings { procedures: vec![procedure.to_owned()], ..pension }])
    }

    /// The same deployment after its operator took the agency out of the configuration.
    fn without_it(&self) -> Arc<Submissions> {
        engine(&self.store.store, Vec::new())
    }

    async fn begun(&self, engine: &Submissions, (file, format): (&[u8], RecordFormat), is_dry_run: bool) -> Bulk {
        let wanted = BulkWanted {
            key: "rules",
            body: Digest::of("the request"),
            agency: "pension",
            procedure: "9990002",
            applicant: None,
            digest: Digest::of_bytes(file),
            length: file.len() as u64,
            format,
            is_dry_run,
            on_reject: OnReject::Refuse,
            office: &RawValue::from_string("{\"name\":\"見本工業株式会社\"}".into()).unwrap(),
            file: None,
        };
        engine.begin_bulk(&Filer::of(&self.client, 1), &wanted).await.unwrap()
    }

    const fn asker(&self) -> Asker<'_> {
        Asker { client: &self.client.id, file: None }
    }

    async fn append(&self, engine: &Submissions, bulk: &Bulk, file: &[u8]) -> Result<Bulk, Failure> {
        engine.append_bulk(self.asker(), bulk.id.as_str(), (bulk.received, file)).await
    }

    /// Whether these rules take a filing of the same content.
    async fn takes(&self, engine: &Submissions) -> bool {
        let content = RawValue::from_string(format!("{{\"records\":[{RECORD}]}}")).unwrap();
        let part = Part { agency: "pension".into(), procedure: "9990002".into(), content: &content };
        let wanted = Wanted {
            bytes: content.get().as_bytes(),
            key: "probe",
            reference: None,
            applicant: None,
            parts: vec![part],
            validation: Validation::Due,
            draft: None,
            deposit: None,
        };
        engine.accept(&Filer::of(&self.client, 1), &wanted).await.is_ok()
    }

    /// Delivers what waits until this many records are completed.
    async fn delivered(&self, engine: &Arc<Submissions>, bulk: &Bulk, records: u64) {
        let working = tokio::spawn(Arc::clone(engine).work_forever());
        let completed = async {
            loop {
                let counts = engine.count_records(bulk).await.unwrap();
                if counts == [(Some(SubmissionState::Completed), records)] {
                    return;
                }
                assert!(!counts.iter().any(|(state, _)| *state == Some(SubmissionState::Returned)), "{counts:?}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), completed).await.expect("its records are completed");
        working.abort();
        let effects = counted(&self.sandbox.agencies().effects(), "pension");
        assert_eq!(effects.into_values().collect::<Vec<_>>(), [1]);
    }
}

async fn hand_on_all(engine: &Submissions) {
    while engine.hand_on_due().await.expect("nothing stands in the way") {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_found_good_is_filed_whatever_the_rules_say_since() {
    let stage = Stage::new().await;
    let (before, after) = (stage.taking("9990002"), stage.taking("1"));
    filed_after_the_rules_changed(&stage, (&before, &after), (RECORD.repeat(3).as_bytes(), RecordFormat::Ndjson)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_in_shift_jis_is_filed_as_it_was_read_when_it_came() {
    let stage = Stage::new().await;
    let (before, after) = (stage.taking("9990002"), stage.taking("1"));
    let (table, _, _) = encoding_rs::SHIFT_JIS.encode("number,name\r\n1,\"見本 太郎\"\r\n2,表示 ソ\r\n3,見本 髙子\r\n");
    filed_after_the_rules_changed(&stage, (&before, &after), (&table, RecordFormat::CsvShiftJis)).await;
}

async fn filed_after_the_rules_changed(
    stage: &Stage,
    (before, after): (&Submissions, &Arc<Submissions>),
    (file, format): (&[u8], RecordFormat),
) {
    let bulk = stage.begun(before, (file, format), true).await;
    let checked = stage.append(before, &bulk, file).await.unwrap();
    assert_eq!((checked.state, checked.lines), (BulkState::Checked, 3));
    assert!(!stage.takes(after).await, "the rules are no stricter than before");

    let filed = after.submit_bulk(stage.asker(), bulk.id.as_str(), Digest::of_bytes(file)).await.unwrap();
    assert_eq!((filed.state, filed.receipt.is_some()), (BulkState::Accepted, true));
    hand_on_all(after).await;
    let handed_on = after.find_bulk(stage.asker(), bulk.id.as_str()).await.unwrap();
    assert_eq!(handed_on.state, BulkState::Distributed);
    stage.delivered(after, &bulk, 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_filed_is_handed_on_without_its_agency_and_waits_for_it_there() {
    let stage = Stage::new().await;
    let (with_it, without_it) = (stage.taking("9990002"), stage.without_it());
    let file = RECORD.repeat(2);
    let file = file.as_bytes();
    let bulk = stage.begun(&with_it, (file, RecordFormat::Ndjson), false).await;
    let refused = stage.append(&without_it, &bulk, file).await.unwrap_err();
    assert!(matches!(&refused, Failure::Refused(refusal) if refusal.code == "invalid_value"), "{refused:?}");
    let filed = stage.append(&with_it, &bulk, file).await.unwrap();
    assert_eq!(filed.state, BulkState::Accepted);
    hand_on_all(&without_it).await;
    let waiting = without_it.count_records(&bulk).await.unwrap();
    assert_eq!(waiting, [(Some(SubmissionState::Accepted), 2)]);
    stage.delivered(&with_it, &bulk, 2).await;
}
