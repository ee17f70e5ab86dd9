//! Filings (申請・届出) for a third party: handing in, finding again, following, and changing one's mind.
//!
//! What for: one call for everything that an event in a company's life makes it file, with a receipt at once.
//!
//! How it flows: `create` reads the body (`body`), holds the `Idempotency-Key` while the filing is being written, and lets
//! the engine accept it; `drafts` keeps what is being written, and hands it in by the same way; everything else asks the engine and shows what it says (`view`). `query` reads what is looked for.
//!
//! How to add one more: its body here, its step in [`crate::submissions`].
//!
//! What it must never do: answer before the engine says that it is durable; show one client another's filing.

mod body;
mod delegations;
mod documents;
mod drafts;
mod electronic_deliveries;
mod query;
mod finding_view;
mod view;

pub use body::{AmendedDelivery, AmendmentRequest, DeliveryRequest, SubmissionRequest};
pub use delegations::{DelegationEnd, DelegationPage, DelegationState, DelegationView, SoftwareList, SoftwareRequest};
pub use documents::{DocumentBytes, DocumentContent, DocumentList, DocumentView};
pub use drafts::{DraftContent, DraftList, DraftView};
pub use electronic_deliveries::{ElectronicDelivery, ElectronicDeliveryList};
pub use finding_view::FindingView;
pub use view::{
    AgencyList, AgencyView, DeliveryView, EventPage, EventView, RequiredActionView, SubmissionPage, SubmissionView,
};

use crate::adapters::agency::AgencySettings;
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::ids::{DelegationId, DeliveryId, DraftId};
use crate::domain::{Clock, Digest, Entropy, Failure, Refusal, Timestamp};
use crate::gateway::{Gateway, Permit};
use crate::hot::{Hot, Place};
use crate::limits::Limits;
pub use crate::services::body::MOST_LISTED;
use crate::services::body::{cut, idempotency_key, one_more, page_after, place as place_of};
use crate::submissions::{Accepted, Amendment, Filer, Part, Submissions, Validation, Wanted, Whole};
use std::sync::Arc;
use std::time::Duration;

/// How long a key is held for a call that never ends (its process was killed).
const HELD: Duration = Duration::from_secs(30);
/// When to repeat a call whose first one is under way.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// What it is made of.
pub struct FilingsParts {
    /// The engine.
    pub engine: Arc<Submissions>,
    /// Asks the rules.
    pub gateway: Arc<Gateway>,
    /// Shares of agencies' turns.
    pub limits: Arc<Limits>,
    /// Where keys are held.
    pub hot: Arc<dyn Hot>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// For handles.
    pub entropy: Arc<dyn Entropy>,
}

/// What is handed in.
struct Handed<'a> {
    bytes: &'a [u8],
    key: Option<&'a str>,
    /// The draft that it was, with its tag.
    draft: Option<(DraftId, String)>,
}

/// The use case.
pub struct Filings {
    parts: FilingsParts,
}

