//! Giving what is deposited: piece by piece from the company's cloud, each verified before a byte of it goes on.
//!
//! A reference is written down first, and how it ended last, whoever ends it. One piece at a time is in memory; no more than
//! [`AT_ONCE`] are under way in this process.

use super::Right;
use super::cloud::{Asked, Clouds, told};
use crate::domain::deposit::{ByteSpan, Deposit, Holding, Outcome, Pieces, Reference, ReferenceEnd, Trouble};
use crate::domain::ids::DepositReferenceId;
use crate::domain::secret::Hashing;
use crate::domain::{Failure, Fault, Refusal};
use crate::gateway::Permit;
use crate::store::Store;
use bytes::Bytes;
use futures_util::stream::{self, Stream};
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;

/// How many may be under way in one process: each holds a piece in memory.
pub(super) const AT_ONCE: usize = 64;

/// What fetches.
pub(super) struct Fetcher {
    pub store: Arc<dyn Store>,
    pub clouds: Clouds,
}

/// Why the stream broke off; the log and the company know more.
#[derive(Debug, thiserror::Error)]
#[error("what was deposited is not given any more")]
pub struct BrokenOff;

/// What is given: its bytes come as they are verified.
pub struct Given {
    /// What was filed.
    pub holding: Holding,
    /// Which bytes, where not all were asked for.
    pub part: Option<ByteSpan>,
    /// How many bytes come.
    pub length: u64,
    reading: Reading,
    first: Bytes,
}

impl Given {
    /// The bytes. The stream breaks off where the rest cannot be given; then fewer came than were told.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, BrokenOff>> + Send + 'static {
        stream::unfold((Some(self.first), self.reading), |(first, mut reading)| async move {
            let next = match first {
                Some(first) => Some(Ok(reading.give(first))),
                None => reading.next().await,
            };
            next.map(|item| (item, (None, reading)))
        })
    }
}

/// One reference under way.
struct Reading {
    fetcher: Arc<Fetcher>,
    origin: String,
    holding: Holding,
    pieces: Pieces,
    right: Right,
    by: String,
    reference: Reference,
    next: u64,
    sent: u64,
    /// Of all that came, where all is asked for.
    hashing: Option<Hashing>,
    is_over: bool,
    _place: OwnedSemaphorePermit,
}

impl Fetcher {
    /// Begins to give some of a deposit: written down, and its first piece verified, when this returns.
    pub async fn give(
        self: &Arc<Self>,
        permit: &Permit,
        (deposit, right): (&Deposit, Right),
        (purpose, part): (String, Option<ByteSpan>),
    ) -> Result<Given, Failure> {
        let gone = || Refusal::new("result_gone", "It was withdrawn meanwhile.");
        let (filed, id) = (deposit.filed.as_ref().ok_or_else(gone)?, &deposit.declared.id);
        let place = self.clouds.place()?;
        let whole =
            ByteSpan::whole(filed.holding.size).ok_or_else(|| Fault::Internal("a deposit of nothing".into()))?;
        let pieces = self.store.find_pieces(id).await?.ok_or_else(gone)?;
        let span = part.unwrap_or(whole);
        let (client, at) = (permit.client(), self.clouds.clock.now());
        let reference = Reference {
            id: DepositReferenceId::generate(&*self.clouds.entropy),
            deposit: id.clone(),
            client: client.id.clone(),
            purpose,
            span,
            at,
        };
        if !self.store.begin_reference(&reference).await? {
            return Err(gone().into());
        }
        let mut reading = Reading {
            fetcher: Arc::clone(self),
            origin: deposit.declared.origin.clone(),
            holding: filed.holding.clone(),
            pieces,
            right,
            by: client.name.en.clone(),
            reference,
            next: span.pieces().0,
            sent: 0,
            hashing: (span == whole).then(Hashing::default),
            is_over: false,
            _place: place,
        };
        let first = match reading.piece().await? {
            Ok(first) => first,
            Err(trouble) => {
                let stands =
                    format!("It was filed at {}, which stands; the company has been told.", filed.at.rfc3339());
                return Err(told(trouble, "The company's cloud", &stands).into());
            }
        };
        if deposit.outage.is_some() {
            reading.fetcher.store.note_outage(id, None, self.clouds.clock.now()).await?;
        }
        Ok(Given { holding: filed.holding.clone(), part, length: span.len(), reading, first })
    }
}

