//! The lists of certificates that were taken back (CRLs), fetched from where the operator says.
//!
//! A list is kept for some minutes where it is in force; one that is away, too large, or no list is none, and then nothing is
//! known of its authority's certificates.

use super::{InvalidSignatures, SignatureSettings};
use crate::adapters::http::{self, Unread};
use crate::domain::electronic_signature::is_current_list;
use crate::domain::{Clock, Timestamp};
use reqwest::{Client, StatusCode};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use url::Url;

/// Most bytes of one list.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// How long one is used without looking again: a certificate that is taken back meanwhile counts that long.
const FRESH_FOR: Duration = Duration::from_mins(10);

/// A list as it came.
pub(super) type List = Arc<[u8]>;

/// Where one is, and the one of before.
struct Source {
    url: Url,
    client: Client,
    kept: Mutex<Option<(Timestamp, List)>>,
}

/// The lists.
pub(super) struct Revocations {
    sources: Vec<Source>,
    clock: Arc<dyn Clock>,
}

impl Revocations {
    /// Nothing is fetched yet.
    ///
    /// # Errors
    /// [`InvalidSignatures`].
    pub fn new(settings: &SignatureSettings, clock: Arc<dyn Clock>) -> Result<Self, InvalidSignatures> {
        let source = |url: &Url| {
            let client = http::client(url, None, settings.call_timeout).map_err(InvalidSignatures)?;
            Ok(Source { url: url.clone(), client, kept: Mutex::new(None) })
        };
        Ok(Self { sources: settings.crl_urls.iter().map(source).collect::<Result<_, _>>()?, clock })
    }

    /// Those that are there.
    pub async fn lists(&self) -> Vec<List> {
        let found = self.sources.iter().map(|source| source.list(&*self.clock));
        futures_util::future::join_all(found).await.into_iter().flatten().collect()
    }

    /// The next look fetches each again.
    pub async fn forget(&self) {
        for source in &self.sources {
            *source.kept.lock().await = None;
        }
    }
}

impl Source {
    /// One look at a time; the others wait for what it brings.
    async fn list(&self, clock: &dyn Clock) -> Option<List> {
        let mut kept = self.kept.lock().await;
        let now = clock.now();
        if let Some((at, list)) = &*kept
            && now.since(*at) < FRESH_FOR
            && is_current_list(list, now)
        {
            return Some(Arc::clone(list));
        }
        *kept = None;
        match self.fetched().await {
            Ok(bytes) if is_current_list(&bytes, now) => {
                let list: List = bytes.into();
                *kept = Some((now, Arc::clone(&list)));
                Some(list)
            }
            Ok(_) => self.none("it is no list, or is not in force"),
            Err(why) => self.none(why),
        }
    }

    fn none(&self, why: &'static str) -> Option<List> {
        tracing::warn!(list = %self.url, why, "a list of revoked certificates is not to be had");
        None
    }

    async fn fetched(&self) -> Result<Vec<u8>, &'static str> {
        let answer = self.client.get(self.url.clone()).send().await.map_err(|_| "no answer in time")?;
        if answer.status() != StatusCode::OK {
            return Err("another answer than 200");
        }
        http::whole(answer, MOST_BYTES).await.map_err(|unread| match unread {
            Unread::Broken(_) => "it broke off",
            Unread::TooLarge => "it is too large",
        })
    }
}
