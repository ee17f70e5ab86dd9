//! The decision: what the page shows, and what the citizen's answer becomes.

use super::linking::LinkingView;
use super::record::{Errand, Progress};
use super::{Found, InteractionError, Interactions};
use crate::domain::amendment::Amendment;
use crate::domain::client::{Client, Purpose};
use crate::domain::consent::{Choice, ChoiceError, Consent};
use crate::domain::grant::{Grant, GrantStatus, access_days};
use crate::domain::ids::{GrantId, InteractionId, SignInId, SubjectId};
use crate::domain::profile::Logout;
use crate::domain::representation::Representation;
use crate::domain::scope::Scope;
use crate::domain::{BrowserSecret, Digest, Fault, Refusal, Timestamp};
use crate::protocol::authorization_request::{AuthorizationRequest, GrantManagement};
use crate::protocol::authorization_response;
use crate::protocol::code::INVALID_GRANT_ID;
use crate::store::{Amended, CODE_LIFE, Decision, ForWhom, HeldCode, SignIn};
use std::time::Duration;

/// How long "once" lasts.
const ONCE: Duration = Duration::from_hours(24);

/// What the consent page shows.
#[derive(Clone, Debug)]
pub struct ConsentView {
    /// The interaction.
    pub id: InteractionId,
    /// The third party.
    pub client: Client,
    /// What it asks.
    pub request: AuthorizationRequest,
    /// The token that the form must carry.
    pub form_token: String,
    /// Until when the citizen may decide.
    pub ends_at: Timestamp,
    /// Whether the citizen has signed in; until then they can only refuse.
    pub is_signed_in: bool,
    /// The grant that the request would change, once it is known to be this citizen's own.
    pub existing: Option<Grant>,
    /// By which registrations the citizen may decide this for another; none where it is asked of themselves only.
    pub represented: Vec<Representation>,
    /// What agreeing for themselves leads over first, where documents are asked for that nobody delivers yet.
    pub linking: Option<LinkingView>,
}

impl ConsentView {
    /// The registered purpose that the request names, if it asks for self-information.
    #[must_use]
    pub fn purpose(&self) -> Option<&Purpose> {
        self.request.ask.as_ref().and_then(|ask| self.client.purpose(&ask.purpose))
    }
}

/// The citizen's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing is allowed.
    Refuse,
    /// This is allowed.
    Agree(Choice),
}

/// Where the answer leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The address of the third party, with `code` or `error`, `state` and `iss`.
    pub location: String,
    /// The grant, when one was made.
    pub grant: Option<GrantId>,
}

impl Interactions {
    /// What there is to decide.
    ///
    /// # Errors
    /// [`InteractionError::Over`] and [`InteractionError::WrongBrowser`] as everywhere.
    pub async fn view(
        &self,
        id: &InteractionId,
        browser: Option<&BrowserSecret>,
    ) -> Result<ConsentView, InteractionError> {
        let found = self.find(id, browser).await?;
        let browser = browser.ok_or(InteractionError::WrongBrowser)?;
        let Errand::Authorization { request, .. } = found.record.errand else { return Err(InteractionError::Over) };
        let client = self.active_client(&request.client_id).await?;
        let existing = self.existing(&request, &found.record.progress).await?;
        let linking = self.linking(&request, &found.record.progress).await?;
        let represented = match &found.record.progress {
            Progress::Deciding { subject, .. } => self.deciding().list(subject, request.ask.as_ref()).await?,
            Progress::SigningIn => Vec::new(),
        };
        Ok(ConsentView {
            form_token: Self::form_token(&found.id, browser),
            id: found.id,
            client,
            request: *request,
            ends_at: found.ends_at,
            is_signed_in: matches!(found.record.progress, Progress::Deciding { .. }),
            existing,
            represented,
            linking,
        })
    }

