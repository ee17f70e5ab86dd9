//! `madoguchi keys`: what signs, and until when.

use super::{say, serve};
use crate::config;
use crate::domain::Timestamp;
use crate::issuer::rotate_now;
use std::path::Path;
use std::time::Duration;

/// How long a new key is published before it signs: longer than the key set may be cached.
const LEAD: Duration = Duration::from_hours(1);

/// One line for each signing key.
pub async fn list(path: Option<&Path>) -> anyhow::Result<()> {
    let config = config::load::load(path)?;
    let store = crate::store::open(config.store_url.expose()).await?;
    for key in store.list_keys("signing").await? {
        let retired = key.retired_at.map_or_else(|| "-".to_owned(), Timestamp::rfc3339);
        let (made, signs) = (key.created_at.rfc3339(), key.active_from.rfc3339());
        say(&format!("{}\tmade {made}\tsigns from {signs}\tpublished until {retired}", key.id));
    }
    Ok(())
}

/// Makes the next key now. Running nodes find it within their next round of upkeep and publish it before it signs.
pub async fn rotate(path: Option<&Path>) -> anyhow::Result<()> {
    let mut config = config::load::load(path)?;
    let ground = serve::ground(&mut config).await?;
    let parts = (&*ground.store, &*ground.master, &*ground.entropy);
    match rotate_now(parts, LEAD, ground.clock.now()).await? {
        Some(id) => {
            say(&format!("{id} is made; it is published from now on and signs in {} minutes", LEAD.as_secs() / 60));
        }
        None => say("a key is waiting already; see `madoguchi keys list`"),
    }
    Ok(())
}
