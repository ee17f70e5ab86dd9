//! A citizen's signed-in session at the dashboard.

use super::Account;
use crate::domain::grant::Authentication;
use crate::domain::ids::SubjectId;
use crate::domain::{BrowserSecret, Digest, Fault, Timestamp};
use crate::store::Held;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a session lasts, used or not.
pub const SESSION_LIFETIME: Duration = Duration::from_mins(30);

#[derive(Serialize, Deserialize)]
struct Kept {
    subject: SubjectId,
    authentication: Authentication,
}

/// A new session and the secret that the browser must keep.
#[derive(Debug)]
pub struct OpenedSession {
    /// The cookie's secret.
    pub secret: BrowserSecret,
    /// The end.
    pub ends_at: Timestamp,
}

/// A session in force: the proof that the browser is the person's. Made by [`Account::session`] only.
#[derive(Debug)]
pub struct CitizenSession {
    subject: SubjectId,
    authentication: Authentication,
    secret: BrowserSecret,
    ends_at: Timestamp,
}

impl CitizenSession {
    /// The person.
    #[must_use]
    pub fn subject(&self) -> &SubjectId {
        &self.subject
    }

    /// How and when they were recognised.
    #[must_use]
    pub fn authentication(&self) -> Authentication {
        self.authentication
    }

    /// When the session ends.
    #[must_use]
    pub fn ends_at(&self) -> Timestamp {
        self.ends_at
    }

    /// What is kept of its secret.
    pub(super) fn digest(&self) -> Digest {
        self.secret.digest()
    }

    /// The token that every form of the dashboard carries.
    #[must_use]
    pub fn form_token(&self) -> String {
        self.secret.derive("form", "dashboard")
    }

    /// Whether a form carries this session's token.
    #[must_use]
    pub fn is_form_token(&self, text: &str) -> bool {
        self.secret.is_derived("form", "dashboard", text)
    }
}

impl Account {
    /// Opens a session for a person just recognised.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn open_session(
        &self,
        subject: &SubjectId,
        authentication: Authentication,
    ) -> Result<OpenedSession, Fault> {
        let secret = BrowserSecret::generate(self.entropy.as_ref());
        let ends_at = self.clock.now().plus(SESSION_LIFETIME);
        let kept = Kept { subject: subject.clone(), authentication };
        let body = serde_json::to_string(&kept).map_err(|e| Fault::Internal(format!("a session: {e}")))?;
        self.store.insert_session(&Held { digest: secret.digest(), body, expires_at: ends_at }).await?;
        Ok(OpenedSession { secret, ends_at })
    }

    /// The session that a cookie stands for, while it is in force.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn session(&self, secret: BrowserSecret) -> Result<Option<CitizenSession>, Fault> {
        let Some(held) = self.store.find_session(secret.digest(), self.clock.now()).await? else { return Ok(None) };
        let kept: Kept =
            serde_json::from_str(&held.body).map_err(|e| Fault::Internal(format!("a kept session: {e}")))?;
        let Kept { subject, authentication } = kept;
        Ok(Some(CitizenSession { subject, authentication, secret, ends_at: held.expires_at }))
    }
}
