//! The documents of an account: listed and fetched within bounds, and read strictly.

use crate::adapters::http::{Unread, whole};
use crate::domain::Secret;
use crate::domain::private_document::DocumentKind;
use chrono::NaiveDate;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Client, StatusCode};
use serde::Deserialize;
use url::Url;

/// Most bytes of a page of a list.
const LARGEST_PAGE: usize = 512 * 1024;
/// Most bytes of a document.
pub(super) const LARGEST_DOCUMENT: usize = 1024 * 1024;
/// Most pages that are read of one list, and most documents of one page.
const MOST_PAGES: usize = 20;
const MOST_OF_PAGE: usize = 100;
/// Most characters of a title or an issuer's name.
const MOST_TEXT: usize = 200;

/// Why a provider gave nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderTrouble {
    /// It does not answer in time, or is not well.
    #[error("the provider does not answer")]
    Away,
    /// The account is not open to us any more: the citizen, or the provider, ended it there.
    #[error("the link was ended at the provider")]
    Ended,
    /// It has no such document.
    #[error("the provider has no such document")]
    Missing,
    /// What it answers is not what it has to be.
    #[error("the provider's answer cannot be used: {0}")]
    Unreadable(&'static str),
}

/// A document as a provider lists it. Nothing of it is signed: what counts is in the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedDocument {
    /// The provider's own id of it: 1 to 64 letters, digits, `-` and `_`.
    pub id: String,
    /// What it is.
    pub kind: DocumentKind,
    /// The year that it is about.
    pub tax_year: u16,
    /// Its title.
    pub title: String,
    /// Who issued it.
    pub issuer: String,
    /// When.
    pub issued_on: NaiveDate,
    /// How many bytes it has.
    pub size: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WirePage {
    documents: Vec<WireDocument>,
    next: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireDocument {
    id: String,
    kind: DocumentKind,
    tax_year: u16,
    title: String,
    issuer: String,
    issued_on: NaiveDate,
    media_type: String,
    size: u64,
}

/// Whether a text is a provider's id of a document.
pub(super) fn is_document_id(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=64).contains(&text.len()) && text.bytes().all(is_letter)
}

impl WireDocument {
    fn read(self) -> Option<ListedDocument> {
        let is_text = |text: &str| {
            !text.trim().is_empty() && text.chars().count() <= MOST_TEXT && !text.chars().any(char::is_control)
        };
        let is_right = is_document_id(&self.id)
            && (2000..=2100).contains(&self.tax_year)
            && is_text(&self.title)
            && is_text(&self.issuer)
            && self.media_type == "application/xml"
            && self.size <= LARGEST_DOCUMENT as u64;
        is_right.then_some(ListedDocument {
            id: self.id,
            kind: self.kind,
            tax_year: self.tax_year,
            title: self.title,
            issuer: self.issuer,
            issued_on: self.issued_on,
            size: self.size,
        })
    }
}

/// An account at a provider, open for a while.
pub struct Opened {
    client: Client,
    base: Url,
    access: Secret<String>,
}

impl Opened {
    pub(super) const fn new(client: Client, base: Url, access: Secret<String>) -> Self {
        Self { client, base, access }
    }

    /// Every document of the account.
    ///
    /// # Errors
    /// [`ProviderTrouble`]: a list that is not whole is none.
    pub async fn list(&self) -> Result<Vec<ListedDocument>, ProviderTrouble> {
        let mut found: Vec<ListedDocument> = Vec::new();
        let mut next: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let mut url = self.base.clone();
            if let Some(next) = &next {
                url.query_pairs_mut().append_pair("after", next);
            }
            let (_, bytes) = self.get(url, "application/json", LARGEST_PAGE).await?;
            let page: WirePage =
                serde_json::from_slice(&bytes).map_err(|_| ProviderTrouble::Unreadable("its list of documents"))?;
            if page.documents.len() > MOST_OF_PAGE {
                return Err(ProviderTrouble::Unreadable("a page of its list is too long"));
            }
            for one in page.documents {
                let one = one.read().ok_or(ProviderTrouble::Unreadable("a line of its list"))?;
                if found.iter().any(|other| other.id == one.id) {
                    return Err(ProviderTrouble::Unreadable("its list has a document twice"));
                }
                found.push(one);
            }
            match page.next {
                None => return Ok(found),
                Some(place) if is_document_id(&place) => next = Some(place),
                Some(_) => return Err(ProviderTrouble::Unreadable("the next page of its list")),
            }
        }
        Err(ProviderTrouble::Unreadable("its list has no end"))
    }

    /// The bytes of a document.
    ///
    /// # Errors
    /// [`ProviderTrouble::Missing`] where it has none of this id; else what keeps it from giving it.
    pub async fn fetch(&self, id: &str) -> Result<Vec<u8>, ProviderTrouble> {
        if !is_document_id(id) {
            return Err(ProviderTrouble::Missing);
        }
        let mut url = self.base.clone();
        let segments = url.path_segments_mut().map(|mut segments| {
            segments.pop_if_empty().push(id);
        });
        segments.map_err(|()| ProviderTrouble::Unreadable("its address"))?;
        let (kind, bytes) = self.get(url, "application/xml", LARGEST_DOCUMENT).await?;
        let is_xml = kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/xml"));
        if is_xml { Ok(bytes) } else { Err(ProviderTrouble::Unreadable("a document of another type")) }
    }

    async fn get(&self, url: Url, accept: &str, most: usize) -> Result<(String, Vec<u8>), ProviderTrouble> {
        let request = self.client.get(url).header(ACCEPT, accept).header(ACCEPT_ENCODING, "identity");
        let request = request.header(AUTHORIZATION, format!("Bearer {}", self.access.expose()));
        let answer = request.send().await.map_err(|_| ProviderTrouble::Away)?;
        match answer.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Err(ProviderTrouble::Missing),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => return Err(ProviderTrouble::Ended),
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                return Err(ProviderTrouble::Away);
            }
            _ => return Err(ProviderTrouble::Unreadable("its status")),
        }
        let kind = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.to_owned();
        let bytes = whole(answer, most).await.map_err(|unread| match unread {
            Unread::Broken(_) => ProviderTrouble::Away,
            Unread::TooLarge => ProviderTrouble::Unreadable("an answer that is too large"),
        })?;
        Ok((kind, bytes))
    }
}
