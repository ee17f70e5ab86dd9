//! From what happened to facts.

use super::{Statistics, Use};
use crate::domain::Fault;
use crate::domain::application::{Application, ApplicationState};
use crate::domain::client::ClientClass;
use crate::domain::ids::ClientId;
use crate::domain::statistics::{Fact, Month, Series};
use std::collections::HashMap;

/// How many facts one write holds, so that no call waits long behind it.
const WRITE: usize = 500;
/// How many municipalities, and applications to one, are read at once.
const MUNICIPALITIES: u32 = 100;
const APPLICATIONS: u32 = 200;

impl Statistics {
    /// Writes down for whom what was called; what could not be written stays.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn flush(&self) -> Result<(), Fault> {
        let Some(rules) = &self.parts.rules else { return Ok(()) };
        let uses: Vec<Use> = self.uses.iter().map(|one| one.clone()).collect();
        for some in uses.chunks(WRITE) {
            let facts: Vec<Fact> = some.iter().map(used).collect();
            self.parts.store.add_facts(&facts, rules.cells_per_person).await?;
            // Noted again meanwhile, it is the same fact.
            for one in some {
                self.uses.remove(one);
            }
        }
        Ok(())
    }

    /// Counts the applications that came or changed.
    pub(super) async fn count_applications(&self, most_cells: u32) -> Result<(), Fault> {
        let mut classes = HashMap::new();
        let mut after = String::new();
        loop {
            let some = self.parts.store.list_uncounted(&after, MUNICIPALITIES).await?;
            let Some((last, _)) = some.last() else { return Ok(()) };
            after.clone_from(last);
            for (municipality, place) in some {
                self.count_municipality((&municipality, place), most_cells, &mut classes).await?;
            }
        }
    }

    async fn count_municipality(
        &self,
        (municipality, mut place): (&str, u64),
        most_cells: u32,
        classes: &mut HashMap<ClientId, Option<ClientClass>>,
    ) -> Result<(), Fault> {
        loop {
            let page = self.parts.store.list_received_applications(municipality, place, APPLICATIONS).await?;
            let Some(last) = page.last().map(|held| held.place) else { return Ok(()) };
            let mut facts = Vec::new();
            for held in &page {
                let client = &held.application.client;
                if !classes.contains_key(client) {
                    let class = self.parts.store.find_client(client).await?.map(|client| client.class);
                    classes.insert(client.clone(), class);
                }
                facts.extend(of_application(&held.application, classes.get(client).copied().flatten()));
            }
            for some in facts.chunks(WRITE) {
                self.parts.store.add_facts(some, most_cells).await?;
            }
            // Afterwards: what is counted a second time is the same facts.
            self.parts.store.set_counted(municipality, last).await?;
            place = last;
        }
    }
}

fn used((person, class, operation, month): &Use) -> Fact {
    let values = [(*operation).to_owned(), class.as_str().to_owned()];
    Fact { person: person.clone(), month: *month, series: Series::UsageByClass, values }
}

/// That it arrived, in the month when it did, and how it ended, in the month when it did that.
pub(super) fn of_application(one: &Application, class: Option<ClientClass>) -> Vec<Fact> {
    let class = class.map(ClientClass::as_str);
    let arrived = [
        (Series::ApplicationsByMunicipality, Some(&*one.municipality)),
        (Series::ApplicationsByPrefecture, one.municipality.get(..2)),
        (Series::ApplicationsByClass, class),
    ];
    let mut told: Vec<(Month, Series, [&str; 2])> = Vec::new();
    let month = Month::of(one.arrived_at);
    told.extend(arrived.into_iter().filter_map(|(series, value)| Some((month, series, [&*one.procedure, value?]))));
    if let Some(step) = one.timeline.iter().rev().find(|step| step.state.is_over()) {
        let (month, outcome) = (Month::of(step.at), ApplicationState::as_str(step.state));
        let ended = [
            (Series::OutcomesByProcedure, Some(&*one.procedure)),
            (Series::OutcomesByMunicipality, Some(&*one.municipality)),
            (Series::OutcomesByClass, class),
        ];
        told.extend(ended.into_iter().filter_map(|(series, value)| Some((month, series, [value?, outcome]))));
    }
    let fact = |(month, series, values): (Month, Series, [&str; 2])| Fact {
        person: one.subject.clone(),
        month,
        series,
        values: values.map(str::to_owned),
    };
    told.into_iter().map(fact).collect()
}
