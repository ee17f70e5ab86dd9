//! Durable truth: one port per aggregate, and the engines behind them.
//!
//! What for: what was agreed, issued and done outlives any process. SQLite (one machine) and PostgreSQL (several
//! nodes) stand behind the same ports and the same conformance suite.
//!
//! How it flows: a use case calls a port; the engine does one transaction; nothing is acknowledged before it is
//! durable.
//!
//! Verbs mean the same everywhere: `find_x` gives an `Option`; `list_x` a page; `insert_x` writes a new one; **`take_x`
//! succeeds for one caller only, by one conditional write**; `lease_x` lends until a time.
//!
//! How to add one more: a small trait here (at most eight methods), its SQL in both engines, its cases in
//! `tests/integration/store/`.
//!
//! What it must never do: let SQL, rows or pools out of an engine's folder; keep a code, token or handle in clear
//! (only [`Digest`]s); answer yes to two callers of one `take_x`.

mod ports;

pub use ports::*;
