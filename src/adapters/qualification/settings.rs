//! Where the insurers' server and the qualification system are, and who we are there.

use crate::adapters::asserting::AssertingSettings;
use url::Url;

/// Both systems, as the operator names them.
#[derive(Clone, Debug)]
pub struct QualificationSettings {
    /// Where insured numbers are asked for: https, or http on this machine. Also the `aud` of our assertions there.
    pub insurers_url: Url,
    /// Where cards are registered; likewise.
    pub base_url: Url,
    /// Who we are at both; a call is one of the two that registering needs.
    pub account: AssertingSettings,
}

/// Settings that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("health_insurance: {0}")]
pub struct InvalidQualification(pub String);

impl QualificationSettings {
    /// Checks what the form alone can tell.
    ///
    /// # Errors
    /// [`InvalidQualification`] with the first fault.
    pub fn check(&self) -> Result<(), InvalidQualification> {
        let checked = self.account.check(&[&self.base_url, &self.insurers_url]);
        checked.map_err(|fault| InvalidQualification(fault.to_owned()))
    }
}
