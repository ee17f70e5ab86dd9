//! How counts are made safe to publish, as it is told with them.

use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;
use utoipa::ToSchema;

/// How far noise goes at most, in scales: beyond are some of ten million draws.
const LIMIT_IN_SCALES: u32 = 14;

/// How the counts of a month were made: what it promises of each person, and how far they are off.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StatisticsMethod {
    /// At least so many persons are in every cell that is told (k-anonymity).
    #[schema(example = 10)]
    pub k: u32,
    /// In at most so many cells of a series one person counts in a month.
    #[schema(example = 2)]
    pub cells_per_person: u32,
    /// Each count has noise of the discrete Laplace distribution with this scale.
    #[schema(value_type = u32, example = 4)]
    pub noise_scale: NonZeroU32,
    /// The noise is between minus this and this.
    #[schema(example = 56)]
    pub noise_limit: u32,
    /// Only counts that are at least this with their noise are told: `k` and `noise_limit`.
    #[schema(example = 66)]
    pub least_told: u64,
    /// So far nineteen of twenty counts are off at most.
    #[schema(example = 12)]
    pub margin_95: u32,
    /// The privacy that one series of one month takes of one person (ε of differential privacy).
    #[schema(example = 0.5)]
    pub epsilon: f64,
    /// How likely one series of one month does not hold to that (δ).
    #[schema(example = 0.000_000_21)]
    pub delta: f64,
}

impl StatisticsMethod {
    /// The one with these.
    #[must_use]
    pub fn new(k: u32, cells_per_person: u32, noise_scale: NonZeroU32) -> Self {
        let noise_limit = noise_scale.get().saturating_mul(LIMIT_IN_SCALES);
        let scale = f64::from(noise_scale.get());
        let ratio = (-1.0 / scale).exp();
        // How likely a draw is beyond a number, and the last one.
        let beyond = |number: u32| 2.0 * (-f64::from(number + 1) / scale).exp() / (1.0 + ratio);
        let last = (1.0 - ratio) / (1.0 + ratio) * (-f64::from(noise_limit) / scale).exp();
        Self {
            k,
            cells_per_person,
            noise_scale,
            noise_limit,
            least_told: u64::from(k) + u64::from(noise_limit),
            margin_95: (0..noise_limit).find(|number| beyond(*number) <= 0.05).unwrap_or(noise_limit),
            epsilon: f64::from(cells_per_person) / scale,
            delta: f64::from(cells_per_person) * last,
        }
    }
}
