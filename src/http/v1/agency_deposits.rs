//! `/agency/v1/deposits`: what was filed to an agency by cloud, for that agency's own software.

use super::{admit, limited};
use crate::domain::deposit::Holding;
use crate::gateway::{Gateway, Operation, Permit};
use crate::http::problem::Problem;
use crate::services::deposits::{AgencyDeposit, AgencyDepositPage, ContentAsked, Deposits, Given, NotGiven, tag};
use actix_web::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_RANGE, ETAG, HeaderMap, HeaderName, IF_RANGE, RANGE,
};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What companies filed to you by cloud, in the order of their filing: go on with `next`.
///
/// You are told of each as of any filing, too. What was withdrawn, or has expired, stays on the list.
#[utoipa::path(
    get, path = "/agency/v1/deposits", operation_id = "list_agency_deposits", tag = "deposits",
    params(
        ("after" = Option<u64>, Query, description = "`next` of the page before; from the first when not given.", example = 0),
        ("limit" = Option<u32>, Query, description = "How many, 1 to 100.", example = 50),
    ),
    responses((status = 200, description = "The deposits.", body = AgencyDepositPage)),
    security(("dpop" = ["agency_deposits"]))
)]
pub async fn list(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    deposits: web::Data<Deposits>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_AGENCY_DEPOSITS).await?;
    let page = deposits.filed(&permit, request.query_string()).await?;
    Ok(limited(HttpResponse::Ok().json(page), &permit))
}

/// One deposit that was filed to you.
#[utoipa::path(
    get, path = "/agency/v1/deposits/{id}", operation_id = "get_agency_deposit", tag = "deposits",
    params(("id" = String, Path, description = "The deposit's id.", example = "dep_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses((status = 200, description = "The deposit.", body = AgencyDeposit)),
    security(("dpop" = ["agency_deposits"]))
)]
pub async fn find(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    deposits: web::Data<Deposits>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_AGENCY_DEPOSIT).await?;
    Ok(limited(HttpResponse::Ok().json(deposits.filed_one(&permit, &id).await?), &permit))
}

/// References what was filed to you: its bytes, from the company's cloud, verified against what was filed.
///
/// The reference is written down first, and the company sees it: who, what for, which bytes. One range is taken at a time
/// (RFC 9110); several at once are answered with the whole. Where the cloud fails after the first mebibyte, the connection is
/// broken off: fewer bytes came than `Content-Length` says; ask for the rest with `Range` and `If-Range`.
#[utoipa::path(
    get, path = "/agency/v1/deposits/{id}/content", operation_id = "get_agency_deposit_content", tag = "deposits",
    params(
        ("id" = String, Path, description = "The deposit's id.", example = "dep_Zm9vYmFyYmF6cXV4MTIzNA"),
        ("purpose" = String, Query, description = "What for: a purpose of `GET /v1/deposits/procedures`.", example = "audit"),
        ("Range" = Option<String>, Header, description = "`bytes=first-last` (RFC 9110 §14.2).", example = "bytes=0-1023"),
        ("If-Range" = Option<String>, Header, description = "The `ETag` that was seen: with another one the whole comes."),
    ),
    responses(
        (status = 200, description = "All of it.", body = Vec<u8>, content_type = "application/octet-stream",
         headers(
             ("Repr-Digest" = String, description = "SHA-256 of the whole (RFC 9530)."),
             ("ETag" = String, description = "The same, as a strong validator."),
             ("Document-Type" = String, description = "What it is: a media type."),
         )),
        (status = 206, description = "The range.", body = Vec<u8>, content_type = "application/octet-stream",
         headers(("Content-Range" = String, description = "Which bytes, of how many."))),
    ),
    security(("dpop" = ["agency_deposits"]))
)]
pub async fn content(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    deposits: web::Data<Deposits>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_AGENCY_DEPOSIT_CONTENT).await?;
    let given = deposits.filed_content(&permit, asked(&request, &id)).await.map_err(problem)?;
    Ok(streamed(given, &permit))
}

/// What a request asks of a content.
pub(super) fn asked<'a>(request: &'a HttpRequest, id: &'a str) -> ContentAsked<'a> {
    let range = one(request.headers(), &RANGE);
    ContentAsked { id, query: request.query_string(), range, if_range: one(request.headers(), &IF_RANGE) }
}

/// A field that comes once; one that comes twice is passed over.
fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name);
    let first = values.next().and_then(|value| value.to_str().ok());
    first.filter(|_| values.next().is_none())
}

pub(super) fn problem(not: NotGiven) -> Problem {
    let problem = Problem::from(not.failure);
    match not.size {
        Some(size) => problem.header(CONTENT_RANGE, format!("bytes */{size}")),
        None => problem,
    }
}

/// What an answer says of the bytes in it. Whatever others wrote is never opened by a browser as a page of ours.
pub(super) fn describe(answer: &mut HttpResponseBuilder, holding: &Holding) {
    answer.insert_header((CACHE_CONTROL, "no-store")).insert_header((CONTENT_DISPOSITION, "attachment"));
    answer.insert_header((ETAG, tag(&holding.digest)));
    answer.insert_header(("repr-digest", format!("sha-256=:{}:", STANDARD.encode(holding.digest.as_bytes()))));
    answer.insert_header(("document-type", holding.media_type.clone()));
    answer.content_type("application/octet-stream");
}

/// The answer: all of it, or the range that was asked for.
pub(super) fn streamed(given: Given, permit: &Permit) -> HttpResponse {
    let holding = &given.holding;
    let mut answer = match given.part {
        Some(part) => {
            let mut answer = HttpResponse::PartialContent();
            answer.insert_header((CONTENT_RANGE, format!("bytes {}-{}/{}", part.first(), part.last(), holding.size)));
            answer
        }
        None => HttpResponse::Ok(),
    };
    describe(&mut answer, holding);
    answer.insert_header((ACCEPT_RANGES, "bytes")).no_chunking(given.length);
    limited(answer.streaming(given.into_stream()), permit)
}
