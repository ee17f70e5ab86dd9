//! Who acts for the person, and for whom they act.

use super::{Account, CitizenSession};
use crate::domain::ids::RepresentationId;
use crate::domain::representation::{Representation, Turn};
use crate::domain::{Fault, Timestamp};

/// Most entries of either list.
const SHOWN: u32 = 100;

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
        self.store.turn_representation(id, Turn::End(side), self.clock.now()).await
    }
}
