//! The interview (面談) of a person's application: when and where it is, and forms to book a time, take another, or give it up.

use super::dashboard::{asked, posted};
use super::reply::{Reply, Shell};
use super::signed_in::back;
use super::visit::Visit;
use super::wording::{Moment, moment};
use super::{Pages, failure};
use crate::domain::Failure;
use crate::domain::application::Application;
use crate::domain::interview::{Appointment, InterviewNeed, Meeting};
use crate::services::account::{Account, CitizenSession};
use crate::services::applications::Applications;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

const PLACE: &str = "/dashboard/applications";

/// When and where people come.
pub(super) struct MeetingLine {
    pub starts: Moment,
    /// The hour and minute of its end.
    pub ends: String,
    pub place: String,
    pub deadline: Moment,
}

/// How an application's interview stands.
pub(super) struct InterviewLine {
    /// What is to be known first.
    pub lead: String,
    /// The appointment's state and time.
    pub appointment: Option<(String, MeetingLine)>,
    /// What happened about it.
    pub steps: Vec<(Moment, String, Option<String>)>,
    /// Where it is booked, changed or given up; none once nothing can be.
    pub href: Option<String>,
}

/// One time that can be booked.
struct FreeLine {
    value: String,
    meeting: MeetingLine,
    left: String,
}

#[derive(Template)]
#[template(path = "application_interview.html", config = "src/http/pages/askama.toml")]
struct Page<'p> {
    shell: Shell<'p>,
    token: String,
    error: Option<String>,
    title: String,
    municipality: String,
    number: String,
    line: InterviewLine,
    action: String,
    /// What is booked as this page shows it; empty where nothing is.
    seen: String,
    may_book: bool,
    may_cancel: bool,
    free: Vec<FreeLine>,
    later: Option<String>,
}

fn meeting(shell: &Shell<'_>, one: &Meeting) -> MeetingLine {
    let ends = one.ends_at.rfc3339();
    MeetingLine {
        starts: moment(one.starts_at, shell.lang),
        ends: ends.get(11..16).unwrap_or_default().to_owned(),
        place: one.place.get(shell.lang).to_owned(),
        deadline: moment(one.deadline, shell.lang),
    }
}

fn dashed(name: &str) -> String {
    name.replace('_', "-")
}

/// None where no interview goes with an application.
pub(super) fn line(shell: &Shell<'_>, applications: &Applications, one: &Application) -> Option<InterviewLine> {
    let (need, interview) = (applications.interview_need(one), one.interview.as_ref());
    if need.is_none() && interview.is_none() {
        return None;
    }
    let is_open = !one.is_over() && !one.was_interviewed() && need.is_some();
    let lead = match one.booked() {
        _ if one.was_interviewed() => "interviews-held",
        Some(_) => "interviews-come",
        None if one.is_over() => "interviews-none-needed",
        None if need == Some(InterviewNeed::Required) => "interviews-required",
        None => "interviews-offered",
    };
    let told = |one: &Appointment| {
        (shell.t(&format!("interviews-state-{}", dashed(one.state.as_str()))), meeting(shell, &one.meeting))
    };
    let steps = interview.iter().flat_map(|interview| &interview.steps).map(|step| {
        let act = shell.t(&format!("interviews-act-{}", dashed(step.act.as_str())));
        let act = step.starts_at.map_or_else(|| act.clone(), |at| format!("{act} ({})", moment(at, shell.lang).text));
        (moment(step.at, shell.lang), act, step.note.clone())
    });
    Some(InterviewLine {
        lead: shell.t(lead),
        appointment: interview.and_then(|interview| interview.appointment.as_ref()).map(told),
        steps: steps.collect(),
        href: is_open.then(|| format!("{PLACE}/{}/interview", one.id)),
    })
}

