//! Clients.

use super::SqliteStore;
use super::database::Database;
use super::evidence::queue_event;
use super::submissions::insert_event;
use crate::domain::client::Client;
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::evidence::Event;
use crate::domain::ids::ClientId;
use crate::domain::submission::SubmissionEvent;
use crate::domain::{Fault, Timestamp};
use crate::store::ClientStore;
use crate::store::filing::{told, told_municipality};
use crate::store::record;
use crate::store::statement::statements;
use crate::store::vault::Vault;
use async_trait::async_trait;
use rusqlite::{Row, params};
use std::sync::Arc;

statements! {
    FIND = "SELECT body FROM clients WHERE id = ?1";
    LIST = "SELECT body FROM clients ORDER BY id";
    /// Those whose own company this is.
    LIST_OF_COMPANY = "SELECT body FROM clients WHERE json_extract(body, '$.corporate_number') = ?1 ORDER BY id LIMIT 100";
    PUT = "INSERT INTO clients (id, body, updated_at) VALUES (?1, ?2, ?3)
        ON CONFLICT (id) DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at";
}

fn client(row: &Row<'_>) -> Result<Client, Fault> {
    record::read("client", row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)
}

/// Tells the company of something: each of its own clients that files, and `also` this one.
pub(super) fn tell_company(
    database: Database<'_>,
    (company, also): (&CorporateNumber, Option<&ClientId>),
    (about, event): (&str, &SubmissionEvent),
    vault: &Vault,
) -> Result<(), Fault> {
    tell(database, told(database.list(LIST_OF_COMPANY, [company.as_str()], client)?, also, event), about, vault)
}

/// Tells the municipality behind this number what others did with an application.
pub(super) fn tell_municipality(
    database: Database<'_>,
    number: &CorporateNumber,
    (about, event): (&str, &SubmissionEvent),
    vault: &Vault,
) -> Result<(), Fault> {
    let own = database.list(LIST_OF_COMPANY, [number.as_str()], client)?;
    tell(database, told_municipality(own, event), about, vault)
}

fn tell(
    database: Database<'_>,
    told: Vec<(ClientId, SubmissionEvent)>,
    about: &str,
    vault: &Vault,
) -> Result<(), Fault> {
    for (client, event) in told {
        insert_event(database, (&client, about), (event.at, &record::write(&event)?), vault)?;
    }
    Ok(())
}

#[async_trait]
impl ClientStore for SqliteStore {
    async fn find_client(&self, id: &ClientId) -> Result<Option<Client>, Fault> {
        self.read(|database| database.find(FIND, [id.as_str()], client))
    }

    async fn put_client(&self, client: &Client, now: Timestamp) -> Result<(), Fault> {
        let (client, body, vault) = (client.clone(), record::write(client)?, Arc::clone(&self.vault));
        self.write(move |database| {
            database.execute(PUT, params![client.id.as_str(), body, now.millis()])?;
            queue_event(database, &Event::Client(&client, now), &vault)
        })
        .await
    }

    async fn list_clients(&self) -> Result<Vec<Client>, Fault> {
        self.read(|database| database.list(LIST, [], client))
    }
}
