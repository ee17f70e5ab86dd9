//! What it costs to hold one call against the consent and the operator's rules, in this process: data set, items,
//! window, limits and all of the rules, and the use that the call would count as.
//!
//! ```text
//! cargo bench --bench decision
//! ```
#![expect(clippy::unwrap_used, reason = "a measurement may panic")]

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use madoguchi::catalog::Catalog;
use madoguchi::domain::acr::Acr;
use madoguchi::domain::client::{Client, ClientClass, ClientStatus, Contact, Purpose};
use madoguchi::domain::consent::{Consent, ConsentedDataSet};
use madoguchi::domain::data_set::{DataSetCode, ItemCode};
use madoguchi::domain::entropy::SystemEntropy;
use madoguchi::domain::grant::{Authentication, Grant, GrantStatus};
use madoguchi::domain::ids::{ClientId, GrantId, SubjectId};
use madoguchi::domain::profile::ClientProfile;
use madoguchi::domain::retrieval::{Condition, Query};
use madoguchi::domain::scope::{Scope, ScopeSet};
use madoguchi::domain::terms::{Frequency, Per, Terms};
use madoguchi::domain::{Clock, Environment, MasterKey, SystemClock, Timestamp, Words};
use madoguchi::evidence::Witness;
use madoguchi::gateway::{Cleared, Gateway, GatewayParts, GatewaySettings, use_of};
use madoguchi::limits::Limits;
use madoguchi::policy::Policies;
use madoguchi::protocol::certificate::CertificateRules;
use madoguchi::protocol::jose::PublishedKeys;
use madoguchi::protocol::nonce::Nonces;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// 所得・個人住民税情報.
const INCOME: &str = "TM00000000000002";

fn words() -> Words {
    Words { ja: "審査".into(), en: "examination".into() }
}

/// A consent to one item, thrice a day.
fn grant(now: Timestamp) -> anyhow::Result<Grant> {
    let items = vec![ItemCode::parse("0200000010")?];
    let (predicates, refused_predicates) = (vec![], vec![]);
    let code = DataSetCode::parse(INCOME)?;
    let set = ConsentedDataSet { code, items, refused: vec![], period: None, predicates, refused_predicates };
    Ok(Grant {
        id: GrantId::generate(&SystemEntropy),
        client: ClientId::parse("bank")?,
        subject: Some(SubjectId::generate(&SystemEntropy)),
        scope: ScopeSet::of(&[Scope::SelfInformation]),
        consent: Some(Consent {
            purpose: "loan".into(),
            purpose_words: words(),
            data_sets: vec![set],
            access_days: 30,
            retention_days: 30,
            recipients: vec![],
            terms: Terms { frequency: Some(Frequency { times: 3, per: Per::Day }), ..Terms::default() },
        }),
        resources: vec![],
        authentication: Some(Authentication { acr: Acr::Aal3, at: now, certificate: None }),
        created_at: now,
        updated_at: None,
        acting: None,
        expires_at: now.plus(Duration::from_hours(24)),
        status: GrantStatus::Active,
    })
}

fn client(id: &ClientId) -> anyhow::Result<Client> {
    let purpose = Purpose {
        code: "loan".into(),
        words: words(),
        if_refused: words(),
        retention_days: 30,
        recipients: vec![],
        max_access_days: 30,
    };
    Ok(Client {
        id: id.clone(),
        class: ClientClass::Bank,
        status: ClientStatus::Production,
        name: words(),
        corporate_number: "7000012050002".to_owned().try_into()?,
        contact: Contact { email: String::new(), phone: String::new() },
        redirect_uris: vec![],
        jwks: serde_json::json!({"keys": []}),
        scope: ScopeSet::of(&[Scope::SelfInformation]),
        purposes: vec![purpose],
        rate_plan: "standard".into(),
        dpop_nonce_required: false,
        sector: "bank.example".into(),
        profile: ClientProfile::default(),
    })
}

/// A gateway by the rules that are shipped, on a store of its own.
async fn gateway(directory: &Path) -> anyhow::Result<Gateway> {
    let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let url = format!("sqlite:{}", directory.join("bench.db").display());
    let store = madoguchi::store::open(&url, &Arc::new(MasterKey::new([7; 32]))).await?;
    let hot = madoguchi::hot::open("memory:", clock.now(), true).await?;
    let url = "https://gateway.example".to_owned();
    let settings = GatewaySettings {
        issuer: url.clone(),
        audience: url.clone(),
        public_url: url,
        certificates: CertificateRules::default(),
        environment: Environment::Production,
    };
    let parts = GatewayParts {
        limits: Arc::new(Limits::load(&policies.join("rate-plans.toml"), Arc::clone(&hot))?),
        hot,
        keys: PublishedKeys::default(),
        nonces: Arc::new(Nonces::new(&MasterKey::new([7; 32]))?),
        policies: Arc::new(Policies::load(&policies).map_err(|faults| anyhow::anyhow!("{faults:?}"))?),
        catalog: Arc::new(Catalog::load(&policies.join("data-sets")).map_err(|faults| anyhow::anyhow!("{faults:?}"))?),
        witness: Arc::new(Witness::new(Arc::clone(&store), Arc::clone(&clock), Arc::new(SystemEntropy))),
        store,
        clock,
    };
    Ok(Gateway::new(settings, parts))
}

fn decide(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let gateway = runtime.block_on(gateway(directory.path())).unwrap();
    let now = SystemClock.now();
    let grant = Arc::new(grant(now).unwrap());
    let client = client(&grant.client).unwrap();
    let query = Query { code: DataSetCode::parse(INCOME).unwrap(), condition: Condition::TaxYear { year: 2025 } };
    let cleared = gateway.clear_one(&grant, &client, query);
    assert!(matches!(cleared, Ok(Cleared::Yes(_))), "the call to be measured is allowed: {cleared:?}");
    let decide = |client: &Client| (gateway.clear_one(&grant, client, black_box(query)).is_ok(), use_of(&grant, now));
    criterion.bench_function("consent and rules, asked before", |bencher| bencher.iter(|| black_box(decide(&client))));
    // The same question to the same rules is answered from memory; here it is always another's.
    let stranger = || Client { id: ClientId::generate(&SystemEntropy), ..client.clone() };
    criterion.bench_function("consent and rules, asked for the first time", |bencher| {
        bencher.iter_batched(stranger, |client| black_box(decide(&client)), BatchSize::SmallInput);
    });
}

criterion_group!(benches, decide);
criterion_main!(benches);
