//! Signatures (XML-Signature Syntax and Processing): RSA with SHA-256 over Canonical XML 1.0, the certificate in `KeyInfo`.
//!
//! What is signed is an element of the same document, by its ID, or a file beside it, by its name. Verifying knows these
//! algorithms and no other: what is signed with anything else is not verified.

use super::{Document, Element, Node, Path};
use crate::domain::{Fault, Secret};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::fmt::Write as _;
use x509_parser::prelude::{FromDer as _, X509Certificate};

const SIGNATURES: &str = "http://www.w3.org/2000/09/xmldsig#";
const CANONICAL: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const DIGEST: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
/// What an element is named by. No schema is read that would say which; all of them must be unlike.
const ID_NAMES: [&str; 3] = ["ID", "Id", "id"];
/// Most references of a signature.
const MOST_REFERENCES: usize = 100;
/// Most certificates of a signature that are looked at.
const MOST_CERTIFICATES: usize = 9;

/// A key or certificate that cannot sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSigner {
    /// The key.
    #[error("not an RSA private key of 2048 bits or more in PEM")]
    Key,
    /// The certificate.
    #[error("not a certificate in PEM, or one of another key")]
    Certificate,
}

/// Who signs.
pub struct XmlSigner {
    pair: RsaKeyPair,
    /// Its own, and those that lead up to an authority.
    certificates: Vec<CertificateDer<'static>>,
}

/// Something that is signed.
#[derive(Clone, Copy, Debug)]
pub enum Target<'a> {
    /// The element with this ID.
    Element(&'a str),
    /// A file beside the document: its name and bytes.
    File(&'a str, &'a [u8]),
}

/// Where a signature goes.
#[derive(Clone, Copy, Debug)]
pub struct Placing<'a> {
    /// After the element at this path, beside it.
    pub after: &'a [usize],
    /// In an element of this name.
    pub inside: &'a str,
    /// Its `Id`.
    pub id: &'a str,
}

impl std::fmt::Debug for XmlSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[XML signer]")
    }
}

impl XmlSigner {
    /// From a private key (PKCS #8 or PKCS #1) and its certificate, both in PEM; what follows the certificate goes with it.
    ///
    /// # Errors
    /// [`InvalidSigner`] when either is something else, or they do not belong together.
    pub fn from_pem(key: &Secret<String>, certificate: &str) -> Result<Self, InvalidSigner> {
        let der = PrivateKeyDer::from_pem_slice(key.expose().as_bytes()).map_err(|_| InvalidSigner::Key)?;
        let pair = match &der {
            PrivateKeyDer::Pkcs8(der) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
            _ => return Err(InvalidSigner::Key),
        };
        let pair = pair.ok().filter(|pair| pair.public_modulus_len() >= 256).ok_or(InvalidSigner::Key)?;
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate.as_bytes()).collect();
        let certificates = certificates.map_err(|_| InvalidSigner::Certificate)?;
        let own = certificates.first().ok_or(InvalidSigner::Certificate)?;
        let (_, parsed) = X509Certificate::from_der(own).map_err(|_| InvalidSigner::Certificate)?;
        if *parsed.public_key().subject_public_key.data != *pair.public_key().as_ref() {
            return Err(InvalidSigner::Certificate);
        }
        Ok(Self { pair, certificates })
    }

    /// Signs `targets` and puts the signature where it goes.
    ///
    /// # Errors
    /// [`Fault`] for a target or place that is not there: the caller has made the document.
    pub fn sign(&self, document: &mut Document, targets: &[Target<'_>], placing: &Placing<'_>) -> Result<(), Fault> {
        let broken = |what: &str| Fault::Internal(format!("signing XML: {what}"));
        let mut info = vec![algorithm("CanonicalizationMethod", CANONICAL), algorithm("SignatureMethod", RSA_SHA256)];
        for target in targets {
            info.push(reference(document, target).ok_or_else(|| broken("a target is not there"))?);
        }
        let certificate = |der: &CertificateDer<'_>| Element::with_text("X509Certificate", &STANDARD.encode(der));
        let certificates = self.certificates.iter().map(certificate).collect();
        let key = Element::with_children("KeyInfo", vec![Element::with_children("X509Data", certificates)]);
        let parts = vec![Element::with_children("SignedInfo", info), Element::with_text("SignatureValue", ""), key];
        let signature = Element::with_children("Signature", parts).attribute("xmlns", SIGNATURES);
        let signature = signature.attribute("Id", placing.id);
        let (last, above) = placing.after.split_last().ok_or_else(|| broken("nothing stands beside the root"))?;
        let parent = document.root.at_mut(above).filter(|parent| *last < parent.children.len());
        let parent = parent.ok_or_else(|| broken("its place is not there"))?;
        parent.children.insert(last + 1, Node::Element(Element::with_children(placing.inside, vec![signature])));
        // Canonical where it stands: it inherits namespaces there.
        let mut path: Path = above.to_vec();
        path.extend([last + 1, 0, 0]);
        let signed = document.canonical(&path).ok_or_else(|| broken("it is not where it was put"))?;
        let mut value = vec![0; self.pair.public_modulus_len()];
        let made = self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut value);
        made.map_err(|_| broken("the key does not sign"))?;
        if let Some(place) = path.last_mut() {
            *place = 1;
        }
        document.root.at_mut(&path).ok_or_else(|| broken("it is gone"))?.set_text(&STANDARD.encode(value));
        Ok(())
    }
}

