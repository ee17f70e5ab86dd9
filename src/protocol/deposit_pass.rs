//! What a company's cloud is shown when it is asked for what was deposited: a short-lived token by our key, so that it gives
//! the data to this counter alone, and knows for whom and what for.
//!
//! A JWS (RFC 7515) of the type `deposit-reference+jwt`, as a bearer token (RFC 6750); the keys are the issuer's published
//! ones (`jwks_uri`). It names the cloud (`aud`), the very address (`htu`) and bytes (`range`) that it is good for, and is
//! good for a minute: what another cloud was shown is of no use here.

use super::jose::{Signer, sign};
use crate::domain::deposit::CloudAsk;
use crate::domain::{Fault, Secret};
use serde::Serialize;
use std::time::Duration;

/// `typ`: so that it cannot be taken for any other token.
const TYPE: &str = "deposit-reference+jwt";
/// How long it is good for.
const GOOD_FOR: Duration = Duration::from_mins(1);

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    jti: &'a str,
    iat: i64,
    exp: i64,
    htm: &'a str,
    htu: &'a str,
    range: String,
    reference: &'a str,
    referenced_by: &'a str,
    purpose: &'a str,
}

/// The token.
///
/// # Errors
/// [`Fault`] when our key cannot sign.
pub fn signed(issuer: &str, ask: &CloudAsk<'_>, signer: &dyn Signer) -> Result<Secret<String>, Fault> {
    let claims = Claims {
        iss: issuer,
        aud: ask.origin,
        sub: ask.deposit,
        jti: ask.id,
        iat: ask.at.seconds(),
        exp: ask.at.plus(GOOD_FOR).seconds(),
        htm: "GET",
        htu: ask.location,
        range: format!("bytes={}-{}", ask.span.first(), ask.span.last()),
        reference: ask.reference,
        referenced_by: ask.by,
        purpose: ask.purpose,
    };
    sign(signer, TYPE, &claims).map(Secret::new)
}
