//! Reads the forms, and holds their entries against the files beside them.

use super::disasters;
use super::documents::{self, RawDocument};
use super::sources::{self, RawSource};
use super::{ApplicationForm, ApplicationForms, CertificateSlot, DisasterItem};
use crate::catalog::CatalogFault;
use crate::catalog::procedures::{Kind, Procedure, Procedures, is_municipality};
use crate::catalog::services::Standards;
use crate::domain::Words;
use crate::domain::application::ApplicantKind;
use crate::domain::interview::InterviewNeed;
use chrono::NaiveDate;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const FILE: &str = "applications.toml";
/// Where the forms' items are.
const FORMS: &str = "application-forms";
/// Most entries of any form.
const MOST: usize = 50;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    receiving: Vec<String>,
    #[serde(default)]
    prefill: Vec<RawSource>,
    form: Vec<RawForm>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawForm {
    code: String,
    procedure: String,
    version: u32,
    from: NaiveDate,
    entries: Words,
    most_entries: usize,
    applicants: Vec<ApplicantKind>,
    #[serde(default)]
    certificate: Vec<RawSlot>,
    #[serde(default)]
    document: Vec<RawDocument>,
    disaster: Option<DisasterItem>,
    interview: Option<InterviewNeed>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSlot {
    name: String,
    title: Words,
    item: String,
    value: String,
}

pub(super) fn load(dir: &Path, standards: &Standards) -> Result<ApplicationForms, Vec<CatalogFault>> {
    let read = std::fs::read_to_string(dir.join(FILE)).map_err(|error| format!("cannot be read: {error}"));
    let read = read.and_then(|text| toml::from_str::<Raw>(&text).map_err(|error| error.to_string()));
    let raw = read.map_err(|problem| vec![fault("", problem)])?;
    let mut items: BTreeMap<String, Procedure> =
        Procedures::load(&dir.join(FORMS))?.iter().map(|one| (one.code.clone(), one.clone())).collect();
    let described: Vec<&Procedure> = items.values().collect();
    let of_sources = sources::faults(&raw.prefill, &described).map(|(item, problem)| fault(item, problem));
    let mut faults: Vec<CatalogFault> = of_sources.collect();
    let mut forms = BTreeMap::new();
    for form in raw.form {
        let Some(own) = items.remove(&form.code) else {
            faults.push(fault(&form.code, format!("{FORMS}/ describes no form with this code, or it is there twice")));
            continue;
        };
        if standards.get(&form.procedure).is_none() {
            faults.push(fault(&form.code, format!("there is no procedure {}", form.procedure)));
        }
        check(&form, &own, &mut faults);
        let asked = form.disaster.as_ref().and_then(|asked| disasters::faults(asked, &own));
        faults.extend(asked.map(|problem| fault(&form.code, problem)));
        faults.extend(documents::faults(&form.document, standards).map(|problem| fault(&form.code, problem)));
        let own_sources = sources::of(&raw.prefill, &own);
        forms.insert(form.code.clone(), whole(form, (own, own_sources), standards));
    }
    faults.extend(items.keys().map(|code| fault(code, format!("{FORMS}/ describes it, and no [[form]] is of it"))));
    twice(&forms, &mut faults);
    if let Some(wrong) = raw.receiving.iter().find(|code| !is_municipality(code)) {
        faults.push(fault("receiving", format!("{wrong:?} is no 市区町村コード: five digits and their check digit")));
    }
    let receiving: BTreeSet<String> = raw.receiving.into_iter().collect();
    if faults.is_empty() { Ok(ApplicationForms { forms, receiving }) } else { Err(faults) }
}

fn check(form: &RawForm, own: &Procedure, faults: &mut Vec<CatalogFault>) {
    if !(1..=MOST).contains(&form.most_entries) {
        faults.push(fault(&form.code, format!("most_entries must be 1 to {MOST}")));
    }
    if form.applicants.is_empty() {
        faults.push(fault(&form.code, "applicants must name who may apply".to_owned()));
    }
    let mut names = BTreeSet::new();
    for slot in &form.certificate {
        if !names.insert(&slot.name) {
            faults.push(fault(&form.code, format!("the certificate {} is there twice", slot.name)));
        }
        let says = |kind: &Kind| matches!(kind, Kind::Code(codes) if codes.iter().any(|code| code.code == slot.value));
        if !own.office_field(&slot.item).is_some_and(|field| says(&field.kind)) {
            let problem =
                format!("the certificate {}: {} is no item that can say {}", slot.name, slot.item, slot.value);
            faults.push(fault(&form.code, problem));
        }
    }
}

fn whole(
    form: RawForm,
    (items, sources): (Procedure, Vec<super::ItemSource>),
    standards: &Standards,
) -> ApplicationForm {
    let slot = |raw: RawSlot| CertificateSlot { name: raw.name, title: raw.title, item: raw.item, value: raw.value };
    ApplicationForm {
        items,
        procedure: form.procedure,
        version: form.version,
        from: form.from,
        entries: form.entries,
        most_entries: form.most_entries,
        applicants: form.applicants,
        certificates: form.certificate.into_iter().map(slot).collect(),
        documents: form.document.into_iter().filter_map(|raw| raw.read(standards)).collect(),
        disaster: form.disaster,
        sources,
        interview: form.interview,
    }
}

/// Of a procedure at a municipality, one form is in force from a day, and one has a version.
fn twice(forms: &BTreeMap<String, ApplicationForm>, faults: &mut Vec<CatalogFault>) {
    let (mut days, mut versions) = (BTreeSet::new(), BTreeSet::new());
    for form in forms.values() {
        let own = form.items.municipalities.iter().map(String::as_str);
        let places: Vec<&str> = if form.is_for_all() { vec![""] } else { own.collect() };
        for place in places {
            let is_new = days.insert((&form.procedure, place, form.from));
            if !(versions.insert((&form.procedure, place, form.version)) && is_new) {
                let problem =
                    format!("another form of {} has this version, or is in force from this day", form.procedure);
                faults.push(fault(form.code(), problem));
            }
        }
    }
}

fn fault(key: &str, problem: String) -> CatalogFault {
    CatalogFault { file: FILE.to_owned(), key: key.to_owned(), problem }
}
