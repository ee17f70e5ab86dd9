//! Witnesses of the log of evidence (C2SP tlog-witness): asked to sign its newest head, and read with care.

use super::http::{self, Unread};
use reqwest::{Client, Url};
use std::time::Duration;

/// The whole call.
const DEADLINE: Duration = Duration::from_secs(5);
/// The most that an answer may weigh: a few signatures.
const LARGEST_ANSWER: usize = 16 * 1024;

/// What a witness answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WitnessAnswer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: String,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// No connection, or no answer in time.
    #[error("no connection, or no answer in time")]
    Unreachable(#[source] Box<reqwest::Error>),
    /// The answer is larger than any honest one, or no text.
    #[error("answered with more than {LARGEST_ANSWER} bytes, or with no text")]
    Answer,
}

/// One witness.
#[derive(Clone, Debug)]
pub struct WitnessClient {
    client: Client,
    address: Url,
}

impl WitnessClient {
    /// The witness whose calls begin with `prefix`, as the operator named it.
    ///
    /// # Errors
    /// What keeps a client from being made.
    pub fn new(prefix: &Url) -> Result<Self, String> {
        let mut address = prefix.clone();
        let path = format!("{}/add-checkpoint", prefix.path().trim_end_matches('/'));
        address.set_path(&path);
        Ok(Self { client: http::client(prefix, None, DEADLINE)?, address })
    }

    /// Asks it to sign a head.
    ///
    /// # Errors
    /// [`WitnessError`].
    pub async fn add_checkpoint(&self, body: String) -> Result<WitnessAnswer, WitnessError> {
        let unreachable = |error| WitnessError::Unreachable(Box::new(error));
        let answer = self.client.post(self.address.clone()).body(body).send().await.map_err(unreachable)?;
        let status = answer.status().as_u16();
        let bytes = http::whole(answer, LARGEST_ANSWER).await.map_err(|unread| match unread {
            Unread::Broken(error) => unreachable(error),
            Unread::TooLarge => WitnessError::Answer,
        })?;
        let body = String::from_utf8(bytes).map_err(|_| WitnessError::Answer)?;
        Ok(WitnessAnswer { status, body })
    }
}
