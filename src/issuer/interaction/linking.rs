//! Linking (属性連携) a private delivery provider: by itself from the dashboard, or as a step of one consent, before the third
//! party is let in.
//!
//! The way there is kept as an interaction of its own, bound to the browser like any other, and taken by one conditional
//! write when the browser comes back: of any number of loads of the address one goes on. Nothing is written down before the
//! provider has confirmed who the citizen is there.

use super::record::{Errand, Progress, Record, Then};
use super::sign_in::Callback;
use super::{Decided, Found, INTERACTION_LIFETIME, InteractionError, Interactions};
use crate::adapters::identity::{IdentityError, IdentityErrorKind};
use crate::adapters::linkage::{DeliveryProvider, LinkCeremony};
use crate::domain::consent::Choice;
use crate::domain::ids::{InteractionId, LinkId, SubjectId};
use crate::domain::linkage::{Link, LinkedServiceKind, ServiceCode};
use crate::domain::scope::Scope;
use crate::domain::{BrowserSecret, Fault, Lang, Secret, Words};
use crate::protocol::authorization_request::AuthorizationRequest;
use crate::store::{HeldInteraction, InsertedLink};
use std::sync::Arc;
use url::Url;

/// What has to be done first, before documents can be read: the citizen is told all of it, and decides once.
#[derive(Clone, Debug)]
pub struct LinkingView {
    /// The providers that can be linked, one of which is needed: code, name, and the origin that its sign-in is on.
    pub providers: Vec<(ServiceCode, Words, String)>,
    /// Whether the account is registered (利用者登録) already.
    pub is_registered: bool,
}

/// Where a finished linking leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkedTo {
    /// Back to the third party, whose request the citizen had agreed to.
    Client(Decided),
    /// To the dashboard's list of links.
    Dashboard,
}

impl Interactions {
    /// What has to be linked first for a request of this citizen; none where nothing has to, or nothing can.
    pub(super) async fn linking(
        &self,
        request: &AuthorizationRequest,
        progress: &Progress,
    ) -> Result<Option<LinkingView>, Fault> {
        let Progress::Deciding { subject, .. } = progress else { return Ok(None) };
        let providers = self.0.linked.delivery();
        if !request.scope.has(Scope::PrivateDocuments) || providers.is_empty() {
            return Ok(None);
        }
        let links = self.0.store.list_links(subject).await?;
        let is_delivery =
            |service: &ServiceCode| self.0.linked.kind(service) == Some(LinkedServiceKind::PrivateDelivery);
        if links.iter().any(|held| is_delivery(&held.link.service)) {
            return Ok(None);
        }
        let listed = providers.iter().map(|one| (one.code().clone(), one.name().clone(), one.issuer().to_owned()));
        let is_registered = self.0.store.find_registered(subject).await?.is_some();
        Ok(Some(LinkingView { providers: listed.collect(), is_registered }))
    }

    /// The citizen agreed to a request, and to link `service` first: gives the address of the provider's own sign-in.
    ///
    /// # Errors
    /// As [`decide`](Self::decide); [`InteractionError::LinkFailed`] where the provider cannot be reached.
    pub async fn agree_and_link(
        &self,
        id: &InteractionId,
        browser: Option<&BrowserSecret>,
        form_token: &str,
        (choice, service): (Choice, &ServiceCode),
    ) -> Result<Url, InteractionError> {
        let found = self.find(id, browser).await?;
        let browser = browser.ok_or(InteractionError::WrongBrowser)?;
        if !browser.is_derived("form", found.id.as_str(), form_token) {
            return Err(InteractionError::NotOurForm);
        }
        let Progress::Deciding { subject, .. } = &found.record.progress else {
            return Err(InteractionError::NotSignedIn);
        };
        // What the request does not allow is told now, and not after the way to the provider.
        self.check_choice(&found, &choice).await?;
        let errand = Errand::Linking {
            subject: subject.clone(),
            service: service.clone(),
            then: Some(Then { interaction: found.id.clone(), choice }),
        };
        self.to_delivery_provider(errand, browser, found.record.lang).await
    }

    /// The citizen who is signed in, in the browser with this session's secret, links `service`: gives the address of the
    /// provider's own sign-in.
    ///
    /// # Errors
    /// [`InteractionError::LinkFailed`] where the provider cannot be reached; [`InteractionError::Over`] where there is none
    /// such.
    pub async fn begin_linking(
        &self,
        subject: &SubjectId,
        session: &BrowserSecret,
        service: &ServiceCode,
        lang: Lang,
    ) -> Result<Url, InteractionError> {
        let errand = Errand::Linking { subject: subject.clone(), service: service.clone(), then: None };
        self.to_delivery_provider(errand, session, lang).await
    }

    async fn to_delivery_provider(
        &self,
        errand: Errand,
        browser: &BrowserSecret,
        lang: Lang,
    ) -> Result<Url, InteractionError> {
        let Errand::Linking { service, then, .. } = &errand else { return Err(InteractionError::Over) };
        let provider = Arc::clone(self.0.linked.provider(service).ok_or(InteractionError::Over)?);
        let back = then.as_ref().map(|then| then.interaction.clone());
        let id = InteractionId::generate(self.0.entropy.as_ref());
        let url = provider.start(&link_ceremony(&id, browser, lang)).await;
        let url = url.map_err(|error| InteractionError::LinkFailed(back, error))?;
        let record =
            Record { browser: browser.digest(), errand, progress: Progress::SigningIn, lang, handed_over: None };
        let expires_at = self.0.clock.now().plus(INTERACTION_LIFETIME);
        self.0.store.insert_interaction(&HeldInteraction { id, step: 0, body: record.write()?, expires_at }).await?;
        Ok(url)
    }

