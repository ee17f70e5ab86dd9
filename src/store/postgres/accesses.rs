//! The access history.

use super::{PostgresStore, ask, body};
use crate::domain::Fault;
use crate::domain::access::Access;
use crate::domain::ids::{AccessId, SubjectId};
use crate::store::record;
use crate::store::statement::statements;
use crate::store::{AccessStore, Before};
use async_trait::async_trait;
use sqlx::postgres::PgRow;

statements! {
    INSERT = "INSERT INTO accesses (id, at, subject_id, body)
        SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[])";
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
        let insert = ask(INSERT).bind(ids).bind(moments).bind(subjects).bind(bodies);
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
