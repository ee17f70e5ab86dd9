//! The front door: what the counter is, for citizens and for developers.

use super::Pages;
use super::reply::{Reply, Shell};
use super::visit::Visit;
use crate::issuer::companies::Companies;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

#[derive(Template)]
#[template(path = "home.html", config = "src/http/pages/askama.toml")]
struct Home<'p> {
    shell: Shell<'p>,
    notice: Option<String>,
    /// Companies can sign in here.
    has_companies: bool,
}

/// `GET /`
pub(super) async fn show(
    request: HttpRequest,
    pages: web::Data<Pages>,
    companies: web::Data<Companies>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let shell = Shell::new(&pages, &visit);
    let notice = match request.query_string() {
        "notice=signed-out" => Some(shell.t("notice-signed-out")),
        "notice=shared-agreed" => Some(shell.t("notice-shared-agreed")),
        "notice=shared-refused" => Some(shell.t("notice-shared-refused")),
        "notice=account-erased" => Some(shell.t("notice-account-erased")),
        _ => None,
    };
    Reply::new(&pages, &visit, StatusCode::OK).page(&Home { shell, notice, has_companies: companies.is_open() })
}
