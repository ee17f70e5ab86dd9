//! Where the system that discloses records is, and who we are there.

use crate::adapters::asserting::AssertingSettings;
use url::Url;

/// The system, as the operator names it.
#[derive(Clone, Debug)]
pub struct ProvisionRecordSettings {
    /// Where it is: https, or http on this machine. Also the `aud` of our assertions.
    pub base_url: Url,
    /// Who we are there.
    pub account: AssertingSettings,
}

/// Settings that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("provision_records: {0}")]
pub struct InvalidProvisionRecords(pub String);

impl ProvisionRecordSettings {
    /// Checks what the form alone can tell.
    ///
    /// # Errors
    /// [`InvalidProvisionRecords`] with the first fault.
    pub fn check(&self) -> Result<(), InvalidProvisionRecords> {
        self.account.check(&[&self.base_url]).map_err(|fault| InvalidProvisionRecords(fault.to_owned()))
    }
}
