//! A witness of the log, as the operator names it.

use super::note::{KeyKind, Verifier};
use crate::domain::Environment;
use url::Url;

/// One witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WitnessSettings {
    /// Its public key.
    pub key: Verifier,
    /// Where it is asked (C2SP tlog-witness); one that signs by `madoguchi audit witness` is asked nowhere.
    pub url: Option<Url>,
}

impl WitnessSettings {
    /// Reads `KEY` or `KEY URL`.
    ///
    /// # Errors
    /// What is wrong with it, for the operator.
    pub fn parse(text: &str, environment: Environment) -> Result<Self, String> {
        let (key, url) = text.trim().split_once(' ').map_or((text, None), |(key, url)| (key, Some(url.trim())));
        let key = Verifier::parse(key).map_err(|error| format!("the key {error}"))?;
        if key.kind() != KeyKind::Witness {
            return Err("the key is a log's, not a witness's".to_owned());
        }
        let url = url.map(|url| Url::parse(url).map_err(|_| "the address is none".to_owned())).transpose()?;
        let is_safe =
            |url: &Url| url.scheme() == "https" || (environment == Environment::Sandbox && url.scheme() == "http");
        if url.as_ref().is_some_and(|url| !is_safe(url)) {
            return Err("the address must be https".to_owned());
        }
        Ok(Self { key, url })
    }
}
