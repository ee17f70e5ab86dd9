//! The port by which an account keeps the refresh token that it was given last.

use crate::domain::{Fault, Secret};
use async_trait::async_trait;

/// The token to use next.
#[derive(Clone, Debug)]
pub struct KeptToken {
    /// The token.
    pub token: Secret<String>,
    /// Counts its changes; 0 when none was ever kept.
    pub version: u64,
}

/// Where refresh tokens are kept between processes.
#[async_trait]
pub trait RefreshTokens: Send + Sync {
    /// The last one of an agency's account that was connected with `connected`: that one itself at first.
    async fn last(&self, agency: &str, connected: &Secret<String>) -> Result<KeptToken, Fault>;
    /// Keeps the next one; false, and nothing is kept, when another was kept since `seen`.
    async fn replace(
        &self,
        account: (&str, &Secret<String>),
        seen: &KeptToken,
        next: &Secret<String>,
    ) -> Result<bool, Fault>;
}
