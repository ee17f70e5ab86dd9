//! The citizen's pages, through a browser without script, over each store.

mod acting;
mod acting_elsewhere;
pub mod browser;
mod changes;
mod company;
mod company_deposits;
mod consent;
mod counter;
mod dashboard;
mod elsewhere;
mod emergency;
mod erasure;
mod invitations;
mod questions;
mod receipts;
mod representatives;
mod rules;
mod sign_in;
mod signed_response;
mod browser_side;
