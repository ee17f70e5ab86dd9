//! Short-lived state that nodes share: quotas, replay marks, and word of what was revoked.
//!
//! What for: things that must be fast and may be forgotten in a minute (a visit to a shared terminal ends then). `memory`
//! serves one node; `redis` several.
//!
//! How it flows: the gateway charges quotas and takes replay marks on each call, and notes the last use of a visit; a
//! revocation is published, and each node drops what it had cached.
//!
//! How to add one more: a small trait here, both engines, its cases in `tests/integration/hot/`.
//!
//! What it must never do: be the only place of something promised (that is the store's); let a mark be taken twice.

mod local;
pub mod memory;
mod ports;
pub mod redis;

pub use local::LocalQuotas;
pub use ports::*;

use crate::domain::ids::GrantId;
use crate::domain::{Fault, Timestamp};
use std::sync::Arc;

/// Opens the hot state that `url` names by its scheme: `memory:`, or `redis://…` / `rediss://…` (TLS).
///
/// `first_start` says that this installation never ran before, so that there is no proof it could have forgotten; `now`
/// is from when on an empty memory may vouch for itself otherwise. A Redis keeps that knowledge by its own clock.
///
/// # Errors
/// [`Fault::Unavailable`] when the server does not answer; [`Fault::Internal`] when the URL is none of these or the
/// server is set up to forget marks before their time.
pub async fn open(url: &str, now: Timestamp, first_start: bool) -> Result<Arc<dyn Hot>, Fault> {
    match url.split_once(':') {
        Some(("memory", "")) => Ok(Arc::new(memory::MemoryHot::new(now, first_start))),
        Some(("redis" | "rediss", _)) => Ok(Arc::new(redis::RedisHot::connect(url, first_start).await?)),
        // The URL itself may carry a password, so it is not repeated.
        _ => Err(Fault::Internal("the hot state's URL must be `memory:`, `redis://…` or `rediss://…`".to_owned())),
    }
}

/// Tells every node that a grant stands otherwise now, or has ended. Nobody believes a grant for longer than a second, so word
/// that is lost is late, and no harm.
pub async fn tell_grant(hot: &dyn Hot, grant: &GrantId) {
    if let Err(fault) = hot.publish(&Invalidation::Grant(grant.clone())).await {
        tracing::warn!(%fault, "word of a grant that changed was not published");
    }
}
