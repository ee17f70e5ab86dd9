//! Disposition notices (処分通知).

use super::SqliteStore;
use super::clients::tell_company;
use super::data_keys::{key_of, opened};
use super::database::Database;
use super::evidence::queue_event;
use super::submissions::insert_event;
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::disposition::{DispositionAct, DispositionNews, DispositionNotice, Fetch, HeldDisposition};
use crate::domain::evidence::Event;
use crate::domain::ids::{ClientId, DelegationId, DispositionNoticeId};
use crate::domain::submission::SubmissionEvent;
use crate::domain::{Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{Before, DispositionStore, GivenDisposition, InsertedDisposition, disposition, record};
use async_trait::async_trait;
use rusqlite::{Row, params};
use std::sync::Arc;

statements! {
    INSERT = "INSERT INTO disposition_notices (id, client_id, agency, delivery_id, filer_id, company, delegation_id, key,
            digest, put_at, over_at, body, content)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) ON CONFLICT (client_id, key) DO NOTHING";
    /// Of two that come after the same one, one does.
    SUPERSEDE = "UPDATE disposition_notices SET superseded_by = ?2
        WHERE id = ?1 AND superseded_by IS NULL AND agency = ?3 AND delivery_id = ?4";
    FIND = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = disposition_notices.id),
            delivered_at, superseded_by
        FROM disposition_notices WHERE id = ?1";
    FIND_BY_KEY = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = disposition_notices.id),
            delivered_at, superseded_by
        FROM disposition_notices WHERE client_id = ?1 AND key = ?2";
    FIND_CONTENT = "SELECT content, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = disposition_notices.id)
        FROM disposition_notices WHERE id = ?1 AND content IS NOT NULL";
    LIST_BY_FILER = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = disposition_notices.id),
            delivered_at, superseded_by
        FROM disposition_notices WHERE filer_id = ?1 AND (put_at, id) < (?2, ?3)
        ORDER BY put_at DESC, id DESC LIMIT ?4";
    /// Those to what others filed for the company.
    LIST_BY_COMPANY = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = disposition_notices.id),
            delivered_at, superseded_by
        FROM disposition_notices WHERE company = ?1 AND delegation_id IS NOT NULL AND (put_at, id) < (?2, ?3)
        ORDER BY put_at DESC, id DESC LIMIT ?4";
    LIST_OF_COMPANY = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = disposition_notices.id),
            delivered_at, superseded_by
        FROM disposition_notices WHERE company = ?1 AND (put_at, id) < (?2, ?3)
        ORDER BY put_at DESC, id DESC LIMIT ?4";
    LIST_BY_AGENCY = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = disposition_notices.id),
            delivered_at, superseded_by
        FROM disposition_notices WHERE agency = ?1 AND (put_at, id) < (?2, ?3)
        ORDER BY put_at DESC, id DESC LIMIT ?4";
    WARN = "UPDATE disposition_notices SET warned_at = ?1
        WHERE id = (SELECT id FROM disposition_notices
            WHERE delivered_at IS NULL AND superseded_by IS NULL AND warned_at IS NULL
                AND over_at > ?1 AND over_at <= ?2 ORDER BY over_at LIMIT 1)
            AND delivered_at IS NULL AND superseded_by IS NULL AND warned_at IS NULL
        RETURNING body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = disposition_notices.id),
            delivered_at, superseded_by";
    DELIVER = "UPDATE disposition_notices SET delivered_at = ?2
        WHERE id = ?1 AND delivered_at IS NULL AND over_at > ?2
        RETURNING body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = disposition_notices.id),
            delivered_at, superseded_by";
    FIND_GIVEN = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = disposition_notices.id),
            delivered_at, superseded_by
        FROM disposition_notices WHERE id = ?1 AND delivered_at IS NOT NULL AND over_at > ?2";
}

/// None where its key was destroyed.
fn held(row: &Row<'_>, vault: &Vault) -> Result<Option<HeldDisposition>, Fault> {
    let Some(body) = opened(row, vault, disposition::KIND, 1)? else { return Ok(None) };
    disposition::read(&body, row.get(4)?, row.get(5)?).map(Some)
}

fn tell(
    database: Database<'_>,
    one: &DispositionNotice,
    (news, at): (DispositionNews, Timestamp),
    vault: &Vault,
) -> Result<(), Fault> {
    let event = SubmissionEvent::of_disposition(one, news, at);
    insert_event(database, (&event.client, one.id.as_str()), (at, &record::write(&event)?), vault)
}

fn insert(
    database: Database<'_>,
    (new, content): (&DispositionNotice, Option<&[u8]>),
    vault: &Vault,
) -> Result<InsertedDisposition, Fault> {
    let (id, client, key) = (new.id.as_str(), new.client.as_str(), new.key.key.as_bytes());
    if let Some(earlier) = database.find_readable(FIND_BY_KEY, params![client, key], |row| held(row, vault))? {
        return Ok(disposition::earlier(new, earlier));
    }
    // One writer: a key whose notice does not open any more stays taken.
    if database.find(FIND_BY_KEY, params![client, key], |_| Ok(()))?.is_some() {
        return Ok(InsertedDisposition::KeyReused);
    }
    let delivery = new.answered.delivery.as_str();
    if let Some(earlier) = &new.supersedes
        && database.execute(SUPERSEDE, params![earlier.as_str(), id, new.agency, delivery])? != 1
    {
        return Ok(InsertedDisposition::NotTheLast);
    }
    let own = key_of(database, vault, id)?;
    let body = vault.seal(&own, &disposition::name(id), new)?;
    let content = content.map(|bytes| vault.seal_text(&own, &disposition::content_name(id), &disposition::text(bytes)));
    let (filer, company) = (new.answered.client.as_str(), new.answered.company.as_str());
    let delegation = new.answered.delegation.as_ref().map(DelegationId::as_str);
    let (digest, put, over) = (new.key.body.as_bytes(), new.put_at.millis(), new.expires_at.millis());
    let values = params![
        id,
        client,
        new.agency,
        delivery,
        filer,
        company,
        delegation,
        key,
        digest,
        put,
        over,
        body,
        content.transpose()?
    ];
    database.execute(INSERT, values)?;
    tell(database, new, (DispositionNews::Available, new.put_at), vault)?;
    queue_event(database, &Event::Disposition { one: new, act: DispositionAct::PutDown, at: new.put_at }, vault)?;
    Ok(InsertedDisposition::New)
}

