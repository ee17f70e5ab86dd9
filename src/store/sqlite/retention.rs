//! Erasing by age.

use super::SqliteStore;
use super::attachments;
use super::checkpoint;
use crate::domain::{Fault, Kept, Timestamp};
use crate::store::statement::{Statement, statements};
use crate::store::{ErasureStore as _, RetentionStore, record};
use async_trait::async_trait;
use rusqlite::{Row, params};

/// Outcomes or pieces of one bulk filing in one write: it can have a million.
const CHUNK: u32 = 2000;

statements! {
    ERASE_RECEIPTS = "DELETE FROM evidence_records WHERE receipt IN (
        SELECT r.receipt FROM evidence_records r JOIN evidence_leaves l ON l.receipt = r.receipt
        WHERE r.at < ?1 LIMIT ?2)";
    COUNT_RECEIPTS = "SELECT count(*) FROM evidence_records r JOIN evidence_leaves l ON l.receipt = r.receipt
        WHERE r.at < ?1";
    ERASE_ACCESSES = "DELETE FROM accesses WHERE id IN (SELECT id FROM accesses WHERE at < ?1 LIMIT ?2)";
    COUNT_ACCESSES = "SELECT count(*) FROM accesses WHERE at < ?1";
    /// Over, with no part and no document that somebody has yet to do something with.
    LIST_FILINGS = "SELECT s.id FROM submissions s WHERE s.ended_at < ?1
        AND NOT EXISTS (SELECT 1 FROM submission_deliveries d WHERE d.submission_id = s.id AND d.due_at IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM submission_documents o WHERE o.submission_id = s.id AND o.due_at IS NOT NULL)
        LIMIT ?2";
    COUNT_FILINGS = "SELECT count(*) FROM submissions s WHERE s.ended_at < ?1
        AND NOT EXISTS (SELECT 1 FROM submission_deliveries d WHERE d.submission_id = s.id AND d.due_at IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM submission_documents o WHERE o.submission_id = s.id AND o.due_at IS NOT NULL)";
    /// What was sent to accounts, and is over.
    LIST_SENT = "SELECT id FROM submission_documents WHERE ended_at < ?1 LIMIT ?2";
    COUNT_SENT = "SELECT count(*) FROM submission_documents WHERE ended_at < ?1";
    ERASE_SENT = "DELETE FROM submission_documents WHERE id = ?1";
    ERASE_EVENTS = "DELETE FROM submission_events WHERE submission_id = ?1";
    ERASE_DOCUMENTS = "DELETE FROM submission_documents WHERE submission_id = ?1";
    ERASE_DELIVERIES = "DELETE FROM submission_deliveries WHERE submission_id = ?1";
    ERASE_FILING = "DELETE FROM submissions WHERE id = ?1";
    /// Over, and none of the filings is there any more that its records were handed on in.
    LIST_BULKS = "SELECT b.id FROM bulk_submissions b WHERE b.kept_from < ?1
        AND NOT EXISTS (SELECT 1 FROM bulk_pieces p JOIN submissions s ON s.id = p.submission_id WHERE p.bulk_id = b.id)
        LIMIT ?2";
    COUNT_BULKS = "SELECT count(*) FROM bulk_submissions b WHERE b.kept_from < ?1
        AND NOT EXISTS (SELECT 1 FROM bulk_pieces p JOIN submissions s ON s.id = p.submission_id WHERE p.bulk_id = b.id)";
    ERASE_OUTCOMES = "DELETE FROM bulk_outcomes WHERE bulk_id = ?1 AND line IN (
        SELECT line FROM bulk_outcomes WHERE bulk_id = ?1 LIMIT ?2)";
    ERASE_PIECES = "DELETE FROM bulk_pieces WHERE bulk_id = ?1 AND no IN (
        SELECT no FROM bulk_pieces WHERE bulk_id = ?1 LIMIT ?2)";
    ERASE_BULK = "DELETE FROM bulk_submissions WHERE id = ?1";
    LIST_CERTIFICATES = "SELECT id FROM employment_certificates WHERE issued_at < ?1 LIMIT ?2";
    COUNT_CERTIFICATES = "SELECT count(*) FROM employment_certificates WHERE issued_at < ?1";
    ERASE_CERTIFICATE = "DELETE FROM employment_certificates WHERE id = ?1";
    LIST_PAYMENTS = "SELECT id FROM payments WHERE ended_at < ?1 LIMIT ?2";
    COUNT_PAYMENTS = "SELECT count(*) FROM payments WHERE ended_at < ?1";
    ERASE_ATTEMPTS = "DELETE FROM payment_attempts WHERE payment_id = ?1";
    ERASE_SETTLEMENTS = "DELETE FROM payment_settlements WHERE payment_id = ?1";
    ERASE_PAYMENT = "DELETE FROM payments WHERE id = ?1";
    /// No id is made twice, so no tombstone is wanted.
    ERASE_KEY = "DELETE FROM data_keys WHERE id = ?1";
    LIST_REQUESTS = "SELECT id FROM certificate_requests WHERE created_at < ?1 LIMIT ?2";
    COUNT_REQUESTS = "SELECT count(*) FROM certificate_requests WHERE created_at < ?1";
    ERASE_REQUEST = "DELETE FROM certificate_requests WHERE id = ?1";
    LIST_ESTABLISHMENTS = "SELECT id FROM establishments WHERE kept_from < ?1 LIMIT ?2";
    COUNT_ESTABLISHMENTS = "SELECT count(*) FROM establishments WHERE kept_from < ?1";
    ERASE_ESTABLISHMENT = "DELETE FROM establishments WHERE id = ?1";
    LIST_DEPOSITS = "SELECT id, submission_id FROM deposits WHERE over_at < ?1 LIMIT ?2";
    COUNT_DEPOSITS = "SELECT count(*) FROM deposits WHERE over_at < ?1";
    ERASE_REFERENCES = "DELETE FROM deposit_references WHERE deposit_id = ?1";
    ERASE_SHARES = "DELETE FROM deposit_shares WHERE deposit_id = ?1";
    ERASE_DEPOSIT = "DELETE FROM deposits WHERE id = ?1";
    LIST_DISPOSITIONS = "SELECT id FROM disposition_notices WHERE over_at < ?1 LIMIT ?2";
    COUNT_DISPOSITIONS = "SELECT count(*) FROM disposition_notices WHERE over_at < ?1";
    ERASE_DISPOSITION = "DELETE FROM disposition_notices WHERE id = ?1";
    LIST_NOTICES = "SELECT id FROM citizen_notices WHERE over_at < ?1 LIMIT ?2";
    COUNT_NOTICES = "SELECT count(*) FROM citizen_notices WHERE over_at < ?1";
    ERASE_NOTICE_FILES = "DELETE FROM citizen_notice_files WHERE notice_id = ?1";
    ERASE_NOTICE = "DELETE FROM citizen_notices WHERE id = ?1";
    LIST_NOTICE_BULKS = "SELECT id FROM notice_bulks WHERE created_at < ?1 LIMIT ?2";
    ERASE_REJECTIONS = "DELETE FROM notice_bulk_rejections WHERE bulk_id = ?1";
    ERASE_NOTICE_BULK = "DELETE FROM notice_bulks WHERE id = ?1";
    LIST_APPLICATIONS = "SELECT id FROM applications WHERE ended_at < ?1 LIMIT ?2";
    COUNT_APPLICATIONS = "SELECT count(*) FROM applications WHERE ended_at < ?1";
    ERASE_ATTACHED = "DELETE FROM application_certificates WHERE application_id = ?1";
    ERASE_APPLICATION = "DELETE FROM applications WHERE id = ?1";
    /// Those that came after the filing itself was erased.
    ERASE_LATE_EVENTS = "DELETE FROM submission_events WHERE submission_id = ?1
        AND NOT EXISTS (SELECT 1 FROM submissions WHERE id = ?1)";
    ERASE_LETTERS = "DELETE FROM webhook_messages WHERE id IN (
        SELECT id FROM webhook_messages WHERE due_at IS NULL AND created_at < ?1 LIMIT ?2)";
    COUNT_LETTERS = "SELECT count(*) FROM webhook_messages WHERE due_at IS NULL AND created_at < ?1";
    ERASE_SIGN_INS = "DELETE FROM sign_ins WHERE id IN (SELECT id FROM sign_ins WHERE created_at < ?1 LIMIT ?2)";
    COUNT_SIGN_INS = "SELECT count(*) FROM sign_ins WHERE created_at < ?1";
    ERASE_DECISIONS = "DELETE FROM decisions WHERE id IN (SELECT id FROM decisions WHERE at < ?1 LIMIT ?2)";
    COUNT_DECISIONS = "SELECT count(*) FROM decisions WHERE at < ?1";
}

