//! One step with one delivery that is to be sent.
//!
//! The intent is durable before the call, and its outcome after it. A delivery found with an intent and no outcome is in
//! doubt: what may be done then is the agency's word alone.

use super::post::Post;
use super::work::Leased;
use super::{Submissions, owner};
use crate::adapters::agency::{Filing, Found, Repeats, Sent};
use crate::adapters::breaker::Health;
use crate::domain::delegation::Standing;
use crate::domain::submission::{Act, Delivery, Finding, ParkedBecause, SubmissionState, is_rejected};
use crate::domain::{Fault, Refusal, Timestamp};
use crate::store::{Content, DeliveryChange, HeldDelivery};
use std::time::Duration;

/// How often writing an outcome down is tried while the store is away. After that it is in doubt.
const MOST_TRIES: u32 = 5;

/// How often a decision of a person is made anew when the delivery changed under it.
pub(super) const MOST_CHANGES: u32 = 8;

/// The refusal of a decision whose delivery changes all the time.
pub(super) fn restless() -> Refusal {
    Refusal::new("conflict", "It is changing just now. Look at it again, and decide anew.")
}

/// What becomes of a delivery after a step.
pub(super) struct Next {
    /// When there is something to do.
    pub due: Option<Timestamp>,
    /// Its content.
    pub content: Content,
}

impl Next {
    pub fn at(due: Timestamp) -> Self {
        Self { due: Some(due), content: Content::Keep }
    }

    /// A person decides.
    pub fn never() -> Self {
        Self { due: None, content: Content::Keep }
    }

    /// The write of it, which gives the lease back.
    pub fn change(self, one: &Delivery, version: u64, at: Timestamp) -> DeliveryChange {
        DeliveryChange { delivery: one.clone(), version, due_at: self.due, lease: None, content: self.content, at }
    }
}

/// The call of a step.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Call {
    /// For the first time since it was certain that the agency does not have it.
    Send,
    /// Once more, by the same key, while nobody knows.
    SendAgain,
    /// Whether the agency has it.
    LookUp,
}

impl Submissions {
    pub(super) async fn send(&self, post: &Post, leased: Leased) -> Result<(), Fault> {
        let Leased { held: HeldDelivery { delivery: mut one, version, content }, until, .. } = leased;
        let content = match content {
            Some(sealed) => self.parts.master.open(&owner(&one), &sealed)?,
            None => Vec::new(),
        };
        let now = self.parts.clock.now();
        match self.standing(&one).await? {
            Standing::Over if !one.is_in_doubt() => {
                one.cancel().map_err(broken)?;
                one.findings = vec![delegation_over()];
                let due = one.state.is_with_agency().then_some(now);
                return self.write(&mut one, version, Next { due, content: Content::Drop }).await.map(drop);
            }
            // What was taken on stays so, and waits until the company lets its delegation go on.
            Standing::Paused if !one.is_in_doubt() && !is_late(post, &one, now) => {
                let next = Next::at(now.plus(post.agency.settings().look_every()));
                return self.write(&mut one, version, next).await.map(drop);
            }
            Standing::InForce | Standing::Paused | Standing::Over => {}
        }
        let call = match decide(post, &mut one, &content, now).map_err(broken)? {
            Ok(call) => call,
            Err(next) => return self.write(&mut one, version, next).await.map(drop),
        };
        let intent = DeliveryChange {
            delivery: one.clone(),
            version,
            due_at: Some(now.plus(settles_after(post, &one))),
            lease: Some(until),
            content: Content::Keep,
            at: now,
        };
        if !self.parts.store.update_delivery(&intent).await? {
            return Ok(());
        }
        one.written();
        // Looked at again at the last moment: what the company ended or holds still by now is not sent.
        let standing = if call == Call::LookUp { Ok(Standing::InForce) } else { self.standing(&one).await };
        let is_held = self.parts.clock.now().plus(post.agency.settings().call_timeout()) <= until;
        let later = self.parts.clock.now().plus(self.pause(post, &one));
        let next = match standing {
            Ok(Standing::InForce) if is_held => self.call(post, &mut one, (call, &content)).await,
            // Nobody knows whether the agency has it, and it may not be told again: a person finds out.
            Ok(Standing::Over) if call == Call::SendAgain => {
                one.park(ParkedBecause::UnknownOutcome);
                Ok(Next::never())
            }
            Ok(Standing::Paused) => unsent(&mut one, call, now.plus(post.agency.settings().look_every())),
            Ok(_) => unsent(&mut one, call, now),
            Err(_) => unsent(&mut one, call, later),
        };
        let next = next.map_err(broken)?;
        self.write_surely(&mut one, version + 1, next).await
    }

