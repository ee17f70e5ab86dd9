//! Which office may file for which company.

use super::clients::tell_company;
use super::evidence::queue_events;
use super::submissions::submission;
use super::{PostgresStore, ask, is_one};
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
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use std::sync::Arc;

statements! {
    END_OVER = "UPDATE delegations SET state = 'ended', ended_at = expires_at, ended_by = 'time'
        WHERE company = $1 AND client_id = $2 AND state = 'active' AND expires_at <= $3
        RETURNING body, ended_at, ended_by, paused_at";
    INSERT = "INSERT INTO delegations (id, company, client_id, state, created_at, expires_at, body, via_id)
        VALUES ($1, $2, $3, 'active', $4, $5, $6, $7)
        ON CONFLICT (company, client_id) WHERE state = 'active' DO NOTHING";
    FIND = "SELECT body, ended_at, ended_by, coalesce(
            paused_at, (SELECT above.paused_at FROM delegations above WHERE above.id = delegations.via_id))
        FROM delegations WHERE id = $1";
    FIND_STANDING = "SELECT body, ended_at, ended_by, coalesce(
            paused_at, (SELECT above.paused_at FROM delegations above WHERE above.id = delegations.via_id))
        FROM delegations
        WHERE company = $1 AND client_id = $2 AND state = 'active'";
    LIST = "SELECT body, ended_at, ended_by, coalesce(
            paused_at, (SELECT above.paused_at FROM delegations above WHERE above.id = delegations.via_id))
        FROM delegations
        WHERE company = $1 ORDER BY created_at DESC, id DESC LIMIT $2";
    LIST_TO = "SELECT body, ended_at, ended_by, coalesce(
            paused_at, (SELECT above.paused_at FROM delegations above WHERE above.id = delegations.via_id))
        FROM delegations
        WHERE client_id = $1 AND (created_at, id) < ($2, $3)
        ORDER BY created_at DESC, id DESC LIMIT $4";
    LIST_SOFTWARE = "SELECT body, ended_at, ended_by, coalesce(
            paused_at, (SELECT above.paused_at FROM delegations above WHERE above.id = delegations.via_id))
        FROM delegations
        WHERE via_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2";
    PAUSE = "UPDATE delegations SET paused_at = $2
        WHERE id = $1 AND state = 'active' AND paused_at IS NULL AND expires_at > $2
        RETURNING body, ended_at, ended_by, paused_at";
    RESUME = "UPDATE delegations SET paused_at = NULL
        WHERE id = $1 AND state = 'active' AND paused_at IS NOT NULL AND expires_at > $2
        RETURNING body, ended_at, ended_by, paused_at";
    END = "UPDATE delegations SET state = 'ended', ended_at = $2, ended_by = $3, changed_by = $4
        WHERE id = $1 AND state = 'active' AND expires_at > $2 RETURNING body, ended_at, ended_by, paused_at";
    /// What hangs on it ends with it, each with a leaf of its own.
    END_SOFTWARE = "UPDATE delegations SET state = 'ended', ended_at = $2, ended_by = $3, changed_by = $4
        WHERE via_id = $1 AND state = 'active' AND expires_at > $2
        RETURNING body, ended_at, ended_by, paused_at";
    LIST_FILED = "SELECT body, state FROM submissions
        WHERE delegation_id = $1 ORDER BY accepted_at DESC, id DESC LIMIT $2";
    VIA = "SELECT via_id FROM delegations WHERE id = $1";
    /// In force for the very company and client. Holds the row: whoever ends it or holds it still meanwhile waits for the filing.
    STANDS = "SELECT 1 FROM delegations
        WHERE id = $1 AND company = $2 AND client_id = $3 AND state = 'active' AND paused_at IS NULL AND expires_at > $4 FOR SHARE";
    /// An office's, for the very company, to another than the software's client.
    STANDS_ABOVE = "SELECT 1 FROM delegations
        WHERE id = $1 AND company = $2 AND client_id <> $3 AND via_id IS NULL
            AND state = 'active' AND paused_at IS NULL AND expires_at > $4 FOR SHARE";
}

