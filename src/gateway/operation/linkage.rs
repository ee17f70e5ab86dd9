//! Linked services (もっとつながる), private delivery (民間送達) and オンライン資格確認: what citizens' software can call.

use super::{Narrow, Operation};
use crate::domain::scope::Scope;

const fn documents(id: &'static str) -> Operation {
    Operation { id, scopes: &[Scope::PrivateDocuments], is_personal: true, narrow: Narrow::None }
}

const fn insurance(id: &'static str) -> Operation {
    Operation { scopes: &[Scope::HealthInsurance], ..documents(id) }
}

impl Operation {
    /// `PUT /v1/health-insurance-registration`.
    pub const REGISTER_HEALTH_INSURANCE: Self = insurance("register_health_insurance");
    /// `GET /v1/health-insurance-registration`.
    pub const GET_HEALTH_INSURANCE: Self = insurance("get_health_insurance_registration");
    /// `DELETE /v1/health-insurance-registration`.
    pub const DEREGISTER_HEALTH_INSURANCE: Self = insurance("deregister_health_insurance");
    /// `GET /v1/linked-services`.
    pub const LIST_LINKED_SERVICES: Self =
        Self { scopes: &[Scope::LinkedServices, Scope::PrivateDocuments], ..documents("list_linked_services") };
    /// `GET /v1/private-documents`.
    pub const LIST_PRIVATE_DOCUMENTS: Self = documents("list_private_documents");
    /// `GET /v1/private-documents/year-end-adjustment`.
    pub const GET_YEAR_END_ADJUSTMENT: Self = documents("get_year_end_adjustment");
    /// `GET /v1/private-documents/{id}`.
    pub const GET_PRIVATE_DOCUMENT: Self = documents("get_private_document");
    /// `GET /v1/private-documents/{id}/content`.
    pub const GET_PRIVATE_DOCUMENT_CONTENT: Self = documents("get_private_document_content");
}
