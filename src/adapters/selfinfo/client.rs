//! One HTTP client per backend: no redirects, https unless loopback, few headers out, a bounded body back.

use super::settings::{BackendSettings, InvalidBackend};
use super::{Reason, Trouble};
use crate::adapters::http::{self, Unread};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Client, Response, Url};
use std::time::Duration;

/// Most bytes of an answer.
const MOST_BYTES: usize = 8 * 1024 * 1024;
/// A backend that says "come back in an hour" is asked again after this at most.
const LONGEST_RETRY_AFTER: Duration = Duration::from_mins(5);

/// What is sent. Nothing else of the caller's ever goes along.
pub(super) struct Outgoing<'a> {
    pub path: &'static str,
    pub content_type: &'static str,
    pub body: Vec<u8>,
    pub token: Option<&'a str>,
    pub scenario: Option<&'a str>,
}

/// Why there is no body to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoAnswer {
    /// Nothing was sent: safe to repeat.
    NotSent,
    /// It was or may have been sent.
    Lost(Reason),
    /// 401: the token is not accepted.
    Unauthorized,
    /// 429 or 503, with what the backend said about when.
    Busy(Option<Duration>),
}

impl NoAnswer {
    pub fn trouble(self) -> Trouble {
        match self {
            Self::NotSent => Trouble::from(Reason::Unreachable),
            Self::Lost(reason) => Trouble::from(reason),
            Self::Unauthorized => Trouble::from(Reason::Refused),
            Self::Busy(pause) => Trouble { retry_after: pause, ..Trouble::from(Reason::CapacityOver) },
        }
    }
}

/// The client of one backend.
pub(super) struct BackendClient {
    client: Client,
    base: String,
}

impl BackendClient {
    pub fn new(settings: &BackendSettings) -> Result<Self, InvalidBackend> {
        let deadline = Duration::from_secs(u64::from(settings.call_timeout_seconds));
        let client = http::client(&settings.base_url, settings.authorities_file.as_deref(), deadline)
            .map_err(|fault| InvalidBackend { name: settings.name.clone(), fault })?;
        Ok(Self { client, base: settings.base().to_owned() })
    }

    pub async fn post(&self, out: Outgoing<'_>) -> Result<Vec<u8>, NoAnswer> {
        let url = Url::parse(&format!("{}{}", self.base, out.path)).map_err(|_| NoAnswer::NotSent)?;
        let mut call = self.client.post(url).header(ACCEPT, "application/json").header(CONTENT_TYPE, out.content_type);
        if let Some(token) = out.token {
            call = call.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(scenario) = out.scenario {
            call = call.header("x-sandbox-scenario", scenario);
        }
        let answer = call.body(out.body).send().await.map_err(|e| why(&e))?;
        let status = answer.status().as_u16();
        match status {
            // A token endpoint says no with 400 (RFC 6749 §5.2): its body is worth reading no more than a 401's.
            200 => read(answer).await,
            401 => Err(NoAnswer::Unauthorized),
            429 | 503 => Err(NoAnswer::Busy(http::retry_after(answer.headers(), LONGEST_RETRY_AFTER))),
            400..=499 => Err(NoAnswer::Lost(Reason::Refused)),
            _ => Err(NoAnswer::Lost(Reason::BackendError)),
        }
    }
}

async fn read(answer: Response) -> Result<Vec<u8>, NoAnswer> {
    let kind = answer.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
        return Err(NoAnswer::Lost(Reason::MalformedAnswer));
    }
    http::whole(answer, MOST_BYTES).await.map_err(|unread| match unread {
        Unread::Broken(error) => why(&error),
        Unread::TooLarge => NoAnswer::Lost(Reason::MalformedAnswer),
    })
}

fn why(error: &reqwest::Error) -> NoAnswer {
    if error.is_connect() {
        NoAnswer::NotSent
    } else if error.is_timeout() {
        NoAnswer::Lost(Reason::Timeout)
    } else {
        NoAnswer::Lost(Reason::Unreachable)
    }
}

#[cfg(test)]
mod tests;
