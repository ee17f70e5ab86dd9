//! Who the citizen is: the counter as a relying party of an upstream identity provider.
//!
//! What for: a citizen shows their card to デジタル認証アプリ (or a provider of its shape), never to the counter. The
//! counter learns one pairwise `sub`, how surely the person was recognised, and when; no name, no number.
//!
//! How it flows:
//! 1. [`IdentityProvider::start`] gives the address to send the browser to: discovery, PKCE S256, `state`, `nonce`,
//!    `acr_values`.
//! 2. The provider sends the browser back with a code.
//! 3. [`IdentityProvider::finish`] exchanges the code with `private_key_jwt` (RFC 7523 §2.2), verifies the id_token
//!    (ES256 only, `iss`, `aud`, `exp`, `nonce`) and judges `acr` and `auth_time`. Keys that are not known are fetched
//!    anew, but not more often than [`RelyingParty`] allows.
//! 4. Whenever it likes, the provider tells that a card was suspended ([`IdentityProvider::event`]).
//! 5. What a person signs with their card is signed there, too: `signing`, for [`signatures`](crate::adapters::signatures).
//!
//! Companies have a provider of their own, of the shape of gBizID: [`CompanyParty`] tells which company an account is of,
//! and what it may do for it; what the provider tells only on application is held against the rest.
//!
//! How to add one more: another provider with the same protocol is another [`IdentitySettings`]; another protocol is
//! another file here that implements [`IdentityProvider`].
//!
//! What it must never do: follow a redirect, accept a weaker sign-in than was asked, or let the provider's own words
//! reach a page; keep a code, token or assertion anywhere.

mod company;
mod company_claims;
pub(in crate::adapters) mod discovery;
mod error;
mod events;
pub(in crate::adapters) mod outbound;
pub(in crate::adapters) mod relying_party;
mod signing;

pub use company::{AccountRank, CompanyParty, CompanyProvider, CompanySettings, RecognizedCompany};
pub use company_claims::Mandate;
pub use error::{Blame, IdentityError, IdentityErrorKind};
pub use events::{CardEvent, EventError};
pub use relying_party::{IdentityParts, IdentitySettings, RelyingParty};
pub use signing::Signed;

use crate::domain::acr::Acr;
use crate::domain::health_insurance::CertificateSerial;
use crate::domain::subject::UpstreamAccount;
use crate::domain::{Lang, Secret, Timestamp};
use async_trait::async_trait;
use std::time::Duration;
use url::Url;

/// What binds one sign-in to the browser that began it; made by the caller, who can make it again for `finish`.
#[derive(Debug)]
pub struct Ceremony {
    /// Comes back untouched with the code (RFC 6749 §10.12).
    pub state: String,
    /// Comes back inside the id_token (OpenID Connect Core §3.1.2.1).
    pub nonce: Secret<String>,
    /// PKCE verifier (RFC 7636 §4.1): 43 to 128 unreserved characters.
    pub verifier: Secret<String>,
    /// The least assurance that will do.
    pub least: Acr,
    /// The person must have been recognised no longer ago than that when the sign-in began (`max_age`).
    pub max_age: Option<Duration>,
    /// The same as a moment, once the sign-in is judged.
    pub oldest: Option<Timestamp>,
    /// The provider is asked for the serial number of the certificate that the person signs in with.
    pub with_certificate: bool,
    /// The language the citizen reads.
    pub lang: Lang,
}

/// A person, recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognition {
    /// The account at the provider.
    pub account: UpstreamAccount,
    /// How surely.
    pub acr: Acr,
    /// When (`auth_time`).
    pub at: Timestamp,
    /// By which card, where that was asked for and the provider told.
    pub certificate: Option<CertificateSerial>,
}

/// An upstream identity provider.
#[async_trait]
pub trait IdentityProvider: Send + Sync {
    /// Its issuer identifier.
    fn issuer(&self) -> &str;
    /// The address to send the browser to.
    ///
    /// # Errors
    /// [`IdentityError`] when the provider cannot be discovered.
    async fn start(&self, ceremony: &Ceremony) -> Result<Url, IdentityError>;
    /// Exchanges the code and verifies what came.
    ///
    /// # Errors
    /// [`IdentityError`] naming whose fault it is and whether a new attempt can help.
    async fn finish(&self, code: &str, ceremony: &Ceremony) -> Result<Recognition, IdentityError>;
    /// Verifies what the provider tells of its own accord (RFC 8935).
    ///
    /// # Errors
    /// [`EventError`] for what is not the provider's word to us; a provider that tells nothing has none.
    async fn event(&self, _token: &str) -> Result<CardEvent, EventError> {
        Err(EventError::Key)
    }
}

#[cfg(test)]
mod tests;
