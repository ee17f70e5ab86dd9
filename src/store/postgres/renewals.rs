//! Consents that end, and deciding again.

use super::citizen_notices::{release, write};
use super::consents::{insert_superseded, note};
use super::evidence::queue_events;
use super::{PostgresStore, ask, end, grants, is_one};
use crate::domain::consent_event::ConsentChange;
use crate::domain::evidence::{Change, Event};
use crate::domain::grant::Grant;
use crate::domain::ids::GrantId;
use crate::domain::{Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{Reminding, Renewal, RenewalStore, citizen_notice};
use async_trait::async_trait;
use sqlx::PgConnection;
use std::sync::Arc;

statements! {
    LIST_ENDING = "SELECT body, revoked_at, revoked_by, paused_at, held_at, id, id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = grants.id)
        FROM grants WHERE remind_at <= $1 AND state = 'active' AND expires_at > $1 ORDER BY remind_at LIMIT $2";
    /// One that was renewed meanwhile has another end.
    TAKE_ENDING = "UPDATE grants SET remind_at = $4
        WHERE id = $1 AND remind_at <= $2 AND state = 'active' AND expires_at = $3 AND expires_at > $2";
}

async fn take_ending(
    connection: &mut PgConnection,
    grant: &Grant,
    (what, now): (&Reminding, Timestamp),
    vault: &Vault,
) -> Result<bool, Fault> {
    let later = match what {
        Reminding::Later(at) => Some(at.millis()),
        Reminding::Never | Reminding::Now(_) => None,
    };
    let take = ask(TAKE_ENDING).bind(grant.id.as_str()).bind(now.millis()).bind(grant.expires_at.millis()).bind(later);
    if !is_one(take, &mut *connection).await? {
        return Ok(false);
    }
    let Reminding::Now(new) = what else { return Ok(true) };
    let one = &new.notice;
    if !write(&mut *connection, new, vault).await? {
        return Ok(true);
    }
    if citizen_notice::is_due(one) {
        release(&mut *connection, (&one.id, one.subject.as_str()), one.posted_at, vault).await?;
    }
    note(connection, grant.id.as_str(), ConsentChange::Ending, now).await?;
    Ok(true)
}

async fn renew(connection: &mut PgConnection, id: &GrantId, renewal: &Renewal, vault: &Vault) -> Result<bool, Fault> {
    let Some(older) = grants::locked(connection, id, vault).await? else { return Ok(false) };
    let Some(newer) = older.renewed(renewal.seen, renewal.at, renewal.by) else { return Ok(false) };
    if !grants::replace(connection, &newer, vault).await? {
        return Ok(false);
    }
    insert_superseded(&mut *connection, &older, renewal.at, vault).await?;
    note(&mut *connection, id.as_str(), ConsentChange::Changed, renewal.at).await?;
    queue_events(connection, Event::of_grant(&newer, Change::Amended(&newer)).as_slice(), vault).await?;
    Ok(true)
}

#[async_trait]
impl RenewalStore for PostgresStore {
    async fn list_ending_grants(&self, now: Timestamp, limit: u32) -> Result<Vec<Grant>, Fault> {
        let list = ask(LIST_ENDING).bind(now.millis()).bind(i64::from(limit));
        let rows = list.fetch_all(&self.pool).await?;
        rows.iter().filter_map(|row| grants::grant(row, &self.vault).transpose()).collect()
    }

    async fn take_ending(&self, grant: &Grant, what: &Reminding, now: Timestamp) -> Result<bool, Fault> {
        let (grant, what, vault) = (grant.clone(), what.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let is_done = take_ending(&mut transaction, &grant, (&what, now), &vault).await?;
            end(transaction, is_done).await
        })
        .await
    }

    async fn renew_grant(&self, id: &GrantId, renewal: &Renewal) -> Result<bool, Fault> {
        let (id, renewal, vault) = (id.clone(), *renewal, Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let is_done = renew(&mut transaction, &id, &renewal, &vault).await?;
            end(transaction, is_done).await
        })
        .await
    }
}
