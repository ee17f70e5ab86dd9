//! Erasing by age.

use super::{PostgresStore, ask, attachments};
use crate::domain::{Fault, Kept, Timestamp};
use crate::store::statement::{Statement, statements};
use crate::store::{ErasureStore as _, RetentionStore, record};
use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};

/// Outcomes or pieces of one bulk filing in one write: it can have a million.
const CHUNK: i64 = 2000;

statements! {
    ERASE_RECEIPTS = "DELETE FROM evidence_records WHERE receipt IN (
        SELECT r.receipt FROM evidence_records r JOIN evidence_leaves l ON l.receipt = r.receipt
        WHERE r.at < $1 LIMIT $2 FOR UPDATE OF r SKIP LOCKED)";
    COUNT_RECEIPTS = "SELECT count(*) FROM evidence_records r JOIN evidence_leaves l ON l.receipt = r.receipt
        WHERE r.at < $1";
    ERASE_ACCESSES = "DELETE FROM accesses WHERE id IN (
        SELECT id FROM accesses WHERE at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)";
    COUNT_ACCESSES = "SELECT count(*) FROM accesses WHERE at < $1";
    /// Over, with no part and no document that somebody has yet to do something with. What another erases at the same time
    /// is left to it.
    LIST_FILINGS = "SELECT s.id FROM submissions s WHERE s.ended_at < $1
        AND NOT EXISTS (SELECT 1 FROM submission_deliveries d WHERE d.submission_id = s.id AND d.due_at IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM submission_documents o WHERE o.submission_id = s.id AND o.due_at IS NOT NULL)
        ORDER BY s.ended_at LIMIT $2 FOR UPDATE OF s SKIP LOCKED";
    COUNT_FILINGS = "SELECT count(*) FROM submissions s WHERE s.ended_at < $1
        AND NOT EXISTS (SELECT 1 FROM submission_deliveries d WHERE d.submission_id = s.id AND d.due_at IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM submission_documents o WHERE o.submission_id = s.id AND o.due_at IS NOT NULL)";
    /// What was sent to accounts, and is over.
    LIST_SENT = "SELECT id FROM submission_documents WHERE ended_at < $1 ORDER BY ended_at LIMIT $2
        FOR UPDATE SKIP LOCKED";
    COUNT_SENT = "SELECT count(*) FROM submission_documents WHERE ended_at < $1";
    ERASE_SENT = "DELETE FROM submission_documents WHERE id = ANY($1)";
    ERASE_EVENTS = "DELETE FROM submission_events WHERE submission_id = ANY($1)";
    ERASE_DOCUMENTS = "DELETE FROM submission_documents WHERE submission_id = ANY($1)";
    ERASE_DELIVERIES = "DELETE FROM submission_deliveries WHERE submission_id = ANY($1)";
    ERASE_FILINGS = "DELETE FROM submissions WHERE id = ANY($1)";
    /// Over, and none of the filings is there any more that its records were handed on in.
    LIST_BULKS = "SELECT b.id FROM bulk_submissions b WHERE b.kept_from < $1
        AND NOT EXISTS (SELECT 1 FROM bulk_pieces p JOIN submissions s ON s.id = p.submission_id WHERE p.bulk_id = b.id)
        ORDER BY b.kept_from LIMIT $2";
    COUNT_BULKS = "SELECT count(*) FROM bulk_submissions b WHERE b.kept_from < $1
        AND NOT EXISTS (SELECT 1 FROM bulk_pieces p JOIN submissions s ON s.id = p.submission_id WHERE p.bulk_id = b.id)";
    ERASE_OUTCOMES = "DELETE FROM bulk_outcomes WHERE bulk_id = $1 AND line IN (
        SELECT line FROM bulk_outcomes WHERE bulk_id = $1 LIMIT $2)";
    ERASE_PIECES = "DELETE FROM bulk_pieces WHERE bulk_id = $1 AND no IN (
        SELECT no FROM bulk_pieces WHERE bulk_id = $1 LIMIT $2)";
    ERASE_BULK = "DELETE FROM bulk_submissions WHERE id = $1";
    /// Each with its key; no id is made twice, so no tombstone is wanted.
    ERASE_CERTIFICATES = "WITH old AS (
            DELETE FROM employment_certificates WHERE id IN (
                SELECT id FROM employment_certificates WHERE issued_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)
            RETURNING id),
        told AS (DELETE FROM submission_events USING old WHERE submission_id = old.id)
        DELETE FROM data_keys USING old WHERE data_keys.id = old.id";
    COUNT_CERTIFICATES = "SELECT count(*) FROM employment_certificates WHERE issued_at < $1";
    /// What another erases at the same time is left to it.
    LIST_PAYMENTS = "SELECT id FROM payments WHERE ended_at < $1 ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED";
    COUNT_PAYMENTS = "SELECT count(*) FROM payments WHERE ended_at < $1";
    ERASE_ATTEMPTS = "DELETE FROM payment_attempts WHERE payment_id = ANY($1)";
    ERASE_SETTLEMENTS = "DELETE FROM payment_settlements WHERE payment_id = ANY($1)";
    ERASE_PAYMENTS = "DELETE FROM payments WHERE id = ANY($1)";
    ERASE_REQUESTS = "WITH old AS (
            DELETE FROM certificate_requests WHERE id IN (
                SELECT id FROM certificate_requests WHERE created_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)
            RETURNING id),
        told AS (DELETE FROM submission_events USING old WHERE submission_id = old.id)
        DELETE FROM data_keys USING old WHERE data_keys.id = old.id";
    COUNT_REQUESTS = "SELECT count(*) FROM certificate_requests WHERE created_at < $1";
    ERASE_ESTABLISHMENTS = "WITH old AS (
            DELETE FROM establishments WHERE id IN (
                SELECT id FROM establishments WHERE kept_from < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)
            RETURNING id),
        told AS (DELETE FROM submission_events USING old WHERE submission_events.submission_id = old.id)
        DELETE FROM data_keys USING old WHERE data_keys.id = old.id";
    COUNT_ESTABLISHMENTS = "SELECT count(*) FROM establishments WHERE kept_from < $1";
    /// What another erases at the same time is left to it.
    LIST_DEPOSITS = "SELECT id, submission_id FROM deposits WHERE over_at < $1
        ORDER BY over_at LIMIT $2 FOR UPDATE SKIP LOCKED";
    COUNT_DEPOSITS = "SELECT count(*) FROM deposits WHERE over_at < $1";
    ERASE_REFERENCES = "DELETE FROM deposit_references WHERE deposit_id = ANY($1)";
    ERASE_SHARES = "DELETE FROM deposit_shares WHERE deposit_id = ANY($1)";
    ERASE_DEPOSITS = "DELETE FROM deposits WHERE id = ANY($1)";
    ERASE_KEYS = "DELETE FROM data_keys WHERE id = ANY($1)";
    LIST_DISPOSITIONS = "SELECT id FROM disposition_notices WHERE over_at < $1
        ORDER BY over_at LIMIT $2 FOR UPDATE SKIP LOCKED";
    COUNT_DISPOSITIONS = "SELECT count(*) FROM disposition_notices WHERE over_at < $1";
    ERASE_DISPOSITIONS = "DELETE FROM disposition_notices WHERE id = ANY($1)";
    LIST_NOTICES = "SELECT id FROM citizen_notices WHERE over_at < $1 ORDER BY over_at LIMIT $2 FOR UPDATE SKIP LOCKED";
    COUNT_NOTICES = "SELECT count(*) FROM citizen_notices WHERE over_at < $1";
    ERASE_NOTICE_FILES = "DELETE FROM citizen_notice_files WHERE notice_id = ANY($1)";
    ERASE_NOTICES = "DELETE FROM citizen_notices WHERE id = ANY($1)";
    LIST_NOTICE_BULKS = "SELECT id FROM notice_bulks WHERE created_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED";
    ERASE_REJECTIONS = "DELETE FROM notice_bulk_rejections WHERE bulk_id = ANY($1)";
    ERASE_NOTICE_BULKS = "DELETE FROM notice_bulks WHERE id = ANY($1)";
    LIST_APPLICATIONS = "SELECT id FROM applications WHERE ended_at < $1
        ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED";
    COUNT_APPLICATIONS = "SELECT count(*) FROM applications WHERE ended_at < $1";
    ERASE_ATTACHED = "DELETE FROM application_certificates WHERE application_id = ANY($1)";
    ERASE_APPLICATIONS = "DELETE FROM applications WHERE id = ANY($1)";
    /// Those that came after the filing itself was erased.
    ERASE_LATE_EVENTS = "DELETE FROM submission_events WHERE submission_id = ANY($1)
        AND NOT EXISTS (SELECT 1 FROM submissions s WHERE s.id = submission_events.submission_id)";
    ERASE_LETTERS = "DELETE FROM webhook_messages WHERE id IN (
        SELECT id FROM webhook_messages WHERE due_at IS NULL AND created_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)";
    COUNT_LETTERS = "SELECT count(*) FROM webhook_messages WHERE due_at IS NULL AND created_at < $1";
    ERASE_SIGN_INS = "DELETE FROM sign_ins WHERE id IN (
        SELECT id FROM sign_ins WHERE created_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)";
    COUNT_SIGN_INS = "SELECT count(*) FROM sign_ins WHERE created_at < $1";
    ERASE_DECISIONS = "DELETE FROM decisions WHERE id IN (
        SELECT id FROM decisions WHERE at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)";
    COUNT_DECISIONS = "SELECT count(*) FROM decisions WHERE at < $1";
}

