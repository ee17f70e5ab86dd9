//! `madoguchi clients`: the operator registers third parties.

mod approve;
mod import;
mod statement;
mod usage;

pub use approve::{approve, open, show, suspend};
pub use import::import;
pub use statement::statement;
pub use usage::usage;

use super::say;
use crate::config::{self, Config};
use crate::domain::client::Client;
use crate::domain::{Clock as _, SystemClock};
use crate::issuer::check_registration;
use crate::limits::Limits;
use anyhow::Context as _;
use std::path::Path;

/// One line for each third party.
pub async fn list(path: Option<&Path>) -> anyhow::Result<()> {
    let config = config::load::load(path)?;
    let store = crate::store::open(config.store_url.expose(), &config.master_key).await?;
    for client in store.list_clients().await? {
        let status = client.status.as_str();
        say(&format!("{}\t{}\t{status}\t{}\t{}", client.id, client.class.as_str(), client.scope, client.name.ja));
    }
    Ok(())
}

/// Writes a registration from a TOML or JSON file.
pub async fn put(file: &Path, path: Option<&Path>) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let told = || format!("{} is no registration", file.display());
    let client: Client = if file.extension().is_some_and(|extension| extension == "json") {
        serde_json::from_str(&text).with_context(told)?
    } else {
        toml::from_str(&text).with_context(told)?
    };
    check_registration(&client).map_err(|refusal| anyhow::anyhow!("{}: {refusal}", file.display()))?;
    let config = config::load::load(path)?;
    check_rate_plan(&client, &config).await.with_context(|| file.display().to_string())?;
    let store = crate::store::open(config.store_url.expose(), &config.master_key).await?;
    store.put_client(&client, SystemClock.now()).await?;
    say(&format!("{} is registered", client.id));
    Ok(())
}

/// A plan that is not there would silently be the default one.
async fn check_rate_plan(client: &Client, config: &Config) -> anyhow::Result<()> {
    let hot = crate::hot::open("memory:", SystemClock.now(), true).await?;
    let limits = Limits::load(&config.policies.join("rate-plans.toml"), hot)?;
    let (named, known) = (&client.rate_plan, limits.plan_names());
    anyhow::ensure!(limits.has_plan(named), "rate_plan: there is no plan {named:?}; there are {known:?}");
    Ok(())
}
