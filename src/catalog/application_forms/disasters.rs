//! The item of a form that names a disaster (災害名) of the municipality's own record, never in words of one's own.

use super::{APPLICANT, Answers, ApplicationForm, Finding};
use crate::catalog::procedures::{Kind, Procedure, dates};
use crate::domain::disaster::{Disaster, DisasterRefusal};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::Value;

/// The rule of disasters that the municipality did not record.
const UNKNOWN: &str = "MG243";
/// The rule of those on whose account one cannot apply any more.
const OVER: &str = "MG244";
/// The rule of those that are recorded for other procedures.
const OTHER_PROCEDURE: &str = "MG245";
/// The rule of days that are none of the disaster's.
const OUTSIDE: &str = "MG246";

/// Where a form asks for a disaster.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisasterItem {
    /// The item that says its code, among those that are there once.
    pub item: String,
    /// The item that says on which day something was damaged, if there is one.
    pub day: Option<String>,
}

/// What is wrong with it.
pub(super) fn faults(asked: &DisasterItem, items: &Procedure) -> Option<String> {
    let is = |name: &str, is_kind: fn(&Kind) -> bool| items.office_field(name).is_some_and(|one| is_kind(&one.kind));
    if !is(&asked.item, |kind| matches!(kind, Kind::Line { .. })) {
        return Some(format!("the disaster: {} is no item of kind line", asked.item));
    }
    let day = asked.day.as_ref().filter(|day| !is(day, |kind| matches!(kind, Kind::Date)))?;
    Some(format!("the disaster: {day} is no item of kind date"))
}

impl ApplicationForm {
    /// The disaster that answers name, by its code.
    #[must_use]
    pub fn named_disaster<'a>(&self, answers: &'a Answers) -> Option<&'a str> {
        answers.applicant.get(&self.disaster.as_ref()?.item).and_then(Value::as_str)
    }

    /// What is wrong with the disaster that answers name: `found` is what its municipality recorded under that code. What
    /// was `named_before` may be over by now.
    #[must_use]
    pub fn check_disaster(
        &self,
        answers: &Answers,
        (found, named_before): (Option<&Disaster>, bool),
        today: NaiveDate,
    ) -> Option<Finding> {
        let (asked, _) = (self.disaster.as_ref()?, self.named_disaster(answers)?);
        let item = format!("{APPLICANT}/{}", asked.item);
        let Some(found) = found else {
            let ja = "この市区町村が登録した災害のコードを指定してください。";
            let en = "The municipality recorded no disaster with this code: see GET /v1/disasters.";
            return Some(Finding::reject(UNKNOWN, item, ja, en));
        };
        let said = asked.day.as_ref().and_then(|name| answers.applicant.get(name)).and_then(Value::as_str);
        let damaged_on = said.and_then(|text| dates::day(text).ok());
        let told = found.may_be_named((&self.procedure, damaged_on), today, named_before);
        Some(match told.err()? {
            DisasterRefusal::Over => {
                let ja = "この災害についての受付は終了しています。";
                Finding::reject(OVER, item, ja, "One cannot apply on account of this disaster any more.")
            }
            DisasterRefusal::OtherProcedure => {
                let ja = "この災害については、この手続を受け付けていません。";
                Finding::reject(OTHER_PROCEDURE, item, ja, "This procedure is not open on account of this disaster.")
            }
            DisasterRefusal::OutsideItsDays => {
                let place = format!("{APPLICANT}/{}", asked.day.as_deref().unwrap_or(&asked.item));
                let ja = "罹災日は、この災害の期間のうち今日までの日としてください。";
                Finding::reject(OUTSIDE, place, ja, "It must be a day of this disaster, up to today.")
            }
        })
    }
}
