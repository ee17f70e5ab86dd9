//! Every question that the rules could tell apart, as points of a finite space.
//!
//! Third parties, data sets, groups and purposes are without number, but rules can only compare them with what they
//! name: one value for each name and one for all others are all there are. Levels, states and hours are few. Periods are
//! compared with numbers, so each number, its two neighbours and zero are enough.

use super::reads::Reads;
use crate::domain::acr::Acr;
use crate::domain::client::{ClientClass, ClientStatus};
use crate::domain::data_set::DataSetCode;
use crate::domain::decision::{Action, DataSetFacts, Facts};
use crate::domain::ids::ClientId;
use std::collections::BTreeSet;

/// How many facts a question has.
pub(super) const DIMENSIONS: usize = 13;

/// A place among the values of each fact. The first of every list is the one that is least in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Point(pub [usize; DIMENSIONS]);

impl Point {
    pub fn at(&self, dimension: usize) -> usize {
        self.0.get(dimension).copied().unwrap_or(0)
    }

    pub fn set(&mut self, dimension: usize, value: usize) {
        if let Some(place) = self.0.get_mut(dimension) {
            *place = value;
        }
    }
}

/// The values of every fact.
pub(super) struct Space {
    clients: Vec<ClientId>,
    codes: Vec<DataSetCode>,
    groups: Vec<String>,
    purposes: Vec<Option<String>>,
    days: Vec<Option<u32>>,
}

const ACTIONS: [Action; 15] = [
    Action::RetrieveDataSet,
    Action::RequestDataSet,
    Action::ReadProvisionRecords,
    Action::RegisterHealthInsurance,
    Action::ReadCatalogue,
    Action::FileForAnother,
    Action::EstablishCompany,
    Action::CollectPayments,
    Action::ReferenceDeposit,
    Action::SearchServices,
    Action::ReadNotices,
    Action::ReadPrivateDocuments,
    Action::PostNotices,
    Action::ApplyForCitizen,
    Action::TakeApplications,
];
const STATUSES: [ClientStatus; 5] = [
    ClientStatus::Production,
    ClientStatus::Sandbox,
    ClientStatus::Suspended,
    ClientStatus::UnderReview,
    ClientStatus::Draft,
];
const LEVELS: [Acr; 3] = [Acr::Aal1, Acr::Aal2, Acr::Aal3];
const SIGN_INS: [Option<Acr>; 4] = [Some(Acr::Aal3), Some(Acr::Aal2), Some(Acr::Aal1), None];
/// Noon comes first.
const HOURS: usize = 24;
const NOON: usize = 12;

impl Space {
    /// All that rules which read `reads` can tell apart.
    pub fn of(reads: &Reads) -> Self {
        let others = |own: &str, named: Vec<String>| -> Vec<String> {
            let mut all = vec![own.to_owned()];
            all.extend(named.into_iter().filter(|name| name != own));
            all
        };
        let named = |kind: &str| reads.named(kind).map(str::to_owned).collect();
        let purposes = others("another_purpose", reads.texts().map(str::to_owned).collect());
        let numbers = reads.numbers().flat_map(|n| [n, n.saturating_add(1), n.saturating_sub(1)]).chain([0]);
        let days: BTreeSet<u32> = numbers.filter_map(|n| u32::try_from(n).ok()).collect();
        let texts = |texts: Vec<String>| texts.into_iter();
        Self {
            clients: texts(others("c_another", named("Client"))).filter_map(|id| ClientId::parse(&id).ok()).collect(),
            codes: texts(others("TM99999999999999", named("DataSet")))
                .filter_map(|code| DataSetCode::parse(&code).ok())
                .collect(),
            groups: others("another_group", named("Group")),
            purposes: purposes.into_iter().map(Some).chain([None]).collect(),
            days: days.into_iter().map(Some).chain([None]).collect(),
        }
    }

