//! Payments (公金決済): agencies ask for them, citizens pay at a bank's or a card company's own pages, agencies reconcile.
//!
//! What for: whoever is told to pay can do so from where they read it, once.
//!
//! How it flows: 1. an agency makes a payment (`create`) and puts its address into a notice or a result; 2. whoever opens it
//! chooses a way and is handed over (`pay`); of all who try, one attempt is under way at a time: before another begins, the
//! payment service has closed the one before, or said that it took money; 3. the service notifies us (`settle`), or is asked
//! (`work`, and when the browser comes back); a browser that comes back settles nothing by itself; 4. money is written down once by the
//! service's own name for it: as the payment, or as an excess with its reason (`settle`); 5. at the end of the due day in Japan
//! what nobody is paying expires; what somebody is on the way to pay waits for the service's word; 6. the agency reads what
//! came, in the order in which it was written down (`reconcile`).
//!
//! How to add one more: a way is a variant of [`PaymentWay`](crate::domain::payment::PaymentWay), its words and its page at the
//! service.
//!
//! What it must never do: take, keep or pass on a card number; lose money that was taken, or count it twice; tell an agency of
//! another's payments; keep or log the token of a link.

mod body;
mod pay;
mod reconcile;
mod settle;
mod view;
mod work;

pub use body::{PaymentAboutRequest, PaymentRequest, PaymentWordsRequest};
pub use pay::{Choice, NOTIFICATIONS, PayOutcome, RETURNS};
pub use reconcile::{SettlementFile, SettlementPage, SettlementTotal, SettlementView};
pub use view::{AgencyPaymentPage, AgencyPaymentView, PaidView};

use self::body::refuse_card_numbers;
use crate::adapters::breaker::Pulse;
use crate::adapters::maintenance::Closures;
use crate::adapters::payment::{AttemptStanding, PaymentService};
use crate::domain::ids::{ApplicationId, CitizenNoticeId, PaymentId};
use crate::domain::payment::{HeldPayment, LINK, Payment, PaymentAbout, PaymentState, Settlement};
use crate::domain::retrieval::IdempotencyKey;
use crate::domain::{Clock, Digest, Entropy, Failure, Fault, Refusal};
use crate::evidence::EvidenceLog;
use crate::gateway::{Gateway, Permit};
use crate::hot::Hot;
use crate::services::body::{cut, digest_of, idempotency_key, one_more, page_after, place, read};
use crate::store::{InsertedPayment, PaymentBy, PaymentStep, Store};
use serde_json::Value;
use std::sync::Arc;

/// How often a step is tried again when something else was written at the same moment.
const TRIES: usize = 4;

/// Who signs receipts.
pub trait PaymentReceipts: Send + Sync {
    /// The receipt of a payment that is paid.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be signed.
    fn receipt(&self, one: &Payment, settlement: &Settlement) -> Result<String, Fault>;
}

/// What the use case is made of.
pub struct PaymentsParts {
    /// The payment service; none where nothing can be paid.
    pub service: Option<Arc<dyn PaymentService>>,
    /// Who signs receipts.
    pub receipts: Arc<dyn PaymentReceipts>,
    /// The operator's rules.
    pub gateway: Arc<Gateway>,
    /// Durable truth.
    pub store: Arc<dyn Store>,
    /// Marks of notifications.
    pub hot: Arc<dyn Hot>,
    /// The log of evidence.
    pub evidence: Arc<EvidenceLog>,
    /// What is stopped as planned.
    pub closures: Arc<Closures>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// For ids.
    pub entropy: Arc<dyn Entropy>,
    /// The address that everybody sees, without a slash at its end.
    pub public_url: String,
}

/// The use case.
pub struct Payments {
    parts: PaymentsParts,
}

impl Payments {
    /// The use case of its parts.
    #[must_use]
    pub const fn new(parts: PaymentsParts) -> Self {
        Self { parts }
    }

    /// How the payment service did lately; none where nothing can be paid.
    #[must_use]
    pub fn pulse(&self) -> Option<Pulse> {
        self.parts.service.as_ref().map(|service| service.pulse())
    }

