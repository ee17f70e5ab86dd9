//! Noise for counts that are published: the discrete Laplace distribution, sampled exactly, with a limit.
//!
//! P(x) is proportional to exp(−|x| / scale) for whole numbers x between −limit and limit. Sampled from uniform whole numbers alone
//! (Canonne, Kamath and Steinke, "The Discrete Gaussian for Differential Privacy", 2020, algorithms 1 and 2): a floating
//! point logarithm would give the true count away by the numbers that it cannot give.

use crate::domain::entropy::Entropy;
use std::num::NonZeroU32;

/// A whole number below `bound`, each as likely as the others.
fn below(bound: u64, entropy: &dyn Entropy) -> u64 {
    let bound = bound.max(1);
    let even = u64::MAX - u64::MAX % bound;
    loop {
        let mut bytes = [0_u8; 8];
        entropy.fill(&mut bytes);
        let drawn = u64::from_be_bytes(bytes);
        if drawn < even {
            return drawn % bound;
        }
    }
}

/// True with the probability exp(−numerator / denominator); the numerator is the smaller.
fn happens(numerator: u64, denominator: u64, entropy: &dyn Entropy) -> bool {
    let mut turn = 1_u64;
    while below(denominator.saturating_mul(turn), entropy) < numerator {
        turn += 1;
    }
    turn % 2 == 1
}

/// One draw between `-limit` and `limit`.
#[must_use]
pub fn draw(scale: NonZeroU32, limit: u32, entropy: &dyn Entropy) -> i64 {
    let scale = u64::from(scale.get());
    loop {
        let within = below(scale, entropy);
        if !happens(within, scale, entropy) {
            continue;
        }
        let mut whole = 0_u64;
        while whole <= u64::from(limit) && happens(1, 1, entropy) {
            whole += 1;
        }
        let size = within + scale * whole;
        let is_negative = below(2, entropy) == 1;
        // Nought would be drawn twice as often else.
        if size > u64::from(limit) || (is_negative && size == 0) {
            continue;
        }
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        return if is_negative { -size } else { size };
    }
}
