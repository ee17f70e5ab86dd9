//! What a bank finds a payment by (ペイジー): four numbers of decimal digits. e-Tax has all four; municipalities' slips have
//! shorter ones. The lengths are those that banks' pages take.

use serde::{Deserialize, Serialize};

/// Digits of the collecting institution's number (収納機関番号), exactly.
const INSTITUTION: usize = 5;
/// Most digits of a payment's number (納付番号・お客様番号).
pub const LONGEST_NUMBER: usize = 20;
/// Most digits of a confirmation number (確認番号).
pub const LONGEST_CONFIRMATION: usize = 6;
/// Most digits of a category (納付区分).
pub const LONGEST_CATEGORY: usize = 10;

/// The numbers of one payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentNumbers {
    /// Who collects (収納機関番号).
    pub institution: String,
    /// What is paid, or by whom (納付番号).
    pub number: String,
    /// What keeps mistyped numbers out (確認番号).
    pub confirmation: String,
    /// Which of several things (納付区分), where the institution has such.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
}

impl PaymentNumbers {
    /// Which member is not as it must be, and how it must be.
    #[must_use]
    pub fn fault(&self) -> Option<(&'static str, String)> {
        let digits = |text: &str, most: usize| {
            (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        let words = |most: usize| format!("It must be 1 to {most} ASCII digits.");
        if !digits(&self.institution, INSTITUTION) || self.institution.len() != INSTITUTION {
            return Some(("institution_number", format!("It must be {INSTITUTION} ASCII digits (収納機関番号).")));
        }
        if !digits(&self.number, LONGEST_NUMBER) {
            return Some(("payment_number", words(LONGEST_NUMBER)));
        }
        if !digits(&self.confirmation, LONGEST_CONFIRMATION) {
            return Some(("confirmation_number", words(LONGEST_CONFIRMATION)));
        }
        let is_good = self.category.as_ref().is_none_or(|text| digits(text, LONGEST_CATEGORY));
        (!is_good).then(|| ("payment_category", words(LONGEST_CATEGORY)))
    }
}
