//! How what an agency has stands there.

use super::Submissions;
use super::deliver::Next;
use super::post::Post;
use super::work::Leased;
use crate::adapters::agency::Seen;
use crate::adapters::breaker::Health;
use crate::domain::ids::DocumentId;
use crate::domain::submission::{Delivery, Document};
use crate::domain::{Fault, Timestamp};
use crate::store::{Content, HeldDelivery};
use std::time::Duration;

/// After a decision looks are as far apart as this part of the time since then.
const PART_OF_TIME: u32 = 8;
/// But never further.
const FURTHEST_APART: Duration = Duration::from_hours(24);

impl Submissions {
    /// Asks, and writes down what is news. What makes no sense from an agency changes nothing.
    pub(super) async fn look(&self, post: &Post, leased: Leased) -> Result<(), Fault> {
        let HeldDelivery { delivery: mut one, version, .. } = leased.held;
        let Some(arrival) = one.arrival.clone() else {
            return Err(Fault::Internal("an agency has a filing without a number".into()));
        };
        let seen = post.agency.look(&one.procedure, &arrival).await;
        let now = self.parts.clock.now();
        let every = post.agency.settings().look_every();
        let (standing, pause) = match seen {
            Seen::Standing(standing) => (Some(standing), every),
            Seen::WithDocuments(standing, announced) => {
                // Before the delivery is written: when that ends the looks, nothing is forgotten. A document that was
                // heard of before is known by its reference.
                for said in &announced {
                    let id = DocumentId::generate(&*self.parts.entropy);
                    self.parts.store.insert_document(&Document::new(id, &one, &arrival, said, now), None).await?;
                }
                (Some(standing), every)
            }
            Seen::NoAnswer(pause) => (None, pause.unwrap_or(every)),
        };
        post.report(if standing.is_some() { Health::Well } else { Health::Ill }, now);
        // What is over stays so; only what came after it is looked for.
        let standing = standing.filter(|_| !one.state.is_final());
        if let Some(Err(refusal)) = standing.map(|standing| one.seen(standing)) {
            tracing::warn!(delivery.id = %one.id, %refusal, "an agency says what cannot be");
        }
        let life =
            if post.agency.has_documents() { post.agency.settings().documents_after_end() } else { Duration::ZERO };
        one.note_decision(now);
        let due = next_look(&one, (now, pause), life);
        self.write(&mut one, version, Next { due, content: Content::Drop }).await.map(drop)
    }
}

/// When to look again: as long as the agency has not decided, and for so long after it has, less and less often.
fn next_look(one: &Delivery, (now, pause): (Timestamp, Duration), life: Duration) -> Option<Timestamp> {
    if !one.state.is_final() {
        return Some(now.plus(pause));
    }
    let decided = one.decided_at?;
    let apart = (now.since(decided) / PART_OF_TIME).min(FURTHEST_APART);
    Some(now.plus(pause.max(apart))).filter(|next| *next < decided.plus(life))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::submission::SubmissionState;

    const DAY: Duration = Duration::from_hours(24);

    /// A delivery in this state, decided on at 0.
    fn delivery(state: &str, decided: bool) -> Delivery {
        let decided = decided.then(|| Timestamp::from_seconds(0));
        let one = serde_json::json!({
            "id": "dlv_1", "submission": "sub_1", "client": "payroll", "applicant": "8000000990001", "agency": "e-gov",
            "procedure": "1", "place": 0, "state": state, "act": "file", "round": 0, "attempts": 1,
            "since": Timestamp::from_seconds(0), "tried_at": null, "arrival": "1", "action": null, "findings": [],
            "parked": null, "resume": null, "decided_at": decided,
        });
        serde_json::from_value(one).unwrap()
    }

    #[test]
    fn looks_go_on_less_and_less_often_until_nothing_can_be_fetched_any_more() {
        let (pause, life) = (Duration::from_mins(1), DAY * 90);
        let review = delivery("under_review", false);
        assert_eq!(next_look(&review, (Timestamp::from_seconds(5), pause), life), Some(Timestamp::from_seconds(65)));
        let over = delivery("completed", true);
        let (mut now, mut looks, mut longest) = (Timestamp::from_seconds(0), 0, Duration::ZERO);
        while let Some(next) = next_look(&over, (now, pause), life) {
            assert!(next > now && next < Timestamp::from_seconds(0).plus(life));
            longest = longest.max(next.since(now));
            (now, looks) = (next, looks + 1);
        }
        assert!((100..250).contains(&looks), "{looks}");
        assert_eq!(longest, FURTHEST_APART);
        assert_eq!(next_look(&over, (Timestamp::from_seconds(1), pause), Duration::ZERO), None);
        assert_eq!(next_look(&delivery("cancelled", false), (now, pause), life), None);
    }

    #[test]
    fn only_a_decision_of_the_agency_is_noted_and_only_once() {
        let (first, later) = (Timestamp::from_seconds(1), Timestamp::from_seconds(2));
        for (state, wanted) in
            [("completed", Some(first)), ("returned", Some(first)), ("cancelled", None), ("arrived", None)]
        {
            let mut one = delivery(state, false);
            one.note_decision(first);
            one.note_decision(later);
            assert_eq!(one.decided_at, wanted, "{state}");
            assert!(SubmissionState::parse(state).is_some());
        }
    }
}
