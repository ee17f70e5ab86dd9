//! Keys and certificates for a judge's clients and server: made here, used nowhere else.

use anyhow::{Context, ensure};
use aws_lc_rs::encoding::{AsBigEndian, AsDer, EcPrivateKeyBin, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD as B64};
use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use serde_json::{Value, json};

/// A private JWK (RFC 7517) with what the suite asks of each key: `kid`, `alg`, `use`.
#[derive(Clone)]
pub struct Jwk(Value);

/// The members that only the owner has.
const SECRET: [&str; 6] = ["d", "p", "q", "dp", "dq", "qi"];

impl Jwk {
    pub fn es256(kid: &str) -> anyhow::Result<Self> {
        Ok(Self::es256_and_pem(kid)?.0)
    }

    /// A key for the counter itself, which reads its own from PEM (PKCS#8).
    pub fn es256_and_pem(kid: &str) -> anyhow::Result<(Self, String)> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
        let secret: EcPrivateKeyBin<'_> = pair.private_key().as_be_bytes()?;
        // An uncompressed point (SEC 1 §2.3.3): 4, x, y.
        let point = pair.public_key().as_ref();
        let (x, y) = (B64.encode(&point[1..33]), B64.encode(&point[33..65]));
        let d = B64.encode(secret.as_ref());
        let jwk = json!({
            "kty": "EC", "crv": "P-256", "x": x, "y": y, "d": d, "kid": kid, "alg": "ES256", "use": "sig",
        });
        let body = STANDARD.encode(pair.to_pkcs8v1()?.as_ref());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
        Ok((Self(jwk), pem))
    }

    pub fn ps256(kid: &str) -> anyhow::Result<Self> {
        let pair = aws_lc_rs::rsa::KeyPair::generate(KeySize::Rsa2048)?;
        let document: Pkcs8V1Der<'_> = pair.as_der()?;
        let mut jwk = json!({"kty": "RSA", "kid": kid, "alg": "PS256", "use": "sig"});
        // RFC 8017 §A.1.2: the integers of an RSAPrivateKey, after its version.
        let names = ["n", "e", "d", "p", "q", "dp", "dq", "qi"];
        for (name, integer) in names.into_iter().zip(rsa_integers(document.as_ref())?) {
            jwk[name] = json!(B64.encode(integer));
        }
        Ok(Self(jwk))
    }

    /// All of it, for the suite's configuration.
    pub fn private(&self) -> Value {
        self.0.clone()
    }

    /// What is registered.
    pub fn public(&self) -> Value {
        let mut public = self.0.clone();
        if let Some(members) = public.as_object_mut() {
            members.retain(|name, _| !SECRET.contains(&name.as_str()));
        }
        public
    }
}

/// The integers after the version in the RSAPrivateKey inside a PKCS#8 document.
fn rsa_integers(pkcs8: &[u8]) -> anyhow::Result<Vec<&[u8]>> {
    let (outer, _) = element(pkcs8)?;
    let (_, rest) = element(outer)?; // version
    let (_, rest) = element(rest)?; // algorithm
    let (octets, _) = element(rest)?;
    let (mut rest, _) = element(octets)?;
    let mut integers = Vec::new();
    while !rest.is_empty() {
        let (integer, next) = element(rest)?;
        // Unsigned: DER puts a zero before a first bit of one.
        integers.push(integer.strip_prefix(&[0]).unwrap_or(integer));
        rest = next;
    }
    ensure!(integers.len() == 9, "an RSA private key has nine integers");
    Ok(integers.split_off(1))
}

/// The content of the first DER element, and what follows it (X.690 §8.1).
fn element(der: &[u8]) -> anyhow::Result<(&[u8], &[u8])> {
    let (header, length) = match der.get(1).context("DER ends early")? {
        short @ 0..0x80 => (2, usize::from(*short)),
        long => {
            let count = usize::from(long & 0x7f);
            let bytes = der.get(2..2 + count).context("DER ends early")?;
            (2 + count, bytes.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte)))
        }
    };
    der.get(header..).and_then(|rest| rest.split_at_checked(length)).context("DER ends early")
}

/// A made-up certification authority, for the server's certificate and the clients'.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub pem: String,
}

/// A certificate and its key, PEM.
pub struct Certificate {
    pub pem: String,
    pub key_pem: String,
}

impl Authority {
    pub fn new() -> anyhow::Result<Self> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.distinguished_name.push(DnType::CommonName, "Mihon Test Authority");
        let key = KeyPair::generate()?;
        let pem = params.self_signed(&key)?.pem();
        Ok(Self { issuer: Issuer::new(params, key), pem })
    }

    pub fn server(&self, host: &str) -> anyhow::Result<Certificate> {
        self.issue(CertificateParams::new(vec![host.to_owned()])?, host, ExtendedKeyUsagePurpose::ServerAuth)
    }

    /// For a client that the server knows by its subject `CN={name}`.
    pub fn client(&self, name: &str) -> anyhow::Result<Certificate> {
        self.issue(CertificateParams::default(), name, ExtendedKeyUsagePurpose::ClientAuth)
    }

    fn issue(
        &self,
        mut params: CertificateParams,
        name: &str,
        usage: ExtendedKeyUsagePurpose,
    ) -> anyhow::Result<Certificate> {
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.extended_key_usages = vec![usage];
        let key = KeyPair::generate()?;
        Ok(Certificate { pem: params.signed_by(&key, &self.issuer)?.pem(), key_pem: key.serialize_pem() })
    }
}
