//! Who a certificate must name (RFC 8705 §2.1.2): what a client registered, read once and compared exactly.

use super::name::DistinguishedName;
use super::{CertificateError, ClientCertificate};
use crate::domain::profile::CertificateSubject;
use std::net::IpAddr;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// What a client registered, ready to compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedSubject(Expected);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Expected {
    Name(DistinguishedName),
    Dns(String),
    Uri(String),
    Ip(Vec<u8>),
    Email(String, String),
}

impl ExpectedSubject {
    /// Reads a registered subject.
    ///
    /// # Errors
    /// [`CertificateError::Subject`] when it could match no certificate, or more than one holder: a name of no form,
    /// a wildcard.
    pub fn parse(subject: &CertificateSubject) -> Result<Self, CertificateError> {
        let expected = match subject {
            CertificateSubject::SubjectDn(text) => DistinguishedName::parse(text).map(Expected::Name),
            CertificateSubject::SanDns(text) => is_host(text).then(|| Expected::Dns(text.to_ascii_lowercase())),
            CertificateSubject::SanUri(text) => {
                let is_uri = url::Url::parse(text).is_ok() && text.is_ascii();
                is_uri.then(|| Expected::Uri(text.clone()))
            }
            CertificateSubject::SanIp(IpAddr::V4(address)) => Some(Expected::Ip(address.octets().into())),
            CertificateSubject::SanIp(IpAddr::V6(address)) => Some(Expected::Ip(address.octets().into())),
            CertificateSubject::SanEmail(text) => mailbox(text).map(|(local, host)| Expected::Email(local, host)),
        };
        expected.map(Self).ok_or(CertificateError::Subject)
    }

    /// Whether `certificate` names it. Whether its names can be believed is for
    /// [`Authorities`](super::Authorities) to say.
    #[must_use]
    pub fn is_named_by(&self, certificate: &ClientCertificate) -> bool {
        let Ok((_, certificate)) = X509Certificate::from_der(certificate.der()) else { return false };
        if let Expected::Name(expected) = &self.0 {
            return DistinguishedName::of(certificate.subject()).as_ref() == Some(expected);
        }
        // An extension that comes twice is an error there, and names nobody.
        let names = certificate.subject_alternative_name().ok().flatten();
        names.is_some_and(|names| names.value.general_names.iter().any(|name| self.is_alternative(name)))
    }

    fn is_alternative(&self, name: &GeneralName<'_>) -> bool {
        match (&self.0, name) {
            (Expected::Dns(expected), GeneralName::DNSName(shown)) => expected.eq_ignore_ascii_case(shown),
            (Expected::Uri(expected), GeneralName::URI(shown)) => expected == shown,
            (Expected::Ip(expected), GeneralName::IPAddress(shown)) => expected == shown,
            (Expected::Email(local, host), GeneralName::RFC822Name(shown)) => {
                mailbox(shown).is_some_and(|(l, h)| l == *local && h == *host)
            }
            _ => false,
        }
    }
}

/// A host name, whole: a wildcard would stand for more than one holder.
fn is_host(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len()) && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    text.len() <= 253 && text.split('.').all(is_label)
}

/// RFC 5280 §7.5: the part before the `@` is compared as it is, the host without case.
fn mailbox(text: &str) -> Option<(String, String)> {
    let (local, host) = text.rsplit_once('@')?;
    (!local.is_empty() && text.is_ascii() && is_host(host)).then(|| (local.to_owned(), host.to_ascii_lowercase()))
}
