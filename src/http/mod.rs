//! The edge of the counter: HTTP in, HTTP out. `actix-web` types stay in here.
//!
//! What for: everybody else works with values; here bytes become values and values become bytes.
//!
//! How it flows: `edge::wrap` stands around everything; the route's handler extracts, calls one use case and renders
//! (at most twenty lines); what goes wrong is one of two families, `problem` (problem+json) or, under `/oauth`, the
//! errors of RFC 6749.
//!
//! How to add one more: a folder for the family of addresses with a `routes` function, and its line in [`routes`].
//!
//! What it must never do: decide; write a body outside its family's table; name an engine.

pub mod callbacks;
pub mod conformance;
mod docs;
pub mod statistics;
pub mod status;
pub mod edge;
pub mod evidence;
pub mod health;
pub mod metrics;
pub mod oauth;
pub mod openapi;
pub mod pages;
pub mod payment_notifications;
pub mod problem;
pub mod provider_events;
pub mod v1;

pub use docs::Documents;

use actix_web::web;

/// Every address of the counter, in one list. Addresses are tried in this order, one after the other, so those of programs
/// come before those of people.
pub fn routes(cfg: &mut web::ServiceConfig) {
    health::routes(cfg);
    oauth::routes(cfg);
    v1::routes(cfg);
    evidence::routes(cfg);
    callbacks::routes(cfg);
    provider_events::routes(cfg);
    payment_notifications::routes(cfg);
    pages::routes(cfg);
    problem::routes(cfg);
    docs::routes(cfg);
    conformance::routes(cfg);
    status::routes(cfg);
    statistics::routes(cfg);
}
