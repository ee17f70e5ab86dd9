//! What e-Gov gives back about an application: notices (お知らせ) and official documents (公文書).
//!
//! Official documents can be fetched until a day, and e-Gov wants to be told that they were. What a document's signature
//! comes to is said by `seals`.

use super::EgovAgency;
use super::calls::{Call, Failed};
use super::envelope::{Envelope, or_empty};
use super::standing::Detail;
use crate::adapters::agency::{DocumentName, Fetched, FetchedDocument};
use crate::domain::Timestamp;
use crate::domain::submission::{Announced, ArrivalNumber, DocumentKind, Signature, SignatureCheck};
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
pub(super) struct Fetching {
    pub file_data: String,
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

/// What a call for a document came to.
pub(super) fn given(fetched: Result<Option<FetchedDocument>, Failed>) -> Fetched {
    match fetched {
        Ok(Some(document)) => Fetched::Document(document),
        Err(Failed::NotNow(pause)) => Fetched::NoAnswer(pause),
        Ok(None) | Err(_) => Fetched::NoAnswer(None),
    }
}

/// The end of a day of Japan.
pub(super) fn end_of(day: &str) -> Option<Timestamp> {
    Timestamp::of_day_in_japan(day.parse::<chrono::NaiveDate>().ok()?.succ_opt()?)
}

fn reference(kind: DocumentKind, number: u32) -> Option<ArrivalNumber> {
    let kind = match kind {
        DocumentKind::OfficialDocument => "official",
        DocumentKind::Notice => "notice",
        DocumentKind::ElectronicDelivery | DocumentKind::Message => return None,
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
    pub(super) async fn fetch(&self, of: DocumentName<'_>) -> Fetched {
        let Some((arrival, number)) = of.arrival.zip(number(of.reference)) else { return self.fetch_sent(of).await };
        let (number, timeout) = (number.to_string(), self.settings.call_timeout());
        let fetched = match of.kind {
            DocumentKind::ElectronicDelivery | DocumentKind::Message => return Fetched::NoAnswer(None),
            DocumentKind::OfficialDocument => {
                let path = ["official_document", arrival.as_str(), &number];
                match self.calls.make::<(), Envelope<Fetching>>(Call::get(&path, &[], timeout)).await {
                    Ok(answer) => Ok(self.archive(&answer.results.file_data).await),
                    Err(failed) => Err(failed),
                }
            }
            DocumentKind::Notice => {
                let path = ["notice", arrival.as_str(), &number];
                let answer = self.calls.make::<(), Envelope<Noticed>>(Call::get(&path, &[], timeout)).await;
                answer.map(|answer| {
                    let bytes = answer.results.notice.get().as_bytes().to_vec();
                    let content_type = "application/json".to_owned();
                    let signature = Signature::here(SignatureCheck::None, None);
                    Some(FetchedDocument { content_type, bytes, signature })
                })
            }
        };
        given(fetched)
    }

    /// An archive with what its signatures come to; none when it is not Base64.
    pub(super) async fn archive(&self, data: &str) -> Option<FetchedDocument> {
        let bytes = STANDARD.decode(data.as_bytes()).ok()?;
        let signature = self.signature(&bytes, data).await;
        Some(FetchedDocument { content_type: "application/zip".to_owned(), bytes, signature })
    }

    /// Tells e-Gov that an official document is here; true when it knows, or does not want to.
    pub(super) async fn tell(&self, of: DocumentName<'_>) -> bool {
        let Some(arrival) = of.arrival else { return self.tell_of_sent(of).await };
        let number = number(of.reference).filter(|_| of.kind == DocumentKind::OfficialDocument);
        let Some(number) = number else { return true };
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
}
