//! A certificate of employment (就労証明書): what a company says about the work of an employee, for a municipality.
//!
//! The company signs it; the counter keeps it as it was signed. Whoever is given its reference, a secret, hands it to the
//! municipality that it was made for, and that municipality alone can open it by that.

use super::corporate_number::CorporateNumber;
use super::ids::{CertificateId, ClientId, DelegationId, ReceiptId};
use super::retrieval::IdempotencyKey;
use super::secret::Digest;
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a delegation must name, as it names procedures, so that an office may issue for the company.
pub const PROCEDURE: &str = "employment-certificate";

/// Why a company takes a certificate back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RevocationReason {
    /// Something in it was wrong (記載誤り).
    Incorrect,
    /// It was right, and is so no more (就労状況の変更).
    Changed,
    /// The employment ended (退職).
    EmploymentEnded,
}

impl RevocationReason {
    /// Every reason.
    pub const ALL: [Self; 3] = [Self::Incorrect, Self::Changed, Self::EmploymentEnded];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Incorrect => "incorrect",
            Self::Changed => "changed",
            Self::EmploymentEnded => "employment_ended",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

/// That it was taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: RevocationReason,
}

/// A certificate as it was issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmploymentCertificate {
    /// Its id.
    pub id: CertificateId,
    /// By whose software it was issued.
    pub client: ClientId,
    /// The company that issued it.
    pub employer: CorporateNumber,
    /// By which delegation, where the company is another than the one behind the client.
    pub delegation: Option<DelegationId>,
    /// The municipality (全国地方公共団体コード) that it was made for.
    pub municipality: String,
    /// In which form.
    pub form: String,
    /// By what the same call is known again.
    pub key: IdempotencyKey,
    /// What opens it at the municipality: a secret of whoever holds it.
    pub reference: String,
    /// As the company signed it: a compact JWS (RFC 7515).
    pub signed: String,
    /// The thumbprint (RFC 7638) of the key that it is signed by.
    pub signed_by: String,
    /// By what the log of evidence knows it.
    pub receipt: ReceiptId,
    /// By our key: who issued what when, and that the key was the company's then.
    pub signed_receipt: String,
    /// When.
    pub issued_at: Timestamp,
}

impl EmploymentCertificate {
    /// Under what its reference is found.
    #[must_use]
    pub fn digest_of_reference(reference: &str) -> Digest {
        Digest::of(&format!("employment certificate\n{reference}"))
    }
}

/// What its company's software is told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CertificateNews {
    /// It was issued.
    Issued,
    /// It was taken back.
    Revoked,
    /// Its municipality opened it.
    Opened,
}

impl CertificateNews {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Revoked => "revoked",
            Self::Opened => "opened",
        }
    }
}

/// What happened to which certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateMention {
    /// Which.
    pub id: CertificateId,
    /// What happened.
    pub news: CertificateNews,
}

/// What is done with one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateAct<'a> {
    /// It was issued.
    Issued,
    /// It was taken back.
    Revoked(RevocationReason),
    /// Its municipality opened it, by this client.
    Opened(&'a ClientId),
}

impl CertificateAct<'_> {
    /// What its company's software is told of that.
    #[must_use]
    pub const fn news(self) -> CertificateNews {
        match self {
            Self::Issued => CertificateNews::Issued,
            Self::Revoked(_) => CertificateNews::Revoked,
            Self::Opened(_) => CertificateNews::Opened,
        }
    }
}
