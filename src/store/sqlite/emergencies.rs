//! What operators open in a disaster.

use super::SqliteStore;
use super::data_keys::{kept_key, key_of};
use super::database::Database;
use super::evidence::queue_event;
use super::grants::insert_grant;
use super::representations::insert_one;
use super::tokens::insert_refresh_token;
use crate::domain::evidence::Event;
use crate::domain::ids::RepresentationId;
use crate::domain::{Fault, Timestamp};
use crate::store::operators::Signed;
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{EmergencyStore, HeldEmergency, Opening, record};
use async_trait::async_trait;
use rusqlite::{Row, params};
use std::sync::Arc;

statements! {
    INSERT = "INSERT INTO emergencies (id, client_id, requested_by, request, created_at, expires_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    FIND = "SELECT id, client_id, requested_by, request, created_at, expires_at, approved_by, approval, id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = emergencies.id)
        FROM emergencies WHERE id = ?1";
    LIST = "SELECT id, client_id, requested_by, request, created_at, expires_at, approved_by, approval, id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = emergencies.id)
        FROM emergencies WHERE created_at > 0 ORDER BY created_at DESC, id DESC LIMIT ?1";
    /// Once, and by another than who asked.
    OPEN = "UPDATE emergencies SET approved_by = ?2, approval = ?3, opened_at = ?4
        WHERE id = ?1 AND approved_by IS NULL AND requested_by <> ?2 AND expires_at > ?4
        RETURNING id, client_id, requested_by, request, created_at, expires_at, approved_by, approval,
            id, (SELECT sealed FROM data_keys WHERE data_keys.id = emergencies.id)";
}

/// A row with the key that its statements are under.
fn emergency(row: &Row<'_>, vault: &Vault) -> Result<HeldEmergency, Fault> {
    let (id, key): (String, _) = (row.get(0)?, kept_key(row, vault, 8)?);
    let (by, approval): (Option<String>, Option<String>) = (row.get(6)?, row.get(7)?);
    let approval = approval.map(|kept| Signed::Approval.open(&id, kept, key.as_ref())).transpose()?;
    Ok(HeldEmergency {
        request: Signed::Request.open(&id, row.get(3)?, key.as_ref())?,
        id: record::id(id)?,
        client: record::id(row.get(1)?)?,
        requested_by: row.get(2)?,
        created_at: Timestamp::from_millis(row.get(4)?),
        expires_at: Timestamp::from_millis(row.get(5)?),
        approval: by.zip(approval),
    })
}

fn queue(
    database: Database<'_>,
    one: &HeldEmergency,
    (word, operators, at): (&str, &str, Timestamp),
    vault: &Vault,
) -> Result<(), Fault> {
    queue_event(database, &Event::Emergency { id: &one.id, client: &one.client, word, operators, at }, vault)
}

#[async_trait]
impl EmergencyStore for SqliteStore {
    async fn insert_emergency(&self, new: &HeldEmergency) -> Result<(), Fault> {
        let (new, vault) = (new.clone(), Arc::clone(&self.vault));
        self.write(move |database| {
            let (created, expires) = (new.created_at.millis(), new.expires_at.millis());
            let (id, client) = (new.id.as_str(), new.client.as_str());
            let key = key_of(database, &vault, id)?;
            let request = Signed::Request.seal(id, &new.request, (&key, &vault))?;
            database.execute(INSERT, params![id, client, new.requested_by, request, created, expires])?;
            queue(database, &new, ("requested", &new.requested_by, new.created_at), &vault)
        })
        .await
    }

    async fn find_emergency(&self, id: &RepresentationId) -> Result<Option<HeldEmergency>, Fault> {
        self.read(|database| database.find(FIND, [id.as_str()], |row| emergency(row, &self.vault)))
    }

    async fn list_emergencies(&self, limit: u32) -> Result<Vec<HeldEmergency>, Fault> {
        self.read(|database| database.list(LIST, [limit], |row| emergency(row, &self.vault)))
    }

    async fn open_emergency(&self, opening: &Opening<'_>, at: Timestamp) -> Result<bool, Fault> {
        let (by, approval) = (opening.by.to_owned(), opening.approval.to_owned());
        let (new, grant, token) = (opening.representation.clone(), opening.grant.clone(), opening.token.clone());
        let vault = Arc::clone(&self.vault);
        self.take(move |database| {
            let key = key_of(database, &vault, new.id.as_str())?;
            let approval = Signed::Approval.seal(new.id.as_str(), &approval, (&key, &vault))?;
            let values = params![new.id.as_str(), by, approval, at.millis()];
            let Some(one) = database.find(OPEN, values, |row| emergency(row, &vault))? else { return Ok(false) };
            if !insert_one(database, &new, &vault)? {
                return Ok(false);
            }
            insert_grant(database, &grant, &vault)?;
            insert_refresh_token(database, &token)?;
            let operators = format!("{}, {by}", one.requested_by);
            queue(database, &one, ("opened", &operators, at), &vault)?;
            Ok(true)
        })
        .await
    }
}
