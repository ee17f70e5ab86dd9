//! How what an agency has stands there.

use super::Submissions;
use super::deliver::Next;
use super::post::Post;
use super::work::Leased;
use crate::adapters::agency::Seen;
use crate::adapters::breaker::Health;
use crate::domain::Fault;
use crate::domain::ids::DocumentId;
use crate::domain::submission::Document;
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
        let (standing, pause) = match seen {
            Seen::Standing(standing) => (Some(standing), every),
            Seen::WithDocuments(standing, announced) => {
                // Before the delivery is written: when that ends the looks, nothing is forgotten. A document that was
                // heard of before is known by its reference.
                for said in &announced {
                    let id = DocumentId::generate(&*self.parts.entropy);
                    self.parts.store.insert_document(&Document::new(id, &one, &arrival, said, now)).await?;
                }
                (Some(standing), every)
            }
            Seen::NoAnswer(pause) => (None, pause.unwrap_or(every)),
        };
        post.breaker.report(if standing.is_some() { Health::Well } else { Health::Ill }, now);
        if let Some(Err(refusal)) = standing.map(|standing| one.seen(standing)) {
            tracing::warn!(delivery.id = %one.id, %refusal, "an agency says what cannot be");
        }
        let due = (!one.state.is_final()).then(|| now.plus(pause));
        self.write(&mut one, version, Next { due, content: Content::Drop }).await.map(drop)
    }
}
