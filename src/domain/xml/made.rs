//! Keys for tests, made once for each run: nothing that looks like a secret lies in the source.

use super::XmlSigner;
use crate::domain::Secret;
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use std::sync::LazyLock;

/// A key and its certificate, PEM.
pub type Pair = (String, String);

static PAIRS: LazyLock<[Pair; 2]> = LazyLock::new(|| [pair(), pair()]);

fn pair() -> Pair {
    let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
    (key.serialize_pem(), CertificateParams::default().self_signed(&key).unwrap().pem())
}

/// Two that have nothing to do with each other.
pub fn pairs() -> &'static [Pair; 2] {
    &PAIRS
}

/// Signs with the first of them.
pub fn signer() -> XmlSigner {
    let (key, certificate) = &pairs()[0];
    XmlSigner::from_pem(&Secret::new(key.clone()), certificate).unwrap()
}
