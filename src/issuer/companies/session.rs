//! A company's signed-in session.

use super::Companies;
use crate::adapters::identity::Mandate;
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::{BrowserSecret, Digest, Fault, Timestamp};
use crate::store::{Ended, Held};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a session lasts, used or not.
const LIFETIME: Duration = Duration::from_mins(30);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kept {
    pub company: CorporateNumber,
    pub name: String,
    pub is_head: bool,
    /// Who gave it a mandate at its provider; nothing is filed by that here.
    #[serde(default)]
    pub mandates: Vec<Mandate>,
}

/// A new session: the secret that the browser must keep.
#[derive(Debug)]
pub struct OpenedCompany {
    /// The cookie's secret.
    pub secret: BrowserSecret,
}

/// A session in force: the proof that the browser is the company's. Made by [`Companies::session`] only.
#[derive(Debug)]
pub struct CompanySession {
    kept: Kept,
    secret: BrowserSecret,
    ends_at: Timestamp,
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.company.as_str())
    }
}

impl CompanySession {
    /// Which company.
    #[must_use]
    pub fn company(&self) -> &CorporateNumber {
        &self.kept.company
    }

    /// Its name, as the provider has it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.kept.name
    }

    /// Whether it is its head who is signed in.
    #[must_use]
    pub fn is_head(&self) -> bool {
        self.kept.is_head
    }

    /// Who gave the company a mandate at its provider, in force when it signed in. Nothing is filed by one here: that takes
    /// a delegation, which the other company gives.
    #[must_use]
    pub fn mandates(&self) -> &[Mandate] {
        &self.kept.mandates
    }

    /// When the session ends.
    #[must_use]
    pub fn ends_at(&self) -> Timestamp {
        self.ends_at
    }

    /// The token that every form of the company's pages carries.
    #[must_use]
    pub fn form_token(&self) -> String {
        self.secret.derive("form", "company")
    }

    /// Whether a form carries this session's token.
    #[must_use]
    pub fn is_form_token(&self, text: &str) -> bool {
        self.secret.is_derived("form", "company", text)
    }
}

/// Under what it is kept: never under what a person's session with the same secret would be.
fn digest(secret: &BrowserSecret) -> Digest {
    Digest::of(&secret.derive("session", "company"))
}

impl Companies {
    pub(super) async fn open(&self, kept: Kept) -> Result<OpenedCompany, Fault> {
        let secret = BrowserSecret::generate(&*self.parts.entropy);
        let body = serde_json::to_string(&kept).map_err(|e| Fault::Internal(format!("a session: {e}")))?;
        let expires_at = self.now().plus(LIFETIME);
        self.parts.store.insert_session(&Held { digest: digest(&secret), body, expires_at }).await?;
        Ok(OpenedCompany { secret })
    }

    /// The session that a cookie stands for, while it is in force.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn session(&self, secret: BrowserSecret) -> Result<Option<CompanySession>, Fault> {
        let Some(held) = self.parts.store.find_session(digest(&secret), self.now()).await? else { return Ok(None) };
        let kept = serde_json::from_str(&held.body).map_err(|e| Fault::Internal(format!("a kept session: {e}")))?;
        Ok(Some(CompanySession { kept, secret, ends_at: held.expires_at }))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn sign_out(&self, session: &CompanySession) -> Result<(), Fault> {
        let ended = Ended { browser: None, session: Some(digest(&session.secret)) };
        self.parts.store.end_sign_ins(ended, self.now()).await.map(drop)
    }
}
