//! Consents that end, and deciding again.

use super::SqliteStore;
use super::citizen_notices::{release, taken, write};
use super::consents::{insert_superseded, note};
use super::database::Database;
use super::grants;
use crate::domain::consent_event::ConsentChange;
use crate::domain::grant::Grant;
use crate::domain::ids::GrantId;
use crate::domain::{Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{Reminding, Renewal, RenewalStore, citizen_notice};
use async_trait::async_trait;
use rusqlite::params;
use std::sync::Arc;

statements! {
    LIST_ENDING = "SELECT body, revoked_at, revoked_by, paused_at, held_at, id, id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = grants.id)
        FROM grants WHERE remind_at <= ?1 AND state = 'active' AND expires_at > ?1 ORDER BY remind_at LIMIT ?2";
    /// One that was renewed meanwhile has another end.
    TAKE_ENDING = "UPDATE grants SET remind_at = ?4
        WHERE id = ?1 AND remind_at <= ?2 AND state = 'active' AND expires_at = ?3 AND expires_at > ?2";
}

fn take_ending(
    database: Database<'_>,
    grant: &Grant,
    (what, now): (&Reminding, Timestamp),
    vault: &Vault,
) -> Result<bool, Fault> {
    let later = match what {
        Reminding::Later(at) => Some(at.millis()),
        Reminding::Never | Reminding::Now(_) => None,
    };
    let values = params![grant.id.as_str(), now.millis(), grant.expires_at.millis(), later];
    if database.execute(TAKE_ENDING, values)? != 1 {
        return Ok(false);
    }
    let Reminding::Now(new) = what else { return Ok(true) };
    if taken(database, new, vault)?.is_some() {
        return Ok(true);
    }
    let one = &new.notice;
    write(database, new, vault)?;
    if citizen_notice::is_due(one) {
        release(database, (&one.id, one.subject.as_str()), one.posted_at, vault)?;
    }
    note(database, grant.id.as_str(), ConsentChange::Ending, now)?;
    Ok(true)
}

#[async_trait]
impl RenewalStore for SqliteStore {
    async fn list_ending_grants(&self, now: Timestamp, limit: u32) -> Result<Vec<Grant>, Fault> {
        let values = params![now.millis(), limit];
        self.read(|database| database.list_readable(LIST_ENDING, values, |row| grants::grant(row, &self.vault)))
    }

    async fn take_ending(&self, grant: &Grant, what: &Reminding, now: Timestamp) -> Result<bool, Fault> {
        let (grant, what, vault) = (grant.clone(), what.clone(), Arc::clone(&self.vault));
        self.take(move |database| take_ending(database, &grant, (&what, now), &vault)).await
    }

    async fn renew_grant(&self, id: &GrantId, renewal: &Renewal) -> Result<bool, Fault> {
        let (id, renewal, vault) = (id.clone(), *renewal, Arc::clone(&self.vault));
        self.take(move |database| {
            let Some(older) = grants::readable(database, &id, &vault)? else { return Ok(false) };
            let Some(newer) = older.renewed(renewal.seen, renewal.at, renewal.by) else { return Ok(false) };
            if !grants::replace(database, &newer, &vault)? {
                return Ok(false);
            }
            insert_superseded(database, &older, renewal.at, &vault)?;
            note(database, id.as_str(), ConsentChange::Changed, renewal.at)?;
            grants::queue_amended(database, &newer, &vault)?;
            Ok(true)
        })
        .await
    }
}
