//! Where signatures are made, and what certificates are held against.

use crate::adapters::selfinfo::is_safe;
use crate::domain::electronic_signature::SignerRules;
use std::time::Duration;
use url::Url;

/// Most lists of revoked certificates.
const MOST_LISTS: usize = 16;

/// What the operator names.
#[derive(Clone, Debug)]
pub struct SignatureSettings {
    /// The signing service of the citizens' identity provider: https, or http on this machine.
    pub signing_url: Url,
    /// The authorities that certificates for signing lead to, PEM.
    pub anchors: String,
    /// The kinds of certificates (certificate policies) that are taken, as OIDs.
    pub certificate_policies: Vec<String>,
    /// Where the lists of revoked certificates are, one for each authority: http or https, for they are signed themselves.
    pub crl_urls: Vec<Url>,
    /// How long the fetching of one list may take.
    pub call_timeout: Duration,
}

/// Settings that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("signatures: {0}")]
pub struct InvalidSignatures(pub String);

impl SignatureSettings {
    /// Checks what they alone can tell.
    ///
    /// # Errors
    /// [`InvalidSignatures`] with the first fault.
    pub fn check(&self) -> Result<(), InvalidSignatures> {
        let fault = |words: &str| Err(InvalidSignatures(words.to_owned()));
        if !is_safe(&self.signing_url) {
            return fault("signing_url must be https, or http on a loopback address, without query or credentials");
        }
        let is_address = |url: &Url| matches!(url.scheme(), "http" | "https") && url.username().is_empty();
        if !(1..=MOST_LISTS).contains(&self.crl_urls.len()) || !self.crl_urls.iter().all(is_address) {
            return fault("crl_urls must name 1 to 16 lists by http or https, without credentials");
        }
        self.rules().map(drop)
    }

    /// What certificates are held against.
    pub(super) fn rules(&self) -> Result<SignerRules, InvalidSignatures> {
        let rules = SignerRules::new(&self.anchors, self.certificate_policies.clone());
        rules.ok_or_else(|| {
            let words = "trust_anchors_file must hold certificates of authorities in PEM, with RSA keys, and \
                         certificate_policies one OID at least, as 1.2.392.200149.8.5.1";
            InvalidSignatures(words.to_owned())
        })
    }
}
