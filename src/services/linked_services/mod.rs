//! Linked services (もっとつながる): what a citizen's account is linked with, told to their software and to themselves.
//!
//! What for: a link opens an account elsewhere. Whoever made it must see it, and end it, at once and for everybody.
//!
//! How it flows: 1. a link is made at the consent page or from the dashboard
//! ([`Interactions`](crate::issuer::interaction::Interactions)); 2. `list` tells a citizen's software what is linked; 3. `own`
//! tells the citizen, with what could be linked besides; 4. `unlink` ends one: gone here first, then revoked at the provider;
//! 5. a site is linked when the citizen was handed over to it and agreed; with its link end its grants and sign-ins.
//!
//! How to add one more: another kind is a variant of [`LinkedServiceKind`].
//!
//! What it must never do: tell anybody what a credential is, or a citizen's name elsewhere; lead to an address that the
//! operator did not name.

mod view;

pub use view::{LinkedServiceView, LinkedServicesView};

use crate::adapters::linkage::{DeliveryProvider, LinkedServices, SignOnSettings};
use crate::domain::grant::RevokedBy;
use crate::domain::ids::ClientId;
use crate::domain::ids::LinkId;
use crate::domain::linkage::{HeldLink, LinkedServiceKind, ServiceCode};
use crate::domain::{Clock, Failure, Fault, Refusal, Timestamp, Words};
use crate::gateway::{Gateway, Permit};
use crate::hot::{Hot, tell_grant};
use crate::services::account::CitizenSession;
use crate::store::{Before, Store};
use std::sync::Arc;
use std::time::Duration;

/// How often a provider is told that a link has ended, while it does not say that it knows; the pause doubles.
const MOST_TRIES: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// How many grants are looked at in one step.
const STEP: u32 = 100;

/// What the use case is made of.
pub struct LinkageParts {
    /// The services that can be linked.
    pub linked: Arc<LinkedServices>,
    /// Durable truth.
    pub store: Arc<dyn Store>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Word to the other nodes.
    pub hot: Arc<dyn Hot>,
}

/// The use case.
pub struct Linkage {
    parts: LinkageParts,
}

/// A link as its citizen sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnLink {
    /// Its id.
    pub id: LinkId,
    /// Which service.
    pub service: ServiceCode,
    /// What it is for.
    pub kind: LinkedServiceKind,
    /// What it is called; its code where this installation has it no more.
    pub name: Words,
    /// Since when.
    pub linked_at: Timestamp,
}

/// What a citizen's account is linked with, and what it could be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnLinks {
    /// When the account was registered (利用者登録), if it is.
    pub registered_at: Option<Timestamp>,
    /// The links.
    pub links: Vec<OwnLink>,
    /// Providers that can be linked: code, name, and the origin that their sign-in is on.
    pub open: Vec<(ServiceCode, Words, String)>,
    /// Sites that can be entered: code, name, and where they are.
    pub sites: Vec<(ServiceCode, Words, String)>,
}

impl Linkage {
    /// The use case of its parts.
    #[must_use]
    pub const fn new(parts: LinkageParts) -> Self {
        Self { parts }
    }

    /// What is linked, for software that the citizen let read it.
    ///
    /// # Errors
    /// `refused_by_policy`; `insufficient_scope`.
    pub async fn list(&self, gateway: &Gateway, permit: &Permit) -> Result<LinkedServicesView, Failure> {
        gateway.clear_private_documents(permit).await?;
        let words = "Links are a citizen's: use a token that a person gave.";
        let subject = permit.grant().subject.as_ref();
        let subject = subject.ok_or_else(|| Refusal::new("insufficient_scope", words))?;
        let registered_at = self.parts.store.find_registered(subject).await?;
        let links = self.parts.store.list_links(subject).await?;
        Ok(LinkedServicesView::of(registered_at, &links, &self.parts.linked))
    }

