//! Electronic signatures (電子署名) with the certificate for signing of the Individual Number Card (署名用電子証明書).
//!
//! What for: an application whose procedure asks for a signature is signed by the person, and need not be checked in person.
//!
//! How it flows: 1. [`Signatures::begin`]: the identity provider is given the digest of what is to be signed, and the browser
//! goes there; 2. the person signs there, with their card and its password; 3. [`Signatures::finish`]: who signed is held against
//! the certificate that the provider names in the same session, that one against the signature, and the signature against what
//! was to be signed; the certificate leads to an authority of the operator's, and no list of those that were taken back
//! ([`revocations`]) names it; 4. [`Signatures::verify`] does the last two anew, as before an application is handed in.
//!
//! How to add one more: another authority is one more in the operator's file; its list, one more address.
//!
//! What it must never do: see [`adapters`](super). And: count a signature whose certificate's status is not known; give the
//! provider more than a digest of what is signed.

mod revocations;
mod settings;

pub use settings::{InvalidSignatures, SignatureSettings};

use super::identity::{Ceremony, IdentityError, IdentityErrorKind, RelyingParty};
use crate::domain::electronic_signature::{BadSigner, ElectronicSignature, SignerRules, signing_input};
use crate::domain::subject::UpstreamAccount;
use crate::domain::{Clock, Digest};
use openidconnect::RedirectUrl;
use revocations::Revocations;
use std::sync::Arc;
use url::Url;

/// Where the provider sends browsers back to, below our address.
pub const CALLBACK: &str = "/signatures/callback";

/// Why there is no signature that counts.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// The provider did not answer, or not as it should.
    #[error("the provider: {0}")]
    Provider(IdentityError),
    /// The signature or its certificate does not count.
    #[error(transparent)]
    Signer(#[from] BadSigner),
    /// The provider says that it was made with another certificate than it was.
    #[error("the signature is by another certificate than the provider says")]
    OtherCertificate,
}

impl SigningError {
    /// Whether nothing is known, and trying later may do: the provider or a list of revoked certificates is away.
    #[must_use]
    pub const fn is_away(&self) -> bool {
        match self {
            Self::Provider(error) => matches!(error.kind, IdentityErrorKind::Unreachable),
            Self::Signer(bad) => matches!(bad, BadSigner::UnknownStatus),
            Self::OtherCertificate => false,
        }
    }
}

/// Where signatures are made, and what they are held against.
pub struct Signatures {
    provider: Arc<RelyingParty>,
    service: Url,
    redirect: RedirectUrl,
    rules: SignerRules,
    revocations: Revocations,
    clock: Arc<dyn Clock>,
}

impl Signatures {
    /// As configured, at the citizens' identity provider; `public_url` is our address, without a slash at its end.
    ///
    /// # Errors
    /// [`InvalidSignatures`].
    pub fn new(
        settings: SignatureSettings,
        (provider, public_url): (Arc<RelyingParty>, &str),
        clock: Arc<dyn Clock>,
    ) -> Result<Self, InvalidSignatures> {
        settings.check()?;
        let redirect = RedirectUrl::new(format!("{public_url}{CALLBACK}"));
        let redirect = redirect.map_err(|_| InvalidSignatures("our own address is none".into()))?;
        let rules = settings.rules()?;
        let revocations = Revocations::new(&settings, Arc::clone(&clock))?;
        Ok(Self { provider, service: settings.signing_url, redirect, rules, revocations, clock })
    }

    /// Begins to have a document signed: the provider's name for that, and the address to send the browser to.
    ///
    /// # Errors
    /// [`SigningError::Provider`].
    pub async fn begin(&self, document: &str, ceremony: &Ceremony) -> Result<(String, Url), SigningError> {
        let digest = Digest::of(&signing_input(document));
        let begun = self.provider.begin_signing((&self.service, &self.redirect), &digest, ceremony).await;
        begun.map_err(SigningError::Provider)
    }

    /// Fetches the signature over `document` that was made in `transaction`, verified; and who made it.
    ///
    /// # Errors
    /// [`SigningError`].
    pub async fn finish(
        &self,
        (code, transaction): (&str, &str),
        ceremony: &Ceremony,
        document: &str,
    ) -> Result<(UpstreamAccount, ElectronicSignature), SigningError> {
        let at = (&self.service, &self.redirect);
        let signed = self.provider.finish_signing(at, (code, transaction), ceremony).await;
        let signed = signed.map_err(SigningError::Provider)?;
        let lists = self.revocations.lists().await;
        let (what, by) = ((document, signed.signature.as_slice()), (signed.certificates.as_slice(), &*lists));
        let verified = ElectronicSignature::verified(&self.rules, what, by, self.clock.now());
        let verified = self.told(verified).await?;
        // Who signed in signed: the provider vouches for both in one session.
        if verified.serial == signed.serial {
            Ok((signed.recognition.account, verified))
        } else {
            Err(SigningError::OtherCertificate)
        }
    }

    /// Holds a signature anew against what is known now.
    ///
    /// # Errors
    /// [`SigningError::Signer`].
    pub async fn verify(&self, signature: &ElectronicSignature) -> Result<(), SigningError> {
        let lists = self.revocations.lists().await;
        let verified = signature.verify_anew(&self.rules, &lists, self.clock.now());
        Ok(self.told(verified).await?)
    }

    /// The origin of the pages where one signs.
    #[must_use]
    pub fn issuer(&self) -> &str {
        super::identity::IdentityProvider::issuer(&*self.provider)
    }

    /// Lists by which nothing was known are not kept: the next try looks again.
    async fn told<T>(&self, verified: Result<T, BadSigner>) -> Result<T, BadSigner> {
        if matches!(verified, Err(BadSigner::UnknownStatus)) {
            self.revocations.forget().await;
        }
        verified
    }
}
