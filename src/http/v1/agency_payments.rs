//! `/agency/v1/payments`: payments (公金決済) that agencies ask for, and what was paid.

use super::{accept, admit, limited, prefer};
use crate::gateway::{Gateway, Operation};
use crate::http::edge::json_body;
use crate::http::problem::Problem;
use crate::services::payments::{AgencyPaymentPage, AgencyPaymentView, PaymentRequest, Payments, SettlementPage};
use actix_web::http::header::{CACHE_CONTROL, LINK, LOCATION, VARY};
use actix_web::{HttpRequest, HttpResponse, web};
use url::form_urlencoded;

const JSON: &str = "application/json";
const CSV: &str = "text/csv";

/// Makes a payment, and gives the address at which it is paid (納付用URL).
///
/// Put the address into a notice (`payment.url`) or into the result of an application. Whoever has it reads what is to be paid, and
/// pays at a bank's or a card company's own pages. The same call with the same `Idempotency-Key` gives the same payment and the
/// same address again. Nothing of it can be changed: cancel it and make another.
#[utoipa::path(
    post, path = "/agency/v1/payments", operation_id = "create_agency_payment", tag = "payments",
    params(("Idempotency-Key" = String, Header, description = "1 to 255 visible ASCII characters; makes repeating safe.", example = "8e03978e-40d5-43e8-bc93-6894a57f9324")),
    request_body(content = PaymentRequest, content_type = "application/json"),
    responses(
        (status = 201, description = "It can be paid.", body = AgencyPaymentView,
         headers(("Location" = String, description = "The payment's address here."))),
    ),
    security(("dpop" = ["agency_payments"]))
)]
pub async fn create(
    request: HttpRequest,
    payload: web::Payload,
    gateway: web::Data<Gateway>,
    payments: web::Data<Payments>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::CREATE_AGENCY_PAYMENT).await?;
    let body = json_body(&request, payload).await?;
    let key = prefer::idempotency_key(request.headers())?;
    let view = payments.create(&permit, (&body, key)).await?;
    let location = (LOCATION, format!("/agency/v1/payments/{}", view.id));
    Ok(limited(HttpResponse::Created().insert_header(location).json(view), &permit))
}

/// The payments that you asked for, newest first.
#[utoipa::path(
    get, path = "/agency/v1/payments", operation_id = "list_agency_payments", tag = "payments",
    params(
        ("after" = Option<String>, Query, description = "`next` of the page before."),
        ("limit" = Option<u32>, Query, description = "How many, 1 to 100.", example = 50),
    ),
    responses((status = 200, description = "The payments.", body = AgencyPaymentPage)),
    security(("dpop" = ["agency_payments"]))
)]
pub async fn list(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    payments: web::Data<Payments>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_AGENCY_PAYMENTS).await?;
    Ok(limited(HttpResponse::Ok().json(payments.list(&permit, request.query_string()).await?), &permit))
}

/// One payment that you asked for.
#[utoipa::path(
    get, path = "/agency/v1/payments/{id}", operation_id = "get_agency_payment", tag = "payments",
    params(("id" = String, Path, description = "The payment's id.", example = "pmt_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses((status = 200, description = "The payment.", body = AgencyPaymentView)),
    security(("dpop" = ["agency_payments"]))
)]
pub async fn find(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    payments: web::Data<Payments>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::GET_AGENCY_PAYMENT).await?;
    Ok(limited(HttpResponse::Ok().json(payments.find(&permit, &id).await?), &permit))
}

/// Cancels a payment that nobody has paid. Doing it again changes nothing.
///
/// Whoever is on the way to pay it is stopped at the payment service first. Where that has taken the money already, the payment
/// is paid and cannot be cancelled.
#[utoipa::path(
    post, path = "/agency/v1/payments/{id}/cancel", operation_id = "cancel_agency_payment", tag = "payments",
    params(("id" = String, Path, description = "The payment's id.", example = "pmt_Zm9vYmFyYmF6cXV4MTIzNA")),
    responses((status = 200, description = "It is cancelled.", body = AgencyPaymentView)),
    security(("dpop" = ["agency_payments"]))
)]
pub async fn cancel(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    payments: web::Data<Payments>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::CANCEL_AGENCY_PAYMENT).await?;
    Ok(limited(HttpResponse::Ok().json(payments.cancel(&permit, &id).await?), &permit))
}

/// What was paid to you (消込): each taking of money once, in the order in which it was written down.
///
/// Go on with `after` = `next`: nothing that comes later is missed, and nothing comes twice. With `date` it is that day's, by when
/// the money was taken in Japan, with the day's sums by way; money that came besides a payment is an excess, told with its
/// reason and never in the sum of what was paid. By `Accept` the lines come as CSV; there `Link` with `rel="next"` leads on.
#[utoipa::path(
    get, path = "/agency/v1/payments/settlements", operation_id = "list_agency_settlements", tag = "payments",
    params(
        ("date" = Option<String>, Query, description = "Only of this day in Japan, with its sums.", example = "2027-06-30"),
        ("after" = Option<u64>, Query, description = "`next` of the page before; 0 at the beginning.", example = 0),
        ("limit" = Option<u32>, Query, description = "How many, 1 to 100.", example = 50),
    ),
    responses(
        (status = 200, description = "What was paid.", content((SettlementPage = "application/json"), (String = "text/csv"))),
    ),
    security(("dpop" = ["agency_payments"]))
)]
pub async fn settlements(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    payments: web::Data<Payments>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_AGENCY_SETTLEMENTS).await?;
    let query = request.query_string();
    let mut answer = HttpResponse::Ok();
    answer.insert_header((VARY, "accept")).insert_header((CACHE_CONTROL, "no-store"));
    if accept::best(request.headers(), [JSON, CSV])? == JSON {
        return Ok(limited(answer.json(payments.settlements(&permit, query).await?), &permit));
    }
    let file = payments.settlements_file(&permit, query).await?;
    if let Some(next) = file.next {
        answer.insert_header((LINK, format!("<{}?{}>; rel=\"next\"", request.path(), with_after(query, next))));
    }
    Ok(limited(answer.content_type("text/csv; charset=utf-8").body(file.text), &permit))
}

/// The query with another `after`.
fn with_after(query: &str, after: u64) -> String {
    let rest = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "after");
    let mut out = form_urlencoded::Serializer::new(String::new());
    out.extend_pairs(rest).append_pair("after", &after.to_string());
    out.finish()
}
