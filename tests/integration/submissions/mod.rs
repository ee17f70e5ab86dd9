//! Filings black box: handed in, delivered, amended, withdrawn, lost on the way, killed in the middle.
//!
//! The pretend government's agencies keep a book of every effect that they had, so that "exactly once" is counted and not
//! believed.

mod api;
mod applications;
mod applications_agents;
mod applications_drafts;
mod applications_drops;
mod applications_payments;
mod applications_statistics;
mod applications_rules;
mod applications_signature_attacks;
mod applications_signatures;
mod applications_unsigned;
mod attachments;
mod batches;
mod disasters;
mod interviews;
mod interviews_rules;
mod prefill;
mod bound;
mod bulk;
mod bulk_delegated;
mod certificate_files;
mod certificate_requests;
mod certificates;
mod bulk_rules;
mod crash;
mod crash_bulk;
mod crash_egov;
pub mod delegated;
pub mod deposits;
mod drafts;
mod egov;
mod electronic_deliveries;
pub mod establishments;
mod establishments_rules;
pub mod filer;
mod hostile;
mod life_events;
mod moods;
mod pension;
mod procedures;
mod rights;
mod shares;
mod software;
mod webhooks;
mod webhooks_cli;
mod worker;

use crate::support::engines::master;
pub use filer::Payroll;
use madoguchi::adapters::agency::{Agency, AgencySettings, PlainAgency};
use madoguchi::catalog::procedures::Procedures;
use madoguchi::domain::{SystemClock, SystemEntropy};
use madoguchi::evidence::{EvidenceLog, LogParts, LogSettings};
use madoguchi::protocol::jose::{Es256Signer, Signer};
use madoguchi::sandbox::agencies::Effect;
use madoguchi::store::Store;
use madoguchi::submissions::{Submissions, SubmissionsParts};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A filing of one part.
pub fn one(agency: &str, scenario: &str) -> Value {
    let content =
        json!({"employees": [{"name": "見本 太郎", "insured_from": "2026-11-01"}], "sandbox_scenario": scenario});
    json!({"deliveries": [{"agency": agency, "procedure": "9990002", "content": content}]})
}

/// How often each reference had its effect at an agency.
fn counted(effects: &[Effect], agency: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for effect in effects.iter().filter(|effect| effect.agency == agency) {
        *counts.entry(effect.reference.clone()).or_default() += 1;
    }
    counts
}

/// An engine of its own on this store, knowing these agencies.
fn engine(store: &Arc<dyn Store>, agencies: Vec<AgencySettings>) -> Arc<Submissions> {
    engine_knowing(store, agencies, Arc::default())
}

/// The same, knowing these procedures, too.
fn engine_knowing(
    store: &Arc<dyn Store>,
    agencies: Vec<AgencySettings>,
    procedures: Arc<Procedures>,
) -> Arc<Submissions> {
    let agency = |settings| {
        let agency: Arc<dyn Agency> = Arc::new(PlainAgency::new(settings).unwrap());
        (agency.settings().name.clone(), agency)
    };
    engine_of(store, agencies.into_iter().map(agency).collect(), procedures)
}

/// An engine of its own on this store, at these agencies.
fn engine_of(
    store: &Arc<dyn Store>,
    agencies: BTreeMap<String, Arc<dyn Agency>>,
    procedures: Arc<Procedures>,
) -> Arc<Submissions> {
    let master = master();
    let parts = LogParts {
        store: Arc::clone(store),
        master: Arc::clone(&master),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
    };
    let signer = Arc::new(Es256Signer::generate().unwrap().0);
    Arc::new(Submissions::new(SubmissionsParts {
        issuer: "https://madoguchi.example".into(),
        store: Arc::clone(store),
        agencies,
        procedures,
        by_reference: std::collections::BTreeSet::new(),
        evidence: Arc::new(EvidenceLog::new(LogSettings::of("https://madoguchi.example", 100_000), parts)),
        master,
        signing: Arc::new(move || Ok(Arc::clone(&signer) as Arc<dyn Signer>)),
        closures: Arc::default(),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
    }))
}
