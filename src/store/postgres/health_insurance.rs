//! By which card citizens are known where a health insurance card is asked for.

use super::data_keys::{key_of, opened};
use super::erasure::is_closed;
use super::evidence::queue_events;
use super::{PostgresStore, ask, is_one};
use crate::domain::health_insurance::{InsuranceLease, InsuranceRegistration};
use crate::domain::ids::SubjectId;
use crate::domain::{Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{HealthInsuranceStore, InsuranceChange, LeasedInsurance, health_insurance};
use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use std::sync::Arc;

statements! {
    FIND = "SELECT body, subject_id, subject_id, (SELECT sealed FROM data_keys WHERE data_keys.id = subject_id)
        FROM health_insurance WHERE subject_id = $1";
    LEASE = "INSERT INTO health_insurance (subject_id, turn, leased_until) VALUES ($1, 1, $3)
        ON CONFLICT (subject_id) DO UPDATE SET turn = health_insurance.turn + 1, leased_until = excluded.leased_until
        WHERE health_insurance.leased_until <= $2
        RETURNING body, subject_id, subject_id, (SELECT sealed FROM data_keys WHERE data_keys.id = subject_id), turn";
    KEEP = "UPDATE health_insurance SET turn = turn + 1, leased_until = 0 WHERE subject_id = $1 AND turn = $2";
    CHANGE = "UPDATE health_insurance SET turn = turn + 1, leased_until = 0, body = $3
        WHERE subject_id = $1 AND turn = $2";
}

/// None where there is no registration, or its key was destroyed.
fn held(row: &PgRow, vault: &Vault) -> Result<Option<InsuranceRegistration>, Fault> {
    let is_there = row.try_get::<Option<&str>, _>(0)?.is_some();
    health_insurance::read(if is_there { opened(row, vault, health_insurance::KIND, 1)? } else { None })
}

async fn end(
    connection: &mut PgConnection,
    (lease, change): (&InsuranceLease, InsuranceChange),
    at: Timestamp,
    vault: &Vault,
) -> Result<bool, Fault> {
    let person = lease.subject.as_str();
    let body = match change {
        InsuranceChange::Unchanged => return is_one(ask(KEEP).bind(person).bind(lease.turn), connection).await,
        InsuranceChange::Ended => None,
        InsuranceChange::Registered(new) => {
            let key = key_of(&mut *connection, vault, person).await?;
            Some(vault.seal(&key, &health_insurance::name(&lease.subject), &new)?)
        }
    };
    let is_ours = is_one(ask(CHANGE).bind(person).bind(lease.turn).bind(body), &mut *connection).await?;
    if let Some(event) = health_insurance::event(lease, change, at).filter(|_| is_ours) {
        queue_events(connection, &[event], vault).await?;
    }
    Ok(is_ours)
}

#[async_trait]
impl HealthInsuranceStore for PostgresStore {
    async fn find_insurance(&self, subject: &SubjectId) -> Result<Option<InsuranceRegistration>, Fault> {
        let row = ask(FIND).bind(subject.as_str()).fetch_optional(&self.pool).await?;
        Ok(row.map(|row| held(&row, &self.vault)).transpose()?.flatten())
    }

    async fn lease_insurance(
        &self,
        subject: &SubjectId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<LeasedInsurance, Fault> {
        let (subject, vault) = (subject.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            if is_closed(&mut transaction, subject.as_str()).await? {
                transaction.rollback().await?;
                return Ok(LeasedInsurance::NobodyThere);
            }
            let lease = ask(LEASE).bind(subject.as_str()).bind(now.millis()).bind(until.millis());
            let row = lease.fetch_optional(&mut *transaction).await?;
            let given = row.map(|row| Ok::<_, Fault>((row.try_get(4)?, held(&row, &vault)?))).transpose()?;
            transaction.commit().await?;
            Ok(health_insurance::leased(&subject, given))
        })
        .await
    }

    async fn end_insurance_lease(
        &self,
        lease: &InsuranceLease,
        change: InsuranceChange,
        at: Timestamp,
    ) -> Result<bool, Fault> {
        let (lease, vault) = (lease.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let is_ours = end(&mut transaction, (&lease, change), at, &vault).await?;
            transaction.commit().await?;
            Ok(is_ours)
        })
        .await
    }
}