impl Reading {
    /// The next piece, whose place is kept in mind; none at the end.
    async fn next(&mut self) -> Option<Result<Bytes, BrokenOff>> {
        if self.is_over {
            return None;
        }
        if self.next > self.reference.span.pieces().1 {
            self.end(Outcome::Delivered).await;
            return None;
        }
        let now = self.fetcher.clouds.clock.now();
        let stands = self.right.stands(&*self.fetcher.store, &self.reference.deposit, now).await;
        // Withdrawn, or not allowed any more, or nobody can say: what was begun ends here.
        if !matches!(stands, Ok(true)) {
            self.end(Outcome::BrokenOff).await;
            return Some(Err(BrokenOff));
        }
        match self.piece().await {
            Ok(Ok(bytes)) => Some(Ok(self.give(bytes))),
            Ok(Err(_)) => Some(Err(BrokenOff)),
            Err(fault) => {
                tracing::error!(%fault, "what was deposited could not be read on");
                self.end(Outcome::BrokenOff).await;
                Some(Err(BrokenOff))
            }
        }
    }

    fn give(&mut self, bytes: Bytes) -> Bytes {
        self.sent += bytes.len() as u64;
        bytes
    }

    /// Fetches and verifies the next piece; gives what was asked for of it. A trouble is written down, and its company told.
    async fn piece(&mut self) -> Result<Result<Bytes, Trouble>, Fault> {
        let number = self.next;
        let asked = Asked {
            origin: &self.origin,
            holding: &self.holding,
            pieces: &self.pieces,
            what: self.reference.deposit.as_str(),
            reference: self.reference.id.as_str(),
            by: &self.by,
            purpose: &self.reference.purpose,
        };
        let given = self.fetcher.clouds.piece(&asked, number).await?;
        let verified =
            given.and_then(|bytes| if self.is_whole(number, &bytes) { Ok(bytes) } else { Err(Trouble::Changed) });
        match verified {
            Ok(bytes) => {
                self.next += 1;
                Ok(Ok(Bytes::from(bytes).slice(self.reference.span.within(number))))
            }
            Err(trouble) => {
                self.end(Outcome::Failed(trouble)).await;
                let (id, now) = (&self.reference.deposit, self.fetcher.clouds.clock.now());
                self.fetcher.store.note_outage(id, Some(trouble), now).await?;
                Ok(Err(trouble))
            }
        }
    }

    /// Whether, with the last piece of the whole, all of them are the whole.
    fn is_whole(&mut self, number: u64, bytes: &[u8]) -> bool {
        let Some(hashing) = &mut self.hashing else { return true };
        hashing.update(bytes);
        let is_last = number == self.reference.span.pieces().1;
        !is_last || self.hashing.take().is_none_or(|hashing| hashing.finish() == self.holding.digest)
    }

    fn over(&mut self, outcome: Outcome) -> Option<ReferenceEnd> {
        let is_first = !std::mem::replace(&mut self.is_over, true);
        is_first.then(|| ReferenceEnd { outcome, sent: self.sent, at: self.fetcher.clouds.clock.now() })
    }

    async fn end(&mut self, outcome: Outcome) {
        let Some(end) = self.over(outcome) else { return };
        if let Err(fault) = self.fetcher.store.end_reference(&self.reference.id, &end).await {
            tracing::error!(%fault, "how a reference ended could not be written down");
        }
    }
}

/// Whoever asked went away: that is how it ended.
impl Drop for Reading {
    fn drop(&mut self) {
        let Some(end) = self.over(Outcome::BrokenOff) else { return };
        let (store, id) = (Arc::clone(&self.fetcher.store), self.reference.id.clone());
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if let Err(fault) = store.end_reference(&id, &end).await {
                    tracing::error!(%fault, "how a reference ended could not be written down");
                }
            });
        }
    }
}
