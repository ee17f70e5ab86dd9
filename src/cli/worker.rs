//! `madoguchi worker`: delivers filings beside the nodes that serve, on any machine that reaches the same store.

use super::server::StopSignal;
use super::{ground, metrics, serve, wire};
use crate::config;
use crate::services::status::follow;
use crate::telemetry;
use std::path::Path;
use std::sync::Arc;

/// Works until it is asked to stop. A delivery that it leaves under way is settled by whoever takes it up.
///
/// # Errors
/// Every fault of the configuration, or the one that kept it from starting.
pub async fn run(path: Option<&Path>) -> anyhow::Result<()> {
    let mut config = config::load::load(path)?;
    telemetry::start(&config.log)?;
    anyhow::ensure!(!config.agencies.is_empty(), "agencies: there is none, so there is nothing to deliver");
    let stop = StopSignal::listen()?;
    let ground = serve::ground(&mut config).await?;
    anyhow::ensure!(
        ground.store.engine() != "sqlite",
        "a SQLite store is one process's own, and `madoguchi serve` delivers by itself: use PostgreSQL for more"
    );
    let metrics = metrics::start(config.metrics, "metrics.listen", &ground.store)?.map(tracing::field::display);
    let procedures = ground::procedures(&config.policies)?;
    let closures = Arc::default();
    let worker = Arc::new(wire::worker(&ground, config.agencies, &procedures, &closures)?);
    tracing::info!(metrics.address = metrics, "the worker delivers");
    tokio::select! {
        () = worker.work_forever() => {}
        () = follow(&ground.store, &ground.clock, &closures) => {}
        asked = stop.requested() => asked?,
    }
    tracing::info!("the worker stops");
    Ok(())
}
