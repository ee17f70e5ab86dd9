//! The refresh tokens of accounts at agencies, kept between processes.
//!
//! An account service may give a new refresh token for each that is used, and take the old one no more. The last one is
//! sealed in the store; of several workers that renewed at once, one writes, and the others read what it wrote.

use crate::adapters::agency::egov::{KeptToken, RefreshTokens};
use crate::domain::{Digest, Entropy, Failure, Fault, MasterKey, Secret};
use crate::store::{HeldAgencyToken, Store};
use async_trait::async_trait;
use std::sync::Arc;

/// What seals and opens a token.
fn owner(agency: &str) -> String {
    format!("agency token:{agency}")
}

/// Tokens in the store.
pub struct StoredTokens {
    store: Arc<dyn Store>,
    master: Arc<MasterKey>,
    entropy: Arc<dyn Entropy>,
}

impl StoredTokens {
    /// Those of a store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, master: Arc<MasterKey>, entropy: Arc<dyn Entropy>) -> Self {
        Self { store, master, entropy }
    }
}

#[async_trait]
impl RefreshTokens for StoredTokens {
    async fn last(&self, agency: &str, connected: &Secret<String>) -> Result<KeptToken, Fault> {
        let Some(held) = self.store.find_agency_token(agency).await? else {
            return Ok(KeptToken { token: connected.clone(), version: 0 });
        };
        // The account was connected anew since.
        if held.connected != Digest::of(connected.expose()) {
            return Ok(KeptToken { token: connected.clone(), version: held.version });
        }
        let opened = self.master.open(&owner(agency), &held.sealed)?;
        let token = String::from_utf8(opened).map_err(|_| Fault::Internal("a kept token is no text".into()))?;
        Ok(KeptToken { token: Secret::new(token), version: held.version })
    }

    async fn replace(
        &self,
        (agency, connected): (&str, &Secret<String>),
        seen: &KeptToken,
        next: &Secret<String>,
    ) -> Result<bool, Fault> {
        let sealed = self.master.seal(&owner(agency), next.expose().as_bytes(), &*self.entropy)?;
        let connected = Digest::of(connected.expose());
        let next = HeldAgencyToken { agency: agency.to_owned(), connected, sealed, version: seen.version };
        self.store.put_agency_token(&next).await
    }
}

/// Wraps the tokens under the present master key; gives how many were seen and how many were changed.
///
/// # Errors
/// [`Fault`] when the store is away, or a token's master key is not among ours.
pub async fn reseal_tokens(
    store: &dyn Store,
    (master, entropy): (&MasterKey, &dyn Entropy),
) -> Result<(usize, usize), Failure> {
    let held = store.list_agency_tokens().await?;
    let mut changed = 0;
    for one in &held {
        if let Some(sealed) = master.rewrap(&owner(&one.agency), &one.sealed, entropy)? {
            // A token that was replaced meanwhile was sealed under the present key.
            changed += usize::from(store.put_agency_token(&HeldAgencyToken { sealed, ..one.clone() }).await?);
        }
    }
    Ok((held.len(), changed))
}
