//! What is handed in.

use crate::domain::Refusal;
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::submission::MOST_DELIVERIES;
use crate::services::body;
use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// Most characters of the filer's own name for a filing.
const LONGEST_REFERENCE: usize = 64;

/// A filing: everything that one event makes a company file, in one call.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmissionRequest {
    /// Your own name for it: 1 to 64 visible ASCII characters, nothing about a person.
    #[schema(example = "2026-11-hiring-0042")]
    pub reference: Option<String>,
    /// The company that it is for, by its corporate number (法人番号); your own when absent. Another needs its delegation
    /// (委任) to you in force, for each procedure.
    #[schema(example = "7000012050002")]
    pub applicant: Option<String>,
    /// One for each agency and procedure, at most 50.
    pub deliveries: Vec<DeliveryRequest>,
}

/// What goes to one agency.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliveryRequest {
    /// The agency, by its name here.
    #[schema(example = "pension")]
    pub agency: String,
    /// The procedure (手続識別子 or 届書コード).
    #[schema(example = "2200700")]
    pub procedure: String,
    /// What it says: an object. It is kept sealed, and erased here once the agency has it.
    #[schema(value_type = Object)]
    pub content: Box<RawValue>,
}

/// Amendments that agencies asked for (補正).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AmendmentRequest {
    /// One for each part that is amended.
    pub deliveries: Vec<AmendedDelivery>,
}

/// The amendment of one part.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AmendedDelivery {
    /// The part's id.
    #[schema(example = "dlv_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
    /// What it says from now on, whole.
    #[schema(value_type = Object)]
    pub content: Box<RawValue>,
}

/// Reads a filing.
///
/// # Errors
/// `invalid_request` for a body of another form, `invalid_value` with the place of what is wrong.
pub(super) fn read(bytes: &[u8]) -> Result<SubmissionRequest, Refusal> {
    let request: SubmissionRequest = body::read(bytes)?;
    if let Some(reference) = &request.reference {
        let is_good =
            (1..=LONGEST_REFERENCE).contains(&reference.len()) && reference.bytes().all(|b| b.is_ascii_graphic());
        if !is_good {
            let words = format!("Use 1 to {LONGEST_REFERENCE} visible ASCII characters.");
            return Err(Refusal::new("invalid_value", words).at("/reference"));
        }
    }
    count(request.deliveries.len())?;
    for (n, one) in request.deliveries.iter().enumerate() {
        let is_good = |text: &str| (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        for (name, text) in [("agency", &one.agency), ("procedure", &one.procedure)] {
            if !is_good(text) {
                let words = "Use 1 to 64 visible ASCII characters.";
                return Err(Refusal::new("invalid_value", words).at(format!("/deliveries/{n}/{name}")));
            }
        }
        object(&one.content, n)?;
    }
    Ok(request)
}

/// The company that a filing is for, where it names one.
///
/// # Errors
/// `invalid_value` for what is no corporate number.
pub(super) fn applicant(request: &SubmissionRequest) -> Result<Option<CorporateNumber>, Refusal> {
    body::applicant(request.applicant.as_deref())
}

/// Reads amendments.
///
/// # Errors
/// As [`read`].
pub(super) fn read_amendment(bytes: &[u8]) -> Result<AmendmentRequest, Refusal> {
    let request: AmendmentRequest = body::read(bytes)?;
    count(request.deliveries.len())?;
    for (n, one) in request.deliveries.iter().enumerate() {
        if request.deliveries.iter().take(n).any(|other| other.id == one.id) {
            let words = "It is named twice; amend each part once.";
            return Err(Refusal::new("invalid_value", words).at(format!("/deliveries/{n}/id")));
        }
        object(&one.content, n)?;
    }
    Ok(request)
}

fn count(deliveries: usize) -> Result<(), Refusal> {
    if (1..=MOST_DELIVERIES).contains(&deliveries) {
        return Ok(());
    }
    Err(Refusal::new("invalid_value", format!("Give 1 to {MOST_DELIVERIES} deliveries.")).at("/deliveries"))
}

fn object(content: &RawValue, n: usize) -> Result<(), Refusal> {
    if content.get().trim_start().starts_with('{') {
        return Ok(());
    }
    Err(Refusal::new("invalid_value", "The content must be an object.").at(format!("/deliveries/{n}/content")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_named_by_its_place() {
        let part = r#"{"agency":"pension","procedure":"1","content":{"a":1}}"#;
        let many = vec![part; 51].join(",");
        for (text, code, place) in [
            (String::new(), "invalid_request", ""),
            ("[]".to_owned(), "invalid_request", ""),
            (r#"{"deliveries":[],"x":1}"#.to_owned(), "invalid_request", ""),
            (r#"{"deliveries":[]}"#.to_owned(), "invalid_value", "/deliveries"),
            (format!(r#"{{"deliveries":[{many}]}}"#), "invalid_value", "/deliveries"),
            (format!(r#"{{"reference":"","deliveries":[{part}]}}"#), "invalid_value", "/reference"),
            (format!(r#"{{"reference":"見本","deliveries":[{part}]}}"#), "invalid_value", "/reference"),
            (
                r#"{"deliveries":[{"agency":"a b","procedure":"1","content":{}}]}"#.to_owned(),
                "invalid_value",
                "/deliveries/0/agency",
            ),
            (
                format!(r#"{{"deliveries":[{part},{{"agency":"a","procedure":"1","content":[1]}}]}}"#),
                "invalid_value",
                "/deliveries/1/content",
            ),
        ] {
            let refusal = read(text.as_bytes()).unwrap_err();
            assert_eq!((refusal.code, refusal.pointer.as_deref().unwrap_or_default()), (code, place), "{text}");
        }
        assert!(read(format!(r#"{{"deliveries":[{part}]}}"#).as_bytes()).is_ok());
        let twice = r#"{"deliveries":[{"id":"dlv_1","content":{}},{"id":"dlv_1","content":{}}]}"#;
        assert_eq!(read_amendment(twice.as_bytes()).unwrap_err().pointer.as_deref(), Some("/deliveries/1/id"));
    }
}
