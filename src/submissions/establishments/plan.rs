//! What follows from a form: procedures in their order, who takes them, until when, and what is wrong.

use super::derive::{Wanted, derive};
use super::facts::Facts;
use super::rules;
use crate::adapters::agency::AgencySettings;
use crate::catalog::procedures::{AgencyKind, Procedure, Procedures};
use crate::domain::Words;
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::establishment::{EstablishmentForm, EstablishmentPart, RegistryEntry, Stage};
use crate::domain::submission::{Finding, Severity};
use chrono::NaiveDate;
use std::collections::HashSet;

/// No agency among those of this service takes a procedure.
const NOBODY: &str = "MG301";
/// The last day is over.
const LATE: &str = "MG302";

/// One filing that follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedFiling {
    /// In which stage.
    pub stage: Stage,
    /// The procedure.
    pub code: String,
    /// Its name.
    pub title: Words,
    /// Why it follows.
    pub because: Words,
    /// The kind of receiver.
    pub kind: AgencyKind,
    /// By its name here; none when no agency here takes it.
    pub agency: Option<String>,
    /// The last day, if the company is established on the day that the form says.
    pub due_on: Option<NaiveDate>,
}

/// Everything that follows from a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EstablishmentPlan {
    /// In the order in which they go out.
    pub filings: Vec<PlannedFiling>,
    /// What was found, by places in the form.
    pub findings: Vec<Finding>,
}

impl EstablishmentPlan {
    /// What is to be handed in, and to whom.
    #[must_use]
    pub fn parts(&self) -> Vec<EstablishmentPart> {
        let part = |one: &PlannedFiling| {
            let agency = one.agency.clone()?;
            Some(EstablishmentPart { stage: one.stage, procedure: one.code.clone(), agency })
        };
        self.filings.iter().filter_map(part).collect()
    }
}

/// As the registry would answer; the number is not known yet, and any right one keeps the same rules.
pub(super) fn assumed(form: &EstablishmentForm, filer: &CorporateNumber, on: NaiveDate) -> RegistryEntry {
    RegistryEntry {
        corporate_number: filer.clone(),
        trade_name: form.trade_name.clone(),
        head_office: form.head_office.address.clone(),
        established_on: on,
        applied_on: on,
    }
}

/// What plans are made from.
pub(super) struct Maker<'a> {
    form: &'a EstablishmentForm,
    procedures: &'a Procedures,
    agencies: &'a [&'a AgencySettings],
    today: NaiveDate,
    plan: EstablishmentPlan,
    /// Rule and place of each finding.
    told: HashSet<(String, String)>,
}

