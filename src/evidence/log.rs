//! The log at work: it takes leaves from the queue, in batches and off the hot path, and answers what is asked of it.
//!
//! One turn reads what waits, grows the tree's right edge by it, signs the new head and writes all of that in one
//! transaction, if the log still has the size that it began from. Two nodes may do so at one moment: one of them finds
//! the size changed and begins anew. A leaf stays in the queue until it is in the log, so a crash loses none and doubles
//! none.

use super::checkpoint::Checkpoint;
use super::intake::{Intake, Trouble};
use super::keys::{KeyParts, LogKeys, PURPOSE, make_key, name_of};
use super::note::{Signer, Verifier};
use super::receipt::leaf_of;
use super::tiles::{self, Edge, TileId, Tiles};
use super::{checkpoint, receipt, thinning};
use crate::domain::{Clock, Entropy, Fault, MasterKey, Timestamp};
use crate::store::{Append, HeldCheckpoint, HeldTile, Store};
use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// How often the queue is looked at.
const EVERY: Duration = Duration::from_millis(250);
/// Within this an event's proof is there, while the store answers and what waits is less than a batch.
const PROOF_WITHIN: Duration = Duration::from_secs(2);
// One pause, one turn, and room for both to take three times as long.
const _: () = assert!(EVERY.as_millis() * 4 <= PROOF_WITHIN.as_millis(), "the log looks at its queue too seldom");
/// How far a clock may step back before nothing is signed any more: what a time service corrects stays below it.
const TOLERANCE: Duration = Duration::from_mins(1);

/// How the log works.
pub struct LogSettings {
    /// Its name: its address without the scheme.
    pub origin: String,
    /// Leaves that may wait before new disclosures are refused.
    pub most_pending: u64,
    /// Leaves appended at once, at most.
    pub batch: u32,
    /// A second key that signs every head as it is made.
    pub witness: Option<Signer>,
}

impl LogSettings {
    /// The settings of the log of the counter at this address.
    #[must_use]
    pub fn of(public_url: &str, most_pending: u64) -> Self {
        Self { origin: origin_of(public_url), most_pending, batch: 4096, witness: None }
    }
}

/// A log's name: where it is read, without the scheme (C2SP tlog-tiles).
#[must_use]
pub fn origin_of(public_url: &str) -> String {
    let place = public_url.split_once("://").map_or(public_url, |(_, place)| place);
    format!("{}/evidence", place.trim_end_matches('/'))
}

/// What the log is made of.
pub struct LogParts {
    /// Durable truth.
    pub store: Arc<dyn Store>,
    /// Seals the log's key.
    pub master: Arc<MasterKey>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// For keys.
    pub entropy: Arc<dyn Entropy>,
}

/// What a turn came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Nothing waits.
    Idle,
    /// This many leaves are in the log now; perhaps more wait.
    Logged(usize),
    /// Another node was faster.
    Outrun,
    /// Nothing can be logged until an operator helped.
    Stuck(Trouble),
}

/// The log of evidence.
pub struct EvidenceLog {
    pub(super) settings: LogSettings,
    pub(super) parts: LogParts,
    intake: Intake,
    keys: RwLock<LogKeys>,
}

impl EvidenceLog {
    /// The log of its parts.
    #[must_use]
    pub fn new(settings: LogSettings, parts: LogParts) -> Self {
        let intake = Intake::new(settings.most_pending);
        Self { settings, parts, intake, keys: RwLock::default() }
    }

    /// What is asked before anything may be disclosed.
    #[must_use]
    pub const fn intake(&self) -> &Intake {
        &self.intake
    }

    /// What opens its keys.
    #[must_use]
    pub fn master(&self) -> &MasterKey {
        &self.parts.master
    }

