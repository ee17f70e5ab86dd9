//! The signed receipt (受領証): who handed in which bytes when, by our key, before anything is done with them.
//!
//! A JWS (RFC 7515) that anybody can check with our published key set. Its `jti` is the receipt by which the log of evidence
//! knows the same filing, so that it can be proven, too, that we did not make it later.

use crate::domain::ids::DelegationId;
use crate::domain::submission::Submission;
use crate::domain::{Fault, Timestamp};
use crate::protocol::jose::{Signer, sign};
use serde::Serialize;

/// `typ`: so that it cannot be taken for any other token.
const TYPE: &str = "submission-receipt+jwt";

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    jti: &'a str,
    iat: i64,
    submission: &'a str,
    accepted_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    applicant: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delegation: Option<&'a str>,
    content_digest: ContentDigest,
}

/// RFC 9530's name for the algorithm.
#[derive(Serialize)]
struct ContentDigest {
    #[serde(rename = "sha-256")]
    sha256: String,
}

/// The receipt of a filing.
///
/// # Errors
/// [`Fault`] when the key cannot sign.
pub(super) fn signed(issuer: &str, of: &Submission, signer: &dyn Signer) -> Result<String, Fault> {
    let at: Timestamp = of.accepted_at;
    let claims = Claims {
        iss: issuer,
        aud: of.client.as_str(),
        jti: of.receipt.as_str(),
        iat: at.seconds(),
        submission: of.id.as_str(),
        accepted_at: at.rfc3339(),
        // Who filed for whom, where it is for another company than the filer's own.
        applicant: of.delegation.as_ref().map(|_| of.applicant.as_str()),
        delegation: of.delegation.as_ref().map(DelegationId::as_str),
        content_digest: ContentDigest { sha256: of.digest.base64url() },
    };
    sign(signer, TYPE, &claims)
}
