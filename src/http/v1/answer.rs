//! In which form an answer is given: as JSON, or as JSON signed by the counter (`Accept: application/jose`).
//!
//! The form is settled before anything is done, so that a caller who wants neither has used nothing up.

use super::limited;
use crate::domain::{Failure, Fault, Refusal};
use crate::gateway::{Operation, Permit};
use crate::issuer::{Issuer, SignedAnswer};
use actix_web::http::header::{ACCEPT, HeaderMap, HeaderValue, VARY};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use utoipa::ToSchema;

/// The media type of a compact JWS (RFC 7515 §9.2.1).
const JOSE: &str = "application/jose";
const JSON: &str = "application/json";

/// The answer as signed data (a compact JWS, RFC 7515 §7.1), to be kept and shown later. Its header has `typ`
/// `madoguchi-answer+jwt`, `alg` `ES256` and a `kid` of `GET /evidence/jwks`, where former keys stay; its claims are
/// `SignedAnswerClaims`. It does not expire. Errors are never signed.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a text that the issuer writes")]
pub struct SignedAnswerText(String);

/// What a signed answer says.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what the issuer writes")]
pub struct SignedAnswerClaims {
    /// The counter: its issuer identifier.
    #[schema(format = "uri", example = "https://gateway.example")]
    iss: String,
    /// To whom the answer was given: the client's id.
    #[schema(example = "loan-bank")]
    aud: String,
    /// When it was signed, in seconds since 1970.
    iat: i64,
    /// Under which grant.
    #[schema(example = "g_Zm9vYmFyYmF6cXV4MTIzNA")]
    grant_id: String,
    /// What was called, by its `operationId`.
    #[schema(example = "create_self_information_request")]
    operation: String,
    /// Where the answer discloses something: the receipt of that in the log of evidence.
    #[schema(nullable = false, example = "r_Zm9vYmFyYmF6cXV4MTIzNA")]
    receipt_id: Option<String>,
    /// The body of the answer, byte for byte as it is without the signature.
    answer: serde_json::Value,
}

/// The form of one answer.
pub(super) enum Form {
    /// JSON.
    Plain,
    /// JSON inside a JWS.
    Signed(web::Data<Issuer>, &'static Operation),
}

impl Form {
    /// What the caller wants: JSON, unless it likes a signature better.
    ///
    /// # Errors
    /// `not_acceptable` when it wants neither.
    pub(super) fn of(request: &HttpRequest, operation: &'static Operation) -> Result<Self, Failure> {
        if wanted(request.headers())? == Wanted::Json {
            return Ok(Self::Plain);
        }
        let issuer =
            request.app_data::<web::Data<Issuer>>().ok_or_else(|| Fault::Internal("nothing here signs".into()))?;
        Ok(Self::Signed(issuer.clone(), operation))
    }

    /// The answer with this body.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be written or signed.
    pub(super) fn answer(
        self,
        response: HttpResponseBuilder,
        body: &impl Serialize,
        permit: &Permit,
    ) -> Result<HttpResponse, Fault> {
        let bytes = serde_json::to_vec(body).map_err(|error| Fault::Internal(error.to_string()))?;
        self.answer_bytes(response, bytes.into(), permit)
    }

    /// The answer with a body that is JSON already.
    ///
    /// # Errors
    /// As [`answer`](Self::answer).
    pub(super) fn answer_bytes(
        self,
        mut response: HttpResponseBuilder,
        body: web::Bytes,
        permit: &Permit,
    ) -> Result<HttpResponse, Fault> {
        response.insert_header((VARY, HeaderValue::from_static("accept")));
        let Self::Signed(issuer, operation) = self else {
            return Ok(limited(response.content_type(JSON).body(body), permit));
        };
        let named: Disclosure<'_> = serde_json::from_slice(&body).unwrap_or_default();
        let text = issuer.sign_answer(&SignedAnswer {
            client: &permit.client().id,
            grant: &permit.grant().id,
            operation: operation.id,
            receipt: named.receipt_id.as_deref(),
            body: &body,
        })?;
        Ok(limited(response.content_type(JOSE).body(text), permit))
    }
}

/// What a body that discloses something is found again by.
#[derive(Default, Deserialize)]
struct Disclosure<'a> {
    #[serde(borrow, default)]
    receipt_id: Option<Cow<'a, str>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Json,
    Jose,
}

