//! The forms of applications (電子申請), procedure by procedure, version by version, and where a municipality has its own.
//!
//! A form's items are described as a procedure's are, in a file of its own under `policies/application-forms/`: those that are
//! there once are its `office`, those of each child or member of the household its records. `policies/applications.toml` says
//! which procedure it is of, from which day on, who may apply by it, and which certificates go with it; and which
//! municipalities receive applications here. A municipality's own form names it, and may extend the one of all others.

mod disasters;
mod documents;
mod load;
mod sources;
#[cfg(test)]
mod tests;
mod wording;

pub use disasters::DisasterItem;
pub use documents::DocumentSlot;
pub use sources::ItemSource;

use super::CatalogFault;
use super::procedures::Procedure;
use super::services::Standards;
use crate::domain::Words;
use crate::domain::application::{Answers, ApplicantKind};
use crate::domain::interview::InterviewNeed;
use crate::domain::submission::{Finding, MOST_FINDINGS};
use chrono::NaiveDate;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The rule of certificates that are missing.
const MISSING: &str = "MG240";
/// The rule of how many entries there may be.
const ENTRIES: &str = "MG241";
/// Where what is said once stands in an application.
const APPLICANT: &str = "/answers/applicant";
/// Where what is said of each stands.
const EACH: &str = "/answers/entries";

/// A place of a form where a certificate of employment (就労証明書) goes, when an item says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateSlot {
    /// Its name, which what is attached says.
    pub name: String,
    /// Whose it is.
    pub title: Words,
    /// The item, among those that are there once.
    pub item: String,
    /// What it says then.
    pub value: String,
}

/// One version of a form.
#[derive(Clone, Debug)]
pub struct ApplicationForm {
    /// Its items.
    pub items: Procedure,
    /// Which procedure it is of, by the code that it has at every municipality.
    pub procedure: String,
    /// Its version.
    pub version: u32,
    /// The first day on which it is in force.
    pub from: NaiveDate,
    /// Of whom or what each entry is.
    pub entries: Words,
    /// Most entries.
    pub most_entries: usize,
    /// Who may apply by it.
    pub applicants: Vec<ApplicantKind>,
    /// Which certificates go with it.
    pub certificates: Vec<CertificateSlot>,
    /// Which documents (添付書類) go with it, or may.
    pub documents: Vec<DocumentSlot>,
    /// Which item names a disaster of the municipality's record, if one does.
    pub disaster: Option<DisasterItem>,
    /// Which items are known already, and from where.
    pub sources: Vec<ItemSource>,
    /// Whether an interview (面談) goes with it.
    pub interview: Option<InterviewNeed>,
}

/// All forms.
#[derive(Clone, Debug)]
pub struct ApplicationForms {
    forms: BTreeMap<String, ApplicationForm>,
    receiving: BTreeSet<String>,
}

impl ApplicationForms {
    /// Reads `applications.toml` and `application-forms/` of the operator's directory.
    ///
    /// # Errors
    /// Every fault of every file: also a form without its entry or an entry without its form, a procedure that is none of
    /// `standards`, two forms for one procedure at one municipality from one day, a slot of an item that is not there.
    pub fn load(dir: &Path, standards: &Standards) -> Result<Self, Vec<CatalogFault>> {
        load::load(dir, standards)
    }

    /// The form of a procedure that a municipality takes on a day: its own, else the one of all others, in its last version.
    #[must_use]
    pub fn in_force(&self, procedure: &str, municipality: &str, on: NaiveDate) -> Option<&ApplicationForm> {
        let stands = |form: &&ApplicationForm| form.procedure == procedure && form.from <= on;
        let last = |is_own: bool| {
            let forms = self.forms.values().filter(stands);
            forms.filter(|form| form.is_for(municipality, is_own)).max_by_key(|form| form.from)
        };
        last(true).or_else(|| last(false))
    }

    /// The form with this code, in force or not.
    #[must_use]
    pub fn get(&self, code: &str) -> Option<&ApplicationForm> {
        self.forms.get(code)
    }

    /// All forms, by code.
    pub fn iter(&self) -> impl Iterator<Item = &ApplicationForm> {
        self.forms.values()
    }

    /// Whether an interview goes with any form of a procedure.
    #[must_use]
    pub fn has_interviews(&self, procedure: &str) -> bool {
        self.forms.values().any(|form| form.procedure == procedure && form.interview.is_some())
    }

    /// Whether a municipality receives applications here.
    #[must_use]
    pub fn is_receiving(&self, municipality: &str) -> bool {
        self.receiving.contains(municipality)
    }

    /// The municipalities that do.
    pub fn receiving(&self) -> impl Iterator<Item = &str> {
        self.receiving.iter().map(String::as_str)
    }
}