impl Filings {
    /// The use case of its parts.
    #[must_use]
    pub fn new(parts: FilingsParts) -> Self {
        Self { parts }
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    /// Hands a filing in.
    ///
    /// # Errors
    /// Refusals of the body and of the engine; `invalid_request` without a key; `conflict` while a call with the same key
    /// is under way.
    pub async fn create(&self, permit: &Permit, bytes: &[u8], key: Option<&str>) -> Result<SubmissionView, Failure> {
        let request = body::read(bytes)?;
        let applicant = body::applicant(&request)?;
        if let Some(company) = &applicant {
            self.may_file_for(permit, company).await?;
        }
        self.file(permit, (bytes, key), (applicant, request.reference, request.deliveries)).await
    }

    /// Whether the rules let a client of this kind file for this company; its delegation is asked when it files.
    ///
    /// # Errors
    /// `refused_by_policy`.
    pub async fn may_file_for(&self, permit: &Permit, company: &CorporateNumber) -> Result<(), Refusal> {
        permit.right().map_or(Ok(()), |right| right.is_of(company))?;
        if *company == permit.client().corporate_number {
            return Ok(());
        }
        self.parts.gateway.clear_filing_for_another(permit).await
    }

    /// Hands in what was read, under the digest of the bytes that it was read from.
    ///
    /// # Errors
    /// Those of [`create`](Self::create) but for the body's.
    pub async fn file(
        &self,
        permit: &Permit,
        (bytes, key): (&[u8], Option<&str>),
        read: (Option<CorporateNumber>, Option<String>, Vec<DeliveryRequest>),
    ) -> Result<SubmissionView, Failure> {
        self.hand_in(permit, Handed { bytes, key, draft: None }, read).await
    }

    async fn hand_in(
        &self,
        permit: &Permit,
        Handed { bytes, key, draft }: Handed<'_>,
        (applicant, reference, deliveries): (Option<CorporateNumber>, Option<String>, Vec<DeliveryRequest>),
    ) -> Result<SubmissionView, Failure> {
        let key = idempotency_key(key, "files nothing twice")?;
        let client = permit.client();
        if let Some(right) = permit.right() {
            let company = applicant.as_ref().unwrap_or(&client.corporate_number);
            right.opens(company, deliveries.iter().map(|asked| asked.procedure.as_str()).enumerate())?;
        }
        let slot = format!("filing:{}:{}", client.id, Digest::of(key).base64url());
        let holder = self.parts.entropy.short_handle();
        self.hold(&slot, &holder).await?;
        let parts = deliveries.iter().map(|asked| Part {
            agency: asked.agency.clone(),
            procedure: asked.procedure.clone(),
            content: &asked.content,
        });
        let (parts, validation) = (parts.collect(), Validation::Due);
        let wanted = Wanted { bytes, key, reference, applicant, parts, validation, draft, deposit: None };
        let filer = Filer::of(client, self.parts.limits.filing_weight(&client.rate_plan));
        let accepted = self.parts.engine.accept(&filer, &wanted).await;
        // What is not let go of comes back by itself.
        if let Err(fault) = self.parts.hot.leave(&slot, &holder).await {
            tracing::warn!(%fault, "a filing's key was not let go of");
        }
        match accepted? {
            Accepted::New(whole) | Accepted::Again(whole) => Ok(SubmissionView::of(&whole)),
        }
    }

    /// The engine writes each key once in any case; holding it here says so to a caller whose first call is under way.
    async fn hold(&self, slot: &str, holder: &str) -> Result<(), Refusal> {
        let now = self.parts.clock.now();
        let place = Place { key: slot, holder, most: 1, until: now.plus(HELD) };
        match self.parts.hot.enter(&place, now).await {
            Ok(true) => Ok(()),
            Ok(false) => {
                let words = "A call with this Idempotency-Key is under way. Repeat it shortly.";
                Err(Refusal::new("conflict", words).at("Idempotency-Key").retry_after(ASK_AGAIN))
            }
            Err(fault) => {
                tracing::warn!(%fault, "a filing's key could not be held; the store decides alone");
                Ok(())
            }
        }
    }

    /// Who takes filings.
    #[must_use]
    pub fn agencies(&self) -> AgencyList {
        let view = |agency: &AgencySettings| AgencyView {
            name: agency.name.clone(),
            procedures: agency.procedures.clone(),
            electronic_delivery_procedures: delivery_procedures(agency),
            largest_content: agency.largest_content,
        };
        AgencyList { agencies: self.parts.engine.agencies().map(view).collect() }
    }

    /// One filing.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get(&self, permit: &Permit, id: &str) -> Result<SubmissionView, Failure> {
        Ok(SubmissionView::of(&self.opened(permit, id).await?))
    }

    /// Filings, newest first.
    ///
    /// # Errors
    /// `invalid_value` naming the parameter.
    pub async fn list(&self, permit: &Permit, query: &str) -> Result<SubmissionPage, Failure> {
        let (filter, mut before) = query::filings(query, &permit.client().id)?;
        let limit = one_more(&mut before);
        let mut found = self.parts.engine.list(&filter, &before).await?;
        let next = cut(&mut found, limit, |last| place_of(last.submission.accepted_at, &last.submission.id));
        Ok(SubmissionPage { items: found.iter().map(SubmissionView::of).collect(), next })
    }

    /// The delegations by which this client may file for other companies, or might once, newest first.
    ///
    /// # Errors
    /// `invalid_value` naming the parameter.
    pub async fn delegations(&self, permit: &Permit, query: &str) -> Result<DelegationPage, Failure> {
        let mut before = page_after(query, DelegationId::parse)?;
        let limit = one_more(&mut before);
        let mut found = self.parts.engine.delegations(&permit.client().id, &before).await?;
        let next = cut(&mut found, limit, |last| place_of(last.created_at, &last.id));
        let now = self.now();
        Ok(DelegationPage { items: found.iter().map(|one| DelegationView::of(one, now)).collect(), next })
    }

