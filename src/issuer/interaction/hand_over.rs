//! Handing a citizen who is signed in over to a site (認証連携): they are not asked to sign in a second time.
//!
//! A hint that means nothing to anybody is minted for one session, one client and a minute, and kept as an interaction of its
//! own. The site passes it on in its pushed request (`login_hint`, OpenID Connect Core §4). Where it comes back in the very browser
//! whose session it was minted from, it is taken by one conditional write, and that sign-in stands as it was: its moment, and
//! how sure it was. Whatever does not fit, a hint that is used, over, another client's or another browser's, leads to an ordinary
//! sign-in, as if there were none.

use super::record::{Errand, Progress, Record};
use super::{Decided, Found, InteractionError, Interactions, Next};
use crate::domain::consent::Choice;
use crate::domain::grant::{Authentication, RevokedBy};
use crate::domain::ids::{ClientId, GrantId, InteractionId, LinkId, SubjectId};
use crate::domain::linkage::{Link, LinkCredential, ServiceCode};
use crate::domain::scope::{Scope, ScopeSet};
use crate::domain::{BrowserSecret, Fault, Lang};
use crate::protocol::authorization_request::{AuthorizationRequest, GrantManagement};
use crate::store::HeldInteraction;
use std::time::Duration;
use url::Url;

/// How long a hint counts: a browser goes there and comes back.
pub const HINT_LIFE: Duration = Duration::from_mins(1);

/// Whose session it is, as the dashboard knows it.
#[derive(Clone, Copy, Debug)]
pub struct SignedInSession<'a> {
    /// The person.
    pub subject: &'a SubjectId,
    /// How and when they were recognised.
    pub authentication: Authentication,
    /// The browser's secret.
    pub secret: &'a BrowserSecret,
}

/// What a hint stood for.
struct Arrival {
    subject: SubjectId,
    authentication: Authentication,
    service: ServiceCode,
}

impl Interactions {
    /// Hands whoever is signed in over to a site: gives the address at which it begins its own sign-in (OpenID Connect Core
    /// §4), with a hint that counts once. None where there is no such site, or it leads to no such place.
    ///
    /// # Errors
    /// [`Fault`] when the store is away: then nobody is handed over.
    pub async fn hand_over(
        &self,
        session: SignedInSession<'_>,
        (code, target): (&str, Option<&str>),
        lang: Lang,
    ) -> Result<Option<Url>, Fault> {
        let Some(site) = self.0.linked.sign_on().iter().find(|site| site.code.as_str() == code) else {
            return Ok(None);
        };
        let wanted = |one: &&Url| target.is_none_or(|target| one.as_str() == target);
        let Some(target) = site.targets.iter().find(wanted) else { return Ok(None) };
        let (hint, now) = (InteractionId::generate(self.0.entropy.as_ref()), self.0.clock.now());
        let errand = Errand::HandOver {
            subject: session.subject.clone(),
            authentication: session.authentication,
            client: site.client.clone(),
            service: site.code.clone(),
        };
        let browser = session.secret.digest();
        let record = Record { browser, errand, progress: Progress::SigningIn, lang, handed_over: None };
        let held =
            HeldInteraction { id: hint.clone(), step: 0, body: record.write()?, expires_at: now.plus(HINT_LIFE) };
        self.0.store.insert_interaction(&held).await?;
        self.0.store.insert_hand_over(session.subject, &site.code, now).await?;
        let mut url = site.initiate_login_uri.clone();
        url.query_pairs_mut()
            .append_pair("iss", &self.0.issuer)
            .append_pair("login_hint", hint.as_str())
            .append_pair("target_link_uri", target.as_str());
        Ok(Some(url))
    }

