//! Citizens' sessions at the dashboard.

use super::{PostgresStore, ask};
use crate::domain::{Digest, Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::{Held, SessionStore};
use async_trait::async_trait;
use sqlx::Row as _;

statements! {
    INSERT = "INSERT INTO sessions (digest, body, expires_at) VALUES ($1, $2, $3)";
    FIND = "SELECT body, expires_at FROM sessions WHERE digest = $1 AND expires_at > $2";
}

fn named(digest: &Digest) -> String {
    format!("session:{}", digest.base64url())
}

#[async_trait]
impl SessionStore for PostgresStore {
    async fn insert_session(&self, held: &Held) -> Result<(), Fault> {
        let body = self.vault.hide(&named(&held.digest), &held.body)?;
        let insert = ask(INSERT).bind(held.digest.as_bytes()).bind(body).bind(held.expires_at.millis());
        insert.execute(&self.pool).await?;
        Ok(())
    }

    async fn find_session(&self, digest: Digest, now: Timestamp) -> Result<Option<Held>, Fault> {
        let row = ask(FIND).bind(digest.as_bytes()).bind(now.millis()).fetch_optional(&self.pool).await?;
        let Some(row) = row else { return Ok(None) };
        let body = self.vault.show(&named(&digest), row.try_get(0)?)?;
        Ok(Some(Held { digest, body, expires_at: Timestamp::from_millis(row.try_get(1)?) }))
    }
}
