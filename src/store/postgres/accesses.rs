//! The access history.

use super::data_keys::{key_of, opened};
use super::evidence::kept;
use super::{PostgresStore, ask};
use crate::domain::Fault;
use crate::domain::access::Access;
use crate::domain::evidence::{Event, Leaf};
use crate::domain::ids::{AccessId, SubjectId};
use crate::store::record;
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{AccessStore, Before};
use async_trait::async_trait;
use sqlx::postgres::PgRow;

statements! {
    /// The lines, what is kept of them as evidence, and their leaves.
    INSERT = "WITH lines AS (
            INSERT INTO accesses (id, at, subject_id, body, grant_id)
            SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $10::text[])),
        kept AS (
            INSERT INTO evidence_records (receipt, at, subject_id, client_id, salt, body, key_id)
            SELECT * FROM
            unnest($5::text[], $2::bigint[], $3::text[], $6::text[], $7::bytea[], $8::text[], $10::text[]))
        INSERT INTO evidence_queue (receipt, commitment) SELECT * FROM unnest($5::text[], $9::bytea[])";
    LIST_NEWEST = "SELECT body, id, grant_id, (SELECT sealed FROM data_keys WHERE data_keys.id = grant_id)
        FROM accesses WHERE subject_id = $1 ORDER BY at DESC, id DESC LIMIT $2";
    LIST_BEFORE = "SELECT body, id, grant_id, (SELECT sealed FROM data_keys WHERE data_keys.id = grant_id)
        FROM accesses WHERE subject_id = $1 AND (at, id) < ($3, $4) ORDER BY at DESC, id DESC LIMIT $2";
}

fn access(row: &PgRow, vault: &Vault) -> Result<Option<Access>, Fault> {
    opened(row, vault, "access", 1)?.map(|body| record::read("access", &body)).transpose()
}

#[async_trait]
impl AccessStore for PostgresStore {
    async fn insert_accesses(&self, lines: &[Access]) -> Result<(), Fault> {
        let ids: Vec<&str> = lines.iter().map(|line| line.id.as_str()).collect();
        let moments: Vec<i64> = lines.iter().map(|line| line.at.millis()).collect();
        let subjects: Vec<&str> = lines.iter().map(|line| line.subject.as_str()).collect();
        let grants: Vec<&str> = lines.iter().map(|line| line.grant.as_str()).collect();
        let mut connection = self.pool.acquire().await?;
        let (mut bodies, mut leaves, mut records) = (Vec::new(), Vec::new(), Vec::new());
        for line in lines {
            let key = key_of(&mut connection, &self.vault, line.grant.as_str()).await?;
            bodies.push(self.vault.seal(&key, &format!("access:{}", line.id), line)?);
            let leaf = Leaf::of(&Event::Access(line), self.vault.entropy());
            records.push(kept(&leaf, Some(&key), &self.vault)?);
            leaves.push(leaf);
        }
        let insert = ask(INSERT).bind(ids).bind(moments).bind(subjects).bind(bodies);
        let insert = insert.bind(leaves.iter().map(|leaf| leaf.receipt.as_str()).collect::<Vec<_>>());
        let insert = insert.bind(lines.iter().map(|line| line.client.as_str()).collect::<Vec<_>>());
        let insert = insert.bind(records.iter().map(|(salt, _)| salt.as_slice()).collect::<Vec<_>>());
        let insert = insert.bind(records.iter().map(|(_, body)| body.as_str()).collect::<Vec<_>>());
        let insert = insert.bind(leaves.iter().map(|leaf| leaf.commitment.as_bytes().as_slice()).collect::<Vec<_>>());
        insert.bind(grants).execute(&mut *connection).await?;
        Ok(())
    }

    async fn list_accesses(&self, subject: &SubjectId, before: &Before<AccessId>) -> Result<Vec<Access>, Fault> {
        let list = match &before.entry {
            None => ask(LIST_NEWEST).bind(subject.as_str()).bind(i64::from(before.limit)),
            Some((at, id)) => {
                let list = ask(LIST_BEFORE).bind(subject.as_str()).bind(i64::from(before.limit));
                list.bind(at.millis()).bind(id.as_str())
            }
        };
        let rows = list.fetch_all(&self.pool).await?;
        rows.iter().filter_map(|row| access(row, &self.vault).transpose()).collect()
    }
}
