//! The path (RFC 5280 §6) from a certificate for signing up to an authority that the operator trusts: RSA with SHA-256 all the
//! way, as on the card.
//!
//! Walked here and not by `webpki`: that one refuses every certificate whose policies are marked critical, which those of
//! persons' cards are, and it does not look at policies.

use super::revocation;
use crate::domain::health_insurance::CertificateSerial;
use crate::domain::time::Timestamp;
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use x509_parser::oid_registry::{OID_PKCS1_RSAENCRYPTION, OID_PKCS1_SHA256WITHRSA, Oid, asn1_rs::oid};
use x509_parser::prelude::{FromDer as _, ParsedExtension, X509Certificate, X509Version};
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo};

/// Most certificates of one path, without the authority at its end.
const MOST_CERTIFICATES: usize = 4;
/// Most bytes of one.
const MOST_BYTES: usize = 8 * 1024;
/// Most characters that are kept of an issuer's name.
const LONGEST_NAME: usize = 200;
/// Any policy at all (RFC 5280 §4.2.1.4): what an authority may say, and a person's certificate may not.
const ANY_POLICY: &str = "2.5.29.32.0";
/// Purposes of documents (RFC 9336, and as it was written before), of which a certificate that names any must name one.
const PURPOSES: [Oid<'static>; 2] = [oid!(1.3.6.1.5.5.7.3.36), oid!(1.3.6.1.4.1.311.10.3.12)];

/// Why a signature does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSigner {
    /// A certificate does not read, or says something that is not understood here and must be.
    #[error("a certificate does not read")]
    Malformed,
    /// No path leads to an authority that is trusted.
    #[error("no path leads from the certificate to an authority that is trusted here")]
    UnknownAuthority,
    /// Its time is over, or that of one above it.
    #[error("the certificate, or one above it, is no longer in force")]
    Expired,
    /// Its time has not come, or that of one above it.
    #[error("the certificate, or one above it, is not in force yet")]
    NotYetValid,
    /// It is not for signing documents, or one above it is not for issuing certificates.
    #[error("the certificate is not for signing, or one above it not for issuing")]
    WrongUsage,
    /// It is of another kind (certificate policy) than those that are taken.
    #[error("the certificate is of another kind")]
    OtherPolicy,
    /// It was taken back, or one above it was.
    #[error("the certificate was taken back")]
    Revoked,
    /// Whether it was taken back is not known.
    #[error("whether the certificate was taken back is not known")]
    UnknownStatus,
    /// The signature is another's, or over something else.
    #[error("the signature is not over this document by this certificate")]
    WrongSignature,
}

/// Who vouches for certificates for signing, and which kinds are taken.
#[derive(Clone, Debug)]
pub struct SignerRules {
    anchors: Vec<Vec<u8>>,
    policies: Vec<String>,
}

/// A certificate that a path leads from.
#[derive(Debug)]
pub struct Signer {
    /// Its serial number.
    pub serial: CertificateSerial,
    /// Who issued it.
    pub issuer: String,
    /// Until when it is in force.
    pub not_after: Timestamp,
    /// It, and those between it and the authority.
    pub path: Vec<Vec<u8>>,
    /// Its key, PKCS #1.
    key: Vec<u8>,
}

impl Signer {
    /// That `signature` is its over `signed`.
    ///
    /// # Errors
    /// [`BadSigner::WrongSignature`].
    pub fn check(&self, signed: &[u8], signature: &[u8]) -> Result<(), BadSigner> {
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.key);
        key.verify(signed, signature).map_err(|_| BadSigner::WrongSignature)
    }
}

impl SignerRules {
    /// Of the authorities of a PEM file, and the kinds of certificates (policies, OIDs in dotted form) that are taken; none
    /// where there is no authority, one is not for issuing by RSA, or no kind is named.
    #[must_use]
    pub fn new(pem: &str, policies: Vec<String>) -> Option<Self> {
        let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
        let anchors: Vec<Vec<u8>> = read.ok()?.iter().map(|one| one.to_vec()).collect();
        let is_good = |der: &Vec<u8>| read_one(der).is_ok_and(|one| is_issuing(&one) && is_rsa(one.public_key()));
        let is_whole = !anchors.is_empty() && anchors.iter().all(is_good);
        (is_whole && !policies.is_empty() && policies.iter().all(|policy| is_oid(policy)))
            .then_some(Self { anchors, policies })
    }

