//! How what is told of the service, and of who calls what, is read back; the same in every engine.

use super::record;
use crate::domain::Fault;
use crate::domain::ids::ClientId;
use crate::domain::service_status::{ComponentCode, ComponentDay, ComponentState, StatusNotice};
use crate::domain::usage::UsageSum;
use chrono::NaiveDate;
use std::cmp::Reverse;

/// What is stored and is not of its form.
pub(super) fn unread(what: &str) -> Fault {
    Fault::Internal(format!("a stored {what} does not read back"))
}

fn day(text: &str) -> Result<NaiveDate, Fault> {
    text.parse().map_err(|_| unread("day"))
}

/// How a component stood, from its columns.
pub(super) fn component_day(component: String, on: &str, worst: i64) -> Result<ComponentDay, Fault> {
    Ok(ComponentDay {
        component: ComponentCode::try_from(component).map_err(|_| unread("component"))?,
        day: day(on)?,
        worst: ComponentState::from_rank(worst).ok_or_else(|| unread("state of a component"))?,
    })
}

/// The ones that changed last, first.
pub(super) fn newest_notices(mut all: Vec<StatusNotice>, limit: u32) -> Vec<StatusNotice> {
    all.sort_by_key(|one| (Reverse(one.changed_at()), one.id.clone()));
    all.truncate(limit as usize);
    all
}

/// How often somebody called something, from its columns.
pub(super) fn usage_sum((client, operation): (String, String), calls: i64, last_day: &str) -> Result<UsageSum, Fault> {
    Ok(UsageSum { client: record::id(client)?, operation, calls: record::count(calls)?, last_day: day(last_day)? })
}

/// The first and the last id of a span: one client's own, or every one's.
pub(super) fn span_of(client: Option<&ClientId>) -> (String, String) {
    // No id has a character beyond `z`.
    client.map_or_else(|| (String::new(), "~".to_owned()), |id| (id.to_string(), id.to_string()))
}
