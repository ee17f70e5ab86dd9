//! What both engines make of an application's records in the same way.

use super::{HeldApplication, InsertedApplicationBatch, record};
use crate::domain::application::Application;
use crate::domain::ids::CertificateId;
use crate::domain::{Fault, Timestamp};

/// As which kind an application is sealed.
pub(super) const KIND: &str = "application";

/// Under which name it is sealed.
pub(super) fn name(id: &str) -> String {
    format!("{KIND}:{id}")
}

/// The certificates that go with it, each once, in the order in which both engines look at them.
pub(super) fn certificates(one: &Application) -> Vec<&str> {
    let mut ids: Vec<&str> =
        one.certificates.iter().filter_map(|attached| attached.id()).map(CertificateId::as_str).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// When it was over, where it is.
pub(super) fn ended_at(one: &Application) -> Option<i64> {
    one.timeline.last().filter(|_| one.is_over()).map(|step| step.at.millis())
}

/// An application from its body and from the columns that change beside it.
pub(super) fn read(
    body: &str,
    (version, place): (i64, i64),
    (readings, read_at): (i64, Option<i64>),
) -> Result<HeldApplication, Fault> {
    Ok(HeldApplication {
        application: record::read(KIND, body)?,
        version: record::count(version)?,
        place: record::count(place)?,
        readings: record::count(readings)?,
        read_at: read_at.map(Timestamp::from_millis),
    })
}

/// That the first of some was handed in before.
pub(super) fn same_batch(held: HeldApplication) -> InsertedApplicationBatch {
    held.application.batch.map_or(InsertedApplicationBatch::KeyReused, |batch| InsertedApplicationBatch::Same(batch.id))
}

/// Those of one batch, in the order in which they were handed in.
pub(super) fn in_order(mut all: Vec<HeldApplication>) -> Vec<HeldApplication> {
    all.sort_by_key(|held| held.application.batch.as_ref().map(|batch| batch.position));
    all
}