impl SqliteStore {
    async fn erase(&self, statement: Statement, until: Timestamp, limit: u32) -> Result<u64, Fault> {
        let erased = self.write(move |database| database.execute(statement, params![until.millis(), limit])).await?;
        Ok(erased as u64)
    }

    async fn erase_filings(&self, until: Timestamp, limit: u32) -> Result<u64, Fault> {
        // One writer, so nothing comes between the look and the writes.
        self.write(move |database| {
            let read = |row: &Row<'_>| Ok(row.get::<_, String>(0)?);
            let ended = database.list(LIST_FILINGS, params![until.millis(), limit], read)?;
            for id in &ended {
                for statement in [ERASE_EVENTS, ERASE_DOCUMENTS, ERASE_DELIVERIES, ERASE_FILING] {
                    database.execute(statement, [id])?;
                }
            }
            let sent = database.list(LIST_SENT, params![until.millis(), limit], read)?;
            for id in &sent {
                for statement in [ERASE_EVENTS, ERASE_SENT] {
                    database.execute(statement, [id])?;
                }
            }
            Ok((ended.len() + sent.len()) as u64)
        })
        .await
    }

    /// Each with the key of its own.
    async fn erase_keyed(
        &self,
        (list, erase): (Statement, Statement),
        until: Timestamp,
        limit: u32,
    ) -> Result<u64, Fault> {
        self.write(move |database| {
            let read = |row: &Row<'_>| Ok(row.get::<_, String>(0)?);
            let old = database.list(list, params![until.millis(), limit], read)?;
            for id in &old {
                for statement in [ERASE_EVENTS, erase, ERASE_KEY] {
                    database.execute(statement, [id])?;
                }
            }
            Ok(old.len() as u64)
        })
        .await
    }

