//! The signed receipt (受領証): who handed in which bytes when, by our key, before anything is done with them.
//!
//! A JWS (RFC 7515) that anybody can check with our published key set. Its `jti` is the receipt by which the log of evidence
//! knows the same filing, so that it can be proven, too, that we did not make it later.

use crate::domain::ids::{ClientId, DelegationId};
use crate::domain::submission::Submission;
use crate::domain::{Digest, Fault, Timestamp};
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

/// What a receipt is about.
pub(super) struct Filed<'a> {
    pub client: &'a ClientId,
    /// By what the receipt is known.
    pub receipt: &'a str,
    /// The filing's id.
    pub id: &'a str,
    pub at: Timestamp,
    /// SHA-256 of the bytes that were handed in.
    pub digest: Digest,
    /// Who filed for whom, where it is for another company than the filer's own: its number, and its delegation.
    pub on_behalf_of: Option<(&'a str, &'a str)>,
}

impl<'a> Filed<'a> {
    pub fn of(submission: &'a Submission) -> Self {
        let applicant = submission.applicant.as_str();
        Self {
            client: &submission.client,
            receipt: submission.receipt.as_str(),
            id: submission.id.as_str(),
            at: submission.accepted_at,
            digest: submission.digest,
            on_behalf_of: submission
                .delegation
                .as_ref()
                .map(|delegation| (applicant, DelegationId::as_str(delegation))),
        }
    }
}

/// The receipt of a filing.
///
/// # Errors
/// [`Fault`] when the key cannot sign.
pub(super) fn signed(issuer: &str, of: &Filed<'_>, signer: &dyn Signer) -> Result<String, Fault> {
    let claims = Claims {
        iss: issuer,
        aud: of.client.as_str(),
        jti: of.receipt,
        iat: of.at.seconds(),
        submission: of.id,
        accepted_at: of.at.rfc3339(),
        applicant: of.on_behalf_of.map(|(applicant, _)| applicant),
        delegation: of.on_behalf_of.map(|(_, delegation)| delegation),
        content_digest: ContentDigest { sha256: of.digest.base64url() },
    };
    sign(signer, TYPE, &claims)
}
