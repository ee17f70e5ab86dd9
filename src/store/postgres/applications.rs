//! Applications (電子申請), and the certificates that go with them.
//!
//! Locks are taken in this order: certificates, times for interviews, applications, documents, the head of a municipality. Whoever has a head needs nothing more.

use super::clients::tell_municipality;
use super::data_keys::{key_of, opened};
use super::evidence::queue_events;
use super::submissions::insert_events;
use super::{PostgresStore, ask, is_one};
use super::{application_drafts, attachments, interviews};
use crate::domain::application::{Application, ApplicationNews};
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::evidence::Event;
use crate::domain::ids::{ApplicationId, CertificateId, ClientId, DraftId, InterviewSlotId, SubjectId};
use crate::domain::submission::SubmissionEvent;
use crate::domain::{Digest, Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{
    ApplicationChange, ApplicationStore, Before, ChangedApplication, HeldApplication, InsertedApplication, application,
    record,
};
use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use std::sync::Arc;

statements! {
    INSERT = "INSERT INTO applications (id, client_id, subject_id, municipality, key, arrival, arrived_at, body,
            batch_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (client_id, subject_id, key) DO NOTHING";
    FIND = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = applications.id),
            version, place, readings, read_at
        FROM applications WHERE id = $1";
    FIND_BY_KEY = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = applications.id),
            version, place, readings, read_at
        FROM applications WHERE client_id = $1 AND subject_id = $2 AND key = $3";
    LIST = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = applications.id),
            version, place, readings, read_at
        FROM applications WHERE client_id = $1 AND subject_id = $2 AND (arrived_at, id) < ($3, $4)
        ORDER BY arrived_at DESC, id DESC LIMIT $5";
    LIST_OF_PERSON = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = applications.id),
            version, place, readings, read_at
        FROM applications WHERE subject_id = $1 AND (arrived_at, id) < ($2, $3)
        ORDER BY arrived_at DESC, id DESC LIMIT $4";
    LIST_RECEIVED = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = applications.id),
            version, place, readings, read_at
        FROM applications WHERE municipality = $1 AND place > $2 ORDER BY place LIMIT $3";
    READ = "UPDATE applications SET readings = readings + 1, read_at = $3 WHERE id = $1 AND municipality = $2
        RETURNING body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = applications.id),
            version, place, readings, read_at";
    UPDATE = "UPDATE applications SET body = $3, ended_at = $4, interview_slot = $5, interview_at = $6,
            version = version + 1
        WHERE id = $1 AND version = $2 AND ended_at IS NULL";
    /// Held until the change is committed: a later place is committed later.
    TAKE_PLACE = "INSERT INTO application_heads (municipality, last) VALUES ($1, 1)
        ON CONFLICT (municipality) DO UPDATE SET last = application_heads.last + 1 RETURNING last";
    PLACE = "UPDATE applications SET place = $2 WHERE id = $1";
    /// One that was taken back goes with nothing any more; none is taken back until what it goes with is committed.
    IS_ISSUED = "SELECT id FROM employment_certificates WHERE id = $1 AND revoked_at IS NULL FOR SHARE";
    ATTACH = "INSERT INTO application_certificates (certificate_id, application_id) VALUES ($1, $2)
        ON CONFLICT (certificate_id, application_id) DO NOTHING";
    DETACH = "DELETE FROM application_certificates WHERE application_id = $1";
    LIST_WITH = "SELECT body, applications.id, applications.id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = applications.id), version, place, readings, read_at
        FROM application_certificates JOIN applications ON applications.id = application_id
        WHERE certificate_id = $1 ORDER BY applications.id FOR UPDATE OF applications";
}

/// None where its key was destroyed.
pub(super) fn held(row: &PgRow, vault: &Vault) -> Result<Option<HeldApplication>, Fault> {
    let Some(body) = opened(row, vault, application::KIND, 1)? else { return Ok(None) };
    application::read(&body, (row.try_get(4)?, row.try_get(5)?), (row.try_get(6)?, row.try_get(7)?)).map(Some)
}

async fn sealed(connection: &mut PgConnection, one: &Application, vault: &Vault) -> Result<String, Fault> {
    let id = one.id.as_str();
    let key = key_of(connection, vault, id).await?;
    vault.seal(&key, &application::name(id), one)
}

