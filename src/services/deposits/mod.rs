//! Deposits (クラウド提出): filed at the counter while the data stays in the company's own cloud.
//!
//! What for: a company that must keep its ledgers anyway sends no copy of them. It files where they are and their digests; the
//! agency knows at that moment, and looks at them when it needs to.
//!
//! How it flows: 1. `declare`: this procedure will be filed by cloud, from there; 2. `file`: location, size and digests go in
//! as a filing ([`crate::submissions`]), in one write with the deposit, so that receipt, leaf and the agency's notice are
//! those of any filing; 3. an agency lists what was filed to it (`agency`) and asks for bytes with a purpose: `fetch` writes
//! the reference down, asks the cloud with a token of ours, and gives on only what is verified; 4. the company sees every
//! reference, and is told once when its cloud fails; 5. it withdraws when its duty to keep it is over;
//! 6. meanwhile it may share it with a 士業 office or a bank (`shares`), for one purpose and until a day;
//! 7. the other way round an agency puts its decision down (処分通知, `dispositions`), and the company fetches it;
//! 8. it is warned once before a notice that it did not fetch, or its duty to keep a deposit, is over (`warnings`).
//!
//! How to add one more: a procedure or a purpose is an entry in `policies/deposits.toml`.
//!
//! What it must never do: give a byte that is not written down, or not verified; show an agency or a client another's; follow a
//! cloud anywhere else than it was declared.

mod agency;
mod body;
mod cloud;
mod company;
mod disposition_view;
mod dispositions;
mod fetch;
mod share_view;
mod shares;
mod view;
mod warnings;

pub use agency::{ContentAsked, NotGiven, tag};
pub use body::{DepositFiling, DepositRequest};
pub use cloud::Passes;
pub use company::{CompanyDeposit, CompanyPage};
pub use disposition_view::{
    AgencyDispositionNotice, AgencyDispositionNoticePage, DispositionNoticePage, DispositionNoticeView,
};
pub use dispositions::{DispositionContent, DispositionRequest, NoticeContent};
pub use fetch::{BrokenOff, Given};
pub use share_view::{DepositShare, DepositShareList, SharedDeposit, SharedDepositPage};
pub use shares::ShareRequest;
pub use view::{
    AgencyDeposit, AgencyDepositPage, DepositPage, DepositProcedureList, DepositProcedureView, DepositPurposeView,
    DepositReference, DepositReferencePage, DepositView, FiledDepositView, OutageView, ReferenceOutcome,
};

use crate::adapters::outward::{Outward, OutwardError};
use crate::catalog::deposits::{DepositProcedure, DepositRules};
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::deposit::{Declaration, Deposit, DepositState, Holding, Pieces};
use crate::domain::ids::{ClientId, DelegationId, DepositId, DepositReferenceId};
use crate::domain::retrieval::IdempotencyKey;
use crate::domain::{Clock, Digest, Entropy, Failure, Fault, Refusal, Timestamp};
use crate::evidence::EvidenceLog;
use crate::gateway::{Gateway, Permit};
use crate::limits::Limits;
use crate::services::body::{applicant, cut, digest_of, idempotency_key, one_more, page_after, place, read};
use crate::store::{InsertedDeposit, Store};
use crate::submissions::{Accepted, Deposited, Filer, Part, Submissions, Validation, Wanted};
use body::Bounds;
use cloud::Clouds;
use fetch::{AT_ONCE, Fetcher};
use serde_json::json;
use serde_json::value::to_raw_value;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// What it is made of.
pub struct DepositsParts {
    /// What is filed by cloud.
    pub rules: Arc<DepositRules>,
    /// The engine of filings.
    pub engine: Arc<Submissions>,
    /// Asks the rules.
    pub gateway: Arc<Gateway>,
    /// Shares of agencies' turns.
    pub limits: Arc<Limits>,
    /// Durable truth.
    pub store: Arc<dyn Store>,
    /// Whether anything can be logged.
    pub evidence: Arc<EvidenceLog>,
    /// Calls clouds: no redirects, no private addresses.
    pub outward: Outward,
    /// Signs what clouds are shown.
    pub passes: Arc<dyn Passes>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// For ids.
    pub entropy: Arc<dyn Entropy>,
}

