//! Applications that are handed in together (ライフイベント一括申請): all of them, or none.

use super::applications::{arrive, held, taken, write};
use super::{PostgresStore, ask, attachments};
use crate::domain::Fault;
use crate::domain::application::Application;
use crate::domain::ids::ApplicationBatchId;
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{
    ApplicationBatchStore, HeldApplication, InsertedApplication, InsertedApplicationBatch, application,
};
use async_trait::async_trait;
use sqlx::PgConnection;
use std::sync::Arc;

statements! {
    LIST = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = applications.id),
            version, place, readings, read_at
        FROM applications WHERE batch_id = $1";
}

/// Each is written before any of them has a place: whoever has a municipality's head needs nothing more but other heads,
/// and takes those in one order.
async fn insert_all(
    connection: &mut PgConnection,
    new: &[Application],
    vault: &Vault,
) -> Result<InsertedApplicationBatch, Fault> {
    attachments::lock(connection, new).await?;
    for (n, one) in new.iter().enumerate() {
        match write(connection, one, None, vault).await? {
            Ok(()) => {}
            Err(Some(InsertedApplication::CertificateGone)) => return Ok(InsertedApplicationBatch::CertificateGone(n)),
            Err(Some(InsertedApplication::AttachmentGone)) => return Ok(InsertedApplicationBatch::AttachmentGone(n)),
            Err(_) => return Ok(InsertedApplicationBatch::KeyReused),
        }
    }
    let mut order: Vec<(usize, &Application)> = new.iter().enumerate().collect();
    order.sort_by(|(_, one), (_, other)| one.municipality.cmp(&other.municipality));
    let mut all = Vec::with_capacity(new.len());
    for (n, one) in order {
        all.push((n, arrive(connection, one, vault).await?));
    }
    all.sort_by_key(|(n, _)| *n);
    Ok(InsertedApplicationBatch::New(all.into_iter().map(|(_, held)| held).collect()))
}

#[async_trait]
impl ApplicationBatchStore for PostgresStore {
    async fn insert_application_batch(&self, new: &[Application]) -> Result<InsertedApplicationBatch, Fault> {
        let (all, vault) = (new.to_vec(), Arc::clone(&self.vault));
        let inserted = self.transact(async move |mut transaction| {
            let inserted = insert_all(&mut transaction, &all, &vault).await?;
            match inserted {
                InsertedApplicationBatch::New(_) => transaction.commit().await?,
                _ => transaction.rollback().await?,
            }
            Ok(inserted)
        });
        let (inserted, Some(first)) = (inserted.await?, new.first()) else {
            return Ok(InsertedApplicationBatch::New(Vec::new()));
        };
        if inserted != InsertedApplicationBatch::KeyReused {
            return Ok(inserted);
        }
        // Another call was first, and has committed by now.
        Ok(match taken(&mut *self.pool.acquire().await?, first, &self.vault).await? {
            Some(InsertedApplication::Same(held)) => application::same_batch(*held),
            _ => InsertedApplicationBatch::KeyReused,
        })
    }

    async fn list_application_batch(&self, id: &ApplicationBatchId) -> Result<Vec<HeldApplication>, Fault> {
        let rows = ask(LIST).bind(id.as_str()).fetch_all(&self.pool).await?;
        let all: Result<Vec<_>, Fault> = rows.iter().filter_map(|row| held(row, &self.vault).transpose()).collect();
        all.map(application::in_order)
    }
}
