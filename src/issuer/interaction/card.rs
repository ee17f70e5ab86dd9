//! A card that was suspended: whoever lost it may not be the one who acts.

use super::Interactions;
use crate::adapters::identity::EventError;
use crate::domain::{Digest, Fault};
use crate::hot::tell_grant;

/// Why an event of the provider is not taken.
#[derive(Debug, thiserror::Error)]
pub enum CardError {
    /// It is not the provider's word to us.
    #[error(transparent)]
    Event(#[from] EventError),
    /// Something broke: the provider must tell again.
    #[error(transparent)]
    Broken(#[from] Fault),
}

impl Interactions {
    /// Takes an event of the provider: when a card was suspended, every representation in which its holder has a part is
    /// held still, and what was decided by it; sign-in fails at the provider anyway. The person who is represented lets
    /// it go on, once they can sign in again. An event that came before changes nothing.
    ///
    /// # Errors
    /// [`CardError`]; what is not the provider's word changes nothing.
    pub async fn card_event(&self, token: &str) -> Result<(), CardError> {
        let event = self.0.identity.event(token).await?;
        if !event.is_suspended {
            return Ok(());
        }
        let Some(person) = self.0.store.find_subject_of(&event.account).await? else { return Ok(()) };
        let digest = Digest::of(&format!("event\n{}\n{}", event.account.issuer, event.id));
        let (once, now) = ((digest, event.kept_until), self.0.clock.now());
        for grant in self.0.store.freeze_for_card(&person.id, once, now).await?.unwrap_or_default() {
            tell_grant(&*self.0.hot, &grant).await;
        }
        Ok(())
    }
}
