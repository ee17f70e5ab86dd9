//! Where the payment service is, and who we are there.

use crate::adapters::selfinfo::is_safe;
use crate::domain::Secret;
use crate::domain::payment::{PaymentKey, SHORTEST_KEY};
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// The payment service, as the operator names it.
#[derive(Clone, Debug)]
pub struct PaymentSettings {
    /// Where it is: https, or http on this machine. Its pages are at the same origin.
    pub base_url: Url,
    /// Our name there.
    pub shop: String,
    /// The secret that both sign with, 32 bytes at least.
    pub secret: Secret<String>,
    /// Who vouches for its certificate, PEM; the system's authorities when absent.
    pub authorities_file: Option<PathBuf>,
    /// How long one call may take.
    pub call_timeout: Duration,
}

/// Settings that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the payment service: {0}")]
pub struct InvalidPayments(pub String);

impl PaymentSettings {
    /// Checks what the form alone can tell.
    ///
    /// # Errors
    /// [`InvalidPayments`] with the first fault.
    pub fn check(&self) -> Result<(), InvalidPayments> {
        self.key().map(drop)
    }

    pub(super) fn key(&self) -> Result<PaymentKey, InvalidPayments> {
        let fault = |words: String| InvalidPayments(words);
        if !is_safe(&self.base_url) {
            let words = "base_url must be https, or http on a loopback address, without query or credentials";
            return Err(fault(words.to_owned()));
        }
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if !(1..=64).contains(&self.shop.len()) || !self.shop.chars().all(is_name) {
            return Err(fault("shop must be 1 to 64 of A-Z a-z 0-9 - _".to_owned()));
        }
        PaymentKey::new(&self.secret)
            .ok_or_else(|| fault(format!("the secret must have {SHORTEST_KEY} bytes at least")))
    }
}
