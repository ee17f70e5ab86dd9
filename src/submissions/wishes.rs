//! What a filer wants of a filing that is under way: call off, withdraw, amend.
//!
//! A wish is a conditional write like every other change: when a worker is about to send at the same moment, one of the two
//! finds that the other was first.

use super::accept::why_not;
use super::deliver::{MOST_CHANGES, Next, broken, filing, restless};
use super::{Submissions, Whole, owner};
use crate::domain::ids::{ClientId, DeliveryId};
use crate::domain::submission::{Delivery, refuse};
use crate::domain::{Failure, Refusal, Timestamp};
use crate::store::{Content, HeldDelivery};
use serde_json::value::RawValue;

/// An amendment (補正) of one part.
#[derive(Debug)]
pub struct Amendment<'a> {
    /// Which part.
    pub delivery: DeliveryId,
    /// What it says from now on, whole.
    pub content: &'a RawValue,
}

impl Submissions {
    /// Calls off every part that no agency has.
    ///
    /// # Errors
    /// `not_found`; `conflict` when there is none such.
    pub async fn cancel(&self, client: &ClientId, id: &str) -> Result<Whole, Failure> {
        self.wish(client, id, |one, now| {
            one.cancel()?;
            let due = one.state.is_with_agency().then_some(now);
            Ok(Next { due, content: Content::Drop })
        })
        .await
    }

    /// Asks every agency that has a part and has not decided to give it back (取下げ).
    ///
    /// # Errors
    /// `not_found`; `not_delegated`; `conflict` when there is none such.
    pub async fn withdraw(&self, client: &ClientId, id: &str) -> Result<Whole, Failure> {
        self.still_delegated(client, id).await?;
        self.wish(client, id, |one, now| {
            one.withdraw(now)?;
            Ok(Next { due: Some(now), content: Content::Drop })
        })
        .await
    }

    /// Whoever filed for another company goes on for it only while it is delegated; calling off needs nobody's word.
    async fn still_delegated(&self, client: &ClientId, id: &str) -> Result<(), Failure> {
        let (own, _) = self.held(client, id).await?;
        let Some(delegation) = &own.delegation else { return Ok(()) };
        let found = self.parts.store.find_delegation(delegation).await?;
        let now = self.parts.clock.now();
        if found.as_ref().is_some_and(|found| found.is_in_force(now)) {
            return Ok(());
        }
        Err(why_not(&own.applicant, found.as_ref(), now).into())
    }

    /// Does something with every part that allows it; refused when none does.
    async fn wish(
        &self,
        client: &ClientId,
        id: &str,
        act: impl Fn(&mut Delivery, Timestamp) -> Result<Next, Failure>,
    ) -> Result<Whole, Failure> {
        let (_, held) = self.held(client, id).await?;
        let mut refused = None;
        let mut is_done = false;
        for held in held {
            match self.change(held, &act).await {
                Ok(()) => is_done = true,
                Err(Failure::Refused(refusal)) => refused = Some(refusal),
                Err(broken) => return Err(broken),
            }
        }
        match refused.filter(|_| !is_done) {
            Some(refusal) => Err(refusal.into()),
            None => self.find(client, id).await,
        }
    }

    /// Sends amendments that agencies asked for; all of them are looked at before any is taken on.
    ///
    /// # Errors
    /// `not_found`; `not_delegated`; `conflict` when none is asked for, or its time is over; `invalid_filing` for a content
    /// that does not keep the rules that are known here.
    pub async fn amend(&self, client: &ClientId, id: &str, wanted: &[Amendment<'_>]) -> Result<Whole, Failure> {
        self.still_delegated(client, id).await?;
        let (_, held) = self.held(client, id).await?;
        let mut found = Vec::new();
        for (n, amendment) in wanted.iter().enumerate() {
            let part = held.iter().find(|held| held.delivery.id == amendment.delivery);
            let part = part.ok_or_else(|| {
                let words = "This filing has no part with this id.";
                Refusal::new("invalid_value", words).at(format!("/deliveries/{n}/id"))
            })?;
            self.check(part, amendment, n)?;
            found.push((part.clone(), amendment));
        }
        for (part, amendment) in found {
            self.change(part, |one, now| {
                one.amend(now)?;
                let content = amendment.content.get().as_bytes();
                let sealed = self.parts.master.seal(&owner(one), content, &*self.parts.entropy)?;
                Ok(Next { due: Some(now), content: Content::Replace(sealed) })
            })
            .await?;
        }
        self.find(client, id).await
    }

    fn check(&self, part: &HeldDelivery, amendment: &Amendment<'_>, n: usize) -> Result<(), Refusal> {
        part.delivery.clone().amend(self.parts.clock.now())?;
        let Some(post) = self.posts.get(&part.delivery.agency) else { return Ok(()) };
        let reference = part.delivery.reference();
        let content = amendment.content.get().as_bytes();
        let found = post.agency.check(&filing(&part.delivery, &reference, content));
        refuse(found.into_iter().map(|one| one.below(&format!("/deliveries/{n}/content"))).collect())
    }

    /// Changes a delivery by a rule that may refuse, anew with what it is by now when somebody else was first.
    pub(super) async fn change(
        &self,
        mut held: HeldDelivery,
        act: impl Fn(&mut Delivery, Timestamp) -> Result<Next, Failure>,
    ) -> Result<(), Failure> {
        for _ in 0..MOST_CHANGES {
            let mut one = held.delivery.clone();
            let next = act(&mut one, self.parts.clock.now())?;
            if self.write(&mut one, held.version, next).await? {
                return Ok(());
            }
            let found = self.parts.store.find_delivery(&one.id).await?;
            held = found.ok_or_else(|| broken(Refusal::new("not_found", "a delivery is gone")))?;
        }
        Err(restless().into())
    }
}
