//! The keys that records about persons are under, and the one for look-ups.

use super::database::Database;
use crate::domain::Fault;
use crate::domain::sealed::RecordKey;
use crate::store::statement::statements;
use crate::store::vault::{self, LOOKUP, Vault};
use rusqlite::{Row, params};

statements! {
    FIND = "SELECT sealed FROM data_keys WHERE id = ?1";
    INSERT = "INSERT INTO data_keys (id, sealed) VALUES (?1, ?2) ON CONFLICT (id) DO NOTHING";
}

fn sealed(row: &Row<'_>) -> Result<Option<Vec<u8>>, Fault> {
    Ok(row.get(0)?)
}

/// The owner's key, within a write; made where there never was one. Where it was destroyed, one that nobody keeps.
pub(super) fn key_of(database: Database<'_>, vault: &Vault, owner: &str) -> Result<RecordKey, Fault> {
    match database.find(FIND, [owner], sealed)? {
        Some(Some(sealed)) => vault.open_key(owner, &sealed),
        Some(None) => vault.lost_key(owner),
        None => {
            let (key, sealed) = vault.make_key(owner)?;
            database.execute(INSERT, params![owner, sealed])?;
            Ok(key)
        }
    }
}

/// The JSON of a row's first column. From the column `at` on: the record's id, its key's owner, and that key as it is kept.
pub(super) fn opened(row: &Row<'_>, vault: &Vault, kind: &str, at: usize) -> Result<Option<String>, Fault> {
    let (id, key): (String, _) = (row.get(at)?, kept_key(row, vault, at + 1)?);
    vault::open(key.as_ref(), &format!("{kind}:{id}"), row.get(0)?)
}

/// The key in the columns from `at` on: its owner, and how it is kept.
pub(super) fn kept_key(row: &Row<'_>, vault: &Vault, at: usize) -> Result<Option<RecordKey>, Fault> {
    let (owner, sealed): (Option<String>, Option<Vec<u8>>) = (row.get(at)?, row.get(at + 1)?);
    owner.zip(sealed).map(|(owner, sealed)| vault.open_key(&owner, &sealed)).transpose()
}

/// Reads the key for look-ups, or makes it, once.
pub(super) fn read_lookup(database: Database<'_>, vault: &Vault) -> Result<(), Fault> {
    if database.find(FIND, [LOOKUP], sealed)?.is_none() {
        database.execute(INSERT, params![LOOKUP, vault.make_lookup()?])?;
    }
    let found = database.find(FIND, [LOOKUP], sealed)?.flatten();
    vault.set_lookup(&found.ok_or_else(|| Fault::Internal("the key for look-ups is not in the store".into()))?)
}
