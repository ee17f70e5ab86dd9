//! OAuth scopes (RFC 6749 §3.3), as a small closed set.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A set of scopes: a bit each, printed in a fixed order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ScopeSet(u32);

/// One scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Scope {
    /// An id_token with a pairwise `sub` and nothing personal.
    Openid = 1 << 0,
    /// A refresh token, for as long as the grant lasts.
    OfflineAccess = 1 << 1,
    /// The public catalogue of data sets; for client credentials.
    Catalog = 1 << 2,
    /// Self-information retrieval (自己情報取得), within the consent.
    SelfInformation = 1 << 3,
    /// Who asked whom for what about the person who consents: exchanges between bodies (情報提供等記録), and reads through here.
    ProvisionRecords = 1 << 18,
    /// Having the citizen's card known where a health insurance card is asked for (オンライン資格確認), by their consent.
    HealthInsurance = 1 << 19,
    /// What a token stands for (`GET /v1/account`), and nothing else: for who has nothing else to ask.
    Account = 1 << 4,
    /// A citizen's documents from linked private delivery providers (民間送達), by their consent.
    PrivateDocuments = 1 << 16,
    /// With what a citizen's account is linked (もっとつながる), by their consent.
    LinkedServices = 1 << 17,
    /// Filings (申請・届出) for the company that stands behind the client; by client credentials.
    Submissions = 1 << 5,
    /// Certificates of employment (就労証明書) that the company behind the client issues; by client credentials.
    EmploymentCertificates = 1 << 6,
    /// Payments (公金決済) that the agency behind the client asks for; by client credentials.
    AgencyPayments = 1 << 20,
    /// Opening those that were made for the municipality behind the client; by client credentials.
    CertificateVerification = 1 << 7,
    /// Establish companies for their founders.
    Establishments = 1 << 8,
    /// Deposits (クラウド提出): what the company behind the client files while its data stays in its own cloud, and what others
    /// share with it; by client credentials.
    Deposits = 1 << 9,
    /// Referencing what was deposited for the agency behind the client; by client credentials.
    AgencyDeposits = 1 << 10,
    /// Searching municipalities and what people apply for there (ぴったりサービス); for client credentials.
    ServiceSearch = 1 << 11,
    /// A citizen's notices (お知らせ), by their consent; by client credentials only where the client is told of them.
    Notices = 1 << 12,
    /// Posting notices to citizens for the agency behind the client; by client credentials.
    AgencyNotices = 1 << 13,
    /// Applications (電子申請) to municipalities for the person who consents.
    Applications = 1 << 14,
    /// Those that were made to the municipality behind the client; by client credentials.
    AgencyApplications = 1 << 15,
}

/// A scope that the counter does not know.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown scope {0:?}; known: openid offline_access catalog self_information provision_records health_insurance account private_documents linked_services submissions employment_certificates agency_payments certificate_verification establishments deposits agency_deposits service_search notices agency_notices applications agency_applications"
)]
pub struct UnknownScope(pub String);

impl Scope {
    /// Every scope, in the order of printing.
    pub const ALL: [Self; 21] = [
        Self::Openid,
        Self::OfflineAccess,
        Self::Catalog,
        Self::SelfInformation,
        Self::ProvisionRecords,
        Self::HealthInsurance,
        Self::Account,
        Self::PrivateDocuments,
        Self::LinkedServices,
        Self::Submissions,
        Self::EmploymentCertificates,
        Self::AgencyPayments,
        Self::CertificateVerification,
        Self::Establishments,
        Self::Deposits,
        Self::AgencyDeposits,
        Self::ServiceSearch,
        Self::Notices,
        Self::AgencyNotices,
        Self::Applications,
        Self::AgencyApplications,
    ];

