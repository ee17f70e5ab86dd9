//! Bulk filings: one file of many records, taken in piece by piece, held against the same rules as a filing, receipted as a
//! whole, and handed on as filings of one piece each.
//!
//! What for: a hundred thousand employees are one file for a payroll program, and many filings for an agency. No more than
//! one piece is ever in memory, and what broke off goes on where it ended.
//!
//! How it flows: 1. `begin` writes down what will come: its digest, its length, and what all records have in common; 2.
//! `append` takes whole lines (`pieces`; rows of a CSV become records in `csv`), checks them (`lines`), and writes piece and
//! outcomes in one conditional write; 3. with the
//! last byte the digest is compared, and the receipt signed by the write that files it; 4. `hand_on` makes each piece a
//! filing by an `Idempotency-Key` of its own, so that a piece that is handed on again is the same filing; 5. `outcomes` tells
//! of every line where it stands.
//!
//! How to add one more: a state is a variant of [`BulkState`] and its step here; a format is a variant of [`RecordFormat`] and
//! what makes lines of records of it, beside `csv`.
//!
//! For another company than the filer's own it goes by that one's delegation: asked when it is begun and when it is filed, and,
//! as for every filing, before each piece is sent.
//!
//! A record is held against the rules of the moment at which it came. What was found good then is filed: neither the rules nor
//! the filer's registration are asked again, so that nothing that was receipted, or promised for an hour, can be refused here.
//!
//! What it must never do: file a byte that is not of the digest that was said; hand a piece on before the receipt is
//! durable, or twice in effect; keep a record once its filing has it.

mod csv;
mod hand_on;
mod lines;
mod outcomes;
mod pieces;
mod reseal;

pub use outcomes::LineOutcome;
pub use reseal::reseal_bulks;

use super::accept::{key_reused, why_not};
use super::deliver::{MOST_CHANGES, restless};
use super::receipt::{self, Filed};
use super::{Filer, Submissions};
use crate::domain::bulk::{BoundFile, Bulk, BulkState, CHECKED_LIFE, MOST_BYTES, OnReject, RecordFormat, UPLOAD_LIFE};
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::ids::{BulkId, ClientId};
use crate::domain::retrieval::IdempotencyKey;
use crate::domain::{Digest, Failure, Fault, Refusal, Timestamp};
use crate::store::{BulkChange, HeldBulk, InsertedBulk};
use serde_json::value::RawValue;

/// Most bytes of a piece, whatever the agency takes.
const MOST_PIECE: usize = 1024 * 1024;
/// Fewest bytes that are worth a filing of their own, unless they are the last.
const LEAST_PIECE: usize = 64 * 1024;

/// A file to come.
#[derive(Debug)]
pub struct BulkWanted<'a> {
    /// `Idempotency-Key`.
    pub key: &'a str,
    /// Digest of the request, whatever its white space.
    pub body: Digest,
    /// The agency.
    pub agency: &'a str,
    /// The procedure.
    pub procedure: &'a str,
    /// For which company; none for the one that stands behind the filer.
    pub applicant: Option<&'a CorporateNumber>,
    /// SHA-256 of the whole file.
    pub digest: Digest,
    /// Its bytes.
    pub length: u64,
    /// How its records are written.
    pub format: RecordFormat,
    /// Whether it is only to be checked.
    pub is_dry_run: bool,
    /// What becomes of it when records are rejected.
    pub on_reject: OnReject,
    /// What all its records have in common: an object.
    pub office: &'a RawValue,
    /// The one file that the filer's token opens, if it is bound to one.
    pub file: Option<&'a BoundFile>,
}

/// Who asks for a bulk filing that was begun.
#[derive(Clone, Copy, Debug)]
pub struct Asker<'a> {
    /// The client.
    pub client: &'a ClientId,
    /// The one file that its token opens, if it is bound to one.
    pub file: Option<&'a BoundFile>,
}

/// What seals what all records have in common.
fn office_owner(id: &BulkId) -> String {
    format!("bulk:{id}:office")
}

fn unknown() -> Refusal {
    Refusal::new("not_found", "You have no bulk filing with this id.")
}

