//! The search web service of ぴったりサービス (`eLinkServProcListSearch`, `eLinkServProcDetailSearch`): a municipality's
//! procedures, in its own words.
//!
//! What for: the catalogue is made from it, beside the calls; nobody who searches waits for it.
//!
//! How it flows: [`ServiceSource::list`] asks for a municipality's list, [`ServiceSource::detail`] for one procedure's
//! particulars; `wire` reads what comes strictly: sizes, dates, ids; the id and the digest of the password go with each
//! call, as the protocol wants it.
//!
//! How to add one more: another source of procedures is another engine of [`ServiceSource`].
//!
//! What it must never do: take 200 for success (`resultName` says it); take a row of another municipality than was asked
//! for; hand on a link that is not https.

mod client;
mod settings;
#[cfg(test)]
mod tests;
mod wire;

pub use client::ServiceSearchClient;
pub use settings::{InvalidServiceSearch, ServiceSearchSettings};

use crate::catalog::municipalities::MunicipalityCode;
use crate::catalog::services::{Listing, Particulars, Psid};
use async_trait::async_trait;

/// Why there is no answer. What the other side said is not repeated: it is bytes from a stranger.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// It was not reached, or did not answer in time, or with this status.
    #[error("the search web service does not answer: {0}")]
    Away(String),
    /// It answered what is no answer of the protocol.
    #[error("the search web service's answer does not read: {0}")]
    Unreadable(&'static str),
    /// It said no, with this code of the protocol (`EE…`), or another word.
    #[error("the search web service refuses: {0}")]
    Refused(String),
}

/// Where a municipality's procedures come from.
#[async_trait]
pub trait ServiceSource: Send + Sync {
    /// Every procedure of a municipality; none is an answer, too.
    ///
    /// # Errors
    /// [`SourceError`]: what was known of the municipality stays.
    async fn list(&self, municipality: MunicipalityCode) -> Result<Vec<Listing>, SourceError>;

    /// What more is said of one.
    ///
    /// # Errors
    /// [`SourceError`].
    async fn detail(&self, psid: &Psid) -> Result<Particulars, SourceError>;
}
