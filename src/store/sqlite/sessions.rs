//! Citizens' sessions at the dashboard.

use super::SqliteStore;
use crate::domain::{Digest, Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::{Held, SessionStore};
use async_trait::async_trait;
use rusqlite::params;

statements! {
    INSERT = "INSERT INTO sessions (digest, body, expires_at) VALUES (?1, ?2, ?3)";
    FIND = "SELECT body, expires_at FROM sessions WHERE digest = ?1 AND expires_at > ?2";
}

fn named(digest: &Digest) -> String {
    format!("session:{}", digest.base64url())
}

#[async_trait]
impl SessionStore for SqliteStore {
    async fn insert_session(&self, held: &Held) -> Result<(), Fault> {
        let (held, body) = (held.clone(), self.vault.hide(&named(&held.digest), &held.body)?);
        self.write(move |database| {
            let values = params![held.digest.as_bytes(), body, held.expires_at.millis()];
            database.execute(INSERT, values).map(drop)
        })
        .await
    }

    async fn find_session(&self, digest: Digest, now: Timestamp) -> Result<Option<Held>, Fault> {
        self.read(|database| {
            database.find(FIND, params![digest.as_bytes(), now.millis()], |row| {
                let body = self.vault.show(&named(&digest), row.get(0)?)?;
                Ok(Held { digest, body, expires_at: Timestamp::from_millis(row.get(1)?) })
            })
        })
    }
}
