//! What is told of each person whose 資格取得届 goes with an establishment, by the names that procedures have for it.

use super::derive::{EMPLOYMENT_MEMBERS, PENSION_MEMBERS};
use crate::domain::establishment::{EmploymentMember, PensionMember};
use serde_json::{Value, json};

/// Of somebody covered by health and pension insurance from this day on. What is not known is null.
pub(super) fn insured(one: &PensionMember, from: &Value) -> Value {
    json!({
        "name": one.name, "name_kana": one.name_kana, "birth_date": one.birth_date, "category": one.category.code(),
        "individual_number": one.individual_number, "basic_pension_number": one.basic_pension_number,
        "postal_code": one.postal_code, "address_kana": one.address_kana, "acquired_on": from,
        "has_dependants": if one.has_dependants { "1" } else { "0" },
        "currency": one.monthly_pay, "in_kind": one.monthly_pay_in_kind,
    })
}

/// Of somebody covered by employment insurance from this day on.
pub(super) fn employed(one: &EmploymentMember, from: &Value) -> Value {
    json!({
        "name": one.name, "name_kana": one.name_kana, "birth_date": one.birth_date, "sex": one.sex.code(),
        "individual_number": one.individual_number, "employment_insured_number": one.insured_number,
        "acquisition_kind": if one.insured_number.is_some() { "2" } else { "1" },
        "reason": one.reason.code(), "pay_kind": one.pay_period.code(),
        // In thousands of yen, to the nearest.
        "monthly_pay": one.monthly_pay.saturating_add(500) / 1000,
        "acquired_on": from, "employment_form": one.employment_kind.code(), "occupation": one.occupation,
        "weekly_minutes": one.weekly_minutes, "has_term": one.term.is_some(),
        "term_from": one.term.map(|term| term.from), "term_until": one.term.map(|term| term.until),
    })
}

/// The member of the form that says an item of these procedures.
pub(super) fn said_as<'a>(procedure: &str, item: &'a str) -> &'a str {
    match (procedure, item) {
        (PENSION_MEMBERS, "currency") => "monthly_pay",
        (PENSION_MEMBERS, "in_kind") => "monthly_pay_in_kind",
        (EMPLOYMENT_MEMBERS, "employment_insured_number") => "insured_number",
        (EMPLOYMENT_MEMBERS, "pay_kind") => "pay_period",
        (EMPLOYMENT_MEMBERS, "employment_form") => "employment_kind",
        (EMPLOYMENT_MEMBERS, "term_from") => "term/from",
        (EMPLOYMENT_MEMBERS, "term_until") => "term/until",
        _ => item,
    }
}
