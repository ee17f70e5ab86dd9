//! `madoguchi clients show`, `approve` and `suspend`: the operator looks at registrations and moves them on.

use super::super::arguments::{Reason, StorePlace};
use super::super::dev::Directory;
use super::super::say;
use crate::config;
use crate::domain::client::{Client, ClientStatus};
use crate::domain::ids::ClientId;
use crate::domain::registration::{ChangedBy, Registration};
use crate::domain::{Clock as _, SystemClock, SystemEntropy};
use crate::issuer::registration::{Approval, set_status};
use crate::protocol::registration::metadata_of;
use crate::store::Store;
use anyhow::Context as _;
use std::sync::Arc;

/// Metadata, state and history of one registration.
pub async fn show(client_id: &str, place: &StorePlace) -> anyhow::Result<()> {
    let store = open(place).await?;
    let client = find(&*store, client_id).await?;
    say(&serde_json::to_string_pretty(&metadata_of(&client))?);
    say(&format!("state: {}", client.status.as_str()));
    let Some(held) = store.find_registration(&client.id).await? else { return Ok(()) };
    let registration: Registration = serde_json::from_str(&held.body).context("the kept registration")?;
    if registration.is_deleted {
        say("given up by its owner");
    }
    for change in registration.changes {
        let by = match change.by {
            ChangedBy::Owner => "its owner".to_owned(),
            ChangedBy::Operator(name) => format!("the operator ({name})"),
        };
        let (at, from, to) = (change.at.rfc3339(), change.from.as_str(), change.to.as_str());
        say(&format!("{at}\t{by}\t{from} -> {to}\t{}", change.note));
    }
    Ok(())
}

/// Moves a registration on.
pub async fn approve(client_id: &str, to: Option<&str>, reason: Reason, place: &StorePlace) -> anyhow::Result<()> {
    let store = open(place).await?;
    let client = find(&*store, client_id).await?;
    let to = match to {
        Some(name) => ClientStatus::parse(name).filter(|to| *to != ClientStatus::Suspended).with_context(|| {
            format!("{name:?} is no state that an approval leads to: under_review, sandbox or production")
        })?,
        None => client
            .status
            .next()
            .with_context(|| format!("{client_id} is {}; say where to with --to", client.status.as_str()))?,
    };
    decide(&*store, &client, to, reason).await
}

/// Stops a client.
pub async fn suspend(client_id: &str, reason: Reason, place: &StorePlace) -> anyhow::Result<()> {
    let store = open(place).await?;
    let client = find(&*store, client_id).await?;
    decide(&*store, &client, ClientStatus::Suspended, reason).await
}

async fn decide(store: &dyn Store, client: &Client, to: ClientStatus, reason: Reason) -> anyhow::Result<()> {
    anyhow::ensure!(!reason.by.trim().is_empty(), "--by: say under which name you act");
    let approval = Approval { to, by: reason.by, note: reason.note };
    let changed = set_status(store, &client.id, &approval, SystemClock.now()).await?;
    say(&format!("{} was {} and is {} now", client.id, client.status.as_str(), changed.status.as_str()));
    Ok(())
}

/// The store that `place` names.
pub async fn open(place: &StorePlace) -> anyhow::Result<Arc<dyn Store>> {
    if let Some(directory) = &place.dev {
        let directory = Directory::open(directory)?;
        let master = Arc::new(directory.master_key(&SystemEntropy)?);
        return Ok(crate::store::open(&directory.store_url(), &master).await?);
    }
    let config = config::load::load(place.config.as_deref())?;
    Ok(crate::store::open(config.store_url.expose(), &config.master_key).await?)
}

async fn find(store: &dyn Store, client_id: &str) -> anyhow::Result<Client> {
    let id = ClientId::parse(client_id).with_context(|| format!("{client_id:?} is no client id"))?;
    store.find_client(&id).await?.with_context(|| format!("no client {id} is registered"))
}
