//! What can be called under `/v1`, each named once by its OpenAPI `operationId`.

mod applications;
mod certificates;
mod linkage;
mod notices;
mod own;
mod payments;
mod search;

use crate::domain::scope::Scope;

/// One operation.
#[derive(Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its `operationId`, by which rate plans name it too.
    pub id: &'static str,
    /// Any one of these scopes allows it; every token does when there is none.
    pub scopes: &'static [Scope],
    /// Whether it is about a person: then a grant without one does not allow it.
    pub is_personal: bool,
    /// Which tokens that are bound to less than their scope allow it, too.
    pub narrow: Narrow,
}

/// Which tokens that are bound to less than their scope (RFC 9396) allow an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Narrow {
    /// None.
    None,
    /// One that is bound to a file: it is about that one's bulk filing.
    File,
    /// One that is bound to a company's filings: it is about one of them.
    Filing,
}

const fn catalogue(id: &'static str) -> Operation {
    Operation { id, scopes: &[Scope::Catalog, Scope::SelfInformation], is_personal: false, narrow: Narrow::None }
}

const fn personal(id: &'static str) -> Operation {
    Operation { id, scopes: &[Scope::SelfInformation], is_personal: true, narrow: Narrow::None }
}

const fn filing(id: &'static str) -> Operation {
    Operation { id, scopes: &[Scope::Submissions], is_personal: false, narrow: Narrow::None }
}

const fn of_a_company(id: &'static str) -> Operation {
    Operation { narrow: Narrow::Filing, ..filing(id) }
}

const fn bulk(id: &'static str) -> Operation {
    Operation { narrow: Narrow::File, ..filing(id) }
}

const fn establishment(id: &'static str) -> Operation {
    Operation { scopes: &[Scope::Establishments], ..filing(id) }
}

const fn deposit(id: &'static str) -> Operation {
    Operation { scopes: &[Scope::Deposits], ..filing(id) }
}

/// About what came of a filing, whichever way it was made.
const fn outcome(id: &'static str) -> Operation {
    Operation { scopes: &[Scope::Submissions, Scope::Deposits], ..filing(id) }
}

/// Whoever is told of what changed: filers, the agencies and municipalities that answer them, and whoever reads citizens' notices.
const fn told(id: &'static str) -> Operation {
    Operation {
        scopes: &[
            Scope::Submissions,
            Scope::AgencyPayments,
            Scope::AgencyDeposits,
            Scope::AgencyApplications,
            Scope::Notices,
        ],
        ..filing(id)
    }
}

const fn agency(id: &'static str) -> Operation {
    Operation { scopes: &[Scope::AgencyDeposits], ..filing(id) }
}

impl Operation {
    /// `GET /v1/data-sets`.
    pub const LIST_DATA_SETS: Self = catalogue("list_data_sets");
    /// `GET /v1/data-sets/{code}`.
    pub const GET_DATA_SET: Self = catalogue("get_data_set");
    /// `GET /v1/consent`.
    pub const GET_CONSENT: Self = personal("get_consent");
    /// `GET /v1/consent/receipts`.
    pub const LIST_CONSENT_RECEIPTS: Self = personal("list_consent_receipts");
    /// `POST /v1/self-information-requests`.
    pub const CREATE_REQUEST: Self = personal("create_self_information_request");
    /// `GET /v1/self-information-requests/{id}`.
    pub const GET_REQUEST: Self = personal("get_self_information_request");
    /// `DELETE /v1/self-information-requests/{id}`.
    pub const DELETE_REQUEST: Self = personal("delete_self_information_request");
    /// `GET /v1/provision-records`.
    pub const LIST_PROVISION_RECORDS: Self =
        Self { scopes: &[Scope::ProvisionRecords], ..personal("list_provision_records") };

    /// `GET /v1/receipts/{id}`.
    pub const GET_RECEIPT: Self = Self { id: "get_receipt", scopes: &[], is_personal: false, narrow: Narrow::None };