    /// Decides, once: of any number of answers to one request, one counts.
    ///
    /// # Errors
    /// [`InteractionError::NotOurForm`] when the form's token is not this browser's;
    /// [`InteractionError::Choice`] when the request does not allow the choice (the citizen may choose again);
    /// [`InteractionError::Over`] when another answer was first.
    pub async fn decide(
        &self,
        id: &InteractionId,
        browser: Option<&BrowserSecret>,
        form_token: &str,
        answer: &Answer,
    ) -> Result<Decided, InteractionError> {
        let found = self.find(id, browser).await?;
        let browser = browser.ok_or(InteractionError::WrongBrowser)?;
        if !browser.is_derived("form", found.id.as_str(), form_token) {
            return Err(InteractionError::NotOurForm);
        }
        match answer {
            Answer::Refuse => self.refuse(&found).await,
            Answer::Agree(choice) => {
                let decided = self.agree(&found, choice).await?;
                self.link_site(&found, &decided).await?;
                Ok(decided)
            }
        }
    }

    async fn refuse(&self, found: &Found) -> Result<Decided, InteractionError> {
        let (request_uri, request) = authorization(found)?;
        let error = [("error", "access_denied"), ("error_description", "the person did not agree")];
        let location = self.way_back(request, &error).await?;
        self.take(found, request_uri, None, None).await?;
        Ok(Decided { location, grant: None })
    }

    pub(super) async fn agree(&self, found: &Found, choice: &Choice) -> Result<Decided, InteractionError> {
        let (request_uri, request) = authorization(found)?;
        let Progress::Deciding { subject, authentication } = &found.record.progress else {
            return Err(InteractionError::NotSignedIn);
        };
        let client = self.active_client(&request.client_id).await?;
        let acting = match self.deciding().chosen(subject, request.ask.as_ref(), choice).await? {
            ForWhom::Themselves => None,
            ForWhom::Another(one) => Some(*one),
            ForWhom::NotTheirs => return Err(InteractionError::Choice(ChoiceError::OnBehalf)),
        };
        let consent = consent(&client, request, choice)?;
        let now = self.0.clock.now();
        let days = access_days(request.scope, consent.as_ref());
        let ends_at = now.plus(if days == 0 { ONCE } else { ONCE.saturating_mul(days) });
        let grant = Grant {
            id: match request.grant_management.grant() {
                Some(changed) => changed.clone(),
                None => GrantId::generate(self.0.entropy.as_ref()),
            },
            client: client.id,
            subject: Some(acting.as_ref().map_or(subject, |one| &one.principal).clone()),
            scope: if acting.is_some() { request.scope.about_another() } else { request.scope },
            consent,
            resources: request.resources.clone(),
            authentication: Some(*authentication),
            created_at: now,
            updated_at: None,
            expires_at: acting.as_ref().map_or(ends_at, |one| ends_at.min(one.expires_at)),
            acting: acting.as_ref().map(Representation::acting),
            status: GrantStatus::Active,
        };
        let code = self.0.entropy.handle();
        let held = HeldCode {
            digest: Digest::of(&code),
            grant: grant.id.clone(),
            body: serde_json::to_string(request).map_err(|e| Fault::Internal(format!("a request: {e}")))?,
            expires_at: now.plus(CODE_LIFE),
        };
        // Written before anything is used up: what cannot be signed must not cost the citizen their decision.
        let location = self.way_back(request, &[("code", &code)]).await?;
        let granted = Some((&grant, &held));
        let sign_in = self.sign_in(found, &client.profile.logout, (&grant, held.digest));
        let Some(how) = amendment(request) else {
            self.take(found, request_uri, granted, sign_in.as_ref()).await?;
            return Ok(Decided { location, grant: Some(grant.id) });
        };
        let (interaction, step, sign_in) = (&found.id, found.step, sign_in.as_ref());
        let decision = Decision { interaction, step, request_uri, granted, sign_in };
        match self.0.store.take_amendment(&decision, how, now).await? {
            Amended::Done => Ok(Decided { location, grant: Some(grant.id) }),
            Amended::Over => Err(InteractionError::Over),
            Amended::Gone => {
                // Grant Management §5.3: it ended meanwhile, or somebody else signed in.
                let error = [("error", INVALID_GRANT_ID), ("error_description", "there is no such grant to change")];
                let location = self.way_back(request, &error).await?;
                self.take(found, request_uri, None, None).await?;
                Ok(Decided { location, grant: None })
            }
        }
    }

