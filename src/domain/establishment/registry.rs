//! What the registry says of a company that was registered: shared with the other offices, so that nobody attaches a
//! certificate of it (登記事項証明書).

use super::EstablishmentForm;
use crate::domain::corporate_number::CorporateNumber;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// An entry of the registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistryEntry {
    /// The new company's number.
    pub corporate_number: CorporateNumber,
    /// Its trade name (商号).
    pub trade_name: String,
    /// Its head office (本店).
    pub head_office: String,
    /// When it came to be (会社成立の年月日): the day of the application.
    pub established_on: NaiveDate,
    /// When the registration was applied for (登記申請日).
    pub applied_on: NaiveDate,
}

/// Why what the registry said is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Disbelieved {
    /// The number cannot be a new company's.
    #[error("the corporate number is the filer's own, a public body's, or nobody's")]
    Number,
    /// It is of another company.
    #[error("trade name or head office is another than was applied for")]
    Another,
    /// It happened on no such day.
    #[error("the days are not those of the application")]
    Days,
}

impl RegistryEntry {
    /// Whether it can be the answer to this form, applied for between these days by that filer.
    ///
    /// # Errors
    /// [`Disbelieved`] with what is not so.
    pub fn believe(
        &self,
        form: &EstablishmentForm,
        filer: &CorporateNumber,
        (handed_in, today): (NaiveDate, NaiveDate),
    ) -> Result<(), Disbelieved> {
        let number = &self.corporate_number;
        // 000012 begins the number of an organ of the state, 000020 that of a local government.
        let is_public = ["000012", "000020"].iter().any(|head| number.as_str().get(1..7) == Some(head));
        if number == filer || *number == CorporateNumber::none() || is_public {
            return Err(Disbelieved::Number);
        }
        if self.trade_name != form.trade_name || self.head_office != form.head_office.address {
            return Err(Disbelieved::Another);
        }
        // 会社法 第49条・第579条: it comes to be by its registration, whose date is that of the application.
        let is_so = self.established_on == self.applied_on && (handed_in..=today).contains(&self.applied_on);
        if is_so { Ok(()) } else { Err(Disbelieved::Days) }
    }
}
