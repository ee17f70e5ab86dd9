//! The store's conformance suite: the same steps for each engine.
//!
//! What for: use cases know only the ports, so each promise of a port is kept by every engine or by none.
//!
//! How it flows: each test takes a new, empty store from [`new_store`] and asks it through the ports; `tests/run` runs
//! the suite once for each engine.
//!
//! How to add one more: a function in the port's file. What is taken once is raced by [`RACERS`] callers.
//!
//! What it must never do: ask which engine it runs on.
//!
//! [`new_store`]: crate::support::engines::new_store

use futures_util::future::join_all;
use std::future::Future;
use std::sync::Arc;

mod acting;
mod agency_tokens;
mod application_drafts;
mod applications;
mod attachments;
mod authorizations;
mod bulk;
mod columns;
mod citizen_notices;
mod health_insurance;
mod links;
mod consents;
mod decisions;
mod decoupled;
mod disasters;
mod delegations;
mod deposits;
mod dispositions;
mod durability;
mod documents;
mod drafts;
mod emergencies;
mod service_status;
mod usage;
mod statistics;
mod certificate_requests;
mod employment_certificates;
mod payments;
mod establishments;
mod erasure;
mod evidence;
mod grants;
mod interviews;
mod invitations;
mod kept;
mod model;
mod nodes;
mod outage;
mod protections;
mod records;
mod registrations;
mod renewals;
mod representations;
mod requests;
mod retention;
pub mod samples;
mod sealing;
mod sign_ins;
mod software;
pub mod submissions;
mod thresholds;
mod tokens;
mod upkeep;

/// How many callers race for what only one may have.
const RACERS: usize = 50;

/// Lets [`RACERS`] callers do the same at once; gives what each got.
async fn race<T, F>(caller: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let start = Arc::new(tokio::sync::Barrier::new(RACERS));
    let callers = (0..RACERS).map(|n| {
        let (start, work) = (Arc::clone(&start), caller(n));
        tokio::spawn(async move {
            start.wait().await;
            work.await
        })
    });
    join_all(callers).await.into_iter().map(|joined| joined.expect("a caller panicked")).collect()
}

/// How many of the racers got a yes.
fn winners(answers: &[bool]) -> usize {
    answers.iter().filter(|yes| **yes).count()
}
