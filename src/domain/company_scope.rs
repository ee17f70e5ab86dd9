//! What a provider of companies (of the gBizID shape) gives on application, besides who an account is.

/// A scope that the provider gives on application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CompanyScope {
    /// Which companies gave the account's company a mandate.
    Mandate,
    /// The account's role in its company.
    Role,
    /// What those mandates cover.
    DelegationInfo,
    /// Who was checked, and how surely.
    VerifiedClaims,
}

impl CompanyScope {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Mandate, Self::Role, Self::DelegationInfo, Self::VerifiedClaims];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mandate => "mandate",
            Self::Role => "role",
            Self::DelegationInfo => "delegation_info",
            Self::VerifiedClaims => "jp_gbizid_v1_ida",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}
