//! Pushed requests and interactions.

use super::grants::{amend_grant, insert_grant};
use super::representations::may_be_given;
use super::sign_ins::write_sign_in;
use super::tokens::insert_code;
use super::{PostgresStore, ask, is_one};
use crate::domain::amendment::Amendment;
use crate::domain::ids::InteractionId;
use crate::domain::{Digest, Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::{Amended, AuthorizationStore, Decision, Held, HeldInteraction};
use async_trait::async_trait;
use sqlx::Row as _;
use std::sync::Arc;

statements! {
    INSERT_PUSHED = "INSERT INTO pushed_requests (digest, body, expires_at) VALUES ($1, $2, $3)";
    FIND_PUSHED = "SELECT body, expires_at FROM pushed_requests
        WHERE digest = $1 AND expires_at > $2 AND used_at IS NULL";
    /// Not bound to its expiry: a request looked at in time may be decided later, while its interaction lasts.
    USE_PUSHED = "UPDATE pushed_requests SET used_at = $2 WHERE digest = $1 AND used_at IS NULL";
    INSERT_INTERACTION = "INSERT INTO interactions (id, step, body, expires_at) VALUES ($1, $2, $3, $4)";
    FIND_INTERACTION = "SELECT step, body, expires_at FROM interactions WHERE id = $1 AND expires_at > $2";
    ADVANCE = "UPDATE interactions SET step = step + 1, body = $3 WHERE id = $1 AND step = $2";
    TAKE_INTERACTION = "DELETE FROM interactions WHERE id = $1 AND step = $2 AND expires_at > $3";
}

fn pushed(digest: &Digest) -> String {
    format!("pushed request:{}", digest.base64url())
}

fn interaction(id: &InteractionId) -> String {
    format!("interaction:{id}")
}

#[async_trait]
impl AuthorizationStore for PostgresStore {
    async fn insert_pushed_request(&self, held: &Held) -> Result<(), Fault> {
        let body = self.vault.hide(&pushed(&held.digest), &held.body)?;
        let insert = ask(INSERT_PUSHED).bind(held.digest.as_bytes()).bind(body).bind(held.expires_at.millis());
        insert.execute(&self.pool).await?;
        Ok(())
    }

    async fn find_pushed_request(&self, digest: Digest, now: Timestamp) -> Result<Option<Held>, Fault> {
        let row = ask(FIND_PUSHED).bind(digest.as_bytes()).bind(now.millis()).fetch_optional(&self.pool).await?;
        let Some(row) = row else { return Ok(None) };
        let body = self.vault.show(&pushed(&digest), row.try_get(0)?)?;
        Ok(Some(Held { digest, body, expires_at: Timestamp::from_millis(row.try_get(1)?) }))
    }

    async fn insert_interaction(&self, held: &HeldInteraction) -> Result<(), Fault> {
        let body = self.vault.hide(&interaction(&held.id), &held.body)?;
        let insert = ask(INSERT_INTERACTION).bind(held.id.as_str()).bind(i64::from(held.step)).bind(body);
        insert.bind(held.expires_at.millis()).execute(&self.pool).await?;
        Ok(())
    }

    async fn find_interaction(&self, id: &InteractionId, now: Timestamp) -> Result<Option<HeldInteraction>, Fault> {
        let row = ask(FIND_INTERACTION).bind(id.as_str()).bind(now.millis()).fetch_optional(&self.pool).await?;
        let Some(row) = row else { return Ok(None) };
        let step = u32::try_from(row.try_get::<i64, _>(0)?);
        let step = step.map_err(|_| Fault::Internal("a stored interaction's step is out of range".into()))?;
        let expires_at = Timestamp::from_millis(row.try_get(2)?);
        let body = self.vault.show(&interaction(id), row.try_get(1)?)?;
        Ok(Some(HeldInteraction { id: id.clone(), step, body, expires_at }))
    }

    async fn advance_interaction(&self, id: &InteractionId, step: u32, body: &str) -> Result<bool, Fault> {
        let body = self.vault.hide(&interaction(id), body)?;
        let advance = ask(ADVANCE).bind(id.as_str()).bind(i64::from(step)).bind(body);
        Ok(advance.execute(&self.pool).await?.rows_affected() == 1)
    }

    async fn take_decision(&self, decision: &Decision<'_>, now: Timestamp) -> Result<bool, Fault> {
        let (id, step, request_uri) = (decision.interaction.clone(), decision.step, decision.request_uri);
        let granted = decision.granted.map(|(grant, code)| (grant.clone(), code.clone()));
        let sign_in = decision.sign_in.cloned();
        let vault = Arc::clone(&self.vault);
        self.transact(async move |mut transaction| {
            let take = ask(TAKE_INTERACTION).bind(id.as_str()).bind(i64::from(step)).bind(now.millis());
            let is_ours = is_one(take, &mut transaction).await?;
            let used = ask(USE_PUSHED).bind(request_uri.as_bytes()).bind(now.millis());
            if !is_ours || !is_one(used, &mut transaction).await? {
                transaction.rollback().await?;
                return Ok(false);
            }
            if let Some((grant, code)) = &granted {
                if !may_be_given(&mut transaction, grant, now).await? {
                    transaction.rollback().await?;
                    return Ok(false);
                }
                insert_grant(&mut transaction, grant, &vault).await?;
                insert_code(&mut transaction, code, &vault).await?;
                write_sign_in(&mut transaction, sign_in.as_ref()).await?;
            }
            transaction.commit().await?;
            Ok(true)
        })
        .await
    }

    async fn take_amendment(&self, decision: &Decision<'_>, how: Amendment, now: Timestamp) -> Result<Amended, Fault> {
        let (id, step, request_uri) = (decision.interaction.clone(), decision.step, decision.request_uri);
        let Some((grant, code)) = decision.granted else { return Ok(Amended::Gone) };
        let (grant, code, sign_in) = (grant.clone(), code.clone(), decision.sign_in.cloned());
        let vault = Arc::clone(&self.vault);
        self.transact(async move |mut transaction| {
            let take = ask(TAKE_INTERACTION).bind(id.as_str()).bind(i64::from(step)).bind(now.millis());
            let is_ours = is_one(take, &mut transaction).await?;
            let used = ask(USE_PUSHED).bind(request_uri.as_bytes()).bind(now.millis());
            if !is_ours || !is_one(used, &mut transaction).await? {
                transaction.rollback().await?;
                return Ok(Amended::Over);
            }
            let may = may_be_given(&mut transaction, &grant, now).await?;
            if !may || !amend_grant(&mut transaction, &grant, how, &vault).await? {
                transaction.rollback().await?;
                return Ok(Amended::Gone);
            }
            insert_code(&mut transaction, &code, &vault).await?;
            write_sign_in(&mut transaction, sign_in.as_ref()).await?;
            transaction.commit().await?;
            Ok(Amended::Done)
        })
        .await
    }

    async fn take_interaction(&self, id: &InteractionId, step: u32, now: Timestamp) -> Result<bool, Fault> {
        let take = ask(TAKE_INTERACTION).bind(id.as_str()).bind(i64::from(step)).bind(now.millis());
        Ok(take.execute(&self.pool).await?.rows_affected() == 1)
    }
}
