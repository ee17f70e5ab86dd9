//! Telling clients that a sign-in is over (Back-Channel Logout §2.5 to §2.8), and what became of a consent (RFC 8935).
//! One queue, one way of trying again.

use crate::adapters::outward::OutwardError;
use crate::domain::client::Client;
use crate::domain::consent_event::ConsentEvent;
use crate::domain::{Fault, Timestamp};
use crate::issuer::Issuer;
use crate::protocol::consent_event::{self, ConsentEventToken};
use crate::protocol::logout_token::LogoutToken;
use crate::store::HeldNotice;
use futures_util::future::join_all;
use std::time::Duration;
use url::form_urlencoded;

/// How many notices one round takes up, and so how many clients are called at once.
pub const AT_ONCE: u32 = 16;
/// How long a client is tried; after that it is not told any more.
pub const GIVE_UP: Duration = Duration::from_hours(24);
/// How long a notice is one caller's own: longer than a call may take.
const LEASE: Duration = Duration::from_mins(1);
/// The first pause between tries; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// The longest pause between tries.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);

/// What came of a call.
enum Told {
    /// The client took it, or there is nobody to tell any more.
    Settled,
    /// The client will not take it, however often it is sent.
    Never,
    /// It may be taken later.
    NotNow,
}

impl Issuer {
    /// Tells clients whose time has come; gives how many notices were taken up. To be called again and again, by every
    /// node: each notice is one caller's own for a while.
    ///
    /// # Errors
    /// [`Fault`] when the store does not answer; what was not settled stays to be told.
    pub async fn send_logout_notices(&self) -> Result<usize, Fault> {
        let now = self.now();
        let notices = self.parts.store.lease_notices(now, now.plus(LEASE), AT_ONCE).await?;
        let rounds = join_all(notices.iter().map(|notice| self.settle(notice, now))).await;
        rounds.into_iter().collect::<Result<Vec<()>, Fault>>().map(|settled| settled.len())
    }

    async fn settle(&self, notice: &HeldNotice, now: Timestamp) -> Result<(), Fault> {
        let store = &self.parts.store;
        match self.tell(notice).await? {
            Told::Settled | Told::Never => store.delete_notice(notice).await?,
            Told::NotNow if now >= notice.created_at.plus(GIVE_UP) => {
                tracing::warn!(client.id = %notice.client, attempts = notice.attempts, "given up telling a client after a day");
                store.delete_notice(notice).await?
            }
            Told::NotNow => store.defer_notice(notice, now.plus(pause(notice.attempts))).await?,
        };
        Ok(())
    }

    async fn tell(&self, notice: &HeldNotice) -> Result<Told, Fault> {
        let Some(client) = self.parts.store.find_client(&notice.client).await? else { return Ok(Told::Settled) };
        let profile = &client.profile;
        let uri =
            if notice.event.is_some() { &profile.consent_events_uri } else { &profile.logout.backchannel_logout_uri };
        let Some(uri) = uri else { return Ok(Told::Settled) };
        let message = if let Some(event) = &notice.event {
            (consent_event::MEDIA_TYPE, self.consent_event_token(&client, notice, event)?)
        } else {
            let token = self.logout_token(&client, notice)?;
            let body = form_urlencoded::Serializer::new(String::new()).append_pair("logout_token", &token).finish();
            ("application/x-www-form-urlencoded", body)
        };
        let answer = self.outward.post_told(uri, message).await;
        let told = outcome(&answer);
        match (&told, answer) {
            (Told::Settled, _) => {}
            (Told::NotNow, Ok(status)) => {
                tracing::info!(client.id = %client.id, status, "a notice was not taken yet");
            }
            (Told::NotNow, Err(error)) => {
                tracing::info!(client.id = %client.id, %error, "a notice could not be sent");
            }
            // Back-Channel Logout §2.8, RFC 8935 §2.3: 400 says that it failed for good.
            (Told::Never, Ok(status)) => {
                tracing::warn!(client.id = %client.id, status, "a client refused a notice");
            }
            (Told::Never, Err(error)) => {
                tracing::warn!(client.id = %client.id, %error, "a client's address for notices is not called");
            }
        }
        Ok(told)
    }

    /// By the key that signs id_tokens too (Back-Channel Logout §2.4); made anew for every try, since it is soon over.
    fn logout_token(&self, client: &Client, notice: &HeldNotice) -> Result<String, Fault> {
        let token = LogoutToken {
            issuer: &self.public_url,
            audience: client.id.as_str(),
            subject: &self.pairwise.subject(&client.sector, &notice.subject),
            session: notice.sign_in.as_str(),
            id: &self.parts.entropy.short_handle(),
            issued_at: self.now().seconds(),
        };
        token.sign(&*self.keys.message_signer())
    }
}

impl Issuer {
    /// Made anew for every try, with the same `jti`, by which the client knows the event again (RFC 8417 §2.2).
    fn consent_event_token(&self, client: &Client, notice: &HeldNotice, event: &ConsentEvent) -> Result<String, Fault> {
        let token = ConsentEventToken {
            issuer: &self.public_url,
            audience: client.id.as_str(),
            subject: &self.pairwise.subject(&client.sector, &notice.subject),
            id: notice.sign_in.as_str(),
            issued_at: self.now(),
            happened_at: notice.created_at,
            event,
        };
        token.sign(&*self.keys.message_signer())
    }
}

/// A server that is away or overloaded, or a network in between, may be better later; everything else stays as it is.
fn outcome(answer: &Result<u16, OutwardError>) -> Told {
    match answer {
        Ok(200..=299) => Told::Settled,
        Ok(408 | 425 | 429 | 500..) | Err(OutwardError::Unreachable(_) | OutwardError::Ours(_)) => Told::NotNow,
        Ok(_) | Err(_) => Told::Never,
    }
}

fn pause(attempts: u32) -> Duration {
    let doubled = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(attempts.saturating_sub(1).min(16)));
    doubled.min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_an_hour() {
        let seconds: Vec<u64> = [1, 2, 3, 10, 11, u32::MAX].map(|n| pause(n).as_secs()).to_vec();
        assert_eq!(seconds, [5, 10, 20, 2560, 3600, 3600]);
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        for status in [200, 204] {
            assert!(matches!(outcome(&Ok(status)), Told::Settled), "{status}");
        }
        for status in [408, 429, 500, 502, 503, 504] {
            assert!(matches!(outcome(&Ok(status)), Told::NotNow), "{status}");
        }
        for status in [301, 302, 400, 401, 404, 405] {
            assert!(matches!(outcome(&Ok(status)), Told::Never), "{status}");
        }
        assert!(matches!(outcome(&Err(OutwardError::NotPublic)), Told::Never));
        assert!(matches!(outcome(&Err(OutwardError::Address)), Told::Never));
    }
}
