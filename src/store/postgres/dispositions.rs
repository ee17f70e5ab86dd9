//! Disposition notices (処分通知).

use super::clients::tell_company;
use super::data_keys::{key_of, opened};
use super::evidence::queue_events;
use super::submissions::insert_events;
use super::{PostgresStore, ask, is_one};
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
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use std::sync::Arc;

statements! {
    INSERT = "INSERT INTO disposition_notices (id, client_id, agency, delivery_id, filer_id, company, delegation_id, key,
            digest, put_at, over_at, body, content)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (client_id, key) DO NOTHING";
    /// Of two that come after the same one, one does.
    SUPERSEDE = "UPDATE disposition_notices SET superseded_by = $2
        WHERE id = $1 AND superseded_by IS NULL AND agency = $3 AND delivery_id = $4";
    FIND = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = disposition_notices.id),
            delivered_at, superseded_by
        FROM disposition_notices WHERE id = $1";
    FIND_BY_KEY = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = disposition_notices.id),
            delivered_at, superseded_by
        FROM disposition_notices WHERE client_id = $1 AND key = $2";
    FIND_CONTENT = "SELECT content, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = disposition_notices.id)
        FROM disposition_notices WHERE id = $1 AND content IS NOT NULL";
    LIST_BY_FILER = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = disposition_notices.id),
            delivered_at, superseded_by
        FROM disposition_notices WHERE filer_id = $1 AND (put_at, id) < ($2, $3)
        ORDER BY put_at DESC, id DESC LIMIT $4";
    /// Those to what others filed for the company.
    LIST_BY_COMPANY = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = disposition_notices.id),
            delivered_at, superseded_by
        FROM disposition_notices WHERE company = $1 AND delegation_id IS NOT NULL AND (put_at, id) < ($2, $3)
        ORDER BY put_at DESC, id DESC LIMIT $4";
    LIST_OF_COMPANY = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = disposition_notices.id),
            delivered_at, superseded_by
        FROM disposition_notices WHERE company = $1 AND (put_at, id) < ($2, $3)
        ORDER BY put_at DESC, id DESC LIMIT $4";
    LIST_BY_AGENCY = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = disposition_notices.id),
            delivered_at, superseded_by
        FROM disposition_notices WHERE agency = $1 AND (put_at, id) < ($2, $3)
        ORDER BY put_at DESC, id DESC LIMIT $4";
    WARN = "UPDATE disposition_notices SET warned_at = $1
        WHERE id = (SELECT id FROM disposition_notices
            WHERE delivered_at IS NULL AND superseded_by IS NULL AND warned_at IS NULL
                AND over_at > $1 AND over_at <= $2 ORDER BY over_at LIMIT 1 FOR UPDATE SKIP LOCKED)
            AND delivered_at IS NULL AND superseded_by IS NULL AND warned_at IS NULL
        RETURNING body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = disposition_notices.id),
            delivered_at, superseded_by";
    DELIVER = "UPDATE disposition_notices SET delivered_at = $2
        WHERE id = $1 AND delivered_at IS NULL AND over_at > $2
        RETURNING body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = disposition_notices.id),
            delivered_at, superseded_by";
    FIND_GIVEN = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = disposition_notices.id),
            delivered_at, superseded_by
        FROM disposition_notices WHERE id = $1 AND delivered_at IS NOT NULL AND over_at > $2";
}

/// None where its key was destroyed.
fn held(row: &PgRow, vault: &Vault) -> Result<Option<HeldDisposition>, Fault> {
    let Some(body) = opened(row, vault, disposition::KIND, 1)? else { return Ok(None) };
    disposition::read(&body, row.try_get(4)?, row.try_get(5)?).map(Some)
}

async fn tell(
    connection: &mut PgConnection,
    one: &DispositionNotice,
    (news, at): (DispositionNews, Timestamp),
    vault: &Vault,
) -> Result<(), Fault> {
    let event = SubmissionEvent::of_disposition(one, news, at);
    let events = [record::write(&event)?];
    insert_events(connection, (&event.client, one.id.as_str()), (at, &events), vault).await
}

