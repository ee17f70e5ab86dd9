//! Tokens of the backend (IF001-03), one per person, kept until shortly before they end.

use super::client::{BackendClient, NoAnswer, Outgoing};
use super::wire::TokenAnswer;
use super::{BackendSettings, Reason};
use crate::adapters::assertion::{ASSERTION_TYPE, Assertion, AssertionSigner};
use crate::domain::subject::UpstreamAccount;
use crate::domain::{Clock, Digest, Entropy, Secret, Timestamp};
use moka::sync::Cache;
use std::sync::Arc;
use std::time::Duration;

/// A token this near to its end is not used any more.
const MARGIN: Duration = Duration::from_secs(20);
/// Most persons whose tokens are kept.
const MOST_TOKENS: u64 = 50_000;

pub(super) struct HeldToken {
    pub text: Secret<String>,
    good_until: Timestamp,
}

pub(super) struct Tokens {
    signer: AssertionSigner,
    client_id: String,
    audience: String,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    held: Cache<Digest, Arc<HeldToken>>,
}

impl Tokens {
    pub fn new(
        settings: &BackendSettings,
        signer: AssertionSigner,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self {
            signer,
            client_id: settings.client_id.clone(),
            audience: settings.base().to_owned(),
            clock,
            entropy,
            held: Cache::builder().max_capacity(MOST_TOKENS).time_to_live(Duration::from_hours(1)).build(),
        }
    }

    /// A good token for `person`: the kept one, or a new one.
    pub async fn get(
        &self,
        client: &BackendClient,
        person: &UpstreamAccount,
        scenario: Option<&str>,
    ) -> Result<Arc<HeldToken>, NoAnswer> {
        let key = key(person);
        if let Some(held) = self.held.get(&key).filter(|t| self.clock.now() < t.good_until) {
            return Ok(held);
        }
        let token = Arc::new(self.fetch(client, person, scenario).await?);
        self.held.insert(key, Arc::clone(&token));
        Ok(token)
    }

    /// Forgets the token of `person`: the backend does not take it any more.
    pub fn drop_for(&self, person: &UpstreamAccount) {
        self.held.invalidate(&key(person));
    }

    async fn fetch(
        &self,
        client: &BackendClient,
        person: &UpstreamAccount,
        scenario: Option<&str>,
    ) -> Result<HeldToken, NoAnswer> {
        let now = self.clock.now();
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("assertion", &self.assertion(&person.subject, now)?),
            ("client_id", &self.client_id),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", &self.assertion(&self.client_id, now)?),
        ];
        let body = serde_urlencoded::to_string(form).map_err(|_| NoAnswer::NotSent)?;
        let out = Outgoing {
            path: "/oauth/token",
            content_type: "application/x-www-form-urlencoded",
            body: body.into_bytes(),
            token: None,
            scenario,
        };
        let answer: TokenAnswer =
            serde_json::from_slice(&client.post(out).await?).map_err(|_| NoAnswer::Lost(Reason::MalformedAnswer))?;
        let is_usable = (1..=8192).contains(&answer.access_token.len())
            && answer.access_token.bytes().all(|b| b.is_ascii_graphic())
            && answer.token_type.eq_ignore_ascii_case("bearer");
        if !is_usable {
            return Err(NoAnswer::Lost(Reason::MalformedAnswer));
        }
        let life = Duration::from_secs(u64::from(answer.expires_in.min(3600)));
        Ok(HeldToken { text: Secret::new(answer.access_token), good_until: now.plus(life.saturating_sub(MARGIN)) })
    }

    /// RFC 7523 §3: who says it, of whom, to whom, until when, once.
    fn assertion(&self, subject: &str, now: Timestamp) -> Result<String, NoAnswer> {
        let (issuer, audience) = (self.client_id.as_str(), self.audience.as_str());
        let said = Assertion { issuer, subject, audience, now, id: self.entropy.short_handle() };
        self.signer.assert(&said).map_err(|_| NoAnswer::NotSent)
    }
}

fn key(person: &UpstreamAccount) -> Digest {
    Digest::of(&format!("{}\n{}", person.issuer, person.subject))
}
