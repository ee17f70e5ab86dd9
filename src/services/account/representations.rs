//! Who acts for the person, and for whom they act.

use super::{Account, CitizenSession, ListedAccess, ListedGrant};
use crate::domain::access::Access;
use crate::domain::grant::Grant;
use crate::domain::ids::RepresentationId;
use crate::domain::representation::{FreezeReason, Representation, RepresentationStatus, Turn};
use crate::domain::{Fault, Timestamp};
use crate::hot::tell_grant;
use crate::store::{Before, Turned};

/// Most entries of either list.
const SHOWN: u32 = 100;
/// Most lines of the history that are searched for those of one representation.
const LINES: u32 = 500;

/// What was done by one representation.
#[derive(Clone, Debug, Default)]
pub struct DoneBy {
    /// What was decided.
    pub grants: Vec<ListedGrant>,
    /// What was done under it.
    pub accesses: Vec<ListedAccess>,
}

/// Both lists of one person, newest first, whatever the state.
#[derive(Clone, Debug)]
pub struct Representations {
    /// Who acts for them.
    pub representatives: Vec<Representation>,
    /// For whom they act.
    pub represented: Vec<Representation>,
    /// The moment at which this was so.
    pub now: Timestamp,
}

impl Account {
    /// Who acts for the person, and for whom they act.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn representations(&self, session: &CitizenSession) -> Result<Representations, Fault> {
        let person = session.subject();
        Ok(Representations {
            representatives: self.store.list_representatives(person, SHOWN).await?,
            represented: self.store.list_represented(person, SHOWN).await?,
            now: self.clock.now(),
        })
    }

    /// One of the person's representations, from either side; none when it is others', or there is none such.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn representation(
        &self,
        session: &CitizenSession,
        id: &RepresentationId,
    ) -> Result<Option<Representation>, Fault> {
        let found = self.store.find_representation(id).await?;
        Ok(found.filter(|one| one.side_of(session.subject()).is_some()))
    }

    /// Ends one at once: whoever is represented withdraws it, whoever represents gives it up, and neither needs the
    /// other. False when there was nothing to end.
    ///
    /// # Errors
    /// [`Fault`] when the store is away; then nothing was ended.
    pub async fn end_representation(&self, session: &CitizenSession, id: &RepresentationId) -> Result<bool, Fault> {
        let Some(found) = self.representation(session, id).await? else { return Ok(false) };
        let Some(side) = found.side_of(session.subject()) else { return Ok(false) };
        self.turn(id, Turn::End(side)).await
    }

    /// Lets a representation go on that was held still because a card was suspended: the person who is represented may,
    /// who has just signed in with a working card. What an operator holds still an operator lets go on. False when there
    /// was nothing to do.
    ///
    /// # Errors
    /// [`Fault`] when the store is away; then nothing was changed.
    pub async fn unfreeze_representation(
        &self,
        session: &CitizenSession,
        id: &RepresentationId,
    ) -> Result<bool, Fault> {
        let found = self.representation(session, id).await?;
        let is_proven = |one: Representation| match one.status {
            // Whoever signed in before could be whoever has the card now.
            RepresentationStatus::Frozen { since, .. } => {
                one.principal == *session.subject() && session.authentication().at >= since
            }
            _ => false,
        };
        if !found.is_some_and(is_proven) {
            return Ok(false);
        }
        self.turn(id, Turn::Unfreeze(Some(FreezeReason::CardSuspended))).await
    }

    /// Turns one, and tells every node of the grants that turned with it.
    async fn turn(&self, id: &RepresentationId, turn: Turn) -> Result<bool, Fault> {
        let turned = self.store.turn_representation(id, turn, None, self.clock.now()).await?;
        if let Turned::Done(grants) = &turned {
            for grant in grants {
                tell_grant(&*self.hot, grant).await;
            }
        }
        Ok(turned.is_done())
    }

    /// What was decided by one of the person's representations, and what was done under it; both newest first. Either
    /// side may know: the one decided it, the other's data it is.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn done_by(&self, one: &Representation) -> Result<DoneBy, Fault> {
        let grants = self.store.list_grants_by(&one.id, SHOWN).await?;
        if grants.is_empty() {
            return Ok(DoneBy::default());
        }
        let lines = self.store.list_accesses(&one.principal, &Before { entry: None, limit: LINES }).await?;
        let is_by = |line: &Access| line.acting.as_ref().is_some_and(|acting| acting.representation == one.id);
        let accesses: Vec<Access> = lines.into_iter().filter(is_by).collect();
        let clients = self.clients(grants.iter().map(|grant| &grant.client)).await?;
        let now = self.clock.now();
        let listed = |grant: Grant| ListedGrant {
            client: clients.get(&grant.client).cloned(),
            is_in_force: grant.is_in_force(now),
            is_standing: grant.is_standing(now),
            grant,
        };
        let line = |access: Access| ListedAccess { client: clients.get(&access.client).cloned(), access };
        Ok(DoneBy {
            grants: grants.into_iter().map(listed).collect(),
            accesses: accesses.into_iter().map(line).collect(),
        })
    }
}
