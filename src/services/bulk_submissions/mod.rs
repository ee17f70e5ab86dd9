//! Bulk filings (一括申請) for a third party: one file of many records of one procedure.
//!
//! What for: a hundred thousand employees are one file, checked line by line as it comes, and resumable.
//!
//! How it flows: `begin` reads what is to come (`body`) and lets the engine make ready; `append` passes pieces on; the rest
//! asks the engine and shows what it says (`view`).
//!
//! How to add one more: its body here, its step in [`crate::submissions`].
//!
//! What it must never do: show one client another's; keep bytes of a file itself.

mod body;
mod view;

pub use body::{BulkRequest, BulkSubmitRequest};
pub use view::{BulkProgress, BulkView, LineOutcomePage, LineOutcomeView};

use crate::domain::{Failure, Refusal};
use crate::gateway::Permit;
use crate::limits::Limits;
use crate::services::body::idempotency_key;
use crate::services::submissions::Filings;
use crate::submissions::{Asker, BulkWanted, Filer, Submissions};
use std::sync::Arc;

/// Most lines of one page of outcomes.
pub const MOST_LINES: u32 = 1000;

/// The use case.
pub struct BulkFilings {
    engine: Arc<Submissions>,
    filings: Arc<Filings>,
    limits: Arc<Limits>,
}

impl BulkFilings {
    /// The use case of its parts.
    #[must_use]
    pub fn new(engine: Arc<Submissions>, filings: Arc<Filings>, limits: Arc<Limits>) -> Self {
        Self { engine, filings, limits }
    }

    async fn shown(&self, bulk: crate::domain::bulk::Bulk) -> Result<BulkView, Failure> {
        let counts = self.engine.count_records(&bulk).await?;
        let most = self.engine.largest_piece(&bulk);
        Ok(BulkView::of(&bulk, &counts, most))
    }

    /// Makes ready for a file.
    ///
    /// # Errors
    /// Refusals of the body and of the engine; `invalid_request` without a key.
    pub async fn begin(
        &self,
        permit: &Permit,
        bytes: &[u8],
        (key, is_dry_run): (Option<&str>, bool),
    ) -> Result<BulkView, Failure> {
        let key = idempotency_key(key, "begins nothing twice")?;
        let read = body::read(bytes)?;
        if let Some(company) = &read.applicant {
            self.filings.may_file_for(permit, company).await?;
        }
        let client = permit.client();
        let filer = Filer::of(client, self.limits.filing_weight(&client.rate_plan));
        let wanted = BulkWanted {
            key,
            body: body::digest(bytes, is_dry_run)?,
            agency: &read.request.agency,
            procedure: &read.request.procedure,
            applicant: read.applicant.as_ref(),
            digest: read.digest,
            length: read.request.length,
            format: read.format,
            is_dry_run,
            on_reject: read.request.on_reject,
            office: &read.request.office,
            file: permit.file(),
        };
        let bulk = self.engine.begin_bulk(&filer, &wanted).await?;
        self.shown(bulk).await
    }

    /// Takes the next bytes of the file.
    ///
    /// # Errors
    /// `not_found`, `conflict`, `content_too_large`, `invalid_value`; `invalid_request` without a place.
    pub async fn append(
        &self,
        permit: &Permit,
        id: &str,
        (offset, bytes): (Option<&str>, &[u8]),
    ) -> Result<BulkView, Failure> {
        let wrong = || {
            let words = "Say with Upload-Offset at which byte of the file these begin.";
            Refusal::new("invalid_request", words).at("Upload-Offset")
        };
        let offset = offset.and_then(|text| text.trim().parse().ok()).ok_or_else(wrong)?;
        let bulk = self.engine.append_bulk(asker(permit), id, (offset, bytes)).await?;
        self.shown(bulk).await
    }

    /// One bulk filing.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get(&self, permit: &Permit, id: &str) -> Result<BulkView, Failure> {
        let bulk = self.engine.find_bulk(asker(permit), id).await?;
        self.shown(bulk).await
    }

    /// Files what a dry run found good.
    ///
    /// # Errors
    /// `not_found`, `conflict`, `invalid_value`.
    pub async fn submit(&self, permit: &Permit, id: &str, bytes: &[u8]) -> Result<BulkView, Failure> {
        let digest = body::read_submit(bytes)?;
        let bulk = self.engine.submit_bulk(asker(permit), id, digest).await?;
        self.shown(bulk).await
    }

    /// Calls off what is not filed.
    ///
    /// # Errors
    /// `not_found`, `conflict`.
    pub async fn cancel(&self, permit: &Permit, id: &str) -> Result<BulkView, Failure> {
        let bulk = self.engine.cancel_bulk(asker(permit), id).await?;
        self.shown(bulk).await
    }

    /// Where each line stands.
    ///
    /// # Errors
    /// `not_found`; `invalid_value` naming the parameter.
    pub async fn outcomes(&self, permit: &Permit, id: &str, query: &str) -> Result<LineOutcomePage, Failure> {
        let (after, limit) = body::page(query)?;
        let (bulk, lines) = self.engine.outcomes(asker(permit), id, (after, limit)).await?;
        Ok(LineOutcomePage::of(&bulk, &lines))
    }
}

fn asker(permit: &Permit) -> Asker<'_> {
    Asker { client: &permit.client().id, file: permit.file() }
}
