//! The bridge from `openidconnect` to our `reqwest`: no redirects, short deadlines, small answers.

use crate::adapters::breaker::{Breaker, BreakerSettings, Health, Pulse};
use crate::adapters::http::{Unread, whole};
use crate::domain::Clock;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// The whole exchange, connection included.
const DEADLINE: Duration = Duration::from_secs(10);
/// Opening the connection.
const CONNECT_DEADLINE: Duration = Duration::from_secs(3);
/// The most that an answer may weigh: a discovery document is a few kilobytes.
const LARGEST_ANSWER: usize = 256 * 1024;

/// What can go wrong below the protocol.
#[derive(Debug, thiserror::Error)]
pub(in crate::adapters) enum OutboundError {
    #[error("no answer in time, or no connection")]
    Unreachable(#[source] reqwest::Error),
    #[error("answered {0}")]
    Unwell(http::StatusCode),
    #[error("an answer larger than {LARGEST_ANSWER} bytes")]
    TooLarge,
    #[error("an answer that is no HTTP")]
    Malformed(#[source] http::Error),
}

/// The outbound HTTP client of the relying party.
#[derive(Clone)]
pub(in crate::adapters) struct Outbound {
    client: reqwest::Client,
    // Never keeps a call back: what a citizen began is tried. It tells how the provider did lately.
    health: Arc<Breaker>,
    clock: Arc<dyn Clock>,
}

impl Outbound {
    pub(in crate::adapters) fn new(clock: Arc<dyn Clock>) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            // A provider that redirects its token endpoint would be sending our assertion elsewhere.
            .redirect(reqwest::redirect::Policy::none())
            .timeout(DEADLINE)
            .connect_timeout(CONNECT_DEADLINE)
            .build()?;
        Ok(Self { client, health: Arc::new(Breaker::new(BreakerSettings::default())), clock })
    }

    /// How the provider did lately.
    pub(in crate::adapters) fn pulse(&self) -> Pulse {
        let pulse = self.health.pulse();
        // Nobody asks to be let through, so that a call which ended well says that the provider is back.
        Pulse { is_closed: pulse.is_closed || pulse.last_well >= pulse.last_ill, ..pulse }
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, OutboundError> {
        let (parts, body) = request.into_parts();
        let answer = self
            .client
            .request(parts.method, parts.uri.to_string())
            .headers(parts.headers)
            .body(body)
            .send()
            .await
            .map_err(OutboundError::Unreachable)?;
        let status = answer.status();
        if status.is_server_error() {
            return Err(OutboundError::Unwell(status));
        }
        let mut response = http::Response::builder().status(status);
        if let Some(headers) = response.headers_mut() {
            headers.extend(answer.headers().clone());
        }
        let bytes = whole(answer, LARGEST_ANSWER).await.map_err(|unread| match unread {
            Unread::Broken(error) => OutboundError::Unreachable(error),
            Unread::TooLarge => OutboundError::TooLarge,
        })?;
        response.body(bytes).map_err(OutboundError::Malformed)
    }
}

impl<'c> AsyncHttpClient<'c> for Outbound {
    type Error = OutboundError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, OutboundError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let answer = self.send(request).await;
            let health = if answer.is_ok() { Health::Well } else { Health::Ill };
            self.health.report(health, self.clock.now());
            answer
        })
    }
}
