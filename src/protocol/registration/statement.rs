//! The software statement (RFC 7591 §2.3): what a register vouches for about a third party's software.

use crate::domain::{Digest, Refusal, Timestamp};
use crate::protocol::code::{INVALID_CLIENT_METADATA, INVALID_SOFTWARE_STATEMENT, UNAPPROVED_SOFTWARE_STATEMENT};
use crate::protocol::jose::{Compact, Header, JoseError, KeySet, Presence, Times, Window, decode_part, read};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::time::Duration;

/// The member that carries it.
pub const MEMBER: &str = "software_statement";
/// `typ` values taken: none, and `JWT`.
const TYPES: [&str; 2] = ["", "JWT"];
/// What a third party can never say about itself: who it is, what it may have, and what citizens are told about it.
const ONLY_VOUCHED: [&str; 16] = [
    "software_id",
    "software_version",
    "client_name",
    "client_name#ja",
    "client_name#en",
    "client_class",
    "corporate_number",
    "contacts",
    "contact_phone",
    "redirect_uris",
    "scope",
    "purposes",
    "rate_plan",
    "dpop_nonce_required",
    "sector",
    "resources",
];
/// What a statement must say, since citizens are told it before they agree.
const NEEDED: [&str; 5] = ["software_id", "client_name", "corporate_number", "contacts", "redirect_uris"];
/// Claims of the statement itself, which are no metadata.
const OWN_CLAIMS: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

const WINDOW: Window = Window {
    ahead: Duration::from_secs(15),
    // A register signs for as long as it has checked; a year is the longest that is believed.
    oldest: Duration::from_hours(24 * 366),
    grace: Duration::ZERO,
    longest: Some(Duration::from_hours(24 * 366)),
    iat: Presence::Required,
    exp: Presence::Required,
};

/// A register that the operator trusts to vouch for third parties.
#[derive(Debug)]
pub struct Register {
    /// Its `iss`.
    pub issuer: String,
    /// Its keys.
    pub keys: KeySet,
}

/// A statement that verified. Only [`SoftwareStatement::verify`] makes one.
#[derive(Clone, Debug)]
pub struct SoftwareStatement {
    claims: Map<String, Value>,
    /// Digest of register and `jti`: to be taken once, so that one statement makes one registration.
    pub mark: Digest,
    /// Until when the mark must be remembered.
    pub expires_at: Timestamp,
}

#[derive(Deserialize)]
struct Claims<'a> {
    #[serde(borrow, default)]
    iss: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    jti: Option<Cow<'a, str>>,
}

fn refused(public: impl Into<String>) -> Refusal {
    Refusal::new(INVALID_SOFTWARE_STATEMENT, public).at(MEMBER)
}

fn unreadable(error: JoseError) -> Refusal {
    refused(format!("the software statement {error}"))
}

