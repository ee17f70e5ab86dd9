//! Sealing what a version before left in clear, and wrapping keys under another master key.

use super::SqliteStore;
use super::data_keys::key_of;
use super::database::Database;
use crate::domain::Fault;
use crate::store::sealing::{Found, InClear};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{Rewrapped, SealingStore};
use async_trait::async_trait;
use rusqlite::{Row, params};
use std::sync::Arc;

statements! {
    LIST_GRANTS = "SELECT id, id, body, NULL FROM grants INDEXED BY grants_in_clear
        WHERE substr(body, 1, 1) = '{' AND subject_id IS NOT NULL AND id > '' LIMIT ?1";
    SEAL_GRANT = "UPDATE grants SET body = ?3 WHERE id = ?1 AND body = ?2 AND id = ?4";
    LIST_SUPERSEDED = "SELECT grant_id || ':' || at, grant_id, body, NULL
        FROM superseded_grants INDEXED BY superseded_grants_in_clear
        WHERE substr(body, 1, 1) = '{' AND grant_id > '' LIMIT ?1";
    SEAL_SUPERSEDED = "UPDATE superseded_grants SET body = ?3
        WHERE grant_id = ?4 AND at = CAST(substr(?1, length(?4) + 2) AS INTEGER) AND body = ?2";
    LIST_REQUESTS = "SELECT id, grant_id, body, NULL FROM requests INDEXED BY requests_in_clear
        WHERE substr(body, 1, 1) = '{' AND id > '' LIMIT ?1";
    SEAL_REQUEST = "UPDATE requests SET body = ?3 WHERE id = ?1 AND body = ?2 AND grant_id = ?4";
    LIST_ACCESSES = "SELECT id, json_extract(body, '$.grant'), body, NULL FROM accesses INDEXED BY accesses_in_clear
        WHERE substr(body, 1, 1) = '{' AND id > '' LIMIT ?1";
    SEAL_ACCESS = "UPDATE accesses SET body = ?3, grant_id = ?4 WHERE id = ?1 AND body = ?2";
    LIST_REPRESENTATIONS = "SELECT id, principal_id, body, NULL
        FROM representations INDEXED BY representations_in_clear
        WHERE substr(body, 1, 1) = '{' AND id > '' LIMIT ?1";
    SEAL_REPRESENTATION = "UPDATE representations SET body = ?3 WHERE id = ?1 AND body = ?2 AND principal_id = ?4";
    LIST_EVIDENCE = "SELECT receipt, coalesce(json_extract(body, '$.grant'), subject_id), body, salt
        FROM evidence_records INDEXED BY evidence_records_in_clear
        WHERE substr(body, 1, 1) = '{' AND subject_id IS NOT NULL AND receipt > '' LIMIT ?1";
    SEAL_EVIDENCE = "UPDATE evidence_records SET body = ?3, salt = x'', key_id = ?4 WHERE receipt = ?1 AND body = ?2";
    LIST_KEYS = "SELECT id, sealed FROM data_keys WHERE id > ?1 ORDER BY id LIMIT ?2";
    REWRAP = "UPDATE data_keys SET sealed = ?3 WHERE id = ?1 AND sealed = ?2";
}

const ALL: [InClear; 6] = [
    InClear { kind: Some("grant"), list: LIST_GRANTS, seal: SEAL_GRANT },
    InClear { kind: Some("superseded grant"), list: LIST_SUPERSEDED, seal: SEAL_SUPERSEDED },
    InClear { kind: Some("request"), list: LIST_REQUESTS, seal: SEAL_REQUEST },
    InClear { kind: Some("access"), list: LIST_ACCESSES, seal: SEAL_ACCESS },
    InClear { kind: Some("representation"), list: LIST_REPRESENTATIONS, seal: SEAL_REPRESENTATION },
    InClear { kind: None, list: LIST_EVIDENCE, seal: SEAL_EVIDENCE },
];

fn found(row: &Row<'_>) -> Result<Found, Fault> {
    Ok(Found { id: row.get(0)?, owner: row.get(1)?, body: row.get(2)?, salt: row.get(3)? })
}

fn seal(database: Database<'_>, one: &InClear, vault: &Vault, limit: u32) -> Result<usize, Fault> {
    let mut sealed = 0;
    for Found { id, owner, body, salt } in database.list(one.list, [limit], found)? {
        let key = key_of(database, vault, &owner)?;
        let text = match one.kind {
            Some(kind) => vault.seal_text(&key, &format!("{kind}:{id}"), &body)?,
            None => vault.seal_kept_evidence(&key, &id, (salt.as_deref().unwrap_or_default(), &body))?,
        };
        sealed += database.execute(one.seal, params![id, body, text, owner])?;
    }
    Ok(sealed)
}

fn rewrap(database: Database<'_>, vault: &Vault, after: &str, limit: u32) -> Result<Rewrapped, Fault> {
    let mut done = Rewrapped::default();
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let keys: Vec<(String, Option<Vec<u8>>)> = database.list(LIST_KEYS, params![after, limit], read)?;
    for (owner, sealed) in keys {
        if let Some(sealed) = sealed
            && let Some(next) = vault.rewrap(&owner, &sealed)?
        {
            done.changed += database.execute(REWRAP, params![owner, sealed, next])? as u64;
        }
        done.seen += 1;
        done.last = Some(owner);
    }
    Ok(done)
}

#[async_trait]
impl SealingStore for SqliteStore {
    async fn seal_earlier(&self, limit: u32) -> Result<u64, Fault> {
        let mut sealed = 0;
        for one in ALL {
            // Asked first: most of the time there is nothing, and the writer need not be troubled.
            if self.read(|database| database.find(one.list, [1], |_| Ok(())))?.is_some() {
                let vault = Arc::clone(&self.vault);
                sealed += self.write(move |database| seal(database, &one, &vault, limit)).await?;
            }
        }
        Ok(sealed as u64)
    }

    async fn rewrap_keys(&self, after: &str, limit: u32) -> Result<Rewrapped, Fault> {
        let (after, vault) = (after.to_owned(), Arc::clone(&self.vault));
        self.write(move |database| rewrap(database, &vault, &after, limit)).await
    }
}