    /// The one call of a step, and what came of it.
    async fn call(&self, post: &Post, one: &mut Delivery, (call, content): (Call, &[u8])) -> Result<Next, Refusal> {
        let reference = one.reference();
        if call == Call::LookUp {
            let found = post.agency.settle(&filing(one, &reference, content)).await;
            return self.settle_found(post, one, found);
        }
        let sent = post.agency.send(&filing(one, &reference, content)).await;
        self.settle_sent(post, one, (call, sent))
    }

    /// Whether it may be sent: for the filer's own company always, for another while its delegation is in force.
    async fn standing(&self, one: &Delivery) -> Result<Standing, Fault> {
        let Some(id) = &one.delegation else { return Ok(Standing::InForce) };
        let (found, now) = (self.parts.store.find_delegation(id).await?, self.parts.clock.now());
        Ok(found.map_or(Standing::Over, |found| found.standing(&one.client, &one.procedure, now)))
    }

    fn settle_sent(&self, post: &Post, one: &mut Delivery, (call, sent): (Call, Sent)) -> Result<Next, Refusal> {
        let now = self.parts.clock.now();
        let is_well = matches!(sent, Sent::Taken(_) | Sent::Returned(_) | Sent::Handed);
        post.report(if is_well { Health::Well } else { Health::Ill }, now);
        match sent {
            Sent::Taken(taken) => one.taken(taken.arrival, taken.findings)?,
            Sent::Returned(findings) => one.refused(findings)?,
            Sent::NotNow(pause) => {
                // A no to this call says nothing of an earlier one without an answer.
                if call == Call::Send {
                    one.not_taken()?;
                }
                return Ok(Next::at(now.plus(pause.unwrap_or_else(|| self.pause(post, one)))));
            }
            Sent::Handed | Sent::Unknown => return Ok(self.in_doubt(post, one)),
        }
        Ok(self.after(post, one))
    }

    fn settle_found(&self, post: &Post, one: &mut Delivery, found: Found) -> Result<Next, Refusal> {
        let now = self.parts.clock.now();
        let is_well = !matches!(found, Found::NoAnswer(_));
        post.report(if is_well { Health::Well } else { Health::Ill }, now);
        match found {
            Found::Taken(taken) => {
                one.taken(taken.arrival, taken.findings)?;
                Ok(self.after(post, one))
            }
            Found::Returned(findings) => {
                one.refused(findings)?;
                Ok(self.after(post, one))
            }
            Found::Nothing => {
                one.not_taken()?;
                Ok(Next::at(now))
            }
            Found::NoAnswer(pause) => Ok(Next::at(now.plus(pause.unwrap_or_else(|| self.pause(post, one))))),
        }
    }

    /// Nobody knows: the next step is the agency's word.
    fn in_doubt(&self, post: &Post, one: &mut Delivery) -> Next {
        let (now, settings) = (self.parts.clock.now(), post.agency.settings());
        match repeats(post, one) {
            Repeats::ByKey => Next::at(now.plus(self.pause(post, one))),
            Repeats::AfterLookUp => Next::at(now.plus(settings.look_up_after())),
            Repeats::Never => {
                one.park(ParkedBecause::UnknownOutcome);
                Next::never()
            }
        }
    }

    /// The agency has answered: it is looked at later, unless it is over; what was sent is not kept any longer.
    fn after(&self, post: &Post, one: &Delivery) -> Next {
        let due = self.parts.clock.now().plus(post.agency.settings().look_every());
        Next { due: (!one.state.is_final()).then_some(due), content: Content::Drop }
    }

    /// The pause before the next try: it doubles.
    pub(super) fn pause(&self, post: &Post, one: &Delivery) -> Duration {
        self.parts.entropy.jittered(post.agency.settings().pause(one.attempts))
    }

