//! Interviews (面談予約) that go with applications: the times that municipalities open, and who books which.

use super::{admit, limited, prefer};
use crate::gateway::{Gateway, Operation};
use crate::http::edge::json_body;
use crate::http::problem::Problem;
use crate::services::applications::{
    AgencyApplication, AgencyInterviewAppointmentPage, ApplicationView, Applications, BookInterview, CancelInterview,
    FreeInterviewSlotPage, InterviewSlotPage, InterviewSlotView, PublishInterviewSlots, PublishedInterviewSlots,
    RecordInterview, WithdrawInterviewSlot,
};
use actix_web::{HttpRequest, HttpResponse, web};

/// The times that can be booked for an application: its municipality's, for its procedure, by their beginning.
///
/// There are none where no interview goes with its form, and once it was held or the application is over.
#[utoipa::path(
    get, path = "/v1/applications/{id}/interview-slots", operation_id = "list_interview_slots", tag = "applications",
    params(
        ("id" = String, Path, description = "The application's id.", example = "app_Zm9vYmFyYmF6cXV4MTIzNA"),
        ("after" = Option<String>, Query, description = "`next` of the page before."),
        ("limit" = Option<u32>, Query, description = "How many, 1 to 100.", example = 50),
    ),
    responses((status = 200, description = "The times.", body = FreeInterviewSlotPage)),
    security(("dpop" = ["applications"]))
)]
pub async fn free(
    request: HttpRequest,
    id: web::Path<String>,
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_INTERVIEW_SLOTS).await?;
    let page = applications.free_slots(&permit, &id, request.query_string()).await?;
    Ok(limited(HttpResponse::Ok().json(page), &permit))
}

/// Books a time for an application's interview, or another one in the place of the one that is booked.
///
/// The place is taken, and the earlier one let go, in one write: a time never has more people than its municipality has room
/// for, and an application has one appointment at most. The same call again is answered with what is there.
#[utoipa::path(
    put, path = "/v1/applications/{id}/interview", operation_id = "put_interview", tag = "applications",
    params(("id" = String, Path, description = "The application's id.", example = "app_Zm9vYmFyYmF6cXV4MTIzNA")),
    request_body(content = BookInterview, content_type = "application/json"),
    responses((status = 200, description = "The application as it stands now.", body = ApplicationView)),
    security(("dpop" = ["applications"]))
)]
pub async fn book(
    request: HttpRequest,
    (payload, id): (web::Payload, web::Path<String>),
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::PUT_INTERVIEW).await?;
    let body = json_body(&request, payload).await?;
    Ok(limited(HttpResponse::Ok().json(applications.book(&permit, &id, &body).await?), &permit))
}

/// Gives the booked time up, until its deadline. The same call again is answered with what is there.
#[utoipa::path(
    post, path = "/v1/applications/{id}/interview/cancel", operation_id = "cancel_interview", tag = "applications",
    params(("id" = String, Path, description = "The application's id.", example = "app_Zm9vYmFyYmF6cXV4MTIzNA")),
    request_body(content = CancelInterview, content_type = "application/json"),
    responses((status = 200, description = "The application as it stands now.", body = ApplicationView)),
    security(("dpop" = ["applications"]))
)]
pub async fn cancel(
    request: HttpRequest,
    (payload, id): (web::Payload, web::Path<String>),
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::CANCEL_INTERVIEW).await?;
    let body = json_body(&request, payload).await?;
    Ok(limited(HttpResponse::Ok().json(applications.cancel_interview(&permit, &id, &body).await?), &permit))
}

/// Opens times for interviews (面談枠) at your municipality: all of them, or none.
///
/// What is wrong with any of them is told by its place (`/slots/3/ends_at`). The same call with the same `Idempotency-Key` gives
/// the same times again, as they stand.
#[utoipa::path(
    post, path = "/agency/v1/interview-slots", operation_id = "create_agency_interview_slots", tag = "applications",
    params(("Idempotency-Key" = String, Header, description = "1 to 255 visible ASCII characters; makes repeating safe.", example = "8e03978e-40d5-43e8-bc93-6894a57f9324")),
    request_body(content = PublishInterviewSlots, content_type = "application/json"),
    responses((status = 201, description = "They can be booked.", body = PublishedInterviewSlots)),
    security(("dpop" = ["agency_applications"]))
)]
pub async fn publish(
    request: HttpRequest,
    payload: web::Payload,
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::CREATE_AGENCY_INTERVIEW_SLOTS).await?;
    let body = json_body(&request, payload).await?;
    let key = prefer::idempotency_key(request.headers())?;
    Ok(limited(HttpResponse::Created().json(applications.publish_slots(&permit, &body, key).await?), &permit))
}

