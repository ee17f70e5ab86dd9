//! `madoguchi dev` and `madoguchi sandbox`: from what was typed to Ctrl-C.

use super::super::arguments::{DevOptions, SandboxOptions};
use super::super::{ground, say, server};
use super::start::{DevSettings, relying_party, start};
use super::table;
use crate::domain::{SystemClock, SystemEntropy};
use crate::sandbox;
use crate::telemetry::{self, LogFormat, LogSettings};
use anyhow::Context as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use url::{Host, Url};

/// How long calls under way may take to end at Ctrl-C.
const DRAIN: Duration = Duration::from_secs(1);

/// Starts gateway and sandbox, prints what a developer needs, and stops both at Ctrl-C.
///
/// # Errors
/// What kept either from starting: a taken port in one line.
pub async fn run(options: DevOptions) -> anyhow::Result<()> {
    telemetry::start(&LogSettings { format: LogFormat::Text, filter: options.log })?;
    if options.public_url.as_ref().is_some_and(|url| !is_loopback(url)) {
        anyhow::bail!("--public-url must be on this machine (localhost, 127.0.0.1); use `madoguchi serve` elsewhere");
    }
    if options.sandbox_url.as_ref().is_some_and(|url| !is_loopback(url)) {
        anyhow::bail!("--sandbox-url must be on this machine (localhost, 127.0.0.1)");
    }
    let stop = server::StopSignal::listen()?;
    ground::prove(&found(options.policies.clone()))?;
    let settings = DevSettings {
        port: options.port,
        sandbox_port: options.sandbox_port,
        directory: options.directory.clone(),
        public_url: options.public_url,
        policies: found(options.policies),
        store_url: options.store,
        hot_url: options.hot,
        workers: options.workers,
        sandbox_url: options.sandbox_url,
        metrics_port: options.metrics_port,
        reads_services: true,
        file_drops: options.file_drop,
    };
    let dev = start(settings, Arc::new(SystemClock), Arc::new(SystemEntropy)).await?;
    say(&table::render(&dev, &options.directory));
    stop.requested().await?;
    dev.stop(DRAIN).await;
    say("stopped");
    Ok(())
}

/// Starts the pretend government alone.
///
/// # Errors
/// What kept it from starting.
pub async fn run_sandbox(options: SandboxOptions) -> anyhow::Result<()> {
    telemetry::start(&LogSettings { format: LogFormat::Text, filter: "info".into() })?;
    let stop = server::StopSignal::listen()?;
    let address = SocketAddr::from((options.listen, options.port));
    drop(server::bind(address, "--port")?);
    let text = std::fs::read_to_string(&options.gateway_jwks)
        .with_context(|| format!("cannot read {}", options.gateway_jwks.display()))?;
    let jwks =
        serde_json::from_str(&text).with_context(|| format!("{} is no JWK Set", options.gateway_jwks.display()))?;
    let policies = found(options.policies);
    let catalog = ground::catalog(&policies)?;
    let mut settings = sandbox::Settings::new(address, vec![relying_party(jwks, options.redirect_uri)]);
    settings.procedures = ground::procedures(&policies)?;
    settings.standards = ground::standards(&policies)?;
    let default = Url::parse(&format!("http://localhost:{}/", options.port))?;
    settings.public_url = Some(options.public_url.unwrap_or(default));
    let running = sandbox::start(&settings, &catalog, Arc::new(SystemClock), Arc::new(SystemEntropy))?;
    say(&format!("the pretend government is open at {}", running.public_url));
    stop.requested().await?;
    running.stop().await;
    Ok(())
}

/// The folder as typed; the one of the source tree when it is not here.
#[must_use]
pub fn found(folder: PathBuf) -> PathBuf {
    let in_source = Path::new(env!("CARGO_MANIFEST_DIR")).join(&folder);
    if !folder.exists() && in_source.exists() { in_source } else { folder }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
