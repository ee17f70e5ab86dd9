//! What both engines make of a filing's records in the same way.

use super::record;
use super::{AgencyLoad, DeliveryChange, HeldDelivery, InsertedSubmission, Lane, NewSubmission};
use crate::domain::Fault;
use crate::domain::client::Client;
use crate::domain::ids::ClientId;
use crate::domain::scope::Scope;
use crate::domain::submission::{Submission, SubmissionEvent, SubmissionState};
use std::collections::BTreeMap;

/// The step between two turns of a filer of the usual weight.
const STEP: i64 = 1_000_000;

/// The step between two turns of a filer of this weight.
pub(super) fn step(weight: u32) -> i64 {
    (STEP / i64::from(weight.max(1))).max(1)
}

/// The word for a lane.
pub(super) const fn lane(lane: Lane) -> &'static str {
    match lane {
        Lane::Sends => "sends",
        Lane::Looks => "looks",
    }
}

/// The word for the lane that a delivery waits in: what is over is looked at while there is a time for it, since documents
/// may come after a decision.
pub(super) const fn lane_of(change: &DeliveryChange) -> &'static str {
    match change.delivery.state {
        SubmissionState::Arrived | SubmissionState::UnderReview | SubmissionState::ActionRequired => "looks",
        state if state.is_final() && change.due_at.is_none() => "none",
        state if state.is_final() => "looks",
        _ => "sends",
    }
}

/// The state from its column.
pub(super) fn state(text: &str) -> Result<SubmissionState, Fault> {
    SubmissionState::parse(text).ok_or_else(|| Fault::Internal("a stored filing has an unknown state".into()))
}

/// A filing from its body and its state's column.
pub(super) fn submission(body: &str, current: &str) -> Result<Submission, Fault> {
    let found: Submission = record::read("filing", body)?;
    Ok(Submission { state: state(current)?, ..found })
}

/// A delivery from its columns.
pub(super) fn delivery(body: &str, version: i64, content: Option<Vec<u8>>) -> Result<HeldDelivery, Fault> {
    Ok(HeldDelivery { delivery: record::read("delivery", body)?, version: record::count(version)?, content })
}

/// An event from its place and body.
pub(super) fn event(place: i64, body: &str) -> Result<SubmissionEvent, Fault> {
    let found: SubmissionEvent = record::read("filing's event", body)?;
    Ok(SubmissionEvent { place: record::count(place)?, ..found })
}

/// The events of a change: one for each state that was passed.
pub(super) fn events(change: &DeliveryChange, overall: SubmissionState) -> Result<Vec<String>, Fault> {
    let (delivery, at) = (&change.delivery, change.at);
    let passed = delivery.passed().iter();
    passed.map(|state| record::write(&SubmissionEvent::of(delivery, *state, overall, at))).collect()
}

/// One count of every agency, under one place of what is counted.
pub(super) fn load(counts: [Vec<(String, i64)>; 3]) -> Result<Vec<AgencyLoad>, Fault> {
    let mut by_name: BTreeMap<String, AgencyLoad> = BTreeMap::new();
    let places: [fn(&mut AgencyLoad) -> &mut u64; 3] =
        [|load| &mut load.to_send, |load| &mut load.in_review, |load| &mut load.parked];
    for (counts, place) in counts.into_iter().zip(places) {
        for (agency, count) in counts {
            let load = by_name.entry(agency.clone()).or_insert_with(|| AgencyLoad { agency, ..AgencyLoad::default() });
            *place(load) = record::count(count)?;
        }
    }
    Ok(by_name.into_values().collect())
}

/// Counts of the same state as one.
pub(super) fn together(counts: Vec<(Option<SubmissionState>, u64)>) -> Vec<(Option<SubmissionState>, u64)> {
    let mut sums: Vec<(Option<SubmissionState>, u64)> = Vec::new();
    for (state, count) in counts {
        match sums.iter_mut().find(|(known, _)| *known == state) {
            Some((_, sum)) => *sum += count,
            None => sums.push((state, count)),
        }
    }
    sums
}

/// Where a filing stands by the words of its parts' states.
pub(super) fn overall(parts: &[String]) -> Result<SubmissionState, Fault> {
    let parts = parts.iter().map(|text| state(text)).collect::<Result<Vec<_>, Fault>>()?;
    Ok(SubmissionState::of_parts(&parts))
}

/// What it means that a filing was not written: its key came before, its draft is another by now, or it is for another company
/// without a delegation.
pub(super) fn not_written(new: &NewSubmission, earlier: Option<Submission>) -> Result<InsertedSubmission, Fault> {
    match earlier {
        Some(earlier) => Ok(InsertedSubmission::from_earlier(&new.submission, earlier)),
        None if new.draft.is_some() => Ok(InsertedSubmission::DraftChanged),
        None if new.deposit.is_some() => Ok(InsertedSubmission::DepositChanged),
        None if new.submission.delegation.is_some() => Ok(InsertedSubmission::NotDelegated),
        None => Err(Fault::Internal("a filing's key is taken by none".into())),
    }
}

/// Who of a municipality is told of what became of an application: those of its own clients that take them, but for the one
/// that is told already, as it handed it in.
pub(super) fn told_municipality(own: Vec<Client>, event: &SubmissionEvent) -> Vec<(ClientId, SubmissionEvent)> {
    let desks = own.into_iter().filter(|own| own.scope.has(Scope::AgencyApplications) && own.id != event.client);
    desks.map(|desk| (desk.id.clone(), event.to_company(&desk.id))).collect()
}

/// Who of a company is told of something, and in which words: those of its own clients that file, as it is their own
/// company's; and `also` this one, as it is.
pub(super) fn told(
    own: Vec<Client>,
    also: Option<&ClientId>,
    event: &SubmissionEvent,
) -> Vec<(ClientId, SubmissionEvent)> {
    let own = own.into_iter().filter(|client| client.scope.has(Scope::Submissions)).map(|client| client.id);
    let mut told: Vec<_> = own.map(|client| (client.clone(), event.to_company(&client))).collect();
    if let Some(also) = also.filter(|also| told.iter().all(|(client, _)| client != *also)) {
        told.push((also.clone(), event.clone()));
    }
    told
}