    /// `POST /v1/submissions`.
    pub const CREATE_SUBMISSION: Self = of_a_company("create_submission");
    /// `POST /v1/employers/{corporate_number}/life-events`.
    pub const CREATE_LIFE_EVENT: Self = of_a_company("create_life_event");
    /// `GET /v1/submissions`.
    pub const LIST_SUBMISSIONS: Self = filing("list_submissions");
    /// `GET /v1/submissions/{id}`.
    pub const GET_SUBMISSION: Self = of_a_company("get_submission");
    /// `POST /v1/submissions/{id}/cancel`.
    pub const CANCEL_SUBMISSION: Self = of_a_company("cancel_submission");
    /// `POST /v1/submissions/{id}/withdraw`.
    pub const WITHDRAW_SUBMISSION: Self = of_a_company("withdraw_submission");
    /// `POST /v1/submissions/{id}/amend`.
    pub const AMEND_SUBMISSION: Self = of_a_company("amend_submission");
    /// `GET /v1/submissions/{id}/documents`.
    pub const LIST_DOCUMENTS: Self = filing("list_documents");
    /// `GET /v1/documents/{id}`.
    pub const GET_DOCUMENT: Self = filing("get_document");
    /// `POST /v1/documents/{id}/collected`.
    pub const COLLECT_DOCUMENT: Self = filing("collect_document");
    /// `GET /v1/electronic-deliveries`.
    pub const LIST_ELECTRONIC_DELIVERIES: Self = filing("list_electronic_deliveries");
    /// `GET /v1/electronic-deliveries/{id}`.
    pub const GET_ELECTRONIC_DELIVERY: Self = filing("get_electronic_delivery");
    /// `POST /v1/submission-drafts`.
    pub const CREATE_SUBMISSION_DRAFT: Self = filing("create_submission_draft");
    /// `GET /v1/submission-drafts`.
    pub const LIST_SUBMISSION_DRAFTS: Self = filing("list_submission_drafts");
    /// `GET /v1/submission-drafts/{id}`.
    pub const GET_SUBMISSION_DRAFT: Self = filing("get_submission_draft");
    /// `PUT /v1/submission-drafts/{id}`.
    pub const PUT_SUBMISSION_DRAFT: Self = filing("put_submission_draft");
    /// `DELETE /v1/submission-drafts/{id}`.
    pub const DELETE_SUBMISSION_DRAFT: Self = filing("delete_submission_draft");
    /// `POST /v1/submission-drafts/{id}/submit`.
    pub const SUBMIT_SUBMISSION_DRAFT: Self = filing("submit_submission_draft");
    /// `POST /v1/bulk-submissions`.
    pub const CREATE_BULK_SUBMISSION: Self = bulk("create_bulk_submission");
    /// `PATCH /v1/bulk-submissions/{id}`.
    pub const APPEND_BULK_SUBMISSION: Self = bulk("append_bulk_submission");
    /// `GET /v1/bulk-submissions/{id}`.
    pub const GET_BULK_SUBMISSION: Self = bulk("get_bulk_submission");
    /// `POST /v1/bulk-submissions/{id}/submit`.
    pub const SUBMIT_BULK_SUBMISSION: Self = bulk("submit_bulk_submission");
    /// `POST /v1/bulk-submissions/{id}/cancel`.
    pub const CANCEL_BULK_SUBMISSION: Self = bulk("cancel_bulk_submission");
    /// `GET /v1/bulk-submissions/{id}/outcomes`.
    pub const LIST_BULK_OUTCOMES: Self = bulk("list_bulk_outcomes");
    /// `GET /v1/events`.
    pub const LIST_EVENTS: Self = told("list_events");

