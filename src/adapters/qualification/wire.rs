//! The answers, read strictly. Nothing of what is there is repeated anywhere: it is about a person.

use super::{Reason, Registered};
use crate::domain::health_insurance::InsuredNumber;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Most bytes of an answer.
pub(super) const MOST_BYTES: usize = 4 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answered {
    /// Written even where nobody insures the person.
    #[serde(deserialize_with = "Option::deserialize")]
    insured: Option<InsuredParts>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InsuredParts {
    insurer_number: String,
    #[serde(default)]
    insured_card_symbol: Option<String>,
    insured_identification_number: String,
    insured_branch_number: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Outcome {
    result: String,
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Reason> {
    serde_json::from_slice(bytes).map_err(|_| Reason::MalformedAnswer)
}

/// By what somebody is insured.
pub(super) fn insured(bytes: &[u8]) -> Result<Option<InsuredNumber>, Reason> {
    let Some(parts) = read::<Answered>(bytes)?.insured else { return Ok(None) };
    let number = InsuredNumber::of(
        parts.insurer_number,
        parts.insured_card_symbol,
        parts.insured_identification_number,
        parts.insured_branch_number,
    );
    number.map(Some).ok_or(Reason::MalformedAnswer)
}

/// What registering came to.
pub(super) fn registered(bytes: &[u8]) -> Result<Registered, Reason> {
    match read::<Outcome>(bytes)?.result.as_str() {
        "registered" | "already_registered" => Ok(Registered::Yes),
        "unknown_number" => Ok(Registered::UnknownNumber),
        _ => Err(Reason::MalformedAnswer),
    }
}

/// That nobody is known by a card any more.
pub(super) fn deregistered(bytes: &[u8]) -> Result<(), Reason> {
    match read::<Outcome>(bytes)?.result.as_str() {
        "deregistered" | "not_registered" => Ok(()),
        _ => Err(Reason::MalformedAnswer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_of_its_form_is_no_answer() {
        let whole = br#"{"insured":{"insurer_number":"06139991","insured_card_symbol":"M",
            "insured_identification_number":"2044","insured_branch_number":"01"}}"#;
        assert!(insured(whole).unwrap().is_some());
        assert!(insured(br#"{"insured":null}"#).unwrap().is_none());
        let wrong: [&[u8]; 7] = [
            b"",
            b"{}",
            b"null",
            b"[]",
            br#"{"insured":{}}"#,
            br#"{"insured":null,"more":1}"#,
            br#"{"insured":{"insurer_number":"x","insured_identification_number":"1","insured_branch_number":"00"}}"#,
        ];
        for bytes in wrong {
            assert_eq!(insured(bytes).unwrap_err(), Reason::MalformedAnswer, "{}", String::from_utf8_lossy(bytes));
        }
        assert_eq!(registered(br#"{"result":"already_registered"}"#), Ok(Registered::Yes));
        assert_eq!(registered(br#"{"result":"unknown_number"}"#), Ok(Registered::UnknownNumber));
        assert_eq!(deregistered(br#"{"result":"not_registered"}"#), Ok(()));
        for bytes in [&br#"{"result":"deregistered"}"#[..], br#"{"result":1}"#, br#"{"result":"Registered"}"#] {
            assert_eq!(registered(bytes), Err(Reason::MalformedAnswer));
        }
        assert_eq!(deregistered(br#"{"result":"registered"}"#), Err(Reason::MalformedAnswer));
    }
}
