//! Payments (公金決済): what agencies can call.

use super::{Narrow, Operation};
use crate::domain::scope::Scope;

const fn agency(id: &'static str) -> Operation {
    Operation { id, scopes: &[Scope::AgencyPayments], is_personal: false, narrow: Narrow::None }
}

impl Operation {
    /// `POST /agency/v1/payments`.
    pub const CREATE_AGENCY_PAYMENT: Self = agency("create_agency_payment");
    /// `GET /agency/v1/payments`.
    pub const LIST_AGENCY_PAYMENTS: Self = agency("list_agency_payments");
    /// `GET /agency/v1/payments/{id}`.
    pub const GET_AGENCY_PAYMENT: Self = agency("get_agency_payment");
    /// `POST /agency/v1/payments/{id}/cancel`.
    pub const CANCEL_AGENCY_PAYMENT: Self = agency("cancel_agency_payment");
    /// `GET /agency/v1/payments/settlements`.
    pub const LIST_AGENCY_SETTLEMENTS: Self = agency("list_agency_settlements");
}
