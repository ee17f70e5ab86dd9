//! Access tokens: JWTs by RFC 9068, bound to a key (RFC 9449 §6) or a certificate (RFC 8705 §3), and naming a grant.

use super::authorization_details;
use super::certificate::X5t;
use super::jose::{
    Compact, Header, Jkt, JoseError, Presence, PublishedKeys, Signer, Times, Window, decode_part, read, sign,
};
use super::token_exchange::{Actor, MayAct};
use crate::domain::acr::Acr;
use crate::domain::bulk::BoundFile;
use crate::domain::consent::{Consent, ConsentedDataSet};
use crate::domain::filing_right::FilingRight;
use crate::domain::grant::Grant;
use crate::domain::ids::{ClientId, GrantId};
use crate::domain::scope::ScopeSet;
use crate::domain::{Fault, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// What an access token itself says of authorization details, where it allows less than its grant. A type that is not known
/// here makes it no token of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum NarrowedDetails {
    /// A part of a consent.
    SelfInformation {
        /// What may be retrieved.
        data_sets: Vec<ConsentedDataSet>,
    },
    /// One file of many records, and nothing else.
    BulkSubmission(BoundFile),
    /// One company's filings under some procedures, and nothing else.
    Submission(FilingRight),
}

impl NarrowedDetails {
    /// The type, as `authorization_details` name it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::SelfInformation { .. } => authorization_details::TYPE,
            Self::BulkSubmission(_) => authorization_details::BULK_TYPE,
            Self::Submission(_) => authorization_details::FILING_TYPE,
        }
    }

    /// Whether `part` allows no more than this.
    #[must_use]
    pub fn holds(&self, part: &Self) -> bool {
        match (self, part) {
            (Self::Submission(whole), Self::Submission(part)) => whole.holds(part),
            (whole, part) => whole == part,
        }
    }
}

/// How long an access token lives.
pub const LIFE: Duration = Duration::from_mins(5);
/// The `typ` (RFC 9068 §2.1).
pub const TYPE: &str = "at+jwt";

const WINDOW: Window = Window {
    // Another node's clock may be a little ahead.
    ahead: Duration::from_secs(10),
    oldest: Duration::from_hours(24),
    grace: Duration::ZERO,
    longest: None,
    iat: Presence::Required,
    exp: Presence::Required,
};

/// What an access token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessToken {
    /// Who issued it.
    #[serde(rename = "iss")]
    pub issuer: String,
    /// The person, pairwise for the client; for client credentials the client itself, or the company (法人番号) that it files for
    /// by a token that is bound to that.
    #[serde(rename = "sub")]
    pub subject: String,
    /// Where it may be used: one audience (RFC 8707).
    #[serde(rename = "aud")]
    pub audience: String,
    /// Its own id.
    #[serde(rename = "jti")]
    pub id: String,
    /// To whom it was issued.
    #[serde(rename = "client_id")]
    pub client: ClientId,
    /// The grant it stands for; the grant decides at every call, this token does not.
    #[serde(rename = "grant_id")]
    pub grant: GrantId,
    /// What it allows.
    pub scope: ScopeSet,
    /// How surely the person was recognised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<Acr>,
    /// When the person was recognised.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "seconds::optional")]
    pub auth_time: Option<Timestamp>,
    /// What each call must show besides it.
    #[serde(rename = "cnf")]
    pub confirmation: Confirmation,
    /// Who acts for the subject, where that is not whom the grant was given to (RFC 8693 §4.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Actor>,
    /// Who alone may act for the subject (RFC 8693 §4.4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub may_act: Option<MayAct>,
    /// The part of the consent that it was narrowed to (RFC 9396 §6 and §9.1), or the one file or company's filings that it is
    /// bound to; all that the grant allows when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_details: Option<Vec<NarrowedDetails>>,
    /// When it was issued.
    #[serde(rename = "iat", with = "seconds")]
    pub issued_at: Timestamp,
    /// When it is over.
    #[serde(rename = "exp", with = "seconds")]
    pub expires_at: Timestamp,
}

/// The `cnf` claim (RFC 7800): what a token is bound to. Exactly one; there is no unbound token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Confirmation {
    /// Thumbprint of the DPoP key (RFC 9449 §6.1).
    #[serde(rename = "jkt")]
    Key(Jkt),
    /// Thumbprint of the client certificate (RFC 8705 §3.1).
    #[serde(rename = "x5t#S256")]
    Certificate(X5t),
}

impl Confirmation {
    /// The scheme by which such a token is presented: `DPoP` (RFC 9449 §5), or `Bearer` beside the certificate
    /// (RFC 8705 §3).
    #[must_use]
    pub const fn token_type(self) -> &'static str {
        match self {
            Self::Key(_) => "DPoP",
            Self::Certificate(_) => "Bearer",
        }
    }
}

