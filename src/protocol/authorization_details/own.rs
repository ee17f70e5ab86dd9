//! A token that is bound to one file of many records, or to one company's filings: asked for by a client for itself, or made
//! of a token of its own.
//!
//! Whoever holds such a token, and its key, files that and nothing else.

use super::{BULK_TYPE, ConsentedDetails, FILING_TYPE, consented, refused};
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::delegation::InvalidProcedures;
use crate::domain::grant::Grant;
use crate::domain::{Digest, Refusal};
use crate::protocol::access_token::{AccessToken, NarrowedDetails};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// Reads the `authorization_details` of a client that asks for itself.
///
/// # Errors
/// `invalid_authorization_details` with a JSON pointer to what is wrong.
pub fn parse(text: &str) -> Result<NarrowedDetails, Refusal> {
    let all: Vec<Value> = serde_json::from_str(text)
        .map_err(|_| refused("authorization_details must be a JSON array of objects (RFC 9396)", ""))?;
    let [detail] = <[Value; 1]>::try_from(all).map_err(|_| {
        refused("authorization_details must have exactly one entry, of type bulk_submission or submission", "")
    })?;
    let wrong = match detail.get("type").and_then(Value::as_str) {
        Some(BULK_TYPE) => wrong_file(&detail),
        Some(FILING_TYPE) => wrong_right(&detail),
        _ => {
            let public = "the types that a client can ask for by itself are bulk_submission and submission; the rest needs a citizen";
            return Err(refused(public, "/0/type"));
        }
    };
    serde_json::from_value(detail).map_err(|_| wrong)
}

// The schema knows the members and their forms, and neither the last bits of a digest nor a check digit.

fn wrong_applicant() -> Refusal {
    refused("applicant must be a corporate number with a right check digit", "/0/applicant")
}

/// What is wrong with a file's entry, where something is.
fn wrong_file(detail: &Value) -> Refusal {
    match detail.get("digest").and_then(Value::as_str).and_then(Digest::parse) {
        Some(_) => wrong_applicant(),
        None => refused("digest must be SHA-256 of the file as 43 base64url characters", "/0/digest"),
    }
}

/// What is wrong with a right's entry, where something is.
fn wrong_right(detail: &Value) -> Refusal {
    match detail.get("applicant").and_then(Value::as_str).map(CorporateNumber::parse) {
        Some(Ok(_)) => refused(format!("procedures {InvalidProcedures}"), "/0/procedures"),
        _ => wrong_applicant(),
    }
}

/// The one file that a token is bound to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BulkSubmissionDetails {
    /// `bulk_submission`.
    #[serde(rename = "type")]
    #[schema(example = "bulk_submission")]
    kind: &'static str,
    /// SHA-256 of the whole file, base64url without padding.
    #[schema(example = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU")]
    digest: String,
    /// The one company that it is filed for, where the token is bound to that too.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "7000012050002")]
    applicant: Option<String>,
}

/// The one company's filings that a token is bound to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SubmissionDetails {
    /// `submission`.
    #[serde(rename = "type")]
    #[schema(example = "submission")]
    kind: &'static str,
    /// 法人番号 of the company.
    #[schema(example = "7000012050002")]
    applicant: String,
    /// The procedures; `*` alone for every one.
    #[schema(example = json!(["2200700"]))]
    procedures: Vec<String>,
}

/// What a token opens in detail, as token responses and introspection give it back (RFC 9396 §7 and §9).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum GivenDetails {
    /// What a citizen agreed to, or the part of it that the token was narrowed to.
    Consented(ConsentedDetails),
    /// The one file that the token is bound to.
    Bulk(BulkSubmissionDetails),
    /// The one company's filings that the token is bound to.
    Submission(SubmissionDetails),
}

/// What `token` opens of `grant` in detail; nothing where it opens all that its scope says.
#[must_use]
pub fn given(token: &AccessToken, grant: &Grant) -> Option<Vec<GivenDetails>> {
    if let Some(file) = token.file() {
        let told = BulkSubmissionDetails {
            kind: BULK_TYPE,
            digest: file.digest.base64url(),
            applicant: file.applicant.as_ref().map(ToString::to_string),
        };
        return Some(vec![GivenDetails::Bulk(told)]);
    }
    if let Some(right) = token.right() {
        let told = SubmissionDetails {
            kind: FILING_TYPE,
            applicant: right.applicant.to_string(),
            procedures: right.procedures.names().to_vec(),
        };
        return Some(vec![GivenDetails::Submission(told)]);
    }
    let consent = token.consent(grant)?;
    Some(consented(&consent).into_iter().map(GivenDetails::Consented).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_client_can_bind_a_token_to_one_file_or_company_and_ask_for_nothing_else() {
        let digest = Digest::of("a file").base64url();
        let good = json!({"type": "bulk_submission", "digest": digest});
        let file = |told: &Value| match parse(&json!([told]).to_string()).unwrap() {
            NarrowedDetails::BulkSubmission(file) => file,
            other => panic!("{other:?}"),
        };
        assert_eq!(file(&good).digest, Digest::of("a file"));
        let mut fixed = good.clone();
        fixed["applicant"] = json!("7000012050002");
        assert_eq!(file(&fixed).applicant.unwrap().as_str(), "7000012050002");
        let right = json!({"type": "submission", "applicant": "7000012050002", "procedures": ["b", "a", "a"]});
        let NarrowedDetails::Submission(read) = parse(&json!([right]).to_string()).unwrap() else { panic!("{right}") };
        assert_eq!(
            (read.applicant.as_str(), read.procedures.names()),
            ("7000012050002", &["a".into(), "b".into()][..])
        );
        let bad_right = |name: &str, value: Value| {
            let mut bad = right.clone();
            bad[name] = value;
            json!([bad])
        };
        for (bad, place) in [
            (json!({}), ""),
            (json!([]), ""),
            (json!([good, good]), ""),
            (json!([1]), "/0/type"),
            (json!([{"type": "self_information", "digest": digest}]), "/0/type"),
            (json!([{"type": "bulk_submission"}]), "/0/digest"),
            (json!([{"type": "bulk_submission", "digest": 1}]), "/0/digest"),
            (json!([{"type": "bulk_submission", "digest": &digest[1..]}]), "/0/digest"),
            // The last character holds bits that no digest has.
            (json!([{"type": "bulk_submission", "digest": format!("{}_", &digest[..42])}]), "/0/digest"),
            (json!([{"type": "bulk_submission", "digest": digest, "applicant": "1234567890123"}]), "/0/applicant"),
            (json!([{"type": "bulk_submission", "digest": digest, "applicant": 7}]), "/0/applicant"),
            (json!([{"type": "submission"}]), "/0/applicant"),
            (bad_right("applicant", json!("1234567890123")), "/0/applicant"),
            (bad_right("procedures", json!([])), "/0/procedures"),
            (bad_right("procedures", json!("a")), "/0/procedures"),
            (bad_right("procedures", json!(["*", "a"])), "/0/procedures"),
            (bad_right("procedures", json!(["a b"])), "/0/procedures"),
        ] {
            let refusal = parse(&bad.to_string()).unwrap_err();
            let told = (refusal.code, refusal.pointer.as_deref());
            assert_eq!(told, ("invalid_authorization_details", Some(place)), "{bad}");
        }
    }
}
