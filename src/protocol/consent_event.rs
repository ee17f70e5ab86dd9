//! The Security Event Token (RFC 8417) that tells a third party what became of a consent: in the form of CAEP (OpenID
//! Continuous Access Evaluation Profile 1.0), pushed by RFC 8935.
//!
//! Every change is an event of our own type; an end is CAEP's `session-revoked` besides, which receivers know. That an end is
//! near changes nothing, and is a type of its own: a consent that was paused stays so.

use super::jose::{Signer, sign};
use crate::domain::consent_event::{ConsentChange, ConsentEvent};
use crate::domain::grant::ConsentState;
use crate::domain::{Fault, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// `typ` (RFC 8417 §2.3): so that it cannot be taken for any other token.
const TYPE: &str = "secevent+jwt";
/// The media type of a push (RFC 8935 §2.1).
pub const MEDIA_TYPE: &str = "application/secevent+jwt";
/// CAEP 1.0 §3.1.
const SESSION_REVOKED: &str = "https://schemas.openid.net/secevent/caep/event-type/session-revoked";
/// Our own event's path, under the issuer's address.
const CONSENT_CHANGED: &str = "/events/consent-changed";
/// That its end is near, likewise.
const CONSENT_ENDING: &str = "/events/consent-ending";

/// What it tells. It has no `exp` (RFC 8417 §2.2): what happened has happened.
#[derive(Clone, Copy, Debug)]
pub struct ConsentEventToken<'a> {
    /// Our issuer identifier.
    pub issuer: &'a str,
    /// The client.
    pub audience: &'a str,
    /// The person, pairwise for the client's sector.
    pub subject: &'a str,
    /// Its own id: the same however often the event is sent, so that a receiver knows it again.
    pub id: &'a str,
    /// When this copy was made.
    pub issued_at: Timestamp,
    /// When it happened. Events may overtake each other; the latest says how the consent stands.
    pub happened_at: Timestamp,
    /// What happened.
    pub event: &'a ConsentEvent,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    jti: &'a str,
    iat: i64,
    toe: i64,
    sub_id: Value,
    events: Map<String, Value>,
}

impl ConsentEventToken<'_> {
    /// The token's text.
    ///
    /// # Errors
    /// [`Fault`] when the key cannot sign.
    pub fn sign(&self, signer: &dyn Signer) -> Result<String, Fault> {
        let (change, at) = (self.event.change, self.happened_at.seconds());
        let mut events = Map::new();
        if change.state() == ConsentState::Revoked {
            let revoked = json!({ "event_timestamp": at, "initiating_entity": change.initiating_entity() });
            events.insert(SESSION_REVOKED.to_owned(), revoked);
        }
        if change == ConsentChange::Ending {
            let ending = json!({ "event_timestamp": at, "initiating_entity": "system", "grant_id": self.event.grant });
            events.insert(format!("{}{CONSENT_ENDING}", self.issuer), ending);
            return self.token(signer, events);
        }
        let changed = json!({
            "event_timestamp": at,
            "initiating_entity": change.initiating_entity(),
            "grant_id": self.event.grant,
            "state": change.state(),
        });
        events.insert(format!("{}{CONSENT_CHANGED}", self.issuer), changed);
        self.token(signer, events)
    }

    fn token(&self, signer: &dyn Signer, events: Map<String, Value>) -> Result<String, Fault> {
        let claims = Claims {
            iss: self.issuer,
            aud: self.audience,
            jti: self.id,
            iat: self.issued_at.seconds(),
            toe: self.happened_at.seconds(),
            // RFC 9493 §3.2.2.
            sub_id: json!({ "format": "iss_sub", "iss": self.issuer, "sub": self.subject }),
            events,
        };
        sign(signer, TYPE, &claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::grant::RevokedBy;
    use crate::domain::ids::GrantId;
    use crate::protocol::jose::{Compact, Es256Signer, decode_part};

    #[test]
    fn it_tells_the_state_and_an_end_in_the_words_of_caep_too() {
        let signer = Es256Signer::generate().unwrap().0;
        for (change, state, by) in [
            (ConsentChange::Revoked(RevokedBy::Citizen), "revoked", "user"),
            (ConsentChange::Revoked(RevokedBy::Operator), "revoked", "admin"),
            (ConsentChange::Revoked(RevokedBy::CodeReplay), "revoked", "system"),
            (ConsentChange::Paused, "paused", "user"),
            (ConsentChange::Resumed, "active", "user"),
            (ConsentChange::Changed, "active", "user"),
        ] {
            let event = ConsentEvent { grant: GrantId::parse("g_1").unwrap(), change };
            let token = ConsentEventToken {
                issuer: "https://us.example",
                audience: "bank",
                subject: "p~1",
                id: "g_1.x.1",
                issued_at: Timestamp::from_seconds(1_800_000_060),
                happened_at: Timestamp::from_seconds(1_800_000_000),
                event: &event,
            };
            let text = token.sign(&signer).unwrap();
            let parts = Compact::split(&text).unwrap();
            let header: Value = serde_json::from_slice(&decode_part(parts.header).unwrap()).unwrap();
            assert_eq!(header["typ"], "secevent+jwt");
            let claims: Value = serde_json::from_slice(&decode_part(parts.claims).unwrap()).unwrap();
            let own = &claims["events"]["https://us.example/events/consent-changed"];
            let told =
                json!({ "event_timestamp": 1_800_000_000, "initiating_entity": by, "grant_id": "g_1", "state": state });
            assert_eq!(*own, told);
            assert_eq!(claims["events"].get(SESSION_REVOKED).is_some(), state == "revoked");
            assert_eq!(claims["sub_id"], json!({"format": "iss_sub", "iss": "https://us.example", "sub": "p~1"}));
            assert!(claims.get("exp").is_none() && claims.get("sub").is_none());
        }
    }

    #[test]
    fn that_an_end_is_near_says_nothing_of_how_it_stands() {
        let signer = Es256Signer::generate().unwrap().0;
        let event = ConsentEvent { grant: GrantId::parse("g_1").unwrap(), change: ConsentChange::Ending };
        let at = Timestamp::from_seconds(1_800_000_000);
        let token = ConsentEventToken {
            issuer: "https://us.example",
            audience: "app",
            subject: "p~1",
            id: "g_1.ending.1",
            issued_at: at,
            happened_at: at,
            event: &event,
        };
        let text = token.sign(&signer).unwrap();
        let claims: Value =
            serde_json::from_slice(&decode_part(Compact::split(&text).unwrap().claims).unwrap()).unwrap();
        let told = json!({ "event_timestamp": 1_800_000_000, "initiating_entity": "system", "grant_id": "g_1" });
        assert_eq!(claims["events"], json!({ "https://us.example/events/consent-ending": told }));
    }
}
