//! Keys and certificates of the made-up company, office and authorities: made at the first use in a process, gone with it.
//!
//! RSA keys take a moment to be made, and every sandbox of a process may well have the same ones.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, Error, IsCa, KeyPair,
    KeyUsagePurpose, PKCS_RSA_SHA256, RsaKeySize,
};
use std::sync::LazyLock;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// Everybody's organisation.
const ORGANISATION: &str = "Madoguchi Sandbox (made up)";
/// The made-up company.
const COMPANY: &str = "MIHON KOGYO K.K.";

static KEYS: LazyLock<Result<Keys, String>> = LazyLock::new(|| made().map_err(|error| error.to_string()));

/// What is made, each in PEM.
#[derive(Debug)]
pub struct Keys {
    /// The key by which the made-up company signs.
    pub applicant_key: String,
    /// Its certificate.
    pub applicant_certificate: String,
    /// The authority up to which the seals on official documents lead.
    pub anchor: String,
    pub(super) office_key: String,
    /// The office's certificate, and that of the authority between it and the anchor.
    pub(super) office_certificates: String,
}

/// The keys of this process.
///
/// # Errors
/// When the machine makes none.
pub fn keys() -> Result<&'static Keys, String> {
    KEYS.as_ref().map_err(Clone::clone)
}

fn params(name: &str, usages: &[KeyUsagePurpose]) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    for (kind, value) in
        [(DnType::CountryName, "JP"), (DnType::OrganizationName, ORGANISATION), (DnType::CommonName, name)]
    {
        params.distinguished_name.push(kind, value);
    }
    params.key_usages = usages.to_vec();
    params
}

fn authority(name: &str) -> CertificateParams {
    let mut params = params(name, &[KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign]);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

fn made() -> Result<Keys, Error> {
    let rsa = || KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048);
    let signs = [KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::ContentCommitment];
    let (applicant, office) = (rsa()?, rsa()?);
    let root = CertifiedIssuer::self_signed(authority("REIJI ROOT CA"), KeyPair::generate()?)?;
    let between = CertifiedIssuer::signed_by(authority("REIJI OFFICE CA"), KeyPair::generate()?, &root)?;
    let sealing = params("SHIKEN OFFICE", &signs).signed_by(&office, &between)?;
    Ok(Keys {
        applicant_certificate: params(COMPANY, &signs).self_signed(&applicant)?.pem(),
        applicant_key: applicant.serialize_pem(),
        anchor: root.pem(),
        office_key: office.serialize_pem(),
        office_certificates: sealing.pem() + &between.pem(),
    })
}

/// Whether a certificate is one of the made-up company's: by its name, since whoever asks may have made
/// their own key in another process. No real authority would issue it.
pub(super) fn is_applicant(certificate: &[u8]) -> bool {
    let Ok((_, read)) = X509Certificate::from_der(certificate) else { return false };
    let subject = read.subject();
    let is_named = |mut names: Vec<&str>, wanted: &str| names.pop() == Some(wanted) && names.is_empty();
    let names = subject.iter_common_name().filter_map(|one| one.as_str().ok()).collect();
    let organisations = subject.iter_organization().filter_map(|one| one.as_str().ok()).collect();
    is_named(names, COMPANY) && is_named(organisations, ORGANISATION)
}
