//! A token that is bound to one file of many records: asked for by a client for itself, or made of a token of its own.
//!
//! Whoever holds such a token, and its key, files that file and nothing else.

use super::{BULK_TYPE, ConsentedDetails, consented, refused};
use crate::domain::bulk::BoundFile;
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
pub fn parse(text: &str) -> Result<BoundFile, Refusal> {
    let all: Vec<Value> = serde_json::from_str(text)
        .map_err(|_| refused("authorization_details must be a JSON array of objects (RFC 9396)", ""))?;
    let [detail] = <[Value; 1]>::try_from(all)
        .map_err(|_| refused("authorization_details must have exactly one entry, of type bulk_submission", ""))?;
    if detail.get("type").and_then(Value::as_str) != Some(BULK_TYPE) {
        let public = "the only type that a client can ask for by itself is bulk_submission; the rest needs a citizen";
        return Err(refused(public, "/0/type"));
    }
    let has_digest = detail.get("digest").and_then(Value::as_str).and_then(Digest::parse).is_some();
    match serde_json::from_value(detail) {
        Ok(NarrowedDetails::BulkSubmission(file)) => Ok(file),
        // The schema knows the members and their forms, and neither the last bits of a digest nor a check digit.
        _ if has_digest => {
            Err(refused("applicant must be a corporate number with a right check digit", "/0/applicant"))
        }
        _ => Err(refused("digest must be SHA-256 of the file as 43 base64url characters", "/0/digest")),
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

/// What a token opens in detail, as token responses and introspection give it back (RFC 9396 §7 and §9).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum GivenDetails {
    /// What a citizen agreed to, or the part of it that the token was narrowed to.
    Consented(ConsentedDetails),
    /// The one file that the token is bound to.
    Bulk(BulkSubmissionDetails),
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
    let consent = token.consent(grant)?;
    Some(consented(&consent).into_iter().map(GivenDetails::Consented).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_client_can_bind_a_token_to_one_file_and_ask_for_nothing_else() {
        let digest = Digest::of("a file").base64url();
        let good = json!({"type": "bulk_submission", "digest": digest});
        assert_eq!(parse(&json!([good]).to_string()).unwrap().digest, Digest::of("a file"));
        let mut fixed = good.clone();
        fixed["applicant"] = json!("7000012050002");
        assert_eq!(parse(&json!([fixed]).to_string()).unwrap().applicant.unwrap().as_str(), "7000012050002");
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
        ] {
            let refusal = parse(&bad.to_string()).unwrap_err();
            let told = (refusal.code, refusal.pointer.as_deref());
            assert_eq!(told, ("invalid_authorization_details", Some(place)), "{bad}");
        }
    }
}
