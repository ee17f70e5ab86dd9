//! A month as it is published.

use super::method::StatisticsMethod;
use super::{Dimension, ExactCount, Month, Series, noise};
use crate::domain::entropy::Entropy;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The first line of a month as CSV.
const CSV_NAMES: &str = "month,series,dimension_1,value_1,dimension_2,value_2,persons\r\n";

/// The statistics of one month, published once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StatisticsRelease {
    /// The month in Japan.
    #[schema(value_type = String, example = "2026-10")]
    pub month: Month,
    /// When it was published (RFC 3339, Japan's time).
    #[schema(format = "date-time")]
    pub released_at: String,
    /// How its counts were made.
    pub method: StatisticsMethod,
    /// By series; each is there, though nothing of it may be large enough to be told.
    pub tables: Vec<StatisticsTable>,
}

/// One series of a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatisticsTable {
    /// What is counted.
    #[schema(value_type = Series)]
    pub series: Series,
    /// What its cells are told by, in the order of their values.
    #[schema(value_type = Vec<Dimension>)]
    pub dimensions: Vec<Dimension>,
    /// Its cells, by their values. What is not there may be none, or too few to be told.
    pub cells: Vec<StatisticsCell>,
}

/// One count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatisticsCell {
    /// One for each dimension.
    #[schema(example = json!(["damage-certificate", "152048"]))]
    pub values: Vec<String>,
    /// How many persons, with noise.
    #[schema(example = 1204)]
    pub persons: u64,
}

impl StatisticsTable {
    /// The cells of a series that may be told.
    fn of(series: Series, counts: &[ExactCount], method: &StatisticsMethod, entropy: &dyn Entropy) -> Self {
        let told = |count: &ExactCount| {
            let drawn = noise::draw(method.noise_scale, method.noise_limit, entropy);
            let persons = count.persons.saturating_add_signed(drawn);
            // With the noise it is so large that without it there are `k`; whether there are is not looked at for itself, for
            // then a cell's being there would tell of the one who made it `k`.
            (persons >= method.least_told).then(|| StatisticsCell { values: count.values.to_vec(), persons })
        };
        let mut cells: Vec<StatisticsCell> =
            counts.iter().filter(|count| count.series == series).filter_map(told).collect();
        cells.sort_by(|one, other| one.values.cmp(&other.values));
        Self { series, dimensions: series.dimensions().to_vec(), cells }
    }
}

impl StatisticsRelease {
    /// Publishes what was counted in a month.
    #[must_use]
    pub fn of(
        (month, counts): (Month, &[ExactCount]),
        method: StatisticsMethod,
        at: Timestamp,
        entropy: &dyn Entropy,
    ) -> Self {
        let tables = Series::ALL.map(|series| StatisticsTable::of(series, counts, &method, entropy)).to_vec();
        Self { month, released_at: at.rfc3339(), method, tables }
    }

    /// As CSV (RFC 4180): one line for each cell.
    #[must_use]
    pub fn csv(&self) -> String {
        let line = |table: &StatisticsTable, cell: &StatisticsCell| {
            let by = table.dimensions.iter().zip(&cell.values);
            let told: Vec<String> = by.map(|(dimension, value)| format!("{},{value}", dimension.as_str())).collect();
            format!("{},{},{},{}\r\n", self.month, table.series.as_str(), told.join(","), cell.persons)
        };
        let lines = self.tables.iter().flat_map(|table| table.cells.iter().map(move |cell| line(table, cell)));
        lines.fold(CSV_NAMES.to_owned(), |csv, line| csv + &line)
    }
}
