//! Deciding again: a consent of the person's own goes on as it is, from a newer word.

use super::{Account, CitizenSession, ListedGrant};
use crate::domain::{Fault, Timestamp};
use crate::hot::tell_grant;
use crate::store::Renewal;

impl Account {
    /// Until when the consent would last if the person decided the same again now; none where that cannot be: it is not in
    /// force or not their own, lasts for one retrieval, the third party is registered for more by now, or they were
    /// recognised less surely than then.
    #[must_use]
    pub fn renewable_until(&self, session: &CitizenSession, listed: &ListedGrant) -> Option<Timestamp> {
        let (grant, client) = (&listed.grant, listed.client.as_ref()?);
        let consent = grant.consent.as_ref()?;
        if consent.outgrown_by(client.purpose(&consent.purpose)).is_some() {
            return None;
        }
        let newer = grant.renewed(grant.agreed_at(), self.clock.now(), session.authentication());
        newer.map(|newer| newer.expires_at)
    }

    /// Renews the consent as the person saw it. False when it cannot be renewed, or is another by now.
    ///
    /// # Errors
    /// [`Fault`] when the store is away; then nothing was renewed.
    pub async fn renew(&self, session: &CitizenSession, listed: &ListedGrant, seen: Timestamp) -> Result<bool, Fault> {
        if self.renewable_until(session, listed).is_none() {
            return Ok(false);
        }
        let id = &listed.grant.id;
        let renewal = Renewal { seen, at: self.clock.now(), by: session.authentication() };
        let is_renewed = self.store.renew_grant(id, &renewal).await?;
        tell_grant(&*self.hot, id).await;
        Ok(is_renewed)
    }
}