    /// Those that client credentials can open: nothing that is about a person who could be asked.
    pub const WITHOUT_A_PERSON: [Self; 12] = [
        Self::Catalog,
        Self::Submissions,
        Self::EmploymentCertificates,
        Self::AgencyPayments,
        Self::CertificateVerification,
        Self::Establishments,
        Self::Deposits,
        Self::AgencyDeposits,
        Self::ServiceSearch,
        Self::Notices,
        Self::AgencyNotices,
        Self::AgencyApplications,
    ];

    /// Whether it is about what stands behind the client alone: nobody else can give it.
    #[must_use]
    pub const fn is_of_the_client(self) -> bool {
        matches!(
            self,
            Self::Submissions
                | Self::EmploymentCertificates
                | Self::AgencyPayments
                | Self::CertificateVerification
                | Self::Establishments
                | Self::Deposits
                | Self::AgencyDeposits
                | Self::AgencyNotices
                | Self::AgencyApplications
        )
    }

    /// The scope's name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Openid => "openid",
            Self::OfflineAccess => "offline_access",
            Self::Catalog => "catalog",
            Self::SelfInformation => "self_information",
            Self::ProvisionRecords => "provision_records",
            Self::HealthInsurance => "health_insurance",
            Self::Account => "account",
            Self::PrivateDocuments => "private_documents",
            Self::LinkedServices => "linked_services",
            Self::Submissions => "submissions",
            Self::EmploymentCertificates => "employment_certificates",
            Self::AgencyPayments => "agency_payments",
            Self::CertificateVerification => "certificate_verification",
            Self::Establishments => "establishments",
            Self::Deposits => "deposits",
            Self::AgencyDeposits => "agency_deposits",
            Self::ServiceSearch => "service_search",
            Self::Notices => "notices",
            Self::AgencyNotices => "agency_notices",
            Self::Applications => "applications",
            Self::AgencyApplications => "agency_applications",
        }
    }
}

impl ScopeSet {
    /// The set of `scopes`.
    #[must_use]
    pub fn of(scopes: &[Scope]) -> Self {
        Self(scopes.iter().fold(0, |set, scope| set | *scope as u32))
    }

    /// Reads a space-separated list; order and repetition do not matter.
    ///
    /// # Errors
    /// [`UnknownScope`] with the first one not known.
    pub fn parse(text: &str) -> Result<Self, UnknownScope> {
        text.split(' ').filter(|word| !word.is_empty()).try_fold(Self(0), |set, word| {
            let scope = Scope::ALL.into_iter().find(|s| s.as_str() == word);
            scope.map(|s| Self(set.0 | s as u32)).ok_or_else(|| UnknownScope(word.chars().take(64).collect()))
        })
    }

    /// Whether `scope` is in the set.
    #[must_use]
    pub const fn has(self, scope: Scope) -> bool {
        self.0 & scope as u32 != 0
    }

    /// Whether every scope of this set is in `other`.
    #[must_use]
    pub const fn is_within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// The scopes in either.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The scopes in both.
    #[must_use]
    pub const fn narrowed_to(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The part that a representative can allow about somebody else: who they are is not a representative's to prove, so no
    /// id_token and no userinfo (`openid`) comes of it.
    #[must_use]
    pub fn about_another(self) -> Self {
        self.narrowed_to(Self::of(&[Scope::SelfInformation, Scope::OfflineAccess]))
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = Scope::ALL.into_iter().filter(|s| self.has(*s)).map(Scope::as_str).collect();
        f.write_str(&names.join(" "))
    }
}

impl TryFrom<String> for ScopeSet {
    type Error = UnknownScope;
    fn try_from(text: String) -> Result<Self, UnknownScope> {
        Self::parse(&text)
    }
}

impl From<ScopeSet> for String {
    fn from(set: ScopeSet) -> Self {
        set.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_repetition_do_not_matter() {
        let set = ScopeSet::parse("self_information  openid openid").unwrap();
        assert_eq!(set.to_string(), "openid self_information");
        assert!(ScopeSet::parse("openid").unwrap().is_within(set));
        assert!(!set.is_within(ScopeSet::parse("openid").unwrap()));
        assert!(ScopeSet::parse("openid admin").is_err());
    }
}
