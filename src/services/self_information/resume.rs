//! Taking up what another process left: a job is durable before it is worked on, so a crash only delays it.

use super::SelfInformation;
use super::work::Work;
use crate::domain::Fault;
use crate::domain::grant::Grant;
use crate::domain::retrieval::{RequestState, RetrievalRequest};
use std::sync::Arc;
use std::time::Duration;

/// How often to look.
const PAUSE: Duration = Duration::from_secs(1);
/// How many to take at once.
const MOST: u32 = 32;

impl SelfInformation {
    /// Looks for jobs whose lease is over, for as long as the process runs; to be spawned beside the server.
    pub async fn resume_forever(self: Arc<Self>) {
        loop {
            match self.resume().await {
                Ok(0) => {}
                Ok(count) => tracing::info!(jobs = count, "took up jobs that another process had left"),
                Err(fault) => tracing::warn!(%fault, "could not look for jobs to take up"),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Takes up jobs whose lease is over; gives how many.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn resume(self: &Arc<Self>) -> Result<usize, Fault> {
        let now = self.parts.clock.now();
        let until = now.plus(self.settings.lease);
        let left = self.parts.store.lease_requests(&self.settings.node, now, until, MOST).await?;
        // A slow one that runs here has its lease renewed by being asked for.
        let left: Vec<_> = left.into_iter().filter(|request| !self.running.contains_key(&request.id)).collect();
        let count = left.len();
        for request in left {
            self.take_up(request).await?;
        }
        Ok(count)
    }

    /// The grant is asked anew: what was allowed when the job was accepted may not be now.
    async fn take_up(self: &Arc<Self>, request: RetrievalRequest) -> Result<(), Fault> {
        let now = self.parts.clock.now();
        let standing = self.parts.gateway.find_in_force(&request.grant).await?;
        let Some((grant, client)) = standing.filter(|_| now < request.expires_at) else {
            let over = if now < request.expires_at { RequestState::Cancelled } else { RequestState::Expired };
            self.parts.store.end_request(&request.id, over).await?;
            return Ok(());
        };
        let grant = match (&request.within, &grant.consent) {
            (Some(part), Some(consent)) => {
                Arc::new(Grant { consent: Some(consent.narrowed_to(part)), ..(*grant).clone() })
            }
            _ => grant,
        };
        self.spawn(Work { request, grant, client, scenario: None, handover: None, is_kept: true });
        Ok(())
    }
}
