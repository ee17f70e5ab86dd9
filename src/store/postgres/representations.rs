//! Who may act for whom.

use super::evidence::queue_events;
use super::{PostgresStore, ask, body, is_one};
use crate::domain::evidence::Event;
use crate::domain::ids::{RepresentationId, SubjectId};
use crate::domain::representation::{Representation, RepresentationEnd, Turn};
use crate::domain::{Entropy, Fault, Timestamp};
use crate::store::RepresentationStore;
use crate::store::record;
use crate::store::statement::statements;
use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use std::sync::Arc;

statements! {
    END_OVER = "UPDATE representations SET state = 'ended', changed_at = expires_at, ended_by = 'time'
        WHERE principal_id = $1 AND representative_id = $2 AND kind = $3 AND state <> 'ended' AND expires_at <= $4
        RETURNING body, state, changed_at, ended_by";
    INSERT = "INSERT INTO representations
            (id, principal_id, representative_id, kind, state, created_at, expires_at, body)
        VALUES ($1, $2, $3, $4, 'active', $5, $6, $7)
        ON CONFLICT (principal_id, representative_id, kind) WHERE state <> 'ended' DO NOTHING";
    FIND = "SELECT body, state, changed_at, ended_by FROM representations WHERE id = $1";
    LIST_OF_PRINCIPAL = "SELECT body, state, changed_at, ended_by FROM representations
        WHERE principal_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2";
    LIST_OF_REPRESENTATIVE = "SELECT body, state, changed_at, ended_by FROM representations
        WHERE representative_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2";
    TURN = "UPDATE representations SET state = $2::text, changed_at = $3, ended_by = $4
        WHERE id = $1 AND expires_at > $3 AND ($2::text = 'ended' AND state <> 'ended'
            OR $2::text = 'frozen' AND state = 'active' OR $2::text = 'active' AND state = 'frozen')
        RETURNING body, state, changed_at, ended_by";
}

fn representation(row: &PgRow) -> Result<Representation, Fault> {
    record::representation(body(row)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?)
}

async fn queue(
    connection: &mut PgConnection,
    one: &Representation,
    (word, at): (&str, Timestamp),
    entropy: &dyn Entropy,
) -> Result<(), Fault> {
    let event = Event::Representation { id: &one.id, kind: one.kind, principal: &one.principal, word, at };
    queue_events(connection, &[event], entropy).await
}

#[async_trait]
impl RepresentationStore for PostgresStore {
    async fn insert_representation(&self, new: &Representation) -> Result<bool, Fault> {
        let (new, text, entropy) = (new.clone(), record::write(new)?, Arc::clone(&self.entropy));
        self.transact(async move |mut transaction| {
            let (principal, representative) = (new.principal.as_str(), new.representative.as_str());
            let (kind, now) = (new.kind.as_str(), new.created_at);
            let end = ask(END_OVER).bind(principal).bind(representative).bind(kind).bind(now.millis());
            for row in end.fetch_all(&mut *transaction).await? {
                let word = Turn::End(RepresentationEnd::Time).word();
                queue(&mut transaction, &representation(&row)?, (word, now), &*entropy).await?;
            }
            let insert = ask(INSERT).bind(new.id.as_str()).bind(principal).bind(representative).bind(kind);
            let insert = insert.bind(now.millis()).bind(new.expires_at.millis()).bind(&text);
            if !is_one(insert, &mut transaction).await? {
                transaction.rollback().await?;
                return Ok(false);
            }
            queue(&mut transaction, &new, ("registered", now), &*entropy).await?;
            transaction.commit().await?;
            Ok(true)
        })
        .await
    }

    async fn find_representation(&self, id: &RepresentationId) -> Result<Option<Representation>, Fault> {
        let found = ask(FIND).bind(id.as_str()).fetch_optional(&self.pool).await?;
        found.as_ref().map(representation).transpose()
    }

    async fn list_representatives(&self, principal: &SubjectId, limit: u32) -> Result<Vec<Representation>, Fault> {
        let list = ask(LIST_OF_PRINCIPAL).bind(principal.as_str()).bind(i64::from(limit));
        list.fetch_all(&self.pool).await?.iter().map(representation).collect()
    }

    async fn list_represented(&self, representative: &SubjectId, limit: u32) -> Result<Vec<Representation>, Fault> {
        let list = ask(LIST_OF_REPRESENTATIVE).bind(representative.as_str()).bind(i64::from(limit));
        list.fetch_all(&self.pool).await?.iter().map(representation).collect()
    }

    async fn turn_representation(&self, id: &RepresentationId, turn: Turn, at: Timestamp) -> Result<bool, Fault> {
        let (id, entropy) = (id.clone(), Arc::clone(&self.entropy));
        self.transact(async move |mut transaction| {
            let by = turn.end().map(RepresentationEnd::as_str);
            let turned = ask(TURN).bind(id.as_str()).bind(turn.state()).bind(at.millis()).bind(by);
            let Some(row) = turned.fetch_optional(&mut *transaction).await? else {
                transaction.rollback().await?;
                return Ok(false);
            };
            queue(&mut transaction, &representation(&row)?, (turn.word(), at), &*entropy).await?;
            transaction.commit().await?;
            Ok(true)
        })
        .await
    }
}
