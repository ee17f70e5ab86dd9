//! Keys, certificates and lists: those of authorities are made at the first use in a process, and gone with it.

use super::super::person::{PersonFile, SigningState};
use crate::domain::{Digest, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CustomExtension, DistinguishedName, DnType,
    Error, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, OtherNameValue, PKCS_RSA_SHA256, RevocationReason,
    RevokedCertParams, RsaKeySize, SanType, SerialNumber, date_time_ymd,
};
use std::sync::LazyLock;
use std::time::Duration;

/// The policy of certificates for signing here: below a number that is kept for examples (RFC 5612).
pub const POLICY: &str = "1.3.6.1.4.1.32473.2";
/// The same as the content of its extension: a sequence of one policy without qualifiers (RFC 5280 §4.2.1.4).
const POLICY_DER: [u8; 15] = [0x30, 0x0D, 0x30, 0x0B, 0x06, 0x09, 0x2B, 0x06, 0x01, 0x04, 0x01, 0x81, 0xFD, 0x59, 0x02];
/// `id-ce-certificatePolicies`.
const POLICIES_OID: [u64; 4] = [2, 5, 29, 32];
/// Under which number a holder's name stands.
const NAME_OID: [u64; 9] = [1, 3, 6, 1, 4, 1, 32473, 2, 1];
/// Everybody's organisation.
const ORGANISATION: &str = "Madoguchi Sandbox (made up)";

static AUTHORITIES: LazyLock<Result<Authorities, String>> =
    LazyLock::new(|| authorities().map_err(|error| error.to_string()));

/// An authority, as text: its key cannot be shared among threads.
struct Authority {
    params: CertificateParams,
    key: String,
    der: Vec<u8>,
    pem: String,
}

struct Authorities {
    root: Authority,
    citizens: Authority,
    foreign: Authority,
}

/// A certificate with its key.
pub(in crate::sandbox) struct Made {
    /// The key, PEM.
    pub key: String,
    /// Its serial number, hexadecimal.
    pub serial: String,
    /// It, and those above it, in order; DER.
    pub chain: Vec<Vec<u8>>,
}

impl Authority {
    fn issuer(&self) -> Result<Issuer<'_, KeyPair>, Error> {
        let key = KeyPair::from_pem_and_sign_algo(&self.key, &PKCS_RSA_SHA256)?;
        Ok(Issuer::from_params(&self.params, key))
    }
}

fn all() -> Result<&'static Authorities, String> {
    AUTHORITIES.as_ref().map_err(Clone::clone)
}

/// The authority that all certificates for signing lead to, PEM.
///
/// # Errors
/// When the machine makes no keys.
pub fn anchors() -> Result<&'static str, String> {
    Ok(&all()?.root.pem)
}

fn rsa() -> Result<KeyPair, Error> {
    KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    for (kind, value) in
        [(DnType::CountryName, "JP"), (DnType::OrganizationName, ORGANISATION), (DnType::CommonName, name)]
    {
        params.distinguished_name.push(kind, value);
    }
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2049, 1, 1);
    params
}

/// Marked critical, as those of real cards are.
fn policy() -> CustomExtension {
    let mut policy = CustomExtension::from_oid_content(&POLICIES_OID, POLICY_DER.to_vec());
    policy.set_criticality(true);
    policy
}

fn authority(name: &str) -> CertificateParams {
    let mut params = params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.custom_extensions = vec![policy()];
    params
}

fn root(name: &str) -> Result<Authority, Error> {
    let (params, key) = (authority(name), rsa()?);
    let made = params.self_signed(&key)?;
    Ok(Authority { der: made.der().to_vec(), pem: made.pem(), key: key.serialize_pem(), params })
}

