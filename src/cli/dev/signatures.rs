//! The pretend signing service, and the made-up authority of certificates for signing.

use crate::adapters::signatures::SignatureSettings;
use crate::sandbox::{self, certification};
use std::time::Duration;
use url::Url;

/// Both at the sandbox of this address, which is one of this process.
///
/// # Errors
/// When no keys can be made, or an address cannot be read.
pub fn settings(sandbox: &str) -> anyhow::Result<SignatureSettings> {
    let base = sandbox.trim_end_matches('/');
    let list = |name: &&str| Url::parse(&format!("{base}{}/{name}", certification::PATH));
    Ok(SignatureSettings {
        signing_url: Url::parse(&format!("{base}{}{}", sandbox::IDENTITY_PATH, sandbox::SIGNING_PATH))?,
        anchors: certification::anchors().map_err(anyhow::Error::msg)?.to_owned(),
        certificate_policies: vec![certification::POLICY.to_owned()],
        crl_urls: certification::LISTS.iter().map(list).collect::<Result<_, _>>()?,
        call_timeout: Duration::from_secs(5),
    })
}
