//! How what an agency has stands there.

use super::Submissions;
use super::deliver::Next;
use super::post::Post;
use super::work::Leased;
use crate::adapters::agency::Seen;
use crate::adapters::breaker::Health;
use crate::domain::Fault;
use crate::store::{Content, HeldDelivery};

impl Submissions {
    /// Asks, and writes down what is news. What makes no sense from an agency changes nothing.
    pub(super) async fn look(&self, post: &Post, leased: Leased) -> Result<(), Fault> {
        let HeldDelivery { delivery: mut one, version, .. } = leased.held;
        let Some(arrival) = one.arrival.clone() else {
            return Err(Fault::Internal("an agency has a filing without a number".into()));
        };
        let seen = post.agency.look(&arrival).await;
        let now = self.parts.clock.now();
        let every = post.agency.settings().look_every();
        let pause = match seen {
            Seen::Standing(standing) => {
                post.breaker.report(Health::Well, now);
                if let Err(refusal) = one.seen(standing) {
                    tracing::warn!(delivery.id = %one.id, %refusal, "an agency says what cannot be");
                }
                every
            }
            Seen::NoAnswer(pause) => {
                post.breaker.report(Health::Ill, now);
                pause.unwrap_or(every)
            }
        };
        let due = (!one.state.is_final()).then(|| now.plus(pause));
        self.write(&mut one, version, Next { due, content: Content::Drop }).await.map(drop)
    }
}
