//! Durable truth: one port per aggregate, and the engines behind them.
//!
//! What for: what was agreed, issued and done outlives any process. SQLite (one machine) and PostgreSQL (several
//! nodes) stand behind the same ports and the same conformance suite.
//!
//! How it flows: a use case calls a port; the engine does one transaction; nothing is acknowledged before it is
//! durable. Records are JSON in a `body` column beside the columns that are searched or that change.
//!
//! Verbs mean the same everywhere: `find_x` gives an `Option`; `list_x` a page; `insert_x` writes a new one; **`take_x`
//! succeeds for one caller only, by one conditional write**; `lease_x` lends until a time.
//!
//! How to add one more: a small trait in `ports` (at most eight methods), its SQL in both engines, its cases in
//! `tests/integration/store/`. A change of schema is a new migration, with the same number and name in both engines.
//!
//! What is about a person is sealed before it is written and opened after it is read (`vault`): under the key of the
//! consent that it hangs on, else of the person. What stands in the clear, and why it may, is in `columns`.
//!
//! What it must never do: let SQL, rows or pools out of an engine's folder; keep a code, token or handle in clear
//! (only digests); keep about a person in clear what is not searched for; answer yes to two callers of one `take_x`.

mod application;
mod application_draft;
mod attachment;
mod payment;
mod published;
pub mod columns;
mod citizen_notice;
mod health_insurance;
mod interview;
mod linkage;
mod deciding;
mod deposit;
mod disposition;
mod ending;
mod filing;
mod migration;
mod operators;
mod ports;
pub mod postgres;
mod record;
pub mod rotation;
mod sealing;
pub mod sqlite;
mod statement;
mod statistics;
mod vault;

pub use deciding::{Deciding, ForWhom};
pub use ports::*;

use crate::domain::{Fault, MasterKey};
use std::path::Path;
use std::sync::Arc;

/// Opens the store that `url` names and brings its schema up to date: `sqlite:PATH`, or `postgres://…`.
///
/// # Errors
/// [`Fault::Internal`] when the scheme is another, or what is kept is sealed under a master key that is not among
/// `master`'s; [`Fault`] when the engine is away or its schema does not fit. The fault never holds the URL, which may
/// carry a password.
pub async fn open(url: &str, master: &Arc<MasterKey>) -> Result<Arc<dyn Store>, Fault> {
    if let Some(path) = url.strip_prefix("sqlite:") {
        if path.is_empty() || path.contains(":memory:") {
            return Err(Fault::Internal("sqlite: needs the path of a file; memory keeps nothing".into()));
        }
        return Ok(Arc::new(sqlite::SqliteStore::open(Path::new(path), master)?));
    }
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(Arc::new(postgres::PostgresStore::connect(url, master).await?));
    }
    Err(Fault::Internal("a store's URL must begin with sqlite: or postgres:".into()))
}