    async fn erase_applications(&self, until: Timestamp, limit: u32) -> Result<u64, Fault> {
        self.write(move |database| {
            let read = |row: &Row<'_>| Ok(row.get::<_, String>(0)?);
            let over = database.list(LIST_APPLICATIONS, params![until.millis(), limit], read)?;
            for id in &over {
                attachments::erase_with(database, id)?;
                for statement in [ERASE_EVENTS, ERASE_ATTACHED, ERASE_APPLICATION, ERASE_KEY] {
                    database.execute(statement, [id])?;
                }
            }
            Ok(over.len() as u64)
        })
        .await
    }

    async fn erase_payments(&self, until: Timestamp, limit: u32) -> Result<u64, Fault> {
        self.write(move |database| {
            let read = |row: &Row<'_>| Ok(row.get::<_, String>(0)?);
            let over = database.list(LIST_PAYMENTS, params![until.millis(), limit], read)?;
            for id in &over {
                for statement in [ERASE_EVENTS, ERASE_ATTEMPTS, ERASE_SETTLEMENTS, ERASE_PAYMENT, ERASE_KEY] {
                    database.execute(statement, [id])?;
                }
            }
            Ok(over.len() as u64)
        })
        .await
    }

    async fn erase_deposits(&self, until: Timestamp, limit: u32) -> Result<u64, Fault> {
        self.write(move |database| {
            let read = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?));
            let over = database.list(LIST_DEPOSITS, params![until.millis(), limit], read)?;
            for (id, submission) in &over {
                for statement in [ERASE_REFERENCES, ERASE_SHARES, ERASE_DEPOSIT, ERASE_KEY] {
                    database.execute(statement, [id])?;
                }
                database.execute(ERASE_LATE_EVENTS, [submission])?;
            }
            Ok(over.len() as u64)
        })
        .await
    }

    /// The files of lines that they came by go when they are as old.
    async fn erase_notices(&self, until: Timestamp, limit: u32) -> Result<u64, Fault> {
        self.write(move |database| {
            let read = |row: &Row<'_>| Ok(row.get::<_, String>(0)?);
            let over = database.list(LIST_NOTICES, params![until.millis(), limit], read)?;
            for id in &over {
                for statement in [ERASE_EVENTS, ERASE_NOTICE_FILES, ERASE_NOTICE] {
                    database.execute(statement, [id])?;
                }
            }
            for id in &database.list(LIST_NOTICE_BULKS, params![until.millis(), limit], read)? {
                for statement in [ERASE_REJECTIONS, ERASE_NOTICE_BULK] {
                    database.execute(statement, [id])?;
                }
            }
            Ok(over.len() as u64)
        })
        .await
    }

    /// What is over stays so: its many rows go in many writes, and it itself last.
    async fn erase_bulks(&self, until: Timestamp, limit: u32) -> Result<u64, Fault> {
        let read = |row: &Row<'_>| Ok(row.get::<_, String>(0)?);
        let ended = self.read(|database| database.list(LIST_BULKS, params![until.millis(), limit], read))?;
        let mut erased = 0;
        for id in ended {
            for statement in [ERASE_OUTCOMES, ERASE_PIECES] {
                let mut is_more = true;
                while is_more {
                    let of = id.clone();
                    let count = self.write(move |database| database.execute(statement, params![of, CHUNK])).await?;
                    is_more = count >= CHUNK as usize;
                }
            }
            erased += self.write(move |database| database.execute(ERASE_BULK, [&id])).await? as u64;
        }
        Ok(erased)
    }
}

