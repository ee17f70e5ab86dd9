//! `GET /v1/data-sets`, `GET /v1/data-sets/{code}`.

use super::admit;
use super::answer::{Form, SignedAnswerText};
use crate::gateway::{Gateway, Operation};
use crate::http::problem::Problem;
use crate::services::data_sets::{DataSetList, DataSetView, DataSets};
use actix_web::{HttpRequest, HttpResponse, web};

/// Lists the data sets.
#[utoipa::path(
    get, path = "/v1/data-sets", operation_id = "list_data_sets", tag = "catalogue",
    responses((status = 200, description = "Every data set, by code.", content(
        (DataSetList = "application/json"),
        (SignedAnswerText = "application/jose"),
    ))),
    security(("dpop" = ["catalog"]), ("dpop" = ["self_information"]))
)]
pub async fn list(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    data_sets: web::Data<DataSets>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_DATA_SETS).await?;
    let form = Form::of(&request, &Operation::LIST_DATA_SETS)?;
    Ok(form.answer(HttpResponse::Ok(), &data_sets.list(&permit), &permit)?)
}

/// Shows one data set with its items.
#[utoipa::path(
    get, path = "/v1/data-sets/{code}", operation_id = "get_data_set", tag = "catalogue",
    params(("code" = String, Path, description = "The data set's code.", example = "TM00000000000002")),
    responses((status = 200, description = "The data set.", content(
        (DataSetView = "application/json"),
        (SignedAnswerText = "application/jose"),
    ))),
    security(("dpop" = ["catalog"]), ("dpop" = ["self_information"]))
)]
pub async fn find(
    request: HttpRequest,
    code: web::Path<String>,
    gateway: web::Data<Gateway>,
    data_sets: web::Data<DataSets>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_DATA_SET).await?;
    let form = Form::of(&request, &Operation::GET_DATA_SET)?;
    Ok(form.answer(HttpResponse::Ok(), &data_sets.find(&permit, &code)?, &permit)?)
}
