//! Applications that are handed in together (ライフイベント一括申請): all of them, or none.

use super::SqliteStore;
use super::applications::{held, insert};
use super::database::Database;
use super::writer::Done;
use crate::domain::Fault;
use crate::domain::application::Application;
use crate::domain::ids::ApplicationBatchId;
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{
    ApplicationBatchStore, HeldApplication, InsertedApplication, InsertedApplicationBatch, application,
};
use async_trait::async_trait;
use std::sync::Arc;

statements! {
    LIST = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = applications.id),
            version, place, readings, read_at
        FROM applications WHERE batch_id = ?1";
}

fn insert_all(database: Database<'_>, new: &[Application], vault: &Vault) -> Result<InsertedApplicationBatch, Fault> {
    let mut all = Vec::with_capacity(new.len());
    for (n, one) in new.iter().enumerate() {
        match insert(database, one, None, vault)? {
            InsertedApplication::New(held) => all.push(*held),
            InsertedApplication::Same(held) => return Ok(application::same_batch(*held)),
            InsertedApplication::CertificateGone => return Ok(InsertedApplicationBatch::CertificateGone(n)),
            InsertedApplication::AttachmentGone => return Ok(InsertedApplicationBatch::AttachmentGone(n)),
            InsertedApplication::KeyReused | InsertedApplication::DraftGone => {
                return Ok(InsertedApplicationBatch::KeyReused);
            }
        }
    }
    Ok(InsertedApplicationBatch::New(all))
}

#[async_trait]
impl ApplicationBatchStore for SqliteStore {
    async fn insert_application_batch(&self, new: &[Application]) -> Result<InsertedApplicationBatch, Fault> {
        let (new, vault) = (new.to_vec(), Arc::clone(&self.vault));
        let work = move |database: Database<'_>| {
            let inserted = insert_all(database, &new, &vault)?;
            let is_new = matches!(inserted, InsertedApplicationBatch::New(_));
            Ok(if is_new { Done::Keep(inserted) } else { Done::Undo(inserted) })
        };
        self.writer.write(work).await
    }

    async fn list_application_batch(&self, id: &ApplicationBatchId) -> Result<Vec<HeldApplication>, Fault> {
        let all = |database: Database<'_>| database.list_readable(LIST, [id.as_str()], |row| held(row, &self.vault));
        self.read(all).map(application::in_order)
    }
}
