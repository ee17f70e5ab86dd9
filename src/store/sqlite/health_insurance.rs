//! By which card citizens are known where a health insurance card is asked for.

use super::SqliteStore;
use super::data_keys::{key_of, opened};
use super::erasure::is_closed;
use super::evidence::queue_event;
use crate::domain::health_insurance::{InsuranceLease, InsuranceRegistration};
use crate::domain::ids::SubjectId;
use crate::domain::{Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{HealthInsuranceStore, InsuranceChange, LeasedInsurance, health_insurance};
use async_trait::async_trait;
use rusqlite::{Row, params};
use std::sync::Arc;

statements! {
    FIND = "SELECT body, subject_id, subject_id, (SELECT sealed FROM data_keys WHERE data_keys.id = subject_id)
        FROM health_insurance WHERE subject_id = ?1";
    LEASE = "INSERT INTO health_insurance (subject_id, turn, leased_until) VALUES (?1, 1, ?3)
        ON CONFLICT (subject_id) DO UPDATE SET turn = turn + 1, leased_until = excluded.leased_until
        WHERE leased_until <= ?2
        RETURNING body, subject_id, subject_id, (SELECT sealed FROM data_keys WHERE data_keys.id = subject_id), turn";
    KEEP = "UPDATE health_insurance SET turn = turn + 1, leased_until = 0 WHERE subject_id = ?1 AND turn = ?2";
    CHANGE = "UPDATE health_insurance SET turn = turn + 1, leased_until = 0, body = ?3
        WHERE subject_id = ?1 AND turn = ?2";
}

/// None where there is no registration, or its key was destroyed.
fn held(row: &Row<'_>, vault: &Vault) -> Result<Option<InsuranceRegistration>, Fault> {
    let is_there = row.get::<_, Option<String>>(0)?.is_some();
    health_insurance::read(if is_there { opened(row, vault, health_insurance::KIND, 1)? } else { None })
}

#[async_trait]
impl HealthInsuranceStore for SqliteStore {
    async fn find_insurance(&self, subject: &SubjectId) -> Result<Option<InsuranceRegistration>, Fault> {
        let read = |row: &Row<'_>| held(row, &self.vault);
        self.read(|database| Ok(database.find(FIND, [subject.as_str()], read)?.flatten()))
    }

    async fn lease_insurance(
        &self,
        subject: &SubjectId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<LeasedInsurance, Fault> {
        let (subject, vault) = (subject.clone(), Arc::clone(&self.vault));
        self.write(move |database| {
            if is_closed(database, subject.as_str())? {
                return Ok(LeasedInsurance::NobodyThere);
            }
            let read = |row: &Row<'_>| Ok((row.get(4)?, held(row, &vault)?));
            let values = params![subject.as_str(), now.millis(), until.millis()];
            Ok(health_insurance::leased(&subject, database.find(LEASE, values, read)?))
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
        self.take(move |database| {
            let person = lease.subject.as_str();
            let body = match change {
                InsuranceChange::Unchanged => return Ok(database.execute(KEEP, params![person, lease.turn])? == 1),
                InsuranceChange::Ended => None,
                InsuranceChange::Registered(new) => {
                    let key = key_of(database, &vault, person)?;
                    Some(vault.seal(&key, &health_insurance::name(&lease.subject), &new)?)
                }
            };
            let is_ours = database.execute(CHANGE, params![person, lease.turn, body])? == 1;
            if let Some(event) = health_insurance::event(&lease, change, at).filter(|_| is_ours) {
                queue_event(database, &event, &vault)?;
            }
            Ok(is_ours)
        })
        .await
    }
}
