//! The three signature algorithms that FAPI 2.0 allows.

use super::JoseError;

/// A signature algorithm (FAPI 2.0 SP §5.4.1-1); there is no way to name any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// RSASSA-PSS with SHA-256, keys of 2048 bits and more.
    Ps256,
    /// Ed25519 (RFC 8037).
    EdDsa,
}

impl Algorithm {
    /// Every one, as metadata lists them.
    pub const ALL: [Self; 3] = [Self::Es256, Self::Ps256, Self::EdDsa];

    /// Reads an `alg`; exact, since algorithm names are case-sensitive (RFC 7515 §4.1.1).
    ///
    /// # Errors
    /// [`JoseError::Algorithm`] for any other, `none` included.
    pub fn parse(text: &str) -> Result<Self, JoseError> {
        Self::ALL.into_iter().find(|a| a.as_str() == text).ok_or(JoseError::Algorithm)
    }

    /// The `alg` value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Ps256 => "PS256",
            Self::EdDsa => "EdDSA",
        }
    }
}
