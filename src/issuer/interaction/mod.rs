//! A citizen's way from the start of an authorization to its decision, and to the dashboard.
//!
//! What for: between `GET /oauth/authorize` and the redirect back stands a person. This module remembers where they
//! are, makes sure that the browser that began is the browser that ends, and turns their decision into a grant.
//!
//! How it flows:
//! 1. [`Interactions::begin`]: the pushed request is looked at (not used up) and an interaction is kept; the browser
//!    goes to the identity provider. A page loaded twice begins the same interaction again.
//! 2. [`Interactions::finish_sign_in`]: the provider sends the browser back; the person is recognised and the
//!    interaction advances one step.
//! 3. [`Interactions::view`]: what the consent page shows.
//! 4. Where documents are asked for and the citizen has no provider of any, agreeing leads over `linking` first.
//! 5. [`Interactions::decide`]: one conditional write ends the interaction, uses up the `request_uri`, and writes grant
//!    and code; or, on a refusal, neither. The browser gets its way back with `code` or `error`, `state` and `iss`.
//!
//! Whoever is signed in at the dashboard and goes to a site from there (`hand_over`) comes without 2.
//!
//! Nothing secret is kept: `state`, `nonce`, the PKCE verifier and the forms' tokens all follow from the browser's
//! cookie ([`BrowserSecret`]), of which only a digest is stored. Whoever lacks the cookie can go no further
//! (draft-ietf-oauth-security-topics-update: cross-user session fixation).
//!
//! Whoever represents another ([`ConsentView::represented`]) may decide for them where the request is open to that: the
//! grant is then the represented person's, marked with the representation, and ends with it.
//!
//! How to add one more: a further reason to sign in is a variant of `Errand`; a further step is a variant of
//! `Progress`, reached by `advance_interaction` from the step that was seen.
//!
//! What it must never do: use up a `request_uri` before the decision; advance without naming the step it saw; put
//! anything personal into an address; redirect to an address that was not pushed by the client.

mod begin;
mod card;
mod decide;
mod hand_over;
mod linking;
mod record;
mod sign_in;

pub use begin::{Begun, Next};
pub use card::CardError;
pub use decide::{Answer, ConsentView, Decided};
pub use hand_over::{HINT_LIFE, SignedInSession};
pub use linking::{LinkedTo, LinkingView};
pub use sign_in::{Callback, SignedIn};

use crate::adapters::identity::{Ceremony, IdentityError, IdentityProvider};
use crate::adapters::linkage::LinkedServices;
use crate::catalog::Catalog;
use crate::domain::acr::Acr;
use crate::domain::client::Client;
use crate::domain::consent::ChoiceError;
use crate::domain::ids::{ClientId, InteractionId, SubjectId};
use crate::domain::representation::Coverage;
use crate::domain::scope::Scope;
use crate::domain::{BrowserSecret, Clock, Digest, Entropy, Environment, Failure, Fault, Lang, Refusal, Secret};
use crate::hot::Hot;
use crate::protocol::authorization_request::AuthorizationRequest;
use crate::protocol::authorization_response::Answer as Response;
use crate::store::{Deciding, Store};
use async_trait::async_trait;
use record::{Errand, Record};
use std::sync::Arc;
use std::time::Duration;

/// How long a citizen may take from the start to the decision.
pub const INTERACTION_LIFETIME: Duration = Duration::from_mins(30);

/// What [`Interactions`] is made of.
pub struct InteractionParts {
    /// Durable truth.
    pub store: Arc<dyn Store>,
    /// Where pushed requests are found.
    pub requests: Arc<dyn PushedRequests>,
    /// What signs the answers to clients that ask for that.
    pub responses: Arc<dyn SignedResponses>,
    /// Who recognises the citizen.
    pub identity: Arc<dyn IdentityProvider>,
    /// What citizens can link their accounts with.
    pub linked: Arc<LinkedServices>,
    /// Word to the other nodes.
    pub hot: Arc<dyn Hot>,
    /// The data sets.
    pub catalog: Arc<Catalog>,
    /// What representatives may decide about.
    pub coverage: Arc<dyn Coverage>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// Our issuer identifier, for `iss` (RFC 9207).
    pub issuer: String,
    /// Which clients may act.
    pub environment: Environment,
}

/// Looks at a pushed authorization request, as the authorization endpoint needs it.
#[async_trait]
pub trait PushedRequests: Send + Sync {
    /// The client and its request behind `request_uri`, and the digest by which it is used up. Uses nothing up.
    ///
    /// # Errors
    /// A [`Refusal`] when the client or the request is unknown, over, or another client's.
    async fn find_authorization(
        &self,
        client_id: &str,
        request_uri: &str,
    ) -> Result<(Client, AuthorizationRequest, Digest), Failure>;
}