    /// Writes a step down and gives the lease back; false when the delivery is another by now.
    pub(super) async fn write(&self, one: &mut Delivery, version: u64, next: Next) -> Result<bool, Fault> {
        let change = next.change(one, version, self.parts.clock.now());
        let is_written = self.parts.store.update_delivery(&change).await?;
        if is_written {
            one.written();
            // What is due at once is taken up at once.
            self.bell.notify_waiters();
        }
        Ok(is_written)
    }

    /// The same for the outcome of a call, which is worth some tries: what is lost here is in doubt.
    async fn write_surely(&self, one: &mut Delivery, version: u64, next: Next) -> Result<(), Fault> {
        let Next { due, content } = next;
        let mut tries = 0;
        loop {
            match self.write(one, version, Next { due, content: content.clone() }).await {
                Ok(_) => return Ok(()),
                Err(fault) if tries + 1 >= MOST_TRIES => return Err(fault),
                Err(_) => tries += 1,
            }
            tokio::time::sleep(Duration::from_millis(100 << tries)).await;
        }
    }
}

/// What to call, with the intent noted in the delivery; or what becomes of it without any call.
fn decide(post: &Post, one: &mut Delivery, content: &[u8], now: Timestamp) -> Result<Result<Call, Next>, Refusal> {
    let settings = post.agency.settings();
    let is_late = is_late(post, one, now);
    if one.is_in_doubt() {
        let repeats = repeats(post, one);
        if repeats == Repeats::Never {
            one.park(ParkedBecause::UnknownOutcome);
            return Ok(Err(Next::never()));
        }
        if is_late {
            one.park(ParkedBecause::NoAnswer);
            return Ok(Err(Next::never()));
        }
        one.begin_again(now);
        return Ok(Ok(if repeats == Repeats::ByKey { Call::SendAgain } else { Call::LookUp }));
    }
    if one.state != SubmissionState::Queued {
        let reference = one.reference();
        let findings = post.agency.check(&filing(one, &reference, content));
        if is_rejected(&findings) {
            one.fail_validation(findings)?;
            return Ok(Err(Next { due: None, content: Content::Drop }));
        }
        one.pass_validation()?;
    }
    if is_late {
        one.give_up()?;
        let due = one.state.is_with_agency().then(|| now.plus(settings.look_every()));
        return Ok(Err(Next { due, content: Content::Drop }));
    }
    one.begin(now)?;
    Ok(Ok(Call::Send))
}

/// Whether it has waited for as long as anything waits for this agency.
fn is_late(post: &Post, one: &Delivery, now: Timestamp) -> bool {
    now >= one.since.plus(post.agency.settings().give_up_after())
}

/// Nothing was sent: too late to be sure that the lease holds until the call has ended, or it may not be.
fn unsent(one: &mut Delivery, call: Call, due: Timestamp) -> Result<Next, Refusal> {
    if call == Call::Send {
        one.not_taken()?;
    }
    Ok(Next::at(due))
}

fn delegation_over() -> Finding {
    let (ja, en) = (
        "委任が終了しているため、送信しませんでした。申請者の新しい委任を受けてから、改めて提出してください。",
        "The delegation is over, so it was not sent. File anew once the company has given you another.",
    );
    Finding::reject("MG900", "", ja, en)
}

/// How long after an intent without an outcome its delivery is taken up again, beside the lease.
fn settles_after(post: &Post, one: &Delivery) -> Duration {
    let is_asked = repeats(post, one) == Repeats::AfterLookUp;
    if is_asked { post.agency.settings().look_up_after() } else { Duration::ZERO }
}

/// What the agency allows when nobody knows whether this had its effect.
fn repeats(post: &Post, one: &Delivery) -> Repeats {
    post.agency.repeats(&filing(one, &one.reference(), &[]))
}

pub(super) fn filing<'a>(one: &'a Delivery, reference: &'a str, content: &'a [u8]) -> Filing<'a> {
    Filing {
        reference,
        act: one.act,
        arrival: one.arrival.as_ref().filter(|_| one.act != Act::File),
        procedure: &one.procedure,
        applicant: one.applicant.as_str(),
        content,
    }
}

/// A step that the rules of deliveries do not allow here is our own mistake.
pub(super) fn broken(refusal: Refusal) -> Fault {
    Fault::Internal(refusal.public)
}
