//! In which problems operations of the citizen's side of the counter may end: links and documents, applications, records of
//! exchanges, notices.

/// Whatever shows a citizen's notice.
const NOTICE: &[&str] = &["refused_by_policy", "not_found", "invalid_value", "evidence_unavailable"];
/// Whatever shows one document from a private delivery provider.
const PRIVATE_DOCUMENT: &[&str] = &[
    "refused_by_policy",
    "not_linked",
    "not_found",
    "provider_refused",
    "document_not_verified",
    "evidence_unavailable",
    "provider_unreachable",
];
/// Whatever shows several.
const PRIVATE_DOCUMENTS: &[&str] = &["refused_by_policy", "not_linked", "invalid_value", "evidence_unavailable"];
/// Each step that a municipality takes with an application.
const ANSWER: &[&str] = &[
    "refused_by_policy",
    "not_found",
    "conflict",
    "content_too_large",
    "unsupported_media_type",
    "invalid_value",
    "evidence_unavailable",
];
/// By `operationId`.
pub(super) const OF_CITIZENS: &[(&str, &[&str])] = &[
    ("list_linked_services", &["refused_by_policy"]),
    ("list_private_documents", PRIVATE_DOCUMENTS),
    ("get_year_end_adjustment", PRIVATE_DOCUMENTS),
    ("get_private_document", PRIVATE_DOCUMENT),
    ("get_private_document_content", PRIVATE_DOCUMENT),
    ("list_application_forms", &["invalid_value"]),
    ("get_application_form", &["not_found"]),
    ("prefill_application_form", &["not_found", "refused_by_policy"]),
    (
        "create_application",
        &[
            "refused_by_policy",
            "content_too_large",
            "unsupported_media_type",
            "invalid_value",
            "invalid_filing",
            "idempotency_key_reused",
            "evidence_unavailable",
        ],
    ),
    ("check_application", &["refused_by_policy", "content_too_large", "unsupported_media_type", "invalid_value"]),
    ("list_applications", &["invalid_value"]),
    ("get_application", &["not_found"]),
    ("withdraw_application", &["not_found", "conflict", "evidence_unavailable"]),
    (
        "amend_application",
        &[
            "refused_by_policy",
            "not_found",
            "conflict",
            "content_too_large",
            "unsupported_media_type",
            "invalid_value",
            "invalid_filing",
            "evidence_unavailable",
        ],
    ),
    (
        "create_application_batch",
        &[
            "refused_by_policy",
            "content_too_large",
            "unsupported_media_type",
            "invalid_value",
            "invalid_filing",
            "idempotency_key_reused",
            "evidence_unavailable",
        ],
    ),
    ("get_application_batch", &["not_found"]),
    (
        "create_application_draft",
        &["refused_by_policy", "conflict", "content_too_large", "unsupported_media_type", "idempotency_key_reused"],
    ),
    ("list_application_drafts", &[]),
    ("get_application_draft", &["not_found"]),
    (
        "put_application_draft",
        &["refused_by_policy", "not_found", "precondition_failed", "content_too_large", "unsupported_media_type"],
    ),
    ("delete_application_draft", &["not_found", "precondition_failed"]),
    (
        "submit_application_draft",
        &[
            "refused_by_policy",
            "not_found",
            "precondition_failed",
            "invalid_value",
            "invalid_filing",
            "idempotency_key_reused",
            "signature_not_valid",
            "signatures_unavailable",
            "evidence_unavailable",
        ],
    ),
    (
        "ask_application_signature",
        &[
            "refused_by_policy",
            "not_found",
            "conflict",
            "precondition_failed",
            "invalid_value",
            "invalid_filing",
            "signatures_unavailable",
        ],
    ),
    ("delete_application_signature", &["not_found", "precondition_failed"]),
    (
        "create_application_attachment",
        &[
            "refused_by_policy",
            "conflict",
            "content_too_large",
            "unsupported_media_type",
            "invalid_value",
            "idempotency_key_reused",
        ],
    ),
    (
        "append_application_attachment",
        &["not_found", "conflict", "content_too_large", "unsupported_media_type", "invalid_value"],
    ),
    ("get_application_attachment", &["not_found"]),
    ("delete_application_attachment", &["not_found", "conflict"]),
    ("get_application_attachment_content", &["not_found", "conflict"]),
    ("list_disasters", &["invalid_value"]),
    ("list_agency_disasters", &["refused_by_policy", "not_found", "invalid_value"]),
    (
        "create_agency_disaster",
        &["refused_by_policy", "not_found", "conflict", "content_too_large", "unsupported_media_type", "invalid_value"],
    ),
    ("get_agency_disaster", &["refused_by_policy", "not_found"]),
    (
        "put_agency_disaster",
        &[
            "refused_by_policy",
            "not_found",
            "conflict",
            "precondition_failed",
            "content_too_large",
            "unsupported_media_type",
            "invalid_value",
        ],
    ),
    ("close_agency_disaster", &["refused_by_policy", "not_found", "conflict"]),
    ("get_agency_application_signature", &["refused_by_policy", "not_found", "evidence_unavailable"]),
    ("get_agency_application_attachment", &["refused_by_policy", "not_found", "evidence_unavailable"]),
    ("list_agency_applications", &["refused_by_policy", "not_found", "invalid_value"]),
    ("get_agency_application", &["refused_by_policy", "not_acceptable", "not_found", "evidence_unavailable"]),
    ("review_agency_application", ANSWER),
    ("ask_agency_application_amendment", ANSWER),
    ("decide_agency_application", ANSWER),
    (
        "list_provision_records",
        &[
            "refused_by_policy",
            "invalid_value",
            "under_maintenance",
            "provision_records_unavailable",
            "evidence_unavailable",
        ],
    ),
    (
        "register_health_insurance",
        &[
            "refused_by_policy",
            "card_not_shown",
            "not_insured",
            "conflict",
            "under_maintenance",
            "health_insurance_unavailable",
            "evidence_unavailable",
        ],
    ),
    ("get_health_insurance_registration", &["refused_by_policy"]),
    (
        "deregister_health_insurance",
        &["refused_by_policy", "conflict", "under_maintenance", "health_insurance_unavailable", "evidence_unavailable"],
    ),
    ("list_notices", &["refused_by_policy", "invalid_value", "evidence_unavailable"]),
    ("get_notice", NOTICE),
    ("get_notice_attachment", NOTICE),
    ("mark_notice_read", &["refused_by_policy", "not_found"]),
    ("mark_notice_unread", &["refused_by_policy", "not_found"]),
    (
        "create_agency_notice",
        &[
            "refused_by_policy",
            "content_too_large",
            "unsupported_media_type",
            "invalid_value",
            "idempotency_key_reused",
        ],
    ),
    ("list_agency_notices", &["refused_by_policy", "invalid_value"]),
    ("get_agency_notice", &["refused_by_policy", "not_found"]),
    ("create_agency_notice_bulk", &["refused_by_policy"]),
    (
        "append_agency_notice_bulk",
        &["refused_by_policy", "not_found", "conflict", "content_too_large", "unsupported_media_type", "invalid_value"],
    ),
    ("get_agency_notice_bulk", &["refused_by_policy", "not_found"]),
    ("list_agency_notice_rejections", &["refused_by_policy", "not_found", "invalid_value"]),
];
