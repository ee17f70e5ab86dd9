//! A third party's registered software: who stands behind it, what for, and how it proves itself.

use super::corporate_number::CorporateNumber;
use super::environment::Environment;
use super::ids::ClientId;
use super::profile::{ClientProfile, GrantType};
use super::scope::ScopeSet;
use super::words::Words;
use serde::{Deserialize, Serialize};

/// What kind of third party stands behind a client; policy speaks in these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientClass {
    /// A bank or other lender (金融機関).
    Bank,
    /// An insurance company (保険会社).
    Insurer,
    /// A health application of a private business (PHR事業者).
    HealthApp,
    /// A prefecture or municipality (地方公共団体).
    LocalGovernment,
    /// An agency of the state (国の行政機関).
    Agency,
    /// Payroll or accounting software (給与・会計ソフト).
    Payroll,
    /// A licensed professional's office (士業: 税理士, 社会保険労務士 and the like).
    Professional,
    /// A program that talks with a person in writing (対話型の窓口).
    ChatFront,
    /// A shared terminal in a shop or a hall (キオスク端末).
    Kiosk,
    /// Anyone else, approved for what their registration says.
    General,
}

impl ClientClass {
    /// Every one, in the order in which they are told.
    pub const ALL: [Self; 10] = [
        Self::Bank,
        Self::Insurer,
        Self::HealthApp,
        Self::LocalGovernment,
        Self::Agency,
        Self::Payroll,
        Self::Professional,
        Self::ChatFront,
        Self::Kiosk,
        Self::General,
    ];

    /// The name on the wire and in policies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bank => "bank",
            Self::Insurer => "insurer",
            Self::HealthApp => "health_app",
            Self::LocalGovernment => "local_government",
            Self::Agency => "agency",
            Self::Payroll => "payroll",
            Self::Professional => "professional",
            Self::ChatFront => "chat_front",
            Self::Kiosk => "kiosk",
            Self::General => "general",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == text)
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

    /// Every one, in the order that a registration goes through them.
    pub const ALL: [Self; 5] = [Self::Draft, Self::UnderReview, Self::Sandbox, Self::Production, Self::Suspended];

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// What comes after it when the operator approves; a suspended one is taken up again only where that is said.
    #[must_use]
    pub const fn next(self) -> Option<Self> {
        match self {
            Self::Draft => Some(Self::UnderReview),
            Self::UnderReview => Some(Self::Sandbox),
            Self::Sandbox => Some(Self::Production),
            Self::Production | Self::Suspended => None,
        }
    }

    /// Whether the operator may move it there: forward one step at a time, back to a review, or to a stop; a
    /// suspended one anywhere that a review can lead.
    #[must_use]
    pub fn may_become(self, other: Self) -> bool {
        match other {
            Self::Draft => false,
            Self::Suspended => self != Self::Suspended,
            Self::UnderReview => self != Self::UnderReview,
            Self::Sandbox => matches!(self, Self::UnderReview | Self::Production | Self::Suspended),
            Self::Production => matches!(self, Self::Sandbox | Self::Suspended),
        }
    }

    /// Whether it may act in an installation of this kind: one that is still being tried only among made-up persons.
    #[must_use]
    pub fn may_act_in(self, environment: Environment) -> bool {
        match self {
            Self::Production => true,
            Self::Sandbox => environment == Environment::Sandbox,
            Self::Draft | Self::UnderReview | Self::Suspended => false,
        }
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

    /// Who it is as far as knowledge goes, for counting: clients of one corporation (法人番号) are one party, because what
    /// two of them are told, it knows.
    #[must_use]
    pub fn party(&self) -> String {
        if self.corporate_number == CorporateNumber::none() {
            format!("client {}", self.id)
        } else {
            format!("corporation {}", self.corporate_number)
        }
    }

    /// Whether it may use this way to tokens: it is registered for it, and is no shared terminal that would keep something by it.
    #[must_use]
    pub fn may_use(&self, grant_type: GrantType) -> bool {
        // In a terminal's browser the next person would find a sign-in; a refresh token would be there for them.
        let is_gone_after = matches!(grant_type, GrantType::DeviceCode | GrantType::ClientCredentials);
        if self.class == ClientClass::Kiosk && !is_gone_after {
            return false;
        }
        let registered: &[GrantType] = &self.profile.grant_types;
        if registered.is_empty() { GrantType::USUAL.contains(&grant_type) } else { registered.contains(&grant_type) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_third_party_is_read_back_by_its_name() {
        for class in ClientClass::ALL {
            assert_eq!(ClientClass::parse(class.as_str()), Some(class));
            assert_eq!(serde_json::to_value(class).unwrap(), class.as_str());
        }
        assert_eq!(ClientClass::parse("Bank"), None);
    }

    #[test]
    fn a_registration_reaches_production_only_step_by_step() {
        use ClientStatus::{Draft, Production, Sandbox, Suspended, UnderReview};
        let allowed = [
            (Draft, UnderReview),
            (Draft, Suspended),
            (UnderReview, Sandbox),
            (UnderReview, Suspended),
            (Sandbox, UnderReview),
            (Sandbox, Production),
            (Sandbox, Suspended),
            (Production, UnderReview),
            (Production, Sandbox),
            (Production, Suspended),
            (Suspended, UnderReview),
            (Suspended, Sandbox),
            (Suspended, Production),
        ];
        for from in ClientStatus::ALL {
            assert_eq!(ClientStatus::parse(from.as_str()), Some(from));
            assert!(from.next().is_none_or(|next| from.may_become(next)), "{from:?}");
            for to in ClientStatus::ALL {
                assert_eq!(from.may_become(to), allowed.contains(&(from, to)), "{from:?} to {to:?}");
            }
        }
    }

    #[test]
    fn only_what_was_approved_acts_and_a_tried_one_among_made_up_persons_only() {
        for (status, production, sandbox) in [
            (ClientStatus::Draft, false, false),
            (ClientStatus::UnderReview, false, false),
            (ClientStatus::Sandbox, false, true),
            (ClientStatus::Production, true, true),
            (ClientStatus::Suspended, false, false),
        ] {
            assert_eq!(status.may_act_in(Environment::Production), production, "{status:?}");
            assert_eq!(status.may_act_in(Environment::Sandbox), sandbox, "{status:?}");
        }
    }
}
