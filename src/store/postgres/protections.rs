//! Who is under protection measures.

use super::evidence::queue_events;
use super::{PostgresStore, ask, is_one};
use crate::domain::evidence::Event;
use crate::domain::ids::SubjectId;
use crate::domain::{Fault, Timestamp};
use crate::store::ProtectionStore;
use crate::store::statement::statements;
use async_trait::async_trait;
use sqlx::Row as _;
use std::sync::Arc;

statements! {
    INSERT = "INSERT INTO protections (subject_id, since, registered_by) VALUES ($1, $2, $3)
        ON CONFLICT (subject_id) DO NOTHING";
    DELETE = "DELETE FROM protections WHERE subject_id = $1";
    /// A row for everybody, so that nothing differs but the answer.
    FIND = "SELECT EXISTS (SELECT 1 FROM protections WHERE subject_id = $1)";
    CANCEL = "UPDATE requests SET state = 'cancelled', result = NULL WHERE state IN ('accepted', 'completed')
        AND grant_id IN (SELECT id FROM grants WHERE subject_id = $1 AND representation_id IS NOT NULL)";
}

#[async_trait]
impl ProtectionStore for PostgresStore {
    async fn insert_protection(&self, person: &SubjectId, operator: &str, at: Timestamp) -> Result<bool, Fault> {
        let (person, operator, vault) = (person.clone(), operator.to_owned(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let insert = ask(INSERT).bind(person.as_str()).bind(at.millis()).bind(&operator);
            if !is_one(insert, &mut transaction).await? {
                transaction.rollback().await?;
                return Ok(false);
            }
            ask(CANCEL).bind(person.as_str()).execute(&mut *transaction).await?;
            let event = Event::Protection { person: &person, word: "protected", operator: &operator, at };
            queue_events(&mut transaction, &[event], &vault).await?;
            transaction.commit().await?;
            Ok(true)
        })
        .await
    }

    async fn delete_protection(&self, person: &SubjectId, operator: &str, at: Timestamp) -> Result<bool, Fault> {
        let (person, operator, vault) = (person.clone(), operator.to_owned(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            if !is_one(ask(DELETE).bind(person.as_str()), &mut transaction).await? {
                transaction.rollback().await?;
                return Ok(false);
            }
            let event = Event::Protection { person: &person, word: "protection_lifted", operator: &operator, at };
            queue_events(&mut transaction, &[event], &vault).await?;
            transaction.commit().await?;
            Ok(true)
        })
        .await
    }

    async fn is_protected(&self, person: &SubjectId) -> Result<bool, Fault> {
        Ok(ask(FIND).bind(person.as_str()).fetch_one(&self.pool).await?.try_get(0)?)
    }
}
