//! Decisions of the operator's rules, and the grants that they bear on.

use super::grants::grant;
use super::{PostgresStore, ask, body};
use crate::domain::decision::DecisionRecord;
use crate::domain::grant::Grant;
use crate::domain::ids::{DecisionId, GrantId};
use crate::domain::{Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::{DecisionStore, record};
use async_trait::async_trait;
use sqlx::Row as _;

statements! {
    /// One row for each id, in one order, so that two of these cannot lock each other out.
    KEEP = "INSERT INTO decisions (id, at, body)
        SELECT DISTINCT ON (id) * FROM unnest($1::text[], $2::bigint[], $3::text[]) AS kept (id, at, body) ORDER BY id
        ON CONFLICT (id) DO UPDATE SET at = excluded.at WHERE decisions.at < excluded.at";
    FIND = "SELECT body, at FROM decisions WHERE id = $1";
    LIST_IN_FORCE = "SELECT body, revoked_at, revoked_by, paused_at, held_at, id, id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = grants.id)
        FROM grants WHERE state = 'active' AND subject_id IS NOT NULL AND expires_at > $1 AND id > $2
        ORDER BY id LIMIT $3";
    COUNT_IN_FORCE = "SELECT COUNT(*) FROM grants
        WHERE state = 'active' AND subject_id IS NOT NULL AND expires_at > $1";
}

#[async_trait]
impl DecisionStore for PostgresStore {
    async fn insert_decisions(&self, records: &[DecisionRecord]) -> Result<(), Fault> {
        let ids: Vec<&str> = records.iter().map(|one| one.id.as_str()).collect();
        let moments: Vec<i64> = records.iter().map(|one| one.at.millis()).collect();
        let bodies = records.iter().map(record::write).collect::<Result<Vec<String>, Fault>>()?;
        ask(KEEP).bind(ids).bind(moments).bind(bodies).execute(&self.pool).await?;
        Ok(())
    }

    async fn find_decision(&self, id: &DecisionId) -> Result<Option<DecisionRecord>, Fault> {
        let row = ask(FIND).bind(id.as_str()).fetch_optional(&self.pool).await?;
        row.as_ref().map(|row| record::decision(body(row)?, row.try_get(1)?)).transpose()
    }

    async fn list_grants_in_force(
        &self,
        after: Option<&GrantId>,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Grant>, Fault> {
        let list = ask(LIST_IN_FORCE).bind(now.millis()).bind(after.map_or("", GrantId::as_str));
        let rows = list.bind(i64::from(limit)).fetch_all(&self.pool).await?;
        rows.iter().filter_map(|row| grant(row, &self.vault).transpose()).collect()
    }

    async fn count_grants_in_force(&self, now: Timestamp) -> Result<u64, Fault> {
        let row = ask(COUNT_IN_FORCE).bind(now.millis()).fetch_one(&self.pool).await?;
        let count: i64 = row.try_get(0)?;
        Ok(u64::try_from(count).unwrap_or(0))
    }
}
