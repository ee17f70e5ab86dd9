//! Whether something was handed in, when the answer was lost.

use super::EgovAgency;
use super::calls::{Call, Failed};
use super::envelope::{Envelope, Pointers, Report, Reports, findings};
use super::send::number;
use crate::adapters::agency::{Filing, Found, Taken};
use crate::domain::submission::Act;
use std::time::Duration;

/// Bundles on a page, and most pages: an account that sends more in these days needs a person to look.
const PAGE: u64 = 30;
const MOST_PAGES: u64 = 40;
const DAY: Duration = Duration::from_hours(24);

impl EgovAgency {
    /// What became of what was handed in.
    pub(super) async fn find_out(&self, filing: &Filing<'_>) -> Found {
        let Some(arrival) = filing.arrival.filter(|_| filing.act != Act::File) else {
            return self.by_reference(filing.reference).await;
        };
        let detail = match self.detail(filing.procedure, arrival.as_str()).await {
            Ok(detail) => detail,
            Err(Failed::NotNow(pause)) => return Found::NoAnswer(pause),
            Err(_) => return Found::NoAnswer(None),
        };
        let taken = Found::Taken(Taken { arrival: arrival.clone(), findings: Vec::new() });
        match filing.act {
            Act::Withdraw if detail.is_withdrawn() => taken,
            Act::Withdraw if detail.withdraw_flag => Found::Nothing,
            Act::Amend => match detail.amendments() {
                // The one amendment that was asked for has come, or has not.
                [one] if one.is_done() => taken,
                [_] => Found::Nothing,
                // Which of them ours was cannot be told.
                _ => Found::NoAnswer(None),
            },
            _ => Found::NoAnswer(None),
        }
    }

    /// Looks through the reports of every day on which it may have been sent for the file of this name.
    pub(super) async fn by_reference(&self, reference: &str) -> Found {
        let name = format!("{reference}.zip");
        let now = self.clock.now();
        let first = now.minus(self.settings.give_up_after() + DAY).date_in_japan().to_string();
        let last = now.plus(DAY).date_in_japan().to_string();
        let mut seen = 0;
        for page in 1..=MOST_PAGES {
            let (limit, offset) = (PAGE.to_string(), page.to_string());
            let query =
                [("date_from", first.as_str()), ("date_to", last.as_str()), ("limit", &limit), ("offset", &offset)];
            let answer = self.reports(&query).await;
            let answer = match answer {
                Ok(answer) => answer,
                Err(pause) => return Found::NoAnswer(pause),
            };
            let mut reports = answer.results.error_report_info;
            seen += reports.len() as u64;
            if let Some(report) = reports.iter().position(|report| report.file_name == name) {
                return outcome(reports.swap_remove(report), &Pointers::new());
            }
            let Some(set) = answer.resultset.filter(|set| set.count == reports.len() as u64) else { break };
            if seen >= set.all_count {
                return Found::Nothing;
            }
            if reports.is_empty() {
                break;
            }
        }
        // Not all of it was seen: that it is not there cannot be said.
        Found::NoAnswer(None)
    }

    /// What became of a bundle by e-Gov's own number of it.
    pub(super) async fn report_of(&self, send_number: &str, pointers: &Pointers) -> Found {
        match self.reports(&[("send_number", send_number)]).await {
            Ok(answer) => {
                let found =
                    answer.results.error_report_info.into_iter().find(|report| report.send_number == send_number);
                found.map_or(Found::NoAnswer(None), |report| outcome(report, pointers))
            }
            Err(pause) => Found::NoAnswer(pause),
        }
    }

    async fn reports(&self, query: &[(&str, &str)]) -> Result<Envelope<Reports>, Option<Duration>> {
        let call = Call::get(&["apply", "report"], query, self.settings.call_timeout() / 10);
        self.calls.make(call).await.map_err(|failed| if let Failed::NotNow(pause) = failed { pause } else { None })
    }
}

/// A bundle of one has one result, once it has been worked on.
fn outcome(report: Report, pointers: &Pointers) -> Found {
    let Ok([one]) = <[_; 1]>::try_from(report.result) else { return Found::NoAnswer(None) };
    match number(&one.arrive_id) {
        Some(arrival) => Found::Taken(Taken { arrival, findings: Vec::new() }),
        None if !one.report_list.is_empty() => Found::Returned(findings(one.report_list, pointers)),
        None => Found::NoAnswer(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_a_whole_report_says_anything() {
        for (report, wanted) in [
            (json!({"result": []}), "no answer"),
            (json!({"result": [{"arrive_id": "-"}]}), "no answer"),
            (json!({"result": [{"arrive_id": "1"}]}), "no answer"),
            (json!({"result": [{"arrive_id": "202611210000000001"}, {}]}), "no answer"),
            (json!({"result": [{"arrive_id": "202611210000000001"}]}), "taken"),
            (json!({"result": [{"arrive_id": "-", "report_list": [{"item": "年号", "content": "x"}]}]}), "returned"),
        ] {
            let pointers = Pointers::from([("年号".to_owned(), "/birth_date/era".to_owned())]);
            let said = match outcome(serde_json::from_value(report.clone()).unwrap(), &pointers) {
                Found::Taken(_) => "taken",
                Found::Returned(found) => {
                    assert_eq!((found[0].rule.as_str(), found[0].pointer.as_str()), ("EG100", "/birth_date/era"));
                    "returned"
                }
                Found::Nothing => "nothing",
                Found::NoAnswer(_) => "no answer",
            };
            assert_eq!(said, wanted, "{report}");
        }
    }
}
