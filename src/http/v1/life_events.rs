//! `POST /v1/employers/{corporate_number}/life-events`.

use super::{admit, limited, prefer};
use crate::gateway::{Gateway, Operation};
use crate::http::edge::json_body;
use crate::http::problem::Problem;
use crate::services::life_events::{LifeEventRequest, LifeEventView, LifeEvents, Told};
use actix_web::http::header::{HeaderName, LOCATION};
use actix_web::{HttpRequest, HttpResponse, web};

/// Files everything that an event in employees' lives wants, as one submission.
///
/// Items are said once (共通項目). The answer says which procedures follow and why, to whom each goes and until when; a last
/// day that is no working day moves to the next one. With `Prefer: dry-run` nothing is filed, and everything that would be
/// refused is told in `findings`. Without it, a reject is `invalid_filing`, and nothing is filed.
#[utoipa::path(
    post, path = "/v1/employers/{corporate_number}/life-events", operation_id = "create_life_event", tag = "submissions",
    params(
        ("corporate_number" = String, Path, description = "The company: your own, or one that delegated its filings to you.", example = "7000012050002"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 visible ASCII characters; needed unless it is a dry run.", example = "8e03978e-40d5-43e8-bc93-6894a57f9324"),
        ("Prefer" = Option<String>, Header, description = "`dry-run`: only tell what follows, and what would be refused.", example = "dry-run"),
    ),
    request_body(content = LifeEventRequest, content_type = "application/json"),
    responses(
        (status = 200, description = "What follows; nothing was filed (`Prefer: dry-run`).", body = LifeEventView),
        (status = 202, description = "Taken on, for certain.", body = LifeEventView,
         headers(("Location" = String, description = "The filing's address."))),
    ),
    security(("dpop" = ["submissions"]))
)]
pub async fn create(
    request: HttpRequest,
    (payload, employer): (web::Payload, web::Path<String>),
    gateway: web::Data<Gateway>,
    events: web::Data<LifeEvents>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::CREATE_LIFE_EVENT).await?;
    let bytes = json_body(&request, payload).await?;
    let (key, is_dry_run) = (prefer::idempotency_key(request.headers())?, prefer::is_dry_run(request.headers()));
    let view = events.create(&permit, &Told { employer: &employer, bytes: &bytes, key, is_dry_run }).await?;
    let response = match &view.submission {
        None => {
            HttpResponse::Ok().insert_header((HeaderName::from_static("preference-applied"), "dry-run")).json(&view)
        }
        Some(filed) => {
            let location = (LOCATION, format!("/v1/submissions/{}", filed.id));
            HttpResponse::Accepted().insert_header(location).json(&view)
        }
    };
    Ok(limited(response, &permit))
}