/// `GET /dashboard/applications/{id}/interview`
pub(super) async fn show(
    request: HttpRequest,
    id: web::Path<String>,
    (pages, account): (web::Data<Pages>, web::Data<Account>),
    applications: web::Data<Applications>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, query) = match asked(&request, &pages, &visit, &account).await {
        Ok(asked) => asked,
        Err(answer) => return answer,
    };
    seen((&pages, &visit, &session), &applications, (&id, query.get("after")), None).await
}

async fn seen(
    (pages, visit, session): (&Pages, &Visit, &CitizenSession),
    applications: &Applications,
    (id, after): (&str, Option<&str>),
    error: Option<&'static str>,
) -> HttpResponse {
    let (held, free, later) = match applications.own_interview(session, id, after).await {
        Ok(Some(found)) => found,
        Ok(None) => return failure::page(pages, visit, failure::NOT_FOUND),
        Err(fault) => return failure::fault(pages, visit, &fault),
    };
    let mut shell = Shell::signed_in(pages, visit, session);
    // What was posted cannot be read again in another language.
    shell.switch = shell.switch.filter(|_| error.is_none());
    let one = &held.application;
    let Some(line) = line(&shell, applications, one) else {
        return failure::page(pages, visit, failure::NOT_FOUND);
    };
    let may_change = one.booked().is_none_or(|booked| booked.meeting.is_changeable(applications.now()));
    let action = format!("{PLACE}/{}/interview", one.id);
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = Page {
        token: session.form_token(),
        error: error.map(|id| shell.t(id)),
        title: applications.title(one).get(shell.lang).to_owned(),
        municipality: applications.municipality(&one.municipality),
        number: one.arrival.clone(),
        seen: one.booked().map(|booked| booked.slot.to_string()).unwrap_or_default(),
        may_book: line.href.is_some() && may_change,
        may_cancel: one.booked().is_some() && may_change,
        free: free
            .iter()
            .filter(|held| one.booked().is_none_or(|booked| booked.slot != held.slot.id))
            .map(|held| FreeLine {
                value: held.slot.id.to_string(),
                meeting: meeting(&shell, &held.slot.meeting),
                left: u64::from(held.slot.capacity).saturating_sub(held.taken).to_string(),
            })
            .collect(),
        later: later.map(|place| format!("{action}?after={place}")),
        line,
        action,
        shell,
    };
    Reply::new(pages, visit, status).page(&page)
}

/// `POST /dashboard/applications/{id}/interview`: books the time that was chosen, or gives the one up that was seen.
pub(super) async fn decide(
    request: HttpRequest,
    (id, body): (web::Path<String>, web::Bytes),
    (pages, account): (web::Data<Pages>, web::Data<Account>),
    applications: web::Data<Applications>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, form) = match posted(&request, (&body, ""), &pages, &visit, &account).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let seen_slot = form.get("seen").filter(|text| !text.is_empty());
    let (done, notice) = match (form.get("decision"), form.get("slot"), seen_slot) {
        (Some("book"), Some(slot), instead_of) => {
            (Box::pin(applications.book_own(&session, &id, (slot, instead_of))).await, "interview-booked")
        }
        (Some("cancel"), _, Some(slot)) => {
            (Box::pin(applications.cancel_own(&session, &id, slot)).await, "interview-cancelled")
        }
        _ => {
            let words = Some("interviews-error-choose");
            return seen((&pages, &visit, &session), &applications, (&id, None), words).await;
        }
    };
    match done {
        Ok(true) => back(&pages, &visit, PLACE, notice),
        Ok(false) => failure::page(&pages, &visit, failure::NOT_FOUND),
        Err(Failure::Refused(refusal)) => {
            let words = match refusal.code {
                "slot_full" => "interviews-error-full",
                "slot_gone" => "interviews-error-gone",
                "interview_too_late" => "interviews-error-late",
                "invalid_value" => "interviews-error-choose",
                _ => "interviews-error-changed",
            };
            seen((&pages, &visit, &session), &applications, (&id, None), Some(words)).await
        }
        Err(Failure::Broken(fault)) => failure::fault(&pages, &visit, &fault),
    }
}