    /// Makes a payment: durable, with its leaf, when this returns. The same call again gives the same address again.
    ///
    /// # Errors
    /// `refused_by_policy`; `payments_not_offered`; `card_number_refused`, `invalid_request`, `invalid_value` naming the member;
    /// `idempotency_key_reused`, `evidence_unavailable`.
    pub async fn create(
        &self,
        permit: &Permit,
        (bytes, key): (&[u8], Option<&str>),
    ) -> Result<AgencyPaymentView, Failure> {
        self.parts.gateway.clear_collecting(permit).await?;
        self.service()?;
        let key = idempotency_key(key, "asks for nothing twice")?;
        let whole: Value = read(bytes)?;
        refuse_card_numbers(&whole)?;
        let request: PaymentRequest = read(bytes)?;
        let key = IdempotencyKey { key: Digest::of(&format!("payment\n{key}")), body: digest_of(bytes)? };
        let id = PaymentId::generate(&*self.parts.entropy);
        let new = request.compose(permit.client(), (id, key), self.parts.clock.now())?;
        self.check_about(permit, new.about.as_ref()).await?;
        self.parts.evidence.intake().admit()?;
        match self.parts.store.insert_payment(&new).await? {
            InsertedPayment::New(held) | InsertedPayment::Same(held) => Ok(self.told(&held)),
            InsertedPayment::KeyReused => {
                let words = "This Idempotency-Key came with another payment before: use a new one.";
                Err(Refusal::new("idempotency_key_reused", words).at("Idempotency-Key").into())
            }
        }
    }

    /// What it is about must be this agency's own: a notice that it posted, or an application to it.
    async fn check_about(&self, permit: &Permit, about: Option<&PaymentAbout>) -> Result<(), Failure> {
        let (client, store) = (permit.client(), &self.parts.store);
        let (is_own, at) = match about {
            None => (true, ""),
            Some(PaymentAbout::Notice(id)) => {
                let found = store.find_citizen_notice(id).await?;
                (found.is_some_and(|held| held.notice.client == client.id), "/about/notice")
            }
            Some(PaymentAbout::Application(id)) => {
                let (found, own) = (store.find_application(id).await?, client.corporate_number.local_government());
                let is_own = found.is_some_and(|held| own.is_some_and(|code| held.application.municipality == code));
                (is_own, "/about/application")
            }
        };
        let words = "It must be a notice that you posted, or an application to your municipality.";
        if is_own { Ok(()) } else { Err(Refusal::new("invalid_value", words).at(at).into()) }
    }

    /// What this client asked for, newest first.
    ///
    /// # Errors
    /// `refused_by_policy`; `invalid_value` naming the parameter.
    pub async fn list(&self, permit: &Permit, query: &str) -> Result<AgencyPaymentPage, Failure> {
        self.parts.gateway.clear_collecting(permit).await?;
        let mut before = page_after(query, PaymentId::parse)?;
        let limit = one_more(&mut before);
        let mut found = self.parts.store.list_payments(&permit.client().id, &before).await?;
        let next = cut(&mut found, limit, |last| place(last.payment.created_at, &last.payment.id));
        Ok(AgencyPaymentPage { items: found.iter().map(|held| self.told(held)).collect(), next })
    }

    /// One that this client asked for.
    ///
    /// # Errors
    /// `refused_by_policy`; `not_found` for another's, too.
    pub async fn find(&self, permit: &Permit, id: &str) -> Result<AgencyPaymentView, Failure> {
        Ok(self.told(&self.own(permit, id).await?))
    }

    /// Cancels one that nobody has paid. Whoever is on the way to pay it is stopped first.
    ///
    /// # Errors
    /// `refused_by_policy`, `not_found`; `conflict` when it is paid or over; `payment_service_unreachable` when somebody may be
    /// paying it and the service does not say; `evidence_unavailable`.
    pub async fn cancel(&self, permit: &Permit, id: &str) -> Result<AgencyPaymentView, Failure> {
        let mut held = self.own(permit, id).await?;
        self.parts.evidence.intake().admit()?;
        for _ in 0..TRIES {
            if held.state == PaymentState::Cancelled {
                return Ok(self.told(&held));
            }
            if !held.state.is_payable() {
                let words = format!("It is {} and cannot be cancelled.", held.state.as_str());
                return Err(Refusal::new("conflict", words).at("id").into());
            }
            if held.attempt.is_some() {
                self.stop(&held).await?;
            } else {
                let of = (&held.payment.id, held.version);
                self.parts.store.step_payment(of, &PaymentStep::Cancel, self.parts.clock.now()).await?;
            }
            held = self.again(&held.payment.id).await?;
        }
        Err(busy().into())
    }

