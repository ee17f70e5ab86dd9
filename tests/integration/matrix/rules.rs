//! What each kind of caller must be told, by how the document secures the operation.

use super::callers::Kind;
use super::document::{Operation, Security};
use super::exceptions;

/// Status and code; the code is empty for a success.
pub type Answer = (u16, &'static str);

/// Any of these is right.
pub fn answer(operation: &Operation, kind: Kind) -> Vec<Answer> {
    let own = exceptions::ALL.iter().find(|(id, as_kind, ..)| *id == operation.id && *as_kind == kind);
    own.map_or_else(|| common(operation, kind), |(.., answers, _)| answers.to_vec())
}

/// What holds where there is no exception.
pub fn common(operation: &Operation, kind: Kind) -> Vec<Answer> {
    match operation.security {
        Security::Public => success(operation),
        Security::Client => of_client(operation, kind),
        Security::Token => of_token(operation, kind),
        // Nobody here registered themselves: an access token opens no registration.
        Security::Registration => vec![(401, "invalid_token")],
    }
}

/// Who calls is no agency, and has no payment.
fn payments(id: &str) -> Answer {
    let is_about_one = ["get_agency_payment", "cancel_agency_payment"].contains(&id);
    if is_about_one { (404, "not_found") } else { (403, "refused_by_policy") }
}

/// Nothing could not be told; who calls is no municipality or agency, for which anything could have been made; nothing is filed,
/// so nothing is shared with the bank; nobody is linked with a provider that has such a document; and
/// no month is over.
const NOT_THERE: [&str; 44] = [
    "get_statistics",
    "get_statistics_csv",
    "replay_dead_letter",
    "open_employment_certificate",
    "get_deposit_content",
    "get_agency_deposit",
    "get_agency_deposit_content",
    "get_disposition_notice",
    "get_disposition_notice_content",
    "get_agency_disposition_notice",
    "get_private_document",
    "get_private_document_content",
    "get_notice",
    "get_notice_attachment",
    "mark_notice_read",
    "get_agency_notice",
    "append_agency_notice_bulk",
    "get_agency_notice_bulk",
    "list_agency_notice_rejections",
    "get_application",
    "withdraw_application",
    "amend_application",
    "list_interview_slots",
    "put_interview",
    "cancel_interview",
    "get_application_batch",
    "get_application_draft",
    "put_application_draft",
    "submit_application_draft",
    "ask_application_signature",
    "get_agency_application_signature",
    "append_application_attachment",
    "get_application_attachment",
    "get_application_attachment_content",
    "get_agency_application_attachment",
    "get_agency_disaster",
    "put_agency_disaster",
    "close_agency_disaster",
    "withdraw_agency_interview_slot",
    "record_agency_application_interview",
    "get_agency_application",
    "review_agency_application",
    "ask_agency_application_amendment",
    "decide_agency_application",
];

fn success(operation: &Operation) -> Vec<Answer> {
    match (operation.method.as_str(), operation.id.as_str()) {
        (
            "DELETE",
            "delete_deposit_share"
            | "mark_notice_unread"
            | "delete_application_draft"
            | "delete_application_signature"
            | "delete_application_attachment",
        ) => vec![(404, "not_found")],
        ("DELETE", _) => vec![(204, "")],
        (_, id) if id.contains("_agency_payment") || id == "list_agency_settlements" => vec![payments(id)],
        // Nobody is signed in to a client's own software: it is sent on.
        (_, "end_session") => vec![(303, "")],
        (
            _,
            "push_authorization_request"
            | "create_bulk_submission"
            | "create_submission_draft"
            | "create_software"
            | "create_employment_certificate"
            | "create_certificate_request"
            | "create_establishment"
            | "create_deposit",
        ) => vec![(201, "")],
        // No register is trusted here.
        (_, "register_client") => vec![(400, "unapproved_software_statement")],
        (_, "create_submission" | "submit_submission_draft") => vec![(202, "")],
        // It may be on its way just now.
        (_, "cancel_submission") => vec![(200, ""), (409, "conflict")],
        // Nothing was asked for; nothing says what is to be compared, of which year, or whose disasters.
        (_, "amend_submission" | "compare_service_procedures" | "get_year_end_adjustment" | "list_disasters") => {
            vec![(422, "invalid_value")]
        }
        (_, id) if NOT_THERE.contains(&id) => vec![(404, "not_found")],
        // Nothing is filed, so nothing is shared; and nobody asked by the link.
        (_, "create_deposit_share" | "answer_certificate_request") => vec![(409, "conflict")],
        // Who calls is no agency; and a bank applies for nobody.
        (
            _,
            "list_agency_deposits"
            | "list_agency_disposition_notices"
            | "create_agency_disposition_notice"
            | "list_agency_notices"
            | "create_agency_notice"
            | "create_agency_notice_bulk"
            | "list_agency_applications"
            | "list_agency_disasters"
            | "create_agency_interview_slots"
            | "list_agency_interview_slots"
            | "list_agency_interview_appointments"
            | "create_agency_disaster"
            | "prefill_application_form"
            | "create_application"
            | "create_application_attachment"
            | "create_application_batch"
            | "create_application_draft"
            | "check_application",
        ) => vec![(403, "refused_by_policy")],
        (_, "create_self_information_request" | "get_self_information_request") => vec![(200, ""), (202, "")],
        _ => vec![(200, "")],
    }
}

/// A form's caller proves itself by an assertion; the token or code inside the form is another matter.
fn of_client(operation: &Operation, kind: Kind) -> Vec<Answer> {
    match kind {
        Kind::NoToken | Kind::Garbage | Kind::Expired | Kind::Bearer | Kind::InQuery | Kind::Replayed => {
            vec![(401, "invalid_client")]
        }
        Kind::WrongScope => vec![(400, "invalid_scope")],
        // What only begins something has no grant yet, nor a key that anything is bound to.
        Kind::OtherClient | Kind::Revoked | Kind::WrongKey if is_beginning(operation) => success(operation),
        Kind::OtherClient | Kind::Revoked | Kind::WrongKey => vec![(400, "invalid_grant")],
        Kind::Right => success(operation),
    }
}

fn is_beginning(operation: &Operation) -> bool {
    matches!(operation.id.as_str(), "authorize_device" | "authenticate_backchannel")
}

fn of_token(operation: &Operation, kind: Kind) -> Vec<Answer> {
    match kind {
        Kind::NoToken | Kind::Garbage | Kind::Expired | Kind::Bearer | Kind::WrongKey | Kind::Revoked => {
            vec![(401, "invalid_token")]
        }
        // FAPI 2.0 SP §5.3.4-2.
        Kind::InQuery => vec![(400, "invalid_request")],
        Kind::WrongScope if operation.has_scopes() => vec![(403, "insufficient_scope")],
        Kind::OtherClient if operation.is_about_something_owned() => vec![(404, "not_found")],
        Kind::Replayed => vec![(401, "invalid_dpop_proof")],
        // A call without a scope of its own is open to every token of the client; and where nothing of anybody's is
        // named, another client is told about itself.
        Kind::WrongScope | Kind::OtherClient | Kind::Right => success(operation),
    }
}
