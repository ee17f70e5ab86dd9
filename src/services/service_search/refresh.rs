//! Makes another catalogue of what the search web service says, beside the calls.
//!
//! Only what changed is asked for: a list tells each procedure's version, and particulars are fetched where it is another
//! one than was read. What does not answer, or answers nonsense, keeps what was read of it last.

use super::Shelf;
use crate::adapters::servicesearch::{ServiceSource, SourceError};
use crate::catalog::municipalities::MunicipalityCode;
use crate::catalog::services::{Listing, ServiceCatalogue, ServiceProcedure, Standards};
use futures_util::{StreamExt as _, stream};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

/// Particulars that are asked for at once.
const AT_ONCE: usize = 4;
/// Most procedures of all municipalities together.
const MOST_ROWS: usize = 500_000;
/// After a first reading that brought nothing, another one is tried so soon.
const AGAIN: Duration = Duration::from_secs(5);

/// What is read, and how often.
#[derive(Clone, Debug)]
pub struct RefreshSettings {
    /// Whose procedures.
    pub municipalities: Vec<MunicipalityCode>,
    /// How long after a reading the next one begins.
    pub every: Duration,
}

/// What reads.
pub struct Refresh {
    settings: RefreshSettings,
    source: Arc<dyn ServiceSource>,
    standards: Arc<Standards>,
    shelf: Arc<Shelf>,
}

/// What came of one reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Municipalities that answered.
    pub answered: usize,
    /// Municipalities that did not, or not sensibly: what was known of them stays.
    pub failed: usize,
    /// Particulars that were fetched.
    pub fetched: usize,
}

impl Refresh {
    /// Reads from `source` onto `shelf`.
    #[must_use]
    pub fn new(
        settings: RefreshSettings,
        source: Arc<dyn ServiceSource>,
        (standards, shelf): (Arc<Standards>, Arc<Shelf>),
    ) -> Self {
        Self { settings, source, standards, shelf }
    }

    /// Reads again and again.
    pub async fn run_forever(self) {
        loop {
            let reading = self.read_once().await;
            if reading.fetched > 0 || reading.failed > 0 {
                tracing::info!(
                    municipalities.answered = reading.answered,
                    municipalities.failed = reading.failed,
                    procedures.fetched = reading.fetched,
                    "the catalogue of procedures was read"
                );
            }
            let is_there = self.shelf.now().is_some();
            tokio::time::sleep(if is_there { self.settings.every } else { AGAIN.min(self.settings.every) }).await;
        }
    }

    /// Reads every municipality once, and puts another catalogue on the shelf if anything is another.
    pub async fn read_once(&self) -> Reading {
        let before = self.shelf.now().unwrap_or_default();
        let mut reading = Reading::default();
        let mut rows: Vec<ServiceProcedure> = Vec::with_capacity(before.len());
        for municipality in &self.settings.municipalities {
            match self.of_municipality(*municipality, &before, &mut reading).await {
                Ok(read) if rows.len() + read.len() <= MOST_ROWS => {
                    reading.answered += 1;
                    rows.extend(read);
                }
                Ok(_) => {
                    tracing::error!(municipality.code = %municipality, "there are too many procedures in all");
                    reading.failed += 1;
                }
                Err(error) => {
                    tracing::warn!(municipality.code = %municipality, %error, "its procedures stay as they were");
                    reading.failed += 1;
                    rows.extend(before.iter().filter(|row| row.municipality == *municipality).cloned());
                }
            }
        }
        // Nothing is put up before anything was read: an empty answer would be taken for the truth.
        if reading.answered > 0 && !self.is_as_it_was((&before, &rows), reading) {
            // Indexing keeps a thread busy for a while: not one of those that answer.
            let made = tokio::task::spawn_blocking(move || ServiceCatalogue::new(rows)).await;
            match made {
                Ok(made) if self.shelf.now().is_none_or(|now| now.tag() != made.tag()) => self.shelf.put(made),
                Ok(_) => {}
                Err(error) => tracing::error!(%error, "the catalogue could not be made; the one before stays"),
            }
        }
        reading
    }

    /// Whether nothing changed: every row is one of before, and none is missing. Then nothing is indexed anew.
    fn is_as_it_was(&self, (before, rows): (&ServiceCatalogue, &[ServiceProcedure]), reading: Reading) -> bool {
        // The same one may be listed twice.
        let distinct = || rows.iter().map(|row| &row.psid).collect::<HashSet<_>>().len();
        self.shelf.now().is_some() && reading.fetched == 0 && distinct() == before.len()
    }

    async fn of_municipality(
        &self,
        municipality: MunicipalityCode,
        before: &ServiceCatalogue,
        reading: &mut Reading,
    ) -> Result<Vec<ServiceProcedure>, SourceError> {
        let listed = self.source.list(municipality).await?;
        let (mut rows, mut changed) = (Vec::with_capacity(listed.len()), Vec::new());
        for listing in listed {
            let known = before.get(&listing.psid).filter(|row| row.municipality == municipality);
            match known.filter(|row| row.version == listing.version && !listing.version.starts_with('.')) {
                Some(row) => rows.push(row.clone()),
                None => changed.push(listing),
            }
        }
        let asked = changed.into_iter().map(|listing| self.described(listing, before));
        let mut asked = stream::iter(asked).buffer_unordered(AT_ONCE);
        while let Some(described) = asked.next().await {
            reading.fetched += 1;
            rows.extend(described);
        }
        Ok(rows)
    }

    /// A procedure with its particulars; as it was before where they do not come, and not at all where it was not there.
    async fn described(&self, listing: Listing, before: &ServiceCatalogue) -> Option<ServiceProcedure> {
        match self.source.detail(&listing.psid).await {
            Ok(particulars) => Some(self.standards.describe(listing, &particulars)),
            Err(error) => {
                tracing::warn!(municipality.code = %listing.municipality, %error, "a procedure stays as it was");
                before.get(&listing.psid).filter(|row| row.municipality == listing.municipality).cloned()
            }
        }
    }
}