impl<'a> Maker<'a> {
    pub fn new(
        form: &'a EstablishmentForm,
        (procedures, agencies): (&'a Procedures, &'a [&'a AgencySettings]),
        today: NaiveDate,
    ) -> Self {
        Self { form, procedures, agencies, today, plan: EstablishmentPlan::default(), told: HashSet::new() }
    }

    /// The plan for a filer of this number.
    pub fn plan(mut self, filer: &CorporateNumber) -> EstablishmentPlan {
        for finding in rules::check(self.form, self.today) {
            self.note(finding);
        }
        let assumed = assumed(self.form, filer, self.form.establish_on.max(self.today));
        let wanted = derive(self.form);
        for one in &wanted {
            match self.procedures.get(one.code) {
                Some(procedure) => self.add(procedure, one, &assumed),
                // An operator who took the file of a notice away has it filed elsewhere; without a registration there is
                // nothing to give notice of.
                None if one.stage == Stage::Notification => {}
                None => {
                    let ja = format!("この手続（{}）は現在このサービスで扱っていません。", one.code);
                    let en = format!("The procedure {} is not described here.", one.code);
                    self.note(Finding::reject(NOBODY, "/kind", &ja, &en));
                }
            }
        }
        self.left_out();
        self.plan
    }

    fn note(&mut self, finding: Finding) {
        if self.told.insert((finding.rule.clone(), finding.pointer.clone())) || finding.rule.starts_with("MG30") {
            self.plan.findings.push(finding);
        }
    }

    fn add(&mut self, procedure: &Procedure, wanted: &Wanted, assumed: &RegistryEntry) {
        let facts = Facts::new(self.form, Some(assumed).filter(|_| wanted.stage == Stage::Notification));
        let content = facts.content(procedure);
        for finding in procedure.check(&content) {
            let pointer = facts.place(procedure, &finding.pointer);
            self.note(Finding { pointer, ..finding });
        }
        let due_on = facts.due_on(procedure, self.today);
        let union = self.form.social_insurance.as_ref().and_then(|insurance| insurance.union.as_deref());
        let union = union.filter(|_| procedure.is_for_union);
        let office = self.agency(&procedure.code, union);
        let mut receivers = vec![(procedure.agency, office)];
        if let Some(name) = union {
            let known = self.agencies.iter().find(|agency| agency.name == name);
            let known = known.filter(|agency| agency.procedures.contains(&procedure.code));
            receivers.push((AgencyKind::HealthInsuranceUnion, known.map(|agency| agency.name.clone())));
        }
        for (kind, agency) in receivers {
            let words = |(ja, en): (&str, &str)| Words { ja: ja.to_owned(), en: en.to_owned() };
            let one = PlannedFiling {
                stage: wanted.stage,
                code: procedure.code.clone(),
                title: procedure.title.clone(),
                because: words(wanted.because),
                kind,
                agency,
                due_on,
            };
            self.judge(&one);
            self.plan.filings.push(one);
        }
    }

    /// Who takes a procedure where the company is: whoever is there for the smallest area that it lies in.
    fn agency(&self, code: &str, but: Option<&str>) -> Option<String> {
        let takes = |agency: &&&AgencySettings| {
            Some(agency.name.as_str()) != but && agency.procedures.iter().any(|known| known == code)
        };
        let place = self.form.head_office.municipality.as_str();
        let found = self.agencies.iter().filter(takes).filter_map(|agency| Some((agency.serves(place)?, agency)));
        // The first of those that are alike.
        let best = found.fold(None, |best: Option<(usize, _)>, (width, agency)| match best {
            Some((widest, _)) if widest >= width => best,
            _ => Some((width, agency)),
        });
        best.map(|(_, agency)| agency.name.clone())
    }

    fn judge(&mut self, one: &PlannedFiling) {
        if one.agency.is_none() {
            let (ja, en) = if one.kind == AgencyKind::HealthInsuranceUnion {
                (
                    "指定された健康保険組合はこのサービスにないか、新規適用届を受け付けていません。".to_owned(),
                    "There is no such health insurance union here, or it does not take this procedure.".to_owned(),
                )
            } else {
                (
                    format!("「{}」（{}）の提出先がこのサービスにありません。", one.title.ja, one.code),
                    format!("No agency here takes {} ({}).", one.title.en, one.code),
                )
            };
            let place = if one.kind == AgencyKind::HealthInsuranceUnion {
                "/social_insurance/union"
            } else {
                "/head_office/municipality"
            };
            self.note(Finding::reject(NOBODY, place, &ja, &en));
        }
        if let Some(due) = one.due_on.filter(|due| self.today > *due) {
            let (ja, en) = (
                format!("「{}」の提出期限（{due}）を過ぎています。", one.title.ja),
                format!("{} was due on {due}.", one.title.en),
            );
            let finding = Finding::reject(LATE, "/establish_on", &ja, &en);
            self.note(Finding { severity: Severity::Warn, ..finding });
        }
    }

    /// What is left out must be something that can be.
    fn left_out(&mut self) {
        for (n, code) in self.form.leave_out.iter().enumerate() {
            let can_be = self.procedures.get(code).is_some()
                && ![super::derive::CERTIFICATION, super::derive::REGISTRATION].contains(&code.as_str());
            if !can_be {
                let (ja, en) = (
                    "別途届け出る手続として指定できるのは、登記後の手続だけです。",
                    "Only a procedure of the last stage can be left out.",
                );
                self.note(Finding::reject("MG413", format!("/leave_out/{n}"), ja, en));
            }
        }
    }
}