#[async_trait]
impl RetentionStore for SqliteStore {
    async fn erase_old(&self, kind: Kept, until: Timestamp, (at, limit): (Timestamp, u32)) -> Result<u64, Fault> {
        match kind {
            Kept::EvidenceRecords => self.erase(ERASE_RECEIPTS, until, limit).await,
            Kept::AccessHistory => self.erase(ERASE_ACCESSES, until, limit).await,
            Kept::EndedConsents => self.erase_consents(None, until, (at, limit)).await,
            Kept::EndedFilings => self.erase_filings(until, limit).await,
            Kept::EndedBulkFilings => self.erase_bulks(until, limit).await,
            Kept::EmploymentCertificates => {
                self.erase_keyed((LIST_CERTIFICATES, ERASE_CERTIFICATE), until, limit).await
            }
            Kept::EndedPayments => self.erase_payments(until, limit).await,
            Kept::CertificateRequests => self.erase_keyed((LIST_REQUESTS, ERASE_REQUEST), until, limit).await,
            Kept::EndedEstablishments => {
                self.erase_keyed((LIST_ESTABLISHMENTS, ERASE_ESTABLISHMENT), until, limit).await
            }
            Kept::EndedDispositionNotices => {
                self.erase_keyed((LIST_DISPOSITIONS, ERASE_DISPOSITION), until, limit).await
            }
            Kept::EndedApplications => self.erase_applications(until, limit).await,
            Kept::EndedDeposits => self.erase_deposits(until, limit).await,
            Kept::EndedNotices => self.erase_notices(until, limit).await,
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
        let count = |statement| {
            self.read(|database| database.find(statement, [until.millis()], |row| record::count(row.get(0)?)))
        };
        let sent = if kind == Kept::EndedFilings { count(COUNT_SENT)? } else { None };
        Ok(count(statement)?.unwrap_or_default() + sent.unwrap_or_default())
    }

    async fn forget_erased(&self) -> Result<(), Fault> {
        let path = self.path.clone();
        let emptied = tokio::task::spawn_blocking(move || checkpoint::empty_log(&path)).await;
        emptied.map_err(|error| Fault::Internal(format!("the log could not be emptied: {error}")))?
    }
}
