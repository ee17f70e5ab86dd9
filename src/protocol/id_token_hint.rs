//! An id_token that comes back to us as a hint (OpenID Connect Core §3.1.2.1, CIBA Core §7.1, RP-Initiated Logout §2).
//!
//! It proves nothing about who sends it: it says whom a client once saw. So its time does not matter (RP-Initiated
//! Logout §4); that we signed it, as an id_token and nothing else, does.

use super::jose::{Compact, Header, JoseError, PublishedKeys, decode_part, read};
use serde::Deserialize;

/// What an id_token of ours says.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct IdTokenHint {
    /// Who issued it: us, by whatever name we went.
    #[serde(rename = "iss")]
    pub issuer: String,
    /// The client that it was issued to.
    #[serde(rename = "aud")]
    pub audience: String,
    /// The person, pairwise for that client.
    #[serde(rename = "sub")]
    pub subject: String,
}

/// Why a hint is not taken; to be read after its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HintError {
    /// A JWE (RFC 7516 §3.1): it was encrypted to the client, and nobody else can look into it.
    #[error("is encrypted; send the signed id_token that was inside it")]
    Encrypted,
    /// Not a token that we signed, or not by a key that is still published.
    #[error(transparent)]
    NotOurs(#[from] JoseError),
}

impl IdTokenHint {
    /// Reads a hint signed by one of `our_keys`: those that sign, and those that did and are still kept.
    ///
    /// # Errors
    /// [`HintError`].
    pub fn read(token: &str, our_keys: &PublishedKeys) -> Result<Self, HintError> {
        if token.bytes().filter(|byte| *byte == b'.').count() == 4 {
            return Err(HintError::Encrypted);
        }
        let parts = Compact::split(token)?;
        let header = decode_part(parts.header)?;
        let header: Header<'_> = read(&header)?;
        let alg = header.check(&["JWT"])?;
        let key = header.kid().and_then(|kid| our_keys.find_for_messages(kid)).ok_or(JoseError::UnknownKey)?;
        parts.verify(alg, &key)?;
        Ok(read(&decode_part(parts.claims)?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::jose::{Es256Signer, PublishedSet, sign};
    use serde_json::{Value, json};

    #[test]
    fn only_what_we_signed_as_a_message_is_a_hint() {
        let (messages, tokens) = (Es256Signer::generate().unwrap().0, Es256Signer::generate().unwrap().0);
        let stranger = Es256Signer::generate().unwrap().0;
        let keys = PublishedKeys::default();
        let set = PublishedSet {
            access_tokens: vec![tokens.public_jwk().clone()],
            messages: vec![messages.public_jwk().clone()],
            encryption: Vec::new(),
        };
        keys.replace_all(&set).unwrap();
        // Long over, which does not matter.
        let claims = json!({"iss": "https://us.example", "aud": "bank", "sub": "p~1", "exp": 1, "iat": 0});
        let by =
            |key: &Es256Signer, typ: &str, claims: &Value| IdTokenHint::read(&sign(key, typ, claims).unwrap(), &keys);
        let hint = by(&messages, "JWT", &claims).unwrap();
        assert_eq!((hint.audience.as_str(), hint.subject.as_str()), ("bank", "p~1"));
        assert_eq!(by(&tokens, "JWT", &claims), Err(JoseError::UnknownKey.into()), "a key for another use");
        assert_eq!(by(&stranger, "JWT", &claims), Err(JoseError::UnknownKey.into()));
        for typ in ["logout+jwt", "at+jwt", "oauth-authz-req+jwt"] {
            assert_eq!(by(&messages, typ, &claims), Err(JoseError::Type.into()), "{typ}");
        }
        let many = json!({"iss": "https://us.example", "aud": ["bank", "app"], "sub": "p~1"});
        assert_eq!(by(&messages, "JWT", &many), Err(JoseError::Malformed.into()), "we issue to one client");
        let mut changed = sign(&messages, "JWT", &claims).unwrap();
        changed.truncate(changed.len() - 4);
        for (text, error) in [
            (changed.as_str(), JoseError::Signature.into()),
            ("a.b.c.d.e", HintError::Encrypted),
            ("", JoseError::Malformed.into()),
            ("a.b", JoseError::Malformed.into()),
            ("....", HintError::Encrypted),
        ] {
            assert_eq!(IdTokenHint::read(text, &keys), Err(error), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_breaks_the_reading(text in "[ -~]{0,300}") {
            proptest::prop_assert!(IdTokenHint::read(&text, &PublishedKeys::default()).is_err());
        }
    }
}
