//! What a citizen's account at the counter is linked with (属性連携, もっとつながる): private delivery providers (民間送達), and sites
//! that the counter hands a citizen over to.
//!
//! none → linked → none. A link is there or it is not: with it goes what opens the account at the other side.

use super::ids::{LinkId, SubjectId};
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// What a linked service is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkedServiceKind {
    /// Private delivery (民間送達): it keeps a citizen's certificates and statements, and gives them to the counter.
    PrivateDelivery,
    /// Sign-on (認証連携): a site that a citizen enters with the counter's sign-in.
    SignOn,
}

impl LinkedServiceKind {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PrivateDelivery => "private_delivery",
            Self::SignOn => "sign_on",
        }
    }
}

/// What the operator calls a linked service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ServiceCode(String);

/// A text that names no service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 32 characters of a-z 0-9 and -")]
pub struct InvalidServiceCode;

impl ServiceCode {
    /// Reads one.
    ///
    /// # Errors
    /// [`InvalidServiceCode`].
    pub fn parse(text: &str) -> Result<Self, InvalidServiceCode> {
        let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let is_code = (1..=32).contains(&text.len()) && text.bytes().all(is_letter);
        if is_code { Ok(Self(text.to_owned())) } else { Err(InvalidServiceCode) }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ServiceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for ServiceCode {
    type Error = InvalidServiceCode;
    fn try_from(text: String) -> Result<Self, InvalidServiceCode> {
        Self::parse(&text)
    }
}

impl From<ServiceCode> for String {
    fn from(code: ServiceCode) -> Self {
        code.0
    }
}

/// What opens a citizen's account at the other side: a refresh token. It is kept sealed, and shown to nobody.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkCredential(String);

impl LinkCredential {
    /// Of a refresh token.
    #[must_use]
    pub const fn new(token: String) -> Self {
        Self(token)
    }

    /// The token, for the provider that gave it and for nobody else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for LinkCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[link credential]")
    }
}

/// A citizen's account at a service, linked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Its id.
    pub id: LinkId,
    /// Whose.
    pub subject: SubjectId,
    /// With which service.
    pub service: ServiceCode,
    /// The citizen as that service tells us of them, and nobody else: a pairwise subject.
    pub account: String,
    /// What opens the account.
    pub credential: LinkCredential,
    /// Since when.
    pub linked_at: Timestamp,
}

/// A link as it is kept: with how often its credential has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldLink {
    /// The link.
    pub link: Link,
    /// How often its credential has changed.
    pub version: u32,
}

/// What is done with a citizen's account and its links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkageAct {
    /// The account was registered (利用者登録).
    Registered,
    /// A service was linked.
    Linked,
    /// A link was ended.
    Unlinked,
    /// The citizen was handed over to a site.
    HandedOver,
    /// The citizen's card was registered as their health insurance card (健康保険証利用).
    InsuranceRegistered,
    /// Another card took its place.
    InsuranceRenewed,
    /// That was ended.
    InsuranceEnded,
}

impl LinkageAct {
    /// Its word in the log of evidence.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Linked => "linked",
            Self::Unlinked => "unlinked",
            Self::HandedOver => "handed_over",
            Self::InsuranceRegistered => "health_insurance_registered",
            Self::InsuranceRenewed => "health_insurance_renewed",
            Self::InsuranceEnded => "health_insurance_ended",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_small_letters_and_a_credential_does_not_print_itself() {
        assert!(ServiceCode::parse("mihon-post").is_ok());
        for bad in ["", "Mihon", "a.b", "a/b", "郵便", &"x".repeat(33)] {
            assert_eq!(ServiceCode::parse(bad), Err(InvalidServiceCode), "{bad}");
        }
        assert_eq!(format!("{:?}", LinkCredential::new("rt-1".to_owned())), "[link credential]");
    }
}