/// One object with one member: what is derived would be two objects without names.
impl PartialSchema for Confirmation {
    fn schema() -> RefOr<Schema> {
        let thumbprint = |words: &str| ObjectBuilder::new().schema_type(Type::String).description(Some(words));
        let object = ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some("What the token is bound to (RFC 7800): one of the two."))
            .property("jkt", thumbprint("Thumbprint of the DPoP key (RFC 9449 §6.1)."))
            .property("x5t#S256", thumbprint("Thumbprint of the client certificate (RFC 8705 §3.1)."))
            .min_properties(Some(1))
            .max_properties(Some(1));
        object.into()
    }
}

impl ToSchema for Confirmation {}

/// Whole seconds on the wire.
mod seconds {
    use crate::domain::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
    pub fn serialize<S: Serializer>(time: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(time.seconds())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        i64::deserialize(from).map(Timestamp::from_seconds)
    }

    pub mod optional {
        use crate::domain::Timestamp;
        use serde::{Deserialize, Deserializer, Serializer};

        #[expect(clippy::ref_option, reason = "serde gives a reference")]
        pub fn serialize<S: Serializer>(time: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
            match time {
                Some(time) => super::serialize(time, to),
                None => to.serialize_none(),
            }
        }

        pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
            Ok(Option::<i64>::deserialize(from)?.map(Timestamp::from_seconds))
        }
    }
}

impl AccessToken {
    /// The part of the consent that it was narrowed to, if it was.
    #[must_use]
    pub fn part(&self) -> Option<Vec<ConsentedDataSet>> {
        let details = self.authorization_details.as_ref()?;
        let data_sets = |detail: &NarrowedDetails| match detail {
            NarrowedDetails::SelfInformation { data_sets } => data_sets.clone(),
            NarrowedDetails::BulkSubmission(_) | NarrowedDetails::Submission(_) => Vec::new(),
        };
        Some(details.iter().flat_map(data_sets).collect())
    }

    /// The one file that it is bound to, if it is.
    #[must_use]
    pub fn file(&self) -> Option<&BoundFile> {
        self.authorization_details.iter().flatten().find_map(|detail| match detail {
            NarrowedDetails::BulkSubmission(file) => Some(file),
            NarrowedDetails::SelfInformation { .. } | NarrowedDetails::Submission(_) => None,
        })
    }

    /// The one company's filings that it is bound to, if it is.
    #[must_use]
    pub fn right(&self) -> Option<&FilingRight> {
        self.authorization_details.iter().flatten().find_map(|detail| match detail {
            NarrowedDetails::Submission(right) => Some(right),
            NarrowedDetails::SelfInformation { .. } | NarrowedDetails::BulkSubmission(_) => None,
        })
    }

    /// What it allows of the consent that its grant holds.
    #[must_use]
    pub fn consent(&self, grant: &Grant) -> Option<Consent> {
        let consent = grant.consent.as_ref()?;
        Some(self.part().map_or_else(|| consent.clone(), |part| consent.narrowed_to(&part)))
    }

    /// The token's text.
    ///
    /// # Errors
    /// [`Fault`] when the key cannot sign.
    pub fn sign(&self, signer: &dyn Signer) -> Result<String, Fault> {
        sign(signer, TYPE, self)
    }
}

/// Where and when a token is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Our issuer identifier.
    pub issuer: &'a str,
    /// The resource that is called; any that we issue tokens for when absent.
    pub audience: Option<&'a str>,
    /// The present moment.
    pub now: Timestamp,
}

/// Verifies a token that we issued: signature by a published key, type, issuer, audience, times. Whether its grant is
/// in force and whether the caller holds its key are the caller's questions.
///
/// # Errors
/// [`JoseError`]; a wrong issuer or audience is [`JoseError::Malformed`].
pub fn verify(token: &str, keys: &PublishedKeys, expected: &Expected<'_>) -> Result<AccessToken, JoseError> {
    let parts = Compact::split(token)?;
    let header_bytes = decode_part(parts.header)?;
    let header: Header<'_> = read(&header_bytes)?;
    let alg = header.check(&[TYPE])?;
    let key = header.kid().and_then(|kid| keys.find(kid)).ok_or(JoseError::UnknownKey)?;
    parts.verify(alg, &key)?;
    let claims_bytes = decode_part(parts.claims)?;
    WINDOW.check(read::<Times>(&claims_bytes)?, expected.now)?;
    let claims: AccessToken = read(&claims_bytes)?;
    if claims.issuer == expected.issuer && expected.audience.is_none_or(|audience| claims.audience == audience) {
        Ok(claims)
    } else {
        Err(JoseError::Malformed)
    }
}

/// The values of every `access_token` in a query: none should be there (RFC 9700 §4.3.2).
pub fn in_query(query: &str) -> impl Iterator<Item = String> {
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.filter(|(name, _)| name == "access_token").map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests;
