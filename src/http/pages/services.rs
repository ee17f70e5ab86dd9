//! Where a chat front's link leads: one procedure at one municipality, for a person who has not said who they are.

use super::Pages;
use super::failure;
use super::reply::{Reply, Shell};
use super::visit::Visit;
use crate::services::service_search::{HandOver, ServiceBlock, ServiceProcedureView, ServiceSearch};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

#[derive(Template)]
#[template(path = "service_apply.html", config = "src/http/pages/askama.toml")]
struct Apply<'p> {
    shell: Shell<'p>,
    told: ServiceProcedureView,
    sections: Vec<(String, Vec<ServiceBlock>)>,
}

/// `GET /services/apply`. A link that says more than a municipality and a procedure is not followed: what it says might be
/// about somebody.
pub(super) async fn apply(
    request: HttpRequest,
    pages: web::Data<Pages>,
    search: web::Data<ServiceSearch>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let Some(link) = HandOver::parse(request.query_string()) else {
        return failure::page(&pages, &visit, failure::SERVICE_LINK);
    };
    let Some(told) = search.handed_over(&link, visit.lang) else {
        return failure::page(&pages, &visit, failure::SERVICE_GONE);
    };
    let shell = Shell::new(&pages, &visit);
    let title = |kind: &str| shell.t(&format!("service-section-{kind}"));
    let sections = told.sections.iter().filter(|section| section.kind.as_str() != "requirements");
    let sections = sections.map(|section| (title(section.kind.as_str()), section.blocks.clone())).collect();
    Reply::new(&pages, &visit, StatusCode::OK).page(&Apply { shell, told, sections })
}