    /// Lets software file by a part of one of this client's delegations.
    ///
    /// # Errors
    /// Refusals of the body and of the engine.
    pub async fn let_software_file(&self, permit: &Permit, id: &str, bytes: &[u8]) -> Result<DelegationView, Failure> {
        let wanted = delegations::read(bytes)?;
        let new = self.parts.engine.let_software_file(&permit.client().id, id, &wanted).await?;
        Ok(DelegationView::of(&new, self.now()))
    }

    /// The software that this client let file by one of its delegations.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn software(&self, permit: &Permit, id: &str) -> Result<SoftwareList, Failure> {
        let (found, now) = (self.parts.engine.software(&permit.client().id, id).await?, self.now());
        Ok(SoftwareList { items: found.iter().map(|one| DelegationView::of(one, now)).collect() })
    }

    /// Gives up one of this client's delegations, or ends what it gave its software.
    ///
    /// # Errors
    /// `not_found`, `conflict`.
    pub async fn give_up(&self, permit: &Permit, id: &str) -> Result<(), Failure> {
        self.parts.engine.give_up(&permit.client().id, id).await
    }

    /// One filing, if the token opens it.
    async fn opened(&self, permit: &Permit, id: &str) -> Result<Whole, Failure> {
        let whole = self.parts.engine.find(&permit.client().id, id).await?;
        if let Some(right) = permit.right() {
            let procedures = whole.deliveries.iter().map(|one| one.procedure.as_str());
            right.opens(&whole.submission.applicant, procedures.enumerate()).map_err(|_| right.refusal())?;
        }
        Ok(whole)
    }

    /// Calls off what no agency has.
    ///
    /// # Errors
    /// `not_found`, `conflict`.
    pub async fn cancel(&self, permit: &Permit, id: &str) -> Result<SubmissionView, Failure> {
        self.opened(permit, id).await?;
        shown(self.parts.engine.cancel(&permit.client().id, id).await)
    }

    /// Asks agencies to give it back.
    ///
    /// # Errors
    /// `not_found`, `conflict`.
    pub async fn withdraw(&self, permit: &Permit, id: &str) -> Result<SubmissionView, Failure> {
        self.opened(permit, id).await?;
        shown(self.parts.engine.withdraw(&permit.client().id, id).await)
    }

    /// Sends amendments.
    ///
    /// # Errors
    /// `not_found`, `conflict`, `invalid_value`.
    pub async fn amend(&self, permit: &Permit, id: &str, bytes: &[u8]) -> Result<SubmissionView, Failure> {
        let request = body::read_amendment(bytes)?;
        self.opened(permit, id).await?;
        let mut wanted = Vec::with_capacity(request.deliveries.len());
        for (n, one) in request.deliveries.iter().enumerate() {
            let unknown =
                |_| Refusal::new("invalid_value", "This is no delivery's id.").at(format!("/deliveries/{n}/id"));
            wanted.push(Amendment { delivery: DeliveryId::parse(&one.id).map_err(unknown)?, content: &one.content });
        }
        shown(self.parts.engine.amend(&permit.client().id, id, &wanted).await)
    }

    /// What changed, in order.
    ///
    /// # Errors
    /// `invalid_value` naming the parameter.
    pub async fn events(&self, permit: &Permit, query: &str) -> Result<EventPage, Failure> {
        let (after, limit) = query::events(query)?;
        self.events_after(permit, after, limit).await
    }

    /// The same from a known place.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn events_after(&self, permit: &Permit, after: u64, limit: u32) -> Result<EventPage, Failure> {
        let found = self.parts.engine.events(&permit.client().id, after, limit).await?;
        let next = found.last().map_or(after, |event| event.place);
        Ok(EventPage { events: found.iter().map(EventView::of).collect(), next })
    }
}

fn shown(whole: Result<Whole, Failure>) -> Result<SubmissionView, Failure> {
    Ok(SubmissionView::of(&whole?))
}

/// The place that a stream goes on from, as its reader says.
///
/// # Errors
/// `invalid_value` naming the parameter.
pub fn place(query: &str, last: Option<&str>) -> Result<u64, Refusal> {
    match last {
        Some(text) => {
            text.trim().parse().map_err(|_| Refusal::new("invalid_value", "It is no event's id.").at("Last-Event-ID"))
        }
        None => query::events(query).map(|(after, _)| after),
    }
}

fn delivery_procedures(agency: &AgencySettings) -> Vec<String> {
    let delivery = agency.egov.as_ref().and_then(|egov| egov.electronic_delivery.as_ref());
    delivery.map(|delivery| delivery.procedures.clone()).unwrap_or_default()
}