fn delegation(row: &PgRow) -> Result<Delegation, Fault> {
    record::delegation(row.try_get(0)?, (row.try_get(1)?, row.try_get(2)?), row.try_get(3)?)
}

async fn queue(
    connection: &mut PgConnection,
    one: &Delegation,
    (word, operator, at): (&str, Option<&str>, Timestamp),
    vault: &Vault,
) -> Result<(), Fault> {
    queue_events(connection, &[Event::Delegation { one, word, operator, at }], vault).await
}

/// Tells the company of offices' software; nothing of what is none. The last thing of a write: whoever files holds delegations
/// before events, too.
async fn tell(
    connection: &mut PgConnection,
    all: &[Delegation],
    (news, at): (SoftwareNews, Timestamp),
    vault: &Vault,
) -> Result<(), Fault> {
    for one in all {
        if let Some(event) = SubmissionEvent::of_software(one, news, at) {
            tell_company(connection, (&one.company, None), (one.id.as_str(), &event), vault).await?;
        }
    }
    Ok(())
}

/// Whether a filing may be written as it is: for the filer's own company, or by a delegation in force.
pub(super) async fn may_be_filed(connection: &mut PgConnection, own: &Submission) -> Result<bool, Fault> {
    let Some(id) = &own.delegation else { return Ok(true) };
    stands(connection, (id, &own.applicant, &own.client), own.accepted_at).await
}

/// Whether the delegation, and the one that it hangs on, is in force for this very company and client.
pub(super) async fn stands(
    connection: &mut PgConnection,
    (id, company, client): (&DelegationId, &CorporateNumber, &ClientId),
    at: Timestamp,
) -> Result<bool, Fault> {
    // An office's before its software's, as whoever ends the office's takes them: neither waits for the other.
    let via = ask(VIA).bind(id.as_str()).fetch_optional(&mut *connection).await?;
    let via: Option<String> = via.map(|row| row.try_get(0)).transpose()?.flatten();
    if !stands_above(connection, via.as_deref(), (company, client), at).await? {
        return Ok(false);
    }
    let stands = ask(STANDS).bind(id.as_str()).bind(company.as_str()).bind(client.as_str()).bind(at.millis());
    Ok(stands.fetch_optional(connection).await?.is_some())
}

/// Whether what a delegation hangs on is in force, if it hangs on one.
async fn stands_above(
    connection: &mut PgConnection,
    via: Option<&str>,
    (company, client): (&CorporateNumber, &ClientId),
    at: Timestamp,
) -> Result<bool, Fault> {
    let Some(via) = via else { return Ok(true) };
    let stands = ask(STANDS_ABOVE).bind(via).bind(company.as_str()).bind(client.as_str()).bind(at.millis());
    Ok(stands.fetch_optional(connection).await?.is_some())
}

