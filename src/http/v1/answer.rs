//! In which form an answer is given: as JSON, or as JSON signed by the counter (`Accept: application/jose`).
//!
//! The form is settled before anything is done, so that a caller who wants neither has used nothing up.

use super::{accept, limited};
use crate::domain::{Failure, Fault};
use crate::gateway::{Operation, Permit};
use crate::issuer::{Issuer, SignedAnswer};
use actix_web::http::header::{HeaderValue, VARY};
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
        if accept::best(request.headers(), [JSON, JOSE])? == JSON {
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
