//! Proof Key for Code Exchange (RFC 7636), with S256 only (FAPI 2.0 SP §5.3.2.2-5).

use super::code::{INVALID_GRANT, INVALID_REQUEST};
use super::form::Form;
use crate::domain::{Digest, Refusal};

/// The challenge in an authorization request: 43 base64url characters.
///
/// # Errors
/// `invalid_request` when it is missing, is no S256 challenge, or the method is missing or `plain`.
pub fn challenge(form: &Form) -> Result<&str, Refusal> {
    let challenge = form.require("code_challenge")?;
    if form.get("code_challenge_method") != Some("S256") {
        let public = "code_challenge_method must be S256";
        return Err(Refusal::new(INVALID_REQUEST, public).at("code_challenge_method"));
    }
    let is_base64url = challenge.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if challenge.len() == 43 && is_base64url {
        Ok(challenge)
    } else {
        let public = "code_challenge must be the 43 base64url characters of a SHA-256";
        Err(Refusal::new(INVALID_REQUEST, public).at("code_challenge"))
    }
}

/// Compares the verifier in a token request with the challenge that came first (RFC 7636 §4.6).
///
/// # Errors
/// `invalid_grant` when the verifier is missing, not of 43 to 128 unreserved characters (§4.1), or another one: each
/// is a grant that the caller cannot prove to be its own (§4.6, RFC 9700 §2.1.1).
pub fn check(verifier: Option<&str>, challenge: &str) -> Result<(), Refusal> {
    let verifier =
        verifier.ok_or_else(|| Refusal::new(INVALID_GRANT, "code_verifier is missing").at("code_verifier"))?;
    let is_unreserved = verifier.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~'));
    if !(43..=128).contains(&verifier.len()) || !is_unreserved {
        let public = "code_verifier must be 43 to 128 characters of A-Z a-z 0-9 - . _ ~";
        return Err(Refusal::new(INVALID_GRANT, public).at("code_verifier"));
    }
    if Digest::of(verifier).base64url() == challenge {
        Ok(())
    } else {
        Err(Refusal::new(INVALID_GRANT, "code_verifier does not match the code_challenge").at("code_verifier"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_7636_matches_and_nothing_else_does() {
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert_eq!(check(Some("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), challenge), Ok(()));
        assert_eq!(check(Some(&"a".repeat(43)), challenge).unwrap_err().code, INVALID_GRANT);
        for bad in [None, Some("short"), Some(challenge).filter(|_| false)] {
            assert_eq!(check(bad, challenge).unwrap_err().code, INVALID_GRANT);
        }
        assert_eq!(check(Some(&"a".repeat(129)), challenge).unwrap_err().code, INVALID_GRANT);
        assert_eq!(check(Some(&"é".repeat(30)), challenge).unwrap_err().code, INVALID_GRANT);
    }

    #[test]
    fn par_plain_pkce_rejected() {
        let challenge43 = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        for bad in [
            "code_challenge_method=S256".to_owned(),
            format!("code_challenge={challenge43}"),
            format!("code_challenge={challenge43}&code_challenge_method=plain"),
            format!("code_challenge={challenge43}&code_challenge_method=s256"),
            format!("code_challenge={challenge43}A&code_challenge_method=S256"),
            format!("code_challenge={}&code_challenge_method=S256", "%2B".repeat(43)),
        ] {
            assert!(challenge(&Form::parse(bad.as_bytes()).unwrap()).is_err(), "{bad}");
        }
    }
}