impl Submissions {
    /// Makes ready for a file; the same again for the same key.
    ///
    /// # Errors
    /// `invalid_value` for an agency that is not there or a length out of range, `insufficient_scope` for another file than the
    /// token's, `not_delegated` for another company without its delegation, `idempotency_key_reused`.
    pub async fn begin_bulk(&self, filer: &Filer<'_>, wanted: &BulkWanted<'_>) -> Result<Bulk, Failure> {
        let applicant = wanted.applicant.unwrap_or(filer.company);
        wanted.file.map_or(Ok(()), |file| file.opens(wanted.digest, applicant))?;
        let key = IdempotencyKey { key: Self::digest_of_key(wanted.key), body: wanted.body };
        // What was begun stays so, also once the delegation is over or the agency is gone.
        if let Some(earlier) = self.parts.store.find_bulk_by_key(filer.client, key.key).await? {
            return if earlier.bulk.key == key { Ok(earlier.bulk) } else { Err(key_reused().into()) };
        }
        self.post(wanted.agency).map_err(|unknown| unknown.at("/agency"))?;
        if !(1..=MOST_BYTES).contains(&wanted.length) {
            return Err(Refusal::new("invalid_value", format!("It must be 1 to {MOST_BYTES}.")).at("/length").into());
        }
        let office_bytes = wanted.office.get().len();
        if self.piece_bytes(wanted.agency, office_bytes) < LEAST_PIECE / 2 {
            let words = "It leaves too little room for records in what the agency takes at once.";
            return Err(Refusal::new("invalid_value", words).at("/office").into());
        }
        let now = self.parts.clock.now();
        let delegation = if applicant == filer.company {
            None
        } else {
            let procedure = [("/procedure".to_owned(), wanted.procedure)];
            Some(self.delegation((applicant, filer.client), &procedure, now).await?)
        };
        let new = Bulk {
            id: BulkId::generate(&*self.parts.entropy),
            client: filer.client.clone(),
            applicant: applicant.clone(),
            delegation,
            key,
            agency: wanted.agency.to_owned(),
            procedure: wanted.procedure.to_owned(),
            digest: wanted.digest,
            length: wanted.length,
            format: wanted.format,
            columns: Vec::new(),
            is_dry_run: wanted.is_dry_run,
            on_reject: wanted.on_reject,
            office_bytes,
            weight: filer.weight,
            created_at: now,
            expires_at: now.plus(UPLOAD_LIFE),
            state: BulkState::Uploading,
            reason: None,
            received: 0,
            pieces: 0,
            lines: 0,
            rejected: 0,
            handed_on: 0,
            accepted_at: None,
            receipt: None,
        };
        let office = wanted.office.get().as_bytes();
        let sealed = self.parts.master.seal(&office_owner(&new.id), office, &*self.parts.entropy)?;
        match self.parts.store.insert_bulk(&new, &sealed).await? {
            InsertedBulk::New => Ok(new),
            InsertedBulk::Same(earlier) => Ok(*earlier),
            InsertedBulk::KeyReused => Err(key_reused().into()),
        }
    }

    /// The filer's own bulk filing with this id.
    ///
    /// # Errors
    /// `not_found` for another's, too; `insufficient_scope` for another file than the token's.
    pub async fn find_bulk(&self, asker: Asker<'_>, id: &str) -> Result<Bulk, Failure> {
        Ok(self.held_bulk(asker, id).await?.bulk)
    }

    async fn held_bulk(&self, asker: Asker<'_>, id: &str) -> Result<HeldBulk, Failure> {
        let id = BulkId::parse(id).map_err(|_| unknown())?;
        let found = self.parts.store.find_bulk(&id).await?.filter(|held| held.bulk.client == *asker.client);
        let found = found.ok_or_else(unknown)?;
        asker.file.map_or(Ok(()), |file| file.opens(found.bulk.digest, &found.bulk.applicant))?;
        Ok(found)
    }

    /// Most bytes of one piece.
    #[must_use]
    pub fn largest_piece(&self, bulk: &Bulk) -> usize {
        self.piece_bytes(&bulk.agency, bulk.office_bytes)
    }

    /// What an agency takes at once, beside what all records have in common.
    fn piece_bytes(&self, agency: &str, office: usize) -> usize {
        let largest = self.posts.get(agency).map_or(0, |post| post.agency.settings().largest_content);
        largest.saturating_sub(office + lines::FRAME).min(MOST_PIECE)
    }

    /// Takes the bytes of the file from `offset` on: as many whole lines as they hold. With the last one it is decided.
    ///
    /// # Errors
    /// `conflict` for another place than after the last byte that is here; `content_too_large`; `invalid_value` for bytes
    /// that hold no whole line, too few of them, or too much of the file, and where its agency is not here any more.
    pub async fn append_bulk(
        &self,
        asker: Asker<'_>,
        id: &str,
        (offset, bytes): (u64, &[u8]),
    ) -> Result<Bulk, Failure> {
        for _ in 0..MOST_CHANGES {
            let held = self.held_bulk(asker, id).await?;
            held.bulk.goes_on_at(offset)?;
            self.post(&held.bulk.agency)?;
            if held.bulk.is_whole() {
                return self.decide_bulk(held).await;
            }
            let office = self.office(&held)?;
            let (text, checked) = self.check_piece(&held.bulk, office, bytes).await?;
            let (bulk, piece) = self.grown(&held.bulk, &text, checked)?;
            let due = if bulk.is_whole() { self.parts.clock.now().plus(hand_on::LEASE) } else { bulk.expires_at };
            let piece = Some(piece);
            let change = BulkChange { bulk, version: held.version, due_at: Some(due), piece, handed_on: None };
            if self.parts.store.update_bulk(&change).await? {
                let held = HeldBulk { bulk: change.bulk, version: held.version + 1, office: held.office };
                return if held.bulk.is_whole() { self.decide_bulk(held).await } else { Ok(held.bulk) };
            }
        }
        Err(restless().into())
    }

