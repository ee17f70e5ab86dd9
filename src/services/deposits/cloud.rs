//! Asking a cloud for a piece: by a token of ours, guarded, and nothing taken but what was filed.

use crate::adapters::outward::{Outward, OutwardError};
use crate::domain::deposit::{ByteSpan, CloudAsk, Holding, Pieces, Trouble};
use crate::domain::secret::Hashing;
use crate::domain::{Clock, Entropy, Fault, Refusal, Secret};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// When to come back where too much is under way.
const COME_BACK: Duration = Duration::from_secs(5);

/// Signs what clouds are shown.
pub trait Passes: Send + Sync {
    /// A token that is good for a minute, for this alone.
    ///
    /// # Errors
    /// [`Fault`] when our key cannot sign.
    fn pass(&self, ask: &CloudAsk<'_>) -> Result<Secret<String>, Fault>;
}

/// The clouds of companies and agencies.
pub(super) struct Clouds {
    pub outward: Outward,
    pub passes: Arc<dyn Passes>,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    /// How much may be under way in one process.
    pub places: Arc<Semaphore>,
}

/// What is asked for, by whom and what for.
pub(super) struct Asked<'a> {
    pub origin: &'a str,
    pub holding: &'a Holding,
    pub pieces: &'a Pieces,
    /// Its id.
    pub what: &'a str,
    /// The id that the log knows this asking by.
    pub reference: &'a str,
    pub by: &'a str,
    pub purpose: &'a str,
}

impl Clouds {
    /// A place among those under way, which is kept for as long as anything is held in memory.
    ///
    /// # Errors
    /// `temporarily_unavailable` when all are taken.
    pub fn place(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        Arc::clone(&self.places).try_acquire_owned().map_err(|_| {
            let words = "Too much is being read from clouds at this moment. Repeat it shortly.";
            Refusal::new("temporarily_unavailable", words).retry_after(COME_BACK)
        })
    }

    /// The piece with this number, from 0, verified; or why the cloud does not give it.
    ///
    /// # Errors
    /// [`Fault`] where it is ours.
    pub async fn piece(&self, asked: &Asked<'_>, number: u64) -> Result<Result<Vec<u8>, Trouble>, Fault> {
        let (location, size) = (&asked.holding.location, asked.holding.size);
        let span = ByteSpan::of_piece(number, size).ok_or_else(|| Fault::Internal("there is no such piece".into()))?;
        let (id, at) = (self.entropy.short_handle(), self.clock.now());
        let token = self.passes.pass(&CloudAsk {
            origin: asked.origin,
            location,
            span,
            deposit: asked.what,
            reference: asked.reference,
            by: asked.by,
            purpose: asked.purpose,
            id: &id,
            at,
        })?;
        match self.outward.get_range(location, (span, size), &token).await {
            Ok(bytes) if asked.pieces.is(number, &bytes) => Ok(Ok(bytes)),
            Ok(_) => Ok(Err(Trouble::Changed)),
            Err(error) => trouble(&error).map(Err),
        }
    }

    /// All of it, verified piece by piece and as a whole: for what is small enough to be held in memory.
    ///
    /// # Errors
    /// As [`piece`](Self::piece).
    pub async fn whole(&self, asked: &Asked<'_>) -> Result<Result<Vec<u8>, Trouble>, Fault> {
        let (mut all, mut hashing) = (Vec::new(), Hashing::default());
        for number in 0..Pieces::count(asked.holding.size) as u64 {
            match self.piece(asked, number).await? {
                Ok(bytes) => {
                    hashing.update(&bytes);
                    all.extend(bytes);
                }
                Err(trouble) => return Ok(Err(trouble)),
            }
        }
        Ok(if hashing.finish() == asked.holding.digest { Ok(all) } else { Err(Trouble::Changed) })
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

/// What whoever asked is told: whose cloud it is, and what stands all the same.
pub(super) fn told(trouble: Trouble, whose: &str, stands: &str) -> Refusal {
    let (code, why) = match trouble {
        Trouble::Unreachable => ("cloud_unreachable", "does not answer in time"),
        Trouble::Redirected => ("cloud_refused", "leads elsewhere, where nobody follows"),
        Trouble::Refused => ("cloud_refused", "says that it does not give it"),
        Trouble::Malformed => ("cloud_refused", "gives something else than the range that it was asked for"),
        Trouble::Changed => ("digest_mismatch", "gives something else than what was filed"),
    };
    Refusal::new(code, format!("{whose} {why}. {stands}"))
}
