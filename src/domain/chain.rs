//! Who vouches for a certificate that seals a document: a path (RFC 5280 §6) up to an anchor that the operator names.

use super::Timestamp;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use std::time::Duration;
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, Error, ExtendedKeyUsageValidator, KeyPurposeIdIter};
use x509_parser::oid_registry::{Oid, asn1_rs::oid};
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// What a certificate that names purposes has to be for, by one of them: documents (RFC 9336, and as it was written
/// before), anything at all.
const PURPOSES: [Oid<'static>; 2] = [oid!(1.3.6.1.5.5.7.3.36), oid!(1.3.6.1.4.1.311.10.3.12)];
/// Most certificates looked at between the one that seals and an anchor.
const MOST_BETWEEN: usize = 8;

/// Why nobody vouches for a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadChain {
    /// No path leads to an anchor.
    #[error("no path leads from the certificate to an authority that is trusted here")]
    UnknownAuthority,
    /// Its time is over, or that of one above it.
    #[error("the certificate, or one above it, is no longer in force")]
    Expired,
    /// Its time has not come, or that of one above it.
    #[error("the certificate, or one above it, is not in force yet")]
    NotYetValid,
    /// It is not for signing documents.
    #[error("the certificate is not for signing documents")]
    WrongUsage,
    /// It, or one above it, is none as they have to be.
    #[error("the certificate, or one above it, does not read")]
    Malformed,
}

/// Authorities that are trusted (trust anchors, RFC 5280 §6.1.1 (d)).
#[derive(Debug, Default)]
pub struct Anchors(Vec<TrustAnchor<'static>>);

/// Purposes are looked at here, where the sealing certificate is read.
struct AnyPurpose;

impl ExtendedKeyUsageValidator for AnyPurpose {
    fn validate(&self, _: KeyPurposeIdIter<'_, '_>) -> Result<(), Error> {
        Ok(())
    }
}

impl Anchors {
    /// The certificates of a PEM file; none when it holds none, or one that does not read.
    #[must_use]
    pub fn from_pem(pem: &str) -> Option<Self> {
        let mut read = Vec::new();
        for one in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let one = one.ok()?;
            read.push(webpki::anchor_from_trusted_cert(&one).ok()?.to_owned());
        }
        (!read.is_empty()).then_some(Self(read))
    }

    /// Whether a path leads from `certificate` through some of `between` to one of them, and it may seal documents `now`.
    /// Whether it was taken back meanwhile is not known here.
    ///
    /// # Errors
    /// [`BadChain`].
    pub fn verify(&self, certificate: &[u8], between: &[Vec<u8>], now: Timestamp) -> Result<(), BadChain> {
        let (_, read) = X509Certificate::from_der(certificate).map_err(|_| BadChain::Malformed)?;
        let der = CertificateDer::from(certificate);
        let sealing = EndEntityCert::try_from(&der).map_err(|error| meaning(&error))?;
        let between: Vec<CertificateDer<'_>> =
            between.iter().take(MOST_BETWEEN).map(|one| CertificateDer::from(one.as_slice())).collect();
        let seconds = u64::try_from(now.seconds()).map_err(|_| BadChain::NotYetValid)?;
        let at = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let path = sealing.verify_for_usage(ALL_VERIFICATION_ALGS, &self.0, &between, at, AnyPurpose, None, None);
        path.map_err(|error| meaning(&error))?;
        if may_seal(&read) { Ok(()) } else { Err(BadChain::WrongUsage) }
    }
}

fn meaning(error: &Error) -> BadChain {
    match error {
        Error::CertExpired { .. } => BadChain::Expired,
        Error::CertNotValidYet { .. } => BadChain::NotYetValid,
        Error::CaUsedAsEndEntity
        | Error::EndEntityUsedAsCa
        | Error::PathLenConstraintViolated
        | Error::NameConstraintViolation => BadChain::WrongUsage,
        Error::UnknownIssuer | Error::InvalidSignatureForPublicKey => BadChain::UnknownAuthority,
        _ => BadChain::Malformed,
    }
}

