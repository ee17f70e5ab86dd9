//! What the registry says of a company that it registered, if it can be believed.

use crate::domain::establishment::{Establishment, RegistryEntry, Stage};
use crate::domain::submission::Delivery;
use crate::submissions::Submissions;

impl Submissions {
    /// The entry; none while the bureau does not tell it, or tells what cannot be the answer to this form.
    pub(super) async fn entry(&self, one: &Establishment, part: &Delivery) -> Option<RegistryEntry> {
        let post = self.posts.get(&part.agency)?;
        let entry = post.agency.registry_entry(part.arrival.as_ref()?).await?;
        let today = self.parts.clock.now().date_in_japan();
        let record = one.stage(Stage::Registration)?;
        let handed_in = record.intent_at.unwrap_or(record.begun_at).date_in_japan();
        match entry.believe(&one.form, &one.filer, (handed_in, today)) {
            Ok(()) => Some(entry),
            Err(why) => {
                tracing::warn!(establishment.id = %one.id, agency = part.agency, %why, "an entry is not believed");
                None
            }
        }
    }
}