/// Leaves the leaf, and tells whose software it is of, and its municipality; that it was read is told by the log alone.
async fn tell(
    connection: &mut PgConnection,
    one: &Application,
    (news, by, at): (ApplicationNews, &ClientId, Timestamp),
    vault: &Vault,
) -> Result<(), Fault> {
    queue_events(connection, &[Event::Application { one, news, by, at }], vault).await?;
    if news == ApplicationNews::Read {
        return Ok(());
    }
    let (about, event) = (one.id.as_str(), SubmissionEvent::of_application(one, news, at));
    insert_events(connection, (&one.client, about), (at, &[record::write(&event)?]), vault).await?;
    match CorporateNumber::of_local_government(&one.municipality).filter(|_| news.is_for_municipality()) {
        Some(number) => tell_municipality(connection, &number, (about, &event), vault).await,
        None => Ok(()),
    }
}

/// Puts it behind everything else that its municipality is told of.
async fn place(connection: &mut PgConnection, one: &Application) -> Result<(), Fault> {
    let place: i64 = ask(TAKE_PLACE).bind(&one.municipality).fetch_one(&mut *connection).await?.try_get(0)?;
    ask(PLACE).bind(one.id.as_str()).bind(place).execute(&mut *connection).await?;
    Ok(())
}

/// False where one that goes with it was taken back.
async fn are_issued(connection: &mut PgConnection, one: &Application) -> Result<bool, Fault> {
    for id in application::certificates(one) {
        if ask(IS_ISSUED).bind(id).fetch_optional(&mut *connection).await?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn attach(connection: &mut PgConnection, one: &Application) -> Result<(), Fault> {
    ask(DETACH).bind(one.id.as_str()).execute(&mut *connection).await?;
    for id in application::certificates(one) {
        ask(ATTACH).bind(id).bind(one.id.as_str()).execute(&mut *connection).await?;
    }
    Ok(())
}

async fn again(connection: &mut PgConnection, id: &ApplicationId, vault: &Vault) -> Result<HeldApplication, Fault> {
    let row = ask(FIND).bind(id.as_str()).fetch_one(connection).await?;
    held(&row, vault)?.ok_or_else(|| Fault::Internal("an application that was just written does not open".into()))
}

pub(super) async fn taken(
    connection: &mut PgConnection,
    new: &Application,
    vault: &Vault,
) -> Result<Option<InsertedApplication>, Fault> {
    let key = vault.blinded("idempotency", &new.key.key)?;
    let find = ask(FIND_BY_KEY).bind(new.client.as_str()).bind(new.subject.as_str()).bind(key.as_slice());
    let Some(row) = find.fetch_optional(connection).await? else { return Ok(None) };
    Ok(Some(match held(&row, vault)? {
        Some(earlier) if earlier.application.key == new.key => InsertedApplication::Same(Box::new(earlier)),
        // Another one's, or one that does not open any more.
        _ => InsertedApplication::KeyReused,
    }))
}

/// Writes one that has no place yet. Refused where it cannot be; by none when its key is taken.
pub(super) async fn write(
    connection: &mut PgConnection,
    new: &Application,
    draft: Option<&(DraftId, String)>,
    vault: &Vault,
) -> Result<Result<(), Option<InsertedApplication>>, Fault> {
    if let Some((id, seen)) = draft
        && !application_drafts::take(connection, (id, seen)).await?
    {
        return Ok(Err(Some(InsertedApplication::DraftGone)));
    }
    if !are_issued(connection, new).await? {
        return Ok(Err(Some(InsertedApplication::CertificateGone)));
    }
    let (body, key) = (sealed(connection, new, vault).await?, vault.blinded("idempotency", &new.key.key)?);
    let insert = ask(INSERT).bind(new.id.as_str()).bind(new.client.as_str()).bind(new.subject.as_str());
    let insert = insert.bind(&new.municipality).bind(key.to_vec()).bind(&new.arrival);
    let insert = insert.bind(new.arrived_at.millis()).bind(body);
    if !is_one(insert.bind(new.batch.as_ref().map(|batch| batch.id.as_str())), connection).await? {
        return Ok(Err(None));
    }
    if !attachments::take(connection, new, new.arrived_at).await? {
        return Ok(Err(Some(InsertedApplication::AttachmentGone)));
    }
    attach(connection, new).await?;
    Ok(Ok(()))
}

/// Lets its municipality know of one that is written, and everybody else.
pub(super) async fn arrive(
    connection: &mut PgConnection,
    new: &Application,
    vault: &Vault,
) -> Result<HeldApplication, Fault> {
    place(connection, new).await?;
    tell(connection, new, (ApplicationNews::Arrived, &new.client, new.arrived_at), vault).await?;
    again(connection, &new.id, vault).await
}

/// None when its key is taken.
async fn insert(
    connection: &mut PgConnection,
    new: &Application,
    draft: Option<&(DraftId, String)>,
    vault: &Vault,
) -> Result<Option<InsertedApplication>, Fault> {
    match write(connection, new, draft, vault).await? {
        Ok(()) => Ok(Some(InsertedApplication::New(Box::new(arrive(connection, new, vault).await?)))),
        Err(refused) => Ok(refused),
    }
}

/// Whoever calls it commits only where it is done.
pub(super) async fn update(
    connection: &mut PgConnection,
    change: &ApplicationChange,
    vault: &Vault,
) -> Result<ChangedApplication, Fault> {
    let one = &change.application;
    let is_amended = change.news == ApplicationNews::Amended;
    if is_amended && !are_issued(connection, one).await? {
        return Ok(ChangedApplication::CertificateGone);
    }
    if let Some(refused) = interviews::change_place(connection, one).await? {
        return Ok(refused);
    }
    let body = sealed(connection, one, vault).await?;
    let write = ask(UPDATE).bind(one.id.as_str()).bind(record::column(change.version)?).bind(body);
    let write = write.bind(application::ended_at(one)).bind(one.held_slot().map(InterviewSlotId::as_str));
    let write = write.bind(one.held_appointment().map(|appointment| appointment.meeting.starts_at.millis()));
    if !is_one(write, connection).await? {
        return Ok(ChangedApplication::Changed);
    }
    if is_amended && !attachments::take(connection, one, change.at).await? {
        return Ok(ChangedApplication::AttachmentGone);
    }
    if is_amended {
        attach(connection, one).await?;
    }
    place(connection, one).await?;
    tell(connection, one, (change.news, &change.by, change.at), vault).await?;
    Ok(ChangedApplication::Done(Box::new(again(connection, &one.id, vault).await?)))
}

/// Within the write that takes a certificate back: whoever is told of applications is told of those that it goes with.
pub(super) async fn certificate_revoked(
    connection: &mut PgConnection,
    (id, by, at): (&CertificateId, &ClientId, Timestamp),
    vault: &Vault,
) -> Result<(), Fault> {
    let rows = ask(LIST_WITH).bind(id.as_str()).fetch_all(&mut *connection).await?;
    for row in &rows {
        let Some(one) = held(row, vault)? else { continue };
        place(connection, &one.application).await?;
        tell(connection, &one.application, (ApplicationNews::CertificateRevoked, by, at), vault).await?;
    }
    Ok(())
}

impl PostgresStore {
    /// Hands one in, from a draft as it was seen where it is one.
    pub(super) async fn hand_in(
        &self,
        new: &Application,
        draft: Option<(DraftId, String)>,
    ) -> Result<InsertedApplication, Fault> {
        let earlier = taken(&mut *self.pool.acquire().await?, new, &self.vault).await?;
        if let Some(earlier) = earlier {
            return Ok(earlier);
        }
        let (one, vault, is_drafted) = (new.clone(), Arc::clone(&self.vault), draft.is_some());
        let inserted = self.transact(async move |mut transaction| {
            let inserted = insert(&mut transaction, &one, draft.as_ref(), &vault).await?;
            match inserted {
                Some(InsertedApplication::New(_)) => transaction.commit().await?,
                // Its key goes with it.
                _ => transaction.rollback().await?,
            }
            Ok(inserted)
        });
        // A draft that is gone may be so because another call handed it in.
        match inserted.await? {
            Some(InsertedApplication::DraftGone) | None => {}
            Some(inserted) => return Ok(inserted),
        }
        // Another call was first, and has committed by now.
        let earlier = taken(&mut *self.pool.acquire().await?, new, &self.vault).await?;
        Ok(earlier.unwrap_or(if is_drafted { InsertedApplication::DraftGone } else { InsertedApplication::KeyReused }))
    }

    pub(super) async fn persons_applications(
        &self,
        subject: &SubjectId,
        before: &Before<ApplicationId>,
    ) -> Result<Vec<HeldApplication>, Fault> {
        let (at, id) = before.bound();
        let list = ask(LIST_OF_PERSON).bind(subject.as_str()).bind(at).bind(id).bind(i64::from(before.limit));
        let rows = list.fetch_all(&self.pool).await?;
        rows.iter().filter_map(|row| held(row, &self.vault).transpose()).collect()
    }
}

#[async_trait]
impl ApplicationStore for PostgresStore {
    async fn insert_application(&self, new: &Application) -> Result<InsertedApplication, Fault> {
        self.hand_in(new, None).await
    }

    async fn find_application(&self, id: &ApplicationId) -> Result<Option<HeldApplication>, Fault> {
        let found = ask(FIND).bind(id.as_str()).fetch_optional(&self.pool).await?;
        found.map_or(Ok(None), |row| held(&row, &self.vault))
    }

    async fn find_application_by_key(
        &self,
        (client, subject): (&ClientId, &SubjectId),
        key: Digest,
    ) -> Result<Option<HeldApplication>, Fault> {
        let key = self.vault.blinded("idempotency", &key)?;
        let find = ask(FIND_BY_KEY).bind(client.as_str()).bind(subject.as_str()).bind(key.to_vec());
        find.fetch_optional(&self.pool).await?.map_or(Ok(None), |row| held(&row, &self.vault))
    }

    async fn list_applications(
        &self,
        (client, subject): (&ClientId, &SubjectId),
        before: &Before<ApplicationId>,
    ) -> Result<Vec<HeldApplication>, Fault> {
        let (at, id) = before.bound();
        let list = ask(LIST).bind(client.as_str()).bind(subject.as_str()).bind(at).bind(id);
        let rows = list.bind(i64::from(before.limit)).fetch_all(&self.pool).await?;
        rows.iter().filter_map(|row| held(row, &self.vault).transpose()).collect()
    }

    async fn list_received_applications(
        &self,
        municipality: &str,
        after: u64,
        limit: u32,
    ) -> Result<Vec<HeldApplication>, Fault> {
        let list = ask(LIST_RECEIVED).bind(municipality).bind(record::column(after)?).bind(i64::from(limit));
        let rows = list.fetch_all(&self.pool).await?;
        rows.iter().filter_map(|row| held(row, &self.vault).transpose()).collect()
    }

    async fn read_application(
        &self,
        id: &ApplicationId,
        municipality: &str,
        (by, at): (&ClientId, Timestamp),
    ) -> Result<Option<HeldApplication>, Fault> {
        let (id, municipality, by) = (id.clone(), municipality.to_owned(), by.clone());
        let vault = Arc::clone(&self.vault);
        self.transact(async move |mut transaction| {
            let read = ask(READ).bind(id.as_str()).bind(&municipality).bind(at.millis());
            let row = read.fetch_optional(&mut *transaction).await?;
            let Some(one) = row.as_ref().map(|row| held(row, &vault)).transpose()?.flatten() else {
                transaction.rollback().await?;
                return Ok(None);
            };
            tell(&mut transaction, &one.application, (ApplicationNews::Read, &by, at), &vault).await?;
            transaction.commit().await?;
            Ok(Some(one))
        })
        .await
    }

    async fn update_application(&self, change: &ApplicationChange) -> Result<ChangedApplication, Fault> {
        let (change, vault) = (change.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let changed = update(&mut transaction, &change, &vault).await?;
            match changed {
                ChangedApplication::Done(_) => transaction.commit().await?,
                _ => transaction.rollback().await?,
            }
            Ok(changed)
        })
        .await
    }
}
