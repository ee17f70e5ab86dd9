//! Shares of deposits.

use super::deposits::declaration;
use super::evidence::queue_events;
use super::{PostgresStore, ask, is_one};
use crate::domain::deposit::{DepositAct, Share};
use crate::domain::evidence::Event;
use crate::domain::ids::{ClientId, DepositId, DepositShareId};
use crate::domain::{Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{Before, DepositShareStore, deposit};
use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use std::sync::Arc;

statements! {
    /// What ran out makes room.
    CLOSE = "UPDATE deposit_shares SET ended_at = expires_at
        WHERE deposit_id = $1 AND client_id = $2 AND ended_at IS NULL AND expires_at <= $3";
    INSERT = "INSERT INTO deposit_shares (id, deposit_id, client_id, purpose, shared_by, shared_at, expires_at)
        SELECT $1, id, $3, $4, $5, $6, $7 FROM deposits
        WHERE id = $2 AND filed_at IS NOT NULL AND withdrawn_at IS NULL
        ON CONFLICT DO NOTHING";
    LIST = "SELECT id, deposit_id, client_id, purpose, shared_by, shared_at, expires_at, ended_at FROM deposit_shares
        WHERE deposit_id = $1 ORDER BY shared_at DESC, id DESC LIMIT $2";
    LIST_WITH = "SELECT id, deposit_id, client_id, purpose, shared_by, shared_at, expires_at, ended_at FROM deposit_shares
        WHERE client_id = $1 AND ended_at IS NULL AND expires_at > $2 AND (shared_at, id) < ($3, $4)
        ORDER BY shared_at DESC, id DESC LIMIT $5";
    FIND = "SELECT id, deposit_id, client_id, purpose, shared_by, shared_at, expires_at, ended_at FROM deposit_shares
        WHERE deposit_id = $1 AND client_id = $2 AND ended_at IS NULL AND expires_at > $3";
    END = "UPDATE deposit_shares SET ended_at = $3 WHERE id = $1 AND deposit_id = $2 AND ended_at IS NULL AND expires_at > $3
        RETURNING id, deposit_id, client_id, purpose, shared_by, shared_at, expires_at, ended_at";
}

fn share(row: &PgRow) -> Result<Share, Fault> {
    let ids = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    let moments = (row.try_get(5)?, row.try_get(6)?, row.try_get(7)?);
    deposit::share(ids, (row.try_get(3)?, row.try_get(4)?), moments)
}

/// Leaves the leaf; false where the deposit does not open any more.
async fn queue(
    connection: &mut PgConnection,
    (of, act): (&DepositId, DepositAct<'_>),
    at: Timestamp,
    vault: &Vault,
) -> Result<bool, Fault> {
    let Some(one) = declaration(connection, of, vault).await? else { return Ok(false) };
    queue_events(connection, &[Event::Deposit { one: &one, act, at }], vault).await?;
    Ok(true)
}

#[async_trait]
impl DepositShareStore for PostgresStore {
    async fn insert_share(&self, new: &Share) -> Result<bool, Fault> {
        let (new, vault) = (new.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let (of, client, at) = (new.deposit.as_str(), new.client.as_str(), new.shared_at.millis());
            ask(CLOSE).bind(of).bind(client).bind(at).execute(&mut *transaction).await?;
            let insert = ask(INSERT).bind(new.id.as_str()).bind(of).bind(client).bind(&new.purpose);
            let insert = insert.bind(new.shared_by.as_str()).bind(at).bind(new.expires_at.millis());
            let act = (&new.deposit, DepositAct::Shared(&new));
            let is_new =
                is_one(insert, &mut transaction).await? && queue(&mut transaction, act, new.shared_at, &vault).await?;
            if is_new {
                transaction.commit().await?;
            }
            Ok(is_new)
        })
        .await
    }

    async fn list_shares(&self, of: &DepositId, limit: u32) -> Result<Vec<Share>, Fault> {
        let list = ask(LIST).bind(of.as_str()).bind(i64::from(limit));
        list.fetch_all(&self.pool).await?.iter().map(share).collect()
    }

    async fn list_shares_with(
        &self,
        client: &ClientId,
        now: Timestamp,
        before: &Before<DepositShareId>,
    ) -> Result<Vec<Share>, Fault> {
        let (at, id) = before.bound();
        let list = ask(LIST_WITH).bind(client.as_str()).bind(now.millis()).bind(at).bind(id);
        list.bind(i64::from(before.limit)).fetch_all(&self.pool).await?.iter().map(share).collect()
    }

    async fn find_share(&self, of: &DepositId, client: &ClientId, now: Timestamp) -> Result<Option<Share>, Fault> {
        let find = ask(FIND).bind(of.as_str()).bind(client.as_str()).bind(now.millis());
        find.fetch_optional(&self.pool).await?.as_ref().map(share).transpose()
    }

    async fn end_share(&self, of: &DepositId, id: &DepositShareId, at: Timestamp) -> Result<bool, Fault> {
        let (of, id, vault) = (of.clone(), id.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let end = ask(END).bind(id.as_str()).bind(of.as_str()).bind(at.millis());
            let row = end.fetch_optional(&mut *transaction).await?;
            let Some(ended) = row.as_ref().map(share).transpose()? else { return Ok(false) };
            let is_ended = queue(&mut transaction, (&of, DepositAct::Unshared(&ended)), at, &vault).await?;
            if is_ended {
                transaction.commit().await?;
            }
            Ok(is_ended)
        })
        .await
    }
}
