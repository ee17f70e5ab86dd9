//! The public API's families: one folder each, with the bodies it speaks in and the use case behind them.
//!
//! What for: here stands what the counter does for a third party, in the order a reader would tell it.
//!
//! How it flows: a handler hands over a [`Permit`](crate::gateway::Permit) and a parsed body; the use case asks the
//! gateway to clear what is wanted, calls adapters, writes the result and its witness in one transaction, and gives
//! back a body.
//!
//! How to add one more: a folder named for the family, its bodies (serde and utoipa) and its use case; routes under
//! `http/v1`.
//!
//! What it must never do: act without a permit, or a job that one accepted; hand on an item that was not agreed to;
//! know HTTP.

pub mod account;
mod body;
pub mod applications;
pub mod bulk_submissions;
pub mod calling_account;
pub mod confirmations;
pub mod consents;
pub mod data_sets;
pub mod deposits;
pub mod employment_certificates;
pub mod payments;
pub mod establishments;
pub mod health_insurance;
pub mod life_events;
pub mod linked_services;
pub mod notices;
pub mod private_documents;
pub mod procedures;
pub mod provision_records;
pub mod self_information;
pub mod service_search;
pub mod statistics;
pub mod status;
pub mod usage;
pub mod submissions;
mod turns;
pub mod webhooks;
