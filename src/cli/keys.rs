//! `madoguchi keys`: what signs and what opens, and until when.

use super::{say, serve};
use crate::config;
use crate::domain::Timestamp;
use crate::domain::profile::KeyManagement;
use crate::issuer::{KeyUse, rotate_now};
use std::path::Path;
use std::time::Duration;

/// How long a new key is there before it is used: longer than the key set may be cached.
const LEAD: Duration = Duration::from_hours(1);

/// One line for each key, by use.
pub async fn list(path: Option<&Path>) -> anyhow::Result<()> {
    let config = config::load::load(path)?;
    let store = crate::store::open(config.store_url.expose()).await?;
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

fn is_offered(usage: KeyUse, offered: &[KeyManagement]) -> bool {
    match usage {
        KeyUse::AccessTokens | KeyUse::Messages => true,
        KeyUse::Encryption(management) => offered.contains(&management),
    }
}
