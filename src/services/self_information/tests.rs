//! The use case against a hostile backend, and after a crash.

use super::handover::{End, Handover};
use super::work::Work;
use super::*;
use crate::adapters::breaker::Pulse;
use crate::adapters::selfinfo::{Call, Record, Retrieved};
use crate::catalog::RawItem;
use crate::domain::clearance::Clearance;
use crate::domain::client::{Client, ClientClass, ClientStatus, Contact, Purpose};
use crate::domain::consent::{Consent, ConsentedDataSet};
use crate::domain::data_set::{DataSetCode, ItemCode};
use crate::domain::grant::{Authentication, Grant, GrantStatus, RevokedBy};
use crate::domain::ids::{ClientId, GrantId};
use crate::domain::profile::ClientProfile;
use crate::domain::retrieval::{Condition, Query, RequestState};
use crate::domain::scope::{Scope, ScopeSet};
use crate::domain::terms::Terms;
use crate::domain::time::ManualClock;
use crate::domain::{SystemEntropy, Timestamp, Words, acr::Acr};
use crate::evidence::{EvidenceLog, LogParts, LogSettings};
use crate::gateway::bench::BenchParts;
use crate::store::{Before, InsertedRequest};
use async_trait::async_trait;
use proptest::strategy::{Strategy as _, ValueTree as _};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

mod oracle;
mod questions;
mod shield;

const INCOME: &str = "TM00000000000002";

/// Answers whatever it was told to: these items, or the other answer.
#[derive(Default)]
struct Hostile(Mutex<Vec<RawItem>>, AtomicUsize, Mutex<Option<Retrieved>>);

#[async_trait]
impl SelfInformationSource for Hostile {
    async fn retrieve(&self, _: &Clearance, _: &Call<'_>) -> Retrieved {
        self.1.fetch_add(1, Ordering::SeqCst);
        if let Some(other) = self.2.lock().unwrap().clone() {
            return other;
        }
        let items = self.0.lock().unwrap().clone();
        let record = Record { provider: "city".into(), version: "01".into(), updated_at: String::new(), items };
        Retrieved::Data(vec![record])
    }
    fn wake(&self, _: &str) {}
    fn pulses(&self) -> Vec<Pulse> {
        Vec::new()
    }
}

struct Bench {
    service: Arc<SelfInformation>,
    hostile: Arc<Hostile>,
    clock: Arc<ManualClock>,
    client: Arc<Client>,
    account: UpstreamAccount,
    _files: tempfile::TempDir,
}

fn words() -> Words {
    Words { ja: "審査".into(), en: "examination".into() }
}

fn client() -> Client {
    Client {
        id: ClientId::parse("bank").unwrap(),
        class: ClientClass::Bank,
        status: ClientStatus::Production,
        name: words(),
        corporate_number: "7000012050002".to_owned().try_into().unwrap(),
        contact: Contact { email: "desk@bank.example".into(), phone: "03-0000-0000".into() },
        redirect_uris: vec!["https://bank.example/callback".into()],
        jwks: serde_json::json!({"keys": []}),
        scope: ScopeSet::of(&[Scope::SelfInformation]),
        purposes: vec![Purpose {
            code: "loan_examination".into(),
            words: words(),
            if_refused: words(),
            retention_days: 30,
            recipients: vec![],
            max_access_days: 30,
        }],
        rate_plan: "standard".into(),
        dpop_nonce_required: false,
        sector: "bank.example".into(),
        profile: ClientProfile::default(),
    }
}

async fn opened(files: &tempfile::TempDir, master_key: &Arc<MasterKey>) -> Arc<dyn crate::store::Store> {
    let url = format!("sqlite:{}", files.path().join("t.db").display());
    crate::store::open(&url, master_key).await.unwrap()
}

