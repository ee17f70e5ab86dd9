//! The citizen's own account at the counter: who may read what about me, who did, and how I end it.
//!
//! What for: consent that cannot be looked at and withdrawn is no consent. The dashboard shows every grant, every
//! access and every refusal, and ends one grant or all of them.
//!
//! How it flows:
//! 1. After a sign-in at the provider, [`Account::open_session`] keeps a session under the digest of a cookie.
//! 2. [`Account::session`] turns the cookie back into the person, for half an hour at most.
//! 3. [`Account::grants`] and [`Account::accesses`] list, newest first, a page at a time.
//! 4. [`Account::revoke`] and [`Account::revoke_all`] write durably first, then tell every node; so do
//!    [`Account::pause`] and [`Account::resume`], which end nothing.
//! 5. [`Account::presence`] says what a browser is signed in to, and [`Account::sign_out`] ends all of it.
//! 6. [`Account::representations`] lists who acts for the person and for whom they act;
//!    [`Account::end_representation`] ends one, from either side, without the other.
//! 7. [`Account::invite`] makes somebody a representative by a code, which [`Account::accept`] takes once.
//! 8. [`Account::erasable`] says what of the person's ended consents can be erased, and [`Account::erase`] does it;
//!    [`Account::closing`] says what stands in the way of erasing all of the account, and [`Account::close`] erases it.
//!
//! How to add one more: another thing of the citizen's own is another method that demands a [`CitizenSession`].
//!
//! What it must never do: take a person's id from anything but a session; tell whether another person's grant exists;
//! treat a lost word to the other nodes as a failed revocation.

mod closing;
mod erasure;
mod invitations;
mod presence;
mod renewal;
mod representations;
mod session;

pub use closing::Closing;
pub use erasure::Erasable;
pub use presence::Presence;
pub use representations::{DoneBy, Representations};
pub use session::{CitizenSession, OpenedSession, SESSION_LIFETIME};

use crate::domain::access::Access;
use crate::domain::client::Client;
use crate::domain::grant::{Grant, RevokedBy};
use crate::domain::ids::{AccessId, ClientId, GrantId};
use crate::domain::representation::RepresentationKind;
use crate::domain::{Clock, Entropy, Fault};
use crate::hot::{Hot, tell_grant};
use crate::store::{Before, Store};
use chrono::NaiveDate;
use std::collections::HashMap;
use std::sync::Arc;

/// For how many days after its end what was kept under a consent stays, as the rules in force say.
pub type KeptDays = Arc<dyn Fn() -> u32 + Send + Sync>;

/// Whether the rules in force let somebody be invited on this ground, from the first day to the second.
pub type Invitable = Arc<dyn Fn(RepresentationKind, (NaiveDate, NaiveDate)) -> Result<(), String> + Send + Sync>;

/// The use cases of a citizen's account.
pub struct Account {
    store: Arc<dyn Store>,
    hot: Arc<dyn Hot>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    kept_days: Option<KeptDays>,
    invitable: Option<Invitable>,
}

/// A grant with the third party behind it.
#[derive(Clone, Debug)]
pub struct ListedGrant {
    /// The grant.
    pub grant: Grant,
    /// The third party, while it is registered.
    pub client: Option<Arc<Client>>,
    /// Whether the grant is in force.
    pub is_in_force: bool,
    /// Whether it is in force or only paused.
    pub is_standing: bool,
}

/// A line of the access history with the third party behind it.
#[derive(Clone, Debug)]
pub struct ListedAccess {
    /// The line.
    pub access: Access,
    /// The third party, while it is registered.
    pub client: Option<Arc<Client>>,
}

