//! Short-lived state that nodes share: quotas, replay marks, and word of what was revoked.
//!
//! What for: things that must be fast and may be forgotten in a minute. `memory` serves one node; `redis` several.
//!
//! How it flows: the gateway charges quotas and takes replay marks on each call; a revocation is published, and each
//! node drops what it had cached.
//!
//! How to add one more: a small trait here, both engines, its cases in `tests/integration/hot/`.
//!
//! What it must never do: be the only place of something promised (that is the store's); let a mark be taken twice.

mod ports;

pub use ports::*;