/// By what right something is read.
#[derive(Clone, Debug)]
enum Right {
    /// It was filed to the agency.
    Agency,
    /// Its company shares it with this client.
    Share(ClientId),
}

impl Right {
    /// Whether it can be read on.
    async fn stands(&self, store: &dyn Store, id: &DepositId, now: Timestamp) -> Result<bool, Fault> {
        if let Self::Share(client) = self
            && store.find_share(id, client, now).await?.is_none()
        {
            return Ok(false);
        }
        Ok(store.find_deposit(id).await?.is_some_and(|one| one.state(now) == DepositState::Filed))
    }
}

/// The use case.
pub struct Deposits {
    parts: DepositsParts,
    fetcher: Arc<Fetcher>,
    /// Where agencies keep notices.
    notices: Clouds,
}

impl Deposits {
    /// The use case of its parts.
    #[must_use]
    pub fn new(parts: DepositsParts) -> Self {
        let clouds = |at_once: usize| Clouds {
            outward: parts.outward.clone(),
            passes: Arc::clone(&parts.passes),
            clock: Arc::clone(&parts.clock),
            entropy: Arc::clone(&parts.entropy),
            places: Arc::new(Semaphore::new(at_once)),
        };
        let fetcher = Fetcher { store: Arc::clone(&parts.store), clouds: clouds(AT_ONCE) };
        let notices = clouds(dispositions::AT_ONCE);
        Self { parts, fetcher: Arc::new(fetcher), notices }
    }

    /// What is filed by cloud, and what data may be referenced for.
    #[must_use]
    pub fn procedures(&self, _permit: &Permit) -> DepositProcedureList {
        DepositProcedureList::of(&self.parts.rules)
    }

    /// Declares that a procedure will be filed by cloud.
    ///
    /// # Errors
    /// `invalid_request`, `invalid_value` naming the field; `refused_by_policy` and `not_delegated` for another company;
    /// `idempotency_key_reused`, `evidence_unavailable`.
    pub async fn declare(&self, permit: &Permit, bytes: &[u8], key: Option<&str>) -> Result<DepositView, Failure> {
        let key = idempotency_key(key, "does nothing twice")?;
        let request: DepositRequest = read(bytes)?;
        let wrong = |at: &str, words: &str| Refusal::new("invalid_value", words).at(at);
        if self.parts.rules.procedure(&request.procedure).is_none() {
            let words = "It is not filed by cloud: GET /v1/deposits/procedures has those that are.";
            return Err(wrong("/procedure", words).into());
        }
        let agency = self.parts.engine.agencies().find(|agency| agency.name == request.agency);
        let agency = agency.ok_or_else(|| wrong("/agency", "There is no agency of this name: GET /v1/agencies."))?;
        if !agency.procedures.contains(&request.procedure) {
            return Err(wrong("/agency", "It does not take this procedure.").into());
        }
        let origin = request.origin()?;
        let not_called = |error: OutwardError| wrong("/cloud_origin", &format!("This address is not called: {error}."));
        self.parts.outward.check_cloud(&origin).map_err(not_called)?;
        let client = permit.client();
        let company = applicant(request.applicant.as_deref())?.unwrap_or_else(|| client.corporate_number.clone());
        let now = self.parts.clock.now();
        let declared = Declaration {
            id: DepositId::generate(&*self.parts.entropy),
            client: client.id.clone(),
            delegation: self.delegation(permit, &company, &request.procedure).await?,
            company,
            agency: request.agency.clone(),
            procedure: request.procedure.clone(),
            reference: request.own_name()?,
            origin,
            key: IdempotencyKey { key: Digest::of(&format!("deposit\n{key}")), body: digest_of(bytes)? },
            declared_at: now,
        };
        self.parts.evidence.intake().admit()?;
        match self.parts.store.insert_deposit(&declared).await? {
            InsertedDeposit::New => {
                let one = Deposit { declared, filed: None, withdrawn_at: None, outage: None, place: None };
                Ok(DepositView::of(&one, true, now))
            }
            InsertedDeposit::Same(earlier) => Ok(DepositView::of(&earlier, true, now)),
            InsertedDeposit::KeyReused => {
                let words = "This Idempotency-Key came with another declaration before: use a new one.";
                Err(Refusal::new("idempotency_key_reused", words).at("Idempotency-Key").into())
            }
            InsertedDeposit::NotDelegated => Err(not_delegated(&declared.company).into()),
        }
    }