fn authorities() -> Result<Authorities, Error> {
    let (root_authority, foreign) = (root("REIJI SIGNATURE ROOT CA")?, root("SHIRANAI ROOT CA")?);
    let (params, key) = (authority("REIJI CITIZENS CA"), rsa()?);
    let made = params.signed_by(&key, &root_authority.issuer()?)?;
    let citizens = Authority { der: made.der().to_vec(), pem: made.pem(), key: key.serialize_pem(), params };
    Ok(Authorities { root: root_authority, citizens, foreign })
}

/// The serial number of a person's certificate: one that no real authority would give.
pub(super) fn serial(file: &PersonFile) -> Vec<u8> {
    let digest = Digest::of(&format!("sandbox-signing-certificate\n{}", file.card.number));
    // A first byte between 0x40 and 0x7F: positive, and of one length.
    digest
        .as_bytes()
        .iter()
        .take(16)
        .enumerate()
        .map(|(n, byte)| if n == 0 { byte & 0x3F | 0x40 } else { *byte })
        .collect()
}

/// A person's certificate for signing, in this state, with a key of its own.
///
/// # Errors
/// When the machine makes none.
pub(super) fn leaf(file: &PersonFile, state: SigningState) -> Result<Made, String> {
    let made = || -> Result<Made, Error> {
        let all = all().map_err(|_| Error::RemoteKeyError)?;
        let (mut params, key) = (params(&format!("SANDBOX{}", file.card.number)), rsa()?);
        let serial = serial(file);
        params.serial_number = Some(SerialNumber::from_slice(&serial));
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::ContentCommitment];
        params.custom_extensions = vec![policy()];
        let name = OtherNameValue::Utf8String(file.name.full.clone());
        params.subject_alt_names = vec![SanType::OtherName((NAME_OID.to_vec(), name))];
        if state == SigningState::Expired {
            params.not_after = date_time_ymd(2025, 1, 1);
        }
        let above = if state == SigningState::Foreign { vec![&all.foreign] } else { vec![&all.citizens, &all.root] };
        let issuer = above.first().ok_or(Error::RemoteKeyError)?.issuer()?;
        let mut chain = vec![params.signed_by(&key, &issuer)?.der().to_vec()];
        chain.extend(above.iter().map(|one| one.der.clone()));
        let serial = serial.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let serial = serial.filter_map(|half| char::from_digit(half.into(), 16)).collect::<String>().to_uppercase();
        Ok(Made { key: key.serialize_pem(), serial, chain })
    };
    made().map_err(|error| error.to_string())
}

/// A list of one of the authorities, or of one with its name and another's key.
///
/// # Errors
/// When it cannot be made.
pub(super) fn list(
    (is_citizens, is_others): (bool, bool),
    taken_back: &[Vec<u8>],
    (from, until): (Timestamp, Timestamp),
) -> Result<Vec<u8>, String> {
    let all = all()?;
    let of = if is_citizens { &all.citizens } else { &all.root };
    let moment = |at: Timestamp| {
        date_time_ymd(1970, 1, 1) + Duration::from_secs(u64::try_from(at.seconds()).unwrap_or_default())
    };
    let entry = |serial: &Vec<u8>| RevokedCertParams {
        serial_number: SerialNumber::from_slice(serial),
        revocation_time: moment(from),
        reason_code: Some(RevocationReason::KeyCompromise),
        invalidity_date: None,
    };
    let params = CertificateRevocationListParams {
        this_update: moment(from),
        next_update: moment(until),
        crl_number: SerialNumber::from(u64::try_from(from.seconds()).unwrap_or_default()),
        issuing_distribution_point: None,
        revoked_certs: if is_citizens { taken_back.iter().map(entry).collect() } else { Vec::new() },
        key_identifier_method: KeyIdMethod::Sha256,
    };
    let key = if is_others { &all.foreign.key } else { &of.key };
    let made = || -> Result<Vec<u8>, Error> {
        let key = KeyPair::from_pem_and_sign_algo(key, &PKCS_RSA_SHA256)?;
        Ok(params.signed_by(&Issuer::from_params(&of.params, key))?.der().to_vec())
    };
    made().map_err(|error| error.to_string())
}