    /// Finishes a linking, once: the way there is taken before anything is asked of the provider.
    ///
    /// # Errors
    /// [`InteractionError::WrongBrowser`] when another browser, or session, began; [`InteractionError::Over`] when it was taken
    /// before, or it is too late; [`InteractionError::LinkDenied`] and [`InteractionError::LinkFailed`], and then nothing is
    /// linked, nor registered, nor allowed.
    pub async fn finish_linking(
        &self,
        callback: &Callback,
        browsers: &[Option<&BrowserSecret>],
    ) -> Result<LinkedTo, InteractionError> {
        let (id, bound) = callback.state.split_once('.').ok_or(InteractionError::Over)?;
        let id = InteractionId::parse(id).map_err(|_| InteractionError::Over)?;
        let (mut outcome, mut begun) = (InteractionError::WrongBrowser, None);
        for browser in browsers.iter().flatten() {
            match self.find(&id, Some(browser)).await {
                Ok(found) => begun = Some((found, *browser)),
                Err(error) => outcome = error,
            }
        }
        let (found, browser) = begun.ok_or(outcome)?;
        if !browser.is_derived("link-state", found.id.as_str(), bound) {
            return Err(InteractionError::WrongBrowser);
        }
        let Errand::Linking { subject, service, then } = found.record.errand else {
            return Err(InteractionError::Over);
        };
        let provider = Arc::clone(self.0.linked.provider(&service).ok_or(InteractionError::Over)?);
        let back = then.as_ref().map(|then| then.interaction.clone());
        if !self.0.store.take_interaction(&found.id, found.step, self.0.clock.now()).await? {
            return Err(InteractionError::Over);
        }
        let code = code_of(callback, &provider, back.as_ref())?;
        let ceremony = link_ceremony(&found.id, browser, found.record.lang);
        let account = provider.finish(code, &ceremony).await;
        let account = account.map_err(|error| InteractionError::LinkFailed(back, error))?;
        let link = Link {
            id: LinkId::generate(self.0.entropy.as_ref()),
            subject,
            service,
            account: account.account,
            credential: account.credential,
            linked_at: self.0.clock.now(),
        };
        self.keep_link(&provider, &link).await?;
        let Some(then) = then else { return Ok(LinkedTo::Dashboard) };
        let asked = self.find(&then.interaction, Some(browser)).await?;
        self.agree(&asked, &then.choice).await.map(LinkedTo::Client)
    }

    /// What could not be kept opens nothing at the provider, either.
    async fn keep_link(&self, provider: &DeliveryProvider, link: &Link) -> Result<(), InteractionError> {
        match self.0.store.insert_link(link).await {
            Ok(InsertedLink::Done) => Ok(()),
            // The other one, of another tab, stands.
            Ok(InsertedLink::Linked) => {
                provider.revoke_or_tell(&link.credential).await;
                Ok(())
            }
            Ok(InsertedLink::NobodyThere) => {
                provider.revoke_or_tell(&link.credential).await;
                Err(InteractionError::Over)
            }
            Err(fault) => {
                provider.revoke_or_tell(&link.credential).await;
                Err(fault.into())
            }
        }
    }

    async fn check_choice(&self, found: &Found, choice: &Choice) -> Result<(), InteractionError> {
        let (_, request) = super::decide::authorization(found)?;
        let client = self.active_client(&request.client_id).await?;
        super::decide::consent(&client, request, choice).map(drop)
    }
}

/// The code that the provider sent (RFC 9207: by the one that was asked).
fn code_of<'c>(
    callback: &'c Callback,
    provider: &DeliveryProvider,
    back: Option<&InteractionId>,
) -> Result<&'c str, InteractionError> {
    let failed = |words: &str| {
        let error = IdentityError::new(IdentityErrorKind::Malformed, words);
        InteractionError::LinkFailed(back.cloned(), error)
    };
    if callback.iss.as_deref().is_some_and(|iss| iss.trim_end_matches('/') != provider.issuer()) {
        return Err(failed("iss names another provider (RFC 9207)"));
    }
    match (&callback.code, callback.error.as_deref()) {
        (Some(code), None) => Ok(code),
        (None, Some("access_denied")) => Err(InteractionError::LinkDenied(back.cloned())),
        _ => Err(failed("neither a code nor a known error")),
    }
}

/// What binds a linking to its browser; the same for the same browser and interaction, and another than a sign-in's.
fn link_ceremony(id: &InteractionId, browser: &BrowserSecret, lang: Lang) -> LinkCeremony {
    let bound = |what: &str| browser.derive(what, id.as_str());
    LinkCeremony {
        state: format!("{id}.{}", bound("link-state")),
        nonce: Secret::new(bound("link-nonce")),
        verifier: Secret::new(bound("link-pkce")),
        lang,
    }
}