    /// Files what was declared: durable, receipted, and the agency is told, when this returns.
    ///
    /// # Errors
    /// `not_found`; `conflict` when it was filed before, or is over; `invalid_value` naming the field; those of a filing.
    pub async fn file(
        &self,
        permit: &Permit,
        id: &str,
        (bytes, key): (&[u8], Option<&str>),
    ) -> Result<DepositView, Failure> {
        let key = idempotency_key(key, "does nothing twice")?;
        let request: DepositFiling = read(bytes)?;
        let one = self.declared_by(permit, id).await?;
        let now = self.parts.clock.now();
        if one.filed.is_none() {
            one.check_filing(now)?;
        }
        let declared = one.declared;
        let gone = || Refusal::new("conflict", "This procedure is not filed by cloud any more.");
        let procedure = self.parts.rules.procedure(&declared.procedure).ok_or_else(gone)?;
        let (holding, pieces) = request.read(&Bounds::of(procedure), &declared.origin)?;
        let not_called = |error: OutwardError| {
            Refusal::new("invalid_value", format!("This address is not called: {error}.")).at("/location")
        };
        self.parts.outward.check_cloud(&holding.location).map_err(not_called)?;
        if declared.delegation.is_some() {
            self.parts.gateway.clear_filing_for_another(permit).await?;
        }
        let content = to_raw_value(&content(&declared, &holding, now)).map_err(|e| Fault::Internal(e.to_string()))?;
        let part = Part { agency: declared.agency.clone(), procedure: declared.procedure.clone(), content: &content };
        let id = declared.id.clone();
        let wanted = Wanted {
            bytes,
            // No filer can send a key with spaces in it.
            key: &format!("deposit {id} {key}"),
            reference: declared.reference.clone(),
            applicant: declared.delegation.as_ref().map(|_| declared.company.clone()),
            parts: vec![part],
            validation: Validation::Due,
            draft: None,
            deposit: Some(self.deposited(declared, (holding, pieces), (procedure, now))),
        };
        let client = permit.client();
        let filer = Filer::of(client, self.parts.limits.filing_weight(&client.rate_plan));
        match self.parts.engine.accept(&filer, &wanted).await? {
            Accepted::New(_) | Accepted::Again(_) => self.find(permit, id.as_str()).await,
        }
    }

    fn deposited(
        &self,
        declared: Declaration,
        (holding, pieces): (Holding, Pieces),
        (procedure, at): (&DepositProcedure, Timestamp),
    ) -> Deposited {
        let (years, stays) = (procedure.retention_years, self.parts.rules.stays());
        Deposited { declared, holding, pieces, at, years, stays }
    }

