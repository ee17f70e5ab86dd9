//! One call: bounded in time and size, and what its failure means.

use super::account::{Account, NoToken};
use super::envelope::{Problem, problem};
use crate::adapters::agency::{AgencySettings, InvalidAgency};
use crate::adapters::http;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use reqwest::{Client, Method, Response, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// Most bytes of an answer: packages and documents come in Base64.
const MOST_BYTES: usize = 24 * 1024 * 1024;
/// Whoever says "come back in a week" is asked again after this at most.
const LONGEST_RETRY_AFTER: Duration = Duration::from_hours(1);

/// A call that brought no result.
#[derive(Debug)]
pub(super) enum Failed {
    /// It certainly had no effect.
    NotNow(Option<Duration>),
    /// e-Gov does not take it, and says why.
    Refused(Problem),
    /// There is no such thing there.
    Missing,
    /// Nobody knows whether it had an effect.
    Lost,
}

/// A call to make.
pub(super) struct Call<'a, B: Serialize> {
    pub path: &'a [&'a str],
    pub query: &'a [(&'a str, &'a str)],
    pub method: Method,
    pub body: Option<&'a B>,
    pub timeout: Duration,
}

impl<'a> Call<'a, ()> {
    /// A question.
    pub fn get(path: &'a [&'a str], query: &'a [(&'a str, &'a str)], timeout: Duration) -> Self {
        Self { path, query, method: Method::GET, body: None, timeout }
    }
}

impl<'a, B: Serialize> Call<'a, B> {
    /// Something to do.
    pub fn post(path: &'a [&'a str], body: &'a B, timeout: Duration) -> Self {
        Self { path, query: &[], method: Method::POST, body: Some(body), timeout }
    }
}

pub(super) struct Calls {
    client: Client,
    base: String,
    is_trial: bool,
    account: Account,
}

/// A client as every call wants it.
pub(super) fn client(settings: &AgencySettings) -> Result<Client, InvalidAgency> {
    http::client(&settings.base_url, settings.authorities_file.as_deref(), settings.call_timeout())
        .map_err(|fault| InvalidAgency { name: settings.name.clone(), fault })
}

impl Calls {
    pub fn new(settings: &AgencySettings, client: Client, account: Account) -> Self {
        let is_trial = settings.egov.as_ref().is_some_and(|egov| egov.is_trial);
        Self { client, base: settings.base().to_owned(), is_trial, account }
    }

    /// Makes it once.
    pub async fn make<B: Serialize, A: DeserializeOwned>(&self, call: Call<'_, B>) -> Result<A, Failed> {
        let token = self.account.token().await.map_err(|NoToken(pause)| Failed::NotNow(pause))?;
        let url = self.url(call.path, call.query).ok_or(Failed::NotNow(None))?;
        let mut request = self
            .client
            .request(call.method, url)
            .timeout(call.timeout)
            .header(ACCEPT, "application/json")
            .header(AUTHORIZATION, format!("Bearer {}", token.expose()));
        if self.is_trial {
            request = request.header("X-eGovAPI-Trial", "true");
        }
        if let Some(body) = call.body {
            let body = serde_json::to_vec(body).map_err(|_| Failed::NotNow(None))?;
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        let answer = match request.send().await {
            Ok(answer) => answer,
            // No connection was made, so nothing was sent.
            Err(error) if error.is_connect() => return Err(Failed::NotNow(None)),
            Err(_) => return Err(Failed::Lost),
        };
        self.read(answer).await
    }

    async fn read<A: DeserializeOwned>(&self, answer: Response) -> Result<A, Failed> {
        let (status, pause) = (answer.status().as_u16(), retry_after(answer.headers()));
        match status {
            200..=202 => {
                let bytes = http::whole(answer, MOST_BYTES).await.map_err(|_| Failed::Lost)?;
                serde_json::from_slice(&bytes).map_err(|_| Failed::Lost)
            }
            // A refusal stands without words; one that e-Gov did not write itself says nothing.
            400 | 413 | 422 => {
                let bytes = http::whole(answer, MOST_BYTES).await.map_err(|_| Failed::Lost)?;
                problem(&bytes).map_or(Err(Failed::Lost), |problem| Err(Failed::Refused(problem)))
            }
            401 => {
                self.account.drop_token();
                Err(Failed::NotNow(pause))
            }
            404 => {
                let bytes = http::whole(answer, MOST_BYTES).await.unwrap_or_default();
                if problem(&bytes).is_some() { Err(Failed::Missing) } else { Err(Failed::NotNow(pause)) }
            }
            // Our own standing there is wrong, and nothing was looked at.
            403 | 405 | 429 => Err(Failed::NotNow(pause)),
            503 if pause.is_some() => Err(Failed::NotNow(pause)),
            _ => Err(Failed::Lost),
        }
    }

    fn url(&self, path: &[&str], query: &[(&str, &str)]) -> Option<Url> {
        let mut url = Url::parse(&self.base).ok()?;
        url.path_segments_mut().ok()?.pop_if_empty().extend(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Some(url)
    }
}

/// `Retry-After`, within reason.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    http::retry_after(headers, LONGEST_RETRY_AFTER)
}
