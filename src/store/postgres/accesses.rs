//! The access history.

use super::{PostgresStore, ask, body};
use crate::domain::Fault;
use crate::domain::access::Access;
use crate::domain::evidence::{Event, Leaf};
use crate::domain::ids::{AccessId, SubjectId};
use crate::store::record;
use crate::store::statement::statements;
use crate::store::{AccessStore, Before};
use async_trait::async_trait;
use sqlx::postgres::PgRow;

statements! {
    /// The lines, what is kept of them as evidence, and their leaves.
    INSERT = "WITH lines AS (
            INSERT INTO accesses (id, at, subject_id, body)
            SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[])),
        kept AS (
            INSERT INTO evidence_records (receipt, at, subject_id, client_id, salt, body)
            SELECT * FROM unnest($5::text[], $2::bigint[], $3::text[], $6::text[], $7::bytea[], $8::text[]))
        INSERT INTO evidence_queue (receipt, commitment) SELECT * FROM unnest($5::text[], $9::bytea[])";
    LIST_NEWEST = "SELECT body FROM accesses WHERE subject_id = $1 ORDER BY at DESC, id DESC LIMIT $2";
    LIST_BEFORE = "SELECT body FROM accesses WHERE subject_id = $1 AND (at, id) < ($3, $4)
        ORDER BY at DESC, id DESC LIMIT $2";
}

fn access(row: &PgRow) -> Result<Access, Fault> {
    record::read("access", body(row)?)
}

#[async_trait]
impl AccessStore for PostgresStore {
    async fn insert_accesses(&self, lines: &[Access]) -> Result<(), Fault> {
        let ids: Vec<&str> = lines.iter().map(|line| line.id.as_str()).collect();
        let moments: Vec<i64> = lines.iter().map(|line| line.at.millis()).collect();
        let subjects: Vec<&str> = lines.iter().map(|line| line.subject.as_str()).collect();
        let bodies = lines.iter().map(record::write).collect::<Result<Vec<String>, Fault>>()?;
        let leaves: Vec<Leaf> = lines.iter().map(|line| Leaf::of(&Event::Access(line), &*self.entropy)).collect();
        let insert = ask(INSERT).bind(ids).bind(moments).bind(subjects).bind(bodies);
        let insert = insert.bind(leaves.iter().map(|leaf| leaf.receipt.as_str()).collect::<Vec<_>>());
        let insert = insert.bind(lines.iter().map(|line| line.client.as_str()).collect::<Vec<_>>());
        let insert = insert.bind(leaves.iter().map(|leaf| leaf.salt.as_slice()).collect::<Vec<_>>());
        let insert = insert.bind(leaves.iter().map(|leaf| leaf.record.as_str()).collect::<Vec<_>>());
        let insert = insert.bind(leaves.iter().map(|leaf| leaf.commitment.as_bytes().as_slice()).collect::<Vec<_>>());
        insert.execute(&self.pool).await?;
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
        list.fetch_all(&self.pool).await?.iter().map(access).collect()
    }
}
