//! How far online applications and the counter reach, as it is now: procedures, municipalities and third parties are counted, and
//! no person, so these counts are exact.

use crate::catalog::application_forms::ApplicationForms;
use crate::catalog::municipalities::{Municipalities, MunicipalityCode};
use crate::catalog::services::{ServiceCatalogue, Standards};
use crate::domain::client::{Client, ClientClass, ClientStatus};
use crate::domain::{Timestamp, Words};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use utoipa::ToSchema;

/// How far it reaches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct StatisticsCoverage {
    /// When it was counted, some minutes ago at most (RFC 3339, Japan's time).
    #[schema(format = "date-time")]
    pub counted_at: String,
    /// By procedure, those that most municipalities take online first.
    pub procedures: Vec<ProcedureCoverage>,
    /// By municipality or prefecture, in the order of codes; those that offer nothing are not there.
    pub municipalities: Vec<MunicipalityCoverage>,
    /// By class of third party; classes without any are not there.
    pub third_parties: Vec<ThirdPartyCoverage>,
}

/// One procedure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProcedureCoverage {
    /// The code of the standard procedure.
    #[schema(example = "nursery-application")]
    pub procedure: String,
    /// Its official name.
    pub name: Words,
    /// Municipalities and prefectures that offer it.
    #[schema(example = 1204)]
    pub offering: usize,
    /// Those of them that take applications online, anywhere.
    #[schema(example = 935)]
    pub with_e_application: usize,
    /// Municipalities that take them by this counter.
    #[schema(example = 12)]
    pub received_here: usize,
}

/// One municipality or prefecture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MunicipalityCoverage {
    /// Its code (全国地方公共団体コード).
    #[schema(example = "152048")]
    pub municipality: String,
    /// Its name, in Japanese.
    #[schema(example = "新潟県三条市")]
    pub name: String,
    /// Standard procedures that it offers.
    #[schema(example = 41)]
    pub procedures: usize,
    /// Those of them that can be applied for online, anywhere.
    #[schema(example = 30)]
    pub with_e_application: usize,
    /// Procedures that it takes by this counter.
    #[schema(example = 13)]
    pub received_here: usize,
}

/// Third parties of one class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ThirdPartyCoverage {
    /// The class.
    #[schema(example = "bank")]
    pub class: String,
    /// How many clients of it may act.
    #[schema(example = 7)]
    pub clients: usize,
}

/// What is counted.
pub(super) struct Counting {
    pub catalogue: Arc<ServiceCatalogue>,
    pub standards: Arc<Standards>,
    pub municipalities: Arc<Municipalities>,
    pub forms: Arc<ApplicationForms>,
}

/// Where one procedure, or what one municipality, is offered, taken online, and taken here.
struct Reach<T> {
    offered: BTreeSet<T>,
    online: BTreeSet<T>,
    here: BTreeSet<T>,
}

impl<T> Default for Reach<T> {
    fn default() -> Self {
        Self { offered: BTreeSet::new(), online: BTreeSet::new(), here: BTreeSet::new() }
    }
}

impl Counting {
    /// Counts at this moment, of these clients.
    pub fn count(&self, clients: &[Client], now: Timestamp) -> StatisticsCoverage {
        let (mut procedures, mut places) = (BTreeMap::new(), BTreeMap::new());
        for row in self.catalogue.iter() {
            let Some(standard) = row.standard.as_deref() else { continue };
            let procedure: &mut Reach<MunicipalityCode> = procedures.entry(standard).or_default();
            let place: &mut Reach<&str> = places.entry(row.municipality).or_default();
            procedure.offered.insert(row.municipality);
            place.offered.insert(standard);
            if row.is_e_applicable {
                procedure.online.insert(row.municipality);
                place.online.insert(standard);
            }
        }
        let received: Vec<(&str, MunicipalityCode)> = self.received(now);
        for (standard, code) in &received {
            procedures.entry(standard).or_default().here.insert(*code);
            places.entry(*code).or_default().here.insert(standard);
        }
        let mut procedures: Vec<ProcedureCoverage> =
            procedures.iter().filter_map(|(code, reach)| self.procedure(code, reach)).collect();
        procedures.sort_by(|one, other| {
            (other.with_e_application, &one.procedure).cmp(&(one.with_e_application, &other.procedure))
        });
        StatisticsCoverage {
            counted_at: now.rfc3339(),
            procedures,
            municipalities: places.iter().map(|(code, reach)| self.municipality(*code, reach)).collect(),
            third_parties: third_parties(clients),
        }
    }

    /// Which procedures which municipalities take here today.
    fn received(&self, now: Timestamp) -> Vec<(&str, MunicipalityCode)> {
        let today = now.date_in_japan();
        let codes: Vec<&str> = self.forms.iter().map(|form| form.procedure.as_str()).collect();
        let places = self.forms.receiving().filter_map(|text| Some((text, MunicipalityCode::parse(text).ok()?)));
        let taken = places.flat_map(|(text, place)| {
            let is_taken = move |code: &&str| self.forms.in_force(code, text, today).is_some();
            codes.iter().copied().filter(is_taken).map(move |code| (code, place)).collect::<Vec<_>>()
        });
        taken.collect()
    }

    fn procedure(&self, code: &str, reach: &Reach<MunicipalityCode>) -> Option<ProcedureCoverage> {
        Some(ProcedureCoverage {
            procedure: code.to_owned(),
            name: self.standards.get(code)?.name.clone(),
            offering: reach.offered.len(),
            with_e_application: reach.online.len(),
            received_here: reach.here.len(),
        })
    }

    fn municipality(&self, code: MunicipalityCode, reach: &Reach<&str>) -> MunicipalityCoverage {
        MunicipalityCoverage {
            municipality: code.to_string(),
            name: self.municipalities.name_of(code).unwrap_or_else(|| code.to_string()),
            procedures: reach.offered.len(),
            with_e_application: reach.online.len(),
            received_here: reach.here.len(),
        }
    }
}

fn third_parties(clients: &[Client]) -> Vec<ThirdPartyCoverage> {
    let of = |class: ClientClass| {
        let may_act = |one: &&Client| one.class == class && one.status == ClientStatus::Production;
        ThirdPartyCoverage { class: class.as_str().to_owned(), clients: clients.iter().filter(may_act).count() }
    };
    ClientClass::ALL.into_iter().map(of).filter(|one| one.clients > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn what_is_received_here_is_counted_by_procedure_and_municipality() {
        let standards = Standards::load(Path::new("policies/services")).unwrap();
        let counting = Counting {
            catalogue: Arc::new(ServiceCatalogue::default()),
            municipalities: Arc::new(Municipalities::load(Path::new("policies/services")).unwrap()),
            forms: Arc::new(ApplicationForms::load(Path::new("policies"), &standards).unwrap()),
            standards: Arc::new(standards),
        };
        let counted = counting.count(&[], Timestamp::from_seconds(1_795_000_000));
        let nursery = counted.procedures.iter().find(|one| one.procedure == "nursery-application").unwrap();
        assert!(nursery.received_here > 0 && nursery.offering == 0, "{nursery:?}");
        let city = counted.municipalities.iter().find(|one| one.municipality == "999016").unwrap();
        assert!(city.received_here > 1 && city.procedures == 0, "{city:?}");
        let pairs = |counts: Vec<usize>| counts.iter().sum::<usize>();
        let by_place = pairs(counted.municipalities.iter().map(|one| one.received_here).collect());
        assert_eq!(pairs(counted.procedures.iter().map(|one| one.received_here).collect()), by_place);
        assert!(counted.third_parties.is_empty());
    }
}
