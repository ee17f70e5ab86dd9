//! The way back from the identity provider.

use super::record::{Errand, Progress, Record};
use super::{Found, INTERACTION_LIFETIME, InteractionError, Interactions, Visitor};
use crate::adapters::identity::{IdentityError, IdentityErrorKind, Recognition};
use crate::domain::BrowserSecret;
use crate::domain::grant::Authentication;
use crate::domain::ids::{InteractionId, SubjectId};

/// What the provider sent with the browser (OpenID Connect Core §3.1.2.5 and §3.1.2.6).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Callback {
    /// `state`.
    pub state: String,
    /// `code`, on success.
    pub code: Option<String>,
    /// `error`, otherwise.
    pub error: Option<String>,
    /// `iss` (RFC 9207), where the provider sends it.
    pub iss: Option<String>,
}

/// Where a finished sign-in leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignedIn {
    /// To the consent page of this interaction.
    Consent(InteractionId),
    /// To the dashboard, as this person.
    Dashboard(Visitor),
    /// To where a shared terminal's code is typed, as this person.
    Device(Visitor),
}

impl Interactions {
    /// Finishes a sign-in. A second load of the same address leads to the same place and does nothing else.
    ///
    /// # Errors
    /// [`InteractionError::WrongBrowser`] when another browser began; [`InteractionError::Over`] when it is too late;
    /// [`InteractionError::SignInDenied`] and [`InteractionError::SignInFailed`] from where the citizen may try again.
    pub async fn finish_sign_in(
        &self,
        callback: &Callback,
        browser: Option<&BrowserSecret>,
    ) -> Result<SignedIn, InteractionError> {
        let (id, bound) = callback.state.split_once('.').ok_or(InteractionError::Over)?;
        let id = InteractionId::parse(id).map_err(|_| InteractionError::Over)?;
        let found = self.find(&id, browser).await?;
        let browser = browser.ok_or(InteractionError::WrongBrowser)?;
        let mut ceremony = Self::ceremony(&found.id, &found.record, browser, self.least(&found.record.errand));
        let began_at = found.ends_at.minus(INTERACTION_LIFETIME);
        ceremony.oldest = ceremony.max_age.map(|age| began_at.minus(age));
        if !browser.is_derived("state", found.id.as_str(), bound) {
            return Err(InteractionError::WrongBrowser);
        }
        if matches!(found.record.errand, Errand::HandOver { .. } | Errand::Linking { .. }) {
            return Err(InteractionError::Over);
        }
        if matches!(found.record.progress, Progress::Deciding { .. }) {
            return Ok(SignedIn::Consent(found.id));
        }
        if callback.iss.as_deref().is_some_and(|iss| iss != self.0.identity.issuer()) {
            let mixed_up = IdentityError::new(IdentityErrorKind::Malformed, "iss names another provider (RFC 9207)");
            return Err(InteractionError::SignInFailed(found.id, mixed_up));
        }
        let code = match (&callback.code, callback.error.as_deref()) {
            (Some(code), None) => code,
            (None, Some("access_denied")) => return Err(InteractionError::SignInDenied(found.id)),
            _ => {
                let odd = IdentityError::new(IdentityErrorKind::Malformed, "neither a code nor a known error");
                return Err(InteractionError::SignInFailed(found.id, odd));
            }
        };
        match self.0.identity.finish(code, &ceremony).await {
            Ok(recognition) => self.recognised(found, recognition, browser).await,
            Err(error) => match self.find(&found.id, Some(browser)).await {
                // The same address was loaded twice at once, and the other load spent the code.
                Ok(Found { record: Record { progress: Progress::Deciding { .. }, .. }, id, .. }) => {
                    Ok(SignedIn::Consent(id))
                }
                Ok(found) => Err(InteractionError::SignInFailed(found.id, error)),
                Err(over) => Err(over),
            },
        }
    }

    async fn recognised(
        &self,
        found: Found,
        recognition: Recognition,
        browser: &BrowserSecret,
    ) -> Result<SignedIn, InteractionError> {
        let new_id = SubjectId::generate(self.0.entropy.as_ref());
        let subject = self.0.store.find_or_insert_subject(&recognition.account, &new_id).await?.id;
        let authentication = Authentication {
            acr: recognition.acr,
            at: recognition.at,
            // Nothing but this needs to know which card it was, and so nothing else keeps it.
            certificate: recognition.certificate.filter(|_| found.record.needs_certificate()),
        };
        let own: Option<fn(Visitor) -> SignedIn> = match found.record.errand {
            Errand::Dashboard => Some(SignedIn::Dashboard),
            Errand::Device => Some(SignedIn::Device),
            Errand::Authorization { .. } | Errand::HandOver { .. } | Errand::Linking { .. } => None,
        };
        if let Some(door) = own {
            let is_first = self.0.store.take_interaction(&found.id, found.step, self.0.clock.now()).await?;
            let visitor = Visitor { subject, authentication };
            return if is_first { Ok(door(visitor)) } else { Err(InteractionError::Over) };
        }
        let progress = Progress::Deciding { subject, authentication };
        let body = Record { progress, ..found.record }.write()?;
        if !self.0.store.advance_interaction(&found.id, found.step, &body).await? {
            // Another load of the same address was first; what it wrote stands.
            self.find(&found.id, Some(browser)).await?;
        }
        Ok(SignedIn::Consent(found.id))
    }
}
