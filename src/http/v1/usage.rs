//! `GET /v1/usage`.

use super::{admit, limited};
use crate::gateway::{Gateway, Operation};
use crate::http::problem::Problem;
use crate::services::usage::{Usage, UsageReport};
use actix_web::{HttpRequest, HttpResponse, web};

/// Tells which operations the caller's own client called, how often, and which of them are to go.
///
/// Every token of this service opens it. Counts come from memory some seconds late: a node that is killed loses what it counted
/// within its last ten seconds, so this is no bill.
#[utoipa::path(
    get, path = "/v1/usage", operation_id = "get_usage", tag = "account",
    params(("days" = Option<u32>, Query, description = "How many days, 1 to 400, today among them; 90 when not said.", example = 30)),
    responses((status = 200, description = "By operation.", body = UsageReport)),
    security(("dpop" = []))
)]
pub async fn get(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    usage: web::Data<Usage>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_USAGE).await?;
    let report = usage.view(&permit, request.query_string()).await?;
    Ok(limited(HttpResponse::Ok().json(report), &permit))
}