/// The times that your municipality opened, by their beginning, with how many places of each are taken.
#[utoipa::path(
    get, path = "/agency/v1/interview-slots", operation_id = "list_agency_interview_slots", tag = "applications",
    params(
        ("date" = Option<String>, Query, description = "Only those of this day in Japan; without it, all from today on.", example = "2026-12-01"),
        ("after" = Option<String>, Query, description = "`next` of the page before."),
        ("limit" = Option<u32>, Query, description = "How many, 1 to 100.", example = 50),
    ),
    responses((status = 200, description = "The times.", body = InterviewSlotPage)),
    security(("dpop" = ["agency_applications"]))
)]
pub async fn list_own(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_AGENCY_INTERVIEW_SLOTS).await?;
    let page = applications.own_slots(&permit, request.query_string()).await?;
    Ok(limited(HttpResponse::Ok().json(page), &permit))
}

/// Withdraws a time that has yet to begin. Whoever had booked it is told with your words, and can book another one.
#[utoipa::path(
    post, path = "/agency/v1/interview-slots/{id}/withdraw", operation_id = "withdraw_agency_interview_slot", tag = "applications",
    params(("id" = String, Path, description = "The time's id.", example = "isl_Zm9vYmFyYmF6cXV4MTIzNA")),
    request_body(content = WithdrawInterviewSlot, content_type = "application/json"),
    responses((status = 200, description = "The time as it stands now.", body = InterviewSlotView)),
    security(("dpop" = ["agency_applications"]))
)]
pub async fn withdraw(
    request: HttpRequest,
    (payload, id): (web::Payload, web::Path<String>),
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::WITHDRAW_AGENCY_INTERVIEW_SLOT).await?;
    let body = json_body(&request, payload).await?;
    Ok(limited(HttpResponse::Ok().json(applications.withdraw_slot(&permit, &id, &body).await?), &permit))
}

/// Who comes to your municipality when: the applications that hold a place, by the beginning of their time.
///
/// Each says its application's id and arrival number (到達番号), and nothing of what it says, so that reading the list discloses
/// nothing.
#[utoipa::path(
    get, path = "/agency/v1/interview-appointments", operation_id = "list_agency_interview_appointments", tag = "applications",
    params(
        ("date" = Option<String>, Query, description = "Only those of this day in Japan; without it, all from today on.", example = "2026-12-01"),
        ("after" = Option<String>, Query, description = "`next` of the page before."),
        ("limit" = Option<u32>, Query, description = "How many, 1 to 100.", example = 50),
    ),
    responses((status = 200, description = "The appointments.", body = AgencyInterviewAppointmentPage)),
    security(("dpop" = ["agency_applications"]))
)]
pub async fn appointments(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::LIST_AGENCY_INTERVIEW_APPOINTMENTS).await?;
    let page = applications.appointments(&permit, request.query_string()).await?;
    Ok(limited(HttpResponse::Ok().json(page), &permit))
}

/// Records what became of an application's interview: whoever applied came, did not, or was met in another way.
///
/// What is asked for (`interview.need` is `required`) is recorded before the application can be approved. It can be corrected as
/// long as the application is not decided.
#[utoipa::path(
    post, path = "/agency/v1/applications/{id}/interview", operation_id = "record_agency_application_interview", tag = "applications",
    params(("id" = String, Path, description = "The application's id.", example = "app_Zm9vYmFyYmF6cXV4MTIzNA")),
    request_body(content = RecordInterview, content_type = "application/json"),
    responses((status = 200, description = "The application as it stands now.", body = AgencyApplication)),
    security(("dpop" = ["agency_applications"]))
)]
pub async fn record(
    request: HttpRequest,
    (payload, id): (web::Payload, web::Path<String>),
    gateway: web::Data<Gateway>,
    applications: web::Data<Applications>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::RECORD_AGENCY_APPLICATION_INTERVIEW).await?;
    let body = json_body(&request, payload).await?;
    Ok(limited(HttpResponse::Ok().json(applications.record_interview(&permit, &id, &body).await?), &permit))
}