    /// What the client will be told of this sign-in, where it is one that is told of ends. Chance makes the id: it
    /// follows from nothing that another client could have.
    fn sign_in(&self, found: &Found, logout: &Logout, (grant, code): (&Grant, Digest)) -> Option<SignIn> {
        let subject = grant.subject.clone().filter(|_| logout.is_told() && grant.scope.has(Scope::Openid))?;
        Some(SignIn {
            id: SignInId::generate(self.0.entropy.as_ref()),
            client: grant.client.clone(),
            subject,
            grant: grant.id.clone(),
            browser: Some(found.record.browser),
            code: Some(code),
            created_at: self.0.clock.now(),
            expires_at: grant.expires_at,
        })
    }

    /// The grant to be changed, if the citizen who signed in gave it: nobody else may see what is in it.
    async fn existing(
        &self,
        request: &AuthorizationRequest,
        progress: &Progress,
    ) -> Result<Option<Grant>, InteractionError> {
        let (Some(id), Progress::Deciding { subject, .. }) = (request.grant_management.grant(), progress) else {
            return Ok(None);
        };
        let now = self.0.clock.now();
        let grant = self.0.store.find_grant(id).await?;
        let is_own = |grant: &Grant| is_given_by(grant, subject) && grant.client == request.client_id;
        Ok(grant.filter(|grant| is_own(grant) && grant.is_in_force(now)))
    }

    async fn take(
        &self,
        found: &Found,
        request_uri: Digest,
        granted: Option<(&Grant, &HeldCode)>,
        sign_in: Option<&SignIn>,
    ) -> Result<(), InteractionError> {
        let decision = Decision { interaction: &found.id, step: found.step, request_uri, granted, sign_in };
        let is_ours = self.0.store.take_decision(&decision, self.0.clock.now()).await?;
        if is_ours { Ok(()) } else { Err(InteractionError::Over) }
    }

    /// The client's address with what it must be told, in the form that the request asked for.
    async fn way_back(
        &self,
        request: &AuthorizationRequest,
        answer: &authorization_response::Answer<'_>,
    ) -> Result<String, InteractionError> {
        if !authorization_response::is_signed(request) {
            return Ok(authorization_response::plain(answer, request, &self.0.issuer));
        }
        let response = self.0.responses.sign_response(request, answer).await?;
        Ok(authorization_response::signed(&response, request))
    }
}

/// Whether `person` gave the grant: for themselves, or as a representative.
fn is_given_by(grant: &Grant, person: &SubjectId) -> bool {
    match &grant.acting {
        None => grant.subject.as_ref() == Some(person),
        Some(acting) => acting.representative == *person,
    }
}

/// What the choice comes to, if self-information was asked for.
pub(super) fn consent(
    client: &Client,
    request: &AuthorizationRequest,
    choice: &Choice,
) -> Result<Option<Consent>, InteractionError> {
    let Some(ask) = &request.ask else { return Ok(None) };
    let purpose = client.purpose(&ask.purpose).ok_or_else(|| {
        let changed = "the third party's registered purpose changed since it asked";
        InteractionError::Request(Refusal::new("invalid_authorization_details", changed))
    })?;
    Consent::decide(ask, purpose, choice).map(Some).map_err(InteractionError::Choice)
}

fn amendment(request: &AuthorizationRequest) -> Option<Amendment> {
    match request.grant_management {
        GrantManagement::Create => None,
        GrantManagement::Merge { .. } => Some(Amendment::Merge),
        GrantManagement::Replace { .. } => Some(Amendment::Replace),
    }
}

pub(super) fn authorization(found: &Found) -> Result<(Digest, &AuthorizationRequest), InteractionError> {
    match &found.record.errand {
        Errand::Authorization { request_uri, request } => Ok((*request_uri, request)),
        Errand::Dashboard | Errand::Device | Errand::HandOver { .. } | Errand::Linking { .. } => {
            Err(InteractionError::Over)
        }
    }
}