    /// The name that it gets if it is new.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.settings.origin
    }

    /// Takes turns until it is stopped; to be run beside the server.
    pub async fn run_forever(&self) {
        let mut turns = 0_u32;
        loop {
            turns = turns.wrapping_add(1);
            if turns.is_multiple_of(thinning::EVERY_TURNS)
                && let Err(error) = self.thin().await
            {
                tracing::warn!(%error, "old checkpoints could not be thinned out; again in a minute");
            }
            match self.turn().await {
                // Only what did not fit is taken at once: the rest gathers, so that a head covers many leaves.
                Ok(Turn::Logged(count)) if count >= self.settings.batch as usize => continue,
                Ok(_) => {}
                Err(fault) => {
                    if self.intake.note(Some(Trouble::Failing)) {
                        tracing::error!(%fault, "the log of evidence does not move; leaves wait");
                    }
                }
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    /// Appends what waits, up to one batch.
    ///
    /// # Errors
    /// [`Fault`] when the store is away, or what it holds of the log does not fit together.
    pub async fn turn(&self) -> Result<Turn, Fault> {
        let store = &self.parts.store;
        let pending = store.list_pending_leaves(self.settings.batch).await?;
        let is_all = pending.len() < self.settings.batch as usize;
        let waiting = if is_all { pending.len() as u64 } else { store.count_pending_leaves().await? };
        self.intake.count(waiting);
        let head = store.find_checkpoint(None).await?;
        if pending.is_empty() && head.is_some() {
            self.recover();
            return Ok(Turn::Idle);
        }
        let at = match self.moment(head.as_ref()) {
            Ok(at) => at,
            Err(trouble) => return Ok(self.stuck(trouble)),
        };
        let Some(signer) = self.signer(head.is_none()).await? else { return Ok(self.stuck(Trouble::KeyLost)) };
        let from = head.as_ref().map_or(0, |head| head.size);
        let mut edge = self.edge(head.as_ref()).await?;
        for leaf in &pending {
            edge.append(leaf_of(leaf.commitment));
        }
        let count = pending.len();
        let changed = edge.take_changed().into_iter();
        let changed = changed.map(|(id, hashes)| HeldTile { level: id.level, index: id.index, hashes });
        let signed = self.sign(&edge, (&signer, at))?;
        let append = Append { from, leaves: pending, tiles: changed.collect(), checkpoint: signed };
        if !store.append_leaves(&append).await? {
            return Ok(Turn::Outrun);
        }
        self.recover();
        self.intake.count(waiting.saturating_sub(count as u64));
        Ok(if count == 0 { Turn::Idle } else { Turn::Logged(count) })
    }

    fn sign(&self, edge: &Edge, by: (&Signer, Timestamp)) -> Result<HeldCheckpoint, Fault> {
        let (signer, at) = by;
        let head = Checkpoint { origin: signer.verifier().name().to_owned(), size: edge.size(), root: edge.root() };
        let mut note = head.sign(signer, at);
        if let Some(witness) = &self.settings.witness {
            let cosigned = checkpoint::cosign(&note, witness, at);
            note = cosigned.map_err(|error| Fault::Internal(format!("our own checkpoint {error}")))?;
        }
        Ok(HeldCheckpoint { size: head.size, at, note })
    }

    /// The time to sign at: never before the newest head's.
    fn moment(&self, head: Option<&HeldCheckpoint>) -> Result<Timestamp, Trouble> {
        let now = self.parts.clock.now();
        let Some(head) = head else { return Ok(now) };
        if head.at.since(now) > TOLERANCE {
            return Err(Trouble::ClockWentBack);
        }
        Ok(now.max(head.at))
    }

    /// The key that signs; made when the log is new, and never for a log that had one.
    async fn signer(&self, is_new: bool) -> Result<Option<Arc<Signer>>, Fault> {
        let origin = name_of(&*self.parts.store, &self.settings.origin).await?;
        let parts = KeyParts { store: &*self.parts.store, master: &self.parts.master, origin: &origin };
        let mut held = self.parts.store.list_keys(PURPOSE).await?;
        if held.is_empty() && is_new {
            make_key(parts, &*self.parts.entropy, self.parts.clock.now()).await?;
            held = self.parts.store.list_keys(PURPOSE).await?;
        }
        let known = self.keys.read().unwrap_or_else(PoisonError::into_inner).clone();
        if known.are(&held) {
            return Ok(known.newest().cloned());
        }
        let loaded = LogKeys::load(parts).await?;
        let newest = loaded.newest().cloned();
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = loaded;
        Ok(newest)
    }

    /// The tree's right edge, held against its newest head.
    async fn edge(&self, head: Option<&HeldCheckpoint>) -> Result<Edge, Fault> {
        let Some(head) = head else { return Ok(Edge::default()) };
        let damaged = |why: String| {
            Fault::Internal(format!("the log of evidence is damaged ({why}); see `madoguchi audit verify`"))
        };
        let tiles = self.tiles(tiles::edge_of(head.size).into_iter().collect()).await?;
        let edge = Edge::read(head.size, &tiles).map_err(|error| damaged(error.to_string()))?;
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner).verifiers();
        let signed = receipt::open(&head.note, &keys).map_err(|error| damaged(error.to_string()))?;
        if signed.head() == (edge.size(), edge.root()) {
            Ok(edge)
        } else {
            Err(damaged("its tiles do not lead to its newest checkpoint".to_owned()))
        }
    }

    /// Those of these tiles that are there.
    pub(super) async fn tiles(&self, ids: BTreeSet<TileId>) -> Result<Tiles, Fault> {
        let ids: Vec<(u8, u64)> = ids.into_iter().map(|id| (id.level, id.index)).collect();
        let mut tiles = Tiles::default();
        for HeldTile { level, index, hashes } in self.parts.store.list_tiles(&ids).await? {
            let taken = tiles.insert(TileId { level, index }, &hashes);
            taken.map_err(|error| Fault::Internal(format!("the log of evidence is damaged ({error})")))?;
        }
        Ok(tiles)
    }

    /// What the log's signatures are verified with, newest first.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn verifiers(&self) -> Result<Vec<Verifier>, Fault> {
        let origin = name_of(&*self.parts.store, &self.settings.origin).await?;
        let parts = KeyParts { store: &*self.parts.store, master: &self.parts.master, origin: &origin };
        let held = self.parts.store.list_keys(PURPOSE).await?;
        let known = self.keys.read().unwrap_or_else(PoisonError::into_inner).clone();
        if known.are(&held) { Ok(known.verifiers()) } else { Ok(LogKeys::load(parts).await?.verifiers()) }
    }

    fn recover(&self) {
        if self.intake.note(None) {
            tracing::info!("the log of evidence moves");
        }
    }

    fn stuck(&self, trouble: Trouble) -> Turn {
        if self.intake.note(Some(trouble)) {
            tracing::error!(reason = trouble.words(), "the log of evidence does not move; leaves wait");
        }
        Turn::Stuck(trouble)
    }
}

#[cfg(test)]
mod tests;
