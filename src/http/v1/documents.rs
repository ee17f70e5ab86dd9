//! `/v1/submissions/{id}/documents`, `/v1/documents`: what agencies give back about filings.

use super::{admit, limited};
use crate::gateway::{Gateway, Operation};
use crate::http::problem::Problem;
use crate::services::submissions::{DocumentList, DocumentView, Filings};
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::{HttpRequest, HttpResponse, web};

/// What agencies gave back about a filing: official documents (公文書) and notices.
#[utoipa::path(
    get, path = "/v1/submissions/{id}/documents", operation_id = "list_documents", tag = "submissions",
    params(("id" = String, Path, description = "The filing's id.", example = "sub_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses((status = 200, description = "The documents.", body = DocumentList)),
    security(("dpop" = ["submissions"]))
)]
pub async fn list(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    filings: web::Data<Filings>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_DOCUMENTS).await?;
    Ok(limited(HttpResponse::Ok().json(filings.documents(&permit, &id).await?), &permit))
}

/// A document's bytes, as the agency gave them.
///
/// Each call is a disclosure that the log of evidence knows of. The bytes stay until you say that you have them.
#[utoipa::path(
    get, path = "/v1/documents/{id}", operation_id = "get_document", tag = "submissions",
    params(("id" = String, Path, description = "The document's id.", example = "doc_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses(
        (status = 200, description = "Its bytes.", body = Vec<u8>, content_type = "application/octet-stream",
         headers(
             ("Repr-Digest" = String, description = "SHA-256 of them (RFC 9530)."),
             ("Document-Type" = String, description = "What they are: a media type."),
             ("Document-Signature" = String, description = "`none`, `valid`, `untrusted` or `invalid`: what its signature came to when it was fetched."),
         )),
    ),
    security(("dpop" = ["submissions"]))
)]
pub async fn get(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    filings: web::Data<Filings>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_DOCUMENT).await?;
    let document = filings.document(&permit, &id).await?;
    let mut answer = HttpResponse::Ok();
    // Whatever an agency sends is never opened by a browser as a page of ours.
    answer.insert_header((CACHE_CONTROL, "no-store")).insert_header((CONTENT_DISPOSITION, "attachment"));
    answer.insert_header(("repr-digest", document.digest)).insert_header(("document-type", document.content_type));
    answer.insert_header(("document-signature", document.signature));
    Ok(limited(answer.content_type("application/octet-stream").body(document.bytes), &permit))
}

/// Says that you have a document, safely: it is erased here. Saying so again changes nothing.
#[utoipa::path(
    post, path = "/v1/documents/{id}/collected", operation_id = "collect_document", tag = "submissions",
    params(("id" = String, Path, description = "The document's id.", example = "doc_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses((status = 200, description = "The document as it stands now.", body = DocumentView)),
    security(("dpop" = ["submissions"]))
)]
pub async fn collect(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    filings: web::Data<Filings>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::COLLECT_DOCUMENT).await?;
    Ok(limited(HttpResponse::Ok().json(filings.collect_document(&permit, &id).await?), &permit))
}
