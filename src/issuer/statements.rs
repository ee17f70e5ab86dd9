//! Statements: what the counter signs so that others keep it and show it later.
//!
//! They are signed by keys of their own, whose public halves stay published: an access token can't be made by such a key,
//! and no other key can make a statement. A statement does not expire.

use super::Issuer;
use crate::domain::Fault;
use crate::domain::ids::{ClientId, GrantId};
use crate::protocol::jose::sign_parts;
use serde::Serialize;
use std::sync::Arc;

/// The `typ` of a signed answer (RFC 8725 §3.11).
pub const TYPE_OF_ANSWERS: &str = "madoguchi-answer+jwt";

/// An answer of the API that its caller wants signed.
#[derive(Clone, Copy, Debug)]
pub struct SignedAnswer<'a> {
    /// Whom it is given to.
    pub client: &'a ClientId,
    /// Under which grant.
    pub grant: &'a GrantId,
    /// What was called: an `operationId`.
    pub operation: &'a str,
    /// The receipt of what was disclosed in it, if it discloses something.
    pub receipt: Option<&'a str>,
    /// The body as it would have been given unsigned: one JSON value.
    pub body: &'a [u8],
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    iat: i64,
    grant_id: &'a str,
    operation: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt_id: Option<&'a str>,
}

impl Issuer {
    /// The answer as a compact JWS. Its member `answer` is the body, byte for byte.
    ///
    /// # Errors
    /// [`Fault`] when the key cannot sign.
    pub fn sign_answer(&self, given: &SignedAnswer<'_>) -> Result<String, Fault> {
        let claims = Claims {
            iss: &self.public_url,
            aud: given.client.as_str(),
            iat: self.now().seconds(),
            grant_id: given.grant.as_str(),
            operation: given.operation,
            receipt_id: given.receipt,
        };
        let claims = serde_json::to_vec(&claims).map_err(|error| Fault::Internal(format!("claims: {error}")))?;
        // The last brace makes room for one member more, which is too long to be written twice.
        let head = claims.strip_suffix(b"}").unwrap_or_default();
        let parts: [&[u8]; 4] = [head, b",\"answer\":", given.body, b"}"];
        sign_parts(&*self.keys.statement_signer(), TYPE_OF_ANSWERS, &parts)
    }

    /// The keys that statements are verified with, former ones too, as a JWK Set (RFC 7517 §5).
    #[must_use]
    pub fn statement_keys(&self) -> Arc<str> {
        self.keys.statement_keys()
    }
}