    /// How many values a fact has.
    pub fn size(&self, dimension: usize) -> usize {
        match dimension {
            0 => ACTIONS.len(),
            1 => ClientClass::ALL.len(),
            2 => STATUSES.len(),
            3 => self.clients.len(),
            4 => self.codes.len(),
            5 => self.groups.len(),
            6 | 8 => 2,
            7 => LEVELS.len(),
            9 => SIGN_INS.len(),
            10 => self.purposes.len(),
            11 => HOURS,
            _ => self.days.len(),
        }
    }

    /// The facts that a rule's answer can depend on.
    pub fn dimensions(reads: &Reads) -> Vec<usize> {
        let is_read = |dimension: &usize| match dimension {
            0 => true,
            1 => reads.named("ClientClass").next().is_some() || reads.reads("classes"),
            2 => reads.reads("status"),
            3 => reads.named("Client").next().is_some(),
            4 => reads.named("DataSet").next().is_some(),
            5 => reads.named("Group").next().is_some(),
            6 => reads.reads("classes"),
            7 => reads.reads("min_acr"),
            8 => reads.reads("is_sensitive"),
            9 => reads.reads("acr"),
            10 => reads.reads("purpose"),
            11 => reads.reads("hour"),
            _ => reads.reads("access_days"),
        };
        (0..DIMENSIONS).filter(is_read).collect()
    }

    /// The values of a fact, those that the rule itself names first: where it holds is most likely among them.
    pub fn order(&self, dimension: usize, reads: &Reads) -> Vec<usize> {
        let is_named = |value: &usize| match dimension {
            0 => ACTIONS.get(*value).is_some_and(|action| reads.named("Action").any(|n| n == action.as_str())),
            1 => ClientClass::ALL
                .get(*value)
                .is_some_and(|class| reads.named("ClientClass").any(|n| n == class.as_str())),
            3 => self.clients.get(*value).is_some_and(|id| reads.named("Client").any(|n| n == id.as_str())),
            4 => self.codes.get(*value).is_some_and(|code| reads.named("DataSet").any(|n| n == code.as_str())),
            5 => self.groups.get(*value).is_some_and(|group| reads.named("Group").any(|n| n == group)),
            10 => self.purposes.get(*value).is_some_and(|p| p.as_ref().is_some_and(|p| reads.texts().any(|n| n == p))),
            _ => false,
        };
        let (mut first, rest): (Vec<usize>, Vec<usize>) = (0..self.size(dimension)).partition(is_named);
        first.extend(rest);
        first
    }

    /// The facts at a point.
    pub fn facts(&self, point: &Point) -> Option<Facts> {
        let class = *ClientClass::ALL.get(point.at(1))?;
        let data_set = DataSetFacts {
            code: *self.codes.get(point.at(4))?,
            group: self.groups.get(point.at(5))?.clone(),
            classes: if point.at(6) == 0 { vec![class] } else { Vec::new() },
            min_acr: *LEVELS.get(point.at(7))?,
            is_sensitive: point.at(8) == 1,
        };
        Some(Facts {
            client: self.clients.get(point.at(3))?.clone(),
            class,
            status: *STATUSES.get(point.at(2))?,
            action: *ACTIONS.get(point.at(0))?,
            data_set: Some(data_set),
            acr: *SIGN_INS.get(point.at(9))?,
            purpose: self.purposes.get(point.at(10))?.clone(),
            access_days: *self.days.get(point.at(12))?,
            hour: u8::try_from((point.at(11) + NOON) % HOURS).ok()?,
        })
    }

    /// Every point whose values in `dimensions` are of `values`; the rest stay as at `start`.
    pub fn points(start: Point, dimensions: &[(usize, Vec<usize>)]) -> impl Iterator<Item = Point> {
        let total: usize = dimensions.iter().map(|(_, values)| values.len()).product();
        (0..total).map(move |mut n| {
            let mut point = start;
            for (dimension, values) in dimensions {
                point.set(*dimension, values.get(n % values.len()).copied().unwrap_or(0));
                n /= values.len();
            }
            point
        })
    }
}
