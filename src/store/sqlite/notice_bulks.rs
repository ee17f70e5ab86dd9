//! What becomes of notices by themselves, and files of them.

use super::SqliteStore;
use super::citizen_notices::{held, release, taken, write};
use super::database::Database;
use crate::domain::citizen_notice::{HeldCitizenNotice, NewCitizenNotice};
use crate::domain::ids::{CitizenNoticeId, NoticeBulkId, SubjectId};
use crate::domain::notice_bulk::{NoticeBulk, NoticePiece, RejectedLine};
use crate::domain::retrieval::IdempotencyKey;
use crate::domain::{Digest, Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{NoticeWorkStore, citizen_notice, record};
use async_trait::async_trait;
use rusqlite::{Row, params};
use std::collections::HashMap;
use std::sync::Arc;

statements! {
    /// Asked first: most of the time nothing is due, and the writer need not be troubled.
    IS_DUE = "SELECT 1 FROM citizen_notices WHERE place IS NULL AND deliver_at <= ?1 AND over_at > ?1 LIMIT 1";
    LIST_DUE = "SELECT id, subject_id FROM citizen_notices WHERE place IS NULL AND deliver_at <= ?1 AND over_at > ?1
        ORDER BY deliver_at LIMIT ?2";
    LIST_REMINDERS = "SELECT body, id, subject_id, (SELECT sealed FROM data_keys WHERE data_keys.id = subject_id), place,
            read_at
        FROM citizen_notices WHERE remind_at <= ?1 AND over_at > ?1 ORDER BY remind_at LIMIT ?2";
    TAKE_REMINDER = "UPDATE citizen_notices SET remind_at = NULL WHERE id = ?1 AND remind_at IS NOT NULL";
    FIND_RECIPIENT = "SELECT subject_id FROM pairwise_subjects WHERE sub = ?1";
    INSERT = "INSERT INTO notice_bulks (id, client_id, key, digest, created_at, bytes, lines, rejected, is_complete)
        VALUES (?1, ?2, ?3, ?4, ?5, 0, 0, 0, 0) ON CONFLICT (client_id, key) DO NOTHING";
    FIND = "SELECT id, client_id, key, digest, created_at, bytes, lines, rejected, is_complete
        FROM notice_bulks WHERE id = ?1";
    FIND_BY_KEY = "SELECT id, client_id, key, digest, created_at, bytes, lines, rejected, is_complete
        FROM notice_bulks WHERE client_id = ?1 AND key = ?2";
    /// Of two pieces that begin at the same place, one is taken.
    ADVANCE = "UPDATE notice_bulks SET bytes = ?3, lines = ?4, rejected = ?5, is_complete = ?6
        WHERE id = ?1 AND bytes = ?2 AND is_complete = 0";
    REJECT = "INSERT INTO notice_bulk_rejections (bulk_id, line, body) VALUES (?1, ?2, ?3)";
    LIST_REJECTED = "SELECT body FROM notice_bulk_rejections WHERE bulk_id = ?1 AND line > ?2 ORDER BY line LIMIT ?3";
}

fn bulk(row: &Row<'_>) -> Result<NoticeBulk, Fault> {
    Ok(NoticeBulk {
        id: record::id(row.get(0)?)?,
        client: record::id(row.get(1)?)?,
        key: IdempotencyKey { key: Digest::from_bytes(row.get(2)?), body: Digest::from_bytes(row.get(3)?) },
        created_at: Timestamp::from_millis(row.get(4)?),
        bytes: record::count(row.get(5)?)?,
        lines: record::count(row.get(6)?)?,
        rejected: record::count(row.get(7)?)?,
        is_complete: row.get(8)?,
    })
}

fn append(database: Database<'_>, piece: &NoticePiece, vault: &Vault) -> Result<bool, Fault> {
    let after = &piece.after;
    let values = params![
        after.id.as_str(),
        record::column(piece.at)?,
        record::column(after.bytes)?,
        record::column(after.lines)?,
        record::column(after.rejected)?,
        after.is_complete
    ];
    if database.execute(ADVANCE, values)? != 1 {
        return Ok(false);
    }
    for new in &piece.notices {
        write(database, new, vault)?;
    }
    for line in &piece.rejected {
        let values = params![after.id.as_str(), record::column(line.line)?, record::write(line)?];
        database.execute(REJECT, values)?;
    }
    Ok(true)
}

#[async_trait]
impl NoticeWorkStore for SqliteStore {
    async fn release_notices(&self, now: Timestamp, limit: u32) -> Result<u64, Fault> {
        if self.read(|database| database.find(IS_DUE, [now.millis()], |_| Ok(())))?.is_none() {
            return Ok(0);
        }
        let vault = Arc::clone(&self.vault);
        self.write(move |database| {
            let read = |row: &Row<'_>| Ok((record::id(row.get(0)?)?, row.get::<_, String>(1)?));
            let due: Vec<(CitizenNoticeId, String)> = database.list(LIST_DUE, params![now.millis(), limit], read)?;
            for (id, subject) in &due {
                release(database, (id, subject), now, &vault)?;
            }
            Ok(due.len() as u64)
        })
        .await
    }

    async fn list_reminders(&self, now: Timestamp, limit: u32) -> Result<Vec<HeldCitizenNotice>, Fault> {
        let values = params![now.millis(), limit];
        self.read(|database| database.list_readable(LIST_REMINDERS, values, |row| held(row, &self.vault)))
    }

    async fn take_reminder(&self, of: &CitizenNoticeId, reminder: &NewCitizenNotice) -> Result<bool, Fault> {
        let (of, new, vault) = (of.clone(), reminder.clone(), Arc::clone(&self.vault));
        self.take(move |database| {
            let is_first = database.execute(TAKE_REMINDER, [of.as_str()])? == 1;
            if !is_first || taken(database, &new, &vault)?.is_some() {
                return Ok(is_first);
            }
            let one = &new.notice;
            write(database, &new, &vault)?;
            if citizen_notice::is_due(one) {
                release(database, (&one.id, one.subject.as_str()), one.posted_at, &vault)?;
            }
            Ok(true)
        })
        .await
    }

    async fn find_recipients(&self, digests: &[Digest]) -> Result<HashMap<Digest, SubjectId>, Fault> {
        self.read(|database| {
            let mut found = HashMap::new();
            for digest in digests {
                let subject = database.find(FIND_RECIPIENT, [digest.as_bytes()], |row| record::id(row.get(0)?))?;
                found.extend(subject.map(|subject| (*digest, subject)));
            }
            Ok(found)
        })
    }

    async fn insert_notice_bulk(&self, new: &NoticeBulk) -> Result<Option<NoticeBulk>, Fault> {
        let new = new.clone();
        self.write(move |database| {
            let (client, key) = (new.client.as_str(), new.key.key.as_bytes());
            let values = params![new.id.as_str(), client, key, new.key.body.as_bytes(), new.created_at.millis()];
            if database.execute(INSERT, values)? == 1 {
                return Ok(None);
            }
            database.find(FIND_BY_KEY, params![client, key], bulk)
        })
        .await
    }

    async fn find_notice_bulk(&self, id: &NoticeBulkId) -> Result<Option<NoticeBulk>, Fault> {
        self.read(|database| database.find(FIND, [id.as_str()], bulk))
    }

    async fn append_notices(&self, piece: &NoticePiece) -> Result<bool, Fault> {
        let (piece, vault) = (piece.clone(), Arc::clone(&self.vault));
        self.take(move |database| append(database, &piece, &vault)).await
    }

    async fn list_rejected_lines(&self, id: &NoticeBulkId, after: u64, limit: u32) -> Result<Vec<RejectedLine>, Fault> {
        let values = params![id.as_str(), record::column(after)?, limit];
        self.read(|database| {
            database.list(LIST_REJECTED, values, |row| {
                record::read("rejected line", row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)
            })
        })
    }
}