fn ids(rows: &[PgRow]) -> Result<Vec<String>, Fault> {
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

async fn erase_filings(connection: &mut PgConnection, until: Timestamp, limit: u32) -> Result<u64, Fault> {
    let ended = ask(LIST_FILINGS).bind(until.millis()).bind(i64::from(limit)).fetch_all(&mut *connection).await?;
    let ended = ids(&ended)?;
    for statement in [ERASE_EVENTS, ERASE_DOCUMENTS, ERASE_DELIVERIES, ERASE_FILINGS] {
        ask(statement).bind(&ended).execute(&mut *connection).await?;
    }
    let sent = ask(LIST_SENT).bind(until.millis()).bind(i64::from(limit)).fetch_all(&mut *connection).await?;
    let sent = ids(&sent)?;
    for statement in [ERASE_EVENTS, ERASE_SENT] {
        ask(statement).bind(&sent).execute(&mut *connection).await?;
    }
    Ok((ended.len() + sent.len()) as u64)
}

async fn erase_payments(connection: &mut PgConnection, until: Timestamp, limit: u32) -> Result<u64, Fault> {
    let over = ask(LIST_PAYMENTS).bind(until.millis()).bind(i64::from(limit)).fetch_all(&mut *connection).await?;
    let over = ids(&over)?;
    for statement in [ERASE_EVENTS, ERASE_ATTEMPTS, ERASE_SETTLEMENTS, ERASE_PAYMENTS, ERASE_KEYS] {
        ask(statement).bind(&over).execute(&mut *connection).await?;
    }
    Ok(over.len() as u64)
}

async fn erase_deposits(connection: &mut PgConnection, until: Timestamp, limit: u32) -> Result<u64, Fault> {
    let over = ask(LIST_DEPOSITS).bind(until.millis()).bind(i64::from(limit)).fetch_all(&mut *connection).await?;
    let filings = over.iter().map(|row| Ok(row.try_get::<Option<String>, _>(1)?)).collect::<Result<Vec<_>, Fault>>()?;
    let filings: Vec<String> = filings.into_iter().flatten().collect();
    let over = ids(&over)?;
    for statement in [ERASE_REFERENCES, ERASE_SHARES, ERASE_DEPOSITS, ERASE_KEYS] {
        ask(statement).bind(&over).execute(&mut *connection).await?;
    }
    ask(ERASE_LATE_EVENTS).bind(&filings).execute(&mut *connection).await?;
    Ok(over.len() as u64)
}

async fn erase_applications(connection: &mut PgConnection, until: Timestamp, limit: u32) -> Result<u64, Fault> {
    let over = ask(LIST_APPLICATIONS).bind(until.millis()).bind(i64::from(limit)).fetch_all(&mut *connection).await?;
    let over = ids(&over)?;
    attachments::erase_with(connection, &over).await?;
    for statement in [ERASE_EVENTS, ERASE_ATTACHED, ERASE_APPLICATIONS, ERASE_KEYS] {
        ask(statement).bind(&over).execute(&mut *connection).await?;
    }
    Ok(over.len() as u64)
}

async fn erase_dispositions(connection: &mut PgConnection, until: Timestamp, limit: u32) -> Result<u64, Fault> {
    let over = ask(LIST_DISPOSITIONS).bind(until.millis()).bind(i64::from(limit)).fetch_all(&mut *connection).await?;
    let over = ids(&over)?;
    for statement in [ERASE_EVENTS, ERASE_DISPOSITIONS, ERASE_KEYS] {
        ask(statement).bind(&over).execute(&mut *connection).await?;
    }
    Ok(over.len() as u64)
}

/// The files of lines that they came by go when they are as old.
async fn erase_notices(connection: &mut PgConnection, until: Timestamp, limit: u32) -> Result<u64, Fault> {
    let over = ask(LIST_NOTICES).bind(until.millis()).bind(i64::from(limit)).fetch_all(&mut *connection).await?;
    let over = ids(&over)?;
    for statement in [ERASE_EVENTS, ERASE_NOTICE_FILES, ERASE_NOTICES] {
        ask(statement).bind(&over).execute(&mut *connection).await?;
    }
    let bulks = ask(LIST_NOTICE_BULKS).bind(until.millis()).bind(i64::from(limit)).fetch_all(&mut *connection).await?;
    let bulks = ids(&bulks)?;
    for statement in [ERASE_REJECTIONS, ERASE_NOTICE_BULKS] {
        ask(statement).bind(&bulks).execute(&mut *connection).await?;
    }
    Ok(over.len() as u64)
}

impl PostgresStore {
    async fn erase(&self, statement: Statement, until: Timestamp, limit: u32) -> Result<u64, Fault> {
        let erase = ask(statement).bind(until.millis()).bind(i64::from(limit));
        Ok(erase.execute(&self.pool).await?.rows_affected())
    }

    /// What is over stays so: its many rows go in many writes, and it itself last. Of two who do it at once one counts it.
    async fn erase_bulks(&self, until: Timestamp, limit: u32) -> Result<u64, Fault> {
        let ended = ask(LIST_BULKS).bind(until.millis()).bind(i64::from(limit)).fetch_all(&self.pool).await?;
        let mut erased = 0;
        for id in ids(&ended)? {
            for statement in [ERASE_OUTCOMES, ERASE_PIECES] {
                let mut is_more = true;
                while is_more {
                    let gone = ask(statement).bind(&id).bind(CHUNK).execute(&self.pool).await?;
                    is_more = gone.rows_affected() >= CHUNK.unsigned_abs();
                }
            }
            erased += ask(ERASE_BULK).bind(&id).execute(&self.pool).await?.rows_affected();
        }
        Ok(erased)
    }
}

#[async_trait]
impl RetentionStore for PostgresStore {
    async fn erase_old(&self, kind: Kept, until: Timestamp, (at, limit): (Timestamp, u32)) -> Result<u64, Fault> {
        match kind {
            Kept::EvidenceRecords => self.erase(ERASE_RECEIPTS, until, limit).await,
            Kept::AccessHistory => self.erase(ERASE_ACCESSES, until, limit).await,
            Kept::EndedConsents => self.erase_consents(None, until, (at, limit)).await,
            Kept::EndedFilings => {
                self.transact(async move |mut transaction| {
                    let erased = erase_filings(&mut transaction, until, limit).await?;
                    transaction.commit().await?;
                    Ok(erased)
                })
                .await
            }
            Kept::EndedPayments => {
                self.transact(async move |mut transaction| {
                    let erased = erase_payments(&mut transaction, until, limit).await?;
                    transaction.commit().await?;
                    Ok(erased)
                })
                .await
            }
            Kept::EndedDeposits => {
                self.transact(async move |mut transaction| {
                    let erased = erase_deposits(&mut transaction, until, limit).await?;
                    transaction.commit().await?;
                    Ok(erased)
                })
                .await
            }
            Kept::EndedDispositionNotices => {
                self.transact(async move |mut transaction| {
                    let erased = erase_dispositions(&mut transaction, until, limit).await?;
                    transaction.commit().await?;
                    Ok(erased)
                })
                .await
            }
            Kept::EndedNotices => {
                self.transact(async move |mut transaction| {
                    let erased = erase_notices(&mut transaction, until, limit).await?;
                    transaction.commit().await?;
                    Ok(erased)
                })
                .await
            }
            Kept::EndedApplications => {
                self.transact(async move |mut transaction| {
                    let erased = erase_applications(&mut transaction, until, limit).await?;
                    transaction.commit().await?;
                    Ok(erased)
                })
                .await
            }
            Kept::EndedBulkFilings => self.erase_bulks(until, limit).await,
            Kept::EmploymentCertificates => self.erase(ERASE_CERTIFICATES, until, limit).await,
            Kept::CertificateRequests => self.erase(ERASE_REQUESTS, until, limit).await,
            Kept::EndedEstablishments => self.erase(ERASE_ESTABLISHMENTS, until, limit).await,
            Kept::DeadLetters => self.erase(ERASE_LETTERS, until, limit).await,
            Kept::SignIns => self.erase(ERASE_SIGN_INS, until, limit).await,
            Kept::Decisions => self.erase(ERASE_DECISIONS, until, limit).await,
        }
    }

    async fn count_old(&self, kind: Kept, until: Timestamp) -> Result<u64, Fault> {
        let statement = match kind {
            Kept::EvidenceRecords => COUNT_RECEIPTS,
            Kept::AccessHistory => COUNT_ACCESSES,
            Kept::EndedConsents => return self.count_ended_consents(None, until).await,
            Kept::EndedFilings => COUNT_FILINGS,
            Kept::EndedBulkFilings => COUNT_BULKS,
            Kept::EmploymentCertificates => COUNT_CERTIFICATES,
            Kept::EndedPayments => COUNT_PAYMENTS,
            Kept::CertificateRequests => COUNT_REQUESTS,
            Kept::EndedEstablishments => COUNT_ESTABLISHMENTS,
            Kept::EndedDeposits => COUNT_DEPOSITS,
            Kept::EndedDispositionNotices => COUNT_DISPOSITIONS,
            Kept::EndedNotices => COUNT_NOTICES,
            Kept::EndedApplications => COUNT_APPLICATIONS,
            Kept::DeadLetters => COUNT_LETTERS,
            Kept::SignIns => COUNT_SIGN_INS,
            Kept::Decisions => COUNT_DECISIONS,
        };
        let mut counted = record::count(ask(statement).bind(until.millis()).fetch_one(&self.pool).await?.try_get(0)?)?;
        if kind == Kept::EndedFilings {
            let sent = ask(COUNT_SENT).bind(until.millis()).fetch_one(&self.pool).await?;
            counted += record::count(sent.try_get(0)?)?;
        }
        Ok(counted)
    }

    async fn forget_erased(&self) -> Result<(), Fault> {
        Ok(())
    }
}
