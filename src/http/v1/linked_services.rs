//! `GET /v1/linked-services`.

use super::{admit, limited};
use crate::gateway::{Gateway, Operation};
use crate::http::problem::Problem;
use crate::services::linked_services::{Linkage, LinkedServicesView};
use actix_web::{HttpRequest, HttpResponse, web};

/// What the citizen's account is linked with (もっとつながる): which services, of which kind, since when; and whether the account
/// is registered (利用者登録). The scope `linked_services` opens it, and `private_documents` does, too.
#[utoipa::path(
    get, path = "/v1/linked-services", operation_id = "list_linked_services", tag = "linked services",
    responses((status = 200, description = "The links.", body = LinkedServicesView)),
    security(("dpop" = ["linked_services"]), ("dpop" = ["private_documents"]))
)]
pub async fn list(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    linkage: web::Data<Linkage>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_LINKED_SERVICES).await?;
    Ok(limited(HttpResponse::Ok().json(linkage.list(&gateway, &permit).await?), &permit))
}
