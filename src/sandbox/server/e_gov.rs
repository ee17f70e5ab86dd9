//! What a test asks of the pretend e-Gov.

use super::Running;
use crate::domain::Timestamp;

impl Running {
    /// How often e-Gov was told of each official document that it was fetched.
    #[must_use]
    pub fn documents_done(&self) -> Vec<u32> {
        self.sandbox.egov.documents_done()
    }

    /// Sends a document to the pretend e-Gov's account that can be fetched until then (電子送達), or a message alone.
    pub fn send_by_e_gov(&self, title: &str, until: Option<Timestamp>) {
        self.sandbox.egov.send(title, self.sandbox.clock.now(), until);
    }

    /// What was answered to accounts of the pretend e-Gov that offered to share their cases, and to whom.
    #[must_use]
    pub fn e_gov_share_answers(&self) -> Vec<(String, String)> {
        self.sandbox.egov.share_answers()
    }

    /// How often e-Gov was told of each document that it sent to the account that it was fetched.
    #[must_use]
    pub fn e_gov_sent_done(&self) -> Vec<u32> {
        self.sandbox.egov.sent_done()
    }

    /// Takes back every access token of the pretend e-Gov.
    pub fn forget_e_gov_access(&self) {
        self.sandbox.egov.forget_access(self.sandbox.clock.now());
    }

    /// How often the pretend e-Gov gave an access token for the account's first refresh token, and for any later one.
    #[must_use]
    pub fn e_gov_renewals(&self) -> (u32, u32) {
        self.sandbox.egov.renewals()
    }

    /// The form of an application at the pretend e-Gov, as it was sent last.
    #[must_use]
    pub fn e_gov_form(&self, arrival: &str) -> Option<String> {
        self.sandbox.egov.form(arrival)
    }
}
