//! The loops: one for each agency, in as many processes as there are.

use super::Submissions;
use super::post::Post;
use crate::domain::{Fault, Timestamp};
use crate::store::{HeldDelivery, Lane, Leasing};
use futures_util::future::{join_all, join3};
use std::sync::Arc;
use std::time::Duration;

/// How often to look when nobody rang.
const PAUSE: Duration = Duration::from_millis(500);
/// How often to look while the store is away.
const AFTER_FAULT: Duration = Duration::from_secs(2);

/// A delivery that is lent to us.
pub(super) struct Leased {
    pub held: HeldDelivery,
    pub lane: Lane,
    /// Until when.
    pub until: Timestamp,
}

impl Submissions {
    /// Works off what is due at every agency, for as long as the process runs; to be spawned beside the server, or by
    /// `madoguchi worker`.
    pub async fn work_forever(self: Arc<Self>) {
        self.tell_of_the_forsaken().await;
        let loops = self.posts.values().map(|post| Arc::clone(&self).serve(Arc::clone(post)));
        let documents = self.posts.values().map(|post| Arc::clone(&self).keep_documents(Arc::clone(post)));
        let sent = self.posts.values().map(|post| Arc::clone(&self).keep_sent(Arc::clone(post)));
        join3(join_all(loops), join_all(documents), join_all(sent)).await;
    }

    /// What waits for an agency that the configuration does not name any more waits for ever.
    async fn tell_of_the_forsaken(&self) {
        for load in self.parts.store.count_deliveries().await.unwrap_or_default() {
            if !self.posts.contains_key(&load.agency) && load.to_send + load.in_review > 0 {
                let (agency, waiting) = (load.agency, load.to_send + load.in_review);
                tracing::warn!(agency, waiting, "deliveries wait for an agency that is not configured");
            }
        }
    }

    async fn serve(self: Arc<Self>, post: Arc<Post>) {
        loop {
            // Made before looking, so that what comes in while one looks is not slept through.
            let rung = self.bell.notified();
            let pause = match self.turn(&post).await {
                Ok(0) => PAUSE,
                Ok(_) => continue,
                Err(fault) => {
                    tracing::warn!(agency = post.agency.settings().name, %fault, "filings could not be taken up");
                    AFTER_FAULT
                }
            };
            let _ = tokio::time::timeout(pause, rung).await;
        }
    }

    /// Takes up what is due and fits; gives how many. Waits while every place is taken.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    async fn turn(self: &Arc<Self>, post: &Arc<Post>) -> Result<usize, Fault> {
        if let Ok(place) = post.places.acquire().await {
            drop(place);
        }
        // A look is cheap and tells the filer something: it gets every fourth place even when much waits to be sent.
        let free = post.free(self.parts.clock.now());
        let looks = self.lease(post, Lane::Looks, free.min(free / 4 + 1)).await?;
        let left = free.saturating_sub(u32::try_from(looks.len()).unwrap_or(u32::MAX));
        let sends = self.lease(post, Lane::Sends, left).await?;
        let count = looks.len() + sends.len();
        for leased in looks.into_iter().chain(sends) {
            self.spawn(post, leased).await;
        }
        Ok(count)
    }

    async fn lease(&self, post: &Post, lane: Lane, limit: u32) -> Result<Vec<Leased>, Fault> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let (now, settings) = (self.parts.clock.now(), post.agency.settings());
        let until = now.plus(post.lease());
        let most = u32::from(settings.most_at_once);
        let wanted = Leasing { agency: settings.name.clone(), lane, now, until, limit, most };
        let held = self.parts.store.lease_deliveries(&wanted).await?;
        Ok(held.into_iter().map(|held| Leased { held, lane, until }).collect())
    }

    /// Waits for the delivery's turn at the agency's pace, then takes its step beside the loop.
    async fn spawn(self: &Arc<Self>, post: &Arc<Post>, leased: Leased) {
        tokio::time::sleep(post.turn(self.parts.clock.now())).await;
        let Ok(place) = Arc::clone(&post.places).acquire_owned().await else { return };
        let (engine, post) = (Arc::clone(self), Arc::clone(post));
        tokio::spawn(async move {
            let id = leased.held.delivery.id.clone();
            let done = match leased.lane {
                Lane::Sends => engine.send(&post, leased).await,
                Lane::Looks => engine.look(&post, leased).await,
            };
            if let Err(fault) = done {
                // What was not written down is taken up again when its lease is over.
                tracing::warn!(delivery.id = %id, %fault, "a delivery's step was not written down");
            }
            drop(place);
        });
    }
}
