//! `/v1/delegations`: for which companies an office may file.

use super::{admit, limited};
use crate::gateway::{Gateway, Operation};
use crate::http::problem::Problem;
use crate::services::submissions::{DelegationPage, Filings};
use actix_web::{HttpRequest, HttpResponse, web};

/// The delegations (委任) that companies gave you, newest first, whatever their state.
///
/// A company that registers, holds still or ends one does so at its own page or by paper: nothing here changes one.
#[utoipa::path(
    get, path = "/v1/delegations", operation_id = "list_delegations", tag = "submissions",
    params(
        ("after" = Option<String>, Query, description = "`next` of the page before."),
        ("limit" = Option<u32>, Query, description = "How many, 1 to 100.", example = 50),
    ),
    responses((status = 200, description = "The delegations.", body = DelegationPage)),
    security(("dpop" = ["submissions"]))
)]
pub async fn list(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    filings: web::Data<Filings>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_DELEGATIONS).await?;
    let page = filings.delegations(&permit, request.query_string()).await?;
    Ok(limited(HttpResponse::Ok().json(page), &permit))
}
