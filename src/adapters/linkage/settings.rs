//! Linked services as the operator names them.

use crate::adapters::selfinfo::is_safe;
use crate::domain::Words;
use crate::domain::ids::ClientId;
use crate::domain::linkage::ServiceCode;
use serde::Deserialize;
use std::path::PathBuf;
use url::Url;

/// One linked service.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LinkedServiceSettings {
    /// A private delivery provider (民間送達).
    PrivateDelivery(Box<DeliverySettings>),
    /// A site that a citizen is handed over to (認証連携).
    SignOn(SignOnSettings),
}

/// A private delivery provider.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeliverySettings {
    /// What it is called here.
    pub code: ServiceCode,
    /// Its name in Japanese.
    pub ja: String,
    /// Its name in English.
    pub en: String,
    /// Its issuer identifier (OpenID Connect); its authorization endpoint is on the same origin.
    pub issuer: Url,
    /// Our client id there.
    pub client_id: String,
    /// Our P-256 key there, PEM.
    pub key_file: PathBuf,
    /// How the provider names that key.
    pub kid: String,
    /// What is asked for there.
    #[serde(default = "scope")]
    pub scope: String,
    /// Where tokens are revoked (RFC 7009).
    pub revocation_url: Url,
    /// Where documents are listed, and below it fetched.
    pub documents_url: Url,
    /// Who vouches for whoever signs documents, PEM.
    pub anchors_file: PathBuf,
    /// Who vouches for the certificate of `documents_url` and `revocation_url`, PEM; the system's authorities when absent.
    #[serde(default)]
    pub authorities_file: Option<PathBuf>,
    /// How long one call may take.
    #[serde(default = "call_timeout")]
    pub call_timeout_seconds: u64,
}

/// A site that a citizen is handed over to: a client of the counter, which begins its own sign-in when it is told to (OpenID
/// Connect Core §4).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignOnSettings {
    /// What it is called here.
    pub code: ServiceCode,
    /// Its name in Japanese.
    pub ja: String,
    /// Its name in English.
    pub en: String,
    /// As which client it is registered here.
    pub client: ClientId,
    /// Where it is told to begin (`initiate_login_uri`).
    pub initiate_login_uri: Url,
    /// Where it may be asked to lead on to (`target_link_uri`): the first one, unless another is picked. No other ever goes
    /// into an address.
    pub targets: Vec<Url>,
}

/// A linked service that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("linked service {code}: {fault}")]
pub struct InvalidLinkedService {
    /// Which.
    pub code: String,
    /// What is wrong.
    pub fault: String,
}

impl InvalidLinkedService {
    /// What is wrong with one.
    pub fn new(code: &ServiceCode, fault: impl Into<String>) -> Self {
        Self { code: code.to_string(), fault: fault.into() }
    }
}

fn scope() -> String {
    "openid offline_access documents".to_owned()
}

const fn call_timeout() -> u64 {
    10
}

impl LinkedServiceSettings {
    /// Checks what the form alone can tell.
    ///
    /// # Errors
    /// [`InvalidLinkedService`] with the first fault.
    pub fn check(&self) -> Result<(), InvalidLinkedService> {
        match self {
            Self::PrivateDelivery(settings) => settings.check(),
            Self::SignOn(settings) => settings.check(),
        }
    }

    /// What it is called here.
    #[must_use]
    pub fn code(&self) -> &ServiceCode {
        match self {
            Self::PrivateDelivery(settings) => &settings.code,
            Self::SignOn(settings) => &settings.code,
        }
    }
}

impl DeliverySettings {
    /// Checks what the form alone can tell.
    ///
    /// # Errors
    /// [`InvalidLinkedService`] with the first fault.
    pub fn check(&self) -> Result<(), InvalidLinkedService> {
        let fault = |words: &str| Err(InvalidLinkedService::new(&self.code, words));
        if ![&self.issuer, &self.revocation_url, &self.documents_url].into_iter().all(is_safe) {
            let words = "issuer, revocation_url and documents_url must be https, or http on a loopback address, without \
                         query or credentials";
            return fault(words);
        }
        if [&self.ja, &self.en, &self.client_id, &self.kid].into_iter().any(String::is_empty) {
            return fault("ja, en, client_id and kid must not be empty");
        }
        if !self.scope.split(' ').any(|one| one == "openid") {
            return fault("scope must hold openid");
        }
        if !(1..=30).contains(&self.call_timeout_seconds) {
            return fault("call_timeout_seconds must be 1 to 30");
        }
        Ok(())
    }

    /// Its issuer identifier as it writes it: without a slash after the host or path.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.issuer.as_str().trim_end_matches('/')
    }
}

impl SignOnSettings {
    /// Checks what the form alone can tell.
    ///
    /// # Errors
    /// [`InvalidLinkedService`] with the first fault.
    pub fn check(&self) -> Result<(), InvalidLinkedService> {
        let fault = |words: &str| Err(InvalidLinkedService::new(&self.code, words));
        if !is_safe(&self.initiate_login_uri) || self.targets.is_empty() || !self.targets.iter().all(is_safe) {
            return fault("initiate_login_uri and every one of targets must be https, or http on a loopback address");
        }
        let origin = self.initiate_login_uri.origin();
        if self.targets.iter().any(|target| target.origin() != origin) {
            return fault("targets must be of the site of initiate_login_uri");
        }
        if self.ja.is_empty() || self.en.is_empty() {
            return fault("ja and en must not be empty");
        }
        Ok(())
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> Words {
        Words { ja: self.ja.clone(), en: self.en.clone() }
    }
}
