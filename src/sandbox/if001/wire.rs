//! The JSON of IF001 as it is on the wire: requests read into types, answers written as text.
//!
//! Publicly known are the shape of the answers, `resultCode` and `selfiTranStatusCd` (the portal's own screens show
//! them); the envelope of the requests, the numbers of `condKbn` and the codes `ED2001` and up are decided here.

use super::super::inquiry::Condition;
use crate::domain::data_set::DataSetCode;
use chrono::NaiveDate;
use serde::Deserialize;
use std::borrow::Cow;

/// The token is not valid: sign on again.
pub(super) const NOT_SIGNED_ON: &str = "ED1107";
/// No such process.
pub(super) const UNKNOWN_PROCESS: &str = "ED2001";
/// The provider does not answer for this data set.
pub(super) const UNSUPPORTED: &str = "ED3001";
/// Not in the network yet.
pub(super) const NOT_REFLECTED: &str = "ED3002";
/// Older than the law has it kept.
pub(super) const EXPIRED: &str = "ED3003";
/// Anything else.
pub(super) const OTHER: &str = "ED9001";

/// An envelope: header and body.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Envelope<'a, B> {
    #[serde(borrow)]
    pub(super) common_header: CommonHeader<'a>,
    pub(super) req_body: B,
}

/// Who asks, and the name they give the call.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CommonHeader<'a> {
    #[serde(borrow)]
    pub(super) client_id: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) request_id: Cow<'a, str>,
}

/// The body of `/request`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestBody<'a> {
    #[serde(borrow)]
    pub(super) person_info_name_cd: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) inquiry_cond: InquiryCondition<'a>,
    #[serde(borrow, default)]
    pub(super) callback_url: Option<Cow<'a, str>>,
}

/// 照会条件.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InquiryCondition<'a> {
    #[serde(borrow)]
    cond_kbn: Cow<'a, str>,
    #[serde(borrow, default)]
    date: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    start_date: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    end_date: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    target_year: Option<Cow<'a, str>>,
}

/// The body of `/result`.
#[derive(Deserialize)]
pub(super) struct ResultBody<'a> {
    #[serde(borrow)]
    pub(super) process_id: Cow<'a, str>,
}

impl CommonHeader<'_> {
    /// Whether the request's name can be given back: 1 to 64 letters, digits, `.`, `_`, `:` or `-`.
    pub(super) fn has_plain_id(&self) -> bool {
        (1..=64).contains(&self.request_id.len())
            && self.request_id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'-'))
    }
}

impl RequestBody<'_> {
    /// The data set asked for.
    pub(super) fn data_set(&self) -> Option<DataSetCode> {
        DataSetCode::parse(&self.person_info_name_cd).ok()
    }
}

impl InquiryCondition<'_> {
    /// Reads the condition; only the fields of its kind may be there.
    ///
    /// # Errors
    /// What is wrong.
    pub(super) fn parse(&self) -> Result<Condition, &'static str> {
        let date = day(self.date.as_deref(), "inquiryCond.date must be YYYYMMDD")?;
        let start = day(self.start_date.as_deref(), "inquiryCond.startDate must be YYYYMMDD")?;
        let end = day(self.end_date.as_deref(), "inquiryCond.endDate must be YYYYMMDD")?;
        let year = self.target_year.as_deref().map(year).transpose()?;
        match (&*self.cond_kbn, date, start, end, year) {
            ("1", None, None, None, None) => Ok(Condition::Latest),
            ("2", Some(date), None, None, None) => Ok(Condition::OnDate(date)),
            ("3", None, Some(start), Some(end), None) if start <= end => Ok(Condition::Range(start, end)),
            ("3", None, Some(_), Some(_), None) => Err("inquiryCond.startDate must not be after endDate"),
            ("4", None, None, None, Some(year)) => Ok(Condition::Year(year)),
            ("1" | "2" | "3" | "4", ..) => Err("inquiryCond must hold the fields of its condKbn and no others"),
            _ => Err("inquiryCond.condKbn must be 1, 2, 3 or 4"),
        }
    }
}

fn day(text: Option<&str>, flaw: &'static str) -> Result<Option<NaiveDate>, &'static str> {
    let Some(text) = text else { return Ok(None) };
    if text.len() != 8 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(flaw);
    }
    NaiveDate::parse_from_str(text, "%Y%m%d").map(Some).map_err(|_| flaw)
}

fn year(text: &str) -> Result<i32, &'static str> {
    const FLAW: &str = "inquiryCond.targetYear must be YYYY";
    if text.len() != 4 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(FLAW);
    }
    text.parse().map_err(|_| FLAW)
}

/// `resultCode` 9000 with one error.
pub(super) fn error(code: &str, message: &str) -> String {
    serde_json::json!({"resultCode": "9000", "errors": [{"errorCode": code, "errorMessage": message}]}).to_string()
}

/// A status without data.
pub(super) fn status(code: &str) -> String {
    format!(r#"{{"resultCode":"0000","selfiTranStatusCd":"{code}"}}"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(json: &str) -> Result<Condition, &'static str> {
        serde_json::from_str::<InquiryCondition<'_>>(json).unwrap().parse()
    }

    #[test]
    fn conditions_of_each_kind_are_read() {
        let day = |text: &str| text.parse().unwrap();
        assert_eq!(condition(r#"{"condKbn":"1"}"#), Ok(Condition::Latest));
        assert_eq!(condition(r#"{"condKbn":"2","date":"20240229"}"#), Ok(Condition::OnDate(day("2024-02-29"))));
        assert_eq!(
            condition(r#"{"condKbn":"3","startDate":"20240101","endDate":"20241231"}"#),
            Ok(Condition::Range(day("2024-01-01"), day("2024-12-31")))
        );
        assert_eq!(condition(r#"{"condKbn":"4","targetYear":"2025"}"#), Ok(Condition::Year(2025)));
    }

    #[test]
    fn conditions_that_do_not_hold_together_are_refused() {
        for bad in [
            r#"{"condKbn":"0"}"#,
            r#"{"condKbn":"1","date":"20240101"}"#,
            r#"{"condKbn":"2"}"#,
            r#"{"condKbn":"2","date":"20230229"}"#,
            r#"{"condKbn":"2","date":"2024-1-1"}"#,
            r#"{"condKbn":"2","date":"+2024010"}"#,
            r#"{"condKbn":"3","startDate":"20240102","endDate":"20240101"}"#,
            r#"{"condKbn":"3","startDate":"20240102"}"#,
            r#"{"condKbn":"4","targetYear":"令和07"}"#,
            r#"{"condKbn":"4","targetYear":"20251"}"#,
        ] {
            assert!(condition(bad).is_err(), "{bad}");
        }
    }
}
