//! Who may act for whom.

use super::SqliteStore;
use super::database::Database;
use super::evidence::queue_event;
use crate::domain::evidence::Event;
use crate::domain::ids::{RepresentationId, SubjectId};
use crate::domain::representation::{Representation, RepresentationEnd, Turn};
use crate::domain::{Entropy, Fault, Timestamp};
use crate::store::RepresentationStore;
use crate::store::record;
use crate::store::statement::statements;
use async_trait::async_trait;
use rusqlite::{Row, params};
use std::sync::Arc;

statements! {
    END_OVER = "UPDATE representations SET state = 'ended', changed_at = expires_at, ended_by = 'time'
        WHERE principal_id = ?1 AND representative_id = ?2 AND kind = ?3 AND state <> 'ended' AND expires_at <= ?4
        RETURNING body, state, changed_at, ended_by";
    INSERT = "INSERT INTO representations
            (id, principal_id, representative_id, kind, state, created_at, expires_at, body)
        VALUES (?1, ?2, ?3, ?4, 'active', ?5, ?6, ?7)
        ON CONFLICT (principal_id, representative_id, kind) WHERE state <> 'ended' DO NOTHING";
    FIND = "SELECT body, state, changed_at, ended_by FROM representations WHERE id = ?1";
    LIST_OF_PRINCIPAL = "SELECT body, state, changed_at, ended_by FROM representations
        WHERE principal_id = ?1 ORDER BY created_at DESC, id DESC LIMIT ?2";
    LIST_OF_REPRESENTATIVE = "SELECT body, state, changed_at, ended_by FROM representations
        WHERE representative_id = ?1 ORDER BY created_at DESC, id DESC LIMIT ?2";
    TURN = "UPDATE representations SET state = ?2, changed_at = ?3, ended_by = ?4
        WHERE id = ?1 AND expires_at > ?3 AND (?2 = 'ended' AND state <> 'ended'
            OR ?2 = 'frozen' AND state = 'active' OR ?2 = 'active' AND state = 'frozen')
        RETURNING body, state, changed_at, ended_by";
}

fn representation(row: &Row<'_>) -> Result<Representation, Fault> {
    let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
    record::representation(text(0)?, text(1)?, row.get(2)?, row.get(3)?)
}

fn queue(
    database: Database<'_>,
    one: &Representation,
    (word, at): (&str, Timestamp),
    entropy: &dyn Entropy,
) -> Result<(), Fault> {
    let event = Event::Representation { id: &one.id, kind: one.kind, principal: &one.principal, word, at };
    queue_event(database, &event, entropy)
}

#[async_trait]
impl RepresentationStore for SqliteStore {
    async fn insert_representation(&self, new: &Representation) -> Result<bool, Fault> {
        let (new, body, entropy) = (new.clone(), record::write(new)?, Arc::clone(&self.entropy));
        self.take(move |database| {
            let (principal, representative) = (new.principal.as_str(), new.representative.as_str());
            let (kind, now) = (new.kind.as_str(), new.created_at);
            let over =
                database.list(END_OVER, params![principal, representative, kind, now.millis()], representation)?;
            for one in over {
                queue(database, &one, (Turn::End(RepresentationEnd::Time).word(), now), &*entropy)?;
            }
            let until = new.expires_at.millis();
            let values = params![new.id.as_str(), principal, representative, kind, now.millis(), until, body];
            let is_new = database.execute(INSERT, values)? == 1;
            if is_new {
                queue(database, &new, ("registered", now), &*entropy)?;
            }
            Ok(is_new)
        })
        .await
    }

    async fn find_representation(&self, id: &RepresentationId) -> Result<Option<Representation>, Fault> {
        self.read(|database| database.find(FIND, [id.as_str()], representation))
    }

    async fn list_representatives(&self, principal: &SubjectId, limit: u32) -> Result<Vec<Representation>, Fault> {
        self.read(|database| database.list(LIST_OF_PRINCIPAL, params![principal.as_str(), limit], representation))
    }

    async fn list_represented(&self, representative: &SubjectId, limit: u32) -> Result<Vec<Representation>, Fault> {
        let values = params![representative.as_str(), limit];
        self.read(|database| database.list(LIST_OF_REPRESENTATIVE, values, representation))
    }

    async fn turn_representation(&self, id: &RepresentationId, turn: Turn, at: Timestamp) -> Result<bool, Fault> {
        let (id, entropy) = (id.clone(), Arc::clone(&self.entropy));
        self.take(move |database| {
            let by = turn.end().map(RepresentationEnd::as_str);
            let turned = database.find(TURN, params![id.as_str(), turn.state(), at.millis(), by], representation)?;
            let Some(one) = turned else { return Ok(false) };
            queue(database, &one, (turn.word(), at), &*entropy)?;
            Ok(true)
        })
        .await
    }
}
