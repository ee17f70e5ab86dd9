//! Codes, refresh tokens, assertion ids.

use super::SqliteStore;
use super::database::Database;
use crate::domain::{Digest, Fault, Timestamp};
use crate::store::record;
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{HeldCode, HeldRefreshToken, TakenCode, TokenStore};
use async_trait::async_trait;
use rusqlite::{Row, params};
use std::sync::Arc;

statements! {
    INSERT_CODE = "INSERT INTO codes (digest, grant_id, body, expires_at) VALUES (?1, ?2, ?3, ?4)";
    TAKE_CODE = "UPDATE codes SET taken_at = ?2 WHERE digest = ?1 AND taken_at IS NULL AND expires_at > ?2
        RETURNING grant_id, body, expires_at";
    FIND_TAKEN_CODE = "SELECT grant_id FROM codes WHERE digest = ?1 AND taken_at IS NOT NULL";
    INSERT_REFRESH_TOKEN = "INSERT INTO refresh_tokens (digest, grant_id, client_id, issued_at, expires_at)
        SELECT ?1, id, ?3, ?4, ?5 FROM grants WHERE id = ?2 AND state = 'active'";
    FIND_REFRESH_TOKEN = "SELECT grant_id, client_id, issued_at, expires_at FROM refresh_tokens
        WHERE digest = ?1 AND expires_at > ?2";
    EXTEND_REFRESH_TOKEN = "UPDATE refresh_tokens SET expires_at = ?2
        WHERE digest = ?1 AND expires_at > ?3 AND expires_at < ?2";
    TAKE_ASSERTION = "INSERT INTO assertions (digest, expires_at) VALUES (?1, ?2) ON CONFLICT (digest) DO NOTHING";
    DELETE_CODES_OF = "DELETE FROM codes WHERE grant_id = ?1";
    DELETE_REFRESH_TOKENS_OF = "DELETE FROM refresh_tokens WHERE grant_id = ?1";
}

fn named(digest: &Digest) -> String {
    format!("code:{}", digest.base64url())
}

/// Writes a code, within its decision.
pub(super) fn insert_code(database: Database<'_>, code: &HeldCode, vault: &Vault) -> Result<(), Fault> {
    let body = vault.hide(&named(&code.digest), &code.body)?;
    let values = params![code.digest.as_bytes(), code.grant.as_str(), body, code.expires_at.millis()];
    database.execute(INSERT_CODE, values).map(drop)
}

/// Deletes everything by which a grant could be used, within its revocation.
pub(super) fn delete_tokens_of(database: Database<'_>, grant: &str) -> Result<(), Fault> {
    database.execute(DELETE_CODES_OF, [grant])?;
    database.execute(DELETE_REFRESH_TOKENS_OF, [grant]).map(drop)
}

fn refresh_token(digest: Digest, row: &Row<'_>) -> Result<HeldRefreshToken, Fault> {
    Ok(HeldRefreshToken {
        digest,
        grant: record::id(row.get(0)?)?,
        client: record::id(row.get(1)?)?,
        issued_at: Timestamp::from_millis(row.get(2)?),
        expires_at: Timestamp::from_millis(row.get(3)?),
    })
}

/// Writes a refresh token, alone or with the grant that it is for.
pub(super) fn insert_refresh_token(database: Database<'_>, token: &HeldRefreshToken) -> Result<bool, Fault> {
    let digest = token.digest.as_bytes();
    let (issued, expires) = (token.issued_at.millis(), token.expires_at.millis());
    let values = params![digest, token.grant.as_str(), token.client.as_str(), issued, expires];
    Ok(database.execute(INSERT_REFRESH_TOKEN, values)? == 1)
}

#[async_trait]
impl TokenStore for SqliteStore {
    async fn take_code(&self, digest: Digest, now: Timestamp) -> Result<TakenCode, Fault> {
        let vault = Arc::clone(&self.vault);
        self.write(move |database| {
            let taken = database.find(TAKE_CODE, params![digest.as_bytes(), now.millis()], |row| {
                let (grant, body) = (record::id(row.get(0)?)?, vault.show(&named(&digest), row.get(1)?)?);
                Ok(HeldCode { digest, grant, body, expires_at: Timestamp::from_millis(row.get(2)?) })
            })?;
            if let Some(code) = taken {
                return Ok(TakenCode::First(code));
            }
            let again = database.find(FIND_TAKEN_CODE, [digest.as_bytes()], |row| record::id(row.get(0)?))?;
            Ok(again.map_or(TakenCode::Unknown, TakenCode::Again))
        })
        .await
    }

    async fn insert_refresh_token(&self, token: &HeldRefreshToken) -> Result<bool, Fault> {
        let token = token.clone();
        self.take(move |database| insert_refresh_token(database, &token)).await
    }

    async fn find_refresh_token(&self, digest: Digest, now: Timestamp) -> Result<Option<HeldRefreshToken>, Fault> {
        let values = params![digest.as_bytes(), now.millis()];
        self.read(|database| database.find(FIND_REFRESH_TOKEN, values, |row| refresh_token(digest, row)))
    }

    async fn extend_refresh_token(&self, digest: Digest, until: Timestamp, now: Timestamp) -> Result<(), Fault> {
        self.write(move |database| {
            let values = params![digest.as_bytes(), until.millis(), now.millis()];
            database.execute(EXTEND_REFRESH_TOKEN, values).map(drop)
        })
        .await
    }

    async fn take_assertion(&self, digest: Digest, expires_at: Timestamp) -> Result<bool, Fault> {
        self.take(move |database| {
            Ok(database.execute(TAKE_ASSERTION, params![digest.as_bytes(), expires_at.millis()])? == 1)
        })
        .await
    }
}
