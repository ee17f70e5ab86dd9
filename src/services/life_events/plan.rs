//! From an event to contents: which items go where, to whom, and until when.

use super::body::{Employee, LifeEventRequest};
use super::derive::{Wanted, derive};
use crate::catalog::procedures::{Field, Procedure, Procedures, RecordCount};
use crate::domain::submission::{Finding, Severity};
use crate::domain::{Refusal, Words};
use crate::services::submissions::AgencyView;
use chrono::NaiveDate;
use serde_json::{Map, Value};
use std::collections::HashSet;

/// The agency that takes a procedure is not among those of this service.
const NOBODY: &str = "MG301";
/// The last day is over.
const LATE: &str = "MG302";

/// One filing that follows.
pub(super) struct Planned {
    pub code: String,
    pub title: Words,
    pub because: Words,
    pub kind: &'static str,
    /// By its name here; none when no agency here takes it.
    pub agency: Option<String>,
    /// Which employees, by place.
    pub employees: Vec<usize>,
    pub due_on: Option<NaiveDate>,
    pub is_late: bool,
    pub content: Value,
    dependant: Option<usize>,
}

/// Everything that follows from an event.
#[derive(Default)]
pub(super) struct Plan {
    pub filings: Vec<Planned>,
    pub findings: Vec<Finding>,
}

/// What plans are made from.
struct Maker<'a> {
    request: &'a LifeEventRequest,
    agencies: &'a [AgencyView],
    today: NaiveDate,
    plan: Plan,
    /// Rule and place of each finding.
    told: HashSet<(String, String)>,
}

impl Plan {
    /// The plan of an event.
    ///
    /// # Errors
    /// `invalid_value` when the event comes to nothing.
    pub fn of(
        request: &LifeEventRequest,
        (procedures, agencies): (&Procedures, &[AgencyView]),
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let mut maker = Maker { request, agencies, today, plan: Self::default(), told: HashSet::new() };
        for (n, employee) in request.employees.iter().enumerate() {
            for wanted in derive(&request.event, employee) {
                let is_left_out = request.leave_out.iter().any(|code| code == wanted.code);
                // A bundle names procedures of the files; an operator who took one away files it elsewhere.
                if let Some(procedure) = procedures.get(wanted.code).filter(|_| !is_left_out) {
                    maker.add(procedure, &wanted, (n, employee));
                }
            }
        }
        if maker.plan.filings.is_empty() {
            let words = "Nothing is to be filed for this event: nobody is covered, or everything is left out.";
            return Err(Refusal::new("invalid_value", words).at("/event"));
        }
        for at in 0..maker.plan.filings.len() {
            maker.judge(procedures, at);
        }
        Ok(maker.plan)
    }
}