    /// Where an authorization goes on whose citizen was handed over from this browser's session; none where they were not, and
    /// sign in as anybody does.
    pub(super) async fn enter(
        &self,
        id: &InteractionId,
        browser: &BrowserSecret,
        session: Option<&BrowserSecret>,
    ) -> Result<Option<Next>, InteractionError> {
        let Some(session) = session else { return Ok(None) };
        let found = self.find(id, Some(browser)).await?;
        let Errand::Authorization { request, .. } = &found.record.errand else { return Ok(None) };
        let Some(hint) = &request.hand_over else { return Ok(None) };
        let Some(arrival) = self.take_hint(hint, &request.client_id, session).await? else { return Ok(None) };
        if !self.will_do(&found.record, arrival.authentication) {
            return Ok(None);
        }
        let Arrival { subject, authentication, service } = arrival;
        let is_asked = !is_known_by_number_only(request) || !self.is_linked(&subject, &service).await?;
        let progress = Progress::Deciding { subject: subject.clone(), authentication };
        let body = Record { progress, handed_over: Some(service.clone()), ..found.record }.write()?;
        // Another load of the same address may have been first; what it wrote stands.
        let is_first = self.0.store.advance_interaction(&found.id, found.step, &body).await?;
        if is_asked || !is_first {
            return Ok(Some(Next::Consent(found.id)));
        }
        // What they agreed to once is not asked again, for as long as the link stands.
        let entered = self.find(&found.id, Some(browser)).await?;
        let decided = self.agree(&entered, &Choice::default()).await?;
        if !self.is_linked(&subject, &service).await? {
            self.take_back(decided.grant.as_ref()).await?;
            return Err(InteractionError::Over);
        }
        Ok(Some(Next::Back(decided.location)))
    }

    /// After an answer: the site to which somebody was handed over, and who agreed to it, is linked from now on.
    pub(super) async fn link_site(&self, found: &Found, decided: &Decided) -> Result<(), InteractionError> {
        let (Some(service), Some(_)) = (&found.record.handed_over, &decided.grant) else { return Ok(()) };
        let Progress::Deciding { subject, .. } = &found.record.progress else { return Ok(()) };
        let link = Link {
            id: LinkId::generate(self.0.entropy.as_ref()),
            subject: subject.clone(),
            service: service.clone(),
            // A site tells nothing of its own, and gives nothing that opens anything.
            account: String::new(),
            credential: LinkCredential::new(String::new()),
            linked_at: self.0.clock.now(),
        };
        self.0.store.insert_link(&link).await?;
        Ok(())
    }

    /// What a hint stands for, for this client and the browser with this session; one caller gets it.
    async fn take_hint(
        &self,
        hint: &InteractionId,
        client: &ClientId,
        session: &BrowserSecret,
    ) -> Result<Option<Arrival>, InteractionError> {
        let found = match self.find(hint, Some(session)).await {
            Ok(found) => found,
            Err(InteractionError::Broken(fault)) => return Err(fault.into()),
            Err(_) => return Ok(None),
        };
        let Errand::HandOver { subject, authentication, client: meant, service } = found.record.errand else {
            return Ok(None);
        };
        let now = self.0.clock.now();
        if meant != *client || !self.0.store.take_interaction(&found.id, found.step, now).await? {
            return Ok(None);
        }
        // Whoever signed out meanwhile is handed over nowhere.
        let is_signed_in = self.0.store.find_session(session.digest(), now).await?.is_some();
        Ok(is_signed_in.then_some(Arrival { subject, authentication, service }))
    }

    /// Whether the sign-in of a session is as sure and as young as a request wants one (`acr_values`, `max_age`, `prompt`).
    fn will_do(&self, record: &Record, by: Authentication) -> bool {
        let is_young = record.max_age().is_none_or(|age| self.0.clock.now() <= by.at.plus(age) && !age.is_zero());
        is_young && by.acr >= self.least(&record.errand) && !record.needs_certificate()
    }

    async fn is_linked(&self, subject: &SubjectId, service: &ServiceCode) -> Result<bool, Fault> {
        Ok(self.0.store.list_links(subject).await?.iter().any(|held| held.link.service == *service))
    }

    /// Ends what was given while its link was being ended.
    async fn take_back(&self, grant: Option<&GrantId>) -> Result<(), Fault> {
        if let Some(grant) = grant {
            self.0.store.revoke_grant(grant, self.0.clock.now(), RevokedBy::Citizen).await?;
        }
        Ok(())
    }
}

/// Whether a request asks for nothing but who somebody is there: the number that they have at this site only.
fn is_known_by_number_only(request: &AuthorizationRequest) -> bool {
    request.scope == ScopeSet::of(&[Scope::Openid])
        && request.ask.is_none()
        && request.resources.is_empty()
        && request.grant_management == GrantManagement::Create
}
