//! Pushed requests and interactions.

use super::SqliteStore;
use super::grants::{amend_grant, insert_grant};
use super::representations::may_be_given;
use super::sign_ins::write_sign_in;
use super::tokens::insert_code;
use crate::domain::amendment::Amendment;
use crate::domain::ids::InteractionId;
use crate::domain::{Digest, Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::{Amended, AuthorizationStore, Decision, Held, HeldInteraction};
use async_trait::async_trait;
use rusqlite::params;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

statements! {
    INSERT_PUSHED = "INSERT INTO pushed_requests (digest, body, expires_at) VALUES (?1, ?2, ?3)";
    FIND_PUSHED = "SELECT body, expires_at FROM pushed_requests
        WHERE digest = ?1 AND expires_at > ?2 AND used_at IS NULL";
    /// Not bound to its expiry: a request looked at in time may be decided later, while its interaction lasts.
    USE_PUSHED = "UPDATE pushed_requests SET used_at = ?2 WHERE digest = ?1 AND used_at IS NULL";
    INSERT_INTERACTION = "INSERT INTO interactions (id, step, body, expires_at) VALUES (?1, ?2, ?3, ?4)";
    FIND_INTERACTION = "SELECT step, body, expires_at FROM interactions WHERE id = ?1 AND expires_at > ?2";
    ADVANCE = "UPDATE interactions SET step = step + 1, body = ?3 WHERE id = ?1 AND step = ?2";
    TAKE_INTERACTION = "DELETE FROM interactions WHERE id = ?1 AND step = ?2 AND expires_at > ?3";
}

fn pushed(digest: &Digest) -> String {
    format!("pushed request:{}", digest.base64url())
}

fn interaction(id: &InteractionId) -> String {
    format!("interaction:{id}")
}

#[async_trait]
impl AuthorizationStore for SqliteStore {
    async fn insert_pushed_request(&self, held: &Held) -> Result<(), Fault> {
        let (held, body) = (held.clone(), self.vault.hide(&pushed(&held.digest), &held.body)?);
        self.write(move |database| {
            let values = params![held.digest.as_bytes(), body, held.expires_at.millis()];
            database.execute(INSERT_PUSHED, values).map(drop)
        })
        .await
    }

    async fn find_pushed_request(&self, digest: Digest, now: Timestamp) -> Result<Option<Held>, Fault> {
        self.read(|database| {
            database.find(FIND_PUSHED, params![digest.as_bytes(), now.millis()], |row| {
                let body = self.vault.show(&pushed(&digest), row.get(0)?)?;
                Ok(Held { digest, body, expires_at: Timestamp::from_millis(row.get(1)?) })
            })
        })
    }

    async fn insert_interaction(&self, held: &HeldInteraction) -> Result<(), Fault> {
        let (held, body) = (held.clone(), self.vault.hide(&interaction(&held.id), &held.body)?);
        self.write(move |database| {
            let values = params![held.id.as_str(), held.step, body, held.expires_at.millis()];
            database.execute(INSERT_INTERACTION, values).map(drop)
        })
        .await
    }

    async fn find_interaction(&self, id: &InteractionId, now: Timestamp) -> Result<Option<HeldInteraction>, Fault> {
        self.read(|database| {
            database.find(FIND_INTERACTION, params![id.as_str(), now.millis()], |row| {
                let expires_at = Timestamp::from_millis(row.get(2)?);
                let body = self.vault.show(&interaction(id), row.get(1)?)?;
                Ok(HeldInteraction { id: id.clone(), step: row.get(0)?, body, expires_at })
            })
        })
    }

    async fn advance_interaction(&self, id: &InteractionId, step: u32, body: &str) -> Result<bool, Fault> {
        let (body, id) = (self.vault.hide(&interaction(id), body)?, id.clone());
        self.take(move |database| Ok(database.execute(ADVANCE, params![id.as_str(), step, body])? == 1)).await
    }

    async fn take_decision(&self, decision: &Decision<'_>, now: Timestamp) -> Result<bool, Fault> {
        let (id, step, request_uri) = (decision.interaction.clone(), decision.step, decision.request_uri);
        let granted = decision.granted.map(|(grant, code)| (grant.clone(), code.clone()));
        let sign_in = decision.sign_in.cloned();
        let vault = Arc::clone(&self.vault);
        self.take(move |database| {
            if database.execute(TAKE_INTERACTION, params![id.as_str(), step, now.millis()])? != 1 {
                return Ok(false);
            }
            if database.execute(USE_PUSHED, params![request_uri.as_bytes(), now.millis()])? != 1 {
                return Ok(false);
            }
            if let Some((grant, code)) = &granted {
                if !may_be_given(database, grant, now)? {
                    return Ok(false);
                }
                insert_grant(database, grant, &vault)?;
                insert_code(database, code, &vault)?;
                write_sign_in(database, sign_in.as_ref())?;
            }
            Ok(true)
        })
        .await
    }

    async fn take_amendment(&self, decision: &Decision<'_>, how: Amendment, now: Timestamp) -> Result<Amended, Fault> {
        let (id, step, request_uri) = (decision.interaction.clone(), decision.step, decision.request_uri);
        let Some((grant, code)) = decision.granted else { return Ok(Amended::Gone) };
        let (grant, code, sign_in) = (grant.clone(), code.clone(), decision.sign_in.cloned());
        let vault = Arc::clone(&self.vault);
        let was_ours = Arc::new(AtomicBool::new(false));
        let is_ours = Arc::clone(&was_ours);
        let is_done = self
            .take(move |database| {
                if database.execute(TAKE_INTERACTION, params![id.as_str(), step, now.millis()])? != 1
                    || database.execute(USE_PUSHED, params![request_uri.as_bytes(), now.millis()])? != 1
                {
                    return Ok(false);
                }
                is_ours.store(true, Ordering::Relaxed);
                if !may_be_given(database, &grant, now)? || !amend_grant(database, &grant, how, &vault)? {
                    return Ok(false);
                }
                insert_code(database, &code, &vault)?;
                write_sign_in(database, sign_in.as_ref())?;
                Ok(true)
            })
            .await?;
        Ok(match (is_done, was_ours.load(Ordering::Relaxed)) {
            (true, _) => Amended::Done,
            (false, true) => Amended::Gone,
            (false, false) => Amended::Over,
        })
    }

    async fn take_interaction(&self, id: &InteractionId, step: u32, now: Timestamp) -> Result<bool, Fault> {
        let id = id.clone();
        self.take(
            move |database| Ok(database.execute(TAKE_INTERACTION, params![id.as_str(), step, now.millis()])? == 1),
        )
        .await
    }
}
