//! An authorization request after every rule has been applied to it: what is kept from PAR to the token endpoint.

use crate::domain::acr::Acr;
use crate::domain::consent::Ask;
use crate::domain::ids::{ClientId, GrantId, InteractionId};
use crate::domain::profile::ResponseMode;
use crate::domain::scope::ScopeSet;
use crate::domain::words::Lang;
use serde::{Deserialize, Serialize};

/// What becomes of a decision (`grant_management_action`, Grant Management §5.2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum GrantManagement {
    /// A grant of its own: `create`, or nothing said.
    #[default]
    Create,
    /// What is agreed to is added to this grant.
    Merge {
        /// The grant.
        grant: GrantId,
    },
    /// What is agreed to takes the place of all that this grant allowed.
    Replace {
        /// The grant.
        grant: GrantId,
    },
}

impl GrantManagement {
    /// The grant that is changed, if one is.
    #[must_use]
    pub const fn grant(&self) -> Option<&GrantId> {
        match self {
            Self::Create => None,
            Self::Merge { grant } | Self::Replace { grant } => Some(grant),
        }
    }
}

/// A pushed authorization request (RFC 9126), accepted. Kept as JSON under its `request_uri`, then under its code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// Who pushed it.
    pub client_id: ClientId,
    /// Exactly one of the client's registered URIs.
    pub redirect_uri: String,
    /// What it asks for, within the client's own scope.
    pub scope: ScopeSet,
    /// Given back untouched.
    pub state: Option<String>,
    /// Goes into the id_token.
    pub nonce: Option<String>,
    /// PKCE S256 challenge (RFC 7636 §4.2): 43 base64url characters.
    pub code_challenge: String,
    /// Thumbprint of the key that the code is bound to (RFC 9449 §10), if any.
    pub dpop_jkt: Option<String>,
    /// The self-information asked for, if any.
    pub ask: Option<Ask>,
    /// The least assurance asked for (`acr_values`).
    pub acr: Option<Acr>,
    /// Sign-in longer ago than this will not do (`max_age`, OpenID Connect Core §3.1.2.1); `prompt=login` is zero.
    #[serde(default)]
    pub max_age: Option<u32>,
    /// The hint by which the counter handed the citizen over to this client (`login_hint`); any other hint is passed over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hand_over: Option<InteractionId>,
    /// The protected resources that tokens are wanted for (RFC 8707); the counter itself when empty.
    #[serde(default)]
    pub resources: Vec<String>,
    /// What becomes of the decision: a new grant, or a change of one that is there.
    #[serde(default)]
    pub grant_management: GrantManagement,
    /// The language asked for (`ui_locales`).
    pub lang: Option<Lang>,
    /// How the answer comes back.
    #[serde(default)]
    pub response_mode: ResponseMode,
}
