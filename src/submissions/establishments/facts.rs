//! What the form and the registry say, by the names that procedures have for it, and the contents made of it.

use super::derive::{CERTIFICATION, EMPLOYMENT_MEMBERS, PENSION_MEMBERS, REGISTRATION};
use super::members::{employed, insured};
use crate::catalog::procedures::{Field, Procedure};
use crate::domain::establishment::{EstablishmentForm, RegistryEntry};
use chrono::NaiveDate;
use serde_json::{Map, Value, json};

/// From which capital a new corporation pays consumption tax at once (消費税法 第12条の2), in yen.
pub(super) const TAXABLE_FROM: u64 = 10_000_000;

/// One item: its name in procedures, the place in the form that says it, and its value.
struct Fact {
    name: &'static str,
    place: String,
    value: Value,
}

/// Everything that is said once.
pub(super) struct Facts<'a> {
    form: &'a EstablishmentForm,
    facts: Vec<Fact>,
}

impl<'a> Facts<'a> {
    /// Of a form, and the entry that the registry made of it or is assumed to make.
    pub fn new(form: &'a EstablishmentForm, entry: Option<&RegistryEntry>) -> Self {
        let mut facts = Self { form, facts: Vec::new() };
        facts.company();
        if let Some(entry) = entry {
            facts.registered(entry);
        }
        facts
    }

    fn say(&mut self, name: &'static str, place: impl Into<String>, value: impl Into<Value>) {
        self.facts.push(Fact { name, place: place.into(), value: value.into() });
    }

    fn company(&mut self) {
        let form = self.form;
        self.say("company_kind", "/kind", form.kind.code());
        self.say("trade_name", "/trade_name", form.trade_name.as_str());
        self.say("trade_name_kana", "/trade_name_kana", form.trade_name_kana.as_str());
        self.say("head_office_postal_code", "/head_office/postal_code", form.head_office.postal_code.as_str());
        self.say("head_office_municipality", "/head_office/municipality", form.head_office.municipality.as_str());
        self.say("head_office_address", "/head_office/address", form.head_office.address.as_str());
        let purposes: Vec<String> = (1..).zip(&form.purposes).map(|(n, one): (u32, _)| format!("{n}. {one}")).collect();
        self.say("company_purposes", "/purposes", purposes.join("　"));
        self.say("capital", "/capital", form.capital);
        self.say("fiscal_year_ends_in", "/fiscal_year_ends_in", form.fiscal_year_ends_in);
        self.say("company_phone", "/contact/phone", form.contact.phone.as_str());
        self.say("company_mail", "/contact/mail", form.contact.mail.as_str());
        if form.capital >= TAXABLE_FROM {
            self.say("consumption_tax_new_corporation", "/capital", true);
        }
        if let Some((n, one)) = form.representative() {
            let at = |name: &str| format!("/officers/{n}/{name}");
            self.say("representative_name", at("name"), one.name.as_str());
            self.say("representative_name_kana", at("name_kana"), one.name_kana.as_str());
            self.say("representative_address", at("address"), one.address.as_str());
            self.say("representative_birth_date", at("birth_date"), one.birth_date.to_string());
        }
    }

    /// What is known once the company is there. What begins before that begins with it.
    fn registered(&mut self, entry: &RegistryEntry) {
        let (form, on) = (self.form, entry.established_on);
        self.say("corporate_number", "", entry.corporate_number.as_str());
        for name in ["established_on", "opened_on"] {
            self.say(name, "/establish_on", on.to_string());
        }
        self.say("registration_applied_on", "/establish_on", entry.applied_on.to_string());
        if let Some(end) = form.first_fiscal_year_end(on) {
            self.say("first_fiscal_year_ends_on", "/fiscal_year_ends_in", end.to_string());
        }
        if let Some(method) = form.taxes.inventory {
            self.say("inventory_method", "/taxes/inventory", method.code());
        }
        if let Some(method) = form.taxes.depreciation {
            self.say("depreciation_method", "/taxes/depreciation", method.code());
        }
        if let Some(salary) = &form.salary {
            self.say("first_paid_on", "/salary/first_paid_on", salary.first_paid_on.max(on).to_string());
            self.say("paid_people", "/salary/people", salary.people);
        }
        if let Some(employment) = &form.employment {
            self.say("hired_on", "/employment/from", employment.from.max(on).to_string());
            self.say("workers", "/employment/workers", employment.workers);
            self.say("insured_workers", "/employment/insured", employment.insured);
            self.say("wages", "/employment/wages", employment.wages);
        }
        if let Some(insurance) = &form.social_insurance {
            self.say("applies_from", "/social_insurance/from", insurance.from.max(on).to_string());
            self.say("insured_people", "/social_insurance/insured", insurance.insured);
        }
    }

