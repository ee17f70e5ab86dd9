//! How far a registration has come: only the operator moves it on, and each step is written down.

use super::{held, read};
use crate::domain::client::{Client, ClientStatus};
use crate::domain::ids::ClientId;
use crate::domain::refusal::Failure;
use crate::domain::registration::{Change, ChangedBy, Registration};
use crate::domain::{Refusal, Timestamp};
use crate::store::{HeldRegistration, Store};

/// What the operator decides about a registration.
#[derive(Clone, Debug)]
pub struct Approval {
    /// The state to come.
    pub to: ClientStatus,
    /// Under which name the operator acts.
    pub by: String,
    /// Why.
    pub note: String,
}

/// Moves a registration to another state; gives the client as it is then. Every node sees it within the second.
///
/// # Errors
/// A [`Refusal`] when there is no such client, its owner gave it up, it cannot go there from where it is, or somebody
/// else changed it at the same moment; [`crate::domain::Fault`].
pub async fn set_status(
    store: &dyn Store,
    id: &ClientId,
    approval: &Approval,
    now: Timestamp,
) -> Result<Client, Failure> {
    let refused = |public: String| Refusal::new("conflict", public);
    let client = store.find_client(id).await?;
    let client = client.ok_or_else(|| refused(format!("no client {id} is registered")))?;
    let seen = kept(store, id, now).await?;
    let mut registration = read(&seen)?;
    let (from, to) = (client.status, approval.to);
    if registration.is_deleted {
        return Err(refused(format!("{id} was given up by its owner and stays stopped")).into());
    }
    if !from.may_become(to) {
        return Err(refused(format!("{id} is {}; it cannot become {} from there", from.as_str(), to.as_str())).into());
    }
    let by = ChangedBy::Operator(approval.by.clone());
    registration.note(Change { at: now, by, from, to, note: approval.note.clone() });
    let client = Client { status: to, ..client };
    let next = HeldRegistration { token: seen.token, ..held(id, None, &registration)? };
    if store.replace_registration(&seen, &next, Some(&client), now).await? {
        Ok(client)
    } else {
        Err(refused(format!("{id} was changed by somebody else at the same moment; look at it again")).into())
    }
}

/// What is kept about a registration; begun here for a client that the operator brought.
async fn kept(store: &dyn Store, id: &ClientId, now: Timestamp) -> Result<HeldRegistration, Failure> {
    if let Some(held) = store.find_registration(id).await? {
        return Ok(held);
    }
    let new = held(id, None, &Registration::default())?;
    store.insert_registration(&new, None, now).await?;
    let kept = store.find_registration(id).await?;
    Ok(kept.ok_or_else(|| crate::domain::Fault::Internal("a registration was not kept".into()))?)
}
