//! The service over HTTP.

use super::wire::{Answer, Notification, Pay, Question, SIGNATURE, State, word};
use super::{
    AttemptStanding, Handover, InvalidPayments, NOTIFIED_WITHIN, Notified, PaymentService, PaymentServiceError,
    PaymentSettings,
};
use crate::adapters::breaker::{Breaker, BreakerSettings, Health, Pulse};
use crate::adapters::http;
use crate::domain::ids::PaymentAttemptId;
use crate::domain::payment::PaymentKey;
use crate::domain::{Clock, Digest, Entropy, Refusal, Timestamp};
use async_trait::async_trait;
use reqwest::Client;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Most bytes of an answer.
const MOST_BYTES: usize = 16 * 1024;
/// How far the service's clock may be ahead of ours.
const AHEAD: Duration = Duration::from_mins(1);

/// The service.
pub struct PaymentClient {
    client: Client,
    base: Url,
    shop: String,
    key: PaymentKey,
    breaker: Breaker,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl PaymentClient {
    /// A client of the service as configured.
    ///
    /// # Errors
    /// [`InvalidPayments`].
    pub fn new(
        settings: &PaymentSettings,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, InvalidPayments> {
        let key = settings.key()?;
        let authorities = settings.authorities_file.as_deref();
        let client = http::client(&settings.base_url, authorities, settings.call_timeout).map_err(InvalidPayments)?;
        let (base, shop) = (settings.base_url.clone(), settings.shop.clone());
        Ok(Self { client, base, shop, key, breaker: Breaker::new(BreakerSettings::default()), clock, entropy })
    }

    async fn ask(
        &self,
        call: &str,
        attempt: &PaymentAttemptId,
        pay: Option<Pay<'_>>,
    ) -> Result<Answer, PaymentServiceError> {
        let now = self.clock.now();
        self.breaker.enter(now).map_err(|rest| PaymentServiceError::Away(format!("it rests for {rest:?}")))?;
        let answer = self.asked(call, attempt, pay, now).await;
        let health = if answer.is_ok() { Health::Well } else { Health::Ill };
        self.breaker.report(health, self.clock.now());
        Answer::read(&answer?, attempt)
    }

    async fn asked(
        &self,
        call: &str,
        attempt: &PaymentAttemptId,
        pay: Option<Pay<'_>>,
        now: Timestamp,
    ) -> Result<Vec<u8>, PaymentServiceError> {
        let away = |words: &str| PaymentServiceError::Away(words.to_owned());
        let mut url = self.base.clone();
        url.path_segments_mut().map_err(|()| away("no address"))?.pop_if_empty().extend(["links", call]);
        let jti = self.entropy.short_handle();
        let question = Question { shop: &self.shop, link: attempt.as_str(), jti: &jti, iat: now.seconds(), pay };
        let body = serde_json::to_vec(&question).map_err(|_| away("the question cannot be written"))?;
        let signature = self.key.sign(word::QUESTION, &[call.as_bytes(), &body]);
        let request = self.client.post(url).header(ACCEPT, "application/json");
        let request = request.header(CONTENT_TYPE, "application/json").header(SIGNATURE, signature).body(body);
        let answer = request.send().await.map_err(|error| away(&error.without_url().to_string()))?;
        if answer.status().as_u16() != 200 {
            return Err(away(&format!("status {}", answer.status().as_u16())));
        }
        let signed = answer.headers().get(SIGNATURE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let signed = signed.to_owned();
        let body = http::whole(answer, MOST_BYTES).await.map_err(|unread| match unread {
            http::Unread::Broken(error) => away(&error.without_url().to_string()),
            http::Unread::TooLarge => PaymentServiceError::Unusable("it is too large"),
        })?;
        if !self.key.is_signed(word::ANSWER, &[jti.as_bytes(), &body], &signed) {
            return Err(PaymentServiceError::Unusable("it is not signed by the service"));
        }
        Ok(body)
    }

    fn standing(&self, answer: Answer) -> Result<AttemptStanding, PaymentServiceError> {
        match (answer.state, answer.taking) {
            (State::Waiting, None) => Ok(AttemptStanding::Waiting),
            (State::Closed, None) => Ok(AttemptStanding::Closed),
            (State::Taken, Some(taking)) => {
                let taking =
                    taking.read(self.clock.now().plus(AHEAD), &self.key).map_err(PaymentServiceError::Unusable)?;
                Ok(AttemptStanding::Taken(taking))
            }
            _ => Err(PaymentServiceError::Unusable("state and taking do not fit")),
        }
    }
}

#[async_trait]
impl PaymentService for PaymentClient {
    async fn open(&self, handover: &Handover<'_>) -> Result<String, PaymentServiceError> {
        let answer = self.ask("open", &handover.attempt.id, Some(Pay::of(handover))).await?;
        let url = answer.url.filter(|text| text.len() <= 2000).and_then(|text| Url::parse(&text).ok());
        // Where it sends a citizen must be its own: an answer must not make us an open redirector.
        let own = url.filter(|url| url.origin() == self.base.origin() && answer.state == State::Waiting);
        own.map(String::from).ok_or(PaymentServiceError::Unusable("it names no page of its own"))
    }

    async fn look(&self, attempt: &PaymentAttemptId) -> Result<AttemptStanding, PaymentServiceError> {
        self.standing(self.ask("look", attempt, None).await?)
    }

    async fn close(&self, attempt: &PaymentAttemptId) -> Result<AttemptStanding, PaymentServiceError> {
        match self.standing(self.ask("close", attempt, None).await?)? {
            AttemptStanding::Waiting => Err(PaymentServiceError::Unusable("it did not close")),
            standing => Ok(standing),
        }
    }

    fn notified(&self, signature: &str, body: &[u8], now: Timestamp) -> Result<Notified, Refusal> {
        let refused = |words: &'static str| Refusal::new("invalid_request", words);
        if !self.key.is_signed(word::NOTIFICATION, &[body], signature) {
            return Err(refused("It is not signed by the payment service.").at("Payment-Signature"));
        }
        let notification = Notification::read(body)?;
        let made = Timestamp::from_seconds(notification.iat.clamp(0, i64::from(u32::MAX)));
        if now > made.plus(NOTIFIED_WITHIN) || made > now.plus(NOTIFIED_WITHIN) {
            return Err(refused("It is too old, or from the time to come: send it anew.").at("/iat"));
        }
        if notification.shop != self.shop || !(1..=64).contains(&notification.jti.len()) {
            return Err(refused("It is for another shop, or has no id.").at("/shop"));
        }
        let attempt = notification.attempt()?;
        let mark = Digest::of(&format!("payment notification\n{}\n{}", notification.shop, notification.jti));
        let taking = notification.taking.read(now.plus(AHEAD), &self.key);
        let taking = taking.map_err(|words| Refusal::new("invalid_value", words).at("/taking"))?;
        Ok(Notified { attempt, taking, mark, good_until: made.plus(NOTIFIED_WITHIN) })
    }

    fn is_returned(&self, attempt: &PaymentAttemptId, (sent_at, signature): (i64, &str), now: Timestamp) -> bool {
        let at = sent_at.to_string();
        let is_signed = self.key.is_signed(word::RETURN, &[attempt.as_str().as_bytes(), at.as_bytes()], signature);
        let made = Timestamp::from_seconds(sent_at.clamp(0, i64::from(u32::MAX)));
        is_signed && now <= made.plus(NOTIFIED_WITHIN) && made <= now.plus(NOTIFIED_WITHIN)
    }

    fn origin(&self) -> String {
        self.base.origin().ascii_serialization()
    }

    fn is_well(&self) -> bool {
        self.breaker.is_closed()
    }

    fn pulse(&self) -> Pulse {
        self.breaker.pulse()
    }
}
