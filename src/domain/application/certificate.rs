//! Certificates of employment that go with applications.

use crate::domain::corporate_number::CorporateNumber;
use crate::domain::ids::CertificateId;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A certificate of employment (就労証明書) that goes with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum AttachedCertificate {
    /// One that was verified when it was attached.
    Verified {
        /// For which place of the form.
        slot: String,
        /// Which.
        id: CertificateId,
        /// The company that issued it.
        employer: CorporateNumber,
        /// In which form.
        form: String,
        /// What opens it at the municipality.
        reference: String,
        /// When it was verified.
        at: Timestamp,
    },
    /// It is handed in on paper.
    OnPaper {
        /// For which place of the form.
        slot: String,
    },
}

impl AttachedCertificate {
    /// For which place of the form it is.
    #[must_use]
    pub fn slot(&self) -> &str {
        match self {
            Self::Verified { slot, .. } | Self::OnPaper { slot } => slot,
        }
    }

    /// The certificate, where it is none on paper.
    #[must_use]
    pub const fn id(&self) -> Option<&CertificateId> {
        match self {
            Self::Verified { id, .. } => Some(id),
            Self::OnPaper { .. } => None,
        }
    }
}
