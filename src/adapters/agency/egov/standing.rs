//! How an application stands (`GET /apply/{arrive_id}`, or `GET /post-apply/{arrive_id}` where it asks for 電子送達).
//!
//! e-Gov's whole vocabulary of states is not published: 到達, 審査中 and 手続終了 are known, and what is not known changes
//! nothing. That it asks for an amendment is said by a notice (補正), not by the state.

use super::EgovAgency;
use super::calls::{Call, Failed};
use super::documents::Official;
use super::envelope::{Envelope, or_empty};
use crate::adapters::agency::Seen;
use crate::domain::Timestamp;
use crate::domain::submission::{ArrivalNumber, Finding, Severity, Standing, SubmissionState, tamed};
use chrono::NaiveDate;
use serde::Deserialize;

/// An application.
#[derive(Deserialize)]
pub(super) struct Detail {
    pub arrive_id: String,
    pub status: String,
    #[serde(default, deserialize_with = "or_empty")]
    pub withdraw_flag: bool,
    #[serde(default, deserialize_with = "or_empty")]
    notice_list: Vec<Notice>,
    #[serde(default, deserialize_with = "or_empty")]
    pub official_list: Vec<Official>,
    #[serde(default, deserialize_with = "or_empty")]
    apply_pay_count: u32,
    #[serde(skip)]
    amendments: Vec<Notice>,
}

/// A notice about it.
#[derive(Clone, Debug, Deserialize)]
#[expect(clippy::struct_field_names, reason = "e-Gov's own names")]
pub(super) struct Notice {
    #[serde(default, deserialize_with = "or_empty")]
    notice_sub_id: u32,
    #[serde(default, deserialize_with = "or_empty")]
    notice_data_type: String,
    #[serde(default, deserialize_with = "or_empty")]
    notice_title: String,
    #[serde(default, deserialize_with = "or_empty")]
    notice_sentence: String,
    #[serde(default, deserialize_with = "or_empty")]
    correct_expired_date: Option<String>,
    #[serde(default, deserialize_with = "or_empty")]
    correct_completed_date: Option<String>,
}

impl Notice {
    /// Whether what it asks for has come.
    pub fn is_done(&self) -> bool {
        self.correct_completed_date.as_deref().is_some_and(|date| !date.is_empty())
    }

    /// The end of the last day on which an amendment is taken.
    fn until(&self) -> Option<Timestamp> {
        let day: NaiveDate = self.correct_expired_date.as_deref()?.parse().ok()?;
        Timestamp::of_day_in_japan(day.succ_opt()?)
    }

    fn finding(&self, severity: Severity) -> Finding {
        let words = format!("{} {}", self.notice_title, self.notice_sentence);
        let en = format!("A notice of e-Gov ({}). Its own words: {words}", self.notice_data_type);
        Finding { severity, ..Finding::reject("EG110", "", &words, &en) }
    }
}

impl Detail {
    /// What it was asked to mend (部分補正), in the order of its notices.
    pub fn amendments(&self) -> &[Notice] {
        &self.amendments
    }

    /// The numbers of its notices.
    pub fn notice_numbers(&self) -> impl Iterator<Item = u32> {
        self.notice_list.iter().map(|notice| notice.notice_sub_id)
    }

    /// Whether it was taken back.
    pub fn is_withdrawn(&self) -> bool {
        self.status.contains("取下げ")
    }

    fn sorted(mut self) -> Self {
        self.notice_list.sort_by_key(|notice| notice.notice_sub_id);
        let asks = |notice: &&Notice| notice.notice_data_type.contains("補正");
        self.amendments = self.notice_list.iter().filter(asks).cloned().collect();
        self
    }