impl Account {
    /// The use cases, on these parts.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, hot: Arc<dyn Hot>, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self { store, hot, clock, entropy, kept_days: None, invitable: None }
    }

    /// The same, and what stays after a consent's end stays as long as the operator's rules say.
    #[must_use]
    pub fn keeping(mut self, days: KeptDays) -> Self {
        self.kept_days = Some(days);
        self
    }

    /// The same, and representatives may be invited as these rules say; nobody without.
    #[must_use]
    pub fn inviting(mut self, rules: Invitable) -> Self {
        self.invitable = Some(rules);
        self
    }

    /// The person's grants, newest first.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn grants(&self, session: &CitizenSession, before: &Before<GrantId>) -> Result<Vec<ListedGrant>, Fault> {
        let grants = self.store.list_grants(session.subject(), before).await?;
        let clients = self.clients(grants.iter().map(|grant| &grant.client)).await?;
        let now = self.clock.now();
        let listed = grants.into_iter().map(|grant| ListedGrant {
            client: clients.get(&grant.client).cloned(),
            is_in_force: grant.is_in_force(now),
            is_standing: grant.is_standing(now),
            grant,
        });
        Ok(listed.collect())
    }

    /// One of the person's grants; none when there is none such, or it is another person's.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn grant(&self, session: &CitizenSession, id: &GrantId) -> Result<Option<ListedGrant>, Fault> {
        let found = self.store.find_grant(id).await?;
        let Some(grant) = found.filter(|grant| grant.subject.as_ref() == Some(session.subject())) else {
            return Ok(None);
        };
        let mut clients = self.clients([&grant.client].into_iter()).await?;
        let client = clients.remove(&grant.client);
        let now = self.clock.now();
        let (is_in_force, is_standing) = (grant.is_in_force(now), grant.is_standing(now));
        Ok(Some(ListedGrant { grant, client, is_in_force, is_standing }))
    }

    /// The lines about the person, newest first, refusals included.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn accesses(
        &self,
        session: &CitizenSession,
        before: &Before<AccessId>,
    ) -> Result<Vec<ListedAccess>, Fault> {
        let accesses = self.store.list_accesses(session.subject(), before).await?;
        let clients = self.clients(accesses.iter().map(|access| &access.client)).await?;
        let listed =
            accesses.into_iter().map(|access| ListedAccess { client: clients.get(&access.client).cloned(), access });
        Ok(listed.collect())
    }

    /// Ends one of the person's grants. False when there was nothing to end: none such, another person's, or ended.
    ///
    /// # Errors
    /// [`Fault`] when the store is away; then nothing was ended.
    pub async fn revoke(&self, session: &CitizenSession, id: &GrantId) -> Result<bool, Fault> {
        if self.grant(session, id).await?.is_none() {
            return Ok(false);
        }
        let ended = self.store.revoke_grant(id, self.clock.now(), RevokedBy::Citizen).await?;
        // Told even when it had ended: word of an earlier end may have been lost.
        tell_grant(&*self.hot, id).await;
        Ok(ended)
    }

    /// Holds one of the person's grants still until they resume it. False when there was nothing to pause.
    ///
    /// # Errors
    /// [`Fault`] when the store is away; then nothing was paused.
    pub async fn pause(&self, session: &CitizenSession, id: &GrantId) -> Result<bool, Fault> {
        if self.grant(session, id).await?.is_none() {
            return Ok(false);
        }
        let is_paused = self.store.pause_grant(id, self.clock.now()).await?;
        tell_grant(&*self.hot, id).await;
        Ok(is_paused)
    }

    /// Lets a paused grant of the person go on. False when there was nothing to resume.
    ///
    /// # Errors
    /// [`Fault`] when the store is away; then nothing was resumed.
    pub async fn resume(&self, session: &CitizenSession, id: &GrantId) -> Result<bool, Fault> {
        if self.grant(session, id).await?.is_none() {
            return Ok(false);
        }
        let is_resumed = self.store.resume_grant(id, self.clock.now()).await?;
        tell_grant(&*self.hot, id).await;
        Ok(is_resumed)
    }

    /// What one of the person's grants was before newer decisions took its place, newest first.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn superseded(&self, session: &CitizenSession, id: &GrantId) -> Result<Vec<ListedGrant>, Fault> {
        let earlier = self.store.list_superseded(id).await?;
        let own = earlier.into_iter().filter(|grant| grant.subject.as_ref() == Some(session.subject()));
        Ok(own.map(|grant| ListedGrant { client: None, is_in_force: false, is_standing: false, grant }).collect())
    }

    /// Ends every grant of the person that is in force; gives how many.
    ///
    /// # Errors
    /// [`Fault`] when the store is away; then nothing was ended.
    pub async fn revoke_all(&self, session: &CitizenSession) -> Result<usize, Fault> {
        let ended = self.store.revoke_grants_of(session.subject(), self.clock.now(), RevokedBy::Citizen).await?;
        for id in &ended {
            tell_grant(&*self.hot, id).await;
        }
        Ok(ended.len())
    }

    async fn clients<'a>(
        &self,
        ids: impl Iterator<Item = &'a ClientId>,
    ) -> Result<HashMap<ClientId, Arc<Client>>, Fault> {
        let mut found = HashMap::new();
        for id in ids {
            if !found.contains_key(id)
                && let Some(client) = self.store.find_client(id).await?
            {
                found.insert(id.clone(), Arc::new(client));
            }
        }
        Ok(found)
    }
}
