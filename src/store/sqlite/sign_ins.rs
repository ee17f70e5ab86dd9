//! Sign-ins that clients were told of, and what their end leaves to tell.

use super::SqliteStore;
use super::database::Database;
use crate::domain::grant::RevokedBy;
use crate::domain::ids::SignInId;
use crate::domain::{Digest, Fault, Timestamp};
use crate::store::record;
use crate::store::statement::statements;
use crate::store::{Ended, SignIn, SignInStore};
use async_trait::async_trait;
use rusqlite::{Row, params};

statements! {
    /// Writes nothing when the grant is not active.
    INSERT = "INSERT INTO sign_ins (id, client_id, subject_id, grant_id, browser, code, created_at, expires_at)
        SELECT ?1, ?2, ?3, id, ?5, ?6, ?7, ?8 FROM grants WHERE id = ?4 AND state = 'active'";
    FIND = "SELECT id FROM sign_ins WHERE code = ?1";
    LIST = "SELECT id, client_id, subject_id, grant_id, browser, code, coalesce(created_at, 0), expires_at FROM sign_ins
        WHERE browser = ?1 AND expires_at > ?2 LIMIT ?3";
    NOTE_OF_BROWSER = "INSERT INTO logout_notices (sign_in_id, client_id, subject_id, created_at, due_at)
        SELECT id, client_id, subject_id, ?2, ?2 FROM sign_ins WHERE browser = ?1 AND expires_at > ?2";
    DELETE_OF_BROWSER = "DELETE FROM sign_ins WHERE browser = ?1";
    DELETE_SESSION = "DELETE FROM sessions WHERE digest = ?1";
    NOTE_OF_GRANT = "INSERT INTO logout_notices (sign_in_id, client_id, subject_id, created_at, due_at)
        SELECT id, client_id, subject_id, ?2, ?2 FROM sign_ins WHERE grant_id = ?1 AND expires_at > ?2";
    DELETE_OF_GRANT = "DELETE FROM sign_ins WHERE grant_id = ?1";
}

fn bytes(digest: Option<&Digest>) -> Option<[u8; 32]> {
    digest.map(|digest| *digest.as_bytes())
}

/// Writes a sign-in, within the decision that it comes of, if one does.
pub(super) fn write_sign_in(database: Database<'_>, sign_in: Option<&SignIn>) -> Result<bool, Fault> {
    let Some(sign_in) = sign_in else { return Ok(false) };
    let values = params![
        sign_in.id.as_str(),
        sign_in.client.as_str(),
        sign_in.subject.as_str(),
        sign_in.grant.as_str(),
        bytes(sign_in.browser.as_ref()),
        bytes(sign_in.code.as_ref()),
        sign_in.created_at.millis(),
        sign_in.expires_at.millis(),
    ];
    Ok(database.execute(INSERT, values)? == 1)
}

/// Ends what came with a grant, within its revocation.
pub(super) fn end_sign_ins_of(database: Database<'_>, grant: &str, at: Timestamp, by: RevokedBy) -> Result<(), Fault> {
    if by.ends_sign_ins() {
        database.execute(NOTE_OF_GRANT, params![grant, at.millis()])?;
    }
    database.execute(DELETE_OF_GRANT, [grant]).map(drop)
}

fn sign_in(row: &Row<'_>) -> Result<SignIn, Fault> {
    let (browser, code): (Option<[u8; 32]>, Option<[u8; 32]>) = (row.get(4)?, row.get(5)?);
    Ok(SignIn {
        id: record::id(row.get(0)?)?,
        client: record::id(row.get(1)?)?,
        subject: record::id(row.get(2)?)?,
        grant: record::id(row.get(3)?)?,
        browser: browser.map(Digest::from_bytes),
        code: code.map(Digest::from_bytes),
        created_at: Timestamp::from_millis(row.get(6)?),
        expires_at: Timestamp::from_millis(row.get(7)?),
    })
}

#[async_trait]
impl SignInStore for SqliteStore {
    async fn insert_sign_in(&self, sign_in: &SignIn) -> Result<bool, Fault> {
        let sign_in = sign_in.clone();
        self.take(move |database| write_sign_in(database, Some(&sign_in))).await
    }

    async fn find_sign_in(&self, code: Digest) -> Result<Option<SignInId>, Fault> {
        self.read(|database| database.find(FIND, [code.as_bytes()], |row| record::id(row.get(0)?)))
    }

    async fn list_sign_ins(&self, browser: Digest, now: Timestamp, limit: u32) -> Result<Vec<SignIn>, Fault> {
        self.read(|database| database.list(LIST, params![browser.as_bytes(), now.millis(), limit], sign_in))
    }

    async fn end_sign_ins(&self, ended: Ended, now: Timestamp) -> Result<u64, Fault> {
        self.write(move |database| {
            if let Some(session) = &ended.session {
                database.execute(DELETE_SESSION, [session.as_bytes()])?;
            }
            let Some(browser) = &ended.browser else { return Ok(0) };
            let noted = database.execute(NOTE_OF_BROWSER, params![browser.as_bytes(), now.millis()])?;
            database.execute(DELETE_OF_BROWSER, [browser.as_bytes()])?;
            Ok(noted as u64)
        })
        .await
    }
}
