//! Notices (お知らせ) to citizens.

use super::data_keys::{key_of, opened};
use super::erasure::is_closed;
use super::grants;
use super::submissions::insert_events;
use super::{PostgresStore, ask, is_one};
use crate::domain::citizen_notice::{HeldCitizenNotice, NewCitizenNotice};
use crate::domain::ids::{CitizenNoticeId, ClientId, SubjectId};
use crate::domain::{Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{Before, CitizenNoticeStore, InsertedCitizenNotice, citizen_notice, disposition, record};
use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use std::sync::Arc;

statements! {
    INSERT = "INSERT INTO citizen_notices (id, client_id, subject_id, key, digest, posted_at, deliver_at, over_at,
            remind_at, body)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (client_id, key) DO NOTHING";
    INSERT_FILE = "INSERT INTO citizen_notice_files (notice_id, number, content) VALUES ($1, $2, $3)";
    FIND = "SELECT body, id, subject_id, (SELECT sealed FROM data_keys WHERE data_keys.id = subject_id), place, read_at
        FROM citizen_notices WHERE id = $1";
    FIND_BY_KEY = "SELECT body, id, subject_id, (SELECT sealed FROM data_keys WHERE data_keys.id = subject_id), place,
            read_at
        FROM citizen_notices WHERE client_id = $1 AND key = $2";
    FIND_FILE = "SELECT content, notice_id || ':' || number, subject_id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = subject_id)
        FROM citizen_notice_files JOIN citizen_notices ON id = notice_id WHERE notice_id = $1 AND number = $2";
    LIST = "SELECT body, id, subject_id, (SELECT sealed FROM data_keys WHERE data_keys.id = subject_id), place, read_at
        FROM citizen_notices WHERE subject_id = $1 AND place > $2 AND over_at > $3 ORDER BY place LIMIT $4";
    LIST_NEWEST = "SELECT body, id, subject_id, (SELECT sealed FROM data_keys WHERE data_keys.id = subject_id), place,
            read_at
        FROM citizen_notices WHERE subject_id = $1 AND place < $2 AND over_at > $3 ORDER BY place DESC LIMIT $4";
    LIST_POSTED = "SELECT body, id, subject_id, (SELECT sealed FROM data_keys WHERE data_keys.id = subject_id), place,
            read_at
        FROM citizen_notices WHERE client_id = $1 AND (posted_at, id) < ($2, $3)
        ORDER BY posted_at DESC, id DESC LIMIT $4";
    MARK_READ = "UPDATE citizen_notices SET read_at = coalesce(read_at, $3)
        WHERE id = $1 AND subject_id = $2 AND place IS NOT NULL AND over_at > $3";
    MARK_UNREAD = "UPDATE citizen_notices SET read_at = NULL
        WHERE id = $1 AND subject_id = $2 AND place IS NOT NULL AND over_at > $3";
    NEXT_PLACE = "INSERT INTO citizen_notice_heads (subject_id, last) VALUES ($1, 1)
        ON CONFLICT (subject_id) DO UPDATE SET last = citizen_notice_heads.last + 1 RETURNING last";
    PLACE = "UPDATE citizen_notices SET place = $2 WHERE id = $1 AND place IS NULL";
    /// Whoever may read this person's notices, and more.
    LIST_GRANTS = "SELECT body, revoked_at, revoked_by, paused_at, held_at, id, id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = grants.id)
        FROM grants WHERE subject_id = $1 AND state = 'active' AND expires_at > $2";
}

/// None where its key was destroyed.
pub(super) fn held(row: &PgRow, vault: &Vault) -> Result<Option<HeldCitizenNotice>, Fault> {
    let Some(body) = opened(row, vault, citizen_notice::KIND, 1)? else { return Ok(None) };
    citizen_notice::read(&body, row.try_get(4)?, row.try_get(5)?).map(Some)
}

/// Gives a notice its place, after every one that its citizen has, and leaves word for whoever may read it. The citizen's
/// line of `citizen_notice_heads` stays locked until the end of the transaction: places are seen in their order.
pub(super) async fn release(
    connection: &mut PgConnection,
    (id, subject): (&CitizenNoticeId, &str),
    now: Timestamp,
    vault: &Vault,
) -> Result<u64, Fault> {
    let place: i64 = ask(NEXT_PLACE).bind(subject).fetch_one(&mut *connection).await?.try_get(0)?;
    if !is_one(ask(PLACE).bind(id.as_str()).bind(place), &mut *connection).await? {
        return Err(Fault::Internal("a notice has a place already".into()));
    }
    let place = record::count(place)?;
    for row in ask(LIST_GRANTS).bind(subject).bind(now.millis()).fetch_all(&mut *connection).await? {
        let event = grants::grant(&row, vault)?.and_then(|grant| citizen_notice::told(&grant, (id, place), now));
        if let Some(event) = event {
            let bodies = [record::write(&event)?];
            insert_events(&mut *connection, (&event.client, id.as_str()), (now, &bodies), vault).await?;
        }
    }
    Ok(place)
}

/// Writes a notice; false when its key is taken.
pub(super) async fn write(connection: &mut PgConnection, new: &NewCitizenNotice, vault: &Vault) -> Result<bool, Fault> {
    let one = &new.notice;
    let own = key_of(&mut *connection, vault, one.subject.as_str()).await?;
    let insert = ask(INSERT).bind(one.id.as_str()).bind(one.client.as_str()).bind(one.subject.as_str());
    let insert = insert.bind(one.key.key.as_bytes().as_slice()).bind(one.key.body.as_bytes().as_slice());
    let insert = insert.bind(one.posted_at.millis()).bind(one.deliver_at.millis()).bind(one.expires_at.millis());
    let insert = insert.bind(new.remind_at.map(Timestamp::millis));
    let insert = insert.bind(vault.seal(&own, &citizen_notice::name(&one.id), one)?);
    if !is_one(insert, &mut *connection).await? {
        return Ok(false);
    }
    for (number, bytes) in (0_u32..).zip(&new.files) {
        let name = citizen_notice::file_name(&one.id, number);
        let content = vault.seal_text(&own, &name, &disposition::text(bytes))?;
        ask(INSERT_FILE).bind(one.id.as_str()).bind(i64::from(number)).bind(content).execute(&mut *connection).await?;
    }
    Ok(true)
}

