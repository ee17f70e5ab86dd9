//! Witnesses of the log of evidence (C2SP tlog-witness): asked to sign its newest head, and read with care.

use reqwest::redirect::Policy;
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
        // Whoever comes first installs it; the others find it there.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let mut address = prefix.clone();
        let path = format!("{}/add-checkpoint", prefix.path().trim_end_matches('/'));
        address.set_path(&path);
        let client = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .https_only(prefix.scheme() == "https")
            .timeout(DEADLINE)
            .user_agent("madoguchi")
            .build();
        Ok(Self { client: client.map_err(|error| error.to_string())?, address })
    }

    /// Asks it to sign a head.
    ///
    /// # Errors
    /// [`WitnessError`].
    pub async fn add_checkpoint(&self, body: String) -> Result<WitnessAnswer, WitnessError> {
        let unreachable = |error| WitnessError::Unreachable(Box::new(error));
        let mut answer = self.client.post(self.address.clone()).body(body).send().await.map_err(unreachable)?;
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
            if bytes.len() + chunk.len() > LARGEST_ANSWER {
                return Err(WitnessError::Answer);
            }
            bytes.extend_from_slice(&chunk);
        }
        let body = String::from_utf8(bytes).map_err(|_| WitnessError::Answer)?;
        Ok(WitnessAnswer { status: answer.status().as_u16(), body })
    }
}
