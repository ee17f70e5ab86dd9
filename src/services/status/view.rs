//! What everybody may read of how the service stands.

use super::board::Component;
use crate::domain::service_status::{
    ComponentDay, ComponentState, StatusNotice, StatusNoticeKind, StatusStep, StatusUpdate,
};
use crate::domain::{Digest, Timestamp, Words};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

/// A component as it was seen.
pub(super) struct Seen<'a> {
    pub component: &'a Component,
    pub state: ComponentState,
    pub last_success: Option<Timestamp>,
}

/// How the service stands (稼働状況).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StatusReport {
    /// The worst state of any component.
    pub state: ComponentState,
    /// When it was looked, at most some seconds ago (RFC 3339, Japan's time).
    #[schema(format = "date-time")]
    pub checked_at: String,
    /// Its parts, as this node sees them.
    pub components: Vec<ComponentView>,
    /// Incidents (障害) that are not over, the one that changed last first.
    pub incidents: Vec<StatusNoticeView>,
    /// Planned maintenance (計画停止) that is to come or under way.
    pub maintenance: Vec<StatusNoticeView>,
    /// What is over, of the last 365 days, the latest first.
    pub history: Vec<StatusNoticeView>,
}

/// One component.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ComponentView {
    /// Its code, which stays the same.
    #[schema(example = "agency:pension-office")]
    pub component: String,
    /// What people read.
    pub name: Words,
    /// How it stands.
    pub state: ComponentState,
    /// When a call of it ended well last, to the minute; absent when none did since this node began.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    pub last_success_at: Option<String>,
    /// The worst that it was seen in on each of the last 90 days; days that are missing were not looked at.
    pub days: Vec<ComponentDayView>,
}

/// How a component stood on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ComponentDayView {
    /// The day in Japan.
    #[schema(format = "date")]
    pub day: String,
    /// The worst that it was seen in.
    pub worst: ComponentState,
}

/// An incident or a planned maintenance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StatusNoticeView {
    /// Its id.
    #[schema(example = "stn_w2d3Yw5bq0mF1n8vJt7fTg")]
    pub id: String,
    /// What it is.
    pub kind: StatusNoticeKind,
    /// Where it stands.
    pub state: StatusStep,
    /// Whether it weighs on its components now.
    pub in_effect: bool,
    /// What it is about.
    pub components: Vec<String>,
    /// What it does to them while it lasts.
    pub impact: ComponentState,
    /// In a line.
    pub title: Words,
    /// When it began, or is to begin.
    #[schema(format = "date-time")]
    pub starts_at: String,
    /// When a maintenance is to end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    pub ends_at: Option<String>,
    /// What was told, the latest first.
    pub updates: Vec<StatusUpdateView>,
}

/// What was told at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StatusUpdateView {
    /// When.
    #[schema(format = "date-time")]
    pub at: String,
    /// Where it stood from then on.
    pub state: StatusStep,
    /// In words.
    pub text: Words,
}

impl StatusUpdateView {
    fn of(update: &StatusUpdate) -> Self {
        Self { at: update.at.rfc3339(), state: update.step, text: update.text.clone() }
    }
}

impl StatusNoticeView {
    fn of(one: &StatusNotice, now: Timestamp) -> Self {
        // A maintenance that nobody began by hand begins and ends by its times: nobody has to say so.
        let is_past = one.is_over(now) && !one.step().is_final();
        let state = match one.step() {
            _ if is_past => StatusStep::Ended,
            StatusStep::Planned if one.is_in_effect(now) => StatusStep::Begun,
            step => step,
        };
        Self {
            id: one.id.to_string(),
            kind: one.kind,
            state,
            in_effect: one.is_in_effect(now),
            components: one.components.iter().map(ToString::to_string).collect(),
            impact: one.impact,
            title: one.title.clone(),
            starts_at: one.starts_at.rfc3339(),
            ends_at: one.ends_at.map(Timestamp::rfc3339),
            updates: one.updates.iter().rev().map(StatusUpdateView::of).collect(),
        }
    }
}

impl ComponentView {
    fn of(seen: &Seen<'_>, days: &[ComponentDay], today: NaiveDate) -> Self {
        let code = &seen.component.code;
        let mut told: Vec<ComponentDayView> = days
            .iter()
            .filter(|one| one.component == *code && one.day != today)
            .map(|one| ComponentDayView { day: one.day.to_string(), worst: one.worst })
            .collect();
        let kept = days.iter().find(|one| one.component == *code && one.day == today).map(|one| one.worst);
        let worst = kept.unwrap_or(ComponentState::Unknown).max(seen.state);
        if worst != ComponentState::Unknown {
            told.push(ComponentDayView { day: today.to_string(), worst });
        }
        Self {
            component: code.to_string(),
            name: seen.component.name.clone(),
            state: seen.state,
            last_success_at: seen.last_success.map(to_the_minute),
            days: told,
        }
    }
}

fn to_the_minute(at: Timestamp) -> String {
    Timestamp::from_seconds(at.seconds() / 60 * 60).rfc3339()
}

impl StatusReport {
    /// What was seen and told, as it may be read.
    pub(super) fn of(
        seen: &[Seen<'_>],
        (notices, days): (&[StatusNotice], &[ComponentDay]),
        (now, today): (Timestamp, NaiveDate),
    ) -> Self {
        let told = |is_wanted: &dyn Fn(&StatusNotice) -> bool| -> Vec<StatusNoticeView> {
            notices.iter().filter(|one| is_wanted(one)).map(|one| StatusNoticeView::of(one, now)).collect()
        };
        let is_live = |one: &StatusNotice, kind| one.kind == kind && !one.is_over(now);
        Self {
            state: seen.iter().map(|one| one.state).max().unwrap_or(ComponentState::Unknown),
            checked_at: now.rfc3339(),
            components: seen.iter().map(|one| ComponentView::of(one, days, today)).collect(),
            incidents: told(&|one| is_live(one, StatusNoticeKind::Incident)),
            maintenance: told(&|one| is_live(one, StatusNoticeKind::Maintenance)),
            history: told(&|one| one.is_over(now)),
        }
    }

    /// Names what it says, but for when it was looked: the same as long as nothing changed.
    #[must_use]
    pub fn tag(&self) -> String {
        let same = Self { checked_at: String::new(), ..self.clone() };
        let text = serde_json::to_string(&same).unwrap_or_default();
        Digest::of(&text).base64url()
    }
}
