//! Marks of proofs already seen, each kept until its proof has expired.

use crate::domain::{Digest, Fault, Timestamp};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

const SHARDS: usize = 64;
/// Marks kept per shard at most: four million in all, some 200 MB when full. A mark costs its maker one verified
/// signature, so only a flood of real proofs comes near.
const MARKS_PER_SHARD: usize = 65_536;
/// How long a shard goes on before a call sweeps it of marks that have expired.
const UPKEEP_EVERY: Duration = Duration::from_secs(10);

/// Marks kept in this process.
pub struct LocalMarks {
    shards: Box<[Mutex<Shard>]>,
}

impl Default for LocalMarks {
    fn default() -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::new(Shard::default())).collect() }
    }
}

struct Shard {
    /// Mark to the moment its proof expires.
    marks: HashMap<[u8; 32], Timestamp>,
    next_upkeep: Timestamp,
}

impl Default for Shard {
    fn default() -> Self {
        Self { marks: HashMap::new(), next_upkeep: Timestamp::from_millis(0) }
    }
}

impl LocalMarks {
    /// True for one caller only. A mark that has expired is never given out: it couldn't be remembered.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] when the table is full: an engine that can't remember must not say yes.
    pub fn take(&self, mark: &Digest, expires_at: Timestamp, now: Timestamp) -> Result<bool, Fault> {
        if expires_at <= now {
            return Ok(false);
        }
        let mut shard = self.shard(mark)?;
        shard.upkeep(now);
        if shard.marks.get(mark.as_bytes()).is_some_and(|expires_at| *expires_at > now) {
            return Ok(false);
        }
        if shard.marks.len() >= MARKS_PER_SHARD {
            return Err(Fault::Unavailable { what: "memory", source: None });
        }
        shard.marks.insert(*mark.as_bytes(), expires_at);
        Ok(true)
    }

    fn shard(&self, mark: &Digest) -> Result<MutexGuard<'_, Shard>, Fault> {
        let [.., last] = *mark.as_bytes();
        let shard =
            self.shards.get(usize::from(last) % SHARDS).ok_or_else(|| Fault::Internal("no shard".to_owned()))?;
        Ok(shard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Shard {
    fn upkeep(&mut self, now: Timestamp) {
        if now < self.next_upkeep && self.marks.len() < MARKS_PER_SHARD {
            return;
        }
        self.marks.retain(|_, expires_at| *expires_at > now);
        if self.marks.capacity() > self.marks.len().saturating_mul(4) {
            self.marks.shrink_to(self.marks.len().saturating_mul(2));
        }
        self.next_upkeep = now.plus(UPKEEP_EVERY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expired_marks_are_swept_and_others_kept() {
        let marks = LocalMarks::default();
        let at = Timestamp::from_seconds;
        for n in 0..500 {
            assert!(marks.take(&Digest::of(&format!("short {n}")), at(1_000 + 5), at(1_000)).unwrap());
        }
        assert!(marks.take(&Digest::of("long"), at(2_000), at(1_000)).unwrap());
        for n in 0..500 {
            assert!(marks.take(&Digest::of(&format!("later {n}")), at(1_100), at(1_050)).unwrap());
        }
        let kept: usize = marks.shards.iter().map(|shard| shard.lock().unwrap().marks.len()).sum();
        assert_eq!(kept, 501);
        assert!(!marks.take(&Digest::of("long"), at(2_000), at(1_060)).unwrap());
    }
}
