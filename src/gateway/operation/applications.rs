//! Applications (電子申請): what citizens have done for them, and what municipalities do with it.

use super::{Narrow, Operation};
use crate::domain::scope::Scope;

const fn applying(id: &'static str) -> Operation {
    Operation { id, scopes: &[Scope::Applications], is_personal: true, narrow: Narrow::None }
}

const fn receiving(id: &'static str) -> Operation {
    Operation { id, scopes: &[Scope::AgencyApplications], is_personal: false, narrow: Narrow::None }
}

impl Operation {
    /// `GET /v1/application-forms`.
    pub const LIST_APPLICATION_FORMS: Self = applying("list_application_forms");
    /// `GET /v1/application-forms/{code}`.
    pub const GET_APPLICATION_FORM: Self = applying("get_application_form");
    /// `GET /v1/application-forms/{code}/prefill`.
    pub const PREFILL_APPLICATION_FORM: Self = applying("prefill_application_form");
    /// `POST /v1/applications`.
    pub const CREATE_APPLICATION: Self = applying("create_application");
    /// `POST /v1/applications/check`.
    pub const CHECK_APPLICATION: Self = applying("check_application");
    /// `GET /v1/applications`.
    pub const LIST_APPLICATIONS: Self = applying("list_applications");
    /// `GET /v1/applications/{id}`.
    pub const GET_APPLICATION: Self = applying("get_application");
    /// `POST /v1/applications/{id}/withdraw`.
    pub const WITHDRAW_APPLICATION: Self = applying("withdraw_application");
    /// `POST /v1/applications/{id}/amend`.
    pub const AMEND_APPLICATION: Self = applying("amend_application");
    /// `GET /v1/applications/{id}/interview-slots`.
    pub const LIST_INTERVIEW_SLOTS: Self = applying("list_interview_slots");
    /// `PUT /v1/applications/{id}/interview`.
    pub const PUT_INTERVIEW: Self = applying("put_interview");
    /// `POST /v1/applications/{id}/interview/cancel`.
    pub const CANCEL_INTERVIEW: Self = applying("cancel_interview");
    /// `POST /v1/application-batches`.
    pub const CREATE_APPLICATION_BATCH: Self = applying("create_application_batch");
    /// `GET /v1/application-batches/{id}`.
    pub const GET_APPLICATION_BATCH: Self = applying("get_application_batch");
    /// `POST /v1/application-drafts`.
    pub const CREATE_APPLICATION_DRAFT: Self = applying("create_application_draft");
    /// `GET /v1/application-drafts`.
    pub const LIST_APPLICATION_DRAFTS: Self = applying("list_application_drafts");
    /// `GET /v1/application-drafts/{id}`.
    pub const GET_APPLICATION_DRAFT: Self = applying("get_application_draft");
    /// `PUT /v1/application-drafts/{id}`.
    pub const PUT_APPLICATION_DRAFT: Self = applying("put_application_draft");
    /// `DELETE /v1/application-drafts/{id}`.
    pub const DELETE_APPLICATION_DRAFT: Self = applying("delete_application_draft");
    /// `POST /v1/application-drafts/{id}/submit`.
    pub const SUBMIT_APPLICATION_DRAFT: Self = applying("submit_application_draft");
    /// `POST /v1/application-drafts/{id}/signature`.
    pub const ASK_APPLICATION_SIGNATURE: Self = applying("ask_application_signature");
    /// `DELETE /v1/application-drafts/{id}/signature`.
    pub const DELETE_APPLICATION_SIGNATURE: Self = applying("delete_application_signature");
    /// `POST /v1/application-attachments`.
    pub const CREATE_APPLICATION_ATTACHMENT: Self = applying("create_application_attachment");
    /// `PATCH /v1/application-attachments/{id}`.
    pub const APPEND_APPLICATION_ATTACHMENT: Self = applying("append_application_attachment");
    /// `GET /v1/application-attachments/{id}`.
    pub const GET_APPLICATION_ATTACHMENT: Self = applying("get_application_attachment");
    /// `DELETE /v1/application-attachments/{id}`.
    pub const DELETE_APPLICATION_ATTACHMENT: Self = applying("delete_application_attachment");
    /// `GET /v1/application-attachments/{id}/content`.
    pub const GET_APPLICATION_ATTACHMENT_CONTENT: Self = applying("get_application_attachment_content");
    /// `GET /v1/disasters`.
    pub const LIST_DISASTERS: Self = Self {
        id: "list_disasters",
        scopes: &[Scope::ServiceSearch, Scope::Applications],
        is_personal: false,
        narrow: Narrow::None,
    };
    /// `GET /agency/v1/disasters`.
    pub const LIST_AGENCY_DISASTERS: Self = receiving("list_agency_disasters");
    /// `POST /agency/v1/disasters`.
    pub const CREATE_AGENCY_DISASTER: Self = receiving("create_agency_disaster");
    /// `GET /agency/v1/disasters/{code}`.
    pub const GET_AGENCY_DISASTER: Self = receiving("get_agency_disaster");
    /// `PUT /agency/v1/disasters/{code}`.
    pub const PUT_AGENCY_DISASTER: Self = receiving("put_agency_disaster");
    /// `POST /agency/v1/disasters/{code}/close`.
    pub const CLOSE_AGENCY_DISASTER: Self = receiving("close_agency_disaster");
    /// `POST /agency/v1/interview-slots`.
    pub const CREATE_AGENCY_INTERVIEW_SLOTS: Self = receiving("create_agency_interview_slots");
    /// `GET /agency/v1/interview-slots`.
    pub const LIST_AGENCY_INTERVIEW_SLOTS: Self = receiving("list_agency_interview_slots");
    /// `POST /agency/v1/interview-slots/{id}/withdraw`.
    pub const WITHDRAW_AGENCY_INTERVIEW_SLOT: Self = receiving("withdraw_agency_interview_slot");
    /// `GET /agency/v1/interview-appointments`.
    pub const LIST_AGENCY_INTERVIEW_APPOINTMENTS: Self = receiving("list_agency_interview_appointments");
    /// `POST /agency/v1/applications/{id}/interview`.
    pub const RECORD_AGENCY_APPLICATION_INTERVIEW: Self = receiving("record_agency_application_interview");
    /// `GET /agency/v1/applications/{id}/attachments/{attachment}`.
    pub const GET_AGENCY_APPLICATION_ATTACHMENT: Self = receiving("get_agency_application_attachment");
    /// `GET /agency/v1/applications/{id}/signature`.
    pub const GET_AGENCY_APPLICATION_SIGNATURE: Self = receiving("get_agency_application_signature");
    /// `GET /agency/v1/applications`.
    pub const LIST_AGENCY_APPLICATIONS: Self = receiving("list_agency_applications");
    /// `GET /agency/v1/applications/{id}`.
    pub const GET_AGENCY_APPLICATION: Self = receiving("get_agency_application");
    /// `POST /agency/v1/applications/{id}/review`.
    pub const REVIEW_AGENCY_APPLICATION: Self = receiving("review_agency_application");
    /// `POST /agency/v1/applications/{id}/ask-amendment`.
    pub const ASK_AGENCY_APPLICATION_AMENDMENT: Self = receiving("ask_agency_application_amendment");
    /// `POST /agency/v1/applications/{id}/decide`.
    pub const DECIDE_AGENCY_APPLICATION: Self = receiving("decide_agency_application");
}
