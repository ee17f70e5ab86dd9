//! What the token endpoint and introspection answer (RFC 6749 §5.1, RFC 7662 §2.2).

use super::access_token::{AccessToken, Confirmation};
use super::authorization_details::GivenDetails;
use super::token_exchange::Actor;
use crate::domain::acr::Acr;
use crate::domain::ids::{ClientId, GrantId};
use crate::domain::scope::ScopeSet;
use serde::Serialize;
use utoipa::ToSchema;

/// A successful token response. Every access token is bound (FAPI 2.0 SP §5.3.2.1-4): to a DPoP key, or to a client
/// certificate.
#[derive(Clone, Serialize, ToSchema)]
pub struct TokenResponse {
    /// What kind of token an exchange gave (RFC 8693 §2.2.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub issued_token_type: Option<&'static str>,
    /// The access token.
    pub access_token: String,
    /// `DPoP` when it is bound to a key (RFC 9449 §5), `Bearer` when to a certificate (RFC 8705 §3).
    pub token_type: &'static str,
    /// Seconds until it is over.
    pub expires_in: i64,
    /// What it allows.
    #[schema(value_type = String, example = "openid self_information")]
    pub scope: ScopeSet,
    /// The grant it stands for (FAPI grant management §5).
    #[schema(value_type = String, example = "g_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub grant_id: GrantId,
    /// The refresh token; the same one stays valid for as long as the grant (no rotation, FAPI 2.0 SP §5.3.2.1-9).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub refresh_token: Option<String>,
    /// Seconds that the refresh token may be left unused; each use begins them anew (OAuth 2.0 Refresh Token and
    /// Authorization Expiration §6.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub refresh_token_timeout: Option<i64>,
    /// Seconds until the citizen's authorization is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub authorization_expires_in: Option<i64>,
    /// Who signed in, when `openid` was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub id_token: Option<String>,
    /// What the citizen agreed to, or the file that the token is bound to (RFC 9396 §7).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub authorization_details: Option<Vec<GivenDetails>>,
}

/// It holds tokens, so it never prints them.
impl std::fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenResponse").field("grant_id", &self.grant_id).finish_non_exhaustive()
    }
}

/// What introspection tells of a token: nothing at all unless it is active (RFC 7662 §2.2).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Introspection {
    /// The token is over, unknown, or not the caller's.
    Inactive {
        /// `false`.
        active: bool,
    },
    /// The token is in force.
    Active(Box<ActiveToken>),
}

impl Introspection {
    /// The answer for everything that is not the caller's active token.
    pub const INACTIVE: Self = Self::Inactive { active: false };
}

/// The claims of a signed answer (RFC 9701 §5). There is no `sub` and no `exp` beside the token's own, so that the
/// answer can be taken for no token.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SignedIntrospection<'a> {
    /// Our issuer identifier.
    pub iss: &'a str,
    /// Who asked.
    pub aud: &'a str,
    /// Seconds since 1970: when it was told.
    pub iat: i64,
    /// What RFC 7662 answers.
    pub token_introspection: &'a Introspection,
}

impl SignedIntrospection<'_> {
    /// Its `typ`.
    pub const TYPE: &'static str = "token-introspection+jwt";
    /// Its media type.
    pub const MEDIA_TYPE: &'static str = "application/token-introspection+jwt";
}

/// An active token.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ActiveToken {
    /// `true`.
    pub active: bool,
    /// What it allows.
    #[schema(value_type = String, example = "openid self_information")]
    pub scope: ScopeSet,
    /// Whose it is.
    #[schema(value_type = String, example = "loan-bank")]
    pub client_id: ClientId,
    /// The grant it stands for.
    #[schema(value_type = String, example = "g_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub grant_id: GrantId,
    /// Our issuer identifier.
    pub iss: String,
    /// The person, pairwise; the client itself for client credentials.
    pub sub: String,
    /// Seconds since 1970: when it is over.
    pub exp: i64,
    /// Seconds since 1970: when it was issued.
    pub iat: i64,
    /// `DPoP` or `Bearer`, for an access token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub token_type: Option<&'static str>,
    /// Where it may be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub aud: Option<String>,
    /// Its own id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub jti: Option<String>,
    /// How surely the person was recognised (RFC 9470 §6.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    #[schema(value_type = Option<String>, example = "aal3")]
    pub acr: Option<Acr>,
    /// Seconds since 1970: when the person signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub auth_time: Option<i64>,
    /// The key or certificate it is bound to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub cnf: Option<Confirmation>,
    /// Who acts for the subject, after an exchange (RFC 8693 §4.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub act: Option<Actor>,
    /// Seconds that a refresh token may still be left unused; being looked at here is no use.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub refresh_token_timeout: Option<i64>,
    /// Seconds until the citizen's authorization is over, for a refresh token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub authorization_expires_in: Option<i64>,
    /// What the citizen agreed to, or the file that the token is bound to (RFC 9396 §9).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub authorization_details: Option<Vec<GivenDetails>>,
}

impl ActiveToken {
    /// What an access token itself says.
    #[must_use]
    pub fn of(token: AccessToken, authorization_details: Option<Vec<GivenDetails>>) -> Self {
        Self {
            active: true,
            scope: token.scope,
            client_id: token.client,
            grant_id: token.grant,
            iss: token.issuer,
            sub: token.subject,
            exp: token.expires_at.seconds(),
            iat: token.issued_at.seconds(),
            token_type: Some(token.confirmation.token_type()),
            aud: Some(token.audience),
            jti: Some(token.id),
            acr: token.acr,
            auth_time: token.auth_time.map(crate::domain::Timestamp::seconds),
            cnf: Some(token.confirmation),
            act: token.act,
            refresh_token_timeout: None,
            authorization_expires_in: None,
            authorization_details,
        }
    }
}
