//! Grants in force held against two sets of rules: what the newer one would refuse that the older one allows.

use crate::catalog::{Catalog, DataSet};
use crate::domain::Timestamp;
use crate::domain::acr::Acr;
use crate::domain::client::Client;
use crate::domain::consent::{Consent, ConsentedDataSet};
use crate::domain::data_set::DataSetCode;
use crate::domain::decision::{Action, Facts};
use crate::domain::grant::Grant;
use crate::domain::ids::ClientId;
use crate::policy::{Question, RuleSet};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

/// What is named where not a rule but the catalogue or the longest periods would refuse.
const NOT_IN_CATALOGUE: &str = "data-sets: not in the catalogue";
const LIMIT: &str = "consent-limits.toml";
const DAY: Duration = Duration::from_hours(24);

/// One directory's rules and data sets.
pub struct Side {
    /// The rules.
    pub rules: RuleSet,
    /// The data sets.
    pub catalog: Arc<Catalog>,
}

/// One line of the review: so many grants of one client would lose one data set by one rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cut {
    /// Whose grants.
    pub client: ClientId,
    /// What they would lose.
    pub data_set: DataSetCode,
    /// By which rule.
    pub rule: Arc<str>,
    /// At how many hours of the day.
    pub hours: u8,
    /// How many grants.
    pub grants: u64,
}

/// What the review came to.
#[derive(Clone, Debug, Serialize)]
pub struct Reviewed {
    /// Digest of the rules in force.
    pub before: String,
    /// Digest of the other ones.
    pub after: String,
    /// Grants looked at.
    pub grants: u64,
    /// Grants that would lose something.
    pub cut: u64,
    /// What they would lose.
    pub cuts: Vec<Cut>,
}

/// What makes two data sets of two grants alike to the rules.
type Alike = (ClientId, DataSetCode, String, Option<Acr>, u32);
/// The rule, and at how many hours.
type Loss = Option<(Arc<str>, u8)>;

/// Both sides, and what was found so far.
pub struct Review {
    old: Side,
    new: Side,
    clients: HashMap<ClientId, Client>,
    now: Timestamp,
    known: HashMap<Alike, Loss>,
    cuts: BTreeMap<(ClientId, DataSetCode, Arc<str>, u8), u64>,
    grants: u64,
    cut: u64,
}

impl Review {
    /// A review of `clients`' grants at `now`.
    pub fn new(old: Side, new: Side, clients: Vec<Client>, now: Timestamp) -> Self {
        let clients = clients.into_iter().map(|client| (client.id.clone(), client)).collect();
        let (known, cuts) = (HashMap::new(), BTreeMap::new());
        Self { old, new, clients, now, known, cuts, grants: 0, cut: 0 }
    }

    /// Looks at one grant.
    pub fn look_at(&mut self, grant: &Grant) {
        self.grants += 1;
        let Some(consent) = &grant.consent else { return };
        let mut loses = false;
        for set in consent.data_sets.iter().filter(|set| !set.allows_nothing()) {
            if let Some((rule, hours)) = self.loss_of(grant, consent, set) {
                loses = true;
                *self.cuts.entry((grant.client.clone(), set.code, rule, hours)).or_default() += 1;
            }
        }
        self.cut += u64::from(loses);
    }

    /// What was found.
    pub fn end(self) -> Reviewed {
        let line = |((client, data_set, rule, hours), grants)| Cut { client, data_set, rule, hours, grants };
        Reviewed {
            before: self.old.rules.digest().base64url(),
            after: self.new.rules.digest().base64url(),
            grants: self.grants,
            cut: self.cut,
            cuts: self.cuts.into_iter().map(line).collect(),
        }
    }

    fn loss_of(&mut self, grant: &Grant, consent: &Consent, set: &ConsentedDataSet) -> Loss {
        let acr = grant.authentication.map(|authentication| authentication.acr);
        let alike = (grant.client.clone(), set.code, consent.purpose.clone(), acr, consent.access_days);
        if !self.known.contains_key(&alike) {
            let loss = self.loss_by_rules(&alike);
            self.known.insert(alike.clone(), loss);
        }
        let by_rules = self.known.get(&alike).cloned().flatten();
        by_rules.or_else(|| self.loss_by_limits(grant, consent, set.code))
    }

    fn loss_by_rules(&self, (client, code, purpose, acr, access_days): &Alike) -> Loss {
        let client = self.clients.get(client)?;
        let old = self.old.catalog.data_set(*code)?;
        let facts = |set: &DataSet, hour| Facts {
            client: client.id.clone(),
            class: client.class,
            status: client.status,
            action: Action::RetrieveDataSet,
            data_set: Some(set.facts()),
            acr: *acr,
            purpose: Some(purpose.clone()),
            access_days: Some(*access_days),
            hour,
        };
        let (mut rule, mut hours) = (None, 0);
        for hour in 0..24 {
            if !self.old.rules.decide(&Question::of(&facts(old, hour))).is_allowed {
                continue;
            }
            let Some(new) = self.new.catalog.data_set(*code) else { return Some((NOT_IN_CATALOGUE.into(), 24)) };
            let decision = self.new.rules.decide(&Question::of(&facts(new, hour)));
            if !decision.is_allowed {
                hours += 1;
                rule.get_or_insert(decision.rule);
            }
        }
        rule.map(|rule| (rule, hours))
    }

    /// The longest periods count from when the citizen agreed, at every call.
    fn loss_by_limits(&self, grant: &Grant, consent: &Consent, code: DataSetCode) -> Loss {
        let is_over = |side: &Side| {
            let set = side.catalog.data_set(code)?;
            let most = side.rules.limits().access_days(&set.group, &consent.purpose);
            Some(self.now >= grant.agreed_at().plus(DAY.saturating_mul(most.max(1))))
        };
        (is_over(&self.old) == Some(false) && is_over(&self.new) == Some(true)).then(|| (LIMIT.into(), 24))
    }
}