    /// Follows the path from the first of `certificates` through the ones after it, in their order, to an authority; each is
    /// looked up in `lists` (CRLs).
    ///
    /// # Errors
    /// [`BadSigner`].
    pub fn verify(
        &self,
        certificates: &[Vec<u8>],
        lists: &[impl AsRef<[u8]>],
        now: Timestamp,
    ) -> Result<Signer, BadSigner> {
        if certificates.len() > MOST_CERTIFICATES {
            return Err(BadSigner::Malformed);
        }
        let read = certificates.iter().map(|der| read_one(der)).collect::<Result<Vec<_>, _>>()?;
        let lists = revocation::read(lists);
        let signing = read.first().ok_or(BadSigner::Malformed)?;
        in_force(signing, now)?;
        if !may_sign(signing) || !is_rsa(signing.public_key()) {
            return Err(BadSigner::WrongUsage);
        }
        self.check_policy(signing, false)?;
        let (mut path, mut above) = (vec![signing], read.iter().skip(1));
        let anchor = loop {
            let (current, between) = (*path.last().ok_or(BadSigner::Malformed)?, u32::try_from(path.len() - 1));
            let between = between.map_err(|_| BadSigner::Malformed)?;
            if let Some(found) = self.anchor_of(current) {
                let anchor = read_one(found)?;
                in_force(&anchor, now)?;
                may_issue(&anchor, between)?;
                break anchor;
            }
            let issuer = above.next().ok_or(BadSigner::UnknownAuthority)?;
            may_issue(issuer, between)?;
            in_force(issuer, now)?;
            self.check_policy(issuer, true)?;
            if !is_issued_by(current, issuer) {
                return Err(BadSigner::UnknownAuthority);
            }
            path.push(issuer);
        };
        // Once it is known who vouches: lists of strangers say nothing.
        for (n, one) in path.iter().enumerate() {
            revocation::check(one, path.get(n + 1).copied().unwrap_or(&anchor), &lists, now)?;
        }
        Ok(Signer {
            serial: serial_of(signing)?,
            issuer: tame(&signing.issuer().to_string()),
            not_after: Timestamp::from_seconds(signing.validity().not_after.timestamp()),
            path: certificates.iter().take(path.len()).cloned().collect(),
            key: signing.public_key().subject_public_key.data.to_vec(),
        })
    }

    fn anchor_of(&self, one: &X509Certificate<'_>) -> Option<&[u8]> {
        let is_its = |der: &&Vec<u8>| read_one(der).is_ok_and(|anchor| is_issued_by(one, &anchor));
        self.anchors.iter().find(is_its).map(Vec::as_slice)
    }

    fn check_policy(&self, one: &X509Certificate<'_>, is_authority: bool) -> Result<(), BadSigner> {
        let mut said = Vec::new();
        for extension in one.extensions() {
            if let ParsedExtension::CertificatePolicies(policies) = extension.parsed_extension() {
                said.extend(policies.iter().map(|policy| policy.policy_id.to_id_string()));
            }
        }
        let is_taken = |policy: &String| self.policies.contains(policy) || (is_authority && policy == ANY_POLICY);
        // An authority that says none would let its certificates be of none (RFC 5280 §6.1.3 (e)).
        if said.iter().any(is_taken) { Ok(()) } else { Err(BadSigner::OtherPolicy) }
    }
}

/// Whether it is digits with dots between them.
fn is_oid(text: &str) -> bool {
    let is_arc = |arc: &str| (1..=10).contains(&arc.len()) && arc.bytes().all(|byte| byte.is_ascii_digit());
    text.split('.').count() > 2 && text.split('.').all(is_arc)
}

/// A certificate all of which is understood as far as it must be.
fn read_one(der: &[u8]) -> Result<X509Certificate<'_>, BadSigner> {
    let read = X509Certificate::from_der(der).ok().filter(|(rest, _)| rest.is_empty() && der.len() <= MOST_BYTES);
    let (_, one) = read.ok_or(BadSigner::Malformed)?;
    // RFC 5280 §4.2: each extension once; what is critical and not understood ends it.
    if one.version() != X509Version::V3 || one.extensions_map().is_err() {
        return Err(BadSigner::Malformed);
    }
    let is_fine = one.extensions().iter().all(|extension| match extension.parsed_extension() {
        ParsedExtension::KeyUsage(_)
        | ParsedExtension::BasicConstraints(_)
        | ParsedExtension::CertificatePolicies(_)
        | ParsedExtension::ExtendedKeyUsage(_)
        | ParsedExtension::CRLDistributionPoints(_)
        | ParsedExtension::SubjectAlternativeName(_) => true,
        // They narrow what is below them, and none of ours has any: better refused than passed over.
        ParsedExtension::NameConstraints(_)
        | ParsedExtension::PolicyConstraints(_)
        | ParsedExtension::PolicyMappings(_)
        | ParsedExtension::InhibitAnyPolicy(_)
        | ParsedExtension::ParseError { .. } => false,
        _ => !extension.critical,
    });
    if is_fine { Ok(one) } else { Err(BadSigner::Malformed) }
}

