//! What one browser is signed in to: the dashboard, and third parties that are told of its end.

use super::{Account, CitizenSession};
use crate::domain::client::Client;
use crate::domain::ids::SubjectId;
use crate::domain::{BrowserSecret, Digest, Fault};
use crate::store::{Ended, SignIn};
use std::collections::HashMap;
use std::sync::Arc;

/// Most sign-ins of a browser that are looked at; however many there are, signing out ends them all.
const SHOWN: u32 = 50;

/// What a browser's cookies stand for now. Made by [`Account::presence`] only.
#[derive(Debug)]
pub struct Presence {
    session: Option<CitizenSession>,
    sign_ins: Vec<SignIn>,
    /// Binds the forms to the browser: its own secret, or its session's where it has no other.
    secret: Option<BrowserSecret>,
    browser: Option<Digest>,
}

impl Presence {
    /// Whether signing out would end anything.
    #[must_use]
    pub fn is_signed_in(&self) -> bool {
        self.session.is_some() || !self.sign_ins.is_empty()
    }

    /// Who signed in here; in a shared browser it may be more than one.
    pub fn persons(&self) -> impl Iterator<Item = &SubjectId> {
        let session = self.session.iter().map(CitizenSession::subject);
        session.chain(self.sign_ins.iter().map(|sign_in| &sign_in.subject))
    }

    /// The token that the sign-out form carries; none in a browser without cookies of ours.
    #[must_use]
    pub fn form_token(&self) -> Option<String> {
        self.secret.as_ref().map(|secret| secret.derive("form", "sign-out"))
    }

    /// Whether a form carries this browser's token.
    #[must_use]
    pub fn is_form_token(&self, text: &str) -> bool {
        self.secret.as_ref().is_some_and(|secret| secret.is_derived("form", "sign-out", text))
    }
}

impl Account {
    /// What the cookies of a session and of a browser stand for.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn presence(
        &self,
        session: Option<BrowserSecret>,
        browser: Option<BrowserSecret>,
    ) -> Result<Presence, Fault> {
        let secret = browser.clone().or_else(|| session.clone());
        let session = match session {
            Some(secret) => self.session(secret).await?,
            None => None,
        };
        let browser = browser.map(|secret| secret.digest());
        let sign_ins = match browser {
            Some(browser) => self.store.list_sign_ins(browser, self.clock.now(), SHOWN).await?,
            None => Vec::new(),
        };
        Ok(Presence { session, sign_ins, secret, browser })
    }

    /// The third parties that will be told when this browser signs out, each once.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn told_of(&self, presence: &Presence) -> Result<Vec<Arc<Client>>, Fault> {
        let clients = self.clients(presence.sign_ins.iter().map(|sign_in| &sign_in.client)).await?;
        let told: HashMap<_, _> = clients.into_iter().filter(|(_, client)| client.profile.logout.is_told()).collect();
        let mut told: Vec<Arc<Client>> = told.into_values().collect();
        told.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(told)
    }

    /// Ends everything that the browser is signed in to, in one write that leaves a notice for every third party that is
    /// to be told. What the citizen agreed to stays: that is not a matter of being signed in.
    ///
    /// # Errors
    /// [`Fault`] when the store is away; then nothing was ended.
    pub async fn sign_out(&self, presence: &Presence) -> Result<(), Fault> {
        let ended = Ended { browser: presence.browser, session: presence.session.as_ref().map(CitizenSession::digest) };
        self.store.end_sign_ins(ended, self.clock.now()).await.map(drop)
    }
}