impl SoftwareStatement {
    /// Verifies a statement by `register`; where it names an audience, that must be `audience`.
    ///
    /// # Errors
    /// `invalid_software_statement` naming what is wrong; `unapproved_software_statement` when another register signed
    /// it.
    pub fn verify(text: &str, register: &Register, audience: &str, now: Timestamp) -> Result<Self, Refusal> {
        let token = Compact::split(text).map_err(unreadable)?;
        let header_bytes = decode_part(token.header).map_err(unreadable)?;
        let header: Header<'_> = read(&header_bytes).map_err(unreadable)?;
        let alg = header.check(&TYPES).map_err(unreadable)?;
        let bytes = decode_part(token.claims).map_err(unreadable)?;
        let claims: Claims<'_> = read(&bytes).map_err(unreadable)?;
        if claims.iss.as_deref() != Some(register.issuer.as_str()) {
            let public = format!("the software statement must be by the register {}", register.issuer);
            return Err(Refusal::new(UNAPPROVED_SOFTWARE_STATEMENT, public).at(MEMBER));
        }
        let mut result = Err(JoseError::UnknownKey);
        for key in register.keys.candidates(header.kid(), alg) {
            result = token.verify(alg, key);
            if result.is_ok() {
                break;
            }
        }
        result.map_err(unreadable)?;
        let (_, expires_at) = WINDOW.check(read::<Times>(&bytes).map_err(unreadable)?, now).map_err(unreadable)?;
        let expires_at = expires_at.ok_or_else(|| unreadable(JoseError::Malformed))?;
        let jti = claims.jti.filter(|jti| (1..=256).contains(&jti.len()));
        let jti = jti.ok_or_else(|| refused("the software statement needs a jti of 1 to 256 characters"))?;
        let mark = Digest::of(&format!("software statement\n{}\n{jti}", register.issuer));
        let claims: Map<String, Value> = read(&bytes).map_err(unreadable)?;
        if claims.get("aud").is_some_and(|aud| aud.as_str() != Some(audience)) {
            return Err(refused(format!("the software statement's aud, if it has one, must be {audience}")));
        }
        if let Some(missing) = NEEDED.iter().find(|name| !claims.contains_key(**name)) {
            return Err(refused(format!("the software statement must say {missing}")));
        }
        Ok(Self { claims, mark, expires_at })
    }

    /// What it vouches for: its claims but those about itself.
    #[must_use]
    pub fn vouched(&self) -> Map<String, Value> {
        let is_own = |name: &str| OWN_CLAIMS.contains(&name) || name == MEMBER;
        self.claims
            .iter()
            .filter(|(name, _)| !is_own(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }
}

/// A request's metadata with what is vouched for laid over it, and what of it was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaidOver {
    /// What the registration is made from.
    pub metadata: Map<String, Value>,
    /// What only a register can say, and did not.
    claimed: Map<String, Value>,
}

impl LaidOver {
    /// Lays what is vouched for over `request`; it takes precedence (RFC 7591 §2.3).
    #[must_use]
    pub fn new(request: &Map<String, Value>, vouched: &Map<String, Value>) -> Self {
        // One kind of keys replaces the other: a vouched jwks_uri must not stand beside the request's jwks.
        let displaced = match (vouched.contains_key("jwks"), vouched.contains_key("jwks_uri")) {
            (true, false) => "jwks_uri",
            (false, true) => "jwks",
            _ => MEMBER,
        };
        let (mut metadata, mut claimed) = (Map::new(), Map::new());
        for (name, value) in request {
            if vouched.contains_key(name) || name == displaced || name == MEMBER {
                continue;
            }
            let side = if ONLY_VOUCHED.contains(&name.as_str()) { &mut claimed } else { &mut metadata };
            side.insert(name.clone(), value.clone());
        }
        metadata.extend(vouched.iter().map(|(name, value)| (name.clone(), value.clone())));
        Self { metadata, claimed }
    }