    /// Has the service take nothing for the attempt that is under way; what it had taken is written down.
    async fn stop(&self, held: &HeldPayment) -> Result<(), Failure> {
        let Some(attempt) = &held.attempt else { return Ok(()) };
        match self.service()?.close(&attempt.id).await {
            Ok(AttemptStanding::Taken(taking)) => Ok(self.record(held, &attempt.id, taking).await.map(drop)?),
            Ok(AttemptStanding::Closed | AttemptStanding::Waiting) => {
                let of = (&held.payment.id, held.version);
                self.parts.store.step_payment(of, &PaymentStep::Free, self.parts.clock.now()).await?;
                Ok(())
            }
            Err(error) => {
                tracing::warn!(%error, "whether a payment is being made cannot be asked");
                let words = "Somebody may be paying it, and the payment service does not say: try again in a while.";
                Err(Refusal::new("payment_service_unreachable", words).at("id").into())
            }
        }
    }

    async fn own(&self, permit: &Permit, id: &str) -> Result<HeldPayment, Failure> {
        let found = match PaymentId::parse(id) {
            Ok(id) => self.parts.store.find_payment(PaymentBy::Id(&id)).await?,
            Err(_) => None,
        };
        let found = found.filter(|held| held.payment.client == permit.client().id);
        let found =
            found.ok_or_else(|| Refusal::new("not_found", "You asked for no payment with this id.").at("id"))?;
        self.parts.gateway.clear_collecting(permit).await?;
        Ok(found)
    }

    async fn again(&self, id: &PaymentId) -> Result<HeldPayment, Fault> {
        let found = self.parts.store.find_payment(PaymentBy::Id(id)).await?;
        found.ok_or_else(|| Fault::Internal("a payment that was just read is not there".into()))
    }

    fn service(&self) -> Result<&Arc<dyn PaymentService>, Refusal> {
        let words = "This installation has no payment service.";
        self.parts.service.as_ref().ok_or_else(|| Refusal::new("payments_not_offered", words))
    }

    fn told(&self, held: &HeldPayment) -> AgencyPaymentView {
        AgencyPaymentView::of(held, held.address(&self.parts.public_url), self.parts.clock.now())
    }
}

fn busy() -> Refusal {
    Refusal::new("conflict", "It was changed at the same moment, again and again: look where it stands now.").at("id")
}

/// What something is about, from its ids.
fn about(notice: Option<&str>, application: Option<&str>) -> Result<PaymentAbout, Refusal> {
    let wrong = |at: &str| {
        Refusal::new("invalid_value", "Name either one notice or one application, by its id.").at(format!("/about{at}"))
    };
    match (notice, application) {
        (Some(id), None) => CitizenNoticeId::parse(id).map(PaymentAbout::Notice).map_err(|_| wrong("/notice")),
        (None, Some(id)) => ApplicationId::parse(id).map(PaymentAbout::Application).map_err(|_| wrong("/application")),
        _ => Err(wrong("")),
    }
}

/// Where the payment behind an address stands, where the address is one of ours, of a payment that this client asked for.
///
/// # Errors
/// [`Fault`] when the store is away.
pub(in crate::services) async fn state_behind(
    store: &dyn Store,
    (public_url, url): (&str, &str),
    client: &crate::domain::ids::ClientId,
    now: crate::domain::Timestamp,
) -> Result<Option<PaymentState>, Fault> {
    let token = url.strip_prefix(public_url).and_then(|path| path.strip_prefix(LINK));
    let Some(token) = token.filter(|token| is_token(token)) else { return Ok(None) };
    let found = store.find_payment(PaymentBy::Link(&Digest::of(token))).await?;
    let found = found.filter(|held| held.payment.client == *client);
    Ok(found.map(|held| held.state_at(now)))
}

/// Whether a text can be the token of a link.
fn is_token(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}