/// What has the key already, if anything does.
async fn taken(
    connection: &mut PgConnection,
    new: &NewCitizenNotice,
    vault: &Vault,
) -> Result<Option<InsertedCitizenNotice>, Fault> {
    let find = ask(FIND_BY_KEY).bind(new.notice.client.as_str()).bind(new.notice.key.key.as_bytes().as_slice());
    let Some(row) = find.fetch_optional(connection).await? else { return Ok(None) };
    // One that does not open any more keeps its key taken.
    let read = |earlier| citizen_notice::earlier(&new.notice, earlier);
    Ok(Some(held(&row, vault)?.map_or(InsertedCitizenNotice::KeyReused, read)))
}

/// None when its key is taken.
async fn insert(
    connection: &mut PgConnection,
    new: &NewCitizenNotice,
    vault: &Vault,
) -> Result<Option<InsertedCitizenNotice>, Fault> {
    let one = &new.notice;
    if is_closed(&mut *connection, one.subject.as_str()).await? {
        return Ok(Some(InsertedCitizenNotice::NobodyThere));
    }
    if !write(&mut *connection, new, vault).await? {
        return Ok(None);
    }
    let mut place = None;
    if citizen_notice::is_due(one) {
        place = Some(release(connection, (&one.id, one.subject.as_str()), one.posted_at, vault).await?);
    }
    Ok(Some(citizen_notice::written(new, place)))
}

#[async_trait]
impl CitizenNoticeStore for PostgresStore {
    async fn insert_citizen_notice(&self, new: &NewCitizenNotice) -> Result<InsertedCitizenNotice, Fault> {
        let earlier = taken(&mut *self.pool.acquire().await?, new, &self.vault).await?;
        if let Some(earlier) = earlier {
            return Ok(earlier);
        }
        let (one, vault) = (new.clone(), Arc::clone(&self.vault));
        let inserted = self.transact(async move |mut transaction| {
            let inserted = insert(&mut transaction, &one, &vault).await?;
            match inserted {
                Some(InsertedCitizenNotice::New(_)) => transaction.commit().await?,
                _ => transaction.rollback().await?,
            }
            Ok(inserted)
        });
        if let Some(inserted) = inserted.await? {
            return Ok(inserted);
        }
        // Another call was first, and has committed by now: it may have been the same one.
        let earlier = taken(&mut *self.pool.acquire().await?, new, &self.vault).await?;
        Ok(earlier.unwrap_or(InsertedCitizenNotice::KeyReused))
    }

    async fn find_citizen_notice(&self, id: &CitizenNoticeId) -> Result<Option<HeldCitizenNotice>, Fault> {
        let found = ask(FIND).bind(id.as_str()).fetch_optional(&self.pool).await?;
        Ok(found.as_ref().map(|row| held(row, &self.vault)).transpose()?.flatten())
    }

    async fn find_notice_file(&self, id: &CitizenNoticeId, number: u32) -> Result<Option<Vec<u8>>, Fault> {
        let found = ask(FIND_FILE).bind(id.as_str()).bind(i64::from(number)).fetch_optional(&self.pool).await?;
        let text = found.as_ref().map(|row| opened(row, &self.vault, citizen_notice::FILE, 1)).transpose()?.flatten();
        text.map(|text| disposition::bytes(&text)).transpose()
    }

    async fn list_citizen_notices(
        &self,
        subject: &SubjectId,
        after: u64,
        (now, limit): (Timestamp, u32),
    ) -> Result<Vec<HeldCitizenNotice>, Fault> {
        let list = ask(LIST).bind(subject.as_str()).bind(record::column(after)?).bind(now.millis());
        let rows = list.bind(i64::from(limit)).fetch_all(&self.pool).await?;
        rows.iter().filter_map(|row| held(row, &self.vault).transpose()).collect()
    }

    async fn list_newest_notices(
        &self,
        subject: &SubjectId,
        before: u64,
        (now, limit): (Timestamp, u32),
    ) -> Result<Vec<HeldCitizenNotice>, Fault> {
        let list = ask(LIST_NEWEST).bind(subject.as_str()).bind(record::column(before)?).bind(now.millis());
        let rows = list.bind(i64::from(limit)).fetch_all(&self.pool).await?;
        rows.iter().filter_map(|row| held(row, &self.vault).transpose()).collect()
    }

    async fn list_posted_notices(
        &self,
        client: &ClientId,
        before: &Before<CitizenNoticeId>,
    ) -> Result<Vec<HeldCitizenNotice>, Fault> {
        let (at, id) = before.bound();
        let list = ask(LIST_POSTED).bind(client.as_str()).bind(at).bind(id).bind(i64::from(before.limit));
        let rows = list.fetch_all(&self.pool).await?;
        rows.iter().filter_map(|row| held(row, &self.vault).transpose()).collect()
    }

    async fn mark_notice(
        &self,
        (subject, id): (&SubjectId, &CitizenNoticeId),
        is_read: bool,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let statement = if is_read { MARK_READ } else { MARK_UNREAD };
        let mark = ask(statement).bind(id.as_str()).bind(subject.as_str()).bind(now.millis());
        is_one(mark, &mut *self.pool.acquire().await?).await
    }
}
