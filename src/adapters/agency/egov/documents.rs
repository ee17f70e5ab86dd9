//! What e-Gov gives back about an application: notices (お知らせ) and official documents (公文書).
//!
//! Official documents can be fetched until a day, and e-Gov wants to be told that they were. Whether a document's
//! signature counts is decided here: by what it signs, and by the certificates that the operator names.

use super::EgovAgency;
use super::calls::{Call, Failed};
use super::envelope::{Envelope, or_empty};
use super::standing::Detail;
use crate::adapters::agency::{Fetched, FetchedDocument};
use crate::domain::Timestamp;
use crate::domain::archive;
use crate::domain::submission::{Announced, ArrivalNumber, DocumentKind, SignatureCheck};
use crate::domain::xml::{BadSignature, Document, verify};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Most documents of one application.
const MOST_DOCUMENTS: usize = 200;

/// An official document as an application tells of it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Official {
    notice_sub_id: u32,
    #[serde(default, deserialize_with = "or_empty")]
    doc_download_expired_date: String,
    /// When it was said to be fetched.
    #[serde(default, deserialize_with = "or_empty")]
    doc_download_date: String,
}

#[derive(Deserialize)]
struct Fetching {
    file_data: String,
}

#[derive(Deserialize)]
struct Noticed {
    notice: Box<RawValue>,
}

#[derive(Deserialize)]
struct Done {
    arrive_id: String,
}

#[derive(Serialize)]
struct Tell<'a> {
    arrive_id: &'a str,
    notice_sub_id: u32,
}

/// How a file is shown is no part of what it says.
fn is_sheet(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with("xsl")
}

/// The end of a day of Japan.
fn end_of(day: &str) -> Option<Timestamp> {
    Timestamp::of_day_in_japan(day.parse::<chrono::NaiveDate>().ok()?.succ_opt()?)
}

fn reference(kind: DocumentKind, number: u32) -> Option<ArrivalNumber> {
    let kind = match kind {
        DocumentKind::OfficialDocument => "official",
        DocumentKind::Notice => "notice",
    };
    ArrivalNumber::parse(&format!("{kind}-{number}"))
}

fn number(reference: &ArrivalNumber) -> Option<u32> {
    reference.as_str().rsplit_once('-')?.1.parse().ok()
}

impl Detail {
    /// What it tells of that can be fetched. What was fetched by others, or by hand, is left alone.
    pub fn announced(&self) -> Vec<Announced> {
        let notices = self.notice_numbers().filter_map(|number| {
            let kind = DocumentKind::Notice;
            Some(Announced { reference: reference(kind, number)?, kind, until: None })
        });
        let official = self.official_list.iter().filter(|one| one.doc_download_date.is_empty()).filter_map(|one| {
            let kind = DocumentKind::OfficialDocument;
            let until = end_of(&one.doc_download_expired_date);
            Some(Announced { reference: reference(kind, one.notice_sub_id)?, kind, until })
        });
        official.chain(notices).take(MOST_DOCUMENTS).collect()
    }
}

impl EgovAgency {
    pub(super) async fn fetch(&self, arrival: &ArrivalNumber, name: &ArrivalNumber, kind: DocumentKind) -> Fetched {
        let Some(number) = number(name) else { return Fetched::NoAnswer(None) };
        let (number, timeout) = (number.to_string(), self.settings.call_timeout());
        let fetched = match kind {
            DocumentKind::OfficialDocument => {
                let path = ["official_document", arrival.as_str(), &number];
                let answer = self.calls.make::<(), Envelope<Fetching>>(Call::get(&path, &[], timeout)).await;
                answer.map(|answer| {
                    let bytes = STANDARD.decode(answer.results.file_data.as_bytes()).ok()?;
                    let signature = self.signature_of(&bytes);
                    Some(FetchedDocument { content_type: "application/zip".to_owned(), bytes, signature })
                })
            }
            DocumentKind::Notice => {
                let path = ["notice", arrival.as_str(), &number];
                let answer = self.calls.make::<(), Envelope<Noticed>>(Call::get(&path, &[], timeout)).await;
                answer.map(|answer| {
                    let bytes = answer.results.notice.get().as_bytes().to_vec();
                    let (content_type, signature) = ("application/json".to_owned(), SignatureCheck::None);
                    Some(FetchedDocument { content_type, bytes, signature })
                })
            }
        };
        match fetched {
            Ok(Some(document)) => Fetched::Document(document),
            Err(Failed::NotNow(pause)) => Fetched::NoAnswer(pause),
            Ok(None) | Err(_) => Fetched::NoAnswer(None),
        }
    }

    /// Tells e-Gov that an official document is here; true when it knows, or does not want to.
    pub(super) async fn tell(&self, arrival: &ArrivalNumber, name: &ArrivalNumber, kind: DocumentKind) -> bool {
        let Some(number) = number(name).filter(|_| kind == DocumentKind::OfficialDocument) else { return true };
        let body = Tell { arrive_id: arrival.as_str(), notice_sub_id: number };
        let call = Call::post(&["official_document"], &body, self.settings.call_timeout());
        match self.calls.make::<_, Envelope<Done>>(call).await {
            Ok(answer) => answer.results.arrive_id == arrival.as_str(),
            Err(Failed::Refused(_) | Failed::Missing) => {
                tracing::warn!(agency = self.settings.name, "e-Gov does not want to know that a document was fetched");
                true
            }
            Err(_) => false,
        }
    }

    /// What the signatures in an archive come to: the worst of them.
    fn signature_of(&self, bytes: &[u8]) -> SignatureCheck {
        let Ok(files) = archive::read(bytes) else { return SignatureCheck::Invalid };
        let find = |name: &str| files.iter().find(|file| file.name() == name).map(|file| file.bytes.as_slice());
        let mut worst = SignatureCheck::None;
        let mut signed: Vec<String> = Vec::new();
        for file in files.iter().filter(|file| file.name().to_ascii_lowercase().ends_with("xml")) {
            let Ok(document) = Document::parse(&file.bytes) else { continue };
            match verify(&document, &find) {
                Err(BadSignature::Missing) => {}
                Err(_) => return SignatureCheck::Invalid,
                Ok(verified) => {
                    let is_known = self.offices.contains(&verified.certificate);
                    worst = match (worst, is_known) {
                        (SignatureCheck::None | SignatureCheck::Valid, true) => SignatureCheck::Valid,
                        _ => SignatureCheck::Untrusted,
                    };
                    signed.extend(verified.targets);
                    signed.push(file.name().to_owned());
                }
            }
        }
        // What lies beside signed files and is not signed could have been put there by anybody.
        let is_whole = files.iter().all(|file| signed.iter().any(|name| name == file.name()) || is_sheet(file.name()));
        if worst == SignatureCheck::None || is_whole { worst } else { SignatureCheck::Invalid }
    }
}
