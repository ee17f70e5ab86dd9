//! An authorization request after every rule has been applied to it: what is kept from PAR to the token endpoint.

use crate::domain::acr::Acr;
use crate::domain::consent::Ask;
use crate::domain::ids::ClientId;
use crate::domain::profile::ResponseMode;
use crate::domain::scope::ScopeSet;
use crate::domain::words::Lang;
use serde::{Deserialize, Serialize};

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
    /// The language asked for (`ui_locales`).
    pub lang: Option<Lang>,
    /// How the answer comes back.
    #[serde(default)]
    pub response_mode: ResponseMode,
}