impl Bench {
    async fn new() -> Self {
        let files = tempfile::tempdir().unwrap();
        let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
        let clock = Arc::new(ManualClock::at(Timestamp::from_seconds(1_795_000_000)));
        let master_key = Arc::new(MasterKey::new([7; 32]));
        let store = opened(&files, &master_key).await;
        let hot = crate::hot::open("memory:", clock.now(), true).await.unwrap();
        let catalog = Arc::new(Catalog::load(&policies.join("data-sets")).unwrap());
        let limits = Arc::new(Limits::load(&policies.join("rate-plans.toml"), Arc::clone(&hot)).unwrap());
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let witness = Arc::new(Witness::new(Arc::clone(&store), Arc::clone(&clock) as _, Arc::clone(&entropy)));
        let gateway = crate::gateway::bench::gateway(
            &policies,
            &master_key,
            BenchParts {
                store: Arc::clone(&store),
                hot,
                clock: Arc::clone(&clock) as _,
                limits: Arc::clone(&limits),
                catalog: Arc::clone(&catalog),
                witness: Arc::clone(&witness),
            },
        );
        let hostile = Arc::new(Hostile::default());
        let backend = catalog.data_set(DataSetCode::parse(INCOME).unwrap()).unwrap().backend.clone();
        let settings = SelfInformationSettings {
            node: "n1".into(),
            lease: Duration::from_mins(1),
            place: Duration::from_mins(1),
            keep: Duration::from_mins(15),
        };
        let client = Arc::new(client());
        store.put_client(&client, clock.now()).await.unwrap();
        let evidence = Arc::new(EvidenceLog::new(
            LogSettings::of("https://madoguchi.example", u64::MAX),
            LogParts {
                store: Arc::clone(&store),
                master: Arc::clone(&master_key),
                clock: Arc::clone(&clock) as _,
                entropy: Arc::clone(&entropy),
            },
        ));
        let service = SelfInformation::new(
            settings,
            SelfInformationParts {
                store,
                gateway,
                limits,
                catalog,
                sources: Arc::new([(backend, Arc::clone(&hostile) as Arc<dyn SelfInformationSource>)].into()),
                witness,
                evidence,
                master_key,
                clock: Arc::clone(&clock) as _,
                entropy,
            },
        );
        let account = UpstreamAccount { issuer: "https://idp.example".into(), subject: "u1".into() };
        Self { service: Arc::new(service), hostile, clock, client, account, _files: files }
    }

    /// A consent to `items`, and a request under it that another process has begun.
    async fn begun(&self, items: &[ItemCode]) -> (Arc<Grant>, RetrievalRequest) {
        let (parts, now) = (&self.service.parts, self.clock.now());
        let new = SubjectId::generate(&SystemEntropy);
        let subject = parts.store.find_or_insert_subject(&self.account, &new).await.unwrap().id;
        let code = DataSetCode::parse(INCOME).unwrap();
        let mut items = items.to_vec();
        items.sort_unstable();
        let grant = Grant {
            id: GrantId::generate(&SystemEntropy),
            client: self.client.id.clone(),
            subject: Some(subject.clone()),
            scope: ScopeSet::of(&[Scope::SelfInformation]),
            consent: Some(Consent {
                purpose: "loan_examination".into(),
                purpose_words: words(),
                data_sets: vec![ConsentedDataSet {
                    code,
                    items,
                    refused: vec![],
                    period: None,
                    predicates: vec![],
                    refused_predicates: vec![],
                }],
                access_days: 30,
                retention_days: 30,
                recipients: vec![],
                terms: Terms::default(),
            }),
            resources: vec![],
            authentication: Some(Authentication { acr: Acr::Aal3, at: now, certificate: None }),
            created_at: now,
            updated_at: None,
            acting: None,
            expires_at: now.plus(Duration::from_hours(24)),
            status: GrantStatus::Active,
        };
        parts.store.insert_grant(&grant).await.unwrap();
        let request = RetrievalRequest {
            id: RequestId::generate(&SystemEntropy),
            client: self.client.id.clone(),
            grant: grant.id.clone(),
            subject,
            queries: vec![Query { code, condition: Condition::TaxYear { year: 2025 } }],
            inquiries: vec![],
            within: None,
            idempotency: None,
            state: RequestState::Accepted,
            created_at: now,
            expires_at: now.plus(Duration::from_mins(15)),
        };
        let until = now.plus(Duration::from_secs(30));
        assert_eq!(parts.store.insert_request(&request, "crashed", until).await.unwrap(), InsertedRequest::New);
        (Arc::new(grant), request)
    }

