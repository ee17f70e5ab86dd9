//! The keys of the made-up issuers, made at the first use in a process and gone with it; one key for all of them, a certificate
//! each.

use crate::domain::Secret;
use crate::domain::xml::XmlSigner;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, Error, IsCa, KeyPair,
    KeyUsagePurpose, PKCS_RSA_SHA256, RsaKeySize, date_time_ymd,
};
use std::collections::HashMap;
use std::sync::LazyLock;

static KEYS: LazyLock<Result<Keys, String>> = LazyLock::new(made);

/// What signs.
pub(super) struct Keys {
    anchor: String,
    /// By issuer.
    right: HashMap<&'static str, XmlSigner>,
    /// By issuer, their time over.
    over: HashMap<&'static str, XmlSigner>,
    /// By issuer, by nobody's leave.
    own: HashMap<&'static str, XmlSigner>,
}

/// The authority up to which issuers' certificates lead, PEM.
///
/// # Errors
/// When the machine makes no keys.
pub fn anchors() -> Result<&'static str, String> {
    KEYS.as_ref().map(|keys| keys.anchor.as_str()).map_err(Clone::clone)
}

/// The keys of this process.
pub(super) fn keys() -> Option<&'static Keys> {
    KEYS.as_ref().ok()
}

/// With what a document is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hand {
    Right,
    Over,
    Own,
}

impl Keys {
    pub(super) fn signer(&self, issuer: &str, hand: Hand) -> Option<&XmlSigner> {
        match hand {
            Hand::Right => self.right.get(issuer),
            Hand::Over => self.over.get(issuer),
            Hand::Own => self.own.get(issuer),
        }
    }
}

fn of(issuer: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CountryName, "JP");
    params.distinguished_name.push(DnType::OrganizationName, issuer);
    params.distinguished_name.push(DnType::CommonName, "sandbox documents");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::ContentCommitment];
    params
}

fn made() -> Result<Keys, String> {
    let told = |error: Error| error.to_string();
    let mut root = CertificateParams::default();
    root.distinguished_name.push(DnType::CommonName, "MIHON DOCUMENT ROOT CA (sandbox)");
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let root = CertifiedIssuer::self_signed(root, KeyPair::generate().map_err(told)?).map_err(told)?;
    let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).map_err(told)?;
    let pem = Secret::new(key.serialize_pem());
    let signer = |certificate: String| XmlSigner::from_pem(&pem, &certificate).map_err(|error| error.to_string());
    let mut keys = Keys { anchor: root.pem(), right: HashMap::new(), over: HashMap::new(), own: HashMap::new() };
    for issuer in super::papers::ISSUERS {
        let mut over = of(issuer);
        over.not_after = date_time_ymd(2020, 1, 1);
        keys.right.insert(issuer, signer(of(issuer).signed_by(&key, &root).map_err(told)?.pem())?);
        keys.over.insert(issuer, signer(over.signed_by(&key, &root).map_err(told)?.pem())?);
        keys.own.insert(issuer, signer(of(issuer).self_signed(&key).map_err(told)?.pem())?);
    }
    Ok(keys)
}
