//! The start: from the third party's redirect, or from the dashboard's door, to the identity provider.

use super::record::{Errand, Progress, Record};
use super::{INTERACTION_LIFETIME, InteractionError, Interactions, lang_of};
use crate::domain::ids::InteractionId;
use crate::domain::{BrowserSecret, Digest, Fault, Lang};
use crate::store::HeldInteraction;
use url::Url;

/// Where the browser goes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// To the identity provider.
    Provider(Url),
    /// To the consent page: the citizen has signed in already.
    Consent(InteractionId),
    /// Back to the third party, at this address: they are signed in, and agreed before.
    Back(String),
}

/// A begun interaction.
#[derive(Debug)]
pub struct Begun {
    /// The secret that the browser must keep: its own, or a new one.
    pub browser: BrowserSecret,
    /// Where to.
    pub next: Next,
}

impl Interactions {
    /// Begins, or resumes, the interaction about a pushed request. Loading the page twice, or a preview robot loading
    /// it, uses nothing up (FAPI 2.0 SP §5.3.2.2 note 3). `session` is that of the dashboard, if the browser has one: it counts where
    /// the request carries the hint that was minted from it.
    ///
    /// # Errors
    /// [`InteractionError::Request`] when the request is not acceptable: then no address of the client may be
    /// trusted, and the citizen is told on a page. [`InteractionError::ProviderAway`] when nobody can sign in.
    pub async fn begin(
        &self,
        client_id: &str,
        request_uri: &str,
        (browser, session): (Option<BrowserSecret>, Option<&BrowserSecret>),
        lang: Option<Lang>,
    ) -> Result<Begun, InteractionError> {
        let browser = browser.unwrap_or_else(|| BrowserSecret::generate(self.0.entropy.as_ref()));
        let id = Self::id_for(&browser, request_uri)?;
        // The interaction outlives the `request_uri`: a citizen who reads slowly may still reload the page.
        let resumed = match self.find(&id, Some(&browser)).await {
            Ok(found) => Some(found.record),
            Err(InteractionError::Over) => None,
            Err(error) => return Err(error),
        };
        let record = match resumed {
            Some(record) if is_of(&record, client_id) => record,
            _ => {
                let (client, request, request_uri) = self.0.requests.find_authorization(client_id, request_uri).await?;
                let lang = lang_of(lang, &request);
                self.active_client(&client.id).await?;
                let errand = Errand::Authorization { request_uri, request: Box::new(request) };
                self.keep(&id, &browser, errand, lang).await?
            }
        };
        if matches!(record.progress, Progress::Deciding { .. }) {
            return Ok(Begun { browser, next: Next::Consent(id) });
        }
        if let Some(next) = self.enter(&id, &browser, session).await? {
            return Ok(Begun { browser, next });
        }
        self.to_provider(&id, &record, browser).await
    }

    /// Begins a sign-in to the dashboard.
    ///
    /// # Errors
    /// [`InteractionError::ProviderAway`] when nobody can sign in.
    pub async fn begin_dashboard(&self, browser: Option<BrowserSecret>, lang: Lang) -> Result<Begun, InteractionError> {
        self.begin_own(Errand::Dashboard, browser, lang).await
    }

    /// Begins a sign-in to where a shared terminal's code is typed.
    ///
    /// # Errors
    /// As [`begin_dashboard`](Self::begin_dashboard).
    pub async fn begin_device(&self, browser: Option<BrowserSecret>, lang: Lang) -> Result<Begun, InteractionError> {
        self.begin_own(Errand::Device, browser, lang).await
    }

    async fn begin_own(
        &self,
        errand: Errand,
        browser: Option<BrowserSecret>,
        lang: Lang,
    ) -> Result<Begun, InteractionError> {
        let browser = browser.unwrap_or_else(|| BrowserSecret::generate(self.0.entropy.as_ref()));
        let id = InteractionId::generate(self.0.entropy.as_ref());
        let record = self.keep(&id, &browser, errand, lang).await?;
        self.to_provider(&id, &record, browser).await
    }

    /// Sends the browser to the provider once more, after a sign-in that did not succeed.
    ///
    /// # Errors
    /// As [`begin`](Self::begin).
    pub async fn begin_again(
        &self,
        id: &InteractionId,
        browser: Option<BrowserSecret>,
    ) -> Result<Begun, InteractionError> {
        let found = self.find(id, browser.as_ref()).await?;
        let browser = browser.ok_or(InteractionError::WrongBrowser)?;
        if matches!(found.record.progress, Progress::Deciding { .. }) {
            return Ok(Begun { browser, next: Next::Consent(found.id) });
        }
        if matches!(found.record.errand, Errand::HandOver { .. } | Errand::Linking { .. }) {
            return Err(InteractionError::Over);
        }
        self.to_provider(&found.id, &found.record, browser).await
    }

    async fn to_provider(
        &self,
        id: &InteractionId,
        record: &Record,
        browser: BrowserSecret,
    ) -> Result<Begun, InteractionError> {
        let ceremony = Self::ceremony(id, record, &browser, self.least(&record.errand));
        let url = self.0.identity.start(&ceremony).await.map_err(InteractionError::ProviderAway)?;
        Ok(Begun { browser, next: Next::Provider(url) })
    }

    async fn keep(
        &self,
        id: &InteractionId,
        browser: &BrowserSecret,
        errand: Errand,
        lang: Lang,
    ) -> Result<Record, InteractionError> {
        let record =
            Record { browser: browser.digest(), errand, progress: Progress::SigningIn, lang, handed_over: None };
        let held = HeldInteraction {
            id: id.clone(),
            step: 0,
            body: record.write()?,
            expires_at: self.0.clock.now().plus(INTERACTION_LIFETIME),
        };
        match self.0.store.insert_interaction(&held).await {
            Ok(()) => Ok(record),
            // The same page loaded twice at once: the other load kept it first.
            Err(fault) => match self.find(id, Some(browser)).await {
                Ok(found) => Ok(found.record),
                Err(_) => Err(fault.into()),
            },
        }
    }

    /// The same browser and the same request have the same interaction, so that a second load resumes the first.
    fn id_for(browser: &BrowserSecret, request_uri: &str) -> Result<InteractionId, Fault> {
        let derived = browser.derive("interaction", &Digest::of(request_uri).base64url());
        let short = derived.get(..22).unwrap_or_default();
        InteractionId::parse(&format!("i_{short}")).map_err(|e| Fault::Internal(format!("interaction id: {e}")))
    }
}

fn is_of(record: &Record, client_id: &str) -> bool {
    matches!(&record.errand, Errand::Authorization { request, .. } if request.client_id.as_str() == client_id)
}
