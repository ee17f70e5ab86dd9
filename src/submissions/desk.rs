//! What an operator decides about deliveries that wait for a person.

use super::deliver::{MOST_CHANGES, Next, restless};
use super::{documents, drafts, owner};
use crate::domain::ids::{DeliveryId, DocumentId, DraftId};
use crate::domain::submission::{ArrivalNumber, Delivery, ParkedBecause};
use crate::domain::{Clock, Entropy, Failure, MasterKey, Refusal, Timestamp};
use crate::store::{Content, HeldDelivery, Store};
use std::sync::Arc;

/// Contents looked at in one step of a resealing.
const BATCH: u32 = 100;
/// Documents, which are larger.
const FEW: u32 = 8;

/// The operator's desk: it needs nothing but the store, since it only decides; workers do.
pub struct Desk {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

impl Desk {
    /// A desk at this store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// Holds a delivery that waits for its turn until a person lets it go on.
    ///
    /// # Errors
    /// `not_found`; `conflict` when it is parked, with an agency, or over.
    pub async fn park(&self, id: &DeliveryId) -> Result<Delivery, Failure> {
        self.change(id, |one, _| {
            let is_ours = one.state.is_unsent() || one.is_in_doubt();
            if !is_ours || one.parked.is_some() {
                return Err(Refusal::new("conflict", "It is parked already, with an agency, or over."));
            }
            one.park(ParkedBecause::Operator);
            Ok(Next::never())
        })
        .await
    }

    /// Lets a parked delivery go on. Where its outcome was unknown, you have asked the agency, and it does not have it.
    ///
    /// # Errors
    /// `not_found`; `conflict` when it is not parked.
    pub async fn retry(&self, id: &DeliveryId) -> Result<Delivery, Failure> {
        self.change(id, |one, now| {
            one.unpark(now)?;
            Ok(Next::at(now))
        })
        .await
    }

    /// Says that the agency has a parked delivery whose outcome was unknown, under this number.
    ///
    /// # Errors
    /// `not_found`; `conflict` when it is not parked, or its outcome was not unknown.
    pub async fn arrived(&self, id: &DeliveryId, number: &ArrivalNumber) -> Result<Delivery, Failure> {
        self.change(id, |one, now| {
            if one.parked.take().is_none() {
                return Err(Refusal::new("conflict", "It is not parked."));
            }
            one.taken(number.clone(), Vec::new())?;
            let due = (!one.state.is_final()).then_some(now);
            Ok(Next { due, content: Content::Drop })
        })
        .await
    }

    /// Wraps the data keys of some contents that are still to be sent under the present master key, from the one after
    /// `after` on; gives how many were seen, how many were changed, and after which to go on, none at the end. What is done is
    /// done, and a delivery goes on meanwhile.
    ///
    /// # Errors
    /// [`Fault`](crate::domain::Fault) when the store is away, or a content's master key is not among ours.
    pub async fn reseal(
        &self,
        after: &str,
        (master, entropy): (&MasterKey, &dyn Entropy),
    ) -> Result<(usize, usize, Option<DeliveryId>), Failure> {
        let held = self.store.list_sealed_deliveries(after, BATCH).await?;
        let mut changed = 0;
        for one in &held {
            let Some(sealed) = &one.content else { continue };
            if let Some(sealed) = master.rewrap(&owner(&one.delivery), sealed, entropy)? {
                changed += usize::from(self.store.reseal_delivery(one, &sealed).await?);
            }
        }
        Ok((held.len(), changed, held.last().map(|last| last.delivery.id.clone())))
    }

    /// The same for the documents that are here.
    ///
    /// # Errors
    /// [`Fault`](crate::domain::Fault) when the store is away, or a document's master key is not among ours.
    pub async fn reseal_documents(
        &self,
        after: &str,
        (master, entropy): (&MasterKey, &dyn Entropy),
    ) -> Result<(usize, usize, Option<DocumentId>), Failure> {
        let held = self.store.list_sealed_documents(after, FEW).await?;
        let mut changed = 0;
        for one in &held {
            let Some(sealed) = &one.content else { continue };
            if let Some(sealed) = master.rewrap(&documents::owner(&one.document), sealed, entropy)? {
                changed += usize::from(self.store.reseal_document(one, &sealed).await?);
            }
        }
        Ok((held.len(), changed, held.last().map(|last| last.document.id.clone())))
    }

    /// The same for drafts.
    ///
    /// # Errors
    /// [`Fault`](crate::domain::Fault) when the store is away, or a draft's master key is not among ours.
    pub async fn reseal_drafts(
        &self,
        after: &str,
        (master, entropy): (&MasterKey, &dyn Entropy),
    ) -> Result<(usize, usize, Option<DraftId>), Failure> {
        let held = self.store.list_sealed_drafts(after, BATCH).await?;
        let mut changed = 0;
        for one in &held {
            if let Some(sealed) = master.rewrap(&drafts::owner(&one.draft.id), &one.content, entropy)? {
                changed += usize::from(self.store.reseal_draft(one, &sealed).await?);
            }
        }
        Ok((held.len(), changed, held.last().map(|last| last.draft.id.clone())))
    }

    async fn change(
        &self,
        id: &DeliveryId,
        act: impl Fn(&mut Delivery, Timestamp) -> Result<Next, Refusal>,
    ) -> Result<Delivery, Failure> {
        for _ in 0..MOST_CHANGES {
            let found = self.store.find_delivery(id).await?;
            let HeldDelivery { delivery: mut one, version, .. } =
                found.ok_or_else(|| Refusal::new("not_found", "There is no delivery with this id."))?;
            let at = self.clock.now();
            let next = act(&mut one, at)?;
            if self.store.update_delivery(&next.change(&one, version, at)).await? {
                one.written();
                return Ok(one);
            }
        }
        Err(restless().into())
    }
}