async fn queue(
    connection: &mut PgConnection,
    one: &DispositionNotice,
    (act, at): (DispositionAct<'_>, Timestamp),
    vault: &Vault,
) -> Result<(), Fault> {
    queue_events(connection, &[Event::Disposition { one, act, at }], vault).await
}

async fn taken(
    connection: &mut PgConnection,
    new: &DispositionNotice,
    vault: &Vault,
) -> Result<Option<InsertedDisposition>, Fault> {
    let find = ask(FIND_BY_KEY).bind(new.client.as_str()).bind(new.key.key.as_bytes().as_slice());
    let Some(row) = find.fetch_optional(connection).await? else { return Ok(None) };
    // One that does not open any more keeps its key taken.
    let earlier = held(&row, vault)?;
    Ok(Some(earlier.map_or(InsertedDisposition::KeyReused, |earlier| disposition::earlier(new, earlier))))
}

/// None when its key is taken.
async fn insert(
    connection: &mut PgConnection,
    (new, content): (&DispositionNotice, Option<&[u8]>),
    vault: &Vault,
) -> Result<Option<InsertedDisposition>, Fault> {
    let (id, answered) = (new.id.as_str(), &new.answered);
    let own = key_of(connection, vault, id).await?;
    let body = vault.seal(&own, &disposition::name(id), new)?;
    let content = content.map(|bytes| vault.seal_text(&own, &disposition::content_name(id), &disposition::text(bytes)));
    let insert = ask(INSERT).bind(id).bind(new.client.as_str()).bind(&new.agency).bind(answered.delivery.as_str());
    let insert = insert.bind(answered.client.as_str()).bind(answered.company.as_str());
    let insert = insert.bind(answered.delegation.as_ref().map(DelegationId::as_str));
    let insert = insert.bind(new.key.key.as_bytes().as_slice()).bind(new.key.body.as_bytes().as_slice());
    let insert = insert.bind(new.put_at.millis()).bind(new.expires_at.millis()).bind(body).bind(content.transpose()?);
    if !is_one(insert, connection).await? {
        return Ok(None);
    }
    if let Some(earlier) = &new.supersedes {
        let supersede = ask(SUPERSEDE).bind(earlier.as_str()).bind(id).bind(&new.agency);
        if !is_one(supersede.bind(answered.delivery.as_str()), connection).await? {
            return Ok(Some(InsertedDisposition::NotTheLast));
        }
    }
    tell(connection, new, (DispositionNews::Available, new.put_at), vault).await?;
    queue(connection, new, (DispositionAct::PutDown, new.put_at), vault).await?;
    Ok(Some(InsertedDisposition::New))
}

async fn give(
    connection: &mut PgConnection,
    (id, fetch): (&DispositionNoticeId, &Fetch),
    vault: &Vault,
) -> Result<GivenDisposition, Fault> {
    let deliver = ask(DELIVER).bind(id.as_str()).bind(fetch.at.millis());
    let row = deliver.fetch_optional(&mut *connection).await?;
    if let Some(first) = row.map(|row| held(&row, vault)).transpose()?.flatten() {
        tell(connection, &first.notice, (DispositionNews::Delivered, fetch.at), vault).await?;
        queue(connection, &first.notice, (DispositionAct::Delivered(fetch), fetch.at), vault).await?;
        return Ok(GivenDisposition::First);
    }
    let find = ask(FIND_GIVEN).bind(id.as_str()).bind(fetch.at.millis());
    let row = find.fetch_optional(&mut *connection).await?;
    let Some(again) = row.map(|row| held(&row, vault)).transpose()?.flatten() else {
        return Ok(GivenDisposition::Gone);
    };
    queue(connection, &again.notice, (DispositionAct::Fetched(fetch), fetch.at), vault).await?;
    Ok(GivenDisposition::Again)
}

#[async_trait]
impl DispositionStore for PostgresStore {
    async fn insert_disposition(
        &self,
        new: &DispositionNotice,
        content: Option<&[u8]>,
    ) -> Result<InsertedDisposition, Fault> {
        let earlier = taken(&mut *self.pool.acquire().await?, new, &self.vault).await?;
        if let Some(earlier) = earlier {
            return Ok(earlier);
        }
        let (one, content, vault) = (new.clone(), content.map(<[u8]>::to_vec), Arc::clone(&self.vault));
        let inserted = self.transact(async move |mut transaction| {
            let inserted = insert(&mut transaction, (&one, content.as_deref()), &vault).await?;
            match inserted {
                Some(InsertedDisposition::New) => transaction.commit().await?,
                // Its key goes with it.
                _ => transaction.rollback().await?,
            }
            Ok(inserted)
        });
        match inserted.await? {
            Some(InsertedDisposition::New) => Ok(InsertedDisposition::New),
            // Another call was first, and has committed by now: it may have been the same one.
            other => {
                let earlier = taken(&mut *self.pool.acquire().await?, new, &self.vault).await?;
                Ok(earlier.or(other).unwrap_or(InsertedDisposition::KeyReused))
            }
        }
    }

    async fn find_disposition(&self, id: &DispositionNoticeId) -> Result<Option<HeldDisposition>, Fault> {
        let found = ask(FIND).bind(id.as_str()).fetch_optional(&self.pool).await?;
        Ok(found.as_ref().map(|row| held(row, &self.vault)).transpose()?.flatten())
    }

    async fn find_disposition_content(&self, id: &DispositionNoticeId) -> Result<Option<Vec<u8>>, Fault> {
        let found = ask(FIND_CONTENT).bind(id.as_str()).fetch_optional(&self.pool).await?;
        let text = found.as_ref().map(|row| opened(row, &self.vault, disposition::CONTENT, 1)).transpose()?.flatten();
        text.map(|text| disposition::bytes(&text)).transpose()
    }

    async fn list_dispositions(
        &self,
        (client, company): (&ClientId, &CorporateNumber),
        before: &Before<DispositionNoticeId>,
    ) -> Result<Vec<HeldDisposition>, Fault> {
        let (at, id) = before.bound();
        let mut found = Vec::new();
        for (statement, of) in [(LIST_BY_FILER, client.as_str()), (LIST_BY_COMPANY, company.as_str())] {
            let list = ask(statement).bind(of).bind(at).bind(id).bind(i64::from(before.limit));
            for row in list.fetch_all(&self.pool).await? {
                found.extend(held(&row, &self.vault)?);
            }
        }
        Ok(record::newest(found, before.limit, |one| (one.notice.put_at, one.notice.id.clone())))
    }

    async fn list_company_dispositions(
        &self,
        company: &CorporateNumber,
        before: &Before<DispositionNoticeId>,
    ) -> Result<Vec<HeldDisposition>, Fault> {
        let (at, id) = before.bound();
        let list = ask(LIST_OF_COMPANY).bind(company.as_str()).bind(at).bind(id).bind(i64::from(before.limit));
        let rows = list.fetch_all(&self.pool).await?;
        rows.iter().filter_map(|row| held(row, &self.vault).transpose()).collect()
    }

    async fn list_agency_dispositions(
        &self,
        agency: &str,
        before: &Before<DispositionNoticeId>,
    ) -> Result<Vec<HeldDisposition>, Fault> {
        let (at, id) = before.bound();
        let list = ask(LIST_BY_AGENCY).bind(agency).bind(at).bind(id).bind(i64::from(before.limit));
        let rows = list.fetch_all(&self.pool).await?;
        rows.iter().filter_map(|row| held(row, &self.vault).transpose()).collect()
    }

    async fn warn_of_disposition(&self, now: Timestamp, by: Timestamp) -> Result<bool, Fault> {
        let vault = Arc::clone(&self.vault);
        self.transact(async move |mut transaction| {
            let warn = ask(WARN).bind(now.millis()).bind(by.millis());
            let Some(row) = warn.fetch_optional(&mut *transaction).await? else { return Ok(false) };
            // One that does not open any more is about nobody: it is passed over for good.
            if let Some(one) = held(&row, &vault)? {
                let event = SubmissionEvent::of_disposition(&one.notice, DispositionNews::Expiring, now);
                let whom = (&one.notice.answered.company, Some(&event.client));
                tell_company(&mut transaction, whom, (one.notice.id.as_str(), &event), &vault).await?;
            }
            transaction.commit().await?;
            Ok(true)
        })
        .await
    }

    async fn give_disposition(&self, id: &DispositionNoticeId, fetch: &Fetch) -> Result<GivenDisposition, Fault> {
        let (id, fetch, vault) = (id.clone(), fetch.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let given = give(&mut transaction, (&id, &fetch), &vault).await?;
            if given != GivenDisposition::Gone {
                transaction.commit().await?;
            }
            Ok(given)
        })
        .await
    }
}
