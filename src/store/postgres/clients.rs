//! Clients.

use super::evidence::queue_events;
use super::submissions::insert_events;
use super::{PostgresStore, ask, body};
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
use sqlx::PgConnection;
use sqlx::postgres::PgRow;
use std::sync::Arc;

statements! {
    FIND = "SELECT body FROM clients WHERE id = $1";
    LIST = "SELECT body FROM clients ORDER BY id";
    /// Those whose own company this is.
    LIST_OF_COMPANY = "SELECT body FROM clients WHERE (body::jsonb ->> 'corporate_number') = $1 ORDER BY id LIMIT 100";
    PUT = "INSERT INTO clients (id, body, updated_at) VALUES ($1, $2, $3)
        ON CONFLICT (id) DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at";
}

fn client(row: &PgRow) -> Result<Client, Fault> {
    record::read("client", body(row)?)
}

/// Tells the company of something: each of its own clients that files, and `also` this one.
pub(super) async fn tell_company(
    connection: &mut PgConnection,
    (company, also): (&CorporateNumber, Option<&ClientId>),
    (about, event): (&str, &SubmissionEvent),
    vault: &Vault,
) -> Result<(), Fault> {
    let own = clients_of(connection, company).await?;
    tell(connection, told(own, also, event), about, vault).await
}

/// Tells the municipality behind this number what others did with an application.
pub(super) async fn tell_municipality(
    connection: &mut PgConnection,
    number: &CorporateNumber,
    (about, event): (&str, &SubmissionEvent),
    vault: &Vault,
) -> Result<(), Fault> {
    let own = clients_of(connection, number).await?;
    tell(connection, told_municipality(own, event), about, vault).await
}

async fn clients_of(connection: &mut PgConnection, company: &CorporateNumber) -> Result<Vec<Client>, Fault> {
    let own = ask(LIST_OF_COMPANY).bind(company.as_str()).fetch_all(&mut *connection).await?;
    own.iter().map(client).collect()
}

async fn tell(
    connection: &mut PgConnection,
    told: Vec<(ClientId, SubmissionEvent)>,
    about: &str,
    vault: &Vault,
) -> Result<(), Fault> {
    for (client, event) in told {
        let events = [record::write(&event)?];
        insert_events(connection, (&client, about), (event.at, &events), vault).await?;
    }
    Ok(())
}

#[async_trait]
impl ClientStore for PostgresStore {
    async fn find_client(&self, id: &ClientId) -> Result<Option<Client>, Fault> {
        ask(FIND).bind(id.as_str()).fetch_optional(&self.pool).await?.as_ref().map(client).transpose()
    }

    async fn put_client(&self, client: &Client, now: Timestamp) -> Result<(), Fault> {
        let (client, vault) = (client.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let put = ask(PUT).bind(client.id.as_str()).bind(record::write(&client)?).bind(now.millis());
            put.execute(&mut *transaction).await?;
            queue_events(&mut transaction, &[Event::Client(&client, now)], &vault).await?;
            transaction.commit().await?;
            Ok(())
        })
        .await
    }

    async fn list_clients(&self) -> Result<Vec<Client>, Fault> {
        ask(LIST).fetch_all(&self.pool).await?.iter().map(client).collect()
    }
}
