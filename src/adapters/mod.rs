//! Backends by wire protocol: how the counter speaks to the government's systems behind it.
//!
//! What for: each backend has its own protocol, its own moods and its own key of ours. An adapter hides the first,
//! survives the second and keeps the third.
//!
//! How it flows: a use case holds a [`Clearance`](crate::domain::clearance::Clearance) (a grant checked just now) and
//! calls an adapter with it; the adapter asks its [`breaker`] whether the provider is worth asking, bounds the call in
//! time, size and number, speaks the protocol, and gives back a typed answer. Whatever the other side sends is bytes
//! from a stranger.
//!
//! How to add one more: a folder named for the protocol, a trait with one method for the use case, its `wire.rs` with
//! the strict reading of what comes back, and tests that answer nonsense.
//!
//! What it must never do: run without a clearance; follow a redirect; pass on a header that is not on its list;
//! repeat a call that may have had an effect; panic or grow without bound on what a backend sends; log what a backend
//! sent.

pub mod agency;
pub mod asserting;
pub mod assertion;
pub mod breaker;
pub mod file_drop;
mod http;
pub mod identity;
pub mod linkage;
pub mod maintenance;
pub mod notification;
pub mod outward;
pub mod payment;
pub mod provisionrecords;
pub mod qualification;
pub mod selfinfo;
pub mod servicesearch;
pub mod signatures;
pub mod witness;