    /// The same for whoever is signed in, with what could be linked.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn own(&self, session: &CitizenSession) -> Result<OwnLinks, Fault> {
        let registered_at = self.parts.store.find_registered(session.subject()).await?;
        let held = self.parts.store.list_links(session.subject()).await?;
        let linked = &self.parts.linked;
        let is_open = |one: &&Arc<DeliveryProvider>| !held.iter().any(|held| held.link.service == *one.code());
        let open = linked.delivery().iter().filter(is_open);
        let site = |site: &SignOnSettings| (site.code.clone(), site.name(), site.initiate_login_uri.to_string());
        Ok(OwnLinks {
            registered_at,
            open: open.map(|one| (one.code().clone(), one.name().clone(), one.issuer().to_owned())).collect(),
            sites: linked.sign_on().iter().map(site).collect(),
            links: held.iter().map(|held| self.own_link(held)).collect(),
        })
    }

    fn own_link(&self, held: &HeldLink) -> OwnLink {
        let service = &held.link.service;
        let plain = || Words { ja: service.to_string(), en: service.to_string() };
        OwnLink {
            id: held.link.id.clone(),
            name: self.parts.linked.name(service).unwrap_or_else(plain),
            kind: self.parts.linked.kind(service).unwrap_or(LinkedServiceKind::PrivateDelivery),
            service: service.clone(),
            linked_at: held.link.linked_at,
        }
    }

    /// Ends a link of whoever is signed in: from here on nobody reads by it. The provider is told beside that, more than
    /// once where it is away. False when there was none such.
    ///
    /// # Errors
    /// [`Fault`] when the store is away; then nothing was ended.
    pub async fn unlink(&self, session: &CitizenSession, id: &LinkId) -> Result<bool, Fault> {
        let held = self.parts.store.list_links(session.subject()).await?;
        let service = held.into_iter().find(|held| held.link.id == *id).map(|held| held.link.service);
        let site = self.parts.linked.sign_on().iter().find(|site| Some(&site.code) == service.as_ref());
        // Before and after: while the link stands, the site's next visit makes another grant.
        self.end_visits(session, site.map(|site| &site.client)).await?;
        let taken = self.parts.store.take_link((session.subject(), id), self.parts.clock.now()).await?;
        self.end_visits(session, site.map(|site| &site.client)).await?;
        let is_taken = taken.is_some();
        self.forget(taken.into_iter().collect());
        Ok(is_taken)
    }

    /// Ends all that a site was given: its sign-ins end with it, and it is told (Back-Channel Logout 1.0).
    async fn end_visits(&self, session: &CitizenSession, site: Option<&ClientId>) -> Result<(), Fault> {
        let Some(site) = site else { return Ok(()) };
        let now = self.parts.clock.now();
        let mut before = Before { entry: None, limit: STEP };
        loop {
            let step = self.parts.store.list_grants(session.subject(), &before).await?;
            for grant in step.iter().filter(|grant| grant.client == *site && grant.is_standing(now)) {
                self.parts.store.revoke_grant(&grant.id, now, RevokedBy::Citizen).await?;
                tell_grant(&*self.parts.hot, &grant.id).await;
            }
            let Some(last) = step.last() else { return Ok(()) };
            before.entry = Some((last.created_at, last.id.clone()));
        }
    }

    /// Every link of whoever is signed in, for when their account is erased.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn held(&self, session: &CitizenSession) -> Result<Vec<HeldLink>, Fault> {
        self.parts.store.list_links(session.subject()).await
    }

    /// Tells providers that these links have ended, beside whatever goes on.
    pub fn forget(&self, ended: Vec<HeldLink>) {
        for held in ended {
            let Some(provider) = self.parts.linked.provider(&held.link.service).cloned() else { continue };
            tokio::spawn(async move {
                for n in 1..MOST_TRIES {
                    if provider.revoke(&held.link.credential).await.is_ok() {
                        return;
                    }
                    tokio::time::sleep(FIRST_PAUSE * (1 << n)).await;
                }
                provider.revoke_or_tell(&held.link.credential).await;
            });
        }
    }
}