    async fn run(&self, grant: Arc<Grant>, request: RetrievalRequest) -> End {
        let (handover, waiter) = Handover::open();
        let client = Arc::clone(&self.client);
        self.service
            .run(Work { request, grant, client, scenario: None, handover: Some(handover), is_kept: false })
            .await;
        waiter.wait(Duration::ZERO).await.unwrap()
    }

    fn items(&self) -> Vec<ItemCode> {
        let set = self.service.parts.catalog.data_set(DataSetCode::parse(INCOME).unwrap()).unwrap();
        set.items.iter().map(|item| item.code).collect()
    }
}

/// A number that occurs nowhere else, for each item.
fn marker(place: usize) -> String {
    (7_310_000_000_u64 + u64::try_from(place).unwrap() * 1013).to_string()
}

#[tokio::test]
async fn only_agreed_items_leave_whatever_the_backend_sends() {
    let bench = Bench::new().await;
    let all = bench.items();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let sent = proptest::collection::vec((0..all.len(), "[0-9]{1,2}", ".{0,8}"), 0..200);
    let agreed = proptest::collection::btree_set(0..all.len(), 1..6);
    let mut has_seen_data = false;
    for _ in 0..48 {
        let sent = sent.new_tree(&mut runner).unwrap().current();
        let agreed = agreed.new_tree(&mut runner).unwrap().current();
        let raw = |(at, hierarchy, name): &(usize, String, String)| RawItem {
            hierarchy: hierarchy.clone(),
            code: all[*at].to_string(),
            // Names are the backend's own words: they must not carry anything out either.
            name: format!("{name}{}", marker(*at)),
            content: Some(marker(*at)),
        };
        *bench.hostile.0.lock().unwrap() = sent.iter().map(raw).collect();
        let codes: Vec<ItemCode> = agreed.iter().map(|at| all[*at]).collect();
        let (grant, request) = bench.begun(&codes).await;
        let End::Finished(bytes) = bench.run(grant, request).await else { panic!("it ended otherwise") };
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        for (at, item) in all.iter().enumerate() {
            let has_left = text.contains(&marker(at));
            assert!(!has_left || agreed.contains(&at), "{item} left without consent: {text}");
            has_seen_data |= has_left;
        }
    }
    assert!(has_seen_data, "nothing ever left, so nothing was shown");
}

#[tokio::test]
async fn a_job_that_a_crash_left_is_taken_up_once_its_lease_is_over() {
    let bench = Bench::new().await;
    let (_, request) = bench.begun(&bench.items()[..1]).await;
    assert_eq!(bench.service.resume().await.unwrap(), 0, "its lease is not over");
    bench.clock.advance(Duration::from_secs(31));
    assert_eq!(bench.service.resume().await.unwrap(), 1);
    let ended = bench.service.wait_for(request, Duration::from_secs(10)).await.unwrap();
    assert_eq!(ended.state, RequestState::Completed);
    let store = &bench.service.parts.store;
    let sealed = store.take_result(&ended.id).await.unwrap().unwrap();
    assert!(!sealed.windows(7).any(|w| w == b"outcome"), "the result waits in clear");
    assert!(bench.service.unseal(&ended.id, &sealed).unwrap().starts_with(b"{"));
    let lines = store.list_accesses(&ended.subject, &Before { entry: None, limit: 10 }).await.unwrap();
    assert_eq!((lines.len(), lines[0].request.as_ref()), (1, Some(&ended.id)));
}

#[tokio::test]
async fn a_consent_that_ends_meanwhile_lets_nothing_out_and_nothing_be_taken_up() {
    let bench = Bench::new().await;
    let (grant, request) = bench.begun(&bench.items()[..1]).await;
    let store = Arc::clone(&bench.service.parts.store);
    assert!(store.revoke_grant(&grant.id, bench.clock.now(), RevokedBy::Citizen).await.unwrap());
    assert_eq!(bench.run(grant, request.clone()).await, End::Cancelled);
    assert_eq!(store.find_request(&request.id).await.unwrap().unwrap().state, RequestState::Cancelled);

    let (grant, request) = bench.begun(&bench.items()[..1]).await;
    bench.clock.advance(Duration::from_hours(25));
    assert_eq!(bench.run(grant, request.clone()).await, End::Cancelled, "an expired grant");
    assert_eq!(bench.service.resume().await.unwrap(), 0);
}
