//! One question to the rules.

use crate::domain::acr::Acr;
use crate::domain::client::{ClientClass, ClientStatus};
use crate::domain::decision::{Action, DataSetFacts, Facts};
use crate::domain::ids::ClientId;

/// May this third party do this? Borrowed [`Facts`], so that asking what was asked before costs no copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Question<'a> {
    /// Who asks.
    pub client: &'a ClientId,
    /// What kind of third party that is.
    pub class: ClientClass,
    /// Whether it may act at all.
    pub status: ClientStatus,
    /// What is to be done.
    pub action: Action,
    /// With which data set; nothing for the catalogue as a whole.
    pub data_set: Option<&'a DataSetFacts>,
    /// How surely the citizen was recognised, once that is known.
    pub acr: Option<Acr>,
    /// The code of the purpose, as registered.
    pub purpose: Option<&'a str>,
    /// For how many days it is asked for, or was agreed to; 0 for once.
    pub access_days: Option<u32>,
    /// The hour of the day in Japan, 0 to 23.
    pub hour: u8,
}

impl<'a> Question<'a> {
    /// The question that `facts` are the facts of.
    #[must_use]
    pub fn of(facts: &'a Facts) -> Self {
        Self {
            client: &facts.client,
            class: facts.class,
            status: facts.status,
            action: facts.action,
            data_set: facts.data_set.as_ref(),
            acr: facts.acr,
            purpose: facts.purpose.as_deref(),
            access_days: facts.access_days,
            hour: facts.hour,
        }
    }

    /// Its facts, to be kept.
    #[must_use]
    pub fn facts(&self) -> Facts {
        let Self { client, class, status, action, data_set, acr, purpose, access_days, hour } = *self;
        let (data_set, purpose) = (data_set.cloned(), purpose.map(str::to_owned));
        Facts { client: client.clone(), class, status, action, data_set, acr, purpose, access_days, hour }
    }
}