impl ApplicationForm {
    /// Its code.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.items.code
    }

    fn is_for(&self, municipality: &str, is_own: bool) -> bool {
        if is_own { self.items.municipalities.iter().any(|one| one == municipality) } else { self.is_for_all() }
    }

    /// Whether it is the form of every municipality that has none of its own.
    #[must_use]
    pub fn is_for_all(&self) -> bool {
        self.items.municipalities.is_empty()
    }

    /// The certificates that these answers make go with it.
    pub fn wanted_certificates<'a>(&'a self, answers: &'a Answers) -> impl Iterator<Item = &'a CertificateSlot> {
        let says =
            |slot: &CertificateSlot| answers.applicant.get(&slot.item).and_then(Value::as_str) == Some(&*slot.value);
        self.certificates.iter().filter(move |slot| says(slot))
    }

    /// What is wrong with an application's answers, and with which slots have a certificate, by its places in the application.
    #[must_use]
    pub fn check(&self, answers: &Answers, attached: &BTreeSet<&str>) -> Vec<Finding> {
        let found = self.items.check(&json!({"office": answers.applicant, "records": answers.entries}));
        let own = |pointer: &str| {
            let rest = |prefix: &str, name: &str| pointer.strip_prefix(prefix).map(|rest| format!("{name}{rest}"));
            rest("/office", APPLICANT).or_else(|| rest("/records", EACH)).unwrap_or_else(|| "/answers".to_owned())
        };
        let mut found: Vec<Finding> =
            found.into_iter().map(|one| Finding { pointer: own(&one.pointer), ..one }).collect();
        if answers.entries.as_array().is_some_and(|entries| entries.len() > self.most_entries) {
            let most = self.most_entries;
            let (ja, en) = (format!("{most}件以内としてください。"), format!("Give at most {most} entries."));
            found.push(Finding::reject(ENTRIES, EACH, &ja, &en));
        }
        for slot in self.wanted_certificates(answers).filter(|slot| !attached.contains(&*slot.name)) {
            let ja = format!("{}が必要です。参照番号を添付するか、書面で提出することを示してください。", slot.title.ja);
            let en = format!("{} must go with it: attach its reference, or say that it comes on paper.", slot.title.en);
            found.push(Finding::reject(MISSING, format!("{APPLICANT}/{}", slot.item), &ja, &en));
        }
        found.truncate(MOST_FINDINGS);
        found
    }

    /// The JSON Schema (2020-12) of the answers.
    #[must_use]
    pub fn schema(&self) -> Value {
        let mut schema = self.items.schema();
        let part = |schema: &mut Value, name: &str| schema.pointer_mut(&format!("/properties/{name}")).map(Value::take);
        let (applicant, entries) = (part(&mut schema, "office"), part(&mut schema, "records"));
        let mut entries = entries.unwrap_or_default();
        if let Some(members) = entries.as_object_mut() {
            members.insert("title".to_owned(), self.entries.ja.clone().into());
            members.insert("description".to_owned(), self.entries.en.clone().into());
            members.insert("maxItems".to_owned(), self.most_entries.into());
        }
        let mut applicant = applicant.unwrap_or_default();
        self.mark(&mut applicant);
        let properties = json!({"applicant": applicant, "entries": entries});
        if let Some(members) = schema.as_object_mut() {
            members.insert("required".to_owned(), json!(["applicant", "entries"]));
            members.insert("properties".to_owned(), properties);
        }
        schema
    }

    /// What a schema cannot say: whose codes an item takes, and from where it is known.
    fn mark(&self, applicant: &mut Value) {
        self.mark_sources(applicant);
        let item = self.disaster.as_ref().map(|asked| format!("/properties/{}", asked.item));
        let item = item.and_then(|place| applicant.pointer_mut(&place)).and_then(Value::as_object_mut);
        if let Some(members) = item {
            members.insert("x-disaster-of".to_owned(), "municipality".into());
        }
    }

    /// Items by their titles, each once, with what the answers say: of what is there once, then of each entry.
    #[must_use]
    pub fn told<'a>(&'a self, answers: &'a Answers) -> Vec<(String, &'a Words, &'a Value)> {
        let mut told = Vec::new();
        let mut of = |place: String, fields: &'a [super::procedures::Field], said: Option<&'a Map<String, Value>>| {
            let Some(said) = said else { return };
            for field in fields {
                if let Some(value) = said.get(&field.name).filter(|value| !value.is_null()) {
                    told.push((format!("{place}/{}", field.name), &field.title, value));
                }
            }
        };
        of(APPLICANT.to_owned(), &self.items.office, answers.applicant.as_object());
        for (n, entry) in answers.entries.as_array().into_iter().flatten().enumerate() {
            of(format!("{EACH}/{n}"), &self.items.fields, entry.as_object());
        }
        told
    }
}
