//! Deciding again: a consent that ends goes on as it is, by a newer word of its citizen, given on the page that shows all of it.

use super::dashboard::{DASHBOARD, posted_about};
use super::signed_in::told;
use super::visit::Visit;
use super::{Pages, failure};
use crate::domain::Timestamp;
use crate::services::account::Account;
use actix_web::{HttpRequest, HttpResponse, web};

/// `POST /dashboard/grants/{id}/renew`
pub(super) async fn renew(
    request: HttpRequest,
    body: web::Bytes,
    id: web::Path<String>,
    pages: web::Data<Pages>,
    account: web::Data<Account>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, form, grant) = match posted_about(&request, (&body, &id), &pages, &visit, &account).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let Some(seen) = form.get("seen").and_then(|text| text.parse().ok()).map(Timestamp::from_millis) else {
        return failure::page(&pages, &visit, failure::BAD_REQUEST);
    };
    let done = account.renew(&session, &grant, seen).await;
    told((&pages, &visit), DASHBOARD, done, ("renewed", "unchanged"))
}
