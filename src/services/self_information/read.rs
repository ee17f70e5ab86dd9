//! Reading and giving up a request.

use super::work::retrieved_nothing;
use super::{Reply, SelfInformation};
use crate::domain::ids::RequestId;
use crate::domain::retrieval::{RequestState, RetrievalRequest};
use crate::domain::{Failure, Fault, Refusal};
use crate::gateway::Permit;
use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// How often another node's job is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// Why there is nothing to read any more.
pub(super) fn gone(state: RequestState) -> Refusal {
    let words = match state {
        RequestState::Delivered => "The result was read once and is not kept. Make a new request.",
        RequestState::Expired => "Nobody read the result in time, and it is not kept. Make a new request.",
        _ => "The request was given up, or its consent has ended.",
    };
    Refusal::new("result_gone", words)
}

impl SelfInformation {
    /// The result, once; or where the request stands after waiting.
    ///
    /// # Errors
    /// `not_found` for what is not this grant's, `result_gone` once it is over.
    pub async fn read(self: &Arc<Self>, permit: &Permit, id: &str, wait: Duration) -> Result<Reply, Failure> {
        let request = self.find(permit, id).await?;
        let request = self.wait_for(request, wait).await?;
        match request.state {
            RequestState::Accepted => Ok(Reply::Working(request)),
            RequestState::Completed => {
                let bytes = self.take(permit, &request.id).await?;
                Ok(Reply::Finished(request.id, bytes))
            }
            state => Err(gone(state).into()),
        }
    }

    /// Gives a request up; nothing is kept of it.
    ///
    /// # Errors
    /// `not_found` for what is not this grant's.
    pub async fn cancel(&self, permit: &Permit, id: &str) -> Result<(), Failure> {
        let request = self.find(permit, id).await?;
        if self.parts.store.end_request(&request.id, RequestState::Cancelled).await? {
            if let Some((_, running)) = self.running.remove(&request.id) {
                running.abort.abort();
            }
            self.parts.limits.leave_job(&request.client, request.id.as_str()).await;
        }
        Ok(())
    }

    /// Takes the result: one reader only. A consent for one retrieval is not used up by a result without data.
    async fn take(&self, permit: &Permit, id: &RequestId) -> Result<Bytes, Failure> {
        let is_once = permit.grant().consent.as_ref().is_some_and(|c| c.access_days == 0);
        let sealed =
            if is_once { self.parts.store.find_result(id).await? } else { self.parts.store.take_result(id).await? };
        let bytes = self.unseal(id, &sealed.ok_or_else(|| gone(RequestState::Delivered))?)?;
        if is_once {
            let is_ours = if retrieved_nothing(&bytes) {
                self.parts.store.end_request(id, RequestState::Cancelled).await?
            } else {
                self.parts.store.take_result(id).await?.is_some()
            };
            if !is_ours {
                return Err(gone(RequestState::Delivered).into());
            }
        }
        Ok(bytes)
    }

    pub(super) fn unseal(&self, id: &RequestId, sealed: &[u8]) -> Result<Bytes, Fault> {
        Ok(Bytes::from(self.parts.master_key.open(&Self::owner(id), sealed)?))
    }

    /// A request of this very grant; of any other, there is none.
    async fn find(&self, permit: &Permit, id: &str) -> Result<RetrievalRequest, Failure> {
        let none = || Refusal::new("not_found", "There is no such request under this consent.");
        let id = RequestId::parse(id).map_err(|_| none())?;
        let found = self.parts.store.find_request(&id).await?;
        // A narrowed token reads what was asked with the same part only: what a wider one fetched may hold more.
        let part = permit.part();
        let is_within = |r: &RetrievalRequest| part.is_none() || r.within == part;
        let is_ours =
            |r: &RetrievalRequest| r.grant == permit.grant().id && r.client == permit.client().id && is_within(r);
        let mut request = found.filter(is_ours).ok_or_else(none)?;
        // Time alone can end it before the store's upkeep does.
        if !request.state.is_final() && request.expires_at <= self.parts.clock.now() {
            request.state = RequestState::Expired;
        }
        Ok(request)
    }

    /// The request once it is no more being worked on, or as it is when `wait` is over.
    pub(super) async fn wait_for(
        &self,
        request: RetrievalRequest,
        wait: Duration,
    ) -> Result<RetrievalRequest, Failure> {
        if request.state != RequestState::Accepted || wait.is_zero() {
            return Ok(request);
        }
        let id = request.id.clone();
        let ended = timeout(wait, self.until_ended(&id)).await;
        ended.map_or(Ok(request), |found| found)
    }

    async fn until_ended(&self, id: &RequestId) -> Result<RetrievalRequest, Failure> {
        loop {
            let done = self.running.get(id).map(|running| running.done.clone());
            match done {
                // It ends when the worker drops its end.
                Some(mut done) => drop(done.changed().await),
                None => sleep(LOOK_AGAIN).await,
            }
            let found = self.parts.store.find_request(id).await?;
            match found {
                Some(request) if request.state == RequestState::Accepted => {}
                Some(request) => return Ok(request),
                None => return Err(gone(RequestState::Expired).into()),
            }
        }
    }
}
