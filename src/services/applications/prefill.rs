//! A form, filled from the person's own self-information (ワンスオンリー): under the consent to both, each value with its
//! source. Nothing is kept: what is fetched goes to the caller, or nowhere.

use super::Applications;
use super::prefill_view::{PrefillView, PrefilledItem, UnfilledItem};
use crate::catalog::Catalog;
use crate::catalog::application_forms::{ApplicationForm, ItemSource};
use crate::catalog::procedures::{Field, Kind};
use crate::domain::data_set::DataSetCode;
use crate::domain::retrieval::{Condition, Query};
use crate::domain::scope::Scope;
use crate::domain::{Fault, Refusal};
use crate::gateway::{Cleared, GatewayRefusal, Permit};
use crate::services::self_information::{Reply, SelfInformation, Wanted};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// For how long backends are waited for.
const LONGEST: Duration = Duration::from_secs(20);
/// Why an item is left that nobody agreed to.
const NOT_CONSENTED: &str = "not_consented";

/// A form being filled.
struct Filling<'f> {
    form: &'f ApplicationForm,
    catalog: &'f Catalog,
    applicant: Map<String, Value>,
    items: Vec<PrefilledItem>,
    left: Vec<UnfilledItem>,
}

impl<'f> Filling<'f> {
    fn leave(&mut self, source: &ItemSource, reason: &str, is_retryable: bool) {
        self.left.push(UnfilledItem {
            item: source.item.clone(),
            data_set: source.data_set.to_string(),
            code: source.code.to_string(),
            reason: reason.to_owned(),
            is_retryable,
        });
    }

    /// The items of one data set that may leave, or all of it.
    fn of(&self, set: DataSetCode) -> impl Iterator<Item = &'f ItemSource> + use<'f> {
        self.form.sources.iter().filter(move |source| source.data_set == set)
    }

    fn leave_all(&mut self, set: DataSetCode, (reason, is_retryable): (&str, bool)) {
        for source in self.of(set) {
            self.leave(source, reason, is_retryable);
        }
    }

    /// One data set as it was answered: what is not whole, or does not fit, stays out.
    fn fill(&mut self, set: DataSetCode, allowed: &BTreeSet<&str>, result: &Value) {
        let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let outcome = text(result, "outcome");
        if outcome != "ok" {
            let reason = if outcome == "failed" { text(result, "reason") } else { outcome };
            let is_retryable = result.get("is_retryable").and_then(Value::as_bool).unwrap_or_default();
            self.leave_all(set, (&reason, is_retryable));
            return;
        }
        let records = result.get("records").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for source in self.of(set) {
            if !allowed.contains(&*source.item) {
                self.leave(source, NOT_CONSENTED, false);
                continue;
            }
            let field =
                self.catalog.data_set(set).and_then(|set| set.item(source.code)).and_then(|one| one.field.as_deref());
            let said = field.and_then(|field| {
                let own = |record: &'_ Value| record.get("data")?.get(field).filter(|value| !value.is_null()).cloned();
                records.iter().find_map(|record| Some((record, own(record)?)))
            });
            let Some((record, value)) = said else {
                let is_unreadable = records.iter().any(|record| has_fault(record, source.code.as_str()));
                self.leave(source, if is_unreadable { "unreadable" } else { "no_value" }, false);
                continue;
            };
            match self.fitted(&source.item, &value) {
                Some(value) => {
                    self.applicant.insert(source.item.clone(), value);
                    self.items.push(PrefilledItem {
                        item: source.item.clone(),
                        data_set: set.to_string(),
                        code: source.code.to_string(),
                        provider: text(record, "provider"),
                        updated_at: text(record, "updated_at"),
                    });
                }
                None => self.leave(source, "does_not_fit", false),
            }
        }
    }

    /// A value as the form's item takes it, if it does.
    fn fitted(&self, item: &str, value: &Value) -> Option<Value> {
        let field = self.form.items.office_field(item)?;
        let value = written(field, value);
        let found = self.form.items.check(&json!({"office": {item: value}, "records": []}));
        let place = format!("/office/{item}");
        (!found.iter().any(|finding| finding.pointer == place)).then_some(value)
    }
}

/// 郵便番号 and the like come with hyphens, which forms do not take.
fn written(field: &Field, value: &Value) -> Value {
    match (&field.kind, value.as_str()) {
        (Kind::Digits { .. }, Some(text)) => text.replace('-', "").into(),
        _ => value.clone(),
    }
}

fn has_fault(record: &Value, code: &str) -> bool {
    let faults = record.get("faults").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    faults.iter().any(|fault| fault.get("item").and_then(Value::as_str) == Some(code))
}