/// Signs authorization responses (JARM), and encrypts them where the client registered so.
#[async_trait]
pub trait SignedResponses: Send + Sync {
    /// The `response` parameter: `answer` as one JWT for the client of `request`.
    ///
    /// # Errors
    /// A [`Failure`] when it cannot be signed, or not encrypted to the client's key; nothing was used up then.
    async fn sign_response(&self, request: &AuthorizationRequest, answer: &Response<'_>) -> Result<String, Failure>;
}

/// The use cases of a citizen's way through sign-in and consent.
pub struct Interactions(InteractionParts);

/// Why an interaction does not go on.
#[derive(Debug, thiserror::Error)]
pub enum InteractionError {
    /// There is none such: it was decided, or its time is over.
    #[error("the interaction is over or unknown")]
    Over,
    /// Another browser began it.
    #[error("the interaction was begun in another browser")]
    WrongBrowser,
    /// The form was not one of ours.
    #[error("the form's token does not fit the browser")]
    NotOurForm,
    /// The citizen has not signed in yet.
    #[error("the citizen has not signed in")]
    NotSignedIn,
    /// The citizen gave up at the provider (`access_denied`).
    #[error("the citizen did not sign in")]
    SignInDenied(InteractionId),
    /// The provider did not recognise the citizen.
    #[error("sign-in failed: {1}")]
    SignInFailed(InteractionId, IdentityError),
    /// The provider cannot be reached before any sign-in began.
    #[error("the identity provider is away: {0}")]
    ProviderAway(IdentityError),
    /// The citizen gave up at the provider that was to be linked; back to this interaction, where it was a step of one.
    #[error("the citizen did not link the provider")]
    LinkDenied(Option<InteractionId>),
    /// The provider that was to be linked did not confirm it, or cannot be reached.
    #[error("linking failed: {1}")]
    LinkFailed(Option<InteractionId>, IdentityError),
    /// The choice is not one that the request allows.
    #[error("{0}")]
    Choice(ChoiceError),
    /// The pushed request, or the client, is not acceptable.
    #[error("{0}")]
    Request(Refusal),
    /// Something broke.
    #[error(transparent)]
    Broken(#[from] Fault),
}

impl From<Failure> for InteractionError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => Self::Request(refusal),
            Failure::Broken(fault) => Self::Broken(fault),
        }
    }
}

/// An interaction as found, its browser already compared.
struct Found {
    id: InteractionId,
    step: u32,
    record: Record,
    ends_at: crate::domain::Timestamp,
}

impl Interactions {
    /// The use cases, on these parts.
    #[must_use]
    pub fn new(parts: InteractionParts) -> Self {
        Self(parts)
    }

    /// The interaction `id`, if this browser began it.
    async fn find(&self, id: &InteractionId, browser: Option<&BrowserSecret>) -> Result<Found, InteractionError> {
        let held = self.0.store.find_interaction(id, self.0.clock.now()).await?.ok_or(InteractionError::Over)?;
        let record = Record::read(&held.body)?;
        match browser {
            Some(browser) if browser.digest() == record.browser => {
                Ok(Found { id: held.id, step: held.step, record, ends_at: held.expires_at })
            }
            _ => Err(InteractionError::WrongBrowser),
        }
    }

    /// The client, while it may act.
    async fn active_client(&self, id: &ClientId) -> Result<Client, InteractionError> {
        let client = self.0.store.find_client(id).await?;
        client.filter(|c| c.status.may_act_in(self.0.environment)).ok_or_else(|| {
            InteractionError::Request(Refusal::new("unauthorized_client", "the third party may not act at present"))
        })
    }

    /// What binds the sign-in of `found` to its browser; the same for the same browser and interaction.
    fn ceremony(id: &InteractionId, record: &Record, browser: &BrowserSecret, least: Acr) -> Ceremony {
        let bound = |what: &str| browser.derive(what, id.as_str());
        Ceremony {
            // The provider takes 1 to 255 printable ASCII characters.
            state: format!("{id}.{}", bound("state")),
            nonce: Secret::new(bound("nonce")),
            verifier: Secret::new(bound("pkce")),
            least,
            max_age: record.max_age(),
            oldest: None,
            with_certificate: record.needs_certificate(),
            lang: record.lang,
        }
    }

    /// By which registrations people may decide for others now.
    fn deciding(&self) -> Deciding<'_> {
        Deciding { store: &*self.0.store, coverage: &*self.0.coverage, now: self.0.clock.now() }
    }

    /// The least assurance that will do for an errand.
    fn least(&self, errand: &Errand) -> Acr {
        match errand {
            // Nobody but the person may see who read what about them.
            Errand::Dashboard | Errand::Device | Errand::HandOver { .. } | Errand::Linking { .. } => Acr::Aal3,
            Errand::Authorization { request, .. } => {
                // A card is registered by whoever holds it and knows its PIN.
                let is_about_card = request.scope.has(Scope::HealthInsurance);
                let asked = request.acr.unwrap_or(Acr::Aal2).max(if is_about_card { Acr::Aal3 } else { Acr::Aal2 });
                let sets = request.ask.iter().flat_map(|ask| &ask.data_sets);
                let needed = sets.filter_map(|asked| self.0.catalog.data_set(asked.code)).map(|set| set.min_acr);
                needed.fold(asked, Acr::max)
            }
        }
    }

    /// The token that every form of this interaction carries.
    fn form_token(id: &InteractionId, browser: &BrowserSecret) -> String {
        browser.derive("form", id.as_str())
    }
}

/// The language to speak with a citizen: their own choice, else the client's wish.
fn lang_of(chosen: Option<Lang>, request: &AuthorizationRequest) -> Lang {
    chosen.or(request.lang).unwrap_or_default()
}

/// Who was recognised, as the dashboard needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    /// The person.
    pub subject: SubjectId,
    /// How and when they were recognised.
    pub authentication: crate::domain::grant::Authentication,
}
