//! Sealing what a version before left in clear, and wrapping keys under another master key.

use super::data_keys::key_of;
use super::{PostgresStore, ask};
use crate::domain::Fault;
use crate::store::sealing::{Found, InClear};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{Rewrapped, SealingStore};
use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use std::sync::Arc;

statements! {
    LIST_GRANTS = "SELECT id, id, body, NULL::bytea FROM grants
        WHERE substr(body, 1, 1) = '{' AND subject_id IS NOT NULL AND id > '' LIMIT $1 FOR UPDATE SKIP LOCKED";
    SEAL_GRANT = "UPDATE grants SET body = $3 WHERE id = $1 AND body = $2 AND id = $4";
    LIST_SUPERSEDED = "SELECT grant_id || ':' || at, grant_id, body, NULL::bytea
        FROM superseded_grants
        WHERE substr(body, 1, 1) = '{' AND grant_id > '' LIMIT $1 FOR UPDATE SKIP LOCKED";
    SEAL_SUPERSEDED = "UPDATE superseded_grants SET body = $3
        WHERE grant_id = $4::text AND at = CAST(substr($1::text, length($4::text) + 2) AS BIGINT) AND body = $2";
    LIST_REQUESTS = "SELECT id, grant_id, body, NULL::bytea FROM requests
        WHERE substr(body, 1, 1) = '{' AND id > '' LIMIT $1 FOR UPDATE SKIP LOCKED";
    SEAL_REQUEST = "UPDATE requests SET body = $3 WHERE id = $1 AND body = $2 AND grant_id = $4";
    LIST_ACCESSES = "SELECT id, (body::jsonb ->> 'grant'), body, NULL::bytea FROM accesses
        WHERE substr(body, 1, 1) = '{' AND id > '' LIMIT $1 FOR UPDATE SKIP LOCKED";
    SEAL_ACCESS = "UPDATE accesses SET body = $3, grant_id = $4 WHERE id = $1 AND body = $2";
    LIST_REPRESENTATIONS = "SELECT id, principal_id, body, NULL::bytea
        FROM representations
        WHERE substr(body, 1, 1) = '{' AND id > '' LIMIT $1 FOR UPDATE SKIP LOCKED";
    SEAL_REPRESENTATION = "UPDATE representations SET body = $3 WHERE id = $1 AND body = $2 AND principal_id = $4";
    LIST_EVIDENCE = "SELECT receipt, coalesce((body::jsonb ->> 'grant'), subject_id), body, salt
        FROM evidence_records
        WHERE substr(body, 1, 1) = '{' AND subject_id IS NOT NULL AND receipt > '' LIMIT $1 FOR UPDATE SKIP LOCKED";
    SEAL_EVIDENCE = "UPDATE evidence_records SET body = $3, salt = '', key_id = $4 WHERE receipt = $1 AND body = $2";
    LIST_KEYS = "SELECT id, sealed FROM data_keys WHERE id > $1 ORDER BY id LIMIT $2";
    REWRAP = "UPDATE data_keys SET sealed = $3 WHERE id = $1 AND sealed = $2";
}

const ALL: [InClear; 6] = [
    InClear { kind: Some("grant"), list: LIST_GRANTS, seal: SEAL_GRANT },
    InClear { kind: Some("superseded grant"), list: LIST_SUPERSEDED, seal: SEAL_SUPERSEDED },
    InClear { kind: Some("request"), list: LIST_REQUESTS, seal: SEAL_REQUEST },
    InClear { kind: Some("access"), list: LIST_ACCESSES, seal: SEAL_ACCESS },
    InClear { kind: Some("representation"), list: LIST_REPRESENTATIONS, seal: SEAL_REPRESENTATION },
    InClear { kind: None, list: LIST_EVIDENCE, seal: SEAL_EVIDENCE },
];

fn found(row: &PgRow) -> Result<Found, Fault> {
    Ok(Found { id: row.try_get(0)?, owner: row.try_get(1)?, body: row.try_get(2)?, salt: row.try_get(3)? })
}

async fn seal(connection: &mut PgConnection, one: &InClear, vault: &Vault, limit: u32) -> Result<u64, Fault> {
    let mut sealed = 0;
    for row in ask(one.list).bind(i64::from(limit)).fetch_all(&mut *connection).await? {
        let Found { id, owner, body, salt } = found(&row)?;
        let key = key_of(connection, vault, &owner).await?;
        let text = match one.kind {
            Some(kind) => vault.seal_text(&key, &format!("{kind}:{id}"), &body)?,
            None => vault.seal_kept_evidence(&key, &id, (salt.as_deref().unwrap_or_default(), &body))?,
        };
        let seal = ask(one.seal).bind(id).bind(body).bind(text).bind(owner);
        sealed += seal.execute(&mut *connection).await?.rows_affected();
    }
    Ok(sealed)
}

#[async_trait]
impl SealingStore for PostgresStore {
    async fn seal_earlier(&self, limit: u32) -> Result<u64, Fault> {
        let mut all = 0;
        for one in ALL {
            let vault = Arc::clone(&self.vault);
            let sealed = self.transact(async move |mut transaction| {
                let sealed = seal(&mut transaction, &one, &vault, limit).await?;
                transaction.commit().await?;
                Ok(sealed)
            });
            all += sealed.await?;
        }
        Ok(all)
    }

    async fn rewrap_keys(&self, after: &str, limit: u32) -> Result<Rewrapped, Fault> {
        let mut done = Rewrapped::default();
        for row in ask(LIST_KEYS).bind(after).bind(i64::from(limit)).fetch_all(&self.pool).await? {
            let (owner, sealed): (String, Option<Vec<u8>>) = (row.try_get(0)?, row.try_get(1)?);
            if let Some(sealed) = sealed
                && let Some(next) = self.vault.rewrap(&owner, &sealed)?
            {
                let rewrap = ask(REWRAP).bind(&owner).bind(sealed).bind(next);
                done.changed += rewrap.execute(&self.pool).await?.rows_affected();
            }
            done.seen += 1;
            done.last = Some(owner);
        }
        Ok(done)
    }
}
