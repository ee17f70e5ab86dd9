//! What is asked of a citizen who is not at the client's own page: shared terminals (RFC 8628) and desks (CIBA).
//!
//! What for: the question was kept by the authorization server; here the person asked finds it, on their own phone and
//! signed in by card, and answers it.
//!
//! How it flows:
//! 1. [`Confirmations::claim`] turns the code that a terminal shows into the person's own question; guesses are counted
//!    by person, and a question is claimed by one of them only;
//! 2. [`Confirmations::waiting`] lists what else waits for the person (the client named them);
//! 3. [`Confirmations::decide`] answers once: the grant and the answer are written together, or only the refusal; where
//!    the question is open to representatives, whoever represents another may answer it for them;
//! 4. a client that wants to be called is called then (CIBA's ping), in the background.
//!
//! How to add one more: a way to ask is a variant of [`Channel`].
//!
//! What it must never do: show or answer a question of another person; give a shared terminal more than one visit; let
//! the answer wait for, or hang on, the client's being called.

use super::account::CitizenSession;
use crate::adapters::notification::Notifier;
use crate::domain::client::{Client, ClientClass};
use crate::domain::consent::{Choice, ChoiceError, Consent};
use crate::domain::decoupled::{Channel, DecoupledRequest, Notification, UserCode};
use crate::domain::grant::{Grant, GrantStatus, access_days};
use crate::domain::ids::{DecoupledId, GrantId};
use crate::domain::profile::Backchannel;
use crate::domain::representation::{Coverage, Representation};
use crate::domain::terminal::Visits;
use crate::domain::{Clock, Entropy, Environment, Fault, MasterKey, Timestamp};
use crate::limits::{Attempt, LimitRefusal, Limits};
use crate::store::{Deciding, ForWhom, Store};
use std::sync::Arc;
use std::time::Duration;

/// How long one visit to a terminal lasts whose client is not of the class that the operator's rules are about.
const VISIT: Duration = Duration::from_mins(30);
/// How long "once" lasts.
const ONCE: Duration = Duration::from_hours(24);
/// Most questions shown at a time.
const MOST_WAITING: u32 = 20;

/// What [`Confirmations`] is made of.
pub struct ConfirmationParts {
    /// Durable truth.
    pub store: Arc<dyn Store>,
    /// What representatives may decide about.
    pub coverage: Arc<dyn Coverage>,
    /// For how long a visit to a shared terminal lasts.
    pub visits: Arc<dyn Visits>,
    /// How often a person may guess.
    pub limits: Arc<Limits>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// Opens what a client is called with, and keys the digests of user codes.
    pub master: Arc<MasterKey>,
    /// Which clients may act.
    pub environment: Environment,
    /// Calls clients.
    pub notifier: Arc<dyn Notifier>,
}

/// The use cases.
pub struct Confirmations(ConfirmationParts);

/// A question that waits for its person.
#[derive(Clone, Debug)]
pub struct Confirmation {
    /// The question.
    pub request: DecoupledRequest,
    /// Who asks.
    pub client: Client,
    /// By which registrations the person may answer it for another, newest first.
    pub represented: Vec<Representation>,
    /// For how long what they allow a terminal lasts at most.
    pub visit: Duration,
}

/// Why a question is not found or not answered.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmationError {
    /// There is none such for this person: unknown, over, answered, or another's.
    #[error("there is no such question")]
    NoSuch,
    /// Too many codes were typed.
    #[error("too many codes were typed")]
    TooOften(Box<LimitRefusal>),
    /// The choice is not one that the question allows.
    #[error("{0}")]
    Choice(ChoiceError),
    /// Something broke.
    #[error(transparent)]
    Broken(#[from] Fault),
}

impl Confirmations {
    /// The use cases, on these parts.
    #[must_use]
    pub fn new(parts: ConfirmationParts) -> Self {
        Self(parts)
    }

    /// The question behind what the person typed; it is theirs from now on.
    ///
    /// # Errors
    /// [`ConfirmationError::NoSuch`], one answer for everything that is no open question;
    /// [`ConfirmationError::TooOften`] after too many tries, right or wrong.
    pub async fn claim(&self, session: &CitizenSession, typed: &str) -> Result<DecoupledId, ConfirmationError> {
        let now = self.0.clock.now();
        let code = UserCode::parse(typed).ok_or(ConfirmationError::NoSuch)?;
        let attempt = Attempt::UserCode { subject: session.subject() };
        let admitted = self.0.limits.admit_attempt(&attempt, now).await;
        admitted.map_err(|refusal| ConfirmationError::TooOften(Box::new(refusal)))?;
        let digest = code.digest(&self.0.master)?;
        let claimed = self.0.store.claim_decoupled(digest, session.subject(), now).await?;
        claimed.map(|request| request.id).ok_or(ConfirmationError::NoSuch)
    }

