//! Giving what is deposited: piece by piece from the company's cloud, each verified before a byte of it goes on.
//!
//! A reference is written down first, and how it ended last, whoever ends it. One piece at a time is in memory; no more than
//! [`AT_ONCE`] are under way in this process.

use super::Right;
use crate::adapters::outward::{Outward, OutwardError};
use crate::domain::deposit::{ByteSpan, Deposit, Holding, Outcome, Pieces, Reference, ReferenceEnd, Trouble};
use crate::domain::ids::DepositReferenceId;
use crate::domain::secret::Hashing;
use crate::domain::{Clock, Entropy, Failure, Fault, Refusal, Secret, Timestamp};
use crate::gateway::Permit;
use crate::store::Store;
use bytes::Bytes;
use futures_util::stream::{self, Stream};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many may be under way in one process: each holds a piece in memory.
pub(super) const AT_ONCE: usize = 64;
/// When to come back where there are too many.
const COME_BACK: Duration = Duration::from_secs(5);

/// What a cloud is asked, for the token that it is shown.
#[derive(Clone, Debug)]
pub struct CloudAsk<'a> {
    /// The cloud: its origin.
    pub origin: &'a str,
    /// The address.
    pub location: &'a str,
    /// Which bytes.
    pub span: ByteSpan,
    /// What is referenced, by its id.
    pub deposit: &'a str,
    /// By which reference.
    pub reference: &'a str,
    /// Who references it, by name.
    pub by: &'a str,
    /// What for.
    pub purpose: &'a str,
    /// The token's own id.
    pub id: &'a str,
    /// When.
    pub at: Timestamp,
}

/// Signs what clouds are shown.
pub trait Passes: Send + Sync {
    /// A token that is good for a minute, for this alone.
    ///
    /// # Errors
    /// [`Fault`] when our key cannot sign.
    fn pass(&self, ask: &CloudAsk<'_>) -> Result<Secret<String>, Fault>;
}

/// What fetches.
pub(super) struct Fetcher {
    pub store: Arc<dyn Store>,
    pub outward: Outward,
    pub passes: Arc<dyn Passes>,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub places: Arc<Semaphore>,
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
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| {
            let words = "Too much is being read from companies' clouds at this moment. Repeat it shortly.";
            Refusal::new("temporarily_unavailable", words).retry_after(COME_BACK)
        })?;
        let whole =
            ByteSpan::whole(filed.holding.size).ok_or_else(|| Fault::Internal("a deposit of nothing".into()))?;
        let pieces = self.store.find_pieces(id).await?.ok_or_else(gone)?;
        let span = part.unwrap_or(whole);
        let (client, at) = (permit.client(), self.clock.now());
        let reference = Reference {
            id: DepositReferenceId::generate(&*self.entropy),
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
            Err(trouble) => return Err(told(trouble, filed.at).into()),
        };
        if deposit.outage.is_some() {
            reading.fetcher.store.note_outage(id, None, self.clock.now()).await?;
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
        let now = self.fetcher.clock.now();
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
        let size = self.holding.size;
        let piece = ByteSpan::of_piece(number, size).ok_or_else(|| Fault::Internal("there is no such piece".into()))?;
        let (token_id, at) = (self.fetcher.entropy.short_handle(), self.fetcher.clock.now());
        let token = self.fetcher.passes.pass(&CloudAsk {
            origin: &self.origin,
            location: &self.holding.location,
            span: piece,
            deposit: self.reference.deposit.as_str(),
            reference: self.reference.id.as_str(),
            by: &self.by,
            purpose: &self.reference.purpose,
            id: &token_id,
            at,
        })?;
        let answer = self.fetcher.outward.get_range(&self.holding.location, (piece, size), &token).await;
        let verified = match answer {
            Ok(bytes) if self.is_right(number, &bytes) => Ok(bytes),
            Ok(_) => Err(Trouble::Changed),
            Err(error) => Err(trouble(&error)?),
        };
        match verified {
            Ok(bytes) => {
                self.next += 1;
                Ok(Ok(Bytes::from(bytes).slice(self.reference.span.within(number))))
            }
            Err(trouble) => {
                self.end(Outcome::Failed(trouble)).await;
                let (id, now) = (&self.reference.deposit, self.fetcher.clock.now());
                self.fetcher.store.note_outage(id, Some(trouble), now).await?;
                Ok(Err(trouble))
            }
        }
    }

    /// Whether these bytes are the piece, and, with the last one of the whole, all of them the whole.
    fn is_right(&mut self, number: u64, bytes: &[u8]) -> bool {
        if !self.pieces.is(number, bytes) {
            return false;
        }
        let Some(hashing) = &mut self.hashing else { return true };
        hashing.update(bytes);
        let is_last = number == self.reference.span.pieces().1;
        !is_last || self.hashing.take().is_none_or(|hashing| hashing.finish() == self.holding.digest)
    }

    fn over(&mut self, outcome: Outcome) -> Option<ReferenceEnd> {
        let is_first = !std::mem::replace(&mut self.is_over, true);
        is_first.then(|| ReferenceEnd { outcome, sent: self.sent, at: self.fetcher.clock.now() })
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

/// What a call that came to nothing says of the cloud.
///
/// # Errors
/// [`Fault`] where it is ours.
fn trouble(error: &OutwardError) -> Result<Trouble, Fault> {
    Ok(match error {
        OutwardError::Address | OutwardError::NotPublic | OutwardError::Unreachable(_) => Trouble::Unreachable,
        OutwardError::Status(300..=399) => Trouble::Redirected,
        OutwardError::Status(200..=299) | OutwardError::NotTheRange | OutwardError::TooLarge => Trouble::Malformed,
        OutwardError::Status(_) => Trouble::Refused,
        OutwardError::Ours(words) => return Err(Fault::Internal(words.clone())),
    })
}

/// What whoever references it is told.
fn told(trouble: Trouble, filed_at: Timestamp) -> Refusal {
    let (code, why) = match trouble {
        Trouble::Unreachable => ("cloud_unreachable", "The company's cloud does not answer in time"),
        Trouble::Redirected => ("cloud_refused", "The company's cloud leads elsewhere, where nobody follows"),
        Trouble::Refused => ("cloud_refused", "The company's cloud says that it does not give it"),
        Trouble::Malformed => {
            ("cloud_refused", "The company's cloud gives something else than the range that it was asked for")
        }
        Trouble::Changed => ("digest_mismatch", "What the company's cloud gives is not what was filed"),
    };
    let at = filed_at.rfc3339();
    Refusal::new(code, format!("{why}. It was filed at {at}, which stands; the company has been told."))
}
