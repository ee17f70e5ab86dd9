//! The id_token (OpenID Connect Core §2): who signed in, as a pairwise value, and nothing personal.

use super::jose::{Signer, sign};
use crate::domain::Fault;
use crate::domain::acr::Acr;
use serde::Serialize;

/// The claims of an id_token. There is no field for a name, an address or a number, so none can be put in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IdToken<'a> {
    /// Our issuer identifier.
    pub iss: &'a str,
    /// The person, pairwise for the client's sector.
    pub sub: &'a str,
    /// The client.
    pub aud: &'a str,
    /// Seconds since 1970: when it is over.
    pub exp: i64,
    /// Seconds since 1970: when it was issued.
    pub iat: i64,
    /// Seconds since 1970: when the person signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// How surely the person was recognised.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<Acr>,
    /// What the client will be told the end of, where it is told of ends (Back-Channel Logout §2.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<&'a str>,
    /// The request's nonce, given back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<&'a str>,
}

impl IdToken<'_> {
    /// The token's text.
    ///
    /// # Errors
    /// [`Fault`] when the key cannot sign.
    pub fn sign(&self, signer: &dyn Signer) -> Result<String, Fault> {
        sign(signer, "JWT", self)
    }
}
