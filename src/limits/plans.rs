//! `rate-plans.toml`: read whole, every fault told at once, everything made that need not be made per call.

use super::address::Network;
use crate::hot::Quota;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use toml::{Table, Value};

const DAY: u32 = 86_400;
/// The fastest pace that both engines count exactly.
const MOST_PER_SECOND: u64 = 1_000_000;
/// Names of limits that no operation may have.
const TAKEN_NAMES: [&str; 5] = ["client", "citizen", "day", "jobs", "address"];

/// One thing that is wrong with the file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanFault {
    /// Its place, as a TOML path such as `plans.standard.client.requests`.
    pub at: String,
    /// What is wrong and what would be right.
    pub problem: String,
}

impl PlanFault {
    pub(super) fn new(at: &str, problem: impl Into<String>) -> Self {
        Self { at: at.to_owned(), problem: problem.into() }
    }
}

/// Everything that is wrong with the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct PlanFaults(pub Vec<PlanFault>);

impl fmt::Display for PlanFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rate plans: {} fault(s)", self.0.len())?;
        self.0.iter().try_for_each(|fault| write!(f, "\n  {}: {}", fault.at, fault.problem))
    }
}

/// What a limit is counted by, within one client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountedBy {
    /// Calls to one operation.
    Operation,
    /// All calls.
    Client,
    /// Calls about one citizen.
    Citizen,
    /// All calls, over a day.
    Day,
    /// Not by a client: places for jobs, or calls from one network address.
    Other,
}

/// One limit with its name in the fields.
#[derive(Clone, Debug)]
pub struct Limit {
    pub name: Arc<str>,
    pub counted_by: CountedBy,
    pub quota: Quota,
}

/// All limits of a kind of call, and the field that tells them.
#[derive(Debug)]
pub struct LimitSet {
    pub limits: Vec<Limit>,
    pub policy: String,
}

impl LimitSet {
    pub fn new(limits: Vec<Limit>) -> Arc<Self> {
        let told: Vec<String> = limits
            .iter()
            .map(|Limit { name, quota, .. }| format!("\"{name}\";q={};w={}", quota.burst, quota.period.as_secs()))
            .collect();
        Arc::new(Self { policy: told.join(", "), limits })
    }
}

/// The limits of one operation: for calls about a citizen, and for others.
#[derive(Debug)]
pub struct OperationLimits {
    about_citizen: Arc<LimitSet>,
    other: Arc<LimitSet>,
}

/// One rate plan.
#[derive(Debug)]
pub struct Plan {
    pub concurrent_jobs: u32,
    /// How large the client's share of an agency's turns is, beside others who file there.
    pub filing_weight: u32,
    pub jobs: Arc<LimitSet>,
    pub operations: HashMap<String, OperationLimits>,
    others: OperationLimits,
}

impl Plan {
    /// The limits that fit a call.
    pub fn set_for(&self, operation: &str, is_about_citizen: bool) -> &Arc<LimitSet> {
        let limits = self.operations.get(operation).unwrap_or(&self.others);
        if is_about_citizen { &limits.about_citizen } else { &limits.other }
    }
}

/// The limit of one network address.
#[derive(Debug)]
pub struct AddressLimit {
    pub set: Arc<LimitSet>,
    pub exempt: Vec<Network>,
    quota: Quota,
}

impl AddressLimit {
    pub fn quota(&self) -> Quota {
        self.quota
    }
}

/// The whole file.
#[derive(Debug)]
pub struct Plans {
    pub by_name: HashMap<String, Arc<Plan>>,
    pub default: Arc<Plan>,
    pub address: AddressLimit,
}

impl Plans {
    pub fn parse(text: &str) -> Result<Self, PlanFaults> {
        let root: Table = text
            .parse()
            .map_err(|error: toml::de::Error| PlanFaults(vec![PlanFault::new("file", error.to_string())]))?;
        let mut reader = Reader::default();
        reader.only(&root, "", &["default_plan", "address", "plans"]);
        let address = reader.address(&root);
        let by_name = reader.plans(&root);
        let default = reader.text(&root, "", "default_plan").and_then(|name| {
            let plan = by_name.get(name).cloned();
            if plan.is_none() && !by_name.is_empty() {
                reader.fault("default_plan", "names no plan of this file");
            }
            plan
        });
        match (address, default) {
            (Some(address), Some(default)) if reader.faults.is_empty() => Ok(Self { by_name, default, address }),
            _ => Err(PlanFaults(reader.faults)),
        }
    }
}

/// Walks the table and collects faults instead of stopping at the first.
#[derive(Default)]
struct Reader {
    faults: Vec<PlanFault>,
}

impl Reader {
    fn fault(&mut self, at: &str, problem: impl Into<String>) {
        self.faults.push(PlanFault::new(at, problem));
    }

    fn only(&mut self, table: &Table, at: &str, known: &[&str]) {
        for name in table.keys().filter(|name| !known.contains(&name.as_str())) {
            self.fault(&join(at, name), format!("is not known here; known are: {}", known.join(", ")));
        }
    }

