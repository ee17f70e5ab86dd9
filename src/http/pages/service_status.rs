//! The status page (稼働状況): each part with its last ninety days, incidents and planned maintenance.

use super::Pages;
use super::reply::{Reply, Shell};
use super::visit::Visit;
use crate::domain::Words;
use crate::domain::service_status::{ComponentState, StatusStep};
use crate::services::status::{ComponentView, DAYS, StatusNoticeView, StatusReport};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use chrono::{Days, NaiveDate};

#[derive(Template)]
#[template(path = "service_status.html", config = "src/http/pages/askama.toml")]
struct ServiceStatus<'p> {
    shell: Shell<'p>,
    report: &'p StatusReport,
    days: Vec<String>,
}

/// A day of the picture.
struct Bar {
    x: usize,
    class: &'static str,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "a template passes its values by reference")]
impl ServiceStatus<'_> {
    fn said<'w>(&self, words: &'w Words) -> &'w str {
        words.get(self.shell.lang)
    }

    /// The words for how something stands.
    fn state(&self, state: &ComponentState) -> String {
        self.shell.t(&format!("status-{}", state.as_str()))
    }

    /// The words for how the whole stands.
    fn overall(&self) -> String {
        self.shell.t(&format!("status-overall-{}", self.report.state.as_str()))
    }

    /// The words for where a notice stands.
    fn step(&self, step: &StatusStep) -> String {
        self.shell.t(&format!("status-step-{}", step.as_str()))
    }

    /// The colour of a state; its words say it too.
    const fn class(state: &ComponentState) -> &'static str {
        match state {
            ComponentState::Operational => "go",
            ComponentState::Degraded => "warn",
            ComponentState::Outage => "stop",
            ComponentState::Unknown | ComponentState::Maintenance => "",
        }
    }

    /// What a component is called; its code where it is not configured any more.
    fn name<'w>(&'w self, code: &'w str) -> &'w str {
        let found = self.report.components.iter().find(|one| one.component == code);
        found.map_or(code, |one| self.said(&one.name))
    }

    fn moment(&self, id: &str, at: &str) -> String {
        self.shell.with(id, "time", &readable(at))
    }

    fn at(at: &str) -> String {
        readable(at)
    }

    fn lasting(&self, notice: &StatusNoticeView) -> String {
        let from = readable(&notice.starts_at);
        match &notice.ends_at {
            Some(end) => self.shell.with2("status-from-to", ("from", &from), ("to", &readable(end))),
            None => self.shell.with("status-since", "from", &from),
        }
    }

    /// The days of a component as they are drawn, from old to new.
    fn bars(&self, component: &ComponentView) -> Vec<Bar> {
        let worst = |day: &String| component.days.iter().find(|one| one.day == *day).map(|one| one.worst);
        let class = |state: Option<ComponentState>| match state {
            None | Some(ComponentState::Unknown) => "day-none",
            Some(ComponentState::Operational) => "day-go",
            Some(ComponentState::Maintenance) => "day-plan",
            Some(ComponentState::Degraded) => "day-warn",
            Some(ComponentState::Outage) => "day-stop",
        };
        self.days.iter().enumerate().map(|(n, day)| Bar { x: n * 4, class: class(worst(day)) }).collect()
    }

    /// What the picture says, in words.
    fn spoken(&self, component: &ComponentView) -> String {
        let bad = component.days.iter().filter(|one| one.worst > ComponentState::Operational).count();
        let seen = component.days.len().to_string();
        self.shell.with2("status-days-spoken", ("seen", &seen), ("bad", &bad.to_string()))
    }

    /// The days that were not as they should be, the latest first.
    fn bad_days(component: &ComponentView) -> Vec<(&str, &ComponentState)> {
        let bad = component.days.iter().rev().filter(|one| one.worst > ComponentState::Operational);
        bad.map(|one| (one.day.as_str(), &one.worst)).collect()
    }
}

/// `2026-11-21 12:00`, of RFC 3339 in Japan's time.
fn readable(at: &str) -> String {
    at.get(..16).unwrap_or(at).replace('T', " ")
}

/// The days up to the one of this moment.
fn days(checked_at: &str) -> Vec<String> {
    let today = checked_at.get(..10).and_then(|day| day.parse::<NaiveDate>().ok()).unwrap_or_default();
    let first = today.checked_sub_days(Days::new(u64::from(DAYS) - 1)).unwrap_or(today);
    first.iter_days().take(DAYS as usize).map(|day| day.to_string()).collect()
}

/// The page of a report.
pub(in crate::http) fn show(request: &HttpRequest, pages: &Pages, report: &StatusReport) -> HttpResponse {
    let visit = Visit::of(request, pages);
    let shell = Shell::new(pages, &visit);
    let page = ServiceStatus { shell, report, days: days(&report.checked_at) };
    Reply::new(pages, &visit, StatusCode::OK).page(&page)
}
