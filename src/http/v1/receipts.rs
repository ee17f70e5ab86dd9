//! `GET /v1/receipts/{id}`.

use super::admit;
use super::answer::{Form, SignedAnswerText};
use crate::domain::Refusal;
use crate::evidence::receipt::Receipt;
use crate::evidence::{EvidenceLog, Reader};
use crate::gateway::{Gateway, Operation};
use crate::http::problem::Problem;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// That the log grew from an earlier head.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsistencyBody {
    /// How many leaves the earlier tree had.
    #[schema(example = 1)]
    pub from: u64,
    /// Hashes (base64) that lead from its root to the checkpoint's (RFC 9162 §2.1.4).
    pub proof: Vec<String>,
}

/// A receipt: what happened, and the proof that it is in the log. Keep it: it is checked with the log's public key alone
/// (`madoguchi audit verify --receipt FILE --key KEY`). The leaf's entry is SHA-256 over `madoguchi evidence v1` and a
/// line feed, the salt, and the record as canonical JSON (RFC 8785).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Receipt)]
pub struct ReceiptBody {
    /// Its id.
    #[schema(example = "r_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub receipt: String,
    /// What happened: codes and counts, never values.
    #[schema(value_type = Object)]
    pub record: Value,
    /// What hides the record in the log: 32 bytes, base64.
    pub salt: String,
    /// Which leaf of the log it is.
    #[schema(example = 2)]
    pub leaf_index: u64,
    /// Hashes (base64) that lead from the leaf to the checkpoint's root (RFC 9162 §2.1.3).
    pub inclusion_proof: Vec<String>,
    /// The newest signed head of the log (C2SP tlog-checkpoint).
    pub checkpoint: String,
    /// With `from`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub consistency: Option<ConsistencyBody>,
}

impl From<Receipt> for ReceiptBody {
    fn from(receipt: Receipt) -> Self {
        Self {
            receipt: receipt.receipt,
            record: receipt.record,
            salt: receipt.salt,
            leaf_index: receipt.leaf_index,
            inclusion_proof: receipt.inclusion_proof,
            checkpoint: receipt.checkpoint,
            consistency: receipt.consistency.map(|own| ConsistencyBody { from: own.from, proof: own.proof }),
        }
    }
}

/// Gives a receipt of the client's own with its proof.
///
/// Every token of the client opens it, whatever its scope, also when the consent that the receipt is about has ended.
#[utoipa::path(
    get, path = "/v1/receipts/{id}", operation_id = "get_receipt", tag = "evidence",
    params(
        ("id" = String, Path, description = "The receipt's id.", example = "r_Zm9vYmFyYmF6cXV4MTIzNA"),
        ("from" = Option<u64>, Query, description = "A size of the log that the caller knows: adds the proof that the log grew from it.", example = 1),
    ),
    responses((status = 200, description = "The receipt.", content(
        (ReceiptBody = "application/json"),
        (SignedAnswerText = "application/jose"),
    ))),
    security(("dpop" = []))
)]
pub async fn get(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    log: web::Data<EvidenceLog>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_RECEIPT).await?;
    let form = Form::of(&request, &Operation::GET_RECEIPT)?;
    let from = known_size(request.query_string())?;
    let receipt = log.receipt(&id, Reader::Client(&permit.client().id), from).await?;
    Ok(form.answer(HttpResponse::Ok(), &ReceiptBody::from(receipt), &permit)?)
}

fn known_size(query: &str) -> Result<Option<u64>, Refusal> {
    let mut given = url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "from");
    let Some((_, text)) = given.next() else { return Ok(None) };
    let refused = || Refusal::new("invalid_value", "Name one whole number of leaves, at least 1.").at("from");
    if given.next().is_some() {
        return Err(refused());
    }
    text.parse().map(Some).map_err(|_| refused())
}