fn algorithm(name: &str, uri: &str) -> Element {
    Element { name: name.to_owned(), ..Element::default() }.attribute("Algorithm", uri)
}

fn reference(document: &Document, target: &Target<'_>) -> Option<Element> {
    let encoded = |text: &str| percent(text);
    let (uri, transforms, value) = match target {
        Target::Element(id) => {
            let canonical = document.canonical(&by_id(&document.root, id)?)?;
            let transforms = vec![Element::with_children("Transforms", vec![algorithm("Transform", CANONICAL)])];
            (format!("#{}", encoded(id)), transforms, digest(&SHA256, canonical.as_bytes()))
        }
        Target::File(name, bytes) => (encoded(name), Vec::new(), digest(&SHA256, bytes)),
    };
    let mut parts = transforms;
    parts.push(algorithm("DigestMethod", DIGEST));
    parts.push(Element::with_text("DigestValue", &STANDARD.encode(value)));
    Some(Element::with_children("Reference", parts).attribute("URI", &uri))
}

/// RFC 3986 §2.1, for everything but what is unreserved.
fn percent(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            byte => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

fn unpercent(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        match byte {
            b'%' => out.push(u8::try_from(digit(bytes.next())? * 16 + digit(bytes.next())?).ok()?),
            byte => out.push(byte),
        }
    }
    String::from_utf8(out).ok()
}

/// Where the one element with this ID is; none when there are two.
fn by_id(root: &Element, id: &str) -> Option<Path> {
    let mut found = root.paths(&|element| ID_NAMES.iter().any(|name| element.get(name) == Some(id)));
    let path = found.pop()?;
    found.is_empty().then_some(path)
}

/// A signature that does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSignature {
    /// There is none, or more than one.
    #[error("the document holds no signature, or more than one")]
    Missing,
    /// It is made in a way that is not known here.
    #[error("the signature is made in a way that is not known here")]
    Unknown,
    /// What it refers to is not there, or there twice.
    #[error("the signature refers to something that is not there")]
    Reference,
    /// Something was changed since.
    #[error("what is signed was changed since, or the signature is not of this certificate's key")]
    Changed,
}

/// A signature that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The signer's certificate, DER. Whose word it is good for is the caller's to decide.
    pub certificate: Vec<u8>,
    /// What stands beside it to lead up to an authority, DER; nothing of it was looked at.
    pub between: Vec<Vec<u8>>,
    /// What is signed: IDs with `#`, the whole document as "", names of files.
    pub targets: Vec<String>,
}

