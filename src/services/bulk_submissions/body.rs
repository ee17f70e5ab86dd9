//! What is said of a file before it comes.

use super::MOST_LINES;
use crate::domain::bulk::{OnReject, RecordFormat};
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::evidence::canonical;
use crate::domain::{Digest, Refusal};
use crate::services::body;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use url::form_urlencoded;
use utoipa::ToSchema;

/// Lines of a page when nothing is said.
const LISTED: u32 = 100;
/// Most bytes of what all records have in common.
const MOST_OFFICE: usize = 16 * 1024;

/// A file to come: newline-delimited JSON, one record on each line; or CSV (RFC 4180), one record in each row.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkRequest {
    /// The agency, by its name here.
    #[schema(example = "pension")]
    pub agency: String,
    /// The procedure of every record (手続識別子 or 届書コード).
    #[schema(example = "2225700")]
    pub procedure: String,
    /// The company that every record is for, by its corporate number (法人番号); your own when absent. Another needs its
    /// delegation (委任) to you in force, for the procedure.
    #[schema(example = "7000012050002")]
    pub applicant: Option<String>,
    /// SHA-256 of the whole file, base64url without padding. Nothing else is filed under this bulk filing.
    #[schema(example = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU")]
    pub digest: String,
    /// Bytes of the whole file, at most 2,000,000,000.
    #[schema(minimum = 1, maximum = 2_000_000_000_u64, example = 60_000_000)]
    pub length: u64,
    /// What the file is: `application/x-ndjson`, or `text/csv` with `charset=utf-8` or `charset=shift_jis`. The header line of a
    /// CSV names the procedure's items, or JSON pointers (RFC 6901) into a record; its lines are counted from the row after.
    #[serde(default = "ndjson")]
    #[schema(default = "application/x-ndjson", example = "text/csv; charset=shift_jis")]
    pub content_type: String,
    /// What becomes of the file when records are rejected: `refuse` files nothing of it, `skip` files the others.
    #[serde(default)]
    pub on_reject: OnReject,
    /// What all records have in common (共通項目): the procedure's `office`.
    #[schema(value_type = Object)]
    pub office: Box<RawValue>,
}

fn ndjson() -> String {
    RecordFormat::Ndjson.media_type().to_owned()
}

/// The filing of what a dry run found good.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkSubmitRequest {
    /// SHA-256 of the file that was checked, base64url without padding.
    #[schema(example = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU")]
    pub digest: String,
}

/// A request whose digest is read.
#[derive(Debug)]
pub(super) struct Read {
    pub request: BulkRequest,
    pub applicant: Option<CorporateNumber>,
    pub digest: Digest,
    pub format: RecordFormat,
}

/// Reads what is to come.
///
/// # Errors
/// `invalid_request` for a body of another form, `invalid_value` with the place of what is wrong.
pub(super) fn read(bytes: &[u8]) -> Result<Read, Refusal> {
    let request: BulkRequest = body::read(bytes)?;
    let is_good = |text: &str| (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    for (place, text) in [("/agency", &request.agency), ("/procedure", &request.procedure)] {
        if !is_good(text) {
            return Err(Refusal::new("invalid_value", "Use 1 to 64 visible ASCII characters.").at(place));
        }
    }
    let office = request.office.get();
    if !office.trim_start().starts_with('{') || office.len() > MOST_OFFICE {
        let words = format!("It must be an object of at most {MOST_OFFICE} bytes.");
        return Err(Refusal::new("invalid_value", words).at("/office"));
    }
    let digest = sha256(&request.digest)?;
    let format = RecordFormat::of_media_type(&request.content_type).ok_or_else(|| {
        let words = "Use application/x-ndjson, or text/csv with charset=utf-8 or charset=shift_jis and a header line.";
        Refusal::new("invalid_value", words).at("/content_type")
    })?;
    let applicant = body::applicant(request.applicant.as_deref())?;
    Ok(Read { request, applicant, digest, format })
}

/// Reads the digest of what is to be filed.
///
/// # Errors
/// As [`read`].
pub(super) fn read_submit(bytes: &[u8]) -> Result<Digest, Refusal> {
    sha256(&body::read::<BulkSubmitRequest>(bytes)?.digest)
}

fn sha256(text: &str) -> Result<Digest, Refusal> {
    let wrong = || Refusal::new("invalid_value", "Give SHA-256 as 43 base64url characters.").at("/digest");
    Digest::parse(text).ok_or_else(wrong)
}

/// The digest of a request: the same whatever its white space and the order of its members.
///
/// # Errors
/// `invalid_request` for no JSON.
pub(super) fn digest(bytes: &[u8], is_dry_run: bool) -> Result<Digest, Refusal> {
    let value: Value = body::read(bytes)?;
    Ok(Digest::of(&format!("{is_dry_run}\n{}", canonical(&value))))
}

/// From which line outcomes are read, and how many.
///
/// # Errors
/// `invalid_value` naming the parameter.
pub(super) fn page(query: &str) -> Result<(u64, u32), Refusal> {
    let (mut after, mut limit) = (0, LISTED);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "after" => {
                let line = value.parse().ok().filter(|line: &u64| u32::try_from(*line).is_ok());
                let wrong = || Refusal::new("invalid_value", "It must be the number of a line, or 0.").at("after");
                after = line.ok_or_else(wrong)?;
            }
            "limit" => {
                let most = value.parse().ok().filter(|most| (1..=MOST_LINES).contains(most));
                let wrong = || Refusal::new("invalid_value", format!("It must be 1 to {MOST_LINES}.")).at("limit");
                limit = most.ok_or_else(wrong)?;
            }
            _ => return Err(body::unknown(&name, "after, limit")),
        }
    }
    Ok((after, limit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_named_by_its_place() {
        let digest = Digest::of("file").base64url();
        let body = |agency: &str, digest: &str, office: &str| {
            format!(r#"{{"agency":"{agency}","procedure":"1","digest":"{digest}","length":5,"office":{office}}}"#)
        };
        assert!(read(body("pension", &digest, "{}").as_bytes()).is_ok());
        for (text, code, place) in [
            (String::new(), "invalid_request", ""),
            (body("a b", &digest, "{}"), "invalid_value", "/agency"),
            (body("pension", "abc", "{}"), "invalid_value", "/digest"),
            (body("pension", &digest, "{},\"applicant\":\"1234567890123\""), "invalid_value", "/applicant"),
            (body("pension", &digest, "[]"), "invalid_value", "/office"),
            (body("pension", &digest, "{},\"x\":1"), "invalid_request", ""),
            (body("pension", &digest, "{},\"content_type\":\"text/xml\""), "invalid_value", "/content_type"),
        ] {
            let refusal = read(text.as_bytes()).unwrap_err();
            assert_eq!((refusal.code, refusal.pointer.as_deref().unwrap_or_default()), (code, place), "{text}");
        }
        for (query, place) in [("after=x", "after"), ("limit=0", "limit"), ("limit=1001", "limit"), ("n=1", "n")] {
            assert_eq!(page(query).unwrap_err().pointer.as_deref(), Some(place), "{query}");
        }
        assert_eq!(page("after=7&limit=3").unwrap(), (7, 3));
    }
}
