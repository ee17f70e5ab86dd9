//! `GET /v1/consent/receipts`.

use super::admit;
use super::answer::{Form, SignedAnswerText};
use crate::domain::{Fault, Refusal, Timestamp};
use crate::gateway::{Gateway, Operation};
use crate::http::problem::Problem;
use crate::issuer::{ConsentReceipt, Holder, Issuer};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

/// The receipts of a consent.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentReceiptList {
    /// That of the decision in force first, then those that it took the place of.
    pub receipts: Vec<ConsentReceiptView>,
}

/// A consent receipt, to be kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentReceiptView {
    /// Which record it is about: the person's own copy names the same.
    #[schema(example = "g_Zm9vYmFyYmF6cXV4MTIzNA.1795219200000")]
    pub record_id: String,
    /// When the person agreed (RFC 3339, Japan's time).
    #[schema(format = "date-time")]
    pub agreed_at: String,
    /// When a newer decision took its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    pub superseded_at: Option<String>,
    /// The receipt as a compact JWS of `typ` `madoguchi-consent-receipt+jwt`, signed by a key of `GET /evidence/jwks`. Its
    /// claim `consent_receipt` is JSON-LD with the members of ISO/IEC TS 27560; each event names its receipt in the log of
    /// evidence.
    pub receipt: String,
}

impl ConsentReceiptView {
    fn of(receipt: &ConsentReceipt, signed: String) -> Self {
        Self {
            record_id: receipt.record_id.clone(),
            agreed_at: receipt.agreed_at.rfc3339(),
            superseded_at: receipt.superseded_at.map(Timestamp::rfc3339),
            receipt: signed,
        }
    }
}

/// Gives the consent behind the token as signed receipts (ISO/IEC TS 27560), earlier decisions too.
#[utoipa::path(
    get, path = "/v1/consent/receipts", operation_id = "list_consent_receipts", tag = "self-information",
    responses((status = 200, description = "The receipts.", content(
        (ConsentReceiptList = "application/json"),
        (SignedAnswerText = "application/jose"),
    ))),
    security(("dpop" = ["self_information"]))
)]
pub async fn list(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    issuer: web::Data<Issuer>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_CONSENT_RECEIPTS).await?;
    let form = Form::of(&request, &Operation::LIST_CONSENT_RECEIPTS)?;
    let client = permit.client();
    let receipts = issuer.consent_receipts(permit.grant(), client, Holder::Controller).await?;
    if receipts.is_empty() {
        return Err(Refusal::new("not_found", "This grant holds no consent to self-information.").into());
    }
    let signed = |one| Ok(ConsentReceiptView::of(one, issuer.sign_consent_receipt(one, client.id.as_str())?));
    let receipts = receipts.iter().map(signed).collect::<Result<_, Fault>>()?;
    Ok(form.answer(HttpResponse::Ok(), &ConsentReceiptList { receipts }, &permit)?)
}
