//! The body of each operation, right by its form.

use super::stage::{bulk_request, certificate, certificate_link, deposit, establishment};
use crate::support::calls::{Caller, retrieval};

/// A body that is right by its form.
pub fn body_of(operation: &str, caller: &Caller<'_>) -> serde_json::Value {
    let content = serde_json::json!({"sandbox_scenario": "slow"});
    match operation {
        "create_submission" | "create_submission_draft" | "put_submission_draft" => {
            serde_json::json!({"deliveries": [{"agency": "pension", "procedure": "9990002", "content": content}]})
        }
        // A rehearsal: nothing comes of it but what follows.
        "create_life_event" => serde_json::json!({
            "event": {"kind": "bonus", "on": "2026-12-10"}, "office": {}, "employees": [{"items": {}}],
        }),
        "create_bulk_submission" => bulk_request(),
        "create_software" => serde_json::json!({"client": "other-bank"}),
        "submit_bulk_submission" => serde_json::json!({"digest": bulk_request()["digest"]}),
        "check_employment_certificate" => certificate(),
        "create_employment_certificate" => {
            serde_json::json!({"signed_certificate": caller.party.certificate(&certificate()).unwrap()})
        }
        "plan_establishment" | "create_establishment" => establishment(),
        "revoke_employment_certificate" => serde_json::json!({"reason": "changed"}),
        "prefill_employment_certificate" => {
            serde_json::json!({"corporate_number": certificate()["corporate_number"], "municipality": "131041"})
        }
        "create_certificate_request" => certificate_link(),
        "answer_certificate_request" => serde_json::json!({"certificate": "emp_unknown"}),
        "decline_certificate_request" => serde_json::json!({"reason": "withdrawn"}),
        "open_employment_certificate" => serde_json::json!({"reference": "unknown"}),
        "create_deposit" => deposit(),
        "create_agency_disposition_notice" => serde_json::json!({
            "deposit": "dep_unknown", "kind": "disposition", "title": "見本", "decided_on": "2026-11-01",
            "content": {
                "media_type": "application/pdf", "base64": "AA==",
                "sha256": "bjQLnP-zepicpUTmu3gKLHiQHT-zNzh2hRGjBhevoB0",
            },
        }),
        "create_deposit_share" => {
            serde_json::json!({"client": "other-bank", "purpose": "loan_examination", "until": "2027-03-31"})
        }
        "file_deposit" => serde_json::json!({
            "location": "https://cloud.example/ledger.csv", "size": 1, "media_type": "text/csv", "schema": "mihon",
            "sha256": "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
            "pieces": ["47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"],
        }),
        "put_webhook" => serde_json::json!({"url": "https://payroll.example/webhooks"}),
        "amend_submission" => serde_json::json!({"deliveries": [{"id": "dlv_unknown", "content": content}]}),
        _ => retrieval(),
    }
}
