//! The ports: what the counter asks of its hot state.

use crate::domain::ids::GrantId;
use crate::domain::{Digest, Fault, Timestamp};
use async_trait::async_trait;
use std::time::Duration;

/// Marks of proofs already seen (RFC 9449 §11.1).
#[async_trait]
pub trait ReplayMarks: Send + Sync {
    /// Takes the mark of a DPoP proof (digest of key thumbprint and `jti`); true for one caller only until `expires_at`.
    async fn take_mark(&self, mark: Digest, expires_at: Timestamp, now: Timestamp) -> Result<bool, Fault>;
    /// From when on this engine remembers every mark. Proofs made before it must show a server nonce, since an
    /// engine that forgot in a restart cannot know whether they were seen.
    fn remembers_since(&self) -> Timestamp;
}

/// A limit: `burst` at once, and one more every `period / burst`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Quota {
    /// How many at once; at least 1.
    pub burst: u32,
    /// In which time that many come back.
    pub period: Duration,
}

/// One limit that a call counts against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// What is counted, e.g. `client:c_1:create_request`; hashed by the engine.
    pub key: String,
    /// The limit.
    pub quota: Quota,
}

/// Where one limit stands after a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How many more are possible at once, now.
    pub remaining: u32,
    /// How long until `burst` are possible again.
    pub reset: Duration,
    /// How long until one is possible, when there is none now.
    pub retry_after: Option<Duration>,
}

/// What charging came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether every limit allowed it. When not, none was charged: a refused call costs nothing.
    pub is_allowed: bool,
    /// Where each limit stands, in the order of the charges.
    pub standings: Vec<Standing>,
}

/// A place among a few, as concurrent jobs take them.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// What is counted, e.g. `jobs:c_1`.
    pub key: &'a str,
    /// Who holds the place.
    pub holder: &'a str,
    /// How many places there are.
    pub most: u32,
    /// When the place comes back by itself, should its holder crash.
    pub until: Timestamp,
}

/// Counting limits.
#[async_trait]
pub trait Quotas: Send + Sync {
    /// Charges one unit to every limit, or to none.
    async fn charge(&self, charges: &[Charge], now: Timestamp) -> Result<Verdict, Fault>;
    /// Takes a place; false when all are taken. The same holder asking again keeps its place.
    async fn enter(&self, place: &Place<'_>, now: Timestamp) -> Result<bool, Fault>;
    /// Gives the place back.
    async fn leave(&self, key: &str, holder: &str) -> Result<(), Fault>;
}

/// What stays awake only while it is used.
#[derive(Clone, Copy, Debug)]
pub struct Awake<'a> {
    /// What it is, e.g. `visit:g_1`; hashed by the engine.
    pub key: &'a str,
    /// When it began, which counts as a use.
    pub since: Timestamp,
    /// For how long it stays awake unused.
    pub idle: Duration,
}

/// Last uses. What sleeps never wakes again: an engine that forgot takes it for asleep, unless it only just began. Nodes
/// measure by their own clocks, so that it is off by as much as these differ.
#[async_trait]
pub trait Wakefulness: Send + Sync {
    /// Whether it is awake at `now`; where it is, this is its last use from now on.
    async fn keep_awake(&self, awake: &Awake<'_>, now: Timestamp) -> Result<bool, Fault>;
    /// Whether it is awake at `now`; this is no use of it.
    async fn is_awake(&self, awake: &Awake<'_>, now: Timestamp) -> Result<bool, Fault>;
}

/// Word that something cached is no longer true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invalidation {
    /// A grant changed.
    Grant(GrantId),
    /// Word may have been lost: drop everything.
    All,
}

/// Fan-out of invalidations to every node, this one included.
#[async_trait]
pub trait Invalidations: Send + Sync {
    /// Tells every node. Losing word is survivable: caches never trust themselves longer than one second.
    async fn publish(&self, what: &Invalidation) -> Result<(), Fault>;
    /// Hears what is published from now on. A listener that is told it lagged behind missed word, and must take that as
    /// [`Invalidation::All`].
    fn subscribe(&self) -> tokio::sync::broadcast::Receiver<Invalidation>;
}

/// The whole hot state.
pub trait Hot: ReplayMarks + Quotas + Wakefulness + Invalidations {
    /// `memory` or `redis`.
    fn engine(&self) -> &'static str;
}
