//! A third party's registered software: who stands behind it, what for, and how it proves itself.

use super::corporate_number::CorporateNumber;
use super::ids::ClientId;
use super::profile::{ClientProfile, GrantType};
use super::scope::ScopeSet;
use super::words::Words;
use serde::{Deserialize, Serialize};

/// What kind of third party stands behind a client; policy speaks in these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientClass {
    /// A bank or other lender (金融機関).
    Bank,
    /// A health application of a private business (PHR事業者).
    HealthApp,
    /// A prefecture or municipality (地方公共団体).
    LocalGovernment,
    /// Payroll or accounting software (給与・会計ソフト).
    Payroll,
    /// Anyone else, approved for what their registration says.
    General,
}

impl ClientClass {
    /// The name on the wire and in policies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bank => "bank",
            Self::HealthApp => "health_app",
            Self::LocalGovernment => "local_government",
            Self::Payroll => "payroll",
            Self::General => "general",
        }
    }
}

/// How far a registration has come. Only the operator moves it on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientStatus {
    /// Registered by its maker; nobody has looked at it yet.
    Draft,
    /// Handed in; the operator is looking at it.
    UnderReview,
    /// May act where only made-up persons are.
    Sandbox,
    /// May act.
    #[serde(alias = "active")]
    Production,
    /// Stopped by the operator.
    Suspended,
}

impl ClientStatus {
    /// The name on the wire and in policies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::UnderReview => "under_review",
            Self::Sandbox => "sandbox",
            Self::Production => "production",
            Self::Suspended => "suspended",
        }
    }

    /// Whether it may act at all.
    #[must_use]
    pub const fn may_act(self) -> bool {
        matches!(self, Self::Sandbox | Self::Production)
    }
}

/// What a client uses self-information for, as reviewed at its registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// The code that a request names, snake_case.
    pub code: String,
    /// The purpose in plain words.
    pub words: Words,
    /// What stops working when the citizen refuses.
    pub if_refused: Words,
    /// How many days the third party keeps what it gets.
    pub retention_days: u32,
    /// Whom the third party passes it on to; empty for nobody.
    pub recipients: Vec<Words>,
    /// For how many days it may go on retrieving; 0 for once.
    pub max_access_days: u32,
}

/// How a citizen reaches the third party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// An e-mail address of its desk.
    pub email: String,
    /// A telephone number of its desk.
    pub phone: String,
}

/// A registered client: always confidential (FAPI 2.0 SP §5.3.2.1-3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// `client_id`.
    pub id: ClientId,
    /// Kind of third party.
    pub class: ClientClass,
    /// May it act?
    pub status: ClientStatus,
    /// Legal name.
    pub name: Words,
    /// 法人番号.
    pub corporate_number: CorporateNumber,
    /// Its desk for citizens.
    pub contact: Contact,
    /// Exact redirect URIs; https, or http on a loopback address with any port (RFC 8252 §7.3).
    pub redirect_uris: Vec<String>,
    /// Its public keys as a JWK Set (RFC 7517), already checked at registration.
    pub jwks: serde_json::Value,
    /// What it may ask for at most.
    pub scope: ScopeSet,
    /// What it uses self-information for.
    pub purposes: Vec<Purpose>,
    /// Name of its rate plan under `policies/`.
    pub rate_plan: String,
    /// Whether its DPoP proofs must carry a server nonce (RFC 9449 §8).
    #[serde(default)]
    pub dpop_nonce_required: bool,
    /// The sector for pairwise subjects: the redirect URIs' host (OpenID Connect Core §8.1).
    pub sector: String,
    /// What it chose among the ways that OAuth offers.
    #[serde(default)]
    pub profile: ClientProfile,
}

impl Client {
    /// The registered purpose with this code, if any.
    #[must_use]
    pub fn purpose(&self, code: &str) -> Option<&Purpose> {
        self.purposes.iter().find(|p| p.code == code)
    }

    /// Whether it is registered for this way to tokens.
    #[must_use]
    pub fn may_use(&self, grant_type: GrantType) -> bool {
        let registered: &[GrantType] = &self.profile.grant_types;
        if registered.is_empty() { GrantType::USUAL.contains(&grant_type) } else { registered.contains(&grant_type) }
    }
}
