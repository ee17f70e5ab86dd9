//! Hot state that several nodes share, in a Redis (7 or later, or what speaks its protocol).
//!
//! What for: a limit, a proof's mark and word of a revocation must hold on every node, whichever a call reaches.
//!
//! How it flows: every call is one script, so that it happens whole or not at all, by the server's clock; one connection
//! carries all calls of a node and the word that other nodes publish. A heartbeat asks every second whether the server
//! is there, is the same, and still knows what it knew. While it is away, limits and places are counted on this node
//! alone; marks are refused, since a proof that may have been shown elsewhere can't be let through, and so are uses of a
//! visit, since nobody knows whether it still goes on.
//!
//! How to add one more: its script in `scripts.rs`, its call here, its case in `tests/integration/hot/`.
//!
//! What it must never do: let a mark be taken twice, also not when the server forgot (see `link.rs`); wait longer than half
//! a second; put a key in clear on the server; hold anything promised.
//!
//! The server must not be set to evict keys (`maxmemory-policy noeviction`). A namespace in the URL
//! (`redis://host:6379/0?namespace=name`) keeps installations on one server apart; all keys of one lie in one hash slot.

mod link;
mod scripts;

use super::local::{LocalPlaces, LocalQuotas, Rate};
use super::ports::{Awake, Charge, Hot, Invalidation, Invalidations, Place, Quotas, ReplayMarks, Verdict, Wakefulness};
use crate::domain::{Digest, Fault, Timestamp};
use async_trait::async_trait;
use link::Link;
use scripts::Scripts;
use std::sync::Arc;
use tokio::sync::broadcast;
use tokio::task::JoinHandle;

/// What one charge may be off by in the server's arithmetic, in nanoseconds: it counts in floating point, and half a
/// microsecond is half a unit of the fastest limit.
const TOLERANCE: u64 = 500;

/// Hot state of several nodes.
pub struct RedisHot {
    link: Arc<Link>,
    scripts: Scripts,
    heartbeat: JoinHandle<()>,
    // What goes on while the server is away.
    quotas: LocalQuotas,
    places: LocalPlaces,
}

impl RedisHot {
    /// Connects to the server that `url` names. `first_start` says that this installation never ran before, so that a
    /// server that knows nothing has forgotten nothing.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] when the server does not answer; [`Fault::Internal`] when the URL is malformed or the server
    /// is set up to drop keys before their time.
    pub async fn connect(url: &str, first_start: bool) -> Result<Self, Fault> {
        let link = Arc::new(Link::connect(url, first_start).await?);
        let heartbeat = tokio::spawn(link::heartbeat(Arc::downgrade(&link)));
        let (quotas, places) = (LocalQuotas::default(), LocalPlaces::default());
        Ok(Self { link, scripts: Scripts::default(), heartbeat, quotas, places })
    }

    async fn charge_shared(&self, charges: &[Charge], rates: &[Rate]) -> Result<Verdict, Fault> {
        let mut call = self.scripts.charge.prepare_invoke();
        for (charge, rate) in charges.iter().zip(rates) {
            call.key(self.link.key("quota", &charge.key)).arg(micros(rate.step)).arg(micros(rate.whole()));
        }
        let answer: Vec<i64> = self.link.ask(&call).await?;
        let Some((is_allowed, aheads)) = answer.split_first().filter(|(_, aheads)| aheads.len() == rates.len()) else {
            return Err(Fault::Internal("redis answered a charge with another number of limits".to_owned()));
        };
        let ahead = |nanos: &i64| u64::try_from(*nanos).unwrap_or_default().saturating_sub(TOLERANCE);
        let standings = rates.iter().zip(aheads).map(|(rate, nanos)| rate.standing(ahead(nanos))).collect();
        Ok(Verdict { is_allowed: *is_allowed == 1, standings })
    }
}

impl Drop for RedisHot {
    fn drop(&mut self) {
        self.heartbeat.abort();
    }
}

fn micros(nanos: u64) -> String {
    format!("{}.{:03}", nanos / 1000, nanos % 1000)
}

#[async_trait]
impl ReplayMarks for RedisHot {
    async fn take_mark(&self, mark: Digest, expires_at: Timestamp, now: Timestamp) -> Result<bool, Fault> {
        // How long, not until when: the server's clock may be another.
        let span = expires_at.since(now).as_millis();
        if span == 0 {
            return Ok(false);
        }
        let epoch = self.link.epoch();
        let mut call = self.scripts.take_mark.prepare_invoke();
        call.key(self.link.plain_key("mark", &mark.base64url())).key(self.link.epoch_key());
        call.arg(epoch.text.as_ref()).arg(u64::try_from(span).unwrap_or(u64::MAX));
        match self.link.ask::<i64>(&call).await? {
            1 => Ok(true),
            0 => Ok(false),
            _ => Err(self.link.forgot()),
        }
    }

    fn remembers_since(&self) -> Timestamp {
        self.link.epoch().since
    }
}

#[async_trait]
impl Quotas for RedisHot {
    async fn charge(&self, charges: &[Charge], now: Timestamp) -> Result<Verdict, Fault> {
        let rates: Vec<Rate> = charges.iter().map(|charge| Rate::of(charge.quota)).collect();
        if rates.is_empty() {
            return Ok(Verdict { is_allowed: true, standings: Vec::new() });
        }
        match self.charge_shared(charges, &rates).await {
            Ok(verdict) => Ok(verdict),
            Err(_) => Ok(self.quotas.charge(charges, now)),
        }
    }

    async fn enter(&self, place: &Place<'_>, now: Timestamp) -> Result<bool, Fault> {
        let span = u64::try_from(place.until.since(now).as_millis()).unwrap_or(u64::MAX);
        let mut call = self.scripts.enter.prepare_invoke();
        call.key(self.link.key("place", place.key)).arg(place.holder).arg(place.most).arg(span);
        match self.link.ask::<i64>(&call).await {
            Ok(answer) => Ok(answer == 1),
            Err(_) => Ok(self.places.enter(place, now)),
        }
    }

    async fn leave(&self, key: &str, holder: &str) -> Result<(), Fault> {
        // It may have been taken either way.
        self.places.leave(key, holder);
        let mut call = self.scripts.leave.prepare_invoke();
        call.key(self.link.key("place", key)).arg(holder);
        self.link.ask::<i64>(&call).await.map(|_| ())
    }
}

impl RedisHot {
    async fn awake(&self, awake: &Awake<'_>, is_use: bool, now: Timestamp) -> Result<bool, Fault> {
        let mut call = self.scripts.awake.prepare_invoke();
        call.key(self.link.key("awake", awake.key)).arg(now.millis()).arg(awake.since.millis());
        call.arg(u64::try_from(awake.idle.as_millis()).unwrap_or(u64::MAX)).arg(i32::from(is_use));
        Ok(self.link.ask::<i64>(&call).await? == 1)
    }
}

#[async_trait]
impl Wakefulness for RedisHot {
    async fn keep_awake(&self, awake: &Awake<'_>, now: Timestamp) -> Result<bool, Fault> {
        self.awake(awake, true, now).await
    }

    async fn is_awake(&self, awake: &Awake<'_>, now: Timestamp) -> Result<bool, Fault> {
        self.awake(awake, false, now).await
    }
}

#[async_trait]
impl Invalidations for RedisHot {
    async fn publish(&self, what: &Invalidation) -> Result<(), Fault> {
        self.link.publish(what).await
    }

    fn subscribe(&self) -> broadcast::Receiver<Invalidation> {
        self.link.listen()
    }
}

impl Hot for RedisHot {
    fn engine(&self) -> &'static str {
        "redis"
    }
}