    /// Refuses what the third party said about itself and the `registered` metadata does not say anyway: an update
    /// repeats what it was told (RFC 7592 §2.2).
    ///
    /// # Errors
    /// `invalid_client_metadata` naming the member.
    pub fn check(&self, registered: &Map<String, Value>) -> Result<(), Refusal> {
        match self.claimed.iter().find(|(name, value)| registered.get(*name) != Some(value)) {
            None => Ok(()),
            Some((name, _)) => {
                let public =
                    format!("{name}: only the software statement can say this; leave it out or have it vouched for");
                Err(Refusal::new(INVALID_CLIENT_METADATA, public).at(name.clone()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::jose::{Es256Signer, sign};
    use serde_json::json;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
    const AUDIENCE: &str = "https://madoguchi.example";

    fn register(key: &Es256Signer) -> Register {
        let keys = KeySet::parse(&json!({"keys": [key.public_jwk()]})).unwrap();
        Register { issuer: "https://register.example".into(), keys }
    }

    fn statement(key: &Es256Signer, typ: &str, changes: &Value) -> String {
        let mut claims = json!({
            "iss": "https://register.example", "iat": 1_800_000_000, "exp": 1_800_086_400, "jti": "1",
            "software_id": "s-1", "client_name": "Mihon", "corporate_number": "8000000990001",
            "contacts": ["desk@bank.example"], "redirect_uris": ["https://bank.example/callback"],
        });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        sign(key, typ, &claims).unwrap()
    }

    #[test]
    fn a_right_statement_vouches_for_its_claims_but_those_about_itself() {
        let key = Es256Signer::generate().unwrap().0;
        let text = statement(&key, "JWT", &json!({"aud": AUDIENCE}));
        let vouched = SoftwareStatement::verify(&text, &register(&key), AUDIENCE, NOW).unwrap().vouched();
        assert_eq!(vouched["client_name"], "Mihon");
        assert!(["iss", "aud", "exp", "jti"].iter().all(|name| !vouched.contains_key(*name)));
    }

    #[test]
    fn whatever_is_wrong_with_a_statement_refuses_it() {
        let (key, other) = (Es256Signer::generate().unwrap().0, Es256Signer::generate().unwrap().0);
        let verify = |text: &str| SoftwareStatement::verify(text, &register(&key), AUDIENCE, NOW).unwrap_err().code;
        for changes in [
            json!({"exp": null}),
            json!({"iat": null}),
            json!({"jti": null}),
            json!({"jti": ""}),
            json!({"exp": 1_800_000_000}),
            json!({"exp": 1_840_000_000}),
            json!({"iat": 1_800_000_100}),
            json!({"aud": "https://elsewhere.example"}),
            json!({"aud": [AUDIENCE]}),
            json!({"software_id": null}),
            json!({"client_name": null}),
            json!({"corporate_number": null}),
            json!({"redirect_uris": null}),
        ] {
            assert_eq!(verify(&statement(&key, "JWT", &changes)), INVALID_SOFTWARE_STATEMENT, "{changes}");
        }
        assert_eq!(verify(&statement(&other, "JWT", &json!({}))), INVALID_SOFTWARE_STATEMENT);
        assert_eq!(verify(&statement(&key, "at+jwt", &json!({}))), INVALID_SOFTWARE_STATEMENT);
        assert_eq!(verify("a.b.c"), INVALID_SOFTWARE_STATEMENT);
        let elsewhere = statement(&key, "JWT", &json!({"iss": "https://other.example"}));
        assert_eq!(verify(&elsewhere), UNAPPROVED_SOFTWARE_STATEMENT);
    }

    #[test]
    fn what_is_vouched_for_takes_precedence_and_the_rest_of_it_cannot_be_claimed() {
        let map = |value: Value| value.as_object().unwrap().clone();
        let vouched = map(json!({"client_name": "Mihon", "scope": "openid", "jwks_uri": "https://bank.example/jwks"}));
        let request = map(json!({"client_name": "Another", "jwks": {"keys": []}, "software_statement": "x"}));
        let laid = LaidOver::new(&request, &vouched);
        let expected = json!({
            "client_name": "Mihon", "scope": "openid", "jwks_uri": "https://bank.example/jwks"
        });
        assert_eq!(Value::Object(laid.metadata.clone()), expected);
        assert_eq!(laid.check(&laid.metadata), Ok(()));
        for name in ONLY_VOUCHED {
            if !vouched.contains_key(name) {
                let laid = LaidOver::new(&map(json!({name: "x"})), &vouched);
                assert!(!laid.metadata.contains_key(name), "{name}");
                let refused = laid.check(&vouched).unwrap_err();
                assert_eq!((refused.code, refused.pointer.as_deref()), (INVALID_CLIENT_METADATA, Some(name)));
                assert_eq!(laid.check(&map(json!({name: "x"}))), Ok(()), "it is so anyway");
            }
        }
    }
}
