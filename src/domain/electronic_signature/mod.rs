//! Electronic signatures (電子署名) of citizens, made with the certificate for signing of their card (署名用電子証明書).
//!
//! What is signed is a document in canonical JSON, as JSON Web Signature (RFC 7515): RSA with SHA-256, which is what the card
//! does. A signature counts where its certificate leads to an authority that the operator trusts ([`SignerRules`]), is for
//! committing to contents, and was not taken back by a list that is in force ([`is_current_list`]). What is not known is no yes.

mod path;
mod revocation;
#[cfg(test)]
mod tests;
mod written;

pub use path::{BadSigner, Signer, SignerRules};
pub use revocation::is_current_list;
pub use written::{SIGNED_HEADER, signing_input};

use super::health_insurance::CertificateSerial;
use super::secret::Digest;
use super::time::Timestamp;
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde::{Deserialize, Serialize};

/// A signature that was verified, with all that it takes to verify it anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ElectronicSignature {
    /// What was signed: canonical JSON, to the byte.
    pub document: String,
    /// The signature over [`signing_input`], in base64url.
    pub signature: String,
    /// The certificate and those between it and the authority, each DER in Base64 (`x5c`, RFC 7515 §4.1.6).
    pub certificates: Vec<String>,
    /// The certificate's serial number.
    pub serial: CertificateSerial,
    /// Who issued it.
    pub issuer: String,
    /// Until when it is in force.
    pub not_after: Timestamp,
    /// When the signature was verified here.
    pub signed_at: Timestamp,
}

impl ElectronicSignature {
    /// Holds a signature against what was to be signed, and its certificate against `rules` and `lists` (CRLs, DER).
    ///
    /// # Errors
    /// [`BadSigner`]: also for a right signature over something else.
    pub fn verified(
        rules: &SignerRules,
        (document, signature): (&str, &[u8]),
        (certificates, lists): (&[Vec<u8>], &[impl AsRef<[u8]>]),
        now: Timestamp,
    ) -> Result<Self, BadSigner> {
        let signer = rules.verify(certificates, lists, now)?;
        signer.check(signing_input(document).as_bytes(), signature)?;
        Ok(Self {
            document: document.to_owned(),
            signature: URL_SAFE_NO_PAD.encode(signature),
            certificates: signer.path.iter().map(|der| STANDARD.encode(der)).collect(),
            serial: signer.serial,
            issuer: signer.issuer,
            not_after: signer.not_after,
            signed_at: now,
        })
    }

    /// The same, as it is kept, by what is known `now`.
    ///
    /// # Errors
    /// [`BadSigner`].
    pub fn verify_anew(
        &self,
        rules: &SignerRules,
        lists: &[impl AsRef<[u8]>],
        now: Timestamp,
    ) -> Result<(), BadSigner> {
        let decoded: Option<Vec<_>> = self.certificates.iter().map(|one| STANDARD.decode(one).ok()).collect();
        let signature = URL_SAFE_NO_PAD.decode(&self.signature).map_err(|_| BadSigner::Malformed)?;
        let certificates = decoded.ok_or(BadSigner::Malformed)?;
        Self::verified(rules, (&self.document, &signature), (&certificates, lists), now).map(drop)
    }

    /// The digest of what was signed.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(&self.document)
    }
}

/// How far a draft is with its signature.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Signing {
    /// Nobody asked for any.
    #[default]
    None,
    /// The person was asked to sign.
    Asked {
        /// Until when they may begin.
        until: Timestamp,
    },
    /// The person is at the identity provider.
    Begun {
        /// Names this attempt: no other is ever named so.
        attempt: String,
        /// What the identity provider calls it.
        transaction: String,
        /// The digest of what is to be signed.
        document: Digest,
        /// Until when they may come back.
        until: Timestamp,
    },
    /// It is signed.
    Signed(Box<ElectronicSignature>),
    /// It was signed, or was being signed, and says something else now.
    Void {
        /// Since when.
        at: Timestamp,
    },
}

impl Signing {
    /// Whether there is nothing to be kept of it.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// The signature, where there is one.
    #[must_use]
    pub const fn signature(&self) -> Option<&ElectronicSignature> {
        match self {
            Self::Signed(signature) => Some(signature),
            Self::None | Self::Asked { .. } | Self::Begun { .. } | Self::Void { .. } => None,
        }
    }

    /// What becomes of it when the draft says something else: a signature was over what it said before.
    #[must_use]
    pub fn after_change(&self, at: Timestamp) -> Self {
        match self {
            Self::None => Self::None,
            Self::Asked { until } => Self::Asked { until: *until },
            Self::Begun { .. } | Self::Signed(_) => Self::Void { at },
            Self::Void { at } => Self::Void { at: *at },
        }
    }
}
