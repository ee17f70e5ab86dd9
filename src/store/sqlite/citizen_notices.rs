//! Notices (お知らせ) to citizens.

use super::SqliteStore;
use super::data_keys::{key_of, opened};
use super::database::Database;
use super::erasure::is_closed;
use super::grants;
use super::submissions::insert_event;
use crate::domain::citizen_notice::{HeldCitizenNotice, NewCitizenNotice};
use crate::domain::ids::{CitizenNoticeId, ClientId, SubjectId};
use crate::domain::{Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{Before, CitizenNoticeStore, InsertedCitizenNotice, citizen_notice, disposition, record};
use async_trait::async_trait;
use rusqlite::{Row, params};
use std::sync::Arc;

statements! {
    INSERT = "INSERT INTO citizen_notices (id, client_id, subject_id, key, digest, posted_at, deliver_at, over_at,
            remind_at, body)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    INSERT_FILE = "INSERT INTO citizen_notice_files (notice_id, number, content) VALUES (?1, ?2, ?3)";
    FIND = "SELECT body, id, subject_id, (SELECT sealed FROM data_keys WHERE data_keys.id = subject_id), place, read_at
        FROM citizen_notices WHERE id = ?1";
    FIND_BY_KEY = "SELECT body, id, subject_id, (SELECT sealed FROM data_keys WHERE data_keys.id = subject_id), place,
            read_at
        FROM citizen_notices WHERE client_id = ?1 AND key = ?2";
    FIND_FILE = "SELECT content, notice_id || ':' || number, subject_id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = subject_id)
        FROM citizen_notice_files JOIN citizen_notices ON id = notice_id WHERE notice_id = ?1 AND number = ?2";
    LIST = "SELECT body, id, subject_id, (SELECT sealed FROM data_keys WHERE data_keys.id = subject_id), place, read_at
        FROM citizen_notices WHERE subject_id = ?1 AND place > ?2 AND over_at > ?3 ORDER BY place LIMIT ?4";
    LIST_NEWEST = "SELECT body, id, subject_id, (SELECT sealed FROM data_keys WHERE data_keys.id = subject_id), place,
            read_at
        FROM citizen_notices WHERE subject_id = ?1 AND place < ?2 AND over_at > ?3 ORDER BY place DESC LIMIT ?4";
    LIST_POSTED = "SELECT body, id, subject_id, (SELECT sealed FROM data_keys WHERE data_keys.id = subject_id), place,
            read_at
        FROM citizen_notices WHERE client_id = ?1 AND (posted_at, id) < (?2, ?3)
        ORDER BY posted_at DESC, id DESC LIMIT ?4";
    MARK_READ = "UPDATE citizen_notices SET read_at = coalesce(read_at, ?3)
        WHERE id = ?1 AND subject_id = ?2 AND place IS NOT NULL AND over_at > ?3";
    MARK_UNREAD = "UPDATE citizen_notices SET read_at = NULL
        WHERE id = ?1 AND subject_id = ?2 AND place IS NOT NULL AND over_at > ?3";
    NEXT_PLACE = "INSERT INTO citizen_notice_heads (subject_id, last) VALUES (?1, 1)
        ON CONFLICT (subject_id) DO UPDATE SET last = last + 1 RETURNING last";
    PLACE = "UPDATE citizen_notices SET place = ?2 WHERE id = ?1 AND place IS NULL";
    /// Whoever may read this person's notices, and more.
    LIST_GRANTS = "SELECT body, revoked_at, revoked_by, paused_at, held_at, id, id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = grants.id)
        FROM grants WHERE subject_id = ?1 AND state = 'active' AND expires_at > ?2";
}

/// None where its key was destroyed.
pub(super) fn held(row: &Row<'_>, vault: &Vault) -> Result<Option<HeldCitizenNotice>, Fault> {
    let Some(body) = opened(row, vault, citizen_notice::KIND, 1)? else { return Ok(None) };
    citizen_notice::read(&body, row.get(4)?, row.get(5)?).map(Some)
}

/// Gives a notice its place, after every one that its citizen has, and leaves word for whoever may read it.
pub(super) fn release(
    database: Database<'_>,
    (id, subject): (&CitizenNoticeId, &str),
    now: Timestamp,
    vault: &Vault,
) -> Result<u64, Fault> {
    let place = database.find(NEXT_PLACE, [subject], |row| Ok(row.get::<_, i64>(0)?))?;
    let place = place.ok_or_else(|| Fault::Internal("a list of notices has no next place".into()))?;
    if database.execute(PLACE, params![id.as_str(), place])? != 1 {
        return Err(Fault::Internal("a notice has a place already".into()));
    }
    let place = record::count(place)?;
    let values = params![subject, now.millis()];
    for grant in database.list_readable(LIST_GRANTS, values, |row| grants::grant(row, vault))? {
        if let Some(event) = citizen_notice::told(&grant, (id, place), now) {
            insert_event(database, (&event.client, id.as_str()), (now, &record::write(&event)?), vault)?;
        }
    }
    Ok(place)
}