    fn text<'t>(&mut self, table: &'t Table, at: &str, name: &str) -> Option<&'t str> {
        let text = table.get(name).and_then(Value::as_str);
        if text.is_none() {
            self.fault(&join(at, name), "is missing or not a text");
        }
        text
    }

    fn number(&mut self, table: &Table, at: &str, name: &str, most: u32) -> Option<u32> {
        let number = table.get(name).and_then(Value::as_integer).and_then(|n| u32::try_from(n).ok());
        let number = number.filter(|n| (1..=most).contains(n));
        if number.is_none() {
            self.fault(&join(at, name), format!("is missing or not a whole number from 1 to {most}"));
        }
        number
    }

    fn table<'t>(&mut self, table: &'t Table, at: &str, name: &str) -> Option<&'t Table> {
        let inner = table.get(name).and_then(Value::as_table);
        if inner.is_none() {
            self.fault(&join(at, name), "is missing or not a table");
        }
        inner
    }

    /// `requests` in `seconds`, or in a day where the table is a day's.
    fn quota(&mut self, table: &Table, at: &str, is_day: bool) -> Option<Quota> {
        let burst = self.number(table, at, "requests", u32::MAX);
        let seconds = if is_day { Some(DAY) } else { self.number(table, at, "seconds", DAY) };
        let (burst, seconds) = (burst?, seconds?);
        if u64::from(burst) > u64::from(seconds) * MOST_PER_SECOND {
            self.fault(&join(at, "requests"), format!("is more than {MOST_PER_SECOND} a second"));
            return None;
        }
        Some(Quota { burst, period: Duration::from_secs(u64::from(seconds)) })
    }

    fn limit(&mut self, plan: &Table, at: &str, name: &str, counted_by: CountedBy) -> Option<Limit> {
        let at_limit = join(at, name);
        let table = self.table(plan, at, name)?;
        let is_day = counted_by == CountedBy::Day;
        self.only(table, &at_limit, if is_day { &["requests"] } else { &["requests", "seconds"] });
        Some(Limit { name: name.into(), counted_by, quota: self.quota(table, &at_limit, is_day)? })
    }

    fn address(&mut self, root: &Table) -> Option<AddressLimit> {
        let table = self.table(root, "", "address")?;
        self.only(table, "address", &["requests", "seconds", "exempt"]);
        let mut exempt = Vec::new();
        let listed = table.get("exempt").map_or(Some(&[][..]), |value| value.as_array().map(Vec::as_slice));
        if listed.is_none() {
            self.fault("address.exempt", "must be a list of networks");
        }
        for (n, value) in listed.unwrap_or_default().iter().enumerate() {
            match value.as_str().and_then(Network::parse) {
                Some(network) => exempt.push(network),
                None => self.fault(
                    &format!("address.exempt[{n}]"),
                    "must be a network such as \"192.0.2.0/24\" or \"2001:db8::/32\" (IPv6: up to /64), with no bits after its prefix",
                ),
            }
        }
        let quota = self.quota(table, "address", false)?;
        let set = LimitSet::new(vec![Limit { name: "address".into(), counted_by: CountedBy::Other, quota }]);
        Some(AddressLimit { set, exempt, quota })
    }

    fn plans(&mut self, root: &Table) -> HashMap<String, Arc<Plan>> {
        let mut by_name = HashMap::new();
        for (name, value) in self.table(root, "", "plans").into_iter().flatten() {
            let at = join("plans", name);
            match value.as_table() {
                _ if !is_name(name) => self.fault(&at, "must be named in a-z 0-9 _, beginning with a letter"),
                Some(table) => {
                    if let Some(plan) = self.plan(table, &at) {
                        by_name.insert(name.clone(), Arc::new(plan));
                    }
                }
                None => self.fault(&at, "is not a table"),
            }
        }
        by_name
    }

    fn plan(&mut self, table: &Table, at: &str) -> Option<Plan> {
        self.only(table, at, &["concurrent_jobs", "filing_weight", "client", "citizen", "day", "operations"]);
        let concurrent_jobs = self.number(table, at, "concurrent_jobs", 1_000_000);
        let has_weight = table.contains_key("filing_weight");
        let filing_weight = if has_weight { self.number(table, at, "filing_weight", 1000) } else { Some(1) };
        let client = self.limit(table, at, "client", CountedBy::Client);
        let citizen = self.limit(table, at, "citizen", CountedBy::Citizen);
        let day = self.limit(table, at, "day", CountedBy::Day);
        let operations = self.operations(table, at);
        let (concurrent_jobs, filing_weight) = (concurrent_jobs?, filing_weight?);
        let (client, citizen, day) = (client?, citizen?, day?);
        let with = |operation: Option<Limit>| {
            let common = || operation.iter().cloned().chain([client.clone(), day.clone()]);
            OperationLimits {
                about_citizen: LimitSet::new(common().chain([citizen.clone()]).collect()),
                other: LimitSet::new(common().collect()),
            }
        };
        Some(Plan {
            concurrent_jobs,
            filing_weight,
            jobs: jobs_set(concurrent_jobs),
            operations: operations.into_iter().map(|limit| (limit.name.to_string(), with(Some(limit)))).collect(),
            others: with(None),
        })
    }

    fn operations(&mut self, plan: &Table, at: &str) -> Vec<Limit> {
        if !plan.contains_key("operations") {
            return Vec::new();
        }
        let at = &join(at, "operations");
        let Some(table) = plan.get("operations").and_then(Value::as_table) else {
            self.fault(at, "is not a table");
            return Vec::new();
        };
        let mut limits = Vec::new();
        for name in table.keys() {
            if !is_name(name) || TAKEN_NAMES.contains(&name.as_str()) {
                self.fault(&join(at, name), "must be an operationId: a-z 0-9 _, and not the name of another limit");
            } else {
                limits.extend(self.limit(table, at, name, CountedBy::Operation));
            }
        }
        limits
    }
}

/// Places are told in the draft's own unit for them (§3.1.2).
fn jobs_set(most: u32) -> Arc<LimitSet> {
    let quota = Quota { burst: most, period: Duration::ZERO };
    let limits = vec![Limit { name: "jobs".into(), counted_by: CountedBy::Other, quota }];
    Arc::new(LimitSet { limits, policy: format!("\"jobs\";q={most};qu=\"concurrent-requests\"") })
}

/// Fit for a structured field's string and a TOML key as they are.
fn is_name(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

fn join(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") }
}
