//! The logout token (OpenID Connect Back-Channel Logout 1.0 §2.4): tells a client that what it was given is over.

use super::jose::{Signer, sign};
use crate::domain::Fault;
use serde::Serialize;
use serde_json::json;
use std::time::Duration;

/// `typ`: so that it cannot be taken for an id_token, nor the other way round (§2.4, RFC 8725 §3.11).
const TYPE: &str = "logout+jwt";
/// The event that it tells of.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// How long it is good: §2.4 wants two minutes at most.
pub const LIFE: Duration = Duration::from_mins(2);

/// What it tells. There is no field for a nonce, which §2.4 forbids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutToken<'a> {
    /// Our issuer identifier.
    pub issuer: &'a str,
    /// The client.
    pub audience: &'a str,
    /// The person, pairwise for the client's sector.
    pub subject: &'a str,
    /// What ended: the `sid` of its id_tokens.
    pub session: &'a str,
    /// Its own id.
    pub id: &'a str,
    /// Seconds since 1970: when it was issued.
    pub issued_at: i64,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    sid: &'a str,
    jti: &'a str,
    iat: i64,
    exp: i64,
    events: serde_json::Value,
}

impl LogoutToken<'_> {
    /// The token's text.
    ///
    /// # Errors
    /// [`Fault`] when the key cannot sign.
    pub fn sign(&self, signer: &dyn Signer) -> Result<String, Fault> {
        let claims = Claims {
            iss: self.issuer,
            aud: self.audience,
            sub: self.subject,
            sid: self.session,
            jti: self.id,
            iat: self.issued_at,
            exp: self.issued_at.saturating_add(i64::try_from(LIFE.as_secs()).unwrap_or(0)),
            events: json!({ EVENT: {} }),
        };
        sign(signer, TYPE, &claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::jose::{Compact, Es256Signer, decode_part};
    use serde_json::Value;

    #[test]
    fn it_holds_what_the_specification_says_and_nothing_else() {
        let signer = Es256Signer::generate().unwrap().0;
        let token = LogoutToken {
            issuer: "https://us.example",
            audience: "bank",
            subject: "p~1",
            session: "z_1",
            id: "j1",
            issued_at: 1_800_000_000,
        };
        let text = token.sign(&signer).unwrap();
        let parts = Compact::split(&text).unwrap();
        let header: Value = serde_json::from_slice(&decode_part(parts.header).unwrap()).unwrap();
        assert_eq!((header["typ"].as_str(), header["alg"].as_str()), (Some("logout+jwt"), Some("ES256")));
        let claims: Value = serde_json::from_slice(&decode_part(parts.claims).unwrap()).unwrap();
        let wanted = json!({
            "iss": "https://us.example", "aud": "bank", "sub": "p~1", "sid": "z_1", "jti": "j1",
            "iat": 1_800_000_000, "exp": 1_800_000_120,
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        });
        assert_eq!(claims, wanted);
    }
}