    fn office(&self, held: &HeldBulk) -> Result<Vec<u8>, Fault> {
        let sealed = held.office.as_deref();
        let sealed = sealed.ok_or_else(|| Fault::Internal("a bulk filing lost what its records share".into()))?;
        self.parts.master.open(&office_owner(&held.bulk.id), sealed)
    }

    /// Decides about a file that is whole: filed with its receipt, found good, or refused.
    async fn decide_bulk(&self, held: HeldBulk) -> Result<Bulk, Failure> {
        let is_same = self.digest_of_pieces(&held.bulk).await? == held.bulk.digest;
        let mut bulk = held.bulk;
        let due = match bulk.verdict((is_same, self.delegated(&bulk).await?.is_ok())) {
            Ok(BulkState::Checked) => {
                bulk.state = BulkState::Checked;
                bulk.expires_at = self.parts.clock.now().plus(CHECKED_LIFE);
                Some(bulk.expires_at)
            }
            Ok(_) => Some(self.filed(&mut bulk)?),
            Err(reason) => {
                bulk.state = BulkState::Refused;
                bulk.reason = Some(reason);
                None
            }
        };
        self.written((bulk, held.version), due).await
    }

    /// Whether it may be filed: for the filer's own company always, for another while its delegation is in force.
    async fn delegated(&self, bulk: &Bulk) -> Result<Result<(), Refusal>, Fault> {
        let Some(id) = &bulk.delegation else { return Ok(Ok(())) };
        let (found, now) = (self.parts.store.find_delegation(id).await?, self.parts.clock.now());
        let lets = found.as_ref().is_some_and(|one| one.lets(&bulk.client, &bulk.procedure, now));
        Ok(if lets { Ok(()) } else { Err(why_not(&bulk.applicant, found.as_ref(), now)) })
    }

    /// Files it; gives when it is to be handed on.
    fn filed(&self, bulk: &mut Bulk) -> Result<Timestamp, Fault> {
        let at = self.parts.clock.now();
        let (client, receipt, digest) = (&bulk.client, bulk.id.as_str(), bulk.digest);
        let on_behalf_of = bulk.delegation.as_ref().map(|delegation| (bulk.applicant.as_str(), delegation.as_str()));
        let filed = Filed { client, receipt, id: bulk.id.as_str(), at, digest, on_behalf_of };
        let signed = receipt::signed(&self.parts.issuer, &filed, &*(self.parts.signing)()?)?;
        (bulk.state, bulk.accepted_at, bulk.receipt) = (BulkState::Accepted, Some(at), Some(signed));
        Ok(at)
    }

    async fn written(&self, (bulk, version): (Bulk, u64), due_at: Option<Timestamp>) -> Result<Bulk, Failure> {
        let change = BulkChange { bulk, version, due_at, piece: None, handed_on: None };
        if !self.parts.store.update_bulk(&change).await? {
            return Err(restless().into());
        }
        self.bulk_bell.notify_waiters();
        Ok(change.bulk)
    }

    /// Files what a dry run found good, as it is.
    ///
    /// # Errors
    /// `not_found`; `invalid_value` for another digest; `conflict` when it is no dry run that was found good within the
    /// hour; `not_delegated` once the company that it is for has ended the delegation.
    pub async fn submit_bulk(&self, asker: Asker<'_>, id: &str, digest: Digest) -> Result<Bulk, Failure> {
        let HeldBulk { mut bulk, version, .. } = self.held_bulk(asker, id).await?;
        if bulk.digest != digest {
            let words = "It is another file: give the digest that was checked.";
            return Err(Refusal::new("invalid_value", words).at("/digest").into());
        }
        if matches!(bulk.state, BulkState::Accepted | BulkState::Distributed) {
            return Ok(bulk);
        }
        if bulk.state != BulkState::Checked || self.parts.clock.now() >= bulk.expires_at {
            let words =
                format!("Only what a dry run found good within the hour is filed so; it is {}.", bulk.state.as_str());
            return Err(Refusal::new("conflict", words).into());
        }
        self.delegated(&bulk).await??;
        let due = self.filed(&mut bulk)?;
        self.written((bulk, version), Some(due)).await
    }

    /// Calls off what is not filed.
    ///
    /// # Errors
    /// `not_found`; `conflict` once it is filed, or over.
    pub async fn cancel_bulk(&self, asker: Asker<'_>, id: &str) -> Result<Bulk, Failure> {
        let HeldBulk { mut bulk, version, .. } = self.held_bulk(asker, id).await?;
        bulk.cancel()?;
        self.written((bulk, version), None).await
    }
}
