//! Stage 2: the token, and the proof or certificate beside it, as they were presented.

use super::Call;
use crate::domain::Refusal;
use crate::protocol::certificate::X5t;
use crate::protocol::dpop::{DpopCause, refusal};

/// A header field that must come once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field<'a> {
    /// It was not sent.
    Absent,
    /// It was sent once, as text.
    One(&'a str),
    /// It was sent twice, or not as ASCII text.
    Unusable,
}

/// What was presented. Only [`present`] makes one.
#[derive(Debug)]
pub(super) struct Presented<'a> {
    token: &'a str,
    beside: Beside<'a>,
}

/// What shows that the caller may use the token.
#[derive(Clone, Copy, Debug)]
pub(super) enum Beside<'a> {
    /// A DPoP proof.
    Proof(&'a str),
    /// The certificate of the connection.
    Certificate(X5t),
}

impl<'a> Presented<'a> {
    pub const fn token(&self) -> &'a str {
        self.token
    }
    pub const fn beside(&self) -> Beside<'a> {
        self.beside
    }
}

/// Longest access token looked at.
const MOST: usize = 8192;

/// Takes the token from the call: by the DPoP scheme with a proof (RFC 9449 §7.1), or by the Bearer scheme with a client
/// certificate (RFC 8705 §3), and no other way.
pub(super) fn present<'a>(call: &Call<'a>) -> Result<Presented<'a>, Refusal> {
    let credentials = match call.authorization {
        Field::One(text) => text,
        Field::Absent => {
            return Err(Refusal::new("invalid_token", "Send `Authorization: DPoP <access token>`.").at("Authorization"));
        }
        Field::Unusable => {
            let words = "Send the Authorization header once, as ASCII text.";
            return Err(Refusal::new("invalid_request", words).at("Authorization"));
        }
    };
    let (scheme, token) = credentials.split_once(' ').unwrap_or((credentials, ""));
    let certificate = call.certificate.filter(|_| scheme.eq_ignore_ascii_case("Bearer"));
    if certificate.is_none() && !scheme.eq_ignore_ascii_case("DPoP") {
        // RFC 9449 §7.2: a bound token must not be downgraded to a bearer token.
        let words = "Access tokens are bound to a key here: use the DPoP scheme, or Bearer with a client certificate.";
        return Err(Refusal::new("invalid_token", words).at("Authorization"));
    }
    let token = token.trim_matches(' ');
    let is_token68 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~' | b'+' | b'/' | b'=');
    if !(1..=MOST).contains(&token.len()) || !token.bytes().all(is_token68) {
        return Err(Refusal::new("invalid_token", "The access token is not well formed.").at("Authorization"));
    }
    if let Some(certificate) = certificate {
        return Ok(Presented { token, beside: Beside::Certificate(certificate.thumbprint()) });
    }
    match call.dpop {
        Field::One(proof) => Ok(Presented { token, beside: Beside::Proof(proof) }),
        Field::Absent => Err(refusal("invalid_dpop_proof", DpopCause::Missing, "send a DPoP proof in the DPoP header")),
        // RFC 9449 §4.3 item 1.
        Field::Unusable => Err(refusal("invalid_dpop_proof", DpopCause::Doubled, "send exactly one DPoP header")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Operation;
    use super::*;

    fn try_it(query: &str, authorization: Field<'_>, dpop: Field<'_>) -> Result<String, &'static str> {
        let (method, path, ip) = ("GET", "/v1/consent", "192.0.2.1".parse().unwrap());
        let (operation, certificate) = (&Operation::GET_CONSENT, None);
        let call = Call { operation, method, path, query, authorization, dpop, certificate, ip };
        present(&call).map(|p| p.token().to_owned()).map_err(|r| r.code)
    }

    #[test]
    fn only_one_way_to_present_a_token_is_taken() {
        use Field::{Absent, One, Unusable};
        for (query, authorization, dpop, expected) in [
            ("", One("DPoP abc.def"), One("p"), Ok("abc.def")),
            ("a=b", One("dpop abc.def"), One("p"), Ok("abc.def")),
            ("", Absent, One("p"), Err("invalid_token")),
            ("", Unusable, One("p"), Err("invalid_request")),
            ("", One("Bearer abc"), One("p"), Err("invalid_token")),
            ("", One("DPoP"), One("p"), Err("invalid_token")),
            ("", One("DPoP "), One("p"), Err("invalid_token")),
            ("", One("DPoP a b"), One("p"), Err("invalid_token")),
            ("", One("DPoP a,DPoP b"), One("p"), Err("invalid_token")),
            ("", One("DPoP abc"), Absent, Err("invalid_dpop_proof")),
            ("", One("DPoP abc"), Unusable, Err("invalid_dpop_proof")),
        ] {
            assert_eq!(try_it(query, authorization, dpop), expected.map(str::to_owned), "{query} {authorization:?}");
        }
    }
}
