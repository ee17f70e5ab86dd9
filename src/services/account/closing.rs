//! Erasing an account whole, at the citizen's wish, once nothing stands any more that others rely on.

use super::{Account, CitizenSession, ListedGrant};
use crate::domain::Fault;
use crate::domain::representation::RepresentationStatus;
use crate::store::Before;

/// Consents that are looked at in one read.
const PAGE: u32 = 100;

/// What stands in the way of erasing an account.
#[derive(Clone, Debug)]
pub struct Closing {
    /// Consents that are in force or held still, newest first.
    pub standing: Vec<ListedGrant>,
    /// How many consents ended too short a while ago.
    pub later: u64,
    /// For how many days after its end what was kept under a consent stays.
    pub after_days: u32,
    /// How many representations stand in which the person has a part.
    pub representations: u64,
    /// The operator must let the account go first.
    pub is_held: bool,
}

impl Closing {
    /// Whether nothing stands in the way.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.standing.is_empty() && self.later == 0 && self.representations == 0 && !self.is_held
    }
}

impl Account {
    /// What stands in the way of erasing the account.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn closing(&self, session: &CitizenSession) -> Result<Closing, Fault> {
        let (mut standing, mut before) = (Vec::new(), Before { entry: None, limit: PAGE });
        loop {
            let page = self.grants(session, &before).await?;
            let Some(last) = page.last() else { break };
            before.entry = Some((last.grant.created_at, last.grant.id.clone()));
            standing.extend(page.into_iter().filter(|listed| listed.is_standing));
        }
        let erasable = self.erasable(session).await?;
        let both = self.representations(session).await?;
        let stands = both
            .representatives
            .iter()
            .chain(&both.represented)
            .filter(|one| !matches!(one.status, RepresentationStatus::Ended { .. }) && one.expires_at > both.now);
        Ok(Closing {
            standing,
            later: erasable.later,
            after_days: erasable.after_days,
            representations: stands.count() as u64,
            // A person under protection measures who signed in anew would be without them.
            is_held: self.store.is_protected(session.subject()).await?,
        })
    }

    /// Erases the account with everything that is left of the person. False, and no more than ended consents is erased,
    /// while something stands in the way.
    ///
    /// # Errors
    /// [`Fault`] when the store is away; what is left is erased when it is asked for again.
    pub async fn close(&self, session: &CitizenSession) -> Result<bool, Fault> {
        if !self.closing(session).await?.is_open() {
            return Ok(false);
        }
        self.erase(session).await?;
        let is_erased = self.store.erase_account(session.subject(), self.clock.now()).await?;
        if is_erased {
            self.forget_erased().await;
        }
        Ok(is_erased)
    }
}