fn in_force(one: &X509Certificate<'_>, now: Timestamp) -> Result<(), BadSigner> {
    let validity = one.validity();
    if now.seconds() < validity.not_before.timestamp() {
        return Err(BadSigner::NotYetValid);
    }
    if now.seconds() > validity.not_after.timestamp() { Err(BadSigner::Expired) } else { Ok(()) }
}

/// A person's certificate: no authority's, and for committing to contents (contentCommitment, called nonRepudiation before).
fn may_sign(one: &X509Certificate<'_>) -> bool {
    let is_for_it = one.key_usage().is_ok_and(|said| {
        said.is_some_and(|said| said.value.non_repudiation() && !said.value.key_cert_sign() && !said.value.crl_sign())
    });
    let is_purpose = one.extended_key_usage().is_ok_and(|said| {
        said.is_none_or(|said| said.value.any || said.value.other.iter().any(|purpose| PURPOSES.contains(purpose)))
    });
    is_for_it && is_purpose && !one.is_ca() && one.basic_constraints().is_ok()
}

fn is_issuing(one: &X509Certificate<'_>) -> bool {
    one.is_ca() && one.key_usage().is_ok_and(|said| said.is_some_and(|said| said.value.key_cert_sign()))
}

/// That it issues certificates, with `between` authorities below it on this path.
fn may_issue(one: &X509Certificate<'_>, between: u32) -> Result<(), BadSigner> {
    let longest = one.basic_constraints().ok().flatten().and_then(|said| said.value.path_len_constraint);
    let is_short = longest.is_none_or(|longest| between <= longest);
    if is_issuing(one) && is_short { Ok(()) } else { Err(BadSigner::WrongUsage) }
}

/// Whether names chain, and the key of `issuer` signed `one`.
fn is_issued_by(one: &X509Certificate<'_>, issuer: &X509Certificate<'_>) -> bool {
    let is_chained = one.issuer().as_raw() == issuer.subject().as_raw() && !one.issuer().as_raw().is_empty();
    let algorithms = (&one.signature_algorithm, &one.tbs_certificate.signature);
    is_chained && is_signed(one.tbs_certificate.as_ref(), algorithms, &one.signature_value.data, issuer.public_key())
}

/// Whether this key signed these bytes by RSA with SHA-256, as both places say that it did (RFC 5280 §4.1.1.2).
pub(super) fn is_signed(
    signed: &[u8],
    (outer, inner): (&AlgorithmIdentifier<'_>, &AlgorithmIdentifier<'_>),
    signature: &[u8],
    key: &SubjectPublicKeyInfo<'_>,
) -> bool {
    let is_ours = |algorithm: &AlgorithmIdentifier<'_>| algorithm.algorithm == OID_PKCS1_SHA256WITHRSA;
    let key_bytes = &key.subject_public_key.data;
    is_ours(outer)
        && is_ours(inner)
        && is_rsa(key)
        && UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key_bytes).verify(signed, signature).is_ok()
}

fn is_rsa(key: &SubjectPublicKeyInfo<'_>) -> bool {
    key.algorithm.algorithm == OID_PKCS1_RSAENCRYPTION
}

fn serial_of(one: &X509Certificate<'_>) -> Result<CertificateSerial, BadSigner> {
    let bytes = one.raw_serial();
    // A sign is no part of a serial number that an authority may give (RFC 5280 §4.1.2.2).
    if bytes.first().is_none_or(|first| first & 0x80 != 0) {
        return Err(BadSigner::Malformed);
    }
    let halves = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let digits: String = halves.filter_map(|half| char::from_digit(half.into(), 16)).collect();
    CertificateSerial::parse(digits.trim_start_matches('0')).map_err(|_| BadSigner::Malformed)
}

fn tame(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect()
}
