//! Handing a bulk filing on, piece by piece, and ending what nobody went on with.

use super::super::{Filer, Part, Submissions, Validation, Wanted};
use super::lines::{content, split};
use crate::domain::bulk::{Bulk, BulkState};
use crate::domain::ids::SubmissionId;
use crate::domain::submission::is_rejected;
use crate::domain::{Failure, Fault};
use crate::store::{BulkChange, HeldBulk};
use crate::submissions::Accepted;
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// For how long one is lent.
pub(super) const LEASE: Duration = Duration::from_secs(30);
/// How many pieces are handed on in one lease.
const AT_ONCE: u32 = 8;
/// How often to look when nobody rang.
const PAUSE: Duration = Duration::from_secs(1);
/// How often to look while the store is away.
const AFTER_FAULT: Duration = Duration::from_secs(5);

impl Submissions {
    /// Hands on what is filed, for as long as the process runs; to be spawned beside the server.
    pub async fn hand_on_forever(self: Arc<Self>) {
        loop {
            let rung = self.bulk_bell.notified();
            let pause = match self.hand_on_due().await {
                Ok(true) => continue,
                Ok(false) => PAUSE,
                Err(fault) => {
                    tracing::warn!(%fault, "a bulk filing could not be handed on");
                    AFTER_FAULT
                }
            };
            let _ = tokio::time::timeout(pause, rung).await;
        }
    }

    /// Takes a step with one bulk filing that is due; false when none is. What fails is taken up again after its lease.
    ///
    /// # Errors
    /// [`Fault`] when the store is away, or no filing is taken on just now.
    pub async fn hand_on_due(&self) -> Result<bool, Fault> {
        let now = self.parts.clock.now();
        let Some(held) = self.parts.store.lease_bulk(now, now.plus(LEASE)).await? else { return Ok(false) };
        match held.bulk.state {
            BulkState::Accepted => self.hand_on(held).await?,
            BulkState::Uploading if held.bulk.is_whole() => drop(self.decide_bulk(held).await.map_err(broken)?),
            BulkState::Uploading | BulkState::Checked if now >= held.bulk.expires_at => {
                let bulk = Bulk { state: BulkState::Expired, ..held.bulk };
                self.step(bulk, held.version, None).await?;
            }
            _ => {
                let due = Some(held.bulk.expires_at).filter(|_| !held.bulk.state.is_final());
                let change =
                    BulkChange { bulk: held.bulk, version: held.version, due_at: due, piece: None, handed_on: None };
                self.parts.store.update_bulk(&change).await?;
            }
        }
        Ok(true)
    }

    async fn hand_on(&self, held: HeldBulk) -> Result<(), Fault> {
        let office = self.office(&held)?;
        let (mut bulk, mut version) = (held.bulk, held.version);
        for _ in 0..AT_ONCE {
            let no = bulk.handed_on;
            let handed_on = self.hand_on_piece(&bulk, &office).await?.map(|submission| (no, submission));
            bulk.handed_on += 1;
            if bulk.handed_on >= bulk.pieces {
                bulk.state = BulkState::Distributed;
            }
            let is_over = bulk.state.is_final();
            if !self.step(bulk.clone(), version, handed_on).await? || is_over {
                return Ok(());
            }
            version += 1;
        }
        Ok(())
    }

    /// Writes a step down; due again at once unless it is over.
    async fn step(&self, bulk: Bulk, version: u64, handed_on: Option<(u32, SubmissionId)>) -> Result<bool, Fault> {
        let due_at = (!bulk.state.is_final()).then(|| self.parts.clock.now());
        self.parts.store.update_bulk(&BulkChange { bulk, version, due_at, piece: None, handed_on }).await
    }

    /// Makes the next piece a filing; none where it holds no record to file. Made again after a crash, it is the same one.
    async fn hand_on_piece(&self, bulk: &Bulk, office: &[u8]) -> Result<Option<SubmissionId>, Fault> {
        let no = bulk.handed_on;
        let (place, text) = self.piece(bulk, no).await?;
        let last = place.first_line + place.lines.saturating_sub(1);
        let found = self.parts.store.list_bulk_outcomes(&bulk.id, place.first_line, last).await?;
        let rejected: BTreeSet<u64> = found.iter().filter(|(_, f)| is_rejected(f)).map(|(line, _)| *line).collect();
        let lines = (place.first_line..).zip(split(text.records()));
        let records: Vec<&[u8]> = lines.filter(|(line, _)| !rejected.contains(line)).map(|(_, line)| line).collect();
        if records.is_empty() {
            return Ok(None);
        }
        let content = content(office, records.into_iter());
        let part: &RawValue = serde_json::from_slice(&content).map_err(|e| Fault::Internal(e.to_string()))?;
        let wanted = Wanted {
            bytes: &content,
            // No filer can send a key with spaces in it.
            key: &format!("bulk {} {no}", bulk.id),
            reference: Some(format!("{}.{no}", bulk.id)),
            applicant: None,
            parts: vec![Part { agency: bulk.agency.clone(), procedure: bulk.procedure.clone(), content: part }],
            validation: Validation::Done { delegation: bulk.delegation.clone() },
            draft: None,
            deposit: None,
        };
        // As it was when the whole was taken on: what became of its filer since changes nothing of it.
        let filer = Filer { client: &bulk.client, company: &bulk.applicant, weight: bulk.weight };
        match self.accept(&filer, &wanted).await.map_err(broken)? {
            Accepted::New(whole) | Accepted::Again(whole) => Ok(Some(whole.submission.id)),
        }
    }
}

/// What a filer would be refused with breaks us here, and passes (no place in the log of evidence, a change at the same
/// moment): it is tried again.
fn broken(failure: Failure) -> Fault {
    match failure {
        Failure::Refused(refusal) => Fault::Internal(format!("{}: {}", refusal.code, refusal.public)),
        Failure::Broken(fault) => fault,
    }
}
