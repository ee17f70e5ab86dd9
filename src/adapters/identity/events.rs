//! What the provider tells of its own accord: security event tokens (RFC 8417), pushed to us (RFC 8935).
//!
//! Two events of RISC count: the account was disabled (here: the card's certificates are suspended) or enabled again.
//! Whoever can make us believe one can hold up what a person decided, so a token counts only if it is signed by the
//! provider's own key, names the provider and us, and comes once.

use super::IdentityError;
use super::discovery::{FRESH_FOR, LEAST_BETWEEN_LOOKS};
use super::relying_party::{LEEWAY, RelyingParty};
use crate::domain::Timestamp;
use crate::domain::subject::UpstreamAccount;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use openidconnect::JsonWebKey as _;
use openidconnect::core::{CoreJsonWebKey, CoreJwsSigningAlgorithm};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::time::Duration;

/// How old an event may be: a provider that could not reach us tries again for days.
const OLDEST: Duration = Duration::from_hours(24 * 7);
/// The longest token that is read.
const LONGEST: usize = 8192;
const DISABLED: &str = "https://schemas.openid.net/secevent/risc/event-type/account-disabled";

/// What became of a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardEvent {
    /// Whose.
    pub account: UpstreamAccount,
    /// It was suspended; else something else happened, which needs nothing of us.
    pub is_suspended: bool,
    /// The event's id, unique with the provider.
    pub id: String,
    /// Until when the same event could come again.
    pub kept_until: Timestamp,
}

/// Why an event is not taken (RFC 8935 §2.4).
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// It is no event token, or it lacks what it needs.
    #[error("{0}")]
    Request(&'static str),
    /// Its key is not one of the provider's, or its signature does not verify.
    #[error("the signature does not verify with a key of the provider")]
    Key,
    /// Another issuer.
    #[error("it is another issuer's")]
    Issuer,
    /// Another audience.
    #[error("it is for another client")]
    Audience,
    /// The provider's keys cannot be had now.
    #[error("the provider's keys cannot be had: {0}")]
    Away(IdentityError),
}

impl EventError {
    /// Its code (RFC 8935 §2.4); none where the fault is not the token's.
    #[must_use]
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Request(_) => Some("invalid_request"),
            Self::Key => Some("invalid_key"),
            Self::Issuer => Some("invalid_issuer"),
            Self::Audience => Some("invalid_audience"),
            Self::Away(_) => None,
        }
    }
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: String,
    kid: Option<String>,
    crit: Option<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
struct Subject {
    format: String,
    iss: String,
    sub: String,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    iat: i64,
    jti: String,
    sub_id: Subject,
    events: BTreeMap<String, serde_json::Value>,
}

fn part<T: DeserializeOwned>(text: &str) -> Result<T, EventError> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| EventError::Request("a part is not base64url"))?;
    serde_json::from_slice(&bytes).map_err(|_| EventError::Request("a part is not of the form of RFC 8417"))
}

impl RelyingParty {
    /// Verifies a token and says what it tells.
    pub(super) async fn read_event(&self, token: &str) -> Result<CardEvent, EventError> {
        if token.len() > LONGEST {
            return Err(EventError::Request("it is too long"));
        }
        let parts: Vec<&str> = token.split('.').collect();
        let [header, claims, signature] = parts.as_slice() else {
            return Err(EventError::Request("it is not three parts"));
        };
        let head: Header = part(header)?;
        // RFC 8417 §2.3: the type keeps an id_token from being taken for an event.
        let is_event = head.typ.eq_ignore_ascii_case("secevent+jwt") && head.crit.is_none();
        if !is_event || head.alg != "ES256" {
            return Err(EventError::Request("its header is not that of an event signed with ES256"));
        }
        let bytes = URL_SAFE_NO_PAD.decode(signature).map_err(|_| EventError::Key)?;
        self.verify_event((head.kid.as_deref(), format!("{header}.{claims}").as_bytes()), &bytes).await?;
        self.judge_event(part(claims)?)
    }

    async fn verify_event(&self, (kid, message): (Option<&str>, &[u8]), signature: &[u8]) -> Result<(), EventError> {
        let is_by = |key: &CoreJsonWebKey| {
            kid.is_none_or(|kid| key.key_id().is_some_and(|id| id.as_str() == kid))
                && key.verify_signature(&CoreJwsSigningAlgorithm::EcdsaP256Sha256, message, signature).is_ok()
        };
        // The second look finds a key that the provider took up since the first.
        for younger_than in [FRESH_FOR, LEAST_BETWEEN_LOOKS] {
            let known = self.provider(younger_than).await.map_err(EventError::Away)?;
            if known.metadata.jwks().keys().iter().any(is_by) {
                return Ok(());
            }
        }
        Err(EventError::Key)
    }

    fn judge_event(&self, claims: Claims) -> Result<CardEvent, EventError> {
        let (issuer, us, now) = (&self.settings.issuer, &self.settings.client_id, self.clock.now());
        if claims.iss != *issuer {
            return Err(EventError::Issuer);
        }
        let is_for_us = match &claims.aud {
            Audience::One(one) => one == us,
            Audience::Many(many) => many.contains(us),
        };
        if !is_for_us {
            return Err(EventError::Audience);
        }
        let at = Timestamp::from_seconds(claims.iat);
        if at > now.plus(LEEWAY) || now.since(at) > OLDEST {
            return Err(EventError::Request("iat is too far from now"));
        }
        let is_id = |text: &str| (1..=255).contains(&text.len()) && text.is_ascii();
        let subject = claims.sub_id;
        if !is_id(&claims.jti) || !is_id(&subject.sub) || subject.format != "iss_sub" || subject.iss != *issuer {
            return Err(EventError::Request("jti or sub_id is not as it must be (RFC 9493 §3.2.1)"));
        }
        Ok(CardEvent {
            account: UpstreamAccount { issuer: issuer.clone(), subject: subject.sub },
            is_suspended: claims.events.contains_key(DISABLED),
            id: claims.jti,
            kept_until: at.plus(OLDEST).plus(LEEWAY),
        })
    }
}
