//! The engine itself: does it answer, does its schema fit, what is over.

use crate::domain::{Fault, Timestamp};
use async_trait::async_trait;

/// What keeps the store itself in order.
#[async_trait]
pub trait Upkeep: Send + Sync {
    /// `sqlite` or `postgres`.
    fn engine(&self) -> &'static str;
    /// Whether the engine answers, writes included.
    async fn ping(&self) -> Result<(), Fault>;
    /// Prepares every statement that the engine knows against the schema as it stands; gives how many there are.
    async fn check_statements(&self) -> Result<usize, Fault>;
    /// Deletes what is over: short-lived records, codes, assertions, sessions, sign-ins, drafts, documents that go with
    /// no application; ends grants whose only code nobody
    /// presented in time; ends requests past their time as expired and drops their results; deletes client-credentials
    /// grants that are over. A pushed request stays [`PUSHED_REQUEST_GRACE`](super::PUSHED_REQUEST_GRACE) longer, a final
    /// request [`IDEMPOTENCY_KEPT`](super::IDEMPOTENCY_KEPT), a taken code as long as its grant is in force (so that its
    /// second use is recognised). Gives how many rows changed or went.
    async fn purge(&self, now: Timestamp) -> Result<u64, Fault>;
}
