//! The port of disasters (災害) that municipalities record.

use crate::domain::Fault;
use crate::domain::disaster::{Disaster, DisasterCode};
use async_trait::async_trait;
use chrono::NaiveDate;

/// Disasters, each one municipality's.
#[async_trait]
pub trait DisasterStore: Send + Sync {
    /// Writes a new one; false where its municipality has one under its code.
    async fn insert_disaster(&self, new: &Disaster) -> Result<bool, Fault>;
    /// The one that a municipality has under a code.
    async fn find_disaster(&self, municipality: &str, code: &DisasterCode) -> Result<Option<Disaster>, Fault>;
    /// Those of a municipality behind a code, by code, where one can apply on their account on the day `open_on` if that is
    /// said.
    async fn list_disasters(
        &self,
        municipality: &str,
        open_on: Option<NaiveDate>,
        page: (&str, u32),
    ) -> Result<Vec<Disaster>, Fault>;
    /// Writes it over the version before; false where that is not there any more, or closed.
    async fn update_disaster(&self, next: &Disaster) -> Result<bool, Fault>;
}
