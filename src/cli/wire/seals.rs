//! What companies' clouds are shown; the signatures of certificates of employment: companies' by the keys that their software registered, ours by the issuer's.

use crate::domain::deposit::CloudAsk;
use crate::domain::employment_certificate::EmploymentCertificate;
use crate::domain::ids::ClientId;
use crate::domain::payment::{Payment, Settlement};
use crate::domain::{Failure, Fault, Secret};
use crate::issuer::Issuer;
use crate::protocol::employment_certificate::{content, is_as_signed, receipt};
use crate::protocol::{deposit_pass, payment_receipt};
use crate::services::deposits::Passes;
use crate::services::employment_certificates::{Seals, Verified};
use crate::services::payments::PaymentReceipts;
use async_trait::async_trait;
use serde_json::Value;
use std::sync::Arc;

/// The issuer, as certificates need it.
pub(super) struct IssuerSeals(pub Arc<Issuer>);

#[async_trait]
impl Seals for IssuerSeals {
    async fn verify(&self, client: &ClientId, text: &str) -> Result<Verified, Failure> {
        let verified = self.0.verify_certificate(client, text).await?;
        Ok(Verified { payload: verified.payload, signed_by: verified.signed_by.to_string() })
    }

    fn receipt(&self, one: &EmploymentCertificate) -> Result<String, Fault> {
        receipt(self.0.public_url(), one, &*self.0.message_signer())
    }

    fn is_as_signed(&self, one: &EmploymentCertificate) -> bool {
        is_as_signed(&one.signed, &one.signed_by)
    }

    fn content(&self, text: &str) -> Result<Value, Fault> {
        content(text)
    }
}

impl PaymentReceipts for IssuerSeals {
    fn receipt(&self, one: &Payment, settlement: &Settlement) -> Result<String, Fault> {
        payment_receipt::signed(self.0.public_url(), (one, settlement), &*self.0.message_signer())
    }
}

impl Passes for IssuerSeals {
    fn pass(&self, ask: &CloudAsk<'_>) -> Result<Secret<String>, Fault> {
        deposit_pass::signed(self.0.public_url(), ask, &*self.0.message_signer())
    }
}
