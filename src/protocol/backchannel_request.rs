//! A backchannel authentication request (CIBA Core §7.1), from its form to a value that keeps every rule.

use super::code::{INVALID_BINDING_MESSAGE, INVALID_REQUEST, INVALID_SCOPE, UNAUTHORIZED_CLIENT};
use super::form::Form;
use super::login_hint::LoginHint;
use super::{pushed_request, target};
use crate::domain::Refusal;
use crate::domain::client::Client;
use crate::domain::consent::Ask;
use crate::domain::profile::Backchannel;
use crate::domain::scope::{Scope, ScopeSet};
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

/// How long the citizen has when the client does not say.
const LIFE: Duration = Duration::from_mins(5);
/// The least and the most that a client may say (`requested_expiry`).
const LIVES: (u64, u64) = (30, 600);
/// The least time between two polls (CIBA Core §7.3).
pub const PACE: Duration = Duration::from_secs(5);
/// Longest binding message, in characters: it is compared by eye, on a phone.
const MOST_MESSAGE: usize = 40;
/// Bounds of a notification token: 128 bits at least (CIBA Core §7.1), 1024 characters at most.
const TOKEN_LENGTHS: std::ops::RangeInclusive<usize> = 22..=1024;

/// What a client asks of a citizen who is not at its page.
#[derive(Clone, Debug)]
pub struct BackchannelRequest<'a> {
    /// Within the client's own scope, and always with `openid`.
    pub scope: ScopeSet,
    /// The self-information asked for, if any.
    pub ask: Option<Ask>,
    /// Whom it asks.
    pub hint: LoginHint<'a>,
    /// What both sides of the desk read.
    pub message: String,
    /// The bearer token of our call to the client, when it wants to be called.
    pub notification_token: Option<&'a str>,
    /// How long the citizen has.
    pub life: Duration,
}

fn refused(public: &str, at: &str) -> Refusal {
    Refusal::new(INVALID_REQUEST, public).at(at)
}

impl<'a> BackchannelRequest<'a> {
    /// Reads the form that `client` sent.
    ///
    /// # Errors
    /// A code of CIBA Core §13, naming the parameter.
    pub fn parse(form: &'a Form, client: &Client) -> Result<Self, Refusal> {
        let Some(delivery) = &client.profile.backchannel else {
            let public = "this client is registered for no backchannel_token_delivery_mode";
            return Err(Refusal::new(UNAUTHORIZED_CLIENT, public));
        };
        target::none(form)?;
        let scope = pushed_request::scope(form, client)?;
        if !scope.has(Scope::Openid) {
            return Err(Refusal::new(INVALID_SCOPE, "scope must have openid (CIBA Core §7.1)").at("scope"));
        }
        Ok(Self {
            scope,
            ask: pushed_request::ask(form, scope)?,
            hint: LoginHint::find(form)?,
            message: message(form)?,
            notification_token: notification_token(form, delivery)?,
            life: life(form)?,
        })
    }
}

/// FAPI-CIBA §5.2.2: without a message of its own, one question looks like the next, and a citizen could answer an
/// attacker's.
fn message(form: &Form) -> Result<String, Refusal> {
    let wrong = |public: String| Refusal::new(INVALID_BINDING_MESSAGE, public).at("binding_message");
    let text = form.get("binding_message").map(str::trim).filter(|text| !text.is_empty());
    let text = text.ok_or_else(|| wrong("binding_message is missing; show the citizen the same words".to_owned()))?;
    // What could turn or hide the words on a page: direction marks, joiners, tags, private characters.
    let is_plain = |c: char| {
        !c.is_control()
            && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
            && !matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..)
    };
    if text.chars().count() <= MOST_MESSAGE && text.chars().all(is_plain) {
        Ok(text.to_owned())
    } else {
        Err(wrong(format!("binding_message must be at most {MOST_MESSAGE} plain characters")))
    }
}