impl Applications {
    /// What is known of a form's items already, of the person who consented to applications and to self-information. What
    /// was not agreed to, could not be had, or does not fit the form is left, with the reason.
    ///
    /// # Errors
    /// `not_found`, `refused_by_policy`; the limits of self-information.
    pub async fn prefill(
        &self,
        permit: &Permit,
        code: &str,
        (from, scenario): (&Arc<SelfInformation>, Option<&str>),
    ) -> Result<PrefillView, GatewayRefusal> {
        let form = self.parts.forms.get(code).ok_or_else(super::forms::unknown_form)?;
        self.parts.gateway.clear_applying(permit).await?;
        let mut filling =
            Filling { form, catalog: from.catalog(), applicant: Map::new(), items: Vec::new(), left: Vec::new() };
        let mut asked = BTreeMap::new();
        for set in form.sources.iter().map(|source| source.data_set).collect::<BTreeSet<_>>() {
            match self.agreed(permit, form, set) {
                Ok(items) => drop(asked.insert(set, items)),
                Err(refusal) => filling.leave_all(set, (refusal.code, false)),
            }
        }
        let receipt =
            if asked.is_empty() { None } else { fetch((permit, from), (&asked, scenario), &mut filling).await? };
        let Filling { applicant, items, mut left, .. } = filling;
        left.sort_by_key(|one| form.sources.iter().position(|source| source.item == one.item));
        Ok(PrefillView { form: form.code().to_owned(), applicant, items, left, receipt_id: receipt })
    }

    /// The items of a form that one data set may fill, by the consent and the rules as they stand now.
    fn agreed<'f>(
        &self,
        permit: &Permit,
        form: &'f ApplicationForm,
        set: DataSetCode,
    ) -> Result<BTreeSet<&'f str>, Refusal> {
        let not_consented = || Refusal::new(NOT_CONSENTED, "The person did not agree to this data set.");
        if !permit.scope().has(Scope::SelfInformation) {
            return Err(not_consented());
        }
        let query = Query { code: set, condition: Condition::Latest };
        let clearance = match self.parts.gateway.clear_one(permit.grant(), permit.client(), query)? {
            Cleared::Yes(clearance) => clearance,
            Cleared::RefusedByCitizen(_) => {
                return Err(Refusal::new("refused_by_citizen", "The person refused every item of it."));
            }
        };
        let own = form.sources.iter().filter(|source| source.data_set == set && clearance.allows(source.code));
        let items: BTreeSet<&str> = own.map(|source| source.item.as_str()).collect();
        if items.is_empty() { Err(not_consented()) } else { Ok(items) }
    }
}

/// Asks for all of it in one retrieval, which stands in the person's access history like any other. Gives its receipt.
async fn fetch(
    (permit, from): (&Permit, &Arc<SelfInformation>),
    (asked, scenario): (&BTreeMap<DataSetCode, BTreeSet<&str>>, Option<&str>),
    filling: &mut Filling<'_>,
) -> Result<Option<String>, GatewayRefusal> {
    let latest = |set: &DataSetCode| json!({"code": set, "condition": {"kind": "latest"}});
    let body = json!({"data_sets": asked.keys().map(latest).collect::<Vec<_>>()}).to_string();
    let wanted = Wanted { body: body.as_bytes(), key: None, wait: LONGEST, scenario };
    let all = |filling: &mut Filling<'_>, why: (&str, bool)| {
        for set in asked.keys() {
            filling.leave_all(*set, why);
        }
    };
    match from.create(permit, &wanted).await {
        Ok(Reply::Finished(_, bytes)) => {
            let result: Value = serde_json::from_slice(&bytes).map_err(|error| Fault::Internal(error.to_string()))?;
            let none = json!({"outcome": "failed", "reason": "no_answer"});
            for (set, allowed) in asked {
                let is_its = |one: &&Value| one.get("code").and_then(Value::as_str) == Some(set.as_str());
                let results = result.get("data_sets").and_then(Value::as_array);
                let own = results.and_then(|all| all.iter().find(is_its));
                filling.fill(*set, allowed, own.unwrap_or(&none));
            }
            Ok(result.get("receipt_id").and_then(Value::as_str).map(str::to_owned))
        }
        // Nobody would come for it: nothing of it is kept.
        Ok(Reply::Working(request)) => {
            from.cancel(permit, request.id.as_str()).await?;
            all(filling, ("not_in_time", true));
            Ok(None)
        }
        Err(GatewayRefusal::Refused(refusal, _)) => {
            all(filling, (refusal.code, false));
            Ok(None)
        }
        Err(other) => Err(other),
    }
}
