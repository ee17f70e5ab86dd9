//! Life events (ライフイベント): what happens to employees, turned into every procedure that it wants.
//!
//! What for: whoever hires somebody files at a pension office, at an employment office and at a municipality, each with the
//! same name and birthday and each by its own day. Here items are said once (共通項目), and the counter tells which procedures
//! follow and why, fills each one's content, works out days, and files all of them as one submission.
//!
//! How it flows: `body` reads the event; `derive` says which procedures it wants of each employee; `plan` makes the contents,
//! finds the agency of each and the last day, and holds each content against its procedure; [`Filings`] files them, by the
//! road that every submission takes. `Prefer: dry-run` stops before that.
//!
//! How to add one more kind of event: a variant of [`EventKind`], its bundle in `derive`.
//!
//! What it must never do: file a part of what an event wants without being told so; say a day or a code that the event does
//! not say, where the filer said another.

mod body;
mod derive;
mod plan;
mod view;

pub use body::{Employee, Employer, EventKind, LifeEvent, LifeEventRequest};
pub use view::{LifeEventView, PlannedProcedure};

use crate::catalog::procedures::Procedures;
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::submission::{MOST_DELIVERIES, refuse};
use crate::domain::{Failure, Refusal};
use crate::gateway::Permit;
use crate::services::submissions::{DeliveryRequest, Filings};
use plan::Plan;
use serde_json::value::to_raw_value;
use std::sync::Arc;

/// The use case.
pub struct LifeEvents {
    procedures: Arc<Procedures>,
    filings: Arc<Filings>,
}

/// What a caller sends.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// The company, from the address.
    pub employer: &'a str,
    /// The body.
    pub bytes: &'a [u8],
    /// `Idempotency-Key`.
    pub key: Option<&'a str>,
    /// Whether only the plan is wanted.
    pub is_dry_run: bool,
}

impl LifeEvents {
    /// The use case of its parts.
    #[must_use]
    pub const fn new(procedures: Arc<Procedures>, filings: Arc<Filings>) -> Self {
        Self { procedures, filings }
    }

    /// Works out what an event wants, and files it unless only the plan is wanted.
    ///
    /// # Errors
    /// `invalid_value` naming the place; `invalid_filing` with everything that was found; those of a submission.
    pub async fn create(&self, permit: &Permit, told: &Told<'_>) -> Result<LifeEventView, Failure> {
        let unknown =
            |error| Refusal::new("invalid_value", format!("A corporate number {error}.")).at("corporate_number");
        let company = CorporateNumber::parse(told.employer).map_err(unknown)?;
        self.filings.may_file_for(permit, &company).await?;
        let request = body::read(told.bytes)?;
        let agencies = self.filings.agencies().agencies;
        let today = self.filings.now().date_in_japan();
        let plan = Plan::of(&request, (&self.procedures, &agencies), today)?;
        if told.is_dry_run {
            return Ok(LifeEventView::planned(&plan));
        }
        refuse(plan.findings.clone())?;
        if !(1..=MOST_DELIVERIES).contains(&plan.filings.len()) {
            let words = format!(
                "It comes to {} filings, and one submission holds 1 to {MOST_DELIVERIES}: name other employees in calls of their own.",
                plan.filings.len()
            );
            return Err(Refusal::new("invalid_value", words).at("/employees").into());
        }
        let mut deliveries = Vec::with_capacity(plan.filings.len());
        for one in &plan.filings {
            // A value that was read as JSON is JSON.
            let content =
                to_raw_value(&one.content).map_err(|error| Refusal::new("invalid_request", error.to_string()))?;
            let agency = one.agency.clone().unwrap_or_default();
            deliveries.push(DeliveryRequest { agency, procedure: one.code.clone(), content });
        }
        let reference = request.reference.clone();
        let submission =
            self.filings.file(permit, (told.bytes, told.key), (Some(company), reference, deliveries)).await?;
        Ok(LifeEventView { submission: Some(submission), ..LifeEventView::planned(&plan) })
    }
}
