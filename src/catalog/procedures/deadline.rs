//! Until when a filing is to be made.

use super::calendar::working_day_from;
use super::dates;
use super::definition::{Due, Procedure};
use chrono::{Datelike as _, Days, Months, NaiveDate};
use serde_json::{Map, Value};

impl Procedure {
    /// The last day on which a record can be filed in time, on a working day; none where no day is fixed, or the item that
    /// it is counted from does not say one. `today` tells which year's window is meant.
    #[must_use]
    pub fn due_on(&self, record: &Map<String, Value>, today: NaiveDate) -> Option<NaiveDate> {
        let day = |name: &str| dates::day(record.get(name)?.as_str()?).ok();
        let last = match &self.due {
            // The day itself does not count (民法 第140条).
            Due::DaysAfter { field, days } => day(field)?.checked_add_days(Days::new((*days).into()))?,
            Due::MonthsAfter { field, months, counts_first_day, before } => {
                let named = day(field)?;
                let last = end_of_months(if *counts_first_day { named } else { named.succ_opt()? }, *months)?;
                let other = before.as_deref().and_then(day).and_then(|day| day.pred_opt());
                other.map_or(last, |other| other.min(last))
            }
            Due::OnDay { field } => return day(field),
            Due::DayOfNextMonth { field, day: date } => {
                day(field)?.with_day(1)?.checked_add_months(Months::new(1))?.with_day(*date)?
            }
            Due::Window { until, .. } => {
                let of_year = |year: i32| NaiveDate::parse_from_str(&format!("{year}-{until}"), "%Y-%m-%d").ok();
                let this = of_year(today.year())?;
                // Half a year after a window the next one is meant.
                let is_long_over = this.checked_add_months(Months::new(6)).is_some_and(|over| today > over);
                if is_long_over { of_year(today.year() + 1)? } else { this }
            }
            Due::Promptly => return None,
        };
        Some(working_day_from(last))
    }
}

/// The last of so many months that begin on this day: the one before the day that answers to it, or the last of the month
/// where no day does (民法 第143条第2項).
fn end_of_months(first: NaiveDate, months: u32) -> Option<NaiveDate> {
    let answering = first.checked_add_months(Months::new(months))?;
    if answering.day() == first.day() { answering.pred_opt() } else { Some(answering) }
}

#[cfg(test)]
mod tests {
    use crate::catalog::procedures::Procedures;
    use serde_json::{Value, json};
    use std::path::Path;

    #[test]
    fn days_are_counted_from_the_next_and_end_on_a_working_day() {
        let all = Procedures::load(Path::new("policies/procedures")).unwrap();
        for (code, record, wanted) in [
            ("2200700", json!({"acquired_on": "2026-11-02"}), Some("2026-11-09")),
            ("2201700", json!({"lost_on": "2026-11-17"}), Some("2026-11-24")),
            ("4950008680033000", json!({"acquired_on": "2026-12-15"}), Some("2027-01-12")),
            ("2225700", json!({}), Some("2026-07-10")),
            ("tax-company-establishment", json!({"established_on": "2026-12-01"}), Some("2027-02-01")),
            ("tax-salary-office", json!({"opened_on": "2026-12-01"}), Some("2027-01-04")),
            (
                "tax-blue-return",
                json!({"established_on": "2026-12-01", "first_fiscal_year_ends_on": "2027-03-31"}),
                Some("2027-03-01"),
            ),
            (
                "tax-blue-return",
                json!({"established_on": "2026-12-01", "first_fiscal_year_ends_on": "2026-12-31"}),
                Some("2027-01-04"),
            ),
            // Two months from the first of a month on end with a month; no day of February answers to the 31st.
            ("tax-inventory-method", json!({"first_fiscal_year_ends_on": "2027-02-28"}), Some("2027-04-30")),
            ("tax-depreciation-method", json!({"first_fiscal_year_ends_on": "2026-12-31"}), Some("2027-03-01")),
            ("tax-company-establishment", json!({"established_on": "2026-12-30"}), Some("2027-03-01")),
            // A Saturday: it is no period whose end moves on.
            ("tax-qualified-invoices", json!({"first_fiscal_year_ends_on": "2027-07-31"}), Some("2027-07-31")),
            ("prefectural-company-establishment", json!({"established_on": "2026-12-01"}), Some("2026-12-16")),
            ("labour-insurance-relation", json!({"hired_on": "2026-12-01"}), Some("2026-12-11")),
            ("labour-insurance-estimate", json!({"hired_on": "2026-12-01"}), Some("2027-01-20")),
            ("pension-new-application", json!({"applies_from": "2026-12-01"}), Some("2026-12-07")),
            ("2221700", json!({}), None),
            ("2200700", json!({"acquired_on": "some day"}), None),
        ] {
            let Value::Object(record) = record else { unreachable!("an object") };
            let due = all.get(code).unwrap().due_on(&record, "2026-07-05".parse().unwrap());
            assert_eq!(due.map(|day| day.to_string()).as_deref(), wanted, "{code}");
        }
    }
}
