//! The keys that records about persons are under, and the one for look-ups.

use super::{ask, is_one};
use crate::domain::Fault;
use crate::domain::sealed::RecordKey;
use crate::store::statement::statements;
use crate::store::vault::{self, LOOKUP, Vault};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};

statements! {
    FIND = "SELECT sealed FROM data_keys WHERE id = $1";
    INSERT = "INSERT INTO data_keys (id, sealed) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING";
}

/// How the owner's key is kept: none where there never was one, and none within where it was destroyed.
async fn find(connection: &mut PgConnection, owner: &str) -> Result<Option<Option<Vec<u8>>>, Fault> {
    let row = ask(FIND).bind(owner).fetch_optional(connection).await?;
    row.map(|row| Ok(row.try_get(0)?)).transpose()
}

/// The owner's key, for a write; made where there never was one. Where it was destroyed, one that nobody keeps.
///
/// Whoever works for a consent has read it, and with it its key: then nothing is asked here.
pub(super) async fn key_of(connection: &mut PgConnection, vault: &Vault, owner: &str) -> Result<RecordKey, Fault> {
    if let Some(key) = vault.remembered(owner) {
        return Ok(key);
    }
    match find(connection, owner).await? {
        Some(Some(sealed)) => vault.open_key(owner, &sealed),
        Some(None) => vault.lost_key(owner),
        None => {
            let (key, sealed) = vault.make_key(owner)?;
            if is_one(ask(INSERT).bind(owner).bind(&sealed), connection).await? {
                return Ok(key);
            }
            // Another made it meanwhile, and ours waited for its transaction to end.
            match find(connection, owner).await?.flatten() {
                Some(sealed) => vault.open_key(owner, &sealed),
                None => vault.lost_key(owner),
            }
        }
    }
}

/// The JSON of a row's first column. From the column `at` on: the record's id, its key's owner, and that key as it is kept.
pub(super) fn opened(row: &PgRow, vault: &Vault, kind: &str, at: usize) -> Result<Option<String>, Fault> {
    let (id, key): (&str, _) = (row.try_get(at)?, kept_key(row, vault, at + 1)?);
    vault::open(key.as_ref(), &format!("{kind}:{id}"), row.try_get(0)?)
}

/// The key in the columns from `at` on: its owner, and how it is kept. It is remembered: what was read is durable.
pub(super) fn kept_key(row: &PgRow, vault: &Vault, at: usize) -> Result<Option<RecordKey>, Fault> {
    let (owner, sealed): (Option<&str>, Option<&[u8]>) = (row.try_get(at)?, row.try_get(at + 1)?);
    let Some((owner, sealed)) = owner.zip(sealed) else { return Ok(None) };
    let key = vault.open_key(owner, sealed)?;
    vault.remember(owner, &key);
    Ok(Some(key))
}

/// Reads the key for look-ups, or makes it, once.
pub(super) async fn read_lookup(connection: &mut PgConnection, vault: &Vault) -> Result<(), Fault> {
    if find(connection, LOOKUP).await?.is_none() {
        ask(INSERT).bind(LOOKUP).bind(vault.make_lookup()?).execute(&mut *connection).await?;
    }
    let found = find(connection, LOOKUP).await?.flatten();
    vault.set_lookup(&found.ok_or_else(|| Fault::Internal("the key for look-ups is not in the store".into()))?)
}
