//! Taking a request on.

use super::handover::{End, Handover, Waiter};
use super::work::Work;
use super::{Reply, Running, SelfInformation, body};
use crate::domain::grant::Grant;
use crate::domain::ids::RequestId;
use crate::domain::predicate::Predicate;
use crate::domain::retrieval::{IdempotencyKey, RequestState, RetrievalRequest};
use crate::domain::{Digest, Failure, Fault, ReachedLimit, Refusal};
use crate::gateway::{self, GatewayRefusal, Permit};
use crate::limits::Job;
use crate::store::{CountedRequest, InsertedRequest, Lease};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{oneshot, watch};

/// What a caller wants.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The body.
    pub body: &'a [u8],
    /// `Idempotency-Key`, already checked for its form.
    pub key: Option<&'a str>,
    /// How long to wait for the result.
    pub wait: Duration,
    /// A sandbox scenario to pass on to a backend that is configured to take it.
    pub scenario: Option<&'a str>,
}

/// How often a consent for one retrieval may be tried anew after a try that retrieved nothing.
const MOST_TRIES: u32 = 16;

enum Start {
    New,
    Same(Box<RetrievalRequest>),
}

impl SelfInformation {
    /// Takes a request on, and waits for its result as long as is wanted.
    ///
    /// # Errors
    /// Refusals of the body, the gateway and the limits; `evidence_unavailable`, `idempotency_key_reused`, `conflict`,
    /// `consent_used_up`, `consent_limit_reached`, `predicate_limit_reached`, `result_gone`.
    pub async fn create(self: &Arc<Self>, permit: &Permit, wanted: &Wanted<'_>) -> Result<Reply, GatewayRefusal> {
        let now = self.parts.clock.now();
        let asked = body::read(wanted.body, &self.parts.catalog, now.date_in_japan())?;
        self.parts.gateway.clear(permit, &asked.queries).await?;
        self.parts.gateway.clear_inquiries(permit, &asked.inquiries).await?;
        let grant = permit.grant();
        let subject = grant.subject.clone().ok_or_else(|| Refusal::new("insufficient_scope", "Ask a person first."))?;
        let mut request = RetrievalRequest {
            id: RequestId::generate(&*self.parts.entropy),
            client: permit.client().id.clone(),
            grant: grant.id.clone(),
            subject,
            queries: asked.queries,
            inquiries: asked.inquiries,
            within: permit.part(),
            idempotency: None,
            state: RequestState::Accepted,
            created_at: now,
            expires_at: now.plus(self.settings.keep),
        };
        self.parts.evidence.intake().admit()?;
        self.enter(permit, &request).await?;
        match self.write_down(permit, &mut request, wanted.key).await {
            Ok(Start::New) => Ok(self.start(permit, request, wanted).await?),
            other => {
                self.parts.limits.leave_job(&request.client, request.id.as_str()).await;
                match other? {
                    Start::Same(earlier) => Ok(self.again(*earlier, wanted.wait).await?),
                    Start::New => Err(Fault::Internal("a new request was not started".into()).into()),
                }
            }
        }
    }

    async fn enter(&self, permit: &Permit, request: &RetrievalRequest) -> Result<(), Failure> {
        let now = self.parts.clock.now();
        let client = permit.client();
        let until = now.plus(self.settings.place);
        let job = Job { client: &client.id, plan: &client.rate_plan, id: request.id.as_str(), until };
        self.parts.limits.enter_job(&job, now).await.map_err(|limit| (*limit.refusal).into())
    }

