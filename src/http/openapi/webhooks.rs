//! The second document: what the counter calls at third parties.

use serde_json::{Map, Value, json};

/// Every kind of message.
const TYPES: &[&str] = &[
    "submission.accepted",
    "submission.delivery_changed",
    "document.available",
    "document.expiring",
    "document.missed",
    "deposit.cloud_failed",
    "deposit.cloud_back",
    "deposit.duty_ending",
    "employment_certificate.issued",
    "employment_certificate.revoked",
    "employment_certificate.opened",
    "payment.settled",
    "payment.excess",
    "payment.expired",
    "certificate_request.made",
    "certificate_request.asked",
    "certificate_request.answered",
    "certificate_request.declined",
    "disposition_notice.available",
    "disposition_notice.expiring",
    "delegation.software_added",
    "delegation.software_removed",
    "disposition_notice.delivered",
    "establishment.signed",
    "establishment.declined",
    "establishment.cancelled",
    "establishment.registered",
    "notice.posted",
    "application.arrived",
    "application.withdrawn",
    "application.amended",
    "application.under_review",
    "application.amendment_requested",
    "application.decided",
    "application.certificate_revoked",
];
/// The members of `data` that are texts.
const TEXTS: &[&str] = &[
    "submission",
    "delivery",
    "agency",
    "document",
    "deposit",
    "certificate",
    "payment",
    "certificate_request",
    "disposition_notice",
    "notice",
    "grant_id",
    "establishment",
    "application",
    "software_delegation",
    "office_delegation",
    "software",
    "arrival_number",
    "state",
    "submission_state",
];

/// The second document: what the counter calls at third parties.
#[must_use]
pub fn webhooks() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "madoguchi webhooks",
            "description": "What the counter calls at those who file: Standard Webhooks, signed by Ed25519 (`v1a`) with a key of `GET /webhooks/jwks`. Any 2xx takes a message; it may come twice, with the same `webhook-id`.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "version": env!("CARGO_PKG_VERSION"),
        },
        "webhooks": {"submission": {"post": submission_webhook()}},
    })
}

fn submission_webhook() -> Value {
    let field = |name: &str, words: &str| json!({"name": name, "in": "header", "required": true, "description": words, "schema": {"type": "string"}});
    json!({
        "operationId": "submission_changed",
        "summary": "That a filing was taken on, or that one of its deliveries came to stand elsewhere.",
        "parameters": [
            field("webhook-id", "The same however often it comes."),
            field("webhook-timestamp", "When it was sent, in seconds since 1970."),
            field("webhook-signature", "`v1a,` and the Ed25519 signature (base64) over id, timestamp and body, with dots between."),
        ],
        "requestBody": {"required": true, "content": {"application/json": {"schema": {
            "type": "object",
            "required": ["type", "timestamp", "data"],
            "properties": {
                "type": {"enum": TYPES},
                "timestamp": {"type": "string", "format": "date-time"},
                "data": data(),
            },
        }}}},
        "responses": {"2XX": {"description": "It is taken."}},
    })
}

fn data() -> Value {
    let mut members: Map<String, Value> =
        TEXTS.iter().map(|name| ((*name).to_owned(), json!({"type": "string"}))).collect();
    members.insert("place".to_owned(), json!({"type": "integer", "minimum": 1}));
    members.insert("founder".to_owned(), json!({"type": "integer", "minimum": 0}));
    members.insert("is_looked_into".to_owned(), json!({"type": "boolean"}));
    json!({
        "type": "object",
        "description": "`submission`, `state` and `submission_state` are absent where it is about what was sent to the company's account (電子送達), about a certificate of employment (就労証明書) or a request for one, about a payment (公金決済), about a disposition notice (処分通知), a notice to a citizen (お知らせ: `notice`, with the `grant_id` under which it can be read), the establishment of a company (法人設立), software by which an office files for the company (復委任), or an application to a municipality (電子申請).",
        "required": ["is_looked_into"],
        "properties": members,
    })
}
