//! The shared engine: one PostgreSQL database, any number of nodes.
//!
//! What for: several nodes are one counter; what one took no other takes.
//!
//! How it flows: a call is one statement wherever one can say it, else one transaction (READ COMMITTED). Whoever
//! touches a grant and what hangs on it locks the grant's row first: what must not outlive a revocation takes it
//! `FOR SHARE`, the revocation itself updates it.
//!
//! How to add one more: a file named for the port, with its `statements!` and its `impl`; its list goes into
//! `STATEMENTS` here.
//!
//! What it must never do: find, check and then mark; begin a transaction but by `transact`; run SQL that is in no list;
//! put a value of a row into an error.

mod accesses;
mod agency_tokens;
mod application_batches;
mod application_drafts;
mod applications;
mod attachments;
mod authorizations;
mod bulk;
mod certificate_requests;
mod citizen_notices;
mod clients;
mod consents;
mod data_keys;
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
mod faults;
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

use super::statement::Statement;
use super::vault::Vault;
use crate::domain::{Fault, MasterKey};
use sqlx::postgres::{PgArguments, PgConnectOptions, PgPoolOptions, PgRow};
use sqlx::query::Query;
use sqlx::{Connection as _, PgConnection, PgPool, Postgres, Row as _, Transaction};
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

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

/// Connections of one node, at most.
const CONNECTIONS: u32 = 16;
/// How long a call waits for a connection before it says that the engine is unavailable.
const PATIENCE: Duration = Duration::from_secs(2);
/// A connection idle for longer is asked whether it still lives before it is used.
const TRUSTED_IDLE: Duration = Duration::from_secs(1);
/// What a session of ours insists on, whatever the server's own defaults are: what was acknowledged is on disk, and no
/// statement, lock or forgotten transaction holds others up for long.
const SESSION: &[(&str, &str)] = &[
    ("synchronous_commit", "on"),
    ("default_transaction_isolation", "read committed"),
    ("statement_timeout", "5s"),
    ("lock_timeout", "4s"),
    ("idle_in_transaction_session_timeout", "10s"),
];

/// A store in a PostgreSQL database.
pub struct PostgresStore {
    pool: PgPool,
    vault: Arc<Vault>,
}

impl PostgresStore {
    /// Connects to the database that `url` names and brings its schema up to date.
    ///
    /// # Errors
    /// [`Fault::Internal`] when the URL cannot be read, or what is kept is sealed under a master key that is not among
    /// `master`'s; [`Fault`] when the server does not answer or the schema was made by a newer version. No fault holds
    /// the URL.
    pub async fn connect(url: &str, master: &Arc<MasterKey>) -> Result<Self, Fault> {
        let options = PgConnectOptions::from_str(url);
        let options = options.map_err(|_| Fault::Internal("the PostgreSQL URL cannot be read".into()))?;
        let options = options.application_name("madoguchi").options(SESSION.iter().copied());
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE)
            .test_before_acquire(false)
            .before_acquire(|connection, standing| {
                Box::pin(async move {
                    if standing.idle_for > TRUSTED_IDLE {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_with(options)
            .await?;
        let vault = Arc::new(Vault::new(Arc::clone(master)));
        let mut connection = pool.acquire().await?;
        migrations::apply(&mut connection).await?;
        data_keys::read_lookup(&mut connection, &vault).await?;
        subjects::seal_all(&mut connection, &vault).await?;
        drop(connection);
        Ok(Self { pool, vault })
    }

    /// Begins a transaction and runs `work` in it to its end, even when the caller goes away meanwhile.
    ///
    /// The driver forgets a BEGIN whose caller was cancelled before the server's answer: the connection would be lent on
    /// with a transaction open, and what is written on it later would be acknowledged and never committed.
    async fn transact<T, W, F>(&self, work: W) -> Result<T, Fault>
    where
        T: Send + 'static,
        W: FnOnce(Transaction<'static, Postgres>) -> F + Send + 'static,
        F: Future<Output = Result<T, Fault>> + Send,
    {
        let pool = self.pool.clone();
        let running = tokio::spawn(async move { work(pool.begin().await?).await });
        running.await.unwrap_or_else(|_| Err(Fault::Internal("a transaction did not run to its end".into())))
    }
}

/// Ends a transaction: what was written in it stays where `is_done`, and goes otherwise. Gives the same.
async fn end(transaction: Transaction<'_, Postgres>, is_done: bool) -> Result<bool, Fault> {
    if is_done {
        transaction.commit().await?;
    } else {
        transaction.rollback().await?;
    }
    Ok(is_done)
}

/// A listed statement, ready for its values.
fn ask(statement: Statement) -> Query<'static, Postgres, PgArguments> {
    sqlx::query(statement.sql())
}

/// The first column of a row as a text that a record is read from.
fn body(row: &PgRow) -> Result<&str, Fault> {
    Ok(row.try_get(0)?)
}

/// Whether a conditional write within a transaction changed exactly one row.
async fn is_one(statement: Query<'_, Postgres, PgArguments>, connection: &mut PgConnection) -> Result<bool, Fault> {
    Ok(statement.execute(connection).await?.rows_affected() == 1)
}
