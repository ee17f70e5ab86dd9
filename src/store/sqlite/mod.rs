//! The embedded engine: one SQLite file, one process that serves.
//!
//! What for: a counter on one machine needs no database server.
//!
//! How it flows:
//! 1. a read borrows a connection (`readers`) and runs on the caller's own thread, some microseconds;
//! 2. a write is queued to the one writer thread (`writer`), which commits groups and answers after the commit is on
//!    disk; a full queue answers that the engine is unavailable;
//! 3. `checkpoint` moves the write-ahead log into the file beside them.
//!
//! How to add one more: a file named for the port, with its `statements!` and its `impl`; its list goes into
//! `STATEMENTS` here.
//!
//! What it must never do: write outside the writer; answer before the commit; run SQL that is in no list.

mod accesses;
mod agency_tokens;
mod application_batches;
mod application_drafts;
mod applications;
mod attachments;
mod authorizations;
mod bulk;
mod checkpoint;
mod certificate_requests;
mod citizen_notices;
mod clients;
mod consents;
mod data_keys;
mod database;
mod decisions;
mod decoupled;
mod documents;
mod drafts;
mod delegations;
mod deliveries;
mod deposit_shares;
mod deposits;
mod disasters;
mod dispositions;
mod emergencies;
mod service_status;
mod usage;
mod employment_certificates;
mod payments;
mod settlements;
mod establishments;
mod erasure;
mod evidence;
mod grants;
mod interviews;
mod invitations;
mod health_insurance;
mod linkage;
mod keys;
pub(super) mod migrations;
mod notice_bulks;
mod renewals;
mod notices;
mod readers;
mod protections;
mod registrations;
mod representations;
mod requests;
mod retention;
mod sealing;
mod sessions;
mod sign_ins;
mod statistics;
mod subjects;
mod submissions;
mod thresholds;
mod tokens;
mod upkeep;
mod webhooks;
mod writer;

use super::statement::Statement;
use super::vault::Vault;
use crate::domain::{Fault, MasterKey};
use database::Database;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use writer::Done;

/// Every statement of the engine, by file.
const STATEMENTS: &[&[Statement]] = &[
    accesses::STATEMENTS,
    authorizations::STATEMENTS,
    bulk::STATEMENTS,
    citizen_notices::STATEMENTS,
    linkage::STATEMENTS,
    health_insurance::STATEMENTS,
    clients::STATEMENTS,
    consents::STATEMENTS,
    data_keys::STATEMENTS,
    decisions::STATEMENTS,
    decoupled::STATEMENTS,
    documents::STATEMENTS,
    drafts::STATEMENTS,
    emergencies::STATEMENTS,
    service_status::STATEMENTS,
    usage::STATEMENTS,
    statistics::STATEMENTS,
    certificate_requests::STATEMENTS,
    employment_certificates::STATEMENTS,
    payments::STATEMENTS,
    settlements::STATEMENTS,
    establishments::STATEMENTS,
    erasure::STATEMENTS,
    evidence::STATEMENTS,
    grants::STATEMENTS,
    invitations::STATEMENTS,
    agency_tokens::STATEMENTS,
    keys::STATEMENTS,
    notice_bulks::STATEMENTS,
    renewals::STATEMENTS,
    notices::STATEMENTS,
    protections::STATEMENTS,
    registrations::STATEMENTS,
    representations::STATEMENTS,
    requests::STATEMENTS,
    retention::STATEMENTS,
    sealing::STATEMENTS,
    sessions::STATEMENTS,
    sign_ins::STATEMENTS,
    subjects::STATEMENTS,
    delegations::STATEMENTS,
    deliveries::STATEMENTS,
    deposit_shares::STATEMENTS,
    deposits::STATEMENTS,
    disasters::STATEMENTS,
    interviews::STATEMENTS,
    dispositions::STATEMENTS,
    application_batches::STATEMENTS,
    application_drafts::STATEMENTS,
    applications::STATEMENTS,
    attachments::STATEMENTS,
    submissions::STATEMENTS,
    thresholds::STATEMENTS,
    tokens::STATEMENTS,
    upkeep::STATEMENTS,
    webhooks::STATEMENTS,
];

/// A store in one SQLite file.
pub struct SqliteStore {
    vault: Arc<Vault>,
    path: PathBuf,
    readers: readers::Readers,
    // Fields drop in this order: the checkpoint thread is gone before the writer closes the file for good.
    _checkpoints: checkpoint::Checkpoints,
    writer: writer::Writer,
}

impl SqliteStore {
    /// Opens the file at `path`, makes it when it is not there, and brings its schema up to date.
    ///
    /// # Errors
    /// [`Fault`] when the file cannot be written, is no database, was made by a newer version, or is sealed under a
    /// master key that is not among `master`'s.
    pub fn open(path: &Path, master: &Arc<MasterKey>) -> Result<Self, Fault> {
        let mut connection = database::open_for_writing(path)?;
        migrations::apply(&mut connection)?;
        let vault = Arc::new(Vault::new(Arc::clone(master)));
        data_keys::read_lookup(Database::new(&connection), &vault)?;
        subjects::seal_all(&mut connection, &vault)?;
        let is_log_long = Arc::new(AtomicBool::new(false));
        Ok(Self {
            vault,
            path: path.to_owned(),
            readers: readers::Readers::new(path),
            _checkpoints: checkpoint::Checkpoints::start(path, Arc::clone(&is_log_long))?,
            writer: writer::Writer::start(connection, is_log_long)?,
        })
    }

    fn read<T>(&self, work: impl FnOnce(Database<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        self.readers.read(work)
    }

    /// Writes and keeps what was written.
    async fn write<T, W>(&self, work: W) -> Result<T, Fault>
    where
        T: Send + 'static,
        W: FnOnce(Database<'_>) -> Result<T, Fault> + Send + 'static,
    {
        self.writer.write(move |database| work(database).map(Done::Keep)).await
    }

    /// Writes, and keeps it only when the work says yes: all or nothing.
    async fn take<W>(&self, work: W) -> Result<bool, Fault>
    where
        W: FnOnce(Database<'_>) -> Result<bool, Fault> + Send + 'static,
    {
        let done = move |database: Database<'_>| {
            work(database).map(|is_taken| if is_taken { Done::Keep(true) } else { Done::Undo(false) })
        };
        self.writer.write(done).await
    }
}

#[cfg(test)]
mod tests;
