//! What happened to an establishment, at every receiver, on one line.

use crate::domain::Timestamp;
use crate::domain::establishment::{Establishment, EstablishmentState, Stage};
use crate::domain::submission::{Delivery, SubmissionState};
use crate::submissions::Whole;
use serde::Serialize;
use utoipa::ToSchema;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TimelineEvent {
    /// It was begun.
    Begun,
    /// A founder signed.
    Signed,
    /// A founder declined.
    Declined,
    /// A stage began.
    StageBegun,
    /// The company is registered.
    Registered,
    /// A procedure was sent to its receiver, last.
    Sent,
    /// The receiver's decision was heard of.
    Decided,
    /// It is over, or being called off.
    Ended,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = EstablishmentTimelineEntry)]
pub struct TimelineEntry {
    /// When (RFC 3339).
    #[schema(format = "date-time", example = "2026-11-20T09:30:00+09:00")]
    pub at: String,
    /// What happened.
    pub event: TimelineEvent,
    /// Which founder, by place in the form.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub founder: Option<usize>,
    /// In which stage.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub stage: Option<Stage>,
    /// Which procedure.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "tax-company-establishment")]
    pub procedure: Option<String>,
    /// At which receiver.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "tax")]
    pub agency: Option<String>,
    /// Where the procedure stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub state: Option<SubmissionState>,
}

fn entry(at: Timestamp, event: TimelineEvent, stage: Option<Stage>) -> (Timestamp, TimelineEntry) {
    let at_text = at.rfc3339();
    let entry = TimelineEntry { at: at_text, event, founder: None, stage, procedure: None, agency: None, state: None };
    (at, entry)
}

/// In the order in which it happened.
pub(super) fn of(one: &Establishment, stages: &[Whole]) -> Vec<TimelineEntry> {
    let mut line = vec![entry(one.created_at, TimelineEvent::Begun, None)];
    for (place, decision) in one.founders.iter().enumerate().filter_map(|(n, one)| Some((n, one.decision.as_ref()?))) {
        let event = if decision.is_signed { TimelineEvent::Signed } else { TimelineEvent::Declined };
        let (at, told) = entry(decision.at, event, None);
        line.push((at, TimelineEntry { founder: Some(place), ..told }));
    }
    for record in &one.stages {
        if record.stage == Stage::Notification {
            line.push(entry(record.begun_at, TimelineEvent::Registered, Some(Stage::Registration)));
        }
        line.push(entry(record.begun_at, TimelineEvent::StageBegun, Some(record.stage)));
        let filing = stages.iter().find(|whole| Some(&whole.submission.id) == record.submission.as_ref());
        line.extend(filing.iter().flat_map(|whole| &whole.deliveries).flat_map(|one| told(record.stage, one)));
    }
    if one.state.is_final() || one.state == EstablishmentState::Cancelling {
        line.push(entry(one.changed_at, TimelineEvent::Ended, None));
    }
    // Stable: what happened in the same moment stays in its order.
    line.sort_by_key(|(at, _)| *at);
    line.into_iter().map(|(_, entry)| entry).collect()
}

fn told(stage: Stage, delivery: &Delivery) -> Vec<(Timestamp, TimelineEntry)> {
    let steps = [(delivery.tried_at, TimelineEvent::Sent), (delivery.decided_at, TimelineEvent::Decided)];
    let told = steps.into_iter().filter_map(|(at, event)| {
        let (at, told) = entry(at?, event, Some(stage));
        let state = (event == TimelineEvent::Decided).then_some(delivery.state);
        let (procedure, agency) = (Some(delivery.procedure.clone()), Some(delivery.agency.clone()));
        Some((at, TimelineEntry { procedure, agency, state, ..told }))
    });
    told.collect()
}
