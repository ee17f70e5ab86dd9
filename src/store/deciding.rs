//! Deciding for another: by which registrations a person may.

use super::Store;
use crate::domain::consent::{Ask, Choice};
use crate::domain::ids::SubjectId;
use crate::domain::representation::{Coverage, Representation};
use crate::domain::{Fault, Timestamp};

/// Most registrations of one representative that are looked at.
const MOST: u32 = 100;

/// Looks at registrations, at one moment.
pub struct Deciding<'a> {
    /// Where they are.
    pub store: &'a dyn Store,
    /// Which data each ground covers.
    pub coverage: &'a dyn Coverage,
    /// The moment.
    pub now: Timestamp,
}

/// What a choice comes to as to whom it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ForWhom {
    /// For whoever decides.
    Themselves,
    /// For another, by this registration.
    Another(Box<Representation>),
    /// The choice is not theirs to make.
    NotTheirs,
}

impl Deciding<'_> {
    /// By which registrations this person may decide what is asked for another, newest first.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn list(&self, person: &SubjectId, ask: Option<&Ask>) -> Result<Vec<Representation>, Fault> {
        let Some(ask) = ask.filter(|ask| ask.terms.on_behalf_of.decided(true).is_some()) else { return Ok(Vec::new()) };
        let mut found = self.store.list_represented(person, MOST).await?;
        found.retain(|one| one.may_decide(ask, self.coverage, self.now));
        Ok(found)
    }

    /// For whom the choice is, where the registration that it names stands and covers everything that is asked. The
    /// decision's own write looks once more.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn chosen(&self, person: &SubjectId, ask: Option<&Ask>, choice: &Choice) -> Result<ForWhom, Fault> {
        let Some(id) = &choice.acting else { return Ok(ForWhom::Themselves) };
        let found = self.store.find_representation(id).await?;
        let is_theirs = |one: &Representation| {
            one.representative == *person && ask.is_some_and(|ask| one.may_decide(ask, self.coverage, self.now))
        };
        let found = found.filter(is_theirs).map(Box::new);
        Ok(found.map_or(ForWhom::NotTheirs, ForWhom::Another))
    }
}