    /// What waits for the person's answer, that which ends first first.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn waiting(&self, session: &CitizenSession) -> Result<Vec<Confirmation>, Fault> {
        let found = self.0.store.list_decoupled(session.subject(), self.0.clock.now(), MOST_WAITING).await?;
        let mut waiting = Vec::with_capacity(found.len());
        for request in found {
            waiting.extend(self.whole(session, request).await?);
        }
        Ok(waiting)
    }

    /// One question that waits for the person.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn find(&self, session: &CitizenSession, id: &DecoupledId) -> Result<Option<Confirmation>, Fault> {
        match self.0.store.find_decoupled(id, session.subject(), self.0.clock.now()).await? {
            Some(request) => self.whole(session, request).await,
            None => Ok(None),
        }
    }

    /// Answers a question, once: agrees to `choice`, or refuses where there is none.
    ///
    /// # Errors
    /// [`ConfirmationError::NoSuch`] when another answer was first or the time is over;
    /// [`ConfirmationError::Choice`] when the question does not allow the choice (the person may choose again).
    pub async fn decide(
        &self,
        session: &CitizenSession,
        id: &DecoupledId,
        choice: Option<&Choice>,
    ) -> Result<(), ConfirmationError> {
        let confirmation = self.find(session, id).await?.ok_or(ConfirmationError::NoSuch)?;
        let now = self.0.clock.now();
        let grant = match choice {
            Some(choice) => Some(self.grant(session, &confirmation, choice).await?),
            None => None,
        };
        if !self.0.store.take_decoupled_decision(id, session.subject(), grant.as_ref(), now).await? {
            return Err(ConfirmationError::NoSuch);
        }
        self.tell(&confirmation);
        Ok(())
    }

    /// A client that may not act any more asks nobody.
    async fn whole(&self, session: &CitizenSession, request: DecoupledRequest) -> Result<Option<Confirmation>, Fault> {
        let client = self.0.store.find_client(&request.client).await?;
        let Some(client) = client.filter(|client| client.status.may_act_in(self.0.environment)) else {
            return Ok(None);
        };
        let represented = self.deciding(self.0.clock.now()).list(session.subject(), request.ask.as_ref()).await?;
        let visit = self.visit_to(&client);
        Ok(Some(Confirmation { request, client, represented, visit }))
    }

    fn visit_to(&self, client: &Client) -> Duration {
        if client.class == ClientClass::Kiosk { self.0.visits.visit().life } else { VISIT }
    }

    fn deciding(&self, now: Timestamp) -> Deciding<'_> {
        Deciding { store: &*self.0.store, coverage: &*self.0.coverage, now }
    }

    async fn grant(
        &self,
        session: &CitizenSession,
        confirmation: &Confirmation,
        choice: &Choice,
    ) -> Result<Grant, ConfirmationError> {
        let Confirmation { request, client, .. } = confirmation;
        let now = self.0.clock.now();
        let acting = match self.deciding(now).chosen(session.subject(), request.ask.as_ref(), choice).await? {
            ForWhom::Themselves => None,
            ForWhom::Another(one) => Some(*one),
            ForWhom::NotTheirs => return Err(ConfirmationError::Choice(ChoiceError::OnBehalf)),
        };
        let consent = match &request.ask {
            None => None,
            Some(ask) => {
                // A purpose taken back since then is a question taken back.
                let purpose = client.purpose(&ask.purpose).ok_or(ConfirmationError::NoSuch)?;
                Some(Consent::decide(ask, purpose, choice).map_err(ConfirmationError::Choice)?)
            }
        };
        let days = access_days(request.scope, consent.as_ref());
        let lifetime = match request.channel {
            Channel::Device => self.visit_to(client),
            Channel::Backchannel { .. } if days > 0 => ONCE.saturating_mul(days),
            Channel::Backchannel { .. } => ONCE,
        };
        let ends_at = now.plus(lifetime);
        Ok(Grant {
            id: GrantId::generate(self.0.entropy.as_ref()),
            client: client.id.clone(),
            subject: Some(acting.as_ref().map_or(session.subject(), |one| &one.principal).clone()),
            scope: if acting.is_some() { request.scope.about_another() } else { request.scope },
            consent,
            resources: Vec::new(),
            authentication: Some(session.authentication()),
            created_at: now,
            updated_at: None,
            expires_at: acting.as_ref().map_or(ends_at, |one| ends_at.min(one.expires_at)),
            acting: acting.as_ref().map(Representation::acting),
            status: GrantStatus::Active,
        })
    }

    /// Calls the client, if it wants that. The answer is durable already: a client that is not reached may still poll.
    fn tell(&self, confirmation: &Confirmation) {
        let Channel::Backchannel { notification: Some(sealed), .. } = &confirmation.request.channel else { return };
        let Some(Backchannel::Ping { notification_endpoint }) = &confirmation.client.profile.backchannel else {
            return;
        };
        let (id, endpoint) = (confirmation.request.id.clone(), notification_endpoint.clone());
        let notification = match Notification::open(sealed, &id, &self.0.master) {
            Ok(notification) => notification,
            Err(fault) => {
                tracing::error!(fault = %fault, "a client cannot be told of an answer");
                return;
            }
        };
        let (notifier, client) = (Arc::clone(&self.0.notifier), confirmation.client.id.clone());
        tokio::spawn(async move {
            if let Err(error) = notifier.notify(&endpoint, &notification).await {
                tracing::warn!(client.id = %client, error = %error, "a client was not told of an answer; it may poll");
            }
        });
    }
}