    /// Writes the job down under the caller's key, or under the one key of a consent for one retrieval.
    async fn write_down(
        &self,
        permit: &Permit,
        request: &mut RetrievalRequest,
        key: Option<&str>,
    ) -> Result<Start, Failure> {
        let grant = permit.grant();
        let body = digest(grant, request, key)?;
        let is_once = grant.consent.as_ref().is_some_and(|c| c.access_days == 0);
        if is_once {
            return self.write_down_once(permit, request, body, key.is_some()).await;
        }
        request.idempotency = key.map(|k| IdempotencyKey { key: Digest::of(&format!("key\n{k}")), body });
        match self.insert_counted(permit, request).await? {
            InsertedRequest::New => Ok(Start::New),
            InsertedRequest::Same(earlier) => Ok(Start::Same(earlier)),
            InsertedRequest::GrantOver => Err(self.grant_over(grant, request).await.into()),
            InsertedRequest::KeyReused => {
                let words = "This Idempotency-Key came with another request before: use a new one.";
                Err(Refusal::new("idempotency_key_reused", words).at("Idempotency-Key").into())
            }
        }
    }

    /// The row's key is the grant's own, so one conditional write decides who has the one retrieval. A try that ended
    /// without anything retrieved (cancelled, expired) leaves the next number free.
    async fn write_down_once(
        &self,
        permit: &Permit,
        request: &mut RetrievalRequest,
        body: Digest,
        has_key: bool,
    ) -> Result<Start, Failure> {
        let grant = permit.grant();
        // A person who decided again (Grant Management §5.2) agreed to one retrieval more.
        let since = grant.updated_at.map_or_else(String::new, |at| format!("\n{}", at.millis()));
        for number in 0..MOST_TRIES {
            let key = IdempotencyKey { key: Digest::of(&format!("once\n{}{since}\n{number}", grant.id)), body };
            request.idempotency = Some(key);
            let earlier = match self.insert_counted(permit, request).await? {
                InsertedRequest::New => return Ok(Start::New),
                InsertedRequest::GrantOver => return Err(self.grant_over(grant, request).await.into()),
                InsertedRequest::Same(earlier) if has_key => return Ok(Start::Same(earlier)),
                InsertedRequest::Same(earlier) => Some(*earlier),
                InsertedRequest::KeyReused => self.parts.store.find_request_by_key(&request.client, &key).await?,
            };
            match earlier.map(|e| e.state) {
                Some(RequestState::Accepted | RequestState::Completed) => {
                    let words = "The one retrieval that was consented to is under way: read or delete that request.";
                    return Err(Refusal::new("conflict", words).into());
                }
                Some(RequestState::Delivered) => break,
                Some(RequestState::Cancelled | RequestState::Expired) | None => {}
            }
        }
        self.parts.gateway.witness(grant, &request.codes(), "consent_used_up").await;
        let words = "The consent was for one retrieval, which has been made. Ask the citizen again.";
        Err(Refusal::new("consent_used_up", words).limited(ReachedLimit::counted("one_time", 1, 1, None)).into())
    }

    /// The consent ended between the gateway's look and the job's first line.
    async fn grant_over(&self, grant: &Grant, request: &RetrievalRequest) -> Refusal {
        let now = self.parts.store.find_grant(&grant.id).await.ok().flatten();
        let is_paused = now.is_some_and(|grant| grant.is_paused(self.parts.clock.now()));
        let ended = || Refusal::new("invalid_token", "The consent has ended. Ask the citizen again.");
        let refusal = if is_paused { gateway::paused() } else { ended() };
        self.parts.gateway.witness(grant, &request.codes(), &refusal).await;
        refusal
    }

    /// Inserts, and takes what the request costs: in the same write, so that of any number of calls no more get through
    /// than the citizen and the operator allow.
    async fn insert_counted(&self, permit: &Permit, request: &RetrievalRequest) -> Result<InsertedRequest, Failure> {
        let (grant, gateway) = (permit.grant(), &self.parts.gateway);
        let charge = gateway.charge(grant, permit.client(), request);
        if charge.is_nothing() {
            return Ok(self.insert(request).await?);
        }
        let lease = Lease { owner: &self.settings.node, until: self.parts.clock.now().plus(self.settings.lease) };
        let refusal = match self.parts.store.insert_counted_request(request, lease, &charge).await? {
            CountedRequest::Inserted(inserted) => return Ok(inserted),
            CountedRequest::UsedUp => {
                let uses = gateway.uses(grant).await?;
                uses.ok_or_else(|| Fault::Internal("uses are counted that were not agreed to".into()))?.refusal()
            }
            CountedRequest::TooManyThresholds(told) => gateway.told_enough(request, told)?,
        };
        gateway.witness(grant, &request.codes(), &refusal).await;
        Err(refusal.into())
    }

