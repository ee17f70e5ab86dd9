//! `madoguchi keys`: what signs and what opens, and until when.

use super::ground::Ground;
use super::{say, serve};
use crate::config;
use crate::domain::Timestamp;
use crate::domain::profile::KeyManagement;
use crate::issuer::{KeyUse, rotate_now};
use crate::store::Store;
use crate::submissions::{Desk, reseal_bulks, reseal_tokens};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How long a new key is there before it is used: longer than the key set may be cached.
const LEAD: Duration = Duration::from_hours(1);

/// Keys looked at between two lines of progress.
const BATCH: u32 = 100;

/// One line for each key, by use.
pub async fn list(path: Option<&Path>) -> anyhow::Result<()> {
    let config = config::load::load(path)?;
    let store = crate::store::open(config.store_url.expose(), &config.master_key).await?;
    for usage in KeyUse::ALL {
        for key in store.list_keys(usage.as_str()).await? {
            let kept = key.retired_at.map_or_else(|| "-".to_owned(), Timestamp::rfc3339);
            let (made, used) = (key.created_at.rfc3339(), key.active_from.rfc3339());
            say(&format!("{}\tmade {made}\tin use from {used}\tkept until {kept}", key.id));
        }
    }
    Ok(())
}

/// Makes the next key of one use now, or of every use. Running nodes find it within their next round of upkeep, before
/// it is used.
pub async fn rotate(usage: Option<KeyUse>, path: Option<&Path>) -> anyhow::Result<()> {
    let mut config = config::load::load(path)?;
    let offered = config.request_object_encryption.clone();
    let ground = serve::ground(&mut config).await?;
    let parts = || (&*ground.store, &*ground.master, &*ground.entropy);
    for usage in
        KeyUse::ALL.into_iter().filter(|known| usage.map_or_else(|| is_offered(*known, &offered), |u| u == *known))
    {
        match rotate_now(usage, parts(), LEAD, ground.clock.now()).await? {
            Some(id) => {
                let minutes = LEAD.as_secs() / 60;
                say(&format!("{id} is made; running nodes know it within a minute and use it in {minutes} minutes"));
            }
            None => say(&format!("{usage}: a key is waiting already; see `madoguchi keys list`")),
        }
    }
    Ok(())
}

/// Wraps the data keys of what lasts under the present master key, some at a time: the counter's own keys, and those that
/// records about persons are under; the records themselves stay as they are. First it seals what a version before sealing
/// left in clear. What is done is done: each key is one conditional write, so that it may be stopped, and run while nodes
/// serve. Contents of filings and bulk filings that wait are wrapped, too. Results and notices that wait, and what else is over within the
/// day, are not touched: they open under the former key until then.
pub async fn reseal(path: Option<&Path>) -> anyhow::Result<()> {
    let mut config = config::load::load(path)?;
    let ground = serve::ground(&mut config).await?;
    let (mut after, mut resealed, mut all) = (String::new(), 0, 0);
    loop {
        let keys = ground.store.list_keys_after(&after, BATCH).await?;
        let Some(last) = keys.last() else { break };
        after.clone_from(&last.id);
        for key in &keys {
            let sealed = ground.master.rewrap(&key.id, &key.sealed, &*ground.entropy);
            let sealed = sealed.map_err(|fault| anyhow::anyhow!("{}: {fault}; nothing of it was changed", key.id))?;
            let Some(sealed) = sealed else { continue };
            let is_done = ground.store.reseal_key(key, &sealed, ground.clock.now()).await?;
            resealed += usize::from(is_done);
        }
        all += keys.len();
        say(&format!("{all} keys seen, {resealed} resealed"));
    }
    seal_earlier(&*ground.store).await?;
    rewrap(&*ground.store).await?;
    say(&format!("every key in the store is sealed under master key {}", ground.master.id()));
    reseal_filings(&ground).await?;
    let (seen, changed) = reseal_tokens(&*ground.store, (&ground.master, &*ground.entropy)).await?;
    say(&format!("{seen} tokens of agencies' accounts seen, {changed} resealed"));
    let tell = |seen, changed| say(&format!("{seen} parts of bulk filings seen, {changed} resealed"));
    reseal_bulks(&*ground.store, (&ground.master, &*ground.entropy), &tell).await?;
    Ok(())
}

/// The same for what is still to be sent to agencies, which may wait for days, or for a person, for the documents that
/// agencies gave back, and for drafts.
async fn reseal_filings(ground: &Ground) -> anyhow::Result<()> {
    let desk = Desk::new(Arc::clone(&ground.store), Arc::clone(&ground.clock));
    let (mut after, mut all, mut resealed) = (String::new(), 0, 0);
    loop {
        let (seen, changed, last) = desk.reseal(&after, (&ground.master, &*ground.entropy)).await?;
        (all, resealed) = (all + seen, resealed + changed);
        let Some(last) = last else { break };
        after = last.to_string();
        say(&format!("{all} filings seen, {resealed} resealed"));
    }
    let (mut after, mut all, mut resealed) = (String::new(), 0, 0);
    loop {
        let (seen, changed, last) = desk.reseal_documents(&after, (&ground.master, &*ground.entropy)).await?;
        (all, resealed) = (all + seen, resealed + changed);
        let Some(last) = last else { break };
        after = last.to_string();
        say(&format!("{all} documents seen, {resealed} resealed"));
    }
    let (mut after, mut all, mut resealed) = (String::new(), 0, 0);
    loop {
        let (seen, changed, last) = desk.reseal_drafts(&after, (&ground.master, &*ground.entropy)).await?;
        (all, resealed) = (all + seen, resealed + changed);
        let Some(last) = last else { return Ok(()) };
        after = last.to_string();
        say(&format!("{all} drafts seen, {resealed} resealed"));
    }
}

async fn seal_earlier(store: &dyn Store) -> anyhow::Result<()> {
    let mut all = 0;
    loop {
        let sealed = store.seal_earlier(BATCH).await?;
        if sealed == 0 {
            return Ok(());
        }
        all += sealed;
        say(&format!("{all} records of an earlier version sealed"));
    }
}

async fn rewrap(store: &dyn Store) -> anyhow::Result<()> {
    let (mut after, mut seen, mut changed) = (String::new(), 0, 0);
    loop {
        let done = store.rewrap_keys(&after, BATCH).await?;
        let Some(last) = done.last else { return Ok(()) };
        after = last;
        seen += done.seen;
        changed += done.changed;
        say(&format!("{seen} keys of consents and persons seen, {changed} resealed"));
    }
}

fn is_offered(usage: KeyUse, offered: &[KeyManagement]) -> bool {
    match usage {
        KeyUse::AccessTokens | KeyUse::Messages | KeyUse::Statements | KeyUse::Webhooks => true,
        KeyUse::Encryption(management) => offered.contains(&management),
    }
}
