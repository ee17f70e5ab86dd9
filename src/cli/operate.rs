//! `migrate`, `check` and `openapi print`.

use super::ground::procedures;
use super::{say, serve};
use crate::adapters::agency;
use crate::catalog::Catalog;
use crate::config;
use crate::domain::{Clock, SystemClock};
use crate::hot;
use crate::limits::Limits;
use crate::policy::{RepresentationLimits, RuleSet};
use std::path::Path;
use std::sync::Arc;

/// Opens the store, which brings it to this version's shape.
pub async fn migrate(path: Option<&Path>) -> anyhow::Result<()> {
    let config = config::load::load(path)?;
    let store = crate::store::open(config.store_url.expose(), &config.master_key).await?;
    say(&format!("the {} store has this version's shape", store.engine()));
    Ok(())
}

/// Reads everything that can be read without serving, and tells every fault of all of it.
pub async fn check(path: Option<&Path>) -> anyhow::Result<()> {
    let config = config::load::load(path)?;
    let policies = config.policies.clone();
    let backends: Vec<String> = config.backends.iter().map(|backend| backend.name.clone()).collect();
    let mut faults = check_policies(&policies, &backends).await;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    for settings in &config.agencies {
        if let Err(invalid) = agency::open(settings.clone(), &Arc::default(), &clock, None) {
            faults.push(invalid.to_string());
        }
    }
    if let Err(error) = serve::plan(config) {
        faults.push(format!("{error:#}"));
    }
    if faults.is_empty() {
        say("configuration, rules, rate plans and data sets are in order");
        return Ok(());
    }
    anyhow::bail!("{} fault(s)\n  {}", faults.len(), faults.join("\n  "))
}

async fn check_policies(policies: &Path, backends: &[String]) -> Vec<String> {
    let mut faults = Vec::new();
    match Catalog::load(&policies.join("data-sets")) {
        Ok(catalog) => {
            for name in catalog.backends() {
                if !backends.iter().any(|backend| backend == name) {
                    faults.push(format!("data sets name the backend {name:?}, which the configuration does not have"));
                }
            }
        }
        Err(told) => faults.extend(told.iter().map(ToString::to_string)),
    }
    if let Err(told) = procedures(policies) {
        faults.push(told.to_string());
    }
    let told = RuleSet::load(policies).map_or_else(|faults| faults, |rules| rules.prove(policies));
    faults.extend(told.iter().map(ToString::to_string));
    if let Err(told) = RepresentationLimits::load(policies) {
        faults.extend(told.iter().map(ToString::to_string));
    }
    match hot::open("memory:", SystemClock.now(), true).await {
        Ok(hot) => {
            if let Err(told) = Limits::load(&policies.join("rate-plans.toml"), hot) {
                faults.push(told.to_string());
            }
        }
        Err(error) => faults.push(error.to_string()),
    }
    faults
}

/// Prints the description of the API, as it is served and committed.
pub fn openapi_print(webhooks: bool) -> anyhow::Result<()> {
    let document = if webhooks { crate::http::openapi::webhooks() } else { crate::http::openapi::document() };
    say(&serde_json::to_string_pretty(&document)?);
    Ok(())
}
