//! The plain protocol's bodies, and the strict reading of what comes back.

use super::{Found, Seen, Sent, Taken};
use crate::domain::Timestamp;
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::establishment::RegistryEntry;
use crate::domain::submission::{ArrivalNumber, Finding, Standing, SubmissionState, tamed};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Most bytes of an entry of the registry.
const LARGEST_ENTRY: usize = 16 * 1024;

/// What is handed in.
#[derive(Serialize)]
pub(super) struct Application<'a> {
    pub reference: &'a str,
    pub act: &'a str,
    pub procedure: &'a str,
    pub applicant: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrival_number: Option<&'a str>,
    pub content: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Receipt {
    arrival_number: String,
    #[serde(default)]
    findings: Vec<Finding>,
}

#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    findings: Vec<Finding>,
}

#[derive(Deserialize)]
struct Listed {
    items: Vec<Receipt>,
}

#[derive(Deserialize)]
struct Said {
    status: SubmissionState,
    until: Option<String>,
    #[serde(default)]
    findings: Vec<Finding>,
}

fn taken(receipt: Receipt) -> Option<Taken> {
    let arrival = ArrivalNumber::parse(&receipt.arrival_number)?;
    Some(Taken { arrival, findings: tamed(receipt.findings) })
}

/// An answer of success. What cannot be read may have been taken all the same.
pub(super) fn read_taken(bytes: &[u8]) -> Sent {
    let receipt = serde_json::from_slice(bytes).ok().and_then(taken);
    receipt.map_or(Sent::Unknown, Sent::Taken)
}

/// An answer of refusal; the words may be missing, the refusal stands.
pub(super) fn read_returned(bytes: &[u8]) -> Sent {
    let refusal = serde_json::from_slice::<Refusal>(bytes).map(|refusal| tamed(refusal.findings));
    let unsaid = || {
        let (ja, en) =
            ("提出先が受け付けませんでした（理由の記載なし）。", "The agency refused it and gave no reason.");
        vec![Finding::reject("MG100", "", ja, en)]
    };
    Sent::Returned(refusal.ok().filter(|findings| !findings.is_empty()).unwrap_or_else(unsaid))
}

/// An answer to a look-up. What cannot be read says nothing.
pub(super) fn read_found(bytes: &[u8]) -> Found {
    match serde_json::from_slice::<Listed>(bytes) {
        Ok(mut listed) => match listed.items.pop() {
            None => Found::Nothing,
            Some(receipt) => taken(receipt).map_or(Found::NoAnswer(None), Found::Taken),
        },
        Err(_) => Found::NoAnswer(None),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entered {
    arrival_number: String,
    corporate_number: CorporateNumber,
    trade_name: String,
    head_office: String,
    established_on: NaiveDate,
    applied_on: NaiveDate,
}

/// An answer to what the registry has of a new company. What cannot be read whole says nothing.
pub(super) fn read_entry(bytes: &[u8], arrival: &ArrivalNumber) -> Option<RegistryEntry> {
    if bytes.len() > LARGEST_ENTRY {
        return None;
    }
    let entered: Entered = serde_json::from_slice(bytes).ok()?;
    (entered.arrival_number == arrival.as_str()).then_some(RegistryEntry {
        corporate_number: entered.corporate_number,
        trade_name: entered.trade_name,
        head_office: entered.head_office,
        established_on: entered.established_on,
        applied_on: entered.applied_on,
    })
}

/// An answer to how something stands.
pub(super) fn read_standing(bytes: &[u8]) -> Seen {
    let Ok(said) = serde_json::from_slice::<Said>(bytes) else { return Seen::NoAnswer(None) };
    let until = said.until.as_deref().map(chrono::DateTime::parse_from_rfc3339);
    let Ok(until) = until.transpose() else { return Seen::NoAnswer(None) };
    let until = until.map(|until| Timestamp::from_millis(until.timestamp_millis()));
    let is_known = said.status.is_with_agency() || (said.status.is_final() && said.status != SubmissionState::Failed);
    if !is_known || (said.status == SubmissionState::ActionRequired && until.is_none()) {
        return Seen::NoAnswer(None);
    }
    Seen::Standing(Standing { state: said.status, until, findings: tamed(said.findings), payments: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonsense_is_never_taken_for_a_no() {
        for nonsense in ["", "null", "[]", "{}", "<html>", r#"{"arrival_number":""}"#, r#"{"arrival_number":"a b"}"#] {
            assert_eq!(read_taken(nonsense.as_bytes()), Sent::Unknown, "{nonsense}");
            assert_eq!(read_found(nonsense.as_bytes()), Found::NoAnswer(None), "{nonsense}");
            assert_eq!(read_standing(nonsense.as_bytes()), Seen::NoAnswer(None), "{nonsense}");
        }
        assert_eq!(read_found(br#"{"items":[]}"#), Found::Nothing);
        assert_eq!(read_found(br#"{"items":[{"arrival_number":"?"}]}"#), Found::NoAnswer(None));
    }

    #[test]
    fn an_agency_can_only_say_what_is_its_to_say() {
        for (status, is_known) in [
            ("arrived", true),
            ("under_review", true),
            ("completed", true),
            ("returned", true),
            ("cancelled", true),
            ("action_required", false),
            ("failed", false),
            ("draft", false),
            ("queued", false),
            ("delivering", false),
        ] {
            let text = format!("{{\"status\":\"{status}\"}}");
            assert_eq!(matches!(read_standing(text.as_bytes()), Seen::Standing(_)), is_known, "{status}");
        }
        let asked = br#"{"status":"action_required","until":"2026-12-01T17:00:00+09:00"}"#;
        let Seen::Standing(standing) = read_standing(asked) else { unreachable!("it is well-formed") };
        assert_eq!(standing.until.map(Timestamp::rfc3339).as_deref(), Some("2026-12-01T17:00:00+09:00"));
        assert_eq!(read_standing(br#"{"status":"action_required","until":"tomorrow"}"#), Seen::NoAnswer(None));
    }

    #[test]
    fn an_entry_of_the_registry_is_read_whole_or_not_at_all() {
        let number = ArrivalNumber::parse("A-1").unwrap();
        let good = serde_json::json!({
            "arrival_number": "A-1", "corporate_number": "7000012050002", "trade_name": "株式会社見本",
            "head_office": "東京都", "established_on": "2026-12-01", "applied_on": "2026-12-01",
        });
        let read = |value: &serde_json::Value| read_entry(value.to_string().as_bytes(), &number);
        assert_eq!(read(&good).unwrap().corporate_number.as_str(), "7000012050002");
        for (name, value) in [
            ("arrival_number", "A-2"),
            ("corporate_number", "8000012050002"),
            ("corporate_number", "70000120500020"),
            ("established_on", "2026-02-30"),
            ("applied_on", ""),
            ("more", "x"),
            ("trade_name", &*"長".repeat(LARGEST_ENTRY)),
        ] {
            let mut wrong = good.clone();
            wrong[name] = value.into();
            assert_eq!(read(&wrong), None, "{name} {value:.20}");
        }
        for said in ["", "[]", "null", "<html>", "{}"] {
            assert_eq!(read_entry(said.as_bytes(), &number), None, "{said}");
        }
    }

    #[test]
    fn a_refusal_stands_without_words() {
        for said in ["", "{}", "<html>"] {
            let Sent::Returned(findings) = read_returned(said.as_bytes()) else { unreachable!("a refusal") };
            assert_eq!(findings[0].rule, "MG100");
        }
    }
}
