//! Certificates of employment as companies sign them, and our receipts of them.
//!
//! A compact JWS (RFC 7515) with `typ` `employment-certificate+jws`, signed by a key that the client registered, whose public
//! half is in the header (`jwk`, §4.1.3): it can be verified by itself for ever. That the key was the company's when it
//! signed is what our receipt says.

use super::jose::{Algorithm, Compact, Header, Jkt, JoseError, KeySet, RawJwk, Signer, decode_part, read, sign};
use crate::domain::employment_certificate::EmploymentCertificate;
use crate::domain::ids::DelegationId;
use crate::domain::{Digest, Fault, Refusal};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// `typ` of a certificate.
pub const TYPE: &str = "employment-certificate+jws";
/// `typ` of our receipt.
const RECEIPT_TYPE: &str = "employment-certificate-receipt+jwt";
/// Most characters: a form with every item filled stays far under it.
const MOST: usize = 65_536;

#[derive(Deserialize)]
struct KeyHeader<'a> {
    #[serde(borrow)]
    jwk: RawJwk<'a>,
}

/// A certificate whose signature is right.
#[derive(Debug)]
pub struct VerifiedCertificate {
    /// What is signed: JSON.
    pub payload: Vec<u8>,
    /// By which key.
    pub signed_by: Jkt,
}

/// The name of the key that a certificate says it is signed by, if it can be read.
#[must_use]
pub fn kid(text: &str) -> Option<String> {
    let token = Compact::split_within(text, MOST).ok()?;
    let bytes = decode_part(token.header).ok()?;
    read::<Header<'_>>(&bytes).ok()?.kid().map(str::to_owned)
}

/// Verifies a certificate by the key in its header, which must be among those that the client registered.
///
/// # Errors
/// `invalid_value` at `/signed_certificate`, saying what is wrong.
pub fn verify(text: &str, registered: &KeySet) -> Result<VerifiedCertificate, Refusal> {
    verify_by(text, |key, alg| registered.candidates(None, alg).any(|known| known.thumbprint() == key))
}

/// Whether a certificate that was issued is as the company signed it: by the key with this thumbprint, which was the company's
/// then.
#[must_use]
pub fn is_as_signed(text: &str, signed_by: &str) -> bool {
    verify_by(text, |key, _| key.to_string() == signed_by).is_ok()
}

fn verify_by(text: &str, is_known: impl Fn(Jkt, Algorithm) -> bool) -> Result<VerifiedCertificate, Refusal> {
    let unreadable = |error: JoseError| refused(format!("The signed certificate {error}."));
    let token = Compact::split_within(text, MOST).map_err(unreadable)?;
    let bytes = decode_part(token.header).map_err(unreadable)?;
    let alg = read::<Header<'_>>(&bytes).and_then(|header| header.check(&[TYPE])).map_err(unreadable)?;
    let missing = |_| refused("Its header needs the public key that it is signed by, as jwk (RFC 7515 §4.1.3).".into());
    let header: KeyHeader<'_> = read(&bytes).map_err(missing)?;
    let key = header.jwk.parse().map_err(|error| refused(format!("The jwk in its header {error}.")))?;
    if !is_known(key.thumbprint(), alg) {
        return Err(refused("The jwk in its header is none of the keys that this client registered.".into()));
    }
    token.verify(alg, &key).map_err(unreadable)?;
    let payload = decode_part(token.claims).map_err(unreadable)?;
    Ok(VerifiedCertificate { payload, signed_by: key.thumbprint() })
}

/// What a certificate says that was verified when it was issued.
///
/// # Errors
/// [`Fault`] when it is none.
pub fn content(text: &str) -> Result<Value, Fault> {
    let broken = |_| Fault::Internal("a stored certificate cannot be read".into());
    let token = Compact::split_within(text, MOST).map_err(broken)?;
    decode_part(token.claims).and_then(|bytes| read(&bytes)).map_err(broken)
}

fn refused(public: String) -> Refusal {
    Refusal::new("invalid_value", public).at("/signed_certificate")
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    jti: &'a str,
    iat: i64,
    certificate: &'a str,
    employer: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    delegation: Option<&'a str>,
    municipality: &'a str,
    form: &'a str,
    signed_by: &'a str,
    content_digest: ContentDigest,
}

/// RFC 9530's name for the algorithm.
#[derive(Serialize)]
struct ContentDigest {
    #[serde(rename = "sha-256")]
    sha256: String,
}

/// Our receipt: that this company issued this text at this moment, by a key that was its own. `signed_by` is the key's
/// thumbprint (RFC 7638), `content_digest` of the certificate's text as it is.
///
/// # Errors
/// [`Fault`] when our key cannot sign.
pub fn receipt(issuer: &str, one: &EmploymentCertificate, signer: &dyn Signer) -> Result<String, Fault> {
    let claims = Claims {
        iss: issuer,
        aud: one.client.as_str(),
        jti: one.receipt.as_str(),
        iat: one.issued_at.seconds(),
        certificate: one.id.as_str(),
        employer: one.employer.as_str(),
        delegation: one.delegation.as_ref().map(DelegationId::as_str),
        municipality: &one.municipality,
        form: &one.form,
        signed_by: &one.signed_by,
        content_digest: ContentDigest { sha256: Digest::of(&one.signed).base64url() },
    };
    sign(signer, RECEIPT_TYPE, &claims)
}
