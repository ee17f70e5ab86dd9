//! Sign-ins that clients were told of, and what their end leaves to tell.

use super::{PostgresStore, ask};
use crate::domain::grant::RevokedBy;
use crate::domain::ids::SignInId;
use crate::domain::{Digest, Fault, Timestamp};
use crate::store::record;
use crate::store::statement::statements;
use crate::store::{Ended, SignIn, SignInStore};
use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};

statements! {
    /// Waits for a revocation under way, and is waited for by one that comes after.
    INSERT = "INSERT INTO sign_ins (id, client_id, subject_id, grant_id, browser, code, created_at, expires_at)
        SELECT $1, $2, $3, id, $5, $6, $7, $8 FROM grants WHERE id = $4 AND state = 'active' FOR SHARE";
    FIND = "SELECT id FROM sign_ins WHERE code = $1";
    LIST = "SELECT id, client_id, subject_id, grant_id, browser, code, coalesce(created_at, 0), expires_at FROM sign_ins
        WHERE browser = $1 AND expires_at > $2 LIMIT $3";
    /// Locks in one order, so that two ends that meet cannot lock each other out; what is deleted is what is noted.
    END_OF_BROWSER = "WITH theirs AS MATERIALIZED (
            SELECT id AS ended_id FROM sign_ins WHERE browser = $1 ORDER BY id FOR UPDATE),
        ended AS (DELETE FROM sign_ins USING theirs WHERE id = ended_id
            RETURNING id, client_id, subject_id, expires_at)
        INSERT INTO logout_notices (sign_in_id, client_id, subject_id, created_at, due_at)
        SELECT id, client_id, subject_id, $2, $2 FROM ended WHERE expires_at > $2";
    DELETE_SESSION = "DELETE FROM sessions WHERE digest = $1";
    END_OF_GRANTS = "WITH theirs AS MATERIALIZED (
            SELECT id AS ended_id FROM sign_ins WHERE grant_id = ANY($1) ORDER BY id FOR UPDATE),
        ended AS (DELETE FROM sign_ins USING theirs WHERE id = ended_id
            RETURNING id, client_id, subject_id, expires_at)
        INSERT INTO logout_notices (sign_in_id, client_id, subject_id, created_at, due_at)
        SELECT id, client_id, subject_id, $2, $2 FROM ended WHERE expires_at > $2 AND $3";
}

/// Writes a sign-in, within the decision that it comes of, if one does.
pub(super) async fn write_sign_in(connection: &mut PgConnection, sign_in: Option<&SignIn>) -> Result<bool, Fault> {
    let Some(sign_in) = sign_in else { return Ok(false) };
    let insert = ask(INSERT).bind(sign_in.id.as_str()).bind(sign_in.client.as_str()).bind(sign_in.subject.as_str());
    let insert = insert.bind(sign_in.grant.as_str()).bind(sign_in.browser.as_ref().map(Digest::as_bytes));
    let insert = insert.bind(sign_in.code.as_ref().map(Digest::as_bytes)).bind(sign_in.created_at.millis());
    let insert = insert.bind(sign_in.expires_at.millis());
    Ok(insert.execute(connection).await?.rows_affected() == 1)
}

/// Ends what came with grants, within their revocation.
pub(super) async fn end_sign_ins_of(
    connection: &mut PgConnection,
    grants: &[&str],
    at: Timestamp,
    by: RevokedBy,
) -> Result<(), Fault> {
    ask(END_OF_GRANTS).bind(grants).bind(at.millis()).bind(by.ends_sign_ins()).execute(connection).await?;
    Ok(())
}

fn digest(bytes: Option<Vec<u8>>) -> Result<Option<Digest>, Fault> {
    let whole = bytes.map(<[u8; 32]>::try_from).transpose();
    let whole = whole.map_err(|_| Fault::Internal("a stored digest is none".into()))?;
    Ok(whole.map(Digest::from_bytes))
}

fn sign_in(row: &PgRow) -> Result<SignIn, Fault> {
    Ok(SignIn {
        id: record::id(row.try_get(0)?)?,
        client: record::id(row.try_get(1)?)?,
        subject: record::id(row.try_get(2)?)?,
        grant: record::id(row.try_get(3)?)?,
        browser: digest(row.try_get(4)?)?,
        code: digest(row.try_get(5)?)?,
        created_at: Timestamp::from_millis(row.try_get(6)?),
        expires_at: Timestamp::from_millis(row.try_get(7)?),
    })
}

#[async_trait]
impl SignInStore for PostgresStore {
    async fn insert_sign_in(&self, sign_in: &SignIn) -> Result<bool, Fault> {
        write_sign_in(&mut *self.pool.acquire().await?, Some(sign_in)).await
    }

    async fn find_sign_in(&self, code: Digest) -> Result<Option<SignInId>, Fault> {
        let row = ask(FIND).bind(code.as_bytes()).fetch_optional(&self.pool).await?;
        row.map(|row| record::id(row.try_get(0)?)).transpose()
    }

    async fn list_sign_ins(&self, browser: Digest, now: Timestamp, limit: u32) -> Result<Vec<SignIn>, Fault> {
        let list = ask(LIST).bind(browser.as_bytes()).bind(now.millis()).bind(i64::from(limit));
        list.fetch_all(&self.pool).await?.iter().map(sign_in).collect()
    }

    async fn end_sign_ins(&self, ended: Ended, now: Timestamp) -> Result<u64, Fault> {
        self.transact(async move |mut transaction| {
            if let Some(session) = &ended.session {
                ask(DELETE_SESSION).bind(session.as_bytes()).execute(&mut *transaction).await?;
            }
            let mut noted = 0;
            if let Some(browser) = &ended.browser {
                let end = ask(END_OF_BROWSER).bind(browser.as_bytes()).bind(now.millis());
                noted = end.execute(&mut *transaction).await?.rows_affected();
            }
            transaction.commit().await?;
            Ok(noted)
        })
        .await
    }
}