fn give(
    database: Database<'_>,
    (id, fetch): (&DispositionNoticeId, &Fetch),
    vault: &Vault,
) -> Result<GivenDisposition, Fault> {
    let values = params![id.as_str(), fetch.at.millis()];
    if let Some(first) = database.find_readable(DELIVER, values, |row| held(row, vault))? {
        let one = &first.notice;
        tell(database, one, (DispositionNews::Delivered, fetch.at), vault)?;
        queue_event(database, &Event::Disposition { one, act: DispositionAct::Delivered(fetch), at: fetch.at }, vault)?;
        return Ok(GivenDisposition::First);
    }
    let Some(again) = database.find_readable(FIND_GIVEN, values, |row| held(row, vault))? else {
        return Ok(GivenDisposition::Gone);
    };
    let act = DispositionAct::Fetched(fetch);
    queue_event(database, &Event::Disposition { one: &again.notice, act, at: fetch.at }, vault)?;
    Ok(GivenDisposition::Again)
}

#[async_trait]
impl DispositionStore for SqliteStore {
    async fn insert_disposition(
        &self,
        new: &DispositionNotice,
        content: Option<&[u8]>,
    ) -> Result<InsertedDisposition, Fault> {
        let (new, content, vault) = (new.clone(), content.map(<[u8]>::to_vec), Arc::clone(&self.vault));
        self.write(move |database| insert(database, (&new, content.as_deref()), &vault)).await
    }

    async fn find_disposition(&self, id: &DispositionNoticeId) -> Result<Option<HeldDisposition>, Fault> {
        self.read(|database| database.find_readable(FIND, [id.as_str()], |row| held(row, &self.vault)))
    }

    async fn find_disposition_content(&self, id: &DispositionNoticeId) -> Result<Option<Vec<u8>>, Fault> {
        let text = |row: &Row<'_>| opened(row, &self.vault, disposition::CONTENT, 1);
        let text = self.read(|database| database.find_readable(FIND_CONTENT, [id.as_str()], text))?;
        text.map(|text| disposition::bytes(&text)).transpose()
    }

    async fn list_dispositions(
        &self,
        (client, company): (&ClientId, &CorporateNumber),
        before: &Before<DispositionNoticeId>,
    ) -> Result<Vec<HeldDisposition>, Fault> {
        let (at, id) = before.bound();
        self.read(|database| {
            let mut found = Vec::new();
            for (statement, of) in [(LIST_BY_FILER, client.as_str()), (LIST_BY_COMPANY, company.as_str())] {
                let values = params![of, at, id, before.limit];
                found.extend(database.list_readable(statement, values, |row| held(row, &self.vault))?);
            }
            Ok(record::newest(found, before.limit, |one| (one.notice.put_at, one.notice.id.clone())))
        })
    }

    async fn list_company_dispositions(
        &self,
        company: &CorporateNumber,
        before: &Before<DispositionNoticeId>,
    ) -> Result<Vec<HeldDisposition>, Fault> {
        let (at, id) = before.bound();
        let values = params![company.as_str(), at, id, before.limit];
        self.read(|database| database.list_readable(LIST_OF_COMPANY, values, |row| held(row, &self.vault)))
    }

    async fn list_agency_dispositions(
        &self,
        agency: &str,
        before: &Before<DispositionNoticeId>,
    ) -> Result<Vec<HeldDisposition>, Fault> {
        let (at, id) = before.bound();
        let values = params![agency, at, id, before.limit];
        self.read(|database| database.list_readable(LIST_BY_AGENCY, values, |row| held(row, &self.vault)))
    }

    async fn warn_of_disposition(&self, now: Timestamp, by: Timestamp) -> Result<bool, Fault> {
        let vault = Arc::clone(&self.vault);
        self.take(move |database| {
            let values = params![now.millis(), by.millis()];
            let Some(found) = database.find(WARN, values, |row| held(row, &vault))? else { return Ok(false) };
            // One that does not open any more is about nobody: it is passed over for good.
            if let Some(one) = found {
                let event = SubmissionEvent::of_disposition(&one.notice, DispositionNews::Expiring, now);
                let whom = (&one.notice.answered.company, Some(&event.client));
                tell_company(database, whom, (one.notice.id.as_str(), &event), &vault)?;
            }
            Ok(true)
        })
        .await
    }

    async fn give_disposition(&self, id: &DispositionNoticeId, fetch: &Fetch) -> Result<GivenDisposition, Fault> {
        let (id, fetch, vault) = (id.clone(), fetch.clone(), Arc::clone(&self.vault));
        self.write(move |database| give(database, (&id, &fetch), &vault)).await
    }
}