    async fn insert(&self, request: &RetrievalRequest) -> Result<InsertedRequest, Fault> {
        let lease_until = self.parts.clock.now().plus(self.settings.lease);
        self.parts.store.insert_request(request, &self.settings.node, lease_until).await
    }

    async fn start(
        self: &Arc<Self>,
        permit: &Permit,
        request: RetrievalRequest,
        wanted: &Wanted<'_>,
    ) -> Result<Reply, Failure> {
        let waits = !wanted.wait.is_zero();
        let (handover, waiter) = if waits { split(Handover::open()) } else { (None, None) };
        let work = Work {
            request: request.clone(),
            grant: Arc::clone(permit.grant()),
            client: Arc::new(permit.client().clone()),
            scenario: wanted.scenario.map(str::to_owned),
            handover,
            is_kept: wanted.key.is_some(),
        };
        self.spawn(work);
        let Some(waiter) = waiter else { return Ok(Reply::Working(request)) };
        match waiter.wait(wanted.wait).await {
            Some(End::Finished(bytes)) => Ok(Reply::Finished(request.id, bytes)),
            Some(End::Cancelled) => Err(super::read::gone(RequestState::Cancelled).into()),
            Some(End::Broken) | None => Ok(Reply::Working(request)),
        }
    }

    /// Runs `work` beside the callers, so that nobody's going away ends it.
    pub(super) fn spawn(self: &Arc<Self>, work: Work) {
        let (tell, done) = watch::channel(());
        let (go, started) = oneshot::channel();
        let id = work.request.id.clone();
        let this = Arc::clone(self);
        let key = id.clone();
        let task = tokio::spawn(async move {
            // Not before it stands in the list, or nobody would take it out again.
            let _ = started.await;
            this.run(work).await;
            this.running.remove(&key);
            drop(tell);
        });
        self.running.insert(id, Running { done, abort: task.abort_handle() });
        let _ = go.send(());
    }

    /// The same request came again under the same key.
    async fn again(self: &Arc<Self>, earlier: RetrievalRequest, wait: Duration) -> Result<Reply, Failure> {
        let now = self.wait_for(earlier, wait).await?;
        match now.state {
            RequestState::Accepted => Ok(Reply::Working(now)),
            RequestState::Completed => match self.parts.store.find_result(&now.id).await? {
                Some(sealed) => Ok(Reply::Finished(now.id.clone(), self.unseal(&now.id, &sealed)?)),
                None => Err(super::read::gone(RequestState::Delivered).into()),
            },
            state => Err(super::read::gone(state).into()),
        }
    }
}

fn split((handover, waiter): (Arc<Handover>, Waiter)) -> (Option<Arc<Handover>>, Option<Waiter>) {
    (Some(handover), Some(waiter))
}

/// What makes two requests the same: the grant, what is asked, and the caller's key. Never the bytes: white space and
/// the order of members do not matter, and another person's grant does.
fn digest(grant: &Grant, request: &RetrievalRequest, key: Option<&str>) -> Result<Digest, Fault> {
    let (id, queries, inquiries) = (grant.id.as_str(), &request.queries, &request.inquiries);
    // A question's own words: the range that is fetched for it may end a day later the second time.
    let asked: Vec<&Predicate> = inquiries.iter().map(|inquiry| &inquiry.predicate).collect();
    let parts = match &request.within {
        None if asked.is_empty() => serde_json::to_vec(&(id, queries, key)),
        None => serde_json::to_vec(&(id, queries, key, asked)),
        Some(part) if asked.is_empty() => serde_json::to_vec(&(id, queries, key, part)),
        Some(part) => serde_json::to_vec(&(id, queries, key, part, asked)),
    };
    Ok(Digest::of_bytes(&parts.map_err(|e| Fault::Internal(e.to_string()))?))
}
