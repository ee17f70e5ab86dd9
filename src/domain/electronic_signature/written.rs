//! What exactly is signed (RFC 7515 §5.1).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// The protected header: the same for every one, so that a card's signature over anything else is none of these.
pub const SIGNED_HEADER: &str = r#"{"alg":"RS256","cty":"json","typ":"madoguchi-application+jws"}"#;

/// The bytes that are signed: the header and the document, each in base64url, with a dot between them.
#[must_use]
pub fn signing_input(document: &str) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(SIGNED_HEADER), URL_SAFE_NO_PAD.encode(document))
}
