//! Bodies and parameters of any family, read strictly.

use crate::domain::Refusal;
use crate::domain::corporate_number::CorporateNumber;
use serde::Deserialize;

/// Most characters of what the JSON reader says.
const LONGEST_WORDS: usize = 200;

/// Reads a body. What the JSON reader says names fields and places, and never more of the body than a field's name.
///
/// # Errors
/// `invalid_request`.
pub(super) fn read<'b, T: Deserialize<'b>>(bytes: &'b [u8]) -> Result<T, Refusal> {
    serde_json::from_slice(bytes).map_err(|error| {
        let words: String = error.to_string().chars().take(LONGEST_WORDS).collect();
        Refusal::new("invalid_request", format!("The body is not as documented: {words}."))
    })
}

/// The refusal of a parameter that there is not, with those there are.
pub(super) fn unknown(name: &str, known: &str) -> Refusal {
    let name: String = name.chars().filter(char::is_ascii_graphic).take(64).collect();
    Refusal::new("invalid_value", format!("There is no such parameter; there are {known}.")).at(name)
}

/// The company that something is filed for.
///
/// # Errors
/// `invalid_value` for what is no corporate number.
pub(super) fn applicant(text: Option<&str>) -> Result<Option<CorporateNumber>, Refusal> {
    let wrong = |error| Refusal::new("invalid_value", format!("A corporate number {error}.")).at("/applicant");
    text.map(CorporateNumber::parse).transpose().map_err(wrong)
}
