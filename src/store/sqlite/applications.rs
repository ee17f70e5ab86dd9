//! Applications (電子申請), and the certificates that go with them.

use super::SqliteStore;
use super::clients::tell_municipality;
use super::data_keys::{key_of, opened};
use super::database::Database;
use super::evidence::queue_event;
use super::submissions::insert_event;
use super::writer::Done;
use super::{application_drafts, attachments, interviews};
use crate::domain::application::{Application, ApplicationNews};
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::evidence::Event;
use crate::domain::ids::{ApplicationId, CertificateId, ClientId, DraftId, InterviewSlotId, SubjectId};
use crate::domain::submission::SubmissionEvent;
use crate::domain::{Digest, Fault, Timestamp};
use crate::store::statement::{Statement, statements};
use crate::store::vault::Vault;
use crate::store::{
    ApplicationChange, ApplicationStore, Before, ChangedApplication, HeldApplication, InsertedApplication, application,
    record,
};
use async_trait::async_trait;
use rusqlite::{Params, Row, params};
use std::sync::Arc;

statements! {
    INSERT = "INSERT INTO applications (id, client_id, subject_id, municipality, key, arrival, arrived_at, body,
            batch_id)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    FIND = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = applications.id),
            version, place, readings, read_at
        FROM applications WHERE id = ?1";
    FIND_BY_KEY = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = applications.id),
            version, place, readings, read_at
        FROM applications WHERE client_id = ?1 AND subject_id = ?2 AND key = ?3";
    LIST = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = applications.id),
            version, place, readings, read_at
        FROM applications WHERE client_id = ?1 AND subject_id = ?2 AND (arrived_at, id) < (?3, ?4)
        ORDER BY arrived_at DESC, id DESC LIMIT ?5";
    LIST_OF_PERSON = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = applications.id),
            version, place, readings, read_at
        FROM applications WHERE subject_id = ?1 AND (arrived_at, id) < (?2, ?3)
        ORDER BY arrived_at DESC, id DESC LIMIT ?4";
    LIST_RECEIVED = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = applications.id),
            version, place, readings, read_at
        FROM applications WHERE municipality = ?1 AND place > ?2 ORDER BY place LIMIT ?3";
    READ = "UPDATE applications SET readings = readings + 1, read_at = ?3 WHERE id = ?1 AND municipality = ?2
        RETURNING body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = applications.id),
            version, place, readings, read_at";
    UPDATE = "UPDATE applications SET body = ?3, ended_at = ?4, interview_slot = ?5, interview_at = ?6,
            version = version + 1
        WHERE id = ?1 AND version = ?2 AND ended_at IS NULL";
    TAKE_PLACE = "INSERT INTO application_heads (municipality, last) VALUES (?1, 1)
        ON CONFLICT (municipality) DO UPDATE SET last = last + 1 RETURNING last";
    PLACE = "UPDATE applications SET place = ?2 WHERE id = ?1";
    /// One that was taken back goes with nothing any more.
    IS_ISSUED = "SELECT 1 FROM employment_certificates WHERE id = ?1 AND revoked_at IS NULL";
    ATTACH = "INSERT INTO application_certificates (certificate_id, application_id) VALUES (?1, ?2)
        ON CONFLICT (certificate_id, application_id) DO NOTHING";
    DETACH = "DELETE FROM application_certificates WHERE application_id = ?1";
    LIST_WITH = "SELECT body, applications.id, applications.id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = applications.id), version, place, readings, read_at
        FROM application_certificates JOIN applications ON applications.id = application_id
        WHERE certificate_id = ?1";
}

/// None where its key was destroyed.
pub(super) fn held(row: &Row<'_>, vault: &Vault) -> Result<Option<HeldApplication>, Fault> {
    let Some(body) = opened(row, vault, application::KIND, 1)? else { return Ok(None) };
    application::read(&body, (row.get(4)?, row.get(5)?), (row.get(6)?, row.get(7)?)).map(Some)
}

fn sealed(database: Database<'_>, one: &Application, vault: &Vault) -> Result<String, Fault> {
    let id = one.id.as_str();
    vault.seal(&key_of(database, vault, id)?, &application::name(id), one)
}