    /// What it says; none for what is not understood.
    fn standing(&self) -> Option<Standing> {
        let last = self.notice_list.last();
        let plain = |state| Standing { state, until: None, findings: Vec::new(), payments: None };
        if self.is_withdrawn() {
            return Some(plain(SubmissionState::Cancelled));
        }
        if self.status == "手続終了" || self.status == "審査終了" {
            // 「手続終了（再提出可）」, 再提出: it is over, and has to be filed anew.
            let returned = last.filter(|notice| notice.notice_data_type.contains("再提出"));
            return Some(match returned {
                Some(notice) => Standing {
                    findings: tamed(vec![notice.finding(Severity::Reject)]),
                    ..plain(SubmissionState::Returned)
                },
                None => plain(SubmissionState::Completed),
            });
        }
        if let Some(open) = self.amendments.last().filter(|notice| !notice.is_done()) {
            let findings = tamed(vec![open.finding(Severity::Hold)]);
            let until = Some(open.until()?);
            return Some(Standing { state: SubmissionState::ActionRequired, until, findings, payments: None });
        }
        match self.status.as_str() {
            "到達" => Some(plain(SubmissionState::Arrived)),
            "審査中" => Some(plain(SubmissionState::UnderReview)),
            _ => None,
        }
    }
}

impl EgovAgency {
    pub(super) async fn detail(&self, procedure: &str, arrival: &str) -> Result<Detail, Failed> {
        let path = [if self.is_for_delivery(procedure) { "post-apply" } else { "apply" }, arrival];
        let call = Call::get(&path, &[], self.settings.call_timeout());
        let answer: Envelope<Detail> = self.calls.make(call).await?;
        if answer.results.arrive_id == arrival { Ok(answer.results.sorted()) } else { Err(Failed::Lost) }
    }

    pub(super) async fn standing(&self, procedure: &str, arrival: &ArrivalNumber) -> Seen {
        match self.detail(procedure, arrival.as_str()).await {
            Ok(detail) => {
                let Some(mut standing) = detail.standing() else { return Seen::NoAnswer(None) };
                if detail.apply_pay_count > 0 {
                    // What is not said today is said at the next look.
                    standing.payments = self.payments(arrival).await.ok();
                }
                let announced = detail.announced();
                if announced.is_empty() { Seen::Standing(standing) } else { Seen::WithDocuments(standing, announced) }
            }
            Err(Failed::NotNow(pause)) => Seen::NoAnswer(pause),
            Err(_) => Seen::NoAnswer(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn said(status: &str, notices: &Value) -> Option<Standing> {
        let detail = json!({"arrive_id": "202611210000000001", "status": status, "notice_list": notices});
        serde_json::from_value::<Detail>(detail).unwrap().sorted().standing()
    }

    #[test]
    fn each_state_is_read_and_an_unknown_one_says_nothing() {
        let notice = |kind: &str, until: &str, done: &str| {
            json!([{"notice_sub_id": 1, "notice_data_type": kind, "notice_title": "補正のお願い",
                "correct_expired_date": until, "correct_completed_date": done}])
        };
        for (status, notices, wanted) in [
            ("到達", json!([]), Some(SubmissionState::Arrived)),
            ("審査中", json!([]), Some(SubmissionState::UnderReview)),
            ("審査中", notice("お知らせ", "", ""), Some(SubmissionState::UnderReview)),
            ("審査中", notice("部分補正", "2026-12-01", ""), Some(SubmissionState::ActionRequired)),
            ("審査中", notice("部分補正", "2026-12-01", "2026-11-25 10:00:00"), Some(SubmissionState::UnderReview)),
            ("審査中", notice("部分補正", "soon", ""), None),
            ("手続終了", json!([]), Some(SubmissionState::Completed)),
            ("手続終了", notice("手続終了（再提出可）", "", ""), Some(SubmissionState::Returned)),
            ("取下げ済", json!([]), Some(SubmissionState::Cancelled)),
            ("何か", json!([]), None),
        ] {
            assert_eq!(said(status, &notices).map(|standing| standing.state), wanted, "{status} {notices}");
        }
        let asked = said("審査中", &notice("部分補正", "2026-12-01", "")).unwrap();
        assert_eq!(asked.until.map(Timestamp::rfc3339).as_deref(), Some("2026-12-02T00:00:00+09:00"));
        assert_eq!(asked.findings[0].severity, Severity::Hold);
    }
}
