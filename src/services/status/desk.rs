//! What the operator's command does.

use crate::domain::ids::StatusNoticeId;
use crate::domain::service_status::{
    ComponentCode, ComponentState, StatusNotice, StatusNoticeKind, StatusStep, StatusUpdate,
};
use crate::domain::{Entropy, Failure, Refusal, Timestamp, Words};
use crate::store::Store;

/// A new notice, as it was typed.
#[derive(Clone, Debug)]
pub struct NewNotice {
    /// What it is about.
    pub components: Vec<ComponentCode>,
    /// In a line.
    pub title: Words,
    /// What is known.
    pub text: Words,
    /// Under which name it is told.
    pub by: String,
}

fn refused(error: &impl std::fmt::Display) -> Refusal {
    Refusal::new("invalid_value", error.to_string())
}

/// Tells of an incident.
///
/// # Errors
/// `invalid_value` for what cannot be published; a fault when the store is away.
pub async fn open_incident(
    store: &dyn Store,
    (new, impact): (NewNotice, ComponentState),
    (now, entropy): (Timestamp, &dyn Entropy),
) -> Result<StatusNotice, Failure> {
    let step = (StatusNoticeKind::Incident, StatusStep::Investigating, impact);
    insert(store, new, step, (now, None), (now, entropy)).await
}

/// Tells of a planned maintenance, from when until when.
///
/// # Errors
/// `invalid_value` for what cannot be published; a fault when the store is away.
pub async fn plan_maintenance(
    store: &dyn Store,
    (new, times): (NewNotice, (Timestamp, Timestamp)),
    (now, entropy): (Timestamp, &dyn Entropy),
) -> Result<StatusNotice, Failure> {
    if times.1 <= now {
        return Err(Refusal::new("invalid_value", "it would be over already").into());
    }
    let step = (StatusNoticeKind::Maintenance, StatusStep::Planned, ComponentState::Maintenance);
    insert(store, new, step, (times.0, Some(times.1)), (now, entropy)).await
}

async fn insert(
    store: &dyn Store,
    new: NewNotice,
    (kind, step, impact): (StatusNoticeKind, StatusStep, ComponentState),
    (starts_at, ends_at): (Timestamp, Option<Timestamp>),
    (now, entropy): (Timestamp, &dyn Entropy),
) -> Result<StatusNotice, Failure> {
    let notice = StatusNotice {
        id: StatusNoticeId::generate(entropy),
        kind,
        components: new.components,
        impact,
        title: new.title,
        starts_at,
        ends_at,
        updates: vec![StatusUpdate { at: now, step, text: new.text, by: new.by }],
        version: 1,
    };
    notice.check().map_err(|error| refused(&error))?;
    store.insert_status_notice(&notice).await?;
    Ok(notice)
}

/// Tells more of a notice of this kind, or ends it.
///
/// # Errors
/// `not_found`; `invalid_value` for what cannot come next, above all when it is over; `conflict` when somebody else told something
/// at the same moment; a fault when the store is away.
pub async fn update(
    store: &dyn Store,
    (kind, id): (StatusNoticeKind, &str),
    update: StatusUpdate,
) -> Result<StatusNotice, Failure> {
    let unknown = || Refusal::new("not_found", "there is none of this kind with this id");
    let id = StatusNoticeId::parse(id).map_err(|_| unknown())?;
    let found = store.find_status_notice(&id).await?.filter(|found| found.kind == kind).ok_or_else(unknown)?;
    let next = found.updated(update).map_err(|error| refused(&error))?;
    if !store.update_status_notice(&next).await? {
        return Err(
            Refusal::new("conflict", "somebody else told something of it at the same moment: look again").into()
        );
    }
    Ok(next)
}
