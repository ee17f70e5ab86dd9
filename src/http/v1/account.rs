//! `GET /v1/account`.

use super::admit;
use super::answer::{Form, SignedAnswerText};
use crate::gateway::{Gateway, Operation};
use crate::http::problem::Problem;
use crate::services::calling_account::{self, AccountView};
use actix_web::{HttpRequest, HttpResponse, web};

/// Shows what the access token stands for. Every token of this service opens it, whatever its scope.
#[utoipa::path(
    get, path = "/v1/account", operation_id = "get_account", tag = "account",
    responses((status = 200, description = "Whom the token stands for, and until when.", content(
        (AccountView = "application/json"),
        (SignedAnswerText = "application/jose"),
    ))),
    security(("dpop" = []))
)]
pub async fn get(request: HttpRequest, gateway: web::Data<Gateway>) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_ACCOUNT).await?;
    let form = Form::of(&request, &Operation::GET_ACCOUNT)?;
    Ok(form.answer(HttpResponse::Ok(), &calling_account::view(&permit), &permit)?)
}