/// Writes a notice whose key is free.
pub(super) fn write(database: Database<'_>, new: &NewCitizenNotice, vault: &Vault) -> Result<(), Fault> {
    let one = &new.notice;
    let own = key_of(database, vault, one.subject.as_str())?;
    let values = params![
        one.id.as_str(),
        one.client.as_str(),
        one.subject.as_str(),
        one.key.key.as_bytes(),
        one.key.body.as_bytes(),
        one.posted_at.millis(),
        one.deliver_at.millis(),
        one.expires_at.millis(),
        new.remind_at.map(Timestamp::millis),
        vault.seal(&own, &citizen_notice::name(&one.id), one)?
    ];
    database.execute(INSERT, values)?;
    for (number, bytes) in (0_u32..).zip(&new.files) {
        let name = citizen_notice::file_name(&one.id, number);
        let content = vault.seal_text(&own, &name, &disposition::text(bytes))?;
        database.execute(INSERT_FILE, params![one.id.as_str(), number, content])?;
    }
    Ok(())
}

/// What has the key already, if anything does. One writer: it stays so until the write.
pub(super) fn taken(
    database: Database<'_>,
    new: &NewCitizenNotice,
    vault: &Vault,
) -> Result<Option<InsertedCitizenNotice>, Fault> {
    let values = params![new.notice.client.as_str(), new.notice.key.key.as_bytes()];
    let earlier = database.find(FIND_BY_KEY, values, |row| held(row, vault))?;
    // One that does not open any more keeps its key taken.
    let read = |earlier| citizen_notice::earlier(&new.notice, earlier);
    Ok(earlier.map(|earlier| earlier.map_or(InsertedCitizenNotice::KeyReused, read)))
}

fn insert(database: Database<'_>, new: &NewCitizenNotice, vault: &Vault) -> Result<InsertedCitizenNotice, Fault> {
    if let Some(earlier) = taken(database, new, vault)? {
        return Ok(earlier);
    }
    let one = &new.notice;
    if is_closed(database, one.subject.as_str())? {
        return Ok(InsertedCitizenNotice::NobodyThere);
    }
    write(database, new, vault)?;
    let of = (&one.id, one.subject.as_str());
    let place = citizen_notice::is_due(one).then(|| release(database, of, one.posted_at, vault)).transpose()?;
    Ok(citizen_notice::written(new, place))
}

#[async_trait]
impl CitizenNoticeStore for SqliteStore {
    async fn insert_citizen_notice(&self, new: &NewCitizenNotice) -> Result<InsertedCitizenNotice, Fault> {
        let (new, vault) = (new.clone(), Arc::clone(&self.vault));
        self.write(move |database| insert(database, &new, &vault)).await
    }

    async fn find_citizen_notice(&self, id: &CitizenNoticeId) -> Result<Option<HeldCitizenNotice>, Fault> {
        self.read(|database| database.find_readable(FIND, [id.as_str()], |row| held(row, &self.vault)))
    }

    async fn find_notice_file(&self, id: &CitizenNoticeId, number: u32) -> Result<Option<Vec<u8>>, Fault> {
        let text = |row: &Row<'_>| opened(row, &self.vault, citizen_notice::FILE, 1);
        let values = params![id.as_str(), number];
        let text = self.read(|database| database.find_readable(FIND_FILE, values, text))?;
        text.map(|text| disposition::bytes(&text)).transpose()
    }

    async fn list_citizen_notices(
        &self,
        subject: &SubjectId,
        after: u64,
        (now, limit): (Timestamp, u32),
    ) -> Result<Vec<HeldCitizenNotice>, Fault> {
        let values = params![subject.as_str(), record::column(after)?, now.millis(), limit];
        self.read(|database| database.list_readable(LIST, values, |row| held(row, &self.vault)))
    }

    async fn list_newest_notices(
        &self,
        subject: &SubjectId,
        before: u64,
        (now, limit): (Timestamp, u32),
    ) -> Result<Vec<HeldCitizenNotice>, Fault> {
        let values = params![subject.as_str(), record::column(before)?, now.millis(), limit];
        self.read(|database| database.list_readable(LIST_NEWEST, values, |row| held(row, &self.vault)))
    }

    async fn list_posted_notices(
        &self,
        client: &ClientId,
        before: &Before<CitizenNoticeId>,
    ) -> Result<Vec<HeldCitizenNotice>, Fault> {
        let (at, id) = before.bound();
        let values = params![client.as_str(), at, id, before.limit];
        self.read(|database| database.list_readable(LIST_POSTED, values, |row| held(row, &self.vault)))
    }

    async fn mark_notice(
        &self,
        (subject, id): (&SubjectId, &CitizenNoticeId),
        is_read: bool,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let (subject, id) = (subject.clone(), id.clone());
        let statement = if is_read { MARK_READ } else { MARK_UNREAD };
        self.take(move |database| {
            Ok(database.execute(statement, params![id.as_str(), subject.as_str(), now.millis()])? == 1)
        })
        .await
    }
}
