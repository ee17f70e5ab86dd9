//! Companies (法人) at the counter: which offices may file for a company, seen and ended by the company itself.
//!
//! What for: a company that delegates (委任) must see to whom, and end it alone and at once, without asking the office or us.
//!
//! How it flows:
//! 1. [`Companies::begin`] makes a secret for one sign-in, which the browser keeps, and the address of the companies'
//!    provider; `state`, `nonce` and the PKCE verifier are derived from the secret.
//! 2. [`Companies::finish`] recognises the company and opens a session, which [`Companies::session`] finds again.
//! 3. [`Companies::delegations`] lists, [`Companies::register`] writes, [`Companies::pause`] holds one still or lets it go
//!    on, and [`Companies::end`] ends one.
//!
//! How to add one more: another thing of the company's own is another method that demands a [`CompanySession`].
//!
//! What it must never do: take a company's number from anything but a session; tell whether another company's delegation
//! exists; let an account that nobody checked (エントリー) see anything, or anyone but the company's head change anything.

mod session;

use session::Kept;
pub use session::{CompanySession, OpenedCompany};

use super::delegations::{Wanted, register};
use crate::adapters::identity::{AccountRank, Ceremony, CompanyProvider, IdentityError};
use crate::catalog::procedures::Procedures;
use crate::domain::acr::Acr;
use crate::domain::client::Client;
use crate::domain::delegation::{Delegation, Pausing};
use crate::domain::ids::{ClientId, DelegationId, SubmissionId};
use crate::domain::representation::{RepresentationEnd, RepresentationKind, RepresentationProof};
use crate::domain::submission::Submission;
use crate::domain::{BrowserSecret, Clock, Entropy, Failure, Fault, Lang, Refusal, Secret, Timestamp};
use crate::policy::Policies;
use crate::store::Store;
use chrono::NaiveDate;
use std::sync::Arc;
use url::Url;

/// Most delegations that are shown.
const SHOWN: u32 = 50;
/// Most filings that are shown of one delegation.
const FILED: u32 = 20;

/// What it is made of.
pub struct CompaniesParts {
    /// Durable truth.
    pub store: Arc<dyn Store>,
    /// The companies' identity provider, where one is configured.
    pub provider: Option<Arc<dyn CompanyProvider>>,
    /// The operator's rules.
    pub policies: Arc<Policies>,
    /// The procedures that can be told by their names.
    pub procedures: Arc<Procedures>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
}

/// The use cases of a company.
pub struct Companies {
    parts: CompaniesParts,
}

/// Why a company does not come in.
#[derive(Debug)]
pub enum CompanyError {
    /// No provider of companies is configured here.
    Closed,
    /// The sign-in was begun in another browser, or is over.
    WrongBrowser,
    /// Stopped at the provider.
    Denied,
    /// It failed at the provider.
    SignIn(IdentityError),
    /// The account's company was never checked, or it is a sole proprietor's: it has no number to be known by.
    NotACompany,
    /// We broke.
    Broken(Fault),
}

impl From<Fault> for CompanyError {
    fn from(fault: Fault) -> Self {
        Self::Broken(fault)
    }
}

/// A sign-in that has begun.
#[derive(Debug)]
pub struct BegunCompany {
    /// Where the browser goes.
    pub url: Url,
    /// What it keeps meanwhile.
    pub secret: BrowserSecret,
}

/// With what the provider sent the browser back.
#[derive(Debug, Default)]
pub struct CompanyCallback {
    /// `state`.
    pub state: String,
    /// `code`.
    pub code: Option<String>,
    /// `iss` (RFC 9207), where the provider gives it.
    pub iss: Option<String>,
}

/// What a company wants to let an office do.
#[derive(Clone, Debug)]
pub struct Delegating {
    /// The office's software, by its id here.
    pub client: ClientId,
    /// On what ground.
    pub kind: RepresentationKind,
    /// Which procedures; `*` alone for every one.
    pub procedures: Vec<String>,
    /// The last day.
    pub until: NaiveDate,
}

/// A delegation with the third party behind it.
#[derive(Clone, Debug)]
pub struct ListedDelegation {
    /// The delegation.
    pub delegation: Delegation,
    /// The third party, while it is registered.
    pub client: Option<Client>,
    /// What was filed by it, newest first.
    pub filed: Vec<Filed>,
}

/// What an office filed for the company.
#[derive(Clone, Debug)]
pub struct Filed {
    /// The filing.
    pub submission: Submission,
    /// Which procedures.
    pub procedures: Vec<String>,
}

impl Companies {
    /// The use cases of their parts.
    #[must_use]
    pub fn new(parts: CompaniesParts) -> Self {
        Self { parts }
    }

    /// Whether companies can sign in here.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.parts.provider.is_some()
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    /// Begins a sign-in.
    ///
    /// # Errors
    /// [`CompanyError`].
    pub async fn begin(&self, lang: Lang) -> Result<BegunCompany, CompanyError> {
        let provider = self.parts.provider.as_ref().ok_or(CompanyError::Closed)?;
        let secret = BrowserSecret::generate(&*self.parts.entropy);
        let url = provider.start(&ceremony(&secret, lang)).await.map_err(CompanyError::SignIn)?;
        Ok(BegunCompany { url, secret })
    }