    /// One of this client's, or one that another declared for the company behind it.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn find(&self, permit: &Permit, id: &str) -> Result<DepositView, Failure> {
        let one = self.own(permit, id).await?;
        Ok(self.shown(permit, &one))
    }

    fn shown(&self, permit: &Permit, one: &Deposit) -> DepositView {
        DepositView::of(one, one.declared.client == permit.client().id, self.parts.clock.now())
    }

    /// Those of this client, and those that others declared for the company behind it, newest first.
    ///
    /// # Errors
    /// `invalid_value` naming the parameter.
    pub async fn list(&self, permit: &Permit, query: &str) -> Result<DepositPage, Failure> {
        let mut before = page_after(query, DepositId::parse)?;
        let limit = one_more(&mut before);
        let client = permit.client();
        let mut found = self.parts.store.list_deposits((&client.id, &client.corporate_number), &before).await?;
        let next = cut(&mut found, limit, |last| place(last.declared.declared_at, &last.declared.id));
        Ok(DepositPage { items: found.iter().map(|one| self.shown(permit, one)).collect(), next })
    }

    /// Every reference to one, newest first.
    ///
    /// # Errors
    /// `not_found`; `invalid_value` naming the parameter.
    pub async fn references(&self, permit: &Permit, id: &str, query: &str) -> Result<DepositReferencePage, Failure> {
        let mut before = page_after(query, DepositReferenceId::parse)?;
        let limit = one_more(&mut before);
        let one = self.own(permit, id).await?;
        let mut found = self.parts.store.list_references(&one.declared.id, &before).await?;
        let next = cut(&mut found, limit, |last| place(last.reference.at, &last.reference.id));
        let mut names = BTreeMap::new();
        for held in &found {
            let client = &held.reference.client;
            if !names.contains_key(client) {
                names.insert(client.clone(), self.parts.store.find_client(client).await?.map(|client| client.name));
            }
        }
        let name = |held| DepositReference::of(held, names.get(&held.reference.client).cloned().flatten());
        Ok(DepositReferencePage { items: found.iter().map(name).collect(), next })
    }

    /// Takes one back: before it is filed at once, afterwards when the duty to keep it is over. Asked for again, it stays as it
    /// was taken back first.
    ///
    /// # Errors
    /// `not_found`; `kept_by_duty` naming the day; `conflict` when it has expired, or was filed at the same moment;
    /// `refused_by_policy`, `not_delegated`; `evidence_unavailable`.
    pub async fn withdraw(&self, permit: &Permit, id: &str) -> Result<DepositView, Failure> {
        let one = self.own(permit, id).await?;
        if one.withdrawn_at.is_some() {
            return Ok(self.shown(permit, &one));
        }
        let now = self.parts.clock.now();
        one.check_withdrawal(now)?;
        self.delegation(permit, &one.declared.company, &one.declared.procedure).await?;
        self.parts.evidence.intake().admit()?;
        if !self.parts.store.withdraw_deposit(&one.declared.id, one.filed.is_some(), now).await? {
            return Err(Refusal::new("conflict", "It changed at this very moment: look at it again.").into());
        }
        self.find(permit, id).await
    }

    /// One of this client's, or one that another declared for the company behind it; the words are the same for what is
    /// another's.
    async fn own(&self, permit: &Permit, id: &str) -> Result<Deposit, Failure> {
        let client = permit.client();
        let is_own = |one: &Deposit| {
            let is_for_it = one.declared.delegation.is_some() && one.declared.company == client.corporate_number;
            one.declared.client == client.id || is_for_it
        };
        Ok(self.any(id).await?.filter(is_own).ok_or_else(not_found)?)
    }

    /// One that this very client declared: only it can go on with it.
    async fn declared_by(&self, permit: &Permit, id: &str) -> Result<Deposit, Failure> {
        let found = self.any(id).await?.filter(|one| one.declared.client == permit.client().id);
        Ok(found.ok_or_else(not_found)?)
    }

    async fn any(&self, id: &str) -> Result<Option<Deposit>, Fault> {
        match DepositId::parse(id) {
            Ok(id) => self.parts.store.find_deposit(&id).await,
            Err(_) => Ok(None),
        }
    }

    /// By which delegation a client acts for a company; none for its own.
    async fn delegation(
        &self,
        permit: &Permit,
        company: &CorporateNumber,
        procedure: &str,
    ) -> Result<Option<DelegationId>, Failure> {
        let client = permit.client();
        if *company == client.corporate_number {
            return Ok(None);
        }
        self.parts.gateway.clear_filing_for_another(permit).await?;
        let found = self.parts.store.find_standing_delegation(company, &client.id).await?;
        let stands = found.filter(|one| one.lets(&client.id, procedure, self.parts.clock.now()));
        Ok(Some(stands.ok_or_else(|| not_delegated(company))?.id))
    }
}

/// What the agency is sent: a reference, never the data.
fn content(declared: &Declaration, holding: &Holding, at: Timestamp) -> serde_json::Value {
    json!({"deposit": {
        "id": declared.id.as_str(), "filed_at": at.rfc3339(), "sha256": holding.digest.base64url(), "size": holding.size,
        "media_type": holding.media_type, "schema": holding.schema,
    }})
}

fn not_found() -> Refusal {
    Refusal::new("not_found", "You have no deposit with this id.").at("id")
}

fn not_delegated(company: &CorporateNumber) -> Refusal {
    let words = format!(
        "The company {company} has no delegation to you in force that names this procedure: it registers one after its own \
         sign-in here, or the operator does by its power of attorney."
    );
    Refusal::new("not_delegated", words).at("/applicant")
}
