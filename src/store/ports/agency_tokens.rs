//! The port of the refresh tokens that agencies' account services give anew.

use crate::domain::{Digest, Fault};
use async_trait::async_trait;

/// A refresh token as it is held: the last one of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldAgencyToken {
    /// Which agency's account, by its name in the configuration.
    pub agency: String,
    /// SHA-256 of the token with which the account was connected: with another one it begins anew.
    pub connected: Digest,
    /// The token, sealed.
    pub sealed: Vec<u8>,
    /// Counts its changes, from 1.
    pub version: u64,
}

/// Refresh tokens of accounts at agencies.
#[async_trait]
pub trait AgencyTokenStore: Send + Sync {
    /// The one of an agency.
    async fn find_agency_token(&self, agency: &str) -> Result<Option<HeldAgencyToken>, Fault>;
    /// Writes the next one, whose `version` is that of the one it follows, 0 when there was none: of any number of callers
    /// that saw the same, one writes.
    async fn put_agency_token(&self, next: &HeldAgencyToken) -> Result<bool, Fault>;
    /// All of them, by agency.
    async fn list_agency_tokens(&self) -> Result<Vec<HeldAgencyToken>, Fault>;
}
