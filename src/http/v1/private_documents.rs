//! Private delivery documents (民間送達) for citizens' software.

use super::agency_deposits::describe;
use super::{admit, limited};
use crate::gateway::{Gateway, Operation};
use crate::http::problem::Problem;
use crate::services::private_documents::{
    PrivateDocumentPage, PrivateDocumentView, PrivateDocuments, YearEndAdjustmentView,
};
use actix_web::{HttpRequest, HttpResponse, web};

/// What the linked private delivery providers (民間送達) keep for the citizen, newest first.
///
/// Every provider is asked at once. One that does not answer is told of in `providers`, and hides nothing of the others.
#[utoipa::path(
    get, path = "/v1/private-documents", operation_id = "list_private_documents", tag = "private documents",
    params(
        ("kind" = Option<String>, Query, description = "Only of this kind.", example = "life_insurance"),
        ("tax_year" = Option<u16>, Query, description = "Only about this year (対象年).", example = 2026),
        ("after" = Option<String>, Query, description = "`next` of the page before.", example = "2026-10-15.mihon-post.life-2026-1"),
        ("limit" = Option<u32>, Query, description = "How many, 1 to 100.", example = 50),
    ),
    responses((status = 200, description = "The documents.", body = PrivateDocumentPage)),
    security(("dpop" = ["private_documents"]))
)]
pub async fn list(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    documents: web::Data<PrivateDocuments>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_PRIVATE_DOCUMENTS).await?;
    Ok(limited(HttpResponse::Ok().json(documents.list(&permit, request.query_string()).await?), &permit))
}

/// Everything for one year-end adjustment (年末調整) in one call: the sums of what the citizen's certificates declare, by
/// deduction, in whole yen, and each certificate that is in them.
///
/// A certificate whose signature does not hold is never in a sum: it is in `unreadable`, and `is_complete` is false. One that two
/// providers deliver is counted once. Sums are of premiums and balances: the deductions follow from them by the year's rules.
#[utoipa::path(
    get, path = "/v1/private-documents/year-end-adjustment", operation_id = "get_year_end_adjustment",
    tag = "private documents",
    params(("tax_year" = u16, Query, description = "Which year (対象年).", example = 2026)),
    responses((status = 200, description = "The sums.", body = YearEndAdjustmentView)),
    security(("dpop" = ["private_documents"]))
)]
pub async fn year_end(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    documents: web::Data<PrivateDocuments>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_YEAR_END_ADJUSTMENT).await?;
    Ok(limited(HttpResponse::Ok().json(documents.year_end(&permit, request.query_string()).await?), &permit))
}

/// One document, as fields, once its signature holds: by a certificate up to an authority that this service trusts, of the
/// issuer that it names, over the very part that is read.
#[utoipa::path(
    get, path = "/v1/private-documents/{id}", operation_id = "get_private_document", tag = "private documents",
    params(("id" = String, Path, description = "The document's id.", example = "mihon-post.life-2026-1")),
    responses((status = 200, description = "The document.", body = PrivateDocumentView)),
    security(("dpop" = ["private_documents"]))
)]
pub async fn find(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    documents: web::Data<PrivateDocuments>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_PRIVATE_DOCUMENT).await?;
    Ok(limited(HttpResponse::Ok().json(documents.document(&permit, &id).await?), &permit))
}

/// One document, as it was delivered: signed XML, for whoever checks the signature themselves. One whose signature does not hold
/// is not given.
#[utoipa::path(
    get, path = "/v1/private-documents/{id}/content", operation_id = "get_private_document_content",
    tag = "private documents",
    params(("id" = String, Path, description = "The document's id.", example = "mihon-post.life-2026-1")),
    responses(
        (status = 200, description = "Its bytes.", body = Vec<u8>, content_type = "application/octet-stream",
         headers(
             ("Repr-Digest" = String, description = "SHA-256 of them (RFC 9530)."),
             ("ETag" = String, description = "The same, as a strong validator."),
             ("Document-Type" = String, description = "What they are: application/xml."),
         )),
    ),
    security(("dpop" = ["private_documents"]))
)]
pub async fn content(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    documents: web::Data<PrivateDocuments>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_PRIVATE_DOCUMENT_CONTENT).await?;
    let given = documents.content(&permit, &id).await?;
    let mut answer = HttpResponse::Ok();
    describe(&mut answer, &given.holding);
    Ok(limited(answer.body(given.bytes), &permit))
}
