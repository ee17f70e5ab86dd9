//! Chance as a value: where unguessable bytes come from, passed in like the clock.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A source of unguessable bytes.
pub trait Entropy: Send + Sync {
    /// Fills `buffer` with unguessable bytes.
    fn fill(&self, buffer: &mut [u8]);
}

impl dyn Entropy + '_ {
    /// 256 unguessable bits as 43 base64url characters: what codes, tokens and handles are made of.
    #[must_use]
    pub fn handle(&self) -> String {
        let mut bytes = [0_u8; 32];
        self.fill(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// 128 unguessable bits as 22 base64url characters: what identifiers are made of.
    #[must_use]
    pub fn short_handle(&self) -> String {
        let mut bytes = [0_u8; 16];
        self.fill(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Between half of a pause and the whole, so that what failed together does not come back together.
    #[must_use]
    pub fn jittered(&self, whole: Duration) -> Duration {
        let mut byte = [0_u8; 1];
        self.fill(&mut byte);
        whole / 2 + (whole / 2) * u32::from(byte.first().copied().unwrap_or_default()) / 255
    }
}

/// The operating system's randomness, by way of aws-lc.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        if aws_lc_rs::rand::fill(buffer).is_err() {
            // A machine that cannot give randomness cannot keep any promise of ours: stop at once.
            std::process::abort();
        }
    }
}

/// Bytes that repeat from the same seed; for tests only.
#[derive(Debug)]
pub struct SeededEntropy(AtomicU64);

impl SeededEntropy {
    /// A source that always gives the same bytes for the same `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(32) {
            let count = self.0.fetch_add(1, Ordering::SeqCst);
            let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &count.to_be_bytes());
            for (to, from) in chunk.iter_mut().zip(digest.as_ref()) {
                *to = *from;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_are_long_and_differ() {
        let source: &dyn Entropy = &SystemEntropy;
        assert_eq!(source.handle().len(), 43);
        assert_ne!(source.handle(), source.handle());
        assert_eq!(source.short_handle().len(), 22);
    }

    #[test]
    fn a_pause_is_between_its_half_and_its_whole_and_not_always_the_same() {
        let source: &dyn Entropy = &SystemEntropy;
        let whole = Duration::from_mins(1);
        let pauses: Vec<_> = (0..64).map(|_| source.jittered(whole)).collect();
        assert!(pauses.iter().all(|pause| (whole / 2..=whole).contains(pause)));
        assert!(pauses.iter().any(|pause| Some(pause) != pauses.first()));
    }
}
