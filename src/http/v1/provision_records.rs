//! `/v1/provision-records`: who asked whom for what about a citizen (情報提供等記録), and who read through here.

use super::{admit, limited};
use crate::gateway::{Gateway, Operation};
use crate::http::problem::Problem;
use crate::services::provision_records::{ProvisionRecordPage, ProvisionRecords};
use actix_web::{HttpRequest, HttpResponse, web};

/// Who asked whom for what about the citizen, and who read through this service, newest first.
///
/// Exchanges between bodies are asked for at their source with each call; nothing of them is kept here. A record that the asking
/// body has marked as not to be disclosed (不開示) is not there: neither it nor a gap. Of the record's eighteen columns these are
/// never told: the numbers by which the asking body keeps the person (番号体系, 宛名番号, 統合宛名番号), its department and official
/// (情報照会者部署コード, ユーザーID), which are an office's own, and the non-disclosure code, which is obeyed. With `asking_body` or
/// `procedure` only exchanges are listed. Each call is a line of the citizen's access history, and so of this list.
#[utoipa::path(
    get, path = "/v1/provision-records", operation_id = "list_provision_records", tag = "provision-records",
    params(
        ("from" = Option<String>, Query, description = "From this day in Japan on.", example = "2026-04-01"),
        ("to" = Option<String>, Query, description = "Until this day in Japan, which is among them.", example = "2026-04-30"),
        ("asking_body" = Option<String>, Query, description = "Only what this body (機関コード) asked.", example = "0000000099990101"),
        ("procedure" = Option<String>, Query, description = "Only under this procedure (事務手続コード).", example = "JT99010000000010"),
        ("kind" = Option<String>, Query, description = "`provision` or `access`; both when absent. With `access` the source of exchanges is not asked.", example = "provision"),
        ("after" = Option<String>, Query, description = "`next` of the page before.", example = "1795274999000.prv_Zm9vYmFyYmF6cXV4MTIzNA"),
        ("limit" = Option<u32>, Query, description = "How many, 1 to 100.", example = 50),
    ),
    responses((status = 200, description = "The entries.", body = ProvisionRecordPage)),
    security(("dpop" = ["provision_records"]))
)]
pub async fn list(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    records: web::Data<ProvisionRecords>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_PROVISION_RECORDS).await?;
    Ok(limited(HttpResponse::Ok().json(records.list(&permit, request.query_string()).await?), &permit))
}
