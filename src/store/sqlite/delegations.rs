//! Which office may file for which company.

use super::SqliteStore;
use super::clients::tell_company;
use super::database::Database;
use super::evidence::queue_event;
use super::submissions::submission;
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::delegation::{Delegation, Pausing, SoftwareNews};
use crate::domain::evidence::Event;
use crate::domain::ids::{ClientId, DelegationId};
use crate::domain::representation::{RepresentationEnd, Turn};
use crate::domain::submission::{Submission, SubmissionEvent};
use crate::domain::{Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{Before, DelegationStore, record};
use async_trait::async_trait;
use rusqlite::{Row, params};
use std::sync::Arc;

statements! {
    END_OVER = "UPDATE delegations SET state = 'ended', ended_at = expires_at, ended_by = 'time'
        WHERE company = ?1 AND client_id = ?2 AND state = 'active' AND expires_at <= ?3
        RETURNING body, ended_at, ended_by, paused_at";
    INSERT = "INSERT INTO delegations (id, company, client_id, state, created_at, expires_at, body, via_id)
        VALUES (?1, ?2, ?3, 'active', ?4, ?5, ?6, ?7)
        ON CONFLICT (company, client_id) WHERE state = 'active' DO NOTHING";
    FIND = "SELECT body, ended_at, ended_by, coalesce(
            paused_at, (SELECT above.paused_at FROM delegations above WHERE above.id = delegations.via_id))
        FROM delegations WHERE id = ?1";
    FIND_STANDING = "SELECT body, ended_at, ended_by, coalesce(
            paused_at, (SELECT above.paused_at FROM delegations above WHERE above.id = delegations.via_id))
        FROM delegations
        WHERE company = ?1 AND client_id = ?2 AND state = 'active'";
    LIST = "SELECT body, ended_at, ended_by, coalesce(
            paused_at, (SELECT above.paused_at FROM delegations above WHERE above.id = delegations.via_id))
        FROM delegations
        WHERE company = ?1 ORDER BY created_at DESC, id DESC LIMIT ?2";
    LIST_TO = "SELECT body, ended_at, ended_by, coalesce(
            paused_at, (SELECT above.paused_at FROM delegations above WHERE above.id = delegations.via_id))
        FROM delegations
        WHERE client_id = ?1 AND (created_at, id) < (?2, ?3)
        ORDER BY created_at DESC, id DESC LIMIT ?4";
    LIST_SOFTWARE = "SELECT body, ended_at, ended_by, coalesce(
            paused_at, (SELECT above.paused_at FROM delegations above WHERE above.id = delegations.via_id))
        FROM delegations
        WHERE via_id = ?1 ORDER BY created_at DESC, id DESC LIMIT ?2";
    PAUSE = "UPDATE delegations SET paused_at = ?2
        WHERE id = ?1 AND state = 'active' AND paused_at IS NULL AND expires_at > ?2
        RETURNING body, ended_at, ended_by, paused_at";
    RESUME = "UPDATE delegations SET paused_at = NULL
        WHERE id = ?1 AND state = 'active' AND paused_at IS NOT NULL AND expires_at > ?2
        RETURNING body, ended_at, ended_by, paused_at";
    END = "UPDATE delegations SET state = 'ended', ended_at = ?2, ended_by = ?3, changed_by = ?4
        WHERE id = ?1 AND state = 'active' AND expires_at > ?2 RETURNING body, ended_at, ended_by, paused_at";
    /// What hangs on it ends with it, each with a leaf of its own.
    END_SOFTWARE = "UPDATE delegations SET state = 'ended', ended_at = ?2, ended_by = ?3, changed_by = ?4
        WHERE via_id = ?1 AND state = 'active' AND expires_at > ?2
        RETURNING body, ended_at, ended_by, paused_at";
    LIST_FILED = "SELECT body, state FROM submissions
        WHERE delegation_id = ?1 ORDER BY accepted_at DESC, id DESC LIMIT ?2";
    /// In force for the very company and client.
    STANDS = "SELECT via_id FROM delegations
        WHERE id = ?1 AND company = ?2 AND client_id = ?3 AND state = 'active' AND paused_at IS NULL AND expires_at > ?4";
    /// An office's, for the very company, to another than the software's client.
    STANDS_ABOVE = "SELECT 1 FROM delegations
        WHERE id = ?1 AND company = ?2 AND client_id <> ?3 AND via_id IS NULL
            AND state = 'active' AND paused_at IS NULL AND expires_at > ?4";
}

fn delegation(row: &Row<'_>) -> Result<Delegation, Fault> {
    let body = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
    record::delegation(body, (row.get(1)?, row.get(2)?), row.get(3)?)
}

fn queue(
    database: Database<'_>,
    one: &Delegation,
    (word, operator, at): (&str, Option<&str>, Timestamp),
    vault: &Vault,
) -> Result<(), Fault> {
    queue_event(database, &Event::Delegation { one, word, operator, at }, vault)
}

/// Tells the company of an office's software; nothing of what is none.
fn tell(
    database: Database<'_>,
    one: &Delegation,
    (news, at): (SoftwareNews, Timestamp),
    vault: &Vault,
) -> Result<(), Fault> {
    let Some(event) = SubmissionEvent::of_software(one, news, at) else { return Ok(()) };
    tell_company(database, (&one.company, None), (one.id.as_str(), &event), vault)
}

