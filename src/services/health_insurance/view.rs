//! What citizens' software sees of a registration: neither a number nor a serial number.

use crate::domain::health_insurance::{CertificateSerial, InsuranceRegistration};
use serde::Serialize;
use utoipa::ToSchema;

/// Whether the citizen's card is known where a health insurance card is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HealthInsuranceState {
    /// No card of theirs was registered here.
    NotRegistered,
    /// A card is registered.
    Registered,
}

/// Whether the citizen's Individual Number Card is known where a health insurance card is asked for (健康保険証利用).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HealthInsuranceRegistration)]
pub struct HealthInsuranceView {
    /// Whether it is.
    pub state: HealthInsuranceState,
    /// Since when (RFC 3339); absent where it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    pub registered_at: Option<String>,
    /// Whether it is the card that the citizen signed in with for this consent; absent where nothing is registered, or the
    /// identity provider did not tell which card it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub is_this_card: Option<bool>,
}

impl HealthInsuranceView {
    pub(super) fn of(registered: Option<InsuranceRegistration>, card: Option<CertificateSerial>) -> Self {
        Self {
            state: if registered.is_some() {
                HealthInsuranceState::Registered
            } else {
                HealthInsuranceState::NotRegistered
            },
            registered_at: registered.map(|one| one.registered_at.rfc3339()),
            is_this_card: registered.zip(card).map(|(one, card)| one.certificate == card),
        }
    }
}