    fn fact(&self, name: &str) -> Option<&Fact> {
        self.facts.iter().find(|fact| fact.name == name)
    }

    fn pick(&self, fields: &[Field]) -> Map<String, Value> {
        let found = |field: &Field| Some((field.name.clone(), self.fact(&field.name)?.value.clone()));
        fields.iter().filter_map(found).collect()
    }

    /// A day that another item says.
    fn day(&self, name: &str) -> Value {
        self.fact(name).map_or(Value::Null, |fact| fact.value.clone())
    }

    /// The records of a procedure: one for each person of the list that it is about, or one of the company.
    pub fn records(&self, procedure: &Procedure) -> Vec<Map<String, Value>> {
        let form = self.form;
        let people: Vec<Value> = match procedure.code.as_str() {
            CERTIFICATION => form.founders.iter().map(|one| json!(one)).collect(),
            REGISTRATION => {
                let coded = |one: &crate::domain::establishment::Officer| {
                    let mut told = json!(one);
                    if let Some(members) = told.as_object_mut() {
                        members.insert("role".to_owned(), one.role.code().into());
                    }
                    told
                };
                form.officers.iter().map(coded).collect()
            }
            PENSION_MEMBERS => {
                let from = self.day("applies_from");
                let members = form.social_insurance.iter().flat_map(|insurance| &insurance.members);
                members.map(|one| insured(one, &from)).collect()
            }
            EMPLOYMENT_MEMBERS => {
                let from = self.day("hired_on");
                let members = form.employment.iter().flat_map(|employment| &employment.members);
                members.map(|one| employed(one, &from)).collect()
            }
            _ => return vec![self.pick(&procedure.fields)],
        };
        let known = |person: Value| match person {
            Value::Object(items) => {
                items.into_iter().filter(|(name, value)| !value.is_null() && procedure.field(name).is_some()).collect()
            }
            _ => Map::new(),
        };
        people.into_iter().map(known).collect()
    }

    /// The first day until which one of its records is to be filed; none where no day is fixed.
    pub fn due_on(&self, procedure: &Procedure, today: NaiveDate) -> Option<NaiveDate> {
        self.records(procedure).iter().filter_map(|record| procedure.due_on(record, today)).min()
    }

    /// What a procedure is told.
    pub fn content(&self, procedure: &Procedure) -> Value {
        json!({"office": self.pick(&procedure.office), "records": self.records(procedure)})
    }

    /// A place in a procedure's content, as the place in the form that says it.
    pub fn place(&self, procedure: &Procedure, pointer: &str) -> String {
        let list = match procedure.code.as_str() {
            CERTIFICATION => "/founders",
            REGISTRATION => "/officers",
            PENSION_MEMBERS => "/social_insurance/members",
            EMPLOYMENT_MEMBERS => "/employment/members",
            _ => "",
        };
        let said = |name: &str| self.fact(name).map(|fact| fact.place.clone());
        let mut parts = pointer.split('/').skip(1);
        match (parts.next(), parts.next(), parts.next()) {
            (Some("records"), Some(n), Some(name)) if !list.is_empty() => {
                format!("{list}/{n}/{}", super::members::said_as(&procedure.code, name))
            }
            (Some("records"), ..) if !list.is_empty() => list.to_owned(),
            (Some("records"), _, Some(name)) | (Some("office"), Some(name), _) => said(name).unwrap_or_default(),
            _ => String::new(),
        }
    }
}