#[async_trait]
impl DelegationStore for PostgresStore {
    async fn insert_delegation(&self, new: &Delegation) -> Result<bool, Fault> {
        let (new, vault) = (new.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let (company, client, now) = (new.company.as_str(), new.client.as_str(), new.created_at);
            let end = ask(END_OVER).bind(company).bind(client).bind(now.millis());
            for row in end.fetch_all(&mut *transaction).await? {
                let told = (Turn::End(RepresentationEnd::Time).word(), None, now);
                queue(&mut transaction, &delegation(&row)?, told, &vault).await?;
            }
            let via = new.via.as_ref().map(DelegationId::as_str);
            if !stands_above(&mut transaction, via, (&new.company, &new.client), now).await? {
                transaction.rollback().await?;
                return Ok(false);
            }
            let insert = ask(INSERT).bind(new.id.as_str()).bind(company).bind(client).bind(now.millis());
            let insert = insert.bind(new.expires_at.millis()).bind(record::write(&new)?).bind(via);
            if !is_one(insert, &mut transaction).await? {
                transaction.rollback().await?;
                return Ok(false);
            }
            queue(&mut transaction, &new, ("registered", new.registered_by.as_deref(), now), &vault).await?;
            tell(&mut transaction, std::slice::from_ref(&new), (SoftwareNews::Added, now), &vault).await?;
            transaction.commit().await?;
            Ok(true)
        })
        .await
    }

    async fn find_delegation(&self, id: &DelegationId) -> Result<Option<Delegation>, Fault> {
        ask(FIND).bind(id.as_str()).fetch_optional(&self.pool).await?.as_ref().map(delegation).transpose()
    }

    async fn find_standing_delegation(
        &self,
        company: &CorporateNumber,
        client: &ClientId,
    ) -> Result<Option<Delegation>, Fault> {
        let find = ask(FIND_STANDING).bind(company.as_str()).bind(client.as_str());
        find.fetch_optional(&self.pool).await?.as_ref().map(delegation).transpose()
    }

    async fn list_delegations(&self, company: &CorporateNumber, limit: u32) -> Result<Vec<Delegation>, Fault> {
        let list = ask(LIST).bind(company.as_str()).bind(i64::from(limit));
        list.fetch_all(&self.pool).await?.iter().map(delegation).collect()
    }

    async fn list_delegations_to(
        &self,
        client: &ClientId,
        before: &Before<DelegationId>,
    ) -> Result<Vec<Delegation>, Fault> {
        let (at, id) = before.bound();
        let list = ask(LIST_TO).bind(client.as_str()).bind(at).bind(id).bind(i64::from(before.limit));
        list.fetch_all(&self.pool).await?.iter().map(delegation).collect()
    }

    async fn list_software(&self, via: &DelegationId, limit: u32) -> Result<Vec<Delegation>, Fault> {
        let list = ask(LIST_SOFTWARE).bind(via.as_str()).bind(i64::from(limit));
        list.fetch_all(&self.pool).await?.iter().map(delegation).collect()
    }

    async fn list_filed_by(&self, id: &DelegationId, limit: u32) -> Result<Vec<Submission>, Fault> {
        let list = ask(LIST_FILED).bind(id.as_str()).bind(i64::from(limit));
        list.fetch_all(&self.pool).await?.iter().map(submission).collect()
    }

    async fn pause_delegation(&self, id: &DelegationId, pausing: Pausing, at: Timestamp) -> Result<bool, Fault> {
        let (id, vault) = (id.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let statement = match pausing {
                Pausing::Pause => PAUSE,
                Pausing::Resume => RESUME,
            };
            let turn = ask(statement).bind(id.as_str()).bind(at.millis());
            let Some(row) = turn.fetch_optional(&mut *transaction).await? else {
                transaction.rollback().await?;
                return Ok(false);
            };
            queue(&mut transaction, &delegation(&row)?, (pausing.word(), None, at), &vault).await?;
            transaction.commit().await?;
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
        self.transact(async move |mut transaction| {
            let end = ask(END).bind(id.as_str()).bind(at.millis()).bind(by.as_str()).bind(operator.as_deref());
            let Some(row) = end.fetch_optional(&mut *transaction).await? else {
                transaction.rollback().await?;
                return Ok(false);
            };
            let told = (Turn::End(by).word(), operator.as_deref(), at);
            let mut ended = vec![delegation(&row)?];
            let end = ask(END_SOFTWARE).bind(id.as_str()).bind(at.millis()).bind(by.as_str()).bind(operator.as_deref());
            for row in end.fetch_all(&mut *transaction).await? {
                ended.push(delegation(&row)?);
            }
            for one in &ended {
                queue(&mut transaction, one, told, &vault).await?;
            }
            tell(&mut transaction, &ended, (SoftwareNews::Removed, at), &vault).await?;
            transaction.commit().await?;
            Ok(true)
        })
        .await
    }
}