/// Whether a filing may be written as it is: for the filer's own company, or by a delegation in force.
pub(super) fn may_be_filed(database: Database<'_>, own: &Submission) -> Result<bool, Fault> {
    let Some(id) = &own.delegation else { return Ok(true) };
    stands(database, (id, &own.applicant, &own.client), own.accepted_at)
}

/// Whether the delegation, and the one that it hangs on, is in force for this very company and client.
pub(super) fn stands(
    database: Database<'_>,
    (id, company, client): (&DelegationId, &CorporateNumber, &ClientId),
    at: Timestamp,
) -> Result<bool, Fault> {
    let values = params![id.as_str(), company.as_str(), client.as_str(), at.millis()];
    match database.find(STANDS, values, |row| Ok(row.get::<_, Option<String>>(0)?))? {
        None => Ok(false),
        Some(via) => stands_above(database, via.as_deref(), (company, client), at),
    }
}

/// Whether what a delegation hangs on is in force, if it hangs on one.
fn stands_above(
    database: Database<'_>,
    via: Option<&str>,
    (company, client): (&CorporateNumber, &ClientId),
    at: Timestamp,
) -> Result<bool, Fault> {
    let Some(via) = via else { return Ok(true) };
    let values = params![via, company.as_str(), client.as_str(), at.millis()];
    Ok(database.find(STANDS_ABOVE, values, |_| Ok(()))?.is_some())
}

#[async_trait]
impl DelegationStore for SqliteStore {
    async fn insert_delegation(&self, new: &Delegation) -> Result<bool, Fault> {
        let (new, vault) = (new.clone(), Arc::clone(&self.vault));
        self.take(move |database| {
            let (company, client, now) = (new.company.as_str(), new.client.as_str(), new.created_at);
            for over in database.list(END_OVER, params![company, client, now.millis()], delegation)? {
                queue(database, &over, (Turn::End(RepresentationEnd::Time).word(), None, now), &vault)?;
            }
            let via = new.via.as_ref().map(DelegationId::as_str);
            if !stands_above(database, via, (&new.company, &new.client), now)? {
                return Ok(false);
            }
            let (until, body) = (new.expires_at.millis(), record::write(&new)?);
            let values = params![new.id.as_str(), company, client, now.millis(), until, body, via];
            let is_new = database.execute(INSERT, values)? == 1;
            if is_new {
                queue(database, &new, ("registered", new.registered_by.as_deref(), now), &vault)?;
                tell(database, &new, (SoftwareNews::Added, now), &vault)?;
            }
            Ok(is_new)
        })
        .await
    }

    async fn find_delegation(&self, id: &DelegationId) -> Result<Option<Delegation>, Fault> {
        self.read(|database| database.find(FIND, [id.as_str()], delegation))
    }

    async fn find_standing_delegation(
        &self,
        company: &CorporateNumber,
        client: &ClientId,
    ) -> Result<Option<Delegation>, Fault> {
        self.read(|database| database.find(FIND_STANDING, [company.as_str(), client.as_str()], delegation))
    }

    async fn list_delegations(&self, company: &CorporateNumber, limit: u32) -> Result<Vec<Delegation>, Fault> {
        self.read(|database| database.list(LIST, params![company.as_str(), limit], delegation))
    }

    async fn list_delegations_to(
        &self,
        client: &ClientId,
        before: &Before<DelegationId>,
    ) -> Result<Vec<Delegation>, Fault> {
        let (at, id) = before.bound();
        self.read(|database| database.list(LIST_TO, params![client.as_str(), at, id, before.limit], delegation))
    }

    async fn list_software(&self, via: &DelegationId, limit: u32) -> Result<Vec<Delegation>, Fault> {
        self.read(|database| database.list(LIST_SOFTWARE, params![via.as_str(), limit], delegation))
    }

    async fn list_filed_by(&self, id: &DelegationId, limit: u32) -> Result<Vec<Submission>, Fault> {
        self.read(|database| database.list(LIST_FILED, params![id.as_str(), limit], submission))
    }

    async fn pause_delegation(&self, id: &DelegationId, pausing: Pausing, at: Timestamp) -> Result<bool, Fault> {
        let (id, vault) = (id.clone(), Arc::clone(&self.vault));
        self.take(move |database| {
            let statement = match pausing {
                Pausing::Pause => PAUSE,
                Pausing::Resume => RESUME,
            };
            let Some(turned) = database.find(statement, params![id.as_str(), at.millis()], delegation)? else {
                return Ok(false);
            };
            queue(database, &turned, (pausing.word(), None, at), &vault)?;
            Ok(true)
        })
        .await
    }

    async fn end_delegation(
        &self,
        id: &DelegationId,
        by: RepresentationEnd,
        operator: Option<&str>,
        at: Timestamp,
    ) -> Result<bool, Fault> {
        let (id, operator, vault) = (id.clone(), operator.map(str::to_owned), Arc::clone(&self.vault));
        self.take(move |database| {
            let values = params![id.as_str(), at.millis(), by.as_str(), operator];
            let Some(ended) = database.find(END, values, delegation)? else { return Ok(false) };
            let told = (Turn::End(by).word(), operator.as_deref(), at);
            queue(database, &ended, told, &vault)?;
            let values = params![id.as_str(), at.millis(), by.as_str(), operator];
            tell(database, &ended, (SoftwareNews::Removed, at), &vault)?;
            for software in database.list(END_SOFTWARE, values, delegation)? {
                queue(database, &software, told, &vault)?;
                tell(database, &software, (SoftwareNews::Removed, at), &vault)?;
            }
            Ok(true)
        })
        .await
    }
}