/// Key usage (RFC 5280 §4.2.1.3) and purposes (§4.2.1.12), where it says any.
fn may_seal(read: &X509Certificate<'_>) -> bool {
    let is_key_for_it = match read.key_usage() {
        Ok(said) => said.is_none_or(|said| said.value.digital_signature() || said.value.non_repudiation()),
        Err(_) => false,
    };
    let is_purpose = match read.extended_key_usage() {
        Ok(said) => said.is_none_or(|said| said.value.any || said.value.other.iter().any(|one| PURPOSES.contains(one))),
        Err(_) => false,
    };
    is_key_for_it && is_purpose
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{
        BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
        KeyUsagePurpose, date_time_ymd,
    };

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
    type Authority = CertifiedIssuer<'static, KeyPair>;

    fn params(name: &str) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params
    }

    fn authority_params(name: &str) -> CertificateParams {
        let mut params = params(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
    }

    fn root() -> Authority {
        CertifiedIssuer::self_signed(authority_params("試験認証局"), KeyPair::generate().unwrap()).unwrap()
    }

    fn middle(root: &Authority, change: impl FnOnce(&mut CertificateParams)) -> Authority {
        let mut params = authority_params("試験中間認証局");
        change(&mut params);
        CertifiedIssuer::signed_by(params, KeyPair::generate().unwrap(), root).unwrap()
    }

    fn sealed(by: &Authority, change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
        let mut params = params("例示事務センター所長");
        change(&mut params);
        params.signed_by(&KeyPair::generate().unwrap(), by).unwrap().der().to_vec()
    }

    fn anchors(of: &Authority) -> Anchors {
        Anchors::from_pem(&of.pem()).unwrap()
    }

    #[test]
    fn only_a_path_in_force_for_documents_leads_to_an_anchor() {
        let (root, other) = (root(), root());
        let mut cases: Vec<(&str, Vec<u8>, Result<(), BadChain>)> = vec![
            ("right", sealed(&root, |_| ()), Ok(())),
            ("another root of the same name", sealed(&other, |_| ()), Err(BadChain::UnknownAuthority)),
            ("over", sealed(&root, |p| p.not_after = date_time_ymd(2020, 1, 1)), Err(BadChain::Expired)),
            ("not begun", sealed(&root, |p| p.not_before = date_time_ymd(2090, 1, 1)), Err(BadChain::NotYetValid)),
            ("an authority itself", root.der().to_vec(), Err(BadChain::WrongUsage)),
            ("no certificate", vec![0x30, 0], Err(BadChain::Malformed)),
        ];
        for (words, usages, wanted) in [
            ("signs", vec![KeyUsagePurpose::DigitalSignature], Ok(())),
            ("commits", vec![KeyUsagePurpose::ContentCommitment], Ok(())),
            ("enciphers", vec![KeyUsagePurpose::KeyEncipherment], Err(BadChain::WrongUsage)),
        ] {
            cases.push((words, sealed(&root, |p| p.key_usages = usages), wanted));
        }
        for (words, purpose, wanted) in [
            ("documents", ExtendedKeyUsagePurpose::Other(vec![1, 3, 6, 1, 5, 5, 7, 3, 36]), Ok(())),
            ("anything", ExtendedKeyUsagePurpose::Any, Ok(())),
            ("servers", ExtendedKeyUsagePurpose::ServerAuth, Err(BadChain::WrongUsage)),
        ] {
            cases.push((words, sealed(&root, |p| p.extended_key_usages = vec![purpose]), wanted));
        }
        let anchors = anchors(&root);
        for (words, certificate, wanted) in cases {
            assert_eq!(anchors.verify(&certificate, &[], NOW), wanted, "{words}");
        }
        let right = sealed(&root, |_| ());
        assert_eq!(Anchors::default().verify(&right, &[], NOW), Err(BadChain::UnknownAuthority), "nobody is trusted");
    }

    #[test]
    fn what_stands_between_has_to_be_there_in_force_and_an_authority() {
        let root = root();
        let anchors = anchors(&root);
        let between = middle(&root, |_| ());
        let certificate = sealed(&between, |_| ());
        assert_eq!(anchors.verify(&certificate, &[between.der().to_vec()], NOW), Ok(()));
        assert_eq!(anchors.verify(&certificate, &[], NOW), Err(BadChain::UnknownAuthority));
        let junk = vec![vec![0x30, 0]; 20];
        assert!(anchors.verify(&certificate, &junk, NOW).is_err());
        let over = middle(&root, |p| p.not_after = date_time_ymd(2020, 1, 1));
        let below = sealed(&over, |_| ());
        assert_eq!(anchors.verify(&below, &[over.der().to_vec()], NOW), Err(BadChain::Expired));
        let none = middle(&root, |p| p.is_ca = IsCa::ExplicitNoCa);
        let below = sealed(&none, |_| ());
        assert_eq!(anchors.verify(&below, &[none.der().to_vec()], NOW), Err(BadChain::WrongUsage));
    }

    #[test]
    fn a_file_without_certificates_anchors_nothing() {
        for bad in ["", "x", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            assert!(Anchors::from_pem(bad).is_none(), "{bad}");
        }
    }
}
