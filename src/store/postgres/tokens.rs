//! Codes, refresh tokens, assertion ids.

use super::{PostgresStore, ask, is_one};
use crate::domain::{Digest, Fault, Timestamp};
use crate::store::record;
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{HeldCode, HeldRefreshToken, TakenCode, TokenStore};
use async_trait::async_trait;
use sqlx::{PgConnection, Row as _};

statements! {
    INSERT_CODE = "INSERT INTO codes (digest, grant_id, body, expires_at) VALUES ($1, $2, $3, $4)";
    TAKE_CODE = "UPDATE codes SET taken_at = $2 WHERE digest = $1 AND taken_at IS NULL AND expires_at > $2
        RETURNING grant_id, body, expires_at";
    FIND_TAKEN_CODE = "SELECT grant_id FROM codes WHERE digest = $1 AND taken_at IS NOT NULL";
    /// Waits for a revocation under way, and is waited for by one that comes after.
    INSERT_REFRESH_TOKEN = "INSERT INTO refresh_tokens (digest, grant_id, client_id, issued_at, expires_at)
        SELECT $1, id, $3, $4, $5 FROM grants WHERE id = $2 AND state = 'active' FOR SHARE";
    FIND_REFRESH_TOKEN = "SELECT grant_id, client_id, issued_at, expires_at FROM refresh_tokens
        WHERE digest = $1 AND expires_at > $2";
    EXTEND_REFRESH_TOKEN = "UPDATE refresh_tokens SET expires_at = $2
        WHERE digest = $1 AND expires_at > $3 AND expires_at < $2";
    TAKE_ASSERTION = "INSERT INTO assertions (digest, expires_at) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING";
    DELETE_CODES_OF = "DELETE FROM codes WHERE grant_id = ANY($1)";
    DELETE_REFRESH_TOKENS_OF = "DELETE FROM refresh_tokens WHERE grant_id = ANY($1)";
}

fn named(digest: &Digest) -> String {
    format!("code:{}", digest.base64url())
}

/// Writes a code, within its decision.
pub(super) async fn insert_code(connection: &mut PgConnection, code: &HeldCode, vault: &Vault) -> Result<(), Fault> {
    let body = vault.hide(&named(&code.digest), &code.body)?;
    let insert = ask(INSERT_CODE).bind(code.digest.as_bytes()).bind(code.grant.as_str());
    insert.bind(body).bind(code.expires_at.millis()).execute(connection).await?;
    Ok(())
}

/// Deletes everything by which grants could be used, within their revocation.
pub(super) async fn delete_tokens_of(connection: &mut PgConnection, grants: &[&str]) -> Result<(), Fault> {
    ask(DELETE_CODES_OF).bind(grants).execute(&mut *connection).await?;
    ask(DELETE_REFRESH_TOKENS_OF).bind(grants).execute(connection).await?;
    Ok(())
}

/// Writes a refresh token, alone or with the grant that it is for.
pub(super) async fn insert_refresh_token(
    connection: &mut PgConnection,
    token: &HeldRefreshToken,
) -> Result<bool, Fault> {
    let insert = ask(INSERT_REFRESH_TOKEN).bind(token.digest.as_bytes()).bind(token.grant.as_str());
    let insert = insert.bind(token.client.as_str()).bind(token.issued_at.millis()).bind(token.expires_at.millis());
    is_one(insert, connection).await
}

#[async_trait]
impl TokenStore for PostgresStore {
    async fn take_code(&self, digest: Digest, now: Timestamp) -> Result<TakenCode, Fault> {
        let take = ask(TAKE_CODE).bind(digest.as_bytes()).bind(now.millis());
        if let Some(row) = take.fetch_optional(&self.pool).await? {
            let grant = record::id(row.try_get(0)?)?;
            let body = self.vault.show(&named(&digest), row.try_get(1)?)?;
            let expires_at = Timestamp::from_millis(row.try_get(2)?);
            return Ok(TakenCode::First(HeldCode { digest, grant, body, expires_at }));
        }
        let again = ask(FIND_TAKEN_CODE).bind(digest.as_bytes()).fetch_optional(&self.pool).await?;
        let Some(row) = again else { return Ok(TakenCode::Unknown) };
        Ok(TakenCode::Again(record::id(row.try_get(0)?)?))
    }

    async fn insert_refresh_token(&self, token: &HeldRefreshToken) -> Result<bool, Fault> {
        insert_refresh_token(&mut *self.pool.acquire().await?, token).await
    }

    async fn find_refresh_token(&self, digest: Digest, now: Timestamp) -> Result<Option<HeldRefreshToken>, Fault> {
        let find = ask(FIND_REFRESH_TOKEN).bind(digest.as_bytes()).bind(now.millis());
        let Some(row) = find.fetch_optional(&self.pool).await? else { return Ok(None) };
        Ok(Some(HeldRefreshToken {
            digest,
            grant: record::id(row.try_get(0)?)?,
            client: record::id(row.try_get(1)?)?,
            issued_at: Timestamp::from_millis(row.try_get(2)?),
            expires_at: Timestamp::from_millis(row.try_get(3)?),
        }))
    }

    async fn extend_refresh_token(&self, digest: Digest, until: Timestamp, now: Timestamp) -> Result<(), Fault> {
        let extend = ask(EXTEND_REFRESH_TOKEN).bind(digest.as_bytes()).bind(until.millis()).bind(now.millis());
        extend.execute(&self.pool).await?;
        Ok(())
    }

    async fn take_assertion(&self, digest: Digest, expires_at: Timestamp) -> Result<bool, Fault> {
        let take = ask(TAKE_ASSERTION).bind(digest.as_bytes()).bind(expires_at.millis());
        Ok(take.execute(&self.pool).await?.rows_affected() == 1)
    }
}
