//! Whose word an official document is: what its signatures come to here, and what e-Gov says of them
//! (`POST /official_document/verify`, 公文書署名検証).
//!
//! Both are kept. Ours holds every file of the archive against what is signed, up to the operator's own authorities;
//! e-Gov's knows which certificates were taken back. Neither stands in for the other.

use super::EgovAgency;
use super::calls::Call;
use super::envelope::{Envelope, or_empty};
use crate::domain::archive::{self, File};
use crate::domain::chain::BadChain;
use crate::domain::submission::{AgencySignature, Signature, SignatureCheck, SignatureFlaw};
use crate::domain::xml::{BadSignature, Document, verify};
use serde::{Deserialize, Serialize};

/// Most signers of whom e-Gov's words are kept.
const MOST_SIGNERS: usize = 10;
/// Most characters of a word of e-Gov's.
const MOST_CHARACTERS: usize = 200;

#[derive(Serialize)]
struct Ask<'a> {
    file_name: &'a str,
    file_data: &'a str,
    sig_verification_xml_file_name: &'a str,
}

#[derive(Deserialize)]
struct Answer {
    sig_verification_xml_file_name: String,
    #[serde(default, deserialize_with = "or_empty")]
    verify_result: Vec<Of>,
}

#[derive(Default, Deserialize)]
struct Of {
    #[serde(default, deserialize_with = "or_empty")]
    official: Official,
}

/// What is said of one who signed (官職証明書検証結果).
#[derive(Default, Deserialize)]
struct Official {
    #[serde(default, deserialize_with = "or_empty")]
    validation_result: String,
    #[serde(default, deserialize_with = "or_empty")]
    certificate_result: String,
    #[serde(default, deserialize_with = "or_empty")]
    owner: String,
    #[serde(default, deserialize_with = "or_empty")]
    publisher: String,
}

impl Official {
    fn told(&self) -> AgencySignature {
        let tame = |text: &str| text.chars().filter(|c| !c.is_control()).take(MOST_CHARACTERS).collect::<String>();
        AgencySignature {
            signature: tame(&self.validation_result),
            certificate: tame(&self.certificate_result),
            owner: tame(&self.owner),
            issuer: tame(&self.publisher),
        }
    }
}

/// How a file is shown is no part of what it says.
fn is_sheet(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with("xsl")
}

const fn flaw_of(bad: BadChain) -> SignatureFlaw {
    match bad {
        BadChain::UnknownAuthority => SignatureFlaw::UnknownAuthority,
        BadChain::Expired => SignatureFlaw::Expired,
        BadChain::NotYetValid => SignatureFlaw::NotYetValid,
        BadChain::WrongUsage => SignatureFlaw::WrongUsage,
        BadChain::Malformed => SignatureFlaw::MalformedCertificate,
    }
}

const fn invalid(flaw: SignatureFlaw) -> Signature {
    Signature::here(SignatureCheck::Invalid, Some(flaw))
}

impl EgovAgency {
    /// What the signatures in an archive come to, here and at e-Gov; `data` is the archive as e-Gov sent it, in Base64.
    pub(super) async fn signature(&self, bytes: &[u8], data: &str) -> Signature {
        let Ok(files) = archive::read(bytes) else { return invalid(SignatureFlaw::Unreadable) };
        let (mut here, first) = self.signature_here(&files);
        if let Some(first) = first {
            here.agency = self.signature_there(&first, data).await;
        }
        here
    }

    /// What they come to here, the worst of them; and the name of the first file that is signed.
    fn signature_here(&self, files: &[File]) -> (Signature, Option<String>) {
        let find = |name: &str| files.iter().find(|file| file.name() == name).map(|file| file.bytes.as_slice());
        let mut worst = Signature::here(SignatureCheck::None, None);
        let (mut first, mut signed): (Option<String>, Vec<String>) = (None, Vec::new());
        let now = self.clock.now();
        for file in files.iter().filter(|file| file.name().to_ascii_lowercase().ends_with("xml")) {
            let Ok(document) = Document::parse(&file.bytes) else { continue };
            let verified = match verify(&document, &find) {
                Err(BadSignature::Missing) => continue,
                verified => verified,
            };
            first.get_or_insert_with(|| file.name().to_owned());
            let verified = match verified {
                Ok(verified) => verified,
                Err(BadSignature::Unknown) => return (invalid(SignatureFlaw::UnknownMethod), first),
                Err(_) => return (invalid(SignatureFlaw::Changed), first),
            };
            match self.anchors.verify(&verified.certificate, &verified.between, now) {
                Ok(()) if worst.check == SignatureCheck::None => worst.check = SignatureCheck::Valid,
                Ok(()) => {}
                Err(bad) => {
                    let flaw = worst.flaw.unwrap_or_else(|| flaw_of(bad));
                    worst = Signature::here(SignatureCheck::Untrusted, Some(flaw));
                }
            }
            signed.extend(verified.targets);
            signed.push(file.name().to_owned());
        }
        // What lies beside signed files and is not signed could have been put there by anybody.
        let is_whole = files.iter().all(|file| signed.iter().any(|name| name == file.name()) || is_sheet(file.name()));
        if first.is_some() && !is_whole { (invalid(SignatureFlaw::NotSigned), first) } else { (worst, first) }
    }

    /// What e-Gov says; nothing when it does not answer: the document is not kept waiting for it.
    async fn signature_there(&self, name: &str, data: &str) -> Vec<AgencySignature> {
        let body = Ask { file_name: "document.zip", file_data: data, sig_verification_xml_file_name: name };
        let call = Call::post(&["official_document", "verify"], &body, self.settings.call_timeout());
        match self.calls.make::<_, Envelope<Answer>>(call).await {
            Ok(answer) if answer.results.sig_verification_xml_file_name == name => {
                answer.results.verify_result.iter().take(MOST_SIGNERS).map(|one| one.official.told()).collect()
            }
            _ => {
                tracing::warn!(agency = self.settings.name, "e-Gov did not verify a document's signature");
                Vec::new()
            }
        }
    }
}