    /// Recognises the company that comes back and opens a session for it.
    ///
    /// # Errors
    /// [`CompanyError`].
    pub async fn finish(
        &self,
        callback: &CompanyCallback,
        secret: Option<&BrowserSecret>,
        lang: Lang,
    ) -> Result<OpenedCompany, CompanyError> {
        let provider = self.parts.provider.as_ref().ok_or(CompanyError::Closed)?;
        let secret = secret.filter(|secret| secret.is_derived(STATE, OWNER, &callback.state));
        let secret = secret.ok_or(CompanyError::WrongBrowser)?;
        // RFC 9207 §2.4: an answer of another issuer is no answer.
        if callback.iss.as_deref().is_some_and(|iss| iss != provider.issuer()) {
            return Err(CompanyError::WrongBrowser);
        }
        let code = callback.code.as_deref().ok_or(CompanyError::Denied)?;
        let found = provider.finish(code, &ceremony(secret, lang)).await.map_err(CompanyError::SignIn)?;
        match (found.number, found.rank) {
            (None, _) | (_, AccountRank::Entry) => Err(CompanyError::NotACompany),
            (Some(company), rank) => {
                let (name, mandates) = (found.name, found.mandates);
                Ok(self.open(Kept { company, name, is_head: rank == AccountRank::Prime, mandates }).await?)
            }
        }
    }

    /// The company's delegations, newest first, whatever their state.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn delegations(&self, session: &CompanySession) -> Result<Vec<ListedDelegation>, Fault> {
        let mut listed = Vec::new();
        for delegation in self.parts.store.list_delegations(session.company(), SHOWN).await? {
            let client = self.parts.store.find_client(&delegation.client).await?;
            let filed = self.filed(&delegation.id).await?;
            listed.push(ListedDelegation { delegation, client, filed });
        }
        Ok(listed)
    }

    async fn filed(&self, id: &DelegationId) -> Result<Vec<Filed>, Fault> {
        let found = self.parts.store.list_filed_by(id, FILED).await?;
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<SubmissionId> = found.iter().map(|one| one.id.clone()).collect();
        let parts = self.parts.store.list_deliveries(&ids).await?;
        let of = |submission: Submission| {
            let own = parts.iter().filter(|part| part.delivery.submission == submission.id);
            let procedures = own.map(|part| part.delivery.procedure.clone()).collect();
            Filed { submission, procedures }
        };
        Ok(found.into_iter().map(of).collect())
    }

    /// One of the company's delegations; none when it is another's, or there is none such.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn delegation(
        &self,
        session: &CompanySession,
        id: &DelegationId,
    ) -> Result<Option<ListedDelegation>, Fault> {
        let found = self.parts.store.find_delegation(id).await?.filter(|one| one.company == *session.company());
        let Some(delegation) = found else { return Ok(None) };
        let client = self.parts.store.find_client(&delegation.client).await?;
        Ok(Some(ListedDelegation { delegation, client, filed: Vec::new() }))
    }

    /// The procedures that can be told by their names; an office may be let file others too, by their codes.
    #[must_use]
    pub fn procedures(&self) -> &Procedures {
        &self.parts.procedures
    }

    /// The third party that a company names, so that it can be asked whether that is the one.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn office(&self, id: &ClientId) -> Result<Option<Client>, Fault> {
        self.parts.store.find_client(id).await
    }

    /// Lets an office file for the company.
    ///
    /// # Errors
    /// `access_denied` for an account that is not the head's; as [`register`].
    pub async fn register(&self, session: &CompanySession, wanted: Delegating) -> Result<Delegation, Failure> {
        head_only(session)?;
        let Delegating { client, kind, procedures, until } = wanted;
        let rules = self.parts.policies.now();
        let limits = rules.representation_limits();
        let limits =
            limits.ok_or_else(|| Refusal::new("access_denied", "The rules here let nobody be represented."))?;
        let (company, proof) = (session.company().clone(), RepresentationProof::OwnSignIn);
        let wanted = Wanted { company, client, kind, proof, procedures, until, by: None };
        let (store, entropy) = (&*self.parts.store, &*self.parts.entropy);
        register(store, limits, wanted, entropy, self.now()).await
    }

    /// Holds one of the company's delegations still at once, or lets it go on. False when there was nothing to do: none
    /// such, another company's, over, or so already.
    ///
    /// # Errors
    /// `access_denied` for an account that is not the head's; [`Failure`] when the store is away, and then nothing changed.
    pub async fn pause(&self, session: &CompanySession, id: &DelegationId, pausing: Pausing) -> Result<bool, Failure> {
        head_only(session)?;
        if self.delegation(session, id).await?.is_none() {
            return Ok(false);
        }
        Ok(self.parts.store.pause_delegation(id, pausing, self.now()).await?)
    }

    /// Ends one of the company's delegations at once. False when there was nothing to end: none such, another company's,
    /// or over.
    ///
    /// # Errors
    /// `access_denied` for an account that is not the head's; [`Failure`] when the store is away, and then nothing was
    /// ended.
    pub async fn end(&self, session: &CompanySession, id: &DelegationId) -> Result<bool, Failure> {
        head_only(session)?;
        if self.delegation(session, id).await?.is_none() {
            return Ok(false);
        }
        Ok(self.parts.store.end_delegation(id, RepresentationEnd::Principal, None, self.now()).await?)
    }
}

fn head_only(session: &CompanySession) -> Result<(), Refusal> {
    if session.is_head() {
        return Ok(());
    }
    Err(Refusal::new("access_denied", "Only the account of the company's head (gBizIDプライム) changes this."))
}

/// Each sign-in has a secret of its own, so the names need tell no more apart.
const STATE: &str = "company-state";
const OWNER: &str = "sign-in";

fn ceremony(secret: &BrowserSecret, lang: Lang) -> Ceremony {
    Ceremony {
        state: secret.derive(STATE, OWNER),
        nonce: Secret::new(secret.derive("company-nonce", OWNER)),
        verifier: Secret::new(secret.derive("company-pkce", OWNER)),
        // Companies' accounts have ranks instead.
        least: Acr::Aal2,
        max_age: None,
        oldest: None,
        with_certificate: false,
        lang,
    }
}