    /// `GET /v1/procedures`.
    pub const LIST_PROCEDURES: Self = filing("list_procedures");
    /// `GET /v1/procedures/{code}`.
    pub const GET_PROCEDURE: Self = filing("get_procedure");
    /// `GET /v1/agencies`.
    pub const LIST_AGENCIES: Self = filing("list_agencies");
    /// `GET /v1/delegations`.
    pub const LIST_DELEGATIONS: Self = filing("list_delegations");
    /// `DELETE /v1/delegations/{id}`.
    pub const DELETE_DELEGATION: Self = filing("delete_delegation");
    /// `GET /v1/delegations/{id}/software`.
    pub const LIST_SOFTWARE: Self = filing("list_software");
    /// `POST /v1/delegations/{id}/software`.
    pub const CREATE_SOFTWARE: Self = filing("create_software");
    /// `PUT /v1/webhook`.
    pub const PUT_WEBHOOK: Self = told("put_webhook");
    /// `GET /v1/webhook`.
    pub const GET_WEBHOOK: Self = told("get_webhook");
    /// `DELETE /v1/webhook`.
    pub const DELETE_WEBHOOK: Self = told("delete_webhook");
    /// `GET /v1/webhook/dead-letters`.
    pub const LIST_DEAD_LETTERS: Self = told("list_dead_letters");
    /// `POST /v1/webhook/dead-letters/{id}/replay`.
    pub const REPLAY_DEAD_LETTER: Self = told("replay_dead_letter");

    /// `POST /v1/establishments/plan`
    pub const PLAN_ESTABLISHMENT: Self = establishment("plan_establishment");
    /// `POST /v1/establishments`
    pub const CREATE_ESTABLISHMENT: Self = establishment("create_establishment");
    /// `GET /v1/establishments`
    pub const LIST_ESTABLISHMENTS: Self = establishment("list_establishments");
    /// `GET /v1/establishments/{id}`
    pub const GET_ESTABLISHMENT: Self = establishment("get_establishment");
    /// `POST /v1/establishments/{id}/cancel`
    pub const CANCEL_ESTABLISHMENT: Self = establishment("cancel_establishment");
    /// `GET /v1/deposits/procedures`.
    pub const LIST_DEPOSIT_PROCEDURES: Self = deposit("list_deposit_procedures");
    /// `POST /v1/deposits`.
    pub const CREATE_DEPOSIT: Self = deposit("create_deposit");
    /// `GET /v1/deposits`.
    pub const LIST_DEPOSITS: Self = deposit("list_deposits");
    /// `GET /v1/deposits/{id}`.
    pub const GET_DEPOSIT: Self = deposit("get_deposit");
    /// `POST /v1/deposits/{id}/file`.
    pub const FILE_DEPOSIT: Self = deposit("file_deposit");
    /// `POST /v1/deposits/{id}/withdraw`.
    pub const WITHDRAW_DEPOSIT: Self = deposit("withdraw_deposit");
    /// `GET /v1/deposits/{id}/references`.
    pub const LIST_DEPOSIT_REFERENCES: Self = deposit("list_deposit_references");
    /// `POST /v1/deposits/{id}/shares`.
    pub const CREATE_DEPOSIT_SHARE: Self = deposit("create_deposit_share");
    /// `GET /v1/deposits/{id}/shares`.
    pub const LIST_DEPOSIT_SHARES: Self = deposit("list_deposit_shares");
    /// `DELETE /v1/deposits/{id}/shares/{share}`.
    pub const DELETE_DEPOSIT_SHARE: Self = deposit("delete_deposit_share");
    /// `GET /v1/deposits/shared`.
    pub const LIST_SHARED_DEPOSITS: Self = deposit("list_shared_deposits");
    /// `GET /v1/deposits/{id}/content`.
    pub const GET_DEPOSIT_CONTENT: Self = deposit("get_deposit_content");
    /// `GET /agency/v1/deposits`.
    pub const LIST_AGENCY_DEPOSITS: Self = agency("list_agency_deposits");
    /// `GET /agency/v1/deposits/{id}`.
    pub const GET_AGENCY_DEPOSIT: Self = agency("get_agency_deposit");
    /// `GET /agency/v1/deposits/{id}/content`.
    pub const GET_AGENCY_DEPOSIT_CONTENT: Self = agency("get_agency_deposit_content");
    /// `GET /v1/disposition-notices`.
    pub const LIST_DISPOSITION_NOTICES: Self = outcome("list_disposition_notices");
    /// `GET /v1/disposition-notices/{id}`.
    pub const GET_DISPOSITION_NOTICE: Self = outcome("get_disposition_notice");
    /// `GET /v1/disposition-notices/{id}/content`.
    pub const GET_DISPOSITION_NOTICE_CONTENT: Self = outcome("get_disposition_notice_content");
    /// `POST /agency/v1/disposition-notices`.
    pub const CREATE_AGENCY_DISPOSITION_NOTICE: Self = agency("create_agency_disposition_notice");
    /// `GET /agency/v1/disposition-notices`.
    pub const LIST_AGENCY_DISPOSITION_NOTICES: Self = agency("list_agency_disposition_notices");
    /// `GET /agency/v1/disposition-notices/{id}`.
    pub const GET_AGENCY_DISPOSITION_NOTICE: Self = agency("get_agency_disposition_notice");