impl Maker<'_> {
    fn add(&mut self, procedure: &Procedure, wanted: &Wanted, (n, employee): (usize, &Employee)) {
        let record = record(procedure, wanted, employee);
        let due_on = procedure.due_on(&record, self.today);
        let union = self.request.employer.health_insurance_union.as_deref().filter(|_| procedure.is_for_union);
        let office = self.agencies.iter().filter(|agency| Some(agency.name.as_str()) != union);
        let office = office.filter(|agency| agency.procedures.contains(&procedure.code));
        let office = office.map(|agency| agency.name.clone()).next();
        // What is about both insurances goes to the union for health insurance, and to the pension office for pensions.
        let union = union.map(|name| (Some(name.to_owned()), "health_insurance_union"));
        for (agency, kind) in std::iter::once((office, procedure.agency.as_str())).chain(union) {
            let same = |one: &&mut Planned| {
                procedure.records == RecordCount::Many && (one.code == procedure.code && one.agency == agency)
            };
            if let Some(one) = self.plan.filings.iter_mut().find(same) {
                one.employees.push(n);
                one.due_on = [one.due_on, due_on].into_iter().flatten().min();
                if let Some(records) = one.content.get_mut("records").and_then(Value::as_array_mut) {
                    records.push(Value::Object(record.clone()));
                }
                continue;
            }
            let office = pick(&procedure.office, &[&self.request.office]);
            self.plan.filings.push(Planned {
                code: procedure.code.clone(),
                title: procedure.title.clone(),
                because: wanted.because.clone(),
                kind,
                agency,
                employees: vec![n],
                due_on,
                is_late: false,
                content: serde_json::json!({"office": office, "records": [record.clone()]}),
                dependant: wanted.dependant,
            });
        }
    }

    /// What is wrong with a filing, by the place of the filer's own item.
    fn judge(&mut self, procedures: &Procedures, at: usize) {
        let today = self.today;
        let Some(one) = self.plan.filings.get_mut(at) else { return };
        let Some(procedure) = procedures.get(&one.code) else { return };
        let mut found: Vec<Finding> = Vec::new();
        if one.agency.is_none() {
            let (ja, en) = (
                format!(
                    "「{}」（{}）の提出先がこのサービスにありません。別途届け出る場合は leave_out に指定してください。",
                    one.title.ja, one.code
                ),
                format!(
                    "No agency here takes {} ({}). Name it in leave_out and file it elsewhere.",
                    one.title.en, one.code
                ),
            );
            found.push(Finding::reject(NOBODY, "/event", &ja, &en));
        }
        one.is_late = one.due_on.is_some_and(|due| today > due);
        if let Some(due) = one.due_on.filter(|_| one.is_late) {
            let (ja, en) = (
                format!("「{}」の提出期限（{due}）を過ぎています。", one.title.ja),
                format!("{} was due on {due}.", one.title.en),
            );
            let finding = Finding::reject(LATE, "/event/on", &ja, &en);
            found.push(Finding { severity: Severity::Warn, ..finding });
        }
        for finding in procedure.check(&one.content) {
            let pointer = own_place(&finding.pointer, one, self.request);
            found.push(Finding { pointer, ..finding });
        }
        // The same item of the same employee is told once, not once for each procedure.
        for finding in found {
            let is_new = self.told.insert((finding.rule.clone(), finding.pointer.clone()));
            if is_new || finding.rule.starts_with("MG30") {
                self.plan.findings.push(finding);
            }
        }
    }
}

/// A record's items: those of this procedure alone, the dependant's, the employee's, and what the event says.
fn record(procedure: &Procedure, wanted: &Wanted, employee: &Employee) -> Map<String, Value> {
    let none = Map::new();
    let own = employee.details.get(&procedure.code).unwrap_or(&none);
    let dependant = wanted.dependant.and_then(|n| employee.dependants.get(n)).unwrap_or(&none);
    // What is worked out goes before the common items: a `reason` is not the same everywhere.
    pick(&procedure.fields, &[own, dependant, &wanted.worked_out, &employee.items])
}

/// Each item from the first that has it.
fn pick(fields: &[Field], from: &[&Map<String, Value>]) -> Map<String, Value> {
    let found = |field: &Field| {
        let value = from.iter().find_map(|items| items.get(&field.name))?;
        Some((field.name.clone(), value.clone()))
    };
    fields.iter().filter_map(found).collect()
}

/// `/records/0/name` of a content, as the place in what the filer sent.
fn own_place(pointer: &str, one: &Planned, request: &LifeEventRequest) -> String {
    let mut parts = pointer.split('/').skip(1);
    match (parts.next(), parts.next(), parts.next()) {
        (Some("records"), Some(n), name) => {
            let n = n.parse().ok().and_then(|n: usize| one.employees.get(n)).copied().unwrap_or_default();
            let Some(name) = name else { return format!("/employees/{n}") };
            let employee = request.employees.get(n);
            let is_own = employee.and_then(|e| e.details.get(&one.code)).is_some_and(|own| own.contains_key(name));
            let dependant = one.dependant.filter(|_| name.starts_with("dependant_"));
            match (is_own, dependant) {
                (true, _) => format!("/employees/{n}/details/{}/{name}", one.code),
                (false, Some(d)) => format!("/employees/{n}/dependants/{d}/{name}"),
                (false, None) => format!("/employees/{n}/items/{name}"),
            }
        }
        _ => pointer.to_owned(),
    }
}
