//! Shares of deposits.

use super::SqliteStore;
use super::database::Database;
use super::deposits::declaration;
use super::evidence::queue_event;
use crate::domain::deposit::{DepositAct, Share};
use crate::domain::evidence::Event;
use crate::domain::ids::{ClientId, DepositId, DepositShareId};
use crate::domain::{Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{Before, DepositShareStore, deposit};
use async_trait::async_trait;
use rusqlite::{Row, params};
use std::sync::Arc;

statements! {
    /// What ran out makes room.
    CLOSE = "UPDATE deposit_shares SET ended_at = expires_at
        WHERE deposit_id = ?1 AND client_id = ?2 AND ended_at IS NULL AND expires_at <= ?3";
    INSERT = "INSERT INTO deposit_shares (id, deposit_id, client_id, purpose, shared_by, shared_at, expires_at)
        SELECT ?1, id, ?3, ?4, ?5, ?6, ?7 FROM deposits
        WHERE id = ?2 AND filed_at IS NOT NULL AND withdrawn_at IS NULL
        ON CONFLICT DO NOTHING";
    LIST = "SELECT id, deposit_id, client_id, purpose, shared_by, shared_at, expires_at, ended_at FROM deposit_shares
        WHERE deposit_id = ?1 ORDER BY shared_at DESC, id DESC LIMIT ?2";
    LIST_WITH = "SELECT id, deposit_id, client_id, purpose, shared_by, shared_at, expires_at, ended_at FROM deposit_shares
        WHERE client_id = ?1 AND ended_at IS NULL AND expires_at > ?2 AND (shared_at, id) < (?3, ?4)
        ORDER BY shared_at DESC, id DESC LIMIT ?5";
    FIND = "SELECT id, deposit_id, client_id, purpose, shared_by, shared_at, expires_at, ended_at FROM deposit_shares
        WHERE deposit_id = ?1 AND client_id = ?2 AND ended_at IS NULL AND expires_at > ?3";
    END = "UPDATE deposit_shares SET ended_at = ?3 WHERE id = ?1 AND deposit_id = ?2 AND ended_at IS NULL AND expires_at > ?3
        RETURNING id, deposit_id, client_id, purpose, shared_by, shared_at, expires_at, ended_at";
}

fn share(row: &Row<'_>) -> Result<Share, Fault> {
    let ids = (row.get(0)?, row.get(1)?, row.get(2)?);
    deposit::share(ids, (row.get(3)?, row.get(4)?), (row.get(5)?, row.get(6)?, row.get(7)?))
}

/// Leaves the leaf; false where the deposit does not open any more.
fn queue(
    database: Database<'_>,
    (of, act): (&DepositId, DepositAct<'_>),
    at: Timestamp,
    vault: &Vault,
) -> Result<bool, Fault> {
    let Some(one) = declaration(database, of, vault)? else { return Ok(false) };
    queue_event(database, &Event::Deposit { one: &one, act, at }, vault)?;
    Ok(true)
}

#[async_trait]
impl DepositShareStore for SqliteStore {
    async fn insert_share(&self, new: &Share) -> Result<bool, Fault> {
        let (new, vault) = (new.clone(), Arc::clone(&self.vault));
        self.take(move |database| {
            let (of, client, at) = (new.deposit.as_str(), new.client.as_str(), new.shared_at.millis());
            database.execute(CLOSE, params![of, client, at])?;
            let (by, until) = (new.shared_by.as_str(), new.expires_at.millis());
            let values = params![new.id.as_str(), of, client, new.purpose, by, at, until];
            let is_new = database.execute(INSERT, values)? == 1;
            Ok(is_new && queue(database, (&new.deposit, DepositAct::Shared(&new)), new.shared_at, &vault)?)
        })
        .await
    }

    async fn list_shares(&self, of: &DepositId, limit: u32) -> Result<Vec<Share>, Fault> {
        self.read(|database| database.list(LIST, params![of.as_str(), limit], share))
    }

    async fn list_shares_with(
        &self,
        client: &ClientId,
        now: Timestamp,
        before: &Before<DepositShareId>,
    ) -> Result<Vec<Share>, Fault> {
        let (at, id) = before.bound();
        let values = params![client.as_str(), now.millis(), at, id, before.limit];
        self.read(|database| database.list(LIST_WITH, values, share))
    }

    async fn find_share(&self, of: &DepositId, client: &ClientId, now: Timestamp) -> Result<Option<Share>, Fault> {
        self.read(|database| database.find(FIND, params![of.as_str(), client.as_str(), now.millis()], share))
    }

    async fn end_share(&self, of: &DepositId, id: &DepositShareId, at: Timestamp) -> Result<bool, Fault> {
        let (of, id, vault) = (of.clone(), id.clone(), Arc::clone(&self.vault));
        self.take(move |database| {
            let ended = database.find(END, params![id.as_str(), of.as_str(), at.millis()], share)?;
            let Some(ended) = ended else { return Ok(false) };
            queue(database, (&of, DepositAct::Unshared(&ended)), at, &vault)
        })
        .await
    }
}
