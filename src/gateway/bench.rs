//! A gateway for the tests of use cases: with the operator's own rules, and no key that would let a token in.

use super::{Gateway, GatewayParts, GatewaySettings};
use crate::catalog::Catalog;
use crate::domain::{Clock, Environment, MasterKey};
use crate::evidence::Witness;
use crate::hot::Hot;
use crate::limits::Limits;
use crate::policy::Policies;
use crate::protocol::certificate::CertificateRules;
use crate::protocol::jose::PublishedKeys;
use crate::protocol::nonce::Nonces;
use crate::store::Store;
use std::path::Path;
use std::sync::Arc;

/// What the test shares with it.
pub(crate) struct BenchParts {
    pub store: Arc<dyn Store>,
    pub hot: Arc<dyn Hot>,
    pub clock: Arc<dyn Clock>,
    pub limits: Arc<Limits>,
    pub catalog: Arc<Catalog>,
    pub witness: Arc<Witness>,
}

/// A gateway by the rules in `policies`.
pub(crate) fn gateway(policies: &Path, master_key: &MasterKey, parts: BenchParts) -> Arc<Gateway> {
    let url = "https://gateway.example".to_owned();
    let settings = GatewaySettings {
        issuer: url.clone(),
        audience: url.clone(),
        public_url: url,
        certificates: CertificateRules::default(),
        environment: Environment::Production,
    };
    let parts = GatewayParts {
        store: parts.store,
        hot: parts.hot,
        clock: parts.clock,
        keys: PublishedKeys::default(),
        nonces: Arc::new(Nonces::new(master_key).unwrap()),
        limits: parts.limits,
        policies: Arc::new(Policies::load(policies).unwrap()),
        catalog: parts.catalog,
        witness: parts.witness,
    };
    Arc::new(Gateway::new(settings, parts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::acr::Acr;
    use crate::domain::client::{Client, ClientClass, ClientStatus, Contact, Purpose};
    use crate::domain::consent::{Consent, ConsentedDataSet};
    use crate::domain::data_set::{DataSetCode, ItemCode};
    use crate::domain::entropy::SystemEntropy;
    use crate::domain::grant::{Authentication, Grant, GrantStatus};
    use crate::domain::ids::{ClientId, GrantId, SubjectId};
    use crate::domain::profile::ClientProfile;
    use crate::domain::retrieval::{Condition, Query};
    use crate::domain::scope::{Scope, ScopeSet};
    use crate::domain::terms::{Frequency, Per, Terms};
    use crate::domain::{SystemClock, Timestamp, Words};
    use crate::gateway::{Cleared, use_of};
    use std::time::Duration;

    fn grant(now: Timestamp) -> Grant {
        let words = Words { ja: "審査".into(), en: "examination".into() };
        let code = DataSetCode::parse("TM00000000000002").unwrap();
        let items = vec![ItemCode::parse("0200000010").unwrap()];
        Grant {
            id: GrantId::generate(&SystemEntropy),
            client: ClientId::parse("bank").unwrap(),
            subject: Some(SubjectId::generate(&SystemEntropy)),
            scope: ScopeSet::of(&[Scope::SelfInformation]),
            consent: Some(Consent {
                purpose: "loan".into(),
                purpose_words: words,
                data_sets: vec![ConsentedDataSet { code, items, refused: vec![], period: None }],
                access_days: 30,
                retention_days: 30,
                recipients: vec![],
                terms: Terms { frequency: Some(Frequency { times: 3, per: Per::Day }), ..Terms::default() },
            }),
            resources: vec![],
            authentication: Some(Authentication { acr: Acr::Aal3, at: now }),
            created_at: now,
            updated_at: None,
            acting: None,
            expires_at: now.plus(Duration::from_hours(24)),
            status: GrantStatus::Active,
        }
    }

    fn client(id: &ClientId, purpose: Purpose) -> Client {
        Client {
            id: id.clone(),
            class: ClientClass::Bank,
            status: ClientStatus::Production,
            name: purpose.words.clone(),
            corporate_number: "7000012050002".to_owned().try_into().unwrap(),
            contact: Contact { email: String::new(), phone: String::new() },
            redirect_uris: vec![],
            jwks: serde_json::json!({"keys": []}),
            scope: ScopeSet::of(&[Scope::SelfInformation]),
            purposes: vec![purpose],
            rate_plan: "standard".into(),
            dpop_nonce_required: false,
            sector: "bank.example".into(),
            profile: ClientProfile::default(),
        }
    }

    /// The decision of one call in this process: consent, terms, the operator's rules, and the use that it would count
    /// as. Prints; what is fast enough is for people to judge, on the machine that it is for.
    #[tokio::test]
    #[expect(clippy::print_stdout, reason = "a measurement is read by people")]
    #[ignore = "a measurement: run it alone, with --nocapture"]
    async fn a_decision_takes_microseconds() {
        const CALLS: i64 = 2000;
        let files = tempfile::tempdir().unwrap();
        let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
        let (now, clock) = (SystemClock.now(), Arc::new(SystemClock));
        let store = crate::store::open(&format!("sqlite:{}", files.path().join("t.db").display())).await.unwrap();
        let hot = crate::hot::open("memory:", now, true).await.unwrap();
        let entropy = Arc::new(SystemEntropy);
        let parts = BenchParts {
            store: Arc::clone(&store),
            limits: Arc::new(Limits::load(&policies.join("rate-plans.toml"), Arc::clone(&hot)).unwrap()),
            hot,
            clock: Arc::clone(&clock) as _,
            catalog: Arc::new(Catalog::load(&policies.join("data-sets")).unwrap()),
            witness: Arc::new(Witness::new(store, clock, entropy)),
        };
        let gateway = gateway(&policies, &MasterKey::new([7; 32]), parts);
        let grant = Arc::new(grant(now));
        let client = client(
            &grant.client,
            Purpose {
                code: "loan".into(),
                words: Words { ja: "審査".into(), en: "examination".into() },
                if_refused: Words { ja: "審査".into(), en: "examination".into() },
                retention_days: 30,
                recipients: vec![],
                max_access_days: 30,
            },
        );
        let code = DataSetCode::parse("TM00000000000002").unwrap();
        let query = Query { code, condition: Condition::TaxYear { year: 2025 } };
        let mut micros: Vec<i64> = (0..101)
            .map(|_| {
                let before = SystemClock.now();
                for _ in 0..CALLS {
                    assert!(matches!(gateway.clear_one(&grant, &client, query), Ok(Cleared::Yes(_))));
                    assert!(use_of(&grant, now).is_some());
                }
                (SystemClock.now().millis() - before.millis()) * 1000 / CALLS
            })
            .collect();
        micros.sort_unstable();
        println!("a decision: p50 {} µs, worst batch {} µs", micros[50], micros[100]);
    }
}