/// Reads `Accept` (RFC 9110 §12.5.1). Ranges that are malformed are passed over; where none is left, anything will do.
fn wanted(headers: &HeaderMap) -> Result<Wanted, Refusal> {
    let fields = headers.get_all(ACCEPT).filter_map(|value| value.to_str().ok());
    let ranges: Vec<Range<'_>> = fields.flat_map(|field| field.split(',')).filter_map(Range::parse).collect();
    if ranges.is_empty() {
        return Ok(Wanted::Json);
    }
    let (json, jose) = (weight(&ranges, JSON), weight(&ranges, JOSE));
    match (json, jose) {
        (0, 0) => {
            let words = "Answers are given as application/json or, signed, as application/jose.";
            Err(Refusal::new("not_acceptable", words).at("Accept"))
        }
        (json, jose) if jose > json => Ok(Wanted::Jose),
        _ => Ok(Wanted::Json),
    }
}

/// One media range with its weight in thousandths.
struct Range<'a> {
    kind: &'a str,
    subtype: &'a str,
    weight: u16,
}

impl<'a> Range<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (kind, subtype) = parts.next()?.split_once('/')?;
        let is_token = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_graphic() && b != b'/');
        if !is_token(kind) || !is_token(subtype) || (kind == "*" && subtype != "*") {
            return None;
        }
        let given = parts.filter_map(|part| part.split_once('='));
        let mut weights = given.filter(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
        let weight = weights.next().map_or(Some(1000), |(_, value)| thousandths(value.trim()))?;
        Some(Self { kind, subtype, weight })
    }

    /// How exactly it names a media type; not at all when absent.
    fn fits(&self, wanted: &str) -> Option<u8> {
        let (kind, subtype) = wanted.split_once('/')?;
        match (self.kind, self.subtype) {
            ("*", "*") => Some(0),
            (own, "*") if own.eq_ignore_ascii_case(kind) => Some(1),
            (own, name) if own.eq_ignore_ascii_case(kind) && name.eq_ignore_ascii_case(subtype) => Some(2),
            _ => None,
        }
    }
}

/// The most exact range counts (RFC 9110 §12.5.1).
fn weight(ranges: &[Range<'_>], media_type: &str) -> u16 {
    let fitting = ranges.iter().filter_map(|range| Some((range.fits(media_type)?, range.weight)));
    fitting.max_by_key(|(exactness, _)| *exactness).map_or(0, |(_, weight)| weight)
}

/// A weight (RFC 9110 §12.4.2): `0` to `1` with at most three decimals.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let decimals: u16 = format!("{decimals:0<3}").parse().ok()?;
    match (whole, decimals) {
        ("0", decimals) => Some(decimals),
        ("1", 0) => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accept_is_read_as_rfc_9110_says() {
        use Wanted::{Jose, Json};
        for (fields, expected) in [
            (vec![], Ok(Json)),
            (vec![""], Ok(Json)),
            (vec!["*/*"], Ok(Json)),
            (vec!["application/*"], Ok(Json)),
            (vec!["application/json"], Ok(Json)),
            (vec!["application/json; charset=utf-8"], Ok(Json)),
            (vec!["application/jose"], Ok(Jose)),
            (vec!["Application/JOSE"], Ok(Jose)),
            (vec!["application/jose, application/problem+json"], Ok(Jose)),
            (vec!["application/problem+json", "application/jose;q=0.1"], Ok(Jose)),
            (vec!["application/json, application/jose"], Ok(Json)),
            (vec!["application/json;q=0.5, application/jose"], Ok(Jose)),
            (vec!["application/json;q=0.5, application/jose;q=0.499"], Ok(Json)),
            (vec!["*/*;q=0.1, application/jose"], Ok(Jose)),
            (vec!["*/*, application/json;q=0"], Ok(Jose)),
            (vec!["*/*, application/json;q=0, application/jose;q=0.000"], Err(())),
            (vec!["text/html"], Err(())),
            (vec!["application/jwt"], Err(())),
            (vec!["application/jose;q=0"], Err(())),
            (vec!["nonsense", "a/b/c", "*/json", "application/jose;q=2", "application/jose;q=0.1234"], Ok(Json)),
        ] {
            let mut map = HeaderMap::new();
            for field in &fields {
                map.append(ACCEPT, HeaderValue::from_str(field).unwrap());
            }
            let told = wanted(&map).map_err(|refusal| assert_eq!(refusal.code, "not_acceptable"));
            assert_eq!(told, expected, "{fields:?}");
        }
    }
}