/// Leaves the leaf, and tells whose software it is of, and its municipality; that it was read is told by the log alone.
fn tell(
    database: Database<'_>,
    one: &Application,
    (news, by, at): (ApplicationNews, &ClientId, Timestamp),
    vault: &Vault,
) -> Result<(), Fault> {
    queue_event(database, &Event::Application { one, news, by, at }, vault)?;
    if news == ApplicationNews::Read {
        return Ok(());
    }
    let (about, event) = (one.id.as_str(), SubmissionEvent::of_application(one, news, at));
    insert_event(database, (&one.client, about), (at, &record::write(&event)?), vault)?;
    match CorporateNumber::of_local_government(&one.municipality).filter(|_| news.is_for_municipality()) {
        Some(number) => tell_municipality(database, &number, (about, &event), vault),
        None => Ok(()),
    }
}

/// Puts it behind everything else that its municipality is told of.
fn place(database: Database<'_>, one: &Application) -> Result<(), Fault> {
    let place = database.find(TAKE_PLACE, [&one.municipality], |row| Ok(row.get::<_, i64>(0)?))?;
    database.execute(PLACE, params![one.id.as_str(), place]).map(drop)
}

/// False where one that goes with it was taken back.
fn are_issued(database: Database<'_>, one: &Application) -> Result<bool, Fault> {
    for id in application::certificates(one) {
        if database.find(IS_ISSUED, [id], |_| Ok(()))?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

fn attach(database: Database<'_>, one: &Application) -> Result<(), Fault> {
    database.execute(DETACH, [one.id.as_str()])?;
    for id in application::certificates(one) {
        database.execute(ATTACH, params![id, one.id.as_str()])?;
    }
    Ok(())
}

fn again(database: Database<'_>, one: &Application, vault: &Vault) -> Result<HeldApplication, Fault> {
    let found = database.find_readable(FIND, [one.id.as_str()], |row| held(row, vault))?;
    found.ok_or_else(|| Fault::Internal("an application that was just written is not there".into()))
}

pub(super) fn insert(
    database: Database<'_>,
    new: &Application,
    draft: Option<(&DraftId, &str)>,
    vault: &Vault,
) -> Result<InsertedApplication, Fault> {
    let (id, client, subject) = (new.id.as_str(), new.client.as_str(), new.subject.as_str());
    let key = vault.blinded("idempotency", &new.key.key)?;
    let of = params![client, subject, key];
    if let Some(earlier) = database.find_readable(FIND_BY_KEY, of, |row| held(row, vault))? {
        let is_same = earlier.application.key == new.key;
        return Ok(if is_same { InsertedApplication::Same(Box::new(earlier)) } else { InsertedApplication::KeyReused });
    }
    // One writer: a key whose application does not open any more stays taken.
    if database.find(FIND_BY_KEY, params![client, subject, key], |_| Ok(()))?.is_some() {
        return Ok(InsertedApplication::KeyReused);
    }
    if let Some(draft) = draft
        && !application_drafts::is_there(database, draft)?
    {
        return Ok(InsertedApplication::DraftGone);
    }
    if !are_issued(database, new)? {
        return Ok(InsertedApplication::CertificateGone);
    }
    if !attachments::are_free(database, new, new.arrived_at)? {
        return Ok(InsertedApplication::AttachmentGone);
    }
    draft.map(|draft| application_drafts::take(database, draft)).transpose()?;
    let (body, at) = (sealed(database, new, vault)?, new.arrived_at.millis());
    let batch = new.batch.as_ref().map(|batch| batch.id.as_str());
    database.execute(INSERT, params![id, client, subject, new.municipality, key, new.arrival, at, body, batch])?;
    attach(database, new)?;
    attachments::take(database, new)?;
    place(database, new)?;
    tell(database, new, (ApplicationNews::Arrived, &new.client, new.arrived_at), vault)?;
    Ok(InsertedApplication::New(Box::new(again(database, new, vault)?)))
}

/// Keeps what it wrote only where it is done.
pub(super) fn update(
    database: Database<'_>,
    change: &ApplicationChange,
    vault: &Vault,
) -> Result<ChangedApplication, Fault> {
    let one = &change.application;
    let is_amended = change.news == ApplicationNews::Amended;
    if is_amended && !are_issued(database, one)? {
        return Ok(ChangedApplication::CertificateGone);
    }
    if is_amended && !attachments::are_free(database, one, change.at)? {
        return Ok(ChangedApplication::AttachmentGone);
    }
    let (id, version) = (one.id.as_str(), record::column(change.version)?);
    let body = sealed(database, one, vault)?;
    let (held, wanted) = (interviews::held_place(database, one)?, one.held_slot().map(InterviewSlotId::as_str));
    let at = one.held_appointment().map(|appointment| appointment.meeting.starts_at.millis());
    if database.execute(UPDATE, params![id, version, body, application::ended_at(one), wanted, at])? != 1 {
        return Ok(ChangedApplication::Changed);
    }
    if let Some(refused) = interviews::change_place(database, held.as_deref(), wanted)? {
        return Ok(refused);
    }
    if is_amended {
        attach(database, one)?;
        attachments::take(database, one)?;
    }
    place(database, one)?;
    tell(database, one, (change.news, &change.by, change.at), vault)?;
    Ok(ChangedApplication::Done(Box::new(again(database, one, vault)?)))
}

/// Within the write that takes a certificate back: whoever is told of applications is told of those that it goes with.
pub(super) fn certificate_revoked(
    database: Database<'_>,
    (id, by, at): (&CertificateId, &ClientId, Timestamp),
    vault: &Vault,
) -> Result<(), Fault> {
    for one in database.list_readable(LIST_WITH, [id.as_str()], |row| held(row, vault))? {
        place(database, &one.application)?;
        tell(database, &one.application, (ApplicationNews::CertificateRevoked, by, at), vault)?;
    }
    Ok(())
}

impl SqliteStore {
    pub(super) fn persons_applications(
        &self,
        subject: &SubjectId,
        before: &Before<ApplicationId>,
    ) -> Result<Vec<HeldApplication>, Fault> {
        let (at, id) = before.bound();
        let values = params![subject.as_str(), at, id, before.limit];
        self.read(|database| database.list_readable(LIST_OF_PERSON, values, |row| held(row, &self.vault)))
    }

    fn find_one(&self, by: Statement, params: impl Params) -> Result<Option<HeldApplication>, Fault> {
        self.read(|database| database.find_readable(by, params, |row| held(row, &self.vault)))
    }
}

#[async_trait]
impl ApplicationStore for SqliteStore {
    async fn insert_application(&self, new: &Application) -> Result<InsertedApplication, Fault> {
        let (new, vault) = (new.clone(), Arc::clone(&self.vault));
        self.write(move |database| insert(database, &new, None, &vault)).await
    }

    async fn find_application(&self, id: &ApplicationId) -> Result<Option<HeldApplication>, Fault> {
        self.find_one(FIND, [id.as_str()])
    }

    async fn find_application_by_key(
        &self,
        (client, subject): (&ClientId, &SubjectId),
        key: Digest,
    ) -> Result<Option<HeldApplication>, Fault> {
        let key = self.vault.blinded("idempotency", &key)?;
        self.find_one(FIND_BY_KEY, params![client.as_str(), subject.as_str(), key])
    }

    async fn list_applications(
        &self,
        (client, subject): (&ClientId, &SubjectId),
        before: &Before<ApplicationId>,
    ) -> Result<Vec<HeldApplication>, Fault> {
        let (at, id) = before.bound();
        let values = params![client.as_str(), subject.as_str(), at, id, before.limit];
        self.read(|database| database.list_readable(LIST, values, |row| held(row, &self.vault)))
    }

    async fn list_received_applications(
        &self,
        municipality: &str,
        after: u64,
        limit: u32,
    ) -> Result<Vec<HeldApplication>, Fault> {
        let values = params![municipality, record::column(after)?, limit];
        self.read(|database| database.list_readable(LIST_RECEIVED, values, |row| held(row, &self.vault)))
    }

    async fn read_application(
        &self,
        id: &ApplicationId,
        municipality: &str,
        (by, at): (&ClientId, Timestamp),
    ) -> Result<Option<HeldApplication>, Fault> {
        let (id, municipality, by) = (id.clone(), municipality.to_owned(), by.clone());
        let vault = Arc::clone(&self.vault);
        self.write(move |database| {
            let values = params![id.as_str(), municipality, at.millis()];
            let found = database.find_readable(READ, values, |row| held(row, &vault))?;
            let Some(one) = found else { return Ok(None) };
            tell(database, &one.application, (ApplicationNews::Read, &by, at), &vault)?;
            Ok(Some(one))
        })
        .await
    }

    async fn update_application(&self, change: &ApplicationChange) -> Result<ChangedApplication, Fault> {
        let (change, vault) = (change.clone(), Arc::clone(&self.vault));
        let work = move |database: Database<'_>| {
            let changed = update(database, &change, &vault)?;
            let is_done = matches!(changed, ChangedApplication::Done(_));
            Ok(if is_done { Done::Keep(changed) } else { Done::Undo(changed) })
        };
        self.writer.write(work).await
    }
}