    /// Every operation.
    pub const ALL: &[&'static Self] = &[
        &Self::LIST_DATA_SETS,
        &Self::GET_DATA_SET,
        &Self::GET_ACCOUNT,
        &Self::GET_USAGE,
        &Self::LIST_LINKED_SERVICES,
        &Self::LIST_PRIVATE_DOCUMENTS,
        &Self::GET_YEAR_END_ADJUSTMENT,
        &Self::GET_PRIVATE_DOCUMENT,
        &Self::GET_PRIVATE_DOCUMENT_CONTENT,
        &Self::GET_CONSENT,
        &Self::LIST_CONSENT_RECEIPTS,
        &Self::CREATE_REQUEST,
        &Self::GET_REQUEST,
        &Self::DELETE_REQUEST,
        &Self::LIST_PROVISION_RECORDS,
        &Self::REGISTER_HEALTH_INSURANCE,
        &Self::GET_HEALTH_INSURANCE,
        &Self::DEREGISTER_HEALTH_INSURANCE,
        &Self::GET_RECEIPT,
        &Self::CREATE_SUBMISSION,
        &Self::CREATE_LIFE_EVENT,
        &Self::LIST_SUBMISSIONS,
        &Self::GET_SUBMISSION,
        &Self::CANCEL_SUBMISSION,
        &Self::WITHDRAW_SUBMISSION,
        &Self::AMEND_SUBMISSION,
        &Self::LIST_DOCUMENTS,
        &Self::GET_DOCUMENT,
        &Self::COLLECT_DOCUMENT,
        &Self::LIST_ELECTRONIC_DELIVERIES,
        &Self::GET_ELECTRONIC_DELIVERY,
        &Self::CREATE_SUBMISSION_DRAFT,
        &Self::LIST_SUBMISSION_DRAFTS,
        &Self::GET_SUBMISSION_DRAFT,
        &Self::PUT_SUBMISSION_DRAFT,
        &Self::DELETE_SUBMISSION_DRAFT,
        &Self::SUBMIT_SUBMISSION_DRAFT,
        &Self::CREATE_BULK_SUBMISSION,
        &Self::APPEND_BULK_SUBMISSION,
        &Self::GET_BULK_SUBMISSION,
        &Self::SUBMIT_BULK_SUBMISSION,
        &Self::CANCEL_BULK_SUBMISSION,
        &Self::LIST_BULK_OUTCOMES,
        &Self::LIST_EVENTS,
        &Self::LIST_PROCEDURES,
        &Self::GET_PROCEDURE,
        &Self::LIST_AGENCIES,
        &Self::LIST_DELEGATIONS,
        &Self::DELETE_DELEGATION,
        &Self::LIST_SOFTWARE,
        &Self::CREATE_SOFTWARE,
        &Self::PUT_WEBHOOK,
        &Self::GET_WEBHOOK,
        &Self::DELETE_WEBHOOK,
        &Self::LIST_DEAD_LETTERS,
        &Self::REPLAY_DEAD_LETTER,
        &Self::LIST_CERTIFICATE_FORMS,
        &Self::GET_CERTIFICATE_FORM,
        &Self::PREFILL_EMPLOYMENT_CERTIFICATE,
        &Self::CREATE_CERTIFICATE_REQUEST,
        &Self::LIST_CERTIFICATE_REQUESTS,
        &Self::GET_CERTIFICATE_REQUEST,
        &Self::ANSWER_CERTIFICATE_REQUEST,
        &Self::DECLINE_CERTIFICATE_REQUEST,
        &Self::CHECK_EMPLOYMENT_CERTIFICATE,
        &Self::CREATE_EMPLOYMENT_CERTIFICATE,
        &Self::LIST_EMPLOYMENT_CERTIFICATES,
        &Self::GET_EMPLOYMENT_CERTIFICATE,
        &Self::REVOKE_EMPLOYMENT_CERTIFICATE,
        &Self::OPEN_EMPLOYMENT_CERTIFICATE,
        &Self::CREATE_AGENCY_PAYMENT,
        &Self::LIST_AGENCY_PAYMENTS,
        &Self::GET_AGENCY_PAYMENT,
        &Self::CANCEL_AGENCY_PAYMENT,
        &Self::LIST_AGENCY_SETTLEMENTS,
        &Self::PLAN_ESTABLISHMENT,
        &Self::CREATE_ESTABLISHMENT,
        &Self::LIST_ESTABLISHMENTS,
        &Self::GET_ESTABLISHMENT,
        &Self::CANCEL_ESTABLISHMENT,
        &Self::LIST_DEPOSIT_PROCEDURES,
        &Self::CREATE_DEPOSIT,
        &Self::LIST_DEPOSITS,
        &Self::GET_DEPOSIT,
        &Self::FILE_DEPOSIT,
        &Self::WITHDRAW_DEPOSIT,
        &Self::LIST_DEPOSIT_REFERENCES,
        &Self::CREATE_DEPOSIT_SHARE,
        &Self::LIST_DEPOSIT_SHARES,
        &Self::DELETE_DEPOSIT_SHARE,
        &Self::LIST_SHARED_DEPOSITS,
        &Self::GET_DEPOSIT_CONTENT,
        &Self::LIST_AGENCY_DEPOSITS,
        &Self::GET_AGENCY_DEPOSIT,
        &Self::GET_AGENCY_DEPOSIT_CONTENT,
        &Self::LIST_MUNICIPALITIES,
        &Self::GET_MUNICIPALITY,
        &Self::GET_SERVICE_COVERAGE,
        &Self::SEARCH_SERVICE_PROCEDURES,
        &Self::LIST_SERVICE_STANDARDS,
        &Self::COMPARE_SERVICE_PROCEDURES,
        &Self::GET_SERVICE_PROCEDURE,
        &Self::CALL_MCP,
        &Self::LIST_DISPOSITION_NOTICES,
        &Self::GET_DISPOSITION_NOTICE,
        &Self::GET_DISPOSITION_NOTICE_CONTENT,
        &Self::CREATE_AGENCY_DISPOSITION_NOTICE,
        &Self::LIST_AGENCY_DISPOSITION_NOTICES,
        &Self::GET_AGENCY_DISPOSITION_NOTICE,
        &Self::LIST_NOTICES,
        &Self::GET_NOTICE,
        &Self::GET_NOTICE_ATTACHMENT,
        &Self::MARK_NOTICE_READ,
        &Self::MARK_NOTICE_UNREAD,
        &Self::CREATE_AGENCY_NOTICE,
        &Self::LIST_AGENCY_NOTICES,
        &Self::GET_AGENCY_NOTICE,
        &Self::CREATE_AGENCY_NOTICE_BULK,
        &Self::APPEND_AGENCY_NOTICE_BULK,
        &Self::GET_AGENCY_NOTICE_BULK,
        &Self::LIST_AGENCY_NOTICE_REJECTIONS,
        &Self::LIST_APPLICATION_FORMS,
        &Self::GET_APPLICATION_FORM,
        &Self::CREATE_APPLICATION,
        &Self::CHECK_APPLICATION,
        &Self::LIST_APPLICATIONS,
        &Self::GET_APPLICATION,
        &Self::WITHDRAW_APPLICATION,
        &Self::AMEND_APPLICATION,
        &Self::LIST_AGENCY_APPLICATIONS,
        &Self::GET_AGENCY_APPLICATION,
        &Self::REVIEW_AGENCY_APPLICATION,
        &Self::ASK_AGENCY_APPLICATION_AMENDMENT,
        &Self::DECIDE_AGENCY_APPLICATION,
    ];
}
