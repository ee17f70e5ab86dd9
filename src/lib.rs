//! madoguchi (窓口): the one counter that programs can use.
//!
//! Banks, health apps, prefectures and payroll software reach a person's government services through it, with that
//! person's consent. Data flows down one road and a module names only what stands above it in this list
//! (`tests/architecture.rs` checks it):
//!
//! 1. **Pure core** ([`domain`], [`telemetry`], [`protocol`], [`policy`], [`catalog`]): synchronous; takes time and
//!    chance as arguments; never sees HTTP, SQL or a file handle.
//! 2. **Ports with engines** ([`store`], [`hot`], [`adapters`]): one trait per aggregate, several real engines.
//! 3. **Use cases** ([`limits`], [`evidence`], [`submissions`], [`issuer`], [`gateway`], [`services`]): load, ask the core, write in one
//!    transaction.
//! 4. **Edge** ([`http`], [`config`], [`cli`]): parse and render. [`sandbox`] is the other side of the wire.

pub mod domain;
pub mod telemetry;
pub mod protocol;
pub mod policy;
pub mod catalog;
pub mod store;
pub mod hot;
pub mod adapters;
pub mod limits;
pub mod evidence;
pub mod submissions;
pub mod issuer;
pub mod gateway;
pub mod services;
pub mod http;
pub mod config;
pub mod sandbox;
pub mod cli;
