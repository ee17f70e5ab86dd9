//! Filings black box: handed in, delivered, amended, withdrawn, lost on the way, killed in the middle.
//!
//! The pretend government's agencies keep a book of every effect that they had, so that "exactly once" is counted and not
//! believed.

mod api;
mod bulk;
mod crash;
mod delegated;
mod egov;
mod filer;
mod life_events;
mod moods;
mod pension;
mod procedures;
mod webhooks;
mod worker;

pub use filer::Payroll;
use madoguchi::sandbox::agencies::Effect;
use serde_json::{Value, json};
use std::collections::BTreeMap;

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
