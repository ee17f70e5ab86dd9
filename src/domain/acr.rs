//! How surely the person was recognised (`acr`, OpenID Connect Core §2), as ordered levels.

use serde::{Deserialize, Serialize};

/// Authenticator assurance level; the upstream provider's `aal1`…`aal3` (NIST SP 800-63B).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Acr {
    /// A password or the like.
    Aal1,
    /// Two factors.
    Aal2,
    /// The My Number Card's certificate with its PIN (利用者証明用電子証明書).
    Aal3,
}

impl Acr {
    /// The value on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aal1 => "aal1",
            Self::Aal2 => "aal2",
            Self::Aal3 => "aal3",
        }
    }

    /// The highest level named in a space-separated `acr` value (the provider writes `aal3 crl`), if any.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.split(' ')
            .filter_map(|word| match word {
                "aal1" => Some(Self::Aal1),
                "aal2" => Some(Self::Aal2),
                "aal3" => Some(Self::Aal3),
                _ => None,
            })
            .max()
    }
}
