//! Why a DPoP proof is not accepted, as one stable word each: RFC 9449 has a single code for two dozen faults, and a
//! program cannot act on a sentence.
//!
//! The word stands first in `error_description` (`dpop_error=uri: …`), alone in the member `dpop_error` beside `error` or
//! `code`, and after `#` in a problem's `type`. The sentence after it says what was found and what would do.

use super::super::jose::{JoseError, JwkError};
use crate::domain::Refusal;
use serde::{Serialize, Serializer};
use std::fmt;

/// What is wrong with a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DpopCause {
    /// There is no `DPoP` field.
    Missing,
    /// There is more than one, or it is no visible ASCII (RFC 9449 §4.3 item 1).
    Doubled,
    /// It is too long, or no compact JWS of JSON objects (item 2).
    Malformed,
    /// `typ` is not `dpop+jwt` (item 4).
    Typ,
    /// `alg` is missing, `none`, symmetric, or not one of FAPI 2.0 (item 5).
    Alg,
    /// It has `crit`, and no extension is understood (RFC 7515 §4.1.11).
    Crit,
    /// `jwk` is missing or cannot be used: another kind, too small, not for `alg`.
    Jwk,
    /// `jwk` holds a private or symmetric key (item 7).
    PrivateKey,
    /// The signature is not by `jwk` (item 6).
    Signature,
    /// `jti` is missing, empty or too long (item 3).
    Jti,
    /// `htm` is missing or another method (item 8).
    Method,
    /// `htu` is missing or another address (item 9).
    Uri,
    /// `iat` is missing, too old or ahead; or `nbf` or `exp` forbids it (item 11).
    Time,
    /// `ath` is missing or another token's hash (item 12).
    Ath,
    /// The server's nonce is missing, over, or not ours (item 10).
    Nonce,
    /// A proof with this `jti` by this key was seen before (RFC 9449 §11.1).
    Replay,
    /// It is by another key than the token, the code or `dpop_jkt` names (RFC 9449 §7.1, §10).
    Key,
}

impl DpopCause {
    /// Every one, as they are documented.
    pub const ALL: [Self; 17] = [
        Self::Missing,
        Self::Doubled,
        Self::Malformed,
        Self::Typ,
        Self::Alg,
        Self::Crit,
        Self::Jwk,
        Self::PrivateKey,
        Self::Signature,
        Self::Jti,
        Self::Method,
        Self::Uri,
        Self::Time,
        Self::Ath,
        Self::Nonce,
        Self::Replay,
        Self::Key,
    ];

    /// The word; it never changes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Doubled => "doubled",
            Self::Malformed => "malformed",
            Self::Typ => "typ",
            Self::Alg => "alg",
            Self::Crit => "crit",
            Self::Jwk => "jwk",
            Self::PrivateKey => "private_key",
            Self::Signature => "signature",
            Self::Jti => "jti",
            Self::Method => "method",
            Self::Uri => "uri",
            Self::Time => "time",
            Self::Ath => "ath",
            Self::Nonce => "nonce",
            Self::Replay => "replay",
            Self::Key => "key",
        }
    }

    /// What to do about it, in English and Japanese, for the page that a problem's `type` leads to.
    #[must_use]
    pub const fn remedy(self) -> (&'static str, &'static str) {
        match self {
            Self::Missing => ("Send a proof in the DPoP header.", "DPoPヘッダーで証明を送信してください。"),
            Self::Doubled => ("Send the DPoP header once.", "DPoPヘッダーは1つだけ送信してください。"),
            Self::Malformed => {
                ("Send a compact JWS of JSON objects.", "JSONオブジェクトのJWS（コンパクト形式）を送信してください。")
            }
            Self::Typ => ("Set typ to dpop+jwt.", "typをdpop+jwtにしてください。"),
            Self::Alg => ("Sign with ES256, PS256 or EdDSA.", "ES256、PS256またはEdDSAで署名してください。"),
            Self::Crit => ("Leave crit out.", "critを含めないでください。"),
            Self::Jwk => ("Put the public key that signs into jwk.", "署名鍵に対応する公開鍵をjwkに入れてください。"),
            Self::PrivateKey => (
                "That key is no secret any more: make a new one, and send its public part only.",
                "その鍵は秘密ではなくなりました。新しい鍵を作成し、公開鍵のみを送信してください。",
            ),
            Self::Signature => {
                ("Sign with the key whose public part is in jwk.", "jwkの公開鍵に対応する秘密鍵で署名してください。")
            }
            Self::Jti => ("Set jti to a new unguessable text.", "推測できない新しい値をjtiに設定してください。"),
            Self::Method => ("Set htm to the request's method.", "htmをリクエストのメソッドと同じにしてください。"),
            Self::Uri => (
                "Set htu to the request's address without query and fragment.",
                "htuをリクエストのURI（クエリとフラグメントを除く）と同じにしてください。",
            ),
            Self::Time => (
                "Set iat to the present moment, and the clock right.",
                "iatを現在時刻にし、時計が正確か確認してください。",
            ),
            Self::Ath => (
                "Set ath to the base64url SHA-256 of the access token.",
                "athをアクセストークンのSHA-256ハッシュ（base64url）にしてください。",
            ),
            Self::Nonce => (
                "Set nonce to the newest DPoP-Nonce header and send again.",
                "最新のDPoP-Nonceヘッダーの値をnonceに設定して再送してください。",
            ),
            Self::Replay => ("Make a new proof for every request.", "リクエストごとに新しい証明を作成してください。"),
            Self::Key => (
                "Sign with the key that the token or the code is bound to.",
                "トークンまたは認可コードに紐付けられた鍵で署名してください。",
            ),
        }
    }
}

