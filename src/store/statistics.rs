//! What both engines make of statistics in the same way.

use super::published::unread;
use super::record;
use super::vault::Vault;
use crate::domain::statistics::{ExactCount, Fact, Month, Series, StatisticsRelease};
use crate::domain::{Digest, Fault};

/// Whom a fact is about, as it is kept: found again by who has the key for look-ups, to erase it.
pub(super) fn person(vault: &Vault, person: &str) -> Result<[u8; 32], Fault> {
    vault.blinded("statistics", &Digest::of(person))
}

/// Each fact with whom it is about, as it is kept, in the one order in which every node writes.
pub(super) fn ordered<'f>(facts: &'f [Fact], vault: &Vault) -> Result<Vec<([u8; 32], &'f Fact)>, Fault> {
    let mut all =
        facts.iter().map(|fact| Ok((person(vault, fact.person.as_str())?, fact))).collect::<Result<Vec<_>, Fault>>()?;
    all.sort_by(|(one, a), (other, b)| (one, a.month, a.series, &a.values).cmp(&(other, b.month, b.series, &b.values)));
    Ok(all)
}

/// A month, from its column.
pub(super) fn month(text: &str) -> Result<Month, Fault> {
    Month::parse(text).ok_or_else(|| unread("month of statistics"))
}

/// A count, from its columns.
pub(super) fn exact(series: &str, values: [String; 2], persons: i64) -> Result<ExactCount, Fault> {
    let series = Series::parse(series).ok_or_else(|| unread("series of statistics"))?;
    Ok(ExactCount { series, values, persons: record::count(persons)? })
}

/// What was published, from its column.
pub(super) fn release(body: &str) -> Result<StatisticsRelease, Fault> {
    record::read("statistics of a month", body)
}