fn notification_token<'a>(form: &'a Form, delivery: &Backchannel) -> Result<Option<&'a str>, Refusal> {
    if matches!(delivery, Backchannel::Poll) {
        // CIBA Core §7.1: of no use to a client that polls.
        return Ok(None);
    }
    let token = form.require("client_notification_token")?;
    // RFC 6750 §2.1: b64token.
    let bare = token.trim_end_matches('=');
    let is_token =
        bare.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~' | b'+' | b'/'));
    if TOKEN_LENGTHS.contains(&token.len()) && !bare.is_empty() && is_token {
        Ok(Some(token))
    } else {
        let public = "client_notification_token must be a bearer token of 22 to 1024 characters (RFC 6750 §2.1)";
        Err(refused(public, "client_notification_token"))
    }
}

fn life(form: &Form) -> Result<Duration, Refusal> {
    let Some(text) = form.get("requested_expiry") else { return Ok(LIFE) };
    let seconds: u64 =
        text.parse().ok().filter(|seconds| *seconds > 0).ok_or_else(|| {
            refused("requested_expiry must be a positive whole number of seconds", "requested_expiry")
        })?;
    // It is a wish (CIBA Core §7.1); the answer's expires_in says what was made of it.
    Ok(Duration::from_secs(seconds.clamp(LIVES.0, LIVES.1)))
}

/// What the client is answered with (CIBA Core §7.3).
#[derive(Clone, Serialize, ToSchema)]
pub struct BackchannelResponse {
    /// What the client asks the token endpoint with.
    pub auth_req_id: String,
    /// Seconds until it is over.
    pub expires_in: u64,
    /// The least number of seconds between two polls.
    pub interval: u64,
}

/// It holds a handle, so it never prints it.
impl std::fmt::Debug for BackchannelResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BackchannelResponse").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> Form {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        Form::parse(body.as_bytes()).unwrap()
    }

    #[test]
    fn a_message_is_short_and_cannot_play_tricks() {
        for good in ["3番窓口 受付0042", "W4SCT", " 受付 12 "] {
            assert_eq!(message(&form(&[("binding_message", good)])).unwrap(), good.trim());
        }
        let long = "字".repeat(41);
        for bad in ["", "  ", "a\u{202e}b", "a\nb", "a\u{200b}", "\u{e001}", &long] {
            let refusal = message(&form(&[("binding_message", bad)])).unwrap_err();
            assert_eq!(refusal.code, INVALID_BINDING_MESSAGE, "{bad:?}");
        }
        assert!(message(&form(&[("binding_message", &"字".repeat(40))])).is_ok());
    }

    #[test]
    fn a_notification_token_is_a_bearer_token_of_128_bits() {
        let ping = Backchannel::Ping { notification_endpoint: "https://bank.example/ping".into() };
        let good = "8d67dc78-7faa-4d41-aabd-67707b374255";
        assert_eq!(notification_token(&form(&[("client_notification_token", good)]), &ping).unwrap(), Some(good));
        assert_eq!(notification_token(&form(&[]), &Backchannel::Poll).unwrap(), None);
        let long = "a".repeat(1025);
        for bad in [
            "",
            "short",
            "with space in the middle of it",
            "=====================----",
            "é23456789012345678901234",
            &long,
        ] {
            assert!(notification_token(&form(&[("client_notification_token", bad)]), &ping).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_wished_life_is_kept_within_bounds() {
        for (text, seconds) in [("1", 30), ("30", 30), ("120", 120), ("86400", 600)] {
            assert_eq!(life(&form(&[("requested_expiry", text)])).unwrap().as_secs(), seconds);
        }
        assert_eq!(life(&form(&[])).unwrap(), LIFE);
        for bad in ["0", "-1", "1.5", "soon", "99999999999999999999999"] {
            assert_eq!(
                life(&form(&[("requested_expiry", bad)])).unwrap_err().pointer.as_deref(),
                Some("requested_expiry")
            );
        }
    }
}