impl fmt::Display for DpopCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for DpopCause {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

/// A proof that is not accepted: the cause, and a sentence with what was found and what would do. Nothing of the proof
/// itself is repeated in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DpopError {
    /// The cause.
    pub cause: DpopCause,
    words: String,
}

impl DpopError {
    /// With its sentence, which fits "the DPoP proof …".
    #[must_use]
    pub fn new(cause: DpopCause, words: impl Into<String>) -> Self {
        Self { cause, words: words.into() }
    }

    /// The refusal, under one of the codes of RFC 9449.
    #[must_use]
    pub fn refusal(&self, code: &'static str) -> Refusal {
        refusal(code, self.cause, &format!("the DPoP proof {}", self.words))
    }
}

/// A refusal for this cause.
#[must_use]
pub fn refusal(code: &'static str, cause: DpopCause, words: &str) -> Refusal {
    Refusal::new(code, format!("dpop_error={cause}: {words}")).at("DPoP").because(cause.as_str())
}

impl fmt::Display for DpopError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "dpop_error={}: the DPoP proof {}", self.cause, self.words)
    }
}

impl std::error::Error for DpopError {}

impl From<JoseError> for DpopError {
    fn from(error: JoseError) -> Self {
        let cause = match error {
            JoseError::Type => DpopCause::Typ,
            JoseError::Algorithm => DpopCause::Alg,
            JoseError::Critical => DpopCause::Crit,
            JoseError::Key(JwkError::Private) => DpopCause::PrivateKey,
            JoseError::Key(_) | JoseError::UnknownKey => DpopCause::Jwk,
            JoseError::Signature => DpopCause::Signature,
            JoseError::NotYet | JoseError::Expired | JoseError::TooLongLived => DpopCause::Time,
            JoseError::TooLong | JoseError::Malformed => DpopCause::Malformed,
        };
        Self::new(cause, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_has_its_own_word_and_a_remedy_in_both_languages() {
        for (n, cause) in DpopCause::ALL.into_iter().enumerate() {
            let word = cause.as_str();
            assert!(!word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{word}");
            assert!(DpopCause::ALL.into_iter().skip(n + 1).all(|other| other.as_str() != word), "{word} twice");
            let (en, ja) = cause.remedy();
            assert!(en.is_ascii() && en.ends_with('.') && ja.ends_with('。'), "{word}");
        }
    }

    #[test]
    fn the_word_stands_first_in_what_the_caller_is_told() {
        let refusal = DpopError::new(DpopCause::Uri, "is for elsewhere").refusal("invalid_dpop_proof");
        assert_eq!(refusal.public, "dpop_error=uri: the DPoP proof is for elsewhere");
        assert_eq!((refusal.cause, refusal.pointer.as_deref()), (Some("uri"), Some("DPoP")));
    }
}