/// Verifies the one signature of a document; `file` gives the files beside it.
///
/// # Errors
/// [`BadSignature`].
pub fn verify<'a>(document: &Document, file: &dyn Fn(&str) -> Option<&'a [u8]>) -> Result<Verified, BadSignature> {
    let mut found = document.root.paths(&|element| {
        element.local_name() == "Signature" && element.attributes.iter().any(|(_, uri)| uri == SIGNATURES)
    });
    let path = found.pop().filter(|_| found.is_empty()).ok_or(BadSignature::Missing)?;
    let signature = document.root.at(&path).ok_or(BadSignature::Missing)?;
    let place =
        signature.children.iter().position(|node| matches!(node, Node::Element(e) if e.local_name() == "SignedInfo"));
    let info = place.and_then(|place| signature.at(&[place])).ok_or(BadSignature::Unknown)?;
    for (name, uri) in [("CanonicalizationMethod", CANONICAL), ("SignatureMethod", RSA_SHA256)] {
        if info.child(name).and_then(|method| method.get("Algorithm")) != Some(uri) {
            return Err(BadSignature::Unknown);
        }
    }
    let references: Vec<&Element> = info.elements().filter(|element| element.local_name() == "Reference").collect();
    if references.is_empty() || references.len() > MOST_REFERENCES {
        return Err(BadSignature::Unknown);
    }
    let mut targets = Vec::with_capacity(references.len());
    for reference in references {
        targets.push(check(document, &path, reference, file)?);
    }
    let value = signature.find("SignatureValue").and_then(|element| decoded(&element.text()));
    let value = value.ok_or(BadSignature::Unknown)?;
    // The signer's own comes first.
    let mut certificates = signature.child("KeyInfo").map(certificates).unwrap_or_default().into_iter();
    let certificate = certificates.next().ok_or(BadSignature::Unknown)?;
    let (_, parsed) = X509Certificate::from_der(&certificate).map_err(|_| BadSignature::Unknown)?;
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &*parsed.public_key().subject_public_key.data);
    let mut at = path.clone();
    at.extend(place);
    let signed = document.canonical(&at).ok_or(BadSignature::Unknown)?;
    key.verify(signed.as_bytes(), &value).map_err(|_| BadSignature::Changed)?;
    Ok(Verified { certificate, between: certificates.collect(), targets })
}

fn certificates(key: &Element) -> Vec<Vec<u8>> {
    let places = key.paths(&|element| element.local_name() == "X509Certificate");
    let read = |path: &Path| decoded(&key.at(path)?.text());
    places.iter().take(MOST_CERTIFICATES).map_while(read).collect()
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text.split_ascii_whitespace().collect::<String>()).ok()
}

fn check<'a>(
    document: &Document,
    signature: &[usize],
    reference: &Element,
    file: &dyn Fn(&str) -> Option<&'a [u8]>,
) -> Result<String, BadSignature> {
    if reference.child("DigestMethod").and_then(|method| method.get("Algorithm")) != Some(DIGEST) {
        return Err(BadSignature::Unknown);
    }
    let uri = reference.get("URI").and_then(unpercent).ok_or(BadSignature::Unknown)?;
    let transforms: Vec<Option<&str>> = match reference.child("Transforms") {
        None => Vec::new(),
        Some(transforms) => transforms.elements().map(|transform| transform.get("Algorithm")).collect(),
    };
    let is_whole = uri.is_empty();
    let actual = if is_whole || uri.starts_with('#') {
        let path = if is_whole { Some(Path::new()) } else { by_id(&document.root, uri.trim_start_matches('#')) };
        let path = path.ok_or(BadSignature::Reference)?;
        let canonical = |of: &Document| if is_whole { of.canonical_whole() } else { of.canonical(&path) };
        let canonical = match transforms.as_slice() {
            [Some(CANONICAL)] => canonical(document),
            [Some(ENVELOPED), Some(CANONICAL)] | [Some(ENVELOPED)] => canonical(&without(document, signature)),
            _ => return Err(BadSignature::Unknown),
        };
        digest(&SHA256, canonical.ok_or(BadSignature::Reference)?.as_bytes())
    } else {
        let bytes = file(&uri).ok_or(BadSignature::Reference)?;
        match transforms.as_slice() {
            [] => digest(&SHA256, bytes),
            [Some(CANONICAL)] => {
                let other = Document::parse(bytes).map_err(|_| BadSignature::Reference)?;
                let canonical = other.canonical_whole().ok_or(BadSignature::Reference)?;
                digest(&SHA256, canonical.as_bytes())
            }
            _ => return Err(BadSignature::Unknown),
        }
    };
    let said = reference.child("DigestValue").and_then(|value| decoded(&value.text()));
    if said.as_deref() == Some(actual.as_ref()) { Ok(uri) } else { Err(BadSignature::Changed) }
}

/// The document with nothing in the place of the element at this path, so that every other path still holds.
fn without(document: &Document, path: &[usize]) -> Document {
    let mut copy = document.clone();
    if let Some((last, above)) = path.split_last()
        && let Some(node) = copy.root.at_mut(above).and_then(|parent| parent.children.get_mut(*last))
    {
        *node = Node::Text(String::new());
    }
    copy
}
