//! The other sides of a citizen's links (属性連携, もっとつながる): private delivery providers, and sites handed over to.
//!
//! What for: a citizen's certificates are kept by companies that are no agencies. They let the counter have them when the
//! citizen has said so at the provider itself, once.
//!
//! How it flows: 1. [`DeliveryProvider::start`] gives the address of the provider's own sign-in: code, PKCE S256, `state`,
//! `nonce`; 2. [`DeliveryProvider::finish`] exchanges the code with `private_key_jwt`, verifies the id_token and keeps who the
//! citizen is there, and a refresh token; 3. [`DeliveryProvider::open`] turns that into an access token, with which
//! [`Opened::list`] and [`Opened::fetch`] read; 4. [`DeliveryProvider::revoke`] ends it there, too.
//!
//! How to add one more: a provider with the same protocol is another table of the configuration; what another one calls
//! otherwise is another file here.
//!
//! What it must never do: follow a redirect; read more than it has bounds for; say what a provider answered to anybody but
//! the use case; keep an access token longer than one call of a third party takes.

mod delivery;
mod documents;
mod settings;

pub use delivery::{DeliveryProvider, LinkCeremony, LinkedAccount};
pub use documents::{ListedDocument, Opened, ProviderTrouble};
pub use settings::{DeliverySettings, InvalidLinkedService, LinkedServiceSettings, SignOnSettings};

use crate::domain::chain::Anchors;
use crate::domain::linkage::{LinkedServiceKind, ServiceCode};
use crate::domain::{Clock, Entropy, Secret, Words};
use std::sync::Arc;

/// A linked service, with what its files hold.
pub enum LinkedServicePlan {
    /// A private delivery provider: its settings, our key there, and who vouches for what issuers sign.
    Delivery(Box<DeliverySettings>, Secret<String>, Anchors),
    /// A site that is handed over to.
    SignOn(SignOnSettings),
}

/// Every linked service of an installation, in the operator's order.
#[derive(Default)]
pub struct LinkedServices {
    delivery: Vec<Arc<DeliveryProvider>>,
    sign_on: Vec<SignOnSettings>,
}

impl LinkedServices {
    /// Of these; `public_url` is where browsers come back to.
    ///
    /// # Errors
    /// [`InvalidLinkedService`] for one that cannot be used, or two of one code.
    pub fn new(
        plans: Vec<LinkedServicePlan>,
        public_url: &str,
        (clock, entropy): (&Arc<dyn Clock>, &Arc<dyn Entropy>),
    ) -> Result<Self, InvalidLinkedService> {
        let mut services = Self::default();
        for plan in plans {
            let code = match &plan {
                LinkedServicePlan::Delivery(settings, ..) => settings.code.clone(),
                LinkedServicePlan::SignOn(settings) => settings.code.clone(),
            };
            if services.kind(&code).is_some() {
                return Err(InvalidLinkedService::new(&code, "there are two of this code"));
            }
            match plan {
                LinkedServicePlan::Delivery(settings, key, anchors) => {
                    let parts = (Arc::clone(clock), Arc::clone(entropy));
                    let provider = DeliveryProvider::new(*settings, (&key, anchors), public_url, parts)?;
                    services.delivery.push(Arc::new(provider));
                }
                LinkedServicePlan::SignOn(settings) => {
                    settings.check()?;
                    services.sign_on.push(settings);
                }
            }
        }
        Ok(services)
    }

    /// The private delivery providers.
    #[must_use]
    pub fn delivery(&self) -> &[Arc<DeliveryProvider>] {
        &self.delivery
    }

    /// The private delivery provider of this code.
    #[must_use]
    pub fn provider(&self, code: &ServiceCode) -> Option<&Arc<DeliveryProvider>> {
        self.delivery.iter().find(|one| one.code() == code)
    }

    /// The sites that are handed over to.
    #[must_use]
    pub fn sign_on(&self) -> &[SignOnSettings] {
        &self.sign_on
    }

    /// What the service of this code is for.
    #[must_use]
    pub fn kind(&self, code: &ServiceCode) -> Option<LinkedServiceKind> {
        let is_site = self.sign_on.iter().any(|site| site.code == *code);
        let delivery = self.provider(code).map(|_| LinkedServiceKind::PrivateDelivery);
        delivery.or(is_site.then_some(LinkedServiceKind::SignOn))
    }

    /// What the service of this code is called.
    #[must_use]
    pub fn name(&self, code: &ServiceCode) -> Option<Words> {
        let site = self.sign_on.iter().find(|site| site.code == *code).map(SignOnSettings::name);
        self.provider(code).map(|one| one.name().clone()).or(site)
    }
}

#[cfg(test)]
mod tests;
