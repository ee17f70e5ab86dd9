//! The keys by which companies sign certificates of employment: those that their software registered.

use super::Issuer;
use crate::domain::ids::ClientId;
use crate::domain::refusal::Failure;
use crate::protocol::employment_certificate::{VerifiedCertificate, kid, verify};

impl Issuer {
    /// Verifies a certificate that this client handed in, by the keys that it has registered now.
    ///
    /// # Errors
    /// `invalid_value` at `/signed_certificate`; `invalid_client` when its keys cannot be read.
    pub async fn verify_certificate(&self, client: &ClientId, text: &str) -> Result<VerifiedCertificate, Failure> {
        let now = self.now();
        let known = self.clients.get(client, &*self.parts.store, now).await?;
        let known = self.clients.with_key(known, kid(text).as_deref(), now).await?;
        Ok(verify(text, &known.keys)?)
    }
}
